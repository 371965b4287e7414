"""One contract, every store: memory, SQLite, and DynamoDB against two servers that were not written here."""

import itertools
import json
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from stretch_coach.errors import StoreError
from stretch_coach.stores.contract import DAY_SECONDS, PROFILE_DAYS, Commit, Store, Stored, VersionConflict
from stretch_coach.stores.dynamodb import DynamoStore
from stretch_coach.stores.memory import MemoryStore
from stretch_coach.stores.sqlite import SqliteStore
from tests.integration.servers import PATIENT_SECONDS, TABLE, Server

NOW = int(time.time())
"""Real time, because a server with a TTL worker judges `expires_at` by its own clock."""

NOBODY = Stored(profile=None, version=0, screening=None)
ANSWERS = {"saddle-numbness": "no", "item": "bladder-change"}

ODD_RECORD: Mapping[str, Any] = {
    "record_version": 3,
    "big": 2**63 + 1,
    "negative": -7,
    "yes": True,
    "nothing": None,
    "words": ["", "naïve", "猫 🧘", "a\u0000b", 'quote " and \\', "\ud83d"],
    "deep": {"": {"list": [[], {}, [1, [2, [3]]]]}},
}


@dataclass
class Bench:
    """A store under test, and how another device or process would open the same data."""

    store: Store
    another: Callable[[], Store]
    requests: list[str] | None = None
    """Names of the HTTP requests made so far; None where there is no network."""

    user: str = field(default_factory=lambda: f"amzn1.ask.account.{uuid.uuid4().hex}")


def _dynamo(server: Server) -> Bench:
    requests: list[str] = []

    def open_store() -> DynamoStore:
        client = server.connect()
        client.meta.events.register("before-send.dynamodb", lambda event_name, **_: requests.append(event_name))
        return DynamoStore(TABLE, connect=lambda: client, call_seconds=PATIENT_SECONDS)

    return Bench(open_store(), open_store, requests)


@pytest.fixture(name="dynamodb_local_bench", scope="session")
def _dynamodb_local_bench(dynamodb_local: Server) -> Bench:
    return _dynamo(dynamodb_local)


@pytest.fixture(name="ministack_bench", scope="session")
def _ministack_bench(ministack: Server) -> Bench:
    return _dynamo(ministack)


@pytest.fixture(
    name="bench",
    params=[
        "memory",
        "sqlite",
        # One worker owns a server, so that it is started once however many workers run.
        pytest.param("dynamodb_local", marks=pytest.mark.xdist_group("dynamodb_local")),
        pytest.param("ministack", marks=pytest.mark.xdist_group("ministack")),
    ],
)
def _bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    if request.param == "memory":
        memory = MemoryStore()
        yield Bench(memory, lambda: memory)
    elif request.param == "sqlite":
        path = tmp_path / "state.sqlite3"
        with SqliteStore(path) as store:
            yield Bench(store, lambda: SqliteStore(path))
    else:
        shared: Bench = request.getfixturevalue(f"{request.param}_bench")
        yield Bench(shared.store, shared.another, shared.requests)


def _same(found: Mapping[str, Any] | None, expected: Mapping[str, Any]) -> bool:
    """Tell whether two records are equal including types, where == would take True for 1."""
    return found is not None and json.dumps(found, sort_keys=True) == json.dumps(expected, sort_keys=True)


def test_a_new_user_has_nothing(bench: Bench) -> None:
    """A user nobody has stored loads as no profile, version 0 and no screening."""
    assert bench.store.load(bench.user, NOW) == NOBODY


def test_a_record_comes_back_as_it_went(bench: Bench) -> None:
    """Big integers, booleans, empty values, any Unicode and deep nesting survive unchanged, on another device too."""
    bench.store.commit(bench.user, Commit(ODD_RECORD, screening=ODD_RECORD, screening_expires_at=NOW + 60), NOW)
    for store in (bench.store, bench.another()):
        stored = store.load(bench.user, NOW)
        assert _same(stored.profile, ODD_RECORD)
        assert _same(stored.screening, ODD_RECORD)


