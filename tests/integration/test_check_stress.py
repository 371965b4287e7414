"""Thousands of random talks through the safety check, and what must hold in each.

The talks are drawn from a seed, so a failure comes again. A listener's answers are written down beside the skill, as
what was said to the question that was open; the outcome is then held to those, not to what the skill remembers.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from simulator.device.envelope import Identity
from stretch_coach.acts import Advise
from stretch_coach.alexa.skill import build_skill, invoke_json
from stretch_coach.dialogue.table import EVENTS
from stretch_coach.profile import Profile
from stretch_coach.safety.red_flag import Level, Question
from stretch_coach.session import Session
from stretch_coach.settings import Settings
from stretch_coach.stores.contract import Store
from stretch_coach.stores.memory import MemoryStore
from stretch_coach.stores.sqlite import SqliteStore
from tests.check_speaker import INTENTS, Speaker
from tests.check_talk import ASKED, BY_ID, LIBRARY, Talk, arrived, coaches

SEED = 4
CONVERSATIONS = 12_000
WHOLE = 300
"""Checks that are answered from the first question to the outcome."""
SPOKEN = 400
"""Talks through the whole skill, with a store."""
REASSURES = {found.parent: found for found in ASKED if found.reassuring}
OUTCOMES = frozenset(LIBRARY.locale.safety["outcomes"])
RANK = {"": 0, "same_day": 1, "adults_only": 1, "emergency": 2}
NEEDED = {Level.EMERGENCY: 2, Level.SAME_DAY: 1, Level.SOON: 0, Level.SELF_CARE: 0}
SLOTS: Mapping[str, Mapping[str, str]] = {
    "StartExerciseIntent": {"exercise": "low-lunge-hip-flexor-stretch"},
    "StartRoutineIntent": {"routine": "quick-hip-opener"},
    "DescribeIntent": {"exercise": "glute-bridge"},
    "HurtsIntent": {"symptom": "numbness"},
    "ConditionIntent": {"condition": "pregnancy"},
    "RedFlagInfoIntent": {"red_flag": "blood-in-pee"},
    "UnderAgeIntent": {"age": "41"},
}
USUAL = ("NoIntent",) * 6 + (
    "YesIntent",
    "NotSureIntent",
    "NotSureIntent",
    "SkipIntent",
    "FallbackIntent",
    "GoBackIntent",
)
AGE_QUESTIONS = frozenset({"under-eighteen", "under-twenty", "over-fifty", "over-sixty-five", "over-seventy"})
"""Questions that an age of 41 answers with no."""
BACK = frozenset({"GoBackIntent", "PreviousIntent"})
MOVES = BACK | {"StartOverIntent"}


@dataclass
class Notes:
    """What the listener said to which question, as a bystander would write it down."""

    answers: dict[str, str] = field(default_factory=dict)
    """Item to y, n, u or s."""
    unsure: str = ""
    """The question to which one not sure was said."""

    def hear(self, item: str, name: str) -> None:
        """An event while `item` was the open question, or none was."""
        if name in BACK:
            if self.answers:
                self.answers.popitem()
            self.unsure = ""
            return
        found, again = BY_ID[item], self.unsure == item
        if name in {"YesIntent", "NoIntent"}:
            self._answer(item, "y" if name == "YesIntent" else "n")
        elif name == "NotSureIntent":
            decides = found.kind == "stop" or found.reassuring or found.level >= Level.SAME_DAY
            if decides and not again:
                self.unsure = item
            else:
                self._answer(item, "u")
        elif name == "SkipIntent" and found.skippable:
            self._answer(item, "u" if self.answers.get(item) == "s" else "s")

    def _answer(self, item: str, letter: str) -> None:
        self.answers.pop(item, None)
        self.answers[item] = letter
        self.unsure = ""

    @property
    def calls_for(self) -> int:
        """The least an outcome may say: the level of the worst stop item that was said and not lowered."""
        said = (BY_ID[item] for item, letter in self.answers.items() if letter in "yu")
        return max((NEEDED[self._level(found)] for found in said if found.kind == "stop"), default=0)

    def _level(self, found: Question) -> Level:
        reassures = REASSURES.get(found.id)
        if found.reassuring:
            return Level.SELF_CARE
        if reassures and reassures.lowers_to is not None and self.answers.get(reassures.id) == "y":
            return reassures.lowers_to
        return found.level


@dataclass
class Tally:
    """What the talks came to."""

    conversations: int = 0
    turns: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    met: set[tuple[str, str]] = field(default_factory=set)
    """Question and event."""
    happened: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)


def take(talk: Talk, notes: Notes, name: str, tally: Tally, trail: list[str]) -> None:
    """One event, with everything that must hold after it."""
    state, item = talk.state, talk.item
    waiting = bool(talk.session.check) and state != "deleting"
    was_locked = bool(talk.session.locked) or talk.profile.lock
    trail.append(f"{item}<{name}" if state == "checking" else f"{state}<{name}")
    if state == "checking":
        tally.met.add((item, name))
    reply = talk.say(name, **SLOTS.get(name, {}))
    tally.turns += 1
    if state == "checking":
        hear(notes, talk, item, name)
    elif name in MOVES and waiting:
        hear(notes, talk, "", name)
    elif state == "deleting" and talk.state == "home":
        notes.answers = {}  # the listener had them deleted
    problem = wrong(talk, notes, was_locked)
    if problem:
        tally.problems.append(f"{problem}: {' '.join(trail)} → {talk.state} {talk.session.locked}")
    for act in reply.acts:
        if isinstance(act, Advise) and act.key in OUTCOMES:
            tally.outcomes[act.key] += 1
    if talk.state not in {"checking", "check_paused", "deleting"}:
        notes.answers, notes.unsure = {}, ""


def hear(notes: Notes, talk: Talk, item: str, name: str) -> None:
    """Write down what an event at a question came to; ages at questions about age are answers, too."""
    if name == "StartOverIntent":
        notes.answers = {}
    elif name != "UnderAgeIntent":
        notes.hear(item, name)
    elif item in AGE_QUESTIONS:
        notes.hear(item, "NoIntent")
    if talk.state != "checking" or talk.item != item:
        notes.unsure = ""


def wrong(talk: Talk, notes: Notes, was_locked: bool) -> str:
    """What does not hold after a turn; empty when all does."""
    assert talk.reply is not None
    acts, words = talk.reply.acts, talk.words
    keys = {act.key for act in acts if isinstance(act, Advise)}
    if was_locked and coaches(acts):
        return "an exercise while locked"
    if was_locked and not (
        talk.session.locked or talk.profile.lock or talk.reply.event in {"SeenDoctorIntent", "YesIntent"}
    ):
        return "the lock opened by itself"
    if talk.state in {"checking", "check_paused"} and {i: str(a) for i, a in talk.check.answers} != notes.answers:
        remembered = {item: str(answer) for item, answer in talk.check.answers}
        return f"answers lost or changed, {sorted(remembered.items() ^ notes.answers.items())}"
    if talk.state not in {"checking", "check_paused", "deleting"} and RANK[talk.session.locked] < notes.calls_for:
        return "it ended below the level of an answer"
    if keys & (OUTCOMES | {"early"}) and not ("chest pain" in words and "between" in words):
        return "an outcome without the safety net"
    if keys & OUTCOMES and "I can't call for you." not in words:
        return "an outcome that does not say that nobody was called"
    if "emergency" in keys and not words.startswith("Call nine one one"):
        return "an emergency that does not come first"
    return ""


def converse(number: int, random: Random, tally: Tally) -> None:
    """One talk from the middle of a check: every event at every question in turn, then what chance brings."""
    found = ASKED[number % len(ASKED)]
    kind = "short" if found.short_check and number % 2 else "full"
    session = arrived(found.id, kind)
    talk = Talk(LIBRARY, session, Profile(greeted=True))
    notes = Notes({item: str(answer) for item, answer in talk.check.answers})
    trail: list[str] = []
    names = [
        EVENTS[number // len(ASKED) % len(EVENTS)],
        *random.choices((*USUAL, *USUAL, *EVENTS), k=random.randint(1, 6)),
    ]
    for at, name in enumerate(names):
        if at and random.random() < 0.05:
            lose_session(talk, notes, random, tally)
            trail.append("/")
        take(talk, notes, name, tally, trail)
        if talk.reply and talk.reply.plan.ends:
            lose_session(talk, notes, random, tally)
            trail.append(".")
    tally.conversations += 1


def lose_session(talk: Talk, notes: Notes, random: Random, tally: Tally) -> None:
    """A new session within the minutes, with the stored answers, or after them, without."""
    kept = bool(talk.session.check) and random.random() < 0.8
    tally.happened["resumed" if kept else "lost"] += 1
    notes.unsure = ""
    if not kept:
        notes.answers = {}
    talk.session = Session(check=talk.session.check if kept else {})


@pytest.fixture(name="tally", scope="module")
def _tally() -> Tally:
    tally, random = Tally(), Random(SEED)
    for number in range(CONVERSATIONS):
        converse(number, random, tally)
    return tally


def test_every_conversation_keeps_its_promises(tally: Tally) -> None:
    """No lock broken, no answer lost, no outcome below an answer, none without its net, in any of the talks."""
    assert not tally.problems, "\n".join(tally.problems[:20])


def test_the_conversations_are_many_and_meet_everything(tally: Tally) -> None:
    """At least ten thousand talks, with every event at every question, lost and resumed sessions and every outcome."""
    assert tally.conversations >= 10_000
    assert tally.met >= {(found.id, name) for found in ASKED for name in EVENTS}
    assert tally.happened["resumed"] > 500
    assert tally.happened["lost"] > 500
    assert min(tally.outcomes[outcome] for outcome in OUTCOMES - {"soon"}) > 50


def test_every_check_comes_to_an_end() -> None:
    """Answered in any way, a check asks each question at most twice, and ends in an outcome that fits the answers."""
    random, tally = Random(SEED), Tally()
    for _ in range(WHOLE):
        talk, notes, trail = Talk(LIBRARY), Notes(), list[str]()
        talk.say("StartSafetyCheckIntent", kind=random.choice(("full", "short")))
        weights = random.choice(((30, 1, 1, 1), (8, 1, 2, 2), (40, 0, 0, 1)))
        put = 0
        while talk.state == "checking" and put <= 2 * len(ASKED):
            put += 1
            name = random.choices(("NoIntent", "YesIntent", "NotSureIntent", "SkipIntent"), weights)[0]
            take(talk, notes, name if name != "SkipIntent" or BY_ID[talk.item].skippable else "NoIntent", tally, trail)
        assert talk.state != "checking", trail
        tally.conversations += 1
    assert not tally.problems, "\n".join(tally.problems[:20])
    assert tally.conversations == WHOLE
    assert set(tally.outcomes) >= {"emergency", "same_day", "self_care"}


# ------------------------------------------------------------------------------------------- with a store, two devices


@dataclass
class Household:
    """Two speakers on one account, and the store behind them."""

    store: Store
    speakers: tuple[Speaker, Speaker]
    now_ms: int = 1_790_000_000_000

    @property
    def is_locked(self) -> bool:
        """The stored record says so."""
        record = self.store.load(self.speakers[0].who.user_id, self.now_ms // 1000).profile or {}
        return record.get("lock") is True


def household(store: Store, name: str) -> Household:
    """A household of its own on the store."""
    skill = build_skill(LIBRARY, store, lambda: 1_790_000_000, Settings())
    first, second = (
        Speaker(lambda message: invoke_json(skill, message), Identity(user_id=name, device_id=f"{name}-{device}"))
        for device in "ab"
    )
    return Household(store, (first, second))


def live(home: Household, random: Random, tally: Tally) -> None:
    """A dozen events on either speaker, with sessions that die."""
    trail: list[str] = []
    for _ in range(random.randint(8, 16)):
        speaker = home.speakers[random.random() < 0.4]
        home.now_ms = speaker.now_ms = home.now_ms + 9_000
        if random.random() < 0.1:
            speaker.drop_session()
            tally.happened["dropped"] += 1
        was_locked, attributes = home.is_locked, dict(speaker.attributes)
        if not speaker.in_session:
            name = random.choice(("Launch", "Launch", "StartSafetyCheckIntent", "StartExerciseIntent"))
        else:
            name = random.choice((*USUAL, *USUAL, "StartExerciseIntent", *INTENTS))
        trail.append(f"{speaker.who.device_id[-1]}:{attributes.get('item') or attributes.get('state', '')}<{name}")
        speaker.say(name, **SLOTS.get(name, {}))
        tally.turns += 1
        unlocks = name == "SeenDoctorIntent" or (name == "YesIntent" and attributes.get("item") == "seen")
        text = str(speaker.answer["response"].get("outputSpeech"))
        if was_locked and speaker.state in {"counting", "stepping"}:
            tally.problems.append(f"an exercise while locked: {' '.join(trail)}")
        if was_locked and not home.is_locked and not unlocks and "DeleteMyData" not in "".join(trail[-4:]):
            tally.problems.append(f"the lock was lost: {' '.join(trail)}")
        if "something went wrong" in text:
            tally.problems.append(f"a fault: {' '.join(trail)}")
        if home.is_locked:
            tally.happened["locked"] += 1
    tally.conversations += 1


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_two_speakers_never_break_the_lock(kind: str, tmp_path: Path) -> None:
    """Two speakers of one household on one store: what one locks, the other cannot start, whoever's session dies."""
    random, tally = Random(SEED), Tally()
    store = MemoryStore() if kind == "memory" else SqliteStore(tmp_path / "state.db")
    for number in range(SPOKEN):
        live(household(store, f"household-{number}"), random, tally)
    assert not tally.problems, "\n".join(tally.problems[:20])
    assert tally.conversations == SPOKEN
    assert tally.happened["dropped"] > 50
    assert tally.happened["locked"] > 50
