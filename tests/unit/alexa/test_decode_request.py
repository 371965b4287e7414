"""Request JSON reduced to what the dialogue can use; whatever arrives, nothing raises."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stretch_coach.alexa.request import MAX_HEARD_CHARACTERS, MAX_SLOTS, MAX_VALUES, Purpose, decode, short_hash
from stretch_coach.events import Device, Kind, Slot

CLOCK = 1_790_000_000_123
SENT = 1_790_000_000_000
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
SKILL, USER, DEVICE = "amzn1.ask.skill.one", "amzn1.ask.account.USER", "amzn1.ask.device.DEVICE"


def match(*ids: str, authority: str = "er-authority.echo-sdk.skill.EXERCISE", code: str = "ER_SUCCESS_MATCH") -> Any:
    """What one authority found for a slot."""
    values = [{"value": {"name": name, "id": name}} for name in ids]
    return {"authority": authority, "status": {"code": code}, "values": values}


def slot(value: str | None, *authorities: Any) -> dict[str, Any]:
    """A slot as the platform sends it."""
    found: dict[str, Any] = {"name": "exercise", "confirmationStatus": "NONE", "source": "USER"}
    if value is not None:
        found["value"] = value
    if authorities:
        found["resolutions"] = {"resolutionsPerAuthority": list(authorities)}
    return found


def request(kind: str = "IntentRequest", **parts: Any) -> dict[str, Any]:
    """A whole request, with `parts` laid over its request object."""
    return {
        "version": "1.0",
        "session": {
            "new": False, "sessionId": "s", "application": {"applicationId": SKILL}, "user": {"userId": USER},
            "attributes": {"state": "home"},
        },
        "context": {"System": {
            "application": {"applicationId": SKILL}, "user": {"userId": USER},
            "device": {"deviceId": DEVICE, "supportedInterfaces": {}},
        }},
        "request": {
            "type": kind, "requestId": "r1", "timestamp": "2026-09-21T14:13:20Z", "locale": "en-US",
            "intent": {"name": "StartExerciseIntent", "slots": {}}, **parts,
        },
    }  # fmt: skip


def with_slots(**slots: Any) -> dict[str, Any]:
    """A request whose intent has these slots."""
    return request(intent={"name": "StartExerciseIntent", "slots": slots})


def slots_of(message: Any) -> Any:
    """The slots a message comes to."""
    event = decode(message, CLOCK).event
    assert event is not None
    return event.slots


def test_an_intent() -> None:
    """Everything a turn depends on is read from its place."""
    found = decode(with_slots(exercise=slot("the bridge", match("glute-bridge"))), CLOCK)
    assert (found.purpose, found.type, found.id, found.user_id) == (Purpose.TURN, "IntentRequest", "r1", USER)
    assert (found.now, set(found.application_ids), dict(found.attributes)) == (SENT, {SKILL}, {"state": "home"})
    assert (found.has_session, found.is_new, found.created) == (True, False, None)
    assert found.event is not None
    assert (found.event.kind, found.event.name, found.event.locale) == (Kind.INTENT, "StartExerciseIntent", "en-US")
    assert found.event.slots == {"exercise": Slot("the bridge", ("glute-bridge",))}
    assert found.event.device == Device(short_hash(DEVICE), has_screen=False)


@pytest.mark.parametrize(("kind", "purpose", "event"), [
    ("LaunchRequest", Purpose.TURN, Kind.LAUNCH), ("IntentRequest", Purpose.TURN, Kind.INTENT),
    ("SessionEndedRequest", Purpose.NOTE, Kind.ENDED),
    ("Alexa.Presentation.APLA.RuntimeError", Purpose.TURN, Kind.AUDIO_FAILED),
    ("Alexa.Presentation.APL.UserEvent", Purpose.NOTE, Kind.TOUCH),
    ("AlexaSkillEvent.SkillDisabled", Purpose.ERASE, None), ("AlexaSkillEvent.SkillEnabled", Purpose.IGNORE, None),
    ("System.ExceptionEncountered", Purpose.IGNORE, None), ("CanFulfillIntentRequest", Purpose.IGNORE, None),
    ("Foo.Bar", Purpose.IGNORE, None), ("", Purpose.IGNORE, None),
])  # fmt: skip
def test_every_type_has_its_purpose(kind: str, purpose: Purpose, event: Kind | None) -> None:
    """Each request type is a turn, a note that may not be answered with speech, an erasure, or nothing to us."""
    found = decode(request(kind), CLOCK)
    assert found.purpose is purpose
    assert (found.event.kind if found.event else None) is event


@pytest.mark.parametrize("kind", ["SessionEndedRequest", "Alexa.Presentation.APLA.RuntimeError",
                                  "Alexa.Presentation.APL.UserEvent"])  # fmt: skip
def test_what_belongs_to_a_session_is_nothing_without_one(kind: str) -> None:
    """A session's end, a touch or a sound's failure that comes without a session is ignored."""
    message = request(kind)
    del message["session"]
    assert decode(message, CLOCK).purpose is Purpose.IGNORE


@pytest.mark.parametrize(("argument", "name"), [("pause", "PauseIntent"), ("not_sure", "NotSureIntent")])
def test_a_button_does_what_its_words_do(argument: str, name: str) -> None:
    """A touch on a button is the intent it stands for."""
    found = decode(request("Alexa.Presentation.APL.UserEvent", arguments=[argument, 5]), CLOCK)
    assert found.purpose is Purpose.TURN
    assert found.event is not None
    assert (found.event.kind, found.event.name, found.event.slots) == (Kind.INTENT, name, {})


def test_a_touched_choice_is_picked() -> None:
    """A touch on what is offered picks it by its place; a place that is never offered is a touch and no more."""
    found = decode(request("Alexa.Presentation.APL.UserEvent", arguments=["choice_2"]), CLOCK)
    assert found.event is not None
    assert (found.event.name, found.event.ordinal("which")) == ("PickIntent", 2)
    assert decode(request("Alexa.Presentation.APL.UserEvent", arguments=["choice_99"]), CLOCK).purpose is Purpose.NOTE


def test_amazon_is_left_off() -> None:
    """The platform's own intents lose their prefix, and only at the front."""
    for name, wanted in (("AMAZON.YesIntent", "YesIntent"), ("MyAMAZON.YesIntent", "MyAMAZON.YesIntent")):
        event = decode(request(intent={"name": name}), CLOCK).event
        assert event is not None
        assert event.name == wanted


