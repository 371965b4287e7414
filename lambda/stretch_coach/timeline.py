"""A plan of timed cues, and where in it the listener is.

The platform never says how far a response has played. It does give the time of every request, so the place is worked
out from the time since the response went out. Every cue of a counted turn has a length that holds on any voice (see
speech/apla.py), which makes the only unknown the delay before the device starts to speak.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

MAX_START_LATENCY_MS = 1500
"""The longest usual delay between our answer and the first sound (0.3 to 1.5 s, assumed: not measured on a device).
All of it is taken off, so that the place is never ahead of the listener."""


@dataclass(frozen=True, order=True)
class Place:
    """How far an exercise has got."""

    set: int = 1
    """The set under way, from 1."""
    side: int = 0
    """Index into the exercise's sides in the order they are done."""
    count: int = 0
    """Seconds, breaths or repetitions completed on this side of this set."""


class Part(StrEnum):
    """What the listener is doing while a cue plays."""

    INTRO = "intro"
    READY = "ready"
    COUNT = "count"
    RELEASE = "release"
    CHANGE = "change"
    REST = "rest"
    OUTRO = "outro"


class Carrier(StrEnum):
    """How a cue's length comes about."""

    PROSE = "prose"
    """Speech followed by quiet up to `ms`: longer only on a voice slower than any we know."""
    SLOT = "slot"
    """A word cut off at `ms`: exact on every voice."""
    QUIET = "quiet"
    """Silence: exact."""


@dataclass(frozen=True)
class Cue:
    """One thing heard, or one stretch of quiet."""

    text: str
    ms: int
    """Length in milliseconds."""
    carrier: Carrier
    part: Part = Part.INTRO
    place: Place = Place()
    """Where the listener is when this cue begins."""
    settle_ms: int = 0
    """The quiet within `ms` that is meant for doing what was said."""
    step: int = 0
    """The instruction it gives, as an index; what has been said before is not said again on resuming."""


def total_ms(cues: Iterable[Cue]) -> int:
    """The length of a plan in milliseconds."""
    return sum(cue.ms for cue in cues)


@dataclass(frozen=True)
class Position:
    part: Part
    place: Place
    step: int
    """The instruction being given, while the part is INTRO."""
    finished: bool
    """Everything counted in the plan has been played."""
    left_ms: int
    """Counted time left on this side of this set, in milliseconds."""


def locate(cues: Sequence[Cue], elapsed_ms: int) -> Position:
    """Where the listener is `elapsed_ms` after the plan was sent.

    Never ahead of the listener while the device starts within MAX_START_LATENCY_MS, and at most two counts behind.
    An elapsed time below zero (clocks disagree) counts as zero.
    """
    heard_ms = max(0, elapsed_ms - MAX_START_LATENCY_MS)
    start = 0
    last_counted = max((index for index, cue in enumerate(cues) if cue.part is Part.COUNT), default=-1)
    for index, cue in enumerate(cues):
        if heard_ms < start + cue.ms:
            finished = index > last_counted
            return Position(
                cue.part, cue.place, cue.step, finished, _left_ms(cues[index:], cue.place, start - heard_ms)
            )
        start += cue.ms
    end = cues[-1] if cues else Cue("", 0, Carrier.QUIET)
    return Position(end.part, end.place, end.step, True, 0)


def _left_ms(cues: Sequence[Cue], place: Place, shift_ms: int) -> int:
    same = [
        cue for cue in cues if cue.part is Part.COUNT and (cue.place.set, cue.place.side) == (place.set, place.side)
    ]
    inside = shift_ms if same and same[0] is cues[0] else 0
    return max(0, total_ms(same) + inside)
