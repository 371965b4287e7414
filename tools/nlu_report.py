"""Measure understanding on the held-out sentences and write docs/understanding.md.

``python -m tools nlu_report`` writes the page; with ``--check`` it fails when the page is stale.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from simulator.nlu import Understander, Understanding

ROOT = Path(__file__).resolve().parents[1]
HELD_OUT = ROOT / "tests" / "nlu" / "held_out.yaml"
MODEL = ROOT / "interaction_model" / "en-US.json"
PAGE = ROOT / "docs" / "understanding.md"
MENDS = "python -m tools nlu_report"
FALLBACK = "AMAZON.FallbackIntent"
GOAL = 0.92
"""Share of sentences, for intent and slots together and for refusals."""


@dataclass(frozen=True)
class Case:
    say: str
    intent: str
    slots: Mapping[str, tuple[str, ...]]
    """Slot name to the ids it must have (the value for built-in types); empty ids for no match."""


@dataclass(frozen=True)
class Outcome:
    case: Case
    got: Understanding

    @property
    def intent_is_right(self) -> bool:
        return self.got.intent == self.case.intent

    @property
    def slots_are_right(self) -> bool:
        return self.intent_is_right and slot_ids(self.got) == dict(self.case.slots)


def slot_ids(got: Understanding) -> dict[str, tuple[str, ...]]:
    """Filled slots to their ids; a built-in type's value stands for its id."""
    return {
        name: (match.value,) if match.type.startswith("AMAZON.") else match.ids for name, match in got.slots.items()
    }


def read_cases(document: Mapping[str, Any]) -> list[Case]:
    """The sentences of a held-out document, in scope first."""
    cases = [
        _case(intent, entry) for intent, entries in document["in_scope"].items() for entry in entries
    ]
    return cases + [Case(say, FALLBACK, {}) for say in document["out_of_scope"]]


def _case(intent: str, entry: Any) -> Case:
    if isinstance(entry, str):
        return Case(entry, intent, {})
    return Case(entry["say"], intent, {name: _ids(value) for name, value in (entry.get("slots") or {}).items()})


def _ids(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list) else (str(value),)


def measure(understander: Understander, cases: Iterable[Case]) -> list[Outcome]:
    """Each sentence with what was understood."""
    return [Outcome(case, understander.understand(case.say)) for case in cases]


def share(values: Iterable[bool]) -> float:
    """How many of them are true, 0 to 1."""
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0


def page(outcomes: Sequence[Outcome]) -> str:
    """docs/understanding.md."""
    inside = [one for one in outcomes if one.case.intent != FALLBACK]
    outside = [one for one in outcomes if one.case.intent == FALLBACK]
    slotted = [one for one in inside if one.case.slots]
    lines = [
        *INTRODUCTION.splitlines(),
        "",
        "| Measure | Sentences | Right | Goal |",
        "| --- | --- | --- | --- |",
        _row("Intent", [one.intent_is_right for one in inside]),
        _row("Slots, where there are any", [one.slots_are_right for one in slotted]),
        _row("Intent and slots together", [one.slots_are_right for one in inside], GOAL),
        _row("Out of scope, refused", [one.intent_is_right for one in outside], GOAL),
        "",
        "## By intent",
        "",
        "| Intent | Sentences | Intent right | Intent and slots right |",
        "| --- | --- | --- | --- |",
        *(_by_intent(intent, inside) for intent in dict.fromkeys(one.case.intent for one in inside)),
        "",
        "## Misunderstood",
        "",
        "| Sentence | Expected | Understood |",
        "| --- | --- | --- |",
        *(_missed(one) for one in outcomes if not one.slots_are_right),
    ]
    return "\n".join(lines) + "\n"


def _row(name: str, right: Sequence[bool], goal: float | None = None) -> str:
    wanted = f"{goal:.0%}" if goal else ""
    return f"| {name} | {len(right)} | {share(right):.1%} | {wanted} |"


def _by_intent(intent: str, outcomes: Sequence[Outcome]) -> str:
    mine = [one for one in outcomes if one.case.intent == intent]
    right, whole = sum(one.intent_is_right for one in mine), sum(one.slots_are_right for one in mine)
    return f"| {intent} | {len(mine)} | {right} | {whole} |"


def _missed(one: Outcome) -> str:
    return f"| {one.case.say} | {_text(one.case.intent, one.case.slots)} | {_text(one.got.intent, slot_ids(one.got))} |"


def _text(intent: str, slots: Mapping[str, Sequence[str]]) -> str:
    listed = ", ".join(f"{name} = {' or '.join(ids) or 'no match'}" for name, ids in slots.items())
    return f"{intent} ({listed})" if listed else intent


INTRODUCTION = f"""# How well the simulator understands

Typed and recognized words reach intents through `simulator/nlu`, which reads the interaction model that goes to Amazon.
These are its results on the sentences of `tests/nlu/held_out.yaml`, none of which is a sample of the model.
Alexa's own understanding is not measured here and will differ; the built-in intents, above all, generalize less there.

Written by `{MENDS}`; a test fails when this page is stale or a goal is missed.

@HISTORY@

## Results"""
HISTORY = ""


def run(argv: Sequence[str]) -> int:
    """Write the page, or with ``--check`` only compare; 1 when it is stale."""
    parser = argparse.ArgumentParser(prog=MENDS, description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is stale")
    options = parser.parse_args(argv)
    cases = read_cases(yaml.safe_load(HELD_OUT.read_text("utf-8")))
    text = page(measure(Understander(json.loads(MODEL.read_text("utf-8"))), cases))
    current = PAGE.read_text("utf-8") if PAGE.exists() else ""
    if options.check and text != current:
        print(f"{PAGE.relative_to(ROOT)}: stale. Write it again with: {MENDS}", file=sys.stderr)
        return 1
    if text != current:
        PAGE.write_text(text, "utf-8")
        print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]))
