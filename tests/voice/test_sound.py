"""Clips, the renderer, the cache and the player."""

import math
import stat
from pathlib import Path

import numpy as np
import pytest

from sound.apla import AplaError
from sound.audio import AudioError, Clip, Voice, VoiceError, lead_ms, load_voice, play, render, render_reprompt
from sound.audio.clip import SAMPLE_RATE, as_samples, read_wav, resampled, trail_ms, without_padding, write_wav
from sound.audio.render import rendered, said, spoken_lengths
from sound.audio.voices import CachedVoice
from sound.measuring.misfits import misfits
from sound.playback import programme, timeline
from sound.ssml import SpeechRun
from tests.voice.documents import document, rest, slot, ssml


class Humming:
    """A voice that hums for 100 ms a letter, with 200 ms of silence on either side."""

    name = "humming"
    engine = "test 1"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def synthesize(self, text: str, rate: float = 1.0) -> Clip:
        self.asked.append(text)
        hum = 8000 * np.sign(np.sin(2 * np.pi * 200 * (np.arange(round(1600 * len(text) / rate)) + 0.5) / 16_000))
        return Clip(as_samples(np.concatenate([np.zeros(3200), hum, np.zeros(3200)])), 16_000)


@pytest.mark.parametrize("rate", [8000, 16_000, 22_050, 44_100, 48_000])
def test_resampling_keeps_every_tone_and_its_place(rate: int) -> None:
    """A tone of 1 kHz comes out the same at 24 kHz, within three steps of 16 bits; so does its phase."""
    second = np.arange(rate) / rate
    clip = resampled(Clip(as_samples(20_000 * np.sin(2 * np.pi * 1000 * second)), rate))
    ideal = 20_000 * np.sin(2 * np.pi * 1000 * np.arange(SAMPLE_RATE) / SAMPLE_RATE)
    assert len(clip.samples) == SAMPLE_RATE
    assert np.abs(clip.samples[500:-500] - ideal[500:-500]).max() <= 3


def test_resampling_down_removes_what_would_fold_back() -> None:
    """A tone above half the new rate is gone, not heard as another tone."""
    second = np.arange(48_000) / 48_000
    clip = resampled(Clip(as_samples(20_000 * np.sin(2 * np.pi * 16_000 * second)), 48_000))
    assert np.abs(clip.samples[500:-500]).max() < 20


def test_padding_is_cut_and_sound_is_kept() -> None:
    """Silence around speech is cut to what is asked for; a silent clip stays."""
    clip = without_padding(Humming().synthesize("ab"), 30)
    assert (round(lead_ms(clip)), round(trail_ms(clip)), round(clip.length_ms)) == (30, 30, 260)
    silent = Clip(np.zeros(100, dtype=np.int16), 16_000)
    assert without_padding(silent, 30) is silent
    assert lead_ms(silent) == silent.length_ms


def test_silences_are_exact_to_the_sample() -> None:
    """Between two words stands the break and the edges of the two clips, and nothing else."""
    clip = render(ssml('a<break time="1001ms"/>b<break time="333ms"/>'), Humming())
    a, b = (len(said(Humming(), SpeechRun(text)).samples) for text in "ab")
    assert len(clip.samples) == a + b + 24 * (1001 + 333)
    quiet = clip.samples[a : a + 24 * 1001]
    assert not quiet.any()


def test_sound_and_text_timeline_agree() -> None:
    """The rendered sound is as long as the timeline with the voice's lengths says."""
    response = document(slot("abcde", 300), rest(200), slot("ab", 1000))
    clip, playback = rendered(programme(response), Humming())
    assert clip.length_ms == playback.total_ms == 1500
    assert playback == timeline(response, spoken_lengths(Humming()))
    assert [one.cut_ms for one in playback.heard if one.text] == [
        spoken_lengths(Humming())(SpeechRun("abcde")) - 300,
        0,
    ]


def test_speech_cut_at_its_slot_ends_softly() -> None:
    """The last samples before a cut fade out, and the next slot starts on time."""
    clip = render(document(slot("abcde", 300), slot("a", 1000)), Humming())
    assert abs(int(clip.samples[24 * 300 - 1])) < 500
    assert not clip.samples[24 * 300 : 24 * 330 - 20].any()


def test_prosody_volume_changes_loudness() -> None:
    """Minus 6 dB halves the amplitude, silent leaves only the time."""
    loud, soft, none = (said(Humming(), SpeechRun("a", gain_db=gain)) for gain in (0.0, -6.0206, -math.inf))
    assert abs(int(soft.samples.max()) * 2 - int(loud.samples.max())) <= 2
    assert not none.samples.any()
    assert len(none.samples) == len(loud.samples)


def test_a_reprompt_is_rendered_apart() -> None:
    """The reprompt's quiet and words are its own sound."""
    response = {**ssml("a"), "reprompt": ssml('<break time="2s"/>a')}
    assert render_reprompt(response, Humming()).length_ms == render(response, Humming()).length_ms + 2000
    assert render_reprompt(ssml("a"), Humming()).length_ms == 0


