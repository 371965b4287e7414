"""What is remembered of a listener between conversations, and how it changes.

A turn never edits the profile; it returns *changes*, each of which gives the same result when it is applied twice. That
is what lets two devices of one household merge (apply my changes to your record) and lets a turn whose write failed
catch up later. No health answer is part of it: only a bare lock, and that a check took place.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, get_origin

from stretch_coach.session import Activity, decode_activity, encode_activity

RECORD_VERSION = 1
Key = Literal[
    "record", "greeted", "prefs", "rungs", "heard", "recent", "counted", "days", "run", "under_way", "lock", "checked",
    "mentioned",
]  # fmt: skip
"""The names of the record's fields. Of their values nothing is believed until it is read."""
Preference = Literal["mode", "style", "direction", "pace"]
MAX_RECENT = 12
MAX_COUNTED = 48
"""More than session attributes have room for while nothing can be saved (alexa/keeper.py)."""
MAX_MENTIONED = 12
MAX_DAYS = 35
MISSED_DAYS = 1
"""Days in a row that a streak forgives."""
MAX_HEARD = 40
MAX_RUNGS = 6
DEVICE_ID_LENGTH = 8
LONGEST_STREAK = 10_000
LAST_DAY = 999_999
"""Far beyond the days that can be spoken of."""


@dataclass(frozen=True)
class Done:
    id: str
    """Names one performance of one exercise."""
    exercise: str
    day: int
    """Days since the epoch, by the listener's local calendar."""


@dataclass(frozen=True)
class Profile:
    greeted: bool = False
    preferences: Mapping[Preference, str | int] = field(default_factory=dict)
    """Only what the listener changed."""
    rungs: Mapping[str, str] = field(default_factory=dict)
    """Device → the rung of the counting ladder that plays there."""
    heard: tuple[str, ...] = ()
    """Exercises whose long form has been heard, latest last."""
    recent: tuple[Done, ...] = ()
    counted: tuple[str, ...] = ()
    """Marks of performances of today and yesterday that `recent` has no room for: what is told again counts once."""
    days: Mapping[int, int] = field(default_factory=dict)
    """Day → exercises done."""
    run_day: int = 0
    """The last day that `days` had no room for."""
    run: int = 0
    """The streak up to that day, in days with an exercise."""
    under_way: Activity | None = None
    lock: bool = False
    """A check sent the listener to see someone; without its reason."""
    checked_day: int = 0
    checked_version: str = ""
    mentioned: tuple[str, ...] = ()
    """Hints that are given once."""


@dataclass(frozen=True)
class Greeted:
    """The first-launch words have been said."""


@dataclass(frozen=True)
class Mentioned:
    hint: str


@dataclass(frozen=True)
class Preferred:
    key: Preference
    value: str | int


@dataclass(frozen=True)
class Heard:
    exercise: str


@dataclass(frozen=True)
class Completed:
    id: str
    exercise: str
    day: int


@dataclass(frozen=True)
class UnderWay:
    activity: Activity | None


@dataclass(frozen=True)
class Rung:
    device: str
    rung: str


@dataclass(frozen=True)
class Locked:
    lock: bool


@dataclass(frozen=True)
class Checked:
    day: int
    version: str


@dataclass(frozen=True)
class Erased:
    """The listener asked for everything to be deleted."""


Change = Greeted | Mentioned | Preferred | Heard | Completed | UnderWay | Rung | Locked | Checked | Erased


def apply(profile: Profile, change: Change) -> Profile:
    """The profile after one change; applying it again changes nothing."""
    match change:
        case Greeted():
            return replace(profile, greeted=True)
        case Mentioned(hint):
            return replace(profile, mentioned=(*(h for h in profile.mentioned if h != hint), hint)[-MAX_MENTIONED:])
        case Preferred(key, value):
            return replace(profile, preferences={**profile.preferences, key: value})
        case Heard(exercise):
            heard = (*(name for name in profile.heard if name != exercise), exercise)
            return replace(profile, heard=heard[-MAX_HEARD:])
        case Completed():
            return _completed(profile, change)
        case UnderWay(activity):
            return replace(profile, under_way=activity)
        case Rung(device, rung):
            name = device[:DEVICE_ID_LENGTH]
            kept = {key: value for key, value in profile.rungs.items() if key != name}
            return replace(profile, rungs=dict([*kept.items(), (name, rung)][-MAX_RUNGS:]))
        case Locked(lock):
            return replace(profile, lock=lock)
        case Checked(day, version):
            return replace(profile, checked_day=day, checked_version=version)
        case Erased():
            return Profile()


