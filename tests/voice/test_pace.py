"""The pace report's own parts, and the skill's real counts on two voices (the whole is `make pace`)."""

import math
from collections.abc import Sequence

import pytest

from bench.pace import report
from bench.pace.cases import NAIVE, Case, cases, counts_in, every_slot
from content_reader.documents import load_library
from sound.audio import Voice
from sound.measuring.counts import Due
from sound.measuring.onsets import Measurement
from stretch_coach.library import Library
from stretch_coach.timeline import Carrier, Cue, Part, Place


@pytest.fixture(scope="module")
def library() -> Library:
    """The content of this tree."""
    return load_library()


def one(library: Library, kind: str, rung: str) -> Case:
    """The case of a kind on a rung."""
    return next(case for case in cases(library, [kind]) if case.rung == rung)


def test_the_skills_own_hold_is_exact_in_slots(library: Library, voice: Voice) -> None:
    """Ten seconds of holding, both sides, counted by the skill: every word on its second, and no second too many."""
    results = list(report.measure_case(one(library, "hold 10 s", "slots"), voice))
    assert len(results) == 2
    assert [result.failures for result in results] == [(), ()]


def test_breaths_are_exact_in_slots(library: Library, voice: Voice) -> None:
    """Six breaths last thirty seconds."""
    results = list(report.measure_case(one(library, "6 breaths", "slots"), voice))
    assert [result.failures for result in results] == [()] * len(results)


def test_the_naive_way_is_far_off(library: Library, voice: Voice) -> None:
    """The comparison shows what it is there to show."""
    (result,) = report.measure_case(one(library, "hold 10 s", NAIVE), voice)
    assert result.measured.total_error_pct > 30
    assert result.goal is None


def seconds(words: Sequence[str], ms: int = 1000) -> list[Cue]:
    """A count-in and a hold with a word a second."""
    cues = [Cue("ready", 1000, Carrier.SLOT, Part.READY), Cue("hold", 1000, Carrier.SLOT, Part.READY)]
    cues += [Cue(word, ms, Carrier.SLOT, Part.COUNT, Place(count=index)) for index, word in enumerate(words)]
    return [*cues, Cue("And release.", 2000, Carrier.PROSE, Part.RELEASE)]


def test_due_times_come_from_the_content() -> None:
    """A cue that is 50 ms too long does not make its word due later."""
    expected = (Due(0, "one"), Due(1000, "two"), Due(3000, "four"), Due(4000, "And release."))
    words = ["one", "two", "", "four"]
    assert list(counts_in(seconds(words), 1000)) == list(counts_in(seconds(words, 1050), 1000)) == [expected]


def test_a_count_whose_first_unit_is_silent_is_measured_from_its_count_in() -> None:
    """Landmarks begin with the last word of the count-in, a second before the hold."""
    assert list(counts_in(seconds(["", "two"]), 1000)) == [
        (Due(0, "hold"), Due(2000, "two"), Due(3000, "And release.")),
    ]


def test_every_exercise_and_style_is_looked_through_for_words_that_do_not_fit(library: Library) -> None:
    """The check of slots reaches at least one response for each exercise."""
    assert len(every_slot(library)) > len(library.exercises)


def test_the_report_says_what_was_missed(library: Library) -> None:
    """A table row gives the worst of all voices, and a missed goal is listed with its voice."""
    case = one(library, "hold 30 s", "slots")
    good = Measurement(31, 31, 0.01, 2.0, 32.0, 0.5)
    short = Measurement(31, 30, math.nan, math.nan, math.nan, math.nan)
    late = Measurement(31, 31, -0.3, 70.0, 90.0, -9.0)
    results = [report.Result(case, name, one) for name, one in (("a", good), ("b", short), ("c", late))]
    assert list(report.problems(results, ())) == [
        "hold 30 s, slots, b: 30 words heard, 31 expected",
        "hold 30 s, slots, c: total 0.30 % off, at most 0.10 % allowed",
        "hold 30 s, slots, c: a word 70 ms off, at most 60 ms allowed",
    ]
    assert "| hold 30 s | slots | 93 / 92 | -0.30 | 70 | 90 | -9 | missed |" in report.table(results)


def test_short_counts_in_ssml_have_no_goal(library: Library) -> None:
    """The goal of the last rung is for holds of thirty seconds and longer."""
    off = Measurement(4, 4, 5.0, 500.0, 500.0, 0.0)
    assert report.Result(one(library, "hold 10 s", "ssml"), "a", off).failures == ()
    assert report.Result(one(library, "hold 30 s", "ssml"), "a", off).failures
