"""Every key of a spoken word that the code can use exists and is filled, and every key that exists is used.

Keys of prompts are in a locale's ``prompts``, other words in its ``words``, those of the check in content/safety.
"""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from tools.checks import placeholders
from tools.checks.code import Code
from tools.checks.documents import Document, documents
from tools.checks.fillings import Fillings
from tools.checks.uses import PROMPT, REST, SAFETY, UNIT, WORDS, Path_, Use, Uses

UNUSED: Final = "Remove it, or mend the key in the code"
NOT_SPOKEN: Final = frozenset({"id", "reviewed"})


def check(root: Path) -> list[str]:
    """``path:line: problem. mend`` of every key that is missing, unused, ill filled or built out of sight."""
    code = Code(root / "lambda", root)
    if code.faults:
        return code.faults
    known = Uses(code, root)
    uses, found = known.all()
    fillings, untold = Fillings(code, known.texts).all()
    return found + untold + compare(root, uses) + placeholders.compare(root, fillings)


def compare(root: Path, uses: Sequence[Use]) -> list[str]:
    """The uses against what each locale and each safety check has."""
    found: list[str] = []
    for document in documents(root, "locale"):
        found += _prompts(document, uses)
        found += _words(document, ("words",), [use for use in uses if use.kind in {WORDS, UNIT}])
    for document in documents(root, "safety"):
        found += _words(document, (), [use for use in uses if use.kind == SAFETY])
    return found


def _prompts(document: Document, uses: Sequence[Use]) -> Iterator[str]:
    prompts = document.content.get("prompts")
    known = prompts if isinstance(prompts, dict) else {}
    used = {use.path[0] for use in uses if use.kind == PROMPT}
    meant = {_nearest(key, known) for key in used if key not in known}
    for use in uses:
        if use.kind == PROMPT and use.path[0] not in known:
            yield _missing(document, use, use.path[0], "prompt", known)
    for key in known:
        if key not in used | meant:
            yield f"{document.at(('prompts', key))}: nothing says the prompt {key}. {UNUSED}"


def _nearest(key: str, known: Iterable[str]) -> str:
    """The key that a misspelt one was meant to be, if there is one: that nothing says this one follows from it."""
    return next(iter(difflib.get_close_matches(key, [str(one) for one in known], n=1)), "")


def _missing(document: Document, use: Use, key: str, what: str, known: Iterable[str]) -> str:
    close = _nearest(key, known)
    mend = f"Did you mean {close}?" if close else f"Add it to {document.where}, or mend the key"
    return f"{use.where}: {document.where} has no {what} {key!r}. {mend}"


def _words(document: Document, top: Path_, uses: Sequence[Use]) -> Iterator[str]:
    """What is read of a file's mapping of words, below `top`, against what is in it."""
    words: Any = document.content
    for step in top:
        words = words.get(step) if isinstance(words, dict) else None
    if not isinstance(words, dict):
        return
    outcomes = words.get("outcomes")
    groups = dict.fromkeys(".".join(leaf[: end + 1]) for leaf in _leaves(words) for end in range(len(leaf)))
    read: set[Path_] = set()
    for use in uses:
        path = use.path
        if use.kind == SAFETY and isinstance(outcomes, dict) and path[0] in outcomes:
            path = ("outcomes", *path)
        missing = next((path[: end + 1] for end in range(len(path)) if not _has(words, path[: end + 1])), None)
        if missing:
            yield _missing(document, use, ".".join(missing), "word", groups)
            read.add(tuple(_nearest(".".join(missing), groups).split(".")))
        read.add(path)
    for leaf in _leaves(words):
        if leaf[0] not in NOT_SPOKEN and not any(_covers(path, leaf) for path in read):
            yield f"{document.at((*top, *leaf))}: nothing says {'.'.join(leaf)}. {UNUSED}"


def _has(words: Any, path: Path_) -> bool:
    """Whether something stands at a path; at one through any key, below one of them at least."""
    if not path:
        return True
    if not isinstance(words, dict):
        return False
    below = words.values() if path[0] == REST else [words[path[0]]] if path[0] in words else []
    return any(_has(one, path[1:]) for one in below)


def _leaves(words: Any, path: Path_ = ()) -> Iterator[Path_]:
    if isinstance(words, dict):
        for key, value in words.items():
            yield from _leaves(value, (*path, str(key)))
    else:
        yield path


def _covers(path: Path_, leaf: Path_) -> bool:
    return len(path) <= len(leaf) and all(step in {REST, key} for step, key in zip(path, leaf, strict=False))
