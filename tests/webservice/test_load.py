"""The load tool's own measure: what it calls lost, late and answered."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bench.load.client import Client, Listener, Sample, percentile, script
from bench.load.page import page
from bench.load.report import lost
from bench.load.results import Result, Step
from bench.load.web_process import WebProcess
from simulator.local import Local
from stretch_coach.stores.sqlite import SqliteStore
from tests.webservice.cases import Maker

LAUNCH = {"type": "LaunchRequest"}


@pytest.fixture(name="web", scope="module")
def _web(maker: Maker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebProcess]:
    folder = tmp_path_factory.mktemp("load")
    with WebProcess(folder, maker.authority, ["--state", str(folder / "web.db")]) as web:
        yield web


def test_a_crowd_is_answered_and_nothing_is_lost(web: WebProcess) -> None:
    """What two workers acknowledged to a crowd is in the file; what is taken out of it is missed."""
    turns = script(Local(Path(os.devnull)).understand, ["", "wait for me", "keep going"])
    crowd = [Listener(f"amzn1.ask.account.CROWD{number}", turns) for number in range(6)]
    samples = Client(web.port, web.leaf.sign, crowd).flat_out(36, 6, 60)
    assert [sample.error for sample in samples if sample.error] == []
    assert len(samples) == 36
    saved = [listener for listener in crowd if "unsaved" not in listener.attributes]
    assert saved  # a machine that stalls may keep some from being saved in time, and then they are told so
    with SqliteStore(web.folder / "web.db") as store:
        assert lost(store, crowd) == 0
        store.erase(saved[0].user_id, int(time.time()) + 600)
        assert lost(store, crowd) == 1


def test_two_devices_of_one_household_lose_nothing(web: WebProcess) -> None:
    """Two speakers of one user, answered by several workers at once: every change that was acknowledged has raised the
    record's version by one, so none has overwritten another. One that met another twice is told to be unsaved, and goes
    with the next.
    """
    user = "amzn1.ask.account.HOUSEHOLD"
    turns = script(Local(Path(os.devnull)).understand, ["", *["wait for me", "keep going"] * 10])
    # One greeting, so that the record is there before the two begin.
    greeted = Listener(user, turns)
    Client(web.port, web.leaf.sign, [greeted]).flat_out(1, 1, 60)
    devices = [Listener(user, turns) for _ in range(2)]
    clients = [Client(web.port, web.leaf.sign, [device]) for device in devices]
    with ThreadPoolExecutor(len(clients)) as pool:
        samples = [sample for each in pool.map(lambda client: client.flat_out(21, 1, 60), clients) for sample in each]
    assert len(samples) == 42
    assert [sample.error for sample in samples if sample.error] == []
    unsaved = sum(sample.unsaved for sample in samples)
    assert unsaved < 20
    with SqliteStore(web.folder / "web.db") as store:
        stored = store.load(user, int(time.time()))
    assert stored.version - greeted.attributes["v"] == 40 - unsaved


def test_latency_counts_from_when_due(web: WebProcess) -> None:
    """A request that could not be sent when it was due has waited from that moment."""
    crowd = [Listener("amzn1.ask.account.ALONE", [LAUNCH])]
    samples = Client(web.port, web.leaf.sign, crowd).at_rate(1000, 0.05)
    assert len(samples) == 50
    assert percentile(samples, 0.99) > percentile(samples, 0.1)
    assert not any(sample.error for sample in samples)


def test_errors_are_counted(web: WebProcess) -> None:
    """A refusal is an error, and the listener begins anew."""
    crowd = [Listener("amzn1.ask.account.FORGED", [LAUNCH])]
    (sample,) = Client(web.port, lambda _: "QUJD", crowd).flat_out(1, 1, 60)
    assert sample.error == "HTTP 400"
    assert crowd[0].turn == 0


def test_percentile() -> None:
    """Of a hundred requests, p50 and p99 are the 51st and the hundredth slowest."""
    samples = [Sample(float(number)) for number in range(100)]
    assert (percentile(samples, 0.5), percentile(samples, 0.99)) == (50.0, 99.0)


def test_the_page_has_every_figure() -> None:
    """Each step and each long run is a row of the page."""
    result = Result("coach", (Step(10, 9.9, 5, 20, 1, 2),), 3000, 123.4, 5.55, 3, 4, 100, 105, 64, 0)
    text = "\n".join(page([result], ["baseline: left out, no folder"]))
    assert "| coach | 10 | 10 | 5 | 20 | 1 | 2 |" in text
    assert "| coach | 3000 | 123 | 5.5 | 3 | 4 | 100 | 105 | +5.0% | 0 of 64 |" in text
    assert "- baseline: left out, no folder" in text
