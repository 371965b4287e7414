"""The command line: every command of ``stretch-coach`` by name.

Exit codes: 0 done; 1 a script departs from what happened, or an answer breaks a rule of the platform; 2 a mistake of
the user or of an author, told in one line.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Final

from simulator.cli import demo, plan, play, render, say, speaker, talk
from simulator.cli.options import DONE, MISTAKE
from simulator.local import refuse_unknown_locale
from simulator.scripts.script import ScriptError
from stretch_coach.errors import StretchCoachError
from stretch_coach.settings import SettingsError
from webservice import cli as serve

Add = Callable[[argparse.ArgumentParser], None]
COMMANDS: Final[Sequence[tuple[str, str, Add]]] = (
    ("talk", "talk to the coach in this terminal", talk.add_arguments),
    ("play", "perform scripts and compare", play.add_arguments),
    ("say", "say one thing and print the response as JSON", say.add_arguments),
    ("demo", "record a two-minute session as sound and words", demo.add_arguments),
    ("plan", "show a routine's timeline with its real lengths", plan.add_arguments),
    ("serve", "host the skill as a web service (docs/self-host.md)", serve.add_arguments),
    ("render", "write what a response sounds like to a WAV file", render.add_arguments),
    ("speaker", "a speaker with a screen, in your browser", speaker.add_arguments),
)
"""Name, help and what adds the arguments; each sets `run`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        if "locale" in options:
            refuse_unknown_locale(options.locale, f"--locale {options.locale}")
        return run(options)
    except (StretchCoachError, SettingsError, ScriptError) as error:
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
    for name, told, add_arguments in COMMANDS:
        add_arguments(commands.add_parser(name, help=told))
    return parser
