"""The store that keeps everything in this process."""

import threading
from dataclasses import dataclass

from stretch_coach.stores.contract import (
    PROFILE,
    SCREENING,
    Commit,
    Stored,
    VersionConflict,
    check_user,
    decode,
    encode,
    next_version,
    profile_expiry,
)


@dataclass(frozen=True)
class _Item:
    data: str
    written_at: int
    expires_at: int
    version: int = 0


class MemoryStore:
    """Keeps everything in this process: for tests, and for a Lambda that has no table. Safe under threads."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, str], _Item] = {}
        self._lock = threading.Lock()

    def load(self, user_id: str, now: int) -> Stored:
        check_user(user_id)
        with self._lock:
            profile, screening = (self._unexpired(user_id, kind, now) for kind in (PROFILE, SCREENING))
        return Stored(
            profile=decode(profile.data) if profile else None,
            version=profile.version if profile else 0,
            screening=decode(screening.data) if screening else None,
        )

    def commit(self, user_id: str, commit: Commit, now: int) -> int:
        check_user(user_id)
        with self._lock:
            version = commit.expected_version
            if commit.profile is not None:
                found = self._unexpired(user_id, PROFILE, now)
                if (found.version if found else 0) != commit.expected_version:
                    raise VersionConflict("the profile has changed since it was read")
                version = next_version(commit.expected_version, now)
                item = _Item(encode(commit.profile), now, profile_expiry(now), version)
                self._items[user_id, PROFILE] = item
            if commit.screening is not None:
                self._items[user_id, SCREENING] = _Item(encode(commit.screening), now, commit.screening_expires_at)
            if commit.drop_screening:
                self._items.pop((user_id, SCREENING), None)
        return version

    def erase(self, user_id: str, before: int) -> None:
        check_user(user_id)
        with self._lock:
            for kind in (PROFILE, SCREENING):
                if (user_id, kind) in self._items and self._items[user_id, kind].written_at <= before:
                    del self._items[user_id, kind]

    def _unexpired(self, user_id: str, kind: str, now: int) -> _Item | None:
        item = self._items.get((user_id, kind))
        return item if item and item.expires_at > now else None
