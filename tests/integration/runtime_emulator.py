"""The bundle as AWS runs it: Amazon's Runtime Interface Emulator around Amazon's Python runtime client.

The emulator is a static binary inside the wheel of the SAM command line; the client is `awslambdaric`;
tools/dependencies/fetch.py has both. The function gets no variable but the ones AWS sets and those a test gives, and
its folder is checked to be as it was.
"""

import hashlib
import http.client
import json
import re
import subprocess
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.integration import servers
from tools.dependencies import fetch

HANDLER = "lambda_function.lambda_handler"
INVOKE = "/2015-03-31/functions/function/invocations"
START_SECONDS = 60

OWN_LINE = re.compile(r"(START|END|REPORT) RequestId: |INIT_REPORT |$")
"""What the emulator says for AWS on the function's own stream."""
EMULATOR_LINE = re.compile(r"\d\d \w{3} \d{4} [\d:,]+ \[(INFO|WARNING)\] \(rapid\) ")


@dataclass
class Function:
    """One deployed function: an unpacked zip and its settings. `start` again for a new execution environment."""

    folder: Path
    logs: Path
    variables: dict[str, str] = field(default_factory=dict)
    timeout_seconds: int = 7
    process: subprocess.Popen[bytes] | None = None
    port: int = 0

    def start(self) -> None:
        """Start the emulator; the function itself is started by the first request, as on AWS."""
        self.port = servers.free_port()
        addresses = {
            "--runtime-interface-emulator-address": self.port,
            "--runtime-api-address": servers.free_port(),
        }
        places = [text for name, port in addresses.items() for text in (name, f"127.0.0.1:{port}")]
        self.logs.mkdir(exist_ok=True)
        with (self.logs / "stdout").open("wb") as out, (self.logs / "stderr").open("wb") as err:
            self.process = subprocess.Popen(
                [str(fetch.emulator()), *places, str(python()), "-m", "awslambdaric", HANDLER],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        self._await()

    def stop(self) -> None:
        """End it, and the runtime it started."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def invoke(self, event: object) -> Any:
        """Send one event; the parsed answer, or its text where it is not JSON."""
        return self.invoke_text(json.dumps(event))

    def invoke_text(self, text: str) -> Any:
        """Send a body as it stands."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", INVOKE, text.encode())
            body = connection.getresponse().read().decode()
        finally:
            connection.close()
        try:
            return json.loads(body)
        except ValueError:
            return body

    def runtime(self) -> int:
        """The process that runs the function."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        (runtime,) = {int(child) for task in children for child in task.read_text().split()}
        return runtime

    def records(self) -> list[dict[str, Any]]:
        """The lines the function logged, as CloudWatch gets them."""
        lines = (self.logs / "stdout").read_text("utf-8").splitlines()
        return [json.loads(line) for line in lines if not OWN_LINE.match(line)]

    def reports(self) -> int:
        """How many invocations have been reported."""
        return (self.logs / "stdout").read_text("utf-8").count("REPORT RequestId: ")

    def strays(self) -> list[str]:
        """Lines on stderr that are not the emulator's own."""
        lines = (self.logs / "stderr").read_text("utf-8").splitlines()
        return [line for line in lines if not EMULATOR_LINE.match(line)]

    def inits(self) -> int:
        """How often the runtime was started."""
        return (self.logs / "stderr").read_text("utf-8").count("INIT START(")

    def _environment(self) -> dict[str, str]:
        given = {
            "PATH": "/usr/bin:/bin",
            "LAMBDA_TASK_ROOT": str(self.folder),
            "_HANDLER": HANDLER,
            "AWS_LAMBDA_FUNCTION_NAME": "stretch-coach",
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(self.timeout_seconds),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_LOG_LEVEL": "INFO",
            **servers.CREDENTIALS,
        }
        if fetch.find_python() is None:
            # AWS unpacks read-only; for root nothing is, so Python is told not to leave bytecode behind.
            given["PYTHONDONTWRITEBYTECODE"] = "1"
        return given | self.variables

    def _await(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process is not None and self.process.poll() is None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
            try:
                connection.connect()
            except OSError:
                time.sleep(0.05)
            else:
                return
            finally:
                connection.close()
        raise RuntimeError(f"the emulator did not start:\n{(self.logs / 'stderr').read_text()[-2000:]}")


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack a bundle for reading only."""
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    return folder


def fingerprint(folder: Path) -> str:
    """A digest of every name and byte under a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes() if path.is_file() else b"/")
    return digest.hexdigest()


def python() -> Path:
    """An interpreter with the runtime client and the SDK, of the Lambda's version where there is one."""
    return fetch.environment("runtime", fetch.find_python()) / "python"
