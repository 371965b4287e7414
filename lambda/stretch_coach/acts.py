"""What was decided in a turn, before anyone has found words for it.

A rule returns acts; `speech/script.py` turns them into a plan. At most one act of a turn takes the initiative (asks),
and it comes last: the microphone opens exactly when there is one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any

from stretch_coach.library import Dose
from stretch_coach.timeline import Place

Values = Mapping[str, str | int]
"""What fills a prompt's placeholders: a text, or "<kind>:<id>" which the script names (see script.py)."""


@dataclass(frozen=True)
class Tell:
    """Say a prompt of the locale."""

    prompt: str
    values: Values = field(default_factory=dict)


@dataclass(frozen=True)
class Read:
    """Say sentences of the content as they are."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Ask:
    """Ask a question of the locale and listen."""

    prompt: str
    values: Values = field(default_factory=dict)
    reprompt: str = "reprompt.general"
    patient: bool = False
    """The reprompt first leaves half a minute of quiet."""


@dataclass(frozen=True)
class AskText:
    """Ask in words of the content (a red-flag question) and listen."""

    text: str
    reprompt: str


@dataclass(frozen=True)
class Instruct:
    """One step of an exercise, for those who go step by step."""

    exercise: str
    step: int
    side: int


@dataclass(frozen=True)
class Explain:
    """How an exercise goes, without counting."""

    exercise: str
    long: bool


@dataclass(frozen=True)
class Rest:
    """A timed rest, counted down at its end."""

    seconds: int


class CountStyle(StrEnum):
    """Which of the counted units are spoken."""

    EVERY = "every-second"
    FIVES = "every-five"
    SPARSE = "sparse"
    LAST_FIVE = "last-five"
    SILENT = "silent"
    LANDMARKS = "landmarks"
    """The tens only: what SSML alone can carry at true pace. Nobody chooses it, and it is for seconds only."""


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True)
class Counting:
    """How the listener wants to hear it counted."""

    style: CountStyle = CountStyle.EVERY
    direction: Direction = Direction.UP
    pace_percent: int = 100
    """Length of a breath or repetition against the content's; a second always stays a second."""
    in_blocks: bool = False
    """Counts are carried in blocks, of which a turn has room for only so many."""


@dataclass(frozen=True)
class Lead:
    """Lead an exercise, counting aloud, from a place to the end of what one turn can hold."""

    exercise: str
    dose: Dose
    place: Place
    form: str
    """long | short | none: how much of the instructions comes first."""
    counting: Counting
    bouts: int
    """The most bouts in this turn."""
    variant: int
    step: int = 0
    """The first instruction to give, in the long form."""
    pieces: int = 0
    """The most pieces of speech the carrier may hold; 0 for no limit."""
    limit_ms: int = 0
    """The most milliseconds; 0 for the usual limit of a turn."""


@dataclass(frozen=True)
class Teach:
    """The instructions of an exercise with time to follow each, without counting."""

    exercise: str
    side: int
    step: int = 0
    """The first instruction to give."""


@dataclass(frozen=True)
class Advise:
    """Words of the safety check: an outcome, or another key of the locale's safety texts."""

    key: str
    locale: str
    """The device's locale, whose emergency number is named."""
    values: Values = field(default_factory=dict)


@dataclass(frozen=True)
class Card:
    """The same words as an outcome, as a card in the companion app; never an answer."""

    outcome: str
    locale: str


@dataclass(frozen=True)
class End:
    """Close the session after what was said."""


Act = Tell | Read | Ask | AskText | Instruct | Explain | Teach | Rest | Lead | Advise | Card | End
INITIATIVE = (Ask, AskText)

_REPEATABLE: Mapping[str, type[Any]] = {
    kind.__name__: kind for kind in (Tell, Read, Ask, AskText, Instruct, Explain, Teach, Advise)
}


def encode(acts: Sequence[Act]) -> list[list[Any]]:
    """Acts that can be said again as JSON values; the others are left out."""
    return [
        [name, *(_plain(getattr(act, part.name)) for part in fields(act))]
        for act in acts
        if (name := type(act).__name__) in _REPEATABLE
    ]


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def decode(encoded: Sequence[Sequence[Any]]) -> tuple[Act, ...]:
    """The reverse of encode; entries that no longer fit are left out."""
    acts: list[Act] = []
    for name, *values in encoded:
        kind = _REPEATABLE.get(name) if isinstance(name, str) else None
        if kind is None or len(values) != len(fields(kind)):
            continue
        if all(_fits(value, part.type) for value, part in zip(values, fields(kind), strict=True)):
            acts.append(kind(*(tuple(value) if isinstance(value, list) else value for value in values)))
    return tuple(acts)


def _fits(value: object, wanted: object) -> bool:
    if wanted == tuple[str, ...]:
        return isinstance(value, list) and all(isinstance(text, str) for text in value)
    if wanted == Values:
        return isinstance(value, Mapping) and all(
            isinstance(key, str) and type(item) in {str, int} for key, item in value.items()
        )
    return type(value) is wanted
