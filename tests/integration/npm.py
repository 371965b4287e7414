"""npm packages that tests need, fetched into `.cache/` once and never part of this repository."""

import hashlib
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import pytest

from tests.integration import servers
from tests.integration.servers import Unavailable

T = TypeVar("T")


@dataclass(frozen=True)
class Package:
    name: str
    """With its version."""
    sha256: str
    """Of its archive."""


def or_skip(fetch: Callable[[], T]) -> T:
    """What `fetch` gives; skips the test where that cannot be had, and fails it under CI."""
    try:
        return fetch()
    except Unavailable as reason:
        if os.environ.get("CI"):
            pytest.fail(f"never skipped under CI: {reason}")
        pytest.skip(str(reason))


def packed(package: Package) -> Path:
    """A package's own files, without what it depends on; raises Unavailable without npm or the registry."""
    return servers._once(f"npm-{package.sha256[:12]}", partial(_fetch, package))


def installed(folder: Path) -> Path:
    """Where node finds the packages of a folder's lock; raises Unavailable without npm or the registry."""
    digest = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    return servers._once(f"{folder.name}-{digest[:12]}", partial(_install, folder)) / "node_modules"


def _fetch(package: Package, home: Path) -> None:
    _npm(home, "pack", "--silent", package.name)
    (archive,) = home.glob("*.tgz")
    if hashlib.sha256(archive.read_bytes()).hexdigest() != package.sha256:
        raise RuntimeError(f"{package.name} is not the package these tests were written with")
    with tarfile.open(archive) as files:
        files.extractall(home, filter="data")
    archive.unlink()


def _install(folder: Path, home: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(folder / name, home)
    _npm(home, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")


def _npm(home: Path, *arguments: str) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("it is fetched with npm: apt-get install npm")
    done = subprocess.run([npm, *arguments], cwd=home, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"npm {' '.join(arguments)} failed: {done.stderr.strip()[-500:]}")
