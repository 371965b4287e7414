"""Every ``{placeholder}`` of a spoken word is given a value wherever the word is said, and every value has one.

A placeholder without a value ends the turn with "something went wrong on my side"; a value without one is said nowhere.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tools.checks.documents import Document, documents
from tools.checks.fillings import CARD, Filling
from tools.checks.uses import PROMPT
from tools.content.rules import PLACEHOLDER

CARD_TEXTS: Final = ("card_title", "card_text")
EARLY: Final = "early"
"""The outcome of a check that was left; with what speech/script.py says of any outcome after its own sentences."""

Path_ = tuple[str, ...]


@dataclass(frozen=True)
class Said:
    """What one key says in one file, and a place of our code that says it."""

    word: str
    """As a person would call it: the prompt skip.exercise."""
    holds: Mapping[str, str]
    """Each placeholder to the ``path:line`` it is in."""
    given: Mapping[str, str]
    """Each value to the ``path:line`` it is given at."""
    where: str
    """``path:line`` of what says it."""
    filled: frozenset[str]
    """Placeholders that the file itself has the values of."""

    @property
    def empty(self) -> list[str]:
        """The placeholders that get no value."""
        return [name for name in self.holds if name not in self.given and name not in self.filled]


def compare(root: Path, fillings: Sequence[Filling]) -> list[str]:
    """``path:line: problem. mend`` of each placeholder without a value and each value without a placeholder."""
    known = {name for one in fillings for name in one.given}
    found: list[str] = []
    for kind in ("locale", "safety"):
        for document in documents(root, kind):
            said = [*_said(document, [one for one in fillings if (one.kind == PROMPT) == (kind == "locale")])]
            found += _missing(said, known)
            found += _unsaid(said)
    return list(dict.fromkeys(found))


def _missing(said: Sequence[Said], known: AbstractSet[str]) -> Iterator[str]:
    """Placeholders without a value, each once, in the code or in the words: where the name is that nobody else has."""
    words = {name: {one.word for one in said if name in one.holds} for one in said for name in one.holds}
    told = set[tuple[str, str]]()
    for one, name in [(lacking, name) for lacking in said for name in lacking.empty]:
        spare = [given for given in one.given if given not in one.holds]
        odd = [given for given in spare if given not in words]
        close = difflib.get_close_matches(name, odd or [*spare, *one.filled] or one.given, n=1)
        if name in known or (odd and len(words[name]) > 1):
            where, mend = one.where, f"Give {name}"
            if spare and (other := (close or spare)[0]) in one.given:
                where, mend = one.given[other], f"Give {name} in place of {other}"
            line = f"{where}: {one.word} has {{{name}}} ({one.holds[name]}), and this {_offer(one)}. {mend}"
        else:
            where = one.holds[name]
            mend = f"Did you mean {{{close[0]}}}?" if close else f"Give {name} there, or leave {{{name}}} out"
            line = f"{where}: {one.word} has {{{name}}}, and {one.where} {_offer(one)}. {mend}"
        if (where, name) not in told:
            told.add((where, name))
            yield line


def _offer(one: Said) -> str:
    return f"gives it {', '.join(one.given)}" if one.given else "gives it nothing"


def _unsaid(said: Sequence[Said]) -> Iterator[str]:
    """Values that none of the words they are given to has a place for, unless one of these lacks another."""
    takers: dict[tuple[str, str], list[Said]] = {}
    for one in said:
        for name, where in one.given.items():
            takers.setdefault((name, where), []).append(one)
    for (name, where), words in takers.items():
        if not any(name in one.holds or one.empty for one in words):
            several = " or ".join(dict.fromkeys(one.word for one in words))
            yield f"{where}: {name} is given, and {several} has no {{{name}}}. Leave it out, or write {{{name}}} there"


def _said(document: Document, fillings: Sequence[Filling]) -> Iterator[Said]:
    """Each key that is said and is there, with what fills it; of one that is not there, words.py tells."""
    numbers = document.content.get("numbers")
    forms = [set(one) for one in numbers.values() if isinstance(one, Mapping)] if isinstance(numbers, Mapping) else []
    filled = frozenset[str](set.intersection(*forms) if forms else ())
    for one in fillings:
        for key in sorted(one.keys):
            holds = {
                name: document.at(path)
                for start in _paths(document, one.kind, key)
                for path, text in _texts(document.content, start)
                for name in PLACEHOLDER.findall(text)
            }
            if any([*_texts(document.content, start)] for start in _paths(document, one.kind, key)):
                word = f"the prompt {key}" if one.kind == PROMPT else f"the word {key}"
                yield Said(word, holds, one.given, one.where, filled)


def _paths(document: Document, kind: str, key: str) -> list[Path_]:
    """Where the sentences of a key stand, as speech/script.py puts them together."""
    outcomes = document.content.get("outcomes")
    if kind == PROMPT:
        return [("prompts", key)]
    if isinstance(outcomes, Mapping) and key in outcomes:
        own: list[Path_] = [("outcomes", key, part) for part in (CARD_TEXTS if kind == CARD else ("say", "safety_net"))]
        return own if kind == CARD else [*own, ("cannot_call",), ("safety_net",)]
    if key == EARLY:
        return [(EARLY, "say"), ("safety_net",)]
    return [tuple(key.split("."))]


def _texts(content: Any, path: Path_) -> Iterator[tuple[Path_, str]]:
    """The texts at a path, each with the path of the key it stands below."""
    at: Any = content
    for step in path:
        at = at.get(step) if isinstance(at, Mapping) else None
    yield from ((path, text) for text in (at if isinstance(at, list) else [at]) if isinstance(text, str))
