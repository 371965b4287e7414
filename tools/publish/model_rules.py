"""Amazon's rules for an interaction model, and ours, checked on the built document.

Each rule's evidence is in the reference page on the platform's rules, section 3 (names and utterances, limits, slot
types) and 6.3 (certification). A rule says what of the model breaks it; model_places.py says where that was written.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

MIN_SAMPLES = 25
"""Samples of a custom intent, at least (our own bar for intents people phrase freely)."""
MAX_VALUES = 50_000
"""Slot values and synonyms of all custom types together."""
SAMPLE = re.compile(r"[a-z' ._{}-]+")
PHRASE = re.compile(r"[a-z' .-]+")
SLOT = re.compile(r"\{([^{}]*)\}")
PHRASE_TYPES = frozenset({"AMAZON.SearchQuery"})
BUILT_IN_TYPES = PHRASE_TYPES | {"AMAZON.NUMBER", "AMAZON.DURATION", "AMAZON.Ordinal"}
REQUIRED = ("AMAZON.HelpIntent", "AMAZON.StopIntent", "AMAZON.CancelIntent", "AMAZON.NavigateHomeIntent")
LAUNCH_WORDS = frozenset({"ask", "tell", "launch", "open", "run", "start", "load", "begin", "enable"})
WAKE_WORDS = frozenset({"alexa", "amazon", "echo", "computer"})
LINKING_WORDS = frozenset({"the", "a", "an", "for", "to", "of"})
HEDGES = re.compile(
    r"\b(maybe|perhaps|possibly|probably|sometimes|occasionally|think|guess|suppose|might|may|bit|little|kind of"
    r"|sort of|not sure|unsure|not really|don't know|slightly|somewhat|depends|hardly)\b"
)
"""Words that make an answer "not sure": they may never stand in a sample of Yes or No."""

Model = Mapping[str, Any]


@dataclass(frozen=True)
class Broken:
    """A rule that something in a built model breaks."""

    problem: str
    """``what. How to mend it``"""
    name: str
    """Of the intent or slot type; what a model has once, such as its invocation name, is named in words."""
    sample: str = ""
    """The sample of the intent that breaks it."""
    value: str = ""
    """The id of the slot type's value that does."""
    phrase: str = ""
    """Which of the value's names."""

    def __str__(self) -> str:
        sample = f": sample {self.sample!r}" if self.sample else ""
        return f"{self.name}{f'.{self.value}' if self.value else ''}{sample}: {self.problem}"


def problems(model: Model) -> list[str]:
    """Every broken rule of one built model, as ``where: what. How to mend it``; empty when it is sound."""
    return [str(one) for one in broken(model)]


def broken(model: Model) -> list[Broken]:
    """The same with what of the model breaks it."""
    language = model["interactionModel"]["languageModel"]
    types = {one["name"]: one for one in language["types"]}
    intents = language["intents"]
    return [
        *_invocation(language["invocationName"]),
        *_roll_call(intents, [one["name"] for one in language["types"]]),
        *(line for intent in intents for line in _intent(intent, types)),
        *_duplicates(intents),
        *_unused(intents, types),
        *(line for one in language["types"] for line in _type(one)),
        *_size(language["types"]),
    ]


def _invocation(name: str) -> Iterator[Broken]:
    words, subject = name.split(), f"invocation name {name!r}"
    if not re.fullmatch(r"[a-z' .]+", name):
        yield Broken("only lower-case letters, spaces, apostrophes and periods. Spell it out", subject)
    if len(words) < 2:
        yield Broken("one word. Use two or more", subject)
    for word in words:
        if word in LAUNCH_WORDS | WAKE_WORDS or (len(words) == 2 and word in LINKING_WORDS):
            yield Broken(f"{word!r} may not be part of it. Choose another word", subject)


def _roll_call(intents: list[Model], type_names: list[str]) -> Iterator[Broken]:
    names = [intent["name"] for intent in intents]
    for name in sorted({one for one in names if names.count(one) > 1}):
        yield Broken("declared twice. Join the two", name)
    for name in REQUIRED:
        if name not in names:
            yield Broken("missing, certification needs it. Add it to built_ins", name)
    for name in sorted({one for one in type_names if type_names.count(one) > 1}):
        yield Broken("slot type declared twice. Join the two", name)


