"""Measure the pace of everything counted, in sound, on several voices; writes docs/pace.md and docs/pace.png.

Exit status 0 when every goal is met on every voice, 1 when not, 2 when no voice is installed.
"""

import argparse
import math
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tqdm import tqdm

from bench.pace import plot, position
from bench.pace.cases import NAIVE, RUNGS, Case, cases, every_slot
from content_reader.documents import load_library
from sound.audio.render import rendered
from sound.audio.voices import AtRate, Voice, VoiceError, load_voice
from sound.measuring.counts import BLOCKS_GOAL, SLOTS_GOAL, SSML_GOAL, measure_counts
from sound.measuring.misfits import Misfit, misfits
from sound.measuring.onsets import Goal, Measurement
from sound.playback import programme

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
VOICES: Final[Mapping[str, Callable[[], Voice]]] = {
    "piper-joe": lambda: load_voice("piper-joe"),
    "piper-joe at 80%": lambda: AtRate(load_voice("piper-joe"), 0.8),
    "espeak-140": lambda: load_voice("espeak-140"),
    "espeak-175": lambda: load_voice("espeak-175"),
    "flite-rms": lambda: load_voice("flite-rms"),
    "flite-slt": lambda: load_voice("flite-slt"),
}
"""Three engines, slow and usual speaking rates."""
_GOALS: Final = {"slots": SLOTS_GOAL, "blocks": BLOCKS_GOAL, "ssml": SSML_GOAL}


_INTRODUCTION: Final = f"""# Pace, measured in sound

Written by `make pace`. The skill's own answers are rendered with each voice, the onsets of the spoken words are found
in the audio, and each is compared with the moment the content says it is due. Figures are the worst over all voices;
*worst word* has the silence at the front of the voice's own clip taken off, *as heard* has not. The way called {NAIVE}
is a number and a break of one second, as other skills count.

Goals: slots, total 0.1 %, worst word 60 ms (120 as heard); blocks, total 0.1 %, worst word 400 ms; ssml, total 1.5 % of
a hold of 30 s or longer.

The sound is that of our renderer, not of Alexa's: it holds as far as a Mixer there lasts what its Silence lasts."""


@dataclass(frozen=True)
class Result:
    """One count of one case on one voice."""

    case: Case
    voice: str
    measured: Measurement

    @property
    def goal(self) -> Goal | None:
        """What it must meet; None for what is only compared (the naive way, short counts in SSML)."""
        if self.case.rung == "ssml" and not self.case.is_long_hold:
            return None
        return _GOALS.get(self.case.rung)

    @property
    def failures(self) -> tuple[str, ...]:
        """Why it misses its goal."""
        return self.measured.failures(self.goal) if self.goal else ()


def measure_case(case: Case, voice: Voice) -> Iterator[Result]:
    """Render a case's turns with a voice and measure each count in them."""
    for turn in case.turns:
        clip, playback = rendered(programme(turn.response), voice)
        for measured in measure_counts(clip, playback, turn.counts, voice):
            yield Result(case, voice.name, measured)


def run(argv: Sequence[str]) -> int:
    """Measure, print what misses its goal, and write the report."""
    parser = argparse.ArgumentParser(prog="python -m bench pace", description=__doc__)
    parser.add_argument("--voice", action="append", choices=VOICES, help="measure on this voice only; may be repeated")
    parser.add_argument("--kind", action="append", help='measure this only, such as "hold 30 s"; may be repeated')
    parser.add_argument("--out", type=Path, help="folder for pace.md and pace.png (docs/ when everything is measured)")
    wanted = parser.parse_args(argv)
    voices = list(_installed(wanted.voice or list(VOICES)))
    if not voices:
        return 2
    library = load_library()
    chosen = list(cases(library, wanted.kind))
    results = _measure_all(chosen, voices)
    tight = tuple(_misfits(every_slot(library), voices))
    places = position.measure(next((case for case in chosen if case.is_routine_in_slots), None), voices[0])
    for line in problems(results, tight):
        print(line, file=sys.stderr)
    out = wanted.out or (None if wanted.voice or wanted.kind else DOCS)
    if out:
        out.mkdir(parents=True, exist_ok=True)
        (out / "pace.md").write_text(report(results, tight, places, voices), "utf-8")
        plot.draw([(one.case, one.voice, one.measured) for one in results], out / "pace.png")
    else:
        print(table(results))
    return 1 if any(problems(results, tight)) else 0


