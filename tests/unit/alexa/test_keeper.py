"""What a turn reads and writes: how often, how it merges, and what is kept while the store fails."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from stretch_coach import profile as profiles
from stretch_coach.alexa.keeper import Keeper, Kept, attributes_of
from stretch_coach.errors import StoreError
from stretch_coach.profile import (
    RECORD_VERSION,
    Change,
    Completed,
    Done,
    Erased,
    Greeted,
    Heard,
    Locked,
    Preferred,
    Profile,
    UnderWay,
    apply_all,
)
from stretch_coach.safety.check import CheckKey
from stretch_coach.session import Activity, Session, State
from stretch_coach.stores.contract import Commit, Stored
from stretch_coach.stores.memory import MemoryStore

USER = "someone"
NOW = 1_790_000_000_000
SECONDS = NOW // 1000
CHECK: Mapping[CheckKey, object] = {"kind": "full", "answers": "fever:n"}
COMPLETED = Completed("1.0.cat", "cat-cow", 20_700)


@dataclass
class Counted:
    """A store that notes each call, and fails while it is told to."""

    inner: MemoryStore = field(default_factory=MemoryStore)
    calls: list[str] = field(default_factory=list)
    down: set[str] = field(default_factory=set)
    """Names of the calls that fail."""
    lose_answers: bool = False
    """A commit is written, but its answer never arrives."""

    def _note(self, call: str) -> None:
        self.calls.append(call)
        if call in self.down:
            raise StoreError("the store is down")

    def load(self, user_id: str, now: int) -> Stored:
        self._note("load")
        return self.inner.load(user_id, now)

    def commit(self, user_id: str, commit: Commit, now: int) -> int:
        self._note("commit")
        version = self.inner.commit(user_id, commit, now)
        if self.lose_answers:
            raise StoreError("no answer came")
        return version

    def erase(self, user_id: str, before: int) -> None:
        self._note("erase")
        self.inner.erase(user_id, before)

    @property
    def record(self) -> Profile:
        """What is stored now."""
        return profiles.decode(self.inner.load(USER, SECONDS).profile)


@dataclass
class Talk:
    """One device's session around the keeper, its attributes carried as the platform carries them."""

    store: Counted
    minutes: int = 30
    attributes: Mapping[str, Any] = field(default_factory=dict)
    kept: Kept = field(default_factory=lambda: Kept(Profile(), None))

    def turn(self, *changes: Change, check: Mapping[CheckKey, object] | None = None, now: int = NOW) -> Session:
        """One turn that made these changes and left this check; returns the session as it was opened."""
        keeper = Keeper(self.store, self.minutes)
        session, kept = keeper.open(USER, self.attributes, now)
        after = Session(session.state, session.turn + 1, check=session.check if check is None else check)
        self.kept = keeper.close(USER, session, after, kept, changes, now)
        self.attributes = json.loads(json.dumps(attributes_of(after, self.kept)))
        return session

    def unsaved(self) -> tuple[Change, ...]:
        """What waits to be written."""
        return self.kept.unsaved

    def is_dropping(self) -> bool:
        """Stored answers wait to be deleted."""
        return self.kept.drop_screening


@pytest.fixture(name="store")
def _store() -> Counted:
    return Counted()


def stored(store: Counted, changes: Sequence[Change], version: int = RECORD_VERSION) -> None:
    """Put a record of somebody who has been here before into the store."""
    record = {**profiles.encode(apply_all(Profile(), changes)), "record": version}
    store.inner.commit(USER, Commit(record), SECONDS - 1000)


def test_a_session_reads_once_and_writes_only_what_changed(store: Counted) -> None:
    """One load when a session starts, one commit on a turn that changes the record, nothing on one that does not."""
    talk = Talk(store)
    talk.turn()
    assert store.calls == ["load"]
    talk.turn(Greeted())
    assert store.calls == ["load", "commit"]
    talk.turn()
    talk.turn(Preferred("mode", "step"), Heard("cat-cow"))
    assert store.calls == ["load", "commit", "commit"]
    assert store.record == talk.kept.profile == Profile(
        greeted=True, preferences={"mode": "step"}, heard=("cat-cow",)
    )  # fmt: skip


def test_a_known_listener_is_known_all_session(store: Counted) -> None:
    """What the first turn read is there in the later ones, from the session attributes alone."""
    stored(store, [Greeted(), COMPLETED])
    talk = Talk(store)
    talk.turn()
    talk.turn()
    assert talk.kept.profile.greeted
    assert talk.kept.profile.days == {20_700: 1}
    assert store.calls == ["load"]


