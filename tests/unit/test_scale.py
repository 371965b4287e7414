"""The figures behind docs/scale.md: what is counted for a session, and how it is scaled."""

import pytest

from bench.scale import needs
from bench.scale.page import page
from bench.scale.session import SCRIPTS, USER_ID, Measured, Metered, largest_item, measure
from content_reader.documents import load_library
from stretch_coach.library import Library
from stretch_coach.stores.contract import Commit


@pytest.fixture(name="library", scope="module")
def _library() -> Library:
    return load_library("en-US")


@pytest.fixture(name="measured", scope="module")
def _measured(library: Library) -> dict[str, Measured]:
    return {kind: measure(library, script) for kind, script in SCRIPTS.items()}


@pytest.mark.parametrize(
    ("commit", "units"),
    [
        (Commit(expected_version=1), 0),
        (Commit({"x": "y" * 600}, 1), 1),
        (Commit({"x": "y" * 1000}, 1), 2),
        (Commit(screening={"x": "y"}, screening_expires_at=9), 1),
        (Commit(drop_screening=True), 1),
        (Commit({"x": "y" * 1000}, 1, drop_screening=True), 6),
    ],
)
def test_a_write_is_counted_as_dynamodb_counts(commit: Commit, units: int) -> None:
    """A unit for every KB that is begun, and a transaction double; a commit that changes nothing is free."""
    store = Metered()
    store.commit(USER_ID, Commit({}), 1)
    store.write_units = 0
    store.commit(USER_ID, commit, 1)
    assert store.write_units == units


def test_every_session_reads_once(measured: dict[str, Measured]) -> None:
    """However long, a session reads once, and writes at most once a turn; a check comes to its end."""
    for found in measured.values():
        assert found.reads == 1
        assert 0 < found.writes < found.turns
        assert found.write_units >= found.writes
        assert found.log_bytes > 300 * found.turns
    assert measured["check"].turns >= 15


def test_no_turn_is_lost_in_the_week(measured: dict[str, Measured]) -> None:
    """The simulated week holds every turn of every session, and its busiest minute is above the mean."""
    load = needs.simulate(measured)
    turns = sum(load.by_minute.values())
    mean = sum(share * measured[kind].turns for kind, share in needs.MIX.items())
    assert turns / load.drawn == pytest.approx(mean, rel=0.02)
    assert sum(load.by_hour) == pytest.approx(1)
    assert load.peak_a_second > 2 * turns / needs.WEEK_S / load.drawn


def test_costs_grow_with_users(library: Library, measured: dict[str, Measured]) -> None:
    """A thousand times the users need a thousand times as much, but for what is paid however few there are."""
    load = needs.simulate(measured)
    small, large = (needs.need(users, measured, load) for users in (1_000, 1_000_000))
    assert large.peak_writes == pytest.approx(1_000 * small.peak_writes)
    assert large.dollars["DynamoDB"] == pytest.approx(1_000 * small.dollars["DynamoDB"])
    assert large.dollars["fixed"] == small.dollars["fixed"] > 0
    text = page(measured, [small, large], 0.02, largest_item(library))
    assert "{" not in text
    assert all(len(line) <= 120 or line.startswith("|") for line in text.splitlines())
