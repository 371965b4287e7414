"""Two speakers of one household at the same record: every order in which their turns can meet, for short histories."""

import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from simulator.device import Device
from simulator.device.clock import VirtualClock
from stretch_coach import profile as profiles
from stretch_coach.alexa.keeper import Keeper, Kept, attributes_of
from stretch_coach.alexa.skill import Skill, build_skill, invoke_json
from stretch_coach.library import Library
from stretch_coach.profile import Change, Completed, Heard, Locked, Preference, Preferred, Profile, UnderWay
from stretch_coach.session import Activity, Session
from stretch_coach.stores.contract import Commit, Store
from stretch_coach.stores.memory import MemoryStore
from stretch_coach.stores.sqlite import SqliteStore
from tests.integration.faults.talk import intent

USER = "amzn1.ask.account.HOUSEHOLD"
NOW = 1_800_000_000_000
DAY = 20_833

OPERATIONS = ("complete", "complete the same", "pace", "lock", "seen", "start")
"""What one turn may write."""
HISTORIES = tuple(itertools.product(OPERATIONS, repeat=2))
"""Every history of two turns."""


def _changes(operation: str, device: int, turn: int, profile: Profile) -> tuple[Change, ...]:
    match operation:
        case "complete":
            return (Completed(f"{device}.{turn}", "cat-cow", DAY),)
        case "complete the same":
            return (Completed("of both", "bird-dog", DAY), Heard("bird-dog"))
        case "pace":
            own = cast("Preference", f"of {device}")  # of a later release, and no other device's
            return (Preferred("pace", 100 + 10 * device + turn), Preferred(own, turn))
        case "lock":
            return (Locked(True),)
        case "seen":
            return (Locked(False),) if profile.lock else ()
        case "start":
            return (UnderWay(Activity("cat-cow", NOW + device)),)
    return ()


@dataclass
class Speaker:
    """One device's session at the keeper: what Alexa carries for it, as JSON, and what it was told is saved."""

    keeper: Keeper
    device: int
    operations: Sequence[str]
    acknowledged: list[Change]
    """Of both devices, in the order they were acknowledged."""
    attributes: str = "{}"
    turn: int = 0
    opened: tuple[Session, Kept] | None = None

    def step(self) -> None:
        """Of the first turn first the read, then the write; of a later turn, which does not read, all of it."""
        if self.opened is None:
            self.opened = self.keeper.open(USER, json.loads(self.attributes), NOW)
            if self.turn == 0:
                self.turn = 1
                return
        session, kept = self.opened
        changes = _changes(self.operations[self.turn - 1], self.device, self.turn, kept.profile)
        saved = self.keeper.close(USER, session, session, kept, changes, NOW)
        assert not saved.unsaved
        overruled = Locked(False) in changes and saved.profile.lock
        self.acknowledged += () if overruled else changes
        self.attributes = json.dumps(attributes_of(session, saved))
        self.turn, self.opened = self.turn + 1, None


def _orders(first: int, second: int) -> Iterator[tuple[int, ...]]:
    """Every order of `first` steps of device 0 and `second` of device 1."""
    for places in itertools.combinations(range(first + second), first):
        yield tuple(0 if index in places else 1 for index in range(first + second))


def _facts(profile: Profile) -> object:
    """What the record says, without the order of things that have none."""
    return (
        profile.days,
        {done.id for done in profile.recent},
        profile.preferences,
        profile.lock,
        set(profile.heard),
        profile.under_way,
    )


