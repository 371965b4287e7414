"""The session attributes: what travels from turn to turn, its size, and attributes that are not ours."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.device import limits
from stretch_coach import session as sessions
from stretch_coach.acts import Ask, Read, encode
from stretch_coach.alexa.keeper import Kept, attributes_of
from stretch_coach.profile import Completed, Heard, Profile, Rung, apply_all
from stretch_coach.safety.check import Answer, Check
from stretch_coach.safety.red_flag import questions
from stretch_coach.session import MAX_NOTED, MAX_OFFERS, Activity, Sent, Session, State, decode, decode_activity
from stretch_coach.timeline import Place
from stretch_coach.turn import take_turn
from tests.unit.performances import IDS, LIBRARY, NOW, intent

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
FIELDS = (
    "turn", "exercise", "activity", "offers", "cannot", "conditions", "locked", "caution", "item", "reasked", "check",
    "said", "warned", "misses", "extra", "v", "profile", "unsaved",
)  # fmt: skip

places = st.builds(Place, st.integers(1, 9), st.integers(0, 1), st.integers(0, 99))
sents = st.builds(
    Sent, st.just(NOW), st.integers(0, 60_000), st.sampled_from(["long", "short", "none", "straight"]),
    st.sampled_from([1, 99]), st.integers(0, 500), st.sampled_from([0, 15]), st.integers(0, 178_000),
)  # fmt: skip
activities = st.builds(
    Activity, st.sampled_from(IDS), st.just(NOW), places, st.none() | st.sampled_from(list(LIBRARY.routines)),
    st.integers(0, 8), st.integers(0, 9), st.sampled_from([{}, {"hold": {"seconds": 40}}]), st.none() | sents,
).map(lambda activity: activity if activity.routine else replace(activity, index=0))  # fmt: skip
sessions_built = st.builds(
    Session, st.sampled_from(State), st.integers(0, 999), st.none() | activities,
    st.lists(st.sampled_from(IDS), max_size=MAX_OFFERS).map(tuple),
    st.lists(st.sampled_from(["no-band", "kneeling"]), max_size=MAX_NOTED).map(tuple),
    st.lists(st.sampled_from(["pregnancy"]), max_size=MAX_NOTED).map(tuple),
    st.sampled_from(["", "emergency"]), st.booleans(), st.sampled_from(["", "saddle-numbness"]), st.booleans(),
    st.just({}), st.just(()), st.booleans(), st.integers(0, 9), st.just({}),
)  # fmt: skip


def travelled(session: Session) -> Session:
    """The session after a journey through JSON."""
    return decode(json.loads(json.dumps(sessions.encode(session), allow_nan=False)))


@given(session=sessions_built)
def test_a_session_survives_its_journey(session: Session) -> None:
    """What is encoded is decoded to the same session."""
    assert travelled(session) == session


@given(session=sessions_built)
def test_the_keys_outside_checks_read(session: Session) -> None:
    """The attributes name the state, the exercise under way and the item being asked under their promised keys."""
    attributes = sessions.encode(session)
    assert attributes["state"] == session.state
    assert attributes.get("exercise") == (session.activity.exercise if session.activity else None)
    assert attributes.get("item", "") == session.item


@given(
    state=st.sampled_from(["nowhere", "", 5, None, [], {}, True]), rest=st.dictionaries(st.sampled_from(FIELDS), JSON)
)
def test_an_unknown_state_starts_at_home(state: Any, rest: dict[str, Any]) -> None:
    """Attributes of another release, or forged ones, give a session with nothing under way."""
    assert decode({**rest, "state": state}) == Session()


@given(state=st.sampled_from([str(state) for state in State]), rest=st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_attributes_are_a_session(state: str, rest: dict[str, Any]) -> None:
    """With a known state, any field may be damaged: a session comes of it that can take a turn."""
    session = decode({**rest, "state": state})
    assert session.state == state
    reply = take_turn(LIBRARY, session, Profile(), intent("HelpIntent"), NOW)
    assert reply.plan.cues


@pytest.mark.parametrize("said", [[[[]]], [[{}]], [["Tell", 5, {}]], [["Ask", "ask.home", 5, "reprompt.home", False]]])
def test_damaged_last_words_are_not_repeated(said: list[Any]) -> None:
    """A last turn that cannot be read is left out when it is to be said again."""
    session = decode({"state": "home", "said": said})
    assert take_turn(LIBRARY, session, Profile(), intent("RepeatIntent"), NOW).plan.cues


GOOD: dict[str, Any] = {"e": "glute-bridge", "t": NOW, "p": [1, 0, 3], "s": [NOW, 0, "short", 99, 4, 0, 0]}


@pytest.mark.parametrize(
    ("field", "value"),
    [("t", "soon"), ("t", float("nan")), ("p", 5), ("p", ["x", 0, 0]), ("p", [1, 2, 3, 4]), ("s", [1, 2]), ("s", 7),
     ("i", "x"), ("n", [])],
)  # fmt: skip
def test_a_damaged_activity_is_no_activity(field: str, value: Any) -> None:
    """An activity that cannot be read is left out; nothing is guessed."""
    assert decode_activity({**GOOD, field: value}) is None


@pytest.mark.parametrize("dose", [[1], "x", {"hold": 5}, {"hold": {"bogus": 1}}, {"reps": {"count": "x"}},
                                  {"reps": {"count": 0}}, {"reps": {"count": True}}, {"sets": 10**9}])  # fmt: skip
def test_a_damaged_change_of_dose_is_left_out(dose: Any) -> None:
    """A change of dose that cannot be one is dropped, and the activity stays."""
    found = decode_activity({**GOOD, "d": dose})
    assert found is not None
    assert not found.dose


def test_what_a_listener_changed_survives() -> None:
    """Seconds, breaths, repetitions and sets that were changed are read as they were written."""
    changed = {"hold": {"seconds": 20}, "reps": {"count": 8}, "sets": 2}
    found = decode_activity({**GOOD, "d": changed})
    assert found is not None
    assert found.dose == changed


def test_an_activity_survives_its_journey() -> None:
    """The good activity of these tests is read as it was written."""
    found = decode_activity(GOOD)
    assert found == Activity("glute-bridge", NOW, Place(1, 0, 3), sent=Sent(NOW, 0, "short", 99, 4))
    assert decode_activity(sessions.encode_activity(found)) == found
    assert decode_activity(None) is None


@given(activity=st.dictionaries(st.sampled_from("etprinds"), JSON, min_size=3))
def test_any_json_is_an_activity_or_none(activity: dict[str, Any]) -> None:
    """Whatever is stored as under way, the talk can start, and pausing and resuming answer."""
    found = decode_activity({**GOOD, **activity})
    session = Session(State.PAUSED, activity=found)
    for name in ("ResumeIntent", "HowLongLeftIntent", "PauseIntent", "RepeatIntent"):
        assert take_turn(LIBRARY, session, Profile(), intent(name), NOW).plan.cues


@pytest.mark.parametrize("field", ["t", "p", "s", "i", "n"])
def test_a_number_too_large_is_no_activity(field: str) -> None:
    """JSON's 1e999 is read as infinity: an activity that holds it is left out like any other damaged one."""
    huge = json.loads("1e999")
    value = [huge, 0, 0] if field == "p" else [huge, 0, "short", 99, 4] if field == "s" else huge
    assert decode_activity({**GOOD, field: value}) is None


