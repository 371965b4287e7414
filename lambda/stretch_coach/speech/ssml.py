"""A plan as SSML. The only place that escapes text and the only place that knows SSML's limits."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from xml.sax.saxutils import escape

from stretch_coach.timeline import Carrier, Cue, Part

LONGEST_BREAK_MS = 10_000
"""docs/reference/alexa-rules.md 1.3."""
MAX_CHARACTERS = 8000
"""docs/reference/alexa-rules.md 1.1: an outputSpeech of 8,000 characters or more is refused, tags counted."""
WORD_MS = 520
"""A spoken word's usual length on Alexa's voice: mean of Polly Matthew's clips from one to ten less their own lead and
trail (docs/reference/speech.md 2a: 539 and 555 ms)."""
COUNT_MS: Mapping[str, int] = {
    "one": 420, "two": 351, "three": 452, "four": 511, "five": 463, "six": 500, "seven": 537, "eight": 313,
    "nine": 532, "ten": 418, "twenty": 564, "thirty": 443, "forty": 489, "fifty": 526, "sixty": 618, "seventy": 644,
    "eighty": 406, "ninety": 587, "halfway": 606, "nearly": 572, "in": 343, "out": 360, "up": 306, "down": 473,
    "ready": 457, "and": 392, "hold": 512, "settle": 512, "breathe": 441, "go": 427,
}  # fmt: skip
"""Lengths of the counts themselves: the middle of the range over six offline voices, edges included (docs/pace.md)."""
SHORTEST_BREAK_MS = 40
"""Kept between two words even where the first outlasts its slot, so that they never run together."""


_UNSPEAKABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow even when they are escaped."""


def speak(inner: str) -> str:
    """A whole SSML document around markup that is already escaped."""
    return f"<speak>{inner}</speak>"


def breaks(ms: int) -> str:
    """Quiet of `ms` as one or more break tags, none longer than the platform allows."""
    tags = []
    while ms > 0:
        piece = min(ms, LONGEST_BREAK_MS)
        tags.append(f'<break time="{piece}ms"/>')
        ms -= piece
    return "".join(tags)


def text_markup(text: str) -> str:
    """Plain text as it may stand in SSML."""
    return escape(_UNSPEAKABLE.sub(" ", text))


def prose(cues: Sequence[Cue]) -> str:
    """A turn that leads no exercise, as a whole SSML document; a rest in it keeps its length."""
    return counted(cues)


def counted(cues: Sequence[Cue]) -> str:
    """A turn that counts, in SSML alone: the last rung of the ladder.

    Breaks are shortened by the usual length of the words before them, so the pace is approximate: about 1 % while few
    words are said (CountStyle.LANDMARKS), several per cent when every second is.
    """
    out: list[str] = []
    for slots, group in groupby(cues, key=lambda cue: cue.part in {Part.COUNT, Part.READY, Part.REST}):
        run = list(group)
        out.append("".join(_run(run)) if slots else markup(run))
    return speak(" ".join(part for part in out if part))


def markup(cues: Iterable[Cue]) -> str:
    """Prose and quiet as SSML, without the speak tag."""
    return " ".join(part for cue in cues for part in _parts(cue) if part)


def _parts(cue: Cue) -> tuple[str, ...]:
    if cue.carrier is Carrier.QUIET:
        return (breaks(cue.ms),)
    return (text_markup(cue.text), breaks(cue.settle_ms))


def _run(run: Sequence[Cue]) -> list[str]:
    """Words and the breaks between them; the last piece is the quiet after the last word."""
    out: list[str] = []
    wait = 0
    for cue in run:
        if cue.text:
            quiet = max(wait, SHORTEST_BREAK_MS) if out else wait
            out += [breaks(quiet), text_markup(cue.text)]
            late = wait - quiet if wait < quiet else 0  # what outlasted its slot is made up for by the next quiet
            wait = cue.settle_ms if cue.carrier is Carrier.PROSE else late + cue.ms - words_ms(cue.text)
        else:
            wait += cue.ms
    return [*out, breaks(wait)]


def words_ms(text: str) -> int:
    """The usual length of a few counted words in milliseconds."""
    return sum(COUNT_MS.get(word.strip(",."), WORD_MS) for word in text.split())


def block(cues: Sequence[Cue]) -> str:
    """A few counts as one SSML document, for a block that is cut at its own end (speech/apla.py)."""
    return speak("".join(_run(cues)[:-1]))
