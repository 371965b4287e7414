"""The stored record: changes that can be applied twice and merged, and what is made of damaged records."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stretch_coach import profile as profiles
from stretch_coach.profile import (
    MAX_COUNTED,
    MAX_DAYS,
    MAX_HEARD,
    MAX_MENTIONED,
    MAX_RECENT,
    MAX_RUNGS,
    RECORD_VERSION,
    Change,
    Checked,
    Completed,
    Done,
    Erased,
    Greeted,
    Heard,
    Locked,
    Mentioned,
    Preferred,
    Profile,
    Rung,
    UnderWay,
    apply,
    apply_all,
    compact,
    decode,
    decode_changes,
    encode,
    encode_changes,
    is_newer,
    streak,
    week_total,
)
from stretch_coach.session import Activity, Sent
from stretch_coach.timeline import Place

TODAY = 20_700
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ("record", "greeted", "prefs", "rungs", "heard", "recent", "counted", "days", "run", "under_way", "lock",
          "checked", "mentioned")  # fmt: skip
ACTIVITY = Activity(
    "glute-bridge", 1_790_000_000_000, Place(2, 1, 7), "runners-hips", 3, 2, {"reps": {"count": 9}},
    Sent(1_790_000_000_500, 1200, "long", 99, 4, 15, 170_000),
)  # fmt: skip

names = st.sampled_from(["glute-bridge", "camel-pose", "cat-cow", "clamshell"])
days = st.integers(TODAY - 40, TODAY)
activities = st.sampled_from([None, ACTIVITY, replace(ACTIVITY, sent=None), Activity("cat-cow", 1)])
completions = st.builds(Completed, st.integers(0, 9).map(lambda n: f"{n:x}.0.cat"), names, days)
changes = st.one_of(
    st.just(Greeted()),
    st.builds(Mentioned, st.sampled_from(["modes", "check", "pace"])),
    st.builds(Preferred, st.sampled_from(["mode", "style", "pace"]), st.sampled_from(["step", "silent", 80, 125])),
    st.builds(Heard, names),
    completions,
    st.builds(UnderWay, activities),
    st.builds(
        Rung, st.sampled_from(["aaaaaaaa", "bbbbbbbb", "a-device-with-a-long-id"]), st.sampled_from(["blocks", "ssml"])
    ),
    st.builds(Locked, st.booleans()),
    st.builds(Checked, days, st.just("0123456789ab")),
    st.just(Erased()),
)
kept = st.lists(changes.filter(lambda change: not isinstance(change, Erased)), max_size=12)


def lived(*logs: Sequence[Change]) -> Profile:
    """The profile after these changes."""
    return apply_all(Profile(), [change for log in logs for change in log])


@given(log=kept, change=changes)
def test_a_change_applied_twice_is_applied_once(log: list[Change], change: Change) -> None:
    """Applying a change again, at once, makes no difference, whatever came before."""
    once = apply(lived(log), change)
    assert apply(once, change) == once


@given(log=st.lists(changes, max_size=10))
def test_a_log_applied_twice_is_applied_once(log: list[Change]) -> None:
    """A turn's changes that are written again after a lost answer leave the record as it is."""
    once = lived(log)
    assert apply_all(once, log) == once or Erased() in log


@given(mine=kept, theirs=kept, order=st.randoms(use_true_random=False))
def test_two_devices_lose_no_completion_and_count_none_twice(
    mine: list[Change], theirs: list[Change], order: Any
) -> None:
    """However two devices' changes interleave, and however often they are written, each exercise counts once."""
    merged, left, right = [], list(mine), list(theirs)
    while left or right:
        merged.append((left if not right or (left and order.random() < 0.5) else right).pop(0))
    record = apply_all(apply_all(lived(merged), mine), theirs)
    done = {change.id: change.day for change in merged if isinstance(change, Completed)}
    first = {change.id: change for change in reversed(merged) if isinstance(change, Completed)}
    assert {entry.id for entry in record.recent} == set(done)
    assert sum(record.days.values()) == len(done)
    assert record.days == {day: sum(c.day == day for c in first.values()) for day in {c.day for c in first.values()}}


@given(before=kept, log=st.lists(changes, max_size=14))
def test_compact_changes_do_the_same(before: list[Change], log: list[Change]) -> None:
    """What is left of a log after compacting has the same effect, is no longer, and compacts to itself."""
    short = compact(log)
    assert apply_all(lived(before), short) == apply_all(lived(before), log)
    assert len(short) <= len(log)
    assert compact(short) == short


def test_compact_forgets_what_was_erased() -> None:
    """Changes from before an erasure are gone, so that nothing of them can be written again."""
    log = (Greeted(), Completed("1.0.cat", "cat-cow", TODAY), Erased(), Heard("cat-cow"))
    assert compact(log) == (Erased(), Heard("cat-cow"))


