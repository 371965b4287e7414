"""How far a listener may change a dose, and a dose said in the request itself."""

from stretch_coach.dialogue.turn_state import Turn
from stretch_coach.library import Dose, Exercise
from stretch_coach.session import Changed

STEP_SECONDS, STEP_UNITS = 10, 2
"""How much "longer" and "shorter" change a hold in seconds, and breaths or repetitions (editor_set)."""
MOST_SECONDS = 60
"""Nobody is led into a longer hold than this unless the source gives one (docs/reference/dosing.md: older adults 30 to
60 s)."""
MORE_UNITS = 4
"""How far above the content's figure breaths and repetitions may go where no maximum is given (editor_set)."""
FEWEST_SECONDS, FEWEST_UNITS = 5, 1


def most(exercise: Exercise) -> int:
    """The most seconds, breaths or repetitions a listener may ask for."""
    dose, longer = exercise.dose, exercise.longer_hold
    if dose.reps:
        return dose.reps.count_max or dose.reps.count + MORE_UNITS
    hold = dose.hold
    if hold and hold.breaths:
        return max(hold.breaths_max or hold.breaths + MORE_UNITS, (longer.breaths_max or 0) if longer else 0)
    return max((hold.seconds_max or MOST_SECONDS) if hold else 0, (hold.seconds or 0) if hold else 0)


def counted(dose: Dose) -> int:
    """How many seconds, breaths or repetitions a dose counts."""
    if dose.reps:
        return dose.reps.count
    return (dose.hold.breaths or dose.hold.seconds or 0) if dose.hold else 0


def spoken_dose(turn: Turn, exercise: Exercise) -> Changed:
    """A length or number said in the request itself: "the bridge for twenty seconds"."""
    seconds, count = turn.event.seconds("duration"), turn.event.number("count")
    dose = exercise.dose
    if seconds and dose.hold and dose.hold.seconds and not dose.reps:
        return {"hold": {"seconds": max(FEWEST_SECONDS, min(seconds, most(exercise)))}}
    if count and dose.reps:
        return {"reps": {"count": max(FEWEST_UNITS, min(count, most(exercise)))}}
    if count and dose.hold and dose.hold.breaths:
        return {"hold": {"breaths": max(FEWEST_UNITS, min(count, most(exercise)))}}
    return {}
