"""The safety check in conversation, and what happens when something hurts.

Which question comes next and what the answers add up to is decided in screening.py alone. Here an answer is understood,
asked again where it was not clear, and never turned into a no.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from stretch_coach import screening
from stretch_coach.acts import Act, Ask, AskText, Card, End, Read
from stretch_coach.library import Library
from stretch_coach.profile import Change, Checked, Locked
from stretch_coach.red_flag import Level, Question
from stretch_coach.rule import Answer
from stretch_coach.rules import asking, coaching, finding, general
from stretch_coach.rules.base import Outcome, Turn, advise, at_place, home, preceded, respond, tell
from stretch_coach.screening import Check
from stretch_coach.session import MAX_NOTED, Session, State

S = State
SERIOUS = frozenset({"weakness", "numbness", "tingling", "chest-pain", "breathless", "bladder"})
"""Symptoms during exercise that start the emergency questions at once (issue 4; red-flags.md 2A and 2E)."""
ADULT_AGE = 18
OPEN = "seen", "offer_check", "gentle", "again"
"""What a yes or no answers in ADVISED; kept in session.item."""


def check_of(session: Session) -> Check:
    """The check under way."""
    return Check.from_attributes(session.check)


def is_sound(library: Library, session: Session) -> bool:
    """The question that is open exists."""
    return not session.item or screening.question(library.red_flags, session.item) is not None


# Asking


def start(turn: Turn) -> Outcome:
    """Begin a check; an exercise under way waits."""
    kind: screening.Kind = "short" if turn.event.slot_id("kind") == "short" else "full"
    return begin(turn, kind, *_intro(turn, kind))


def _intro(turn: Turn, kind: screening.Kind) -> tuple[Act, ...]:
    return (advise(turn, f"intro.{kind}"), advise(turn, "privacy"))


def begin(turn: Turn, kind: screening.Kind, *before: Act) -> Outcome:
    """Ask the first question of a check of this kind."""
    activity = at_place(turn) if turn.session.activity else None
    return _ask_next(turn.with_session(activity=activity), Check(kind), *before)


def _ask_next(turn: Turn, check: Check, *before: Act) -> Outcome:
    flags = turn.library.red_flags
    item = screening.next_item(flags, check)
    if item is None:
        return preceded(_finish(turn, check), *before)
    found = screening.question(flags, item)
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


def yes(turn: Turn) -> Outcome:
    """Yes to the question."""
    return _answered(turn, Answer.YES)


def no(turn: Turn) -> Outcome:
    """No to the question."""
    return _answered(turn, Answer.NO)


def not_sure(turn: Turn) -> Outcome:
    """Not sure: a question that decides by itself is put once more in plainer words, then not sure stands."""
    found = asking.item(turn)
    if (found.kind == "stop" or found.reassuring) and not turn.session.reasked:
        return _again(turn.with_session(reasked=True), tell("check.plainer"), plainer=True)
    return _answered(turn, Answer.NOT_SURE)


def misunderstood(turn: Turn) -> Outcome:
    """Anything else than an answer: the question again, never an answer."""
    misses = turn.session.misses + 1
    key = "check.say_yes_or_no" if misses > 1 else "check.not_understood"
    return _again(turn.with_session(misses=misses), tell(key), plainer=misses > 1)


def first_things_first(turn: Turn) -> Outcome:
    """Something else was asked for: the check comes first."""
    return _again(turn, tell("check.first"))


def why(turn: Turn) -> Outcome:
    """Why the question is asked."""
    return _again(turn, Read((asking.item(turn).why,)))


def clarify(turn: Turn) -> Outcome:
    """What a word in the question means."""
    found = asking.item(turn)
    return respond(
        turn, *((Read((found.definition,)),) if found.definition else ()), AskText(found.plainer, found.question)
    )


def repeat(turn: Turn) -> Outcome:
    """The question again."""
    return _again(turn)


def back(turn: Turn) -> Outcome:
    """The question before, to answer it again."""
    check = check_of(turn.session)
    if not check.answers:
        return _again(turn, tell("check.no_earlier"))
    return _ask_next(turn, check.back(), tell("check.back"))


def skip(turn: Turn) -> Outcome:
    """Leave a question out, where that is safe."""
    if not asking.item(turn).skippable:
        return _again(turn, advise(turn, "cannot_skip"))
    check, found = check_of(turn.session), asking.item(turn)
    returns = found.decides_emergency and check.answer(found.id) is None
    said = (advise(turn, "skipped"),) if returns else ()
    return _ask_next(turn, check.answered(found.id, Answer.SKIPPED), *said)


def how_many_left(turn: Turn) -> Outcome:
    """How many questions are left when every one is answered no."""
    left = screening.remaining_if_no(turn.library.red_flags, check_of(turn.session))
    return _again(turn, advise(turn, "left.one") if left <= 1 else advise(turn, "left.many", count=left))


def pause(turn: Turn) -> Outcome:
    """The check waits."""
    return respond(turn, asking.OWN[S.CHECK_PAUSED], state=S.CHECK_PAUSED)


def resume(turn: Turn) -> Outcome:
    """The check goes on where it was."""
    return _ask_next(turn, check_of(turn.session), tell("check.resume"))


def stop(turn: Turn) -> Outcome:
    """The check is left unfinished: that is said, with the safety net."""
    return respond(turn, advise(turn, "early"), End(), state=S.CHECK_PAUSED)


def drop(turn: Turn) -> Outcome:
    """The check is given up; nothing of it is kept."""
    turn = turn.with_session(check={}, item="", reasked=False)
    return preceded(home(turn), tell("check.dropped"), advise(turn, "early"))


def note_condition(turn: Turn) -> Outcome:
    """A condition named in the middle of a check hides its exercises; the question comes again."""
    named = turn.event.slot_id("condition")
    if named is None:
        return misunderstood(turn)
    noted = (*(item for item in turn.session.conditions if item != named), named)[-MAX_NOTED:]
    return _again(turn.with_session(conditions=noted), tell("condition.noted_in_check"))


# The outcome


def _finish(turn: Turn, check: Check) -> Outcome:
    flags = turn.library.red_flags
    outcome = screening.disposition(flags, check)
    noted = tuple(sorted({*turn.session.conditions, *screening.contraindications(flags, check)}))[-MAX_NOTED:]
    reasons = [[item, str(answer)] for item, answer in screening.explain(check, outcome)][:8]
    turn = turn.with_session(
        check={}, item="", reasked=False, conditions=noted, extra={**turn.session.extra, "reasons": reasons}
    )
    checked: tuple[Change, ...] = (Checked(turn.today, turn.library.version),)
    if outcome.adults_only:
        return _adults_only(turn)
    if outcome.level >= Level.SAME_DAY:
        return _locking(turn, outcome.outcome, (*checked, Locked(True)))
    advice = advise(turn, outcome.outcome)
    if outcome.level is Level.SOON:
        ask = asking.ADVISED["gentle"]
        return respond(turn, advice, ask, state=S.ADVISED, item="gentle", caution=True, changes=checked)
    if turn.session.activity and check.kind != "exercise":
        ask = asking.RESUME
        return respond(turn, advice, ask, state=S.PAUSED, changes=checked)
    return preceded(home(turn, prompt="ask.after_check"), advice, changes=checked)


def _locking(turn: Turn, outcome: str, changes: tuple[Change, ...]) -> Outcome:
    cards: tuple[Act, ...] = (Card(outcome, turn.event.locale),)
    ask = asking.ADVISED["again"]
    return respond(
        turn,
        advise(turn, outcome),
        *cards,
        ask,
        state=S.ADVISED,
        item="again",
        locked=outcome,
        activity=None,
        changes=changes,
    )


def _adults_only(turn: Turn) -> Outcome:
    ask = asking.ADVISED["again"]
    return respond(
        turn, advise(turn, "adults_only"), ask,
        state=S.ADVISED, item="again", locked="adults_only", activity=None, check={}, reasked=False,
    )  # fmt: skip


def under_age(turn: Turn) -> Outcome:
    """Someone under eighteen: the coach is for adults; what to do instead, and no check."""
    age = turn.event.number("age")
    if age is not None and age >= ADULT_AGE:
        if turn.session.state is S.CHECKING:
            return _again(turn)
        return general.out_of_place(turn)
    return _adults_only(turn)


def because(turn: Turn) -> Outcome:
    """Why the check ended as it did, in the listener's own answers."""
    acts: list[Act] = [advise(turn, "because.lead")]
    for item, letter in _reasons(turn):
        found = screening.question(turn.library.red_flags, item)
        if found:
            acts.append(
                advise(turn, "because.yes" if letter == Answer.YES else "because.not_sure", because=found.because)
            )
    several = len(acts) > 2
    if several:
        acts.append(advise(turn, "because.together"))
    known = acts if len(acts) > 1 else [advise(turn, "because.none")]
    return respond(turn, *known, *asking.question(turn))


