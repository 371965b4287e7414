"""Requests as Alexa writes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

Json = dict[str, Any]

SKILL_ID: Final = "amzn1.ask.skill.00000000-0000-4000-8000-000000000000"
SESSIONLESS: Final = ("System.ExceptionEncountered", "AudioPlayer.", "PlaybackController.", "AlexaSkillEvent.")
"""Requests that carry no `session`."""


@dataclass(frozen=True)
class Identity:
    """Who is asking, and with what."""

    user_id: str = "amzn1.ask.account.LOCAL"
    device_id: str = "amzn1.ask.device.LOCAL"
    skill_id: str = SKILL_ID
    locale: str = "en-US"


def envelope(request: Mapping[str, Any], who: Identity, *, screen: bool, screen_token: str | None = None) -> Json:
    """A request without a session: version, context and the request itself."""
    return {
        "version": "1.0",
        "context": _context(who, screen=screen, screen_token=screen_token),
        "request": {"locale": who.locale, **request},
    }


def in_session(
    message: Mapping[str, Any], who: Identity, *, session_id: str, new: bool, attributes: Mapping[str, Any]
) -> Json:
    """The same request inside a session; a new one has no attributes."""
    session: Json = {
        "new": new,
        "sessionId": session_id,
        "attributes": {} if new else dict(attributes),
        "application": {"applicationId": who.skill_id},
        "user": {"userId": who.user_id},
    }
    return {"version": message["version"], "session": session, **message}


def _context(who: Identity, *, screen: bool, screen_token: str | None) -> Json:
    interfaces: Json = {"AudioPlayer": {}}
    if screen:
        interfaces["Alexa.Presentation.APL"] = {"runtime": {"maxVersion": "2024.3"}}
    context: Json = {
        "System": {
            "application": {"applicationId": who.skill_id},
            "user": {"userId": who.user_id},
            "device": {"deviceId": who.device_id, "supportedInterfaces": interfaces},
            "apiEndpoint": "https://api.amazonalexa.com",
            "apiAccessToken": "local",
        }
    }
    if screen:
        context["Viewport"] = {
            "shape": "RECTANGLE",
            "dpi": 160,
            "currentPixelWidth": 1280,
            "currentPixelHeight": 800,
            "pixelWidth": 1280,
            "pixelHeight": 800,
            "touch": ["SINGLE"],
        }
    if screen_token is not None:
        context["Alexa.Presentation.APL"] = {"token": screen_token, "componentsVisibleOnScreen": []}
    return context
