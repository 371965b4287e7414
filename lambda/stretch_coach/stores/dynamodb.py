"""The DynamoDB store: one table, `pk` is the user and `sk` is PROFILE or SCREENING.

Attributes of an item: `data` (the record as a JSON string: one attribute, exact integers), `written_at`, `expires_at`
(epoch seconds; the table's TTL attribute) and, for the profile, `version`. An expired item counts as absent before the
table deletes it, for reads and for conditions.

Time: each call is one request that is never repeated, because a repeated write whose first answer was lost would meet
its own version and be counted as a conflict. A call ends after `CALL_SECONDS` whatever the network does (see
deadline.py), so that a load and a commit together stay under two seconds; the limits on connecting and reading end most
of the bad ones sooner. A call that was given up while its connection was still being made sends nothing later.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from stretch_coach.errors import StoreError
from stretch_coach.stores import deadline
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

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

T = TypeVar("T")
Json = Mapping[str, Any]
Write = tuple[str, dict[str, Any]]
"""Put or Delete, and its parameters: the same for a request of its own and within a transaction."""

CONNECT_SECONDS: Final = 0.3
READ_SECONDS: Final = 0.6
"""The longest silence: every byte that arrives starts it again."""
CALL_SECONDS: Final = 0.9
"""The longest one call takes: looking up the name, connecting, sending and the whole answer."""
IDLE_SECONDS: Final = 45.0
"""A connection that has been idle for so long is made anew. AWS closes idle ones, which a Lambda that is frozen between
two turns may not hear of, and a call that is never repeated would fail on it."""

NEWER: Final = frozenset({"ConditionalCheckFailedException", "ConditionalCheckFailed"})
"""Another writer was there first: the code of a single write, and of one inside a cancelled transaction."""

CONTENDED: Final = frozenset({"TransactionConflictException", "TransactionConflict"})
"""Another transaction is writing the item right now, so nothing was written."""


def connect(connect_seconds: float = CONNECT_SECONDS, read_seconds: float = READ_SECONDS) -> "DynamoDBClient":
    """Make the low-level client. Region, credentials and AWS_ENDPOINT_URL_DYNAMODB come from the environment."""
    # Imported at first use: botocore costs more than the rest of a cold start together.
    from botocore.config import Config
    from botocore.session import Session

    config = Config(
        connect_timeout=connect_seconds,
        read_timeout=read_seconds,
        retries={"total_max_attempts": 1, "mode": "standard"},
        tcp_keepalive=True,
    )
    # botocore alone reads AWS_DEFAULT_REGION only.
    region = os.environ.get("AWS_REGION") or None
    client = cast("DynamoDBClient", Session().create_client("dynamodb", region_name=region, config=config))
    _make_punctual(client)
    return client


def _make_punctual(client: "DynamoDBClient") -> None:
    """Close a connection at its call's deadline, one that is made later before the request goes out on it, and one that
    has been idle for long.

    Looking up a name may take half a minute. By then a later turn has written, and answers of a safety check that has
    ended would come back.
    """

    class Punctual:
        _used = 0.0
        """Epoch seconds: the monotonic clock may stand still while a Lambda is frozen."""

        def request(self, *arguments: Any, **named: Any) -> None:
            deadline.when_given_up(self._hang_up)
            if abs(time.time() - self._used) >= IDLE_SECONDS:
                self.close()  # type: ignore[attr-defined]  # mixed in; a request without a connection makes one
            self._used = time.time()
            super().request(*arguments, **named)  # type: ignore[misc]  # mixed into a connection below

        def _hang_up(self) -> None:
            # Shut down, not closed: the thread that reads it wakes up and closes it.
            with suppress(OSError, AttributeError):
                self.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[attr-defined]  # the same

        def connect(self) -> None:
            super().connect()  # type: ignore[misc]  # mixed into a connection below
            self._used = time.time()
            if deadline.passed():
                self.close()  # type: ignore[attr-defined]  # the same
                raise TimeoutError("connected too late")

    # botocore has no setting for it; the attribute of urllib3's manager is a public one.
    manager = client._endpoint.http_session._manager  # type: ignore[attr-defined]  # noqa: SLF001
    pools = manager.pool_classes_by_scheme
    for scheme, pool in list(pools.items()):
        connection = type(f"Punctual{pool.ConnectionCls.__name__}", (Punctual, pool.ConnectionCls), {})
        pools[scheme] = type(f"Punctual{pool.__name__}", (pool,), {"ConnectionCls": connection})


class DynamoStore:
    """Keeps records in the table `table`, which must exist. Safe under threads.

    Nothing is opened before the first use; `warm` moves that to a moment of the caller's choice.
    """

    def __init__(
        self, table: str, connect: "Callable[[], DynamoDBClient]" = connect, call_seconds: float = CALL_SECONDS
    ) -> None:
        self._table = table
        self._call_seconds = call_seconds
        self._connect = connect
        self._client: DynamoDBClient | None = None
        self._lock = threading.Lock()

    def warm(self) -> None:
        """Make the client now (about 0.2 s of CPU, no request), for a Lambda's init phase; raises StoreError."""
        try:
            self._connected()
        except Exception as error:  # noqa: BLE001 - botocore raises much; raised below, without it as __context__
            codes = _codes(error)
        else:
            return
        raise StoreError(f"connect: {', '.join(codes)}")

    def load(self, user_id: str, now: int) -> Stored:
        check_user(user_id)
        answer = self._call(
            "load",
            lambda client: client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": user_id}},
                ConsistentRead=True,
            ),
        )
        found = _found(answer, now)
        if found is None:
            raise StoreError("load: the answer does not hold items of ours")
        version, texts = found
        profile, screening = (decode(texts[kind]) if kind in texts else None for kind in (PROFILE, SCREENING))
        return Stored(profile, version, screening)

    def commit(self, user_id: str, commit: Commit, now: int) -> int:
        check_user(user_id)
        writes = self._writes(user_id, commit, now)
        if writes:
            self._call("commit", lambda client: _write(client, writes), conflicts=NEWER | CONTENDED)
        return commit.expected_version if commit.profile is None else next_version(commit.expected_version, now)

    def erase(self, user_id: str, before: int) -> None:
        check_user(user_id)
        for key in self._call("erase", lambda client: _keys(client, self._table, user_id)):
            self._erase_item(key, before)

    def _erase_item(self, key: Json, before: int) -> None:
        # The condition decides, not an earlier read: the user may have started again in between.
        deletion: dict[str, Any] = {
            "TableName": self._table,
            "Key": key,
            "ConditionExpression": "written_at <= :before",
            "ExpressionAttributeValues": {":before": {"N": str(before)}},
        }
        try:
            self._call("erase", lambda client: client.delete_item(**deletion), conflicts=NEWER)
        except VersionConflict:
            return  # newer, or gone already: either way there is nothing left to erase

    def _writes(self, user_id: str, commit: Commit, now: int) -> list[Write]:
        writes: list[Write] = []
        if commit.profile is not None:
            version = {"version": {"N": str(next_version(commit.expected_version, now))}}
            item = _item(user_id, PROFILE, encode(commit.profile), now, profile_expiry(now)) | version
            writes.append(("Put", {"Item": item, **_condition(commit.expected_version, now)}))
        if commit.screening is not None:
            item = _item(user_id, SCREENING, encode(commit.screening), now, commit.screening_expires_at)
            writes.append(("Put", {"Item": item}))
        if commit.drop_screening:
            writes.append(("Delete", {"Key": _key(user_id, SCREENING)}))
        return [(action, {"TableName": self._table, **details}) for action, details in writes]

    def _call(self, what: str, request: "Callable[[DynamoDBClient], T]", conflicts: frozenset[str] = frozenset()) -> T:
        """Run one request; every failure becomes a StoreError that names its kind and nothing of the record."""
        # Raised after the except block: botocore's errors quote items, and must not ride along as __context__.
        try:
            with deadline.within(self._call_seconds):
                return deadline.run(lambda: request(self._connected()))
        except Exception as error:  # noqa: BLE001 - a database that answers nonsense makes botocore raise anything
            codes = _codes(error)
        if conflicts.intersection(codes):
            raise VersionConflict(f"{what}: the profile has changed since it was read")
        raise StoreError(f"{what}: {', '.join(codes)}")

    def _connected(self) -> "DynamoDBClient":
        with self._lock:
            if self._client is None:
                self._client = self._connect()
            return self._client


