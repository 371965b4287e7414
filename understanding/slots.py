"""Slot values in a sentence: custom types by name and synonym, and the built-in types we use.

``Lexicon.spans`` finds every stretch of words that can fill a slot of some type. ``Lexicon.resolve`` does what
entity resolution does with words already heard in a slot: one match, several, or none.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from understanding.text import TENS, UNITS, keys, stem, word_set

Keys = Sequence[str]

GENERIC = word_set("stretch exercise pose thing one move movement the a an my please some it do routine")
"""Stems that do not tell one item from another when part of a name is matched."""
MIN_COVERAGE = 0.5
"""Part of a name matches a single item only when it is at least this much of it: nothing is silently swapped."""
MAX_VALUES = 5
"""Values reported when a part of a name fits several."""

BEFORE_ONE = word_set("this that the last next which other another each easier harder every an no any")
"""After these, "one" is a pronoun and no number."""
ORDINALS = ("", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
DURATION_UNITS = {"second": "S", "minute": "M", "hour": "H", "day": "D", "week": "W"}


@dataclass(frozen=True)
class Value:
    id: str
    name: str


@dataclass(frozen=True)
class Span:
    """Words ``start`` to ``end`` (exclusive) can fill a slot of ``type``."""

    start: int
    end: int
    type: str
    values: tuple[Value, ...] = ()
    """The matching values of a custom type."""
    text: str = ""
    """The value of a built-in type, as Alexa writes it."""


def number_at(words: Keys, start: int) -> tuple[int, int] | None:
    """(number, end) of the longest whole number in words that begins at ``start``."""
    total, position = 0, start
    found = _below_hundred(words, position)
    if found:
        total, position = found
    elif words[start : start + 2] == ("a", "hundred"):
        total, position = 1, start + 1
    else:
        return None
    if position < len(words) and words[position] == "hundred" and 0 < total < 10:
        total, position = total * 100, position + 1
        rest = position + (words[position : position + 1] == ("and",))
        tail = _below_hundred(words, rest)
        if tail:
            total, position = total + tail[0], tail[1]
    return total, position


def _below_hundred(words: Keys, start: int) -> tuple[int, int] | None:
    if start >= len(words):
        return None
    word = words[start]
    if word == "one" and start and words[start - 1] in BEFORE_ONE:
        return None
    if word in UNITS:
        return UNITS.index(word), start + 1
    if word not in TENS[2:]:
        return None
    tens, following = TENS.index(word) * 10, words[start + 1] if start + 1 < len(words) else ""
    if following in UNITS[1:10]:
        return tens + UNITS.index(following), start + 2
    return tens, start + 1


def duration_at(words: Keys, start: int) -> tuple[str, int] | None:
    """(ISO 8601 duration, end) of the longest duration that begins at ``start``."""
    first = _amount_and_unit(words, start)
    if not first:
        return None
    amounts, end = dict(first[0]), first[1]
    following = _amount_and_unit(words, end + (words[end : end + 1] == ("and",)))
    unit = next(iter(first[0]))
    if following and not set(following[0]) & set(amounts) and unit in "MH":
        amounts.update(following[0])
        end = following[1]
    return _iso(amounts), end


def _amount_and_unit(words: Keys, start: int) -> tuple[dict[str, int], int] | None:
    """({unit letter: whole amount, …}, end): "two and a half minutes" is {"M": 2, "S": 30}."""
    if words[start : start + 1] == ("half",):
        after = start + 1 + (words[start + 1 : start + 2] in (("a",), ("an",)))
        letter = _unit(words, after)
        return (_half(letter), after + 1) if letter in ("M", "H") else None
    found = number_at(words, start)
    if not found and words[start : start + 1] in (("a",), ("an",), ("another",)):
        found = (2, start + 3) if words[start + 1 : start + 3] == ("couple", "of") else (1, start + 1)
    if not found:
        return None
    amount, end = found
    halved = words[end : end + 3] == ("and", "a", "half")
    letter = _unit(words, end + 3 * halved)
    if not letter:
        return None
    end += 3 * halved + 1
    if not halved and words[end : end + 3] == ("and", "a", "half"):
        halved, end = True, end + 3
    extra = _half(letter) if halved and letter in ("M", "H") else {}
    return {letter: amount} | extra, end


def _unit(words: Keys, position: int) -> str:
    return DURATION_UNITS.get(stem(words[position]), "") if position < len(words) else ""


def _half(letter: str) -> dict[str, int]:
    return {"S": 30} if letter == "M" else {"M": 30}


def _iso(amounts: Mapping[str, int]) -> str:
    days = "".join(f"{amounts[unit]}{unit}" for unit in "WD" if unit in amounts)
    clock = "".join(f"{amounts[unit]}{unit}" for unit in "HMS" if unit in amounts)
    return f"P{days}" + (f"T{clock}" if clock else "")


def ordinal_at(words: Keys, start: int) -> tuple[str, int] | None:
    """(number as digits, end) of an ordinal such as "third"."""
    return (str(ORDINALS.index(words[start])), start + 1) if words[start] in ORDINALS[1:] else None


def _number_text(words: Keys, start: int) -> tuple[str, int] | None:
    found = number_at(words, start)
    return (str(found[0]), found[1]) if found else None


BUILT_IN: Mapping[str, Callable[[Keys, int], tuple[str, int] | None]] = {
    "AMAZON.NUMBER": _number_text,
    "AMAZON.DURATION": duration_at,
    "AMAZON.Ordinal": ordinal_at,
}


class Lexicon:
    """The values of an interaction model's slot types, ready to be found in a sentence."""

    def __init__(self, types: Sequence[Mapping[str, Any]]) -> None:
        self._exact: dict[Keys, dict[str, list[Value]]] = defaultdict(lambda: defaultdict(list))
        self._stemmed: dict[Keys, dict[str, list[Value]]] = defaultdict(lambda: defaultdict(list))
        self._phrases: dict[str, list[tuple[frozenset[str], Value]]] = defaultdict(list)
        for one in types:
            for entry in one["values"]:
                value = Value(entry["id"], entry["name"]["value"])
                for phrase in (value.name, *entry["name"]["synonyms"]):
                    self._add(one["name"], keys(phrase), value)
        self._longest = max((len(phrase) for phrase in self._exact), default=0)
        self.words = frozenset(word for phrase in self._exact for word in phrase)

    def _add(self, kind: str, phrase: Keys, value: Value) -> None:
        stems = tuple(map(stem, phrase))
        for index, form in ((self._exact, phrase), (self._stemmed, stems)):
            if value not in index[form][kind]:
                index[form][kind].append(value)
        self._phrases[kind].append((frozenset(stems) - GENERIC or frozenset(stems), value))

    def spans(self, words: Keys) -> list[Span]:
        """Every span of the sentence that fills some slot, by start, longest first."""
        words = tuple(words)
        stems = tuple(map(stem, words))
        found = [span for start in range(len(words)) for span in self._spans_at(words, stems, start)]
        return sorted(found, key=lambda span: (span.start, -span.end))

    def _spans_at(self, words: Keys, stems: Keys, start: int) -> Iterator[Span]:
        for kind, parse in BUILT_IN.items():
            found = parse(words, start)
            if found:
                yield Span(start, found[1], kind, text=found[0])
        for end in range(start + 1, min(len(words), start + self._longest) + 1):
            exact = self._exact.get(words[start:end], {})
            for kind, values in exact.items():
                yield Span(start, end, kind, tuple(values))
            for kind, values in self._stemmed.get(stems[start:end], {}).items():
                if kind not in exact:
                    yield Span(start, end, kind, tuple(values))

    def resolve(self, kind: str, words: Keys) -> tuple[Value, ...]:
        """The values that words heard in a slot match, best first; empty for no match.

        A whole name or synonym matches; so does part of one, when it fits several items (then all of them) or is at
        least half of the only one it fits.
        """
        words, stems = tuple(words), tuple(map(stem, words))
        whole = self._exact.get(words, {}).get(kind) or self._stemmed.get(stems, {}).get(kind)
        if whole:
            return tuple(whole)
        return self._partly(kind, frozenset(stems) - GENERIC)

    def _partly(self, kind: str, stems: frozenset[str]) -> tuple[Value, ...]:
        best: dict[Value, float] = {}
        for phrase, value in self._phrases.get(kind, ()):
            if stems and stems <= phrase:
                best[value] = max(best.get(value, 0.0), len(stems) / len(phrase))
        ranked = sorted(best, key=lambda value: (-best[value], value.id))
        complete = [value for value in ranked if best[value] == 1.0]
        if complete or len(ranked) > 1:
            return tuple((complete or ranked)[:MAX_VALUES])
        return tuple(value for value in ranked if best[value] >= MIN_COVERAGE)
