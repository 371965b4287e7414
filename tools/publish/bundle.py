"""Build what runs on AWS: the folder ``build/lambda/`` and the zip of it.

``python -m tools bundle`` puts together the code in ``lambda/``, the compiled content, the packages that the group
``bundle`` of ``uv.lock`` holds, their licences, and bytecode for the Lambda's Python. The same sources give the same
bytes, so a deploy that changes nothing uploads nothing.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path

from stretch_coach.errors import ContentError
from tools.content.compiler import compile_document
from tools.dependencies import fetch
from tools.dependencies.fetch import RUNTIME, find_python
from tools.publish.bundle_licences import BundleError, licences

ROOT = Path(__file__).resolve().parents[2]
UNUSED = ("requests", "urllib3", "certifi", "charset-normalizer", "idna")
"""Locked because ask-sdk-core asks for them, left out because only its `api_client`, which calls Alexa's service APIs,
imports them. A urllib3 of ours would also hide the one that the runtime's boto3 was tested with."""

BUDGET = 5_000_000
"""Bytes of the zip, without boto3, which the runtime brings."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest moment a zip can name: the one time stamp of every entry."""

LIBRARY = "stretch_coach/library.json"
NEVER = frozenset({"__pycache__", "tests", "test", ".mypy_cache", ".pytest_cache", ".ruff_cache", "sqlite.py"})
"""Folders and files by name; a Lambda has no disk of its own to keep an SQLite file on."""
TASK_ROOT = "/var/task"
"""Where the Lambda unpacks the zip: the folder that tracebacks name, instead of the builder's."""


@dataclass(frozen=True)
class Row:
    """One line of the size table; bytes."""

    part: str
    files: int
    sources: int
    bytecode: int
    zipped: int


def build(folder: Path, python: str | None) -> None:
    """Lay out `folder` anew; without `python`, an interpreter of the runtime's version, no bytecode is made."""
    if folder.exists() and any(folder.iterdir()) and not (folder / "lambda_function.py").exists():
        raise BundleError(f"{folder} holds something that is no bundle. Choose another folder with --out")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    packages = _packages()
    for source, target in (*_files(ROOT / "lambda"), *_files(packages)):
        path = folder / target
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
    (folder / LIBRARY).write_bytes(compile_document())
    for name, text in licences(packages, UNUSED, ROOT / "LICENSE").items():
        path = folder / "licenses" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
    if python:
        _compile(folder, python)


def pack(folder: Path, archive: Path) -> None:
    """Zip a folder: entries in name order, one time stamp and mode, so that equal folders give equal bytes."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as bundle:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            bundle.writestr(entry, path.read_bytes(), compresslevel=9)


def table(archive: Path) -> list[Row]:
    """What makes up the zip, largest first."""
    parts: dict[str, list[zipfile.ZipInfo]] = {}
    with zipfile.ZipFile(archive) as bundle:
        for entry in bundle.infolist():
            parts.setdefault(_part(entry.filename), []).append(entry)
    rows = [
        Row(
            part,
            len(entries),
            sum(entry.file_size for entry in entries if not entry.filename.endswith(".pyc")),
            sum(entry.file_size for entry in entries if entry.filename.endswith(".pyc")),
            sum(entry.compress_size for entry in entries),
        )
        for part, entries in parts.items()
    ]
    return sorted(rows, key=lambda row: -row.zipped)


def _files(root: Path) -> Iterator[tuple[Path, Path]]:
    """Every file that is shipped, with its place in the bundle."""
    for path in sorted(root.rglob("*")):
        place = path.relative_to(root)
        parts = set(place.parts)
        metadata = place.parts[0].endswith(".dist-info") or place.parts[0] == "bin"
        if path.is_file() and not parts & NEVER and not metadata and path.suffix != ".pyc":
            yield path, place


def _packages() -> Path:
    """The locked packages as their pure Python wheels hold them, installed once for each state of the lock."""
    wanted = _without_unused(fetch.requirements("bundle"))
    state = hashlib.sha256(repr((wanted, RUNTIME)).encode()).hexdigest()[:12]
    return fetch.Part(f"lambda-packages-{state}", "the Lambda's packages", partial(_install, wanted)).get() / "packages"


def _install(wanted: str, home: Path) -> None:
    target = home / "packages"
    where = ("--python-version", RUNTIME, "--python-platform", "linux", "--target", str(target))
    fetch.install(wanted, home, *where)
    (target / ".lock").unlink(missing_ok=True)  # uv's own
    if compiled := sorted(path.name for path in target.rglob("*.so")):
        raise BundleError(f"uv.lock: {compiled[0]} is made for one kind of machine. Ship pure Python packages only")


def _without_unused(lock: str) -> str:
    """Drop the packages of UNUSED, with the hash lines that belong to them."""
    kept, keeping = [], True
    for line in lock.splitlines():
        if line[:1].isalnum():
            keeping = line.partition("==")[0] not in UNUSED
        if keeping:
            kept.append(line)
    return "\n".join(kept) + "\n"


def _compile(folder: Path, python: str) -> None:
    """Write bytecode that Python takes as it is: time stamps would make it stale wherever the zip is unpacked."""
    command = [python, "-W", "ignore", "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"]
    _run([*command, "-s", str(folder), "-p", TASK_ROOT, str(folder)], PYTHONHASHSEED="0")


def _run(command: list[str], **changes: str) -> None:
    done = subprocess.run(command, env=os.environ | changes, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BundleError(f"{' '.join(command[:4])} … failed: {(done.stderr or done.stdout).strip()[-2000:]}")


def _part(name: str) -> str:
    if name == LIBRARY:
        return "content"
    root = name.removeprefix("__pycache__/").partition("/")[0].partition(".")[0]
    return "stretch_coach" if root == "lambda_function" else root


def _print_table(rows: Sequence[Row], archive: Path) -> None:
    size = archive.stat().st_size
    own = Row("the zip's own", 0, 0, 0, size - sum(row.zipped for row in rows))
    total = Row("all", *(sum(column) for column in zip(*(astuple(row)[1:] for row in (*rows, own)), strict=True)))
    print(f"{'part':16} {'files':>6} {'sources':>10} {'bytecode':>10} {'zipped':>10}")
    for row in (*rows, own, total):
        print(f"{row.part:16} {row.files:6} {row.sources:10,} {row.bytecode:10,} {row.zipped:10,}")
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    print(f"{archive}: {size:,} of at most {BUDGET:,} bytes, sha256 {digest}")


def run(argv: Sequence[str]) -> int:
    """Build and zip; 1 when something is missing or the zip is over its budget."""
    parser = argparse.ArgumentParser(prog="python -m tools bundle", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "lambda", help="folder; the zip goes beside it")
    options = parser.parse_args(argv)
    folder: Path = options.out.resolve()
    archive = folder.with_name(f"{folder.name}.zip")
    python = find_python()
    try:
        build(folder, python)
    except (BundleError, ContentError, fetch.Unavailable) as error:
        print(error, file=sys.stderr)
        return 1
    pack(folder, archive)
    _print_table(table(archive), archive)
    if python is None:
        print(f"note: there is no Python {RUNTIME} here, so the bundle holds no bytecode and starts three times slower")
    if archive.stat().st_size > BUDGET:
        print(f"{archive} is over its budget of {BUDGET:,} bytes", file=sys.stderr)
        return 1
    return 0
