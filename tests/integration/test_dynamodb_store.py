"""What the DynamoDB store promises beyond the contract: its items, its time limits, and bad databases."""

import json
import os
import socket
import socketserver
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from stretch_coach.errors import StoreError
from stretch_coach.stores import dynamodb
from stretch_coach.stores.contract import DAY_SECONDS, PROFILE_DAYS, Commit, Stored, VersionConflict
from stretch_coach.stores.dynamodb import CONNECT_SECONDS, READ_SECONDS, DynamoStore
from tests.integration.servers import CREDENTIALS, PATIENT_SECONDS, TABLE, Server, environment, free_port
from tests.integration.servers import dynamodb_local as prepare_dynamodb_local

LAMBDA = Path(__file__).resolve().parents[2] / "lambda"
NOW = int(time.time())
USER = "amzn1.ask.account.TEST"
SECRET = Commit(
    {"history": "marked-secret"}, NOW, screening={"saddle-numbness": "marked-secret"}, screening_expires_at=NOW + 60
)

on_dynamodb_local = pytest.mark.xdist_group("dynamodb_local")


def _store(endpoint: str) -> DynamoStore:
    """Make a store exactly as the Lambda does, with a client already connected to `endpoint`."""
    with environment(AWS_ENDPOINT_URL_DYNAMODB=endpoint, **CREDENTIALS):
        store = DynamoStore(TABLE)
        store.warm()
    return store


class _Nonsense(ThreadingHTTPServer):
    """Answers every request with the same status and body, whatever was asked."""

    status = 200
    body = b""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.seen: list[str] = []

    def says(self, status: int, body: bytes) -> None:
        self.status, self.body = status, body
        self.seen.clear()


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Nonsense

    def do_POST(self) -> None:
        self.server.seen.append(self.headers["X-Amz-Target"])
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: object) -> None:
        pass


class _HangUp(socketserver.BaseRequestHandler):
    """Reads a little and closes the connection."""

    def handle(self) -> None:
        self.request.recv(100)


@contextmanager
def _serving(server: socketserver.TCPServer) -> Iterator[str]:
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def _hanging() -> Iterator[str]:
    """Accept connections, in the kernel, and never answer."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture(name="nonsense", scope="module")
def _nonsense() -> Iterator[_Nonsense]:
    server = _Nonsense()
    with _serving(server):
        yield server


@pytest.fixture(name="misled", scope="module")
def _misled(nonsense: _Nonsense) -> DynamoStore:
    """Make the store that takes `nonsense` for its database: once, because a client takes half a second to make."""
    return _store(f"http://127.0.0.1:{nonsense.server_address[1]}")


def _fails_cleanly(store: DynamoStore) -> None:
    """Check that every call is a StoreError that is no conflict and tells nothing of user or record."""
    for call in (
        lambda: store.load(USER, NOW),
        lambda: store.commit(USER, SECRET, NOW),
        lambda: store.erase(USER, NOW),
    ):
        with pytest.raises(StoreError) as caught:
            call()
        assert not isinstance(caught.value, VersionConflict)
        told = "".join(traceback.format_exception(caught.value))
        assert "marked-secret" not in told
        assert USER not in told
        assert caught.value.__context__ is None


def test_nothing_happens_before_the_first_use() -> None:
    """Making the store needs no region, network or AWS library; a first use without a region is a StoreError."""
    script = """
import sys
from stretch_coach.stores.dynamodb import DynamoStore
from stretch_coach.errors import StoreError
store = DynamoStore("Table")
assert not {"boto3", "botocore"} & sys.modules.keys()
store._call_seconds = 60  # on a busy machine, loading the AWS library may outlast a call's usual time
try:
    store.load("user", 1)
except StoreError as error:
    print(error)
"""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    bare |= {"PYTHONPATH": str(LAMBDA), "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    done = subprocess.run([sys.executable, "-c", script], env=bare, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "load: NoRegionError", done.stderr


def test_load_and_commit_fit_two_seconds() -> None:
    """The client's own limits add up: one attempt, under a second a call, under two for a load and a commit."""
    with environment(**CREDENTIALS):
        config = dynamodb.connect().meta.config
    assert config.retries == {"total_max_attempts": 1, "mode": "standard"}  # type: ignore[attr-defined]  # not in the stubs
    assert (config.connect_timeout, config.read_timeout) == (CONNECT_SECONDS, READ_SECONDS)  # type: ignore[attr-defined]  # the same
    assert 2 * (CONNECT_SECONDS + READ_SECONDS) < 2


def test_a_refusing_endpoint_is_a_store_error() -> None:
    """Where nobody listens, every call fails cleanly."""
    _fails_cleanly(_store(f"http://127.0.0.1:{free_port()}"))


