"""`make run` in a fresh clone, on the Pythons that are at hand, at odd moments and without a network."""

import json
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.setup.clean import TALK, Clone
from tools.dependencies import fetch

VERSIONS = ("3.11", "3.12", "3.13", "3.14")
SEED = 20261126
"""Of the moments at which set-up is killed."""
LONGEST_S = 4.0
"""A set-up from filled caches on a quiet machine takes about three."""


def interpreters() -> dict[str, str]:
    """Minor version to an interpreter of it, of those that this machine has."""
    listed = json.loads(fetch.uv("python", "list", "--only-installed", "--output-format", "json", "--no-config"))
    found = {f"{one['version_parts']['major']}.{one['version_parts']['minor']}": one["path"] for one in listed}
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for version in VERSIONS:
        for path in sorted(pyenv.glob(f"{version}.*/bin/python{version}")):
            found[version] = str(path)
    return found


INTERPRETERS = interpreters()


def test_first_command_in_an_empty_home(tmp_path: Path) -> None:
    """In a path with a space, an empty HOME and no caches at all, `make run` says what takes long, and talks."""
    printed = Clone.make(tmp_path).talk(UV="private")
    assert "set-up: fetching uv" in printed
    assert "set-up: installing packages" in printed


@pytest.mark.parametrize("version", VERSIONS)
def test_every_python(version: str, clone: Clone) -> None:
    """On every Python from 3.11 on it talks, prints no warning, and has what the checks and tests need."""
    if version not in INTERPRETERS:
        pytest.skip(f"there is no Python {version} on this machine")
    printed = clone.talk(PYTHON=INTERPRETERS[version])
    assert "Warning" not in printed, printed
    code, printed = clone.run("scripts/setup", "dev", PYTHON=INTERPRETERS[version])
    assert code == 0, printed
    for command in (
        ("tools", "check"),
        ("pytest", "-q", "tests/unit/speech/test_ssml.py", "tests/unit/test_content_facts.py"),
    ):
        code, printed = clone.run(".venv/bin/python", "-m", *command)
        assert code == 0, printed
    assert f"python{version}" in os.path.realpath(clone.folder / ".venv" / "bin" / "python")


def test_a_second_time_there_is_nothing_to_do(clone: Clone) -> None:
    """Set-up runs once; after that it prints nothing, and goes on where more is asked for."""
    clone.talk()
    assert clone.run("scripts/setup", "run") == (0, "")
    code, printed = clone.run("scripts/setup", "serve")
    assert code == 0, printed
    assert "installing packages: build serve" in printed
    assert clone.run("scripts/setup", "run") == (0, "")


def test_twice_at_once(clone: Clone) -> None:
    """Two `make run` in one fresh clone: one sets up, the other waits, both talk."""
    both = [clone.start("make", "run", "ARGS=--fast", XDG_DATA_HOME=str(clone.folder / name)) for name in ("x", "y")]
    printed = [process.communicate(TALK, 300)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], printed
    assert all("camel pose" in text for text in printed)
    assert sum("making .venv" in text for text in printed) == 1


def test_killed_at_any_moment(clone: Clone, record_property: Callable[[str, object], None]) -> None:
    """Killed ten times, at moments drawn by chance, whole or only its first process: the next `make` mends it."""
    chance = random.Random(SEED)
    moments = []
    for _ in range(10):
        process = clone.start("scripts/setup", "serve")
        moment, whole = chance.uniform(0, LONGEST_S), chance.random() < 0.7
        time.sleep(moment)
        if process.poll() is None:
            moments.append(round(moment, 2))
            (os.killpg if whole else os.kill)(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()
        if process.returncode == 0:
            shutil.rmtree(clone.folder / ".venv")
    assert len(moments) >= 3, "set-up was faster than every moment"
    record_property("counted", f"set-up was killed {len(moments)} times, after {sorted(moments)} s")
    clone.talk()
    code, printed = clone.run("scripts/setup", "serve")
    assert code == 0, printed
    code, printed = clone.run(".venv/bin/stretch-coach", "serve", "--help")
    assert code == 0, printed


def test_a_cut_install_is_made_anew(clone: Clone) -> None:
    """A package that an interrupted install has left half there does not stay so."""
    clone.talk()
    package = next((clone.folder / ".venv").glob("lib/python*/site-packages/ask_sdk_core"))
    shutil.rmtree(package)
    (clone.folder / ".venv" / "unfinished").touch()
    (clone.folder / ".venv" / "stamp").unlink()
    clone.talk()
    assert package.exists()


def test_offline_once_installed(clone: Clone) -> None:
    """With what it needs installed, it talks without a network, also after pyproject.toml has changed."""
    if subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user may not take the network away from a process")
    clone.talk()
    for changed in (False, True):
        if changed:
            path = clone.folder / "pyproject.toml"
            path.write_text(path.read_text("utf-8") + "\n# changed\n", "utf-8")
        code, printed = clone.run("unshare", "-n", "make", "run", "ARGS=--fast", typed=TALK)
        assert code == 0, printed
        assert "camel pose" in printed


def test_a_moved_clone_sets_up_again(clone: Clone, tmp_path: Path) -> None:
    """A virtual environment names its folder; moved, it is made anew."""
    clone.talk()
    moved = clone.folder.rename(tmp_path / "elsewhere")
    assert "making .venv" in Clone(moved, clone.environment).talk()


def test_without_a_network_it_says_what_to_do(tmp_path: Path) -> None:
    """Where nothing can be downloaded, the last lines say what was tried and what to type."""
    clone = Clone.make(
        tmp_path, UV_DEFAULT_INDEX="http://127.0.0.1:9/simple", PIP_INDEX_URL="http://127.0.0.1:9/simple"
    )
    code, printed = clone.run("make", "run", "ARGS=--fast", PIP_RETRIES="0", UV_HTTP_RETRIES="0")
    assert code != 0
    assert "set-up failed:" in printed
    assert "Traceback" not in printed
    assert not (clone.folder / ".venv" / "stamp").exists()


def test_no_python(tmp_path: Path, clone: Clone) -> None:
    """Without a Python that is new enough and without the means to install one, it names the packages to install."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in (
        "bash",
        "make",
        "sed",
        "cat",
        "sort",
        "head",
        "tail",
        "tr",
        "mkdir",
        "flock",
        "dirname",
        "sha256sum",
        "id",
    ):
        found = shutil.which(name)
        assert found, name
        (tools / name).symlink_to(found)
    code, printed = clone.run("make", "run", PATH=str(tools))
    assert code != 0
    assert "python3" in printed
    assert "set-up failed" in printed
    assert not (clone.folder / ".cache").exists(), "nothing was half done"
