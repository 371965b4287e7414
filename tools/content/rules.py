"""What a schema cannot say about content: names that clash, sides, doses, where a figure comes from, plain words.

Each rule takes one file, or all of them, and names the field that each fault stands at. A rule leaves alone what has
the wrong shape; shape.py reports that.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

from content_reader.documents import BASE_LOCALE, KINDS
from content_reader.yaml_reader import Fault, Places
from stretch_coach.library import merge
from tools.content.sources import items, leaves, provenance, sentences, source_lines, strings

MAX_WORDS = 25
"""Words in a sentence, at most: what one breath and one hearing can take."""

NAME_POOLS = (("exercises", "routines"), ("topics",), ("red_flags",))
"""Kinds that are asked for in the same breath, so that one name may not mean two of their items."""

RANGES = (("seconds_min", "seconds", "seconds_max"), ("breaths", "breaths_max"), ("count", "count_max"),
          ("pause_seconds", "pause_seconds_max"), ("sets", "sets_max"))  # fmt: skip
"""Fields that may not fall from left to right."""

SPOKEN = {
    "exercises": {"short": 1, "steps.say": 2, "side_cue": 1, "exit": 2, "easier": 2, "harder": 2, "cautions": 1},
    "routines": {"purpose": 1, "frequency": 1},
    "topics": {"question": 1, "say": 3},
    "red_flags": dict.fromkeys(("question", "plainer", "why", "definition", "because", "info"), 3),
    "locale": {"prompts": 6, "words": 6},
    "safety": {"": 6},
}
"""What is spoken of each kind of file, and how many sentences it may have."""

SIDE_WORDS = ("{side}", "{other}")
OPPOSITE = {"left": "right", "right": "left", "forward": "backward", "backward": "forward"}
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
COUNTED = re.compile(r"\d|\b(seconds|reps|repetitions)\b", re.IGNORECASE)


@dataclass(frozen=True)
class File:
    where: str
    """Path from the root of the repository."""
    kind: str
    """Name of its folder."""
    stem: str
    document: Mapping[str, Any]


def problems(files: Sequence[File], places: Places) -> list[str]:
    """Every broken rule of all files together, as ``path:line: problem. how to mend it``."""
    by_id = {kind: {file.stem: file.document for file in files if file.kind == kind} for kind in KINDS}
    found = [(file, fault) for file in files for rule in _of_one(file, by_id) for fault in _as_far_as(rule)]
    for kinds in NAME_POOLS:
        found += _names([file for file in files if file.kind in kinds])
    found += _locales([file for file in files if file.kind == "locale"])
    return [line for file, fault in found for line in places.told(file.where, [fault])]


def _as_far_as(rule: Iterator[Fault]) -> Iterator[Fault]:
    """What a rule finds until something has a shape that it cannot take; shape.py says which."""
    try:
        yield from rule
    except Exception as error:  # noqa: BLE001 - one slip never hides another, in this file or in the others
        yield "", f"a rule could not be looked at ({type(error).__name__}). Mend first what else is wrong here"


def _of_one(file: File, by_id: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> tuple[Iterator[Fault], ...]:
    """Every rule for one file, each by itself."""
    document, always = file.document, (_identity(file), _spoken(file))
    match file.kind:
        case "exercises":
            dose = _dose(document.get("dose"), "dose")
            sourced = provenance(document, ("dose", "longer_hold"))
            return (*always, _sides(document), dose, sourced, _uncounted(document))
        case "routines":
            sourced = provenance(document, ("rounds", "rest_between_rounds_seconds", "exercises"))
            return (*always, _routine(document, by_id["exercises"]), sourced)
        case "topics":
            return (*always, provenance(document, ()))
        case "red_flags":
            return (*always, source_lines(document), _relevance(document, by_id["red_flags"]))
    return always


# ------------------------------------------------------------------------------------------------- names and texts


def _identity(file: File) -> Iterator[Fault]:
    if file.kind != "safety" and file.document.get("id") != file.stem:
        yield "id", f"id is {file.document.get('id')!r}. Make it {file.stem!r}, like the file name"
    if file.document.get("reviewed") is not None:
        yield "reviewed", "reviewed is not null. Leave it null: no clinician has reviewed this file"


def _names(files: Sequence[File]) -> Iterator[tuple[File, Fault]]:
    owners: dict[str, File] = {}
    for file in files:
        named: set[str] = set()
        for field, name in _called(file.document):
            owner = owners.setdefault(name.lower(), file)
            if owner is not file:
                yield file, (field, f"{name!r} also means {owner.stem}. Keep it in one of the two")
            if name in named:
                yield file, (field, f"{name!r} is given twice. Remove one")
            named.add(name)


def _called(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Path and text of what an item is called, its name first."""
    synonyms = enumerate(items(document.get("synonyms")))
    called = (("name", document.get("name")), *((f"synonyms.{number}", name) for number, name in synonyms))
    yield from ((field, name) for field, name in called if isinstance(name, str))


