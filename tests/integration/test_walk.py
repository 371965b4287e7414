"""Random conversations as JSON through the skill's only door, each answer held to the platform's rules.

The walk of tests/unit/dialogue/test_dialogue_walk.py is systematic and pure; this one has everything around it:
requests and responses, session attributes on the wire, a store that stumbles, and attributes that nobody of ours has
written.
STRETCH_COACH_WALK=all holds ten times as many conversations.
"""

import json
import logging
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from content_reader.documents import load_library
from simulator.device import limits
from simulator.device.envelope import SKILL_ID, Identity, envelope, in_session
from stretch_coach.alexa.skill import Skill, build_skill, invoke_json
from stretch_coach.errors import StoreError
from stretch_coach.events import Event, Kind, Slot
from stretch_coach.library import Library
from stretch_coach.settings import Settings
from stretch_coach.stores.contract import Commit, Stored
from stretch_coach.stores.memory import MemoryStore
from tests.unit.dialogue.dialogue_events import events

TALKS = 3_000 if os.environ.get("STRETCH_COACH_WALK") == "all" else 200
FORGERIES = TALKS
START = 1_790_000_000
EVENTS = tuple(event for event in events() if event.kind is Kind.INTENT)
LIKELY = tuple(
    event for event in EVENTS if event.name in {"YesIntent", "NoIntent", "NextIntent", "PauseIntent", "ResumeIntent"}
)
WAITS = (0.4, 2, 7, 19, 33, 70, 140, 400)
"""Seconds between an answer and what the listener says next."""
Json = dict[str, Any]


class Stumbling(MemoryStore):
    """A store that fails now and then, by the same dice as the conversation."""

    def __init__(self, dice: Random, failing: float) -> None:
        super().__init__()
        self.dice = dice
        self.failing = failing

    def load(self, user_id: str, now: int) -> Stored:
        """Fail before reading."""
        self._stumble()
        return super().load(user_id, now)

    def commit(self, user_id: str, commit: Commit, now: int) -> int:
        """Fail before writing, or after it as when only the answer is lost."""
        self._stumble()
        version = super().commit(user_id, commit, now)
        self._stumble()
        return version

    def _stumble(self) -> None:
        if self.dice.random() < self.failing:
            raise StoreError("the store stumbled")


@dataclass
class Talk:
    """One listener's device: it keeps the attributes, says things at random and notes what is wrong."""

    skill: Skill
    dice: Random
    who: Identity
    screen: bool
    now: float = START
    attributes: Json = field(default_factory=dict)
    is_open: bool = False
    problems: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def turn(self) -> None:
        """One request and its answer."""
        self.now += self.dice.choice(WAITS)
        request = self._request()
        kind = request["type"]
        new = not self.is_open
        message = envelope(request, self.who, screen=self.screen)
        message = in_session(message, self.who, session_id="s", new=new, attributes=self.attributes)
        answer = invoke_json(self.skill, json.loads(json.dumps(message)))
        self.said.append(request.get("intent", request).get("name", kind))
        found = limits.problems(answer, request_type=kind, has_screen=self.screen)
        self.problems += [f"{problem} after {self.said[-6:]}" for problem in found]
        if json.loads(json.dumps(answer, allow_nan=False)) != answer:
            self.problems.append("the answer is not JSON")
        self._heard(kind, answer)

    def _request(self) -> Json:
        stamp = datetime.fromtimestamp(self.now, UTC).isoformat(timespec="milliseconds")
        common = {"requestId": f"r{self.now}", "timestamp": stamp}
        chance = self.dice.random()
        if not self.is_open and chance < 0.6:
            return {"type": "LaunchRequest", **common}
        if self.is_open and chance < 0.06:
            reason = self.dice.choice(("USER_INITIATED", "EXCEEDED_MAX_REPROMPTS", "ERROR", "?"))
            return {"type": "SessionEndedRequest", "reason": reason, **common}
        if self.is_open and chance < 0.08:
            errors = [{"type": "AUDIO_SOURCE_ERROR", "message": "m"}]
            return {"type": "Alexa.Presentation.APLA.RuntimeError", "token": "count", "errors": errors, **common}
        if self.is_open and self.screen and chance < 0.12:
            pressed = [self.dice.choice(("yes", "no", "next", "pause", "?"))]
            return {"type": "Alexa.Presentation.APL.UserEvent", "token": "t", "arguments": pressed, **common}
        event = self.dice.choice(LIKELY if chance < 0.45 else EVENTS)
        return {"type": "IntentRequest", "intent": intent(event), **common}

    def _heard(self, kind: str, answer: Mapping[str, Any]) -> None:
        if kind == "SessionEndedRequest" or answer["response"].get("shouldEndSession"):
            self.is_open, self.attributes = False, {}
        elif "sessionAttributes" in answer or limits.speech_allowed(kind):
            self.is_open, self.attributes = True, answer.get("sessionAttributes", self.attributes)


def intent(event: Event) -> Json:
    """An event as the platform writes its intent."""
    prefix = "AMAZON." if event.name in BUILT_IN else ""
    slots = {name: slot_json(name, slot) for name, slot in event.slots.items()}
    return {"name": prefix + event.name, "confirmationStatus": "NONE", "slots": slots}


BUILT_IN = frozenset(
    f"{name}Intent"
    for name in (
        "Help", "Stop", "Cancel", "NavigateHome", "Fallback", "Yes", "No", "Next", "Previous", "Repeat", "Pause",
        "Resume", "StartOver",
    )
)  # fmt: skip


