"""The safety check in conversation.

Which question comes next and what the answers add up to is decided in safety/ alone. Here an answer is understood,
asked again where it was not clear, and never turned into a no.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from stretch_coach.acts import INITIATIVE, Act, AskText, End, Read
from stretch_coach.dialogue.rules import alarms, asking, coaching, concluding, general
from stretch_coach.dialogue.turn_state import Outcome, Turn, advise, home, preceded, respond, tell
from stretch_coach.library import Library
from stretch_coach.profile import Locked
from stretch_coach.safety import disposition, screening
from stretch_coach.safety.check import Answer, Check, Kind
from stretch_coach.safety.red_flag import Level, Question
from stretch_coach.session import MAX_NOTED, Session, State

if TYPE_CHECKING:
    from stretch_coach.dialogue.signatures import (  # noqa: I001 - a name a line would outgrow the rules
        Again, Anywhere, Cancel, CannotDo, Checking, CheckPaused, Clarify, Condition, Control, Ended, ExplainTopic,
        Fallback, GoBack, Help, HowLongLeft, Hurts, InCheck, LockFound, NavigateHome, Next, No, NotSure, On, Pause,
        Pick, Previous, Ready, RedFlagInfo, Repeat, Resume, Skip, StartOver, StartSafetyCheck, Stop, UnderAge, Why,
        Wish, Yes,
    )  # fmt: skip

S = State
ADULT_AGE = 18
AGES: Mapping[str, range] = {
    disposition.UNDER_EIGHTEEN: range(18),
    "under-twenty": range(20),
    "over-fifty": range(50, 1_000_000),
    "over-sixty-five": range(65, 1_000_000),
    "over-seventy": range(70, 1_000_000),
}
"""The ages that answer a question about age with yes; the definitions in content say the same."""


def check_of(session: Session) -> Check:
    """The check under way."""
    return Check.from_attributes(session.check)


def is_sound(library: Library, session: Session) -> bool:
    """The question that is open exists."""
    return screening.question(library.red_flags, session.item) is not None


# Asking


def start(turn: On[StartSafetyCheck, Anywhere]) -> Outcome:
    """Begin a check; an exercise under way waits. A check that was left in the middle is offered first."""
    if turn.session.check:
        return _wait(turn)
    kind: Kind = "short" if turn.event.slot_id("kind") == "short" else "full"
    return begin(turn, kind, *intro(turn, kind))


def start_over(turn: On[StartOver, InCheck]) -> Outcome:
    """The same check from its first question, without the answers so far."""
    kind = check_of(turn.session).kind
    return begin(turn.with_session(check={}), kind)


def intro(turn: Turn, kind: Kind) -> tuple[Act, ...]:
    """What a check of this kind begins with."""
    return (advise(turn, f"intro.{kind}"), advise(turn, "privacy"))


def begin(turn: Turn, kind: Kind, *before: Act, first: str = "") -> Outcome:
    """Ask the first question of a check of this kind, or `first`. One that was left in the middle keeps its answers."""
    if turn.session.locked == concluding.ADULTS_ONLY:
        return concluding.adults_only(turn)
    turn = turn.with_session(activity=coaching.set_aside(turn))
    check = alarms.counted(turn, check_of(turn.session) if turn.session.check else Check(kind))
    return _ask_item(turn, check, first, *before) if first else _ask_next(turn, check, *before)


def _ask_next(turn: Turn, check: Check, *before: Act) -> Outcome:
    """The next question after `before`, or the outcome, which nothing may come before."""
    item = screening.next_item(turn.library.red_flags, check)
    return _ask_item(turn, check, item, *before) if item else concluding.finish(turn, check)


def _ask_item(turn: Turn, check: Check, item: str, *before: Act) -> Outcome:
    found = screening.question(turn.library.red_flags, item)
    assert found is not None
    return respond(
        turn, *before, _asking(found),
        state=S.CHECKING, item=item, check=check.to_attributes(), reasked=False, offers=(),
    )  # fmt: skip


def _asking(found: Question, *, plainer: bool = False) -> AskText:
    return AskText(found.plainer if plainer else found.question, found.plainer)


def _again(turn: Turn, *before: Act, plainer: bool = False) -> Outcome:
    found = asking.item(turn)
    asks = (Read((found.question,)), AskText(found.plainer, found.question)) if plainer else (_asking(found),)
    return respond(turn, *before, *asks, state=S.CHECKING, item=found.id)


# Answering


def _answered(turn: Turn, answer: Answer) -> Outcome:
    return _ask_next(turn, check_of(turn.session).answered(asking.item(turn).id, answer))


def yes(turn: On[Yes, Checking]) -> Outcome:
    """Yes to the question."""
    return _answered(turn, Answer.YES)


def no(turn: On[No, Checking]) -> Outcome:
    """No to the question."""
    return _answered(turn, Answer.NO)


def not_sure(turn: On[NotSure, Checking]) -> Outcome:
    """Not sure: a question that decides by itself is put once more in plainer words, then not sure stands."""
    found = asking.item(turn)
    decides = found.kind == "stop" or found.reassuring or found.level >= Level.SAME_DAY
    if decides and not turn.session.reasked:
        return _again(turn.with_session(reasked=True), tell("check.plainer"), plainer=True)
    return _answered(turn, Answer.NOT_SURE)


def misunderstood(turn: On[Control | Fallback | CannotDo | Pick, Checking] | On[Hurts | Condition, InCheck]) -> Outcome:
    """Anything else than an answer: the question again, never an answer."""
    misses = turn.session.misses + 1
    key = "check.say_yes_or_no" if misses > 1 else "check.not_understood"
    return _again(turn.with_session(misses=misses), tell(key), plainer=misses > 1)


def first_things_first(turn: On[Wish, Checking]) -> Outcome:
    """Something else was asked for: the check comes first."""
    return _again(turn, tell("check.first"))


def help_(turn: On[Help, Checking]) -> Outcome:
    """What can be said, and the question again."""
    return _again(turn, tell("help.checking"))


def topic(turn: On[ExplainTopic, Checking]) -> Outcome:
    """A spoken answer about backs and hips, and the question again."""
    return _again(turn, *general.topic(turn).acts[:1])


def symptom_named(turn: On[Hurts, InCheck]) -> Outcome:
    """A sign named in the middle of a check: its question comes now, unless it is the one being asked."""
    first = alarms.first_asked(turn)
    if turn.session.state is S.CHECK_PAUSED and not first:
        return _take_up(turn)
    if not first or (turn.session.state is S.CHECKING and first == asking.item(turn).id):
        return misunderstood(turn)
    return _ask_item(turn, alarms.counted(turn, check_of(turn.session)), first)


def about(turn: Turn) -> Act:
    """Whether what was named is a red flag, and what to do about it."""
    flag = alarms.named_flag(turn)
    if flag:
        return Read((flag.info,))
    return advise(turn, "info.unknown" if "red_flag" in turn.event.slots else "safety_net")


def info(turn: On[RedFlagInfo, InCheck]) -> Outcome:
    """Whether something is a red flag, asked in the middle of a check; the check goes on."""
    if turn.session.state is S.CHECK_PAUSED:
        return preceded(_wait(turn), about(turn))
    return _again(turn, about(turn))


def why(turn: On[Why, Checking]) -> Outcome:
    """Why the question is asked."""
    return _again(turn, Read((asking.item(turn).why,)))


def clarify(turn: On[Clarify, Checking]) -> Outcome:
    """What a word in the question means."""
    found = asking.item(turn)
    return respond(
        turn, *((Read((found.definition,)),) if found.definition else ()), AskText(found.plainer, found.question)
    )


def repeat(turn: On[Repeat | Again | Resume | LockFound, Checking]) -> Outcome:
    """The question again."""
    return _again(turn)


def back(turn: On[GoBack | Previous, InCheck]) -> Outcome:
    """The question before, to answer it again."""
    check = check_of(turn.session)
    if not check.answers:
        return _again(turn, tell("check.no_earlier"))
    last, _ = check.answers[-1]
    if screening.question(turn.library.red_flags, last) is None:  # of another release
        return _ask_next(turn, check.back())
    return _ask_item(turn, check.back(), last, tell("check.back"))


def skip(turn: On[Skip, Checking]) -> Outcome:
    """Leave a question out, where that is safe."""
    if not asking.item(turn).skippable:
        return _again(turn, advise(turn, "cannot_skip"))
    check, found = check_of(turn.session), asking.item(turn)
    returns = found.decides_emergency and check.answer(found.id) is None
    said = (advise(turn, "skipped"),) if returns else ()
    return _ask_next(turn, check.answered(found.id, Answer.SKIPPED), *said)


def how_many_left(turn: On[HowLongLeft, InCheck]) -> Outcome:
    """How many questions are left when every one is answered no."""
    left = screening.remaining_if_no(turn.library.red_flags, check_of(turn.session))
    return _again(turn, advise(turn, "left.one") if left <= 1 else advise(turn, "left.many", count=left))


def pause(turn: On[Pause, InCheck] | On[Wish | CannotDo, CheckPaused]) -> Outcome:
    """The check waits, whatever else is asked for meanwhile."""
    return _wait(turn)


def _wait(turn: Turn) -> Outcome:
    """The check waits, and so does what was under way before it."""
    activity = coaching.set_aside(turn)
    return respond(turn, asking.OWN[S.CHECK_PAUSED], state=S.CHECK_PAUSED, activity=activity)


def resume(
    turn: On[Yes | Resume | Ready | Next | StartSafetyCheck | Repeat | Again | LockFound, CheckPaused],
) -> Outcome:
    """On with the check, in one word or another."""
    return _take_up(turn)


def _take_up(turn: Turn) -> Outcome:
    """The check goes on where it was."""
    return _ask_next(turn, check_of(turn.session), tell("check.resume"))


def stop(turn: On[Stop | Cancel | NavigateHome, InCheck]) -> Outcome:
    """The check is left unfinished: that is said, with the safety net. What was answered may already be an outcome."""
    check = check_of(turn.session)
    if concluding.level(turn, check) >= Level.SAME_DAY:
        outcome = concluding.finish(turn, check)
        said = (act for act in outcome.acts if not isinstance(act, INITIATIVE))
        return replace(outcome, acts=(*said, End()))
    return respond(turn, advise(turn, "early"), End(), state=S.CHECK_PAUSED)


def left(turn: On[Ended, InCheck]) -> Outcome:
    """The session ended in the middle of a check. Its answers expire; what they already call for must not."""
    if turn.session.locked or concluding.level(turn, check_of(turn.session)) < Level.SAME_DAY:
        return respond(turn, End())
    return respond(turn, End(), changes=(Locked(True),))


def drop(turn: On[No | Cancel, CheckPaused]) -> Outcome:
    """The check is given up. Answers that already call for care today count; of others stays what to be careful of."""
    check = check_of(turn.session)
    level = concluding.level(turn, check)
    if level >= Level.SAME_DAY:
        return concluding.finish(turn, check)
    caution = turn.session.caution or level is Level.SOON
    turn = turn.with_session(
        check={}, item="", reasked=False, conditions=concluding.noted(turn, check), caution=caution
    )
    return preceded(home(turn), tell("check.dropped"), advise(turn, "early"))


def note_condition(turn: On[Condition, InCheck]) -> Outcome:
    """A condition named in the middle of a check hides its exercises; the question comes again."""
    named = turn.event.slot_id("condition")
    if named is None:
        return misunderstood(turn)
    noted = (*(item for item in turn.session.conditions if item != named), named)[-MAX_NOTED:]
    return _again(turn.with_session(conditions=noted), tell("condition.noted_in_check"))


def under_age(turn: On[UnderAge, Anywhere]) -> Outcome:
    """An age was said. Under eighteen: what to do instead, and no check; what was answered before still counts."""
    age = turn.event.number("age")
    if age is not None and age >= ADULT_AGE:
        return _adult(turn, age)
    check = check_of(turn.session)
    level = concluding.level(turn, check)
    if level is Level.EMERGENCY:
        return concluding.finish(turn, check)
    reasons = [[disposition.UNDER_EIGHTEEN, str(Answer.YES)]]
    turn = turn.with_session(conditions=concluding.noted(turn, check), extra={**turn.session.extra, "reasons": reasons})
    return concluding.adults_only(turn, *((Locked(True),) if level is Level.SAME_DAY else ()))


def _adult(turn: Turn, age: int) -> Outcome:
    """An adult's age answers a question about age, and nothing else."""
    if turn.session.state is not S.CHECKING:
        return general.aside(turn)
    ages = AGES.get(asking.item(turn).id)
    if ages is None:
        return _again(turn)
    return _answered(turn, Answer.YES if age in ages else Answer.NO)
