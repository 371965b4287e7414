"""Check content and every generated file against what they come from; changes nothing."""

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module

from tools.__main__ import ACTIONS, actions

Check = Callable[[], Sequence[str]]


def checks() -> Iterator[tuple[str, Check]]:
    """Every action that offers ``check() -> list[str]``, by name."""
    for action in actions():
        offered = getattr(import_module(ACTIONS[action]), "check", None) if action != "check" else None
        if offered is not None:
            yield action, offered


def report(offered: Mapping[str, Check]) -> list[str]:
    """What all checks find, in their order."""
    return [line for check in offered.values() for line in check()]


def run(argv: Sequence[str]) -> int:
    """Print every problem, one a line; 1 when there is any."""
    argparse.ArgumentParser(prog="python -m tools check", description=__doc__).parse_args(argv)
    offered = dict(checks())
    found = report(offered)
    for line in found:
        print(line, file=sys.stderr)
    print(f"{', '.join(offered)}: {len(found) or 'no'} problem{'' if len(found) == 1 else 's'}")
    return 1 if found else 0