def _play(histories: Sequence[Sequence[str]], order: Sequence[int]) -> tuple[object, object]:
    """The facts of the record in the end, and those of everything that was acknowledged."""
    store, acknowledged = MemoryStore(), list[Change]()
    keeper = Keeper(store, screening_minutes=30)
    speakers = [Speaker(keeper, device, history, acknowledged) for device, history in enumerate(histories)]
    for device in order:
        speakers[device].step()
    assert [speaker.turn for speaker in speakers] == [3, 3]
    found = profiles.decode(store.load(USER, NOW // 1000).profile)
    return _facts(found), _facts(profiles.apply_all(Profile(), acknowledged))


def test_every_order_of_two_turns_each() -> None:
    """Whatever two devices write in two turns each, in whatever order, the record is what was acknowledged: nothing
    lost, nothing counted twice, preferences merged, and a lock opened only by someone who knew of it.
    """
    wrong, count = [], 0
    # The two devices may change places, so half of the pairs are enough.
    for histories in itertools.combinations_with_replacement(HISTORIES, 2):
        for order in _orders(3, 3):
            found, wanted = _play(histories, order)
            count += 1
            if found != wanted:
                wrong.append((histories, order, found, wanted))
    assert count == 36 * 37 // 2 * 20
    assert wrong == []


@dataclass
class Crowded(MemoryStore):
    """A store where somebody else writes first, for as many commits as it is told."""

    others: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def commit(self, user_id: str, commit: Commit, now: int) -> int:
        if self.others:
            self.others -= 1
            stored = self.load(user_id, now)
            profile = profiles.apply(profiles.decode(stored.profile), Completed(f"other.{self.others}", "cat-cow", DAY))
            super().commit(user_id, Commit(profiles.encode(profile), stored.version), now)
        return super().commit(user_id, commit, now)


@pytest.mark.parametrize("others", [1, 2, 5])
def test_a_rival_at_every_attempt(others: int) -> None:
    """Losing the race once is merged in the same turn; losing it twice is kept for the next one; all ends up there."""
    store = Crowded(others=others)
    keeper = Keeper(store, screening_minutes=30)
    session, kept = keeper.open(USER, {}, NOW)
    saved = keeper.close(USER, session, session, kept, (Completed("mine", "bird-dog", DAY),), NOW)
    assert bool(saved.unsaved) == (others > 1)
    for _ in range(3):
        session, kept = keeper.open(USER, json.loads(json.dumps(attributes_of(session, saved))), NOW)
        saved = keeper.close(USER, session, session, kept, (), NOW)
    assert not saved.unsaved
    found = profiles.decode(store.load(USER, NOW // 1000).profile)
    assert found.days == {DAY: others + 1}
    assert {done.id for done in found.recent} == {"mine", *(f"other.{number}" for number in range(others))}


EXERCISE = "StartExerciseIntent exercise=glute-bridge"
LOCKING = ("launch", "StartSafetyCheckIntent kind=short", "AMAZON.NoIntent", "AMAZON.YesIntent")
"""A check that ends in a lock."""
SPOKEN = (
    ("launch", "CountStyleIntent style=last-five", "AMAZON.HelpIntent"),
    ("launch", EXERCISE, "CountStyleIntent style=down"),
    ("launch", "ChangePaceIntent direction=slower", EXERCISE),
    LOCKING,
)
"""Talks whose every order is tried through the whole skill."""


@dataclass
class Household:
    """Two speakers of one account before one skill."""

    skill: Skill
    clock: VirtualClock
    speakers: list[Device] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.speakers = [
            Device(self._send, intent, self.clock, apl=False, user_id=USER, device_id=f"amzn1.ask.device.{number}")
            for number in range(2)
        ]

    def _send(self, message: dict[str, Any]) -> dict[str, Any]:
        return invoke_json(self.skill, message)

    def says(self, device: int, what: str) -> Mapping[str, Any]:
        """One turn at one of the speakers."""
        speaker = self.speakers[device]
        response = speaker.launch() if what == "launch" else speaker.interrupt(what)
        assert response is not None
        return response


def _household(library: Library, store: Store) -> Household:
    clock = VirtualClock(NOW)
    return Household(build_skill(library, store, lambda: clock.now_ms / 1000), clock)


def _check_spoken(library: Library, store: Store, talks: Sequence[Sequence[str]], order: Sequence[int]) -> None:
    home = _household(library, store)
    left = [iter(talk) for talk in talks]
    locked = False
    for device in order:
        said = next(left[device])
        state = home.says(device, said).get("sessionAttributes", {}).get("state")
        if said == LOCKING[-1]:
            locked = True
        # Starting an exercise writes what is under way, and so meets the lock the other device has set.
        assert not (locked and said == EXERCISE and state in {"counting", "stepping"})
    found = profiles.decode(store.load(USER, NOW // 1000).profile)
    said_by_all = [said for talk in talks for said in talk]
    assert found.greeted
    assert found.lock == locked
    assert (found.preferences.get("direction") == "down") == ("CountStyleIntent style=down" in said_by_all)
    assert (found.preferences.get("style") == "last-five") == ("CountStyleIntent style=last-five" in said_by_all)
    assert (found.preferences.get("pace") == 125) == ("ChangePaceIntent direction=slower" in said_by_all)


@pytest.mark.parametrize(
    "talks", list(itertools.combinations(SPOKEN, 2)), ids=lambda talks: f"{talks[0][1]} {talks[1][1]}"
)
def test_every_order_of_spoken_turns(library: Library, talks: Sequence[Sequence[str]]) -> None:
    """Through the whole skill: settings of both devices are kept, and a lock that one sets stops the other's start."""
    for order in _orders(*map(len, talks)):
        _check_spoken(library, MemoryStore(), talks, order)


def test_some_orders_over_a_file(library: Library, tmp_path: Path) -> None:
    """The same over SQLite, for every seventh order of two of the talks."""
    for number, order in enumerate(itertools.islice(_orders(3, 4), 0, None, 7)):
        with SqliteStore(tmp_path / f"{number}.db") as store:
            _check_spoken(library, store, (SPOKEN[2], LOCKING), order)


def _finish(home: Household, device: int) -> None:
    """Do the exercise under way to its end."""
    speaker = home.speakers[device]
    for _ in range(8):
        if speaker.playing:
            speaker.wait_until(speaker.playing.ends_at)
        home.says(device, "ReadyIntent")
        if speaker.attributes["state"] == "choosing":
            return
    raise AssertionError(speaker.attributes)


def test_one_performance_finished_on_two_devices_counts_once(library: Library) -> None:
    """An exercise begun on one speaker and carried on with on another is one exercise done."""
    store = MemoryStore()
    home = _household(library, store)
    home.says(0, "launch")
    home.says(0, EXERCISE)
    home.says(1, "launch")
    home.says(1, "AMAZON.YesIntent")
    for device in (0, 1):
        _finish(home, device)
    found = profiles.decode(store.load(USER, NOW // 1000).profile)
    assert list(found.days.values()) == [1]


def test_a_device_with_nothing_under_way_leaves_the_others_place(library: Library) -> None:
    """After a merge, a session at home does not take what the other device has under way for its own and end it."""
    store = MemoryStore()
    home = _household(library, store)
    home.says(1, "launch")
    home.says(0, "launch")
    home.says(0, EXERCISE)
    for said in ("CountStyleIntent style=last-five", "AMAZON.HelpIntent", "GuidanceModeIntent mode=step"):
        home.says(1, said)
    found = profiles.decode(store.load(USER, NOW // 1000).profile)
    assert found.under_way is not None
    assert found.under_way.exercise == "glute-bridge"
    assert found.preferences == {"style": "last-five", "mode": "step"}


def test_seen_by_a_doctor_opens_only_the_lock_that_was_meant(library: Library) -> None:
    """An "I've been seen" about an old lock does not open a new one that the other device has set meanwhile."""
    store = MemoryStore()
    home = _household(library, store)
    for said in LOCKING:
        home.says(0, said)
    home.speakers[0].lose_session()
    home.says(1, "launch")
    home.says(0, "launch")
    home.says(0, "SeenDoctorIntent")
    for said in LOCKING[1:]:
        home.says(0, said)
    response = home.says(1, "SeenDoctorIntent")
    assert profiles.decode(store.load(USER, NOW // 1000).profile).lock
    assert response["sessionAttributes"]["state"] == "advised"