def _spoken(file: File) -> Iterator[Fault]:
    for field, most in SPOKEN[file.kind].items():
        for path, text in _texts(file.document, field):
            if file.kind == "safety" and " " not in text:
                continue  # a word by itself is a key, such as a level
            # A card is read, and holds all that was said: the outcome and its safety net.
            limit = 2 * most if path.endswith("card_text") else most
            yield from ((path, line) for line in chain(_plain(file, path, text), _length(path, text, limit)))
    for number, follow_up in enumerate(items(file.document.get("follow_ups"))):
        if isinstance(follow_up, Mapping):
            inner = File(file.where, file.kind, file.stem, follow_up)
            above = f"follow_ups.{number}."
            yield from ((f"{above}{field}", f"{above}{line}") for field, line in _spoken(inner))


def _texts(document: Mapping[str, Any], field: str) -> Iterator[tuple[str, str]]:
    """Path and text of everything that is text at or below a field."""
    for path, value in leaves(document):
        names = [part for part in path if not part.isdigit()]
        wanted = field.split(".") if field else []
        if isinstance(value, str) and names[: len(wanted)] == wanted:
            yield ".".join(path), value


def _plain(file: File, path: str, text: str) -> Iterator[str]:
    """Only words: the renderer escapes, but a symbol would be read out, swallowed or taken for a field."""
    bare = text
    if path.startswith(("steps.", "prompts.")) or file.kind == "safety":
        unknown = [
            name for name in PLACEHOLDER.findall(text) if path.startswith("steps.") and name not in {"side", "other"}
        ]
        yield from (f"{path} has the unknown placeholder {{{name}}}. Use {{side}} or {{other}}" for name in unknown)
        bare = PLACEHOLDER.sub("", text)
    if path.startswith("words."):
        bare = text.replace("#", "")  # stands for a number
    if re.search(r"</?[a-z]", bare):
        yield f"{path} has markup. Content is plain words; the pauses and the stress are the program's"
    elif odd := sorted({letter for letter in bare if not (letter.isalnum() or letter in " .,?!'-")}):
        yield f"{path} has {' '.join(map(repr, odd))}. Write it in words"


def _length(path: str, text: str, limit: int) -> Iterator[str]:
    found = sentences(text)
    for sentence in found:
        words = sentence.split()
        if len(words) > MAX_WORDS:
            begin = " ".join(words)[:30]
            yield f"{path} has a sentence of {len(words)} words ({begin}...). Keep it to {MAX_WORDS}, or split it"
    if len(found) > limit:
        yield f"{path} has {len(found)} sentences. Keep it to {limit}"


def _uncounted(document: Mapping[str, Any]) -> Iterator[Fault]:
    for path, text in chain(_texts(document, "short"), _texts(document, "steps.say")):
        if counted := COUNTED.search(text):
            yield path, f"{path} says {counted[0]!r}. Leave counts to the dose: the program speaks them"


# ------------------------------------------------------------------------------------------------- sides and doses


def _sides(document: Mapping[str, Any]) -> Iterator[Fault]:
    sides, first, cues = (document.get(name) for name in ("sides", "first_side", "side_cue"))
    instructions = list(_texts(document, "steps.say"))
    if sides == "both":
        if first is not None or cues is not None:
            yield "sides", "sides is both, yet a side is named. Make first_side and side_cue null"
        for path, text in instructions:
            named = [word for word in SIDE_WORDS if word in text]
            yield from ((path, f"{path} has {word}, yet sides is both. Say it without") for word in named)
    elif not isinstance(cues, Mapping):
        yield "sides", f"sides is {sides}, yet no side is named. Give side_cue a phrase for each side"
    else:
        yield from _cues(first, {str(side): str(cue) for side, cue in cues.items()})
        if sides == "each":
            yield from _neutral(document)


def _cues(first: object, cues: Mapping[str, str]) -> Iterator[Fault]:
    if first not in cues:
        yield "first_side", f"first_side is {first}, which side_cue does not have. Use one of {', '.join(cues)}"
    if len(cues) == 2 and OPPOSITE.get(next(iter(cues))) not in cues:
        yield "side_cue", f"side_cue has {' and '.join(cues)}. Use left and right, or forward and backward"
        return
    for side, cue in cues.items():
        if side not in re.findall(r"[a-z]+", cue):
            yield f"side_cue.{side}", f"side_cue.{side} does not say {side}. Name the side"
    if set(cues) == {"left", "right"} and _mirrored(cues["left"]) != cues["right"]:
        field = "side_cue.right"
        yield field, f"{field} is not side_cue.left with left and right swapped. Word both sides alike"


