"""One JSON line a turn, which is also its metrics in CloudWatch's embedded format.

No line has a word that was said, or anything of a listener's health. Inside the safety check, and for everything said
about pain or a condition, the event is "answer", the state is "check", and sizes are rounded up so far that they do not
tell one question or outcome from another. A line names its user, by a hash, only where nothing is known of the user's
health: how a launch goes on would tell that exercises are locked, how many bytes there are that a condition was named.
The form of a line is docs/log-line.schema.json.
"""

import json
import logging
import re
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from stretch_coach.errors import StoreError
from stretch_coach.profile import Profile
from stretch_coach.session import Session, State
from stretch_coach.stores.contract import Commit, Store, Stored, VersionConflict

LOG: Final = logging.getLogger("stretch_coach")
SERVICE: Final = "stretch-coach"
NAMESPACE: Final = "StretchCoach"
METRICS: Final[Mapping[str, str]] = {
    "milliseconds": "Milliseconds",
    "response_bytes": "Bytes",
    "attribute_bytes": "Bytes",
    "store_reads": "Count",
    "store_writes": "Count",
    "unsaved": "Count",
    "faults": "Count",
    "erase_failures": "Count",
}
"""Fields that CloudWatch keeps as metrics, with their units."""

PRIVATE_STATES: Final = frozenset({State.CHECKING, State.CHECK_PAUSED, State.ADVISED, State.HURTING})
"""States whose events and successors would say something of the listener's health; they are logged as one."""
PRIVATE_EVENTS: Final = frozenset(
    {"HurtsIntent", "CallForHelpIntent", "ConditionIntent", "CannotDoIntent", "UnderAgeIntent", "RedFlagInfoIntent",
     "SeenDoctorIntent", "LockFound"}
)  # fmt: skip
"""Events that would, wherever they come."""
PRIVATE_BYTES: Final = 8192
"""What the size of a turn without a name is rounded up to: every question and outcome fits, so all look the same."""

_PLAIN: Final = re.compile(r"[\w.\-/:]{1,100}", re.ASCII)
_OURS: Final = frozenset(METRICS) | {
    "request_id", "request", "user", "locale", "event", "from", "to", "saved", "store", "error", "where"
}  # fmt: skip


@dataclass
class Trace:
    """What one request came to, noted on the way."""

    event: str = ""
    before: State | None = None
    after: State | None = None
    of_health: bool = False
    """Something of the listener's health is known, whatever this turn is about."""
    unsaved: bool = False
    reads: int = 0
    writes: int = 0
    merged: bool = False
    failed: bool = False

    @property
    def is_private(self) -> bool:
        """Whether its event, its states or its size would tell something of the listener's health."""
        return self.event in PRIVATE_EVENTS or bool({self.before, self.after} & PRIVATE_STATES)

    @property
    def names_user(self) -> bool:
        """Whether the line may say whose turn it was, and what it weighed."""
        return not (self.is_private or self.of_health)

    @property
    def store(self) -> str:
        """What became of the state: the worst, or the most, that was done."""
        if self.failed:
            return "failed"
        if self.merged:
            return "merged"
        return "written" if self.writes else "read" if self.reads else "none"


@dataclass(frozen=True)
class Watched:
    """A store that notes in `trace` what is asked of it and how that goes."""

    store: Store
    trace: Trace

    def load(self, user_id: str, now: int) -> Stored:
        self.trace.reads += 1
        try:
            return self.store.load(user_id, now)
        except StoreError:
            self.trace.failed = True
            raise

    def commit(self, user_id: str, commit: Commit, now: int) -> int:
        if commit == Commit(expected_version=commit.expected_version):
            return self.store.commit(user_id, commit, now)
        self.trace.writes += 1
        try:
            return self.store.commit(user_id, commit, now)
        except VersionConflict:
            self.trace.merged = True
            raise
        except StoreError:
            self.trace.failed = True
            raise

    def erase(self, user_id: str, before: int) -> None:
        self.trace.writes += 1
        try:
            self.store.erase(user_id, before)
        except StoreError:
            self.trace.failed = True
            raise


def is_of_health(session: Session, profile: Profile) -> bool:
    """Whether something that was said of the listener's health, or came of it, is known."""
    said = session.check or session.conditions or session.cannot or session.extra.get("reasons") is not None
    return bool(said or session.locked or session.caution or profile.lock)


def turn_fields(trace: Trace, response: Mapping[str, Any], milliseconds: int) -> dict[str, Any]:
    """The fields of an answered turn."""
    private = trace.is_private
    sizes = (_size(response), _size(response.get("sessionAttributes") or {}))
    response_bytes, attribute_bytes = (size if trace.names_user else _rounded(size) for size in sizes)
    return {
        "event": "answer" if private else trace.event,
        "from": _public(trace.before),
        "to": "check" if private else _public(trace.after),
        "milliseconds": milliseconds,
        "saved": not trace.unsaved,
        "store": trace.store,
        "store_reads": trace.reads,
        "store_writes": trace.writes,
        "unsaved": int(trace.unsaved),
        "response_bytes": response_bytes,
        "attribute_bytes": attribute_bytes,
    }


def fault_fields(event: str, state: object) -> dict[str, str]:
    """Where a turn that failed came in, as far as a line may say; `state` is what the session attributes hold."""
    before = State(state) if isinstance(state, str) and state in set(State) else None
    private = before in PRIVATE_STATES or event in PRIVATE_EVENTS
    return {"event": "answer" if private else plain(event), "from": "check" if private else str(before or "")}


def plain(text: str) -> str:
    """A platform name or id as it is; anything with other characters in it could be words, and is left out."""
    return text if _PLAIN.fullmatch(text) else ""


def _public(state: State | None) -> str:
    return "check" if state in PRIVATE_STATES else str(state)


def _size(value: object) -> int:
    """Bytes on the wire; 0 for what the platform would refuse anyway."""
    try:
        return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass"))
    except (TypeError, ValueError, RecursionError):
        return 0


def _rounded(size: int) -> int:
    return -(-size // PRIVATE_BYTES) * PRIVATE_BYTES


class JsonLine(logging.Formatter):
    """A record as one line of JSON, with its metrics where it has any."""

    def format(self, record: logging.LogRecord) -> str:
        """Only fields of ours are taken from the record: an error's own text could hold an answer."""
        extra = {key: value for key, value in vars(record).items() if key in _OURS}
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "message": record.getMessage(),
            "service": SERVICE,
            **extra,
        }
        measured = [{"Name": name, "Unit": unit} for name, unit in METRICS.items() if name in extra]
        if measured:
            directive = {"Namespace": NAMESPACE, "Dimensions": [["service"]], "Metrics": measured}
            line["_aws"] = {"Timestamp": int(record.created * 1000), "CloudWatchMetrics": [directive]}
        return json.dumps(line, separators=(",", ":"))


def to_stdout() -> None:
    """Write our lines to standard output, which Lambda takes as they are, and not through the runtime's handler."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLine())
    LOG.handlers = [handler]
    LOG.propagate = False
    LOG.setLevel(logging.INFO)


class Stopwatch:
    """Measures a request."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    @property
    def milliseconds(self) -> int:
        """Since it was made."""
        return round((time.monotonic() - self._started) * 1000)
