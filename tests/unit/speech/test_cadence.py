"""The pace of what is counted, in whole milliseconds."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stretch_coach.acts import Counting, CountStyle, Direction
from stretch_coach.library import Dose, Exercise, Hold, Reps
from stretch_coach.speech import cadence
from stretch_coach.speech.cadence import Bout
from stretch_coach.timeline import Carrier, Cue, Part, Place, total_ms
from tests.unit.performances import COUNTINGS, IDS, LIBRARY, PLAIN, SECOND_MS, alternating, counted, doses

WORDS = LIBRARY.locale.words
ONE_SECOND_WORDS = {
    *["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"],
    *["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"],
    "halfway", "nearly",
}  # fmt: skip
"""Everything that may be said in a slot of one second: no teens, no "twenty-one"."""
MARCHING = alternating().exercises["marching"]
EXERCISES = (*LIBRARY.exercises.values(), MARCHING)


def cues(exercise: Exercise, dose: Dose, counting: Counting, bout: Bout | None = None) -> tuple[Cue, ...]:
    """The cues of one bout, the first unless another is given."""
    bout = bout or cadence.bouts(exercise, dose, counting)[0]
    return cadence.count_cues(WORDS, exercise, dose, bout, counting)


def said(style: CountStyle, total: int, direction: Direction = Direction.UP) -> list[str]:
    """The word, or the silence, of every second of a hold."""
    counting = Counting(style, direction)
    return [cadence.word_for(WORDS, unit, total, counting) for unit in range(1, total + 1)]


def written_ms(exercise: Exercise, dose: Dose, pace: int) -> int:
    """The length of one side of one set as the content and the pace give it, worked out from the figures alone."""
    hold_ms = 0
    if dose.hold and dose.hold.breaths:
        hold_ms = dose.hold.breaths * ((8000 if dose.hold.deep else 5000) * pace // 100)
    elif dose.hold:
        hold_ms = (dose.hold.seconds or 0) * 1000
    if not dose.reps:
        return hold_ms
    moving = (dose.reps.tempo_seconds + dose.reps.pause_seconds) * 10 * pace
    rest_ms = (dose.rest_between_reps_seconds or (1 if dose.hold else 0)) * 1000
    repetitions = dose.reps.count * (2 if exercise.sides == "alternating" else 1)
    return repetitions * (moving + hold_ms + rest_ms)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_counts_add_up_to_the_dose_exactly(exercise: Exercise) -> None:
    """On every count style, direction and pace, the counted cues of each side of each set last what the dose says."""
    sides = 2 if exercise.sides == "each" else 1
    for dose in doses(exercise):
        for counting in COUNTINGS:
            lengths: dict[tuple[int, int], int] = {}
            for bout in cadence.bouts(exercise, dose, counting):
                ms = total_ms(cues(exercise, dose, counting, bout))
                assert ms == (bout.last - bout.first + 1) * cadence.unit_ms(dose, counting)
                lengths[bout.set, bout.side] = lengths.get((bout.set, bout.side), 0) + ms
            expected = written_ms(exercise, dose, counting.pace_percent)
            assert lengths == {(s, side): expected for s in range(1, dose.sets + 1) for side in range(sides)}


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_every_cue_makes_sense(exercise: Exercise) -> None:
    """Each counted cue has whole milliseconds, a word exactly when it is a slot, and a place within its bout."""
    for dose in doses(exercise):
        for counting in COUNTINGS:
            for bout in cadence.bouts(exercise, dose, counting):
                places = [cue.place for cue in cues(exercise, dose, counting, bout)]
                assert sorted(set(places)) == [
                    Place(bout.set, bout.side, unit - 1) for unit in range(bout.first, bout.last + 1)
                ]
                assert places == sorted(places)
                for cue in cues(exercise, dose, counting, bout):
                    assert type(cue.ms) is int
                    assert cue.ms > 0
                    assert cue.part is Part.COUNT
                    assert cue.carrier is (Carrier.SLOT if cue.text else Carrier.QUIET)


@pytest.mark.parametrize("pace", range(64, 151))
def test_a_second_never_scales(pace: int) -> None:
    """Whatever the pace, a 30 second hold is thirty slots of one second."""
    exercise = LIBRARY.exercises["low-lunge-hip-flexor-stretch"]
    lengths = [cue.ms for cue in cues(exercise, exercise.dose, Counting(pace_percent=pace))]
    assert lengths == [SECOND_MS] * 30


@pytest.mark.parametrize("pace", range(64, 151))
def test_every_pace_keeps_breaths_and_repetitions_whole(pace: int) -> None:
    """At each single pace a breath and a repetition have the same length every time."""
    counting = Counting(pace_percent=pace)
    for name in ("childs-pose", "knees-to-chest", "glute-bridge", "pelvic-tilt", "cat-cow"):
        exercise = LIBRARY.exercises[name]
        lengths: dict[Place, int] = {}
        for cue in cues(exercise, exercise.dose, counting):
            lengths[cue.place] = lengths.get(cue.place, 0) + cue.ms
        assert set(lengths.values()) == {cadence.unit_ms(exercise.dose, counting)}


@pytest.mark.parametrize("name", IDS)
def test_words_of_a_second_are_short(name: str) -> None:
    """What is said in a slot of a second or less is a number up to ten, a ten, or a landmark."""
    exercise = LIBRARY.exercises[name]
    for dose in doses(exercise):
        for counting in COUNTINGS:
            for cue in cues(exercise, dose, counting):
                if cue.text and cue.ms <= SECOND_MS and not dose.reps:
                    assert cue.text in ONE_SECOND_WORDS | {"in", "out"}


@pytest.mark.parametrize("style", CountStyle)
@pytest.mark.parametrize("direction", Direction)
def test_numbers_follow_the_decade(style: CountStyle, direction: Direction) -> None:
    """On every length from 1 to 99 a number names its ones digit, or its ten: never a teen."""
    for total in range(1, 100):
        for unit, word in enumerate(said(style, total, direction), 1):
            numbers = {unit, total - unit + 1}
            allowed = {WORDS["numbers"][str(n if n <= 10 or n % 10 == 0 else n % 10)] for n in numbers}
            assert word in {*allowed, "", "halfway", "nearly"}


def test_every_second_counts_up_as_spoken() -> None:
    """A 30 second hold says every number by its decade, with halfway and a warning of the end in their places."""
    assert " ".join(said(CountStyle.EVERY, 30)) == (
        "one two three four five six seven eight nine ten "
        "one two three four halfway six seven eight nine twenty "
        "one two three four five six nearly eight nine thirty"
    )


def test_every_second_counts_down_as_spoken() -> None:
    """Counting down ends on one, names the half exactly at the half, and needs no other warning of the end."""
    down = said(CountStyle.EVERY, 30, Direction.DOWN)
    assert down[:3] == ["thirty", "nine", "eight"]
    assert down[15] == "halfway"
    assert down[-3:] == ["three", "two", "one"]
    assert "nearly" not in down


def test_halfway_down_is_said_at_the_half() -> None:
    """Counting down, the slot that says halfway begins when exactly half of an even number of seconds has gone."""
    for total in range(16, 100, 2):
        assert said(CountStyle.EVERY, total, Direction.DOWN).index("halfway") * 2 == total


def test_halfway_needs_a_length() -> None:
    """Halfway is said once from sixteen counts on, in the silent style from six on, and never on shorter ones."""
    for total in range(1, 100):
        assert said(CountStyle.EVERY, total).count("halfway") == (total >= 16)
        assert said(CountStyle.SILENT, total).count("halfway") == (total >= 6)


def test_the_warning_comes_before_three_counts() -> None:
    """Counting every second up, the warning of the end stands where exactly three counts follow, from ten on."""
    for total in range(1, 100):
        words = said(CountStyle.EVERY, total)
        assert words.count("nearly") == (total >= 10)
        if total >= 10:
            assert words[-4] == "nearly"


@pytest.mark.parametrize("direction", Direction)
def test_sparse_says_tens_and_the_last_five(direction: Direction) -> None:
    """Sparse counting says the tens, halfway, and counts the last five down; everything else is quiet."""
    for total in (20, 30, 45, 60, 90):
        words = said(CountStyle.SPARSE, total, direction)
        assert words[-5:] == ["five", "four", "three", "two", "one"]
        spoken = {index + 1: word for index, word in enumerate(words[:-5]) if word}
        for unit, word in spoken.items():
            named = total - unit + 1 if direction is Direction.DOWN else unit
            assert word == "halfway" or (named % 10 == 0 and word == WORDS["numbers"][str(named)])
        tens = sum((total - u + 1 if direction is Direction.DOWN else u) % 10 == 0 for u in range(1, total - 4))
        assert len(spoken) in {tens, tens + 1}


def test_last_five_says_only_the_last_five() -> None:
    """The style of the last five is quiet until then."""
    for total in (10, 30, 60):
        words = said(CountStyle.LAST_FIVE, total)
        assert words[-5:] == ["five", "four", "three", "two", "one"]
        assert not any(words[:-5])


def test_fives_says_fives_and_the_last_three() -> None:
    """Every five says multiples of five and halfway, and counts the last three down."""
    assert [word for word in said(CountStyle.FIVES, 30) if word] == [
        "five", "ten", "halfway", "twenty", "five", "three", "two", "one",
    ]  # fmt: skip


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_silent_says_only_halfway(exercise: Exercise) -> None:
    """The silent style says nothing but halfway in anything that is counted: holds, breaths, repetitions, sides."""
    for dose in doses(exercise):
        for direction in Direction:
            texts = {cue.text for cue in cues(exercise, dose, Counting(CountStyle.SILENT, direction))}
            assert texts <= {"", "halfway"}


@pytest.mark.parametrize(("deep", "lengths"), [(False, (2000, 2000, 1000)), (True, (3500, 3500, 1000))])
def test_a_breath_is_in_out_and_its_number(deep: bool, lengths: tuple[int, int, int]) -> None:
    """A plain breath takes 5 s and a deep one 8 s: in, out, and a second for its number."""
    exercise = LIBRARY.exercises["childs-pose"]
    dose = Dose(hold=Hold(breaths=3, deep=deep), reps=None)
    first = cues(exercise, dose, PLAIN)[:3]
    assert [(cue.text, cue.ms) for cue in first] == list(zip(("in", "out", "one"), lengths, strict=True))


@given(pace=st.integers(64, 150), deep=st.booleans(), breaths=st.integers(1, 12))
def test_parts_of_a_breath_sum_to_the_breath(pace: int, deep: bool, breaths: int) -> None:
    """In, out and the number together last one breath at any pace, and in and out differ by a millisecond at most."""
    counting = Counting(pace_percent=pace)
    dose = Dose(hold=Hold(breaths=breaths, deep=deep), reps=None)
    found = cues(LIBRARY.exercises["childs-pose"], dose, counting)
    for index in range(0, len(found), 3):
        inward, outward, number = found[index : index + 3]
        assert inward.ms + outward.ms + number.ms == (8000 if deep else 5000) * pace // 100
        assert 0 <= outward.ms - inward.ms <= 1
        assert number.ms == SECOND_MS


def test_a_repetition_with_a_hold() -> None:
    """A bridge goes up in half its tempo, holds true seconds, comes down, is counted, and rests."""
    bridge = LIBRARY.exercises["glute-bridge"]
    first = [(cue.text, cue.ms) for cue in cues(bridge, bridge.dose, PLAIN) if cue.place.count == 0]
    assert first == [
        (WORDS["up"], 2000), ("one", 1000), ("two", 1000), ("three", 1000), ("four", 1000), ("five", 1000),
        (WORDS["down"], 2000), ("that's one", 3000),
    ]  # fmt: skip


@pytest.mark.parametrize("style", [CountStyle.EVERY, CountStyle.FIVES, CountStyle.SPARSE, CountStyle.LAST_FIVE])
@pytest.mark.parametrize("direction", Direction)
def test_a_held_repetition_is_counted_when_it_is_over(style: CountStyle, direction: Direction) -> None:
    """After a held repetition what is named is how many are done, whichever way and how often counts are heard."""
    bridge = LIBRARY.exercises["glute-bridge"]
    for total in (8, 10, 20):
        dose = replace(bridge.dose, reps=Reps(count=total, tempo_seconds=4))
        for cue in cues(bridge, dose, Counting(style, direction)):
            if cue.text.startswith("that's "):
                assert cue.text == f"that's {cadence.number_word(WORDS, cue.place.count + 1)}"
            if cue.text == "halfway":
                assert cue.place.count + 1 == total // 2


def test_slower_repetitions_keep_their_hold() -> None:
    """A slower pace stretches the movement of a repetition, and neither its hold nor its rest."""
    bridge = LIBRARY.exercises["glute-bridge"]
    slow = [cue.ms for cue in cues(bridge, bridge.dose, Counting(pace_percent=150)) if cue.place.count == 0]
    assert slow == [3000, 1000, 1000, 1000, 1000, 1000, 3000, 3000]


def test_a_repetition_can_hold_for_breaths() -> None:
    """A repetition held for breaths is as long as its movement, its breaths, and the second that counts it."""
    dose = Dose(hold=Hold(breaths=2), reps=Reps(count=3, tempo_seconds=4))
    found = cues(LIBRARY.exercises["glute-bridge"], dose, Counting(pace_percent=80))
    assert [cue.ms for cue in found if cue.place.count == 0] == [1600, 2000, 2000, 2000, 2000, 1600, 1000]


def test_alternating_sides_are_named_and_counted_in_pairs() -> None:
    """Steps that change sides name each side, and count a pair once, with its second side."""
    first_six = [cue.text for cue in cues(MARCHING, MARCHING.dose, PLAIN)[:6]]
    assert first_six == ["left", "right, one", "left", "right, two", "left", "right, three"]
    assert len(cues(MARCHING, MARCHING.dose, PLAIN)) == 2 * 10


def test_sets_hold_both_sides_before_the_next() -> None:
    """Both sides of a set come before the next set, the first side first."""
    exercise = LIBRARY.exercises["rotational-step-back"]
    order = [(bout.set, bout.side) for bout in cadence.bouts(exercise, exercise.dose, PLAIN)]
    assert order == [(1, 0), (1, 1), (2, 0), (2, 1), (3, 0), (3, 1)]
    assert exercise.side_names == ("right", "left")


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_no_bout_passes_two_minutes(exercise: Exercise) -> None:
    """A long bout is cut at a whole unit so that no piece passes 120 s, and no unit is lost or counted twice."""
    for dose in doses(exercise):
        for counting in COUNTINGS:
            units: dict[tuple[int, int], list[int]] = {}
            for bout in cadence.bouts(exercise, dose, counting):
                assert total_ms(cues(exercise, dose, counting, bout)) <= 120_000
                units.setdefault((bout.set, bout.side), []).extend(range(bout.first, bout.last + 1))
            assert all(found == list(range(1, cadence.units(exercise, dose) + 1)) for found in units.values())


def test_a_unit_longer_than_two_minutes_stands_alone() -> None:
    """A single repetition longer than a bout may be is still counted, one to a bout."""
    dose = Dose(hold=Hold(seconds=130), reps=Reps(count=2, tempo_seconds=4))
    found = cadence.bouts(LIBRARY.exercises["glute-bridge"], dose, PLAIN)
    assert [(bout.first, bout.last) for bout in found] == [(1, 1), (2, 2)]


@given(seconds=st.integers(1, 120))
def test_a_rest_lasts_what_it_says(seconds: int) -> None:
    """A rest is one slot a second, and counts its last three down."""
    found = cadence.rest_cues(WORDS, seconds, Place())
    assert [cue.ms for cue in found] == [SECOND_MS] * seconds
    assert [cue.text for cue in found[-3:]] == ["three", "two", "one"][-min(3, seconds) :]
    assert all(cue.part is Part.REST for cue in found)


@pytest.mark.parametrize("kind", ["seconds", "breaths", "reps"])
def test_the_count_in_is_a_word_a_second(kind: str) -> None:
    """Getting ready takes three words of a second each, before the clock starts."""
    found = cadence.count_in(WORDS, kind, Place())
    assert [cue.ms for cue in found] == [SECOND_MS] * 3
    assert not counted(found)


def _places(exercise: Exercise) -> Iterator[tuple[tuple[Bout, ...], Bout, Place]]:
    found = cadence.bouts(exercise, exercise.dose, PLAIN)
    for bout in found:
        for count in range(bout.first - 1, bout.last):
            yield found, bout, Place(bout.set, bout.side, count)


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)
def test_every_place_is_in_its_bout(exercise: Exercise) -> None:
    """Each count belongs to the bout it is counted in; the end of a bout belongs to the next one."""
    for found, bout, place in _places(exercise):
        assert found[cadence.index_of(found, place)] == bout
    for index, bout in enumerate(found):
        assert cadence.index_of(found, Place(bout.set, bout.side, bout.last)) == index + 1
