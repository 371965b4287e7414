"""What a virtual speaker is made of, as values: what it says, hears, keeps and writes down."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from sound.playback import Heard, Kind, Playback

Json = Mapping[str, Any]
Send = Callable[[dict[str, Any]], dict[str, Any]]
Understand = Callable[[str], Json]

APLA: Final = "Alexa.Presentation.APLA.RenderDocument"


class DeviceError(Exception):
    """The skill's answer breaks a rule of the platform, or something was asked that nobody can do to a speaker."""

    def __init__(self, problem: str, response: Json | None = None) -> None:
        super().__init__(problem)
        self.response = response
        """The answer at fault, if it is one."""


class Microphone(StrEnum):
    CLOSED = "closed"
    OPENING = "opening"
    """Closed while Alexa speaks; open afterwards."""
    OPEN = "open"


@dataclass(frozen=True)
class Playing:
    """Something being said."""

    playback: Playback
    started_at: int
    """When the first sound is heard, in the clock's milliseconds."""
    response: Json
    """The answer it belongs to, without what this device cannot play."""
    is_reprompt: bool = False

    @property
    def ends_at(self) -> int:
        """When the last sound is over."""
        return self.started_at + self.playback.total_ms

    def heard_until(self, at_ms: int) -> tuple[Heard, ...]:
        """What has at least begun before a moment."""
        return tuple(part for part in self.playback.heard if self.started_at + part.start_ms < at_ms)


@dataclass
class Played:
    """Something that was said, whole or in part."""

    playing: Playing
    cut_at: int | None = None
    """When it was interrupted."""


@dataclass(frozen=True)
class Line:
    """One line of the transcript."""

    who: str
    """U: the user; A: Alexa; -: what the device did."""
    text: str
    at_ms: int
    heard: tuple[Heard, ...] = ()


@dataclass(frozen=True)
class Exchange:
    """One request and its answer."""

    request: Json
    """The request itself: type, intent and so on."""
    response: Json
    at_ms: int
    envelope: Json
    """The request with session and context, as it was sent."""


@dataclass
class Session:
    id: str
    new: bool = True
    attributes: dict[str, Any] = field(default_factory=dict)


def words(heard: Sequence[Heard]) -> str:
    """The words of what is heard, in order."""
    return " ".join(part.text for part in heard if part.kind is Kind.SPEECH)


def over_the_wire(send: Send, message: dict[str, Any]) -> dict[str, Any]:
    """Ask the skill as a network does: both ways as JSON, so that nothing but JSON arrives."""
    response = send(json.loads(json.dumps(message)))
    try:
        wired: dict[str, Any] = json.loads(json.dumps(response, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise DeviceError(f"Alexa refuses the answer: it is not JSON ({error})", response) from error
    return wired


def documents(response: Json) -> list[Json]:
    """The APLA documents that an answer plays."""
    directives = response["response"].get("directives") or ()
    return [item for item in directives if item.get("type") == APLA]


def without_documents(response: Json) -> Json:
    """The same answer for a device that plays no APLA."""
    body = dict(response["response"])
    body["directives"] = [item for item in body.get("directives") or () if item.get("type") != APLA]
    if reprompt := body.get("reprompt"):
        kept = [item for item in reprompt.get("directives") or () if item.get("type") != APLA]
        body["reprompt"] = {**reprompt, "directives": kept}
    return {**response, "response": body}
