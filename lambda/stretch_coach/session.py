"""What a conversation remembers from turn to turn, and its form in the session attributes.

Keys that outside checks read: `state`, `exercise`, `item`. Everything fits 4 KB (docs/architecture.md, "What a session
holds"); lists are bounded here, not by care.

Attributes come back from outside, so nothing is believed of them but their names: what is read is of type `object`
under a key of a closed list, which makes a misspelt key an error in mypy, on either side.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal, TypedDict, TypeGuard

from stretch_coach.safety.check import CheckKey
from stretch_coach.timeline import Place

MAX_OFFERS = 6
MAX_NOTED = 20
"""The most limitations, and the most conditions, that are remembered: more than there are words for."""
DosePart = Literal["hold", "reps", "sets"]
DoseUnit = Literal["seconds", "breaths", "count"]
DoseLeaf = tuple[DosePart, DoseUnit]
Changed = Mapping[DosePart, Mapping[DoseUnit, int] | int]
"""What a listener changed of a dose: leaves to lay over it, and the number of sets."""
CHANGEABLE: frozenset[DoseLeaf] = frozenset({("hold", "seconds"), ("hold", "breaths"), ("reps", "count")})
"""The leaves of a dose that a listener can change, besides the number of sets."""
MOST_UNITS = 1_000
"""Far above what anybody is let ask for."""
MAX_SAID_CHARACTERS = 900
"""What is kept of the last turn for "repeat"; a longer turn keeps its question only."""

Key = Literal[
    "state", "turn", "exercise", "activity", "offers", "cannot", "conditions", "locked", "caution", "item", "reasked",
    "check", "said", "warned", "misses", "extra", "profile", "v", "unsaved", "drop", "read_only",
]  # fmt: skip
"""The names of the session attributes. The last five are those of alexa/keeper.py."""
ActivityKey = Literal["e", "t", "p", "r", "i", "n", "d", "s"]
"""Exercise, started at, place, routine, index, step, dose, sent."""
ExtraKey = Literal["last", "about", "wanted", "reasons"]
"""The exercise done last; the red flag asked about; what was looked for; why the last check ended as it did."""


class State(StrEnum):
    """Where the conversation is. See dialogue/table.py for what can happen in each."""

    HOME = "home"
    CHOOSING = "choosing"
    STEPPING = "stepping"
    COUNTING = "counting"
    BETWEEN = "between"
    PAUSED = "paused"
    DONE = "done"
    RETURNING = "returning"
    HURTING = "hurting"
    DELETING = "deleting"
    CHECKING = "checking"
    CHECK_PAUSED = "check_paused"
    ADVISED = "advised"


@dataclass(frozen=True)
class Sent:
    """What has to be known of a counted turn to work out, later, where the listener was."""

    at: int
    """Milliseconds since the epoch, by the platform's clock, when the turn was asked for."""
    offset_ms: int
    """What the same turn said before the exercise."""
    form: str
    bouts: int
    variant: int
    pieces: int = 0
    limit_ms: int = 0
    """What the turn had room for; 0 for the usual limit."""


@dataclass(frozen=True)
class Activity:
    """An exercise under way, alone or in a routine."""

    exercise: str
    started_at: int
    """Milliseconds since the epoch; names this performance of the exercise."""
    place: Place = Place()
    routine: str | None = None
    index: int = 0
    """Position in the routine's sequence."""
    step: int = 0
    """The next instruction, when going step by step."""
    dose: Changed = field(default_factory=dict)
    """What the listener changed."""
    sent: Sent | None = None
    """Set while a counted turn may be playing; `place` is then where that turn began."""


@dataclass(frozen=True)
class Session:
    state: State = State.HOME
    turn: int = 0
    activity: Activity | None = None
    offers: tuple[str, ...] = ()
    """What was offered: exercise ids, or "routine:<id>"."""
    cannot: tuple[str, ...] = ()
    """What the listener cannot do or has not got, this session."""
    conditions: tuple[str, ...] = ()
    """Conditions said during a check; they hide exercises for this session only."""
    locked: str = ""
    """The level that locked exercises this session; empty when open."""
    caution: bool = False
    """A check ended in "see someone soon": gentle exercises, with a warning."""
    item: str = ""
    """The red-flag item being asked, or its follow-up."""
    reasked: bool = False
    """The item has been put in plainer words already."""
    check: Mapping[CheckKey, object] = field(default_factory=dict)
    """The check under way, as Check writes it."""
    said: tuple[Any, ...] = ()
    """The last turn's acts, encoded, for "repeat"."""
    warned_unsaved: bool = False
    misses: int = 0
    """Turns in a row that were not understood."""
    extra: Mapping[ExtraKey, object] = field(default_factory=dict)


