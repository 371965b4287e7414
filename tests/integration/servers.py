"""DynamoDB-compatible servers for the store tests, started on loopback; tools/dependencies/fetch.py has them."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from stretch_coach.stores import dynamodb
from tools.dependencies import fetch
from tools.dependencies.fetch import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TABLE = "StretchCoach"

START_SECONDS = 90
"""Java on two busy cores; a server that is not up by then is broken."""

PATIENT_SECONDS = 30
"""A call's limit where it is not what is tested: a shared test machine may stall."""

CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}


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
    emulator = fetch.npm("dynamodb-local") / "amplify-dynamodb-simulator" / "emulator"
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
    """Prepare ministack, which keeps everything in memory; raise Unavailable where it cannot be had."""
    port = free_port()
    settings = {"GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "PERSIST_STATE": "0", "STATE_DIR": str(folder)}
    return Server("ministack", [str(fetch.environment("ministack") / "ministack")], folder, port, settings)


def free_port() -> int:
    """Return a loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
