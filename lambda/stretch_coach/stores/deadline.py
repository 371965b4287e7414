"""Time that a turn may spend on the store, and a call that is given up when it is over.

A socket's own limits are per step: a name server that never answers has none, and an answer that drips in byte by byte
starts its limit again with every byte. So a call runs in a thread of its own, and whoever asked stops waiting at the
deadline. What the call holds open is then closed (`when_given_up`), which ends it. A thread that waits for a name
server is left behind, and what it does after the deadline must not reach the database (`passed`).
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from math import inf
from time import monotonic
from typing import Final, TypeVar

T = TypeVar("T")

MOST_LEFT_BEHIND: Final = 16
"""Threads of given-up calls that may still be running; while there are more, calls fail at once."""

_ends: ContextVar[float] = ContextVar("ends", default=inf)
_closers: ContextVar[list[Callable[[], None]]] = ContextVar("closers")
_left_behind = threading.BoundedSemaphore(MOST_LEFT_BEHIND)


class OutOfTime(Exception):  # noqa: N818 - not a failure of ours: the other side took too long
    """The deadline came first."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give everything inside, taken together, this long at most; the sooner of two deadlines holds."""
    token = _ends.set(min(_ends.get(), monotonic() + seconds))
    try:
        yield
    finally:
        _ends.reset(token)


def passed() -> bool:
    """Whether the deadline of the call this thread works for is over."""
    return monotonic() >= _ends.get()


def when_given_up(close: Callable[[], None]) -> None:
    """Have `close` called, in the thread that waits, when the call this thread works for is given up."""
    if (closers := _closers.get(None)) is not None:
        closers.append(close)


def run(call: Callable[[], T]) -> T:
    """Return what `call` returns, or raise what it raises; OutOfTime at the deadline, whatever it is doing by then.

    Without a deadline it is simply called.
    """
    if _ends.get() == inf:
        return call()
    if passed() or not _left_behind.acquire(blocking=False):
        raise OutOfTime
    answer: Future[T] = Future()
    closers: list[Callable[[], None]] = []

    def work() -> None:
        _closers.set(closers)
        try:
            answer.set_result(call())
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that asked
            answer.set_exception(error)
        finally:
            _left_behind.release()

    threading.Thread(target=copy_context().run, args=(work,), name="store call", daemon=True).start()
    # Asked for outside `result`, whose TimeoutError could as well be the call's own.
    wait((answer,), timeout=max(0.0, _ends.get() - monotonic()))
    if not answer.done():
        for close in tuple(closers):
            close()
        raise OutOfTime
    return answer.result()