def slot_json(name: str, slot: Slot) -> Json:
    """A slot with its resolution; figures and durations have none."""
    plain: Json = {"name": name, "value": slot.value, "confirmationStatus": "NONE", "source": "USER"}
    if slot.value.isdigit() or slot.value.startswith("PT"):
        return plain
    values = [{"value": {"name": item, "id": item}} for item in slot.ids]
    code = "ER_SUCCESS_MATCH" if values else "ER_SUCCESS_NO_MATCH"
    authority = f"amzn1.er-authority.echo-sdk.{SKILL_ID}.{name}"
    found = {"authority": authority, "status": {"code": code}, "values": values}
    return {**plain, "resolutions": {"resolutionsPerAuthority": [found]}}


class Faults(logging.Handler):
    """The faults the skill has logged; it never lets one out."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: Counter[str] = Counter()

    def emit(self, record: logging.LogRecord) -> None:
        """Count the fault by where it happened."""
        self.seen[f"{getattr(record, 'error', '')} at {getattr(record, 'where', '')}"] += 1


@pytest.fixture(name="library", scope="module")
def _library() -> Library:
    return load_library()


@pytest.fixture(name="faults")
def _faults() -> Iterator[Faults]:
    handler, log = Faults(), logging.getLogger("stretch_coach")
    log.addHandler(handler)
    yield handler
    log.removeHandler(handler)


@pytest.mark.parametrize(
    ("rung", "failing"),
    [("auto", 0.0), ("auto", 0.3), ("blocks", 0.0), ("ssml", 0.1)],
    ids=["usual", "store stumbles", "blocks", "ssml and a store that stumbles"],
)
def test_conversations(library: Library, faults: Faults, rung: str, failing: float) -> None:
    """Whatever is said in whatever order, every answer keeps the platform's rules and no turn fails."""
    problems: Counter[str] = Counter()
    turns = 0
    for seed in range(TALKS):
        dice = Random(f"{rung} {failing} {seed}")
        store = Stumbling(dice, failing)
        settings = Settings(skill_id=SKILL_ID, count_audio=rung)
        skill = build_skill(library, store, lambda: START, settings)
        talk = Talk(skill, dice, Identity(device_id=f"device {seed % 3}"), screen=seed % 2 == 0)
        for _ in range(dice.randint(4, 24)):
            talk.turn()
        turns += len(talk.said)
        problems.update(talk.problems)
    assert problems.most_common(10) == []
    assert faults.seen.most_common(10) == []
    assert turns >= TALKS * 10


# Attributes that are not ours


JUNK: tuple[object, ...] = (
    None, True, False, 0, -1, 10**9, 10**40, 0.5, "", "x", "seen", "2", "routine:x", "checking", "counting", "deleting",
    [], [[]], [None], {}, {"x": {}}, ["a", 1], [0, 0, 0], [1, 1, 10**6], [-1, -1, -1], [1, "a", None], ["UnderWay", {}],
    {"hold": {"seconds": "x"}}, {"hold": {"seconds": 10**9}}, {"reps": {"count": -3}}, {"hold": 7}, [["Erased"]],
    [["Ask"]], [["Ask", "no.such.prompt", {}, "no.such.prompt", False]], [["Tell", "welcome.back", {}]], [["Read", 7]],
    [["Ask", "offer.one", {}, "reprompt.offer", False]], [["AskText", 1, 2]], [["Explain", "no-such-exercise", True]],
    [["Advise", "no-such-key", "xx-XX", {}]], [["Instruct", "cat-cow", 99, 7]], [["Teach", "x", 0, 0]],
    [["Completed", "a", "b", 10**30]], [["Preferred", "pace", "fast"]],
)  # fmt: skip


def junk(dice: Random) -> Any:
    """Something that may stand where something else belongs."""
    return json.loads(json.dumps(dice.choice(JUNK)))


def places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path to everything inside a JSON value."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield from places(item, (*path, key))


def forged(dice: Random, attributes: Json) -> Json:
    """The same attributes with something in them replaced, added or left out."""
    copy: Json = json.loads(json.dumps(attributes))
    for _ in range(dice.randint(1, 3)):
        *path, last = dice.choice([path for path in places(copy) if path] or [("state",)])
        target: Any = copy
        for key in path:
            target = target[key]
        if dice.random() < 0.2:
            del target[last]
        else:
            target[last] = junk(dice)
        if dice.random() < 0.3:
            copy[dice.choice(("state", "item", "check", "extra", "profile", "unsaved", "v", "said"))] = dice.choice(
                JUNK
            )
    return copy


def test_forged_attributes(library: Library, faults: Faults) -> None:
    """Attributes of another release, cut short or made up never make a turn fail, and the answer is still sound."""
    problems: Counter[str] = Counter()
    for seed in range(FORGERIES):
        dice = Random(f"forged {seed}")
        skill = build_skill(library, MemoryStore(), lambda: START, Settings(skill_id=SKILL_ID))
        talk = Talk(skill, dice, Identity(), screen=False)
        for _ in range(dice.randint(3, 12)):
            if talk.is_open and dice.random() < 0.5:
                talk.attributes = forged(dice, talk.attributes)
            talk.turn()
        problems.update(talk.problems)
    assert problems.most_common(10) == []
    assert faults.seen.most_common(10) == []
