"""ASK CLI's settings at the top of the repository."""

import json

from tools.publish.model import ROOT
from tools.publish.skill_package import resources


def test_ask_cli_finds_the_package_where_it_is_written() -> None:
    """`ask deploy`, typed at the top, takes the package that `python -m tools skill-package` writes."""
    settings = json.loads((ROOT / "ask-resources.json").read_text("utf-8"))
    assert settings == resources("build/skill-package")
