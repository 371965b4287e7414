"""Time for a speaker that is heard: the machine's, which may run faster and stands still while a sound is fetched."""

import threading
import time
from typing import Final

FASTEST: Final = 50.0
SLOWEST: Final = 0.25


class SpeakerClock:
    """Milliseconds since 1970 at a speed; a `Clock` for a virtual device. Safe under threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._base_ms = float(time.time_ns() // 1_000_000)
        self._since = time.monotonic()
        self._speed = 1.0
        self._held = False

    @property
    def now_ms(self) -> int:
        with self._lock:
            return int(self._now())

    def _now(self) -> float:
        return self._base_ms if self._held else self._base_ms + (time.monotonic() - self._since) * 1000 * self._speed

    @property
    def speed(self) -> float:
        """How many seconds pass in one."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        with self._lock:
            self._base_ms, self._since = self._now(), time.monotonic()
            self._speed = min(max(speed, SLOWEST), FASTEST)

    def advance(self, ms: int) -> None:
        """Move on by `ms` without waiting."""
        with self._lock:
            self._base_ms += ms

    def hold(self) -> None:
        """Stand still until `release`."""
        with self._lock:
            self._base_ms, self._held = self._now(), True

    def release(self, at_ms: int) -> None:
        """Run again, from `at_ms` when that is still to come."""
        with self._lock:
            self._base_ms, self._since, self._held = max(self._now(), at_ms), time.monotonic(), False

    @property
    def held(self) -> bool:
        """It stands still."""
        return self._held

    def wait_until(self, at_ms: int) -> None:
        """See Clock; a clock that stands still moves there at once, for nobody would ever get there."""
        if self._held and at_ms > self._base_ms:
            self.release(at_ms)
        while (left_ms := at_ms - self.now_ms) > 0:
            time.sleep(left_ms / 1000 / self._speed)
