"""The keys of chains that were found good, so that a chain is downloaded once an hour and not once a request."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import Final

from webservice.chain import Signer, Trust
from webservice.refusal import Reason, Refused

Fetch = Callable[[str], bytes]
"""Path → PEM; raises Refused."""

KEPT_SECONDS: Final = 3600
"""After this a chain is downloaded and judged anew: roots and Amazon's mind may have changed."""
MOST_KEPT: Final = 16
"""Amazon uses one chain at a time, and two for a while."""
PATIENCE_SECONDS: Final = 4.0
"""How long a request waits for another one's download of the same chain; a download takes less."""


@dataclass(frozen=True)
class _Kept:
    signer: Signer
    since: float


class Signers:
    """Chain path → signer, kept for an hour, never beyond the chain's own dates, never more than a few.

    Only what was found good is kept: a bad answer must not stick, and made-up URLs must not push good ones out.
    """

    def __init__(self, trust: Trust, fetch: Fetch, most: int = MOST_KEPT) -> None:
        self._trust = trust
        self._fetch = fetch
        self._most = most
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._under_way: dict[str, Future[Signer]] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def signer(self, path: str, now: float) -> Signer:
        """Who signs with the chain at `path`, at `now` in epoch seconds; raises Refused."""
        with self._lock:
            kept = self._kept.get(path)
            # A clock that was set back must not make an entry last longer.
            if kept and 0 <= now - kept.since < KEPT_SECONDS and kept.signer.is_valid(now):
                self._kept.move_to_end(path)
                return kept.signer
            answer = self._under_way.get(path)
            ours = answer is None
            if answer is None:
                answer = self._under_way[path] = Future()
        if ours:
            self._find(path, now, answer)
        wait((answer,), timeout=PATIENCE_SECONDS)
        if not answer.done() or answer.exception() is not None:
            raise Refused(_reason(answer))
        return answer.result()

    def _find(self, path: str, now: float, answer: "Future[Signer]") -> None:
        try:
            signer = self._trust.signer(self._fetch(path), now)
        except BaseException as error:  # noqa: BLE001 - everybody who waits for it is told
            answer.set_exception(error)
        else:
            answer.set_result(signer)
        with self._lock:
            del self._under_way[path]
            if answer.exception() is None:
                self._kept[path] = _Kept(answer.result(), now)
                self._kept.move_to_end(path)
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)


def _reason(answer: "Future[Signer]") -> Reason:
    error = answer.exception() if answer.done() else None
    return error.reason if isinstance(error, Refused) else Reason.DOWNLOAD
