"""Request JSON → what the dialogue can use. Never raises, whatever arrives; unknown things are left out."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from stretch_coach.events import Device, Event, Kind, Slot
from stretch_coach.session import MAX_OFFERS

Json = Mapping[str, Any]

MAX_HEARD_CHARACTERS = 200
"""What is kept of a slot's words; nobody names a stretch in more."""
MAX_ATTRIBUTES_READ = 4_096
"""Bytes: nothing of ours is longer."""
MAX_ATTRIBUTES_DEPTH = 12
"""Nothing of ours is deeper; the deepest is the dose of what is under way in the record."""
MAX_SLOTS = 20
MAX_VALUES = 10


class Purpose(Enum):
    """What a request wants of us."""

    TURN = "a turn of the dialogue"
    NOTE = "a turn that may not be answered with speech"
    ERASE = "the listener left: delete everything"
    IGNORE = "nothing we do anything about"


@dataclass(frozen=True)
class Request:
    purpose: Purpose
    type: str
    id: str
    user_id: str
    now: int
    """Milliseconds since the epoch, by the platform's clock; ours where it gave none."""
    application_ids: frozenset[str]
    """The skill ids the request names; a real one names one."""
    attributes: Json = field(default_factory=dict)
    """The session attributes; empty in a new session."""
    has_session: bool = False
    is_new: bool = False
    event: Event | None = None
    created: int | None = None
    """When a skill event happened, which may be long before it arrives; milliseconds since the epoch."""


_TURNS: Mapping[str, Kind] = {"LaunchRequest": Kind.LAUNCH, "IntentRequest": Kind.INTENT}
_ENDED = "SessionEndedRequest"
_AUDIO_FAILED = "Alexa.Presentation.APLA.RuntimeError"
_TOUCH = "Alexa.Presentation.APL.UserEvent"
_DISABLED = "AlexaSkillEvent.SkillDisabled"
_BUTTONS: Mapping[str, str] = {
    "yes": "YesIntent", "no": "NoIntent", "not_sure": "NotSureIntent", "next": "NextIntent", "pause": "PauseIntent",
    "resume": "ResumeIntent", "repeat": "RepeatIntent", "stop": "StopIntent",
}  # fmt: skip
"""What a button on the screen may stand for: a button does what its words would."""
_CHOICES: Mapping[str, str] = {f"choice_{place}": str(place) for place in range(1, MAX_OFFERS + 1)}
"""What is offered may be pressed, too: its place, as it would be said."""


def decode(message: object, clock_ms: int) -> Request:
    """Read one request; `clock_ms` stands in where it has no usable time."""
    body = _mapping(message)
    request, session, system = _mapping(body.get("request")), _mapping(body.get("session")), _system(body)
    kind = _text(request.get("type"))
    created = _milliseconds(request.get("eventCreationTime"))
    purpose, event = _event(kind, request, session, system)
    return Request(
        purpose=purpose,
        type=kind,
        id=_text(request.get("requestId")),
        user_id=_text(_mapping(system.get("user")).get("userId")) or _text(_mapping(session.get("user")).get("userId")),
        now=_milliseconds(request.get("timestamp")) or clock_ms,
        application_ids=_application_ids(system, session),
        attributes={} if session.get("new") is True else _own(session.get("attributes")),
        has_session=bool(session),
        is_new=session.get("new") is True,
        event=event,
        created=created,
    )


def _event(kind: str, request: Json, session: Json, system: Json) -> tuple[Purpose, Event | None]:
    if kind == _DISABLED:
        return Purpose.ERASE, None
    if kind == _ENDED and session:
        return Purpose.NOTE, _make(Kind.ENDED, str(Kind.ENDED), request, session, system)
    if kind == _AUDIO_FAILED and session:
        return Purpose.TURN, _make(Kind.AUDIO_FAILED, str(Kind.AUDIO_FAILED), request, session, system)
    if kind == _TOUCH and session:
        return _touched(request, session, system)
    if kind in _TURNS:
        name = _intent_name(request) if _TURNS[kind] is Kind.INTENT else str(_TURNS[kind])
        return Purpose.TURN, _make(_TURNS[kind], name, request, session, system)
    return Purpose.IGNORE, None


