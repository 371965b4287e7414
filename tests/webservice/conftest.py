"""The web service on loopback, with an authority and an Amazon of the tests' own."""

import http.client
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from werkzeug.serving import make_server

from bench.load.alexa_signing import PATH, AmazonHost, Authority, Certified, Hosted, roots
from simulator.device.envelope import SKILL_ID
from stretch_coach.alexa.skill import build_skill, invoke_json
from stretch_coach.library import Library
from stretch_coach.settings import Settings
from stretch_coach.stores.memory import MemoryStore
from tests.webservice.cases import Maker
from webservice import adapter
from webservice.app import create_app
from webservice.chain import Trust
from webservice.download import Downloader, tls_context
from webservice.signers import Signers
from webservice.verifier import Verifier

PATIENT_SECONDS = 60
"""For an answer: a shared test machine may stall."""


@dataclass(frozen=True)
class Answered:
    status: int
    body: bytes
    headers: Mapping[str, str]


@dataclass
class Service:
    """The running web service, and what reached the skill."""

    port: int
    verifier: Verifier
    invoked: list[Any] = field(default_factory=list)

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answered:
        """Send `body` over a connection of its own, with exactly these headers and a Content-Length."""
        return send(self.port, "POST", "/", body, headers)


def send(port: int, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answered:
    """One request over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENT_SECONDS)
    try:
        connection.request(method, path, body, dict(headers))
        response = connection.getresponse()
        return Answered(response.status, response.read(), dict(response.getheaders()))
    finally:
        connection.close()


@pytest.fixture(name="maker", scope="session")
def _maker() -> Maker:
    return Maker()


@pytest.fixture(name="authority", scope="session")
def _authority(maker: Maker) -> Authority:
    return maker.authority


@pytest.fixture(name="leaf", scope="session")
def _leaf(maker: Maker) -> Certified:
    return maker.leaf


@pytest.fixture(name="amazon")
def _amazon(authority: Authority, leaf: Certified) -> Iterator[AmazonHost]:
    with AmazonHost(authority) as host:
        host.hosted[PATH] = Hosted(leaf.chain)
        yield host


@pytest.fixture(name="dial")
def _dial(amazon: AmazonHost) -> Callable[[float], socket.socket]:
    return lambda seconds: socket.create_connection(("127.0.0.1", amazon.port), timeout=seconds)


@pytest.fixture(name="verifier")
def _verifier(authority: Authority, dial: Callable[[float], socket.socket]) -> Verifier:
    trusted = roots(authority)
    return Verifier(SKILL_ID, Signers(Trust(trusted), Downloader(tls_context(trusted), dial)))


@pytest.fixture(name="service")
def _service(library: Library, verifier: Verifier, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    service = Service(0, verifier)

    def spy(skill: Any, event: Any, context: Any = None) -> Any:
        service.invoked.append(event)
        return invoke_json(skill, event, context)

    monkeypatch.setattr(adapter, "invoke_json", spy)
    skill = build_skill(library, MemoryStore(), settings=Settings(skill_id=SKILL_ID))
    server = make_server("127.0.0.1", 0, create_app(skill, verifier), threaded=True)
    service.port = server.port
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
