"""The deadlines themselves: no call and no turn goes beyond them, and nothing is sent after them."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from stretch_coach.alexa.skill import STORE_SECONDS
from stretch_coach.errors import StoreError
from stretch_coach.library import Library
from stretch_coach.stores import deadline
from stretch_coach.stores.contract import Commit, Stored
from stretch_coach.stores.dynamodb import CALL_SECONDS
from tests.integration.faults.proxy import Fault
from tests.integration.faults.talk import ANSWER_SECONDS, START_MS, TALK, Bench, Talk, bench, name_server, weather
from tests.integration.servers import Server

T = TypeVar("T")

pytestmark = pytest.mark.xdist_group("dynamodb_local")

NOW = START_MS // 1000
STALL_SECONDS = 5.0
"""What a shared machine may add; a call without a deadline would take much longer."""


@pytest.fixture(name="stand")
def _stand(dynamodb_local: Server) -> Iterator[Bench]:
    with name_server(), bench(dynamodb_local.port) as stand:
        yield stand


def _patiently(call: Callable[[], T]) -> T:
    """Do something whose own time is not what is tested, on a machine that may stall."""
    for _ in range(20):
        try:
            return call()
        except StoreError:
            time.sleep(0.2)
    return call()


def test_the_limits_add_up() -> None:
    """Two calls fit a turn's time with the store, and that leaves half a second for the rest of the answer."""
    assert 2 * CALL_SECONDS < STORE_SECONDS <= ANSWER_SECONDS - 0.5


@pytest.mark.parametrize("fault", [Fault.NO_NAME, Fault.DRIP])
def test_a_call_without_end_ends_at_its_deadline(fault: Fault, stand: Bench) -> None:
    """A lookup that never returns, or an answer that would drip for a minute, is a StoreError at the call's limit."""
    user = f"amzn1.ask.account.ENDLESS.{fault}"
    with weather(stand.proxy, Fault.NONE):
        _patiently(
            lambda: stand.store.commit(user, Commit(screening={"long": "x" * 1200}, screening_expires_at=NOW + 60), NOW)
        )
    with weather(stand.proxy, fault):
        started = time.monotonic()
        with pytest.raises(StoreError, match="load: OutOfTime"):
            stand.store.load(user, NOW)
        assert time.monotonic() - started < CALL_SECONDS + STALL_SECONDS
    assert _patiently(lambda: stand.store.load(user, NOW)).screening


def test_a_connection_made_too_late_sends_nothing(stand: Bench) -> None:
    """When the name server answers after the deadline, the write that waited for it does not happen any more."""
    user = "amzn1.ask.account.LATE"
    with weather(stand.proxy, Fault.NO_NAME):
        with pytest.raises(StoreError, match="commit: OutOfTime"):
            stand.store.commit(user, Commit(screening={"q": "y"}, screening_expires_at=NOW + 60), NOW)
        waiting = [thread for thread in threading.enumerate() if thread.name == "store call"]
        assert waiting
    for thread in waiting:
        thread.join(30)
    assert _patiently(lambda: stand.store.load(user, NOW)) == Stored(None, 0, None)
    assert {seen.operation for seen in stand.proxy.seen} == {"Query"}


def test_a_merge_over_a_slow_database_stays_in_time(library: Library, stand: Bench) -> None:
    """Read, conflict, read and write again, each just inside its own limit, end at the turn's limit as not saved."""
    talk = Talk(library, stand, "amzn1.ask.account.SLOW")
    talk.run(lambda _index: Fault.NONE, TALK[:1])
    version = _patiently(lambda: stand.store.load(talk.user, NOW)).version
    _patiently(lambda: stand.store.commit(talk.user, Commit({"greeted": True}, version), NOW))

    def very_slow(_number: int, _operation: str) -> Fault:
        time.sleep(CALL_SECONDS / 4)
        return Fault.SLOW

    stand.proxy.play(very_slow)
    started = time.monotonic()
    response = talk.device.say("CountStyleIntent style=last-five")
    took = time.monotonic() - started
    stand.proxy.play(Fault.NONE)
    assert response is not None
    assert took < ANSWER_SECONDS + STALL_SECONDS
    for _ in range(5):
        talk.device.say("AMAZON.HelpIntent")
    stored = _patiently(lambda: stand.store.load(talk.user, NOW))
    assert stored.profile is not None
    assert stored.profile["prefs"] == {"style": "last-five"}


def test_threads_left_behind_are_limited() -> None:
    """Calls that never end leave at most so many threads behind; further ones fail at once, until some have ended."""
    never = threading.Event()
    try:
        for _ in range(deadline.MOST_LEFT_BEHIND):
            with deadline.within(0.01), pytest.raises(deadline.OutOfTime):
                deadline.run(never.wait)
        with deadline.within(60), pytest.raises(deadline.OutOfTime):
            deadline.run(lambda: 1)
    finally:
        never.set()
    for thread in [thread for thread in threading.enumerate() if thread.name == "store call"]:
        thread.join(30)
    with deadline.within(60):
        assert deadline.run(lambda: 1) == 1


def test_what_a_call_raises_is_raised_where_it_was_asked() -> None:
    """A call's own error comes out as it is, and without a deadline no thread is made."""
    with deadline.within(60), pytest.raises(KeyError):
        deadline.run(lambda: {"found": 1}["missing"])
    assert deadline.run(threading.current_thread) is threading.current_thread()


def test_the_sooner_of_two_deadlines_holds() -> None:
    """A call's own limit inside a turn's cannot make the turn longer."""
    with deadline.within(0.0):
        assert deadline.passed()
        with deadline.within(60):
            assert deadline.passed()
    assert not deadline.passed()
