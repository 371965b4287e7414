"""No answer to the safety check leaves the process but in the session and, for minutes, in its own stored item.

Checks are run through the whole skill, each question answered yes and not sure. Everything that leaves (log records
with their extras, printed text, cards, what is stored, the messages of faults) is searched for the question's id, its
texts and the answers themselves.
"""

import json
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.device.envelope import Identity
from stretch_coach.acts import Card
from stretch_coach.alexa import response as responses
from stretch_coach.alexa import skill as skills
from stretch_coach.alexa.keeper import Keeper, Kept, attributes_of
from stretch_coach.alexa.skill import build_skill, invoke_json
from stretch_coach.errors import StoreError
from stretch_coach.logs import LOG, JsonLine
from stretch_coach.profile import Profile
from stretch_coach.settings import Settings
from stretch_coach.speech import script
from stretch_coach.stores.contract import Commit, Store, Stored
from stretch_coach.stores.memory import MemoryStore
from stretch_coach.stores.sqlite import SqliteStore
from tests.check_speaker import Speaker
from tests.check_talk import ASKED, BY_ID, LIBRARY, arrived, gates

USER = "amzn1.ask.account.PRIVACY"
RECORD = {"record", "greeted", "lock", "checked", "mentioned", "heard", "recent", "days", "under_way", "prefs", "rungs",
          "counted", "run"}  # fmt: skip
"""Everything a stored record may hold."""
HEARD = "qzxwv my own words"
"""What a slot heard, in words that stand nowhere else."""
IDS = frozenset(BY_ID)
TEXTS = tuple(text for found in ASKED for text in (found.question, found.plainer, found.because))


def marks(text: str) -> set[str]:
    """Every id, text and answer of a question that stands in `text`."""
    words = set(re.findall(r"[a-z]+(?:-[a-z]+)*", text))
    answers = re.findall(r"\b[a-z-]+:[ynus]\b|qzxwv", text)
    return (words & IDS) | {phrase for phrase in TEXTS if phrase in text} | set(answers)


class Caught(logging.Handler):
    """Every record of every logger, with all it carries."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record as text: the message, the extras, the traceback, and the line that would be written."""
        self.lines.append(f"{record.getMessage()} {vars(record)} {JsonLine().format(record)}")


@pytest.fixture(name="logged")
def _logged() -> Iterator[Caught]:
    caught, root = Caught(), logging.getLogger()
    levels = root.level, LOG.level
    for logger in (root, LOG):
        logger.addHandler(caught)
        logger.setLevel(logging.DEBUG)
    yield caught
    for logger, level in zip((root, LOG), levels, strict=True):
        logger.removeHandler(caught)
        logger.setLevel(level)


def speaker(store: Store, user: str = USER, settings: Settings | None = None) -> Speaker:
    """A speaker on a skill of its own."""
    skill = build_skill(LIBRARY, store, lambda: 1_790_000_000, settings or Settings())
    return Speaker(lambda message: invoke_json(skill, message), Identity(user_id=user))


def come_to(home: Speaker, item: str) -> None:
    """Answer until `item` is the open question."""
    home.say("Launch")
    home.say("StartSafetyCheckIntent")
    needed = gates(BY_ID[item])
    while home.item != item:
        assert home.state == "checking", item
        home.say("YesIntent" if home.item in needed else "NoIntent")


def whole_check(home: Speaker, item: str, answer: str) -> list[Any]:
    """A check in which `item` is answered so, to its end and a little beyond; the cards that came."""
    home.in_session, home.attributes = True, attributes_of(arrived(item), Kept(Profile(greeted=True), 0))
    cards = []
    for name in (answer, answer):
        if home.item == item:
            home.say(name)
            cards.append(home.answer["response"].get("card"))
    while home.state == "checking":
        home.say("NoIntent")
        cards.append(home.answer["response"].get("card"))
    for name in ("WhyIntent", "RepeatIntent", "StartExerciseIntent", "StopIntent"):
        home.say(name)
        cards.append(home.answer["response"].get("card"))
    return [card for card in cards if card]


def records(store: MemoryStore) -> list[str]:
    """Everything the store holds, as text."""
    return [f"{key} {item}" for key, item in store._items.items()]


def content_cards() -> list[dict[str, str]]:
    """The cards there are: one for each outcome that locks."""
    made = (script.card_text(LIBRARY, Card(outcome, "en-US")) for outcome in ("emergency", "same_day"))
    return [{"type": "Simple", "title": title, "content": text} for title, text in made]


