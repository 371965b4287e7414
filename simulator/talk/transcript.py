"""What is heard, as text: prose as it is, counts as one line, long quiet named.

A count is found in the speech itself, so that any carrier (slots, blocks, SSML) reads the same: a run of number words
at regular distances, in which the ones digit alone is said between the tens ("… ten, one, two …").
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sound.playback import Heard, Kind

ONES: Final = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
TENS: Final = ("", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
NUMBERS: Final = {word: number for number, word in enumerate(ONES)} | {
    word: number * 10 for number, word in enumerate(TENS) if number > 1
}
FEWEST: Final = 2
"""One number is a word, two are a count."""
ASIDES: Final = 3
"""The most words of something said inside a count ("halfway", "last three", "in", "out")."""
SPOKEN_IN_FULL: Final = 10
"""Above it the ones digit alone may be said."""
QUIET_MS: Final = 2000
"""Quiet from here on is worth telling."""
REACH: Final = 21
"""Numbers in a count are at most twenty apart."""
FARTHEST_MS: Final = 13_000
"""Numbers farther apart than this are not one count."""


@dataclass(frozen=True)
class Prose:
    start_ms: int
    text: str
    length_ms: int


@dataclass(frozen=True)
class Quiet:
    start_ms: int
    length_ms: int

    @property
    def text(self) -> str:
        return f"({self.length_ms / 1000:.0f} s)"


@dataclass(frozen=True)
class Count:
    """Numbers said one after another."""

    marks: tuple[tuple[int, int], ...]
    """(start in ms, number), in order."""
    length_ms: int

    @property
    def start_ms(self) -> int:
        return self.marks[0][0]

    @property
    def text(self) -> str:
        return f"[count {self.marks[0][1]} … {self.marks[-1][1]}, {self.length_ms / 1000:.1f} s]"


Piece = Prose | Quiet | Count


def pieces(heard: Sequence[Heard]) -> tuple[Piece, ...]:
    """What is heard, in order, counts put together."""
    return tuple(_pieces(heard))


def text_of(heard: Sequence[Heard]) -> str:
    """What is heard in one line of text."""
    return " ".join(piece.text for piece in pieces(heard))


def number_of(text: str) -> int | None:
    """The number a word stands for; None for anything that is not one number word."""
    word = text.strip(" .,!?").casefold()
    return int(word) if word.isascii() and word.isdigit() else NUMBERS.get(word)


def _pieces(heard: Sequence[Heard]) -> Iterator[Piece]:
    index, counted_to = 0, 0
    while index < len(heard):
        one = heard[index]
        run = _run(heard, index)
        if run is not None:
            count, index = run
            counted_to = count.start_ms + count.length_ms
            yield count
            continue
        index += 1
        if one.kind is not Kind.SILENCE:
            yield Prose(one.start_ms, one.text if one.kind is Kind.SPEECH else f"[{one.text}]", one.length_ms)
            continue
        start_ms = max(one.start_ms, counted_to)
        if one.end_ms - start_ms >= QUIET_MS:
            yield Quiet(start_ms, one.end_ms - start_ms)


def _run(heard: Sequence[Heard], begin: int) -> tuple[Count, int] | None:
    """The count that begins at an index, with the index after its last number; None when there is none."""
    marks: list[tuple[int, int]] = []
    end = begin
    for index in range(begin, len(heard)):
        one = heard[index]
        said = number_of(one.text) if one.kind is Kind.SPEECH else None
        if said is None:
            if marks and (one.kind is Kind.SILENCE or _aside(heard, index)):
                continue
            break
        number = _continue(marks, one.start_ms, said)
        if number is None:
            break
        marks.append((one.start_ms, number))
        end = index + 1
    if len(marks) < FEWEST:
        return None
    return Count(tuple(marks), marks[-1][0] - marks[0][0] + _last_ms(marks, heard[end - 1 : end + 1])), end


def _last_ms(marks: Sequence[tuple[int, int]], last: Sequence[Heard]) -> int:
    """How long the last unit of a count is: as long as the others, unless something is said before."""
    (first_ms, first), (last_ms, number) = marks[0], marks[-1]
    pace = round((last_ms - first_ms) / abs(number - first))
    quiet = sum(one.length_ms for one in last[1:] if one.kind is Kind.SILENCE)
    return max(last[0].length_ms, min(pace, last[0].length_ms + quiet))


def _aside(heard: Sequence[Heard], index: int) -> bool:
    """Whether something said is a word or two inside a count: a number follows before anything longer is said."""
    for one in heard[index:]:
        if one.kind is Kind.SILENCE:
            continue
        if number_of(one.text) is not None:
            return True
        if len(re.findall(r"\w+", one.text)) > ASIDES:
            return False
    return False


def _continue(marks: Sequence[tuple[int, int]], at_ms: int, said: int) -> int | None:
    """The number meant when `said` follows a count, at its pace; None when it does not continue it."""
    if not marks:
        return said
    last_ms, last = marks[-1]
    if at_ms - last_ms > FARTHEST_MS:
        return None
    pace, down = 0.0, said == last - 1
    if len(marks) > 1:
        (first_ms, first), down = marks[0], marks[1][1] < marks[0][1]
        pace = (last_ms - first_ms) / abs(last - first)
    for step in range(1, REACH):
        number = last - step if down else last + step
        fits = said == number or (number > SPOKEN_IN_FULL and said == number % 10)
        if fits and (not pace or abs(pace * step - (at_ms - last_ms)) <= pace / 2):
            return number
    return None
