"""The Flask app: limits, then verification, then flask-ask-sdk's adapter; and what a proxy or an operator asks about.

Every refusal is an empty 400 (413 for a body over the limit): which rule refused is in our log and nowhere else. A
skill event that was not carried out is an empty 503, so that Alexa delivers it again.
"""

import re
import sys
import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from flask import Flask, Request, Response, g, request
from werkzeug.exceptions import HTTPException

from stretch_coach.alexa.skill import Skill
from stretch_coach.errors import EventFailed, StoreError
from stretch_coach.stores.contract import Store
from webservice.adapter import Adapter
from webservice.logs import LOG, fault
from webservice.refusal import Reason, Refused
from webservice.settings import is_loopback
from webservice.verifier import Header, parsed

MOST_BODY_BYTES: Final = 131_072
"""Several times the largest request: 24 KB of session attributes, a screen's state and two tokens."""
PROBE_SECONDS: Final = 5.0
"""How long one answer about the store holds: asking must not become a way to load the database."""
PROBE_USER: Final = "stretch-coach.readiness"

Answer = tuple[str, int, dict[str, str]]


class Guard(Protocol):
    """Decides whether a request reaches the skill."""

    def check(self, header: Header, body: bytes) -> None:
        """Raise Refused when it does not."""
        ...


class LoopbackOnly:
    """In place of the verifier under --insecure-local: unsigned, but only from this machine and through no proxy.

    A browser's page or a proxy that runs here reaches loopback as well, so both are recognized by their headers.
    """

    FORWARDING: Final = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via", "Origin")

    def check(self, header: Header, body: bytes) -> None:
        """Raise Refused for a request of another machine, or for a body that is no JSON object."""
        named = re.sub(r":\d+$", "", header("Host") or "")
        here = is_loopback(request.remote_addr or "") and is_loopback(named)
        if not here or any(header(name) is not None for name in self.FORWARDING):
            raise Refused(Reason.FORWARDED)
        parsed(body)


def create_app(skill: Skill, guard: Guard, clock: Callable[[], float] = time.monotonic) -> Flask:
    """The WSGI app that answers Alexa at `/` through `guard`, for any server.

    `skill` is what `build_skill` made for the Lambda as well; `clock` gives seconds, for durations.
    """
    app = Flask("webservice", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY_BYTES
    adapter = Adapter(app, skill)
    readiness = Readiness(skill.coach.keeper.store, clock)

    @app.post("/", provide_automatic_options=False)
    def turn() -> Response:
        guard.check(request.headers.get, read_body(request))
        return adapter.dispatch()

    @app.get("/healthz")
    def health() -> Answer:
        return _empty(200)

    @app.get("/readyz")
    def ready() -> Answer:
        return _empty(200 if readiness.is_ready() else 503)

    _add_endings(app, clock)
    return app


def read_body(request: Request) -> bytes:
    """The raw body of a request whose headers allow one; raises Refused.

    A body needs a Content-Length, so that how much is read is known before the first byte.
    """
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != "application/json" or charset not in {"utf-8", "utf8"}:
        raise Refused(Reason.CONTENT_TYPE)
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused(Reason.CONTENT_ENCODING)
    length = request.content_length
    if length is None or "Transfer-Encoding" in request.headers:
        raise Refused(Reason.LENGTH)
    if length > MOST_BODY_BYTES:
        raise Refused(Reason.TOO_LARGE)
    try:
        body = request.get_data(cache=True)
    except (OSError, HTTPException):  # the client went away; werkzeug's ClientDisconnected is an HTTPException
        body = b""
    if len(body) != length:
        raise Refused(Reason.TRUNCATED)
    return body


class Readiness:
    """Whether the store answers, asked for now and then."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: float | None = None
        self._ready = False

    def is_ready(self) -> bool:
        """Whether a turn could keep its state a moment ago."""
        with self._lock:
            now = self._clock()
            if self._asked is None or now - self._asked >= PROBE_SECONDS:
                self._ready = self._probe()
                self._asked = now
            return self._ready

    def _probe(self) -> bool:
        try:
            self._store.load(PROBE_USER, int(time.time()))
        except StoreError as error:
            LOG.warning("store not ready", extra={"error": type(error).__name__})
            return False
        return True


def _add_endings(app: Flask, clock: Callable[[], float]) -> None:
    @app.before_request
    def begin() -> None:
        g.began = clock()
        g.reason = None

    @app.errorhandler(Refused)
    def refuse(refused: Refused) -> Answer:
        g.reason = refused.reason.name.lower()
        return _empty(refused.status)

    @app.errorhandler(EventFailed)
    def not_done(_: EventFailed) -> Answer:
        g.reason = "event_failed"
        return _empty(503)

    @app.errorhandler(HTTPException)
    def no_detail(error: HTTPException) -> Answer:
        allowed = dict(error.get_headers()).get("Allow")
        return _empty(error.code or 500, **({"Allow": allowed} if allowed else {}))

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Answer:
        LOG.error("request failed", extra=fault(type(error), sys.exc_info()[2]))
        return _empty(500)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-store"
        if request.path == "/":
            # No size: the skill rounds its own up, because it could tell one outcome of the safety check from another.
            fields = {"status": response.status_code, "milliseconds": round((clock() - g.began) * 1000)}
            LOG.info("request", extra=fields | ({"reason": g.reason} if g.reason else {}))
        return response


def _empty(status: int, **headers: str) -> Answer:
    return "", status, {"Content-Type": "text/plain", **headers}
