"""The store contract: what a turn reads and writes, whatever keeps it.

A user has at most two items. PROFILE is the lasting record, guarded by a version so that two devices of one household
cannot overwrite each other. SCREENING holds the answers of a safety check under way, for minutes, and is gone for every
reader at the second it expires, whether or not the table has deleted it yet.

Every store passes `tests/integration/test_store_contract.py`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from stretch_coach.errors import StoreError

PROFILE: Final = "PROFILE"
SCREENING: Final = "SCREENING"

PROFILE_DAYS: Final = 400
"""A profile nobody has written for this long expires, in days."""

DAY_SECONDS: Final = 86_400
USER_ID_BYTES: Final = 2_048
"""DynamoDB's limit for a partition key."""


class VersionConflict(StoreError):  # noqa: N818 - not a failure: the caller reads again, merges and retries
    """Someone else wrote the profile since it was read. Nothing of this commit was written."""


@dataclass(frozen=True)
class Stored:
    """What one load found."""

    profile: Mapping[str, Any] | None
    """JSON without floats; None when the user is new."""

    version: int
    """The profile's version, 0 when there is none."""

    screening: Mapping[str, Any] | None
    """The answers of an unexpired safety check."""


@dataclass(frozen=True)
class Commit:
    """What one turn changes. The default changes nothing."""

    profile: Mapping[str, Any] | None = None
    """The whole new profile; None leaves it as it is."""

    expected_version: int = 0
    """The version the profile must still have to be replaced; 0 means it must not exist."""

    screening: Mapping[str, Any] | None = None
    """Answers to keep until `screening_expires_at`; None leaves them as they are."""

    screening_expires_at: int = 0
    """Epoch seconds."""

    drop_screening: bool = False

    def __post_init__(self) -> None:
        if self.screening is not None and (self.drop_screening or self.screening_expires_at <= 0):
            raise ValueError("a screening is either kept until a moment or dropped")


class Store(Protocol):
    """Where the records live. `now` and `before` are epoch seconds; every method raises StoreError when it cannot."""

    def load(self, user_id: str, now: int) -> Stored:
        """Read both items in one call; an expired item counts as absent."""
        ...

    def commit(self, user_id: str, commit: Commit, now: int) -> int:
        """Write all of `commit` or nothing, in one call, and return the profile's version from now on.

        Raises VersionConflict when the profile no longer has the expected version. A commit without a profile is not
        checked and returns the expected version; one that changes nothing makes no call.
        """
        ...

    def erase(self, user_id: str, before: int) -> None:
        """Remove every item of the user written at or before `before`; what is newer stays. May be repeated."""
        ...


def next_version(expected: int, now: int) -> int:
    """Return the version that follows.

    A first version is the time, not 1: after "delete my data" and a new start, a device that still holds a version of
    the deleted profile must not find that number again and write the old data back.
    """
    return expected + 1 if expected else max(1, now)


def profile_expiry(now: int) -> int:
    """Return when a profile written now expires, in epoch seconds."""
    return now + PROFILE_DAYS * DAY_SECONDS


def may_be_user(user_id: str) -> bool:
    """Whether DynamoDB would take the id as a key; all stores refuse the others."""
    try:
        return 0 < len(user_id.encode()) <= USER_ID_BYTES
    except UnicodeEncodeError:
        return False


def check_user(user_id: str) -> None:
    """Raise StoreError for an id that no store takes."""
    if not may_be_user(user_id):
        raise StoreError("the user id is empty, too long or not Unicode")


def encode(record: Mapping[str, Any]) -> str:
    """Return the record as one ASCII JSON string: integers stay exact and lone surrogates survive every store."""
    return json.dumps(record, separators=(",", ":"), sort_keys=True, allow_nan=False)


def decode(data: str) -> Mapping[str, Any]:
    """Read what `encode` wrote; raise StoreError, without any of the text, when it is something else."""
    try:
        record = json.loads(data)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise StoreError("a stored record is not a JSON object")
    return record
