"""How much a sentence is like an intent's samples: cosine of words and word pairs, slots masked.

For each intent, the spans that can fill its slots are replaced by a mask, so "stretch my hamstrings" and
"stretch my {area}" become the same; words that many intents share weigh little. The method is the one measured best
of the small ones in the project's speech reference, section 4.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from understanding.samples import Sample, Slot
from understanding.slots import Span
from understanding.text import FILLERS, NEGATIONS, stem

PAIR_WEIGHT = 0.45
"""A word pair against a single word."""
MASK_WEIGHT = 0.8
"""A masked slot against a word as rare."""
UNKNOWN_WEIGHT = 1.0
"""A word in no sample, against the rarest word that is in one."""

OTHER_SENSE = 0.85
"""Factor when only one of sentence and sample has a "not"."""
MAX_RIVALS = 2
"""Spans tried as the one of their type, when a type has several."""

Vector = dict[str, float]


@dataclass(frozen=True)
class Likeness:
    score: float
    """0 to 1."""
    sample: Sample
    spans: tuple[Span, ...]
    """What was masked in the sentence."""


def _mask(kind: str) -> str:
    return f"<{kind}>"


def _features(marks: Sequence[str]) -> Counter[str]:
    found = Counter(marks)
    edged = ["^", *marks, "$"]
    found.update(f"{one} {two}" for one, two in pairwise(edged))
    return found


def _marks(items: Iterable[str | Slot]) -> list[str]:
    """Words stemmed, slots masked; words without meaning dropped unless nothing else is there."""
    kept = [item for item in items if item not in FILLERS] or list(items)
    return [_mask(item.type) if isinstance(item, Slot) else stem(item) for item in kept]


class Similarity:
    """Finds, for each intent, its sample that is most like a sentence."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        marks = [_marks(sample.items) for sample in samples]
        self._weights = self._rarities(samples, marks)
        self._rarest = max(self._weights.values(), default=1.0)
        self._samples: dict[str, list[Sample]] = defaultdict(list)
        self._index: dict[str, dict[str, list[tuple[int, float]]]] = defaultdict(lambda: defaultdict(list))
        for sample, words in zip(samples, marks, strict=True):
            position = len(self._samples[sample.intent])
            self._samples[sample.intent].append(sample)
            for feature, weight in self._vector(words).items():
                self._index[sample.intent][feature].append((position, weight))
        self._types = {
            intent: frozenset(slot.type for sample in group for slot in sample.slots)
            for intent, group in self._samples.items()
        }

    @staticmethod
    def _rarities(samples: Sequence[Sample], marks: Sequence[Sequence[str]]) -> dict[str, float]:
        """Word to weight: the fewer intents say it, the more it tells."""
        users: dict[str, set[str]] = defaultdict(set)
        for sample, words in zip(samples, marks, strict=True):
            for word in words:
                users[word].add(sample.intent)
        total = len({sample.intent for sample in samples})
        return {word: math.log(1 + total / len(intents)) for word, intents in users.items()}

    def _weight(self, word: str) -> float:
        known = self._weights.get(word, self._rarest * UNKNOWN_WEIGHT)
        return known * MASK_WEIGHT if word.startswith("<") else known

    def _vector(self, marks: Sequence[str]) -> Vector:
        """Feature to weight, of length one."""
        vector: Vector = {}
        for feature, count in _features(marks).items():
            parts = [part for part in feature.split(" ") if part not in ("^", "$")]
            weight = sum(map(self._weight, parts)) / len(parts) if parts else 0.0
            vector[feature] = count * weight * (PAIR_WEIGHT if " " in feature else 1.0)
        length = math.sqrt(sum(weight * weight for weight in vector.values())) or 1.0
        return {feature: weight / length for feature, weight in vector.items()}

    def best(self, words: Sequence[str], spans: Sequence[Span]) -> list[Likeness]:
        """The most similar sample of each intent that has one at all, most similar first."""
        vectors: dict[tuple[Span, ...], Vector] = {}
        found = [self._of_intent(intent, words, spans, vectors) for intent in self._samples]
        likely = [one for one in found if one]
        return sorted(likely, key=lambda one: (-one.score, one.sample.order))

    def _of_intent(
        self, intent: str, words: Sequence[str], spans: Sequence[Span], vectors: dict[tuple[Span, ...], Vector]
    ) -> Likeness | None:
        found = []
        for chosen in _choices([span for span in spans if span.type in self._types[intent]]):
            if chosen not in vectors:
                vectors[chosen] = self._vector(_marks(_masked(words, chosen)))
            found.append(self._masked_so(intent, vectors[chosen], chosen))
        return max((one for one in found if one), key=lambda one: one.score, default=None)

    def _masked_so(self, intent: str, vector: Vector, chosen: tuple[Span, ...]) -> Likeness | None:
        """The intent's most similar sample, of those whose slots are all masked in the sentence."""
        scores: dict[int, float] = defaultdict(float)
        index, samples = self._index[intent], self._samples[intent]
        for feature, weight in vector.items():
            for position, other in index.get(feature, ()):
                scores[position] += weight * other
        here = {span.type for span in chosen}
        denied = _denies(feature for feature in vector if " " not in feature)
        usable = [
            (-score * (1.0 if samples[position].denies == denied else OTHER_SENSE), position)
            for position, score in scores.items()
            if samples[position].types <= here
        ]
        if not usable:
            return None
        score, position = min(usable)
        return Likeness(-score, samples[position], chosen)


def _choices(spans: Sequence[Span]) -> list[tuple[Span, ...]]:
    """Ways to mask a sentence: the longest spans first, and, where a type has another span, that one first."""
    ranked = sorted(spans, key=lambda one: (one.start - one.end, one.start))
    usual = _choose(ranked)
    taken = {span.type: span for span in usual}
    rivals = [span for span in ranked if span.type in taken and _apart(span, taken[span.type])][:MAX_RIVALS]
    return [usual, *(_choose([rival, *ranked]) for rival in rivals)]


def _denies(words: Iterable[str]) -> bool:
    return not NEGATIONS.isdisjoint(words)


def _apart(one: Span, other: Span) -> bool:
    return one.end <= other.start or other.end <= one.start


def _choose(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The first spans that do not overlap, one a type, by place."""
    chosen: list[Span] = []
    for span in spans:
        if all(_apart(span, other) and span.type != other.type for other in chosen):
            chosen.append(span)
    return tuple(sorted(chosen, key=lambda one: one.start))


def _masked(words: Sequence[str], spans: Sequence[Span]) -> list[str | Slot]:
    items: list[str | Slot] = []
    position = 0
    for span in spans:
        items.extend(words[position : span.start])
        items.append(Slot(span.type, span.type))
        position = span.end
    items.extend(words[position:])
    return items