def test_what_is_stored_does_not_change_with_the_callers_object(bench: Bench) -> None:
    """Changing a record after the commit, or a loaded one, changes nothing that is stored."""
    record = {"done": [1]}
    bench.store.commit(bench.user, Commit(record), NOW)
    record["done"].append(2)
    loaded = bench.store.load(bench.user, NOW).profile
    assert loaded is not None
    loaded["done"].append(3)
    assert bench.store.load(bench.user, NOW).profile == {"done": [1]}


def test_each_write_returns_the_version_the_next_load_finds(bench: Bench) -> None:
    """Versions only grow, and the one returned is the one stored."""
    versions = [0]
    for count in range(4):
        versions.append(bench.store.commit(bench.user, Commit({"count": count}, versions[-1]), NOW))
        assert bench.store.load(bench.user, NOW) == Stored({"count": count}, versions[-1], None)
    assert all(earlier < later for earlier, later in itertools.pairwise(versions))


@pytest.mark.parametrize("offset", [-1, 1], ids=["older", "newer"])
def test_a_wrong_version_writes_nothing_at_all(bench: Bench, offset: int) -> None:
    """A commit that expects another version raises VersionConflict and leaves profile and screening as they were."""
    version = bench.store.commit(bench.user, Commit({"kept": 1}), NOW)
    version = bench.store.commit(bench.user, Commit({"kept": 2}, version), NOW)
    before = bench.store.load(bench.user, NOW)
    with pytest.raises(VersionConflict):
        bench.store.commit(
            bench.user, Commit({"lost": 1}, version + offset, screening=ANSWERS, screening_expires_at=NOW + 60), NOW
        )
    with pytest.raises(VersionConflict):
        bench.store.commit(bench.user, Commit({"lost": 1}, version + offset), NOW)
    assert bench.store.load(bench.user, NOW) == before


def test_expecting_nobody_conflicts_with_somebody(bench: Bench) -> None:
    """Version 0 means "must not exist": it cannot replace an existing profile."""
    bench.store.commit(bench.user, Commit({"first": True}), NOW)
    with pytest.raises(VersionConflict):
        bench.store.commit(bench.user, Commit({"second": True}), NOW)
    assert bench.store.load(bench.user, NOW).profile == {"first": True}


def test_expecting_somebody_conflicts_with_nobody(bench: Bench) -> None:
    """A version of a profile that is gone cannot bring it back."""
    with pytest.raises(VersionConflict):
        bench.store.commit(bench.user, Commit({"ghost": True}, expected_version=NOW), NOW)
    assert bench.store.load(bench.user, NOW) == NOBODY


def test_answers_alone_leave_the_profile_alone(bench: Bench) -> None:
    """A commit without a profile is not checked, returns the expected version and changes only the screening."""
    version = bench.store.commit(bench.user, Commit({"kept": True}), NOW)
    keep = Commit(expected_version=version, screening=ANSWERS, screening_expires_at=NOW + 60)
    assert bench.store.commit(bench.user, keep, NOW) == version
    assert bench.store.load(bench.user, NOW) == Stored({"kept": True}, version, ANSWERS)


def test_answers_expire_at_their_second(bench: Bench) -> None:
    """Answers are there one second before `screening_expires_at` and gone at it, deleted by the store or not."""
    bench.store.commit(bench.user, Commit(screening=ANSWERS, screening_expires_at=NOW + 1800), NOW)
    assert bench.store.load(bench.user, NOW + 1799).screening == ANSWERS
    assert bench.store.load(bench.user, NOW + 1800).screening is None


def test_later_answers_replace_earlier_ones(bench: Bench) -> None:
    """A second screening replaces the first with its expiry."""
    bench.store.commit(bench.user, Commit(screening={"old": "no"}, screening_expires_at=NOW + 60), NOW)
    bench.store.commit(bench.user, Commit(screening={"new": "no"}, screening_expires_at=NOW + 120), NOW + 10)
    assert bench.store.load(bench.user, NOW + 100).screening == {"new": "no"}


def test_dropping_the_answers_writes_the_outcome_with_it(bench: Bench) -> None:
    """The outcome goes into the profile and the answers go away in one commit; dropping again is harmless."""
    version = bench.store.commit(bench.user, Commit({}, screening=ANSWERS, screening_expires_at=NOW + 60), NOW)
    version = bench.store.commit(bench.user, Commit({"locked": True}, version, drop_screening=True), NOW)
    assert bench.store.load(bench.user, NOW) == Stored({"locked": True}, version, None)
    assert bench.store.commit(bench.user, Commit(expected_version=version, drop_screening=True), NOW) == version
    assert bench.store.load(bench.user, NOW) == Stored({"locked": True}, version, None)


