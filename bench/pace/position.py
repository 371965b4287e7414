"""Whether the skill knows where the listener is: its place from the clock, against what is heard at that moment."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bench.pace.cases import Case
from sound.audio.render import rendered
from sound.audio.voices import Voice
from sound.playback import Kind, Playback, programme
from stretch_coach.timeline import Cue, Part, locate

LATENCIES_MS: Final = (300, 700, 1100, 1500)
"""Between our answer and the first sound (issue: 0.3 to 1.5 s)."""


_INTRODUCTION: Final = """\
A routine is interrupted in each of its seconds, with 0.3, 0.7, 1.1 and 1.5 s between our answer and the first sound.
Behind is safe: something is said again. Ahead would skip what was never heard."""


@dataclass(frozen=True)
class Places:
    """How far the place worked out is behind the place heard; negative is ahead of the listener."""

    counts: Counter[int]
    """Barge-ins while counting, by counts behind."""
    sentences: Counter[int]
    """Barge-ins while something is explained, by sentences behind."""


def measure(case: Case | None, voice: Voice) -> Places | None:
    """Interrupt every turn of a case in each of its seconds, with each latency; None without a case."""
    if case is None:
        return None
    places = Places(Counter(), Counter())
    for turn in case.turns:
        playback = rendered(programme(turn.response), voice)[1]
        heard = list(_heard(turn.cues, playback))
        for latency in LATENCIES_MS:
            for second in range(playback.total_ms // 1000 + 1):
                _compare(turn.cues, heard, second * 1000, latency, places)
    return places


def _heard(cues: Sequence[Cue], playback: Playback) -> Iterator[tuple[int, int]]:
    """The index of each spoken cue with the time its words are heard."""
    said = iter([one for one in playback.heard if one.kind is Kind.SPEECH])
    for index, cue in enumerate(cues):
        if cue.text:
            yield index, next(said).start_ms


def _compare(
    cues: Sequence[Cue], heard: Sequence[tuple[int, int]], at_ms: int, latency_ms: int, places: Places
) -> None:
    truth = next((cues[index] for index, start in reversed(heard) if start <= at_ms), None)
    if truth is None:
        return
    found = locate(cues, at_ms + latency_ms)
    if truth.part is Part.COUNT:
        same_side = (truth.place.set, truth.place.side) == (found.place.set, found.place.side)
        ahead_of_side = -1 if found.place > truth.place else truth.place.count
        places.counts[truth.place.count - found.place.count if same_side else ahead_of_side] += 1
    elif truth.part is Part.INTRO and found.part is Part.INTRO:
        places.sentences[truth.step - found.step] += 1


def section(places: Places | None) -> tuple[str, ...]:
    """Its part of the report, as paragraphs."""
    if places is None:
        return ()
    return (
        "## Where the skill thinks the listener is",
        _INTRODUCTION,
        f"* While counting, counts behind: {_spread(places.counts)}.",
        f"* While explaining, instructions behind: {_spread(places.sentences)}.",
    )


def _spread(found: Counter[int]) -> str:
    whole = found.total()
    return (
        ", ".join(f"{behind} in {100 * times / whole:.1f} %" for behind, times in sorted(found.items())) or "none asked"
    )
