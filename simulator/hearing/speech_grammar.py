"""Everything an interaction model lets people say, as one graph of words for a recogniser.

Standard library only. A state stands for what may still follow, so samples share their beginnings and their endings,
and the values of a slot type stand in the graph once for each thing that can follow them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from understanding.built_in import BUILT_IN_PHRASES
from understanding.slots import ORDINALS
from understanding.text import spell

Words = tuple[str, ...]
Rest = tuple["str | Slot", ...]

OPENERS: Final = ("open", "launch", "start", "talk to", "begin")
ASKERS: Final = ("ask", "tell")
ANSWERS: Final = ("AMAZON.YesIntent", "AMAZON.NoIntent")
COMMAND_WORDS: Final = 2
DIRECTIONS: Final = ("DoseDirection", "PaceDirection")
"""The slot types whose values are said alone, over a count: "longer", "slower"."""


@dataclass(frozen=True, slots=True)
class Slot:
    type: str


@dataclass(frozen=True, slots=True)
class Step:
    """One word on the way from a state to the next; no word where one state only leads into another."""

    start: int
    end: int
    word: str | None


@dataclass(frozen=True)
class Graph:
    """A walk from state 0 to `end` is a sentence."""

    steps: tuple[Step, ...]
    end: int

    def longest(self, words: Sequence[str]) -> tuple[str, ...]:
        """As much of the beginning of `words` as is a whole sentence; empty when nothing is."""
        states, best = self._reach({0}), 0
        for count, word in enumerate(words, start=1):
            states = self._reach({end for state in states for end in self.following.get((state, word), ())})
            best = count if self.end in states else best
        return tuple(words[:best])

    def _reach(self, states: set[int]) -> set[int]:
        """The states, and those they lead into without a word."""
        found, todo = set(states), list(states)
        while todo:
            new = set(self.following.get((todo.pop(), None), ())) - found
            found |= new
            todo += new
        return found

    @cached_property
    def following(self) -> Mapping[tuple[int, str | None], list[int]]:
        """A state and a word to the states they lead to."""
        found: dict[tuple[int, str | None], list[int]] = {}
        for step in self.steps:
            found.setdefault((step.start, step.word), []).append(step.end)
        return found

    @property
    def words(self) -> frozenset[str]:
        """Every word in it."""
        return frozenset(step.word for step in self.steps if step.word is not None)


def model_graph(model: Mapping[str, Any]) -> Graph:
    """The sentences of a built interaction model: its samples, Amazon's own phrases, and those that open the skill."""
    language = model["interactionModel"]["languageModel"]
    values = _all_values(language)
    samples = [*_samples(language["intents"])]
    return graph([*samples, *_openings(split(language["invocationName"]), samples)], values)


def command_graph(model: Mapping[str, Any]) -> Graph:
    """Only the short commands of Amazon's own intents, and the shortest of ours. Yes and no are left out: an answer is
    never guessed.
    """
    language = model["interactionModel"]["languageModel"]
    values = _all_values(language)
    intents = [one for one in language["intents"] if one["name"] not in ANSWERS]
    short = (one for one in _samples(_amazons(intents)) if len(one) <= COMMAND_WORDS)
    return graph([*short, *_alone(_samples(intents))], values)


def _all_values(language: Mapping[str, Any]) -> dict[str, list[Words]]:
    return {one["name"]: [*_values(one)] for one in language["types"]} | built_in_values()


