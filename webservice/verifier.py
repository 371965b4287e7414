"""Is this request Alexa's, for this skill, and of this minute? Decided from the raw body, before anything reads it.

The order matters: what costs nothing first, the signature before the JSON is parsed, and the skill never sees a request
that fails. The rules are the platform's ("Host a custom skill as a web service"); chain.py holds the certificate's.
"""

import base64
import binascii
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from webservice.chain_url import chain_path
from webservice.refusal import Reason, Refused
from webservice.signers import Signers

Header = Callable[[str], str | None]
"""A header's value by its name in any case, None when it is not there."""

CHAIN_HEADER: Final = "SignatureCertChainUrl"
SIGNATURE_HEADER: Final = "Signature-256"
"""SHA-256. The header named Signature holds a SHA-1 and is never looked at."""

TOLERANCE_SECONDS: Final = 150
EVENT_TOLERANCE_SECONDS: Final = 3600
"""For skill events, which the platform sends again for an hour with the same time in them."""
EVENTS: Final = "AlexaSkillEvent."

MOST_SIGNATURE_CHARACTERS: Final = 1024
"""An RSA signature of 4096 bits has 684."""


@dataclass(frozen=True)
class Verifier:
    """The rules for one skill. Safe under threads."""

    skill_id: str
    signers: Signers
    clock: Callable[[], float] = time.time
    """Epoch seconds."""

    def __post_init__(self) -> None:
        if not self.skill_id:
            raise ValueError("without the skill's id, requests of any skill would be answered")

    def check(self, header: Header, body: bytes) -> None:
        """Raise Refused unless Alexa signed `body` for this skill just now."""
        now = self.clock()
        path = chain_path(header(CHAIN_HEADER))
        signature = _signature(header(SIGNATURE_HEADER))
        signer = self.signers.signer(path, now)
        try:
            signer.key.verify(signature, body, PKCS1v15(), SHA256())
        except InvalidSignature:
            raise Refused(Reason.SIGNATURE) from None
        message = parsed(body)
        if not _is_fresh(_mapping(message.get("request")), now):
            raise Refused(Reason.TIMESTAMP)
        if not _is_for(self.skill_id, message):
            raise Refused(Reason.SKILL_ID)


def parsed(body: bytes) -> Mapping[str, Any]:
    """The body as a JSON object; raises Refused for anything else."""
    try:
        message = json.loads(body.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise Refused(Reason.JSON)
    return message


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _signature(text: str | None) -> bytes:
    try:
        if text and len(text) <= MOST_SIGNATURE_CHARACTERS:
            return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error):
        pass
    raise Refused(Reason.SIGNATURE_HEADER)


def _is_fresh(request: Mapping[str, Any], now: float) -> bool:
    kind, text = request.get("type"), request.get("timestamp")
    if not isinstance(text, str) or len(text) > 40:
        return False
    try:
        moment = datetime.fromisoformat(text)
        seconds = moment.timestamp()
    except (ValueError, OverflowError, OSError):
        return False
    is_event = isinstance(kind, str) and kind.startswith(EVENTS)
    tolerance = EVENT_TOLERANCE_SECONDS if is_event else TOLERANCE_SECONDS
    # Without a time zone it would mean another moment on every machine.
    return moment.tzinfo is not None and abs(now - seconds) <= tolerance


def _is_for(skill_id: str, message: Mapping[str, Any]) -> bool:
    system = _mapping(_mapping(message.get("context")).get("System"))
    named = [_application(system)]
    if message.get("session") is not None:
        named.append(_application(_mapping(message["session"])))
    return all(name == skill_id for name in named)


def _application(place: Mapping[str, Any]) -> object:
    return _mapping(place.get("application")).get("applicationId")


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
