"""Finding a count inside a whole response, and measuring it.

What is due comes from outside (the content: this word at this second), never from the response, so a response whose
slots are wrong is found out.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from simulator.audio.clip import Clip, audible_level, lead_ms
from simulator.audio.onsets import Goal, Mark, Measurement, measure
from simulator.audio.render import rendered, said
from simulator.audio.voices import Voice
from simulator.playback import Heard, Kind, Playback, programme
from simulator.ssml import SpeechRun

SLOTS_GOAL: Final = Goal(total_pct=0.1, worst_ms=60, worst_raw_ms=120)
BLOCKS_GOAL: Final = Goal(total_pct=0.1, worst_ms=400)
SSML_GOAL: Final = Goal(total_pct=1.5, worst_ms=math.inf)
"""For holds of 30 s and longer."""


@dataclass(frozen=True, slots=True)
class Due:
    """A word and when it should be said, in ms from the first word of the count."""

    at_ms: int
    text: str


def measure_count(
    response: dict[str, Any], count: Sequence[Due], voice: Voice, *, progress: bool = False
) -> Measurement:
    """Render a response and measure the count in it.

    `count` should end with the first words after the count, so that its length is measured too. A response in which
    the count is not to be found comes back with no word found. Errors as for `simulator.audio.render`.
    """
    clip, playback = rendered(programme(response), voice, progress=progress)
    return measure_in(clip, playback, count, voice)


def measure_in(clip: Clip, playback: Playback, count: Sequence[Due], voice: Voice) -> Measurement:
    """Measure a count in a response that is already rendered."""
    found = locate(playback, [due.text for due in count])
    if found is None:
        return Measurement(len(count), 0, math.nan, math.nan, math.nan, math.nan)
    first, last = found
    window = clip.between(first.start_ms, last.end_ms)
    level = audible_level(window)
    marks = [Mark(due.at_ms, due.text, lead_ms(said(voice, SpeechRun(due.text)), level)) for due in count]
    return measure(window, marks, level)


def locate(playback: Playback, words: Sequence[str]) -> tuple[Heard, Heard] | None:
    """The first and last word of the passage most like `words`, or None where neither end of it is said."""
    spoken = [one for one in playback.heard if one.kind is Kind.SPEECH]
    texts = [one.text for one in spoken]
    best: tuple[float, int, int] | None = None
    for start in (index for index, text in enumerate(texts) if text == words[0]):
        for end in (
            index for index in range(start, min(len(texts), start + 2 * len(words))) if texts[index] == words[-1]
        ):
            likeness = SequenceMatcher(None, texts[start : end + 1], list(words), autojunk=False).ratio()
            if best is None or likeness > best[0]:
                best = (likeness, start, end)
    return (spoken[best[1]], spoken[best[2]]) if best else None
