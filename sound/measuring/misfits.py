"""Whether what is said in a slot fits it, on a given voice."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sound.apla import Mixer, Node, Selector, Sequencer, Silence, Speech
from sound.audio.clip import trail_ms
from sound.audio.render import said
from sound.audio.voices import Voice
from sound.ssml import SpeechRun

MAX_SHARE: Final = 0.9
"""Of a slot that its words may take (one that needs more runs into the next on a voice a little slower)."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """A slot whose words are too long for it."""

    voice: str
    text: str
    slot_ms: int
    speech_ms: int

    def __str__(self) -> str:
        share = 100 * self.speech_ms / self.slot_ms
        return f"{self.text!r} takes {self.speech_ms} ms of a {self.slot_ms} ms slot ({share:.0f} %) on {self.voice}"


def slots(node: Node | None) -> Iterator[tuple[int, SpeechRun]]:
    """Every slot of a tree: its length in ms and the one run of speech that is trimmed to it."""
    match node:
        case Mixer((Silence(ms), Speech((SpeechRun() as run,), trim=True))):
            yield ms, run
        case Mixer(children) | Sequencer(children):
            for child in children:
                yield from slots(child)
        case Selector(child):
            yield from slots(child)


def misfits(node: Node | None, voice: Voice, share: float = MAX_SHARE) -> tuple[Misfit, ...]:
    """Every slot of a tree whose words end later than `share` of it when `voice` says them; each once."""
    found: dict[tuple[int, SpeechRun], Misfit] = {}
    for ms, run in dict.fromkeys(slots(node)):
        clip = said(voice, run)
        speech_ms = round(clip.length_ms - trail_ms(clip))
        if speech_ms > share * ms:
            found[ms, run] = Misfit(voice.name, run.text, ms, speech_ms)
    return tuple(found.values())
