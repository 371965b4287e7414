"""Changing how an exercise is done: longer, shorter, easier, harder, and keeping going or waiting."""

from dataclasses import replace

from stretch_coach.acts import Act, Read
from stretch_coach.library import Dose
from stretch_coach.profile import Preferred
from stretch_coach.rules import asking, coaching, doses, moving
from stretch_coach.rules.base import (
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
from stretch_coach.session import State
from stretch_coach.speech import cadence
from stretch_coach.timeline import Place


def change_dose(turn: Turn) -> Outcome:
    """Longer, shorter, more or fewer, within what is safe to ask for."""
    before, turn = turn, moving.just_done(turn) if turn.session.state is State.DONE else turn
    activity = at_place(turn)
    dose = dose_of(turn.library, activity)
    kind = cadence.counted_kind(dose)
    unit_said = turn.event.slot_id("unit")
    if unit_said in {"sets", "rounds"}:
        return _change_sets(turn, dose)
    down = turn.event.slot_id("direction") in {"shorter", "fewer"}
    now = dose.reps.count if dose.reps else (dose.hold.breaths or dose.hold.seconds or 0) if dose.hold else 0
    count = turn.event.number("count")
    if count and unit_said == "minutes":
        count *= 60
    step = turn.event.seconds("duration") or count or (doses.STEP_SECONDS if kind == "seconds" else doses.STEP_UNITS)
    least = doses.FEWEST_SECONDS if kind == "seconds" else doses.FEWEST_UNITS
    done = activity.place.count + 1
    if turn.exercise.sides == "alternating":
        done = -(-done // 2)
    target = now - step if down else now + step
    if count and not turn.event.slots.get("direction"):
        target = count  # a bare "twelve", or "thirty seconds", is how long it should be
    wanted = max(least, min(target, max(doses.most(turn.exercise), now)))
    wanted = max(wanted, done) if interrupted(turn) else wanted
    unit = "steps" if dose.reps and dose.reps.unit == "step" else kind
    if wanted == now:
        return coaching.straight_on(before, tell("dose.least" if target < now else "dose.most", dose=f"{unit}:{now}"))
    leaf = {"reps": ("reps", "count"), "breaths": ("hold", "breaths"), "seconds": ("hold", "seconds")}[kind]
    changed = replace(turn.activity, dose={**turn.activity.dose, leaf[0]: {leaf[1]: wanted}})
    said = tell("dose.changed", dose=f"{unit}:{wanted}")
    if turn.session.state is State.DONE:
        return coaching.lead(turn.with_session(activity=replace(changed, place=Place(), sent=None)), "short", said)
    if not interrupted(turn):
        return respond(turn, said, *asking.question(turn), activity=changed)
    return coaching.straight_on(turn.with_session(activity=changed), said)


def _change_sets(turn: Turn, dose: Dose) -> Outcome:
    """More or fewer sets, between one and the doses.most the exercise is given for; what is behind stays done."""
    down = turn.event.slot_id("direction") in {"shorter", "fewer"}
    count = turn.event.number("count") or 1
    target = dose.sets - count if down else dose.sets + count
    wanted = max(1, at_place(turn).place.set, min(target, max(dose.sets_max or dose.sets, dose.sets)))
    if wanted == dose.sets:
        return coaching.straight_on(turn, tell("dose.least" if down else "dose.most", dose=f"sets:{wanted}"))
    changed = replace(turn.activity, dose={**turn.activity.dose, "sets": wanted})
    said = tell("dose.changed", dose=f"sets:{wanted}")
    if not interrupted(turn):
        return respond(turn, said, asking.own(turn), activity=changed)
    return coaching.straight_on(turn.with_session(activity=changed), said)


def easier(turn: Turn) -> Outcome:
    """Tell the easier way and wait."""
    meant = moving.just_done(turn) if turn.session.state is State.DONE else turn
    return _variation(turn, meant.exercise.easier, "easier.none")


def harder(turn: Turn) -> Outcome:
    """Tell the harder way and wait."""
    meant = moving.just_done(turn) if turn.session.state is State.DONE else turn
    return _variation(turn, meant.exercise.harder, "harder.none")


def _variation(turn: Turn, text: str | None, none: str) -> Outcome:
    said: Act = Read((text,)) if text else tell(none)
    ask = asking.RESUME
    if turn.session.state in {State.DONE, State.STEPPING}:
        return respond(turn, said, *asking.question(turn))
    return respond(turn, said, ask, state=State.PAUSED, activity=at_place(turn))


def guidance_mode(turn: Turn) -> Outcome:
    """Keep going, or wait after each instruction; remembered."""
    mode = turn.event.slot_id("mode")
    if mode not in {"flow", "step"}:
        mode = "step" if turn.mode == "flow" else "flow"
    change = (Preferred("mode", mode),)
    said = tell(f"mode.{mode}")
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
