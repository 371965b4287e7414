"""A routine whose process is killed in the middle goes on, in a new process the next day, at the right place."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.device import Device
from simulator.device.clock import DAY_MS, VirtualClock, from_iso
from simulator.local import Local
from simulator.scripts.script import spoken

ROOT = Path(__file__).parents[2]
FLEXOR = "half kneeling hip flexor stretch"


class KilledError(Exception):
    """The process died before it answered."""


class Process:
    """The skill in a process that can be killed."""

    def __init__(self, state: Path, clock: VirtualClock) -> None:
        self.clock = clock
        self.hang: str | None = None
        """Where the next request is to be killed: before-write or after-write."""
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "lambda")))}
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "tests" / "integration" / "skill_process.py"), str(state)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environ,
        )  # fmt: skip

    def send(self, event: dict[str, Any]) -> dict[str, Any]:
        """The answer to one request; raises KilledError when the process was killed over it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        order = {"event": event, "now_ms": self.clock.now_ms, "hang": self.hang}
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        line = json.loads(self.process.stdout.readline())
        if "hung" in line:
            self.kill()
            raise KilledError(line["hung"])
        answer: dict[str, Any] = line["answer"]
        return answer

    def kill(self) -> None:
        """SIGKILL: no handler runs, nothing is flushed."""
        self.process.kill()
        assert self.process.wait(timeout=30) == -signal.SIGKILL
        self.close()

    def close(self) -> None:
        """Let a process go that is not needed any more."""
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()
        self.process.wait(timeout=30)


class Room:
    """A speaker, and a skill whose process may be killed and started anew on the same state."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.clock = VirtualClock(from_iso("2026-03-01T10:00:00Z"))
        self.process = Process(state, self.clock)
        local = Local(state)
        self.device = Device(self.process.send, local.understand, self.clock, apl=False)

    def hear(self, text: str, *, after_ms: int | None = None) -> str:
        """Say something, at the end of the speech or into it, and return the answer's words."""
        if after_ms is None:
            self.device.say(text)
        else:
            self.device.interrupt_after(after_ms, text)
        return self.answer

    @property
    def answer(self) -> str:
        """The last answer's words."""
        assert self.device.answer is not None
        return spoken(self.device.answer.text)

    def die_over(self, text: str, where: str) -> None:
        """Say something whose answer never comes, because the process is killed beside the write."""
        self.process.hang = where
        with pytest.raises(KilledError, match=where):
            self.device.say(text)

    def next_day(self) -> str:
        """A new process, a day later; return what is said at the launch."""
        self.device.lose_session()
        self.clock.advance(DAY_MS)
        self.process = Process(self.state, self.clock)
        self.device.send = self.process.send
        self.device.launch()
        return self.answer


@pytest.fixture(name="room")
def _room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path / "state.db")
    try:
        yield room
    finally:
        if room.process.process.poll() is None:
            room.process.kill()


def _to_the_second_side(room: Room) -> None:
    """The first exercise of the routine is done, and the left hip of the second."""
    room.hear("start the quick hip opener")
    said = room.hear("next")
    assert "stretching your left hip" in said
    assert said.endswith("right side")


def _to_the_end(room: Room) -> None:
    """The rest of the routine, with the figure four after the half kneeling stretch, and nothing twice."""
    said = room.hear("next")
    assert "figure four stretch" in said
    while said.endswith("left side"):
        said = room.hear("next")
    assert "most days is fine" in said, said
    assert "you've done 3 exercises" in room.hear("my progress")


@pytest.mark.parametrize(
    ("where", "asked", "side"),
    [
        ("before-write", f"last time we got to the {FLEXOR} in the quick hip opener", "left"),
        ("after-write", f"last time in the quick hip opener you were on the right side of the {FLEXOR}", "right"),
    ],
)
def test_killed_beside_the_write(room: Room, where: str, asked: str, side: str) -> None:
    """What was written when the process died is where it goes on, and what was not heard is not taken for done."""
    _to_the_second_side(room)
    room.die_over("next", where)

    assert asked in room.next_day()
    said = room.hear("yes")
    assert ("stretching your left hip" in said) is (side == "left")
    while said.endswith("right side"):
        said = room.hear("next")
    assert "left foot forward stretching your right hip" in said
    assert "figure four stretch" in said
    _to_the_end(room)


@pytest.mark.parametrize("tell_end", [True, False], ids=["session-ended", "nothing-said"])
def test_killed_after_the_answer(room: Room, tell_end: bool) -> None:
    """An answer that went out is not lost with its process; the second side waits, whatever the platform tells us."""
    _to_the_second_side(room)
    said = room.hear("next")
    assert "stretching your right hip" in said
    room.process.kill()
    if tell_end:
        room.process = Process(room.state, room.clock)
        room.device.send = room.process.send
        room.hear("exit", after_ms=30_000)
        room.process.kill()

    assert f"you were on the right side of the {FLEXOR}" in room.next_day()
    said = room.hear("yes")
    assert "stretching your left hip" not in said
    assert "left foot forward stretching your right hip" in said
    assert ("to go" in said or "left ready" in said) is tell_end
    _to_the_end(room)


def test_killed_after_a_pause_goes_on_mid_count(room: Room) -> None:
    """The count reached before "pause" is the count that goes on the next day."""
    _to_the_second_side(room)
    room.hear("next")
    said = room.hear("pause", after_ms=35_000)
    assert "on the right side" in said
    reached = int(next(word for word in said.split() if word.isdigit()))
    room.process.kill()

    assert f"you were on the right side of the {FLEXOR}" in room.next_day()
    said = room.hear("yes")
    assert str(30 - reached + 1) in said.split()
    _to_the_end(room)


def test_a_new_process_in_the_middle_of_a_session(room: Room) -> None:
    """A process that dies between two requests of a session is replaced without a word about it."""
    _to_the_second_side(room)
    room.process.kill()
    room.process = Process(room.state, room.clock)
    room.device.send = room.process.send
    said = room.hear("next")
    assert "left foot forward stretching your right hip" in said
    assert said.endswith(("figure four stretch", "do the figure four stretch"))
    room.process.kill()
    room.process = Process(room.state, room.clock)
    room.device.send = room.process.send
    _to_the_end(room)
