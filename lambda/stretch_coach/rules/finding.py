"""Finding something to do: by body area, position, equipment and time, and what to leave out."""

from collections.abc import Callable, Iterable
from difflib import SequenceMatcher

from stretch_coach.acts import Ask
from stretch_coach.library import Exercise, Routine
from stretch_coach.rules import asking
from stretch_coach.rules.base import (
    Outcome,
    Turn,
    at_place,
    counting_of,
    home,
    listed,
    name_of,
    preceded,
    respond,
    tell,
)
from stretch_coach.session import MAX_NOTED, Activity, State
from stretch_coach.speech.script import routine_ms

SHOWN = 3
"""At most three options in a prompt (reference/alexa-rules.md 6.4)."""
FLOOR = frozenset({"lying", "kneeling", "sitting", "hands-and-knees"})
SHORTEST_ROUTINE_SECONDS = 150


def is_ruled_out(exercise: Exercise, limitation: str) -> bool:
    """Whether something the listener cannot do or has not got rules an exercise out."""
    if limitation.startswith("no-"):
        return limitation.removeprefix("no-") in exercise.equipment
    if limitation == "floor":
        return exercise.position in FLOOR
    if limitation == "kneeling":
        return exercise.position in {"kneeling", "hands-and-knees"}
    return exercise.position == limitation


def is_possible(turn: Turn, exercise: Exercise) -> bool:
    """Nothing the listener said this session speaks against the exercise."""
    return not refusal(turn, exercise)


def refusal(turn: Turn, exercise: Exercise) -> str:
    """The prompt that says why an exercise is left out; empty when it is not."""
    if any(
        condition in exercise.avoid_if or _general(condition) in exercise.avoid_if
        for condition in turn.session.conditions
    ):
        return "refuse.condition"
    if turn.session.caution and exercise.kind == "strength":
        return "refuse.gentle_only"
    if any(is_ruled_out(exercise, limitation) for limitation in turn.session.cannot):
        return "refuse.cannot"
    return ""


def _general(condition: str) -> str:
    """hip-replacement-anterior also counts as hip-replacement."""
    return condition.rsplit("-", 1)[0] if condition.startswith("hip-replacement-") else condition


def possible(turn: Turn) -> tuple[Exercise, ...]:
    """Every exercise the listener can do."""
    return tuple(exercise for exercise in turn.library.exercises.values() if is_possible(turn, exercise))


def nearest(turn: Turn, heard: str) -> tuple[str, ...]:
    """The two exercises whose names are closest to what was heard."""
    heard = " ".join(heard.lower().split())[:80]
    scores: dict[str, float] = {}
    feasible = {exercise.id for exercise in possible(turn)}
    for name, exercise_id in turn.library.exercise_names.items():
        if exercise_id in feasible:
            scores[exercise_id] = max(scores.get(exercise_id, 0.0), _likeness(heard, name))
    return tuple(sorted(scores, key=lambda name: (-scores[name], name))[:2])


def _likeness(heard: str, name: str) -> float:
    shared = set(heard.split()) & set(name.split()) - {"the", "stretch", "exercise", "thing", "pose", "with", "to"}
    return SequenceMatcher(None, heard, name).ratio() + len(shared)


def offer(turn: Turn, items: Iterable[str], prompt: str) -> Outcome:
    """Offer up to three things by name and listen for one of them."""
    offers = tuple(dict.fromkeys(items))[:SHOWN]
    if not offers:
        return home(turn, tell("find.nothing"))
    if len(offers) == 1 and prompt in {"offer.which", "offer.found"}:
        prompt = "offer.one"
    names = listed(turn, tuple(name_of(turn, item) for item in offers))
    ask = Ask(prompt, {"names": names}, "reprompt.offer")
    return respond(turn, ask, state=State.CHOOSING, offers=offers, activity=None)


def alternatives(turn: Turn, instead_of: Exercise) -> tuple[str, ...]:
    """Up to two other exercises for the same part of the body, the most alike first."""
    areas = set(instead_of.body_areas)
    others = [
        (-len(areas & set(other.body_areas)), other.kind != instead_of.kind, other.id)
        for other in possible(turn)
        if other.id != instead_of.id and areas & set(other.body_areas)
    ]
    return tuple(name for *_, name in sorted(others)[:2])


def suggest(turn: Turn) -> Outcome:
    """Offer what goes well after the exercise just done."""
    recent = {done.exercise for done in turn.profile.recent} | {turn.activity.exercise}
    ideas = [name for name in alternatives_all(turn) if name not in recent] or list(alternatives_all(turn))
    return offer(turn, ideas[:2], "offer.next")


def alternatives_all(turn: Turn) -> tuple[str, ...]:
    """Everything for the same part of the body, other than what was just done."""
    done = turn.exercise
    areas = set(done.body_areas)

    def rank(other: Exercise) -> tuple[bool, bool, bool, int, str]:
        shared = len(areas & set(other.body_areas))
        return (bool(other.equipment), other.kind != done.kind, other.position != done.position, -shared, other.id)

    others = (other for other in possible(turn) if other.id != done.id and areas & set(other.body_areas))
    return tuple(other.id for other in sorted(others, key=rank))


