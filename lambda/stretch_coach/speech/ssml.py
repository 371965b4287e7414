"""A plan as SSML. The only place that escapes text and the only place that knows SSML's limits."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from xml.sax.saxutils import escape

from stretch_coach.timeline import Carrier, Cue, Part

LONGEST_BREAK_MS = 10_000
"""reference/alexa-rules.md 1.3."""
MAX_CHARACTERS = 8000
"""reference/alexa-rules.md 1.1: an outputSpeech of 8,000 characters or more is refused, tags counted."""
WORD_MS = 520
"""A spoken count's usual length on Alexa's voice: mean of Polly Matthew's clips from one to ten (reference/speech.md
2a: 539 and 555 ms) less their own lead and trail. Landmarks are far apart, so its error stays below 1.5 % of 30 s."""


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
    return escape(text)


def markup(cues: Iterable[Cue]) -> str:
    """Prose and quiet as SSML, without the speak tag."""
    return " ".join(part for cue in cues for part in _parts(cue) if part)


def _parts(cue: Cue) -> tuple[str, ...]:
    if cue.carrier is Carrier.QUIET:
        return (breaks(cue.ms),)
    return (text_markup(cue.text), breaks(cue.settle_ms))


def prose(cues: Sequence[Cue]) -> str:
    """A turn that counts nothing, as a whole SSML document."""
    return speak(markup(cues))


def counted(cues: Sequence[Cue]) -> str:
    """A turn that counts, in SSML alone: the last rung of the ladder.

    Breaks are shortened by the usual length of the words before them, so the pace is approximate: about 1 % while few
    words are said (CountStyle.LANDMARKS), several per cent when every second is.
    """
    out: list[str] = []
    for slots, group in groupby(cues, key=lambda cue: cue.part in {Part.COUNT, Part.READY, Part.REST}):
        run = list(group)
        out.append(_run(run) if slots else markup(run))
    return speak(" ".join(part for part in out if part))


def _run(run: Sequence[Cue]) -> str:
    out: list[str] = []
    wait = 0
    for cue in run:
        if cue.carrier is Carrier.PROSE:
            out += [breaks(wait), text_markup(cue.text)]
            wait = cue.settle_ms
            continue
        if cue.text:
            out += [breaks(wait), text_markup(cue.text)]
            wait = -WORD_MS * len(cue.text.split())
        wait += cue.ms
    return "".join([*out, breaks(wait)])


def block(cues: Sequence[Cue]) -> str:
    """A few counts as one SSML document, for a block that is cut at its own end (speech/apla.py)."""
    return speak(_run(cues).removesuffix(breaks(_tail_ms(cues))))


def _tail_ms(cues: Sequence[Cue]) -> int:
    tail = 0
    for cue in reversed(cues):
        if cue.text:
            return max(0, tail + cue.ms - WORD_MS * len(cue.text.split()))
        tail += cue.ms
    return tail
