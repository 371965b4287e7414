"""Whole turns of counting: what comes before, between and after the counts, and how long it all takes."""

from dataclasses import replace

import pytest

from stretch_coach.acts import Counting, CountStyle, Direction, Lead
from stretch_coach.events import Slot
from stretch_coach.library import Dose, Exercise, with_overrides
from stretch_coach.profile import Preference, Profile
from stretch_coach.session import State
from stretch_coach.speech import cadence, script
from stretch_coach.timeline import Cue, Part, Place, total_ms
from tests.unit.performances import (
    IDS,
    LIBRARY,
    PLAIN,
    Talk,
    alternating,
    counted,
    doses,
    intent,
    most_dose,
    plans,
)  # fmt: skip

WITH_MARCHING = alternating()
ALL_IDS = (*IDS, "marching")
TURN_MS = 180_000
SAMPLE = (
    "low-lunge-hip-flexor-stretch", "supine-spinal-twist", "glute-bridge", "cross-behind-side-reach",
    "lizard-lunge-knee-out", "forward-backward-band-walk", "marching",
)  # fmt: skip
"""A hold, deep breaths cut at two minutes, repetitions with a hold, sets with a rest, steps, and alternating sides."""


def act(exercise: Exercise, form: str = "short", counting: Counting = PLAIN, dose: Dose | None = None) -> Lead:
    """Lead an exercise from its beginning, as many turns as it takes."""
    return Lead(exercise.id, dose or exercise.dose, Place(), form, counting, bouts=99, variant=0)


def whole(lead: Lead) -> tuple[Cue, ...]:
    """All turns of a performance joined."""
    return tuple(cue for plan in plans(WITH_MARCHING, lead) for cue in plan.cues)


@pytest.mark.parametrize("name", ALL_IDS)
def test_a_performance_counts_the_whole_dose(name: str) -> None:
    """Whatever is cut into turns, the counts of a performance are those of every side of every set, in order."""
    exercise = WITH_MARCHING.exercises[name]
    words = LIBRARY.locale.words
    for dose in doses(exercise):
        for counting in (PLAIN, Counting(CountStyle.SPARSE, Direction.DOWN, 150), Counting(CountStyle.SILENT)):
            found = counted(whole(act(exercise, counting=counting, dose=dose)))
            expected = [
                cue
                for bout in cadence.bouts(exercise, dose, counting)
                for cue in cadence.count_cues(words, exercise, dose, bout, counting)
            ]
            assert list(found) == expected


@pytest.mark.parametrize("name", SAMPLE)
@pytest.mark.parametrize("form", ["none", "straight"])
@pytest.mark.parametrize("counting", [PLAIN, Counting(CountStyle.SPARSE, Direction.DOWN, 125)], ids=["every", "sparse"])
def test_a_resumed_performance_counts_the_rest(name: str, form: str, counting: Counting) -> None:
    """From any place, what is still counted is the tail of the full performance: the same words at the same pace."""
    exercise = WITH_MARCHING.exercises[name]
    lead = act(exercise, form, counting)
    full = counted(whole(lead))
    for place in sorted({cue.place for cue in full}):
        rest = counted(whole(replace(lead, place=place)))
        assert rest == tuple(cue for cue in full if cue.place >= place)


