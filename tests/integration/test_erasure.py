"""Leaving: "delete my data" and the skill-disabled event, once, twice, late and out of order, over every store."""

import time
import traceback
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from simulator.device import Device
from simulator.device.clock import VirtualClock, iso
from stretch_coach.alexa.skill import ERASE_ATTEMPTS, build_skill, invoke_json
from stretch_coach.errors import EventFailed, StoreError
from stretch_coach.library import Library
from stretch_coach.stores.contract import Commit, Store, Stored
from stretch_coach.stores.dynamodb import DynamoStore
from stretch_coach.stores.memory import MemoryStore
from stretch_coach.stores.sqlite import SqliteStore
from tests.integration.faults.talk import intent
from tests.integration.servers import PATIENT_SECONDS, TABLE, Server

NOBODY = Stored(None, 0, None)
START_MS = int(time.time()) * 1000
"""Real time, for a server that judges what has expired by its own clock."""
HOUR_MS = 3_600_000
A_CHECK = ("StartSafetyCheckIntent kind=short", "AMAZON.NoIntent")


@pytest.fixture(
    name="store",
    params=["memory", "sqlite", pytest.param("dynamodb_local", marks=pytest.mark.xdist_group("dynamodb_local"))],
)
def _store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
    elif request.param == "sqlite":
        with SqliteStore(tmp_path / "state.db") as store:
            yield store
    else:
        server: Server = request.getfixturevalue("dynamodb_local")
        client = server.connect()
        yield DynamoStore(TABLE, connect=lambda: client, call_seconds=PATIENT_SECONDS)


