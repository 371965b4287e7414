"""A TCP proxy between the skill and its database that misbehaves, request by request, as it is told."""

import contextlib
import http.client
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from io import BufferedReader
from typing import Final

SLOW_SECONDS: Final = 0.3
"""A slow answer that is still inside the store's limits."""
LATE_SECONDS: Final = 1.5
"""An answer that comes when nobody waits any more."""
DRIP_SECONDS: Final = 0.05
"""Between two bytes: never long enough for the limit on silence."""
MOST_SECONDS: Final = 30
"""Nothing is held longer than this."""


class Fault(StrEnum):
    """What happens to a request."""

    NONE = "none"
    REFUSE = "refuse"
    HANG = "hang"
    HANG_AFTER = "hang after the write"
    RESET = "reset"
    RESET_AFTER = "reset after the write"
    SLOW = "slow"
    LATE = "late"
    DRIP = "drip"
    THROTTLE = "throttle"
    ERROR_500 = "500"
    GARBAGE = "garbage"
    JUNK_JSON = "junk JSON"
    CLOSE = "close mid-answer"
    NO_NAME = "name server silent"


MEANS: Final = {
    Fault.REFUSE: "nobody listens on the port",
    Fault.HANG: "the request is taken, nothing comes back",
    Fault.HANG_AFTER: "the request is carried out, nothing comes back",
    Fault.RESET: "the connection is reset, the request not carried out",
    Fault.RESET_AFTER: "the request is carried out, the connection is reset",
    Fault.SLOW: f"each answer takes {SLOW_SECONDS} s longer",
    Fault.LATE: f"the request is carried out {LATE_SECONDS} s later",
    Fault.DRIP: f"the answer comes byte by byte, one in {DRIP_SECONDS} s",
    Fault.THROTTLE: "400 ProvisionedThroughputExceededException",
    Fault.ERROR_500: "500 InternalServerError",
    Fault.GARBAGE: "bytes that are not HTTP",
    Fault.JUNK_JSON: "200 with JSON that means nothing",
    Fault.CLOSE: "the request is carried out, half of the answer comes",
    Fault.NO_NAME: "open connections are reset and the name lookup never returns",
}
"""What each fault is, in words for the report."""

_INSTEAD: Final[Mapping[Fault, tuple[int, object]]] = {
    Fault.THROTTLE: (400, {"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}),
    Fault.ERROR_500: (500, {"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError"}),
    Fault.JUNK_JSON: (200, {"Items": [{"pk": 7}], "weather": "bad"}),
}
"""What comes instead of the database's answer: status and body."""


@dataclass(frozen=True)
class Seen:
    """One request as it came by."""

    operation: str
    fault: Fault


Script = Callable[[int, str], Fault]
"""The request's number since the script was set, from 0, and its operation (Query, PutItem …) to what happens to it."""


class Proxy:
    """Listens on a port of its own and passes requests on to `upstream`, a port on loopback."""

    def __init__(self, upstream: int) -> None:
        self.upstream = upstream
        self.seen: list[Seen] = []
        self._script: Script = lambda _number, _operation: Fault.NONE
        self._count = 0
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._calm = threading.Event()
        self._listener: socket.socket | None = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._accept(self._listener)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def play(self, script: Script | Fault) -> None:
        """Do this to every request from now on."""
        fault = script if isinstance(script, Fault) else None
        with self._lock:
            self._script = _always(script) if isinstance(script, Fault) else script
            self._count = 0
        if fault in {Fault.REFUSE, Fault.NO_NAME}:
            self._close(listener=fault is Fault.REFUSE)
        elif self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self._accept(self._listener)
        self._calm.clear()
        if fault is Fault.NONE:
            self._calm.set()

    def stop(self) -> None:
        """Close everything."""
        self._calm.set()
        self._close(listener=True)

    def _close(self, *, listener: bool) -> None:
        if listener and self._listener is not None:
            # Shut down first: a thread inside accept() would otherwise keep the port open.
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        with self._lock:
            connections = list(self._open)
        for connection in connections:
            _reset(connection)

    def _accept(self, listener: socket.socket) -> None:
        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)
        upstream = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=MOST_SECONDS)
        try:
            with contextlib.suppress(OSError, http.client.HTTPException), connection.makefile("rb") as reader:
                while self._one(connection, reader, upstream):
                    pass
        finally:
            upstream.close()
            connection.close()
            with self._lock:
                self._open.discard(connection)

    def _one(self, client: socket.socket, reader: BufferedReader, upstream: http.client.HTTPConnection) -> bool:
        """Handle one request; False when the connection is over."""
        request = _read(reader)
        if request is None:
            return False
        operation = request.headers.get("x-amz-target", "").rpartition(".")[2]
        with self._lock:
            fault = self._script(self._count, operation)
            self._count += 1
            self.seen.append(Seen(operation, fault))
        return _Handling(client, request, upstream, self._calm).do(fault)


