"""Starting ``bench.load.server`` beside an Amazon of our own, and stopping it: for tests and load."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from bench.load.alexa_signing import PATH, AmazonHost, Authority, Certified, Hosted
from simulator.device.envelope import SKILL_ID

ROOT: Final = Path(__file__).resolve().parents[2]
START_SECONDS: Final = 60.0


@dataclass
class WebProcess:
    """The web service in a process of its own; its log is in `folder`."""

    folder: Path
    authority: Authority
    arguments: Sequence[str] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    python_path: Sequence[Path] = ()

    def __post_init__(self) -> None:
        self.leaf: Certified = self.authority.leaf()
        self.port = free_port()
        self.log = self.folder / "server.log"

    def __enter__(self) -> Self:
        self._amazon = AmazonHost(self.authority)
        self._amazon.hosted[PATH] = Hosted(self.leaf.chain)
        self._amazon.__enter__()
        roots = self.authority.write_root(self.folder)
        paths = (ROOT / "lambda", ROOT, *self.python_path)
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "bench.load.server", "--roots", str(roots)),
                    *("--amazon", str(self._amazon.port), "--port", str(self.port), *self.arguments),
                ],
                cwd=ROOT,
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(map(str, paths)),
                    "STRETCH_COACH_SKILL_ID": SKILL_ID,
                    **self.environment,
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        try:
            self._await()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._amazon.__exit__()

    def stop(self) -> None:
        """Tell the server to stop, and wait until it has."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def pids(self) -> list[int]:
        """The server's process and its workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return [self.process.pid, *map(int, children.split())]

    def _await(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            try:
                connection.request("GET", "/readyz")
                if connection.getresponse().status == http.HTTPStatus.OK:
                    return
            except OSError:
                pass
            finally:
                connection.close()
            time.sleep(0.1)
        raise RuntimeError(f"the web service did not start:\n{self.log.read_text(encoding='utf-8')[-2000:]}")


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
