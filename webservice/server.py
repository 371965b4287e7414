"""Running the app: gunicorn, with several processes of several threads.

On SIGTERM or SIGINT no new connection is taken, what has arrived is answered, and only then does the process end. A
turn writes its state before its answer goes out, so an answered turn's write is never lost. Slow clients are kept away
by the proxy in front (docs/self-host.md): a thread waits for the rest of a request as long as the proxy does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flask import Flask
from gunicorn.app.base import BaseApplication

from stretch_coach.library import Library
from webservice.compose import load_library, make_app
from webservice.logs import LOG, to_stdout
from webservice.settings import WebSettings

GRACE_SECONDS: Final = 15
"""What is under way when the server is told to stop may take this long: more than Alexa waits."""
MOST_HEADER_BYTES: Final = 4096
"""Of one header; Alexa's longest, the signature, has about 350."""
MOST_HEADERS: Final = 50
MOST_LINE_BYTES: Final = 2048
MOST_CONNECTIONS: Final = 200
"""Of each process."""
KEEP_ALIVE_SECONDS: Final = 5
"""An idle connection is closed after this; the proxy in front has to be faster (docs/self-host.md)."""
SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - gunicorn's own advice for its heartbeat files


@dataclass(frozen=True)
class Listening:
    """Where and with how much the server runs."""

    host: str
    port: int
    workers: int
    threads: int
    """Of each worker."""

    @property
    def address(self) -> str:
        """As in a URL."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


MakeApp = Callable[[], Flask]


def serve(settings: WebSettings, listening: Listening) -> int:
    """Run until told to stop; raises ContentError for content that cannot be read."""
    library: Library = load_library()  # before the fork: an author's mistake is told once, and memory is shared
    return run(lambda: make_app(settings, library), listening)


def run(make: MakeApp, listening: Listening) -> int:
    """Serve an app; it is made once in every process that serves."""
    to_stdout()
    LOG.info("listening on http://%s", listening.address)
    try:
        _Server(make, listening).run()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


class _Server(BaseApplication):
    """gunicorn without its command line and its files of settings."""

    def __init__(self, make: MakeApp, listening: Listening) -> None:
        self._make = make
        self._listening = listening
        super().__init__()

    def load_config(self) -> None:
        for name, value in gunicorn_settings(self._listening).items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._make()


def gunicorn_settings(listening: Listening) -> dict[str, Any]:
    """The limits of gunicorn, as its settings."""
    return {
        "bind": listening.address,
        "workers": listening.workers,
        "threads": listening.threads,
        "worker_class": "webservice.worker.DiscreetWorker",
        "logger_class": "webservice.worker.JsonLogger",
        "worker_connections": MOST_CONNECTIONS,
        "timeout": 30,
        "graceful_timeout": GRACE_SECONDS,
        "keepalive": KEEP_ALIVE_SECONDS,
        "limit_request_line": MOST_LINE_BYTES,
        "limit_request_fields": MOST_HEADERS,
        "limit_request_field_size": MOST_HEADER_BYTES,
        "forwarded_allow_ips": "",
        "control_socket_disable": True,
        "post_worker_init": _say_ready,
        "worker_exit": _say_stopped,
        "worker_tmp_dir": str(SHARED_MEMORY) if SHARED_MEMORY.is_dir() else None,
    }


def _say_ready(worker: Any) -> None:  # noqa: ARG001 - gunicorn's hook
    LOG.info("worker ready")


def _say_stopped(arbiter: Any, worker: Any) -> None:  # noqa: ARG001 - the same
    LOG.info("worker stopped")
