"""Hold sessions on the real skill and count what they take: calls, units, bytes, CPU."""

import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from simulator.device import Device
from simulator.device.clock import VirtualClock
from stretch_coach import profile as profiles
from stretch_coach.alexa.skill import build_skill, invoke_json
from stretch_coach.dialogue.step import completion_id
from stretch_coach.library import Library
from stretch_coach.logs import LOG, JsonLine
from stretch_coach.profile import (
    Change,
    Checked,
    Completed,
    Done,
    Greeted,
    Heard,
    Mentioned,
    Preferred,
    Profile,
)  # fmt: skip
from stretch_coach.session import Activity, Sent
from stretch_coach.stores.contract import Commit, Stored, encode
from stretch_coach.stores.memory import MemoryStore
from stretch_coach.timeline import Place

START_MS: Final = 1_800_000_000_000
DAY_MS: Final = 86_400_000
USER_ID: Final = f"amzn1.ask.account.{'A' * 182}"
"""As long as Alexa's."""

NO_TO_ALL: Final = "no to every question"
SCRIPTS: Final[Mapping[str, tuple[str, ...]]] = {
    "routine": (
        "launch", "StartRoutineIntent routine=quick-hip-opener", *("AMAZON.NextIntent",) * 7, "AMAZON.StopIntent"
    ),
    "exercise": (
        "launch", "StartExerciseIntent exercise=low-lunge-hip-flexor-stretch", "AMAZON.NextIntent",
        "AMAZON.RepeatIntent", "CountStyleIntent style=last-five", "AMAZON.StopIntent",
    ),
    "check": ("launch", "StartSafetyCheckIntent kind=full", NO_TO_ALL, "AMAZON.StopIntent"),
}  # fmt: skip


