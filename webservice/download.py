"""Fetching a certificate chain from Amazon: one GET over TLS that ends in time, follows nowhere, and stays small."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from webservice.chain_url import HOST, PORT
from webservice.refusal import Reason, Refused

Dial = Callable[[float], socket.socket]
"""Connects within so many seconds; raises OSError."""

SECONDS: Final = 3.0
"""The longest one download takes, looking up the name included; the platform waits 8 s for the whole answer."""
MOST_BYTES: Final = 65_536
"""Amazon's chains have about 6 KB."""
AT_ONCE: Final = 2
"""Downloads under way; more are refused, so that made-up URLs cannot take every thread."""


def dial_amazon(seconds: float) -> socket.socket:
    """Connect to the one host chains come from."""
    return socket.create_connection((HOST, PORT), timeout=seconds)


def tls_context(roots: Sequence[x509.Certificate]) -> ssl.SSLContext:
    """Verifies the host's certificate and name against `roots`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=b"".join(root.public_bytes(Encoding.DER) for root in roots))
    return context


class Downloader:
    """Downloads chains. Safe under threads."""

    def __init__(
        self,
        context: ssl.SSLContext,
        dial: Dial = dial_amazon,
        seconds: float = SECONDS,
    ) -> None:
        self._context = context
        self._dial = dial
        self._seconds = seconds
        self._slots = threading.BoundedSemaphore(AT_ONCE)

    def __call__(self, path: str) -> bytes:
        """What stands at `path` on Amazon's host; raises Refused."""
        if not self._slots.acquire(blocking=False):
            raise Refused(Reason.DOWNLOAD)
        get = _Get(self._context, self._dial, path, time.monotonic() + self._seconds)
        answer: Future[bytes] = Future()

        def work() -> None:
            try:
                answer.set_result(get.run())
            except BaseException as error:  # noqa: BLE001 - looked at in the thread that asked
                answer.set_exception(error)
            finally:
                self._slots.release()  # here, not when the wait is over: a thread that hangs keeps its slot

        threading.Thread(target=work, name="chain download", daemon=True).start()
        wait((answer,), timeout=self._seconds)
        get.give_up()
        if not answer.done() or answer.exception() is not None:
            raise Refused(Reason.DOWNLOAD)
        return answer.result()


class _Get:
    """One GET request; a socket's own time-out is per step, so every step is given what is left."""

    def __init__(self, context: ssl.SSLContext, dial: Dial, path: str, ends: float) -> None:
        self._context = context
        self._dial = dial
        self._path = path
        self._ends = ends
        self._socket: socket.socket | None = None

    def run(self) -> bytes:
        """The body of a 200; raises OSError, HTTPException or ValueError."""
        plain = self._dial(self._left())
        with plain, self._context.wrap_socket(plain, server_hostname=HOST) as self._socket:
            connection = HTTPConnection(HOST)
            connection.sock = self._socket
            self._socket.settimeout(self._left())
            connection.request("GET", self._path, headers={"Accept-Encoding": "identity", "Connection": "close"})
            with connection.getresponse() as response:
                if response.status != 200 or response.getheader("Content-Encoding", "identity") != "identity":
                    raise HTTPException(response.status)
                body = b""
                while chunk := response.read1(MOST_BYTES):
                    body += chunk
                    if len(body) > MOST_BYTES:
                        raise ValueError("more than a certificate chain")
                    self._socket.settimeout(self._left())
                if response.length:
                    raise HTTPException("ended early")
                return body

    def give_up(self) -> None:
        """End what is still going on; harmless when it is over."""
        if self._socket is not None:
            with suppress(OSError, ValueError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _left(self) -> float:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left