def _reasons(turn: Turn) -> Iterator[tuple[str, str]]:
    recorded = turn.session.extra.get("reasons")
    for entry in recorded if isinstance(recorded, list) else []:
        match entry:
            case [str(item), str(letter)]:
                yield item, letter


def advised_yes(turn: Turn) -> Outcome:
    """Yes after an outcome, to what was asked last."""
    match turn.session.item:
        case "seen":
            return general.seen(turn)
        case "offer_check":
            return begin(turn, "full", *_intro(turn, "full"))
        case "gentle":
            offered = (e.id for e in finding.possible(turn))
            return finding.offer(turn, offered, "offer.gentle")
    return general.repeat(turn)


def advised_no(turn: Turn) -> Outcome:
    """No after an outcome, to what was asked last."""
    if turn.session.item == "seen":
        return respond(turn, advise(turn, "locked.stays"), End(), activity=None)
    if turn.session.item == "offer_check" and turn.session.activity and not turn.session.locked:
        ask = asking.RESUME
        return respond(turn, ask, state=S.PAUSED, item="")
    if turn.session.item == "offer_check" and not turn.session.locked:
        return home(turn.with_session(item=""))
    return general.stop(turn)


def advised_resume(turn: Turn) -> Outcome:
    """Resume instead of an answer: back to the exercise that waits."""
    if turn.session.activity is None:
        return general.nothing_under_way(turn)
    return coaching.go_on(turn.with_session(item=""))


