"""Where what breaks a rule of a built model was written: the file and line in which the mend belongs."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from content_reader.documents import BASE_LOCALE
from content_reader.yaml_reader import Places
from tools.content import locales
from tools.publish.model_rules import Broken
from tools.publish.model_source import FOLDER, SKILL, SOURCE, Sources
from tools.publish.phrases import expand, in_words, plain, without_opening
from tools.publish.skill_manifest import Fault

Place = tuple[str, str]
"""A file and the dotted path of a field in it."""


class Written:
    """Tells each mistake once, where it was written, however many sentences and locales it comes to."""

    def __init__(self, sources: Sources, places: Places) -> None:
        self._sources = sources
        self._places = places
        self._told: set[tuple[str, str, str]] = set()

    def told(self, locale: str, found: Iterable[Broken]) -> Iterator[str]:
        """``path:line: problem. mend`` of what breaks a rule in a locale's model and was not told of another."""
        for one in found:
            where, field = self._place(locale, one)
            at = self._places.at(where, field)
            of, what = (where, field) if one.sample else (at, one.phrase or one.name)
            if self._is_new(of, what, one.problem):
                yield f"{at}: {'' if locale == BASE_LOCALE else f'{locale}: '}{one}"

    def told_of_manifest(self, found: Iterable[Fault]) -> Iterator[str]:
        """The same for the manifest, which has a part for each locale."""
        for one in found:
            if not one.field:
                yield f"{FOLDER}/skill.json: {one}"
            elif self._is_new(SKILL, one.field, one.problem):
                yield f"{self._places.at(SKILL, one.field)}: {one.problem if one.locale == BASE_LOCALE else one}"

    def _is_new(self, of: str, what: str, problem: str) -> bool:
        """Whether nothing the same was told; a number in it, such as how many there are, may differ by locale."""
        same = (of, what, re.sub(r"\d+", "#", problem))
        is_new = same not in self._told
        self._told.add(same)
        return is_new

    def _place(self, locale: str, one: Broken) -> Place:
        source, changes = self._sources.source, self._sources.overrides.get(locale, {})
        if one.sample:
            return next(self._samples(locale, changes, one), (SOURCE, self._intent(one.name)))
        if one.name in source["generated_types"]:
            return self._item(one) if one.value else (SOURCE, f"generated_types.{one.name}")
        if one.name in source["types"]:
            own = self._values(locale, changes, one) if one.value else iter(())
            return next(own, (SOURCE, f"types.{one.name}"))
        if one.name.startswith("invocation name"):
            return SOURCE, "invocation_name"
        return SOURCE, "types" if one.name == "types" else self._intent(one.name)

    def _intent(self, name: str) -> str:
        return f"intents.{name}" if name in self._sources.source["intents"] else f"built_ins.{name}"

    def _samples(self, locale: str, changes: Mapping[str, Any], one: Broken) -> Iterator[Place]:
        """The written samples that stand for a sentence."""
        name, source = one.name, self._sources.source
        is_ours = name in source["intents"]
        field = f"intents.{name}.samples" if is_ours else f"built_ins.{name}"
        written = source["intents"][name]["samples"] if is_ours else source["built_ins"][name]
        words = changes.get("replace") or {}
        yield from ((SOURCE, f"{field}.{number}") for number, sample in enumerate(written)
                    if one.sample in expand(in_words(sample, words)))  # fmt: skip
        added = (changes.get("samples") or {}).get(name, ())
        yield from ((locales.LOCALES, f"{locale}.samples.{name}.{number}") for number, sample in enumerate(added)
                    if one.sample in expand(sample))  # fmt: skip

    def _item(self, one: Broken) -> Place:
        """The name, synonym or question of a content file that a phrase is made of."""
        folder = self._sources.source["generated_types"][one.name]
        openings = self._sources.source.get("question_openings", {}).get(one.name, ())
        item = next((item for item in self._sources.content.get(folder, ()) if item["id"] == one.value), {})
        where = f"content/{folder}/{one.value}.yaml"
        fields = {"name": item.get("name"), **_numbered("synonyms", item.get("synonyms") or ())}
        for field, written in {**fields, "question": item.get("question")}.items():
            phrase = plain(written or "")
            if one.phrase in {phrase, without_opening(phrase, openings)}:
                return where, field
        return where, ""

    def _values(self, locale: str, changes: Mapping[str, Any], one: Broken) -> Iterator[Place]:
        """Where a value of a type has a name; a list among the values is an alias of another type's."""
        for field, value in _flat(f"types.{one.name}", self._sources.source["types"][one.name]):
            if value["id"] == one.value:
                yield from ((SOURCE, place) for place, text in _names(field, value) if text == one.phrase)
        added = ((changes.get("synonyms") or {}).get(one.name) or {}).get(one.value, ())
        for place, text in _numbered(f"{locale}.synonyms.{one.name}.{one.value}", added).items():
            if text == one.phrase:
                yield locales.LOCALES, place


def _flat(field: str, values: Sequence[Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, value in enumerate(values):
        if isinstance(value, list):
            yield from _flat(f"{field}.{number}", value)
        else:
            yield f"{field}.{number}", value


def _names(field: str, value: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield f"{field}.name", value["name"]
    yield from _numbered(f"{field}.synonyms", value.get("synonyms") or ()).items()


def _numbered(field: str, texts: Sequence[str]) -> dict[str, str]:
    return {f"{field}.{number}": text for number, text in enumerate(texts)}
