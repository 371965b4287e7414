"""Compile content/ into the one JSON document that the Lambda reads.

``python -m tools content`` writes ``build/library.json``. People write YAML, the Lambda reads JSON, and both go through
``Library.from_documents``. What is wrong with the files is found by ``problems``, in words an author can act on.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from stretch_coach.errors import ContentError
from stretch_coach.library import Library
from tools import content_rules
from tools.content_rules import BASE_LOCALE, KINDS, File

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # PyYAML built without libyaml: the same documents, ten times slower
    from yaml import SafeLoader  # type: ignore[assignment]

ROOT = Path(__file__).resolve().parents[1]


class _Loader(SafeLoader):
    """YAML in which a key is text and stands once, and only `true` and `false` are truth values.

    `yes`, `no` and `on` are words that listeners say, so they stay words.
    """

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.faults: list[str] = []
        """``line: problem. mend`` of every key that is wrong."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if key.tag not in {"tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"}:
                self.faults.append(f"{line}: the key {key.value} is not text. Put it in quotes")
            elif key.value in seen:
                self.faults.append(f"{line}: {key.value} is given twice. Keep one of the two")
            else:
                seen.add(key.value)
        return super().construct_mapping(node, deep)


_PLAIN = {"tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp"}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _PLAIN or (first in "tf" and "bool" in tag)]
    for first, resolvers in SafeLoader.yaml_implicit_resolvers.items()
}


def parse(text: str, where: str) -> tuple[Any, list[str]]:
    """The document in `text`, and what is wrong with its YAML as ``where:line: problem. mend``; None if unreadable."""
    loader = _Loader(text)
    try:
        document = loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        return None, [f"{where}:{line}: this is not YAML ({error.problem}). Mend the line or put its text in quotes"]
    except yaml.YAMLError as error:
        return None, [f"{where}:1: this is not YAML ({error}). Mend it"]
    finally:
        loader.dispose()
    return document, [f"{where}:{fault}" for fault in loader.faults]


def _read(path: Path, root: Path) -> tuple[Any, list[str]]:
    where = path.relative_to(root).as_posix()
    try:
        return parse(path.read_text("utf-8"), where)
    except UnicodeDecodeError as error:
        return None, [f"{where}:1: this is not UTF-8 ({error.reason}). Save it as UTF-8"]


def _mapping(path: Path, root: Path) -> Mapping[str, Any]:
    document, faults = _read(path, root)
    where = path.relative_to(root).as_posix()
    if faults:
        where, problem = faults[0].split(": ", 1)
        raise ContentError(where, *problem.split(". ", 1))
    if not isinstance(document, Mapping):
        raise ContentError(where, "this is not a mapping of fields", "Begin with id:.")
    return document


def read_kind(kind: str, root: Path = ROOT) -> list[Mapping[str, Any]]:
    """The documents of one folder of content/ (`exercises`, `routines`, `topics`, `red_flags`) in file name order.

    Raises ContentError for a file that is not one YAML mapping.
    """
    return [_mapping(path, root) for path in sorted((root / "content" / kind).glob("*.yaml"))]


def load_documents(root: Path = ROOT, locale: str = BASE_LOCALE) -> dict[str, Any]:
    """Everything in content/ as ``Library.from_documents`` takes it, in the words of `locale`.

    Keys: exercises, routines, topics, red_flags (lists); locale, safety (mappings; safety falls back to en-US and may
    be empty); version (fingerprint of it all, 12 hexadecimal digits). Raises ContentError.
    """
    content = root / "content"
    words = content / "locale" / f"{locale}.yaml"
    if not words.exists():
        known = ", ".join(sorted(path.stem for path in words.parent.glob("*.yaml"))) or "none"
        raise ContentError(f"content/locale/{locale}.yaml", "there is no such locale", f"There is: {known}.")
    safety = next(
        (path for name in (locale, BASE_LOCALE) if (path := content / "safety" / f"{name}.yaml").exists()), None
    )
    documents: dict[str, Any] = {kind: read_kind(kind, root) for kind in KINDS}
    documents["locale"] = _mapping(words, root)
    documents["safety"] = _mapping(safety, root) if safety else {}
    documents["version"] = hashlib.sha256(_compact(documents)).hexdigest()[:12]
    return documents


def load_library(locale: str = BASE_LOCALE, root: Path = ROOT) -> Library:
    """The library straight from the YAML files; raises ContentError."""
    return Library.from_documents(load_documents(root, locale))


def compile_document(root: Path = ROOT, locale: str = BASE_LOCALE) -> bytes:
    """The same documents as one JSON text for the Lambda; the same content always gives the same bytes."""
    return _compact(load_documents(root, locale))


def _compact(documents: Mapping[str, Any]) -> bytes:
    return json.dumps(documents, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def problems(root: Path = ROOT) -> list[str]:
    """Everything wrong in content/, as ``path: problem. how to mend it``; empty when all is well."""
    from tools.content_shape import shape_problems  # jsonschema is a development tool: reading must not need it

    found: list[str] = []
    files: list[File] = []
    for kind in (*KINDS, "locale", "safety"):
        for path in sorted((root / "content" / kind).glob("*.yaml")):
            where = path.relative_to(root).as_posix()
            document, faults = _read(path, root)
            found += faults
            if isinstance(document, Mapping):
                files.append(File(where, kind, path.stem, document))
            elif not faults:
                found.append(f"{where}: this is not a mapping of fields. Begin with id:")
    found += shape_problems(root / "content" / "schema", files)
    found += content_rules.problems(files)
    return found or _unreadable(root)


def _unreadable(root: Path) -> list[str]:
    """What only building the libraries shows; asked last, because building stops at the first fault."""
    found = []
    for locale in sorted({BASE_LOCALE, *(path.stem for path in (root / "content" / "locale").glob("*.yaml"))}):
        try:
            load_library(locale, root)
        except ContentError as error:
            found.append(str(error))
    return found


def check() -> list[str]:
    """The problems of this checkout's content, for ``python -m tools check``."""
    return problems()


def run(argv: Sequence[str]) -> int:
    """Write the compiled document; 1 when the content cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m tools content", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "library.json", help="where to write it")
    parser.add_argument("--locale", default=BASE_LOCALE, help=f"whose words to use (default {BASE_LOCALE})")
    options = parser.parse_args(argv)
    try:
        compiled = compile_document(ROOT, options.locale)
        library = Library.from_documents(json.loads(compiled))
    except ContentError as error:
        print(error, file=sys.stderr)
        return 1
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_bytes(compiled)
    print(f"wrote {options.out}: content {library.version}, {len(compiled)} bytes")
    return 0