@pytest.mark.parametrize(("content", "wanted"), [
    (slot("bridge", match("glute-bridge", "cat-cow")), Slot("bridge", ("glute-bridge", "cat-cow"))),
    (slot("pigeon", match(code="ER_SUCCESS_NO_MATCH")), Slot("pigeon")),
    (slot("bridge", match("glute-bridge", code="ER_ERROR_TIMEOUT")), Slot("bridge")),
    (slot("bridge", match("glute-bridge", code="ER_SOMETHING_NEW")), Slot("bridge")),
    (slot("bridge", match("a"), match("b", authority="er-authority.dynamic.x")), Slot("bridge", ("b", "a"))),
    (slot("bridge", match("a"), match("a", "c")), Slot("bridge", ("a", "c"))),
    (slot("PT30S"), Slot("PT30S")),
    (slot(None, match("a")), Slot("", ("a",))),
    (slot("?"), Slot("?")),
])  # fmt: skip
def test_a_slot_is_its_words_and_its_matches(content: dict[str, Any], wanted: Slot) -> None:
    """Matches of all authorities count once, dynamic ones first; whatever is no match leaves the words."""
    assert slots_of(with_slots(exercise=content)) == {"exercise": wanted}


@pytest.mark.parametrize(
    "content", [slot(None), {}, None, 5, "x", [], {"value": 5}, {"value": None, "resolutions": []}]
)
def test_a_slot_without_anything_is_left_out(content: Any) -> None:
    """A slot nobody filled, or that is no slot, is as if it were not there."""
    assert slots_of(with_slots(exercise=content, other=slot("x"))) == {"other": Slot("x")}


def test_what_is_kept_of_a_request_is_bounded() -> None:
    """Very long words, very many slots, authorities and values are cut."""
    many = [match(*(f"{a}-{v}" for v in range(50))) for a in range(50)]
    long = slot("x" * 5000, *many)
    found = slots_of(with_slots(**{f"slot{number}": long for number in range(100)}))
    assert len(found) == MAX_SLOTS
    assert all(len(each.value) == MAX_HEARD_CHARACTERS for each in found.values())
    assert all(len(each.ids) == MAX_VALUES * MAX_VALUES for each in found.values())


@pytest.mark.parametrize(("timestamp", "now"), [
    ("2026-09-21T14:13:20Z", 1_790_000_000_000), ("2026-09-21T14:13:20.250Z", 1_790_000_000_250),
    ("2026-09-21T16:13:20+02:00", 1_790_000_000_000), ("2026-09-21T14:13:20", 1_790_000_000_000),
    (1_790_000_000_000, 1_790_000_000_000), (None, CLOCK), ("", CLOCK), ("soon", CLOCK), (True, CLOCK), (-5, CLOCK),
    (1 << 60, CLOCK), ("1969-12-31T23:59:59Z", CLOCK), ("0001-01-01T00:00:00+14:00", CLOCK), ("2" * 100, CLOCK),
    ([], CLOCK), (1.5, CLOCK),
])  # fmt: skip
def test_the_time_is_the_platforms_where_it_can_be_read(timestamp: Any, now: int) -> None:
    """The request's own time is taken in any of its forms; our clock stands in for one that makes no sense."""
    assert decode(request(timestamp=timestamp), CLOCK).now == now


