"""The very bundle that is deployed, under Amazon's Runtime Interface Emulator: init, turns, time-out, errors."""

import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from content_reader import documents
from simulator.device import Device, limits
from simulator.device.clock import DAY_MS, VirtualClock
from simulator.device.envelope import SKILL_ID
from simulator.local import Local
from stretch_coach.stores.contract import Stored
from stretch_coach.stores.dynamodb import DynamoStore
from tests.integration import runtime_emulator, servers
from tests.integration.fetched import or_skip
from tests.integration.patience import ATTEMPTS, until
from tests.integration.runtime_emulator import Function
from tools.dependencies import fetch
from tools.publish import bundle

# With the store tests, whose server these use.
pytestmark = pytest.mark.xdist_group("ministack")

Deploy = Callable[..., Function]
NOON = 1_796_040_000_000
"""A moment in 2026, in ms; the stored items expire long after the tests."""


@pytest.fixture(name="folder", scope="session")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("runtime") / "lambda"
    assert bundle.run(["--out", str(built)]) == 0
    return runtime_emulator.unpack(built.with_name("lambda.zip"), built.with_name("task"))


@pytest.fixture(name="deploy")
def _deploy(folder: Path, tmp_path: Path, ministack: servers.Server) -> Iterator[Deploy]:
    """A function of the bundle, with the table and whatever else a test sets; nothing in its folder may change."""
    running: list[Function] = []
    before = runtime_emulator.fingerprint(folder)

    def start(timeout_seconds: int = 7, **variables: str) -> Function:
        given = {
            "STRETCH_COACH_TABLE": servers.TABLE,
            "STRETCH_COACH_SKILL_ID": SKILL_ID,
            "AWS_ENDPOINT_URL_DYNAMODB": ministack.endpoint,
        }
        function = Function(folder, tmp_path / f"logs-{len(running)}", given | variables, timeout_seconds)
        running.append(function)
        or_skip(function.start)
        return function

    try:
        yield start
    finally:
        for function in running:
            function.stop()
    assert runtime_emulator.fingerprint(folder) == before, "the function wrote into its own folder"


def _speaker(function: Function, user: str, tmp_path: Path, **settings: Any) -> Device:
    local = Local(tmp_path / "unused.sqlite3")
    return Device(function.invoke, local.understand, VirtualClock(NOON), user_id=user, **settings)


