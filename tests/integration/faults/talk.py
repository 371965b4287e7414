"""A short talk with the skill over a database that fails at one turn of it, or at many."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from unittest import mock

from simulator.device import Device
from simulator.device.clock import VirtualClock
from stretch_coach.alexa.skill import build_skill, invoke_json
from stretch_coach.library import Library
from stretch_coach.settings import Settings
from stretch_coach.stores.contract import Store, Stored
from stretch_coach.stores.dynamodb import DynamoStore
from tests.integration.faults.proxy import Fault, Proxy, proxied
from tests.integration.servers import CREDENTIALS, TABLE, environment

ANSWER_SECONDS: Final = 2.5
"""An answer has to be there by then, whatever the database does (docs/architecture.md, "State")."""
TICK_SECONDS: Final = 0.02
START_MS: Final = 1_800_000_000_000
LOCALE: Final = "en-US"


def intent(text: str) -> Mapping[str, Any]:
    """The request for "Name" or "Name slot=id slot=id"."""
    name, *filled = text.split()
    slots = {}
    for slot, _, value in (part.partition("=") for part in filled):
        match = {"status": {"code": "ER_SUCCESS_MATCH"}, "values": [{"value": {"name": value, "id": value}}]}
        resolved = {"resolutionsPerAuthority": [{"authority": slot, **match}]}
        slots[slot] = {"name": slot, "value": value, "resolutions": resolved}
    return {"type": "IntentRequest", "intent": {"name": name, "slots": slots}}


@dataclass(frozen=True)
class Step:
    """One turn: what is said, and how far into what is being said; None for after it."""

    says: str
    after_ms: int | None = 0


TALK: Final = (
    Step("launch"),
    Step("StartExerciseIntent exercise=low-lunge-hip-flexor-stretch"),
    Step("AMAZON.PauseIntent", after_ms=80_000),
    Step("AMAZON.ResumeIntent"),
    Step("CountStyleIntent style=last-five", after_ms=None),
    Step("AMAZON.HelpIntent"),
    Step("ChangePaceIntent direction=slower"),
    Step("StartSafetyCheckIntent kind=short"),
    Step("AMAZON.NoIntent"),
    Step("AMAZON.YesIntent"),
    Step("AMAZON.RepeatIntent"),
    Step("GuidanceModeIntent mode=step"),
)
"""Turns that read, that write progress, answers and settings, that delete answers, and that do none of it."""


@dataclass(frozen=True)
class Turn:
    """How one turn went."""

    index: int
    fault: Fault
    seconds: float
    stalled: float
    """Seconds in which this machine let nothing of the process run that was due; part of `seconds`."""
    warned: bool
    apologized: bool
    response: Mapping[str, Any]
    unsaved: bool

    @property
    def may_warn(self) -> bool:
        """Nothing comes before the first words of an outcome that sends for help; it is the one with a card."""
        return "card" not in self.response["response"]


@dataclass
class Stalled:
    """How long, in all, something that was due had to wait for this machine."""

    seconds: float = 0.0


@contextmanager
def stalls() -> Iterator[Stalled]:
    """Measure, beside what runs inside, how much later than it asked for a thread that only sleeps wakes up.

    A call that waits for the database leaves the machine alone, so that waiting is never part of it.
    """
    found, over = Stalled(), threading.Event()

    def sleep() -> None:
        while True:
            due = time.monotonic() + TICK_SECONDS
            if over.wait(TICK_SECONDS):
                return
            found.seconds += max(0.0, time.monotonic() - due)

    thread = threading.Thread(target=sleep, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


@dataclass(frozen=True)
class Bench:
    """A proxy before the database, and the store that talks through it as the Lambda's does."""

    proxy: Proxy
    store: DynamoStore


