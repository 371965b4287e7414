"""A talk kept as sound: a voice of plain tones, so that lengths are known."""

import wave
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.device import Device
from simulator.device.clock import DAY_MS, VirtualClock
from simulator.talk.voiceover import LONGEST_GAP_MS, VoiceOver
from sound import audio
from sound.audio import Clip

RATE = 24_000
TONE_MS = 2000


class Tone:
    """Says everything as a two-second tone."""

    name = "tone"
    engine = "none"

    def synthesize(self, text: str, rate: float = 1.0) -> Clip:
        samples = np.sin(np.arange(RATE * TONE_MS // 1000) / 10) * 9000
        return Clip(samples.astype(np.int16), RATE)


def skill(event: Mapping[str, Any]) -> dict[str, Any]:
    """Asks, whatever it hears."""
    if event["request"]["type"] == "SessionEndedRequest":
        return {"version": "1.0", "response": {}}
    ask = {"type": "SSML", "ssml": "<speak>Ready?</speak>"}
    body = {"outputSpeech": ask, "reprompt": {"outputSpeech": ask}, "shouldEndSession": False}
    return {"version": "1.0", "response": body}


@pytest.fixture
def voice(monkeypatch: pytest.MonkeyPatch) -> Iterator[VoiceOver]:
    """The tone, on a machine where nothing is heard."""
    monkeypatch.setattr(audio, "load_voice", lambda name: Tone())
    voice = VoiceOver(None, aloud=False)
    yield voice
    voice.close()


def talked(voice: VoiceOver) -> Device:
    """A device that speaks with the voice, in virtual time, just opened."""
    settings: dict[str, Any] = {"apl": False, "utterance_ms": 0, "start_latency_ms": 0, "length_of": voice.length_of}
    device = Device(skill, lambda text: {"type": "IntentRequest", "intent": {"name": "X"}}, VirtualClock(0), **settings)
    device.launch()
    return device


def saved_ms(voice: VoiceOver, device: Device, path: Path) -> float:
    """The length of the saved talk."""
    voice.save(device, path)
    with wave.open(str(path)) as file:
        return float(file.getnframes() * 1000 / file.getframerate())


def test_the_device_takes_the_voices_own_lengths(voice: VoiceOver, tmp_path: Path) -> None:
    """What is saved lasts as long as the device says it does."""
    device = talked(voice)
    assert device.playing is not None
    assert saved_ms(voice, device, tmp_path / "talk.wav") == pytest.approx(device.playing.playback.total_ms, abs=1)


def test_an_interrupted_answer_is_saved_as_far_as_it_was_heard(voice: VoiceOver, tmp_path: Path) -> None:
    """The recording stops where the user spoke, and the next answer follows."""
    device = talked(voice)
    device.interrupt_after(500, "pause")
    assert device.playing is not None
    assert saved_ms(voice, device, tmp_path / "talk.wav") == pytest.approx(
        500 + device.playing.playback.total_ms, abs=1
    )


def test_a_night_between_two_answers_is_shortened(voice: VoiceOver, tmp_path: Path) -> None:
    """Waits of any length become short ones in the recording."""
    device = talked(voice)
    device.wait(DAY_MS)
    device.launch()
    spoken_ms = sum(played.playing.playback.total_ms for played in device.played)
    gaps_ms = 8000 + LONGEST_GAP_MS  # the open microphone before the reprompt, then the night
    assert saved_ms(voice, device, tmp_path / "talk.wav") == pytest.approx(spoken_ms + gaps_ms, abs=2)