def info(turn: Turn) -> Outcome:
    """Whether something is a red flag: what to do about it, and the check is offered."""
    slot = turn.event.slots.get("red_flag")
    known = [name for name in (slot.ids if slot else ()) if name in turn.library.red_flags]
    said: Act = Read((turn.library.red_flags[known[0]].info,)) if known else advise(turn, "info.unknown")
    if turn.session.state is S.CHECKING:
        return _again(turn, said)
    if turn.session.state is S.CHECK_PAUSED:
        return respond(turn, said, asking.OWN[S.CHECK_PAUSED])
    activity = at_place(turn) if turn.session.activity else None
    ask = asking.ADVISED["offer_check"]
    return respond(turn, said, ask, state=S.ADVISED, item="offer_check", activity=activity)


# Something hurts


def hurts(turn: Turn) -> Outcome:
    """Stop at once; ask at most two things; go to the emergency questions when it may be serious."""
    symptom = turn.event.slot_id("symptom")
    activity = at_place(turn) if turn.session.activity else None
    asked = turn.session.item if turn.session.state is S.HURTING else ""
    turn = turn.with_session(activity=activity, item="")
    stop_now = (tell("hurts.stop"),) if not asked else ()
    if symptom in SERIOUS:
        return begin(turn, "exercise", *stop_now, tell("hurts.check"))
    if symptom == "dizziness":
        return _hurting(turn, "passed", *stop_now, tell("hurts.dizzy"))
    if symptom or turn.event.slot_id("place") or asked:
        return _hurting(turn, "eased", *stop_now, *_way_out(turn))
    return _hurting(turn, "what", *stop_now, *_way_out(turn))


def _way_out(turn: Turn) -> tuple[Act, ...]:
    """How to come out of the exercise, said once, when it is being stopped."""
    counting = turn.position is not None and turn.session.state is S.COUNTING
    return (Read((turn.exercise.exit,)),) if counting and turn.session.activity else ()


def _hurting(turn: Turn, asked: str, *before: Act) -> Outcome:
    return respond(turn, *before, asking.hurts(asked), state=S.HURTING, item=asked)


def hurting_yes(turn: Turn) -> Outcome:
    """It has eased: the easier way, or another exercise."""
    if turn.session.item == "what":
        return _hurting(turn, "eased")
    turn = turn.with_session(item="")
    if turn.session.activity is None:
        return home(turn, tell("hurts.rest"))
    easier = turn.exercise.easier
    ask = Ask("ask.after_hurt", {}, "reprompt.after_hurt", patient=True)
    said: Act = Read((easier,)) if easier else tell("hurts.leave_out")
    return respond(turn, tell("hurts.rest"), said, ask, state=S.PAUSED)


def hurting_no(turn: Turn) -> Outcome:
    """It has not eased, or that is not sure: the emergency questions."""
    if turn.session.item == "what":
        return hurting_yes(turn.with_session(item="eased"))
    return begin(turn.with_session(item=""), "exercise", tell("hurts.check"))


def hurting_unclear(turn: Turn) -> Outcome:
    """An answer that was not understood: on to the question a yes or no can answer; after that, the safer way."""
    if turn.session.item == "what":
        return _hurting(turn, "eased")
    if turn.session.misses:
        return hurting_no(turn)
    return _hurting(turn.with_session(misses=1), turn.session.item or "eased", tell("check.say_yes_or_no"))


RowMaker = Callable[..., Any]


def HURTING_ROWS(row: RowMaker) -> Mapping[str, Any]:  # noqa: N802 - part of a constant table
    """The rows of HURTING."""
    on = (S.HURTING, S.CHECKING, S.ADVISED)
    return {
        "YesIntent": row(hurting_yes, S.HURTING, S.PAUSED, S.HOME),
        "NoIntent": row(hurting_no, *on, S.PAUSED, S.HOME),
        "NotSureIntent": row(hurting_unsure, *on),
        "FallbackIntent": row(hurting_unclear, *on),
        "ResumeIntent": row(hurting_yes, S.HURTING, S.PAUSED, S.HOME),
        "NextIntent": row(hurting_yes, S.HURTING, S.PAUSED, S.HOME),
        "SkipIntent": row(hurting_yes, S.HURTING, S.PAUSED, S.HOME),
    }


