"""A piece of sound: 16-bit mono samples, and what can be done to them without a voice."""

import math
import os
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

SAMPLE_RATE: Final = 24_000
"""Of everything rendered, in Hz: 24 samples make a millisecond, so every length in ms is exact."""
AUDIBLE_DB: Final = -42.0
"""Sound louder than this, against the loudest, is heard as speech (docs/reference/speech.md 2a)."""
_ZERO_CROSSINGS: Final = 16
_KAISER_BETA: Final = 8.0
_CHUNK: Final = 1 << 15


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    samples: Samples
    """One channel."""
    sample_rate: int
    """In Hz."""

    @property
    def length_ms(self) -> float:
        """Length in milliseconds."""
        return len(self.samples) * 1000 / self.sample_rate

    def between(self, start_ms: float, end_ms: float) -> "Clip":
        """The part between two times in ms."""
        start, end = (max(0, round(ms * self.sample_rate / 1000)) for ms in (start_ms, end_ms))
        return Clip(self.samples[start:end], self.sample_rate)


def audible_level(clip: Clip) -> float:
    """The amplitude above which a clip's sound is heard: 42 dB below its peak."""
    peak = int(np.abs(clip.samples.astype(np.int32)).max(initial=0))
    return peak * math.pow(10.0, AUDIBLE_DB / 20)


def lead_ms(clip: Clip, level: float | None = None) -> float:
    """The silence before the first sound, in ms: all of the clip when nothing in it is louder than `level`.

    `level` is an amplitude; without one it is 42 dB below the clip's own peak.
    """
    loud = _loud(clip, level)
    return float(loud[0]) * 1000 / clip.sample_rate if len(loud) else clip.length_ms


def trail_ms(clip: Clip, level: float | None = None) -> float:
    """The silence after the last sound, in ms; otherwise as `lead_ms`."""
    loud = _loud(clip, level)
    return float(len(clip.samples) - 1 - loud[-1]) * 1000 / clip.sample_rate if len(loud) else clip.length_ms


def _loud(clip: Clip, level: float | None) -> NDArray[np.intp]:
    threshold = audible_level(clip) if level is None else level
    return np.flatnonzero(np.abs(clip.samples.astype(np.int32)) > threshold)


def without_padding(clip: Clip, keep_ms: float) -> Clip:
    """The clip with at most `keep_ms` of silence on either side; a silent clip comes back as it is."""
    loud = _loud(clip, None)
    if not len(loud):
        return clip
    keep = round(keep_ms * clip.sample_rate / 1000)
    return Clip(clip.samples[max(0, int(loud[0]) - keep) : int(loud[-1]) + 1 + keep], clip.sample_rate)


def gained(clip: Clip, gain_db: float) -> Clip:
    """The clip made louder or softer, clipped at full scale."""
    if gain_db == 0:
        return clip
    factor = 0.0 if gain_db == -math.inf else math.pow(10.0, gain_db / 20)
    return Clip(as_samples(clip.samples * factor), clip.sample_rate)


def as_samples(values: NDArray[np.floating] | NDArray[np.integer]) -> Samples:
    """Amplitudes as 16-bit samples, clipped at full scale."""
    clipped: Samples = np.clip(np.rint(values), -32768, 32767).astype(np.int16)
    return clipped


def resampled(clip: Clip, rate: int = SAMPLE_RATE) -> Clip:
    """The clip at another sample rate, by a polyphase windowed sinc (Kaiser, 16 zero crossings a side).

    No onset moves: output sample n is the input at the time n / rate.
    """
    if clip.sample_rate == rate or not len(clip.samples):
        return Clip(clip.samples, rate)
    common = math.gcd(clip.sample_rate, rate)
    up, down = rate // common, clip.sample_rate // common
    taps, half = _phases(up, down)
    padded = np.concatenate([np.zeros(half), clip.samples.astype(np.float64), np.zeros(half + 1)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half)
    count = -(-len(clip.samples) * up // down)
    out = np.empty(count)
    for start in range(0, count, _CHUNK):  # in chunks, for the windows of a whole response would fill the memory
        at = np.arange(start, min(start + _CHUNK, count), dtype=np.int64) * down
        out[start : start + len(at)] = np.einsum("ij,ij->i", windows[at // up + 1], taps[at % up])
    return Clip(as_samples(out), rate)


def _phases(up: int, down: int) -> tuple[NDArray[np.float64], int]:
    """For each of `up` offsets between two input samples, the weights of the input samples around it."""
    cutoff = min(1.0, up / down)
    half = math.ceil(_ZERO_CROSSINGS / cutoff)
    offset = np.arange(up)[:, None] / up - np.arange(1 - half, half + 1)[None, :]
    window = np.i0(_KAISER_BETA * np.sqrt(np.clip(1 - (offset / half) ** 2, 0, 1))) / np.i0(_KAISER_BETA)
    taps = cutoff * np.sinc(cutoff * offset) * window
    return taps / taps.sum(axis=1, keepdims=True), half


def write_wav(clip: Clip, path: Path) -> None:
    """Write a clip as a WAV file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file, wave.open(file, "wb") as wav:
            wav.setnchannels(1)
            wav.setsampwidth(2)
            wav.setframerate(clip.sample_rate)
            wav.writeframes(clip.samples.astype("<i2").tobytes())
        Path(temporary).replace(path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def read_wav(path: Path) -> Clip:
    """A WAV file of 16-bit samples; of several channels, their mean.

    Raises wave.Error or EOFError when it is not such a file.
    """
    with wave.open(str(path), "rb") as wav:
        if wav.getsampwidth() != 2:
            raise wave.Error(f"{path.name}: {8 * wav.getsampwidth()}-bit samples. Convert it to 16 bits.")
        samples = np.frombuffer(wav.readframes(wav.getnframes()), dtype="<i2").reshape(-1, wav.getnchannels())
        return Clip(as_samples(samples.mean(axis=1)), wav.getframerate())
