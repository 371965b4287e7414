"""Changing how an exercise is done: longer, shorter, easier, harder, and keeping going or waiting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from stretch_coach.acts import Act, Read
from stretch_coach.dialogue.rules import asking, coaching, doses, moving
from stretch_coach.dialogue.turn_state import (
    Outcome,
    Turn,
    at_place,
    dose_of,
    interrupted,
    preceded,
    reached_count,
    respond,
    tell,
)  # fmt: skip
from stretch_coach.library import Dose
from stretch_coach.profile import Preferred
from stretch_coach.session import DoseLeaf, State
from stretch_coach.speech import cadence
from stretch_coach.timeline import Place

if TYPE_CHECKING:
    from stretch_coach.dialogue.signatures import Anywhere, ChangeDose, Easier, Exercising, GuidanceMode, Harder, On

DOWN = frozenset({"shorter", "fewer"})
SET_UNITS = frozenset({"sets", "rounds"})
COUNTED_IN = {"seconds": "seconds", "minutes": "seconds", "reps": "reps", "breaths": "breaths"}
"""A unit that is said to the kind of counting it means."""
LEAVES: Mapping[str, DoseLeaf] = {
    "reps": ("reps", "count"),
    "breaths": ("hold", "breaths"),
    "seconds": ("hold", "seconds"),
}
"""Where a dose has what is counted."""

MODES = {"flow": "mode.flow", "step": "mode.step"}
"""How an exercise is led, to the prompt that says so."""


def change_dose(turn: On[ChangeDose, Exercising]) -> Outcome:
    """Longer, shorter, more or fewer: by an amount where a direction is said, to it where none is; safely limited."""
    before, turn = turn, moving.just_done(turn) if turn.session.state is State.DONE else turn
    dose = dose_of(turn.library, at_place(turn))
    if turn.event.slot_id("unit") in SET_UNITS:
        return _change_sets(before, turn, dose)
    kind = cadence.counted_kind(dose)
    unit = "steps" if dose.reps and dose.reps.unit == "step" else kind
    now = doses.counted(dose)
    if _said_in_another_unit(turn, kind):
        return coaching.straight_on(before, tell("dose.counted_in", dose=f"{unit}:{now}"))
    target = _target(turn, kind, now)
    wanted = _within(turn, kind, now, target)
    said = _changed(f"{unit}:{wanted}", target, wanted, now)
    if wanted == now:
        return coaching.straight_on(before, said)
    part, leaf = LEAVES[kind]
    changed = replace(turn.activity, dose={**turn.activity.dose, part: {leaf: wanted}})
    if turn.session.state is State.DONE:
        return coaching.lead(turn.with_session(activity=replace(changed, place=Place(), sent=None)), "short", said)
    if not interrupted(turn):
        return respond(turn, said, *asking.question(turn), activity=changed)
    return coaching.straight_on(turn.with_session(activity=changed), said)


def _said_in_another_unit(turn: Turn, kind: str) -> bool:
    """An amount of seconds where repetitions are counted, and the like."""
    if turn.event.seconds("duration"):
        return kind != "seconds"
    said = turn.event.slot_id("unit") if turn.event.number("count") else None
    return said is not None and COUNTED_IN.get(said, kind) != kind


def _target(turn: Turn, kind: str, now: int) -> int:
    """What was asked for, whether or not it can be had."""
    amount = turn.event.seconds("duration") or turn.event.number("count")
    if amount and turn.event.slot_id("unit") == "minutes":
        amount *= 60
    if amount and not _has_direction(turn):
        return amount
    usual = doses.STEP_SECONDS if kind == "seconds" else doses.STEP_UNITS
    step = amount or (1 if turn.event.slots.get("change") else usual)  # "add a rep"
    return now - step if _is_down(turn) else now + step


def _within(turn: Turn, kind: str, now: int, target: int) -> int:
    """As much of `target` as may be asked for, and never less than what is already behind."""
    least = doses.FEWEST_SECONDS if kind == "seconds" else doses.FEWEST_UNITS
    wanted = max(least, min(target, max(doses.most(turn.exercise), now)))
    if not interrupted(turn):
        return wanted
    done = at_place(turn).place.count + 1
    return max(wanted, -(-done // 2) if turn.exercise.sides == "alternating" else done)


def _changed(dose: str, target: int, wanted: int, now: int) -> Act:
    """What is said of the dose that it has become: what was asked for, or as near to it as it goes."""
    if wanted < target:
        return tell("dose.most", dose=dose)
    return tell("dose.least" if wanted == now > target else "dose.changed", dose=dose)


def _has_direction(turn: Turn) -> bool:
    return bool(turn.event.slots.get("direction") or turn.event.slots.get("change"))


def _is_down(turn: Turn) -> bool:
    return turn.event.slot_id("direction") in DOWN or turn.event.slot_id("change") in DOWN


def _change_sets(before: Turn, turn: Turn, dose: Dose) -> Outcome:
    """More or fewer sets, between one and the most the exercise is given for; what is behind stays done."""
    count = turn.event.number("count")
    step = count or 1
    target = dose.sets - step if _is_down(turn) else dose.sets + step
    if count and not _has_direction(turn):
        target = count
    wanted = max(1, at_place(turn).place.set, min(target, max(dose.sets_max or dose.sets, dose.sets)))
    said = _changed(f"sets:{wanted}", target, wanted, dose.sets)
    if wanted == dose.sets:
        return coaching.straight_on(before, said)
    changed = replace(turn.activity, dose={**turn.activity.dose, "sets": wanted})
    if not interrupted(turn):
        return respond(turn, said, asking.own(turn), activity=changed)
    return coaching.straight_on(turn.with_session(activity=changed), said)


def easier(turn: On[Easier, Exercising]) -> Outcome:
    """Tell the easier way and wait."""
    meant = moving.just_done(turn) if turn.session.state is State.DONE else turn
    return _variation(turn, meant.exercise.easier, "easier.none")


def harder(turn: On[Harder, Exercising]) -> Outcome:
    """Tell the harder way and wait."""
    meant = moving.just_done(turn) if turn.session.state is State.DONE else turn
    return _variation(turn, meant.exercise.harder, "harder.none")


def _variation(turn: Turn, text: str | None, none: str) -> Outcome:
    said: Act = Read((text,)) if text else tell(none)
    ask = asking.RESUME
    if turn.session.state in {State.DONE, State.STEPPING}:
        return respond(turn, said, *asking.question(turn))
    return respond(turn, said, ask, state=State.PAUSED, activity=at_place(turn))


def guidance_mode(turn: On[GuidanceMode, Anywhere]) -> Outcome:
    """Keep going, or wait after each instruction; remembered."""
    mode = turn.event.slot_id("mode")
    if mode not in MODES:
        mode = "step" if turn.mode == "flow" else "flow"
    change = (Preferred("mode", mode),)
    said = tell(MODES[mode])
    turn = replace(turn, profile=replace(turn.profile, preferences={**turn.profile.preferences, "mode": mode}))
    if (
        mode == "flow"
        and turn.session.activity
        and turn.session.state in {State.PAUSED, State.BETWEEN, State.RETURNING}
    ):
        return preceded(coaching.go_on(turn), said, changes=change)  # "keep going" is also how people say resume
    if turn.session.activity is None or turn.session.state not in asking.WAITS:
        return respond(turn, said, *asking.question(turn), changes=change)
    if turn.session.state is State.STEPPING and mode == "flow":
        return preceded(coaching.lead(turn, "long"), said, changes=change)
    if mode == "step" and interrupted(turn) and not reached_count(turn):
        return preceded(
            coaching.step_on(turn.with_session(activity=replace(at_place(turn), step=0))), said, changes=change
        )
    return coaching.straight_on(turn, said, changes=change)