@pytest.mark.parametrize("answer", ["YesIntent", "NotSureIntent"])
def test_no_answer_leaves_by_logs_cards_print_or_record(
    answer: str, logged: Caught, capfd: pytest.CaptureFixture[str]
) -> None:
    """Every question answered so, one check each: nothing that leaves tells which it was, or what was answered."""
    store, sent = MemoryStore(), list[Any]()
    for found in ASKED:
        user = f"user-{len(sent)}-{ASKED.index(found)}"
        sent += whole_check(speaker(store, user), found.id, answer)
    printed = "".join(capfd.readouterr())
    assert len(logged.lines) > 10 * len(ASKED)
    for text in [*logged.lines, printed, *records(store)]:
        assert not marks(text), text
    assert len(sent) > 20
    assert all(card in content_cards() for card in sent)


def test_the_log_of_a_check_is_the_same_whatever_is_answered(logged: Caught) -> None:
    """Within a check every line has one event and one state, and a size that says nothing."""
    for item, answer in (("sexual-change", "YesIntent"), ("fever", "NotSureIntent"), ("night-pain", "NoIntent")):
        home = speaker(MemoryStore())
        come_to(home, item)
        logged.lines.clear()
        home.say(answer)
        (line,) = {line[line.index('{"timestamp"') :] for line in logged.lines}
        fields = json.loads(line)
        assert (fields["event"], fields["from"], fields["to"]) == ("answer", "check", "check")
        assert fields["response_bytes"] == fields["attribute_bytes"] == 8192


@pytest.mark.parametrize("item", ["saddle-numbness", "fever", "night-pain", "dizziness"])
def test_the_record_holds_no_more_than_that_a_check_was_done(item: str) -> None:
    """After an outcome the stored record knows a day, a content version and a bare lock, and the answers are gone."""
    store = MemoryStore()
    whole_check(speaker(store), item, "YesIntent")
    stored = store.load(USER, 1_790_000_100)
    assert stored.screening is None
    assert stored.profile is not None
    assert set(stored.profile) <= RECORD
    assert stored.profile["checked"][1] == LIBRARY.version
    assert stored.profile.get("lock") in {True, None}
    assert not marks(json.dumps(stored.profile))


def test_what_a_slot_heard_is_kept_nowhere(logged: Caught) -> None:
    """The listener's own words about a sign, a place or a condition are not logged or stored."""
    store = MemoryStore()
    home = speaker(store)
    home.say("Launch")
    for name, slot in (("RedFlagInfoIntent", "red_flag"), ("HurtsIntent", "place"), ("ConditionIntent", "condition"),
                       ("CannotDoIntent", "limitation"), ("ExplainTopicIntent", "topic")):  # fmt: skip
        home.say(name, **{slot: HEARD})
    for text in [*logged.lines, *records(store)]:
        assert "qzxwv" not in text


# ------------------------------------------------------------------------------------------------------ stored answers


def file_bytes(path: Path) -> bytes:
    """The database and everything SQLite keeps beside it."""
    return b"".join(part.read_bytes() for part in path.parent.glob(f"{path.name}*"))


def marks_in(path: Path) -> set[str]:
    """What of any answer stands in the file, free pages and log included."""
    return marks(file_bytes(path).decode("latin-1"))


def test_answers_are_gone_from_the_file_after_the_outcome(tmp_path: Path) -> None:
    """While a check is under way its answers are in the file; after the outcome not a byte of them is left."""
    path = tmp_path / "state.db"
    with SqliteStore(path) as store:
        home = speaker(store)
        come_to(home, "fever")
        home.say("YesIntent")
        assert "saddle-numbness" in marks_in(path)
        while home.state == "checking":
            home.say("NoIntent")
        assert marks_in(path) == set()
    assert marks_in(path) == set()


@pytest.mark.parametrize("way", ["delete", "drop"])
def test_answers_are_gone_from_the_file_when_the_check_is_given_up(way: str, tmp_path: Path) -> None:
    """Deleting everything, and giving the check up, leave no answer in the file."""
    path = tmp_path / "state.db"
    with SqliteStore(path) as store:
        home = speaker(store)
        come_to(home, "both-legs")
        assert marks_in(path)
        for name in ("DeleteMyDataIntent", "YesIntent") if way == "delete" else ("PauseIntent", "NoIntent"):
            home.say(name)
        assert marks_in(path) == set()


