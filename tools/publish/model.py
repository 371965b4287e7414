"""Build the interaction models and the manifest from their hand-written sources and the names in content/.

``python -m tools model`` writes ``interaction_model/<locale>.json`` and ``interaction_model/skill.json``; with
``--check`` it writes nothing and fails when a file is stale. Both go through ``build``, a pure function, and
``problems``, which holds Amazon's rules.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from content_reader.documents import BASE_LOCALE
from content_reader.yaml_reader import text_of
from tools.publish import model_source
from tools.publish.model_rules import problems
from tools.publish.model_source import Content, Item, Sources
from tools.publish.skill_manifest import build_manifest, manifest_problems

ROOT = Path(__file__).resolve().parents[2]
MENDS = "python -m tools model"
NOT_COMPARED = f"{model_source.FOLDER}: not compared with its sources. Mend the lines above first, then run: {MENDS}"

ARTICLES = ("the ", "a ", "an ")


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


def expand(sample: str) -> list[str]:
    """Every sentence of a sample with ``(a|b)`` choices, in order; choices do not nest."""
    head, opened, rest = sample.partition("(")
    if not opened:
        return [" ".join(sample.split())]
    inside, closed, tail = rest.partition(")")
    if not closed:
        raise ValueError(f"{sample!r}: a '(' without its ')'")
    return [one for choice in inside.split("|") for one in expand(f"{head}{choice}{tail}")]


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
    taken = {phrase for item in items for phrase in _phrases(item) if not _opening(phrase, openings)}
    values = []
    for item in items:
        name, *written = _phrases(item)
        synonyms = [one for one in written if not _opening(one, openings) and one != name]
        for phrase in [*written, *([_plain(item["question"])] if openings and item.get("question") else [])]:
            rest = _without_opening(phrase, openings)
            if rest and rest not in taken:
                taken.add(rest)
                synonyms.append(rest)
        values.append({"id": item["id"], "name": name, "synonyms": synonyms})
    return values


def _phrases(item: Item) -> list[str]:
    """An item's name and synonyms, the name first, as slot values."""
    return [_plain(phrase) for phrase in (item["name"], *(item.get("synonyms") or ()))]


def _plain(phrase: str) -> str:
    """A spoken phrase with only the characters a slot value may have, without its article."""
    letters = "".join(letter for letter in phrase.lower() if letter.isalpha() or letter in " '-.")
    return _without_article(" ".join(letters.replace(". ", " ").rstrip(".").split()))


def _opening(phrase: str, openings: Sequence[str]) -> str:
    """The longest opening a phrase begins with, or an empty string."""
    return max((one for one in openings if phrase.startswith(f"{one} ")), key=len, default="")


def _without_opening(phrase: str, openings: Sequence[str]) -> str:
    opening = _opening(phrase, openings)
    if not opening:
        return ""
    return _without_article(phrase[len(opening) + 1 :])


def _without_article(phrase: str) -> str:
    return next((phrase[len(one) :] for one in ARTICLES if phrase.startswith(one)), phrase)


def _localized(source: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The source with a locale's words in place of ours and its additions appended."""
    words: Mapping[str, str] = changes.get("replace") or {}
    result: dict[str, Any] = json.loads(json.dumps(source))
    for intent in result["intents"].values():
        intent["samples"] = [_in_words(one, words) for one in intent["samples"]]
    result["built_ins"] = {
        name: [_in_words(one, words) for one in samples] for name, samples in result["built_ins"].items()
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


def _in_words(sample: str, words: Mapping[str, str]) -> str:
    """A sample with whole words or phrases exchanged; slots stay as they are."""
    for ours, theirs in words.items():
        sample = re.sub(rf"(?<![\w{{']){re.escape(ours)}(?![\w}}'])", theirs, sample)
    return sample


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


def generated(sources: Sources, folder: Path) -> tuple[dict[Path, str], list[str]]:
    """Every generated file of a folder with its text, and every rule of Amazon's that one breaks."""
    built = _models(sources)
    manifest = build_manifest(sources.skill, list(built))
    broken = [f"{model_source.FOLDER}/{locale}: {line}" for locale, model in built.items() for line in problems(model)]
    broken += [f"{model_source.FOLDER}/skill.json: {line}" for line in manifest_problems(manifest, built)]
    return {folder / f"{name}.json": dumps(one) for name, one in (built | {"skill": manifest}).items()}, broken


def check(root: Path = ROOT) -> list[str]:
    """What is wrong with the sources, or else with what is built from them, and which file is stale."""
    sources, wrong, _ = model_source.examine(root)
    if sources is None:
        return [*wrong, NOT_COMPARED]
    folder = root / model_source.FOLDER
    files, broken = generated(sources, folder)
    left = sorted(path for path in folder.glob("*.json") if path not in files)
    return [
        *broken,
        *(f"{path.relative_to(root)}: stale. Write it again with: {MENDS}" for path in stale(files)),
        *(f"{path.relative_to(root)}: nothing is built into it any more. Remove it" for path in left),
    ]


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
    files, broken = generated(sources, root / model_source.FOLDER)
    for path in stale(files):
        path.write_text(files[path], "utf-8")
        print(f"wrote {path.relative_to(root)}")
    return broken


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]))
