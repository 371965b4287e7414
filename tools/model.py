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

import yaml

from tools.model_rules import problems
from tools.skill_manifest import build_manifest, manifest_problems

ROOT = Path(__file__).resolve().parents[1]
BASE_LOCALE = "en-US"
MENDS = "python -m tools model"

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""PyYAML's safe loader, ten times as fast where it was built with libyaml."""

Item = Mapping[str, Any]
Content = Mapping[str, Sequence[Item]]
"""Content folder name (``exercises``, …) to its items; ``id``, ``name``, ``synonyms`` and ``question`` are read."""

FOLDERS = ("exercises", "routines", "topics", "red_flags")
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


def _read(path: Path) -> Any:
    return yaml.load(path.read_text("utf-8"), Loader=LOADER)  # noqa: S506 - both loaders are the safe one


def read_content(folder: Path) -> dict[str, list[Item]]:
    """Every item of the content folders that become slot types, in the order of their file names."""
    return {name: [_read(path) for path in sorted((folder / name).glob("*.yaml"))] for name in FOLDERS}


def models(root: Path = ROOT) -> dict[str, dict[str, Any]]:
    """Locale to its freshly built model."""
    folder = root / "interaction_model"
    source = _read(folder / f"{BASE_LOCALE}.source.yaml")
    content = read_content(root / "content")
    locales = folder / "locales.yaml"
    overrides = _read(locales) if locales.exists() else {}
    built = {BASE_LOCALE: build(source, content)}
    built.update({locale: build(source, content, changes) for locale, changes in overrides.items()})
    return built


def dumps(document: Mapping[str, Any]) -> str:
    """How generated JSON is written: two spaces, one newline at the end."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def stale(files: Mapping[Path, str]) -> list[Path]:
    """The files whose text on disk is not the given text."""
    return [path for path, text in files.items() if not path.exists() or path.read_text("utf-8") != text]


def run(argv: Sequence[str]) -> int:
    """Write the models, or with ``--check`` only compare; 1 when a rule is broken or a file is stale."""
    parser = argparse.ArgumentParser(prog=MENDS, description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is stale")
    options = parser.parse_args(argv)
    built = models()
    source = _read(ROOT / "interaction_model" / "skill.source.yaml")
    manifest = build_manifest(source, list(built))
    wrong = [f"interaction_model/{locale}: {line}" for locale, model in built.items() for line in problems(model)]
    wrong += [f"interaction_model/skill.json: {line}" for line in manifest_problems(manifest, built)]
    documents = built | {"skill": manifest}
    files = {ROOT / "interaction_model" / f"{name}.json": dumps(one) for name, one in documents.items()}
    if options.check:
        wrong += [f"{path.relative_to(ROOT)}: stale. Write it again with: {MENDS}" for path in stale(files)]
    else:
        for path in stale(files):
            path.write_text(files[path], "utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]))
