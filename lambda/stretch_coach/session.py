"""What a conversation remembers from turn to turn, and its form in the session attributes.

Keys that outside checks read: `state`, `exercise`, `item`. Everything fits 4 KB (docs/architecture.md, "What a session
holds"); lists are bounded here, not by care.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from stretch_coach.timeline import Place

MAX_OFFERS = 6
MAX_NOTED = 20
"""The most limitations, and the most conditions, that are remembered: more than there are words for."""
CHANGEABLE = frozenset({("hold", "seconds"), ("hold", "breaths"), ("reps", "count")})
"""The leaves of a dose that a listener can change, besides the number of sets."""
MOST_UNITS = 1_000
"""Far above what anybody is let ask for."""
MAX_SAID_CHARACTERS = 900
"""What is kept of the last turn for "repeat"; a longer turn keeps its question only."""


class State(StrEnum):
    """Where the conversation is. See dialogue.py for what can happen in each."""

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
    dose: Mapping[str, Any] = field(default_factory=dict)
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
    check: Mapping[str, Any] = field(default_factory=dict)
    """The check under way, as screening.Check writes it."""
    said: tuple[Any, ...] = ()
    """The last turn's acts, encoded, for "repeat"."""
    warned_unsaved: bool = False
    misses: int = 0
    """Turns in a row that were not understood."""
    extra: Mapping[str, Any] = field(default_factory=dict)


def _place(place: Place) -> list[int]:
    return [place.set, place.side, place.count]


def encode_activity(activity: Activity | None) -> dict[str, Any] | None:
    """An activity as JSON values."""
    if activity is None:
        return None
    encoded: dict[str, Any] = {"e": activity.exercise, "t": activity.started_at, "p": _place(activity.place)}
    if activity.routine:
        encoded.update(r=activity.routine, i=activity.index)
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


def _dose(encoded: object) -> dict[str, Any]:
    """What a listener can have changed, and nothing else."""
    changed: dict[str, Any] = {
        part: {unit: number}
        for part, values in _mapping(encoded).items()
        for unit, number in _mapping(values).items()
        if (part, unit) in CHANGEABLE and _is_amount(number)
    }
    sets = _mapping(encoded).get("sets")
    return {**changed, "sets": sets} if _is_amount(sets) else changed


def _is_amount(number: object) -> bool:
    return type(number) is int and 0 < number <= MOST_UNITS


def encode(session: Session) -> dict[str, Any]:
    """The session as attributes; empty values are left out."""
    activity = session.activity
    values: dict[str, Any] = {
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


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1_000_000 else 0


def decode(attributes: Mapping[str, Any]) -> Session:
    """The reverse of encode. Attributes of another version, or forged ones, give a session that starts at home."""
    try:
        state = State(attributes.get("state", State.HOME))
    except (ValueError, TypeError):
        return Session()
    return Session(
        state=state,
        turn=_number(attributes.get("turn")),
        activity=decode_activity(attributes.get("activity")),
        offers=_texts(attributes.get("offers"))[:MAX_OFFERS],
        cannot=_texts(attributes.get("cannot"))[-MAX_NOTED:],
        conditions=_texts(attributes.get("conditions"))[-MAX_NOTED:],
        locked=attributes["locked"] if isinstance(attributes.get("locked"), str) else "",
        caution=attributes.get("caution") is True,
        item=attributes["item"] if isinstance(attributes.get("item"), str) else "",
        reasked=attributes.get("reasked") is True,
        check=_mapping(attributes.get("check")),
        said=tuple(entry for entry in attributes.get("said") or () if isinstance(entry, list) and entry)
        if isinstance(attributes.get("said"), list)
        else (),
        warned_unsaved=attributes.get("warned") is True,
        misses=_number(attributes.get("misses")),
        extra=_mapping(attributes.get("extra")),
    )


def at_home(session: Session) -> Session:
    """The same conversation with nothing under way."""
    return replace(session, state=State.HOME, activity=None, offers=())
