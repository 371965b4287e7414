"""The documents of content/, as ``Library.from_documents`` takes them.

People write YAML, the Lambda reads JSON, and both go through ``Library.from_documents``.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from content_reader.yaml_reader import error_of, read
from stretch_coach.errors import ContentError
from stretch_coach.library import Library

ROOT = Path(__file__).resolve().parents[1]
KINDS = ("exercises", "routines", "topics", "red_flags")
"""Folders of content/ that hold items."""
BASE_LOCALE = "en-US"


def _mapping(path: Path, root: Path) -> Mapping[str, Any]:
    where = path.relative_to(root).as_posix()
    document, faults = read(path, where)
    if faults:
        raise error_of(faults[0])
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

    Keys: exercises, routines, topics, red_flags (lists); locale, safety (mappings); version (fingerprint of it all, 12
    hexadecimal digits). A locale without a safety check of its own has en-US's, if it is of the same language. Raises
    ContentError.
    """
    content = root / "content"
    words = content / "locale" / f"{locale}.yaml"
    if not words.exists():
        known = ", ".join(sorted(path.stem for path in words.parent.glob("*.yaml"))) or "none"
        raise ContentError(f"content/locale/{locale}.yaml", "there is no such locale", f"There is: {known}.")
    documents: dict[str, Any] = {kind: read_kind(kind, root) for kind in KINDS}
    documents["locale"] = _mapping(words, root)
    documents["safety"] = _mapping(_safety(root, locale), root)
    documents["version"] = hashlib.sha256(compact(documents)).hexdigest()[:12]
    return documents


def _safety(root: Path, locale: str) -> Path:
    folder, is_ours = root / "content" / "safety", locale.partition("-")[0] == BASE_LOCALE.partition("-")[0]
    own = folder / f"{locale}.yaml"
    return folder / f"{BASE_LOCALE}.yaml" if is_ours and not own.exists() else own


def load_library(locale: str = BASE_LOCALE, root: Path = ROOT) -> Library:
    """The library straight from the YAML files; raises ContentError."""
    return Library.from_documents(load_documents(root, locale))


def compact(documents: Mapping[str, Any]) -> bytes:
    """Documents as one JSON text; the same documents always give the same bytes."""
    return json.dumps(documents, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
