"""The app itself: the skill's own answers, readiness, faults without detail, and the unsigned local mode."""

import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from simulator.device.envelope import SKILL_ID
from stretch_coach.alexa.skill import Skill, build_skill, invoke_json
from stretch_coach.errors import StoreError
from stretch_coach.library import Library
from stretch_coach.settings import Settings
from stretch_coach.stores.contract import Commit, Stored
from stretch_coach.stores.memory import MemoryStore
from tests.webservice.cases import REQUESTS, launch, message
from webservice import adapter
from webservice.app import PROBE_SECONDS, LoopbackOnly, create_app
from webservice.chain_url import without_dots
from webservice.logs import ServiceLine

FILES = sorted(REQUESTS.glob("*.json"))
JSON = {"Content-Type": "application/json"}


class Open:
    """Lets every request in."""

    def check(self, header: Callable[[str], str | None], body: bytes) -> None:
        """Raise nothing."""


class Stumbling(MemoryStore):
    """A store that can be out of order."""

    out_of_order = False
    asked = 0

    def load(self, user_id: str, now: int) -> Stored:
        """Read, or raise StoreError."""
        self.asked += 1
        if self.out_of_order:
            raise StoreError("out of order")
        return super().load(user_id, now)

    def erase(self, user_id: str, before: int) -> None:
        """Erase, or raise StoreError."""
        if self.out_of_order:
            raise StoreError("out of order")
        super().erase(user_id, before)


def skill_on(library: Library, store: MemoryStore | None = None) -> Skill:
    """The skill, with a clock that stands still."""
    return build_skill(library, store or MemoryStore(), lambda: 1_800_000_000.0, Settings(skill_id=SKILL_ID))


@pytest.fixture(name="client")
def _client(library: Library) -> FlaskClient:
    return create_app(skill_on(library), Open()).test_client()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_answers_as_the_lambda_does(file: Path, library: Library) -> None:
    """Whatever the platform sends, this door's answer is the one that the Lambda gives."""
    event = json.loads(file.read_text())["request"]
    answered = create_app(skill_on(library), Open()).test_client().post("/", json=event)
    assert answered.status_code == 200
    assert answered.json == json.loads(json.dumps(invoke_json(skill_on(library), event)))


def test_ready_when_the_store_is(library: Library) -> None:
    """Readiness follows the store, and asks it no more often than every few seconds; health does not ask."""
    store, now = Stumbling(), [0.0]
    client = create_app(skill_on(library, store), Open(), lambda: now[0]).test_client()
    assert client.get("/readyz").status_code == 200
    store.out_of_order = True
    assert client.get("/readyz").status_code == 200
    assert store.asked == 1
    now[0] += PROBE_SECONDS
    assert client.get("/readyz").status_code == 503
    assert client.get("/readyz").data == b""
    assert client.get("/healthz").status_code == 200
    store.out_of_order = False
    now[0] += PROBE_SECONDS
    assert client.get("/readyz").status_code == 200
    assert store.asked == 3


def test_an_event_that_failed_is_delivered_again(
    library: Library, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A listener's data that could not be deleted is an empty 503, since Alexa takes any 200 for done; the next is."""
    monkeypatch.setattr("stretch_coach.alexa.skill.ERASE_PAUSE_SECONDS", 0)
    event = json.loads((REQUESTS / "skill-disabled.json").read_text())["request"]
    user = event["context"]["System"]["user"]["userId"]
    store = Stumbling()
    store.commit(user, Commit({"greeted": True}), 1_000)
    client = create_app(skill_on(library, store), Open()).test_client()
    store.out_of_order = True
    with caplog.at_level(logging.INFO, "stretch_coach.web"):
        answered = client.post("/", json=event)
    assert (answered.status_code, answered.data) == (503, b"")
    assert caplog.records[-1].reason == "event_failed"  # type: ignore[attr-defined]  # an extra field of the line
    store.out_of_order = False
    assert client.post("/", json=event).status_code == 200
    assert store.load(user, 1_000).profile is None


def test_a_fault_tells_nothing(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of ours is an empty 500; the log has its kind and place, and not its text."""

    def fault(*_: object) -> Mapping[str, Any]:
        raise KeyError("the answer was yes")

    monkeypatch.setattr(adapter, "invoke_json", fault)
    with caplog.at_level(logging.INFO, "stretch_coach.web"):
        answered = client.post("/", data=launch(), headers=JSON)
    assert (answered.status_code, answered.data) == (500, b"")
    lines = [ServiceLine().format(record) for record in caplog.records]
    assert any('"error":"KeyError"' in line and "fault:" in line for line in lines)
    assert "the answer was yes" not in "".join(lines)


def test_a_log_line_never_quotes(caplog: pytest.LogCaptureFixture) -> None:
    """What a server's logger was given to fill in, and an error's text, are left out of the line."""
    logger = logging.getLogger("gunicorn.error")
    with caplog.at_level(logging.INFO, "gunicorn.error"):
        try:
            int("secret")
        except ValueError:
            logger.exception("Error handling request %s", "/secret")
    line = json.loads(ServiceLine().format(caplog.records[-1]))
    assert line["message"] == "Error handling request %s"
    assert line["error"] == "ValueError"
    assert "secret" not in json.dumps(line)


@pytest.fixture(name="local")
def _local(library: Library) -> FlaskClient:
    return create_app(skill_on(library), LoopbackOnly()).test_client()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST:1"])
def test_local_mode_answers_this_machine(local: FlaskClient, host: str) -> None:
    """Without a signature, a request of this machine to this machine is answered."""
    assert local.post("/", data=launch(), headers={**JSON, "Host": host}).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"Host": "coach.example.org"},
        {"Host": "127.0.0.1.example.org"},
        {"X-Forwarded-For": "203.0.113.7"},
        {"Forwarded": "for=203.0.113.7"},
        {"Via": "1.1 Caddy"},
        {"X-Real-IP": "203.0.113.7"},
        {"Origin": "https://example.org"},
    ],
    ids=lambda changed: " ".join(*changed.items()),
)
def test_local_mode_is_local(local: FlaskClient, changed: dict[str, str]) -> None:
    """A request through a proxy, of a web page, or to another name is refused."""
    answered = local.post("/", data=launch(), headers={**JSON, "Host": "localhost", **changed})
    assert (answered.status_code, answered.data) == (400, b"")


def test_local_mode_of_another_machine(local: FlaskClient) -> None:
    """A request from another address is refused, whatever it says."""
    answered = local.post("/", data=launch(), headers=JSON, environ_base={"REMOTE_ADDR": "203.0.113.7"})
    assert answered.status_code == 400


def test_local_mode_wants_json(local: FlaskClient) -> None:
    """The unsigned mode still refuses what is no request."""
    assert local.post("/", data=b"oops", headers=JSON).status_code == 400


def test_message_of_the_tests_is_for_the_skill() -> None:
    """The request that the cases are made from carries the id they are verified with."""
    assert message()["session"]["application"]["applicationId"] == SKILL_ID


@pytest.mark.parametrize(
    ("path", "without"),
    [
        ("/a/b/c/./../../g", "/a/g"), ("/mid/content=5/../6", "/mid/6"), ("/../../a", "/a"), ("/a/..", "/"),
        ("/a/.", "/a/"), ("/", "/"), ("/a//b", "/a//b"), ("/a/b/../", "/a/"),
    ],
)  # fmt: skip
def test_dots(path: str, without: str) -> None:
    """Dot segments go as in RFC 3986 section 5.2.4 (its first two examples are here)."""
    assert without_dots(path) == without
