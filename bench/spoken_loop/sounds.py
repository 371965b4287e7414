"""Sounds of a room that are no speech, made from a seed: hisses, coughs, claps, hums and tunes."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sound.audio import Clip

RATE: Final = 16_000
LOUD: Final = 12_000
Wave = NDArray[np.float64]


def sounds() -> Mapping[str, Clip]:
    """Each sound by its name, always the same."""
    chance = np.random.default_rng(1)
    made: dict[str, Wave] = {}
    for seconds in (0.5, 1.0, 3.0):
        made[f"white noise, {seconds:g} s"] = chance.standard_normal(round(seconds * RATE))
        made[f"pink noise, {seconds:g} s"] = _pink(chance, round(seconds * RATE))
    for times in (1, 2, 3):
        made[f"{times} cough{'s' * (times > 1)}"] = _repeated(times, 0.45, lambda: _cough(chance))
        made[f"{times} clap{'s' * (times > 1)}"] = _repeated(times, 0.35, lambda: _burst(chance, 0.1, 0.015))
    for hertz in (220, 1000):
        made[f"tone of {hertz} Hz"] = np.sin(2 * np.pi * hertz * _time(1.0))
    for tune in (1, 2, 3):
        made[f"tune {tune}"] = np.concatenate([_note(220 * 2 ** (step / 12)) for step in chance.integers(0, 24, 6)])
    made["hum"] = sum(np.sin(2 * np.pi * 120 * part * _time(0.8)) / part**2 for part in range(1, 8)) * np.hanning(
        12_800
    )
    return {name: Clip((wave / np.abs(wave).max() * LOUD).astype(np.int16), RATE) for name, wave in made.items()}


def _time(seconds: float) -> Wave:
    return np.arange(round(seconds * RATE)) / RATE


def _pink(chance: np.random.Generator, samples: int) -> Wave:
    spectrum = np.fft.rfft(chance.standard_normal(samples))
    pink: Wave = np.fft.irfft(spectrum / np.sqrt(np.maximum(1, np.arange(len(spectrum)))), samples)
    return pink


def _burst(chance: np.random.Generator, seconds: float, decay: float) -> Wave:
    time = _time(seconds)
    return chance.standard_normal(len(time)) * np.minimum(time / 0.005, 1) * np.exp(-time / decay)


def _cough(chance: np.random.Generator) -> Wave:
    """A burst of breath, and a voice that follows it."""
    time = _time(0.35)
    voice: Wave = np.sum([np.sin(2 * np.pi * 180 * part * time) / part for part in range(1, 15)], axis=0)
    cough: Wave = _burst(chance, 0.35, 0.07) + 0.5 * voice * np.exp(-(((time - 0.18) / 0.07) ** 2))
    return cough


def _note(hertz: float) -> Wave:
    time = _time(0.25)
    note: Wave = sum(np.sin(2 * np.pi * hertz * part * time) / part**1.5 for part in range(1, 7)) * np.exp(-time / 0.25)
    return note


def _repeated(times: int, every: float, make: Callable[[], Wave]) -> Wave:
    made = np.zeros(round((every * times + 0.3) * RATE))
    for turn in range(times):
        one = make()
        start = round((0.1 + every * turn) * RATE)
        made[start : start + len(one)] += one
    return made