def test_a_hanging_endpoint_is_a_store_error() -> None:
    """Where a connection is taken and nothing comes back, every call fails by its own read limit."""
    with _hanging() as endpoint:
        store = _store(endpoint)
        _fails_cleanly(store)
        with pytest.raises(StoreError, match="load: ReadTimeoutError"):
            store.load(USER, NOW)


def test_a_dropped_connection_is_a_store_error() -> None:
    """Where the connection breaks in the middle of a request, every call fails cleanly."""
    with _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), _HangUp)) as endpoint:
        _fails_cleanly(_store(endpoint))


class _Forgetful(BaseHTTPRequestHandler):
    """Answers the first request of a connection, and drops the connection at the next, as one that was closed."""

    protocol_version = "HTTP/1.1"
    timeout = PATIENT_SECONDS
    answered = False

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.answered:
            self.close_connection = True
            return
        self.answered = True
        self.send_response(200)
        self.send_header("Content-Length", "12")
        self.end_headers()
        self.wfile.write(b'{"Items":[]}')

    def log_message(self, *_: object) -> None:
        pass


def test_a_connection_that_slept_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a pause a call has a connection of its own: on the old one, closed while a Lambda was frozen, it fails."""
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Forgetful)
    server.block_on_close = False  # the last connection stays open
    with _serving(server) as endpoint:
        store = _store(endpoint)
        assert store.load(USER, NOW) == Stored(None, 0, None)
        with pytest.raises(StoreError):
            store.load(USER, NOW)
        assert store.load(USER, NOW) == Stored(None, 0, None)
        monkeypatch.setattr(dynamodb, "IDLE_SECONDS", 0.0)
        for _ in range(3):
            assert store.load(USER, NOW) == Stored(None, 0, None)


THROTTLED = {"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException", "message": USER}
FOREIGN_ITEM = {"sk": {"S": "PROFILE"}, "expires_at": {"N": str(NOW + 60)}}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, json.dumps(THROTTLED).encode()),
        (500, b"{}"),
        (503, b"<html>marked-secret</html>"),
        (302, b""),
        (200, b"marked-secret"),
        (200, b"[]"),
        (200, b'"marked-secret"'),
        (200, b"\xff\xfe\x00"),
        (200, json.dumps({"Items": "marked-secret"}).encode()),
    ],
    ids=["throttled", "500", "html", "redirect", "text", "list", "string", "bytes", "wrong-type"],
)
def test_a_bad_answer_is_a_store_error_and_is_not_asked_again(
    nonsense: _Nonsense, misled: DynamoStore, status: int, body: bytes
) -> None:
    """Errors and nonsense fail a load cleanly after exactly one request."""
    nonsense.says(status, body)
    with pytest.raises(StoreError) as caught:
        misled.load(USER, NOW)
    assert nonsense.seen == ["DynamoDB_20120810.Query"]
    told = "".join(traceback.format_exception(caught.value))
    assert "marked-secret" not in told
    assert USER not in told


@pytest.mark.parametrize(
    "item",
    [
        {},
        FOREIGN_ITEM,
        FOREIGN_ITEM | {"version": {"N": "3"}},
        FOREIGN_ITEM | {"version": {"S": "marked-secret"}, "data": {"S": "{}"}},
        FOREIGN_ITEM | {"version": {"N": "3"}, "data": {"S": "marked-secret"}},
        FOREIGN_ITEM | {"version": {"N": "3"}, "data": {"S": "[1]"}},
    ],
    ids=["empty", "no-version", "no-data", "version-text", "data-text", "data-list"],
)
def test_an_item_that_is_not_ours_is_a_store_error(
    nonsense: _Nonsense, misled: DynamoStore, item: dict[str, object]
) -> None:
    """An item of another shape fails the load, rather than looking like a new user whose record is then replaced."""
    nonsense.says(200, json.dumps({"Items": [item]}).encode())
    with pytest.raises(StoreError) as caught:
        misled.load(USER, NOW)
    assert "marked-secret" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("code", "reasons", "expected"),
    [
        ("ConditionalCheckFailedException", [], VersionConflict),
        ("TransactionConflictException", [], VersionConflict),
        ("TransactionCanceledException", ["ConditionalCheckFailed", "None"], VersionConflict),
        ("TransactionCanceledException", ["TransactionConflict", "None"], VersionConflict),
        ("TransactionCanceledException", ["ThrottlingError", "None"], StoreError),
        ("ThrottlingException", [], StoreError),
        ("AccessDeniedException", [], StoreError),
    ],
)
def test_only_another_writer_is_a_conflict(
    nonsense: _Nonsense, misled: DynamoStore, code: str, reasons: list[str], expected: type[StoreError]
) -> None:
    """Codes that mean "someone else wrote" are VersionConflict; any other refusal is a plain StoreError."""
    answer = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "marked-secret"}
    body = json.dumps(answer | ({"CancellationReasons": [{"Code": reason} for reason in reasons]} if reasons else {}))
    nonsense.says(400, body.encode())
    with pytest.raises(StoreError) as caught:
        misled.commit(USER, SECRET, NOW)
    assert type(caught.value) is expected
    assert "marked-secret" not in str(caught.value)


@on_dynamodb_local
def test_items_have_the_attributes_of_the_design(dynamodb_local: Server) -> None:
    """The table holds `pk`, `sk`, `data`, `written_at`, the TTL attribute and the version, numbers as numbers."""
    client = dynamodb_local.connect()
    user = f"{USER}.attributes"
    commit = Commit({"count": 1}, screening={"q": "no"}, screening_expires_at=NOW + 1800)
    DynamoStore(TABLE, connect=lambda: client, call_seconds=PATIENT_SECONDS).commit(user, commit, NOW)
    items = {
        kind: client.get_item(TableName=TABLE, Key={"pk": {"S": user}, "sk": {"S": kind}})["Item"]
        for kind in ("PROFILE", "SCREENING")
    }
    common = {"pk": {"S": user}, "written_at": {"N": str(NOW)}}
    assert items["PROFILE"] == common | {
        "sk": {"S": "PROFILE"},
        "data": {"S": '{"count":1}'},
        "version": {"N": str(NOW)},
        "expires_at": {"N": str(NOW + PROFILE_DAYS * DAY_SECONDS)},
    }
    assert items["SCREENING"] == common | {
        "sk": {"S": "SCREENING"},
        "data": {"S": '{"q":"no"}'},
        "expires_at": {"N": str(NOW + 1800)},
    }


@on_dynamodb_local
def test_an_item_that_is_too_large_is_refused_without_its_content(dynamodb_local: Server) -> None:
    """A record beyond DynamoDB's 400 KB is a StoreError that names the refusal only, and stores nothing."""
    client = dynamodb_local.connect()
    store = DynamoStore(TABLE, connect=lambda: client, call_seconds=PATIENT_SECONDS)
    with pytest.raises(StoreError, match="commit: ValidationException") as caught:
        store.commit(f"{USER}.large", Commit({"history": "marked-secret" * 40_000}), NOW)
    assert "marked-secret" not in str(caught.value)
    assert store.load(f"{USER}.large", NOW) == Stored(None, 0, None)


