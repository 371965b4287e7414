"""A short run of the fuzzer, and what it must be able to find; `make fuzz` is the long one."""

import itertools
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stretch_coach.alexa import skill as skill_module
from stretch_coach.dialogue.table import EVENTS
from stretch_coach.library import Library
from stretch_coach.session import State
from tests.fuzz.hostile import MARKER, REQUESTS, bent, nested, seeds
from tests.fuzz.target import BrokenPromiseError, Target
from tests.integration.faults.talk import START_MS

RUNS = 1_500
FAMILIAR = st.sampled_from(["state", "v", "unsaved", "profile", "check", "said", "locked", "item", "activity", "turn"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20)
    | st.sampled_from([*map(str, State), MARKER]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(FAMILIAR | st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@pytest.fixture(name="target", scope="module")
def _target(library: Library) -> Iterator[Target]:
    target = Target(library)
    yield target
    target.close()


@pytest.fixture(name="events", scope="module")
def _events(library: Library) -> list[dict[str, Any]]:
    return seeds(library)


@pytest.mark.parametrize("locked", [True, False], ids=["locked", "open"])
@pytest.mark.parametrize("file", sorted(REQUESTS.glob("*.json")), ids=lambda file: file.stem)
def test_requests_that_broke_a_promise_once(target: Target, file: Path, locked: bool) -> None:
    """What the fuzzer has found before (fuzz-…), and every other request there is a file of, keeps all promises now."""
    target.judge(json.loads(file.read_text("utf-8"))["request"], locked=locked)


def test_bent_requests(target: Target, events: list[dict[str, Any]]) -> None:
    """Real requests with places changed, forged attributes and huge values are answered as any other."""
    for number in range(RUNS):
        chance = random.Random(number)
        event = bent(chance.choice(events), events, chance)
        try:
            target.judge(event)
        except BrokenPromiseError as problem:
            pytest.fail(f"request {number} {problem}: {json.dumps(event)[:2_000]}")


def test_the_requests_are_varied(events: list[dict[str, Any]]) -> None:
    """The talks that are bent reach most states, so that forged attributes start from real ones."""
    carried = [event["session"].get("attributes") for event in events if isinstance(event.get("session"), dict)]
    states = {attributes.get("state") for attributes in carried if isinstance(attributes, dict)}
    assert len({state for state in states if state in {str(s) for s in State}}) >= 8
    assert len(events) >= 90


@given(attributes=st.dictionaries(FAMILIAR, VALUES, max_size=8), intent=st.sampled_from(EVENTS), new=st.booleans())
def test_any_attributes(target: Target, attributes: dict[str, Any], intent: str, new: bool) -> None:
    """Session attributes of any shape, with any intent, are answered within all limits."""
    target.judge(_event({"type": "IntentRequest", "intent": {"name": intent}}, attributes, new=new))


@given(request=st.dictionaries(st.sampled_from(["type", "intent", "timestamp", "locale", "requestId"]), VALUES))
def test_any_request(target: Target, request: dict[str, Any]) -> None:
    """A request of any shape is answered, or with silence."""
    target.judge(_event(request, {}))


@given(
    heard=st.text(st.characters(), max_size=60), slot=st.sampled_from(["exercise", "area", "count", "duration", "age"])
)
def test_any_words_in_a_slot(target: Target, heard: str, slot: str) -> None:
    """Whatever was heard, nothing of it comes back as markup."""
    slots = {slot: {"name": slot, "value": MARKER + heard}}
    for name in ("StartExerciseIntent", "FindExercisesIntent", "DescribeIntent", "UnderAgeIntent"):
        target.judge(_event({"type": "IntentRequest", "intent": {"name": name, "slots": slots}}, {}))


def test_an_activity_of_another_place_in_its_routine(target: Target, library: Library) -> None:
    """An exercise that does not stand where attributes say it does in a routine, nor fits its dose, is no fault."""
    for exercise, routine in itertools.product(library.exercises, library.routines.values()):
        for index in {0, len(routine.sequence) // 2, len(routine.sequence) - 1, len(routine.sequence)}:
            activity = {"e": exercise, "t": 1, "p": [1, 0, 3], "r": routine.id, "i": index, "d": {"reps": {"count": 5}}}
            sent = [START_MS - 30_000, 0, "straight", 99, 1, 15, 170_000]
            for state, more in (("counting", {"s": sent}), ("paused", {}), ("done", {})):
                attributes = {"state": state, "v": 1, "activity": activity | more}
                intent = {"name": ("AMAZON.NextIntent", "HowLongLeftIntent", "AMAZON.ResumeIntent")[index % 3]}
                target.judge(_event({"type": "IntentRequest", "intent": intent}, attributes))


@pytest.mark.parametrize("depth", [10, 100, 400, 900])
@pytest.mark.parametrize("place", ["session", "attributes", "request", "intent", "body"])
def test_deep_nesting(target: Target, depth: int, place: str) -> None:
    """Lists in lists, as deep as JSON can be read, cost no answer wherever they stand."""
    deep = nested(depth, MARKER)
    event = _event(
        {"type": "IntentRequest", "intent": {"name": "HelpIntent", "slots": deep}}, {"check": deep, "said": [deep]}
    )
    match place:
        case "session":
            event["session"] = deep
        case "request":
            event["request"] = deep
        case "body":
            event = deep
        case "intent":
            event["request"]["intent"] = deep
        case _:
            event["session"]["attributes"]["profile"] = deep
    target.judge(event)


def test_a_body_of_a_megabyte(target: Target) -> None:
    """A million bytes in attributes, in a slot or in a field nobody reads cost no more CPU than is promised."""
    for text in ("x" * 1_000_000, MARKER * 50_000, "\ud800" * 150_000):
        target.judge(
            _event({"type": "IntentRequest", "intent": {"name": "HelpIntent"}}, {"said": [[text]], "item": text})
        )
        slots = {"exercise": {"name": "exercise", "value": text}}
        target.judge(_event({"type": "IntentRequest", "intent": {"name": "StartExerciseIntent", "slots": slots}}, {}))
        target.judge({**_event({"type": "LaunchRequest"}, {}), "padding": text})


def test_the_judge_can_find(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault on the inside, words that come back as they were, and too much of them are each found out."""
    event = _event({"type": "LaunchRequest"}, {})
    whole = skill_module._answer

    def spoiled(**changes: Any) -> None:
        def answer(*arguments: Any) -> dict[str, Any]:
            found = whole(*arguments)
            return {**found, "response": {**found["response"], **changes}}

        monkeypatch.setattr(skill_module, "_answer", answer)

    for changes, problem in (
        ({"outputSpeech": {"type": "SSML", "ssml": f"<speak>{MARKER}?</speak>"}}, "markup"),
        ({"outputSpeech": {"type": "SSML", "ssml": "<speak>" + "a " * 4_100 + "?</speak>"}}, "8,0"),
        ({"outputSpeech": {"type": "SSML", "ssml": "<speak>\ud800?</speak>"}}, "surrogate"),
        ({"card": float("nan")}, "not JSON"),
        (
            {"directives": [{"type": "x", "datasources": {"count": {"cues": [{"text": "<speak>a & b</speak>"}]}}}]},
            "SSML",
        ),
    ):
        spoiled(**changes)
        with pytest.raises(BrokenPromiseError, match=problem):
            target.judge(event)
    monkeypatch.setattr(skill_module, "_answer", lambda *_: 1 // 0)
    with pytest.raises(BrokenPromiseError, match="turn failed: ZeroDivisionError"):
        target.judge(event)


def _event(request: dict[str, Any], attributes: Any, *, new: bool = False) -> dict[str, Any]:
    user = {"userId": "amzn1.ask.account.LOCAL"}
    system = {
        "application": {"applicationId": ""},
        "user": user,
        "device": {"deviceId": "d", "supportedInterfaces": {}},
    }
    return {
        "version": "1.0",
        "session": {"new": new, "sessionId": "s", "attributes": attributes, "user": user},
        "context": {"System": system},
        "request": {"requestId": "r", "timestamp": "2027-01-15T08:00:00Z", "locale": "en-US", **request},
    }