def test_expired_answers_are_gone_from_the_file_with_the_next_write(tmp_path: Path) -> None:
    """Answers nobody came back for are unreadable after their minutes, and gone with the next write."""
    path = tmp_path / "state.db"
    with SqliteStore(path) as store:
        home = speaker(store)
        come_to(home, "both-legs")
        home.drop_session()
        home.now_ms += 31 * 60_000
        assert store.load(USER, home.now_ms // 1000).screening is None
        home.say("Launch")
        assert home.state == "home"
        home.say("CountStyleIntent", style="down")
        assert marks_in(path) == set()


def test_answers_carry_a_dropped_session_on_within_the_minutes() -> None:
    """A session that dies in the middle goes on from its question; after the minutes it starts anew."""
    store = MemoryStore()
    home = speaker(store)
    come_to(home, "both-legs")
    home.drop_session()
    home.now_ms += 29 * 60_000
    home.say("Launch")
    assert home.state == "check_paused"
    home.say("YesIntent")
    assert home.item == "both-legs"
    home.drop_session()
    home.now_ms += 31 * 60_000
    home.say("Launch")
    assert home.state == "home"
    home.say("StartSafetyCheckIntent")
    assert home.item == "under-eighteen"


def test_zero_minutes_stores_no_answer_at_all(tmp_path: Path) -> None:
    """With the setting at 0 not one answer reaches the store at any moment, and the check still works."""
    path = tmp_path / "state.db"
    with SqliteStore(path) as store:
        home = speaker(store, settings=Settings(screening_minutes=0))
        home.say("Launch")
        home.say("StartSafetyCheckIntent")
        while home.state == "checking":
            home.say("YesIntent" if home.item == "fever" else "NoIntent")
            assert marks_in(path) == set()
        assert home.attributes["locked"] == "same_day"


# -------------------------------------------------------------------------------------------------------------- faults


class Failing(MemoryStore):
    """A store whose calls fail with the answers in the error's text."""

    def __init__(self, error: type[Exception]) -> None:
        super().__init__()
        self.error: type[Exception] | None = None
        self.kind = error

    def load(self, user_id: str, now: int) -> Stored:
        """Read, or fail."""
        if self.error:
            raise self.error("load saddle-numbness:y")
        return super().load(user_id, now)

    def commit(self, user_id: str, commit: Commit, now: int) -> int:
        """Write, or fail with all that was to be written."""
        if self.error:
            raise self.error(f"could not write {commit}")
        return super().commit(user_id, commit, now)


@pytest.mark.parametrize("error", [StoreError, ValueError, KeyError])
def test_a_failing_store_tells_nothing(
    error: type[Exception], logged: Caught, capfd: pytest.CaptureFixture[str]
) -> None:
    """A store that fails with the answers in its message leaves neither in the log nor in the speech."""
    store = Failing(error)
    home = speaker(store)
    come_to(home, "both-legs")
    store.error = error
    for name in ("YesIntent", "WhyIntent", "Launch"):
        home.say(name)
        assert not re.search(r"[a-z-]+:[ynus]\b", json.dumps(home.answer["response"]))
    for text in [*logged.lines, "".join(capfd.readouterr())]:
        assert not marks(text), text


def stages() -> dict[str, tuple[Any, str]]:
    """What can fail in a turn: where it is looked up, and its name."""
    return {
        "decide": (skills, "take_turn"), "encode": (responses, "encode"),
        "attributes": (skills, "attributes_of"), "open": (Keeper, "open"), "close": (Keeper, "close"),
    }  # fmt: skip


@pytest.mark.parametrize("stage", sorted(stages()))
def test_a_fault_at_any_stage_tells_nothing(
    stage: str, logged: Caught, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever raises with all it was given in its message, the log says where, and the listener a plain sentence."""
    home = speaker(MemoryStore())
    come_to(home, "both-legs")
    kept = dict(home.attributes)

    def broken(*values: object, **named: object) -> None:
        raise RuntimeError(f"saddle-numbness:y {values!r} {named!r}")

    where, name = stages()[stage]
    monkeypatch.setattr(where, name, broken)
    home.say("YesIntent")
    assert "something went wrong" in json.dumps(home.answer["response"])
    assert not marks(json.dumps(home.answer["response"]))
    assert home.attributes == kept
    assert any("RuntimeError" in line for line in logged.lines)
    for text in [*logged.lines, "".join(capfd.readouterr())]:
        assert not marks(text), text


def test_the_search_would_find_what_it_looks_for() -> None:
    """The search finds an id, a text and an answer of every question."""
    told: list[Callable[[Any], str]] = [lambda q: f"x {q.id} y", lambda q: f"told {q.because}.", lambda q: f"{q.id}:y"]
    for found in ASKED:
        assert all(marks(tell(found)) for tell in told)
