"""The skill as a process of its own, for tests that kill it: requests on standard input, answers on standard output.

    python skill_process.py STATE

Each line in is {"event": request, "now_ms": time, "hang": null | "before-write" | "after-write"}. Each line out is
{"answer": response}; a process that is told to hang writes {"hung": where} at that moment and never goes on, so that
whoever is listening can kill it there.
"""

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from content_reader.documents import load_library
from stretch_coach.alexa.skill import build_skill, invoke_json
from stretch_coach.stores.contract import Commit, Store, Stored
from stretch_coach.stores.sqlite import SqliteStore


def tell(line: dict[str, Any]) -> None:
    """Write one line, at once."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


@dataclass
class Hanging:
    """A store that stops for good beside a write, when it is told to."""

    store: Store
    where: str | None = None

    def load(self, user_id: str, now: int) -> Stored:
        return self.store.load(user_id, now)

    def commit(self, user_id: str, commit: Commit, now: int) -> int:
        self._hang("before-write")
        version = self.store.commit(user_id, commit, now)
        self._hang("after-write")
        return version

    def erase(self, user_id: str, before: int) -> None:
        self.store.erase(user_id, before)

    def _hang(self, where: str) -> None:
        if self.where == where:
            tell({"hung": where})
            while True:
                time.sleep(60)


def main(state: Path) -> None:
    """Serve requests until the input ends."""
    store = Hanging(SqliteStore(state))
    now_ms = 0
    skill = build_skill(load_library(), store, lambda: now_ms / 1000)
    for line in sys.stdin:
        order = json.loads(line)
        now_ms, store.where = order["now_ms"], order["hang"]
        tell({"answer": invoke_json(skill, order["event"])})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
