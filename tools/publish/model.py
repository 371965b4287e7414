"""Build the interaction models and the manifest from their hand-written sources and the names in content/.

``python -m tools model`` writes ``interaction_model/<locale>.json`` and ``interaction_model/skill.json``; with
``--check`` it writes nothing and fails when a file is stale. Both go through ``build``, a pure function, and the rules
of Amazon in model_rules.py; what breaks one is told where it was written.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from content_reader.documents import BASE_LOCALE
from content_reader.yaml_reader import Places, text_of
from tools.publish import model_source
from tools.publish.model_places import Written
from tools.publish.model_rules import broken
from tools.publish.model_source import Content, Item, Sources
from tools.publish.phrases import expand, in_words, opening_of, plain, without_opening
from tools.publish.skill_manifest import build_manifest, manifest_faults

ROOT = Path(__file__).resolve().parents[2]
MENDS = "python -m tools model"
NOT_COMPARED = f"{model_source.FOLDER}: not compared with its sources. Mend the lines above first, then run: {MENDS}"


def build(source: Mapping[str, Any], content: Content, overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The interaction model as Amazon takes it, from the source document, the content and a locale's overrides."""
    changes = overrides or {}
    source = _localized(source, changes)
    openings = source.get("question_openings", {})
    types = [_type(name, _flat(values)) for name, values in source["types"].items()]
    for name, folder in source["generated_types"].items():
        types.append(_type(name, _items(content.get(folder, ()), openings.get(name, ()))))
    return {
        "interactionModel": {
            "languageModel": {
                "invocationName": source["invocation_name"],
                "modelConfiguration": {"fallbackIntentSensitivity": {"level": source["fallback_sensitivity"]}},
                "intents": [*_built_ins(source), *_custom(source)],
                "types": sorted(types, key=lambda one: str(one["name"])),
            }
        }
    }


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _samples(written: Iterable[str]) -> list[str]:
    return _unique(chain.from_iterable(expand(sample) for sample in written))


def _built_ins(source: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"name": name, "samples": _samples(samples)} for name, samples in source["built_ins"].items()]


def _custom(source: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "slots": [{"name": slot, "type": kind} for slot, kind in intent["slots"].items()],
            "samples": _samples(intent["samples"]),
        }
        for name, intent in source["intents"].items()
    ]


def _flat(values: Iterable[Any]) -> Iterable[Item]:
    """Slot values; a list among them (a YAML alias of another type's values) counts as its members."""
    for value in values:
        yield from value if isinstance(value, list) else [value]


def _type(name: str, values: Iterable[Item]) -> dict[str, Any]:
    return {
        "name": name,
        "values": [
            {"id": one["id"], "name": {"value": one["name"], "synonyms": _unique(one.get("synonyms") or ())}}
            for one in values
        ],
    }


def _items(items: Sequence[Item], openings: Sequence[str]) -> list[dict[str, Any]]:
    """Content items as slot values; a synonym that is a question gives what follows its opening words.

    "why are my hips tight" can fill no slot of its own, because a sample keeps a carrier word; "are my hips tight"
    fills the slot of the sample "why {topic}". What two items would share is left to the first that has it.
    """
    taken = {phrase for item in items for phrase in _phrases(item) if not opening_of(phrase, openings)}
    values = []
    for item in items:
        name, *written = _phrases(item)
        synonyms = [one for one in written if not opening_of(one, openings) and one != name]
        for phrase in [*written, *([plain(item["question"])] if openings and item.get("question") else [])]:
            rest = without_opening(phrase, openings)
            if rest and rest not in taken:
                taken.add(rest)
                synonyms.append(rest)
        values.append({"id": item["id"], "name": name, "synonyms": synonyms})
    return values


def _phrases(item: Item) -> list[str]:
    """An item's name and synonyms, the name first, as slot values."""
    return [plain(phrase) for phrase in (item["name"], *(item.get("synonyms") or ()))]


