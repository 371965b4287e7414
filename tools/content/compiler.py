"""Compile content/ into the one JSON document that the Lambda reads.

``python -m tools content`` writes ``build/library.json``. People write YAML, the Lambda reads JSON, and both go through
``Library.from_documents``. What is wrong with the files is found by ``problems``, in words an author can act on.
"""

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from content_reader.documents import BASE_LOCALE, KINDS, ROOT, compact, load_documents, load_library
from content_reader.yaml_reader import Places, error_of, read, text_of
from stretch_coach.errors import ContentError
from stretch_coach.library import Library
from tools.content import locales, rules
from tools.content.rules import File


def compile_document(root: Path = ROOT, locale: str = BASE_LOCALE) -> bytes:
    """The same documents as one JSON text for the Lambda; the same content always gives the same bytes.

    Raises ContentError, for a published locale that these words are not for, too.
    """
    refused = locales.refusals(root)
    if refused:
        raise error_of(refused[0])
    return compact(load_documents(root, locale))


def problems(root: Path = ROOT) -> list[str]:
    """Everything wrong in content/, as ``path:line: problem. how to mend it``; empty when all is well."""
    from tools.content.shape import shape_problems  # jsonschema is a development tool: reading must not need it

    found: list[str] = []
    files: list[File] = []
    unread: list[File] = []
    for kind in (*KINDS, "locale", "safety"):
        for path in sorted((root / "content" / kind).glob("*.yaml")):
            where = path.relative_to(root).as_posix()
            document, faults = read(path, where)
            found += faults
            if isinstance(document, Mapping):
                files.append(File(where, kind, path.stem, document))
                continue
            unread.append(File(where, kind, path.stem, _named_in(path)))
            if not faults:
                found.append(f"{where}: this is not a mapping of fields. Begin with id:")
    places = Places(root)
    found += shape_problems(root / "content" / "schema", files, places)
    silent = tuple(f"{file.where}:" for file in unread)
    found += (line for line in rules.problems([*files, *unread], places) if not line.startswith(silent))
    return found or unreadable(root)


def _named_in(path: Path) -> Mapping[str, Any]:
    """What a file that cannot be read is known by in others, which are not wrong in naming it: the ids it may give."""
    text, _ = text_of(path, path.name)
    return {"follow_ups": [{"id": name} for name in re.findall(r"\bid: *([\w-]+)", text or "")]}


def unreadable(root: Path = ROOT) -> list[str]:
    """What only building the libraries shows, one line for each locale at most: building stops at the first fault."""
    found = []
    for locale in sorted({BASE_LOCALE, *(path.stem for path in (root / "content" / "locale").glob("*.yaml"))}):
        try:
            load_library(locale, root)
        except ContentError as error:
            found.append(str(error))
        except Exception as error:  # noqa: BLE001 - whatever a file holds, the author gets a line and not a traceback
            what = f"the library cannot be built ({type(error).__name__}: {error})".replace("\n", " ")
            found.append(f"content ({locale}): {what}. Compare the last file you changed with one like it")
    return found


def check(root: Path = ROOT) -> list[str]:
    """The problems of a checkout's content, for ``python -m tools check``."""
    return problems(root)


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
