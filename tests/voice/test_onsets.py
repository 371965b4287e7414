"""The measuring itself, on sounds whose onsets are known to the sample."""

import math

import numpy as np
import pytest

from sound.audio.clip import SAMPLE_RATE, Clip, as_samples
from sound.measuring.onsets import Goal, Mark, find_words, measure


def beeps(*starts_ms: float, length_ms: float = 300, total_ms: float = 6000) -> Clip:
    """Tones of 440 Hz at the given times."""
    samples = np.zeros(round(total_ms * SAMPLE_RATE / 1000))
    tone = 10_000 * np.sin(2 * np.pi * 440 * np.arange(round(length_ms * SAMPLE_RATE / 1000)) / SAMPLE_RATE)
    for start in starts_ms:
        at = round(start * SAMPLE_RATE / 1000)
        samples[at : at + len(tone)] += tone[: len(samples) - at]
    return Clip(as_samples(samples), SAMPLE_RATE)


def seconds(count: int, lead_ms: float = 0.0) -> list[Mark]:
    """A word due every second, the first at the start."""
    return [Mark(index * 1000, lead_ms=lead_ms) for index in range(count)]


def test_onsets_are_found_to_the_millisecond() -> None:
    """The start of a tone is found within a millisecond."""
    words = find_words(beeps(0, 1000, 2500.5), 3)
    assert [word.start_ms for word in words] == pytest.approx([0, 1000, 2500.5], abs=1)


def test_a_closure_inside_a_word_does_not_part_it() -> None:
    """Quiet of 100 ms inside a word is no gap between words."""
    clip = beeps(0, 200, 1000, length_ms=100)
    assert [round(word.start_ms) for word in find_words(clip, 2)] == [0, 1000]


def test_words_that_nearly_touch_are_parted_when_that_is_clear() -> None:
    """A gap of 120 ms parts two words when no gap inside a word comes near it."""
    assert len(find_words(beeps(0, 420, 1500), 3)) == 3


def test_words_that_cannot_be_told_apart_are_not_invented() -> None:
    """When the gap between words is like those inside words, fewer are found than expected."""
    clip = beeps(0, 420, 840, 2000, length_ms=310)
    assert len(find_words(clip, 3)) == 2


def test_silence_holds_no_words() -> None:
    """Digital silence is not sound."""
    assert find_words(beeps(), 3) == ()


def test_lead_silence_is_taken_off_the_corrected_error_only() -> None:
    """What the voice's own clip begins with is no fault of the count, but is heard."""
    measured = measure(beeps(100, 1100, 2100), seconds(3, lead_ms=100))
    assert (round(measured.worst_ms), round(measured.worst_raw_ms), round(measured.total_error_pct, 2)) == (0, 100, 0.0)


def test_drift_is_the_growth_of_the_error() -> None:
    """Ten ms more each second are 600 ms a minute."""
    assert measure(beeps(0, 1010, 2020, 3030), seconds(4)).drift == pytest.approx(600, abs=5)


def test_the_wrong_number_of_words_has_no_errors_to_report() -> None:
    """Two words where three are due fail, however lax the goal."""
    measured = measure(beeps(0, 1000), seconds(3))
    assert math.isnan(measured.worst_ms)
    assert measured.failures(Goal(100, 100_000)) == ("2 words heard, 3 expected",)


def test_each_broken_goal_is_named() -> None:
    """A failure says what is off and what is allowed."""
    failures = measure(beeps(0, 1000, 2100), seconds(3)).failures(Goal(0.1, 60, 120))
    assert failures == ("total 5.00 % off, at most 0.10 % allowed", "a word 100 ms off, at most 60 ms allowed")
