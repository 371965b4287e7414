"""When something breaks: the answer the listener still gets, and what never leaves the skill."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from simulator.device import limits
from stretch_coach.alexa import response as responses
from stretch_coach.alexa import skill as skill_module
from stretch_coach.alexa.skill import Skill, build_skill, invoke_json
from stretch_coach.errors import StoreError
from stretch_coach.library import Library
from stretch_coach.settings import Settings
from stretch_coach.stores.contract import Commit, Stored
from stretch_coach.stores.memory import MemoryStore

NOW = 1_790_000_000
USER = "amzn1.ask.account.SOMEBODY"
DEVICE = "amzn1.ask.device.SOMEWHERE"
MARK = "marked-answer-groin-numb-yes"
"""Stands for a health answer, wherever it may turn up."""
STANDARD = frozenset(vars(logging.makeLogRecord({})))


@dataclass
class Failing:
    """A store that can be taken down, and counts its calls."""

    inner: MemoryStore = field(default_factory=MemoryStore)
    down: bool = False
    calls: list[str] = field(default_factory=list)

    def _note(self, call: str) -> None:
        self.calls.append(call)
        if self.down:
            raise StoreError("the store is down")

    def load(self, user_id: str, now: int) -> Stored:
        self._note("load")
        return self.inner.load(user_id, now)

    def commit(self, user_id: str, commit: Commit, now: int) -> int:
        if commit != Commit(expected_version=commit.expected_version):
            self._note("commit")
        return self.inner.commit(user_id, commit, now)

    def erase(self, user_id: str, before: int) -> None:
        self._note("erase")
        self.inner.erase(user_id, before)


@dataclass
class Door:
    """One device talking to the skill in the platform's own JSON."""

    skill: Skill
    attributes: Mapping[str, Any] = field(default_factory=dict)
    new: bool = True
    seconds: int = NOW
    answers: list[dict[str, Any]] = field(default_factory=list)

    def message(self, kind: str, **parts: Any) -> dict[str, Any]:
        """A whole request of this type."""
        user, device = {"userId": USER}, {"deviceId": DEVICE, "supportedInterfaces": {}}
        return {
            "version": "1.0",
            "session": {"new": self.new, "sessionId": "s", "attributes": dict(self.attributes), "user": user},
            "context": {"System": {"user": user, "device": device}},
            "request": {
                "type": kind, "requestId": f"request-{len(self.answers)}", "timestamp": self.seconds * 1000,
                "locale": "en-US", **parts,
            },
        }  # fmt: skip

    def send(self, kind: str, **parts: Any) -> dict[str, Any]:
        """The answer to a request of this type, its attributes kept for the next."""
        answer = invoke_json(self.skill, self.message(kind, **parts))
        self.answers.append(answer)
        self.attributes, self.new = answer.get("sessionAttributes") or {}, False
        self.seconds += 5
        return answer

    def say(self, name: str, **slots: str) -> dict[str, Any]:
        """The answer to an intent; a slot's value is the id it resolves to."""
        return self.send("IntentRequest", intent={"name": name, "slots": {
            slot: {"name": slot, "value": value, "resolutions": {"resolutionsPerAuthority": [
                {"authority": "a", "status": {"code": "ER_SUCCESS_MATCH"}, "values": [{"value": {"id": value}}]}]}}
            for slot, value in slots.items()
        }})  # fmt: skip

    def launch(self) -> dict[str, Any]:
        """The answer to opening the skill in a new session."""
        self.new, self.attributes = True, {}
        return self.send("LaunchRequest")


def heard(answer: Mapping[str, Any]) -> str:
    """Everything an answer says, as one text."""
    return json.dumps(answer["response"])


@pytest.fixture(name="store")
def _store() -> Failing:
    return Failing()


@pytest.fixture(name="door")
def _door(library: Library, store: Failing) -> Door:
    return Door(build_skill(library, store, clock=lambda: NOW))


@pytest.fixture(autouse=True)
def _logged(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger("stretch_coach"), "propagate", True)
    caplog.set_level(logging.DEBUG)


def logged(caplog: pytest.LogCaptureFixture) -> str:
    """Everything in the log: messages, arguments, every extra field and what a formatter makes of it."""
    formatter = logging.Formatter()
    records = [
        (record.getMessage(), {key: value for key, value in vars(record).items() if key not in STANDARD})
        for record in caplog.records
    ]
    return repr(records) + "".join(formatter.format(record) for record in caplog.records)


