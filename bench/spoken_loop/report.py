"""Speak sentences, recognize and understand them, count aloud and listen to that; write docs/spoken-loop.md.

``python -m bench spoken-loop`` writes the page. Numbers are of one synthetic voice in a quiet room that is not there:
the best case, and a check that the parts fit.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.spoken_loop.sounds import sounds
from content_reader.yaml_reader import load
from simulator.device import Device
from simulator.device.clock import VirtualClock, from_iso
from simulator.hearing.recogniser import SAMPLE_RATE, Recogniser, recogniser
from simulator.hearing.speech_grammar import graph, split
from simulator.local import Local
from simulator.talk.transcript import Count, pieces
from sound.audio import Clip, Voice, load_voice
from sound.audio.clip import resampled
from sound.audio.render import rendered
from sound.playback import programme
from understanding import Understander, Understanding
from understanding.text import spell

ROOT = Path(__file__).resolve().parents[2]
SENTENCES = ROOT / "tests" / "voice" / "spoken.yaml"
FOREIGN = ROOT / "tests" / "voice" / "foreign.yaml"
FOREIGN_VOICES: Final = ("piper-joe", "flite-slt")
NEGATION: Final = "AMAZON.NoIntent"
MODEL = ROOT / "interaction_model" / "en-US.json"
PAGE = ROOT / "docs" / "spoken-loop.md"
MOMENT: Final = "2026-03-01T10:00:00Z"
SPOKEN_IN_FULL: Final = 10
"""Above this, only the tens are said in full; between them the ones digit (design, 5)."""
MARGIN_MS: Final = 100
"""How much earlier than its time a word is listened for."""


@dataclass(frozen=True)
class Heard:
    said: str
    words: str
    """What was recognized."""
    meant: Understanding
    """The sentence as typed."""
    got: Understanding

    @property
    def right_words(self) -> bool:
        return split(self.said) == split(self.words)

    @property
    def right_meaning(self) -> bool:
        """The same intent with the same slots."""
        return (self.got.intent, _slots(self.got)) == (self.meant.intent, _slots(self.meant))


@dataclass(frozen=True)
class Counted:
    asked: str
    expected: tuple[str, ...]
    """The number words of the answer's first count."""
    heard: tuple[str, ...]
    """What was heard when each of them was due."""

    @property
    def found(self) -> int:
        """How many of the expected words were heard at their time."""
        return sum(map(str.__eq__, self.expected, self.heard))


def read_sentences(path: Path = SENTENCES) -> tuple[list[str], list[str]]:
    """The sentences to be understood, and those whose answers are counted."""
    document = load(path)
    return document["understood"], document["counted"]


def pcm(clip: Clip) -> bytes:
    """A clip as the recognizer takes it."""
    return resampled(clip, SAMPLE_RATE).samples.astype("<i2").tobytes()


def hear(sentences: Iterable[str], voice: Voice) -> list[Heard]:
    """Each sentence spoken, recognized and understood."""
    understander = Understander(json.loads(MODEL.read_text("utf-8")))
    ears = recogniser()
    spoken = ((one, ears.recognise(pcm(voice.synthesize(f"{one.capitalize()}.")))) for one in sentences)
    return [Heard(said, words, understander.understand(said), understander.understand(words)) for said, words in spoken]


def answer(words: str) -> Mapping[str, Any]:
    """What the skill answers to words said after it was opened for the first time."""
    with tempfile.TemporaryDirectory(prefix="stretch-coach-") as folder:
        local = Local(Path(folder) / "state.db")
        clock = VirtualClock(from_iso(MOMENT))
        device = Device(local.new_process(clock), local.understand, clock, apl=False)
        device.launch()
        response = device.say(words)
    if response is None:
        raise ValueError(f"{words!r}: Alexa answers this herself")
    return response


def count_back(asked: str, recognized: str, voice: Voice) -> Counted:
    """Render the answer to `recognized` and listen to its first count; nothing is expected where it counts nothing."""
    clip, playback = rendered(programme(answer(recognized)), voice)
    first = next((one for one in pieces(playback.heard) if isinstance(one, Count)), None)
    if first is None:
        return Counted(asked, (), ())
    words = [_spoken(number) for _, number in first.marks]
    ears = Recogniser(graph([(spell(number),) for number in (*range(1, 21), *range(30, 100, 10))], {}))
    ends = [*(at for at, _ in first.marks[1:]), first.start_ms + first.length_ms]
    parts = [clip.between(at - MARGIN_MS, end - MARGIN_MS) for (at, _), end in zip(first.marks, ends, strict=True)]
    return Counted(asked, tuple(words), tuple(ears.recognise(pcm(part)) for part in parts))


@dataclass(frozen=True)
class Foreign:
    """Something that is no sentence of ours, and what it was taken for."""

    kind: str
    """sentences, words or sounds"""
    voice: str
    said: str
    words: str
    intent: str


