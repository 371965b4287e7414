"""Running the app in one process with waitress: for Windows, or where a single process is wanted."""

import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, cast

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import ErrorTask
from waitress.wasyncore import loop

from webservice.app import MOST_BODY_BYTES
from webservice.limits import ARRIVAL_SECONDS, MOST_CONNECTIONS
from webservice.logs import LOG
from webservice.refusal import Reason

HEADERS_BYTES: Final = 16_384
"""Of all headers together: waitress has no limit for one, nor for their number."""
IDLE_SECONDS: Final = 10
"""A connection on which nothing happens for this long is closed."""
LOOK_SECONDS: Final = 1
"""How often connections are looked at for being late or idle."""


class SilentErrorTask(ErrorTask):
    """Refuses what waitress could not read, without saying why."""

    def execute(self) -> None:
        """Answer with the status alone."""
        code = cast("Any", self.request).error.code
        status = {413: "413 Request Entity Too Large", 500: "500 Internal Server Error"}.get(code, "400 Bad Request")
        LOG.info("request", extra={"status": int(status[:3]), "reason": Reason.HEADERS.name.lower()})
        self.status = status
        self.set_close_on_finish()
        self.content_length = 0
        self.write(b"")


class SilentChannel(HTTPChannel):
    """A connection whose requests arrive in time, and whose refusals say nothing."""

    error_task_class = SilentErrorTask
    request: Any
    requests: list[Any]
    began: float | None = None
    """When the request began that is still arriving, by the monotonic clock."""

    def received(self, data: bytes) -> Any:
        """Take what has arrived."""
        if self.began is None:
            self.began = time.monotonic()
        taken = super().received(data)
        if self.request is None:
            self.began = None
        return taken

    def end_if_late(self, now: float) -> None:
        """Close the connection, unless an answer is under way on it, when the request has had its time at `now`."""
        if self.began is not None and now - self.began >= ARRIVAL_SECONDS and not self.requests:
            self.will_close = True


def run_waitress(app: Flask, host: str, port: int, threads: int, grace_seconds: float) -> int:
    """Serve until SIGTERM or SIGINT; what has arrived by then is answered first, for so long at most."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family)
    connections: dict[int, Any] = {}
    waitress: Any = create_server(
        app,
        map=connections,
        sockets=[listener],
        threads=threads,
        max_request_header_size=HEADERS_BYTES,
        max_request_body_size=MOST_BODY_BYTES,
        connection_limit=MOST_CONNECTIONS,
        channel_timeout=IDLE_SECONDS,
        cleanup_interval=LOOK_SECONDS,
        ident="",
        expose_tracebacks=False,
        clear_untrusted_proxy_headers=False,  # nothing believes them, but --insecure-local refuses on sight of them
    )
    waitress.channel_class = SilentChannel
    waitress.maintenance = partial(_look, waitress, waitress.maintenance)
    stop = Stop((signal.SIGTERM, signal.SIGINT), grace_seconds)
    while not stop.asked:
        loop(timeout=0.5, map=connections, count=1)
    waitress.del_channel(connections)
    listener.close()
    while any(_is_busy(channel) for channel in list(connections.values())) and not stop.over:
        loop(timeout=0.1, map=connections, count=1)
    waitress.task_dispatcher.shutdown(timeout=1)
    return 0


def _look(waitress: Any, idle: Callable[[float], None], now: float) -> None:
    """Close what is late, and then what is idle, as waitress does by itself."""
    for channel in waitress.active_channels.values():
        channel.end_if_late(time.monotonic())
    idle(now)


def _is_busy(channel: Any) -> bool:
    """Whether a connection has a request under way or an answer that is not sent yet."""
    return bool(getattr(channel, "requests", None)) or bool(getattr(channel, "total_outbufs_len", 0))


class Stop:
    """Whether the process was asked to stop, and whether the time for what was under way has passed."""

    def __init__(self, signals: Sequence[signal.Signals], grace_seconds: float) -> None:
        self._asked = threading.Event()
        self._over = threading.Event()
        self._grace_seconds = grace_seconds
        for number in signals:
            signal.signal(number, self._ask)

    @property
    def asked(self) -> bool:
        return self._asked.is_set()

    @property
    def over(self) -> bool:
        return self._over.is_set()

    def _ask(self, *_: object) -> None:
        if not self._asked.is_set():
            timer = threading.Timer(self._grace_seconds, self._over.set)
            timer.daemon = True
            timer.start()
        self._asked.set()