def test_sounds_are_mixed_in_from_local_files(tmp_path: Path) -> None:
    """An audio tag plays the WAV file found for it, resampled; an unknown one is an error that names it."""
    write_wav(Humming().synthesize("a"), tmp_path / "bell.wav")
    response = ssml('<audio src="https://example.com/bell.mp3"/>')
    clip = render(response, Humming(), sounds=lambda source: tmp_path / "bell.wav")
    assert clip.length_ms == 500
    with pytest.raises(AudioError, match=r"bell\.mp3.*no local file"):
        render(response, Humming())
    (tmp_path / "bell.wav").write_bytes(b"not a wav")
    with pytest.raises(AudioError, match="not a 16-bit WAV"):
        render(response, Humming(), sounds=lambda source: tmp_path / "bell.wav")


def test_more_than_240_seconds_are_refused_by_the_voice_that_needs_them() -> None:
    """What fits on one voice may not on a slower: the real lengths decide."""
    response = ssml('<break time="10s"/>'.join("a" * 23) + "a" * 100)
    with pytest.raises(AplaError, match="at most 240 s"):
        render({**response, "directives": document(slot("a", 20_000))["directives"]}, Humming())


def test_a_voice_says_a_text_once(tmp_path: Path) -> None:
    """What was said is read from the cache by the next voice of the same name, rate and version."""
    first = CachedVoice(Humming(), tmp_path)
    clip = first.synthesize("a", 1.0)
    again = Humming()
    assert np.array_equal(CachedVoice(again, tmp_path).synthesize("a", 1.0).samples, clip.samples)
    assert again.asked == []
    CachedVoice(again, tmp_path).synthesize("a", 1.5)
    again.engine = "test 2"
    CachedVoice(again, tmp_path).synthesize("a", 1.0)
    assert again.asked == ["a", "a"]


def test_a_damaged_cache_file_is_made_again(tmp_path: Path) -> None:
    """Half a file in the cache costs time, not sound."""
    CachedVoice(Humming(), tmp_path).synthesize("a")
    for path in tmp_path.rglob("*.wav"):
        path.write_bytes(path.read_bytes()[:20])
    assert CachedVoice(Humming(), tmp_path).synthesize("a").length_ms == 500


def test_an_unknown_voice_and_a_missing_engine_say_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message lists the voices, or names the package to install."""
    with pytest.raises(VoiceError, match="Choose one of piper-joe, espeak-140"):
        load_voice("robot")
    monkeypatch.setattr("shutil.which", lambda program: None)
    monkeypatch.setattr("sound.audio.voices._version", load_voice.__globals__["_version"].__wrapped__)
    with pytest.raises(VoiceError, match="apt-get install flite"):
        load_voice("flite-slt")
    monkeypatch.setattr("sound.audio.voices.find_spec", lambda name: None)
    with pytest.raises(VoiceError, match="make setup-dev"):
        load_voice("piper-joe")


def test_a_voice_always_says_the_same(voice: Voice) -> None:
    """Two fresh voices give the same samples: a measurement can be repeated."""
    clips = [load_voice(voice.name, cache_folder=None).synthesize("twenty") for _ in range(2)]
    assert np.array_equal(clips[0].samples, clips[1].samples)


def test_rate_changes_how_long_a_voice_takes(voice: Voice) -> None:
    """At three quarters of the speed a sentence takes about a third longer."""
    slow, usual = (said(voice, SpeechRun("Kneel down on both knees.", rate)).length_ms for rate in (0.75, 1.0))
    assert 1.15 < slow / usual < 1.5


def test_words_too_long_for_their_slot_are_named_with_their_voice(voice: Voice) -> None:
    """A full number does not fit a second on a slow voice; the ones digit does."""
    node = programme(
        document(slot("seven"), slot("seven", 400), slot("seven", 400), slot("one hundred and twenty seven"))
    )
    assert [(one.text, one.slot_ms, one.voice) for one in misfits(node, voice)] == [
        ("seven", 400, voice.name),
        ("one hundred and twenty seven", 1000, voice.name),
    ]


def test_a_wav_file_comes_back_as_written(tmp_path: Path) -> None:
    """Samples and rate survive the file."""
    clip = Humming().synthesize("a")
    write_wav(clip, tmp_path / "new" / "a.wav")
    back = read_wav(tmp_path / "new" / "a.wav")
    assert np.array_equal(back.samples, clip.samples)
    assert back.sample_rate == 16_000
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.wav"]


@pytest.mark.parametrize(("exit_code", "played"), [(0, True), (1, False)])
def test_the_player_says_whether_it_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exit_code: int, played: bool
) -> None:
    """Without a sound device the players fail, and the caller learns to write a file instead."""
    program = tmp_path / "aplay"
    program.write_text(f"#!/bin/sh\nexit {exit_code}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert play(tmp_path / "a.wav") is played


def test_no_player_at_all_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without any player plays nothing."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert play(tmp_path / "a.wav") is False
