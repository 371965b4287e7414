"""The cache of trusted chains: bounded, expiring, never holding what was not found good."""

import threading
import time
from datetime import timedelta

import pytest

from bench.load.alexa_signing import Certified, Leaf, pem, roots
from tests.webservice.cases import Maker
from webservice.chain import Trust
from webservice.refusal import Reason, Refused
from webservice.signers import KEPT_SECONDS, Signers

NOW = time.time()


class Shelf:
    """Stands for Amazon's host."""

    def __init__(self, chain: bytes) -> None:
        self.chain = chain
        self.asked: list[str] = []

    def __call__(self, path: str) -> bytes:
        self.asked.append(path)
        return self.chain


@pytest.fixture(name="shelf")
def _shelf(leaf: Certified) -> Shelf:
    return Shelf(leaf.chain)


@pytest.fixture(name="trust")
def _trust(maker: Maker) -> Trust:
    return Trust(roots(maker.authority))


def test_kept_for_an_hour(shelf: Shelf, trust: Trust) -> None:
    """A chain is fetched once within the hour, and again when it is over."""
    signers = Signers(trust, shelf)
    for seconds in (0, 1, KEPT_SECONDS - 1):
        signers.signer("/echo.api/a", NOW + seconds)
    assert len(shelf.asked) == 1
    signers.signer("/echo.api/a", NOW + KEPT_SECONDS)
    assert len(shelf.asked) == 2


def test_a_clock_set_back_keeps_nothing_longer(shelf: Shelf, trust: Trust) -> None:
    """An entry from the future is not used."""
    signers = Signers(trust, shelf)
    signers.signer("/echo.api/a", NOW)
    signers.signer("/echo.api/a", NOW - 10)
    assert len(shelf.asked) == 2


def test_not_beyond_its_own_dates(maker: Maker, trust: Trust) -> None:
    """A chain that expires within the hour is judged anew, and refused, when it has."""
    shelf = Shelf(maker.authority.leaf(Leaf(ends=timedelta(minutes=10))).chain)
    signers = Signers(trust, shelf)
    now = time.time()  # the leaf was made now, which may be long after this file was read
    signers.signer("/echo.api/a", now)
    with pytest.raises(Refused) as refused:
        signers.signer("/echo.api/a", now + 660)
    assert refused.value.reason is Reason.CHAIN
    assert len(shelf.asked) == 2


def test_never_more_than_a_few(shelf: Shelf, trust: Trust) -> None:
    """The one unused longest makes room."""
    signers = Signers(trust, shelf, most=2)
    for path in ("a", "b", "a", "c", "a"):
        signers.signer(path, NOW)
    assert len(signers) == 2
    assert shelf.asked == ["a", "b", "c"]
    signers.signer("b", NOW)
    assert shelf.asked == ["a", "b", "c", "b"]


def test_a_refused_chain_takes_no_room(leaf: Certified, shelf: Shelf, trust: Trust) -> None:
    """What was not found good is not kept, however often it is asked for."""
    signers = Signers(trust, shelf)
    shelf.chain = pem(leaf.certificate)
    for _ in range(3):
        with pytest.raises(Refused):
            signers.signer("/echo.api/a", NOW)
    assert (len(signers), len(shelf.asked)) == (0, 3)


@pytest.mark.parametrize("good", [True, False], ids=["good", "bad"])
def test_one_download_for_all_who_wait(leaf: Certified, trust: Trust, good: bool) -> None:
    """Requests that need the same chain at once share one download and its outcome."""
    begun, go = threading.Event(), threading.Event()
    asked: list[str] = []

    def fetch(path: str) -> bytes:
        asked.append(path)
        begun.set()
        assert go.wait(10)
        return leaf.chain if good else b""

    signers = Signers(trust, fetch)
    outcomes: list[object] = []

    def ask() -> None:
        try:
            outcomes.append(signers.signer("/echo.api/a", NOW).key is not None)
        except Refused as refused:
            outcomes.append(refused.reason)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert begun.wait(10)
    time.sleep(0.1)  # so that the others have come to wait
    go.set()
    for thread in threads:
        thread.join()
    assert outcomes == [True if good else Reason.CHAIN] * 4
    assert len(asked) == 1
