"""A response as sound: every clip, silence and cut to the sample, laid out by the same rules as the text timeline."""

import wave
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from tqdm import tqdm

from sound.apla import Node
from sound.audio.clip import SAMPLE_RATE, Clip, as_samples, gained, read_wav, resampled, without_padding
from sound.audio.voices import Voice
from sound.playback import Layout, Playback, heard, lay_out, programme, reprompt_programme
from sound.ssml import AudioRef, SpeechRun

PER_MS: Final = SAMPLE_RATE // 1000
EDGE_MS: Final = 30
"""Silence kept around a run of speech. Engines pad a lone clip by up to 430 ms; Alexa's own voice carries 16-30 ms
before and 26-33 ms after (Polly's clips, docs/reference/speech.md 2a)."""
_FADE_MS: Final = 3
"""So that speech cut by trimToParent ends without a click."""

Sounds = Callable[[str], Path | None]
"""Finds the local WAV file for the source of a sound."""


class AudioError(Exception):
    """A sound file is missing or cannot be read. The message says which and what to do."""


def render(response: Mapping[str, Any], voice: Voice, *, sounds: Sounds | None = None, progress: bool = False) -> Clip:
    """All that is heard of a response, at 24 kHz; empty when nothing is.

    `response` is an Alexa response, or the envelope around one. With `progress`, work of over two seconds shows a bar
    on standard error.

    Raises SsmlError or AplaError for what Alexa would refuse, VoiceError, AudioError.
    """
    return rendered(programme(response), voice, sounds=sounds, progress=progress)[0]


def render_reprompt(
    response: Mapping[str, Any], voice: Voice, *, sounds: Sounds | None = None, progress: bool = False
) -> Clip:
    """All that is heard of a response's reprompt; otherwise as `render`."""
    return rendered(reprompt_programme(response), voice, sounds=sounds, progress=progress)[0]


def rendered(
    node: Node | None, voice: Voice, *, sounds: Sounds | None = None, progress: bool = False
) -> tuple[Clip, Playback]:
    """The sound of a tree, and what is heard when in it. Errors as for `render`."""
    with tqdm(desc=f"voice {voice.name}", unit=" clips", delay=2, disable=not progress, leave=False) as bar:
        clips = _Clips(voice, sounds, bar.update)
        layout = lay_out(node, lambda segment: len(clips.of(segment).samples), PER_MS)
    return _mixed(layout, clips), heard(layout, PER_MS)


def spoken_lengths(voice: Voice) -> Callable[[SpeechRun], int]:
    """Real lengths for `sound.playback.timeline`, in ms, when `voice` speaks."""
    clips = _Clips(voice, None, lambda _: None)
    return lambda run: round(clips.of(run).length_ms)


def said(voice: Voice, run: SpeechRun) -> Clip:
    """A run of speech as it sounds in a response."""
    clip = voice.synthesize(run.text, run.rate)
    return gained(without_padding(resampled(clip), EDGE_MS), run.gain_db)


class _Clips:
    """The clips of one response, each made once."""

    def __init__(self, voice: Voice, sounds: Sounds | None, done: Callable[[int], object]) -> None:
        self._voice = voice
        self._sounds = sounds
        self._done = done
        self._made: dict[SpeechRun | AudioRef, Clip] = {}

    def of(self, segment: SpeechRun | AudioRef) -> Clip:
        if segment not in self._made:
            if isinstance(segment, AudioRef):
                self._made[segment] = self._sound(segment.source)
            else:
                self._made[segment] = said(self._voice, segment)
            self._done(1)
        return self._made[segment]

    def _sound(self, source: str) -> Clip:
        path = self._sounds(source) if self._sounds else None
        if path is None:
            raise AudioError(f"sound {source!r}: no local file is known for it. Give the renderer one, as 16-bit WAV.")
        try:
            return resampled(read_wav(path))
        except (OSError, EOFError, wave.Error) as error:
            raise AudioError(f"sound {source!r}: {path.name} is not a 16-bit WAV file ({error}).") from error


def _mixed(layout: Layout, clips: _Clips) -> Clip:
    sum_of_all = np.zeros(layout.total, dtype=np.int32)
    for one in layout.placed:
        part = clips.of(one.segment).samples[: one.length].astype(np.float64)
        if one.length < one.whole:
            fade = min(one.length, _FADE_MS * PER_MS)
            part[len(part) - fade :] *= np.linspace(1.0, 0.0, fade)
        sum_of_all[one.start : one.start + one.length] += np.rint(part).astype(np.int32)
    return Clip(as_samples(sum_of_all), SAMPLE_RATE)
