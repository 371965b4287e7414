"""A spoken sentence from a WAV file, for ``stretch-coach talk --listen``."""

import wave
from pathlib import Path

from stretch_coach.errors import StretchCoachError

NEEDS = "`make setup-dev` installs the recogniser"


class ListenError(StretchCoachError):
    """The file cannot be listened to, or nothing was made out; its text says which and what to do."""


def listen(path: Path, locale: str = "en-US") -> str:
    """The words in a 16-bit WAV file, at any sample rate; raises ListenError."""
    try:
        from simulator.hearing.recogniser import SAMPLE_RATE, recognise
        from sound.audio.clip import read_wav, resampled
    except ImportError as error:
        raise ListenError(f"--listen: {error.name} is not installed. {NEEDS}") from error
    try:
        clip = resampled(read_wav(path), SAMPLE_RATE)
    except (OSError, EOFError, wave.Error) as error:
        raise ListenError(f"--listen {path}: it cannot be read ({error}). Give it a 16-bit WAV file") from error
    words = recognise(clip.samples.astype("<i2").tobytes(), locale)
    if not words:
        raise ListenError(f"--listen {path}: no words were made out. Say one of the sentences of the interaction model")
    return words
