"""Time for the virtual device: one clock that is turned by hand, one that runs."""

import time
from datetime import UTC, datetime
from typing import Protocol

DAY_MS = 86_400_000


class Clock(Protocol):
    """What the device needs of time: the moment, and a way to let it come."""

    @property
    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC."""

    def wait_until(self, at_ms: int) -> None:
        """Return when `now_ms` is at least `at_ms`; at once when that moment has passed."""


class VirtualClock:
    """Time that moves only when told to."""

    def __init__(self, now_ms: int = 0) -> None:
        self._now_ms = now_ms

    @property
    def now_ms(self) -> int:
        return self._now_ms

    def advance(self, ms: int) -> None:
        """Move on by `ms`; raises ValueError for a step back."""
        if ms < 0:
            raise ValueError(f"time does not run backwards ({ms} ms)")
        self._now_ms += ms

    def wait_until(self, at_ms: int) -> None:
        self._now_ms = max(self._now_ms, at_ms)


class RealClock:
    """The machine's time, which may be set ahead (to see what tomorrow brings) and waits by sleeping."""

    def __init__(self) -> None:
        self._ahead_ms = 0

    @property
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000 + self._ahead_ms

    def advance(self, ms: int) -> None:
        """Set the clock ahead by `ms` without waiting."""
        self._ahead_ms += ms

    def wait_until(self, at_ms: int) -> None:
        while (left_ms := at_ms - self.now_ms) > 0:
            time.sleep(left_ms / 1000)


def iso(now_ms: int, *, milliseconds: bool = False) -> str:
    """A moment as a request's timestamp: Alexa leaves the milliseconds out, cut off, not rounded."""
    moment = datetime.fromtimestamp(now_ms / 1000, UTC)
    seconds = f"{moment:%Y-%m-%dT%H:%M:%S}"
    return f"{seconds}.{now_ms % 1000:03d}Z" if milliseconds else f"{seconds}Z"


def from_iso(text: str) -> int:
    """A timestamp in milliseconds since 1970; a missing zone means UTC. Raises ValueError when it is none."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
