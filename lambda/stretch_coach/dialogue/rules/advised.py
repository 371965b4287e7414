"""After an outcome, or a question about a red flag: why, again, and the one question that is open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from stretch_coach.acts import Act, Advise, End, Read, decode
from stretch_coach.dialogue.rules import alarms, asking, checking, coaching, concluding, finding, general
from stretch_coach.dialogue.turn_state import Outcome, Turn, advise, home, respond
from stretch_coach.safety import screening
from stretch_coach.safety.check import Answer
from stretch_coach.session import ExtraKey, State

if TYPE_CHECKING:
    from stretch_coach.dialogue.signatures import (  # noqa: I001 - a name a line would outgrow the rules
        Advised, Again, Anywhere, Clarify, No, On, RedFlagInfo, Repeat, Resume, Why, Yes,
    )  # fmt: skip

S = State


def info(turn: On[RedFlagInfo, Anywhere]) -> Outcome:
    """Whether something is a red flag, asked."""
    return inform(turn)


def inform(turn: Turn) -> Outcome:
    """Whether something is a red flag: what to do about it, and the check is offered."""
    activity = coaching.set_aside(turn)
    item: asking.Offered = "again" if turn.session.locked == concluding.ADULTS_ONLY else "offer_check"
    flag = alarms.named_flag(turn)
    extra: Mapping[ExtraKey, object] = {**turn.session.extra, "about": flag.id if flag else ""}
    return asking.advised(turn, item, checking.about(turn), activity=activity, extra=extra)


def say_again(turn: On[Repeat | Again | Yes, Advised]) -> Outcome:
    """The outcome that locked exercises, in the same words, whatever was said since; else what was said last."""
    if asking.offered(turn.session) == "again" and turn.session.locked in concluding.LOCKS[1:]:
        return respond(turn, advise(turn, turn.session.locked), asking.ADVISED["again"])
    return general.repeat(turn)


def because(turn: On[Why | Clarify, Advised]) -> Outcome:
    """Why the check ended as it did."""
    return _explained(turn)


def _explained(turn: Turn) -> Outcome:
    """Why the check ended as it did, in the listener's own answers."""
    return respond(turn, *_why_advised(turn), *asking.question(turn))


def because_if_checked(turn: On[Why, Anywhere]) -> Outcome:
    """The same in every other state, right after an outcome."""
    outcomes = turn.library.locale.safety["outcomes"]
    told = any(isinstance(act, Advise) and act.key in outcomes for act in decode(turn.session.said))
    return _explained(turn) if told else general.aside(turn)


def _why_advised(turn: Turn) -> tuple[Act, ...]:
    """Why the last outcome is what it is; the lock of an earlier session knows no reason."""
    asked = asking.offered(turn.session)
    if asked == "offer_check":
        flag = turn.library.red_flags.get(str(turn.session.extra.get("about")))
        return (Read((flag.why,)),) if flag else ()
    if asked == "seen" or not isinstance(turn.session.extra.get("reasons"), list):
        return (advise(turn, "locked.say"),) if turn.session.locked or turn.profile.lock else ()
    reasons = tuple(_reasons(turn))
    if not reasons:
        return (advise(turn, "because.none"),)
    together = (advise(turn, "because.together"),) if len(reasons) > 1 else ()
    return (advise(turn, "because.lead"), *reasons, *together)


def _reasons(turn: Turn) -> Iterator[Act]:
    recorded = turn.session.extra.get("reasons")
    for entry in recorded if isinstance(recorded, list) else []:
        match entry:
            case [str(item), str(letter)] if found := screening.question(turn.library.red_flags, item):
                key = "because.yes" if letter == Answer.YES else "because.not_sure"
                yield advise(turn, key, because=found.because)


def advised_yes(turn: On[Yes, Advised]) -> Outcome:
    """Yes after an outcome, to what was asked last."""
    match asking.offered(turn.session):
        case "seen":
            return general.seen(turn)
        case "offer_check":
            return checking.begin(turn, "full", *checking.intro(turn, "full"))
        case "gentle":
            offered = (e.id for e in finding.possible(turn))
            return finding.offer(turn, offered, "offer.gentle")
    return say_again(turn)


def advised_no(turn: On[No, Advised]) -> Outcome:
    """No after an outcome, to what was asked last."""
    asked = asking.offered(turn.session)
    if asked == "seen":
        return respond(turn, advise(turn, "locked.stays"), End(), activity=None)
    if asked == "offer_check" and turn.session.activity and not turn.session.locked:
        return respond(turn, asking.RESUME, state=S.PAUSED, item="")
    if asked == "offer_check" and not turn.session.locked:
        return home(turn.with_session(item=""))
    return general.stop(turn)


def advised_resume(turn: On[Resume, Advised]) -> Outcome:
    """Resume instead of an answer: back to the exercise that waits."""
    if turn.session.activity is None:
        return general.nothing_under_way(turn)
    return coaching.go_on(turn.with_session(item=""))