@dataclass
class Household:
    """A listener with two speakers, and the platform that tells of enabling and disabling."""

    library: Library
    store: Store
    user: str = field(default_factory=lambda: f"amzn1.ask.account.{uuid.uuid4().hex}")

    def __post_init__(self) -> None:
        self.clock = VirtualClock(START_MS)
        self.skill = build_skill(self.library, self.store, lambda: self.clock.now_ms / 1000)

    def speaker(self, name: str = "one") -> Device:
        return Device(self.send, intent, self.clock, apl=False, user_id=self.user, device_id=name)

    def send(self, event: Mapping[str, Any]) -> dict[str, Any]:
        return invoke_json(self.skill, event)

    def disabled(self, happened_ms: int) -> None:
        """The event arrives now, whenever it happened; its answer may not speak."""
        system = {"application": {"applicationId": ""}, "user": {"userId": self.user}}
        request = {
            "type": "AlexaSkillEvent.SkillDisabled",
            "requestId": "amzn1.echo-api.request.leaving",
            "timestamp": iso(self.clock.now_ms),
            "eventCreationTime": iso(happened_ms),
            "eventPublishingTime": iso(self.clock.now_ms),
        }
        answer = self.send({"version": "1.0", "context": {"System": system}, "request": request})
        assert answer["response"] == {}

    @property
    def kept(self) -> Stored:
        return self.store.load(self.user, self.clock.now_ms // 1000)


@pytest.fixture(name="home")
def _home(library: Library, store: Store) -> Household:
    home = Household(library, store)
    speaker = home.speaker()
    speaker.launch()
    for said in A_CHECK:
        speaker.say(said)
    assert home.kept.profile is not None
    assert home.kept.screening is not None
    return home


def test_disabling_removes_everything_however_often_it_is_told(home: Household) -> None:
    """The event removes the profile and the answers of a check under way, and again is no different."""
    home.clock.advance(1000)
    for _ in range(3):
        home.disabled(home.clock.now_ms)
        assert home.kept == NOBODY


def test_a_late_event_removes_what_was_there_before_it(home: Household) -> None:
    """An event that comes an hour late still removes what was written before it happened."""
    happened = home.clock.now_ms
    home.clock.advance(HOUR_MS)
    home.disabled(happened)
    assert home.kept == NOBODY


def test_an_event_older_than_a_re_enable_removes_nothing_newer(home: Household) -> None:
    """When the listener has come back before the event arrives, what they have done since then stays."""
    happened = home.clock.now_ms - 60_000
    home.clock.advance(HOUR_MS)
    home.disabled(home.clock.now_ms - 60_000)
    assert home.kept == NOBODY
    speaker = home.speaker("new")
    speaker.launch()
    speaker.say("CountStyleIntent style=last-five")
    before = home.kept
    home.disabled(happened)
    home.disabled(home.clock.now_ms - HOUR_MS)
    assert home.kept == before
    assert before.profile is not None
    assert before.profile["prefs"] == {"style": "last-five"}


def test_events_in_the_wrong_order(home: Household) -> None:
    """Of two events the later may come first; together they remove what was written before either."""
    first = home.clock.now_ms
    home.clock.advance(HOUR_MS)
    home.speaker("again").launch()
    second = home.clock.now_ms + 1000
    home.clock.advance(HOUR_MS)
    home.disabled(second)
    home.disabled(first)
    assert home.kept == NOBODY


def test_other_users_keep_theirs(home: Household, library: Library) -> None:
    """One listener's leaving touches nobody else."""
    other = Household(library, home.store)
    other.speaker().launch()
    home.disabled(home.clock.now_ms)
    assert other.kept.profile is not None


def test_deleting_by_voice_asks_and_removes(home: Household) -> None:
    """Without a yes nothing is deleted; with it, everything, and saying it again in a new session is no different."""
    speaker = home.speaker("two")
    speaker.launch()
    speaker.say("DeleteMyDataIntent")
    assert home.kept.profile is not None
    speaker.say("AMAZON.NoIntent")
    assert home.kept.profile is not None
    for _ in range(2):
        speaker.launch()
        speaker.say("DeleteMyDataIntent")
        answer = speaker.say("AMAZON.YesIntent")
        assert answer is not None
        assert answer["response"]["shouldEndSession"] is True
        assert home.kept == NOBODY


def test_another_speakers_open_session_does_not_bring_it_back(home: Household) -> None:
    """A session that holds the deleted record in its attributes writes what it does from then on, and nothing old."""
    old = home.speaker("old")
    old.launch()
    old.say("CountStyleIntent style=last-five")
    deleting = home.speaker("deleting")
    deleting.launch()
    deleting.say("DeleteMyDataIntent")
    home.clock.advance(2000)
    deleting.say("AMAZON.YesIntent")
    assert home.kept == NOBODY
    old.interrupt("ChangePaceIntent direction=slower")
    profile = home.kept.profile
    assert profile is not None
    assert profile == {"prefs": {"pace": 125}, "record": 1}


@dataclass
class Unreachable(MemoryStore):
    """Cannot erase for a number of attempts."""

    failures: int = 0
    attempts: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def erase(self, user_id: str, before: int) -> None:
        self.attempts += 1
        if self.attempts <= self.failures:
            raise StoreError("down")
        super().erase(user_id, before)


def test_a_deletion_that_fails_is_not_said_to_be_done(library: Library) -> None:
    """When the store cannot delete, that is said, the question stays open, and the next yes deletes."""
    store = Unreachable(failures=1)
    home = Household(library, store)
    speaker = home.speaker()
    speaker.launch()
    speaker.say("DeleteMyDataIntent")
    answer = speaker.say("AMAZON.YesIntent")
    assert answer is not None
    said = answer["response"]["outputSpeech"]["ssml"]
    assert library.locale.prompt("delete.failed", 0) in said
    assert library.locale.prompt("delete.done", 0) not in said
    assert answer["response"]["shouldEndSession"] is False
    assert answer["sessionAttributes"]["state"] == "deleting"
    assert home.kept.profile is not None
    answer = speaker.say("AMAZON.YesIntent")
    assert answer is not None
    assert library.locale.prompt("delete.done", 0) in answer["response"]["outputSpeech"]["ssml"]
    assert home.kept == NOBODY


@pytest.mark.parametrize("failures", [1, ERASE_ATTEMPTS - 1])
def test_an_event_is_tried_again(library: Library, failures: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that recovers within a few attempts still loses nothing of the event."""
    monkeypatch.setattr("stretch_coach.alexa.skill.ERASE_PAUSE_SECONDS", 0)
    store = Unreachable(failures=failures)
    home = Household(library, store)
    home.store.commit(home.user, Commit({"greeted": True}), START_MS // 1000)
    home.disabled(home.clock.now_ms)
    assert home.kept == NOBODY
    assert store.attempts == failures + 1


def test_an_event_that_fails_is_not_answered(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """When all attempts fail there is no answer, which would say it is done; what raises names nobody and nothing."""
    monkeypatch.setattr("stretch_coach.alexa.skill.ERASE_PAUSE_SECONDS", 0)
    home = Household(library, Unreachable(failures=ERASE_ATTEMPTS))
    home.store.commit(home.user, Commit({"greeted": True}), START_MS // 1000)
    with pytest.raises(EventFailed) as failed:
        home.disabled(home.clock.now_ms)
    shown = "".join(traceback.format_exception(failed.value))
    assert home.user not in shown
    assert "StoreError" not in shown
    assert home.kept.profile is not None


def test_an_event_that_is_delivered_again_is_carried_out(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same event half an hour later removes what the first could not, and nothing written since."""
    monkeypatch.setattr("stretch_coach.alexa.skill.ERASE_PAUSE_SECONDS", 0)
    home = Household(library, Unreachable(failures=ERASE_ATTEMPTS))
    home.store.commit(home.user, Commit({"greeted": True}), START_MS // 1000)
    happened = home.clock.now_ms
    with pytest.raises(EventFailed):
        home.disabled(happened)
    home.clock.advance(HOUR_MS // 2)
    home.disabled(happened)
    assert home.kept == NOBODY
