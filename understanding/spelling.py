"""Misspelled words, mended when exactly one known word is near."""

from collections import defaultdict
from collections.abc import Iterable

MIN_LENGTH = 4
"""Shorter words are left alone."""
TWO_EDITS_FROM = 7
"""Words this long may differ in two places."""


class Spelling:
    """Knows the words of the model and finds the one that was meant."""

    def __init__(self, words: Iterable[str]) -> None:
        self.known = frozenset(words)
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for word in sorted(self.known):
            self._by_length[len(word)].append(word)

    def mend(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """The sentence with each unknown word replaced by the nearest known one, or by the two it runs together."""
        return tuple(part for word in words for part in self._meant(word).split())

    def _meant(self, word: str) -> str:
        if word in self.known or len(word) < MIN_LENGTH:
            return word
        return self._nearest(word) or self._split(word) or word

    def _nearest(self, word: str) -> str:
        limit = 2 if len(word) >= TWO_EDITS_FROM else 1
        near = [
            (edits(word, other), other)
            for length in range(len(word) - limit, len(word) + limit + 1)
            for other in self._by_length.get(length, ())
            if length >= MIN_LENGTH and other[0] in word[:2] and word[0] in other[:2]
        ]
        return min((one for one in near if one[0] <= limit), default=(0, ""))[1]

    def _split(self, word: str) -> str:
        cuts = (f"{word[:at]} {word[at:]}" for at in range(MIN_LENGTH, len(word) - MIN_LENGTH + 1))
        return next((cut for cut in cuts if all(part in self.known for part in cut.split())), "")


def edits(one: str, two: str) -> int:
    """Letters to add, drop, change, or swap with a neighbor, to make one word of the other."""
    before: list[int] = []
    row = list(range(len(two) + 1))
    for i, letter in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, other in enumerate(two, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == two[j - 2] and one[i - 2] == other:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