def _completed(profile: Profile, change: Completed) -> Profile:
    if _mark(change.id) in profile.counted or any(done.id == change.id for done in profile.recent):
        return profile
    recent = (*profile.recent, Done(change.id, change.exercise, change.day))
    # Nobody tells of a performance two days later: what is not saved goes with its session.
    since = change.day - 1
    latest = profile.recent[-1].day if profile.recent else change.day
    counted = profile.counted if latest >= since else ()
    counted += tuple(_mark(done.id) for done in recent[:-MAX_RECENT] if done.day >= since)
    profile = replace(profile, recent=recent[-MAX_RECENT:], counted=counted[-(MAX_COUNTED - MAX_RECENT) :])
    return _on_day(profile, change.day)


def _mark(name: str) -> str:
    return f"{zlib.crc32(name.encode('utf-8', 'replace')):08x}"


def _on_day(profile: Profile, day: int) -> Profile:
    """One exercise more on a day; the run of days that `days` has no room for is kept as a figure."""
    days = dict(sorted({**profile.days, day: profile.days.get(day, 0) + 1}.items()))
    while len(days) > MAX_DAYS:
        oldest = min(days)
        del days[oldest]
        if oldest > profile.run_day:
            goes_on = oldest - profile.run_day <= MISSED_DAYS + 1
            profile = replace(profile, run_day=oldest, run=(profile.run if goes_on else 0) + 1)
    return replace(profile, days=days)


def apply_all(profile: Profile, changes: Iterable[Change]) -> Profile:
    """The profile after several changes in order."""
    for change in changes:
        profile = apply(profile, change)
    return profile


_CHANGES: Mapping[str, type[Any]] = {
    kind.__name__: kind
    for kind in (Greeted, Mentioned, Preferred, Heard, Completed, UnderWay, Rung, Locked, Checked, Erased)
}


def encode_changes(changes: Iterable[Change]) -> list[list[Any]]:
    """Changes as JSON values, to be carried in the session until they can be stored."""
    encoded: list[list[Any]] = []
    for change in changes:
        values = [getattr(change, part.name) for part in fields(change)]
        if isinstance(change, UnderWay):
            values = [encode_activity(change.activity)]
        encoded.append([type(change).__name__, *values])
    return encoded


def decode_changes(encoded: object) -> tuple[Change, ...]:
    """The reverse of encode_changes; entries that do not fit are left out."""
    changes: list[Change] = []
    for entry in encoded if isinstance(encoded, list) else []:
        if not isinstance(entry, list) or not entry or not isinstance(entry[0], str):
            continue
        kind, values = _CHANGES.get(entry[0]), entry[1:]
        if kind is UnderWay and len(values) == 1:
            changes.append(UnderWay(decode_activity(values[0])))
        elif kind is not None and len(values) == len(fields(kind)) and _fits(kind, values):
            changes.append(kind(*values))
    return tuple(changes)


def _fits(kind: type[Any], values: Sequence[object]) -> bool:
    wanted: list[Any] = [part.type for part in fields(kind)]
    # A preference of another release is kept, whatever it is called.
    types = (str if get_origin(want) is Literal else want for want in wanted)
    return all(isinstance(value, want) for value, want in zip(values, types, strict=True))


def compact(changes: Sequence[Change]) -> tuple[Change, ...]:
    """The same effect with fewer changes: only the last of each kind and key is kept, in order."""
    last: dict[object, Change] = {}
    for change in changes:
        if isinstance(change, Erased):
            last.clear()
        key: object = (type(change), *(getattr(change, part.name) for part in fields(change)[:1]))
        if isinstance(change, UnderWay | Locked | Checked):
            key = type(change)
        last.pop(key, None)
        last[key] = change
    return tuple(last.values())


