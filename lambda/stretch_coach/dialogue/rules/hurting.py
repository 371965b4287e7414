"""Something hurts: stop, ask at most two things, and go to the emergency questions when it may be serious."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stretch_coach.acts import Act, Ask, Read
from stretch_coach.dialogue.rules import advised, alarms, asking, checking, finding
from stretch_coach.dialogue.turn_state import Outcome, Turn, advise, at_place, home, respond, tell
from stretch_coach.session import MAX_NOTED, State

if TYPE_CHECKING:
    from stretch_coach.dialogue.signatures import (  # noqa: I001 - a name a line would outgrow the rules
        Adjustment, Anywhere, Fallback, FindExercises, Hurting, Hurts, Next, No, NotSure, On, Pick, Resume, Skip,
        Wish, Yes,
    )  # fmt: skip

S = State


def hurts(turn: On[Hurts, Anywhere] | On[FindExercises, Hurting]) -> Outcome:
    """Stop at once; ask at most two things; go to the emergency questions when it may be serious."""
    symptom, flag = alarms.symptom(turn), alarms.named_flag(turn)
    activity = at_place(turn) if turn.session.activity else None
    asked = asking.pain(turn.session) if turn.session.state is S.HURTING else None
    turn = turn.with_session(activity=activity, item="", conditions=alarms.conditions(turn))
    stop_now = () if asked else (tell("hurts.stop" if activity else "hurts.sorry"),)
    if flag and alarms.decides(flag):
        return _check_now(turn, flag.id, checking.about(turn))
    if symptom in alarms.SERIOUS or asked in {"eased", "passed"}:
        return _check_now(turn, alarms.first_asked(turn), *stop_now)
    if activity is None and not asked and symptom != "dizziness":
        return advised.inform(turn) if flag else _offer_check(turn, *stop_now)
    if symptom == "dizziness":
        return _hurting(turn, "passed", *stop_now, tell("hurts.dizzy"))
    if symptom or flag or alarms.place(turn) or asked:
        return _hurting(turn, "eased", *stop_now, *_way_out(turn))
    return _hurting(turn, "what", *stop_now, *_way_out(turn))


def _offer_check(turn: Turn, *before: Act) -> Outcome:
    return asking.advised(turn, "offer_check", *before, extra={**turn.session.extra, "about": ""})


def _check_now(turn: Turn, first: str, *before: Act) -> Outcome:
    """The emergency questions, the one about what was felt before the others."""
    return checking.begin(turn.with_session(item=""), "exercise", *before, advise(turn, "intro.exercise"), first=first)


def _way_out(turn: Turn) -> tuple[Act, ...]:
    """How to come out of the exercise, said once, when it is being stopped."""
    counting = turn.position is not None and turn.session.state is S.COUNTING
    return (Read((turn.exercise.exit,)),) if counting and turn.session.activity else ()


def _hurting(turn: Turn, asked: asking.Pain, *before: Act) -> Outcome:
    return respond(turn, *before, asking.hurts(asked), state=S.HURTING, item=asked)


def hurting_yes(turn: On[Yes | Resume | Next | Skip, Hurting]) -> Outcome:
    """It has eased: the easier way, or another exercise; whoever was dizzy is spared what makes dizzy, for today."""
    asked = asking.pain(turn.session)
    if asked == "what":
        return _hurting(turn, "eased")
    was_dizzy = asked == "passed"
    noted = tuple(dict.fromkeys((*turn.session.conditions, *(("dizziness",) if was_dizzy else ()))))[-MAX_NOTED:]
    turn = turn.with_session(item="", conditions=noted)
    if turn.session.activity is None:
        return home(turn, tell("hurts.rest"))
    easier = turn.exercise.easier
    if was_dizzy or not easier or not finding.is_possible(turn, turn.exercise):
        ask = Ask("ask.after_hurt_left_out", {}, "reprompt.after_left_out", patient=True)
        return respond(turn, tell("hurts.rest"), tell("hurts.leave_out"), ask, state=S.PAUSED)
    ask = Ask("ask.after_hurt", {}, "reprompt.after_hurt", patient=True)
    return respond(turn, tell("hurts.rest"), Read((easier,)), ask, state=S.PAUSED)


def hurting_no(turn: On[No, Hurting]) -> Outcome:
    """It has not eased."""
    return _not_eased(turn)


def _not_eased(turn: Turn) -> Outcome:
    """It has not eased, or that is not sure: the emergency questions."""
    asked = asking.pain(turn.session)
    if asked == "what":
        return _hurting(turn, "eased")
    return _check_now(turn, alarms.FIRST_ASKED["dizziness"] if asked == "passed" else "")


def hurting_unclear(turn: On[Wish | Adjustment | Fallback | Pick, Hurting]) -> Outcome:
    """An answer that was not understood: on to the question a yes or no can answer; after that, the safer way."""
    asked = asking.pain(turn.session)
    if asked == "what":
        return _hurting(turn, "eased")
    if turn.session.misses:
        return _not_eased(turn)
    return _hurting(turn.with_session(misses=1), asked, tell("check.say_yes_or_no"))


def place_named(turn: On[FindExercises, Hurting]) -> Outcome:
    """A part of the body answers where it hurts; nothing is offered for it while that is open."""
    is_open = asking.pain(turn.session) == "what"
    return hurts(turn) if is_open or alarms.symptom(turn) else hurting_unclear(turn)


def hurting_unsure(turn: On[NotSure, Hurting]) -> Outcome:
    """Not sure whether it has eased: as if it had not."""
    return _not_eased(turn)
