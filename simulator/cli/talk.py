"""``stretch-coach talk``: typed words, or a recording of them, and what a speaker would do."""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from simulator.cli.faults import on_stderr, told
from simulator.cli.options import DONE, UsageError, add_state, local_of
from simulator.device import Device
from simulator.device.clock import RealClock, VirtualClock, from_iso
from simulator.hearing.listen import listen
from simulator.talk.console import Lines, TerminalConsole, console_for
from simulator.talk.talk import Setting, talk_fast, talk_live
from simulator.talk.voiceover import VoiceOver

TOLD: Final = """\
What you type is said. In a terminal it cuts in while Alexa speaks.

From a pipe, and with --fast, nobody waits: each answer is heard to its end before the next line is said. To cut in
there, say when: "/interrupt 40 pause" says pause 40 seconds into the answer. /help lists more such lines.

What a talk has reached is remembered in one file in your data directory, or in --state, and the next one goes on from
there. To start afresh, talk with --fresh, which leaves that file alone, or say "delete my data", which
empties it."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.description = TOLD
    parser.add_argument("--fast", action="store_true", help="do not wait for the speech; it is all heard all the same")
    parser.add_argument("--fresh", action="store_true", help="as somebody new; what is remembered is left alone")
    parser.add_argument(
        "--voice", nargs="?", const="", metavar="NAME", help="hear it; without a sound device, write a WAV"
    )
    parser.add_argument(
        "--at", metavar="MOMENT", help="begin at a moment such as 2026-03-01T10:00:00Z (implies --fast)"
    )
    parser.add_argument("--listen", type=Path, metavar="WAV", help="say one thing: what is heard in this file")
    add_state(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Talk until the input ends; raises UsageError, and ContentError before the first word."""
    if not options.fresh:
        return _talk(options)
    if options.state:
        raise UsageError("--fresh: --state names what to go on from. Leave out one of the two")
    with tempfile.TemporaryDirectory(prefix="stretch-coach-") as folder:
        options.state = Path(folder) / "state.db"
        return _talk(options)


def _talk(options: argparse.Namespace) -> int:
    local = local_of(options)
    local.library  # noqa: B018 - content is read first, so that its errors come before the first word
    here = sys.stdin.isatty()
    spoken = [listen(options.listen, options.locale)] if options.listen else None
    fast = options.fast or bool(options.at) or not here or spoken is not None
    voice = _voice(options.voice, aloud=not fast)
    setting = Setting(local.new_process, local.understand, local.state, options.locale, voice)
    console = console_for(sys.stdout, os.environ, live=not fast)
    try:
        # A terminal whose lines are laid out shows a fault as one of them; standard error would write across.
        with told(console.line if isinstance(console, TerminalConsole) else on_stderr):
            if fast:
                clock = VirtualClock(_moment(options.at) if options.at else RealClock().now_ms)
                device = talk_fast(setting, spoken or _lines(here), console, clock, echo=bool(spoken) or not here)
            else:
                device = talk_live(setting, Lines(sys.stdin), console, RealClock())
        if voice and not voice.aloud:
            _save(voice, device)
    finally:
        if voice:
            voice.close()
    return DONE


def _voice(name: str | None, *, aloud: bool) -> VoiceOver | None:
    if name is None:
        return None
    try:
        return VoiceOver(name or None, aloud=aloud)
    except ImportError as error:
        raise UsageError(f"--voice: {error.name} is not installed. `make setup-dev` installs the voices") from error


def _save(voice: VoiceOver, device: Device) -> None:
    path = Path(f"talk-{datetime.now().astimezone():%Y%m%d-%H%M%S}.wav")
    voice.save(device, path)
    print(f"The talk is in {path}")


def _moment(text: str) -> int:
    try:
        return from_iso(text)
    except ValueError as error:
        raise UsageError(f"--at {text}: this is no moment. Write it like 2026-03-01T10:00:00Z") from error


def _lines(here: bool) -> Iterable[str]:
    return _typed() if here else sys.stdin


def _typed() -> Iterator[str]:
    """Lines typed at a prompt, to the end of the input."""
    while True:
        try:
            yield input("> ")
        except EOFError:
            print()
            return
