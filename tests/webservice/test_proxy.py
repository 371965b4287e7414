"""The proxies of docs/self-host.md, run as the page configures them, with the service behind them."""

import contextlib
import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.load.alexa_signing import headers
from bench.load.web_process import WebProcess, free_port
from tests.webservice.cases import Maker, launch
from tests.webservice.conftest import PATIENT_SECONDS, Answered
from webservice.app import MOST_BODY_BYTES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "self-host.md").read_text(encoding="utf-8")
HOST = "coach.example.org"


def block(named: str) -> str:
    """The page's indented block with this in it."""
    blocks = [found[0] for found in re.finditer(r"(?:^ {4}.*\n|^\n(?= {4}))+", PAGE, re.MULTILINE)]
    (one,) = [found for found in blocks if named in found]
    return one


def nginx(folder: Path, port: int, behind: int) -> list[str]:
    """The command that runs nginx with the page's server on `port`; its files are below `folder`."""
    server = (
        block("proxy_pass")
        .replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl")
        .replace(f"/etc/letsencrypt/live/{HOST}/fullchain.pem", f"{folder}/host.pem")
        .replace(f"/etc/letsencrypt/live/{HOST}/privkey.pem", f"{folder}/host.pem")
        .replace("127.0.0.1:8080", f"127.0.0.1:{behind}")
    )
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{places}{server}}}\n",
        encoding="utf-8",
    )
    return ["nginx", "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]


def caddy(folder: Path, port: int, behind: int) -> list[str]:
    """The command that runs Caddy with the page's site on `port`, with a certificate of the tests'."""
    site = (
        block("reverse_proxy")
        .replace("{\n", "{\nadmin off\nauto_https off\n", 1)
        .replace(f"{HOST} {{", f"https://{HOST}:{port} {{\ntls {folder}/host.pem {folder}/host.pem")
        .replace("127.0.0.1:8080", f"127.0.0.1:{behind}")
    )
    version = subprocess.run(["caddy", "version"], capture_output=True, text=True, check=True).stdout
    numbers = tuple(map(int, re.findall(r"\d+", version)[:3]))
    if numbers < (2, 6, 4):  # as the page says
        site = re.sub(r"request_buffers (\w+)", r"buffer_requests\nmax_buffer_size \1", site)
    (folder / "Caddyfile").write_text(site, encoding="utf-8")
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


@dataclass(frozen=True)
class Proxy:
    """A proxy that runs, and the service behind it."""

    port: int
    web: WebProcess
    context: ssl.SSLContext

    def connect(self) -> ssl.SSLSocket:
        """A connection to the host that the page names."""
        connection = socket.create_connection(("127.0.0.1", self.port), PATIENT_SECONDS)
        return self.context.wrap_socket(connection, server_hostname=HOST)

    def send(self, method: str, path: str, body: bytes | None = None, *, signed: bool = True) -> Answered:
        """One request over a connection of its own."""
        connection = http.client.HTTPSConnection(HOST, self.port)
        connection.sock = self.connect()
        sent = headers(self.web.leaf.sign(body or b"") if signed else "QUJD")
        with contextlib.closing(connection):
            with contextlib.suppress(OSError):  # it may refuse before it has read all
                connection.request(method, path, body, sent)
            response = connection.getresponse()
            return Answered(response.status, response.read(), dict(response.getheaders()))


@pytest.fixture(name="proxy", params=[nginx, caddy], scope="module")
def _proxy(request: pytest.FixtureRequest, maker: Maker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    command: Callable[[Path, int, int], list[str]] = request.param
    path = f"{os.environ['PATH']}{os.pathsep}/usr/sbin"
    if shutil.which(command.__name__, path=path) is None:
        pytest.skip(f"{command.__name__} is not installed. apt-get install --no-install-recommends {command.__name__}")
    folder = tmp_path_factory.mktemp(command.__name__)
    maker.authority.ca.issue_cert(HOST).private_key_and_cert_chain_pem.write_to_path(folder / "host.pem")
    context = ssl.create_default_context(cafile=maker.authority.write_root(folder))
    port, few = free_port(), ["--workers", "1", "--threads", "2", "--state", str(folder / "web.db")]
    environment = {**os.environ, "PATH": path, "HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    with (
        WebProcess(folder, maker.authority, few) as web,
        (folder / "proxy.log").open("wb") as log,
        subprocess.Popen(command(folder, port, web.port), env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            until_it_listens(process, port, folder / "proxy.log")
            yield Proxy(port, web, context)
        finally:
            process.terminate()


def until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait for a proxy to start."""
    for _ in range(600):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    pytest.fail(f"it does not start: {log.read_text(encoding='utf-8')}")


def asked(web: WebProcess) -> int:
    """How many requests the service has seen."""
    return web.log.read_text(encoding="utf-8").count('"message":"request"')


def test_hands_on_what_alexa_signed(proxy: Proxy) -> None:
    """A signed request is answered, so it arrived byte for byte; one that is not signed is refused by the service."""
    assert proxy.send("POST", "/", launch()).status == 200
    refused = proxy.send("POST", "/", launch(), signed=False)
    assert (refused.status, refused.body) == (400, b"")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("PUT", "/"), ("GET", "/healthz"), ("GET", "/readyz"), ("POST", "/elsewhere")]
)
def test_lets_nothing_else_through(proxy: Proxy, method: str, path: str) -> None:
    """Health, readiness and other methods are not for the world."""
    assert proxy.send(method, path).status in {403, 404}


def test_refuses_a_huge_body(proxy: Proxy) -> None:
    """A body over the limit is refused."""
    assert proxy.send("POST", "/", b" " * (8 * MOST_BODY_BYTES)).status == 413


def test_keeps_slow_clients_away(proxy: Proxy) -> None:
    """While more clients drip than the service has threads, others are answered, and nothing dripped arrives."""
    before = asked(proxy.web)
    body, slow = launch(), 6
    with contextlib.ExitStack() as stack:
        for number in range(slow):
            connection = stack.enter_context(proxy.connect())
            connection.sendall(f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n".encode())
            connection.sendall(b"Content-Length: 10000\r\n")
            connection.sendall(b"\r\nx" if number % 2 else b"X-Slow: ")
        time.sleep(0.5)
        assert proxy.send("POST", "/", body).status == 200
    assert asked(proxy.web) == before + 1