def _always(fault: Fault) -> Script:
    return lambda _number, _operation: fault


@dataclass(frozen=True)
class _Request:
    line: str
    headers: dict[str, str]
    body: bytes


def _read(reader: BufferedReader) -> _Request | None:
    line = reader.readline()
    if not line.strip():
        return None
    headers = {}
    while header := reader.readline().decode("latin-1").strip():
        name, _, value = header.partition(":")
        headers[name.strip().lower()] = value.strip()
    body = reader.read(int(headers.get("content-length", 0)))
    return _Request(line.decode("latin-1"), headers, body)


@dataclass(frozen=True)
class _Handling:
    """One request under one fault."""

    client: socket.socket
    request: _Request
    upstream: http.client.HTTPConnection
    calm: threading.Event

    def do(self, fault: Fault) -> bool:
        """Carry it out; False when the connection is over."""
        match fault:
            case Fault.NONE | Fault.SLOW | Fault.LATE:
                time.sleep({Fault.SLOW: SLOW_SECONDS, Fault.LATE: LATE_SECONDS}.get(fault, 0))
                self.client.sendall(self._passed_on())
                return True
            case Fault.THROTTLE | Fault.ERROR_500 | Fault.JUNK_JSON:
                self.client.sendall(_answer(*_INSTEAD[fault]))
                return True
            case Fault.DRIP:
                for byte in self._passed_on():
                    self.client.sendall(bytes([byte]))
                    time.sleep(DRIP_SECONDS)
                return True
            case Fault.GARBAGE:
                self.client.sendall(bytes(range(256)))
            case Fault.CLOSE:
                answer = self._passed_on()
                self.client.sendall(answer[: len(answer) // 2])
            case _:
                self._silent(fault)
        return False

    def _silent(self, fault: Fault) -> None:
        if fault in {Fault.HANG_AFTER, Fault.RESET_AFTER}:
            self._passed_on()
        if fault in {Fault.HANG, Fault.HANG_AFTER}:
            self.calm.wait(MOST_SECONDS)
        else:
            _reset(self.client)

    def _passed_on(self) -> bytes:
        method, path, _ = self.request.line.split(" ", 2)
        kept = {name: value for name, value in self.request.headers.items() if name not in {"connection", "host"}}
        self.upstream.request(method, path, self.request.body, kept)
        answer = self.upstream.getresponse()
        body = answer.read()
        head = [f"HTTP/1.1 {answer.status} {answer.reason}"]
        head += [f"{name}: {value}" for name, value in answer.getheaders() if name.lower() not in _HOP_BY_HOP]
        head.append(f"Content-Length: {len(body)}")
        return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body


_HOP_BY_HOP: Final = {"content-length", "transfer-encoding", "connection", "keep-alive"}


def _answer(status: int, body: object) -> bytes:
    data = json.dumps(body).encode()
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: {len(data)}\r\n\r\n"
    return head.encode() + data


def _reset(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # A file object keeps the descriptor open past close(); shutting down ends its read as well.
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


@contextlib.contextmanager
def proxied(upstream: int) -> Iterator[Proxy]:
    """A proxy for the duration."""
    proxy = Proxy(upstream)
    try:
        yield proxy
    finally:
        proxy.stop()
