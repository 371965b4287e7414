"""The question that is open: a yes or no must always answer what was asked last.

What was said last is dispensable in the session attributes, so every state also has a question of its own.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, Unpack

from stretch_coach.acts import INITIATIVE, Act, Ask, AskText, decode
from stretch_coach.dialogue.turn_state import (
    Outcome,
    Turn,
    at_place,
    interrupted,
    listed,
    name_of,
    place_values,
    respond,
    tell,
)
from stretch_coach.profile import Change
from stretch_coach.safety import screening
from stretch_coach.safety.check import Check
from stretch_coach.safety.red_flag import Question
from stretch_coach.session import Session, SessionValues, State

S = State
RESUME = Ask("ask.resume", {}, "reprompt.resume", patient=True)
READY = Ask("ask.ready_to_count", {}, "reprompt.ready", patient=True)
HOME = Ask("ask.home", {}, "reprompt.home")
OWN: Mapping[State, Ask] = {
    S.STEPPING: Ask("ask.step", {}, "reprompt.step", patient=True),
    S.COUNTING: Ask("ask.done", {}, "reprompt.done", patient=True),
    S.BETWEEN: RESUME,
    S.PAUSED: RESUME,
    S.DONE: Ask("ask.done", {}, "reprompt.done", patient=True),
    S.DELETING: Ask("delete.confirm", {}, "reprompt.yes_or_no"),
    S.CHECK_PAUSED: Ask("ask.check_resume", {}, "reprompt.check_resume", patient=True),
}
Offered = Literal["seen", "offer_check", "gentle", "again"]
ADVISED: Mapping[Offered, Ask] = {
    "seen": Ask("locked.ask_seen", {}, "reprompt.yes_or_no"),
    "offer_check": Ask("ask.check_offer", {}, "reprompt.yes_or_no"),
    "gentle": Ask("ask.gentle", {}, "reprompt.yes_or_no"),
    "again": Ask("ask.say_again", {}, "reprompt.say_again"),
}
"""What is asked after a check, by the session's item: what a yes or no answers in ADVISED."""
Pain = Literal["what", "eased", "passed"]
HURTS: Mapping[Pain, Ask] = {
    "what": Ask("ask.hurts_what", {}, "reprompt.hurts_what"),
    "eased": Ask("ask.hurts_eased", {}, "reprompt.yes_or_no"),
    "passed": Ask("ask.hurts_passed", {}, "reprompt.yes_or_no"),
}
"""What is asked in HURTING, by the session's item: what hurts; whether it has eased; whether dizziness has passed."""
WAITS = frozenset({S.STEPPING, S.COUNTING, S.BETWEEN, S.PAUSED, S.DONE})
"""States of an exercise under way, in which its controls hold whatever is asked in between."""


def offered(session: Session) -> Offered:
    """What was asked last in ADVISED; to say it again for what a session of another release asked."""
    return next((item for item in ADVISED if item == session.item), "again")


def pain(session: Session) -> Pain:
    """What was asked last in HURTING; whether it has eased for what a session of another release asked."""
    return next((asked for asked in HURTS if asked == (session.item or "what")), "eased")


def hurts(asked: Pain) -> Ask:
    """The question put in HURTING."""
    return HURTS[asked]


def item(turn: Turn) -> Question:
    """The question of the check that is open; where the session has lost it, the one the check wants now."""
    flags, session = turn.library.red_flags, turn.session
    wanted = screening.next_item(flags, Check.from_attributes(session.check)) or next(iter(flags))
    found = screening.question(flags, session.item) or screening.question(flags, wanted)
    assert found is not None
    return found


PLAINER: Mapping[str, str] = {
    "ask.home_first": "ask.home",
    "ask.done": "ask.done_plain",
    "ask.done_routine": "ask.done_routine_plain",
    **dict.fromkeys(("offer.which", "offer.nearest", "offer.instead", "offer.next", "offer.others"), "offer.found"),
    **dict.fromkeys(("offer.instead_one", "offer.next_one", "offer.others_one"), "offer.one"),
}
"""How a question is put when it comes back after something else: without praise, without "instead"."""


def question(turn: Turn) -> tuple[Act, ...]:
    """The question that is open, to be asked again."""
    asked = [act for act in decode(turn.session.said) if isinstance(act, INITIATIVE)]
    last = asked[-1] if asked else own(turn)
    return (replace(last, prompt=PLAINER.get(last.prompt, last.prompt)) if isinstance(last, Ask) else last,)


def own(turn: Turn) -> Ask | AskText:
    """The question that belongs to the state."""
    session = turn.session
    match session.state:
        case S.CHECKING:
            found = item(turn)
            return AskText(found.question, found.plainer)
        case S.HURTING:
            return hurts(pain(session))
        case S.ADVISED:
            return ADVISED[offered(session)]
        case S.CHOOSING if session.offers:
            names = listed(turn, tuple(name_of(turn, offer) for offer in session.offers))
            return Ask("offer.found", {"names": names}, "reprompt.offer")
        case S.STEPPING if turn.activity.step >= len(turn.exercise.steps):
            return READY
        case S.DONE if turn.activity.routine:
            return Ask("ask.done_routine", {"exercise": turn.exercise.name}, "reprompt.next_exercise", patient=True)
        case S.RETURNING:
            return Ask("ask.carry_on", place_values(turn, turn.activity), "reprompt.carry_on")
    return OWN.get(session.state, HOME)


def unclear(turn: Turn, ask: Ask, *before: Act) -> Outcome:
    """A wish that needs one more word, which `ask` asks for; an exercise under way waits, and no other question is
    left behind for a yes to fall on.
    """
    state = turn.session.state
    if state in {S.HOME, S.CHOOSING}:
        return respond(turn, *before, ask, state=S.HOME, offers=())
    if state in WAITS:
        return respond(turn, *before, ask, state=S.PAUSED if interrupted(turn) else state, activity=at_place(turn))
    return respond(turn, *(before or (tell("fallback.first"),)), *question(turn))


def advised(
    turn: Turn, item: Offered, /, *before: Act, changes: tuple[Change, ...] = (), **values: Unpack[SessionValues]
) -> Outcome:
    """Say `before` and ask one of the questions of ADVISED."""
    return respond(turn.with_session(state=S.ADVISED, item=item), *before, ADVISED[item], changes=changes, **values)
