"""What a live talk shows at a moment: phrases as they are spoken, the number that is being counted, the microphone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from simulator.device import Device, Line, Microphone, Playing
from simulator.device.clock import Clock
from simulator.talk.console import Console
from simulator.talk.transcript import Count, Piece, Prose, Quiet, pieces, text_of

SIDE: Final = re.compile(r"\b(left|right|set|round|forward|back|rep|breath)\b", re.IGNORECASE)
"""Words that make a phrase worth standing beside a count."""


@dataclass(frozen=True)
class Phrase:
    """Something to show at its moment."""

    start_ms: int
    text: str


@dataclass(frozen=True)
class Tick:
    """A number of a count, with what it belongs to."""

    start_ms: int
    number: int
    label: str


def cues(parts: tuple[Piece, ...]) -> tuple[Phrase | Tick, ...]:
    """Pieces of speech cut into what is shown one after the other, times in ms from the first sound."""
    return tuple(_cues(parts))


def _cues(parts: tuple[Piece, ...]) -> Iterator[Phrase | Tick]:
    label = ""
    for piece in parts:
        match piece:
            case Prose():
                yield from _phrases(piece)
                said = [phrase for phrase in re.split(r"(?<=[.!?])\s+", piece.text) if SIDE.search(phrase)]
                label = said[-1].strip(" .,!") if said else label
            case Count():
                for at_ms, number in piece.marks:
                    yield Tick(at_ms, number, label)
                yield Phrase(piece.start_ms + piece.length_ms, piece.text)
            case Quiet():
                yield Phrase(piece.start_ms, piece.text)


def _phrases(piece: Prose) -> Iterator[Phrase]:
    """Prose at its commas and full stops; time is shared out by letters."""
    parts = re.findall(r"[^,.;:!?]+[,.;:!?]*\s*|[,.;:!?]+\s*", piece.text)
    letters = sum(map(len, parts)) or 1
    said = 0
    for part in parts:
        yield Phrase(piece.start_ms + piece.length_ms * said // letters, part.strip())
        said += len(part)


class LiveView:
    """Brings a console up to date with a device, again and again."""

    def __init__(self, device: Device, console: Console, clock: Clock) -> None:
        self.device = device
        self.console = console
        self.clock = clock
        self._playing: Playing | None = None
        self._cues: tuple[Phrase | Tick, ...] = ()
        self._shown = 0
        self._lines = 0
        self._tick: Tick | None = None
        self._begun = False

    def update(self) -> None:
        """Show what has happened since the last time."""
        playing = self.device.playing
        if playing is not self._playing:
            self._finish()
            self._playing = playing
            self._cues = cues(pieces(playing.playback.heard)) if playing else ()
        self._show_until(self.clock.now_ms - playing.started_at if playing else 0)
        self._notes()
        self.console.status(self._status())

    def said(self, text: str) -> None:
        """The user speaks: what was being said stops, and the user's line joins the text."""
        self._finish()
        self.console.line(f"U: {text}")

    def _show_until(self, elapsed_ms: int) -> None:
        while self._shown < len(self._cues) and self._cues[self._shown].start_ms <= elapsed_ms:
            cue = self._cues[self._shown]
            self._shown += 1
            if isinstance(cue, Tick):
                self._tick = cue
                continue
            self._tick = None
            self._say(cue.text)

    def _say(self, text: str) -> None:
        if not self._begun:
            self.console.line("")
        self.console.phrase(text if self._begun else f"A: {text}")
        self._begun = True

    def _finish(self) -> None:
        """What was being said is over: show its rest, or where it was cut."""
        playing = self._playing
        if playing and self._cues and playing.ends_at > self.clock.now_ms:
            self._say(f"[count up to {self._tick.number}] …" if self._tick else "…")
        elif playing and self._cues:
            self._show_until(playing.playback.total_ms)
        self._cues, self._shown, self._tick, self._begun = (), 0, None, False

    def _notes(self) -> None:
        for line in self.device.transcript[self._lines :]:
            if line.who == "-":
                self.console.line(f"   {line.text}")
        self._lines = len(self.device.transcript)

    def _status(self) -> str:
        device = self.device
        left_s = max(0, (device.due_at or 0) - self.clock.now_ms) / 1000
        if self._tick is not None:
            return f"   {self._tick.number:>3}   {self._tick.label}"
        if device.microphone is Microphone.OPEN:
            return f"   ● microphone open, closing in {left_s:.0f} s"
        if device.playing:
            after = "opens afterwards" if device.microphone is Microphone.OPENING else "stays closed"
            return f"   ○ speaking; the microphone {after}. Type to interrupt"
        if device.session:
            return f"   ○ microphone closed, the session stays for {left_s:.0f} s"
        return "   ○ the session is over. Type to start again, /quit to leave"


def plain_lines(lines: list[Line]) -> Iterator[str]:
    """Transcript lines as a plain stream shows them."""
    for line in lines:
        if line.who == "A":
            yield f"A: {text_of(line.heard)}"
        elif line.who == "-":
            yield f"-- {line.text}"
