"""Speech to text, offline: what was heard is the sentence of the interaction model that sounds most like it.

Pocketsphinx with a grammar (docs/reference/speech.md 3): small, and repeatable for the same row of sounds. It hears
only sentences the grammar holds, and turns away what fits none of them; understanding then understands them, as it does
typed ones. Needs the development packages.
"""

import json
import math
import random
import threading
import warnings
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import cycle
from pathlib import Path
from typing import Any, Final

from pocketsphinx import Decoder

from simulator.hearing.pronunciation import phones
from simulator.hearing.speech_grammar import Graph, command_graph, denials, model_graph

SAMPLE_RATE: Final = 16_000
MODELS: Final = Path(__file__).parents[2] / "interaction_model"
QUIET: Final = 300
"""Sound that never gets louder than this, of 32,767, is silence."""
PADDING: Final = bytes(2 * SAMPLE_RATE // 4)
"""A quarter of a second without words on either side: a button is often pressed late."""
NOISE: Final = tuple(random.Random(1).choices((0, 0, 0, 1), k=SAMPLE_RATE))  # noqa: S311 - no secret hangs on it
"""What is added to a recording, over and over."""
MOST_ACTIVE: Final = 4000
"""Sounds followed at once; more of them take longer and hear no better."""
LARGE: Final = "0"
"""The search through the first graph; the others are small enough to be searched widely."""
FREE: Final = "free"
"""The search for any row of sounds."""
SAID: Final = "said"
"""The search for one sentence."""
SCORE_SHIFT: Final = 1024
"""Pocketsphinx keeps ten bits fewer of a score than of a probability's logarithm."""
LEAST_FIT: Final = -2.0
LEAST_FIT_OF_NO: Final = -0.5
LEAST_COVER: Final = 0.7
"""A recording below these is not heard. Chosen on synthetic voices: sentences of ours reached -1.3 and 0.83, a no -0.2;
foreign sentences seldom -2 or 0.7. What that comes to is in docs/spoken-loop.md.
"""
LEAST_SPEECH_FIT: Final = -10.0
"""Of the free search alone, in nats a frame of speech. Words of two voices reached -8.9; hisses, claps and most coughs
stay below (bench/spoken_loop/sounds.py).
"""
SHORTEST: Final = 2 * SAMPLE_RATE // 10
"""In bytes; less than a tenth of a second is no word."""


@dataclass(frozen=True)
class Hypothesis:
    """What a graph makes of a recording."""

    words: tuple[str, ...]
    """A whole sentence."""
    fit: float
    """How much better than free sounds (above zero) or worse its words explain the speech, in nats a frame of 10 ms."""
    cover: float
    """The share of the speech that the sentence's words lie on."""


class Recogniser:
    """Hears the sentences of its graphs: what the first cannot place is tried with the next.

    With `doubts`, a sentence must explain the speech nearly as well as a row of any sounds does; one of `denials`, by
    which somebody says no, still better. Safe to use from several threads, one after the other.
    """

    def __init__(self, *graphs: Graph, doubts: bool = False, denials: frozenset[str] = frozenset()) -> None:
        self._graphs = {str(number): graph for number, graph in enumerate(graphs)}
        self._doubts = doubts
        self._denials = denials
        self._lock = threading.Lock()

    def recognise(self, pcm: bytes) -> str:
        """The words in a recording of 16 kHz, 16-bit little-endian mono; empty when none were made out."""
        found = next(self.hypotheses(pcm), None)  # an unclear one is not replaced by a guess among fewer sentences
        return " ".join(found.words) if found and self._is_clear(found) else ""

    def hypotheses(self, pcm: bytes) -> Iterator[Hypothesis]:
        """The sentence of each graph in turn that fits a recording best, however badly."""
        pcm = pcm[: len(pcm) // 2 * 2]
        if len(pcm) < SHORTEST or _peak(pcm) < QUIET:
            return
        pcm = _dithered(PADDING + pcm + PADDING)
        if self._doubts and not self._is_speech(pcm):
            return
        for name, graph in self._graphs.items():
            with self._lock:
                found = _decoded(self._decoder if name == LARGE else self._judge, name, pcm)
                words = graph.longest([one.name for one in found.sounds]) if found else ()
                judged = self._compared(words, pcm) if words else None
            if judged:
                yield judged

    def _is_speech(self, pcm: bytes) -> bool:
        """Whether any row of sounds explains it: a noise would keep the large search busy for a minute."""
        with self._lock:
            free = _decoded(self._judge, FREE, pcm)
        frames = free.frames if free else frozenset()
        return free is not None and bool(frames) and free.score / len(frames) >= LEAST_SPEECH_FIT

    def _compared(self, words: tuple[str, ...], pcm: bytes) -> Hypothesis:
        """A sentence against any row of sounds, both searched more widely than the graph can be."""
        judge = self._judge
        steps = [(at, at + 1, 1.0, word) for at, word in enumerate(words)]
        judge.add_fsg(SAID, judge.create_fsg(SAID, 0, len(words), steps))
        said, free = _decoded(judge, SAID, pcm), _decoded(judge, FREE, pcm)
        speech = free.frames if free else frozenset()
        if said is None or free is None or not speech:
            return Hypothesis(words, -math.inf, 0.0)
        return Hypothesis(words, (said.score - free.score) / len(speech), len(said.frames & speech) / len(speech))

    def _is_clear(self, found: Hypothesis) -> bool:
        if not self._doubts:
            return True
        least = LEAST_FIT_OF_NO if " ".join(found.words) in self._denials else LEAST_FIT
        return found.fit >= least and found.cover >= LEAST_COVER

    @cached_property
    def _decoder(self) -> Any:
        decoder = _new_decoder(maxhmmpf=MOST_ACTIVE)
        self._teach(decoder)
        _add(decoder, LARGE, self._graphs[LARGE])
        return decoder

    @cached_property
    def _judge(self) -> Any:
        # Its scores tell how far every sound is from the likeliest of all sounds, not only of those expected.
        judge = _new_decoder(compallsen=True, beam=1e-80, pbeam=1e-80, wbeam=1e-60)
        self._teach(judge)
        judge.add_allphone_file(FREE, None)
        for name, graph in self._graphs.items():
            if name != LARGE:
                _add(judge, name, graph)
        return judge

    def _teach(self, decoder: Any) -> None:
        """The words that its dictionary lacks."""
        for word in sorted(frozenset().union(*(graph.words for graph in self._graphs.values()))):
            if decoder.lookup_word(word) is None:
                decoder.add_word(word, phones(word), update=False)


def _add(decoder: Any, search: str, graph: Graph) -> None:
    steps = [(one.start, one.end, 1.0, *((one.word,) if one.word else ())) for one in graph.steps]
    decoder.add_fsg(search, decoder.create_fsg(search, 0, graph.end, steps))


def _new_decoder(**options: Any) -> Any:
    return Decoder(lm=None, samprate=SAMPLE_RATE, loglevel="FATAL", fsgusealtpron=True, **options)


@dataclass(frozen=True)
class _Sound:
    """A word, or a phone, and its frames."""

    name: str
    start: int
    end: int

    @property
    def is_speech(self) -> bool:
        """No silence, no noise."""
        return self.name != "SIL" and self.name[:1] not in "<(+["


@dataclass(frozen=True)
class _Decoded:
    score: float
    """The logarithm of how likely the sound is, against the likeliest of all sounds in every frame."""
    sounds: tuple[_Sound, ...]
    """Without silence and noise."""

    @property
    def frames(self) -> frozenset[int]:
        """Those with speech."""
        return frozenset(frame for one in self.sounds for frame in range(one.start, one.end))


def _forget_noise(decoder: Any) -> None:
    """What it took for the noise of the recording before: the same sound would be heard otherwise after another."""
    with warnings.catch_warnings():
        # "Unnecessary", it says, but nothing else resets the noise.
        warnings.simplefilter("ignore", DeprecationWarning)
        decoder.start_stream()


def _decoded(decoder: Any, search: str, pcm: bytes) -> _Decoded | None:
    decoder.activate_search(search)
    _forget_noise(decoder)
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    found = decoder.hyp()
    if found is None or found.best_score <= 0:
        return None
    # "for(2)" is "for" in its second pronunciation
    parts = [
        _Sound(one.word.partition("(")[0] or one.word, one.start_frame, one.end_frame + 1) for one in decoder.seg()
    ]
    return _Decoded(math.log(found.best_score) * SCORE_SHIFT, tuple(one for one in parts if one.is_speech))


def recognise(pcm: bytes, locale: str = "en-US") -> str:
    """The words in a recording of 16 kHz, 16-bit little-endian mono, through a locale's interaction model."""
    return recogniser(locale).recognise(pcm)


def recogniser(locale: str = "en-US") -> Recogniser:
    """The recogniser of a locale's interaction model, made once, whoever asks first."""
    with _MAKING:
        return _made(locale)


_MAKING: Final = threading.Lock()


@cache
def _made(locale: str) -> Recogniser:
    model = json.loads((MODELS / f"{locale}.json").read_text(encoding="utf-8"))
    return Recogniser(model_graph(model), command_graph(model), doubts=True, denials=denials(model))


def _dithered(pcm: bytes) -> bytes:
    """With a little noise, always the same: digital silence has no logarithm."""
    samples = (
        min(max(one + noise, -32_768), 32_767) for one, noise in zip(array("h", pcm), cycle(NOISE), strict=False)
    )
    return array("h", samples).tobytes()


def _peak(pcm: bytes) -> int:
    samples: Sequence[int] = array("h", pcm)
    return max(abs(max(samples)), abs(min(samples)))