class SessionValues(TypedDict, total=False):
    """The fields of a Session as keyword arguments, for what makes one session of another."""

    state: State
    turn: int
    activity: Activity | None
    offers: tuple[str, ...]
    cannot: tuple[str, ...]
    conditions: tuple[str, ...]
    locked: str
    caution: bool
    item: str
    reasked: bool
    check: Mapping[CheckKey, object]
    said: tuple[Any, ...]
    warned_unsaved: bool
    misses: int
    extra: Mapping[ExtraKey, object]


def _place(place: Place) -> list[int]:
    return [place.set, place.side, place.count]


def encode_activity(activity: Activity | None) -> dict[ActivityKey, Any] | None:
    """An activity as JSON values."""
    if activity is None:
        return None
    encoded: dict[ActivityKey, Any] = {"e": activity.exercise, "t": activity.started_at, "p": _place(activity.place)}
    if activity.routine:
        encoded |= {"r": activity.routine, "i": activity.index}
    if activity.step:
        encoded["n"] = activity.step
    if activity.dose:
        encoded["d"] = dict(activity.dose)
    if activity.sent:
        sent = activity.sent
        encoded["s"] = [sent.at, sent.offset_ms, sent.form, sent.bouts, sent.variant, sent.pieces, sent.limit_ms]
    return encoded


def decode_activity(encoded: object) -> Activity | None:
    """The reverse of encode_activity; None for anything that is not an activity."""
    if not isinstance(encoded, Mapping):
        return None
    return _activity(encoded)


def _activity(encoded: Mapping[ActivityKey, Any]) -> Activity | None:
    try:
        sent = encoded.get("s")
        return Activity(
            exercise=str(encoded["e"]),
            started_at=int(encoded["t"]),
            place=Place(*(int(part) for part in encoded["p"])),
            routine=str(encoded["r"]) if encoded.get("r") else None,
            index=int(encoded.get("i", 0)),
            step=int(encoded.get("n", 0)),
            dose=_dose(encoded.get("d")),
            sent=Sent(int(sent[0]), int(sent[1]), str(sent[2]), *(int(value) for value in sent[3:7])) if sent else None,
        )
    except (KeyError, TypeError, ValueError, IndexError, OverflowError):
        return None


def _dose(encoded: object) -> Changed:
    """What a listener can have changed, and nothing else."""
    given: Mapping[DosePart, object] = _mapping(encoded)
    changed: Changed = {
        part: {unit: number}
        for part, values in given.items()
        for unit, number in _mapping(values).items()
        if (part, unit) in CHANGEABLE and _is_amount(number)
    }
    sets = given.get("sets")
    return {**changed, "sets": sets} if _is_amount(sets) else changed


def _is_amount(number: object) -> TypeGuard[int]:
    return type(number) is int and 0 < number <= MOST_UNITS


def encode(session: Session) -> dict[Key, Any]:
    """The session as attributes; empty values are left out."""
    activity = session.activity
    values: dict[Key, Any] = {
        "state": str(session.state),
        "turn": session.turn,
        "exercise": activity.exercise if activity else None,
        "activity": encode_activity(activity),
        "offers": list(session.offers[:MAX_OFFERS]),
        "cannot": list(session.cannot[-MAX_NOTED:]),
        "conditions": list(session.conditions[-MAX_NOTED:]),
        "locked": session.locked,
        "caution": session.caution,
        "item": session.item,
        "reasked": session.reasked,
        "check": dict(session.check),
        "said": list(session.said),
        "warned": session.warned_unsaved,
        "misses": session.misses,
        "extra": dict(session.extra),
    }
    return {key: value for key, value in values.items() if value not in (None, [], {}, "", False, 0)}


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return tuple(item for item in value if isinstance(item, str))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _said(value: object) -> tuple[list[Any], ...]:
    return tuple(entry for entry in value if isinstance(entry, list) and entry) if isinstance(value, list) else ()


def _mapping(value: object) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1_000_000 else 0


def decode(attributes: Mapping[str, Any]) -> Session:
    """The reverse of encode. Attributes of another version, or forged ones, give a session that starts at home."""
    given: Mapping[Key, object] = _mapping(attributes)
    try:
        state = State(_text(given.get("state", State.HOME)))
    except ValueError:
        return Session()
    return Session(
        state=state,
        turn=_number(given.get("turn")),
        activity=decode_activity(given.get("activity")),
        offers=_texts(given.get("offers"))[:MAX_OFFERS],
        cannot=_texts(given.get("cannot"))[-MAX_NOTED:],
        conditions=_texts(given.get("conditions"))[-MAX_NOTED:],
        locked=_text(given.get("locked")),
        caution=given.get("caution") is True,
        item=_text(given.get("item")),
        reasked=given.get("reasked") is True,
        check=_mapping(given.get("check")),
        said=_said(given.get("said")),
        warned_unsaved=given.get("warned") is True,
        misses=_number(given.get("misses")),
        extra=_mapping(given.get("extra")),
    )


def at_home(session: Session) -> Session:
    """The same conversation with nothing under way."""
    return replace(session, state=State.HOME, activity=None, offers=())
