"""DynamoDB-compatible servers for the store tests, fetched into `.cache/` and started on loopback.

DynamoDB Local comes inside an npm package. Its licence allows use with AWS development and no redistribution, so it is
fetched at test time and never part of this repository. ministack pins its own botocore and gets its own environment.
"""

import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from stretch_coach import dynamodb

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache"
TABLE = "StretchCoach"

DYNAMODB_LOCAL = "amplify-dynamodb-simulator@2.9.30"
DYNAMODB_LOCAL_SHA256 = "3503ffac19f183407909fecdacf4db51ab1fdad1da7b2f177016670b2d80e4b9"
MINISTACK_LOCK = ROOT / "requirements" / "ministack.txt"

START_SECONDS = 90
"""Java on two busy cores; a server that is not up by then is broken."""

PATIENT_SECONDS = 30
"""A call's limit where it is not what is tested: a shared test machine may stall."""

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}


class Unavailable(Exception):  # noqa: N818 - a fact about this machine, with the reason as its text
    """The server cannot run here."""


@dataclass
class Server:
    """A server process that can be killed and started again on the same port and data."""

    name: str
    command: list[str]
    folder: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env={**os.environ, **CREDENTIALS, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._await()

    def kill(self) -> None:
        """End it as a crash does (SIGKILL), so that nothing is written on the way out."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def connect(self, read_seconds: float = PATIENT_SECONDS) -> "DynamoDBClient":
        """Make a client with the product's settings but a patient read, since a shared test machine may stall."""
        with environment(AWS_ENDPOINT_URL_DYNAMODB=self.endpoint, **CREDENTIALS):
            return dynamodb.connect(connect_seconds=5, read_seconds=read_seconds)

    def create_table(self, name: str = TABLE) -> None:
        self.connect().create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )

    def _await(self) -> None:
        client = self.connect(read_seconds=5)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                break
            try:
                client.list_tables()
            except (BotoCoreError, ClientError):
                time.sleep(0.1)
            else:
                return
        log = (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"{self.name} did not start:\n{log[-2000:]}")


@contextmanager
def environment(**changes: str) -> Iterator[None]:
    """Set environment variables for the duration."""
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def dynamodb_local(folder: Path) -> Server:
    """Prepare DynamoDB Local with its data in `folder`; raise Unavailable without Java or npm."""
    java = shutil.which("java")
    if java is None:
        raise Unavailable("DynamoDB Local needs Java 17: apt-get install default-jre-headless")
    emulator = _once(f"dynamodb-local-{DYNAMODB_LOCAL_SHA256[:12]}", _fetch_dynamodb_local) / "package" / "emulator"
    port = free_port()
    command = [
        java,
        "-Xmx256m",
        f"-Djava.library.path={emulator / 'DynamoDBLocal_lib'}",
        *("-jar", str(emulator / "DynamoDBLocal.jar")),
        *("-port", str(port), "-dbPath", str(folder), "-sharedDb", "-disableTelemetry"),
    ]
    return Server("DynamoDB Local", command, folder, port)


def ministack(folder: Path) -> Server:
    """Prepare ministack, which keeps everything in memory."""
    digest = hashlib.sha256(MINISTACK_LOCK.read_bytes() + sys.version.encode()).hexdigest()
    home = _once(f"ministack-{digest[:12]}", _install_ministack)
    port = free_port()
    settings = {"GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "PERSIST_STATE": "0", "STATE_DIR": str(folder)}
    return Server("ministack", [str(home / "bin" / "ministack")], folder, port, settings)


def free_port() -> int:
    """Return a loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _once(name: str, make: Callable[[Path], None]) -> Path:
    """Return `.cache/<name>`, made under a lock by the first process that wants it and kept only when whole."""
    CACHE.mkdir(exist_ok=True)
    home = CACHE / name
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            make(home)
            (home / "complete").touch()
    return home


def _fetch_dynamodb_local(home: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("DynamoDB Local is fetched with npm: apt-get install npm")
    _run([npm, "pack", "--silent", DYNAMODB_LOCAL], cwd=home)
    (archive,) = home.glob("*.tgz")
    if hashlib.sha256(archive.read_bytes()).hexdigest() != DYNAMODB_LOCAL_SHA256:
        raise RuntimeError(f"{DYNAMODB_LOCAL} is not the package these tests were written with")
    with tarfile.open(archive) as package:
        package.extractall(home, filter="data")
    archive.unlink()


def _install_ministack(home: Path) -> None:
    _run([sys.executable, "-m", "venv", str(home)], cwd=ROOT)
    install = ["install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", str(MINISTACK_LOCK)]
    _run([str(home / "bin" / "python"), "-m", "pip", *install], cwd=ROOT)


def _run(command: list[str], cwd: Path) -> None:
    done: subprocess.CompletedProcess[Any] = subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise Unavailable(f"{' '.join(command[:3])} failed: {done.stderr.strip()[-500:]}")
