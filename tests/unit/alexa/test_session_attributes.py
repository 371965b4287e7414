"""Everything the session attributes can be asked to carry, within 4 KB."""

import json
from dataclasses import replace
from typing import Any

import pytest

from content_reader.documents import load_library
from stretch_coach import session as sessions
from stretch_coach.alexa.keeper import MAX_ATTRIBUTES_BYTES, Keeper, Kept, attributes_of, size
from stretch_coach.errors import StoreError
from stretch_coach.library import Library
from stretch_coach.profile import (
    MAX_DAYS,
    MAX_HEARD,
    MAX_RECENT,
    MAX_RUNGS,
    Change,
    Checked,
    Completed,
    Done,
    Heard,
    Locked,
    Mentioned,
    Preferred,
    Profile,
    Rung,
    UnderWay,
    apply_all,
    decode_changes,
)  # fmt: skip
from stretch_coach.profile import encode as encode_profile
from stretch_coach.safety.check import Answer, Check
from stretch_coach.safety.red_flag import questions
from stretch_coach.session import MAX_NOTED, MAX_OFFERS, MAX_SAID_CHARACTERS, Activity, Sent, Session, State
from stretch_coach.stores.contract import Commit, Stored
from stretch_coach.stores.memory import MemoryStore
from stretch_coach.timeline import Place

NOW = 1_790_000_000_000
USER = "amzn1.ask.account.TEST"
LONGEST = "x" * 36
"""Longer than every id in content."""
UNDER_WAY = Activity(
    LONGEST, NOW, Place(3, 1, 29), routine=LONGEST, index=11, step=7,
    dose={"hold": {"seconds": 120}, "reps": {"count": 40}},
    sent=Sent(NOW, 123_456, "straight", 99, 200, 15, 179_999),
)  # fmt: skip
FULL = Profile(
    greeted=True,
    preferences={"mode": "step", "style": "every-second", "direction": "down", "pace": 150},
    rungs={f"device{number:02}": "blocks" for number in range(MAX_RUNGS)},
    heard=tuple(f"{number:02}{LONGEST[2:]}" for number in range(MAX_HEARD)),
    recent=tuple(Done(f"1a0c4f5e000.{number}.{'y' * 12}", LONGEST, 20_700) for number in range(MAX_RECENT)),
    days={20_700 + number: 12 for number in range(MAX_DAYS)},
    under_way=UNDER_WAY,
    lock=True,
    checked_day=20_700,
    checked_version="0123456789ab",
    mentioned=("modes", "other", "another"),
)
UNSAVED: tuple[Change, ...] = (
    Locked(True), Checked(20_700, "0123456789ab"), Preferred("pace", 150), Preferred("mode", "step"),
    Rung("device00", "ssml"), Mentioned("modes"),
    *(Heard(f"{number:02}{LONGEST[2:]}") for number in range(20)),
    *(Completed(f"1a0c4f5e000.{number}.{'y' * 12}", LONGEST, 20_700) for number in range(30)),
    UnderWay(UNDER_WAY),
)  # fmt: skip


def fully_answered() -> Check:
    """A check with an answer to every question there is, which no conversation reaches."""
    asked = questions(library().red_flags)
    return Check(answers=tuple((found.id, Answer.NOT_SURE) for found in asked))


def library() -> Library:
    """The real content: its ids are what the attributes have to hold."""
    return load_library()


@pytest.fixture(name="session", scope="module")
def _session() -> Session:
    check = fully_answered()
    return Session(
        state=State.CHECKING, turn=9_999, activity=UNDER_WAY,
        offers=tuple(f"routine:{number}{LONGEST}" for number in range(MAX_OFFERS)),
        cannot=("hands-and-knees",) * MAX_NOTED, conditions=("hip-replacement-anterior",) * MAX_NOTED,
        locked="emergency", caution=True, item=max(dict(check.answers), key=len), reasked=True,
        check=check.to_attributes(), said=(["Read", ["z" * MAX_SAID_CHARACTERS]],), warned_unsaved=True, misses=3,
        extra={"last": LONGEST, "reasons": [[LONGEST, "y"]] * 8},
    )  # fmt: skip


def on_the_wire(attributes: dict[str, Any]) -> dict[str, Any]:
    """Attributes as they come back with the next request."""
    returned: dict[str, Any] = json.loads(json.dumps(attributes, allow_nan=False))
    return returned


