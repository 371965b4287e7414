"""What the listener cannot do or has not got: it is respected for the rest of the session."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stretch_coach.acts import Ask, Tell
from stretch_coach.dialogue.rules import asking, coaching, finding, moving
from stretch_coach.dialogue.turn_state import Outcome, Turn, at_place, home, interrupted, preceded, respond, tell
from stretch_coach.session import MAX_NOTED, State

if TYPE_CHECKING:
    from stretch_coach.dialogue.signatures import Anywhere, CannotDo, Condition, On


def cannot_do(turn: On[CannotDo, Anywhere]) -> Outcome:
    """Note what the listener cannot do or has not got, and go on with what that leaves."""
    limitation = turn.event.slot_id("limitation")
    if limitation is None:
        return asking.unclear(turn, Ask("cannot.what", {}, "reprompt.home"))
    noted = (*(item for item in turn.session.cannot if item != limitation), limitation)[-MAX_NOTED:]
    return _respect(turn.with_session(cannot=noted), tell("cannot.noted"))


def condition(turn: On[Condition, Anywhere]) -> Outcome:
    """Note a condition the listener named; exercises to be avoided with it are left out."""
    named = turn.event.slot_id("condition")
    if named is None:
        return asking.unclear(turn, Ask("ask.anything_else", {}, "reprompt.home"), tell("condition.unknown"))
    noted = (*(item for item in turn.session.conditions if item != named), named)[-MAX_NOTED:]
    return _respect(turn.with_session(conditions=noted), tell("condition.noted"))


def _respect(turn: Turn, said: Tell) -> Outcome:
    """Say that something was noted; where it rules out what is under way, something else comes instead."""
    activity = turn.session.activity
    if turn.session.state is State.HURTING:
        return respond(turn, said, *asking.question(turn))
    if activity is None:
        return home(turn, said, prompt="ask.anything_else")
    if finding.is_possible(turn, turn.exercise):
        if interrupted(turn):
            return respond(turn, said, asking.RESUME, state=State.PAUSED, activity=at_place(turn))
        return respond(turn, said, *asking.question(turn))
    if not activity.routine:
        others = finding.alternatives(turn, turn.exercise)
        return preceded(finding.offer(turn, others, "offer.instead") if others else home(turn), said)
    following = coaching.next_in_routine(turn, activity.index)
    if following is None:
        routine = turn.library.routines[activity.routine]
        return home(turn, said, tell("routine.rest_impossible", routine=routine.name))
    if turn.session.state is not State.DONE:
        return preceded(moving.leave_out(turn), said)
    item = turn.library.routines[activity.routine].sequence[following]
    turn = turn.with_session(activity=replace(activity, exercise=item.exercise, index=following), said=())
    return respond(turn, said, *asking.question(turn))