def _installed(names: Sequence[str]) -> Iterator[Voice]:
    for name in names:
        try:
            yield VOICES[name]()
        except VoiceError as error:
            print(f"left out: {error}", file=sys.stderr)


def _measure_all(chosen: Sequence[Case], voices: Sequence[Voice]) -> list[Result]:
    jobs = [(case, voice) for voice in voices for case in chosen]
    results: list[Result] = []
    with tqdm(jobs, desc="pace", unit=" renderings", delay=2) as bar:
        for case, voice in bar:
            bar.set_postfix_str(f"{voice.name}, {case.kind}, {case.rung}")
            results += measure_case(case, voice)
    return results


def _misfits(responses: Sequence[Mapping[str, object]], voices: Sequence[Voice]) -> Iterator[Misfit]:
    seen = set()
    for voice in tqdm(voices, desc="words in slots", unit=" voices", delay=2):
        for response in responses:
            for misfit in misfits(programme(response), voice):
                if misfit not in seen:
                    seen.add(misfit)
                    yield misfit


def problems(results: Sequence[Result], tight: Sequence[Misfit]) -> Iterator[str]:
    """A line for every goal missed."""
    told = set()
    for one in results:
        for failure in one.failures:
            line = f"{one.case.kind}, {one.case.rung}, {one.voice}: {failure}"
            if line not in told:
                told.add(line)
                yield line
    yield from map(str, tight)


def table(results: Sequence[Result]) -> str:
    """For each case and rung the worst over all voices, as a Markdown table."""
    rows = defaultdict(list)
    for one in results:
        rows[one.case.kind, one.case.rung].append(one)
    lines = [
        "| count | way | words due / found | total off, % | worst word, ms | as heard, ms | drift, ms/min | goal |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *(_row(kind, rung, found) for (kind, rung), found in rows.items()),
    ]
    return "\n".join(lines)


def _row(kind: str, rung: str, results: Sequence[Result]) -> str:
    measured = [one.measured for one in results]
    expected = sum(one.expected for one in measured)
    found = sum(one.found for one in measured)
    whole = [one for one in measured if not math.isnan(one.worst_ms)]
    met = "not set" if all(one.goal is None for one in results) else "missed" if _any_failure(results) else "met"
    if not whole:
        return f"| {kind} | {rung} | {expected} / {found} | | | | | {met} |"
    total = max((one.total_error_pct for one in whole), key=abs)
    drift = max((one.drift for one in whole), key=abs)
    worst, raw = max(one.worst_ms for one in whole), max(one.worst_raw_ms for one in whole)
    return (
        f"| {kind} | {rung} | {expected} / {found} | {_signed(total, 2)} | {worst:.0f} | {raw:.0f} "
        f"| {_signed(drift, 0)} | {met} |"
    )


def _any_failure(results: Sequence[Result]) -> bool:
    return any(one.failures for one in results)


def _signed(value: float, places: int) -> str:
    """With its sign, and no minus before a zero."""
    return f"{round(value, places) + 0.0:+.{places}f}"


def report(
    results: Sequence[Result], tight: Sequence[Misfit], places: position.Places | None, voices: Sequence[Voice]
) -> str:
    """The whole of docs/pace.md."""
    missed = list(problems(results, tight))
    parts = [
        _INTRODUCTION,
        "Voices: " + "; ".join(f"{voice.name} ({voice.engine})" for voice in voices) + ".",
        table(results),
        "![Error of every word of every hold, by way and voice](pace.png)",
        "## By voice",
        _by_voice(results),
        "## Words in their slots",
        "What is said in a slot must end within 0.9 of it.",
        "\n".join(f"* {one}" for one in tight) or "Every word of every exercise and count style fits on every voice.",
        *position.section(places),
        "## Goals missed",
        "\n".join(f"* {line}" for line in missed) or "None.",
    ]
    return "\n\n".join(parts) + "\n"


def _by_voice(results: Sequence[Result]) -> str:
    names = list(dict.fromkeys(one.voice for one in results))
    ways = [*RUNGS, NAIVE]
    lines = [f"| total off, worst of all holds, % | {' | '.join(ways)} |", "| --- |" + " --- |" * len(ways)]
    for name in names:
        cells = []
        for way in ways:
            holds = [one for one in results if (one.voice, one.case.rung) == (name, way) and one.case.is_hold]
            errors = [one.measured.total_error_pct for one in holds if not math.isnan(one.measured.total_error_pct)]
            cells.append(_signed(max(errors, key=abs), 2) if errors else "")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)