@pytest.mark.parametrize("name", ALL_IDS)
@pytest.mark.parametrize("style", [style for style in CountStyle if style is not CountStyle.LANDMARKS])
@pytest.mark.parametrize("rung", ["slots", "blocks"])
def test_no_turn_passes_three_minutes(name: str, style: CountStyle, rung: str) -> None:
    """At the largest dose, the slowest pace and for a first-time listener, no turn of an exercise passes 180 s."""
    preferences: dict[Preference, str | int] = {"style": str(style), "pace": 150}
    profile = Profile(preferences=preferences, rungs={"deviceid": rung})
    exercise = WITH_MARCHING.exercises[name]
    library = replace(
        WITH_MARCHING, exercises={**WITH_MARCHING.exercises, name: replace(exercise, dose=most_dose(exercise))}
    )
    talk = Talk(library, profile)
    reply = talk.say(intent("StartExerciseIntent", exercise=name))
    for _ in range(20):
        assert total_ms(reply.plan.cues) <= TURN_MS
        if reply.session.state is not State.COUNTING:
            assert reply.session.state is State.STEPPING
        talk.now += total_ms(reply.plan.cues) + 5000
        reply = talk.say(intent("ReadyIntent" if reply.session.state is State.STEPPING else "NextIntent"))
        if talk.profile.recent:
            break
    assert [done.exercise for done in talk.profile.recent] == [name]


@pytest.mark.parametrize("routine", LIBRARY.routines)
@pytest.mark.parametrize("heard", [(), IDS], ids=["first time", "known"])
def test_no_turn_of_a_routine_passes_three_minutes(routine: str, heard: tuple[str, ...]) -> None:
    """Led through a routine at the slowest pace, introductions, rests and all, no turn passes 180 s."""
    talk = Talk(LIBRARY, Profile(preferences={"pace": 150}, heard=heard))
    reply = talk.say(intent("StartRoutineIntent", routine=routine))
    for _ in range(60):
        assert total_ms(reply.plan.cues) <= TURN_MS
        if reply.session.state not in {State.COUNTING, State.STEPPING}:
            break
        talk.now += total_ms(reply.plan.cues) + 5000
        reply = talk.say(intent("ReadyIntent" if reply.session.state is State.STEPPING else "NextIntent"))
    names = [item.exercise for item in LIBRARY.routines[routine].sequence]
    assert [done.exercise for done in talk.profile.recent] == names[-12:]


@pytest.mark.parametrize("name", ALL_IDS)
def test_an_exercise_is_as_long_as_its_plans(name: str) -> None:
    """The computed length of an exercise is the sum of its turns, and never less than what is counted."""
    exercise = WITH_MARCHING.exercises[name]
    for dose in doses(exercise):
        length = script.exercise_ms(WITH_MARCHING, name, dose, PLAIN)
        assert length == total_ms(whole(act(exercise, dose=dose)))
        assert length > total_ms(counted(whole(act(exercise, dose=dose))))


@pytest.mark.parametrize("name", LIBRARY.routines)
def test_a_routine_is_as_long_as_its_exercises(name: str) -> None:
    """The computed length of a routine is that of its exercises, with the rests between its rounds."""
    routine = LIBRARY.routines[name]
    for counting in (PLAIN, Counting(pace_percent=150)):
        parts = sum(
            script.exercise_ms(
                LIBRARY, item.exercise, with_overrides(LIBRARY.exercises[item.exercise].dose, item.dose), counting
            )
            for item in routine.sequence
        )
        rests = (routine.rounds - 1) * (routine.rest_between_rounds_seconds or 0) * 1000
        assert script.routine_ms(LIBRARY, routine, counting) == parts + rests


@pytest.mark.parametrize("name", ALL_IDS)
@pytest.mark.parametrize("form", ["long", "short", "none"])
def test_instructions_are_over_before_the_clock_starts(name: str, form: str) -> None:
    """Each stretch of counting comes right after the get-ready words, and nothing else is said while it lasts."""
    before = Part.INTRO
    for cue in whole(act(WITH_MARCHING.exercises[name], form)):
        if cue.part is Part.COUNT:
            assert before in {Part.READY, Part.COUNT}
        if before is Part.COUNT:
            assert cue.part in {Part.COUNT, Part.RELEASE}
        before = cue.part


