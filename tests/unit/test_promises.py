"""Every figure that a page promises is held to its constant."""

import re
from pathlib import Path

import pytest

from content_reader.documents import ROOT
from tools.checks import promises
from tools.checks.promises import NOT_OURS, PROMISING, ROWS, Row, constant

CODE = """
DAYS: Final = 4 * 100
BYTES = 24 * KILO
KILO = 1_024
NOTED = "2026-11-22"
FREE = DAYS
LATE = now()
ROUND = BACK
BACK = ROUND

class Settings:
    minutes: int = 30
"""


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.page}: {row.sentence}")
def test_another_figure_on_the_page_is_noticed(row: Row, tmp_path: Path) -> None:
    """Each promise that differs from its constant is named with the page's line and the constant's."""
    text = (ROOT / row.page).read_text("utf-8")
    match = row.pattern.search(text)
    assert match is not None
    start, end = match.span(1)
    other = "1999-01-01" if "-" in match[1] else "999"
    for name in {row.page, row.module}:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text("utf-8"), "utf-8")
    (tmp_path / row.page).write_text(text[:start] + other + text[end:], "utf-8")
    line = text.count("\n", 0, match.start()) + 1
    found = [one for one in promises.check(tmp_path) if one.startswith(f"{row.page}:{line}: it says")]
    assert any(f"{row.name} in {row.module}:" in one for one in found), found


@pytest.mark.parametrize(("page", "pattern", "reason"), NOT_OURS)
def test_no_exception_is_left_over(page: str, pattern: str, reason: str) -> None:
    """A figure that needs no constant still stands on its page, and has a reason."""
    text = (ROOT / page).read_text("utf-8")
    assert all(re.search(one, text) for one in pattern.split("|") if "(" not in pattern)
    assert re.search(pattern, text)
    assert page in PROMISING
    assert reason


@pytest.mark.parametrize(
    ("name", "value"),
    [("DAYS", 400.0), ("BYTES", 24_576.0), ("NOTED", "2026-11-22"), ("FREE", 400.0), ("Settings.minutes", 30.0)],
)
def test_a_constant_is_read_from_its_source(name: str, value: object, tmp_path: Path) -> None:
    """Sums, other names of the file and the fields of a class are read, without running anything."""
    (tmp_path / "a.py").write_text(CODE, "utf-8")
    assert constant(tmp_path / "a.py", name)[0] == value


@pytest.mark.parametrize("name", ["LATE", "ROUND", "GONE", "Settings.hours"])
def test_what_is_no_figure_is_refused(name: str, tmp_path: Path) -> None:
    """A constant that is gone, made by a call or of itself is an error that says so."""
    (tmp_path / "a.py").write_text(CODE, "utf-8")
    with pytest.raises((LookupError, ValueError), match=r"no constant|no figure"):
        constant(tmp_path / "a.py", name)


@pytest.mark.parametrize("page", PROMISING)
@pytest.mark.parametrize(
    "words", ["12 days", "[12] minutes", "3 hours", "64 KB", "9,000 characters", "20 s", "2 weeks"]
)
def test_a_new_figure_needs_a_constant(page: str, words: str, tmp_path: Path) -> None:
    """On every page that promises something, a figure with a unit is a problem until a row has it."""
    for name in PROMISING:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"We say {words} here.\n" if name == page else "", "utf-8")
    figure = words.removeprefix("[")
    assert f"{page}:1: '{figure}' comes from no constant. Add a row to tools/checks/promises.py" in promises.check(
        tmp_path
    )
