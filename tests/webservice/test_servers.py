"""The service as it runs: gunicorn and waitress in processes of their own, spoken to over bare sockets."""

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

from simulator.envelope import Identity, envelope, in_session
from stretch_coach.stores.sqlite import SqliteStore
from tests.webservice.cases import Maker, launch
from tests.webservice.conftest import send
from tools.alexa_signing import headers, stamped
from tools.web_process import WebProcess
from webservice.app import MOST_BODY_BYTES
from webservice.limits import ARRIVAL_SECONDS
from webservice.server import MOST_HEADERS

SERVERS = ("gunicorn", "waitress")


@pytest.fixture(name="web", params=SERVERS, scope="module")
def _web(
    request: pytest.FixtureRequest, maker: Maker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebProcess]:
    folder = tmp_path_factory.mktemp(request.param)
    with WebProcess(folder, maker.authority, ["--server", request.param, "--state", str(folder / "web.db")]) as web:
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


def head(web: WebProcess, body: bytes, length: int | None = None, *more: bytes) -> bytes:
    """The head of a signed request that asks for the connection to be closed."""
    sent = {**headers(web.leaf.sign(body)), "Host": "localhost", "Connection": "close"}
    if length is not None:
        sent["Content-Length"] = str(length)
    lines = [b"POST / HTTP/1.1", *(f"{name}: {value}".encode() for name, value in sent.items()), *more]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def refused(web: WebProcess, answer: bytes, *statuses: bytes) -> bool:
    """Whether an answer is one of the bare statuses (400 if none is given).

    waitress may close a connection with a request on it that it has not read, and then the answer is lost on the way.
    """
    start, _, body = answer.partition(b"\r\n\r\n")
    lost = answer == b"" and server(web) == "waitress"
    return lost or (start.split(b" ")[1] in (statuses or (b"400",)) and body == b"")


def server(web: WebProcess) -> str:
    """Which server it runs on."""
    return web.arguments[1]


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
    assert refused(web, raw(web, head(web, body, len(body) + 10), body, close=True))
    assert turns(web) == before


def test_body_without_a_length(web: WebProcess) -> None:
    """A chunked body is refused before it is read."""
    body = launch()
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    if server(web) == "gunicorn":
        assert refused(web, raw(web, head(web, body, None, b"Transfer-Encoding: chunked"), chunks))
    else:  # waitress reads chunks itself and hands on a body with a length, within the same limit
        assert raw(web, head(web, body, None, b"Transfer-Encoding: chunked"), chunks).startswith(b"HTTP/1.1 200")


def test_huge_body(web: WebProcess) -> None:
    """A body over the limit is refused by its length alone."""
    assert refused(web, raw(web, head(web, b"{}", MOST_BODY_BYTES + 1), b"{}", close=True), b"413")


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
    assert refused(web, raw(web, garbage, close=True), b"400", b"405")
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


def test_slow_clients_take_no_thread_for_long(maker: Maker, tmp_path: Path) -> None:
    """As many stalled and dripping clients as there are threads keep others out for seconds, not for ever."""
    arguments = ["--workers", "1", "--threads", "2", "--state", str(tmp_path / "web.db")]
    with WebProcess(tmp_path, maker.authority, arguments) as web, contextlib.ExitStack() as stack:
        stalled = [stack.enter_context(socket.create_connection(("127.0.0.1", web.port))) for _ in range(2)]
        stalled[0].sendall(b"POST / HT")
        stalled[1].sendall(head(web, b"{}", 100))
        stop = threading.Event()

        def drip() -> None:
            with contextlib.suppress(OSError):
                while not stop.wait(0.5):
                    stalled[1].sendall(b" ")

        thread = threading.Thread(target=drip)
        thread.start()
        time.sleep(0.3)
        body = turn("amzn1.ask.account.PATIENT")
        answered = send(web.port, "POST", "/", body, headers(web.leaf.sign(body)))
        stop.set()
        thread.join()
        assert answered.status == 200
        assert stalled[0].recv(1000) == b""
        assert refused(web, stalled[1].recv(1000))


def test_a_request_that_never_ends_is_ended(web: WebProcess) -> None:
    """A client that sends a byte now and then holds a connection for seconds, not for ever, and reaches no skill."""
    before = turns(web)
    with socket.create_connection(("127.0.0.1", web.port), timeout=0.5) as connection:
        connection.sendall(head(web, b"{}", 10_000))
        for _ in range(20 * ARRIVAL_SECONDS):
            try:
                connection.sendall(b" ")
                answer = connection.recv(1000)
            except TimeoutError:
                continue
            except OSError:
                answer = b""
            break
        else:
            pytest.fail("it still takes what drips in")
    assert answer == b"" or refused(web, answer)
    assert turns(web) == before


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


@pytest.mark.parametrize("name", SERVERS)
def test_stopping_loses_nothing(name: str, maker: Maker, tmp_path: Path) -> None:
    """Told to stop in a rush, it answers what it took, and every answered turn's record is in the file."""
    state = tmp_path / "web.db"
    answered: dict[str, Any] = {}
    failures: list[str] = []
    with WebProcess(tmp_path, maker.authority, ["--server", name, "--state", str(state)]) as web:
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
