"""One step of the dialogue: arriving, the row of the table that answers, and the lock that may answer instead."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stretch_coach.acts import decode
from stretch_coach.dialogue import arriving
from stretch_coach.dialogue.rules import advised, checking, general
from stretch_coach.dialogue.table import EVENTS, TRANSITIONS
from stretch_coach.dialogue.turn_state import Outcome, Row, Rule, Turn
from stretch_coach.events import Event, Kind
from stretch_coach.profile import Change, apply_all
from stretch_coach.session import State
from stretch_coach.speech import script

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


def event_name(event: Event) -> str:
    """The name the table knows an event by; an intent it does not know is like something not understood."""
    if event.kind is not Kind.INTENT:
        return str(event.kind)
    return event.name if event.name in _KNOWN else "FallbackIntent"


_KNOWN = frozenset(EVENTS) - {str(kind) for kind in Kind}
_MISSED: frozenset[Anything] = frozenset({"FallbackIntent"})


def step(turn: Turn) -> tuple[Outcome, tuple[Change, ...]]:
    """Decide one turn: the outcome, with every change to the stored profile."""
    turn, arrived = arriving.arrive(_sound(turn))
    turn = replace(turn, profile=apply_all(turn.profile, arrived))
    name = event_name(turn.event)
    turn = replace(turn, event=replace(turn.event, name=name))
    row = TRANSITIONS[turn.session.state][name]
    outcome = guard(turn, row)(turn)
    session = outcome.session
    if name not in _MISSED and session.misses <= turn.session.misses:
        session = replace(session, misses=0)
    outcome = replace(outcome, session=replace(session, turn=turn.session.turn + 1))
    erased = any(type(change).__name__ == "Erased" for change in outcome.changes)
    changes = outcome.changes if erased else (*arrived, *outcome.changes, *arriving.under_way(turn, outcome))
    return outcome, changes


NEEDS_ACTIVITY = frozenset({S.STEPPING, S.COUNTING, S.BETWEEN, S.PAUSED, S.DONE, S.RETURNING})


def _sound(turn: Turn) -> Turn:
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
