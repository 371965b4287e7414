"""The programs that check code: formatter, linter, type checker, import rules and unused code, two at a time."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.checks.intents import TABLE

SOURCES: Final = (
    "lambda",
    "content_reader",
    "simulator",
    "sound",
    "understanding",
    "tools",
    "tests",
    "infra",
    "webservice",
    "bench",
)
"""What is read, where it exists."""
UNTYPED: Final = ("infra",)
"""Its types need the CDK, so `make test-cloud` checks those, and those of tests/infra."""
AT_ONCE: Final = 2
LAYERS: Final = "from importlinter.cli import lint_imports_command; lint_imports_command()"
"""What its console script does; a console script knows the folder it was installed into, and not this one."""


SIGNATURES: Final = "lambda/stretch_coach/dialogue/signatures.py"
ROWS: Final = {
    rf'{TABLE}:\d+: error: Argument 1 to "_row" ': (
        "The rule's On[…] says which event and state it answers: put it in that row"
    ),
    rf'{TABLE}:\d+: error: Extra key .* for TypedDict "Rows\[': f"Mend the name, or add it to {SIGNATURES}",
    rf'{TABLE}:\d+: error: Missing key.* for TypedDict "Rows\[': f"Give it a row, or take it out of {SIGNATURES}",
}
"""What the type checker says of a row, to what the developer is to do about it."""


@dataclass(frozen=True)
class Linter:
    """A program, and how its output becomes lines ``path:line: problem. mend``."""

    name: str
    arguments: Callable[[Sequence[str]], list[str]]
    """From the folders to read to what follows ``python``."""
    lines: Callable[[str], list[str]]


def _formatted(output: str) -> list[str]:
    """A line for each file, whether the formatter names it alone or with what it would change."""
    found = (re.match(r"Would reformat: (.+)|\s*--> (.+?)(?::\d+)?$", line) for line in output.splitlines())
    return [f"{one[1] or one[2]}: not formatted as the others are. Run: make fix" for one in found if one]


def _linted(output: str) -> list[str]:
    return [
        re.sub(r"^(\S+:\d+):\d+: ", r"\1: ", line)
        for line in output.splitlines()
        if not re.match(r"Found \d+ error|All checks passed|\[\*\]|No fixes", line)
    ]


def _typed(output: str) -> list[str]:
    """What the type checker says, with a remedy where a row of the dialogue's table has it."""
    lines = [line for line in output.splitlines() if not re.match(r"Found \d+ error|Success: ", line)]
    return [next((f"{line}. {mend}" for slip, mend in ROWS.items() if re.match(slip, line)), line) for line in lines]


def _layered(output: str) -> list[str]:
    """Of a broken contract its name and the imports that break it; nothing of those that are kept."""
    _, broken, rest = output.partition("Broken contracts\n")
    kept = [line.strip() for line in rest.splitlines() if line.strip() and not set(line.strip()) <= {"-", "="}]
    return [f"imports: {line}" for line in kept] if broken else output.strip().splitlines()


def _used(output: str) -> list[str]:
    """What is unused with what to do about it, and whatever else the program says as it says it."""
    mend = "Remove it, or name its user in pyproject.toml, [tool.vulture]"
    return [re.sub(r" \(\d+% confidence.*\)$", f". {mend}", line) for line in output.splitlines()]


LINTERS: Final = (
    Linter(
        "types",
        lambda folders: ["-m", "mypy", "--exclude", "^tests/infra/", *(one for one in folders if one not in UNTYPED)],
        _typed,
    ),
    Linter("unused", lambda folders: ["-m", "vulture", *folders], _used),
    Linter("import rules", lambda _: ["-c", LAYERS, "--no-logo"], _layered),
    Linter("lint", lambda folders: ["-m", "ruff", "check", "--output-format", "concise", *folders], _linted),
    Linter("format", lambda folders: ["-m", "ruff", "format", "--check", *folders], _formatted),
)
"""The slowest first."""


def results(root: Path) -> Iterator[tuple[str, list[str], float]]:
    """Name, problems and seconds of each, in the order of LINTERS."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(lambda linter: _run(linter, root), LINTERS)


def _run(linter: Linter, root: Path) -> tuple[str, list[str], float]:
    start = time.perf_counter()
    folders = [name for name in SOURCES if (root / name).is_dir()]
    command = [sys.executable, *linter.arguments(folders)]
    plain = os.environ | {"NO_COLOR": "1", "COLUMNS": "200"}
    done = subprocess.run(command, cwd=root, env=plain, capture_output=True, text=True, check=False)
    found = linter.lines(done.stdout) if done.returncode else []
    if done.returncode and not found:
        last = (done.stderr.strip() or "it says nothing").splitlines()[-1]
        found = [f"{linter.name}: this check failed ({last}). Run `make check`, which installs what is missing"]
    return linter.name, found, time.perf_counter() - start
