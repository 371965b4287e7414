"""How what is written becomes phrases of a model: samples with choices, names of items, questions, a locale's words."""

import re
from collections.abc import Mapping, Sequence

ARTICLES = ("the ", "a ", "an ")


def expand(sample: str) -> list[str]:
    """Every sentence of a sample with ``(a|b)`` choices, in order; choices do not nest."""
    head, opened, rest = sample.partition("(")
    if not opened:
        return [" ".join(sample.split())]
    inside, closed, tail = rest.partition(")")
    if not closed:
        raise ValueError(f"{sample!r}: a '(' without its ')'")
    return [one for choice in inside.split("|") for one in expand(f"{head}{choice}{tail}")]


def plain(phrase: str) -> str:
    """A spoken phrase with only the characters a slot value may have, without its article."""
    letters = "".join(letter for letter in phrase.lower() if letter.isalpha() or letter in " '-.")
    return _without_article(" ".join(letters.replace(". ", " ").rstrip(".").split()))


def opening_of(phrase: str, openings: Sequence[str]) -> str:
    """The longest opening a phrase begins with, or an empty string."""
    return max((one for one in openings if phrase.startswith(f"{one} ")), key=len, default="")


def without_opening(phrase: str, openings: Sequence[str]) -> str:
    """What follows the opening, without its article; an empty string for a phrase that begins with none."""
    opening = opening_of(phrase, openings)
    if not opening:
        return ""
    return _without_article(phrase[len(opening) + 1 :])


def _without_article(phrase: str) -> str:
    return next((phrase[len(one) :] for one in ARTICLES if phrase.startswith(one)), phrase)


def in_words(sample: str, words: Mapping[str, str]) -> str:
    """A sample with whole words or phrases exchanged; slots stay as they are."""
    for ours, theirs in words.items():
        sample = re.sub(rf"(?<![\w{{']){re.escape(ours)}(?![\w}}'])", theirs, sample)
    return sample
