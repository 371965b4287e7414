"""What must hold of every answer, whatever was asked."""

import json
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from simulator.device import limits
from sound import ssml
from stretch_coach.alexa.request import decode
from stretch_coach.alexa.skill import Skill, build_skill, invoke_json
from stretch_coach.library import Library
from stretch_coach.logs import LOG
from stretch_coach.session import decode_activity
from stretch_coach.stores.contract import Commit, profile_expiry
from stretch_coach.stores.memory import MemoryStore
from tests.fuzz.hostile import MARKER
from tests.integration.faults.talk import START_MS
from tests.unit.reply_checks import markup_of

CPU_SECONDS: Final = 0.25
"""The most CPU that one request may take."""
USERS: Final = ("amzn1.ask.account.LOCAL", "amzn1.ask.account.TEST")
LOCK_VERSION: Final = START_MS // 1000 - 1_000
"""Of the stored records; a first version is its time."""


LED: Final = frozenset({"counting", "stepping"})
"""States that an exercise is led in."""


class BrokenPromiseError(AssertionError):
    """A promise that an answer breaks."""


class _Faults(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(f"{record.getMessage()}: {getattr(record, 'error', '')} at {getattr(record, 'where', '')}")


@dataclass(repr=False)
class Target:
    """A skill whose answers are judged. Every request meets the same records, locked ones and open ones in turn."""

    library: Library
    store: MemoryStore = field(default_factory=MemoryStore)
    slowest: float = 0.0
    executions: int = 0

    def __post_init__(self) -> None:
        self.skill: Skill = build_skill(self.library, self.store, lambda: START_MS / 1000)
        self.faults = _Faults()
        LOG.addHandler(self.faults)

    def __repr__(self) -> str:
        return "Target"

    def close(self) -> None:
        """Stop listening to the log."""
        LOG.removeHandler(self.faults)

    def judge(self, event: Any, *, locked: bool | None = None) -> None:
        """Ask, and raise BrokenPromiseError when the answer is not what it must be."""
        locked = self.executions % 2 == 0 if locked is None else locked
        self._stock(locked)
        self.faults.seen.clear()
        started = time.thread_time()
        answer = invoke_json(self.skill, event)
        took = time.thread_time() - started
        self.executions += 1
        self.slowest = max(self.slowest, took)
        if took > CPU_SECONDS:
            # Once more: a first call imports, and a collection of garbage is no part of a request.
            self._stock(locked)
            started = time.thread_time()
            invoke_json(self.skill, event)
            took = time.thread_time() - started
        problems = self.faults.seen + _problems(event, answer) + (self._unlocked(event, answer) if locked else [])
        if took > CPU_SECONDS:
            problems.append(f"it took {took:.2f} s of CPU")
        if problems:
            raise BrokenPromiseError("; ".join(problems))

    def _stock(self, locked: bool) -> None:
        self.store._items.clear()
        record = {"record": 1, "greeted": True, "lock": locked, "heard": ["glute-bridge"]}
        for user in USERS:
            self.store.commit(user, Commit(record), LOCK_VERSION)

    def _unlocked(self, event: Any, answer: dict[str, Any]) -> list[str]:
        """A lock in the store is opened by a listener's word only, or by whoever names its very version."""
        request = decode(event, START_MS)
        if request.user_id not in USERS:
            return []
        stored = self.store.load(request.user_id, LOCK_VERSION)
        expired = request.now // 1000 >= profile_expiry(LOCK_VERSION)
        if _knows(event) or expired:
            return []
        opened = stored.profile is not None and not stored.profile.get("lock")
        after = answer.get("sessionAttributes") or {}
        # Where an exercise is led on, its place or the time it was sent at moves on.
        here, there = (decode_activity(attributes.get("activity")) for attributes in (request.attributes, after))
        led = str(after.get("state")) in LED and here != there
        return ["the stored lock was opened"] * opened + ["an exercise is led behind the stored lock"] * led


def _knows(event: Any) -> bool:
    """The listener says so, or the request claims to carry the very record with the lock, or a wish to be erased."""
    request = decode(event, START_MS)
    if request.event is not None and request.event.name in {"SeenDoctorIntent", "YesIntent"}:
        return True
    session = event.get("session") if isinstance(event, dict) else None
    attributes = session.get("attributes") if isinstance(session, dict) else None
    if not isinstance(attributes, dict):
        return False
    unsaved = attributes.get("unsaved")
    return attributes.get("v") == LOCK_VERSION or (isinstance(unsaved, list) and ["Erased"] in unsaved)


def _problems(event: Any, answer: dict[str, Any]) -> list[str]:
    request = event.get("request") if isinstance(event, dict) else None
    kind = request.get("type") if isinstance(request, dict) else None
    try:
        json.dumps(answer, allow_nan=False, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return ["a lone surrogate came back"]
    except (TypeError, ValueError, RecursionError) as error:
        return [f"the answer is not JSON: {error}"]
    found = limits.problems(answer, request_type=kind if isinstance(kind, str) else "", has_screen=_has_screen(event))
    if MARKER[2:9] in json.dumps(answer.get("response")):
        found.append("words of the request came back as markup")
    return found + list(_unread(answer))


def _unread(answer: dict[str, Any]) -> Iterator[str]:
    """What the speech of an answer, in APLA's data too, has that no SSML may have."""
    for markup in markup_of(answer):
        try:
            ssml.parse(markup)
        except ssml.SsmlError as error:
            yield f"the speech is not SSML: {error}"


def _has_screen(event: Any) -> bool:
    for key in ("context", "System", "device", "supportedInterfaces"):
        event = event.get(key) if isinstance(event, dict) else None
    return isinstance(event, dict) and "Alexa.Presentation.APL" in event
