"""The voice of the page: what is being said as a WAV file."""

import io
import threading
import wave
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from simulator.device import Playing
from sound.ssml import SpeechRun

if TYPE_CHECKING:
    from sound.audio import Clip, Voice

KEPT: Final = 4
"""Sounds kept for a page that is loaded again or opened twice."""


class Sound:
    """One voice; raises VoiceError when its engine is not installed, ImportError without the development packages."""

    def __init__(self, name: str | None = None) -> None:
        from sound.audio import DEFAULT_VOICE, load_voice, spoken_lengths

        self._voice: Voice = load_voice(name or DEFAULT_VOICE)
        self.name = self._voice.name
        self.length_of: Callable[[SpeechRun], int] = spoken_lengths(self._voice)
        """Real lengths for the device's timeline."""
        self._lock = threading.Lock()
        self._made: list[tuple[Playing, bytes]] = []

    def warm(self) -> None:
        """Load the voice, so that the first answer does not wait for it."""
        with self._lock:
            self._voice.synthesize("Ready.")

    def wav(self, playing: Playing) -> bytes:
        """What is being said as 16-bit WAV."""
        from sound.audio import render, render_reprompt

        with self._lock:
            for made, wav in self._made:
                if made is playing:
                    return wav
            clip = (render_reprompt if playing.is_reprompt else render)(playing.response, self._voice)
            self._made = [*self._made[1 - KEPT :], (playing, _wav(clip))]
            return self._made[-1][1]


def _wav(clip: "Clip") -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(clip.sample_rate)
        file.writeframes(clip.samples.astype("<i2").tobytes())
    return buffer.getvalue()
