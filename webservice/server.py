"""Running the app: gunicorn with threads where it can run, waitress elsewhere.

Both stop alike on SIGTERM or SIGINT: no new connection is taken, what has arrived is answered, and only then does the
process end. A turn writes its state before its answer goes out, so an answered turn's write is never lost.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flask import Flask

from stretch_coach.library import Library
from stretch_coach.stores.deadline import MOST_LEFT_BEHIND
from webservice.compose import load_library, make_app
from webservice.limits import MOST_CONNECTIONS, PORT, THREADS, WORKERS
from webservice.logs import LOG, to_stdout
from webservice.settings import WebSettings

GRACE_SECONDS: Final = 15
"""What is under way when the server is told to stop may take this long: more than Alexa waits."""
MOST_HEADER_BYTES: Final = 4096
"""Of one header; Alexa's longest, the signature, has about 350."""
MOST_HEADERS: Final = 50
MOST_LINE_BYTES: Final = 2048
KEEP_ALIVE_SECONDS: Final = 5
"""An idle connection is closed after this; the proxy in front has to be faster (docs/self-host.md)."""
SHARED_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - gunicorn's own advice for its heartbeat files


@dataclass(frozen=True)
class Listening:
    """Where and with how much the server runs."""

    host: str = "127.0.0.1"
    port: int = PORT
    workers: int = WORKERS
    threads: int = THREADS
    """Of each worker."""

    @property
    def address(self) -> str:
        """As in a URL."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


MakeApp = Callable[[], Flask]


def serve(settings: WebSettings, listening: Listening, server: str = "auto") -> int:
    """Run until told to stop; raises ContentError for content that cannot be read."""
    library: Library = load_library()  # before the fork: an author's mistake is told once, and memory is shared
    return run(lambda: make_app(settings, library), listening, server)


def run(make: MakeApp, listening: Listening, server: str = "auto") -> int:
    """Serve an app; it is made once in every process that serves."""
    to_stdout()
    LOG.info("listening on http://%s", listening.address)
    if server == "gunicorn" or (server == "auto" and sys.platform != "win32"):
        return run_gunicorn(make, listening)
    from webservice.waitress_server import run_waitress

    threads = min(listening.workers * listening.threads, MOST_LEFT_BEHIND)
    return run_waitress(make(), listening.host, listening.port, threads, GRACE_SECONDS)


def run_gunicorn(make: MakeApp, listening: Listening) -> int:
    """Several processes with several threads each."""
    from gunicorn.app.base import BaseApplication

    class Server(BaseApplication):
        def load_config(self) -> None:
            for name, value in gunicorn_settings(listening).items():
                self.cfg.set(name, value)

        def load(self) -> Any:
            return make()

    try:
        Server().run()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def gunicorn_settings(listening: Listening) -> dict[str, Any]:
    """The limits of gunicorn, as its settings."""
    return {
        "bind": listening.address,
        "workers": listening.workers,
        "threads": listening.threads,
        "worker_class": "webservice.worker.PunctualWorker",
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
