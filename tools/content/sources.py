"""Where the facts of a content file come from, and the walk through documents that every content rule uses.

``gives`` of a source line and ``editor_set`` hold dotted paths. A path covers what is below it; the numbers of list
items may be left out (``steps.settle_seconds``) and count from 0 (``cautions.0``); ``say.2`` is the second sentence of
the text at ``say``.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from content_reader.yaml_reader import Fault

SEEDS = {"000_5584a902ecb36eff.txt": 61, "002_63bd8a0f1621cbff.txt": 63}
"""The source texts and how many lines each has. They stand outside this repository; docs/reference/seed-coverage.yaml
says in other words what each line holds."""


def source_lines(document: Mapping[str, Any]) -> Iterator[Fault]:
    """Source lines that the source texts do not have; the texts themselves are not at hand."""
    for number, source in enumerate(items(document.get("source"))):
        if not isinstance(source, Mapping) or "seed" not in source:
            continue
        seed, line = source["seed"], source.get("line")
        if seed not in SEEDS:
            field = f"source.{number}.seed"
            yield field, f"source.{number} names the unknown text {seed!r}. Use {' or '.join(SEEDS)}"
        elif not isinstance(line, int) or not 1 <= line <= SEEDS[seed]:
            field = f"source.{number}.line"
            yield field, f"source.{number} names line {line} of {seed}. Its lines go from 1 to {SEEDS[seed]}"


def provenance(document: Mapping[str, Any], figures: Sequence[str]) -> Iterator[Fault]:
    """Every figure below the fields `figures` has a source line or stands in editor_set, and no path leads nowhere."""
    yield from source_lines(document)
    given, decided = _given(document), _named(document.get("editor_set"), "editor_set")
    for name, paths in (("gives", given), ("editor_set", decided)):
        for path in sorted(paths):
            if not _leads_somewhere(document, path.split(".")):
                yield paths[path], f"{name} has {path}, and nothing stands there. Mend the path or remove it"
    for leaf, _ in leaves(document):
        if leaf[0] not in figures or leaf[-1] == "id":
            continue
        by_source, by_editor = (any(_covers(path.split("."), leaf) for path in paths) for paths in (given, decided))
        path = ".".join(leaf)
        if not by_source and not by_editor:
            yield path, f"{path} has no source. Name it in the gives of a source line, or in editor_set"
        elif path in given and path in decided:
            yield decided[path], f"{path} stands in gives and in editor_set. Keep it where it belongs"


def _given(document: Mapping[str, Any]) -> dict[str, str]:
    """The paths in gives, each to the path of the item that names it."""
    found: dict[str, str] = {}
    for number, source in enumerate(items(document.get("source"))):
        if isinstance(source, Mapping):
            found |= _named(source.get("gives"), f"source.{number}.gives")
    return found


def _named(paths: object, field: str) -> dict[str, str]:
    return {path: f"{field}.{number}" for number, path in enumerate(items(paths)) if isinstance(path, str)}


def _covers(path: Sequence[str], leaf: Sequence[str]) -> bool:
    """Whether a path leads to a leaf or above it."""
    if not path:
        return True
    if not leaf:
        return False
    if path[0] == leaf[0] and _covers(path[1:], leaf[1:]):
        return True
    return leaf[0].isdigit() and _covers(path, leaf[1:])


def _leads_somewhere(value: object, path: Sequence[str]) -> bool:
    """Whether something other than null stands at a path."""
    if not path:
        return value is not None
    head, rest = path[0], path[1:]
    if isinstance(value, Mapping):
        return head in value and _leads_somewhere(value[head], rest)
    if isinstance(value, list):
        if head.isdigit():
            return int(head) < len(value) and _leads_somewhere(value[int(head)], rest)
        return any(_leads_somewhere(item, path) for item in value)
    return isinstance(value, str) and head.isdigit() and 1 <= int(head) <= len(sentences(value)) and not rest


def leaves(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every value that is not null, with the keys and list positions that lead to it."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, (*path, str(key)))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from leaves(item, (*path, str(number)))
    elif value is not None:
        yield path, value


def items(value: object) -> list[Any]:
    """A list as it is; nothing for what is not a list."""
    return value if isinstance(value, list) else []


def strings(values: Sequence[object]) -> list[str]:
    """The texts among the values."""
    return [value for value in values if isinstance(value, str)]


def sentences(text: str) -> list[str]:
    """The sentences of a spoken text."""
    return [sentence for sentence in re.split(r"(?<=[.?!])\s+", text.strip()) if sentence]
