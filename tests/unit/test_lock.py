"""The lock files: they hold what pyproject.toml asks for, and name no index."""

import shutil
from pathlib import Path

import pytest

from tools.dependencies import lock
from tools.dependencies.fetch import ROOT

REAL = """source = { registry = "https://index.example/simple" }
wheels = [
    { url = "https://files.example/a/b/six-1.whl" },
]
"""


@pytest.fixture(name="tree")
def _tree(tmp_path: Path) -> Path:
    """What the lock is checked by, with the uv that made this tree's environment."""
    for name in ("pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    if (ROOT / ".cache" / "uv").exists():
        (tmp_path / ".cache").mkdir()
        (tmp_path / ".cache" / "uv").symlink_to(ROOT / ".cache" / "uv")
    return tmp_path


def test_addresses_are_taken_out() -> None:
    """Of a registry nothing is left, of a file its name; a second time changes nothing."""
    once = lock.without_index(REAL)
    assert "example" not in once
    assert once.count(lock.NOWHERE) == 2
    assert "/six-1.whl" in once
    assert lock.without_index(once) == once


def test_what_is_checked_in_is_sound(tree: Path) -> None:
    """The lock fits pyproject.toml and names no index, and scripts/uv.txt is the uv that it holds."""
    assert lock.check(tree) == []


def test_a_new_requirement_is_noticed(tree: Path) -> None:
    """A requirement that is not locked is a problem, and the mend is named."""
    path = tree / "pyproject.toml"
    path.write_text(path.read_text("utf-8").replace('"boto3", "pyyaml"', '"boto3>=1.42", "pyyaml"', 1), "utf-8")
    assert lock.check(tree) == ["uv.lock: it no longer fits pyproject.toml. Run make lock"]


def test_an_index_is_noticed(tree: Path) -> None:
    """An address that uv has written by itself is a problem, with its line."""
    path = tree / "uv.lock"
    path.write_text(path.read_text("utf-8").replace(lock.NOWHERE, "https://index.example", 1), "utf-8")
    (line,) = lock.check(tree)
    assert line.startswith("uv.lock:")
    assert line.endswith(": this names a package index. Run make lock")


def test_another_uv_is_noticed(tree: Path) -> None:
    """The uv that pip fetches is the one in the lock."""
    path = tree / "scripts" / "uv.txt"
    path.write_text(path.read_text("utf-8").replace("uv==", "uv==0.", 1), "utf-8")
    assert "scripts/uv.txt: this is not the uv that uv.lock holds. Run make lock" in lock.check(tree)


def test_a_lock_that_cannot_be_read_is_told(tree: Path) -> None:
    """No traceback, whatever stands in the lock."""
    for text in ("", "[[package", 'version = 1\n[[package]]\nname = "six"\n'):
        (tree / "uv.lock").write_text(text, "utf-8")
        (line,) = lock.check(tree)
        assert line.startswith("uv.lock: this cannot be read")
