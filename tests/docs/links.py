"""Pointers to pages, and what is wrong with them: plain patterns over text, no network."""

import re
from collections.abc import Iterator
from pathlib import Path

PAGE = r"docs/[\w./-]+?\.(?:md|yaml|json|html|svg|png)(?![\w/])"
NUMBER = r"\d+[A-Za-z]?(?:\.\d+)?"
POINTER = re.compile(rf"(?<![\w/.-])({PAGE})(?:`)?(?: ({NUMBER}(?: and {NUMBER})*)\b|, \"([^\"]+)\")?")
"""A page of docs/ as comments name it: alone, with the numbers of sections, or with the name of one in quotes."""
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
TICKED = re.compile(r"`([\w./-]+/[\w./-]*)(?: [^`]*)?`")
HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
CODE = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
WRAPPED = re.compile(r"\s*\n\s*(?:#:? |// |\* )?")
STRAY = re.compile(r"(?<!docs/)(?<![\w/])reference/[\w.-]+\.(?:md|yaml)|\bdesign\.md|\bseeds/\d")
"""Pages that were never in this repository, or that moved."""


def pointers(where: str, text: str, root: Path) -> Iterator[str]:
    """What is wrong with the pages that `text` points to, as ``where: what. how to mend it``."""
    text = WRAPPED.sub(" ", text)
    for page, numbers, name in POINTER.findall(text):
        if not (root / page).is_file():
            yield f"{where}: {page} is not there. Name the page that is"
            continue
        for number in re.findall(NUMBER, numbers):
            if number not in _numbers(root / page):
                yield f"{where}: {page} has no section {number}. Name one that it has"
        if name and name not in _names(root / page):
            yield f'{where}: {page} has nothing named "{name}". Name what it has'
    for stray in STRAY.findall(text):
        yield f"{where}: {stray} is not in this repository. Point to a page below docs/"


def links(where: str, text: str, root: Path) -> Iterator[str]:
    """What is wrong with the links of a Markdown page, and with the files it names between backticks."""
    prose = CODE.sub("", text)
    folder = (root / where).parent
    for target in LINK.findall(prose):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = folder / path if path else root / where
        if not file.exists():
            yield f"{where}: the link to {target} leads nowhere. Name a file that is there"
        elif anchor and anchor not in {_anchor(name) for name in HEADING.findall(file.read_text("utf-8"))}:
            yield f"{where}: {path or where} has no heading for #{anchor}. Link to one that it has"
    rooms = {path.name for path in root.iterdir() if path.is_dir()} - {"build", ".cache", ".venv"}
    for path in TICKED.findall(prose):
        if path.split("/")[0] in rooms and not (root / path).exists():
            yield f"{where}: {path} is not there. Name a file that is"


def _numbers(page: Path) -> set[str]:
    """The numbers that headings begin with: 2, 2a, 2.6."""
    return {name.split()[0].rstrip(".") for name in HEADING.findall(page.read_text("utf-8"))}


def _names(page: Path) -> set[str]:
    """The headings of a page; of a YAML file, whatever follows a key."""
    text = page.read_text("utf-8")
    if page.suffix == ".yaml":
        return {line.partition(": ")[2].strip("'\"") for line in text.splitlines()}
    return set(HEADING.findall(text))


def _anchor(heading: str) -> str:
    """A heading as GitHub links to it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