def encode(profile: Profile) -> dict[str, Any]:
    """The profile as the stored record: whole numbers, texts, lists and mappings only."""
    record: dict[Key, Any] = {
        "record": RECORD_VERSION,
        "greeted": profile.greeted,
        "prefs": dict(profile.preferences),
        "rungs": dict(profile.rungs),
        "heard": list(profile.heard),
        "recent": [[done.id, done.exercise, done.day] for done in profile.recent],
        "counted": list(profile.counted),
        "days": {str(day): count for day, count in profile.days.items()},
        "run": [profile.run_day, profile.run] if profile.run else None,
        "under_way": encode_activity(profile.under_way),
        "lock": profile.lock,
        "checked": [profile.checked_day, profile.checked_version] if profile.checked_day else None,
        "mentioned": list(profile.mentioned),
    }
    return {key: value for key, value in record.items() if value not in (None, [], {}, False)}


def is_newer(record: Mapping[Any, Any]) -> bool:
    """The record was written by a later release; it is served but never written over."""
    given: Mapping[Key, object] = record
    version = given.get("record", RECORD_VERSION)
    return not isinstance(version, int) or version > RECORD_VERSION


def decode(record: Mapping[Any, Any] | None) -> Profile:
    """The reverse of encode. What cannot be read is left at its default: a damaged record still lets a talk start."""
    if not isinstance(record, Mapping):
        return Profile()
    given: Mapping[Key, object] = record
    checked = given.get("checked")
    run_day, run = _run(given.get("run"))
    day, version = (checked[0], checked[1]) if isinstance(checked, list) and len(checked) == 2 else (0, "")
    return Profile(
        greeted=given.get("greeted") is True,
        preferences={key: value for key, value in _items(given.get("prefs")) if isinstance(value, str | int)},
        rungs={str(key): value for key, value in _items(given.get("rungs")) if isinstance(value, str)},
        heard=tuple(_strings(given.get("heard"))[-MAX_HEARD:]),
        recent=tuple(_recent(given.get("recent")))[-MAX_RECENT:],
        counted=tuple(_strings(given.get("counted"))[-(MAX_COUNTED - MAX_RECENT) :]),
        days=dict(sorted(_days(given.get("days")))[-MAX_DAYS:]),
        run_day=run_day,
        run=run,
        under_way=decode_activity(given.get("under_way")),
        lock=given.get("lock") is True,
        checked_day=day if isinstance(day, int) else 0,
        checked_version=version if isinstance(version, str) else "",
        mentioned=tuple(_strings(given.get("mentioned"))[-MAX_MENTIONED:]),
    )


def _items(value: object) -> Iterable[tuple[Any, Any]]:
    return value.items() if isinstance(value, Mapping) else ()


def _strings(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _recent(value: object) -> Iterable[Done]:
    for entry in value if isinstance(value, list) else []:
        match entry:
            case [str(name), str(exercise), int(day)]:
                yield Done(name, exercise, day)


def _days(value: object) -> Iterable[tuple[int, int]]:
    for day, count in _items(value):
        if isinstance(day, str) and day.isascii() and day.isdigit() and len(day) <= 6 and _is_count(count):
            yield int(day), count


def _run(value: object) -> tuple[int, int]:
    match value:
        case [int(day), int(run)] if _is_count(day) and _is_count(run):
            return min(day, LAST_DAY), min(run, LONGEST_STREAK)
    return 0, 0


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def streak(profile: Profile, today: int) -> int:
    """Days in a row with an exercise, up to today or yesterday; single missed days are forgiven, not counted."""
    total, day, missed = 0, today, 0
    while missed <= MISSED_DAYS and day > profile.run_day:
        if profile.days.get(day):
            total, missed = total + 1, 0
        elif day != today:
            missed += 1
        day -= 1
    reaches_back = missed <= MISSED_DAYS and day == profile.run_day
    return min(total + (profile.run if reaches_back else 0), LONGEST_STREAK)


def week_total(profile: Profile, today: int) -> int:
    """Exercises done in the seven days up to today."""
    return sum(count for day, count in profile.days.items() if today - 7 < day <= today)