def hear_foreign(voices: Iterable[Voice]) -> list[Foreign]:
    """What nobody says to the skill: sentences and words by each voice, and sounds."""
    document = load(FOREIGN)
    said = [
        (kind, voice.name, one, pcm(voice.synthesize(f"{one.capitalize()}.")))
        for voice in voices for kind in ("sentences", "words") for one in document[kind]
    ]  # fmt: skip
    said += [("sounds", "", name, pcm(clip)) for name, clip in sounds().items()]
    ears, understander = recogniser(), Understander(json.loads(MODEL.read_text("utf-8")))
    return [_taken(kind, voice, one, ears.recognise(samples), understander) for kind, voice, one, samples in said]


def _taken(kind: str, voice: str, said: str, words: str, understander: Understander) -> Foreign:
    return Foreign(kind, voice, said, words, understander.understand(words).intent if words else "")


def foreign_page(found: Sequence[Foreign]) -> list[str]:
    """The part of the page on what should not be heard."""
    groups = sorted({(one.kind, one.voice) for one in found})
    lines = ["", "## What should not be heard", "", *NOT_HEARD.splitlines(), ""]
    lines += ["| What | Voice | Of | Turned away | Taken for a no |", "| --- | --- | --- | --- | --- |"]
    for kind, voice in groups:
        these = [one for one in found if (one.kind, one.voice) == (kind, voice)]
        away, noes = sum(not one.words for one in these), sum(one.intent == NEGATION for one in these)
        lines.append(f"| {kind} | {voice or 'none'} | {len(these)} | {away / len(these):.0%} | {noes} |")
    lines += ["", "| Taken for something | Voice | Heard | Understood as |", "| --- | --- | --- | --- |"]
    lines += [f"| {one.said} | {one.voice or 'none'} | {one.words} | {one.intent} |" for one in found if one.words]
    return lines


def _spoken(number: int) -> str:
    return spell(number if number <= SPOKEN_IN_FULL or number % 10 == 0 else number % 10)


def _slots(got: Understanding) -> dict[str, tuple[str, ...]]:
    return {name: match.ids or (match.value,) for name, match in got.slots.items()}


def page(heard: Sequence[Heard], counted: Sequence[Counted], foreign: Sequence[Foreign], voice: Voice) -> str:
    """docs/spoken-loop.md."""
    total = len(heard)
    words, meaning = sum(one.right_words for one in heard), sum(one.right_meaning for one in heard)
    intents = sum(one.got.intent == one.meant.intent for one in heard)
    found, expected = sum(one.found for one in counted), sum(len(one.expected) for one in counted)
    lines = [
        *INTRODUCTION.splitlines(),
        "",
        f"Voice: {voice.engine}. Recognizer: pocketsphinx with the grammar of the interaction model.",
        "",
        "| Measure | Of | Right |",
        "| --- | --- | --- |",
        f"| Every word of the sentence | {total} | {words / total:.1%} |",
        f"| Intent | {total} | {intents / total:.1%} |",
        f"| Intent and slots | {total} | {meaning / total:.1%} |",
        f"| Number words in counted answers | {expected} | {found / expected:.1%} |",
        f"| Turned away though meant for us | {total} | {sum(not one.words for one in heard) / total:.1%} |",
        "",
        "## Heard otherwise",
        "",
        "| Said | Heard | Understood as | Same meaning |",
        "| --- | --- | --- | --- |",
        *(
            f"| {one.said} | {one.words or '(nothing)'} | {one.got.intent} | {'yes' if one.right_meaning else 'no'} |"
            for one in heard if not one.right_words
        ),
        "",
        "## Counts",
        "",
        "| Asked for | Number words | Heard |",
        "| --- | --- | --- |",
        *(f"| {one.asked} | {len(one.expected)} | {one.found} |" for one in counted),
        *foreign_page(foreign),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


INTRODUCTION = """# The spoken loop

Sentences of `tests/voice/spoken.yaml` are spoken by a synthetic voice, recognized, understood and answered; the counts
in some answers are rendered and listened to with a grammar of numbers. Written by `python -m bench spoken-loop`."""


NOT_HEARD = """A sentence is heard only if it explains the recording nearly as well as a row of any sounds does, and
lies on most of what was said; a no must fit better still (`simulator/hearing/recogniser.py`). What is not heard is as
if nothing had been said: the device goes on waiting, and asks again. A word that sounds like one of ours is still taken
for it; a safety check is answered more surely by its buttons, or by a whole sentence."""


def run(argv: Sequence[str]) -> int:
    """Write the page."""
    argparse.ArgumentParser(prog="python -m bench spoken-loop", description=__doc__).parse_args(argv)
    voice = load_voice()
    understood, counted = read_sentences()
    heard = hear(understood, voice)
    words = {one.said: one.words for one in heard}
    counts = [count_back(one, words[one], voice) for one in counted]
    foreign = hear_foreign([load_voice(name) for name in FOREIGN_VOICES])
    PAGE.write_text(page(heard, counts, foreign, voice), "utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]))
