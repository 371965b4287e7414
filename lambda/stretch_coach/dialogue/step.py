"""One step of the dialogue: what comes before the row of the table that answers, and what comes after it.

In order: a session that contradicts itself is set right (`sound`); time is let pass (`arrive`); the row of state and
event is looked up; the lock, or a check under way, may answer instead (`guard`); what is under way is kept
(`under_way`). The rows themselves, and the theory of the machine, stand in table.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stretch_coach.acts import Teach, decode
from stretch_coach.dialogue.rules import advised, checking, coaching, general
from stretch_coach.dialogue.table import EVENTS, TRANSITIONS
from stretch_coach.dialogue.turn_state import Outcome, Row, Rule, Turn, lead_act, reached_count
from stretch_coach.events import Event, Kind
from stretch_coach.profile import Change, Completed, Erased, Heard, UnderWay, apply_all
from stretch_coach.session import Activity, Sent, State
from stretch_coach.speech import script
from stretch_coach.timeline import MAX_START_LATENCY_MS, locate, total_ms

if TYPE_CHECKING:
    from stretch_coach.dialogue.signatures import Anything

S = State

LOCKED_EVENTS: frozenset[Anything] = frozenset({
    "StartExerciseIntent", "StartRoutineIntent", "FindExercisesIntent", "ReadyIntent", "AgainIntent", "OtherSideIntent",
    "ResumeIntent", "NextIntent", "PreviousIntent", "StartOverIntent", "ChangeDoseIntent", "SkipIntent",
    "GuidanceModeIntent", "DescribeIntent", "CannotDoIntent", "ConditionIntent", "GoBackIntent",
})  # fmt: skip
"""Events that could lead to an exercise. While exercises are locked they are all answered by the lock."""
NEVER_LOCKED: frozenset[Anything] = frozenset(
    {"StopIntent", "CancelIntent", "NavigateHomeIntent", "Ended", "AudioFailed", "Touch"}
)
"""Whatever is locked, stopping stops, and what nobody said is not answered."""
DECIDED: frozenset[Anything] = frozenset({"YesIntent", "UnderAgeIntent", "CallForHelpIntent"})
"""What says enough while it is asked about deleting in the middle of a check."""
CHECK_STATES = frozenset({S.CHECKING, S.CHECK_PAUSED})
NEEDS_ACTIVITY = frozenset({S.STEPPING, S.COUNTING, S.BETWEEN, S.PAUSED, S.DONE, S.RETURNING})


def step(turn: Turn) -> tuple[Outcome, tuple[Change, ...]]:
    """Decide one turn: the outcome, with every change to the stored profile.

    `sound` and `arrive` come before the row is looked up, `guard` may answer in its place, and `under_way` keeps what
    it came to. Nothing else changes state outside the table.
    """
    turn, arrived = arrive(sound(turn))
    turn = replace(turn, profile=apply_all(turn.profile, arrived))
    name = event_name(turn.event)
    turn = replace(turn, event=replace(turn.event, name=name))
    row = TRANSITIONS[turn.session.state][name]
    outcome = guard(turn, row)(turn)
    session = outcome.session
    if name not in _MISSED and session.misses <= turn.session.misses:
        session = replace(session, misses=0)
    outcome = replace(outcome, session=replace(session, turn=turn.session.turn + 1))
    erased = any(isinstance(change, Erased) for change in outcome.changes)
    changes = outcome.changes if erased else (*arrived, *outcome.changes, *under_way(turn, outcome))
    return outcome, changes


def event_name(event: Event) -> str:
    """The name the table knows an event by; an intent it does not know is like something not understood."""
    if event.kind is not Kind.INTENT:
        return str(event.kind)
    return event.name if event.name in _KNOWN else "FallbackIntent"


_KNOWN = frozenset(EVENTS) - {str(kind) for kind in Kind}
_MISSED: frozenset[Anything] = frozenset({"FallbackIntent"})


def sound(turn: Turn) -> Turn:
    """A session that contradicts itself (forged, or from another release) starts again at home."""
    session, library = turn.session, turn.library
    activity = session.activity
    if activity is not None and not general.still_there(turn, activity):
        activity = None
    known = tuple(item for item in session.offers if _exists(turn, item))
    said = tuple(act for act in session.said if script.can_be_said(library, decode([act])))
    session = replace(session, activity=activity, offers=known, said=said)
    if session.state in NEEDS_ACTIVITY and activity is None:
        session = replace(session, state=S.HOME, item="", offers=(), said=())
    if session.state is S.CHECKING and not checking.is_sound(library, session):
        session = replace(session, state=S.CHECK_PAUSED, item="")  # no answer may go to a question nobody heard
    if session.state is S.HOME and session.check:
        session = replace(session, state=S.CHECK_PAUSED)  # a session that was dropped in the middle of a check
    return replace(turn, session=session)


def _exists(turn: Turn, item: str) -> bool:
    kind, _, name = item.rpartition(":")
    return name in (turn.library.routines if kind == "routine" else turn.library.exercises)


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


def guard(turn: Turn, row: Row[Turn]) -> Rule:
    """The rule that really answers: the lock's, for anything that could lead to an exercise while it is closed."""
    is_locked = bool(turn.session.locked) or turn.profile.lock
    is_deleting_in_check = bool(turn.session.check) and turn.session.state is S.DELETING
    in_check = is_deleting_in_check or turn.session.state in CHECK_STATES
    if is_locked and not in_check and turn.event.name not in NEVER_LOCKED:
        could_coach = S.COUNTING in row.to or S.STEPPING in row.to
        if (turn.event.name in LOCKED_EVENTS or could_coach) and row.rule is not advised.say_again:
            return general.locked
    if is_deleting_in_check and _leaves_a_check(turn, row):
        return general.kept
    return row.rule


def _leaves_a_check(turn: Turn, row: Row[Turn]) -> bool:
    """A question about deleting cut into a check: whatever is said but yes, the check comes next."""
    answered = turn.event.name in NEVER_LOCKED | DECIDED or S.CHECK_PAUSED in row.to
    return not answered and row.to != {S.DELETING}


def under_way(turn: Turn, outcome: Outcome) -> tuple[Change, ...]:
    """What the stored record should say is under way after this turn, when that is news."""
    session = outcome.session
    kept = (
        session.activity if session.state is not State.DONE or (session.activity and session.activity.routine) else None
    )
    if session.state in {State.CHECKING, State.CHECK_PAUSED, State.ADVISED, State.RETURNING, State.DELETING}:
        return ()
    return (UnderWay(kept),) if kept != turn.profile.under_way else ()