@given(log=st.lists(changes, max_size=10))
def test_changes_survive_the_session_attributes(log: list[Change]) -> None:
    """Changes travel through JSON unharmed."""
    assert decode_changes(json.loads(json.dumps(encode_changes(log)))) == tuple(log)


@given(log=st.lists(changes, max_size=14))
def test_a_profile_survives_the_store(log: list[Change]) -> None:
    """A profile travels through JSON unharmed, without floats and without a field that holds nothing."""
    record = json.loads(json.dumps(encode(lived(log))))
    assert decode(record) == lived(log)
    assert "." not in json.dumps([value for value in record.values() if isinstance(value, int)])
    assert not any(value in (None, [], {}, False) for value in record.values())


@given(record=JSON)
def test_any_json_is_a_profile(record: Any) -> None:
    """Whatever a store returns, a profile comes of it, and it can be stored again."""
    assert decode(json.loads(json.dumps(encode(decode(record))))) == decode(record)


@given(values=st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, JSON)))
def test_damaged_fields_leave_the_rest(values: dict[str, Any]) -> None:
    """A record with any field damaged still gives a profile that every question can be asked of."""
    profile = decode(values)
    assert streak(profile, TODAY) >= 0
    assert week_total(profile, TODAY) >= 0
    assert decode(encode(profile)) == profile
    assert is_newer(values) in {True, False}


@given(entries=st.lists(JSON, max_size=6) | JSON)
def test_any_json_is_a_list_of_changes(entries: Any) -> None:
    """Unsaved changes of another release, or forged ones, are read as far as they fit, and can be applied."""
    assert isinstance(lived(decode_changes(entries)), Profile)


@pytest.mark.parametrize(
    "entry",
    [["Completed", "1", "cat-cow"], ["Completed", 1, "cat-cow", 5], ["Nobody"], [], "Greeted", ["Heard", None], [5]],
)
def test_a_change_that_does_not_fit_is_left_out(entry: Any) -> None:
    """A change with fields missing, of the wrong kind or of an unknown name does not spoil its neighbors."""
    assert decode_changes([["Greeted"], entry, ["Heard", "cat-cow"]]) == (Greeted(), Heard("cat-cow"))


@pytest.mark.parametrize(
    ("record", "field", "value"),
    [
        ({"days": {"5": -3, "6": True, "7": 0, "x": 1, "8": 2, "9" * 5000: 1}}, "days", {8: 2}),
        ({"recent": [["a", "b"], ["a", "cat-cow", 5], "x", ["a", "b", "c"]]}, "recent", (Done("a", "cat-cow", 5),)),
        ({"checked": [1]}, "checked_day", 0),
        ({"checked": ["1", 2]}, "checked_version", ""),
        ({"lock": 1}, "lock", False),
        ({"greeted": "yes"}, "greeted", False),
        ({"prefs": {"pace": 80, "style": None, "mode": ["x"]}}, "preferences", {"pace": 80}),
        ({"rungs": {"aaaaaaaa": 5}}, "rungs", {}),
        ({"under_way": {"e": "cat-cow"}}, "under_way", None),
        ({"heard": "cat-cow"}, "heard", ()),
        ({"mentioned": ["x"] * 500}, "mentioned", ("x",) * MAX_MENTIONED),
        ({"counted": ["x", 5]}, "counted", ("x",)),
        ({"run": [20_000, -5]}, "run", 0),
        ({"run": [10**30, 7]}, "run_day", 999_999),
    ],
)
def test_a_damaged_field_is_left_at_its_default(record: dict[str, Any], field: str, value: Any) -> None:
    """A field that cannot be read is as if it had never been written."""
    assert getattr(decode(record), field) == value


def test_lists_are_bounded() -> None:
    """Years of use do not let a record grow: each list keeps its newest entries."""
    log: list[Change] = []
    for number in range(400):
        log += [
            Completed(f"{number:x}.0.cat", "cat-cow", TODAY - 399 + number),
            Heard(f"exercise-{number}"), Rung(f"device{number:03}", "blocks"), Mentioned(f"hint-{number}"),
        ]  # fmt: skip
    record = lived(log)
    assert record.recent[-1] == Done("18f.0.cat", "cat-cow", TODAY)
    assert (len(record.recent), len(record.days)) == (MAX_RECENT, MAX_DAYS)
    assert (len(record.heard), len(record.rungs)) == (MAX_HEARD, MAX_RUNGS)
    assert len(record.mentioned) == MAX_MENTIONED
    assert max(record.days) == TODAY
    assert record.counted == ()


def test_what_is_told_again_later_counts_once() -> None:
    """A performance that is reported again after dozens of others, on a day with very many, is still known."""
    log = [Completed(f"{number:x}.0.cat", "cat-cow", TODAY) for number in range(MAX_COUNTED)]
    record = lived(log)
    assert len(record.recent) + len(record.counted) == MAX_COUNTED
    assert apply_all(record, log) == record
    assert record.days == {TODAY: MAX_COUNTED}
    assert decode(json.loads(json.dumps(encode(record)))) == record