@contextmanager
def bench(upstream: int) -> Iterator[Bench]:
    """A bench for the duration. Not to be made by two threads at once: the endpoint goes through the environment."""
    with proxied(upstream) as proxy:
        # A name, not a number: only a name has to be looked up.
        with environment(AWS_ENDPOINT_URL_DYNAMODB=f"http://localhost:{proxy.port}", **CREDENTIALS):
            store = DynamoStore(TABLE)
            store.warm()
        yield Bench(proxy, store)


@dataclass
class Talk:
    """One user's talk."""

    library: Library
    bench: Bench
    user: str
    turns: list[Turn] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = VirtualClock(START_MS)
        self.skill = build_skill(self.library, self.bench.store, lambda: self.clock.now_ms / 1000, Settings())
        self.device = Device(self._send, intent, self.clock, apl=False, user_id=self.user)
        self._seconds = self._stalled = 0.0

    def _send(self, message: dict[str, Any]) -> dict[str, Any]:
        with stalls() as stalled:
            started = time.monotonic()
            answer = invoke_json(self.skill, message)
            self._seconds = time.monotonic() - started
        self._stalled = stalled.seconds
        return answer

    def run(self, fault_at: Callable[[int], Fault], steps: Sequence[Step] = TALK) -> None:
        """Hold the talk, with a fault at each turn that `fault_at` names one for."""
        for index, step in enumerate(steps):
            self._wait(step.after_ms)
            fault = fault_at(index)
            with weather(self.bench.proxy, fault):
                response = self.device.launch() if step.says == "launch" else self.device.interrupt(step.says)
            assert response is not None
            warned, apologized = (self._says(key, response) for key in ("store.unsaved", "error.general"))
            unsaved = bool(self.device.attributes.get("unsaved") or self.device.attributes.get("drop"))
            self.turns.append(Turn(index, fault, self._seconds, self._stalled, warned, apologized, response, unsaved))

    def _says(self, prompt: str, response: Mapping[str, Any]) -> bool:
        return self.library.locale.prompt(prompt, 0)[:30] in json.dumps(response)

    def _wait(self, after_ms: int | None) -> None:
        playing = self.device.playing
        if after_ms is None and playing:
            self.device.wait_until(playing.ends_at)
        else:
            self.device.wait(after_ms or 0)


@contextmanager
def weather(proxy: Proxy, fault: Fault) -> Iterator[None]:
    """The fault for the duration, and calm after it."""
    proxy.play(fault)
    try:
        if fault is Fault.NO_NAME:
            with silent_name_server(proxy.port):
                yield
        else:
            yield
    finally:
        proxy.play(Fault.NONE)


_silent: set[int] = set()
_speaks_again = threading.Condition()


@contextmanager
def name_server() -> Iterator[None]:
    """Lookups go through a name server that `silent_name_server` can keep from answering for some ports."""
    looks_up = socket.getaddrinfo

    def lookup(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        with _speaks_again:
            _speaks_again.wait_for(lambda: port not in _silent, timeout=30)
        return looks_up(host, port, *rest, **more)

    with mock.patch("socket.getaddrinfo", lookup):
        yield


@contextmanager
def silent_name_server(port: int) -> Iterator[None]:
    """Lookups for this port get no answer for the duration."""
    _silent.add(port)
    try:
        yield
    finally:
        with _speaks_again:
            _silent.discard(port)
            _speaks_again.notify_all()


def lasting(stored: Stored) -> dict[str, Any]:
    """What a record says, but for how far into its turn a count began: the notice is part of a turn."""
    record = dict(stored.profile or {})
    under_way = record.get("under_way")
    if isinstance(under_way, dict):
        record["under_way"] = {key: value for key, value in under_way.items() if key != "s"}
    return {"profile": record, "screening": stored.screening}


def settled(store: Store, user: str, wanted: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the table holds in the end; where that is not what is wanted, late writes get a moment to come in."""
    deadline = time.monotonic() + 10
    while True:
        found = lasting(store.load(user, START_MS // 1000 + 400))
        if wanted is None or found == wanted or time.monotonic() > deadline:
            return found
        time.sleep(0.05)