def test_a_new_listener_is_not_read_again(store: Counted) -> None:
    """That there is no record yet is known after the first turn too."""
    talk = Talk(store)
    talk.turn()
    assert talk.kept.version == 0
    talk.turn()
    assert store.calls == ["load"]


def test_two_devices_merge(store: Counted) -> None:
    """A turn that finds the record changed reads it again, applies its own changes to it and writes once more."""
    here, there = Talk(store), Talk(store)
    here.turn()
    there.turn()
    there.turn(COMPLETED, Preferred("mode", "step"))
    store.calls.clear()
    here.turn(Completed("2.0.cat", "cat-cow", 20_700), Preferred("style", "silent"))
    assert store.calls == ["commit", "load", "commit"]
    assert store.record.days == {20_700: 2}
    assert store.record.preferences == {"mode": "step", "style": "silent"}
    assert here.kept.profile == store.record
    assert not here.unsaved()


def test_a_second_conflict_waits_for_the_next_turn(store: Counted, monkeypatch: pytest.MonkeyPatch) -> None:
    """Overtaken twice in one turn, the changes are kept and written with the next one."""
    talk = Talk(store)
    talk.turn(Greeted())
    commit = store.inner.commit

    def overtaken(user_id: str, wanted: Commit, now: int) -> int:
        other = store.inner.load(user_id, now)
        commit(user_id, Commit({**(other.profile or {}), "greeted": True}, other.version), now)
        return commit(user_id, wanted, now)

    monkeypatch.setattr(store.inner, "commit", overtaken)
    talk.turn(COMPLETED)
    assert talk.unsaved() == (COMPLETED,)
    monkeypatch.undo()
    talk.turn()
    assert store.record.recent[0].id == COMPLETED.id
    assert not talk.unsaved()


def test_while_the_store_fails_changes_travel_with_the_session(store: Counted) -> None:
    """A turn whose write fails keeps its changes in the session, knows of them, and writes them when it can."""
    talk = Talk(store)
    talk.turn()
    store.down = {"load", "commit"}
    talk.turn(COMPLETED)
    assert talk.unsaved() == (COMPLETED,)
    assert talk.kept.profile.days == {20_700: 1}
    talk.turn(Heard("cat-cow"))
    assert talk.unsaved() == (COMPLETED, Heard("cat-cow"))
    assert talk.attributes["unsaved"]
    store.down = set()
    talk.turn()
    assert not talk.unsaved()
    assert "unsaved" not in talk.attributes
    assert store.record == talk.kept.profile
    assert store.record.days == {20_700: 1}


def test_a_store_that_is_down_from_the_start_is_caught_up(store: Counted) -> None:
    """Where the record could never be read, it is read first when the store is back, and nothing of it is lost."""
    stored(store, [Greeted(), Completed("0.0.cat", "cat-cow", 20_699)])
    store.down = {"load", "commit", "erase"}
    talk = Talk(store)
    talk.turn(COMPLETED)
    talk.turn(Preferred("mode", "step"))
    assert talk.kept.version is None
    assert talk.kept.profile.days == {20_700: 1}
    store.down = set()
    talk.turn()
    assert store.record.days == {20_699: 1, 20_700: 1}
    assert store.record.greeted
    assert store.record.preferences == {"mode": "step"}
    assert talk.kept.profile == store.record


def test_many_unsaved_exercises_count_once_each(store: Counted) -> None:
    """A long session without a store counts each exercise once when it is caught up, however many there were."""
    talk = Talk(store)
    store.down = {"load", "commit"}
    done = [Completed(f"{number:x}.0.c", "cat-cow", 20_700) for number in range(16)]
    for change in done:
        talk.turn(change)
    store.down = {"commit"}
    talk.turn()
    store.down = set()
    talk.turn()
    assert store.record.days == {20_700: len(done)}


def test_an_answer_that_was_lost_counts_nothing_twice(store: Counted) -> None:
    """A commit that was written although its answer never came is written again without counting twice."""
    talk = Talk(store)
    talk.turn()
    store.lose_answers = True
    talk.turn(COMPLETED)
    assert talk.unsaved() == (COMPLETED,)
    store.lose_answers = False
    talk.turn(Heard("cat-cow"))
    assert store.record.days == {20_700: 1}
    assert store.record.heard == ("cat-cow",)


