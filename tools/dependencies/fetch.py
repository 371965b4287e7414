"""Fetch what tests and builds need besides .venv into .cache/: each part named by a lock file, each kept once whole.

``python -m tools fetch`` gets all parts, with a line for each that is not there yet; ``--check`` only says whether they
are. Parts of npm have a folder in npm/ with a lock, Python environments a group in pyproject.toml, and the emulator of
the Lambda runtime its version and hash here. DynamoDB Local's licence allows use with AWS development and no
redistribution, so it is fetched and never part of this repository.
"""

import argparse
import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
CACHE: Final = ROOT / ".cache"
RUNTIME: Final = "3.13"
"""The Lambda's Python; infra/ deploys the same. Bytecode is of use to this version alone."""

SAM_CLI: Final = "aws-sam-cli==1.170.0"
"""Its wheel holds Amazon's Runtime Interface Emulator as a static binary; nothing else of it is used."""
SAM_CLI_SHA256: Final = "24ebaf5ecba38dc1758089968cb89ab61e124b84e92a344fc7a2771a47f4d0bf"


class Unavailable(Exception):  # noqa: N818 - a fact about this machine, with the reason as its text
    """Something cannot be had here."""


@dataclass(frozen=True)
class Part:
    """One thing that is fetched: a folder of .cache/."""

    name: str
    title: str
    """What it is, for the progress line."""
    make: Callable[[Path], None]
    """Fill the folder; raises Unavailable."""

    @property
    def home(self) -> Path:
        return CACHE / self.name

    @property
    def there(self) -> bool:
        """It has been fetched, whole."""
        return (self.home / "complete").exists()

    def get(self) -> Path:
        """The folder, made by the first process that wants it and kept only when whole; raises Unavailable."""
        if not self.there:
            CACHE.mkdir(exist_ok=True)
            with (CACHE / f"{self.name}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not self.there:
                    shutil.rmtree(self.home, ignore_errors=True)
                    self.home.mkdir()
                    self.make(self.home)
                    (self.home / "complete").touch()
        return self.home


# ------------------------------------------------------------------------------------------------------ tools of others


def uv(*arguments: str) -> str:
    """What uv prints; raises Unavailable with its message."""
    return _output([str(ROOT / "scripts" / "uv"), *arguments])


def node() -> str:
    """The Node of the machine where it is new enough, else the locked one; raises Unavailable."""
    return _program("node")


def requirements(group: str) -> str:
    """A group of pyproject.toml as uv.lock has it: one requirement with its hashes after another."""
    return uv(
        "export", "--quiet", "--frozen", "--only-group", group, "--no-header", "--no-annotate", "--project", str(ROOT)
    )


def install(requirements: str, home: Path, *options: str) -> None:
    """Install exact versions, hashes checked, by ``uv pip install`` with `options`; raises Unavailable."""
    wanted = home / "wanted.txt"
    wanted.write_text(requirements, "utf-8")
    # pyproject.toml says how to lock, not how to install: an index that tells no dates has to do, too.
    fixed = ("--quiet", "--no-config", "--no-deps", "--no-build", "--require-hashes", "--requirement", str(wanted))
    uv("pip", "install", *fixed, *options)
    wanted.unlink()


def find_python() -> str | None:
    """Return an interpreter of the runtime's version: this one, one on the PATH, or one that pyenv keeps."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    kept = sorted(pyenv.glob(f"versions/{RUNTIME}*/bin/python{RUNTIME}"))
    for candidate in (sys.executable, shutil.which(f"python{RUNTIME}"), *map(str, kept)):
        if candidate and _version(candidate) == RUNTIME:
            return candidate
    return None


# ---------------------------------------------------------------------------------------------------------------- parts


def npm(folder: str) -> Path:
    """Where Node finds the packages of npm/<folder>; raises Unavailable without npm or a registry."""
    return _npm(folder).get() / "node_modules"


def environment(group: str, python: str | None = None) -> Path:
    """The ``bin`` of an environment of one group, made with `python` or this interpreter; raises Unavailable."""
    return _environment(group, python or sys.executable).get() / "bin"


def emulator() -> Path:
    """The Runtime Interface Emulator for this machine; raises Unavailable."""
    kind = {"x86_64": "x86_64", "aarch64": "arm64"}.get(platform.machine())
    if sys.platform != "linux" or kind is None:
        raise Unavailable("the Runtime Interface Emulator is for Linux on x86_64 and arm64")
    return _emulator().get() / f"aws-lambda-rie-{kind}"


def parts() -> Iterator[Part]:
    """Everything that `make test` needs."""
    yield from (_npm(path.parent.name) for path in sorted((ROOT / "npm").glob("*/package-lock.json")))
    runtime = find_python() or sys.executable
    yield _environment("ministack", sys.executable)
    if runtime != sys.executable:
        yield _environment("ministack", runtime)
    yield _environment("runtime", runtime)
    if sys.platform == "linux":
        yield _emulator()


def _npm(folder: str) -> Part:
    lock = ROOT / "npm" / folder / "package-lock.json"
    return Part(f"npm-{folder}-{digest(lock.read_bytes())}", f"npm's {folder}", partial(_npm_ci, lock.parent))


def _npm_ci(folder: Path, home: Path) -> None:
    shutil.copytree(folder, home, dirs_exist_ok=True)
    _output([_program("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], home)


def _environment(group: str, python: str) -> Part:
    # The lock as a whole: asking uv for the group alone would start a process for each look.
    state = digest((ROOT / "uv.lock").read_bytes(), f"{python} {_version(python)} {CACHE}".encode())
    return Part(f"{group}-{state}", f"Python packages for the {group}", partial(_make_environment, group, python))


def _make_environment(group: str, python: str, home: Path) -> None:
    uv("venv", "--quiet", "--no-config", "--clear", "--python", python, str(home))
    install(requirements(group), home, "--python", str(home / "bin" / "python"))


def _emulator() -> Part:
    return Part(f"rie-{SAM_CLI_SHA256[:12]}", "Amazon's runtime emulator", _fetch_emulator)


def _fetch_emulator(home: Path) -> None:
    packed = home / "packed"
    install(f"{SAM_CLI} --hash=sha256:{SAM_CLI_SHA256}\n", home, "--target", str(packed))
    for path in packed.rglob("rapid/aws-lambda-rie-*"):
        shutil.copy(path, home)
        (home / path.name).chmod(0o755)
    shutil.rmtree(packed)


def digest(*parts: bytes) -> str:
    """Twelve hexadecimal digits that name what was put together from these."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:12]


@cache
def _version(python: str) -> str:
    # A pyenv shim may stand for nothing, so each candidate is asked.
    command = [python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _program(name: str) -> str:
    locked = Path(sys.executable).with_name(name)
    found = str(locked) if locked.exists() else shutil.which(name)
    if found is None:
        raise Unavailable(f"{name} is missing. Type: scripts/setup test")
    return found


def _output(command: Sequence[str], folder: Path = ROOT) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"{' '.join(command[:3])} … failed: {(done.stderr or done.stdout).strip()[-1500:]}")
    return done.stdout


def run(argv: Sequence[str]) -> int:
    """Get what is missing; 1 when something cannot be had, or with --check when something is missing."""
    parser = argparse.ArgumentParser(prog="python -m tools fetch", description=__doc__)
    parser.add_argument("--check", action="store_true", help="fetch nothing; fail when something is missing")
    parser.add_argument("--where", metavar="FOLDER", help="print where the packages of npm/FOLDER are")
    options = parser.parse_args(argv)
    if options.where:
        print(npm(options.where))
        return 0
    missing = [part for part in parts() if not part.there]
    if options.check:
        return 1 if missing else 0
    failed = 0
    for number, part in enumerate(missing, start=1):
        print(f"set-up: fetching {part.title} ({number} of {len(missing)})", file=sys.stderr, flush=True)
        try:
            part.get()
        except Unavailable as reason:
            print(f"{part.title}: {reason}", file=sys.stderr)
            failed += 1
    return 1 if failed else 0
