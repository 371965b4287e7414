"""The service as it runs, in processes of its own, spoken to over bare sockets."""

import contextlib
import http.client
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.load.alexa_signing import headers, stamped
from bench.load.web_process import WebProcess
from simulator.device.envelope import Identity, envelope, in_session
from stretch_coach.stores.sqlite import SqliteStore
from tests.webservice.cases import Maker, launch
from tests.webservice.conftest import send
from webservice.app import MOST_BODY_BYTES
from webservice.server import GRACE_SECONDS, MOST_HEADERS


@pytest.fixture(name="web", scope="module")
def _web(maker: Maker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebProcess]:
    folder = tmp_path_factory.mktemp("web")
    with WebProcess(folder, maker.authority, ["--state", str(folder / "web.db")]) as web:
        yield web


def turn(user: str, name: str = "LaunchRequest", **session: Any) -> bytes:
    """A signed request's body, of now."""
    who = Identity(user_id=user)
    message = envelope({"type": name, "requestId": "amzn1.echo-api.request.1"}, who, screen=False)
    return stamped(in_session(message, who, session_id="1", new=not session, attributes=session))


def raw(web: WebProcess, *parts: bytes, close: bool = False) -> bytes:
    """Send bytes as they are and return what comes back until the server closes."""
    received = b""
    with socket.create_connection(("127.0.0.1", web.port), timeout=30) as connection:
        with contextlib.suppress(OSError):  # it may answer and close before it has read all
            for part in parts:
                connection.sendall(part)
            if close:
                connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(ConnectionResetError):
            while chunk := connection.recv(65536):
                received += chunk
    return received


def head(web: WebProcess, body: bytes, length: int | None = None, *more: bytes, close: bool = True) -> bytes:
    """The head of a signed request, which asks for the connection to be closed unless told otherwise."""
    sent = {**headers(web.leaf.sign(body)), "Host": "localhost", "Connection": "close" if close else "keep-alive"}
    if length is not None:
        sent["Content-Length"] = str(length)
    lines = [b"POST / HTTP/1.1", *(f"{name}: {value}".encode() for name, value in sent.items()), *more]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def refused(answer: bytes, *statuses: bytes) -> bool:
    """Whether an answer is one of the bare statuses (400 if none is given), and nothing more."""
    start, _, body = answer.partition(b"\r\n\r\n")
    return start.split(b" ")[1] in (statuses or (b"400",)) and body == b""


def turns(web: WebProcess) -> int:
    """How many requests have reached the skill."""
    return sum(line.get("service") == "stretch-coach" for line in logged(web))


def logged(web: WebProcess) -> list[dict[str, Any]]:
    """The lines of the log; each one has to be JSON."""
    return [json.loads(line) for line in web.log.read_text(encoding="utf-8").splitlines()]


def test_answers(web: WebProcess) -> None:
    """A signed request is answered, and its turn is one line of the log."""
    body = turn("amzn1.ask.account.ANSWERED")
    answered = send(web.port, "POST", "/", body, headers(web.leaf.sign(body)))
    assert answered.status == 200
    assert json.loads(answered.body)["response"]["outputSpeech"]
    assert [line["event"] for line in logged(web) if line["message"] == "turn"] == ["Launch"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200), ("GET", "/readyz", 200), ("HEAD", "/healthz", 200), ("GET", "/", 405),
        ("PUT", "/", 405), ("OPTIONS", "/", 405), ("POST", "/healthz", 405), ("POST", "/elsewhere", 404),
        ("GET", "/../etc/passwd", 404),
    ],
)  # fmt: skip
def test_other_doors(web: WebProcess, method: str, path: str, status: int) -> None:
    """Health and readiness say yes, everything else says no, and none of them says more."""
    answered = send(web.port, method, path, None, {})
    assert (answered.status, answered.body) == (status, b"")


def test_truncated_body(web: WebProcess) -> None:
    """A body that ends before its Content-Length is refused, though what came of it was signed."""
    body, before = launch(), turns(web)
    assert refused(raw(web, head(web, body, len(body) + 10), body, close=True))
    assert turns(web) == before


def test_body_without_a_length(web: WebProcess) -> None:
    """A chunked body is refused before it is read, and so is one that also says a length."""
    body, before = launch(), turns(web)
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    for length in (None, len(body), len(chunks)):
        assert refused(raw(web, head(web, body, length, b"Transfer-Encoding: chunked"), chunks))
    assert turns(web) == before


def test_two_lengths(web: WebProcess) -> None:
    """A request that says two lengths is refused: a proxy may have believed the other one."""
    body, before = launch(), turns(web)
    assert refused(raw(web, head(web, body, len(body), b"Content-Length: 0"), body))
    assert turns(web) == before


def test_requests_in_a_row(web: WebProcess) -> None:
    """Requests that are sent before the first is answered are answered in their order."""
    first, second = turn("amzn1.ask.account.ROW"), turn("amzn1.ask.account.ROW", "SessionEndedRequest")
    sent = head(web, first, len(first), close=False) + first + head(web, second, len(second)) + second
    answers = raw(web, sent).split(b"HTTP/1.1 ")[1:]
    assert [answer[:3] for answer in answers] == [b"200", b"200"]
    assert [b"outputSpeech" in answer for answer in answers] == [True, False]


