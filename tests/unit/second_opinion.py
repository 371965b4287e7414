"""SSML as npm's ssml-check-core reads it: a checker that nobody wrote for this project."""

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.integration import npm
from tests.integration.servers import Unavailable

CHECKER: Final = Path(__file__).with_name("ssml_check")
"""Its lock, and the lines of Node that ask it."""


def second_opinion(documents: Sequence[str]) -> list[object]:
    """What it finds wrong with each document, None for nothing; raises Unavailable without Node or npm."""
    node = shutil.which("node")
    if node is None:
        raise Unavailable("ssml-check-core runs in Node: apt-get install nodejs")
    done = subprocess.run(
        [node, str(CHECKER / "check.cjs")],
        input=json.dumps(documents),
        env={**os.environ, "NODE_PATH": str(npm.installed(CHECKER))},
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[object] = json.loads(done.stdout)
    return found
