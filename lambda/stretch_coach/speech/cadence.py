"""The pace of everything that is counted: holds, breaths, repetitions, rests.

All arithmetic is in whole milliseconds and no length depends on a voice. Holds, rests, breaths and repetitions share
one rule for which units are spoken (`word_for`), so a count style means the same everywhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from stretch_coach.acts import Counting, CountStyle, Direction
from stretch_coach.library import Dose, Exercise, Hold
from stretch_coach.timeline import Carrier, Cue, Part, Place

SECOND_MS = 1000
BREATH_MS = 5000
"""A plain breath: 12 a minute (docs/reference/seed-coverage.yaml, "Breaths as time"; the editor's)."""
DEEP_BREATH_MS = 8000
"""A deep breath: 4 s in, 4 s out (same source; editor_set)."""
CHANGE_SIDES_MS: Mapping[str, int] = {
    "standing": 5000, "sitting": 7000, "squatting": 6000, "kneeling": 8000, "hands-and-knees": 6000, "lying": 8000,
}  # fmt: skip
"""Quiet for changing sides, by position (editor_set: time to do it without hurry)."""
BACK_IN_POSITION_MS: Mapping[str, int] = {
    "standing": 4000, "sitting": 5000, "squatting": 5000, "kneeling": 6000, "hands-and-knees": 5000, "lying": 6000,
}  # fmt: skip
"""Quiet for getting back into an exercise that was paused (editor_set)."""
COUNT_IN_MS = 1000
LONGEST_BOUT_MS = 120_000
"""A longer bout is cut at a repetition or breath: a turn stays below 180 s (docs/architecture.md, "Counting")."""
MOST_IN_BLOCKS = 33
"""Seconds that can all be said in blocks of three within 15 pieces of speech; a longer hold says every fifth."""
HALFWAY_FROM = 16
LAST_THREE_FROM = 10


Words = Mapping[str, Any]
"""The locale's `words`: numbers (0-20 and the tens), halfway, nearly, in, out, up, down, rep_done, count_in…"""


def number_word(words: Words, number: int) -> str:
    """What is said for a count: in full up to ten, then the ones digit between the tens.

    "… nine, ten, one, two …": above ten a full number does not fit 0.9 of a second on slow voices
    (docs/reference/speech.md 2a: up to 1.15 s).
    """
    numbers: Mapping[str, str] = words["numbers"]
    spoken = number if number <= 10 or number % 10 == 0 else number % 10
    return numbers[str(spoken % 100)]


def word_for(words: Words, unit: int, total: int, counting: Counting) -> str:
    """What is said at the `unit`-th (from 1) of `total` units; empty for nothing."""
    left = total - unit + 1
    style, down = counting.style, counting.direction is Direction.DOWN
    is_halfway = unit == total // 2 + down and total >= (6 if style is CountStyle.SILENT else HALFWAY_FROM)
    if is_halfway and style is not CountStyle.LANDMARKS:
        return "" if style is CountStyle.LAST_FIVE else str(words["halfway"])
    named = left if down else unit
    if style is CountStyle.EVERY:
        if not down and left == 4 and total >= LAST_THREE_FROM:
            return str(words["nearly"])
        return number_word(words, named)
    if style is CountStyle.FIVES:
        return number_word(words, left) if left <= 3 else number_word(words, named) if named % 5 == 0 else ""
    if style is CountStyle.SPARSE:
        return number_word(words, left) if left <= 5 else number_word(words, named) if named % 10 == 0 else ""
    if style is CountStyle.LANDMARKS:
        return number_word(words, named) if named % 10 == 0 else ""
    if style is CountStyle.LAST_FIVE:
        return number_word(words, left) if left <= 5 else ""
    return ""


@dataclass(frozen=True)
class Bout:
    """One stretch of counting: a side of a set, or a piece of one that is too long for a turn."""

    set: int
    side: int
    first: int
    """The first unit counted, from 1."""
    last: int
    total: int
    """Units on this side of this set altogether."""

    @property
    def start(self) -> Place:
        """The place where this bout begins."""
        return Place(self.set, self.side, self.first - 1)


def scaled(ms: int, percent: int) -> int:
    """`ms` at a pace, in whole milliseconds."""
    return ms * percent // 100


def breath_ms(hold: Hold, counting: Counting) -> int:
    """The length of one breath of `hold` at the listener's pace."""
    return scaled(DEEP_BREATH_MS if hold.deep else BREATH_MS, counting.pace_percent)


def units(exercise: Exercise, dose: Dose) -> int:
    """How many units are counted in one bout: seconds, breaths or repetitions (both sides' when they alternate)."""
    if dose.reps:
        return dose.reps.count * (len(exercise.side_names) if exercise.sides == "alternating" else 1)
    if dose.hold:
        return dose.hold.breaths or dose.hold.seconds or 0
    return 0


def unit_ms(dose: Dose, counting: Counting) -> int:
    """The length of one unit in milliseconds."""
    if dose.reps:
        moving = scaled((dose.reps.tempo_seconds + dose.reps.pause_seconds) * SECOND_MS, counting.pace_percent)
        rest = dose.rest_between_reps_seconds or (1 if dose.hold else 0)
        return moving + _rep_hold_ms(dose, counting) + rest * SECOND_MS
    if dose.hold and dose.hold.breaths:
        return breath_ms(dose.hold, counting)
    return SECOND_MS


def _rep_hold_ms(dose: Dose, counting: Counting) -> int:
    if not dose.hold:
        return 0
    if dose.hold.breaths:
        return dose.hold.breaths * breath_ms(dose.hold, counting)
    return (dose.hold.seconds or 0) * SECOND_MS


def bouts(exercise: Exercise, dose: Dose, counting: Counting) -> tuple[Bout, ...]:
    """Every bout of the exercise in order; long ones are cut at a unit."""
    total = units(exercise, dose)
    most = max(1, LONGEST_BOUT_MS // unit_ms(dose, counting))
    sides = 1 if exercise.sides == "alternating" else len(exercise.side_names)
    return tuple(
        Bout(set_number, side, first, min(first + most - 1, total), total)
        for set_number in range(1, dose.sets + 1)
        for side in range(sides)
        for first in range(1, total + 1, most)
    )


def slot(text: str, ms: int, place: Place, part: Part = Part.COUNT) -> Cue:
    """A word (or nothing) in a slot of exactly `ms`."""
    return Cue(text, ms, Carrier.SLOT if text else Carrier.QUIET, part, place)


def counted_kind(dose: Dose) -> str:
    """What is counted: reps, breaths or seconds."""
    if dose.reps:
        return "reps"
    return "breaths" if dose.hold and dose.hold.breaths else "seconds"


def count_in(words: Words, kind: str, place: Place) -> tuple[Cue, ...]:
    """The get-ready: a word a second; the clock starts when the last one's second is over."""
    return tuple(slot(str(word), COUNT_IN_MS, place, Part.READY) for word in words["count_in"][kind])


def count_cues(words: Words, exercise: Exercise, dose: Dose, bout: Bout, counting: Counting) -> tuple[Cue, ...]:
    """The cues of one bout; together exactly as long as its units."""
    if counting.style is CountStyle.LANDMARKS and counted_kind(dose) != "seconds":
        counting = replace(counting, style=CountStyle.EVERY)
    if dose.reps:
        return tuple(_rep_cues(words, exercise, dose, bout, counting))
    if dose.hold and dose.hold.breaths:
        return tuple(_breath_cues(words, dose.hold, bout, counting))
    return tuple(_second_cues(words, bout, counting))


def _units(bout: Bout) -> Iterator[tuple[int, Place]]:
    for unit in range(bout.first, bout.last + 1):
        yield unit, Place(bout.set, bout.side, unit - 1)


def _second_cues(words: Words, bout: Bout, counting: Counting) -> Iterator[Cue]:
    if counting.in_blocks and bout.total > MOST_IN_BLOCKS and counting.style is CountStyle.EVERY:
        counting = replace(counting, style=CountStyle.FIVES)
    for unit, place in _units(bout):
        yield slot(word_for(words, unit, bout.total, counting), SECOND_MS, place)


def _breath_cues(words: Words, hold: Hold, bout: Bout, counting: Counting) -> Iterator[Cue]:
    whole = breath_ms(hold, counting)
    inward = (whole - SECOND_MS) // 2
    for unit, place in _units(bout):
        yield slot(_guide(words, "in", counting), inward, place)
        yield slot(_guide(words, "out", counting), whole - SECOND_MS - inward, place)
        yield slot(word_for(words, unit, bout.total, counting), SECOND_MS, place)


def _guide(words: Words, key: str, counting: Counting) -> str:
    """What to do now (in, out, up, down); a listener who wants no counting is not told that either."""
    return "" if counting.style is CountStyle.SILENT else str(words[key])


def _rep_cues(words: Words, exercise: Exercise, dose: Dose, bout: Bout, counting: Counting) -> Iterator[Cue]:
    sides = exercise.side_names if exercise.sides == "alternating" else ("",)
    pairs = bout.total // len(sides)
    for unit, place in _units(bout):
        side = sides[(unit - 1) % len(sides)]
        number = _rep_number(words, dose, (unit - 1) // len(sides) + 1, pairs, counting)
        if len(sides) > 1 and (unit - 1) % len(sides) == 0:
            number = ""  # a pair is counted once, when its second side begins
        label = str(words["sides"].get(side, side)) if side and counting.style is not CountStyle.SILENT else ""
        yield from _one_rep(words, dose, ", ".join(filter(None, (label, number))), place, counting)


def _rep_number(words: Words, dose: Dose, rep: int, total: int, counting: Counting) -> str:
    if not dose.hold:
        return word_for(words, rep, total, counting)
    # A held repetition is counted when it is over, so what is named is always how many are done.
    word = word_for(words, rep, total, replace(counting, direction=Direction.UP))
    return number_word(words, rep) if word in words["numbers"].values() else word


def _one_rep(words: Words, dose: Dose, text: str, place: Place, counting: Counting) -> Iterator[Cue]:
    assert dose.reps is not None
    moving = scaled((dose.reps.tempo_seconds + dose.reps.pause_seconds) * SECOND_MS, counting.pace_percent)
    rest = (dose.rest_between_reps_seconds or 0) * SECOND_MS
    if not dose.hold:
        yield slot(text, moving, place)
        yield from quiet(rest, Part.COUNT, place)
        return
    lift = moving // 2
    yield slot(_guide(words, "up", counting), lift, place)
    yield from _hold_within_rep(words, dose.hold, place, counting)
    # A held repetition is counted when it is over: its number would be taken for the first second of the hold.
    done = str(words["rep_done"]).replace("#", text) if text in words["numbers"].values() else text
    yield slot(_guide(words, "down", counting), moving - lift, place)
    yield slot(done, rest or SECOND_MS, place)


def _hold_within_rep(words: Words, hold: Hold, place: Place, counting: Counting) -> Iterator[Cue]:
    quiet = counting.style is not CountStyle.EVERY
    if hold.breaths:
        whole = breath_ms(hold, counting)
        for _ in range(hold.breaths):
            yield slot(_guide(words, "in", counting), whole // 2, place)
            yield slot(_guide(words, "out", counting), whole - whole // 2, place)
    else:
        for second in range(1, (hold.seconds or 0) + 1):
            yield slot("" if quiet else number_word(words, second), SECOND_MS, place)


def rest_cues(words: Words, seconds: int, place: Place) -> tuple[Cue, ...]:
    """A timed rest: quiet, with the tens and the last three counted down."""
    return tuple(
        slot(number_word(words, left) if left <= 3 or left in {10, 20} else "", SECOND_MS, place, Part.REST)
        for left in range(seconds, 0, -1)
    )


def quiet(ms: int, part: Part, place: Place) -> tuple[Cue, ...]:
    """Silence of `ms`; nothing for zero."""
    return (Cue("", ms, Carrier.QUIET, part, place),) if ms > 0 else ()


def index_of(all_bouts: Sequence[Bout], place: Place) -> int:
    """The bout that `place` falls into; past the end for a place after the last one."""
    for index, bout in enumerate(all_bouts):
        if (bout.set, bout.side) == (place.set, place.side) and bout.first - 1 <= place.count < bout.last:
            return index
        if bout.start > place:
            return index
    return len(all_bouts)
