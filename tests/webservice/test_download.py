"""Downloads of chains: within time and size, over TLS, and never anywhere else."""

import socket
import ssl
import threading
import time
from collections.abc import Callable

import pytest

from bench.load.alexa_signing import PATH, AmazonHost, Hosted, roots
from tests.webservice.cases import Maker
from webservice.download import AT_ONCE, MOST_BYTES, Downloader, tls_context
from webservice.refusal import Reason, Refused

Dial = Callable[[float], socket.socket]


@pytest.fixture(name="context")
def _context(maker: Maker) -> ssl.SSLContext:
    return tls_context(roots(maker.authority))


def refused(download: Downloader, path: str = PATH) -> bool:
    """Whether a download is refused as one."""
    with pytest.raises(Refused) as refusal:
        download(path)
    return refusal.value.reason is Reason.DOWNLOAD


def test_download(context: ssl.SSLContext, dial: Dial, amazon: AmazonHost) -> None:
    """What stands at the path comes back whole."""
    amazon.hosted[PATH] = Hosted(b"x" * MOST_BYTES)
    assert Downloader(context, dial)(PATH) == b"x" * MOST_BYTES


@pytest.mark.parametrize(
    "hosted",
    [
        pytest.param(Hosted(b"x" * (MOST_BYTES + 1)), id="one byte too large"),
        pytest.param(Hosted(b"x", headers=(("Content-Encoding", "gzip"),)), id="compressed"),
        pytest.param(Hosted(status=301, headers=(("Location", "/echo.api/other.pem"),)), id="redirect"),
        pytest.param(Hosted(b"oops", status=500), id="error"),
    ],
)
def test_refused(hosted: Hosted, context: ssl.SSLContext, dial: Dial, amazon: AmazonHost) -> None:
    """Too much, something else than asked for, or a pointer elsewhere is no chain, and nothing else is asked for."""
    amazon.hosted = {PATH: hosted, "/echo.api/other.pem": Hosted(b"chain")}
    assert refused(Downloader(context, dial))
    assert amazon.asked == [PATH]


def test_a_host_that_drips(context: ssl.SSLContext, dial: Dial, amazon: AmazonHost) -> None:
    """Bytes that keep coming do not keep a request waiting, and the download's place is free again."""
    amazon.hosted[PATH] = Hosted(b"x" * 1000, seconds_a_byte=0.05)
    download = Downloader(context, dial, seconds=0.5)
    began = time.monotonic()
    for _ in range(AT_ONCE + 1):
        assert refused(download)
        time.sleep(0.2)
    assert time.monotonic() - began < 20
    assert len(amazon.asked) == AT_ONCE + 1


def test_a_host_that_says_nothing(context: ssl.SSLContext) -> None:
    """A connection on which nothing ever comes is given up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
        assert refused(Downloader(context, lambda seconds: socket.create_connection(address, seconds), seconds=0.3))


def test_a_name_that_is_never_found(context: ssl.SSLContext) -> None:
    """Looking up a name has no time-out of its own; those that hang keep their places, and the rest fail at once."""
    go, dialed = threading.Event(), []

    def dial(_: float) -> socket.socket:
        dialed.append(1)
        go.wait(30)
        raise OSError

    download = Downloader(context, dial, seconds=0.2)
    for _ in range(AT_ONCE + 3):
        assert refused(download)
    assert len(dialed) == AT_ONCE
    go.set()


def test_nobody_there(context: ssl.SSLContext) -> None:
    """A network error is a refusal like any other."""

    def dial(_: float) -> socket.socket:
        raise ConnectionRefusedError

    assert refused(Downloader(context, dial))


def test_another_host(maker: Maker, dial: Dial, amazon: AmazonHost) -> None:
    """A host without a certificate that this machine trusts is not listened to."""
    assert refused(Downloader(tls_context(roots(maker.stranger)), dial))
    assert amazon.asked == []