@on_dynamodb_local
def test_erase_reads_every_page(dynamodb_local: Server) -> None:
    """Items that do not fit one page of 1 MB, of kinds a later version may add, are erased as well."""
    client = dynamodb_local.connect()
    user = f"{USER}.pages"
    for number in range(5):
        client.put_item(
            TableName=TABLE,
            Item={
                "pk": {"S": user},
                "sk": {"S": f"LATER#{number}"},
                "written_at": {"N": str(NOW)},
                "data": {"S": "x" * 390_000},
            },
        )
    DynamoStore(TABLE, connect=lambda: client, call_seconds=PATIENT_SECONDS).erase(user, NOW)
    left = client.query(
        TableName=TABLE, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": user}}
    )
    assert left["Count"] == 0


@on_dynamodb_local
def test_a_killed_server_keeps_every_acknowledged_commit(tmp_path: Path) -> None:
    """A server killed (SIGKILL) under a stream of commits and started again has the last acknowledged one, or the one
    that was under way; the same store object goes on with it.
    """
    server = prepare_dynamodb_local(tmp_path)
    server.start()
    try:
        server.create_table()
        client = server.connect()
        store = DynamoStore(TABLE, connect=lambda: client, call_seconds=PATIENT_SECONDS)
        acknowledged: list[int] = [store.commit(USER, Commit({"count": 0}), NOW)]
        enough = threading.Event()

        def write() -> None:
            while True:
                try:
                    acknowledged.append(store.commit(USER, Commit({"count": len(acknowledged)}, acknowledged[-1]), NOW))
                except StoreError:
                    return
                if len(acknowledged) > 50:
                    enough.set()

        writer = threading.Thread(target=write)
        writer.start()
        assert enough.wait(60)
        server.kill()
        writer.join()
        with pytest.raises(StoreError):
            store.load(USER, NOW)
        server.start()
        stored = store.load(USER, NOW)
        assert stored.version - acknowledged[-1] in {0, 1}
        assert stored.profile == {"count": stored.version - acknowledged[0]}
        assert store.commit(USER, Commit({"count": 0}, stored.version), NOW) == stored.version + 1
    finally:
        server.kill()
