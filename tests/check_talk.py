"""A talk with the dialogue, event by event, for tests of the safety check."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from content_reader.documents import load_library
from stretch_coach import profile as profiles
from stretch_coach import session as sessions
from stretch_coach.acts import Act, Advise, Explain, Instruct, Lead, Teach
from stretch_coach.events import Device, Event, Kind, Slot
from stretch_coach.library import Library
from stretch_coach.profile import Profile
from stretch_coach.safety.check import Check
from stretch_coach.safety.red_flag import Question, questions
from stretch_coach.session import Session
from stretch_coach.turn import Reply, take_turn

LIBRARY = load_library()
ASKED = questions(LIBRARY.red_flags)
BY_ID = {found.id: found for found in ASKED}
WANTED_AFTER = {
    "over-six-weeks": ("severe",), "recent-infection": ("getting-worse",), "diabetes": ("getting-worse",),
    "over-three-months": ("stiffness-eases",), "began-before-forty-five": ("stiffness-eases", "over-three-months"),
}  # fmt: skip
"""Questions that come only while they can still change the outcome, and what has to be said for that."""

COACHING = (Lead, Instruct, Teach, Explain)
"""What an exercise is made of; never while exercises are locked."""
START = 1_790_000_000_000
KINDS = {str(kind): kind for kind in Kind if kind is not Kind.INTENT}


def event(name: str, locale: str = "en-US", device: str = "aaaaaaaa", **slots: str) -> Event:
    """An event; a slot is an id, or a number or duration as the platform writes it."""
    filled = {
        key: Slot(value, () if value.isdigit() or value.startswith("PT") else (value,)) for key, value in slots.items()
    }
    return Event(KINDS.get(name, Kind.INTENT), name, filled, Device(device), locale)


@dataclass
class Talk:
    """One listener and one device. State is encoded and decoded between turns, as it is on the platform."""

    library: Library
    session: Session = field(default_factory=Session)
    profile: Profile = field(default_factory=Profile)
    locale: str = "en-US"
    now: int = START
    asked: list[str] = field(default_factory=list)
    """Every question put, in order, re-asks included."""
    reply: Reply | None = None

    def say(self, name: str, **slots: str) -> Reply:
        """One event and what it is answered."""
        self.now += 7_000
        spoken = event(name, self.locale, **slots)
        reply = take_turn(self.library, self.session, self.profile, spoken, self.now)
        self.session = sessions.decode(json.loads(json.dumps(sessions.encode(reply.session))))
        self.profile = profiles.decode(json.loads(json.dumps(profiles.encode(reply.profile))))
        self.reply = reply
        if self.state == "checking":
            self.asked.append(self.item)
        return reply

    def until(self, item: str, answer: Callable[[str], str] = lambda _: "NoIntent") -> "Talk":
        """Answer until `item` is asked; raises AssertionError when it never is."""
        for _ in range(200):
            if self.state == "checking" and self.item == item:
                return self
            assert self.state == "checking", f"{item} was never asked"
            self.say(answer(self.item))
        raise AssertionError(f"{item} was never asked")

    def to_the_end(self, answer: Callable[[str], str] = lambda _: "NoIntent") -> "Talk":
        """Answer every question that comes."""
        for _ in range(200):
            if self.state != "checking":
                return self
            self.say(answer(self.item))
        raise AssertionError("the check has no end")

    def new_session(self) -> "Talk":
        """The session is over; what is stored remains, the answers of a check too."""
        self.session = Session(check=self.session.check)
        return self

    @property
    def state(self) -> str:
        """Where the talk is."""
        return str(self.session.state)

    @property
    def item(self) -> str:
        """The question that is open."""
        return self.session.item

    @property
    def check(self) -> Check:
        """The answers so far."""
        return Check.from_attributes(self.session.check)

    @property
    def words(self) -> str:
        """What was said last."""
        assert self.reply is not None
        return " ".join(cue.text for cue in self.reply.plan.cues if cue.text)

    @property
    def reprompt(self) -> str:
        """What is said when nobody answers."""
        assert self.reply is not None
        return " ".join(cue.text for cue in self.reply.plan.reprompt if cue.text)

    @property
    def advice(self) -> list[str]:
        """The keys of the safety texts said last."""
        assert self.reply is not None
        return [act.key for act in self.reply.acts if isinstance(act, Advise)]


def coaches(acts: tuple[Act, ...]) -> bool:
    """Whether an exercise is led, taught or explained."""
    return any(isinstance(act, COACHING) for act in acts)


def gates(found: Question) -> set[str]:
    """The questions that have to be said for this one to come, one way of several."""
    needed = ((found.parent,) if found.parent else found.asked_if_said[:1]) + WANTED_AFTER.get(found.id, ())
    return {gate for name in needed for gate in {name, *gates(BY_ID[name])}}


@cache
def arrived(item: str, kind: str = "full") -> Session:
    """The session in which a check of this kind has come to `item`, with as little said as possible."""
    needed = gates(BY_ID[item])
    talk = Talk(LIBRARY)
    talk.say("StartSafetyCheckIntent", kind=kind)
    return talk.until(item, lambda asked: "YesIntent" if asked in needed else "NoIntent").session