@pytest.mark.parametrize("unsaved", [(), UNSAVED], ids=["saved", "unsaved"])
def test_the_fullest_session_fits(session: Session, unsaved: tuple[Change, ...]) -> None:
    """With everything at its most at once, the attributes stay below 4 KB and lose nothing of what is under way."""
    attributes = attributes_of(session, Kept(FULL, 7, unsaved, drop_screening=True))
    back = sessions.decode(on_the_wire(attributes))
    assert size(attributes) <= MAX_ATTRIBUTES_BYTES
    assert (back.state, back.activity, back.item, back.check) == (
        session.state, session.activity, session.item, session.check,
    )  # fmt: skip
    assert (back.locked, back.caution, back.reasked, back.turn) == ("emergency", True, True, 9_999)
    assert (back.conditions, back.cannot) == (session.conditions, session.cannot)


def test_what_must_be_saved_is_not_left_out(session: Session) -> None:
    """Of what waits to be saved only progress may be lost, the oldest of it first."""
    attributes = on_the_wire(attributes_of(session, Kept(FULL, 7, UNSAVED)))
    waiting = decode_changes(attributes["unsaved"])
    lasting = [change for change in UNSAVED if not isinstance(change, Heard | Completed | Mentioned)]
    assert [change for change in waiting if change in lasting] == lasting
    progress = [change for change in UNSAVED if isinstance(change, Heard | Completed)]
    kept = [change for change in waiting if change in progress]
    assert kept == progress[len(progress) - len(kept) :]


def test_a_usual_session_keeps_everything() -> None:
    """In a routine after a month of use nothing has to be left out, and the record is not read again."""
    profile = replace(FULL, heard=FULL.heard[:9], recent=FULL.recent[:5], rungs={"device00": "blocks"})
    session = Session(state=State.COUNTING, turn=12, activity=UNDER_WAY, said=(["Ask", "ask.next", {}, "r", True],))
    attributes = attributes_of(session, Kept(profile, 7))
    assert sessions.decode(on_the_wire(attributes)) == session
    assert attributes["profile"] == encode_profile(profile)
    assert attributes["v"] == 7


class Down(MemoryStore):
    """A store that can be switched off."""

    is_down = False

    def load(self, user_id: str, now: int) -> Stored:
        """Fail while it is down."""
        if self.is_down:
            raise StoreError("down")
        return super().load(user_id, now)


def saved(store: MemoryStore) -> Kept:
    """The full profile, in the store."""
    version = store.commit(USER, Commit(profile=encode_profile(FULL)), NOW // 1000)
    return Kept(FULL, version)


def test_a_record_that_did_not_fit_is_read_again(session: Session) -> None:
    """The next turn of a session whose record was left out finds all of it in the store."""
    store = Down()
    attributes = on_the_wire(attributes_of(session, saved(store)))
    assert "v" not in attributes
    _, kept = Keeper(store, 30).open(USER, attributes, NOW)
    assert kept.profile == FULL


def test_a_record_that_did_not_fit_leaves_its_lock_when_the_store_is_down(session: Session) -> None:
    """Exercises stay locked, and settings and unsaved changes hold, when the record cannot be read again."""
    store = Down()
    late = (Preferred("pace", 80),)
    attributes = on_the_wire(attributes_of(session, replace(saved(store), unsaved=late)))
    store.is_down = True
    _, kept = Keeper(store, 30).open(USER, attributes, NOW)
    assert kept.profile.lock
    assert kept.profile.preferences == {**FULL.preferences, "pace": 80}
    assert kept.profile.rungs == FULL.rungs
    assert (kept.version, kept.unsaved) == (None, late)


def test_unsaved_changes_reach_a_record_that_is_read_again(session: Session) -> None:
    """Nothing that waited is lost when the record comes back from the store instead of the attributes."""
    store = Down()
    late: tuple[Change, ...] = (Completed("later", "late-exercise", 20_740),)
    attributes = on_the_wire(attributes_of(session, replace(saved(store), unsaved=late)))
    _, kept = Keeper(store, 30).open(USER, attributes, NOW)
    assert kept.profile == apply_all(FULL, late)


def test_answers_that_could_not_be_deleted_do_not_come_back() -> None:
    """A finished check whose stored answers still wait to be deleted is not offered again in the same session."""
    store = Down()
    store.commit(
        USER, Commit(screening={"check": {"kind": "full"}}, screening_expires_at=NOW // 1000 + 60), NOW // 1000
    )
    session, kept = Keeper(store, 30).open(USER, {"state": "advised", "drop": True}, NOW)
    assert not session.check
    assert kept.drop_screening