@pytest.mark.parametrize("name", ALL_IDS)
def test_the_exit_is_always_said(name: str) -> None:
    """A performance tells how to come out of it: after every side of a hold, after each set of repetitions."""
    exercise = WITH_MARCHING.exercises[name]
    said = [cue.text for cue in whole(act(exercise))].count(exercise.exit)
    sides = 2 if exercise.sides == "each" else 1
    assert said == exercise.dose.sets * (1 if exercise.dose.reps else sides)


def test_a_silent_hold_has_its_start_and_its_end() -> None:
    """In silence the listener still hears when to begin, the half, and when to let go."""
    found = script.lead(LIBRARY, act(LIBRARY.exercises["camel-pose"], counting=Counting(CountStyle.SILENT)))
    first = next(index for index, cue in enumerate(found.cues) if cue.part is Part.COUNT)
    assert [cue.text for cue in found.cues[first - 3 : first]] == ["ready", "and", "hold"]
    assert [cue.text for cue in counted(found.cues) if cue.text] == ["halfway"]
    assert found.cues[first + 30].part is Part.RELEASE


def test_sides_change_with_time_to_do_it() -> None:
    """Between two sides the listener is told, named the other side, and given the quiet its position needs."""
    exercise = LIBRARY.exercises["low-lunge-hip-flexor-stretch"]
    change = [cue for cue in whole(act(exercise)) if cue.part is Part.CHANGE]
    assert [cue.text for cue in change] == ["Now change sides.", "Left foot forward, stretching your right hip.", ""]
    assert change[-1].ms == cadence.CHANGE_SIDES_MS["kneeling"]
    assert {cue.place for cue in change} == {Place(1, 1, 0)}


def test_sets_are_parted_by_their_rest() -> None:
    """Between two sets in one turn the rest of the dose is counted in full, and the next set is named."""
    marching = WITH_MARCHING.exercises["marching"]
    (turn,) = plans(WITH_MARCHING, act(marching))
    rest = [index for index, cue in enumerate(turn.cues) if cue.part is Part.REST]
    assert turn.cues[rest[0]].text == "Rest for 20 seconds."
    assert [cue.ms for cue in turn.cues[rest[1] : rest[-1] + 1]] == [1000] * 20
    assert {turn.cues[index].place for index in rest} == {Place(2, 0, 0)}
    assert turn.cues[rest[-1] + 1].text == "Set 2 of 2."


def test_a_turn_cut_between_sets_leaves_the_rest_to_the_listener() -> None:
    """Where the next set does not fit, the turn ends with the set and says so, and no rest is counted."""
    exercise = LIBRARY.exercises["cross-behind-side-reach"]
    turns = list(plans(LIBRARY, act(exercise)))
    assert [turn.end for turn in turns] == [Place(2, 0, 0), Place(3, 0, 0), None]
    assert not any(cue.part is Part.REST for turn in turns for cue in turn.cues)


@pytest.mark.parametrize(("name", "place"), [("low-lunge-hip-flexor-stretch", Place(1, 0, 30)),
                                             ("low-lunge-hip-flexor-stretch", Place(1, 1, 0)),
                                             ("camel-pose", Place(1, 0, 0))])  # fmt: skip
def test_going_straight_on_leaves_time_to_change(name: str, place: Place) -> None:
    """Carried on at once while sides change, the other side is named and the listener gets into it before the count."""
    planned = script.lead(LIBRARY, replace(act(LIBRARY.exercises[name], "straight"), place=place))
    before = [cue for cue in planned.cues if cue.part is Part.INTRO]
    if name == "camel-pose":
        assert not before
    else:
        assert before[0].text == "Left foot forward, stretching your right hip."
        assert total_ms(cue for cue in before if not cue.text) == cadence.BACK_IN_POSITION_MS["kneeling"]


def test_going_straight_on_in_a_rest_keeps_the_rest() -> None:
    """A question asked during a rest between sets does not cost the rest."""
    exercise = LIBRARY.exercises["cross-behind-side-reach"]
    planned = script.lead(LIBRARY, replace(act(exercise, "straight"), place=Place(2, 0, 0)))
    assert sum(cue.part is Part.REST and cue.ms == 1000 for cue in planned.cues) == 30


