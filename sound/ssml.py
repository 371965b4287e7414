"""SSML as Alexa reads it, strict: what is not understood is an error, never silence.

A document becomes a flat sequence of segments. The engine that speaks is given plain text only, because engines differ
in the tags they honour (docs/reference/speech.md 1); pauses and sounds are put between its clips, exactly.

Only the tags that are safe together everywhere are allowed: break, prosody rate and volume, sub, p, s, audio.
"""

import re
from dataclasses import dataclass, replace
from typing import Final
from xml.parsers import expat

from stretch_coach.speech.ssml import MAX_CHARACTERS

MAX_BREAK_MS: Final = 10_000
MAX_AUDIO_TAGS: Final = 5
MIN_RATE: Final = 0.2
MAX_VOLUME_DB: Final = 4.08

STRENGTHS: Final = {"none": 0, "x-weak": 0, "weak": 200, "medium": 200, "strong": 350, "x-strong": 650}
"""Pause for a break's strength, in ms. Alexa gives no figures; these are espeak-ng's (docs/reference/speech.md 1)."""
RATES: Final = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "fast": 1.25, "x-fast": 1.5}
"""Speed against normal. Alexa publishes no figures for the names; "slow" is 1/1.48 = 0.68 in espeak-ng."""
VOLUMES: Final = {"silent": float("-inf"), "x-soft": -12.0, "soft": -6.0, "medium": 0.0, "loud": 2.0, "x-loud": 4.0}
"""Gain in dB. Alexa caps louder speech at about +4.08 dB."""

_TAGS: Final = {
    "speak": frozenset[str](),
    "p": frozenset[str](),
    "s": frozenset[str](),
    "break": frozenset({"time", "strength"}),
    "prosody": frozenset({"rate", "volume"}),
    "sub": frozenset({"alias"}),
    "audio": frozenset({"src"}),
}
_EMPTY: Final = frozenset({"break", "audio"})
_TEXT_ONLY: Final = frozenset({"sub"})
_PAUSE_AROUND: Final = {"p": "x-strong", "s": "strong"}
_TIME: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s)")
_PERCENT: Final = re.compile(r"(\d+(?:\.\d+)?)%")
_DECIBEL: Final = re.compile(r"([+-]\d+(?:\.\d+)?)dB")


class SsmlError(ValueError):
    """A document Alexa would refuse or would not say as written. The message says where, what, and how to mend it."""


@dataclass(frozen=True, slots=True)
class SpeechRun:
    """Plain text said in one go."""

    text: str
    rate: float = 1.0
    """Speed against the voice's own; 2.0 takes half as long."""
    gain_db: float = 0.0
    """Volume against the voice's own; minus infinity is silent but takes its time."""


@dataclass(frozen=True, slots=True)
class Pause:
    ms: int


@dataclass(frozen=True, slots=True)
class AudioRef:
    """A sound file, by its https:// or soundbank:// address."""

    source: str


Segment = SpeechRun | Pause | AudioRef


def parse(ssml: str) -> tuple[Segment, ...]:
    """The segments of a document in playing order.

    Neighbouring breaks add up (docs/reference/alexa-rules.md 1.3). The pause that a p or s tag implies is a minimum: a
    longer break beside it stands, a shorter one is absorbed.

    Raises SsmlError.
    """
    if len(ssml) > MAX_CHARACTERS:
        raise SsmlError(f"whole document: {len(ssml)} characters, at most {MAX_CHARACTERS} are allowed. Say less.")
    return _Reader().read(ssml)


def plain(text: str) -> tuple[Segment, ...]:
    """Plain text as segments; empty when there is nothing to say."""
    words = " ".join(text.split())
    return (SpeechRun(words),) if _sayable(words) else ()


def _sayable(text: str) -> bool:
    return any(character.isalnum() for character in text)


@dataclass(frozen=True, slots=True)
class _Open:
    """A tag that is open, with the way of speaking inside it."""

    tag: str
    attributes: dict[str, str]
    rate: float = 1.0
    gain_db: float = 0.0


