"""The SQLite store: one file, shared safely by several processes, and whole after a kill -9.

It keeps the state of talks on one's own machine and of the self-hosted web service; the Lambda's zip leaves it out.
"""

import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final, Self

from stretch_coach.errors import StoreError
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

BUSY_SECONDS: Final = 2.0
"""How long one call waits for other writers."""

FORMAT: Final = 1
"""Kept in the file's user_version; raised when the table below changes."""

CREATE: Final = """
CREATE TABLE IF NOT EXISTS items (
    pk TEXT NOT NULL,
    sk TEXT NOT NULL,
    version INTEGER NOT NULL,
    data TEXT NOT NULL,
    written_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (pk, sk)
) WITHOUT ROWID
"""
PUT: Final = "INSERT OR REPLACE INTO items (pk, sk, version, data, written_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)"


class SqliteStore:
    """Keeps records in the file `path`, made with its folder at first use and readable by its owner only.

    Safe under threads, and in a process forked after the first use.
    """

    def __init__(self, path: str | Path, busy_seconds: float = BUSY_SECONDS) -> None:
        self._path = Path(path)
        self._busy_seconds = busy_seconds
        self._lock = threading.Lock()
        self._connections: dict[int, sqlite3.Connection] = {}
        # Closing the last connection folds the write-ahead log into the one file that users copy.
        self._finalizer = weakref.finalize(self, _close, self._connections)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            _close(self._connections)

    def load(self, user_id: str, now: int) -> Stored:
        check_user(user_id)
        with self._connected("load") as connection:
            rows = connection.execute(
                "SELECT sk, version, data FROM items WHERE pk = ? AND expires_at > ?", (user_id, now)
            ).fetchall()
        found = {kind: (version, decode(data)) for kind, version, data in rows}
        version, profile = found.get(PROFILE, (0, None))
        return Stored(profile, version, screening=found.get(SCREENING, (0, None))[1])

    def commit(self, user_id: str, commit: Commit, now: int) -> int:
        check_user(user_id)
        if commit == Commit(expected_version=commit.expected_version):
            return commit.expected_version
        with self._connected("commit") as connection:
            with _transaction(connection):
                # What has expired is deleted, as DynamoDB's TTL does: no answers stay behind in the file.
                expired = connection.execute("DELETE FROM items WHERE expires_at <= ?", (now,)).rowcount
                version = _put_profile(connection, user_id, commit, now)
                _put_screening(connection, user_id, commit, now)
            if commit.drop_screening or expired:
                _forget(connection)
        return version

    def erase(self, user_id: str, before: int) -> None:
        check_user(user_id)
        with self._connected("erase") as connection:
            with _transaction(connection):
                connection.execute("DELETE FROM items WHERE pk = ? AND written_at <= ?", (user_id, before))
            _forget(connection)

    @contextmanager
    def _connected(self, what: str) -> Iterator[sqlite3.Connection]:
        """Lend the process's connection to one thread at a time; SQLite's errors become StoreError."""
        failure = None
        try:
            with self._lock:
                # A connection must not cross a fork, not even to be closed: a child opens its own beside it.
                if os.getpid() not in self._connections:
                    self._connections[os.getpid()] = _open(self._path, self._busy_seconds)
                yield self._connections[os.getpid()]
        except (sqlite3.Error, OSError) as error:
            failure = getattr(error, "sqlite_errorname", type(error).__name__)
        if failure:
            raise StoreError(f"{what}: {failure} ({self._path})")


def _open(path: Path, busy_seconds: float) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    # WAL first: readers never wait for a writer, and a writer killed halfway leaves the last whole state.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")  # an acknowledged write survives a power cut, too
    connection.execute("PRAGMA secure_delete = ON")  # erased answers are overwritten, not only unlinked
    with _transaction(connection):
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found > FORMAT:
            raise StoreError("the file was written by a newer version of Stretch Coach; update it, or use another file")
        connection.execute(CREATE)
        connection.execute("CREATE INDEX IF NOT EXISTS items_by_expiry ON items (expires_at)")
        connection.execute(f"PRAGMA user_version = {FORMAT}")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    # IMMEDIATE takes the write lock before the first read, so that a check and the write after it are one step.
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:  # SQLite has rolled back by itself after some errors
            connection.execute("ROLLBACK")


def _put_profile(connection: sqlite3.Connection, user_id: str, commit: Commit, now: int) -> int:
    if commit.profile is None:
        return commit.expected_version
    row = connection.execute("SELECT version FROM items WHERE pk = ? AND sk = ?", (user_id, PROFILE)).fetchone()
    if (row[0] if row else 0) != commit.expected_version:
        raise VersionConflict("commit: the profile has changed since it was read")
    version = next_version(commit.expected_version, now)
    connection.execute(PUT, (user_id, PROFILE, version, encode(commit.profile), now, profile_expiry(now)))
    return version


def _put_screening(connection: sqlite3.Connection, user_id: str, commit: Commit, now: int) -> None:
    if commit.screening is not None:
        values = (user_id, SCREENING, 0, encode(commit.screening), now, commit.screening_expires_at)
        connection.execute(PUT, values)
    if commit.drop_screening:
        connection.execute("DELETE FROM items WHERE pk = ? AND sk = ?", (user_id, SCREENING))


def _forget(connection: sqlite3.Connection) -> None:
    """Take deleted answers out of the write-ahead log as well; another reader may put that off to a later time."""
    with suppress(sqlite3.OperationalError), closing(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")) as cursor:
        cursor.fetchall()


def _close(connections: dict[int, sqlite3.Connection]) -> None:
    connection = connections.pop(os.getpid(), None)
    if connection is not None:
        connection.close()
