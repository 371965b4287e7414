"""Conversations, held-out sentences and JSON files: whatever else is written by hand can be read."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from content_reader.yaml_reader import read, text_of
from simulator.scripts import script

SCRIPTS: Final = "tests/dialogues"
HELD_OUT: Final = "tests/nlu"
WRITTEN: Final = "tests/infra"
"""Holds a template as the CDK wrote it, which nobody reads as a document."""
JSON_FILES: Final = ("lambda/**/*.json", "docs/*.json", "tests/requests/**/*.json", "infra/*.json", "*.json")
NO_SET: Final = "Write in_scope: with an intent's sentences, and out_of_scope:, as the files beside it do"


def check(root: Path) -> list[str]:
    """``path:line: problem. mend`` of every file that cannot be read as what it is."""
    found: list[str] = []
    for path in sorted((root / "tests").rglob("*.yaml")):
        where = path.relative_to(root).as_posix()
        if where.startswith(f"{SCRIPTS}/"):
            text, faults = text_of(path, where)
            found += faults if text is None else script.problems(text, where)
        elif not where.startswith(f"{WRITTEN}/"):
            document, faults = read(path, where)
            found += faults
            if where.startswith(f"{HELD_OUT}/") and not faults:
                found += (f"{where}: {line}" for line in _held_out(document))
    for pattern in JSON_FILES:
        for path in sorted(root.glob(pattern)):
            found += _json(path, path.relative_to(root).as_posix())
    return found


def _held_out(document: Any) -> Iterator[str]:
    """What is no set of sentences (bench/understanding.py reads them)."""
    fields = document if isinstance(document, dict) else {}
    inside, outside = fields.get("in_scope"), fields.get("out_of_scope")
    if not isinstance(inside, dict) or not isinstance(outside, list):
        yield f"this is no set of held-out sentences. {NO_SET}"
        return
    for intent, entries in inside.items():
        for entry in entries if isinstance(entries, list) else [None]:
            slots = entry.get("slots") or {} if isinstance(entry, dict) else {}
            said = entry.get("say") if isinstance(entry, dict) else entry
            if not isinstance(said, str) or not isinstance(slots, dict):
                yield f"{intent} has {str(entry)[:40]!r}. {NO_SET}"
    yield from (f"out_of_scope has {str(one)[:40]!r}. {NO_SET}" for one in outside if not isinstance(one, str))


def _json(path: Path, where: str) -> list[str]:
    text, faults = text_of(path, where)
    if text is None:
        return faults
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return [f"{where}:{error.lineno}: this is not JSON ({error.msg}). Mend the line"]
    except (ValueError, RecursionError) as error:
        return [f"{where}: this is not JSON ({type(error).__name__}). Compare it with a file like it"]
    return []
