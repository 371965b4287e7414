"""Measure understanding on the held-out sentences and write docs/understanding.md.

``python -m bench understanding`` writes the page; with ``--check`` it fails when the page is stale.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from content_reader.yaml_reader import load
from understanding import Understander, Understanding

ROOT = Path(__file__).resolve().parents[1]
HELD_OUT = ROOT / "tests" / "nlu"
MODEL = ROOT / "interaction_model" / "en-US.json"
PAGE = ROOT / "docs" / "understanding.md"
MENDS = "python -m bench understanding"
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
    cases = [_case(intent, entry) for intent, entries in document["in_scope"].items() for entry in entries]
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


def read_sets(folder: Path = HELD_OUT) -> dict[str, list[Case]]:
    """File stem to the sentences of each held-out file, in the order they were written."""
    return {path.stem: read_cases(load(path)) for path in sorted(folder.glob("*.yaml"))}


def page(sets: Mapping[str, Sequence[Outcome]]) -> str:
    """docs/understanding.md from the outcomes of each set."""
    outcomes = list(chain.from_iterable(sets.values()))
    inside = [one for one in outcomes if one.case.intent != FALLBACK]
    outside = [one for one in outcomes if one.case.intent == FALLBACK]
    lines = [
        *INTRODUCTION.splitlines(),
        "| Measure | Sentences | Right | Goal |",
        "| --- | --- | --- | --- |",
        _row("Intent", [one.intent_is_right for one in inside]),
        _row("Slots, where there are any", [one.slots_are_right for one in inside if one.case.slots]),
        _row("Intent and slots together", [one.slots_are_right for one in inside], GOAL),
        _row("Out of scope, refused", [one.intent_is_right for one in outside], GOAL),
        "",
        *FIRST_LOOK.splitlines(),
        *(_by_set(name, group) for name, group in sets.items()),
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


def _by_set(name: str, outcomes: Sequence[Outcome]) -> str:
    inside = [one.slots_are_right for one in outcomes if one.case.intent != FALLBACK]
    outside = [one.intent_is_right for one in outcomes if one.case.intent == FALLBACK]
    first = FIRST_MEASURED.get(name, ("", ""))
    return (
        f"| `{name}.yaml` | {len(inside)} | {first[0]} | {share(inside):.1%} "
        f"| {len(outside)} | {first[1]} | {share(outside):.1%} |"
    )


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

Typed and recognized words reach intents through `understanding/`, which reads the interaction model that Amazon gets.
These are its results on the sentences of `tests/nlu/`, none of which is a sample of the model.
Alexa's own understanding is not measured here and will differ; the built-in intents, above all, generalize less there.

Written by `{MENDS}`; a test fails when this page is stale or a goal is missed.

## Results

"""

FIRST_LOOK = """## What generalizes

Each set was written before the matcher was measured on it, and all but the last were used to improve samples and
matcher after that. So the share at first sight, of the last set above all, is the honest guess for sentences nobody
has thought of; the share now shows what was mended. One person wrote samples and sentences.
Sentences that have become samples since were taken out of their set.

| Set | In scope | Intent and slots, at first sight | Now | Out of scope | Refused, at first sight | Now |
| --- | --- | --- | --- | --- | --- | --- |"""
FIRST_MEASURED = {
    "held_out": ("89.7%", "91.7%"),
    "held_out_2": ("90.0%", "95.0%"),
    "held_out_3": ("87.7%", "100.0%"),
    "held_out_4": ("88.5%", "93.3%"),
    "held_out_5": ("93.1%", "100.0%"),
}
"""What each set gave when it was first measured: intent and slots together, refused."""


def run(argv: Sequence[str]) -> int:
    """Write the page, or with ``--check`` only compare; 1 when it is stale."""
    parser = argparse.ArgumentParser(prog=MENDS, description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is stale")
    options = parser.parse_args(argv)
    understander = Understander(json.loads(MODEL.read_text("utf-8")))
    text = page({name: measure(understander, cases) for name, cases in read_sets().items()})
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
