"""The model's sample utterances as patterns, matched word by word."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from understanding.slots import Span
from understanding.text import FILLERS, NEGATIONS, keys

OPEN = "open"
"""The pseudo type of a span that holds words no slot type knows."""
MAX_OPEN_WORDS = 5


@dataclass(frozen=True)
class Slot:
    name: str
    type: str


@dataclass(frozen=True)
class Sample:
    """One sample of one intent."""

    intent: str
    items: tuple[str | Slot, ...]
    order: int
    """Its place in the model; the earlier sample wins a tie."""

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        return tuple(item for item in self.items if isinstance(item, Slot))

    @cached_property
    def types(self) -> frozenset[str]:
        return frozenset(slot.type for slot in self.slots)

    @cached_property
    def words(self) -> tuple[str, ...]:
        return tuple(item for item in self.items if isinstance(item, str))

    @cached_property
    def carriers(self) -> tuple[str, ...]:
        """Its words that mean something."""
        return tuple(word for word in self.words if word not in FILLERS)

    @cached_property
    def denies(self) -> bool:
        """Whether it says "not" or the like outside its slots."""
        return not NEGATIONS.isdisjoint(self.words)

    @cached_property
    def needs(self) -> frozenset[str]:
        """The words without which it cannot fit."""
        return frozenset(self.carriers)


def read_samples(intents: Sequence[Mapping[str, Any]]) -> list[Sample]:
    """Every sample of a model's intents, in order."""
    found: list[Sample] = []
    for intent in intents:
        types = {slot["name"]: slot["type"] for slot in intent.get("slots", [])}
        for text in intent.get("samples", []):
            found.append(Sample(intent["name"], _items(text, types), len(found)))
    return found


def _items(text: str, types: Mapping[str, str]) -> tuple[str | Slot, ...]:
    items: list[str | Slot] = []
    for position, part in enumerate(text.replace("}", "{").split("{")):
        items.extend([Slot(part, types[part])] if position % 2 else keys(part))
    return tuple(items)


@dataclass(frozen=True)
class Sentence:
    """The words of one utterance and every span of them that can fill a slot."""

    words: tuple[str, ...]
    spans: Mapping[tuple[int, str], Sequence[Span]]
    """(start, type) to spans, longest first."""

    @classmethod
    def of(cls, words: tuple[str, ...], spans: Sequence[Span]) -> "Sentence":
        grouped: dict[tuple[int, str], list[Span]] = {}
        for span in spans:
            grouped.setdefault((span.start, span.type), []).append(span)
        return cls(words, grouped)


Filled = dict[str, Span]


def fit(sample: Sample, sentence: Sentence, fillers: bool = False, open_slot: str = "") -> Filled | None:
    """The slots of a sample that says the sentence word for word, or None.

    ``fillers`` lets words without meaning be missing on either side; ``open_slot`` names a slot that takes any words.
    """
    items = tuple(item for item in sample.items if not (fillers and item in FILLERS))
    return next(_fit(items, 0, sentence, fillers, open_slot), None)


def _fit(
    items: Sequence[str | Slot], position: int, sentence: Sentence, fillers: bool, open_slot: str
) -> Iterator[Filled]:
    words = sentence.words
    if not items:
        if position == len(words) or (fillers and FILLERS.issuperset(words[position:])):
            yield {}
        return
    if position == len(words):
        return
    head, rest = items[0], items[1:]
    if isinstance(head, Slot):
        for span in _candidates(head, position, sentence, open_slot):
            for filled in _fit(rest, span.end, sentence, fillers, open_slot):
                yield {head.name: span} | filled
    elif head == words[position]:
        yield from _fit(rest, position + 1, sentence, fillers, open_slot)
    if fillers and words[position] in FILLERS:
        yield from _fit(items, position + 1, sentence, fillers, open_slot)


def _candidates(slot: Slot, position: int, sentence: Sentence, open_slot: str) -> Iterator[Span]:
    yield from sentence.spans.get((position, slot.type), ())
    if slot.name == open_slot and sentence.words[position] not in FILLERS:
        for end in range(position + 1, min(position + MAX_OPEN_WORDS, len(sentence.words)) + 1):
            yield Span(position, end, OPEN)
