"""What comes in: one request of the platform, or what became of a write, reduced to what a decision can depend on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What can happen. Requests of other kinds are answered with silence before they get here."""

    LAUNCH = "Launch"
    INTENT = "Intent"
    ENDED = "Ended"
    AUDIO_FAILED = "AudioFailed"
    TOUCH = "Touch"
    LOCK_FOUND = "LockFound"
    """No request: writing what a turn had decided met a lock that another device has set."""
    ERASE_FAILED = "EraseFailed"
    """No request: the store could not delete what the listener had said yes to deleting."""


_ORDINALS: Mapping[str, int] = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6}


@dataclass(frozen=True)
class Slot:
    """One slot as entity resolution reports it."""

    value: str
    """What was heard."""
    ids: tuple[str, ...] = ()
    """Ids of the values it matches, best first; empty for no match and for built-in types."""

    @property
    def id(self) -> str | None:
        """The best matching value's id."""
        return self.ids[0] if self.ids else None


@dataclass(frozen=True)
class Device:
    id: str = ""
    """A short hash; never the platform's own id."""
    has_screen: bool = False


@dataclass(frozen=True)
class Event:
    kind: Kind
    name: str
    """The intent's name (AMAZON. left off), or the kind's name."""
    slots: Mapping[str, Slot] = field(default_factory=dict)
    device: Device = field(default_factory=Device)
    locale: str = "en-US"
    reason: str = ""
    """Why a session ended, as the platform names it."""
    arguments: tuple[str, ...] = ()
    """What a touch on the screen sends."""
    session_is_new: bool = False

    def slot_id(self, name: str) -> str | None:
        """The id of a slot's best match, or None."""
        slot = self.slots.get(name)
        return slot.id if slot else None

    def heard(self, name: str) -> str:
        """What was heard in a slot, or an empty string."""
        slot = self.slots.get(name)
        return slot.value if slot else ""

    def number(self, name: str) -> int | None:
        """A number slot's value; None when it was not understood."""
        text = self.heard(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None

    def ordinal(self, name: str) -> int | None:
        """An ordinal slot's value, from 1: the platform gives "2", "2nd" or the word, and which is not documented."""
        text = self.heard(name).lower()
        digits = text[: len(text) - len(text.lstrip("0123456789"))]
        if digits.isascii() and digits.isdigit() and len(digits) < 4:
            return int(digits)
        return _ORDINALS.get(text)

    def seconds(self, name: str) -> int | None:
        """An ISO 8601 duration slot (hours, minutes, seconds) in seconds; None when it was not understood."""
        text = self.heard(name).upper()
        if not text.startswith("PT"):
            return None
        total, digits = 0, ""
        for letter in text[2:]:
            if letter.isascii() and letter.isdigit():
                digits += letter
            elif letter in "HMS" and 0 < len(digits) < 6:
                total, digits = total + int(digits) * {"H": 3600, "M": 60, "S": 1}[letter], ""
            else:
                return None
        return total if total and not digits else None
