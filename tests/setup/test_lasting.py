"""The lock means the same next month: set-up from an index in which everything locked has a newer release.

The index is a folder of files: the wheels that uv.lock names, as they were downloaded, and beside each an invented
release 999 with extras of the same names. Nothing that is invented may be installed.
"""

import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import distributions, version
from pathlib import Path
from typing import Any, Final

import pytest

from tests.integration.fetched import or_skip
from tests.setup.clean import Clone
from tools.dependencies import fetch

LARGEST: Final = 1_000_000
"""Bytes of a wheel that is worth a download for the second test; the first takes all that `make run` needs."""
INVENTED: Final = "999.0"
EXTRAS: Final = ("toml", "dynamodb")
"""Extras that pyproject.toml or a locked package asks for."""


def invent(folder: Path, name: str) -> None:
    """Write a wheel of release 999, whose extras ask for another invented package."""
    stem = f"{name.replace('-', '_')}-{INVENTED}"
    about = f"{stem}.dist-info"
    extras = "".join(f"Provides-Extra: {each}\nRequires-Dist: six; extra == '{each}'\n" for each in EXTRAS)
    files = {
        f"{name.replace('-', '_')}_invented.py": "raise RuntimeError('nobody locked this release')\n",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {INVENTED}\n{extras}",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{about}/RECORD"] = "".join(f"{path},,\n" for path in (*files, f"{about}/RECORD"))
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)


def split(requirements: str) -> dict[str, str]:
    """Each requirement of an export, its hash lines with it, by its package's name."""
    return {block.partition("==")[0]: block for block in re.findall(r"^\S.*(?:\n .*)*", requirements, re.MULTILINE)}


def sizes() -> dict[str, int]:
    """Package to the bytes of its largest wheel, as uv.lock has them."""
    lock: dict[str, Any] = tomllib.loads((fetch.ROOT / "uv.lock").read_text("utf-8"))
    return {
        package["name"]: max((wheel["size"] for wheel in package.get("wheels", ())), default=0)
        for package in lock["package"]
    }


def exported(*groups: str) -> dict[str, str]:
    """What the project and some groups of it are locked to, without what is only for other machines."""
    options = [word for group in groups for word in ("--group", group)]
    fixed = (
        "export",
        "--quiet",
        "--frozen",
        "--no-default-groups",
        "--no-emit-project",
        "--no-header",
        "--no-annotate",
    )
    return split(fetch.uv(*fixed, *options, "--project", str(fetch.ROOT)))


@pytest.fixture(name="small", scope="module")
def _small() -> Sequence[str]:
    """Packages of the whole development set that are small enough to be downloaded for a test."""
    size = sizes()
    return sorted(name for name in exported("build", "dev") if size[name] <= LARGEST)