def find(turn: Turn) -> Outcome:
    """Look for exercises by what was said: area, position, equipment, kind; or a routine by time."""
    seconds = turn.event.seconds("duration")
    if seconds and seconds >= SHORTEST_ROUTINE_SECONDS:
        return _find_by_time(turn, seconds)
    wanted = {name: turn.event.slot_id(name) for name in ("area", "position", "equipment", "kind")}
    given = {name: value for name, value in wanted.items() if value}
    if not given and any(turn.event.heard(name) for name in wanted):
        return asking.unclear(turn, Ask("find.unknown", {}, "reprompt.home"))
    matches = [exercise for exercise in possible(turn) if _fits(exercise, given)]
    if not matches and given:
        loosened = {key: value for key, value in given.items() if key in {"position", "equipment"}}
        close = [exercise for exercise in possible(turn) if loosened and _fits(exercise, loosened)]
        found = close or [e for e in possible(turn) if "area" in given and _fits(e, {"area": given["area"]})]
        return preceded(offer(turn, _ranked(turn, found), "offer.found"), tell("find.not_exactly"))
    return offer(turn, _ranked(turn, matches), "offer.found")


def _fits(exercise: Exercise, given: dict[str, str]) -> bool:
    checks: dict[str, Callable[[str], bool]] = {
        "area": lambda area: area in exercise.body_areas,
        "position": lambda position: exercise.position == position,
        "equipment": lambda thing: (
            not exercise.equipment if thing == "none" else thing in exercise.equipment + exercise.helpful
        ),
        "kind": lambda kind: exercise.kind == kind,
    }
    return all(checks[name](value) for name, value in given.items())


def _ranked(turn: Turn, matches: Iterable[Exercise]) -> tuple[str, ...]:
    """Those not done lately first, then those that need nothing, then those whose main area it is, then by name."""
    area = turn.event.slot_id("area")
    recent = [done.exercise for done in turn.profile.recent]

    def rank(exercise: Exercise) -> tuple[int, bool, int, str]:
        done = recent.index(exercise.id) + 1 if exercise.id in recent else 0
        main = exercise.body_areas.index(area) if area in exercise.body_areas else 0
        return (done, bool(exercise.equipment), main, exercise.id)

    return tuple(exercise.id for exercise in sorted(matches, key=rank))


def _find_by_time(turn: Turn, seconds: int) -> Outcome:
    area, position = turn.event.slot_id("area"), turn.event.slot_id("position")
    found = routines_for(turn, seconds, area, position)
    return offer(turn, found, "offer.found") if found else offer(turn, routines_for(turn, seconds), "offer.routines")


def routines_for(
    turn: Turn, seconds: int | None, area: str | None = None, position: str | None = None
) -> tuple[str, ...]:
    """Routines as "routine:<id>", those nearest to a length first, that fit an area and a position."""
    found = []
    for routine in turn.library.routines.values():
        exercises = [turn.library.exercises[item.exercise] for item in routine.items]
        if position and not all(exercise.position == position for exercise in exercises):
            continue
        if area and not any(area in exercise.body_areas for exercise in exercises):
            continue
        away = abs(routine_length_ms(turn, routine) // 1000 - seconds) if seconds else 0
        found.append((away, f"routine:{routine.id}"))
    return tuple(name for _, name in sorted(found)) if seconds else tuple(name for _, name in found)


def routine_length_ms(turn: Turn, routine: Routine) -> int:
    """How long a routine lasts as this listener would hear it, in milliseconds."""
    return routine_ms(turn.library, routine, counting_of(turn.profile, turn.rung), turn.profile.heard)


def routine_minutes(turn: Turn, routine: Routine) -> int:
    """The same in whole minutes, at least one."""
    return max(1, round(routine_length_ms(turn, routine) / 60_000))


def cannot_do(turn: Turn) -> Outcome:
    """Note what the listener cannot do or has not got, for this session, and offer something else."""
    limitation = turn.event.slot_id("limitation")
    activity = turn.session.activity
    if limitation is None:
        if activity is None:
            return asking.unclear(turn, Ask("cannot.what", {}, "reprompt.home"))
        return _instead(turn, turn.exercise)
    noted = (*(item for item in turn.session.cannot if item != limitation), limitation)[-MAX_NOTED:]
    turn = turn.with_session(cannot=noted)
    return _respect(turn, activity, "cannot.noted")


def _respect(turn: Turn, activity: Activity | None, prompt: str) -> Outcome:
    """Say that something was noted; offer something else where it rules out what is under way."""
    said = tell(prompt)
    if activity is None:
        return home(turn, said, prompt="ask.anything_else")
    if is_possible(turn, turn.exercise):
        ask = asking.RESUME
        return respond(turn, said, ask, state=State.PAUSED, activity=at_place(turn))
    return preceded(_instead(turn, turn.exercise), said)


def _instead(turn: Turn, exercise: Exercise) -> Outcome:
    others = alternatives(turn, exercise)
    return offer(turn, others, "offer.instead") if others else home(turn, tell("find.nothing"))


def condition(turn: Turn) -> Outcome:
    """Note a condition the listener named; exercises to be avoided with it are hidden for this session."""
    named = turn.event.slot_id("condition")
    if named is None:
        return asking.unclear(turn, Ask("ask.anything_else", {}, "reprompt.home"), tell("condition.unknown"))
    noted = (*(item for item in turn.session.conditions if item != named), named)[-MAX_NOTED:]
    turn = turn.with_session(conditions=noted)
    return _respect(turn, turn.session.activity, "condition.noted")


def offered_no(turn: Turn) -> Outcome:
    """None of what was offered."""
    return home(turn, prompt="ask.something_else")


def next_offers(turn: Turn) -> Outcome:
    """Something other than what was offered."""
    shown = set(turn.session.offers)
    areas = {
        area for name in shown if name in turn.library.exercises for area in turn.library.exercises[name].body_areas
    }
    others = [
        exercise.id
        for exercise in possible(turn)
        if exercise.id not in shown and (not areas or areas & set(exercise.body_areas))
    ]
    return offer(turn, others, "offer.others")
