"""Every conversation in this folder, performed with the real skill on a store of its own."""

from pathlib import Path

import pytest

from simulator.local import Local
from simulator.scripts.script import load
from simulator.scripts.stage import Performance

FILES = sorted(Path(__file__).parent.glob("**/*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(Path(__file__).parent).with_suffix("")))
def test_dialogue(file: Path, tmp_path: Path) -> None:
    """The conversation goes as its script says."""
    script = load(file)
    local = Local(tmp_path / "state.db", script.settings.get("locale", "en-US"))
    mismatch = Performance(script, local.new_process, local.understand).run()
    if mismatch:
        pytest.fail(f"{script.name}\n{mismatch}", pytrace=False)
