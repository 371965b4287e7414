"""Finding a count inside a whole response, and measuring it.

What is due comes from outside (the content: this word at this second), never from the response, so a response whose
slots are wrong is found out.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from sound.audio.clip import Clip, audible_level, lead_ms
from sound.audio.render import said
from sound.audio.voices import Voice
from sound.measuring.onsets import Goal, Mark, Measurement, measure
from sound.playback import Heard, Kind, Playback
from sound.ssml import SpeechRun

END_MS: Final = 250
"""How much of the words after a count is looked at: their onset tells when the count was over."""
SLOTS_GOAL: Final = Goal(total_pct=0.1, worst_ms=60, worst_raw_ms=120)
BLOCKS_GOAL: Final = Goal(total_pct=0.1, worst_ms=400)
SSML_GOAL: Final = Goal(total_pct=1.5, worst_ms=math.inf)
"""For holds of 30 s and longer."""


@dataclass(frozen=True, slots=True)
class Due:
    """A word and when it should be said, in ms from the first word of the count."""

    at_ms: int
    text: str


def measure_counts(
    clip: Clip, playback: Playback, counts: Sequence[Sequence[Due]], voice: Voice
) -> tuple[Measurement, ...]:
    """Measure counts that follow one another in a response that is already rendered.

    A count should end with the first words after it, so that its length is measured too. One that is not to be found
    comes back with no word found. Errors as for `sound.audio.render`.
    """
    measured: list[Measurement] = []
    words = {due.text: said(voice, SpeechRun(due.text)) for count in counts for due in count}
    searched_ms = 0
    for count in counts:
        passage = locate(playback, [due.text for due in count], searched_ms)
        if passage is None:
            measured.append(Measurement(len(count), 0, math.nan, math.nan, math.nan, math.nan))
            continue
        searched_ms = passage[1].start_ms
        measured.append(_measured(clip, passage, count, words))
    return tuple(measured)


def _measured(clip: Clip, passage: tuple[Heard, Heard], count: Sequence[Due], words: Mapping[str, Clip]) -> Measurement:
    first, last = passage
    window = clip.between(first.start_ms, last.start_ms + min(last.length_ms, END_MS))
    level = audible_level(window)
    marks = [Mark(due.at_ms, due.text, lead_ms(words[due.text], level)) for due in count]
    return measure(window, marks, level)


def locate(playback: Playback, words: Sequence[str], from_ms: int = 0) -> tuple[Heard, Heard] | None:
    """The first and last word of the passage most like `words`, from a time on; None where either end is not said.

    The last of `words` may be only the beginning of what is said then.
    """
    spoken = [one for one in playback.heard if one.kind is Kind.SPEECH and one.start_ms >= from_ms]
    texts = [one.text for one in spoken]
    best: tuple[float, int, int] | None = None
    for start in (index for index, text in enumerate(texts) if text == words[0]):
        for end in _ends(texts, start, words):
            likeness = SequenceMatcher(None, texts[start : end + 1], list(words), autojunk=False).ratio()
            if best is None or likeness > best[0]:
                best = (likeness, start, end)
    return (spoken[best[1]], spoken[best[2]]) if best else None


def _ends(texts: Sequence[str], start: int, words: Sequence[str]) -> Iterator[int]:
    for index in range(start, min(len(texts), start + 2 * len(words))):
        if texts[index].startswith(words[-1]):
            yield index