def test_a_conflict_keeps_the_answers(bench: Bench) -> None:
    """Where the outcome cannot be written, the answers are not dropped either."""
    version = bench.store.commit(bench.user, Commit({}, screening=ANSWERS, screening_expires_at=NOW + 60), NOW)
    with pytest.raises(VersionConflict):
        bench.store.commit(bench.user, Commit({"locked": True}, version + 1, drop_screening=True), NOW)
    assert bench.store.load(bench.user, NOW).screening == ANSWERS


def test_a_profile_expires_and_may_be_made_anew(bench: Bench) -> None:
    """A profile untouched for its 400 days is absent for readers and for writers that expect nobody."""
    bench.store.commit(bench.user, Commit({"old": True}), NOW)
    gone = NOW + PROFILE_DAYS * DAY_SECONDS
    assert bench.store.load(bench.user, gone - 1).profile == {"old": True}
    assert bench.store.load(bench.user, gone) == NOBODY
    version = bench.store.commit(bench.user, Commit({"new": True}), gone)
    assert bench.store.load(bench.user, gone) == Stored({"new": True}, version, None)


def test_a_write_renews_the_profile(bench: Bench) -> None:
    """The 400 days count from the last write."""
    version = bench.store.commit(bench.user, Commit({"count": 1}), NOW)
    bench.store.commit(bench.user, Commit({"count": 2}, version), NOW + DAY_SECONDS)
    assert bench.store.load(bench.user, NOW + PROFILE_DAYS * DAY_SECONDS).profile == {"count": 2}


def test_erase_leaves_nothing_and_may_be_repeated(bench: Bench) -> None:
    """Both items go, a second erase and one of an unknown user change nothing, other users stay."""
    other = f"{bench.user}.other"
    for user in (bench.user, other):
        bench.store.commit(user, Commit({"u": user}, screening=ANSWERS, screening_expires_at=NOW + 60), NOW)
    for _ in range(2):
        bench.store.erase(bench.user, NOW)
        assert bench.store.load(bench.user, NOW) == NOBODY
    bench.store.erase(f"{bench.user}.unknown", NOW)
    kept = bench.store.load(other, NOW)
    assert (kept.profile, kept.screening) == ({"u": other}, ANSWERS)


def test_erase_spares_what_is_newer(bench: Bench) -> None:
    """An event that arrives late erases what was written up to its own time, and not the second after."""
    version = bench.store.commit(
        bench.user, Commit({"count": 1}, screening=ANSWERS, screening_expires_at=NOW + 60), NOW
    )
    bench.store.commit(bench.user, Commit({"count": 2}, version), NOW + 5)
    bench.store.erase(bench.user, NOW - 1)
    assert bench.store.load(bench.user, NOW).screening == ANSWERS
    bench.store.erase(bench.user, NOW + 4)
    stored = bench.store.load(bench.user, NOW)
    assert (stored.profile, stored.screening) == ({"count": 2}, None)
    bench.store.erase(bench.user, NOW + 5)
    assert bench.store.load(bench.user, NOW) == NOBODY


def test_a_device_that_slept_through_an_erase_cannot_undo_it(bench: Bench) -> None:
    """After "delete my data" and a new start, a device with the deleted profile's version meets a conflict."""
    asleep = bench.store.commit(bench.user, Commit({"history": ["old"]}), NOW)
    bench.store.erase(bench.user, NOW + 30)
    with pytest.raises(VersionConflict):
        bench.another().commit(bench.user, Commit({"history": ["old", "more"]}, asleep), NOW + 40)
    bench.store.commit(bench.user, Commit({"history": []}), NOW + 60)
    with pytest.raises(VersionConflict):
        bench.another().commit(bench.user, Commit({"history": ["old", "more"]}, asleep), NOW + 90)
    assert bench.store.load(bench.user, NOW + 90).profile == {"history": []}


