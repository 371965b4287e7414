"""The log: one line of JSON a turn, with metrics CloudWatch reads, and nothing that was said."""

import io
import json
import logging
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from simulator.device import Device
from simulator.device.clock import VirtualClock
from stretch_coach import logs
from stretch_coach.alexa.skill import build_skill, invoke_json
from stretch_coach.errors import EventFailed, StoreError
from stretch_coach.library import Library
from stretch_coach.stores.contract import Commit, Store, Stored
from stretch_coach.stores.memory import MemoryStore
from tests.integration.faults.talk import START_MS, intent

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "log-line.schema.json").read_text("utf-8"))
Line = Mapping[str, Any]


@dataclass
class Written:
    """What was written to standard output."""

    stream: io.StringIO = field(default_factory=io.StringIO)

    @property
    def lines(self) -> list[Line]:
        """Each line, read as JSON and held to the schema."""
        lines = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        for line in lines:
            jsonschema.validate(line, SCHEMA)
        return lines

    @property
    def last(self) -> Line:
        return self.lines[-1]


@pytest.fixture(name="written")
def _written(monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    written = Written()
    before = logs.LOG.handlers, logs.LOG.propagate, logs.LOG.level
    monkeypatch.setattr(sys, "stdout", written.stream)
    logs.to_stdout()
    yield written
    logs.LOG.handlers, logs.LOG.propagate, logs.LOG.level = before


def _speaker(library: Library, store: Store, device: str = "one") -> Device:
    clock = VirtualClock(START_MS)
    skill = build_skill(library, store, lambda: clock.now_ms / 1000)
    return Device(lambda event: invoke_json(skill, event), intent, clock, apl=False, device_id=device)


def test_a_line_a_turn_by_the_schema(library: Library, written: Written) -> None:
    """Each turn of a talk, and the end of its session, is one line that the schema allows and that says what it did."""
    speaker = _speaker(library, MemoryStore())
    speaker.launch()
    speaker.say("AMAZON.HelpIntent")
    speaker.say("CountStyleIntent style=last-five")
    speaker.say("FoldLaundryIntent")
    speaker.silence()
    seen = [(line["event"], line["from"], line["to"], line["store"]) for line in written.lines]
    assert seen == [
        ("Launch", "home", "home", "written"),
        ("HelpIntent", "home", "home", "none"),
        ("CountStyleIntent", "home", "home", "written"),
        ("FallbackIntent", "home", "home", "none"),
        ("Ended", "home", "home", "none"),
    ]
    assert [(line["store_reads"], line["store_writes"]) for line in written.lines[:2]] == [(1, 1), (0, 0)]
    assert written.lines[0]["request_id"] == "amzn1.echo-api.request.000001"


def test_sizes_are_those_on_the_wire(library: Library, written: Written) -> None:
    """The bytes of a line are those of the answer and of its session attributes."""
    answer = _speaker(library, MemoryStore()).launch()
    sizes = [len(json.dumps(part, separators=(",", ":"))) for part in (answer, answer["sessionAttributes"])]
    assert [written.last["response_bytes"], written.last["attribute_bytes"]] == sizes


def test_metrics_are_fields_with_numbers(library: Library, written: Written) -> None:
    """Every metric that CloudWatch is told of is a number in the same line, under a dimension that is there, too."""
    _speaker(library, MemoryStore()).launch()
    (directive,) = written.last["_aws"]["CloudWatchMetrics"]
    assert {metric["Name"] for metric in directive["Metrics"]} >= {"milliseconds", "response_bytes", "unsaved"}
    assert all(type(written.last[metric["Name"]]) is int for metric in directive["Metrics"])
    assert all(name in written.last for dimensions in directive["Dimensions"] for name in dimensions)


@dataclass
class Failing(MemoryStore):
    """Fails while it is told to; or lets somebody else write first."""

    down: bool = False
    rival: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def load(self, user_id: str, now: int) -> Stored:
        if self.down:
            raise StoreError("down")
        return super().load(user_id, now)

    def commit(self, user_id: str, commit: Commit, now: int) -> int:
        if self.down:
            raise StoreError("down")
        if self.rival:
            self.rival = False
            super().commit(user_id, Commit({"greeted": True}, commit.expected_version), now)
        return super().commit(user_id, commit, now)

    def erase(self, user_id: str, before: int) -> None:
        if self.down:
            raise StoreError("down")
        super().erase(user_id, before)


def test_what_became_of_the_state(library: Library, written: Written) -> None:
    """A merge and a failure are told apart, and a failed turn counts as unsaved until it is caught up."""
    store = Failing()
    speaker = _speaker(library, store)
    speaker.launch()
    store.rival = True
    speaker.say("CountStyleIntent style=last-five")
    assert (written.last["store"], written.last["store_reads"], written.last["store_writes"]) == ("merged", 1, 2)
    store.down = True
    speaker.say("CountStyleIntent style=silent")
    assert (written.last["store"], written.last["saved"], written.last["unsaved"]) == ("failed", False, 1)
    store.down = False
    speaker.say("AMAZON.HelpIntent")
    assert (written.last["store"], written.last["saved"], written.last["unsaved"]) == ("written", True, 0)


def test_an_erasure_that_failed_is_counted(library: Library, written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disabled skill whose data could not be deleted is an error with a metric of its own, to raise an alarm on."""
    monkeypatch.setattr("stretch_coach.alexa.skill.ERASE_PAUSE_SECONDS", 0)
    skill = build_skill(library, Failing(down=True))
    system = {"application": {}, "user": {"userId": "somebody"}}
    event = {"context": {"System": system}, "request": {"type": "AlexaSkillEvent.SkillDisabled", "requestId": "r"}}
    with pytest.raises(EventFailed):
        invoke_json(skill, event)
    assert (written.last["level"], written.last["erase_failures"]) == ("ERROR", 1)
    assert written.last["error"] == "StoreError"


def test_nothing_that_was_said(library: Library, written: Written) -> None:
    """Words in a slot, a name or an id of a request reach no line, and neither does an error's own text."""
    skill = build_skill(library, MemoryStore())
    words = "my secret <words>"
    slots = {"exercise": {"name": "exercise", "value": words}}
    for request_id, locale, name in ((words, words, words), ("r", "en-US", "StartExerciseIntent")):
        request = {
            "type": "IntentRequest",
            "requestId": request_id,
            "locale": locale,
            "intent": {"name": name, "slots": slots},
        }
        invoke_json(skill, {"session": {"new": True, "user": {"userId": words}}, "request": request})
    logs.LOG.info("turn", extra={"utterance": words, "args_": words})
    text = written.stream.getvalue()
    assert len(text.splitlines()) == 3
    assert "secret" not in text


def test_any_text_stays_one_line(written: Written) -> None:
    """A line break or a lone surrogate in a field cannot start a second line or break the log."""
    logs.LOG.error("turn failed", extra={"where": 'a\nb\r\u2028"}\ud800'})
    (line,) = written.lines
    assert line["where"] == 'a\nb\r\u2028"}\ud800'


def test_every_question_of_the_check_looks_alike(library: Library, written: Written) -> None:
    """Inside the check all lines have one event, one state and one size, whatever is asked and answered."""
    speaker = _speaker(library, MemoryStore())
    speaker.launch()
    speaker.say("StartSafetyCheckIntent kind=full")
    for answer in ("AMAZON.NoIntent", "NotSureIntent", "WhyIntent", "AMAZON.NoIntent", "AMAZON.YesIntent"):
        speaker.say(answer)
    inside = written.lines[2:]
    kept = [{key: line[key] for key in ("event", "from", "to", "response_bytes", "attribute_bytes")} for line in inside]
    assert all(line == kept[0] for line in kept)
    assert kept[0]["event"] == "answer"


TALKS_OF_HEALTH = {
    "a check": ("StartSafetyCheckIntent kind=full", "AMAZON.NoIntent"),
    "a check that sends for help": ("StartSafetyCheckIntent kind=full", "AMAZON.YesIntent", "AMAZON.HelpIntent"),
    "a check given up": ("StartSafetyCheckIntent kind=full", "AMAZON.CancelIntent", "AMAZON.HelpIntent"),
    "a condition": ("ConditionIntent condition=pregnancy", "AMAZON.HelpIntent", "FindExercisesIntent area=hips"),
    "a limitation": ("CannotDoIntent limitation=kneeling", "AMAZON.HelpIntent"),
    "pain": ("HurtsIntent symptom=numbness", "AMAZON.NoIntent", "AMAZON.HelpIntent"),
}


@pytest.mark.parametrize("said", TALKS_OF_HEALTH.values(), ids=TALKS_OF_HEALTH)
def test_no_line_ties_a_listener_to_their_health(said: tuple[str, ...], library: Library, written: Written) -> None:
    """From the moment something of health is known, lines have no user and no exact size, whatever they are about."""
    speaker = _speaker(library, MemoryStore())
    speaker.launch()
    for words in said:
        speaker.interrupt(words)
    opening, *inside = written.lines
    assert opening["user"]
    assert len(inside) == len(said)
    assert {line["user"] for line in inside} == {""}
    assert {line[size] % logs.PRIVATE_BYTES for line in inside for size in ("response_bytes", "attribute_bytes")} == {0}


def test_no_line_ties_a_listener_to_their_lock(library: Library, written: Written) -> None:
    """Days after an outcome that closed exercises, how a launch goes on tells of nobody that they are closed."""
    store = MemoryStore()
    _speaker(library, store).launch()
    (user,) = {user for user, _ in store._items}
    store.commit(user, Commit({"greeted": True, "lock": True}, store.load(user, 0).version), START_MS // 1000)
    speaker = _speaker(library, store, "two")
    speaker.launch()
    for words in ("AMAZON.StopIntent", "launch", "StartExerciseIntent exercise=cat-cow", "AMAZON.HelpIntent"):
        speaker.interrupt(words) if words != "launch" else speaker.launch()
    assert {line["user"] for line in written.lines[1:]} == {""}


def test_a_fault_names_no_listener(library: Library, written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    """The functions a fault went through can tell what was decided, so its line does not say of whom."""
    monkeypatch.setattr("stretch_coach.alexa.skill.take_turn", lambda *_, **__: 1 // 0)
    _speaker(library, MemoryStore()).launch()
    assert (written.last["message"], written.last["user"], written.last["faults"]) == ("turn failed", "", 1)


def test_the_schema_refuses(written: Written) -> None:
    """A line with a field of its own making, or with words in a name, is not allowed."""
    line = {
        "timestamp": "2026-01-01T00:00:00.000+00:00",
        "level": "INFO",
        "message": "request",
        "service": "stretch-coach",
    }
    jsonschema.validate(line, SCHEMA)
    for wrong in (
        {"utterance": "hello"},
        {"event": "my back hurts"},
        {"user": "amzn1.ask.account.X"},
        {"to": "hurting"},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**line, **wrong}, SCHEMA)


def test_lambda_writes_each_line_once(written: Written) -> None:
    """Beside Lambda's own handler at the root, a line of ours is not written a second time."""
    root = io.StringIO()
    handler = logging.StreamHandler(root)
    logging.getLogger().addHandler(handler)
    try:
        logs.LOG.warning("once")
    finally:
        logging.getLogger().removeHandler(handler)
    assert root.getvalue() == ""
    assert written.last["message"] == "once"
