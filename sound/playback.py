"""What is heard when, from a response: the same timeline whether it is shown as text or rendered as sound.

Pure standard library, for the text command line imports it. Lengths come from whoever asks: an estimate here, the
samples of real clips in sound.audio.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar

from sound.apla import MAX_TOTAL_MS, AplaError, Audio, Mixer, Node, Selector, Sequencer, Silence, Speech, evaluate
from sound.ssml import AudioRef, Pause, SpeechRun, SsmlError, parse, plain

RENDER: Final = "Alexa.Presentation.APLA.RenderDocument"

Lengths = Callable[[SpeechRun | AudioRef], int]
T = TypeVar("T")


class Kind(StrEnum):
    SPEECH = "speech"
    AUDIO = "audio"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing heard, or the quiet between two."""

    start_ms: int
    length_ms: int
    text: str
    """The words said, or the source of a sound; empty for silence."""
    kind: Kind
    cut_ms: int = 0
    """How much of its end was cut off by trimToParent."""

    @property
    def end_ms(self) -> int:
        """When it is over, in ms from the start of the response."""
        return self.start_ms + self.length_ms


@dataclass(frozen=True, slots=True)
class Playback:
    heard: tuple[Heard, ...]
    """In order of their start; silence fills every gap."""
    total_ms: int

    @property
    def text(self) -> str:
        """All words in order."""
        return " ".join(one.text for one in self.heard if one.kind is Kind.SPEECH)

    def at(self, ms: int) -> Heard | None:
        """What is heard `ms` after the start; None once it is over."""
        started = [one for one in self.heard if one.start_ms <= ms < one.end_ms]
        return started[-1] if started else None


@dataclass(frozen=True, slots=True)
class Placed:
    """A sound in a layout; times in the units of the layout's lengths."""

    start: int
    length: int
    whole: int
    """Its length before trimToParent cut it."""
    segment: SpeechRun | AudioRef


@dataclass(frozen=True, slots=True)
class Layout:
    placed: tuple[Placed, ...]
    total: int


def estimate_length(run: SpeechRun) -> int:
    """About how long a run takes to say, in ms: 165 words a minute, the pauses of punctuation included.

    42 ms a letter and 150 ms a word, 150 ms a comma, 400 ms the end of a sentence. Longer words take longer, so the
    names of numbers come out near the clips measured in docs/reference/speech.md 2a.
    """
    words = re.findall(r"[\w'-]+", run.text)
    letters = sum(len(word) for word in words)
    pauses = 150 * len(re.findall(r"[,;:](?=\s)", run.text)) + 400 * len(re.findall(r"[.!?](?=\s)", run.text))
    return round((42 * letters + 150 * len(words) + pauses) / run.rate)


def timeline(
    response: Mapping[str, Any],
    length_of: Callable[[SpeechRun], int] = estimate_length,
    length_of_audio: Callable[[str], int] | None = None,
) -> Playback:
    """What is heard of a response: outputSpeech first, then the APLA document.

    `response` is an Alexa response, or the envelope around one. `length_of` gives the length of a run of speech in ms,
    `length_of_audio` that of a sound by its source.

    Raises SsmlError or AplaError for what Alexa would refuse, a response of more than 240 s included.
    """
    return _playback(programme(response), length_of, length_of_audio)


def reprompt_timeline(
    response: Mapping[str, Any],
    length_of: Callable[[SpeechRun], int] = estimate_length,
    length_of_audio: Callable[[str], int] | None = None,
) -> Playback:
    """What is heard of a response's reprompt; empty when it has none. Errors as for `timeline`."""
    return _playback(reprompt_programme(response), length_of, length_of_audio)


def programme(response: Mapping[str, Any]) -> Node | None:
    """All that a response plays, as one tree; None when it plays nothing."""
    return _tree(response.get("response", response))


def reprompt_programme(response: Mapping[str, Any]) -> Node | None:
    """All that a response's reprompt plays, as one tree; None when it plays nothing."""
    return _tree(response.get("response", response).get("reprompt") or {})


def lay_out(node: Node | None, length_of: Lengths, per_ms: int = 1) -> Layout:
    """Every sound of a tree with its place.

    `length_of` counts in units of which `per_ms` make a millisecond, so that audio can be laid out in whole samples.

    Raises AplaError when all of it lasts more than 240 s.
    """
    if node is None:
        return Layout((), 0)
    placed, total = _place(node, 0, length_of, per_ms)
    if total > MAX_TOTAL_MS * per_ms:
        seconds = total / per_ms / 1000
        raise AplaError(
            f"whole response: lasts {seconds:.1f} s, at most {MAX_TOTAL_MS // 1000} s are played. Cut it into turns."
        )
    return Layout(tuple(sorted(placed, key=lambda one: one.start)), total)


