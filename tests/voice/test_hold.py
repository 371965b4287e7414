"""A hold of ten seconds, measured in sound; and the ways a hold can be wrong, which the measuring must find."""

from collections.abc import Sequence
from typing import Any

import pytest

from sound.audio import Voice
from sound.audio.render import rendered
from sound.measuring.counts import BLOCKS_GOAL, SLOTS_GOAL, Due, measure_counts
from sound.measuring.onsets import Measurement
from sound.playback import programme
from tests.voice.documents import COUNT, RELEASE, WORDS, block, document, hold, rest, slot, ssml


def measure_count(response: dict[str, Any], count: Sequence[Due], voice: Voice) -> Measurement:
    """Render a response and measure the count in it."""
    clip, playback = rendered(programme(response), voice)
    return measure_counts(clip, playback, [count], voice)[0]


def test_a_hold_in_slots_is_exact_on_any_voice(voice: Voice) -> None:
    """Ten seconds of slots last ten seconds, and each word is on time, whatever the voice."""
    measured = measure_count(hold(*map(slot, WORDS)), COUNT, voice)
    assert measured.failures(SLOTS_GOAL) == ()


def test_a_hold_in_blocks_loses_its_error_at_the_end_of_each_block(voice: Voice) -> None:
    """Words inside a block may be a little off; the blocks and the whole hold are exact."""
    blocks = (block(WORDS[:4]), block(WORDS[4:7]), block(WORDS[7:]))
    measured = measure_count(hold(*blocks), COUNT, voice)
    assert measured.failures(BLOCKS_GOAL) == ()
    assert max(abs(measured.errors_ms[first]) for first in (4, 7, 10)) <= 5


@pytest.mark.parametrize("long", range(10))
def test_a_slot_of_50_ms_too_much_fails(voice: Voice, long: int) -> None:
    """Wherever in the hold the long slot stands, the total gives it away."""
    cues = [slot(word, 1050 if index == long else 1000) for index, word in enumerate(WORDS)]
    failures = measure_count(hold(*cues), COUNT, voice).failures(SLOTS_GOAL)
    assert "total 0.50 % off" in failures[0]


@pytest.mark.parametrize("missing", range(1, 10))
def test_a_missing_number_fails(voice: Voice, missing: int) -> None:
    """A number that is not said is missed, though the hold keeps its length."""
    cues = [rest(1000) if index == missing else slot(word) for index, word in enumerate(WORDS)]
    assert measure_count(hold(*cues), COUNT, voice).failures(SLOTS_GOAL) == ("10 words heard, 11 expected",)


def test_a_missing_first_number_fails(voice: Voice) -> None:
    """Without its first word the count is not found at all."""
    cues = [rest(1000), *map(slot, WORDS[1:])]
    assert measure_count(hold(*cues), COUNT, voice).failures(SLOTS_GOAL) == ("0 words heard, 11 expected",)


def test_one_long_break_instead_of_ten_numbers_fails(voice: Voice) -> None:
    """Ten seconds of quiet are not a count, in a document or in SSML."""
    assert measure_count(hold(rest(10_000)), COUNT, voice).failures(SLOTS_GOAL) == ("0 words heard, 11 expected",)
    quiet = ssml(f'one <break time="10s"/> {RELEASE}')
    assert measure_count(quiet, COUNT, voice).failures(SLOTS_GOAL) == ("2 words heard, 11 expected",)


def test_a_second_of_break_after_each_number_fails(voice: Voice) -> None:
    """The naive way lasts 40 to 80 % too long (docs/reference/speech.md 2a)."""
    naive = ssml('<break time="1s"/>'.join([*WORDS, RELEASE]))
    measured = measure_count(naive, COUNT, voice)
    assert measured.found == measured.expected
    assert measured.total_error_pct > 30
    assert measured.failures(SLOTS_GOAL)


def test_a_slow_count_fails_by_its_drift(voice: Voice) -> None:
    """Every slot 2 % too long adds up to 1.2 s a minute."""
    measured = measure_count(hold(*(slot(word, 1020) for word in WORDS)), COUNT, voice)
    assert measured.failures(SLOTS_GOAL)
    assert measured.drift == pytest.approx(1200, abs=60)


def test_two_numbers_in_one_slot_fail(voice: Voice) -> None:
    """The right words in the wrong second are an error of time."""
    cues = [*map(slot, WORDS[:4]), slot("five", 700), slot("six", 1300), *map(slot, WORDS[6:])]
    assert "a word 300 ms off" in measure_count(hold(*cues), COUNT, voice).failures(SLOTS_GOAL)[0]


def test_a_response_without_a_count_is_a_failure(voice: Voice) -> None:
    """Words that are no count are not taken for one."""
    assert measure_count(document(slot("hello")), COUNT, voice).found == 0
