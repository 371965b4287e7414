"""The recorded session."""

import wave
from pathlib import Path

from simulator.cli import main


def test_the_demo_is_two_minutes_of_a_whole_session(tmp_path: Path) -> None:
    """The session is led, interrupted, asked about a red flag and ended, in about two minutes of sound."""
    sound, words = tmp_path / "demo.wav", tmp_path / "demo.md"
    assert main(["demo", "--voice", "espeak-175", "--wav", str(sound), "--transcript", str(words)]) == 0
    with wave.open(str(sound)) as file:
        seconds = file.getnframes() / file.getframerate()
    assert 100 < seconds < 140
    said = words.read_text()
    assert "left on the right side" in said
    assert "pausing at" in said
    assert "emergency care right away" in said
    assert "I've kept your place" in said
