"""SSML as npm's ssml-check-core reads it: a checker that nobody wrote for this project."""

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tools.dependencies import fetch

CHECKER: Final = Path(__file__).with_name("ssml_check")
"""The lines of Node that ask it."""


def second_opinion(documents: Sequence[str]) -> list[object]:
    """What it finds wrong with each document, None for nothing; raises Unavailable without Node or npm."""
    done = subprocess.run(
        [fetch.node(), str(CHECKER / "check.cjs")],
        input=json.dumps(documents),
        env={**os.environ, "NODE_PATH": str(fetch.npm("ssml-check"))},
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[object] = json.loads(done.stdout)
    return found