def _request(name: str, user: str) -> dict[str, Any]:
    """A request of tests/requests, from another user."""
    text = (fetch.ROOT / "tests" / "requests" / f"{name}.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text.replace("amzn1.ask.account.TEST", user))["request"]
    return found


def _said(response: Mapping[str, Any] | None) -> str:
    return json.dumps(response)


def _in_time(records: list[dict[str, Any]]) -> bool:
    """Whether the database has kept the product's time limits in all these turns."""
    return all(record.get("store") != "failed" for record in records)


def _load(server: servers.Server, user: str, now: int) -> Stored:
    """What the table holds, read with patience."""
    store = DynamoStore(servers.TABLE, server.connect, call_seconds=servers.PATIENT_SECONDS)
    return store.load(user, now)


@contextmanager
def _stalled(server: servers.Server) -> Iterator[None]:
    """The database takes connections and answers nothing."""
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        server.process.send_signal(signal.SIGCONT)


def _talk(function: Function, user: str, tmp_path: Path) -> tuple[Device, str, list[dict[str, Any]]]:
    """Launch, exercise, pause, and a new session next day; the speaker, what was heard then, and the log."""
    before = len(function.records())
    speaker = _speaker(function, user, tmp_path)
    assert "stretch coach" in _said(speaker.launch())
    counted = speaker.say("start the half kneeling hip flexor stretch")
    assert counted is not None
    assert counted["response"]["directives"][0]["type"] == "Alexa.Presentation.APLA.RenderDocument"
    assert limits.problems(counted, request_type="IntentRequest", has_screen=True) == []
    speaker.wait(70_000)
    speaker.interrupt("pause")
    speaker.say("stop")
    speaker.wait(DAY_MS)
    back = _said(speaker.launch())
    return speaker, back, function.records()[before:]


def test_a_talk_keeps_its_state(deploy: Deploy, ministack: servers.Server, tmp_path: Path) -> None:
    """Launch, exercise, pause and a new session next day: one process serves them all, and the table remembers."""
    function = deploy()
    talks = (_talk(function, f"amzn1.ask.account.TALK{number}", tmp_path) for number in range(ATTEMPTS))
    speaker, back, turns = next(talk for talk in talks if _in_time(talk[2]))
    assert "half kneeling hip flexor stretch" in back
    assert _load(ministack, speaker.who.user_id, speaker.clock.now_ms // 1000).version
    assert function.inits() == 1
    assert function.strays() == []
    assert len(function.records()) == function.reports()
    assert all(record["message"] == "turn" and record["saved"] is True for record in turns)
    assert all(record["level"] == "INFO" for record in turns)


def test_another_process_carries_on(deploy: Deploy, tmp_path: Path) -> None:
    """A session that AWS hands to a new execution environment in its middle goes on as if nothing had happened."""
    first, second = deploy(), deploy()
    speaker = _speaker(first, "amzn1.ask.account.MOVED", tmp_path)
    speaker.launch()
    speaker.say("start the half kneeling hip flexor stretch")
    speaker.wait(70_000)
    speaker.send = second.invoke
    paused = speaker.interrupt("pause")
    assert paused is not None
    assert paused["sessionAttributes"]["state"] == "paused"
    assert second.reports() == 1


def _check(function: Function, user: str, answers: tuple[str, ...], tmp_path: Path) -> list[dict[str, Any]]:
    """What is logged while a safety check is answered, without what changes from run to run."""
    speaker = _speaker(function, user, tmp_path)
    speaker.launch()
    speaker.say("start the safety check")
    for answer in answers:
        speaker.say(answer)
    changing = ("timestamp", "request_id", "user", "milliseconds", "_aws")
    return [{k: v for k, v in record.items() if k not in changing} for record in function.records()]


def test_answers_of_the_check_reach_no_log(deploy: Deploy, tmp_path: Path) -> None:
    """The lines logged during a safety check are the same whether the answers are yes or no."""
    logged = []
    for answers in (("no", "no", "no"), ("no", "no", "yes")):
        users = (f"amzn1.ask.account.{answers}{number}" for number in range(ATTEMPTS))
        checks = (_check(deploy(), user, answers, tmp_path) for user in users)
        logged.append(next(lines for lines in checks if _in_time(lines)))
    assert logged[0] == logged[1]
    assert {record["event"] for record in logged[0][2:]} == {"answer"}


def test_a_database_that_hangs_costs_no_answer(deploy: Deploy, ministack: servers.Server, tmp_path: Path) -> None:
    """With a database that never answers, a turn is answered in time and says that nothing is being saved."""
    function = deploy()
    with _stalled(ministack):
        answer = function.invoke(_request("launch", "amzn1.ask.account.STALLED"))
    assert documents.load_library().locale.prompt("store.unsaved", 0)[:20] in answer["response"]["outputSpeech"]["ssml"]
    (record,) = [record for record in function.records() if record["message"] == "turn"]
    assert record["saved"] is False
    assert function.inits() == 1


def test_an_event_that_failed_is_a_failed_invocation(deploy: Deploy) -> None:
    """Data of a disabled skill that cannot be deleted is no answer but an error, so that Alexa delivers it again."""
    function = deploy(AWS_ENDPOINT_URL_DYNAMODB=f"http://127.0.0.1:{servers.free_port()}")
    answer = function.invoke(_request("skill-disabled", "amzn1.ask.account.LEAVING"))
    assert answer["errorType"] == "EventFailed"
    (record,) = [record for record in function.records() if record.get("message") == "turn failed"]
    assert record["erase_failures"] == 1
    assert "amzn1.ask.account.LEAVING" not in json.dumps([answer, *function.records(), *function.strays()])
    assert "speak" in _said(function.invoke(_request("launch", "amzn1.ask.account.LEAVING")))


def test_after_a_time_out_the_next_turn_is_answered(deploy: Deploy) -> None:
    """A turn over the function's limit is ended by AWS; the next one finds a new process and is answered."""
    function = deploy(timeout_seconds=3)
    launch = _request("launch", "amzn1.ask.account.LATE")
    assert "speak" in _said(function.invoke(launch))
    os.kill(function.runtime(), signal.SIGSTOP)
    assert "Task timed out after 3.00 seconds" in _said(function.invoke(launch))
    assert "speak" in _said(function.invoke(launch))
    assert function.inits() == 2


def test_a_wrong_setting_stops_the_init(deploy: Deploy) -> None:
    """A setting that makes no sense is named in the error of the init phase, and no request is answered."""
    function = deploy(STRETCH_COACH_SCREENING_MINUTES="soon")
    answer = function.invoke(_request("launch", "amzn1.ask.account.WRONG"))
    assert answer["errorType"] == "SettingsError"
    assert "STRETCH_COACH_SCREENING_MINUTES is 'soon'" in answer["errorMessage"]


def test_what_is_no_request_is_survived(deploy: Deploy) -> None:
    """A body that is not JSON is the runtime's error, other nonsense gets an empty answer, and the next turn works."""
    function = deploy()
    assert function.invoke_text("{")["errorType"] == "Runtime.UnmarshalError"
    odd: tuple[object, ...] = ([], None, "launch", {"request": {"type": "Foo"}})
    for nonsense in odd:
        assert function.invoke(nonsense) == {"version": "1.0", "response": {}}
    assert "speak" in _said(function.invoke(_request("launch", "amzn1.ask.account.ODD")))
    assert function.inits() == 1
    assert function.strays() == []


def test_only_this_skill_is_answered(deploy: Deploy) -> None:
    """A request of another skill is refused, and the refusal logged without the request's content."""
    function = deploy()
    assert "outputSpeech" not in function.invoke(_request("wrong-application-id", "amzn1.ask.account.X"))["response"]
    warnings = [record for record in function.records() if record["level"] == "WARNING"]
    assert [record["message"] for record in warnings] == ["request for another skill refused"]


def test_disabling_erases(deploy: Deploy, ministack: servers.Server) -> None:
    """After the skill is disabled nothing of the user is in the table."""
    user = "amzn1.ask.account.LEAVING"
    function = deploy()

    def is_stored() -> bool:
        return bool(_load(ministack, user, 1_767_261_700).version)

    until(is_stored, lambda: function.invoke(_request("launch", user)))
    until(lambda: not is_stored(), lambda: function.invoke(_request("skill-disabled", user)))
