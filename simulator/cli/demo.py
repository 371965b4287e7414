"""``stretch-coach demo``: a two-minute session as a WAV file and a transcript."""

import argparse
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from simulator.device.clock import VirtualClock, from_iso
from simulator.local import Local
from simulator.talk.console import PlainConsole
from simulator.talk.talk import Setting, talk_fast
from simulator.talk.voiceover import VoiceOver
from stretch_coach.errors import StretchCoachError

MOMENT: Final = "2026-03-01T10:00:00Z"
SESSION: Final[Sequence[str]] = (
    "start the standing hip circles",
    "/interrupt 66 how long left",
    "/interrupt 12 pause",
    "is numbness in the groin a red flag",
    "no thank you",
    "stop",
)
"""What the listener says; with the answers about two minutes. A number is seconds into what is being said."""


class DemoError(StretchCoachError):
    """A demo that cannot be recorded; its text says how to mend it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--wav", type=Path, default=Path("build/demo.wav"), metavar="FILE", help="where the sound goes")
    parser.add_argument(
        "--transcript", type=Path, default=Path("build/demo.md"), metavar="FILE", help="where the words go"
    )
    parser.add_argument("--voice", metavar="NAME", help="one of the offline voices")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Record the session; raises DemoError without a voice."""
    try:
        voice = VoiceOver(options.voice, aloud=False)
    except ImportError as error:
        raise DemoError(f"demo: {error.name} is not installed. `make test` installs the voices") from error
    except (ValueError, RuntimeError) as error:
        raise DemoError(f"demo: {error}") from error
    try:
        seconds, words = record(voice, options.wav)
    finally:
        voice.close()
    options.transcript.parent.mkdir(parents=True, exist_ok=True)
    options.transcript.write_text(page(words, seconds), encoding="utf-8")
    print(f"{options.wav}: {seconds:.0f} s. The words are in {options.transcript}")
    return 0


def record(voice: VoiceOver, wav: Path) -> tuple[float, str]:
    """Hold the session on a listener's first day and write its sound; the length in seconds, and the transcript."""
    out = io.StringIO()
    with tempfile.TemporaryDirectory(prefix="stretch-coach-") as folder:
        local = Local(Path(folder) / "state.db")
        setting = Setting(local.new_process, local.understand, local.state, "en-US", voice)
        clock = VirtualClock(from_iso(MOMENT))
        device = talk_fast(setting, SESSION, PlainConsole(out), clock, echo=True)
        wav.parent.mkdir(parents=True, exist_ok=True)
        voice.save(device, wav)
    return (clock.now_ms - from_iso(MOMENT)) / 1000, out.getvalue()


def page(words: str, seconds: float) -> str:
    """The transcript as Markdown."""
    return (
        "# A session\n\n"
        f"Recorded with `stretch-coach demo`, which also writes the sound ({seconds:.0f} s). U is the listener, A the\n"
        "coach; a line with a slash says how far into the coach's words the listener spoke.\n\n"
        + "".join(f"> {line}\n>\n" for line in words.splitlines() if line.strip())
    )