def test_marks_of_performances_go_with_their_days() -> None:
    """Two days later nothing is told again, and a record that is written every week holds no marks."""
    busy = [Completed(f"{number:x}.0.cat", "cat-cow", TODAY - 7) for number in range(30)]
    record = lived(busy, [Completed(f"{number:x}.1.cat", "cat-cow", TODAY) for number in range(5)])
    assert record.counted == ()
    assert len(record.recent) == MAX_RECENT


def test_a_device_on_a_new_rung_pushes_no_other_out() -> None:
    """A device that is known already takes no second place, however long its id."""
    log = [Rung(f"device{number}-with-a-long-id", "blocks") for number in range(MAX_RUNGS)]
    again = lived(log, [log[0]], [log[0]])
    assert set(again.rungs) == {f"device{number}-" for number in range(MAX_RUNGS)}


@pytest.mark.parametrize(("version", "newer"), [
    (RECORD_VERSION, False), (RECORD_VERSION + 1, True), ("next", True), (None, True), (0, False),
])  # fmt: skip
def test_a_newer_record_is_known_by_its_version(version: Any, newer: bool) -> None:
    """A record of a later release, or one whose version means nothing to us, is never taken for ours."""
    assert is_newer({"record": version}) is newer
    assert not is_newer({})


def on(*ago: int) -> Profile:
    """Somebody who did one exercise on each of these days ago."""
    return Profile(days={TODAY - day: 1 for day in ago})


@pytest.mark.parametrize(
    ("ago", "days_in_a_row"),
    [
        ((), 0),
        ((0,), 1),
        ((1,), 1),
        ((2,), 1),
        ((3,), 0),
        ((0, 1, 2), 3),
        ((1, 2, 3), 3),
        ((0, 2), 2),
        ((0, 2, 4, 6), 4),
        ((0, 3), 1),
        ((0, 1, 4, 5), 2),
        ((0, 1, 3, 4, 7), 4),
        ((2, 3), 2),
        ((1, 3), 2),
    ],
)
def test_a_streak_forgives_a_missed_day(ago: tuple[int, ...], days_in_a_row: int) -> None:
    """Single missed days do not end a streak and are not counted; two in a row end it; today is not over yet."""
    assert streak(on(*ago), TODAY) == days_in_a_row


@pytest.mark.parametrize("every", [1, 2])
@pytest.mark.parametrize("times", [MAX_DAYS - 1, MAX_DAYS, MAX_DAYS + 1, 100])
def test_a_streak_goes_on_beyond_the_days_that_are_kept(every: int, times: int) -> None:
    """A hundred days in a row, or every other day, are a streak of a hundred, also after the record was stored."""
    log = [Completed(f"{ago:x}", "cat-cow", TODAY - ago * every) for ago in reversed(range(times))]
    record = decode(json.loads(json.dumps(encode(lived(log)))))
    assert streak(record, TODAY) == times
    assert streak(record, TODAY + 1) == times
    assert streak(record, TODAY + 3) == 0


def test_a_long_break_starts_the_streak_anew() -> None:
    """What was done before two missed days is no part of the streak, whether its days are still kept or not."""
    before = [Completed(f"before {day}", "cat-cow", TODAY - 200 + day) for day in range(100)]
    after = [Completed(f"after {day}", "cat-cow", TODAY - 49 + day) for day in range(50)]
    assert streak(lived(before, after), TODAY) == 50
    assert streak(lived(before, after[-3:]), TODAY) == 3


def test_a_streak_ignores_the_future() -> None:
    """A day that has not come, from a clock that ran ahead, is not part of a streak or a week."""
    ahead = on(-1, -2)
    assert streak(ahead, TODAY) == 0
    assert week_total(ahead, TODAY) == 0


@pytest.mark.parametrize(("ago", "total"), [(0, 3), (6, 3), (7, 0), (8, 0), (-1, 0)])
def test_a_week_is_seven_days_with_today(ago: int, total: int) -> None:
    """This week's total holds today and the six days before it."""
    assert week_total(Profile(days={TODAY - ago: 3}), TODAY) == total


def test_an_erasure_leaves_nothing() -> None:
    """After everything was deleted the profile is that of a stranger."""
    full = lived([Greeted(), Heard("cat-cow"), Locked(lock=True), UnderWay(ACTIVITY), Erased()])
    assert full == Profile()
    assert encode(full) == {"record": RECORD_VERSION}


def test_no_health_answer_has_a_place_in_it() -> None:
    """The stored record knows a bare lock and that a check took place, and has no other field for a check."""
    record = encode(lived([Locked(lock=True), Checked(TODAY, "0123456789ab")]))
    assert record == {"record": 1, "lock": True, "checked": [TODAY, "0123456789ab"]}
    assert profiles.RECORD_VERSION == 1
