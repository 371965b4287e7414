"""Reads the hand-written halves of the interaction models and the manifest, and says what is wrong with them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from content_reader.documents import BASE_LOCALE, KINDS
from content_reader.yaml_reader import Fault, Places, error_of, read
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
    """The sources, None unless all is sound; what is wrong in the hand-written files; and the content files of which no
    values of a slot type can be made. Both as ``path:line: problem. mend``.
    """
    places = Places(root)
    documents, wrong = _documents(root, places)
    source, overrides, skill = (documents.get(name) for name in SCHEMAS)
    if source:
        wrong += places.told(SOURCE, _own(source))
        wrong += _all_changes(source, overrides or {}, places)
    if skill:
        wrong += places.told(SKILL, _phrases(skill))
    wrong += locales.refusals(root)
    content, broken = _content(root / "content")
    if wrong or broken or source is None or overrides is None or skill is None:
        return None, wrong, broken
    return Sources(source, overrides, skill, content), [], []


def _documents(root: Path, places: Places) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The hand-written files that have their shape, by path, and what is wrong with the others."""
    found: dict[str, dict[str, Any]] = {}
    wrong: list[str] = []
    for name, schema in SCHEMAS.items():
        document, faults = read(root / name, name)
        where = f"{FOLDER}/schema/{schema}.schema.json"
        faults = faults or _mismatches(root / where, where, name, document, places)
        wrong += faults
        if not faults:
            found[name] = document
    return found, wrong


def _mismatches(schema: Path, where: str, name: str, document: Any, places: Places) -> list[str]:
    try:
        from tools.content.shape import mismatches
    except ImportError:  # jsonschema is a development tool; a package can be laid out without it
        return (
            [] if isinstance(document, dict) else [f"{name}: this is not a mapping of fields. Compare it with {where}"]
        )
    return mismatches(schema, where, {name: document}, places)


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


def _own(source: Mapping[str, Any]) -> Iterator[Fault]:
    for name in source.get("question_openings", {}):
        if name not in source["generated_types"]:
            mend = f"Use one of {', '.join(source['generated_types'])}"
            yield f"question_openings.{name}", f"question_openings names {name}, which is no generated type. {mend}"
    for name, samples in source["built_ins"].items():
        yield from _samples(f"built_ins.{name}", name, samples)
    for name, intent in source["intents"].items():
        yield from _samples(f"intents.{name}.samples", name, intent["samples"])


def _samples(field: str, name: str, samples: Sequence[str]) -> Iterator[Fault]:
    for number, sample in enumerate(samples):
        if re.search(r"[()]", re.sub(r"\([^()]*\)", "", sample)):
            line = f"{name}: {sample!r} has a bracket without its other. Choices are (a|b), one level deep"
            yield f"{field}.{number}", line


def _all_changes(source: Mapping[str, Any], overrides: Mapping[str, Any], places: Places) -> Iterator[str]:
    """Each locale's, but what a locale takes over from another is told of the first."""
    told: set[tuple[str, str]] = set()
    for locale, changes in overrides.items():
        for field, line in _changes(source, changes):
            at = places.at(locales.LOCALES, f"{locale}.{field}")
            if (at, line) not in told:
                told.add((at, line))
                yield f"{at}: {locale}: {line}"


def _changes(source: Mapping[str, Any], changes: Mapping[str, Any]) -> Iterator[Fault]:
    for name, samples in changes.get("samples", {}).items():
        if name not in source["intents"] and name not in source["built_ins"]:
            yield f"samples.{name}", f"samples names {name}, which is no intent of {SOURCE}. Mend the name"
        yield from _samples(f"samples.{name}", name, samples)
    for name, additions in changes.get("synonyms", {}).items():
        field, values = f"synonyms.{name}", source["types"].get(name)
        if values is None:
            yield field, f"synonyms names {name}, which is no type of {SOURCE}. Mend the name"
            continue
        flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
        known = {one["id"] for one in flat}
        unknown = [one for one in additions if one not in known]
        yield from ((f"{field}.{one}", f"{field} names {one}, which is no value of it. Mend it") for one in unknown)


def _phrases(skill: Mapping[str, Any]) -> Iterator[Fault]:
    for number, phrase in enumerate(skill["example_phrases"]):
        field = f"example_phrases.{number}"
        for name in re.findall(r"\{([^{}]*)\}", phrase):
            if name not in skill["example_values"]:
                yield field, f"example_values has no {name}, which {phrase!r} wants. Add it"
        if re.search(r"[{}]", re.sub(r"\{\w+\}", "", phrase)):
            yield field, f"example_phrases: {phrase!r} has a brace without its other. Mend it"