@dataclass
class Metered(MemoryStore):
    """Counts calls in DynamoDB's units."""

    reads: int = 0
    writes: int = 0
    read_units: int = 0
    write_units: int = 0
    item_bytes: int = 0
    """Of the largest profile."""

    def __post_init__(self) -> None:
        super().__init__()

    def load(self, user_id: str, now: int) -> Stored:
        stored = super().load(user_id, now)
        size = sum(_item_bytes(user_id, record) for record in (stored.profile, stored.screening) if record)
        self.reads += 1
        self.read_units += max(1, -(-size // 4096))
        return stored

    def commit(self, user_id: str, commit: Commit, now: int) -> int:
        sizes = [_item_bytes(user_id, record) for record in (commit.profile, commit.screening) if record is not None]
        sizes += [1] * commit.drop_screening
        version = super().commit(user_id, commit, now)
        if sizes:
            self.writes += 1
            self.write_units += sum(-(-size // 1024) for size in sizes) * (2 if len(sizes) > 1 else 1)
            self.item_bytes = max(self.item_bytes, *sizes)
        return version


def _item_bytes(user_id: str, record: Mapping[str, Any]) -> int:
    """A user id of Alexa's has about 200 characters; names and numbers of the other attributes take some 60 bytes."""
    return max(len(user_id), 200) + 60 + len(encode(record))


@dataclass(frozen=True)
class Measured:
    """What one session comes to."""

    turns: int
    seconds: float
    reads: int
    writes: int
    read_units: int
    write_units: int
    item_bytes: int
    request_bytes: int
    response_bytes: int
    log_bytes: int
    cpu_ms: float
    """Of this machine, for the whole session."""


def _intent(text: str) -> Mapping[str, Any]:
    name, _, filled = text.partition(" ")
    slot, _, value = filled.partition("=")
    match = {"status": {"code": "ER_SUCCESS_MATCH"}, "values": [{"value": {"name": value, "id": value}}]}
    resolved = {"resolutionsPerAuthority": [{"authority": slot, **match}]}
    slots = {slot: {"name": slot, "value": value, "resolutions": resolved}} if slot else {}
    return {"type": "IntentRequest", "intent": {"name": name, "slots": slots}}


class LogBytes(logging.Handler):
    """Counts what the skill's log lines weigh."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.bytes = 0
        self.setFormatter(JsonLine())

    def emit(self, record: logging.LogRecord) -> None:
        """Count one line and its end."""
        self.bytes += len(self.format(record).encode()) + 1


@contextmanager
def log_bytes() -> Iterator[LogBytes]:
    """Count for the duration."""
    handler, level = LogBytes(), LOG.level
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    try:
        yield handler
    finally:
        LOG.removeHandler(handler)
        LOG.setLevel(level)


def measure(library: Library, script: Sequence[str]) -> Measured:
    """Hold a session of one who has come for months, hearing everything out: their record is what is written."""
    clock, store, sizes, cpu = VirtualClock(START_MS), Metered(), list[tuple[int, int]](), list[float]()
    store.commit(USER_ID, Commit(profiles.encode(regular(library))), (START_MS - DAY_MS) // 1000)
    skill = build_skill(library, store, lambda: clock.now_ms / 1000)

    def send(event: dict[str, Any]) -> dict[str, Any]:
        started = time.thread_time()
        answer = invoke_json(skill, event)
        cpu.append((time.thread_time() - started) * 1000)
        sizes.append((len(json.dumps(event)), len(json.dumps(answer))))
        return answer

    speaker = Device(send, _intent, clock, apl=False, user_id=USER_ID)
    seconds, logged = 0.0, 0
    for _ in range(2):
        store.reads = store.writes = store.read_units = store.write_units = 0
        sizes.clear()
        cpu.clear()
        began = clock.now_ms
        with log_bytes() as log:
            for said in script:
                _say(speaker, said)
        seconds, logged = (clock.now_ms - began) / 1000, log.bytes
        speaker.lose_session()
    requests, responses = (sum(column) for column in zip(*sizes, strict=True))
    return Measured(
        len(sizes), seconds, store.reads, store.writes, store.read_units, store.write_units, store.item_bytes,
        requests, responses, logged, sum(cpu),
    )  # fmt: skip


def _say(speaker: Device, said: str) -> None:
    if said == "launch":
        speaker.launch()
    elif said == NO_TO_ALL:
        while speaker.attributes["state"] == "checking":
            speaker.say("AMAZON.NoIntent")
    else:
        speaker.say(said)


def regular(library: Library) -> Profile:
    """The record of somebody who has done some exercises every other day for two months."""
    names, today = sorted(library.exercises)[:12], START_MS // DAY_MS
    changes: list[Change] = [Greeted(), Preferred("pace", 125), Mentioned("modes"), Checked(today - 30, "0123456789ab")]
    for ago in range(60, 0, -2):
        for number, name in enumerate(names[:7]):
            performance = Activity(name, START_MS - ago * DAY_MS, index=number)
            changes.append(Completed(completion_id(performance), name, today - ago))
    return profiles.apply_all(Profile(), [*map(Heard, names), *changes])


def largest_item(library: Library) -> int:
    """Bytes of a profile whose every list is full."""
    names = sorted(library.exercises, key=len, reverse=True)
    routine = max(library.routines, key=len)
    under_way = Activity(names[0], START_MS, Place(3, 1, 30), routine, 9, 5, {"reps": {"count": 12}}, _SENT)
    full = Profile(
        greeted=True,
        preferences={"mode": "flow", "style": "every-second", "direction": "down", "pace": 125},
        rungs={f"{number:08x}": "blocks" for number in range(profiles.MAX_RUNGS)},
        heard=tuple(names[: profiles.MAX_HEARD]),
        recent=tuple(Done(f"{START_MS:x}.9.{names[0][:12]}", names[0], 20_000) for _ in range(profiles.MAX_RECENT)),
        counted=("0" * 8,) * (profiles.MAX_COUNTED - profiles.MAX_RECENT),
        days={20_000 + day: 12 for day in range(profiles.MAX_DAYS)},
        run_day=20_000,
        run=profiles.LONGEST_STREAK,
        under_way=under_way,
        lock=True,
        checked_day=20_000,
        checked_version="0123456789ab",
        mentioned=("modes",) * profiles.MAX_MENTIONED,
    )
    return _item_bytes("", profiles.encode(full))


_SENT: Final = Sent(START_MS, 5_000, "straight", 99, 1_000, 15, 180_000)
