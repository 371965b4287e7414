"""``stretch-coach speaker``: its arguments, and what it checks before the page's packages are imported."""

import argparse
import logging
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from threading import Thread
from typing import Final

from simulator.cli.options import add_state, local_of
from stretch_coach.errors import StretchCoachError

NOISE: Final = b"\x00\x10\x00\xf0" * 4_000
"""Half a second of no words."""
NEEDS = "`make setup-dev` installs the page and its voice"


class SpeakerError(StretchCoachError):
    """The page cannot be served; its text says why and what to do."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (default: this machine only)")
    parser.add_argument("--port", type=int, default=8181, help="default 8181; 0 takes a free one")
    parser.add_argument("--voice", metavar="NAME", help="the voice (default piper-joe); none for silence")
    add_state(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve the page until told to stop; raises SpeakerError."""
    if find_spec("flask") is None:
        raise SpeakerError(f"Flask is not installed. {NEEDS}")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it would write a line for every request
    from simulator.speaker.compose import compose, sound_for
    from simulator.speaker.server import make_server

    local = local_of(options)
    sound, silence = sound_for(options.voice)
    hears = recogniser(options.locale)
    if hears:
        Thread(target=hears, args=(NOISE,), daemon=True).start()  # its grammar takes seconds to make
    speaker = compose(local, sound, hears)
    try:
        server = make_server(speaker, options.host, options.port)
    except OSError as error:
        raise SpeakerError(f"--port {options.port}: {error.strerror}. Choose another, or 0 for a free one") from error
    if silence:
        print(silence)
    print(f"The speaker is at http://{_name(options.host)}:{server.port}/  (Ctrl+C to leave)", flush=True)
    try:
        server.serve_forever()
    finally:
        speaker.close()
    return 0


def _name(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def recogniser(locale: str) -> Callable[[bytes], str] | None:
    """What understands speech in a locale offline, when it is installed."""
    try:
        found: Callable[..., str] = import_module("simulator.hearing.recogniser").recognise
    except ImportError:
        return None
    return partial(found, locale=locale)