def test_a_skill_event_keeps_its_own_time() -> None:
    """An event that comes late says when it happened."""
    found = decode(request("AlexaSkillEvent.SkillDisabled", eventCreationTime="2026-09-20T14:13:20Z"), CLOCK)
    assert found.created == 1_790_000_000_000 - 86_400_000


def test_a_new_session_has_no_attributes() -> None:
    """What a new session claims to remember is not believed."""
    message = request()
    message["session"]["new"] = True
    found = decode(message, CLOCK)
    assert (found.is_new, found.attributes) == (True, {})


def test_all_skill_ids_a_request_names_are_kept() -> None:
    """Two different skill ids in one request are both seen, so that it can be refused."""
    message = request()
    message["session"]["application"]["applicationId"] = "amzn1.ask.skill.two"
    assert decode(message, CLOCK).application_ids == {SKILL, "amzn1.ask.skill.two"}


def test_the_user_is_found_in_either_place() -> None:
    """The listener is the one of the context, or of the session where the context names none."""
    message = request()
    del message["context"]["System"]["user"]
    assert decode(message, CLOCK).user_id == USER
    del message["session"]["user"]
    assert decode(message, CLOCK).user_id == ""


def test_a_screen_is_seen() -> None:
    """A device that can show APL is known to have a screen; a device's own id never gets further."""
    message = request()
    message["context"]["System"]["device"]["supportedInterfaces"] = {"Alexa.Presentation.APL": {}}
    event = decode(message, CLOCK).event
    assert event is not None
    assert event.device.has_screen
    assert DEVICE not in repr(event)
    assert len(event.device.id) == 8


@given(message=JSON)
def test_any_json_is_a_request(message: Any) -> None:
    """Whatever arrives, something we do nothing about comes of it."""
    assert decode(message, CLOCK).purpose is Purpose.IGNORE


PATHS = [
    ("session",), ("session", "new"), ("session", "attributes"), ("session", "application"), ("session", "user"),
    ("context",), ("context", "System"), ("context", "System", "application"), ("context", "System", "user"),
    ("context", "System", "user", "userId"), ("context", "System", "device"),
    ("context", "System", "device", "deviceId"),
    ("context", "System", "device", "supportedInterfaces"), ("request",), ("request", "type"), ("request", "requestId"),
    ("request", "timestamp"), ("request", "locale"), ("request", "intent"), ("request", "intent", "name"),
    ("request", "intent", "slots"), ("request", "intent", "slots", "exercise"),
    ("request", "intent", "slots", "exercise", "value"), ("request", "intent", "slots", "exercise", "resolutions"),
    ("request", "intent", "slots", "exercise", "resolutions", "resolutionsPerAuthority"),
    ("request", "reason"), ("request", "arguments"), ("request", "eventCreationTime"),
]  # fmt: skip


@given(kind=st.sampled_from(["IntentRequest", "LaunchRequest", "SessionEndedRequest", "AlexaSkillEvent.SkillDisabled",
                             "Alexa.Presentation.APL.UserEvent", "Alexa.Presentation.APLA.RuntimeError"]),
       path=st.sampled_from(PATHS), value=JSON)  # fmt: skip
def test_any_field_may_be_anything(kind: str, path: tuple[str, ...], value: Any) -> None:
    """With any one field replaced by any JSON, the request is still read, and its pieces have their types."""
    message = copy.deepcopy(with_slots(exercise=slot("bridge", match("glute-bridge"))))
    message["request"]["type"] = kind
    place = message
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    found = decode(message, CLOCK)
    assert isinstance(found.now, int)
    assert found.now > 0
    assert isinstance(found.user_id, str)
    assert isinstance(found.id, str)
    if found.event:
        assert all(isinstance(each, Slot) and isinstance(each.value, str) for each in found.event.slots.values())
        assert isinstance(found.event.locale, str)
    json.dumps({"attributes": found.attributes})


def test_a_hash_stands_for_a_name() -> None:
    """The short form of an id is always the same, differs for others, and survives half a character."""
    assert short_hash("a") == short_hash("a") != short_hash("b")
    assert len(short_hash("\ud800")) == 8
