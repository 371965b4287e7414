"""Finding something to do: by body area, position, equipment and time, and what to leave out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from stretch_coach.acts import Ask
from stretch_coach.dialogue.rules import asking
from stretch_coach.dialogue.turn_state import (
    Outcome,
    Turn,
    counting_of,
    home,
    listed,
    name_of,
    preceded,
    respond,
    tell,
)
from stretch_coach.library import Exercise, Routine
from stretch_coach.session import ExtraKey, State
from stretch_coach.speech.script import routine_ms

if TYPE_CHECKING:
    from stretch_coach.dialogue.signatures import (  # noqa: I001 - a name a line would outgrow the rules
        Anywhere, ChangeDose, Choosing, FindExercises, Home, Next, No, NotSure, On, Skip,
    )  # fmt: skip

SHOWN = 3
"""At most three options in a prompt (docs/reference/alexa-rules.md 6.4)."""
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


ONE: Mapping[str, str] = {
    "offer.instead": "offer.instead_one", "offer.next": "offer.next_one", "offer.others": "offer.others_one",
    **dict.fromkeys(("offer.which", "offer.found", "offer.gentle", "offer.routines", "offer.nearest"), "offer.one"),
}  # fmt: skip
"""How an offer is put when it is of one thing only."""


def offer(turn: Turn, items: Iterable[str], prompt: str, wanted: Mapping[str, str] | None = None) -> Outcome:
    """Offer up to three things by name and listen for one of them; `wanted` is what they were looked for by."""
    offers = tuple(dict.fromkeys(items))[:SHOWN]
    if not offers:
        return home(turn, tell("find.nothing"))
    prompt = ONE[prompt] if len(offers) == 1 else prompt
    names = listed(turn, tuple(name_of(turn, item) for item in offers))
    ask = Ask(prompt, {"names": names}, "reprompt.offer_one" if len(offers) == 1 else "reprompt.offer")
    extra: Mapping[ExtraKey, object] = {key: value for key, value in turn.session.extra.items() if key != "wanted"}
    extra = {**extra, "wanted": dict(wanted)} if wanted else extra
    return respond(turn, ask, state=State.CHOOSING, offers=offers, activity=None, extra=extra)


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
    """Everything for the same part of the body, other than what was just done; what suits most people comes first."""
    done = turn.exercise
    areas = set(done.body_areas)

    def rank(other: Exercise) -> tuple[bool, bool, int, bool, int, str]:
        shared, moved = len(areas & set(other.body_areas)), other.position != done.position
        return (bool(other.equipment), other.kind != done.kind, len(other.avoid_if), moved, -shared, other.id)

    others = (other for other in possible(turn) if other.id != done.id and areas & set(other.body_areas))
    return tuple(other.id for other in sorted(others, key=rank))


def find(turn: On[FindExercises, Anywhere] | On[ChangeDose, Home | Choosing]) -> Outcome:
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
        return preceded(offer(turn, _ranked(turn, found, given.get("area")), "offer.found"), tell("find.not_exactly"))
    return offer(turn, _ranked(turn, matches, given.get("area")), "offer.found", given)


def _fits(exercise: Exercise, given: Mapping[str, str]) -> bool:
    checks: dict[str, Callable[[str], bool]] = {
        "area": lambda area: area in exercise.body_areas,
        "position": lambda position: exercise.position == position,
        "equipment": lambda thing: (
            not exercise.equipment if thing == "none" else thing in exercise.equipment + exercise.helpful
        ),
        "kind": lambda kind: exercise.kind == kind,
    }
    return all(checks[name](value) for name, value in given.items() if name in checks)


def _ranked(turn: Turn, matches: Iterable[Exercise], area: str | None) -> tuple[str, ...]:
    """Those not done lately first, then those that need nothing, then those whose main area it is, then by name."""
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


def offered_no(turn: On[No, Choosing]) -> Outcome:
    """None of what was offered."""
    return home(turn, prompt="ask.something_else")


def next_offers(turn: On[Next | Skip | NotSure, Choosing]) -> Outcome:
    """Something other than what was offered, of the same kind; after the last, from the first again."""
    shown = turn.session.offers
    order = _like_the_offered(turn, shown)
    last = max((order.index(name) for name in shown if name in order), default=-1)
    others = [name for name in (*order[last + 1 :], *order[: last + 1]) if name not in shown]
    if not others:
        return preceded(home(turn, prompt="ask.something_else"), tell("find.no_others"))
    return offer(turn, others, "offer.others", _wanted(turn))


def _wanted(turn: Turn) -> Mapping[str, str]:
    """What was looked for when something was offered."""
    wanted = turn.session.extra.get("wanted")
    return {str(name): str(value) for name, value in wanted.items()} if isinstance(wanted, dict) else {}


def _like_the_offered(turn: Turn, shown: tuple[str, ...]) -> tuple[str, ...]:
    """Everything that could have been offered in the place of what was."""
    if any(name.startswith("routine:") for name in shown):
        return routines_for(turn, None)
    wanted = _wanted(turn)
    if wanted:
        return _ranked(turn, (exercise for exercise in possible(turn) if _fits(exercise, wanted)), wanted.get("area"))
    exercises = turn.library.exercises
    areas = {area for name in shown if name in exercises for area in exercises[name].body_areas}
    return _ranked(turn, (e for e in possible(turn) if not areas or areas & set(e.body_areas)), None)