def _touched(request: Json, session: Json, system: Json) -> tuple[Purpose, Event | None]:
    arguments = tuple(_text(item) for item in _list(request.get("arguments"))[:MAX_SLOTS])
    pressed = arguments[0] if arguments else ""
    if pressed in _BUTTONS:
        return Purpose.TURN, _make(Kind.INTENT, _BUTTONS[pressed], request, session, system)
    if pressed in _CHOICES:
        chosen = _make(Kind.INTENT, "PickIntent", request, session, system)
        return Purpose.TURN, replace(chosen, slots={"which": Slot(_CHOICES[pressed])})
    return Purpose.NOTE, _make(Kind.TOUCH, str(Kind.TOUCH), request, session, system)


def _make(kind: Kind, name: str, request: Json, session: Json, system: Json) -> Event:
    return Event(
        kind=kind,
        name=name,
        slots=dict(_slots(_mapping(_mapping(request.get("intent")).get("slots")))) if kind is Kind.INTENT else {},
        device=_device(_mapping(system.get("device"))),
        locale=_text(request.get("locale")) or "en-US",
        reason=_text(request.get("reason")),
        session_is_new=session.get("new") is True,
    )


def _intent_name(request: Json) -> str:
    return _text(_mapping(request.get("intent")).get("name")).removeprefix("AMAZON.")


def _slots(slots: Json) -> list[tuple[str, Slot]]:
    found = []
    for name, content in list(slots.items())[:MAX_SLOTS]:
        slot = _mapping(content)
        heard = _text(slot.get("value"))[:MAX_HEARD_CHARACTERS]
        ids = _resolved(_mapping(slot.get("resolutions")))
        if heard or ids:
            found.append((str(name), Slot(heard, ids)))
    return found


def _resolved(resolutions: Json) -> tuple[str, ...]:
    """Ids of all matches, those of dynamic entities first (docs/reference/alexa-rules.md 3.6)."""
    authorities = [_mapping(item) for item in _list(resolutions.get("resolutionsPerAuthority"))[:MAX_VALUES]]
    matched = [a for a in authorities if _mapping(a.get("status")).get("code") == "ER_SUCCESS_MATCH"]
    matched.sort(key=lambda authority: ".dynamic." not in _text(authority.get("authority")))
    ids = (
        _text(_mapping(_mapping(value).get("value")).get("id"))
        for authority in matched
        for value in _list(authority.get("values"))[:MAX_VALUES]
    )
    return tuple(dict.fromkeys(name for name in ids if name))


def _device(device: Json) -> Device:
    interfaces = _mapping(device.get("supportedInterfaces"))
    name = _text(device.get("deviceId"))
    return Device(short_hash(name) if name else "", "Alexa.Presentation.APL" in interfaces)


def short_hash(name: str) -> str:
    """Eight letters that stand for a platform id where only sameness matters."""
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8]


def _system(body: Json) -> Json:
    return _mapping(_mapping(body.get("context")).get("System"))


def _own(attributes: object) -> Json:
    """Session attributes that can be ours: small, flat enough to be written again, in numbers and Unicode of JSON.

    Everything in them goes back with the answer, and one thing that cannot be written there would cost the answer.
    """
    if not _is_shallow(attributes, MAX_ATTRIBUTES_DEPTH):
        return {}
    try:
        text = json.dumps(attributes, separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode()
    except (TypeError, ValueError):
        return {}
    return _mapping(attributes) if len(text) <= MAX_ATTRIBUTES_READ else {}


def _is_shallow(value: object, most: int) -> bool:
    """Whether lists and objects stand at most so deep in each other; the SDK's serializer does not stop by itself."""
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return not children or (most > 0 and all(_is_shallow(child, most - 1) for child in children))


def _application_ids(system: Json, session: Json) -> frozenset[str]:
    named = (_text(_mapping(place.get("application")).get("applicationId")) for place in (system, session))
    return frozenset(name for name in named if name)


def _milliseconds(value: object) -> int | None:
    """An ISO 8601 time, or (as some clients send it) milliseconds, as milliseconds since the epoch."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 < value < 1 << 45 else None
    text = _text(value)
    if not text or len(text) > 40:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        milliseconds = round(moment.timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        return None
    return milliseconds if milliseconds > 0 else None


def _mapping(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    """A text that can be written again: half of a character, which JSON allows, becomes a question mark."""
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else value.encode("utf-8", "replace").decode()