def _add_one(store: Store, user: str) -> int:
    """Add one to the user's count as a turn would, again after each conflict; return how many conflicts there were."""
    for conflicts in itertools.count():
        stored = store.load(user, NOW)
        count = stored.profile["count"] if stored.profile else 0
        try:
            store.commit(user, Commit({"count": count + 1}, stored.version), NOW)
        except VersionConflict:
            continue
        return conflicts
    raise AssertionError


def test_eight_devices_lose_no_update(bench: Bench) -> None:
    """Eight threads that each add one ten times, reading again after a conflict, end at eighty."""
    start = threading.Barrier(8)

    def device() -> None:
        start.wait()
        for _ in range(10):
            _add_one(bench.store, bench.user)

    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(device) for _ in range(8)]:
            future.result()
    assert bench.store.load(bench.user, NOW).profile == {"count": 80}


def test_one_of_eight_first_writes_wins(bench: Bench) -> None:
    """Of eight devices that meet a new user at once, one makes the profile and seven are told of the conflict."""
    start = threading.Barrier(8)

    def device(number: int) -> int | None:
        start.wait()
        try:
            bench.store.commit(bench.user, Commit({"by": number}), NOW)
        except VersionConflict:
            return None
        return number

    with ThreadPoolExecutor(8) as pool:
        winners = [number for number in pool.map(device, range(8)) if number is not None]
    assert len(winners) == 1
    assert bench.store.load(bench.user, NOW).profile == {"by": winners[0]}


def test_each_call_is_one_request(bench: Bench) -> None:
    """A load is one Query, every commit one write, and a commit that changes nothing makes no request."""
    if bench.requests is None:
        bench.store.commit(bench.user, Commit(expected_version=3), NOW)
        assert bench.store.load(bench.user, NOW) == NOBODY
        return
    keep: dict[str, Any] = {"screening": ANSWERS, "screening_expires_at": NOW + 60}
    calls: list[tuple[Callable[[], object], list[str]]] = [
        (lambda: bench.store.load(bench.user, NOW), ["Query"]),
        (lambda: bench.store.commit(bench.user, Commit({}), NOW), ["PutItem"]),
        (lambda: bench.store.commit(bench.user, Commit(**keep), NOW), ["PutItem"]),
        (lambda: bench.store.commit(bench.user, Commit({}, NOW, **keep), NOW), ["TransactWriteItems"]),
        (lambda: bench.store.commit(bench.user, Commit({}, NOW + 1, drop_screening=True), NOW), ["TransactWriteItems"]),
        (lambda: bench.store.commit(bench.user, Commit(drop_screening=True), NOW), ["DeleteItem"]),
        (lambda: bench.store.commit(bench.user, Commit(expected_version=3), NOW), []),
    ]
    for call, expected in calls:
        bench.requests.clear()
        call()
        assert [name.rpartition(".")[2] for name in bench.requests] == expected


@pytest.mark.parametrize("user", ["", "u" * 2049, "\ud83d"], ids=["empty", "long", "surrogate"])
def test_an_impossible_user_id_is_refused(bench: Bench, user: str) -> None:
    """Ids that DynamoDB refuses are a StoreError in every store and every call, not an item under a strange key."""
    for call in (
        lambda: bench.store.load(user, NOW),
        lambda: bench.store.commit(user, Commit({}), NOW),
        lambda: bench.store.erase(user, NOW),
    ):
        with pytest.raises(StoreError):
            call()


def test_a_conflict_says_nothing_of_the_record(bench: Bench) -> None:
    """Neither the message nor anything chained to it holds the user's id, the profile or an answer."""
    bench.store.commit(bench.user, Commit({"history": "marked-secret"}), NOW)
    secret = Commit({"history": "marked-secret"}, 1, {"saddle-numbness": "marked-secret"}, NOW + 60)
    with pytest.raises(VersionConflict) as caught:
        bench.store.commit(bench.user, secret, NOW)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    told = "".join(traceback.format_exception_only(caught.value))
    assert "marked-secret" not in told
    assert bench.user not in told


@pytest.mark.parametrize("expiry", [{"screening_expires_at": 0}, {"screening_expires_at": NOW, "drop_screening": True}])
def test_a_commit_cannot_contradict_itself(expiry: dict[str, Any]) -> None:
    """Answers without an expiry, or kept and dropped at once, are refused where the commit is made."""
    with pytest.raises(ValueError, match="kept until a moment or dropped"):
        Commit(screening=ANSWERS, **expiry)
