"""What a turn reads and writes: the record through the store, and everything else through the session attributes.

A turn never fails because the store does. Changes that could not be written travel in the session attributes and are
written with the next turn that can.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from stretch_coach import profile as profiles
from stretch_coach import session as sessions
from stretch_coach.errors import StoreError
from stretch_coach.profile import (
    Change,
    Completed,
    Erased,
    Heard,
    Locked,
    Mentioned,
    Profile,
    UnderWay,
    apply_all,
    compact,
)  # fmt: skip
from stretch_coach.session import Key, Session, State
from stretch_coach.stores.contract import Commit, Store, VersionConflict

MAX_ATTRIBUTES_BYTES = 4000
"""Session attributes take at most 4 KB (docs/architecture.md, "What a session holds")."""
SECOND_MS = 1000
CHECK: Final = "check"
"""The name under which the answers of a check under way are stored."""
Attributes = dict[Key, Any]


@dataclass(frozen=True)
class Kept:
    """What is known of the record at one moment of a session."""

    profile: Profile
    version: int | None
    """None while the record could not be read."""
    unsaved: tuple[Change, ...] = ()
    """Changes of earlier turns that are not written yet."""
    drop_screening: bool = False
    """The stored answers of a finished check could not be deleted yet."""
    read_only: bool = False
    """The record was written by a later release."""


@dataclass
class Keeper:
    """Reads and writes one listener's state around a turn."""

    store: Store
    screening_minutes: int

    def open(self, user_id: str, attributes: Mapping[Any, Any], now: int) -> tuple[Session, Kept]:
        """The session and the record at the start of a turn: one read when a session starts, none later.

        But for a record that attributes say is of a later release: it is never written, so a lock that another device
        has set, or that the attributes hide, would never be met.
        """
        given: Mapping[Key, object] = attributes
        session, carried = sessions.decode(attributes), _from_attributes(attributes)
        if given.get("v") is not None and not carried.read_only:
            return session, carried
        unsaved = _without_opening(profiles.decode_changes(given.get("unsaved")))
        try:
            stored = self.store.load(user_id, now // SECOND_MS)
        except StoreError:
            return session, replace(carried, profile=apply_all(carried.profile, unsaved), version=None, unsaved=unsaved)
        record = stored.profile or {}
        if profiles.is_newer(record) and stored.version == carried.version:
            return session, carried
        profile = apply_all(profiles.decode(record), unsaved)
        if stored.screening and not session.check and given.get("drop") is not True:
            session = _with_screening(session, stored.screening)
        dropping, newer = given.get("drop") is True, profiles.is_newer(record)
        return session, Kept(profile, stored.version, unsaved, drop_screening=dropping, read_only=newer)

    def close(
        self, user_id: str, before: Session, after: Session, kept: Kept, changes: Sequence[Change], now: int
    ) -> Kept:
        """Write what a turn changed, in one call; what cannot be written is kept for the next turn."""
        if any(isinstance(change, Erased) for change in changes):
            return self._erase(user_id, now)
        changes = _own(before, changes)
        pending = compact((*kept.unsaved, *changes))
        screening = self._screening(before, after, kept)
        if kept.read_only:
            pending = ()
        if not pending and screening == _NOTHING:
            return replace(kept, profile=apply_all(kept.profile, changes))
        try:
            return self._commit(user_id, kept, changes, pending, screening, now)
        except StoreError:
            dropping = screening.drop_screening
            return replace(kept, profile=apply_all(kept.profile, changes), unsaved=pending, drop_screening=dropping)

    def _erase(self, user_id: str, now: int) -> Kept:
        try:
            self.store.erase(user_id, now // SECOND_MS)
        except StoreError:
            return Kept(Profile(), None, (Erased(),))
        return Kept(Profile(), 0)

    def _screening(self, before: Session, after: Session, kept: Kept) -> "_Screening":
        if after.check and self.screening_minutes and after.check != before.check:
            return _Screening({CHECK: dict(after.check)})
        dropped = bool(before.check) and not after.check
        return _Screening(drop_screening=kept.drop_screening or (dropped and bool(self.screening_minutes)))

    def _commit(
        self, user_id: str, kept: Kept, changes: Sequence[Change], pending: tuple[Change, ...],
        screening: "_Screening", now: int,
    ) -> Kept:  # fmt: skip
        seconds = now // SECOND_MS
        # What earlier turns could not write is part of the profile in hand, but not of one that is read again.
        kept = replace(kept, profile=apply_all(kept.profile, changes))
        if any(isinstance(change, Erased) for change in pending):
            self.store.erase(user_id, seconds)
            pending = tuple(change for change in pending if not isinstance(change, Erased))
            kept = replace(kept, version=0)
        if kept.version is None:
            pending = _without_opening(pending)
            kept = self._again(user_id, seconds, pending)
        for last in (False, True):
            commit = Commit(
                profile=profiles.encode(kept.profile) if pending else None,
                expected_version=kept.version or 0,
                screening=screening.answers,
                screening_expires_at=seconds + self.screening_minutes * 60 if screening.answers else 0,
                drop_screening=screening.drop_screening,
            )
            try:
                version = self.store.commit(user_id, commit, seconds)
            except VersionConflict:
                if last:
                    raise
                pending = _without_opening(pending)
                kept = self._again(user_id, seconds, pending)
            else:
                return replace(kept, version=version, unsaved=(), drop_screening=False)
        raise AssertionError("the loop returns or raises")

    def _again(self, user_id: str, seconds: int, pending: tuple[Change, ...]) -> Kept:
        stored = self.store.load(user_id, seconds)
        record = stored.profile or {}
        if profiles.is_newer(record):
            raise StoreError("the record was written by a later release")
        return Kept(apply_all(profiles.decode(record), pending), stored.version)


@dataclass(frozen=True)
class _Screening:
    answers: Mapping[str, Any] | None = None
    drop_screening: bool = field(default=False)


_NOTHING = _Screening()


def _without_opening(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """Changes that may be applied to a record that was not in hand when they were made.

    "I've been seen" was said of one lock; another that is found there stays. So nothing that session attributes claim
    opens a lock, either, unless they name the very version of the record that has it.
    """
    return tuple(change for change in changes if change != Locked(False))


def _own(before: Session, changes: Sequence[Change]) -> tuple[Change, ...]:
    """Changes without "nothing is under way" of a session that had nothing under way.

    What the record says is under way is then another device's, and merged into the profile in hand.
    """
    activity = before.activity
    if activity is None or (before.state is State.DONE and not activity.routine):
        return tuple(change for change in changes if change != UnderWay(None))
    return tuple(changes)


def _with_screening(session: Session, stored: Mapping[str, Any]) -> Session:
    check = stored.get(CHECK)
    return replace(session, check=check) if isinstance(check, Mapping) else session


def _from_attributes(attributes: Mapping[Key, object]) -> Kept:
    version = attributes.get("v")
    record = attributes.get("profile")
    return Kept(
        profile=profiles.decode(record if isinstance(record, Mapping) else None),
        version=version if isinstance(version, int) and not isinstance(version, bool) and version >= 0 else None,
        unsaved=profiles.decode_changes(attributes.get("unsaved")),
        drop_screening=attributes.get("drop") is True,
        # Attributes of a later release: their profile, read here and written back, would lose what it has more.
        read_only=attributes.get("read_only") is True or (isinstance(record, Mapping) and profiles.is_newer(record)),
    )


def attributes_of(session: Session, kept: Kept) -> dict[str, Any]:
    """The session attributes after a turn.

    Where they would grow too large, what can be done without is left out: first what was said last, then the record
    but for what a turn cannot do without (the next turn reads it again), then the oldest progress that waits to be
    saved. What is under way, a check with its answers, and a lock always stay.
    """
    values: Attributes = {
        **sessions.encode(session),
        "profile": profiles.encode(kept.profile),
        "v": kept.version,
        "unsaved": profiles.encode_changes(kept.unsaved),
        "drop": kept.drop_screening,
        "read_only": kept.read_only,
    }
    values = {
        key: value
        for key, value in values.items()
        if value is not None and value is not False and value not in ([], {})
    }
    for smaller in (_without_words, _without_record, _with_less_unsaved, _without_offers):
        if size(values) <= MAX_ATTRIBUTES_BYTES:
            break
        values = smaller(values, kept)
    if size(values) <= MAX_ATTRIBUTES_BYTES:
        return dict(values.items())
    # Nothing of ours is as large: attributes that somebody made up. Of those only a lock is kept.
    least: Attributes = {"state": str(State.HOME)}
    if session.locked or kept.profile.lock:
        least["locked"] = "unknown"
    return dict(least.items())


def _without_words(values: Attributes, kept: Kept) -> Attributes:
    del kept
    return {key: value for key, value in values.items() if key not in {"said", "extra"}}


def _without_record(values: Attributes, kept: Kept) -> Attributes:
    """Without a version the next turn reads the record; should that fail, the lock and the settings are here."""
    full = kept.profile
    needed = Profile(full.greeted, full.preferences, full.rungs, lock=full.lock)
    return {**{key: value for key, value in values.items() if key != "v"}, "profile": profiles.encode(needed)}


def _with_less_unsaved(values: Attributes, kept: Kept) -> Attributes:
    """Leaves out progress, oldest first; settings, a lock and an erasure wait until they are written."""
    unsaved = list(kept.unsaved)
    for change in kept.unsaved:
        if isinstance(change, Completed | Heard | Mentioned) and size(values) > MAX_ATTRIBUTES_BYTES:
            unsaved.remove(change)
            values = {**values, "unsaved": profiles.encode_changes(unsaved)}
    return values


def _without_offers(values: Attributes, kept: Kept) -> Attributes:
    del kept
    return {key: value for key, value in values.items() if key != "offers"}


def size(values: Mapping[Any, Any]) -> int:
    """Bytes that JSON values take on the wire."""
    return len(json.dumps(values, separators=(",", ":")).encode())