def _key(user_id: str, kind: str) -> dict[str, Any]:
    return {"pk": {"S": user_id}, "sk": {"S": kind}}


def _item(user_id: str, kind: str, data: str, now: int, expires_at: int) -> dict[str, Any]:
    numbers = {"written_at": {"N": str(now)}, "expires_at": {"N": str(expires_at)}}
    return _key(user_id, kind) | {"data": {"S": data}} | numbers


def _condition(expected: int, now: int) -> dict[str, Any]:
    if expected:
        return {
            "ConditionExpression": "version = :expected",
            "ExpressionAttributeValues": {":expected": {"N": str(expected)}},
        }
    return {
        "ConditionExpression": "attribute_not_exists(pk) OR expires_at <= :now",
        "ExpressionAttributeValues": {":now": {"N": str(now)}},
    }


def _write(client: "DynamoDBClient", writes: list[Write]) -> None:
    if len(writes) > 1:
        items: list[Any] = [{action: details} for action, details in writes]
        _expect_database(client.transact_write_items(TransactItems=items))
        return
    action, details = writes[0]
    _expect_database(client.put_item(**details) if action == "Put" else client.delete_item(**details))


def _expect_database(answer: Any) -> None:
    """A write's answer is empty, so any JSON looks like one; only the database's own carries a request id."""
    if not answer["ResponseMetadata"].get("RequestId"):
        raise ValueError("not the database's answer")


def _keys(client: "DynamoDBClient", table: str, user_id: str) -> list[dict[str, Any]]:
    pages = client.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": user_id}},
        ProjectionExpression="pk, sk",
        ConsistentRead=True,
    )
    return [dict(key) for page in pages for key in page.get("Items", [])]


def _found(answer: Any, now: int) -> tuple[int, dict[str, str]] | None:
    """Return the profile's version and each unexpired item's text by kind, None when the answer is malformed."""
    try:
        items = {item["sk"]["S"]: item for item in answer["Items"] if int(item["expires_at"]["N"]) > now}
        version = int(items[PROFILE]["version"]["N"]) if PROFILE in items else 0
        return version, {kind: item["data"]["S"] for kind, item in items.items()}
    except (KeyError, TypeError, ValueError):
        return None


def _codes(error: Exception) -> list[str]:
    """Return what kind of failure it is: the service's codes where it answered, else the class of the error."""
    response = getattr(error, "response", None)
    if not isinstance(response, dict) or "Error" not in response:
        return [type(error).__name__]
    reasons = response.get("CancellationReasons") or []
    return [str(part.get("Code")) for part in (response["Error"], *reasons)]