def _amazons(intents: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    return (one for one in intents if one["name"].startswith("AMAZON."))


def denials(model: Mapping[str, Any]) -> frozenset[str]:
    """Every way the model has of saying no."""
    intents = [one for one in model["interactionModel"]["languageModel"]["intents"] if one["name"] == "AMAZON.NoIntent"]
    return frozenset(" ".join(word for word in sample if isinstance(word, str)) for sample in _samples(intents))


def split(text: str) -> Words:
    """A phrase as a recogniser's dictionary has its words."""
    return tuple(re.findall(r"[a-z][a-z'.]*", text.lower().replace("-", " ")))


def built_in_values() -> dict[str, list[Words]]:
    """What is said for the slot types that Amazon brings."""
    numbers = {number: split(spell(number)) for number in (*range(21), *range(25, 101, 5))}
    durations = [
        (*words, unit + ("" if number == 1 else "s"))
        for number, words in numbers.items() for unit in ("second", "minute") if number
    ]  # fmt: skip
    others = ("half a minute", "a minute", "a minute and a half", "two and a half minutes", "a couple of minutes")
    return {
        "AMAZON.NUMBER": [split(spell(number)) for number in range(101)],
        "AMAZON.DURATION": [*durations, *map(split, (*others, "half an hour", "an hour"))],
        "AMAZON.Ordinal": [(word,) for word in ORDINALS[1:]],
    }


def graph(samples: Iterable[Rest], values: Mapping[str, Sequence[Words]]) -> Graph:
    """Samples, and for each slot type its values, as one graph."""
    return _Builder(values).build(frozenset(samples))


class _Builder:
    def __init__(self, values: Mapping[str, Sequence[Words]]) -> None:
        self._values = {name: _trie(phrases) for name, phrases in values.items()}
        self._states: dict[object, int] = {}
        self._steps: dict[Step, None] = {}
        self._todo: list[frozenset[Rest]] = []

    def build(self, samples: frozenset[Rest]) -> Graph:
        self._state(samples)
        end = self._number("end")
        while self._todo:
            rests = self._todo.pop()
            start = self._state(rests)
            if () in rests:
                self._add(start, end, None)
            for item, following in sorted(_by_first(rests).items(), key=lambda pair: str(pair[0])):
                after = frozenset(following)
                if isinstance(item, Slot):
                    self._add_slot(start, (item.type, after), self._values[item.type], self._state(after))
                else:
                    self._add(start, self._state(after), item)
        return Graph(tuple(self._steps), end)

    def _add_slot(self, start: int, place: tuple[object, ...], trie: "_Trie", after: int) -> None:
        """The values of a slot; `place` names where in the graph, so that it is added once."""
        for word, (ends, below) in trie.items():
            if ends:
                self._add(start, after, word)
            if below:
                known = (*place, word) in self._states
                inner = self._number((*place, word))
                self._add(start, inner, word)
                if not known:
                    self._add_slot(inner, (*place, word), below, after)

    def _add(self, start: int, end: int, word: str | None) -> None:
        self._steps[Step(start, end, word)] = None

    def _state(self, rests: frozenset[Rest]) -> int:
        if rests not in self._states:
            self._todo.append(rests)
        return self._number(rests)

    def _number(self, key: object) -> int:
        return self._states.setdefault(key, len(self._states))


_Trie = dict[str, tuple[bool, "_Trie"]]
"""A word to whether a phrase ends with it, and what may follow."""


def _trie(phrases: Iterable[Words]) -> "_Trie":
    found: dict[str, list[Words]] = {}
    for phrase in phrases:
        if phrase:
            found.setdefault(phrase[0], []).append(phrase[1:])
    return {word: (() in rests, _trie(rests)) for word, rests in found.items()}


def _by_first(rests: Iterable[Rest]) -> dict[str | Slot, list[Rest]]:
    found: dict[str | Slot, list[Rest]] = {}
    for rest in rests:
        if rest:
            found.setdefault(rest[0], []).append(rest[1:])
    return found


def _samples(intents: Iterable[Mapping[str, Any]]) -> Iterator[Rest]:
    for intent in intents:
        types = {slot["name"]: slot["type"] for slot in intent.get("slots") or ()}
        for sample in (*BUILT_IN_PHRASES.get(intent["name"], ()), *intent["samples"]):
            parts = re.split(r"\{(\w+)\}", sample)
            yield tuple(
                item
                for index, part in enumerate(parts)
                for item in ((Slot(types[part]),) if index % 2 else split(part))
            )


def _alone(samples: Iterable[Rest]) -> Iterator[Rest]:
    """What a sample asks for politely, said without "please": "{direction} please" is said as "faster", too."""
    for sample in samples:
        slots = tuple(item for item in sample if isinstance(item, Slot))
        if len(sample) == COMMAND_WORDS and "please" in sample and slots and slots[0].type in DIRECTIONS:
            yield slots


def _openings(name: Words, samples: Iterable[Rest]) -> Iterator[Rest]:
    for wake in ((), ("alexa",)):
        for opener in OPENERS:
            yield (*wake, *opener.split(), *name)
        for asker in ASKERS:
            for sample in samples:
                yield (*wake, asker, *name, "to", *sample)


def _values(slot_type: Mapping[str, Any]) -> Iterator[Words]:
    for value in slot_type["values"]:
        yield from map(split, (value["name"]["value"], *value["name"].get("synonyms", ())))