@pytest.fixture(name="index", scope="module")
def _index(small: Sequence[str]) -> Path:
    """An index on disk, kept for the next run: ``<index>/<package>/`` with wheels and a page of links to them."""
    locked = exported("build", "dev")
    wanted = {name: locked[name] for name in {*small, *exported("build")}}
    uv = (fetch.ROOT / "scripts" / "uv.txt").read_text("utf-8").partition("\n")[2]

    def make(home: Path) -> None:
        listed = home / "wanted.txt"
        listed.write_text("\n".join([*wanted.values(), uv]), "utf-8")
        where = ("--dest", str(home / "wheels"), "--requirement", str(listed))
        fixed = ("--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "--require-hashes")
        command = [sys.executable, "-m", "pip", "download", *fixed, *where]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise fetch.Unavailable(f"pip could not download the locked wheels: {done.stderr[-1000:]}")
        lay_out(home / "wheels", home / "simple")

    state = fetch.digest("".join(sorted(wanted.values())).encode(), uv.encode(), sys.version.encode())
    return or_skip(fetch.Part(f"locked-wheels-{state}", "the locked wheels", make).get) / "simple"


def lay_out(wheels: Path, index: Path) -> None:
    """Make an index of a folder of wheels, with an invented release beside each."""
    for wheel in sorted(wheels.glob("*.whl")):
        folder = index / re.sub(r"[-_.]+", "-", wheel.name.partition("-")[0]).lower()
        folder.mkdir(parents=True)
        wheel.rename(folder / wheel.name)
        invent(folder, folder.name)
        links = "".join(f'<a href="{path.name}">{path.name}</a><br>\n' for path in sorted(folder.glob("*.whl")))
        (folder / "index.html").write_text(f"<!DOCTYPE html><html><body>{links}</body></html>\n", "utf-8")


def at(index: Path) -> dict[str, str]:
    """Variables of a machine whose package index this folder is, with nothing downloaded before."""
    return {
        "PIP_INDEX_URL": index.as_uri(),
        "PIP_CONFIG_FILE": "/dev/null",
        "UV_NO_CACHE": "1",
        "UV": "private",
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
    }


def installed(environment: Path) -> Iterator[tuple[str, str]]:
    """Name and version of what is in a virtual environment or a folder of packages."""
    places = [str(path) for path in environment.glob("lib/python*/site-packages")] or [str(environment)]
    for found in distributions(path=places):
        yield re.sub(r"[-_.]+", "-", found.name).lower(), found.version


def test_the_index_has_newer_releases(index: Path, tmp_path: Path) -> None:
    """Whoever installs without the lock gets the invented releases from it, with and without extras."""
    clone = Clone.make(tmp_path, **at(index))
    target = tmp_path / "target"
    wanted = ("boto3", "coverage[toml]", "six")
    code, printed = clone.run("scripts/uv", "pip", "install", "--no-config", "--target", str(target), *wanted)
    assert code == 0, printed
    assert dict(installed(target)) == {"boto3": INVENTED, "coverage": INVENTED, "six": INVENTED}


def test_first_command_takes_what_is_locked(index: Path, tmp_path: Path) -> None:
    """`make run` in a fresh clone, with this index and no other: uv itself and every package are the locked ones."""
    clone = Clone.make(tmp_path, **at(index))
    clone.talk()
    found = dict(installed(clone.folder / ".venv"))
    assert found.pop("stretch-coach") == version("stretch-coach")
    assert_locked(found, exported("build"))
    assert {"ask-sdk-core", "boto3", "hatchling"} <= found.keys()
    assert [path.name for path in (clone.folder / ".cache" / "uv").iterdir()] == [_pinned_uv()]


def test_development_set_takes_what_is_locked(index: Path, small: Sequence[str], tmp_path: Path) -> None:
    """The small packages of the development set, those with extras among them, install as they are locked."""
    clone = Clone.make(tmp_path, **at(index))
    locked = exported("build", "dev")
    wanted = clone.folder / "wanted.txt"
    wanted.write_text("\n".join(locked[name] for name in small), "utf-8")
    target = tmp_path / "target"
    fixed = ("--no-config", "--no-build", "--no-deps", "--require-hashes", "--requirement", str(wanted))
    code, printed = clone.run("scripts/uv", "pip", "install", *fixed, "--target", str(target))
    assert code == 0, printed
    found = dict(installed(target))
    assert_locked(found, {name: locked[name] for name in small})
    assert {"coverage", "pytest-cov", "boto3-stubs"} <= found.keys()


def assert_locked(found: Mapping[str, str], locked: Mapping[str, str]) -> None:
    """What is installed is what is locked, but for what is meant for other machines."""
    versions = {name: wanted.partition("==")[2].split()[0] for name, wanted in locked.items()}
    assert found.items() <= versions.items()
    missing = {name for name in locked.keys() - found.keys() if ";" not in locked[name].splitlines()[0]}
    assert not missing


def _pinned_uv() -> str:
    (version,) = re.findall(r"^uv==(\S+)", (fetch.ROOT / "scripts" / "uv.txt").read_text("utf-8"), re.MULTILINE)
    return str(version)
