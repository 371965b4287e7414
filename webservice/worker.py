"""gunicorn's threaded worker with an end to every request's arrival, and with nothing to learn from its refusals.

As gunicorn has it, a thread waits without limit for the rest of a request whose first byte has come, so four slow
clients stop a worker of four threads.
"""

import socket
import threading
import time
from collections import deque
from contextlib import suppress
from typing import Any, Final

from gunicorn.glogging import Logger
from gunicorn.http.errors import ParseException
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import ThreadWorker

from webservice.limits import ARRIVAL_SECONDS
from webservice.logs import LOG, to_stdout
from webservice.refusal import Reason

ANSWER_SECONDS: Final = 20.0
"""By then the answer has to be taken; Alexa gives up after 8 s."""

REFUSAL: Final = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
FAULT: Final = b"HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Watch:
    """Ends reading from a connection at one moment and everything else on it at a later one."""

    def __init__(self, arrival_seconds: float = ARRIVAL_SECONDS, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._seconds = {socket.SHUT_RD: arrival_seconds, socket.SHUT_RDWR: answer_seconds}
        self._under_way: dict[socket.socket, float] = {}
        self._lock = threading.Lock()
        self._queues: dict[int, deque[tuple[float, socket.socket]]] = {how: deque() for how in self._seconds}

    def start(self) -> None:
        """Begin to watch, in a thread of its own."""
        threading.Thread(target=self._run, name="request deadlines", daemon=True).start()

    def begin(self, connection: socket.socket) -> None:
        """A request begins to arrive."""
        now = time.monotonic()
        with self._lock:
            self._under_way[connection] = now
            for queue in self._queues.values():
                queue.append((now, connection))

    def end(self, connection: socket.socket) -> None:
        """The request is answered."""
        with self._lock:
            self._under_way.pop(connection, None)

    def _run(self) -> None:
        while True:
            time.sleep(min(self._seconds.values()) / 10)
            self.look(time.monotonic())

    def look(self, now: float) -> None:
        """End what has had its time at `now`; the queues are in the order of their beginnings."""
        with self._lock:
            for how, queue in self._queues.items():
                while queue and (queue[0][0] + self._seconds[how] <= now or not self._is_current(*queue[0])):
                    began, connection = queue.popleft()
                    if self._is_current(began, connection):
                        # What waits on the other side of this call finds the end of the stream.
                        with suppress(OSError):
                            connection.shutdown(how)

    def _is_current(self, began: float, connection: socket.socket) -> bool:
        return self._under_way.get(connection) == began


class PunctualWorker(ThreadWorker):
    """A worker whose threads always come back."""

    def init_process(self) -> None:
        """Start the watch after the fork."""
        self.watch = Watch()
        self.watch.start()
        super().init_process()

    def handle(self, conn: Any) -> Any:
        """Handle one request on a connection."""
        self.watch.begin(conn.sock)
        try:
            return super().handle(conn)
        finally:
            self.watch.end(conn.sock)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:  # noqa: ARG002
        """Answer what gunicorn could not read, or what failed outside the app, with an empty body."""
        refused = isinstance(exc, ParseException)
        fields = {"status": 400 if refused else 500, "error": type(exc).__name__}
        if refused:
            LOG.info("request", extra=fields | {"reason": Reason.HEADERS.name.lower()})
        else:
            LOG.error("request failed", extra=fields)
        with suppress(OSError):
            write_nonblock(client, REFUSAL if refused else FAULT)


class JsonLogger(Logger):
    """gunicorn's messages through our handler."""

    def setup(self, cfg: Any) -> None:
        """Set up nothing of gunicorn's own."""
        self.cfg = cfg
        self._access_log_enabled = False
        to_stdout()
