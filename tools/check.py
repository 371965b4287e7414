"""Check content and every generated file against what they come from; changes nothing."""

import argparse
import ast
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module

from tools.__main__ import ACTIONS, sources

Check = Callable[[], Sequence[str]]


def checks() -> Iterator[tuple[str, Check]]:
    """Every action that offers ``check() -> list[str]``, by name; the modules of the others are not imported."""
    for action, tree in sources().items():
        if any(isinstance(part, ast.FunctionDef) and part.name == "check" for part in tree.body):
            yield action, import_module(ACTIONS[action]).check


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
