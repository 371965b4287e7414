"""A talk that is heard: played as it goes where there is a sound device, and kept as one WAV where there is none."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from simulator.device import Device, Playing
from sound.ssml import SpeechRun

if TYPE_CHECKING:
    from sound.audio import Clip

PLAY: Final = """
import sys
from pathlib import Path
from sound.audio.player import play
sys.exit(0 if play(Path(sys.argv[1])) else 3)
"""
"""Runs in a process of its own, so that a barge-in can end it."""
SILENT: Final = 3
"""Exit code of that process when nothing could be heard."""
LONGEST_GAP_MS: Final = 10_000
"""Longer waits are shortened to this in a saved talk."""


class VoiceOver:
    """One voice for one talk."""

    def __init__(self, name: str | None, *, aloud: bool) -> None:
        from sound.audio import DEFAULT_VOICE, load_voice, spoken_lengths

        self._voice = load_voice(name or DEFAULT_VOICE)
        self.length_of: Callable[[SpeechRun], int] = spoken_lengths(self._voice)
        """Real lengths for the device's timeline."""
        self.aloud = aloud
        """Something is heard, as far as is known."""
        self._player: subprocess.Popen[bytes] | None = None
        self._current: Playing | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="stretch-coach-")

    def follow(self, device: Device) -> None:
        """Start what has begun to play, stop what was interrupted; called again and again while time runs."""
        if self._player and self._player.poll() == SILENT:
            self.aloud = False
        if device.playing is self._current:
            return
        if device.playing or (device.played and device.played[-1].cut_at):
            self.hush()
        self._current = device.playing
        if self._current and self._current.playback.heard and self.aloud:
            self._play(self._current, lag_ms=device.clock.now_ms - self._current.started_at)

    def hush(self) -> None:
        """Stop what is being played."""
        if self._player and self._player.poll() is None:
            os.killpg(self._player.pid, signal.SIGTERM)
            self._player.wait()
        self._player = None

    def close(self) -> None:
        """Stop, and leave nothing behind."""
        self.hush()
        self._folder.cleanup()

    def save(self, device: Device, path: Path) -> None:
        """Write everything that was said, as it was heard, to one WAV file; waits of any length become short ones."""
        import numpy as np

        from sound.audio import Clip, write_wav
        from sound.audio.clip import SAMPLE_RATE

        parts, end = [], None
        for played in device.played:
            started_at = played.playing.started_at
            heard_ms = max(0, played.cut_at - started_at) if played.cut_at is not None else None
            clip = self._rendered(played.playing)
            clip = clip if heard_ms is None else clip.between(0, heard_ms)
            gap_ms = 0 if end is None else min(max(0, started_at - end), LONGEST_GAP_MS)
            parts += [np.zeros(gap_ms * SAMPLE_RATE // 1000, dtype=np.int16), clip.samples]
            end = started_at + round(clip.length_ms)
        write_wav(Clip(np.concatenate(parts or [np.zeros(0, dtype=np.int16)]), SAMPLE_RATE), path)

    def _rendered(self, playing: Playing) -> "Clip":
        from sound.audio import render, render_reprompt

        return (render_reprompt if playing.is_reprompt else render)(playing.response, self._voice)

    def _play(self, playing: Playing, *, lag_ms: int) -> None:
        from sound.audio import write_wav

        path = Path(self._folder.name) / "now.wav"
        clip = self._rendered(playing)
        write_wav(clip.between(max(0, lag_ms), clip.length_ms), path)
        self._player = subprocess.Popen([sys.executable, "-c", PLAY, str(path)], start_new_session=True)
