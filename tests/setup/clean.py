"""A clone as a newcomer has it: in a folder whose name has a space, with a HOME and caches of its own."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
TALK: Final = "start the camel pose\npause\nstop\n"
SECONDS: Final = 600
"""For one set-up on a slow network; one that takes longer is broken."""
KEPT: Final = (
    "PATH", "LANG", "LC_ALL", "TERM",
    # How this machine reaches its package index; a newcomer's machine has its own.
    "UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL", "PIP_CERT", "SSL_CERT_FILE", "SSL_CERT_DIR",
    "NODE_EXTRA_CA_CERTS", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY",
)  # fmt: skip
"""All that a clone's processes see of the environment of the tests."""


@dataclass(frozen=True)
class Clone:
    """A fresh clone of what is committed, and of what is not yet."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls, root: Path, **changes: str) -> "Clone":
        """Clone into ``<root>/a b/app`` with ``<root>/home`` as HOME; `changes` are further variables."""
        folder = root / "a b" / "app"
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(folder)], check=True)
        for name in _git("ls-files", "--modified", "--others", "--exclude-standard", "-z").split("\0")[:-1]:
            if (ROOT / name).exists():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)
            else:
                (folder / name).unlink()
        home = root / "home"
        home.mkdir()
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return cls(folder, {**kept, "HOME": str(home), **changes})

    def start(self, *command: str, **changes: str) -> subprocess.Popen[str]:
        """Start a command in the clone, in a process group of its own."""
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env={**self.environment, **changes},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *command: str, typed: str = "", **changes: str) -> tuple[int, str]:
        """The exit code of a command in the clone, and all that it printed."""
        process = self.start(*command, **changes)
        printed, _ = process.communicate(typed, SECONDS)
        return process.returncode, printed

    def talk(self, **changes: str) -> str:
        """What `make run` prints in a short talk; fails where it does not talk."""
        code, printed = self.run("make", "run", "ARGS=--fast", typed=TALK, **changes)
        assert code == 0, printed
        assert "A: Let's do the camel pose." in printed, printed
        assert "Goodbye" in printed, printed
        return printed


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout
