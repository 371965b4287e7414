"""Reads the hand-written halves of the interaction models and the manifest, and says what is wrong with them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from content_reader.documents import BASE_LOCALE, KINDS
from content_reader.yaml_reader import error_of, read
from tools.content import locales

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
    """Everything, when it is sound; raises ContentError with the first thing that is not."""
    sources, wrong, broken = examine(root)
    if sources is None:
        raise error_of([*wrong, *broken][0])
    return sources


def examine(root: Path) -> tuple[Sources | None, list[str], list[str]]:
    """The sources, None unless all is sound; ``path: problem. mend`` of everything wrong in the hand-written files;
    and the same of content files of which no values of a slot type can be made.
    """
    documents, wrong = _documents(root)
    source, overrides, skill = (documents.get(name) for name in SCHEMAS)
    if source:
        wrong += (f"{SOURCE}: {line}" for line in _own(source))
        for locale, changes in (overrides or {}).items():
            wrong += (f"{locales.LOCALES}: {locale}: {line}" for line in _changes(source, changes))
    if skill:
        wrong += (f"{SKILL}: {line}" for line in _phrases(skill))
    wrong += locales.refusals(root)
    content, broken = _content(root / "content")
    if wrong or broken or source is None or overrides is None or skill is None:
        return None, wrong, broken
    return Sources(source, overrides, skill, content), [], []


def _documents(root: Path) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The hand-written files that have their shape, by path, and what is wrong with the others."""
    found: dict[str, dict[str, Any]] = {}
    wrong: list[str] = []
    for name, schema in SCHEMAS.items():
        document, faults = read(root / name, name)
        where = f"{FOLDER}/schema/{schema}.schema.json"
        faults = faults or _mismatches(root / where, where, name, document)
        wrong += faults
        if not faults:
            found[name] = document
    return found, wrong


def _mismatches(schema: Path, where: str, name: str, document: Any) -> list[str]:
    try:
        from tools.content.shape import mismatches
    except ImportError:  # jsonschema is a development tool; a package can be laid out without it
        return (
            [] if isinstance(document, dict) else [f"{name}: this is not a mapping of fields. Compare it with {where}"]
        )
    return mismatches(schema, where, {name: document})


def read_content(folder: Path) -> dict[str, list[Item]]:
    """Every item of the content folders that become slot types, in the order of their file names.

    Raises ContentError.
    """
    content, broken = _content(folder)
    if broken:
        raise error_of(broken[0])
    return content


def _content(folder: Path) -> tuple[dict[str, list[Item]], list[str]]:
    found: dict[str, list[Item]] = {kind: [] for kind in KINDS}
    broken: list[str] = []
    for kind, items in found.items():
        for path in sorted((folder / kind).glob("*.yaml")):
            where = f"content/{kind}/{path.name}"
            document, faults = read(path, where)
            if faults or not _is_item(document):
                broken += faults[:1] or [f"{where}: it has no id, name and synonyms to be asked for by. Add them"]
            else:
                items.append(document)
    return found, broken


def _is_item(document: Any) -> bool:
    if not isinstance(document, dict):
        return False
    synonyms = document.get("synonyms") or []
    texts = [document.get("id"), document.get("name"), document.get("question") or ""]
    return isinstance(synonyms, list) and all(isinstance(text, str) for text in (*texts, *synonyms))


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