class _Reader:
    """One pass over one document."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.open: list[_Open] = []
        self.text: list[str] = []
        self.implied_ms = 0
        self.audio_tags = 0
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self.text.append
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.CommentHandler = self._refuse
        self.parser.ProcessingInstructionHandler = self._refuse

    def read(self, ssml: str) -> tuple[Segment, ...]:
        try:
            self.parser.Parse(ssml, True)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            raise SsmlError(
                f"line {error.lineno}, column {error.offset + 1}: not well-formed XML ({reason}). Write one <speak> "
                "around everything, close every tag, and write & < > as &amp; &lt; &gt;."
            ) from None
        return tuple(self.segments)

    def _fail(self, what: str, mend: str) -> SsmlError:
        inside = f", inside <{self.open[-1].tag}>" if self.open else ""
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        return SsmlError(f"line {line}, column {column}{inside}: {what}. {mend}")

    def _refuse(self, *_: object) -> None:
        raise self._fail(
            "a comment, DOCTYPE or processing instruction", "Leave it out: Alexa reads tags and text only."
        )

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._flush()
        self._check_place(tag)
        self._check_attributes(tag, attributes)
        around = self.open[-1] if self.open else _Open("", {})
        match tag:
            case "break":
                self._pause(self._break_ms(attributes))
            case "audio":
                self._audio(attributes["src"])
            case "prosody":
                around = self._prosody(around, attributes)
            case "p" | "s":
                self._imply(STRENGTHS[_PAUSE_AROUND[tag]])
        self.open.append(replace(around, tag=tag, attributes=attributes))

    def _end(self, tag: str) -> None:
        self._flush()
        self.open.pop()
        if tag in _PAUSE_AROUND:
            self._imply(STRENGTHS[_PAUSE_AROUND[tag]])

    def _check_place(self, tag: str) -> None:
        if tag not in _TAGS:
            raise self._fail(f"tag <{tag}> is not supported", f"Use only {', '.join(sorted(_TAGS))}.")
        if (tag == "speak") == bool(self.open):
            raise self._fail(f"tag <{tag}> in the wrong place", "Put exactly one <speak> around everything.")
        if self.open and self.open[-1].tag in _EMPTY | _TEXT_ONLY:
            raise self._fail(f"tag <{tag}> inside <{self.open[-1].tag}>", f"Close <{self.open[-1].tag}> first.")
        if tag == "p" and any(around.tag in {"p", "s"} for around in self.open):
            raise self._fail("a paragraph inside a paragraph or sentence", "Close the outer one first.")

    def _check_attributes(self, tag: str, attributes: dict[str, str]) -> None:
        unknown = sorted(set(attributes) - _TAGS[tag])
        if unknown:
            allowed = ", ".join(sorted(_TAGS[tag])) or "none"
            raise self._fail(f"attribute {unknown[0]} of <{tag}> is not supported", f"Allowed: {allowed}.")
        required = {"sub": "alias", "audio": "src"}.get(tag)
        if required and not attributes.get(required, "").strip():
            raise self._fail(f"<{tag}> without {required}", f"Give it {required}.")
        if tag == "prosody" and not attributes:
            raise self._fail("<prosody> without rate or volume", "Give it one, or leave the tag out.")

    def _break_ms(self, attributes: dict[str, str]) -> int:
        if len(attributes) > 1:
            raise self._fail("<break> with both time and strength", "Give one of them.")
        if "strength" in attributes:
            if attributes["strength"] not in STRENGTHS:
                raise self._fail(f"break strength {attributes['strength']!r}", f"Use one of {', '.join(STRENGTHS)}.")
            return STRENGTHS[attributes["strength"]]
        time = attributes.get("time")
        if time is None:
            return STRENGTHS["medium"]
        found = _TIME.fullmatch(time.strip())
        ms = float(found[1]) * (1000 if found[2] == "s" else 1) if found else -1.0
        if ms != int(ms) or ms < 0:
            raise self._fail(f"break time {time!r}", 'Write whole milliseconds or seconds, such as "600ms" or "1.5s".')
        if ms > MAX_BREAK_MS:
            raise self._fail(f"break time {time!r} is over 10 s", "Write several breaks in a row: they add up.")
        return int(ms)

    def _prosody(self, around: _Open, attributes: dict[str, str]) -> _Open:
        rate, volume = attributes.get("rate"), attributes.get("volume")
        return replace(
            around,
            rate=around.rate if rate is None else self._rate(rate),
            gain_db=around.gain_db if volume is None else self._gain(volume, around.gain_db),
        )

    def _rate(self, rate: str) -> float:
        if rate in RATES:
            return RATES[rate]
        found = _PERCENT.fullmatch(rate)
        if not found or float(found[1]) / 100 < MIN_RATE:
            raise self._fail(f"prosody rate {rate!r}", f"Use {', '.join(RATES)} or a percentage of 20% or more.")
        return float(found[1]) / 100

    def _gain(self, volume: str, around_db: float) -> float:
        if volume in VOLUMES:
            return VOLUMES[volume]
        found = _DECIBEL.fullmatch(volume)
        if not found or float(found[1]) > MAX_VOLUME_DB:
            mend = f"Use {', '.join(VOLUMES)} or a change such as -6dB, at most +{MAX_VOLUME_DB}dB."
            raise self._fail(f"prosody volume {volume!r}", mend)
        return min(around_db + float(found[1]), MAX_VOLUME_DB)

    def _audio(self, source: str) -> None:
        self.audio_tags += 1
        if not source.startswith(("https://", "soundbank://")):
            raise self._fail(f"audio source {source!r}", "Use an https:// or soundbank:// address.")
        if self.audio_tags > MAX_AUDIO_TAGS:
            raise self._fail(f"more than {MAX_AUDIO_TAGS} audio tags", "Join the sounds into fewer files.")
        self._settle()
        self.segments.append(AudioRef(source))

    def _flush(self) -> None:
        """Turn the text read since the last tag into a segment."""
        raw = "".join(self.text)
        self.text.clear()
        around = self.open[-1] if self.open else None
        if around is None:
            return
        text = self._spoken(around, " ".join(raw.split()))
        if around.tag in _EMPTY and raw.strip():
            raise self._fail(f"text inside <{around.tag}>", f"Write <{around.tag} …/> with nothing in it.")
        if not _sayable(text):
            self._attach(text)
            return
        self._settle()
        last = self.segments[-1] if self.segments else None
        run = SpeechRun(text, around.rate, around.gain_db)
        if isinstance(last, SpeechRun) and replace(last, text="") == replace(run, text=""):
            gap = "" if text[0] in ",.;:!?" else " "
            self.segments[-1] = replace(last, text=f"{last.text}{gap}{text}")
        else:
            self.segments.append(run)

    def _attach(self, punctuation: str) -> None:
        """Give punctuation that stands alone to the words before it; after a pause it says nothing."""
        last = self.segments[-1] if self.segments else None
        if punctuation and isinstance(last, SpeechRun) and not self.implied_ms:
            self.segments[-1] = replace(last, text=last.text + punctuation)

    def _spoken(self, around: _Open, text: str) -> str:
        if around.tag == "sub":
            return " ".join(around.attributes["alias"].split()) if _sayable(text) else ""
        return text

    def _pause(self, ms: int) -> None:
        ms = max(ms, self.implied_ms)
        self.implied_ms = 0
        last = self.segments[-1] if self.segments else None
        if isinstance(last, Pause):
            self.segments[-1] = Pause(last.ms + ms)
        elif ms:
            self.segments.append(Pause(ms))

    def _imply(self, ms: int) -> None:
        last = self.segments[-1] if self.segments else None
        if isinstance(last, Pause):
            self.segments[-1] = Pause(max(last.ms, ms))
        elif last is not None:
            self.implied_ms = max(self.implied_ms, ms)

    def _settle(self) -> None:
        if self.implied_ms:
            self._pause(0)
