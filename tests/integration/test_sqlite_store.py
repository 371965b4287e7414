"""What the SQLite store promises beyond the contract: several processes, kill -9, and a private, honest file."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from stretch_coach.errors import StoreError
from stretch_coach.stores.contract import Commit, VersionConflict
from stretch_coach.stores.sqlite import SqliteStore

ROOT = Path(__file__).resolve().parents[2]
NOW = 1_800_000_000
USER = "amzn1.ask.account.TEST"

PRELUDE = """
import os, sys
from stretch_coach.stores.sqlite import SqliteStore
from stretch_coach.stores.contract import Commit, VersionConflict
store, user, now = SqliteStore(sys.argv[1], busy_seconds=60), "amzn1.ask.account.TEST", 1_800_000_000
"""

WRITER = """
version = store.load(user, now).version
for count in range(1, 1_000_000):
    answers = {"count": count, "padding": "x" * 20_000}
    commit = Commit({"count": count}, version, screening=answers, screening_expires_at=now + 60)
    version = store.commit(user, commit, now)
    print(count, version, flush=True)
"""

ADDER = """
for _ in range(25):
    while True:
        stored = store.load(user, now)
        count = stored.profile["count"] if stored.profile else 0
        try:
            store.commit(user, Commit({"count": count + 1}, stored.version), now)
            break
        except VersionConflict:
            pass
"""

FORKER = """
version = store.commit(user, Commit({"by": "parent"}), now)
child = os.fork()
if child == 0:
    version = store.commit(user, Commit({"by": "child"}, version), now)
    own = set(store._connections) == {os.getpid(), os.getppid()}
    os._exit(0 if own and store.load(user, now).version == version else 1)
_, status = os.waitpid(child, 0)
stored = store.load(user, now)
store.commit(user, Commit({"by": "parent again"}, stored.version), now)
sys.exit(os.waitstatus_to_exitcode(status) or (0 if stored.profile == {"by": "child"} else 2))
"""


def _process(script: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + textwrap.dedent(script), str(path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "lambda"), str(ROOT)))},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "new folder" / "state.sqlite3"


def test_kill_9_loses_nothing_acknowledged(path: Path) -> None:
    """Killed in the middle of writing, three times over, the file is whole and holds the last acknowledged commit or
    the one that was under way, profile and answers of the same commit.
    """
    for acknowledgements in (1, 7, 40):
        with _process(WRITER, path) as writer:
            assert writer.stdout is not None
            seen = [writer.stdout.readline() for _ in range(acknowledgements)]
            writer.send_signal(signal.SIGKILL)
            seen += writer.stdout.readlines()
        last, version = (int(word) for word in [line for line in seen if line.endswith("\n")][-1].split())
        with SqliteStore(path) as store:
            stored = store.load(USER, NOW)
        assert stored.profile is not None
        assert stored.screening is not None
        assert (stored.profile["count"], stored.version) in {(last, version), (last + 1, version + 1)}
        assert stored.screening["count"] == stored.profile["count"]
        with sqlite3.connect(path) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()


def test_processes_that_start_at_once_share_the_file(path: Path) -> None:
    """Four processes that make the file at the same moment and add 25 each end at one hundred."""
    processes = [_process(ADDER, path) for _ in range(4)]
    for process in processes:
        process.communicate()
        assert process.returncode == 0
    with SqliteStore(path) as store:
        assert store.load(USER, NOW).profile == {"count": 100}


def test_a_fork_opens_its_own_connection(path: Path) -> None:
    """Parent and child of a fork made after the first use both read and write on."""
    with _process(FORKER, path) as process:
        process.communicate()
    assert process.returncode == 0
    with SqliteStore(path) as store:
        assert store.load(USER, NOW).profile == {"by": "parent again"}


def test_a_talk_goes_on_after_a_restart(path: Path) -> None:
    """What one store object wrote, the next one on the same file reads; a closed one opens again."""
    with SqliteStore(path) as store:
        version = store.commit(USER, Commit({"count": 1}), NOW)
    assert store.load(USER, NOW).version == version
    store.close()
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("how", ["erase", "drop"])
def test_deleted_answers_are_not_left_in_the_file(path: Path, how: str) -> None:
    """After an erase, or the outcome of a check, the bytes of the answers are in no file of the store."""
    with SqliteStore(path) as store:
        kept = Commit({}, screening={"saddle-numbness": "marked-answer"}, screening_expires_at=NOW + 60)
        version = store.commit(USER, kept, NOW)
        assert b"marked-answer" in b"".join(file.read_bytes() for file in path.parent.iterdir())
        if how == "erase":
            store.erase(USER, NOW)
        else:
            store.commit(USER, Commit({}, version, drop_screening=True), NOW)
        assert b"marked-answer" not in b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_expired_answers_are_deleted_by_the_next_write(path: Path) -> None:
    """Answers of one user that have expired leave the file when anybody writes."""
    with SqliteStore(path) as store:
        store.commit(USER, Commit(screening={"q": "no"}, screening_expires_at=NOW + 60), NOW)
        store.commit(f"{USER}.other", Commit({}), NOW + 60)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM items WHERE sk = 'SCREENING'").fetchone() == (0,)
    connection.close()


def test_only_the_owner_can_read_the_file(path: Path) -> None:
    """The file and what SQLite puts beside it are readable by their owner alone."""
    with SqliteStore(path) as store:
        store.commit(USER, Commit({}), NOW)
        assert {file.name: file.stat().st_mode & 0o077 for file in path.parent.iterdir()} == {
            path.name: 0,
            f"{path.name}-wal": 0,
            f"{path.name}-shm": 0,
        }


def test_a_newer_file_is_refused_and_left_alone(path: Path) -> None:
    """A file of a later format is a StoreError that says what to do, and is not changed."""
    with SqliteStore(path) as store:
        store.commit(USER, Commit({"kept": True}), NOW)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with SqliteStore(path) as store, pytest.raises(StoreError, match="newer version of Stretch Coach"):
        store.load(USER, NOW)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT data FROM items").fetchall() == [('{"kept":true}',)]
    connection.close()


def test_a_writer_that_holds_the_file_too_long_is_an_error(path: Path) -> None:
    """A commit that cannot get the write lock in its time fails as a StoreError; readers are not held up."""
    with SqliteStore(path, busy_seconds=0.05) as store:
        version = store.commit(USER, Commit({"count": 1}), NOW)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="SQLITE_BUSY") as caught:
            store.commit(USER, Commit({"count": 2}, version), NOW)
        assert not isinstance(caught.value, VersionConflict)
        assert store.load(USER, NOW).profile == {"count": 1}
        other.execute("ROLLBACK")
        other.close()
        store.commit(USER, Commit({"count": 2}, version), NOW)


@pytest.mark.parametrize("spoil", ["not a database", "folder is a file", "record is not JSON"])
def test_a_spoiled_file_is_a_store_error(path: Path, spoil: str) -> None:
    """Whatever is wrong with the file, the caller sees a StoreError without what was in it."""
    if spoil == "folder is a file":
        path.parent.write_text("marked-content")
    else:
        path.parent.mkdir()
        path.write_text("marked-content " * 1000 if spoil == "not a database" else "")
    with SqliteStore(path) as store:
        if spoil == "record is not JSON":
            store.commit(USER, Commit({}), NOW)
            with sqlite3.connect(path) as connection:
                connection.execute("UPDATE items SET data = 'marked-content'")
            connection.close()
        with pytest.raises(StoreError) as caught:
            store.load(USER, NOW)
    assert "marked-content" not in str(caught.value)
    assert caught.value.__context__ is None