def test_huge_body(web: WebProcess) -> None:
    """A body over the limit is refused by its length alone."""
    assert refused(raw(web, head(web, b"{}", MOST_BODY_BYTES + 1), b"{}", close=True), b"413")


@pytest.mark.parametrize(
    "garbage",
    [
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", id="TLS"),
        pytest.param(b"GET / HTTP/9.9\r\n\r\n", id="a version of HTTP"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x1\r\n\r\n", id="a length that is no number"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: a\r\nno colon here\r\n\r\n", id="a header without a colon"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 20_000 + b"\r\n\r\n", id="a long header"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: a\r\n" + b"X: 0123456789\r\n" * 25 * MOST_HEADERS + b"\r\n", id="many headers"
        ),
    ],
)
def test_not_http(web: WebProcess, garbage: bytes) -> None:
    """What is no proper HTTP gets a bare refusal that repeats nothing, and nothing of it reaches the log."""
    before = turns(web)
    assert refused(raw(web, garbage, close=True), b"400", b"405")
    assert turns(web) == before
    assert "yyyy" not in web.log.read_text(encoding="utf-8")


def test_log_holds_nothing_that_was_sent(web: WebProcess) -> None:
    """Neither users, nor words, nor headers of good and bad requests are in the log, which is all JSON."""
    body = turn("amzn1.ask.account.SECRET")
    send(web.port, "POST", "/", body, headers(web.leaf.sign(body)))
    send(web.port, "POST", "/?answer=SECRET", body, {**headers("SECRET"), "SignatureCertChainUrl": "https://SECRET/"})
    send(web.port, "GET", "/SECRET", None, {"X-Secret": "SECRET"})
    assert "SECRET" not in web.log.read_text(encoding="utf-8")
    assert {"request", "turn"} <= {line["message"] for line in logged(web)}


def test_clients_that_say_nothing_are_let_go(maker: Maker, tmp_path: Path) -> None:
    """As many silent connections as there are threads keep others out for seconds, and are closed, not kept."""
    arguments = ["--workers", "1", "--threads", "2", "--state", str(tmp_path / "web.db")]
    with WebProcess(tmp_path, maker.authority, arguments) as web, contextlib.ExitStack() as stack:
        silent = [stack.enter_context(socket.create_connection(("127.0.0.1", web.port), 30)) for _ in range(2)]
        body = turn("amzn1.ask.account.PATIENT")
        assert send(web.port, "POST", "/", body, headers(web.leaf.sign(body))).status == 200
        assert [connection.recv(1000) for connection in silent] == [b"", b""]


def test_a_request_that_never_ends_does_not_keep_the_process(maker: Maker, tmp_path: Path) -> None:
    """Told to stop while a client still owes the rest of its request, the service ends."""
    arguments = ["--workers", "1", "--state", str(tmp_path / "web.db")]
    with (
        WebProcess(tmp_path, maker.authority, arguments) as web,
        socket.create_connection(("127.0.0.1", web.port)) as connection,
    ):
        connection.sendall(head(web, b"{}", 10_000))
        time.sleep(0.3)
        web.process.terminate()
        assert web.process.wait(timeout=2 * GRACE_SECONDS) == 0


def test_a_proxy_keeps_its_connection(web: WebProcess) -> None:
    """Several requests are answered on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)
    for _ in range(3):
        body = launch()
        connection.request("POST", "/", body, headers(web.leaf.sign(body)))
        response = connection.getresponse()
        assert (response.status, bool(response.read())) == (200, True)
        assert connection.sock is not None
    connection.close()


def test_stopping_loses_nothing(maker: Maker, tmp_path: Path) -> None:
    """Told to stop in a rush, it answers what it took, and every answered turn's record is in the file."""
    state = tmp_path / "web.db"
    answered: dict[str, Any] = {}
    failures: list[str] = []
    with WebProcess(tmp_path, maker.authority, ["--state", str(state)]) as web:
        stop = threading.Event()

        def rush(worker: int) -> None:
            for count in range(1000):
                if stop.is_set():
                    return
                user = f"amzn1.ask.account.RUSH{worker}.{count}"
                body = turn(user)
                try:
                    answer = send(web.port, "POST", "/", body, headers(web.leaf.sign(body)))
                except ConnectionRefusedError:
                    return
                except (OSError, http.client.HTTPException) as error:
                    failures.append(type(error).__name__)
                    return
                if answer.status == 200:
                    answered[user] = json.loads(answer.body)["sessionAttributes"]
                else:
                    failures.append(str(answer.status))

        threads = [threading.Thread(target=rush, args=(worker,)) for worker in range(6)]
        for thread in threads:
            thread.start()
        while len(answered) < 30:
            time.sleep(0.01)
        os.kill(web.process.pid, signal.SIGTERM)
        assert web.process.wait(timeout=30) == 0
        stop.set()
        for thread in threads:
            thread.join()
    with SqliteStore(state) as store:
        for user, attributes in answered.items():
            stored = store.load(user, int(time.time()))
            assert (stored.profile, stored.version) == (attributes["profile"], attributes["v"])
    # A connection that the kernel had taken but the server had not is reset: its request was never read.
    assert set(failures) <= {"ConnectionResetError", "RemoteDisconnected"}, failures
    assert not state.with_name("web.db-wal").exists()