def test_many_lost_answers_count_nothing_twice(store: Counted) -> None:
    """A long session in which every write is carried out and no answer comes counts each exercise once."""
    talk = Talk(store)
    talk.turn()
    store.lose_answers = True
    done = [Completed(f"{number:x}.0.c", "cat-cow", 20_700) for number in range(30)]
    for change in done:
        talk.turn(change)
    assert len(talk.unsaved()) == len(done)
    store.lose_answers = False
    talk.turn()
    assert store.record.days == {20_700: len(done)}


def test_a_newer_record_is_served_and_never_written(store: Counted) -> None:
    """A record of a later release is read as far as it goes; no turn of the session writes over it."""
    stored(store, [Greeted()], RECORD_VERSION + 1)
    before = store.inner.load(USER, SECONDS)
    talk = Talk(store)
    talk.turn(COMPLETED)
    assert talk.kept.profile.greeted
    assert talk.kept.profile.days == {20_700: 1}
    talk.turn(check=CHECK)
    talk.turn(Heard("cat-cow"), check={})
    talk.turn(Preferred("mode", "step"))
    assert talk.kept.read_only
    assert talk.kept.profile.preferences == {"mode": "step"}
    assert not talk.unsaved()
    after = store.inner.load(USER, SECONDS)
    assert (after.profile, after.version) == (before.profile, before.version)


def test_an_older_record_is_upgraded_by_the_next_write(store: Counted) -> None:
    """A record of an earlier release, without what came later, is read, and written in today's form with all it had."""
    record = {"record": RECORD_VERSION - 1, "greeted": True, "days": {"20699": 2}, "lock": True, "dropped since": 7}
    store.inner.commit(USER, Commit(record), SECONDS - 1000)
    talk = Talk(store)
    talk.turn()
    assert (store.inner.load(USER, SECONDS).profile or {})["record"] == RECORD_VERSION - 1
    talk.turn(COMPLETED)
    found = store.inner.load(USER, SECONDS).profile or {}
    assert found["record"] == RECORD_VERSION
    assert "dropped since" not in found
    assert store.record == Profile(
        greeted=True, days={20_699: 2, 20_700: 1}, lock=True, recent=(Done("1.0.cat", "cat-cow", 20_700),)
    )


@pytest.mark.parametrize("carried", [{"profile": {"record": 2}}, {"read_only": True}])
@pytest.mark.parametrize("version", [RECORD_VERSION, RECORD_VERSION + 1])
def test_a_record_said_to_be_newer_is_read_again(version: int, carried: dict[str, Any], store: Counted) -> None:
    """A record that is never written meets no conflict, so the lock of one is read, whatever attributes say of it."""
    stored(store, [Greeted(), Locked(lock=True)], version)
    _, kept = Keeper(store, 30).open(USER, {"v": 1, **carried}, NOW)
    assert kept.profile.lock
    assert kept.read_only == (version > RECORD_VERSION)


def test_a_record_that_becomes_newer_is_not_overwritten(store: Counted) -> None:
    """Another device with a later release wrote meanwhile: this one keeps its changes to itself."""
    talk = Talk(store)
    talk.turn()
    stored(store, [Greeted()], RECORD_VERSION + 1)
    talk.turn(COMPLETED)
    assert talk.unsaved() == (COMPLETED,)
    found = store.inner.load(USER, SECONDS).profile or {}
    assert found["record"] == RECORD_VERSION + 1


def test_answers_are_kept_for_minutes_and_dropped_at_the_outcome(store: Counted) -> None:
    """The answers of a check under way are stored as they come, expire, and are gone after the outcome."""
    talk = Talk(store)
    talk.turn(check=CHECK)
    assert store.calls == ["load", "commit"]
    assert store.inner.load(USER, SECONDS + 30 * 60 - 1).screening == {"check": CHECK}
    assert store.inner.load(USER, SECONDS + 30 * 60).screening is None
    talk.turn()
    assert store.calls == ["load", "commit"]
    talk.turn(check={})
    assert store.calls == ["load", "commit", "commit"]
    assert store.inner.load(USER, SECONDS).screening is None
    assert store.inner.load(USER, SECONDS).profile is None


def test_a_check_goes_on_in_a_new_session(store: Counted) -> None:
    """A new session within the minutes finds the check, and one after them does not."""
    Talk(store).turn(check=CHECK)
    assert Talk(store).turn().check == CHECK
    assert Talk(store).turn(now=NOW + 31 * 60_000).check == {}