def _mirrored(text: str) -> str:
    return re.sub(r"\b(left|right)\b", lambda found: OPPOSITE[found[1]], text)


def _neutral(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Words that are spoken for both sides alike may not name one of them."""
    for path, text in chain.from_iterable(
        _texts(document, field) for field in ("short", "steps.say", "exit", "easier", "harder")
    ):
        if named := re.search(r"\b(left|right)\b", text):
            yield path, f"{path} says {named[0]!r} on both sides. Say {{side}} or {{other}} in a step, or neither"


def _dose(dose: object, path: str) -> Iterator[Fault]:
    if not isinstance(dose, Mapping):
        return
    hold, reps = dose.get("hold"), dose.get("reps")
    if hold is None and reps is None:
        yield path, f"{path} has neither hold nor reps. Give one of them"
    if isinstance(hold, Mapping) and {"seconds", "breaths"} <= hold.keys():
        yield f"{path}.hold", f"{path}.hold counts seconds and breaths. Keep one of them"
    for part, name in ((hold, "hold."), (reps, "reps."), (dose, "")):
        if isinstance(part, Mapping):
            yield from ((f"{path}.{name}{field}", f"{path}.{name}{line}") for field, line in _ranges(part))


def _ranges(part: Mapping[str, Any]) -> Iterator[Fault]:
    for names in RANGES:
        given = [(name, part[name]) for name in names if isinstance(part.get(name), int)]
        for (low_name, low), (high_name, high) in pairwise(given):
            if low > high:
                yield low_name, f"{low_name} is {low}, above {high_name}, {high}. Swap or mend them"


def _routine(document: Mapping[str, Any], exercises: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    for number, item in enumerate(items(document.get("exercises"))):
        if not isinstance(item, Mapping):
            continue
        exercise, field = exercises.get(str(item.get("id"))), f"exercises.{number}"
        if exercise is None:
            yield field, f"{field} is {item.get('id')!r}, which does not exist. Use an id from content/exercises"
            continue
        own, changes = exercise.get("dose"), item.get("dose")
        if isinstance(own, Mapping) and isinstance(changes, Mapping):
            path = f"{field}.dose"
            for part in ("hold", "reps"):
                if changes.get(part) is not None and own.get(part) is None:
                    yield f"{path}.{part}", f"{path}.{part} changes what {item['id']} does not have. Remove it"
            yield from _dose(merge(own, changes), path)


def _relevance(document: Mapping[str, Any], flags: Mapping[str, Mapping[str, Any]]) -> Iterator[Fault]:
    known = set(flags)
    for flag in flags.values():
        known.update(str(one.get("id")) for one in items(flag.get("follow_ups")) if isinstance(one, Mapping))
    for path, asked in leaves(document):
        names = [part for part in path if not part.isdigit()]
        is_asked = isinstance(asked, str) and "relevant_if" in names[:2] and names[-1] != "relevant_if"
        if is_asked and asked not in known:
            line = f"relevant_if names {asked!r}, which does not exist. Use the id of a file in content/red_flags"
            yield ".".join(path), line


# --------------------------------------------------------------------------------------------------------- locales


def _locales(files: Sequence[File]) -> Iterator[tuple[File, Fault]]:
    """A prompt has the same placeholders in every wording and every locale; every locale has every prompt."""
    expected: dict[str, tuple[str, set[str]]] = {}
    for file in sorted(files, key=lambda file: (file.stem != BASE_LOCALE, file.stem)):
        prompts = file.document.get("prompts")
        wordings = {key: _wordings(value) for key, value in prompts.items()} if isinstance(prompts, Mapping) else {}
        if file.stem != BASE_LOCALE:
            missing = [key for key in expected if key not in wordings]
            yield from ((file, ("prompts", f"the prompt {key} is missing. Add it")) for key in missing)
        for key, texts in wordings.items():
            for text in texts:
                held = set(PLACEHOLDER.findall(text))
                first, wanted = expected.setdefault(key, (text, held))
                if held != wanted:
                    line = f"prompts.{key}: {text!r} has other placeholders than {first!r}. Use the same"
                    yield file, (f"prompts.{key}", line)


def _wordings(value: object) -> list[str]:
    return [value] if isinstance(value, str) else strings(items(value))
