"""What can go wrong around a skill, on request: a store that is down, an answer that comes too late."""

from collections.abc import Callable
from typing import Any, Final

from simulator.device import DeviceError, Send
from simulator.device.clock import Clock
from stretch_coach.errors import StoreError
from stretch_coach.stores.contract import Commit, Store, Stored

PATIENCE_MS: Final = 8_000
"""How long Alexa waits for an answer (docs/reference/alexa-rules.md 2.1)."""


class LateAnswer(DeviceError):  # noqa: N818 - what happened, told to a person
    """The answer came after Alexa had stopped waiting for it."""


class Breakable:
    """A store that can be switched off."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.is_down = False

    def load(self, user_id: str, now: int) -> Stored:
        """See Store."""
        return self._working().load(user_id, now)

    def commit(self, user_id: str, commit: Commit, now: int) -> int:
        """See Store."""
        return self._working().commit(user_id, commit, now)

    def erase(self, user_id: str, before: int) -> None:
        """See Store."""
        self._working().erase(user_id, before)

    def _working(self) -> Store:
        if self.is_down:
            raise StoreError("the database is down (simulated)")
        return self._store


class Delayed:
    """A skill whose next answer can be made to come too late; it has done its work all the same.

    `answered` is called when an answer has come in time.
    """

    def __init__(self, send: Send, clock: Clock, answered: Callable[[], object]) -> None:
        self._send = send
        self._clock = clock
        self._answered = answered
        self.is_late = False

    def __call__(self, message: dict[str, Any]) -> dict[str, Any]:
        """Answer, or raise LateAnswer after the time that Alexa waits."""
        response = self._send(message)
        if self.is_late:
            self.is_late = False
            self._clock.wait_until(self._clock.now_ms + PATIENCE_MS)
            raise LateAnswer("The skill took longer than 8 seconds to answer.")
        self._answered()
        return response