def test_with_no_minutes_answers_are_never_stored(store: Counted) -> None:
    """Zero minutes means that no answer ever reaches the store, and nothing has to be dropped."""
    talk = Talk(store, minutes=0)
    talk.turn(check=CHECK)
    talk.turn(check={**CHECK, "answers": "fever:y"})
    talk.turn(check={})
    assert store.calls == ["load"]


def test_answers_that_could_not_be_deleted_are_deleted_later(store: Counted) -> None:
    """The store fails at the outcome: the answers go with the next turn that can, and are not taken up meanwhile."""
    talk = Talk(store)
    talk.turn(check=CHECK)
    store.down = {"commit"}
    talk.turn(check={})
    assert talk.is_dropping()
    assert talk.turn().check == {}
    store.down = set()
    talk.turn()
    assert not talk.is_dropping()
    assert store.inner.load(USER, SECONDS).screening is None


def test_no_answer_is_ever_in_the_profile(store: Counted) -> None:
    """A whole check leaves nothing of its answers in the lasting record."""
    talk = Talk(store)
    talk.turn(Greeted(), check=CHECK)
    talk.turn(Locked(lock=True), check={})
    assert "fever" not in json.dumps(store.inner.load(USER, SECONDS).profile)
    assert store.record.lock


def test_erasing_leaves_nothing(store: Counted) -> None:
    """Everything is gone with one call, in the store and in the session."""
    stored(store, [Greeted(), COMPLETED])
    talk = Talk(store)
    talk.turn(check=CHECK)
    store.calls.clear()
    talk.turn(Erased(), check={})
    assert store.calls == ["erase"]
    assert store.inner.load(USER, SECONDS) == Stored(None, 0, None)
    assert talk.kept == Kept(Profile(), 0)
    talk.turn(Greeted())
    assert store.record == Profile(greeted=True)


def test_an_erasure_that_fails_is_still_done(store: Counted) -> None:
    """The store fails while it is to forget: it forgets with the next turn, and nothing old comes back."""
    stored(store, [Greeted(), COMPLETED])
    talk = Talk(store)
    talk.turn(Heard("cat-cow"))
    store.down = {"erase", "commit", "load"}
    talk.turn(Erased())
    assert talk.unsaved() == (Erased(),)
    assert talk.kept.profile == Profile()
    store.down = set()
    store.calls.clear()
    talk.turn(Preferred("mode", "step"))
    assert store.calls == ["load", "erase", "commit"]
    assert store.record == Profile(preferences={"mode": "step"})
    assert talk.kept.profile == store.record
    assert not talk.unsaved()


def test_a_lock_set_elsewhere_stays(store: Counted) -> None:
    """Saying "I've been seen" opens the lock that was in hand, not one that another device has set since."""
    stored(store, [Locked(lock=True)])
    here, there = Talk(store), Talk(store)
    here.turn()
    there.turn(Locked(lock=False))
    there.turn(Locked(lock=True))
    here.turn(Locked(lock=False))
    assert store.record.lock
    assert here.kept.profile.lock


def test_nothing_under_way_here_does_not_drop_what_is_there(store: Counted) -> None:
    """A device that did nothing does not write over what another device has under way."""
    here, there = Talk(store), Talk(store)
    here.turn()
    there.turn(UnderWay(Activity("cat-cow", NOW)))
    here.turn(UnderWay(None), Heard("camel-pose"))
    assert store.record.under_way == Activity("cat-cow", NOW)


def test_the_attributes_hold_what_the_next_turn_needs() -> None:
    """Session, profile, version and what is not saved travel; what is empty does not."""
    plain = attributes_of(Session(), Kept(Profile(), 0))
    assert plain == {"state": "home", "profile": {"record": 1}, "v": 0}
    full = attributes_of(Session(State.PAUSED, 3), Kept(Profile(), None, (Greeted(),), drop_screening=True))
    assert full == {
        "state": "paused", "turn": 3, "profile": {"record": 1}, "unsaved": [["Greeted"]], "drop": True,
    }  # fmt: skip


@pytest.mark.parametrize("version", [None, "5", True, -1, 1.5, [], {}])
def test_a_version_that_is_none_is_read_again(store: Counted, version: Any) -> None:
    """Attributes with a version that makes no sense never write over a record unread."""
    stored(store, [Greeted()])
    talk = Talk(store, attributes={"state": "home", "v": version, "profile": {"record": 1}})
    talk.turn(COMPLETED)
    assert store.record.greeted
    assert store.record.days == {20_700: 1}
