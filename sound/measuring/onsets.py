"""Where words begin in a piece of sound, and how far that is from where they should.

The number (docs/reference/speech.md 6): in audio, find as many islands of sound as words are expected, then compare
each island's onset with its due time. A wrong number of islands, a late word or a wrong total is a failure of the
sound, however good the document behind it looks.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from sound.audio.clip import Clip, audible_level

WORD_GAP_MS: Final = 150
"""Quiet at least this long parts two words; the closures inside a word ("six", "eight") are shorter."""
NARROW_GAP_MS: Final = 90
"""The narrowest quiet that may part two words where they nearly touch, if it is clear of all gaps inside words."""
CLEAR: Final = 1.5
"""How much wider than the next a gap must be to be clear of it."""


@dataclass(frozen=True, slots=True)
class Island:
    """Sound between two silences, in ms from the start of the clip."""

    start_ms: float
    end_ms: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A word and when it is due."""

    at_ms: float
    """From the start of the clip; the start of its slot, not of its sound."""
    text: str = ""
    lead_ms: float = 0.0
    """Silence at the front of the word's own clip."""


@dataclass(frozen=True, slots=True)
class Goal:
    """How exact a count must be."""

    total_pct: float
    worst_ms: float
    worst_raw_ms: float = math.inf


@dataclass(frozen=True, slots=True)
class Measurement:
    expected: int
    """Words that should be heard."""
    found: int
    """Words that are heard."""
    total_error_pct: float
    """Time from the first word to the last against what is due; NaN when the wrong number of words is heard."""
    worst_ms: float
    """The largest error of a word, its own lead silence taken off; NaN as above."""
    worst_raw_ms: float
    """The largest error of a word as heard; NaN as above."""
    drift: float
    """How the error grows: slope of a line through it, in ms a minute; NaN as above."""
    errors_ms: tuple[float, ...] = ()
    """Each word's error, lead taken off; late is positive."""

    def failures(self, goal: Goal) -> tuple[str, ...]:
        """What is wrong with the count; empty when it meets `goal`."""
        if self.found != self.expected:
            return (f"{self.found} words heard, {self.expected} expected",)
        checks = (
            (abs(self.total_error_pct), goal.total_pct, "total {:.2f} % off, at most {:.2f} % allowed"),
            (self.worst_ms, goal.worst_ms, "a word {:.0f} ms off, at most {:.0f} ms allowed"),
            (self.worst_raw_ms, goal.worst_raw_ms, "a word {:.0f} ms off as heard, at most {:.0f} ms allowed"),
        )
        return tuple(message.format(value, limit) for value, limit, message in checks if not value <= limit)


def find_islands(clip: Clip, level: float | None = None, gap_ms: float = NARROW_GAP_MS) -> tuple[Island, ...]:
    """Every stretch of sound, parted by at least `gap_ms` of quiet.

    Sound is what is louder than the amplitude `level`, or than 42 dB below the clip's peak.
    """
    threshold = audible_level(clip) if level is None else level
    loud = np.flatnonzero(np.abs(clip.samples.astype(np.int32)) > threshold)
    if not len(loud):
        return ()
    per_ms = clip.sample_rate / 1000
    breaks = np.flatnonzero(np.diff(loud) > gap_ms * per_ms)
    starts = loud[np.concatenate([[0], breaks + 1])]
    ends = loud[np.concatenate([breaks, [len(loud) - 1]])]
    return tuple(Island(float(start) / per_ms, float(end) / per_ms) for start, end in zip(starts, ends, strict=True))


def find_words(clip: Clip, count: int, level: float | None = None) -> tuple[Island, ...]:
    """The islands that are words, when `count` of them are expected: as many as there clearly are.

    Islands parted by 150 ms count as words. When that gives another number, the `count` - 1 widest gaps part the words,
    provided the narrowest of these is clear of the widest inside a word. Otherwise the number found stands.
    """
    words = find_islands(clip, level, WORD_GAP_MS)
    if len(words) == count:
        return words
    pieces = find_islands(clip, level)
    gaps = sorted((after.start_ms - before.end_ms for before, after in pairwise(pieces)), reverse=True)
    if not 1 <= count - 1 <= len(gaps):
        return words
    narrowest = gaps[count - 2]
    inside = gaps[count - 1] if count - 1 < len(gaps) else NARROW_GAP_MS / CLEAR
    if narrowest < CLEAR * inside:
        return words
    return find_islands(clip, level, narrowest - 0.1)


def measure(clip: Clip, marks: Sequence[Mark], level: float | None = None) -> Measurement:
    """How well the words heard in `clip` keep the times of `marks`, which are in order."""
    words = find_words(clip, len(marks), level)
    if len(words) != len(marks):
        return Measurement(len(marks), len(words), math.nan, math.nan, math.nan, math.nan)
    raw = np.array([word.start_ms - mark.at_ms for word, mark in zip(words, marks, strict=True)])
    errors = raw - np.array([mark.lead_ms for mark in marks])
    due = np.array([mark.at_ms for mark in marks])
    span = due[-1] - due[0]
    return Measurement(
        expected=len(marks),
        found=len(words),
        total_error_pct=float((errors[-1] - errors[0]) / span * 100) if span else 0.0,
        worst_ms=float(np.abs(errors).max()),
        worst_raw_ms=float(np.abs(raw).max()),
        drift=float(np.polyfit(due, errors, 1)[0]) * 60_000 if len(marks) > 1 else 0.0,
        errors_ms=tuple(round(float(error), 1) for error in errors),
    )
