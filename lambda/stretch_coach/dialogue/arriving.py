"""Arriving: what a counted turn came to before the event that follows it, and what is kept of it."""

from dataclasses import replace

from stretch_coach.acts import Teach
from stretch_coach.dialogue.rules import coaching
from stretch_coach.dialogue.turn_state import (
    Outcome,
    Turn,
    lead_act,
    reached_count,
)  # fmt: skip
from stretch_coach.profile import Change, Completed, Heard, UnderWay
from stretch_coach.session import Activity, Sent, State
from stretch_coach.speech import script
from stretch_coach.timeline import MAX_START_LATENCY_MS, locate, total_ms


def arrive(turn: Turn) -> tuple[Turn, tuple[Change, ...]]:
    """Settle what the counted turn before this event came to: still counting, between two parts, or done."""
    activity = turn.session.activity
    if turn.session.state is not State.COUNTING or activity is None or activity.sent is None:
        return turn, ()
    if activity.sent.form == coaching.TEACH:
        return _arrive_taught(turn, activity, activity.sent), ()
    act = lead_act(turn.library, turn.profile, turn.rung, activity, activity.sent)
    planned = script.lead(turn.library, act)
    position = locate(planned.cues, turn.now - activity.sent.at - activity.sent.offset_ms)
    turn = replace(turn, position=position)
    changes: tuple[Change, ...] = ()
    if activity.exercise not in turn.profile.heard and (position.finished or reached_count(turn)):
        changes = (Heard(activity.exercise),)
    if not position.finished:
        return turn, changes
    if planned.end is not None:
        moved = replace(activity, place=planned.end, sent=None)
        return turn.with_session(state=State.BETWEEN, activity=moved), changes
    return _arrive_done(turn, (*changes, Completed(completion_id(activity), activity.exercise, turn.today)))


def _arrive_taught(turn: Turn, activity: Activity, sent: Sent) -> Turn:
    """Instructions that were cut into go on from there; when all were heard, the count waits for the listener."""
    cues = tuple(script.taught(turn.library, Teach(activity.exercise, activity.place.side, activity.step)))
    elapsed = turn.now - sent.at - sent.offset_ms
    if elapsed - MAX_START_LATENCY_MS < total_ms(cues):
        return replace(turn, position=replace(locate(cues, elapsed), finished=False, place=activity.place))
    heard = replace(activity, step=len(turn.exercise.steps), sent=None)
    return turn.with_session(state=State.STEPPING, activity=heard)


def completion_id(activity: Activity) -> str:
    """Names one performance, on any device, however often it is reported."""
    return f"{activity.started_at:x}.{activity.index}.{activity.exercise[:12]}"


def _arrive_done(turn: Turn, changes: tuple[Change, ...]) -> tuple[Turn, tuple[Change, ...]]:
    activity = turn.activity
    following = coaching.next_in_routine(turn, activity.index + 1)
    extra = {**turn.session.extra, "last": activity.exercise}
    if activity.routine and following is not None:
        upcoming = Activity(
            coaching.item(turn, following), coaching.NOT_BEGUN, routine=activity.routine, index=following
        )
        return turn.with_session(state=State.DONE, activity=upcoming, extra=extra), changes
    alone = Activity(activity.exercise, turn.now, dose=activity.dose)
    return turn.with_session(state=State.DONE, activity=alone, extra=extra), changes


def under_way(turn: Turn, outcome: Outcome) -> tuple[Change, ...]:
    """What the stored record should say is under way after this turn, when that is news."""
    session = outcome.session
    kept = (
        session.activity if session.state is not State.DONE or (session.activity and session.activity.routine) else None
    )
    if session.state in {State.CHECKING, State.CHECK_PAUSED, State.ADVISED, State.RETURNING, State.DELETING}:
        return ()
    return (UnderWay(kept),) if kept != turn.profile.under_way else ()
