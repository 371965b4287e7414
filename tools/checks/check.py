"""Check content, code and every generated file against what they come from; changes nothing.

``python -m tools check`` looks at content first and then at everything that is made of it: about two seconds.
``--all`` also runs the formatter, the linter, the type checker, the import rules and the search for what nothing uses.
Nothing stops at the first problem, and an accident in one check never hides what the others find.
"""

import argparse
import re
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Final

from tools.checks.intents import TABLE

ROOT: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Check:
    """A module with ``check(root) -> list[str]``, each line ``path:line: problem. how to mend it``."""

    name: str
    module: str
    needs_library: bool = False
    """It works on the library, which has to be sound; the others read files and stand alone."""


CHECKS: Final = (
    Check("content", "tools.content.compiler"),
    Check("files", "tools.checks.files"),
    Check("model", "tools.publish.model"),
    Check("intents", "tools.checks.intents"),
    Check("words", "tools.checks.words"),
    Check("promises", "tools.checks.promises"),
    Check("lock", "tools.dependencies.lock"),
    Check("diagram", "tools.pages.diagram"),
    Check("clinical-scripts", "tools.pages.clinical_scripts"),
    Check("red-flags", "tools.pages.red_flags", needs_library=True),
)
"""In this order: what an author wrote comes before what is made of it."""

DRAWN: Final = "diagram"
"""The check of what is drawn from the dialogue's table."""

ELSEWHERE: Final = {
    "docs/understanding.md": "tests/unit/understanding/test_understander.py compares it; measuring takes over a second",
    "docs/demo.md": "a recording with a voice, which differs from machine to machine",
    "docs/pace.md": "a measurement of sound",
    "docs/spoken-loop.md": "a measurement of sound",
    "docs/load.md": "a measurement of one machine",
    "docs/scale.md": "a measurement of one machine; its promised figures are rows of tools/checks/promises.py",
    "docs/faults.md": "a measurement of one machine; tests/integration/faults/ hold what it says",
}
"""Pages that a tool of ours has written and that no check compares, with the reason."""


NOTE: Final = re.compile(r"\S+: (?:note: |left out, because |not compared with )")
"""How a line begins that is about another problem: what could not be looked at for it, or more about it."""


@dataclass(frozen=True)
class Part:
    """What one check came to."""

    name: str
    found: Sequence[str]
    """Problems, and notes on them."""
    seconds: float

    @property
    def problems(self) -> int:
        """How many of the lines are problems of their own."""
        return sum(not NOTE.match(line) for line in self.found)


def parts(root: Path) -> Iterator[Part]:
    """Every check in turn; what needs a sound library is left out, with a line saying so, where there is none."""
    is_sound = True
    for check in CHECKS:
        start = time.perf_counter()
        if check.needs_library and not is_sound:
            found = [f"{check.name}: left out, because the library cannot be built. Mend content first"]
        else:
            found = _found(check, root)
        if check.name == "content" and found:
            is_sound = _is_sound(root)
        yield Part(check.name, found, time.perf_counter() - start)


def _is_sound(root: Path) -> bool:
    """Whether a library can be built in spite of what is wrong with content."""
    try:
        return not import_module("tools.content.compiler").unreadable(root)
    except Exception:  # noqa: BLE001 - the content check has said why
        return False


def _found(check: Check, root: Path) -> list[str]:
    try:
        return list(import_module(check.module).check(root))
    except Exception as error:  # noqa: BLE001 - an accident in one check must not hide what the others find
        last = traceback.extract_tb(error.__traceback__)[-1]
        path = Path(last.filename)
        where = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
        what = f"{type(error).__name__}: {error}".partition("\n")[0]
        mend = "Mend what is named elsewhere in this report first"
        return [f"{check.name}: this check broke off at {where}:{last.lineno} ({what}). {mend}"]


def run(argv: Sequence[str], root: Path = ROOT) -> int:
    """Print every problem on a line of its own, and a line for each part; 1 when there is any problem."""
    parser = argparse.ArgumentParser(prog="python -m tools check", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--all", action="store_true", help="formatting, lint, types, import rules and unused code, too")
    options = parser.parse_args(argv)
    if options.all:
        total = sum(_print(part) for part in _with_linters(root))
    else:
        total = sum(_print(part) for part in parts(root))
    print(f"{total or 'no'} problem{'' if total == 1 else 's'}")
    return 1 if total else 0


def _with_linters(root: Path) -> Iterator[Part]:
    """Every part and every linter; of what is drawn from the table only when it is known whether its types are right,
    because a row in the wrong place makes the drawing stale, too, and drawing it anew would keep the mistake.
    """
    from tools.checks import linters

    drawn: list[Part] = []
    is_sound = True
    for part in parts(root):
        if part.name == DRAWN and part.found:
            drawn.append(part)
        else:
            yield part
    for name, found, seconds in linters.results(root):
        is_sound = is_sound and not any(re.match(rf"{TABLE}:\d+: error: ", line) for line in found)
        yield Part(name, found, seconds)
    for part in drawn:
        stale = [line.partition(":")[0] for line in part.found if ": stale." in line]
        notes = [f"{where}: not compared with {TABLE}, which has type errors. Mend these first" for where in stale]
        others = [line for line in part.found if ": stale." not in line]
        yield part if is_sound else replace(part, found=[*others, *notes])


def _print(part: Part) -> int:
    for line in part.found:
        print(line, file=sys.stderr)
    sys.stderr.flush()
    count = part.problems
    print(f"{part.name:17}{part.seconds:5.1f} s  {count or 'no'} problem{'' if count == 1 else 's'}", flush=True)
    return count