def errors(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """The records of faults."""
    return [record for record in caplog.records if record.levelno >= logging.ERROR]


def broken(*_: Any, **__: Any) -> Any:
    """Something of ours that raises with an answer in its words."""
    raise ValueError(MARK)


SORRY = "something went wrong"
PLACES = ["take_turn", "attributes_of"]


# A fault of ours


@pytest.mark.parametrize("place", PLACES)
def test_a_fault_is_one_sentence_and_the_session_as_it_was(
    door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, place: str
) -> None:
    """Whatever raises, the listener hears one safe sentence, can go on, and the log has one line without an answer."""
    door.launch()
    door.say("StartSafetyCheckIntent")
    before = dict(door.attributes)
    caplog.clear()
    monkeypatch.setattr(skill_module, place, broken)
    answer = door.say("AMAZON.YesIntent")
    assert SORRY in heard(answer)
    assert answer["sessionAttributes"] == before
    assert answer["response"]["shouldEndSession"] is False
    assert limits.problems(answer, request_type="IntentRequest", has_screen=False) == []
    (record,) = errors(caplog)
    assert vars(record)["request_id"] == "request-2"
    assert vars(record)["error"] == "ValueError"
    assert MARK not in logged(caplog)
    assert MARK not in json.dumps(answer)
    monkeypatch.undo()
    assert SORRY not in heard(door.say("AMAZON.YesIntent"))


def test_a_fault_after_the_write_does_not_lose_it(door: Door, store: Failing, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer could not be made although the record was written: the next turn merges and goes on."""
    door.launch()
    monkeypatch.setattr(responses, "encode", broken)
    assert SORRY in heard(door.say("GuidanceModeIntent", mode="step"))
    monkeypatch.undo()
    door.say("CountStyleIntent", style="silent")
    record = store.inner.load(USER, NOW + 100).profile
    assert record is not None
    assert record["prefs"] == {"mode": "step", "style": "silent"}


@pytest.mark.parametrize("attributes", [{"state": "paused", "from": "the future", "deep": {"er": [1, None]}}, {"x": 1}])
def test_attributes_that_are_not_ours_come_back_too(
    door: Door, monkeypatch: pytest.MonkeyPatch, attributes: Mapping[str, Any]
) -> None:
    """After a fault even attributes we do not know are returned untouched."""
    monkeypatch.setattr(skill_module, "take_turn", broken)
    door.attributes, door.new = attributes, False
    assert door.say("AMAZON.HelpIntent")["sessionAttributes"] == attributes


def test_a_fault_in_the_store_itself_is_a_fault(
    door: Door, store: Failing, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A store that raises what the contract does not know is answered for like any fault of ours."""
    monkeypatch.setattr(store.inner, "load", broken)
    assert SORRY in heard(door.launch())
    assert len(errors(caplog)) == 1
    assert MARK not in logged(caplog)


@pytest.mark.parametrize("kind", ["SessionEndedRequest", "Alexa.Presentation.APL.UserEvent"])
def test_a_fault_where_speech_is_not_allowed_is_silent(
    door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    """A fault in a request that may not be answered with speech gives an empty answer, and is logged."""
    door.launch()
    monkeypatch.setattr(skill_module, "take_turn", broken)
    assert door.send(kind)["response"] == {}
    assert len(errors(caplog)) == 1


def test_a_fault_without_a_session_ends_nothing(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked in one breath outside a session, the sentence is said and no session is opened."""
    monkeypatch.setattr(skill_module, "take_turn", broken)
    message = door.message("LaunchRequest")
    del message["session"]
    answer = invoke_json(door.skill, message)
    assert SORRY in heard(answer)
    assert answer["response"]["shouldEndSession"] is True
    assert "sessionAttributes" not in answer


@pytest.mark.parametrize("kind", ["Alexa.Presentation.APLA.RuntimeError", "Alexa.Presentation.APL.UserEvent",
                                  "Alexa.Presentation.APL.RuntimeError"])  # fmt: skip
def test_an_answer_without_words_keeps_the_session(door: Door, kind: str) -> None:
    """A request in the middle of a session that is answered with nothing does not make the skill forget it."""
    door.launch()
    door.say("StartExerciseIntent", exercise="camel-pose")
    door.say("AMAZON.PauseIntent")
    before = dict(door.attributes)
    assert "outputSpeech" not in door.send(kind)["response"]
    assert door.attributes["state"] == before["state"]
    assert door.attributes["exercise"] == "camel-pose"


# A store that is down


def test_a_failing_store_is_answered_for_once_and_caught_up(door: Door, store: Failing) -> None:
    """Without a store the turn is answered, says once that nothing is saved, and saves it all when it can."""
    store.down = True
    first = door.launch()
    assert "can't save" in heard(first)
    assert "Hi," in heard(first)
    second = door.say("GuidanceModeIntent", mode="step")
    assert "can't save" not in heard(second)
    assert "wait for you" in heard(second)
    assert door.attributes["unsaved"]
    store.down = False
    third = door.say("CountStyleIntent", style="silent")
    assert "can't save" not in heard(third)
    assert "unsaved" not in door.attributes
    record = store.inner.load(USER, NOW + 100).profile
    assert record is not None
    assert record["greeted"] is True
    assert record["prefs"] == {"mode": "step", "style": "silent"}


def test_each_new_outage_is_said_once(door: Door, store: Failing) -> None:
    """After the store was back, another outage is another piece of news."""
    door.launch()
    for number in range(2):
        store.down = True
        assert "can't save" in heard(door.say("GuidanceModeIntent", mode=("step", "flow")[number]))
        assert "can't save" not in heard(door.say("CountStyleIntent", style=("silent", "sparse")[number]))
        store.down = False
        door.say("GuidanceModeIntent", mode=("step", "flow")[number])


def test_one_read_a_session_and_one_write_a_changing_turn(door: Door, store: Failing) -> None:
    """Through the whole skill: one load a session, one commit on a turn that changes the record, else none."""
    door.launch()
    assert store.calls == ["load", "commit"]
    door.say("AMAZON.HelpIntent")
    door.say("ExplainTopicIntent", topic="what-is-sciatica")
    assert store.calls == ["load", "commit"]
    door.say("GuidanceModeIntent", mode="step")
    assert store.calls == ["load", "commit", "commit"]
    door.launch()
    assert store.calls == ["load", "commit", "commit", "load"]


# Privacy


def walk_a_check(door: Door, answer: str) -> set[str]:
    """A whole check answered like this; returns the ids of every item that was asked."""
    door.launch()
    door.say("StartSafetyCheckIntent")
    asked: set[str] = set()
    for turn in range(300):
        if door.attributes.get("state") != "checking":
            return asked
        asked.add(door.attributes["item"])
        if turn % 7 == 3:
            door.say("WhyIntent")
        door.say(answer)
    raise AssertionError("the check does not end")


@pytest.mark.parametrize("answer", ["AMAZON.NoIntent", "NotSureIntent", "AMAZON.YesIntent"])
@pytest.mark.parametrize("minutes", [0, 30])
def test_no_answer_leaves_the_check(
    library: Library, store: Failing, caplog: pytest.LogCaptureFixture, answer: str, minutes: int
) -> None:
    """No item's id and no answer is in the log, on a card or in the lasting record, however the check goes."""
    door = Door(build_skill(library, store, lambda: NOW, Settings(screening_minutes=minutes)))
    asked = walk_a_check(door, answer)
    assert asked
    door.say("WhyIntent")
    door.say("AMAZON.StopIntent")
    lines, record = logged(caplog), json.dumps(store.inner.load(USER, NOW + 3000).profile)
    cards = json.dumps([answered["response"].get("card") for answered in door.answers])
    for item in set(library.red_flags) | asked:
        assert f"'{item}'" not in lines
        assert item not in record
        assert item not in cards
    for word in ("YesIntent", "NoIntent", "NotSure", "numb"):
        assert word not in lines
    assert USER not in lines
    assert store.inner.load(USER, NOW + 3000).screening is None


@pytest.mark.parametrize("answer", ["AMAZON.NoIntent", "NotSureIntent"])
def test_answers_look_the_same_in_the_log(library: Library, caplog: pytest.LogCaptureFixture, answer: str) -> None:
    """Each line of a check tells no more than that there was an answer, whatever it was."""
    door = Door(build_skill(library, MemoryStore(), lambda: NOW))
    door.launch()
    door.say("StartSafetyCheckIntent")
    caplog.clear()
    for _ in range(5):
        door.say(answer)
    lines = [vars(record) for record in caplog.records if record.getMessage() == "turn"]
    assert len(lines) == 5
    assert {(line["event"], line["from"], line["to"]) for line in lines} == {("answer", "check", "check")}
    assert len({(line["response_bytes"], line["attribute_bytes"]) for line in lines}) == 1


def test_with_no_minutes_no_answer_reaches_the_store(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told to store no answers, the skill hands none to the store at any moment of a check."""
    written: list[Commit] = []
    store = MemoryStore()
    commit = store.commit

    def noting(user_id: str, wanted: Commit, now: int) -> int:
        written.append(wanted)
        return commit(user_id, wanted, now)

    monkeypatch.setattr(store, "commit", noting)
    walk_a_check(Door(build_skill(library, store, lambda: NOW, Settings(screening_minutes=0))), "AMAZON.NoIntent")
    assert written
    assert all(wanted.screening is None for wanted in written)


def test_a_fault_in_a_check_tells_nothing(
    door: Door, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An error raised from an error, with an answer in both and in its notes, logs its name and its place only."""
    door.launch()
    door.say("StartSafetyCheckIntent")
    item = door.attributes["item"]

    def nested(*_: Any, **__: Any) -> Any:
        try:
            broken()
        except ValueError as error:
            wrapped = KeyError(f"{MARK} {item}")
            wrapped.add_note(MARK)
            raise wrapped from error

    monkeypatch.setattr(skill_module, "take_turn", nested)
    caplog.clear()
    door.say("AMAZON.YesIntent")
    (record,) = errors(caplog)
    assert vars(record)["error"] == "KeyError"
    assert "nested" in vars(record)["where"]
    assert record.exc_info is None
    assert MARK not in logged(caplog)
    assert item not in logged(caplog)
