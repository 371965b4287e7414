"""The speaker page over HTTP: one page, its files, and JSON between it and the speaker.

Nothing comes from another host and nothing goes to one. Only this machine is answered: the name asked for must be one
of ours (a foreign page may point its own name at 127.0.0.1), and what changes something carries a header that a foreign
page cannot send.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from socket import AF_INET, AF_INET6, create_server
from typing import Any, Final

from flask import Flask, Response, abort, jsonify, request
from werkzeug import serving
from werkzeug.exceptions import HTTPException

from simulator.speaker.clock import FASTEST, SLOWEST
from simulator.speaker.room import Speaker

STATIC: Final = Path(__file__).resolve().parent / "static"
HEADER: Final = "X-Stretch-Coach"
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
LONGEST_WAIT_S: Final = 20.0
LONGEST_TEXT: Final = 400
LONGEST_RECORDING: Final = 16_000 * 2 * 30
"""Half a minute of speech in bytes; nobody holds the button longer."""
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})


def create_app(speaker: Speaker, hosts: frozenset[str] = LOOPBACK) -> Flask:
    """The page of one speaker, for requests that name one of `hosts`."""
    app = Flask(__name__, static_folder=str(STATIC), static_url_path="/static")
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_RECORDING
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 0

    @app.before_request
    def _ours() -> None:
        name = request.host.rpartition(":")[0] if request.host.rpartition("]")[2].count(":") else request.host
        if name not in hosts:
            abort(403, "This speaker answers to its own machine only.")
        if request.method == "POST" and HEADER not in request.headers:
            abort(403, f"A request that changes something carries the header {HEADER}.")

    @app.after_request
    def _sealed(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.errorhandler(HTTPException)
    def _told(error: HTTPException) -> tuple[Response, int]:
        return jsonify({"error": error.description}), error.code or 500

    @app.get("/")
    def _page() -> Response:
        return app.send_static_file("index.html")

    _add_looking(app, speaker)
    _add_doing(app, speaker)
    _add_sound(app, speaker)
    return app


def _add_looking(app: Flask, speaker: Speaker) -> None:
    @app.get("/api/state")
    def _state() -> Response:
        since = request.args.get("since", 0, type=int)
        return jsonify(speaker.state(since, LONGEST_WAIT_S if since else 0.0))

    @app.get("/api/developer")
    def _developer() -> Response:
        return jsonify(speaker.developer())

    @app.get("/audio/<int:number>.wav")
    def _audio(number: int) -> Response:
        sound = speaker.wav(number)
        if sound is None:
            abort(404, "That has been said.")
        return Response(sound, mimetype="audio/wav")


def _add_doing(app: Flask, speaker: Speaker) -> None:
    @app.post("/api/launch")
    def _launch() -> Response:
        return _told(speaker, speaker.launch)

    @app.post("/api/say")
    def _say() -> Response:
        text = _text(_body().get("text"))
        return _told(speaker, lambda: speaker.say(text))

    @app.post("/api/touch")
    def _touch() -> Response:
        argument = _text(_body().get("argument"))
        return _told(speaker, lambda: speaker.touch((argument,)))

    @app.post("/api/wake")
    def _wake() -> Response:
        return _told(speaker, speaker.wake)

    @app.post("/api/simulate")
    def _simulate() -> Response:
        body = _body()
        try:
            return _told(speaker, lambda: speaker.simulate(str(body.get("entry")), on=body.get("on") is not False))
        except KeyError:
            abort(404, f"There is nothing to simulate called {body.get('entry')!r}.")


def _add_sound(app: Flask, speaker: Speaker) -> None:
    @app.post("/api/began")
    def _began() -> Response:
        number = _body().get("id")
        elapsed = speaker.began(number if isinstance(number, int) else 0)
        return jsonify({"elapsed": elapsed, "speed": speaker.clock.speed})

    @app.post("/api/hear")
    def _hear() -> Response:
        if speaker.recognise is None:
            abort(404, "No recognizer is installed.")
        heard = speaker.hear(request.get_data())
        return jsonify({**speaker.state(), "heard": heard})

    @app.post("/api/speed")
    def _speed() -> Response:
        speed = _body().get("speed")
        if not isinstance(speed, int | float):
            abort(400, "speed is a number.")
        return _told(speaker, lambda: speaker.hurry(min(max(float(speed), SLOWEST), FASTEST)))


def _told(speaker: Speaker, action: Callable[[], object]) -> Response:
    """Do it, and answer with what it is like then."""
    action()
    return jsonify(speaker.state())


def _body() -> Mapping[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        abort(400, "The body is no JSON object.")
    return body


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT:
        abort(400, f"Say something, in {LONGEST_TEXT} characters at most.")
    return value.strip()


def make_server(speaker: Speaker, host: str, port: int) -> serving.BaseWSGIServer:
    """Flask's own server, which listens and is still to be run: one developer's page asks nothing more of a server.

    `port` 0 takes a free one. Raises OSError where it cannot listen.
    """
    hosts = LOOPBACK if host in {"127.0.0.1", "localhost", "::1"} else LOOPBACK | {host}
    # Werkzeug ends the process where it cannot listen by itself.
    with create_server((host, port), family=AF_INET6 if ":" in host else AF_INET) as listener:
        return serving.make_server(host, port, create_app(speaker, hosts), threaded=True, fd=listener.fileno())