def _intent(intent: Model, types: Mapping[str, Model]) -> Iterator[Broken]:
    name, slots = intent["name"], {slot["name"]: slot["type"] for slot in intent.get("slots", [])}
    samples = intent["samples"]
    for slot, kind in slots.items():
        if kind not in types and kind not in BUILT_IN_TYPES:
            yield Broken(f"slot {slot} has the unknown type {kind}. Declare the type", name)
        if not any(f"{{{slot}}}" in sample for sample in samples):
            yield Broken(f"no sample uses slot {slot}. Add one or drop the slot", name)
    if not name.startswith("AMAZON.") and len(samples) < MIN_SAMPLES:
        yield Broken(f"{len(samples)} samples. Write at least {MIN_SAMPLES}", name)
    for sample in samples:
        yield from (Broken(problem, name, sample=sample) for problem in _sample(name, sample, slots))


def _sample(intent: str, sample: str, slots: Mapping[str, str]) -> Iterator[str]:
    used, literal = SLOT.findall(sample), SLOT.sub(" ", sample)
    if not SAMPLE.fullmatch(sample) or "{" in literal or "}" in literal:
        yield "a character that is not allowed. Use lower-case letters, apostrophes, hyphens; spell numbers"
    if not literal.strip() and len(used) < 2:
        yield "only a slot. Add a carrier word"
    if sample != " ".join(sample.split()):
        yield "stray spaces. Use single spaces"
    for slot in used:
        if slot not in slots:
            yield f"slot {slot} is not declared in the intent. Declare it"
    if len(set(used)) < len(used):
        yield "a slot twice. Use each once"
    if len(used) > 1 and any(slots.get(slot) in PHRASE_TYPES for slot in used):
        yield "a phrase slot beside another slot. Leave it alone in its sample"
    if intent in ("AMAZON.YesIntent", "AMAZON.NoIntent") and HEDGES.search(sample):
        yield "a hedge is not an answer. Move it to NotSureIntent"


def _duplicates(intents: list[Model]) -> Iterator[Broken]:
    owners: dict[str, str] = {}
    for intent in intents:
        slots = {slot["name"]: slot["type"] for slot in intent.get("slots", [])}
        for sample in intent["samples"]:
            shape = _shape(sample, slots)
            if shape in owners:
                yield Broken(f"also a sample of {owners[shape]}. Keep one", intent["name"], sample=sample)
            owners.setdefault(shape, intent["name"])


def _shape(sample: str, types: Mapping[str, str]) -> str:
    """A sample with the types of its slots in place of their names: two of one shape are one sentence to Alexa."""
    return SLOT.sub(lambda found: f"{{{types.get(found[1], found[1])}}}", sample)


def _unused(intents: list[Model], types: Mapping[str, Model]) -> Iterator[Broken]:
    used = {slot["type"] for intent in intents for slot in intent.get("slots", [])}
    for name in types:
        if name not in used:
            yield Broken("no slot has this type. Use it or drop it", name)


def _type(one: Model) -> Iterator[Broken]:
    name, owners, ids = one["name"], dict[str, str](), set[str]()
    if not one["values"]:
        yield Broken("a slot type without values. Add one", name)
    for value in one["values"]:
        value_id = value.get("id") or ""
        if not value_id:
            yield Broken(f"value {value['name']['value']!r} has no id. Give it one", name)
        if value_id in ids:
            yield Broken(f"the id {value_id} twice. Ids are unique", name)
        ids.add(value_id)
        for phrase in (value["name"]["value"], *value["name"]["synonyms"]):
            if not PHRASE.fullmatch(phrase):
                problem = f"{phrase!r} has a character that is not allowed. Use letters, ' and -"
                yield Broken(problem, name, value=value_id, phrase=phrase)
            if phrase in owners:
                problem = f"{phrase!r} already names {owners[phrase]}. Keep one"
                yield Broken(problem, name, value=value_id, phrase=phrase)
            owners.setdefault(phrase, value_id)


def _size(types: list[Model]) -> Iterator[Broken]:
    total = sum(1 + len(value["name"]["synonyms"]) for one in types for value in one["values"])
    if total > MAX_VALUES:
        yield Broken(f"{total} values and synonyms. At most {MAX_VALUES}", "types")
