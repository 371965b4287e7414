"""What gunicorn is not to tell: neither the log nor who asked learns what was wrong with bytes that are no HTTP.

gunicorn by itself quotes them in a page, and writes them with the sender's address into a line of the log.
"""

import socket
from contextlib import suppress
from typing import Any, Final

from gunicorn.glogging import Logger
from gunicorn.http.errors import ParseException
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import ThreadWorker

from webservice.logs import LOG, to_stdout
from webservice.refusal import Reason

REFUSAL: Final = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
FAULT: Final = b"HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class DiscreetWorker(ThreadWorker):
    """A worker that repeats nothing of what it refuses."""

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
