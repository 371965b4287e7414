"""The README's promise on a bare Debian 12: as root, and as somebody who may install nothing."""

import subprocess
from pathlib import Path

import pytest

from tests.setup import debian
from tests.setup.clean import TALK
from tools.dependencies.fetch import Unavailable

TYPED = TALK.replace("\n", "\\n")


@pytest.fixture(name="bare")
def _bare(tmp_path: Path) -> debian.Debian:
    """Skips also under CI: a container may forbid mounts."""
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount")
    try:
        debian.base()
    except Unavailable as reason:
        pytest.skip(str(reason))
    return debian.Debian.make(tmp_path / "layer")


def test_as_root(bare: debian.Debian) -> None:
    """Without pip, Node and a compiler, `make run` brings what it needs and talks."""
    code, _ = bare.run("command -v cc || command -v gcc || command -v node || command -v pip || command -v uv")
    assert code != 0, "this Debian is not bare"
    code, printed = bare.run(f"printf '{TYPED}' | make run ARGS=--fast")
    assert code == 0, printed
    assert "Let's do the camel pose" in printed


def test_as_somebody_who_may_install_nothing(bare: debian.Debian) -> None:
    """Both commands name every package that is missing, in one list, and leave nothing half done."""
    status = "git status --porcelain --ignored"
    before = bare.run(status, user=debian.USER)
    for target, named in (
        ("run", ["python3.11-venv"]),
        ("test", ["python3.11-venv", "chromium", "espeak-ng", "flite"]),
    ):
        code, printed = bare.run(f"make {target}", user=debian.USER)
        assert code != 0
        assert "apt-get install -y" in printed
        assert all(name in printed for name in named), printed
        assert "Traceback" not in printed
    assert bare.run(status, user=debian.USER) == before


def test_talk_and_checks_need_no_rights(bare: debian.Debian) -> None:
    """Once Python's venv is there, an ordinary user talks, and checks a change, without a compiler and without root."""
    code, printed = bare.run("apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv")
    assert code == 0, printed
    code, printed = bare.run(f"printf '{TYPED}' | make run ARGS=--fast && make check", user=debian.USER)
    assert code == 0, printed
    assert "Let's do the camel pose" in printed
