"""The command line: ``stretch-coach talk``, ``play``, ``say``, ``plan``, ``render`` and ``serve``.

Exit codes: 0 done; 1 a script departs from what happened, or an answer breaks a rule of the platform; 2 a mistake of
the user or of an author, told in one line.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from simulator.cli import demo as demo_cli
from simulator.cli import plan as plan_cli
from simulator.cli import render as render_cli
from simulator.cli import speaker as speaker_cli
from simulator.device import Device, DeviceError
from simulator.device.clock import RealClock, VirtualClock, from_iso
from simulator.hearing.listen import listen
from simulator.local import Local, default_state
from simulator.scripts.script import ScriptError, load
from simulator.scripts.stage import Performance
from simulator.talk.console import Lines, console_for
from simulator.talk.talk import Setting, talk_fast, talk_live
from simulator.talk.voiceover import VoiceOver
from stretch_coach.errors import StretchCoachError
from stretch_coach.settings import Settings, SettingsError
from webservice import cli as web_cli

DONE, DEPARTED, MISTAKE = 0, 1, 2


class UsageError(Exception):
    """Something the user asked for cannot be done; its text says what and how to mend it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except (StretchCoachError, SettingsError, ScriptError, UsageError) as error:
        print(error, file=sys.stderr)
        return MISTAKE
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="stretch-coach", description="A coach for hips and lower backs, without a device."
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {version('stretch-coach')}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    talk = commands.add_parser("talk", help="talk to the coach in this terminal")
    talk.add_argument("--fast", action="store_true", help="do not wait for the speech")
    talk.add_argument(
        "--voice", nargs="?", const="", metavar="NAME", help="hear it; without a sound device, write a WAV"
    )
    talk.add_argument("--at", metavar="MOMENT", help="begin at a moment such as 2026-03-01T10:00:00Z (implies --fast)")
    talk.add_argument("--listen", type=Path, metavar="WAV", help="say one thing: what is heard in this file")
    _add_common(talk)
    talk.set_defaults(run=_talk)

    play = commands.add_parser("play", help="perform scripts and compare", description=_script_help())
    play.formatter_class = argparse.RawDescriptionHelpFormatter
    play.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a script, such as tests/dialogues/*.yaml")
    play.set_defaults(run=_play)

    say = commands.add_parser("say", help="say one thing and print the response as JSON")
    say.add_argument("words", nargs="+", metavar="WORD")
    say.add_argument("--no-screen", action="store_true", help="ask as a speaker without a screen")
    _add_common(say)
    say.set_defaults(run=_say)

    demo_cli.add_arguments(commands.add_parser("demo", help="record a two-minute session as sound and words"))
    plan_cli.add_arguments(commands.add_parser("plan", help="show a routine's timeline with its real lengths"))
    web_cli.add_arguments(commands.add_parser("serve", help="host the skill as a web service (docs/self-host.md)"))
    render_cli.add_arguments(commands.add_parser("render", help="write what a response sounds like to a WAV file"))
    speaker_cli.add_arguments(commands.add_parser("speaker", help="a speaker with a screen, in your browser"))
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--state", type=Path, metavar="FILE", help="where to keep what is remembered between talks")
    parser.add_argument("--locale", default="en-US", help="the language and country, such as en-GB")


def _script_help() -> str:
    from simulator.scripts import script

    return script.__doc__ or ""


def _local(options: argparse.Namespace) -> Local:
    state: Path = options.state or default_state(os.environ)
    if state.is_dir():
        raise UsageError(f"--state {state}: this is a folder. Name a file in it")
    return Local(state, options.locale, Settings.from_env(os.environ).count_audio)


def _talk(options: argparse.Namespace) -> int:
    local = _local(options)
    local.library  # noqa: B018 - content is read first, so that its errors come before the first word
    here = sys.stdin.isatty()
    spoken = [listen(options.listen, options.locale)] if options.listen else None
    fast = options.fast or bool(options.at) or not here or spoken is not None
    voice = _voice(options.voice, aloud=not fast)
    setting = Setting(local.new_process, local.understand, local.state, options.locale, voice)
    console = console_for(sys.stdout, os.environ, live=not fast)
    try:
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


def _play(options: argparse.Namespace) -> int:
    departed = 0
    for path in options.files:
        script = load(path)
        with tempfile.TemporaryDirectory(prefix="stretch-coach-") as folder:
            local = Local(Path(folder) / "state.db", script.settings.get("locale", "en-US"))
            mismatch = Performance(script, local.new_process, local.understand).run()
        print(mismatch or f"{path}: as written ({script.name})")
        departed += mismatch is not None
    return DEPARTED if departed else DONE


def _say(options: argparse.Namespace) -> int:
    local = _local(options)
    clock = RealClock()
    device = Device(local.new_process(clock), local.understand, clock, locale=options.locale, apl=not options.no_screen,
                    utterance_ms=0)  # fmt: skip
    try:
        response = device.say(" ".join(options.words))
    except DeviceError as error:
        if error.response is not None:
            print(json.dumps(error.response, indent=2, ensure_ascii=False))
        print(error, file=sys.stderr)
        return DEPARTED
    print(json.dumps(response, indent=2, ensure_ascii=False))
    return DONE


if __name__ == "__main__":
    sys.exit(main())
