"""Every pointer to a page, a section or a line of the source texts leads somewhere in this repository."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from content_reader.documents import KINDS, read_kind
from content_reader.yaml_reader import load
from stretch_coach.safety.disposition import COMBINATIONS
from tests.docs.links import links, pointers
from tools.content.sources import SEEDS

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (
    "bench",
    "content",
    "content_reader",
    "docs",
    "infra",
    "interaction_model",
    "lambda",
    "scripts",
    "simulator",
    "sound",
    "tests",
    "tools",
    "understanding",
    "webservice",
)
READ = {".py", ".md", ".yaml", ".json", ".js", ".css", ".html", ".cjs", ".mjs", ".sh", ""}
NOT_OURS = {"package-lock.json", "links.py", "test_links.py"}
"""Other people's files, and the two that are about broken pointers."""
COVERAGE = ROOT / "docs" / "reference" / "seed-coverage.yaml"
SEED_ID = re.compile(r"\b[A-Z]{1,2}-\d{2}\b")


def files() -> Iterator[Path]:
    """Every file of ours that may point to a page."""
    for name in FOLDERS:
        for path in sorted((ROOT / name).rglob("*")):
            skipped = path.name in NOT_OURS or {"__pycache__", "node_modules"} & set(path.parts)
            if path.is_file() and path.suffix in READ and not skipped:
                yield path
    yield from sorted(path for kind in ("*.md", "*.toml", "*.yaml", "Makefile") for path in ROOT.glob(kind))


def test_every_pointer_leads_to_a_page_and_a_section() -> None:
    """Comments, docstrings, content and pages point to what is there."""
    wrong: list[str] = []
    for path in files():
        where = path.relative_to(ROOT).as_posix()
        text = path.read_text("utf-8")
        if where.startswith("docs/reference/"):  # its own sources have pages below docs/ too, on other machines
            text = "\n".join(re.findall(r"`docs/[^`]+`(?:, \"[^\"]+\")?", text))
        wrong += pointers(where, text, ROOT)
    assert wrong == []


def test_every_link_of_a_page_leads_somewhere() -> None:
    """Links of Markdown pages, and the files they name, are there; anchors are headings."""
    pages = [path for path in files() if path.suffix == ".md"]
    assert len(pages) > 10
    wrong = [
        fault for path in pages for fault in links(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"), ROOT)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("see docs/gone.md", "docs/gone.md is not there"),
        ("(docs/page.md 9.9)", "has no section 9.9"),
        ("(docs/page.md 2 and 3b)", "has no section 3b"),
        ('(docs/page.md, "Gone")', 'nothing named "Gone"'),
        ("see reference/page.md", "reference/page.md is not in this repository"),
    ],
)
def test_a_broken_pointer_is_named(tmp_path: Path, text: str, problem: str) -> None:
    """A page, a section or a name that is not there is said with the place that points to it."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_text("# Page\n## 2. Two\n### 2a. Half\n## Counting\n", "utf-8")
    (fault,) = pointers("a.py", text, tmp_path)
    assert fault.startswith("a.py: ")
    assert problem in fault
    good = 'see docs/page.md 2 and 2a (docs/page.md,\n    # "Counting")'
    assert list(pointers("a.py", good, tmp_path)) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[a](gone.md)", "leads nowhere"),
        ("[a](page.md#three)", "no heading for #three"),
        ("`tools/gone.py`", "tools/gone.py is not there"),
    ],
)
def test_a_broken_link_is_named(tmp_path: Path, text: str, problem: str) -> None:
    """A link without its file or heading, and a named file that is not there, are said."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "page.md").write_text("# One\n## Two, and more\n", "utf-8")
    (fault,) = links("a.md", text, tmp_path)
    assert fault.startswith("a.md: ")
    assert problem in fault
    assert list(links("a.md", "[a](page.md#two-and-more) `tools/` [b](https://example.com/x)", tmp_path)) == []


@pytest.fixture(scope="module")
def coverage() -> dict[str, Any]:
    """What is known of the source texts, line by line."""
    document: dict[str, Any] = load(COVERAGE)
    return document


def test_every_source_line_of_the_content_is_accounted_for(coverage: dict[str, Any]) -> None:
    """A line that a content file names is described, and an item that it names is of that very line."""
    lines = {paragraph["line"] for paragraph in coverage["paragraph_classification"]}
    items = {
        item["id"]: item["seed"] for kind in ("information_items", "dubious_statements") for item in coverage[kind]
    }
    wrong = []
    for document in (document for kind in KINDS for document in read_kind(kind)):
        for source in (source for source in document["source"] if "seed" in source):
            at = f"{source['seed']}:{source['line']}"
            if at not in lines or ("item" in source and at not in items.get(source["item"], ())):
                wrong.append((document["id"], source))
    assert wrong == []


def test_every_item_that_a_rule_of_the_check_names_is_described(coverage: dict[str, Any]) -> None:
    """The sources of the combining rules name items of the same list."""
    named = {found for rule in COMBINATIONS for found in SEED_ID.findall(rule.source)}
    assert named
    assert named <= {item["id"] for item in coverage["information_items"]}


def test_the_source_texts_have_the_lines_that_the_check_of_content_allows(coverage: dict[str, Any]) -> None:
    """How long the texts are is told once, and the content check goes by it."""
    assert coverage["totals"]["physical_lines"] == SEEDS
