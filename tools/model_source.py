"""Reads the hand-written halves of the interaction models and the manifest, and says what is wrong with them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from stretch_coach.errors import ContentError
from tools import locales
from tools.content_rules import BASE_LOCALE, KINDS
from tools.yaml_reader import error_of, read

FOLDER: Final = "interaction_model"
SOURCE: Final = f"{FOLDER}/{BASE_LOCALE}.source.yaml"
SKILL: Final = f"{FOLDER}/skill.source.yaml"
SCHEMAS: Final = {SOURCE: "source", locales.LOCALES: "locales", SKILL: "skill"}

Item = Mapping[str, Any]
Content = Mapping[str, Sequence[Item]]
"""Content folder name (``exercises``, …) to its items; ``id``, ``name``, ``synonyms`` and ``question`` are read."""


@dataclass(frozen=True)
class Sources:
    """What the models and the manifest are built from."""

    source: Mapping[str, Any]
    overrides: Mapping[str, Mapping[str, Any]]
    """A further locale to what differs in it."""
    skill: Mapping[str, Any]
    content: Content


def load(root: Path) -> Sources:
    """Everything that is sound; raises ContentError with the first thing that is not."""
    wrong = [*problems(root), *broken_content(root)]
    if wrong:
        raise error_of(wrong[0])
    documents = {name: read(root / name, name)[0] for name in SCHEMAS}
    return Sources(documents[SOURCE], documents[locales.LOCALES], documents[SKILL], read_content(root / "content"))


def problems(root: Path) -> list[str]:
    """``path: problem. mend`` of everything wrong in the hand-written files, whatever they hold."""
    try:
        from tools.content_shape import mismatches
    except ImportError:  # jsonschema is a development tool; a package can be laid out without it
        return locales.refusals(root)
    found: list[str] = []
    documents: dict[str, Any] = {}
    for name, schema in SCHEMAS.items():
        document, faults = read(root / name, name)
        where = f"{FOLDER}/schema/{schema}.schema.json"
        wrong = faults or mismatches(root / where, where, {name: document})
        found += wrong
        if not wrong:
            documents[name] = document
    source = documents.get(SOURCE)
    if source:
        found += (f"{SOURCE}: {line}" for line in _own(source))
        for locale, changes in documents.get(locales.LOCALES, {}).items():
            found += (f"{locales.LOCALES}: {locale}: {line}" for line in _changes(source, changes))
    if SKILL in documents:
        found += (f"{SKILL}: {line}" for line in _phrases(documents[SKILL]))
    return found + locales.refusals(root)


def broken_content(root: Path) -> list[str]:
    """The content files of which no values of a slot type can be made."""
    found = []
    for kind in KINDS:
        for path in sorted((root / "content" / kind).glob("*.yaml")):
            where = path.relative_to(root).as_posix()
            document, faults = read(path, where)
            if faults or not _is_item(document):
                found.append((faults or [f"{where}: it has no id, name and synonyms to be asked for by. Add them"])[0])
    return found


def _is_item(document: Any) -> bool:
    if not isinstance(document, dict):
        return False
    synonyms = document.get("synonyms") or []
    texts = [document.get("id"), document.get("name"), document.get("question") or ""]
    return isinstance(synonyms, list) and all(isinstance(text, str) for text in (*texts, *synonyms))


def read_content(folder: Path) -> dict[str, list[Item]]:
    """Every item of the content folders that become slot types, in the order of their file names.

    Raises ContentError.
    """
    found: dict[str, list[Item]] = {}
    for kind in KINDS:
        found[kind] = []
        for path in sorted((folder / kind).glob("*.yaml")):
            document, faults = read(path, f"content/{kind}/{path.name}")
            if faults or not isinstance(document, dict):
                raise error_of(faults[0]) if faults else ContentError(f"content/{kind}/{path.name}", "no fields")
            found[kind].append(document)
    return found


# --------------------------------------------------------------------------------------------- what a schema cannot say


def _own(source: Mapping[str, Any]) -> Iterator[str]:
    for name in source.get("question_openings", {}):
        if name not in source["generated_types"]:
            yield f"question_openings names {name}, which is no generated type. Use one of these"
    yield from _samples((source["built_ins"], {name: one["samples"] for name, one in source["intents"].items()}))


def _samples(groups: Sequence[Mapping[str, Sequence[str]]]) -> Iterator[str]:
    for name, samples in (pair for group in groups for pair in group.items()):
        for sample in samples:
            if re.search(r"[()]", re.sub(r"\([^()]*\)", "", sample)):
                yield f"{name}: {sample!r} has a bracket without its other. Choices are (a|b), one level deep"


def _changes(source: Mapping[str, Any], changes: Mapping[str, Any]) -> Iterator[str]:
    samples = changes.get("samples", {})
    for name in samples:
        if name not in source["intents"] and name not in source["built_ins"]:
            yield f"samples names {name}, which is no intent of {SOURCE}. Mend the name"
    yield from _samples((samples,))
    for name, additions in changes.get("synonyms", {}).items():
        values = source["types"].get(name)
        if values is None:
            yield f"synonyms names {name}, which is no type of {SOURCE}. Mend the name"
            continue
        flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
        known = {one["id"] for one in flat}
        yield from (
            f"synonyms.{name} names {one}, which is no value of it. Mend it" for one in additions if one not in known
        )


def _phrases(skill: Mapping[str, Any]) -> Iterator[str]:
    for phrase in skill["example_phrases"]:
        for name in re.findall(r"\{([^{}]*)\}", phrase):
            if name not in skill["example_values"]:
                yield f"example_values has no {name}, which {phrase!r} wants. Add it"
        if re.search(r"[{}]", re.sub(r"\{\w+\}", "", phrase)):
            yield f"example_phrases: {phrase!r} has a brace without its other. Mend it"