def test_a_resumed_count_names_what_is_left() -> None:
    """Back in the middle of a hold, the side and the seconds to go are said before the count."""
    exercise = LIBRARY.exercises["low-lunge-hip-flexor-stretch"]
    planned = script.lead(LIBRARY, replace(act(exercise, "none"), place=Place(1, 0, 12)))
    assert [cue.text for cue in planned.cues if cue.part is Part.INTRO and cue.text] == [
        "Right foot forward, stretching your left hip.", "Get back into position.", "There are 18 seconds left.",
    ]  # fmt: skip


def test_a_resumed_instruction_goes_on_where_it_was() -> None:
    """Instructions given already are not given again, and the side is part of the one that comes next."""
    exercise = LIBRARY.exercises["low-lunge-hip-flexor-stretch"]
    planned = script.lead(LIBRARY, replace(act(exercise, "long"), step=3))
    spoken = [cue for cue in planned.cues if cue.part is Part.INTRO and cue.text and cue.place == Place()]
    assert [cue.step for cue in spoken] == [3, 3, 4, 5, 6, 6]


def test_one_bout_a_turn_step_by_step() -> None:
    """With one bout a turn, a turn ends where the next side begins."""
    exercise = LIBRARY.exercises["low-lunge-hip-flexor-stretch"]
    planned = script.lead(LIBRARY, replace(act(exercise), bouts=1))
    assert planned.end == Place(1, 1, 0)
    assert not any(cue.part is Part.CHANGE for cue in planned.cues)


def test_past_the_end_there_is_nothing_to_lead() -> None:
    """A place after the last count leads nothing and is complete."""
    planned = script.lead(LIBRARY, replace(act(LIBRARY.exercises["camel-pose"]), place=Place(1, 0, 30)))
    assert planned == script.LeadPlan((), None)


def test_prose_leaves_time_for_a_slow_voice() -> None:
    """Longer words get more time, each sentence its pause, and an empty text only its quiet."""
    assert script.prose_ms("One. Two.") > script.prose_ms("One, two,")
    assert script.prose_ms("a" * 50) == 500 + 50 * 80 + 450 + (-(500 + 50 * 80 + 450)) % 100
    assert [cue.ms for cue in script.prose("", Part.INTRO, Place(), 700)] == [700]
    assert not list(script.prose("", Part.INTRO, Place()))


def test_a_dose_is_said_as_it_is_counted() -> None:
    """What will be counted is said in one sentence: seconds, breaths, repetitions, steps, sides and sets."""
    said = {name: script.dose_phrase(WITH_MARCHING, act(WITH_MARCHING.exercises[name])) for name in ALL_IDS}
    assert said["low-lunge-hip-flexor-stretch"] == "That's 30 seconds on each side."
    assert said["camel-pose"] == "That's 30 seconds of holding."
    assert said["glute-bridge"] == "That's 8 reps. Hold each one for 5 seconds."
    assert said["cross-behind-side-reach"] == "That's 8 reps on each side. We'll do 3 sets."
    assert said["marching"].startswith("That's 10 steps each way.")
    assert script.dose_phrase(LIBRARY, act(LIBRARY.exercises["camel-pose"], dose=Dose(hold=None, reps=None))) == ""


def test_an_amount_spoken_in_the_request_is_led() -> None:
    """A length in the request is the length counted, within the limits of the exercise."""
    for heard, seconds in (("PT20S", 20), ("PT3S", 5), ("PT1H", 60)):
        talk = Talk(LIBRARY, Profile(heard=IDS))
        event = intent("StartExerciseIntent", exercise="camel-pose")
        reply = talk.say(replace(event, slots={**event.slots, "duration": Slot(heard)}))
        assert total_ms(counted(reply.plan.cues)) == seconds * 1000