def hurting_unsure(turn: Turn) -> Outcome:
    """Not sure whether it has eased: as if it had not."""
    return _hurting(turn, "eased") if turn.session.item == "what" else hurting_no(turn)


def CHECKING_ROWS(row: RowMaker) -> Mapping[str, Any]:  # noqa: N802 - part of a constant table
    """The rows of CHECKING."""
    asked = (S.CHECKING,)
    on = (S.CHECKING, S.ADVISED, S.PAUSED, S.HOME)
    others = (
        "StartExerciseIntent", "StartRoutineIntent", "FindExercisesIntent", "DescribeIntent", "ReadyIntent",
        "ChangeDoseIntent", "ChangePaceIntent", "CountStyleIntent", "CannotHearIntent", "GuidanceModeIntent",
        "EasierIntent", "HarderIntent", "HurtsIntent", "OtherSideIntent", "AgainIntent", "CannotDoIntent",
        "ProgressIntent", "StartSafetyCheckIntent", "SeenDoctorIntent", "PickIntent",
    )  # fmt: skip
    return {
        **dict.fromkeys(others, row(first_things_first, *asked)),
        "YesIntent": row(yes, *on),
        "NoIntent": row(no, *on),
        "NotSureIntent": row(not_sure, *on),
        "SkipIntent": row(skip, *on),
        "NextIntent": row(misunderstood, *asked),
        "FallbackIntent": row(misunderstood, *asked),
        "RepeatIntent": row(repeat, *asked),
        "ResumeIntent": row(repeat, *asked),
        "WhyIntent": row(why, *asked),
        "ClarifyIntent": row(clarify, *asked),
        "GoBackIntent": row(back, *asked),
        "PreviousIntent": row(back, *asked),
        "StartOverIntent": row(start, *asked),
        "HowLongLeftIntent": row(how_many_left, *asked),
        "PauseIntent": row(pause, S.CHECK_PAUSED),
        "StopIntent": row(stop, S.CHECK_PAUSED),
        "CancelIntent": row(stop, S.CHECK_PAUSED),
        "NavigateHomeIntent": row(stop, S.CHECK_PAUSED),
        "ConditionIntent": row(note_condition, *asked),
        "ExplainTopicIntent": row(general.topic, *asked),
        "RedFlagInfoIntent": row(info, *asked),
    }


def CHECK_PAUSED_ROWS(row: RowMaker) -> Mapping[str, Any]:  # noqa: N802 - part of a constant table
    """The rows of CHECK_PAUSED."""
    on = (S.CHECKING, S.ADVISED, S.PAUSED, S.HOME)
    going = ("YesIntent", "ResumeIntent", "ReadyIntent", "NextIntent", "StartSafetyCheckIntent", "RepeatIntent")
    return {
        **dict.fromkeys(going, row(resume, *on)),
        "NoIntent": row(drop, S.HOME),
        "StartOverIntent": row(start, S.CHECKING),
        "CancelIntent": row(drop, S.HOME),
        "StopIntent": row(stop, S.CHECK_PAUSED),
        "NavigateHomeIntent": row(stop, S.CHECK_PAUSED),
        "StartExerciseIntent": row(pause, S.CHECK_PAUSED),
        "StartRoutineIntent": row(pause, S.CHECK_PAUSED),
        "FindExercisesIntent": row(pause, S.CHECK_PAUSED),
        "DescribeIntent": row(pause, S.CHECK_PAUSED),
        "GuidanceModeIntent": row(pause, S.CHECK_PAUSED),
        "CannotHearIntent": row(pause, S.CHECK_PAUSED),
        "CannotDoIntent": row(pause, S.CHECK_PAUSED),
        "ConditionIntent": row(pause, S.CHECK_PAUSED),
        "RedFlagInfoIntent": row(info, S.CHECK_PAUSED),
    }


def ADVISED_ROWS(row: RowMaker) -> Mapping[str, Any]:  # noqa: N802 - part of a constant table
    """The rows of ADVISED."""
    return {
        "YesIntent": row(advised_yes, S.HOME, S.CHECKING, S.CHOOSING, S.ADVISED),
        "NoIntent": row(advised_no, S.ADVISED, S.PAUSED, S.HOME),
        "ResumeIntent": row(advised_resume, S.ADVISED, S.COUNTING, S.STEPPING),
        "WhyIntent": row(because, S.ADVISED),
        "ClarifyIntent": row(because, S.ADVISED),
        "RepeatIntent": row(general.repeat, S.ADVISED),
        "AgainIntent": row(general.repeat, S.ADVISED),
    }
