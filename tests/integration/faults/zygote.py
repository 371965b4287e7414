"""Serves every request in a process of its own, forked from one that has loaded the content; for tests that kill it.

    python zygote.py

A line in is {"state": file, "event": request, "now_ms": time, "hang": null | "before-write" | "after-write"}. A line
out is {"answer": response}, or {"hung": pid} from a process that has stopped for good at that moment. A line "reap" is
answered with {"status": …} when that process has been killed.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

from content_reader.documents import load_library
from stretch_coach.alexa.skill import build_skill, invoke_json
from stretch_coach.library import Library
from stretch_coach.stores.contract import Commit
from stretch_coach.stores.sqlite import SqliteStore


def tell(line: dict[str, Any]) -> None:
    """Write one line, at once."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


class Hanging(SqliteStore):
    """The real store, which stops for good beside a write when it is told to."""

    where: str | None = None

    def commit(self, user_id: str, commit: Commit, now: int) -> int:
        self._hang("before-write")
        version = super().commit(user_id, commit, now)
        self._hang("after-write")
        return version

    def erase(self, user_id: str, before: int) -> None:
        self._hang("before-write")
        super().erase(user_id, before)
        self._hang("after-write")

    def _hang(self, where: str) -> None:
        if self.where == where:
            tell({"hung": os.getpid()})
            while True:
                time.sleep(60)


def serve(library: Library, order: dict[str, Any]) -> NoReturn:
    """Answer one request and end without any cleaning up."""
    store = Hanging(Path(order["state"]))
    store.where = order["hang"]
    skill = build_skill(library, store, lambda: order["now_ms"] / 1000)
    tell({"answer": invoke_json(skill, order["event"])})
    os._exit(0)


def main() -> None:
    """Fork for each line, until the input ends."""
    library = load_library()
    for line in sys.stdin:
        if line.strip() == "reap":
            tell({"status": os.waitpid(-1, 0)[1]})
            continue
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            serve(library, order)
        if order["hang"] is None:
            os.waitpid(child, 0)


if __name__ == "__main__":
    main()
