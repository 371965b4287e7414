"""`python -m tools check --all` runs the programs that check code and turns what they find into lines."""

import re
from pathlib import Path

import pytest

from tools.checks import check, linters

SETTINGS = """
[tool.mypy]
strict = true
[tool.ruff.lint]
select = ["F401"]
[tool.vulture]
ignore_names = ["twice"]
[tool.importlinter]
root_packages = ["webservice", "simulator"]
[[tool.importlinter.contracts]]
id = "one"
name = "The service never plays Alexa"
type = "forbidden"
source_modules = ["webservice"]
forbidden_modules = ["simulator"]
"""
SOUND = '"""A module."""\n\n\ndef twice(number: int) -> int:\n    """Twice as much."""\n    return 2 * number\n'


@pytest.fixture(name="tree")
def _tree(tmp_path: Path) -> Path:
    """A sound tree with two packages and a contract between them."""
    (tmp_path / "pyproject.toml").write_text(SETTINGS, "utf-8")
    for name in ("webservice", "simulator"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("", "utf-8")
        (tmp_path / name / "sums.py").write_text(SOUND, "utf-8")
    return tmp_path


def test_a_sound_tree_has_no_problems(tree: Path) -> None:
    """Each program runs, is timed and finds nothing, and no file but its cache is written."""
    before = {path: path.stat().st_mtime_ns for path in tree.rglob("*.py")}
    results = list(linters.results(tree))
    assert [(name, found) for name, found, _ in results] == [(one.name, []) for one in linters.LINTERS]
    assert all(seconds > 0 for _, _, seconds in results)
    assert {path: path.stat().st_mtime_ns for path in tree.rglob("*.py")} == before


def test_what_each_program_finds_is_named(tree: Path) -> None:
    """A wrong type, a forbidden import, what nothing uses and a crooked file are found in one go, with their places."""
    sums = tree / "webservice" / "sums.py"
    sums.write_text(SOUND + 'import os\nfrom simulator import sums\nx = {  "a":twice("b")}\n', "utf-8")
    found = {name: lines for name, lines, _ in linters.results(tree)}
    assert any(re.match(r"webservice/sums\.py:9: error: Argument 1 to \"twice\"", line) for line in found["types"]), (
        found
    )
    assert any("webservice.sums -> simulator.sums (l.8)" in line for line in found["import rules"]), found
    assert any(re.match(r"webservice/sums\.py:7: F401 ", line) for line in found["lint"]), found
    assert [line.partition(". ")[0] for line in found["unused"]] == [
        "webservice/sums.py:7: unused import 'os'",
        "webservice/sums.py:8: unused import 'sums'",
        "webservice/sums.py:9: unused variable 'x'",
    ]
    assert found["format"] == ["webservice/sums.py:7: not formatted as the others are. Run: make fix"]


def test_a_program_that_cannot_run_is_a_problem(tree: Path) -> None:
    """Settings that nobody can read pass for nothing: each program that fails is named."""
    (tree / "pyproject.toml").write_text("[tool.ruff\n", "utf-8")
    found = {name: lines for name, lines, _ in linters.results(tree)}
    for name in ("unused", "import rules", "lint", "format"):
        assert found[name], f"{name} said nothing"


def test_all_parts_are_told(tree: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """With --all, what is written comes first, the programs after it, a line with its time for each."""
    monkeypatch.setattr(check, "parts", lambda root: iter([check.Part("content", ["content/a.yaml: b. c"], 0.5)]))
    assert check.run(["--all"], tree) == 1
    said = capsys.readouterr()
    assert [re.split(r" {2,}", line)[0] for line in said.out.splitlines()] == [
        "content", "types", "unused", "import rules", "lint", "format", "1 problem",
    ]  # fmt: skip
    assert said.err == "content/a.yaml: b. c\n"