def test_everything_at_once_fits_four_kilobytes() -> None:
    """A session at all its bounds, with a record at all its bounds and a check nearly over, stays within 4 KB."""
    answers = tuple((flag, Answer.NOT_SURE) for flag in LIBRARY.red_flags)
    said = encode([Read(("x" * 120,) * 5), Ask("ask.home")])
    activity = Activity(
        "forward-backward-band-walk", NOW, Place(3, 1, 29), "lower-back-ease", 4, 5, {"reps": {"count": 30}},
        Sent(NOW, 60_000, "straight", 99, 999, 15, 178_000),
    )  # fmt: skip
    session = Session(
        State.CHECKING, 999, activity, IDS[:MAX_OFFERS], ("no-resistance-band",) * MAX_NOTED,
        ("high-blood-pressure",) * MAX_NOTED, "emergency", True, "trouble-starting-to-pee", True,
        Check("full", answers).to_attributes(), tuple(said), True, 9, {"last": "forward-backward-band-walk"},
    )  # fmt: skip
    lived = [Completed(f"{NOW + n:x}.{n}.{IDS[n % 20][:12]}", IDS[n % 20], 20_000 + n) for n in range(60)]
    rungs = [Rung(f"device{n:02}", "blocks") for n in range(9)]
    profile = apply_all(Profile(greeted=True), [*lived, *map(Heard, IDS), *rungs])
    for unsaved in ((), tuple(lived[:9])):
        attributes = attributes_of(session, Kept(profile, 123, unsaved))
        assert limits.size(attributes) <= limits.ATTRIBUTE_BYTES
        again = decode(json.loads(json.dumps(attributes)))
        assert (again.state, again.activity, again.item, again.check) == (
            session.state, session.activity, session.item, session.check,
        )  # fmt: skip


def test_whatever_can_be_said_of_oneself_is_remembered() -> None:
    """There is room for every limitation and every condition that there is a word for, or that a check tells of."""
    model = json.loads((Path(__file__).parents[2] / "interaction_model" / "en-US.json").read_text("utf-8"))
    types = {kind["name"]: kind["values"] for kind in model["interactionModel"]["languageModel"]["types"]}
    limitations, named = ({value["id"] for value in types[kind]} for kind in ("Limitation", "Condition"))
    told = {word for found in questions(LIBRARY.red_flags) for word in found.contraindicates}
    assert len(limitations) <= MAX_NOTED
    assert len(named | told) <= MAX_NOTED


def test_lists_are_bounded_when_read_and_written() -> None:
    """Lists that someone made too long are cut, the newest limitations and the first offers kept."""
    many = tuple(f"thing-{number}" for number in range(50))
    session = decode({"state": "home", "offers": list(many), "cannot": list(many), "conditions": list(many)})
    assert session.offers == many[:MAX_OFFERS]
    assert session.cannot == session.conditions == many[-MAX_NOTED:]
    assert sessions.encode(Session(offers=many, cannot=many))["offers"] == list(many[:MAX_OFFERS])


def test_home_drops_what_was_under_way() -> None:
    """Going home keeps the conversation's count of turns and drops the activity and the offers."""
    session = Session(State.PAUSED, 7, decode_activity(GOOD), ("cat-cow",))
    assert sessions.at_home(session) == Session(State.HOME, 7)
