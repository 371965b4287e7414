"""Write uv.lock and scripts/uv.txt from pyproject.toml, keeping the versions that still fit.

``python -m tools lock --upgrade`` moves everything on, ``--upgrade-package NAME`` one package. The lock holds every
version and hash and no index's address, so that whoever installs does it from the index that their machine has.
"""

import argparse
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tools.dependencies import fetch

ROOT: Final = Path(__file__).resolve().parents[2]
NOWHERE: Final = "https://installed-by-scripts-setup.invalid"
"""What stands for the index in uv.lock: a name that resolves nowhere (RFC 2606) and says what does the work."""
MEND: Final = "Run make lock"
NO_UV: Final = 3
"""How scripts/uv ends in a tree that was never set up, where nothing is fetched for a check."""


def without_index(lock: str) -> str:
    """A lock whose addresses name no index: of each file only its name is left, of each registry nothing."""
    lock = re.sub(r'registry = "https?://[^"]*"', f'registry = "{NOWHERE}"', lock)
    return re.sub(r'url = "https?://(?:[^"]*/)?([^"/]+)"', rf'url = "{NOWHERE}/\1"', lock)


def bootstrap(lock: str) -> str:
    """The requirement that pip fetches uv with, as scripts/uv.txt holds it; `lock` is the text of uv.lock."""
    (package,) = (package for package in tomllib.loads(lock)["package"] if package["name"] == "uv")
    hashes = sorted(wheel["hash"] for wheel in package["wheels"])
    lines = " \\\n".join([f"uv=={package['version']}", *(f"    --hash={each}" for each in hashes)])
    return f"# Written by `make lock`. The uv that scripts/uv fetches where the machine has none.\n{lines}\n"


def check(root: Path = ROOT) -> list[str]:
    """What is stale or names an index, as ``path: problem. mend``."""
    try:
        lock, pinned = (root / "uv.lock").read_text("utf-8"), (root / "scripts" / "uv.txt").read_text("utf-8")
        wanted = bootstrap(lock)
    except (OSError, ValueError, KeyError) as error:
        return [f"uv.lock: this cannot be read ({error}). Restore it and scripts/uv.txt with git, then run make lock"]
    named = [number for number, line in enumerate(lock.splitlines(), start=1) if line != without_index(line)]
    found = [f"uv.lock:{number}: this names a package index. {MEND}" for number in named[:1]]
    if pinned != wanted:
        found.append(f"scripts/uv.txt: this is not the uv that uv.lock holds. {MEND}")
    command = [str(root / "scripts" / "uv"), "lock", "--check", "--offline", "--quiet", "--project", str(root)]
    done = subprocess.run(command, env={**os.environ, "UV": "here"}, capture_output=True, text=True, check=False)
    if done.returncode not in {0, NO_UV}:
        found.append(f"uv.lock: it no longer fits pyproject.toml. {MEND}")
    return found


def run(argv: Sequence[str]) -> int:
    """Write both files; 1 when uv finds no solution."""
    parser = argparse.ArgumentParser(prog="python -m tools lock", description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="move every package on")
    parser.add_argument("--upgrade-package", action="append", default=[], metavar="NAME", help="move one package on")
    options = parser.parse_args(argv)
    moved = ["--upgrade"] * options.upgrade + [
        word for name in options.upgrade_package for word in ("--upgrade-package", name)
    ]
    try:
        fetch.uv("lock", *moved, "--project", str(ROOT))
    except fetch.Unavailable as reason:
        print(f"uv.lock: {reason}", file=sys.stderr)
        return 1
    path = ROOT / "uv.lock"
    lock = without_index(path.read_text("utf-8"))
    path.write_text(lock, "utf-8")
    (ROOT / "scripts" / "uv.txt").write_text(bootstrap(lock), "utf-8")
    print(f"wrote uv.lock ({len(tomllib.loads(lock)['package'])} packages) and scripts/uv.txt")
    return 0
