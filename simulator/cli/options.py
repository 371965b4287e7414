"""What several commands share: options and what they stand for, exit codes, the error of a user."""

import argparse
import os
from pathlib import Path

from simulator.local import Local, default_state
from stretch_coach.errors import StretchCoachError
from stretch_coach.settings import Settings

DONE, DEPARTED, MISTAKE = 0, 1, 2
"""Exit codes, as `commands` says them."""


class UsageError(StretchCoachError):
    """Something the user asked for cannot be done; its text says what and how to mend it."""


def add_locale(parser: argparse.ArgumentParser) -> None:
    """``--locale``; `commands.main` refuses one that is not there before it runs anything."""
    parser.add_argument("--locale", default="en-US", help="the language and country, such as en-GB")


def add_state(parser: argparse.ArgumentParser) -> None:
    """``--state``, and ``--locale`` with it."""
    parser.add_argument("--state", type=Path, metavar="FILE", help="where to keep what is remembered between talks")
    add_locale(parser)


def local_of(options: argparse.Namespace) -> Local:
    """The skill that ``--state``, ``--locale`` and the environment ask for; raises UsageError."""
    state: Path = options.state or default_state(os.environ)
    if state.is_dir():
        raise UsageError(f"--state {state}: this is a folder. Name a file in it")
    return Local(state, options.locale, Settings.from_env(os.environ).count_audio)