def _localized(source: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The source with a locale's words in place of ours and its additions appended."""
    words: Mapping[str, str] = changes.get("replace") or {}
    result: dict[str, Any] = json.loads(json.dumps(source))
    for intent in result["intents"].values():
        intent["samples"] = [in_words(one, words) for one in intent["samples"]]
    result["built_ins"] = {
        name: [in_words(one, words) for one in samples] for name, samples in result["built_ins"].items()
    }
    for name, samples in (changes.get("samples") or {}).items():
        target = result["intents"][name]["samples"] if name in result["intents"] else result["built_ins"][name]
        target.extend(samples)
    for name, additions in (changes.get("synonyms") or {}).items():
        _extend(_flat(result["types"][name]), additions)
    return result


def _extend(values: Iterable[Any], additions: Mapping[str, Sequence[str]]) -> None:
    by_id = {value["id"]: value for value in values}
    for value_id, synonyms in additions.items():
        by_id[value_id]["synonyms"] = [*by_id[value_id]["synonyms"], *synonyms]


# ---------------------------------------------------------------- files


def models(root: Path = ROOT) -> dict[str, dict[str, Any]]:
    """Locale to its freshly built model; raises ContentError where a source is broken or a locale has no words."""
    return _models(model_source.load(root))


def _models(sources: Sources) -> dict[str, dict[str, Any]]:
    built = {BASE_LOCALE: build(sources.source, sources.content)}
    for locale, changes in sources.overrides.items():
        built[locale] = build(sources.source, sources.content, changes)
    return built


def dumps(document: Mapping[str, Any]) -> str:
    """How generated JSON is written: two spaces, one newline at the end."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def stale(files: Mapping[Path, str]) -> list[Path]:
    """The files whose text on disk is not the given text."""
    return [path for path, text in files.items() if text_of(path, path.name)[0] != text]


def generated(sources: Sources, root: Path) -> tuple[dict[Path, str], list[str]]:
    """Every generated file of a tree with its text, and ``path:line: problem. mend`` of every broken rule."""
    built = _models(sources)
    manifest = build_manifest(sources.skill, list(built))
    written = Written(sources, Places(root))
    wrong = [line for locale, model in built.items() for line in written.told(locale, broken(model))]
    wrong += written.told_of_manifest(manifest_faults(manifest, built))
    documents = {**built, "skill": manifest}
    return {root / model_source.FOLDER / f"{name}.json": dumps(one) for name, one in documents.items()}, wrong


def check(root: Path = ROOT) -> list[str]:
    """What is wrong with the sources, or else with what is built from them, and which file is stale."""
    sources, wrong, _ = model_source.examine(root)
    if sources is None:
        return [*wrong, NOT_COMPARED]
    files, wrong = generated(sources, root)
    left = sorted(path for path in (root / model_source.FOLDER).glob("*.json") if path not in files)
    return [
        *wrong,
        *_stale(stale(files), root),
        *(f"{path.relative_to(root)}: nothing is built into it any more. Remove it" for path in left),
    ]


def _stale(paths: Sequence[Path], root: Path) -> list[str]:
    """One line for them all, because one command writes them all."""
    if not paths:
        return []
    first, *others = (path.relative_to(root).as_posix() for path in paths)
    also = f", and so are {', '.join(Path(name).name for name in others)}" if others else ""
    return [f"{first}: stale{also}. Write {'them' if others else 'it'} again with: {MENDS}"]


def run(argv: Sequence[str], root: Path = ROOT) -> int:
    """Write the models, or with ``--check`` only compare; 1 when a rule is broken or a file is stale."""
    parser = argparse.ArgumentParser(prog=MENDS, description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is stale")
    wrong = check(root) if parser.parse_args(argv).check else _write(root)
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def _write(root: Path) -> list[str]:
    """Write what is stale; what is wrong. Nothing is written of a locale without words, or from a broken source."""
    sources, wrong, unusable = model_source.examine(root)
    if sources is None:
        return wrong + unusable
    files, broken_rules = generated(sources, root)
    for path in stale(files):
        path.write_text(files[path], "utf-8")
        print(f"wrote {path.relative_to(root)}")
    return broken_rules


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]))
