"""Speech to text, offline: what was heard is the sentence of the interaction model that sounds most like it.

Pocketsphinx with a grammar (reference/speech.md, 3): small, and repeatable for the same row of sounds. It hears only
sentences the grammar holds; simulator.nlu then understands them, as it does typed ones. Needs the development packages.
"""

import json
import threading
from array import array
from collections.abc import Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

from pocketsphinx import Decoder

from simulator.pronunciation import phones
from simulator.speech_grammar import Graph, command_graph, model_graph

SAMPLE_RATE: Final = 16_000
MODELS: Final = Path(__file__).parents[1] / "interaction_model"
QUIET: Final = 300
"""Sound that never gets louder than this, of 32,767, is silence."""
PADDING: Final = bytes(2 * SAMPLE_RATE // 4)
"""A quarter of a second without words on either side: a button is often pressed late."""
MOST_ACTIVE: Final = 4000
"""Sounds followed at once; more of them take longer and hear no better."""
SHORTEST: Final = 2 * SAMPLE_RATE // 10
"""In bytes; less than a tenth of a second is no word."""


class Recogniser:
    """Hears the sentences of its graphs: what the first cannot place is tried with the next.

    Safe to use from several threads, one after the other.
    """

    def __init__(self, *graphs: Graph) -> None:
        self._graphs = {str(number): graph for number, graph in enumerate(graphs)}
        self._lock = threading.Lock()

    def recognise(self, pcm: bytes) -> str:
        """The words in a recording of 16 kHz, 16-bit little-endian mono; empty when none were made out."""
        pcm = pcm[: len(pcm) // 2 * 2]
        if len(pcm) < SHORTEST or _peak(pcm) < QUIET:
            return ""
        with self._lock:
            heard = (self._heard(name, PADDING + pcm + PADDING) for name in self._graphs)
            return next((" ".join(words) for words in heard if words), "")

    def _heard(self, name: str, pcm: bytes) -> tuple[str, ...]:
        decoder = self._decoder
        decoder.activate_search(name)
        decoder.start_utt()
        decoder.process_raw(pcm, full_utt=True)
        decoder.end_utt()
        found = decoder.hyp()
        # The last words may begin a sentence that was never finished: the sound ended, or is none of ours.
        return self._graphs[name].longest(str(found.hypstr).split()) if found else ()

    @cached_property
    def _decoder(self) -> Any:
        # Dither keeps digital silence, which has no logarithm, away from the model; its seed makes it repeatable.
        decoder = Decoder(
            lm=None, samprate=SAMPLE_RATE, dither=True, seed=1, loglevel="FATAL", fsgusealtpron=True,
            maxhmmpf=MOST_ACTIVE,
        )  # fmt: skip
        for word in sorted(frozenset().union(*(graph.words for graph in self._graphs.values()))):
            if decoder.lookup_word(word) is None:
                decoder.add_word(word, phones(word), update=False)
        for name, graph in self._graphs.items():
            steps = [(one.start, one.end, 1.0, *((one.word,) if one.word else ())) for one in graph.steps]
            decoder.add_fsg(name, decoder.create_fsg(name, 0, graph.end, steps))
        return decoder


def recognise(pcm: bytes, locale: str = "en-US") -> str:
    """The words in a recording of 16 kHz, 16-bit little-endian mono, through a locale's interaction model."""
    return recogniser(locale).recognise(pcm)


@cache
def recogniser(locale: str = "en-US") -> Recogniser:
    """The recogniser of a locale's interaction model, made once."""
    model = json.loads((MODELS / f"{locale}.json").read_text(encoding="utf-8"))
    return Recogniser(model_graph(model), command_graph(model))


def _peak(pcm: bytes) -> int:
    samples: Sequence[int] = array("h", pcm)
    return max(abs(max(samples)), abs(min(samples)))