def _tree(response: Mapping[str, Any]) -> Node | None:
    parts = [*_output_speech(response.get("outputSpeech")), *_documents(response.get("directives") or ())]
    if len(parts) > 1:
        return Sequencer(tuple(parts))
    return parts[0] if parts else None


def _output_speech(speech: Mapping[str, Any] | None) -> Iterator[Node]:
    if speech is None:
        return
    kind = speech.get("type")
    if kind == "SSML":
        yield Speech(parse(speech.get("ssml", "")))
    elif kind == "PlainText":
        yield Speech(plain(speech.get("text", "")))
    else:
        raise SsmlError(f'outputSpeech: type {kind!r}. Write "SSML" or "PlainText".')


def _documents(directives: Any) -> Iterator[Node]:
    rendered = [directive for directive in directives if directive.get("type") == RENDER]
    if len(rendered) > 1:
        raise AplaError(f"directives: {len(rendered)} APLA documents. Put all that is said into one.")
    for directive in rendered:
        document = directive.get("document") or {}
        if document.get("type") == "Link":
            raise AplaError("document: a link to Amazon's authoring tool cannot be followed. Send the document itself.")
        yield evaluate(document, directive.get("datasources") or {})


def _place(node: Node, start: int, length_of: Lengths, per_ms: int) -> tuple[list[Placed], int]:
    """The sounds of `node` when it starts at `start`, and its length."""
    match node:
        case Silence(ms):
            return [], ms * per_ms
        case Audio(source):
            return _place_segment(AudioRef(source), start, length_of, per_ms)
        case Speech(segments):
            return _one_after_another(_place_segment, segments, start, length_of, per_ms)
        case Sequencer(children):
            return _one_after_another(_place, children, start, length_of, per_ms)
        case Mixer(children):
            return _mix(children, start, length_of, per_ms)
        case Selector(child):
            return _place(child, start, length_of, per_ms) if child is not None else ([], 0)


def _place_segment(
    segment: SpeechRun | Pause | AudioRef, start: int, length_of: Lengths, per_ms: int
) -> tuple[list[Placed], int]:
    if isinstance(segment, Pause):
        return [], segment.ms * per_ms
    length = length_of(segment)
    return [Placed(start, length, length, segment)], length


def _one_after_another(
    place: Callable[[T, int, Lengths, int], tuple[list[Placed], int]],
    parts: tuple[T, ...],
    start: int,
    length_of: Lengths,
    per_ms: int,
) -> tuple[list[Placed], int]:
    placed: list[Placed] = []
    total = 0
    for part in parts:
        inner, length = place(part, start + total, length_of, per_ms)
        placed += inner
        total += length
    return placed, total


def _mix(children: tuple[Node, ...], start: int, length_of: Lengths, per_ms: int) -> tuple[list[Placed], int]:
    laid = [(child, *_place(child, start, length_of, per_ms)) for child in children]
    untrimmed = [length for child, _, length in laid if isinstance(child, Silence) or not child.trim]
    total = max(untrimmed, default=0)
    placed: list[Placed] = []
    for _, inner, _ in laid:
        placed += _cut(inner, start + total)
    return placed, total


def _cut(placed: list[Placed], end: int) -> Iterator[Placed]:
    for one in placed:
        if one.start < end:
            yield Placed(one.start, min(one.length, end - one.start), one.whole, one.segment)


def _playback(
    node: Node | None, length_of: Callable[[SpeechRun], int], length_of_audio: Callable[[str], int] | None
) -> Playback:
    def length(segment: SpeechRun | AudioRef) -> int:
        if isinstance(segment, SpeechRun):
            return length_of(segment)
        if length_of_audio is None:
            raise AplaError(f"audio {segment.source!r}: its length is not known here. Give length_of_audio.")
        return length_of_audio(segment.source)

    return heard(lay_out(node, length), 1)


def heard(layout: Layout, per_ms: int) -> Playback:
    """A layout in milliseconds, with the silences between its sounds."""
    parts: list[Heard] = []
    quiet_from = 0
    total_ms = round(layout.total / per_ms)
    for one in layout.placed:
        start, end = round(one.start / per_ms), round((one.start + one.length) / per_ms)
        parts += _quiet(quiet_from, start)
        cut = round((one.whole - one.length) / per_ms)
        if isinstance(one.segment, SpeechRun):
            parts.append(Heard(start, end - start, one.segment.text, Kind.SPEECH, cut))
        else:
            parts.append(Heard(start, end - start, one.segment.source, Kind.AUDIO, cut))
        quiet_from = max(quiet_from, end)
    return Playback((*parts, *_quiet(quiet_from, total_ms)), total_ms)


def _quiet(start: int, end: int) -> Iterator[Heard]:
    if end > start:
        yield Heard(start, end - start, "", Kind.SILENCE)
