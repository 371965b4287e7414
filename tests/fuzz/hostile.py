"""Requests nobody should send: real ones, bent out of shape at random but repeatably."""

import copy
import json
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from simulator.device import Device
from simulator.device.clock import VirtualClock
from stretch_coach.alexa.skill import build_skill, invoke_json
from stretch_coach.library import Library
from stretch_coach.session import State
from stretch_coach.stores.memory import MemoryStore
from tests.integration.faults.talk import START_MS, TALK, intent

REQUESTS: Final = Path(__file__).resolve().parents[1] / "requests"
MARKER: Final = "zq<audio src='x'/>&\"qz"
"""Words that must not come back as markup."""
MOST_BYTES: Final = 1_000_000
"""A body of this size is the largest that is tried."""
TALKS: Final = (
    tuple(step.says for step in TALK),
    ("launch", "FindExercisesIntent area=hips", "PickIntent", "GuidanceModeIntent mode=step", "AMAZON.NextIntent"),
    ("launch", "StartRoutineIntent routine=quick-hip-opener", "SkipIntent", "HurtsIntent", "AMAZON.NoIntent"),
    ("launch", "DeleteMyDataIntent", "ConditionIntent condition=pregnancy", "UnderAgeIntent age=12"),
)


def seeds(library: Library) -> list[dict[str, Any]]:
    """Every request file, and every request of some talks with the attributes it carries."""
    files = [json.loads(path.read_text("utf-8"))["request"] for path in sorted(REQUESTS.glob("*.json"))]
    return files + [event for talk in TALKS for event in _requests(library, talk)]


def _requests(library: Library, talk: Sequence[str]) -> Iterator[dict[str, Any]]:
    clock, store, sent = VirtualClock(START_MS), MemoryStore(), list[dict[str, Any]]()
    skill = build_skill(library, store, lambda: clock.now_ms / 1000)

    def send(event: dict[str, Any]) -> dict[str, Any]:
        sent.append(copy.deepcopy(event))
        return invoke_json(skill, event)

    speaker = Device(send, intent, clock)
    for said in talk:
        if said == "launch":
            speaker.launch()
        else:
            speaker.interrupt(said)
        clock.advance(20_000)
    yield from sent


def nested(depth: int, leaf: Any) -> Any:
    """Lists and objects in each other."""
    for level in range(depth):
        leaf = [leaf] if level % 2 else {"a": leaf}
    return leaf


_VALUES: Final[tuple[Callable[[random.Random], Any], ...]] = (
    lambda _: None,
    lambda chance: chance.choice((True, False)),
    lambda chance: chance.choice((0, -1, 1, 2**31, 2**63, -(2**63), 10**300, 1 << 45)),
    lambda chance: chance.choice((0.5, 1e308, float("nan"), float("inf"), float("-inf"), -0.0)),
    lambda chance: chance.choice(
        ("", " ", "\x00", "\ud800", "\udfff\ud800", "\u202e", "🧘" * 50, MARKER, "٣", "²", "PT1E9S")
    ),
    lambda chance: "x" * chance.choice((100, 4_000, 8_100, 70_000)),
    lambda chance: MARKER * chance.choice((1, 30, 400)),
    lambda chance: nested(chance.choice((3, 60, 400, 900)), chance.choice((1, MARKER))),
    lambda chance: [MARKER] * chance.choice((0, 1, 40, 3_000)),
    lambda chance: {f"{MARKER}{index}": index for index in range(chance.choice((0, 1, 40, 2_000)))},
    lambda chance: chance.choice([str(state) for state in State]),
    lambda chance: chance.choice(("2026-01-01T00:00:00Z", "9999-12-31T23:59:59+14:00", "0001-01-01T00:00:00Z", "-1")),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value, near ones first; not far into what is deeply nested."""
    yield path
    if len(path) < 12:
        inner: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, child in list(inner)[:60]:
            yield from places(child, (*path, key))


def at(value: Any, path: Sequence[Any]) -> Any:
    """What is at a place."""
    for key in path:
        value = value[key]
    return value


def bent(event: Any, others: Sequence[Any], chance: random.Random) -> Any:
    """A copy with one to five places changed."""
    event = copy.deepcopy(event)
    for _ in range(chance.choice((1, 1, 2, 3, 5))):
        event = _bent_once(event, others, chance)
    if chance.random() < 0.002 and isinstance(event, dict):
        event["padding"] = "x" * (MOST_BYTES - 20_000)
    return event


def _bent_once(event: Any, others: Sequence[Any], chance: random.Random) -> Any:
    where = chance.choice(list(places(event)))
    if not where:
        return chance.choice(_VALUES)(chance) if chance.random() < 0.05 else event
    holder, key = at(event, where[:-1]), where[-1]
    match chance.randrange(7):
        case 0:
            del holder[key]
        case 1 | 2:
            holder[key] = chance.choice(_VALUES)(chance)
        case 3:
            other = chance.choice(others)
            holder[key] = copy.deepcopy(at(other, chance.choice(list(places(other)))))
        case 4 if isinstance(holder[key], str):
            cut = chance.randrange(len(holder[key]) + 1)
            holder[key] = holder[key][:cut] + chance.choice(("", MARKER, "\ud83d", "\n", "'")) + holder[key][cut:]
        case 5 if isinstance(holder, dict):
            holder[chance.choice(("extra", MARKER, "", "new", "state", "v"))] = chance.choice(_VALUES)(chance)
        case _:
            _forge(event, others, chance)
    return event


def _forge(event: Any, others: Sequence[Any], chance: random.Random) -> None:
    """Attributes of another moment, of another release, or with another state than they are of."""
    if not isinstance(event, dict) or not isinstance(event.get("session"), dict):
        return
    carried = [
        o["session"]["attributes"]
        for o in others
        if isinstance(o.get("session"), dict) and o["session"].get("attributes")
    ]
    attributes = copy.deepcopy(chance.choice(carried))
    if isinstance(attributes, dict) and chance.random() < 0.7:
        key = chance.choice([*attributes, "state", "v", "locked", "unsaved", "profile", "check", "said"])
        attributes[key] = chance.choice(
            (
                chance.choice([str(state) for state in State]),
                chance.choice(_VALUES)(chance),
                [["Locked", False], ["Erased"], ["UnderWay", None], ["Completed", MARKER, "cat-cow", 1]],
                {"record": chance.choice((1, 2, 99)), "lock": False, "prefs": {"pace": MARKER}, "days": {"1": 2}},
            )
        )
    event["session"]["new"] = False
    event["session"]["attributes"] = attributes
