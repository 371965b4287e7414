"""A speaker that sends requests as JSON to a skill, for tests that need the whole way through."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from simulator.device.envelope import Identity, envelope, in_session
from stretch_coach.dialogue.table import EVENTS

Json = dict[str, Any]
BUILT_IN = frozenset(
    f"{name}Intent"
    for name in (
        "Help", "Stop", "Cancel", "NavigateHome", "Fallback", "Yes", "No", "Next", "Previous", "Repeat", "Pause",
        "Resume", "StartOver",
    )
)  # fmt: skip
INTENTS = tuple(name for name in EVENTS if name.endswith("Intent"))
_REQUESTS = count(1)


@dataclass
class Speaker:
    """One device of one household."""

    send: Callable[[Json], Json]
    who: Identity = field(default_factory=Identity)
    now_ms: int = 1_790_000_000_000
    attributes: Json = field(default_factory=dict)
    in_session: bool = False
    answer: Json = field(default_factory=dict)

    def say(self, name: str, **slots: str) -> Json:
        """One intent (or Launch, or Ended) with slot values that resolved; the session goes on from the answer."""
        self.now_ms += 7_000
        moment = datetime.fromtimestamp(self.now_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        request = {**_request(name, slots), "requestId": f"request-{next(_REQUESTS)}", "timestamp": moment}
        new = not self.in_session or name == "Launch"
        message = envelope(request, self.who, screen=False)
        message = in_session(message, self.who, session_id="s", new=new, attributes=self.attributes)
        self.answer = self.send(message)
        ends = self.answer["response"].get("shouldEndSession", True) or name == "Ended"
        self.attributes = {} if ends else self.answer.get("sessionAttributes", {})
        self.in_session = not ends
        return self.answer

    def drop_session(self) -> None:
        """The session is gone, and the skill was not told."""
        self.attributes, self.in_session = {}, False

    @property
    def state(self) -> str:
        """The dialogue's state; empty without a session."""
        return str(self.attributes.get("state", ""))

    @property
    def item(self) -> str:
        """The question that is open."""
        return str(self.attributes.get("item", "")) if self.state == "checking" else ""


def _request(name: str, slots: Mapping[str, str]) -> Json:
    if name == "Launch":
        return {"type": "LaunchRequest"}
    if name == "Ended":
        return {"type": "SessionEndedRequest", "reason": "EXCEEDED_MAX_REPROMPTS"}
    filled = {slot: _slot(slot, value) for slot, value in slots.items()}
    named = f"AMAZON.{name}" if name in BUILT_IN else name
    return {"type": "IntentRequest", "intent": {"name": named, "confirmationStatus": "NONE", "slots": filled}}


def _slot(name: str, value: str) -> Json:
    slot: Json = {"name": name, "value": value, "confirmationStatus": "NONE"}
    if not value.isdigit():
        match = {"authority": "test", "status": {"code": "ER_SUCCESS_MATCH"},
                 "values": [{"value": {"name": value, "id": value}}]}  # fmt: skip
        slot["resolutions"] = {"resolutionsPerAuthority": [match]}
    return slot
