"""``stretch-coach render``: what a response sounds like, as a WAV file."""

import argparse
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from simulator.cli.options import add_locale
from simulator.device import Device
from simulator.device.clock import VirtualClock, from_iso
from simulator.local import Local
from stretch_coach.errors import StretchCoachError
from stretch_coach.settings import COUNT_AUDIO

MOMENT: Final = "2026-03-01T10:00:00Z"
"""Renders are made at one moment, so that the same words give the same sound."""


class RenderError(StretchCoachError):
    """Something that cannot be rendered; its text says what and how to mend it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", type=Path, metavar="FILE.json", help="a response, as `say` prints it")
    what.add_argument("--exercise", metavar="ID", help="an exercise, led from the start")
    what.add_argument("--routine", metavar="ID", help="a routine's first turn")
    what.add_argument("--utterance", metavar="WORDS", help="the answer to something said")
    parser.add_argument("-o", "--output", type=Path, default=Path("out.wav"), metavar="WAV", help="where to write it")
    parser.add_argument("--voice", metavar="NAME", help="one of the offline voices")
    parser.add_argument("--rung", choices=COUNT_AUDIO[1:], default="auto", help="how counts are carried")
    add_locale(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Render and say what was written; raises RenderError for what the user can mend."""
    response = _response(options)
    try:
        from sound import audio
    except ImportError as error:
        raise RenderError(f"render: {error.name} is not installed. `make test` installs the voices") from error
    try:
        voice = audio.load_voice(options.voice or audio.DEFAULT_VOICE)
        clip = audio.render(response, voice, progress=True)
    except (audio.AudioError, audio.VoiceError, ValueError) as error:
        raise RenderError(str(error)) from error
    audio.write_wav(clip, options.output)
    print(f"{options.output}: {clip.length_ms / 1000:.1f} s, {voice.name}")
    return 0


def _response(options: argparse.Namespace) -> Mapping[str, Any]:
    if options.file:
        return _read(options.file)
    with tempfile.TemporaryDirectory(prefix="stretch-coach-") as folder:
        local = Local(Path(folder) / "state.db", options.locale, options.rung)
        clock = VirtualClock(from_iso(MOMENT))
        device = Device(local.new_process(clock), local.understand, clock, locale=options.locale, apl=False)
        device.launch()  # first-launch words are heard once, and not in what is rendered
        response = device.say(options.utterance or _utterance(options, local))
    if response is None:
        raise RenderError(f"render: “{options.utterance}” is for Alexa herself. Say something to the skill")
    return response


def _utterance(options: argparse.Namespace, local: Local) -> str:
    kind, wanted = ("exercises", options.exercise) if options.exercise else ("routines", options.routine)
    items: Mapping[str, Any] = getattr(local.library, kind)
    if wanted not in items:
        raise RenderError(f"render: there is no {kind[:-1]} {wanted!r}. There is {', '.join(items)}")
    return f"start the {items[wanted].name}"


def _read(path: Path) -> Mapping[str, Any]:
    try:
        response = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RenderError(f"{path}: it cannot be read ({error}). Give it a response as JSON") from error
    if not isinstance(response, dict) or not isinstance(response.get("response", {}), dict):
        raise RenderError(f"{path}: this is no response. `stretch-coach say` prints one")
    return response
