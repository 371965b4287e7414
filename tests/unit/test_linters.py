"""`python -m tools check --all` runs the programs that check code and turns what they find into lines."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from content_reader.documents import ROOT
from tools.checks import check, linters
from tools.checks.intents import TABLE
from tools.pages import diagram

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


def test_a_rule_in_the_wrong_row_has_its_remedy(tmp_path: Path) -> None:
    """Two rules that stand in each other's row, and a name no event has, are told with what to do about them."""
    shutil.copytree(ROOT / "lambda", tmp_path / "lambda", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "pyproject.toml").write_text('[tool.mypy]\nstrict = true\nmypy_path = ["lambda"]\n', "utf-8")
    table = tmp_path / TABLE
    text = table.read_text("utf-8")
    pause = '"PauseIntent": _row(general.nothing_under_way, state)'
    hurts = '"HurtsIntent": _row(hurting.hurts, S.HURTING, S.CHECKING, S.ADVISED)'
    assert pause in text, "mend the test"
    assert hurts in text, "mend the test"
    swapped = {pause: hurts.replace("Hurts", "Pause"), hurts: pause.replace("Pause", "Hurts")}
    for old, new in swapped.items():
        text = text.replace(old, new, 1)
    table.write_text(
        text.replace('"WhyIntent": _row(advised.because_if', '"WyIntent": _row(advised.because_if'), "utf-8"
    )
    command = [sys.executable, "-m", "mypy", "lambda/stretch_coach/dialogue/table.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    found = linters.LINTERS[0].lines(done.stdout)
    remedy = "[arg-type]. The rule's On[…] says which event and state it answers: put it in that row"
    assert sum(line.endswith(remedy) for line in found) == 2, found
    assert any('Extra key "WyIntent" ' in line and line.endswith(f"add it to {linters.SIGNATURES}") for line in found)


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (
            [f'{TABLE}:87: error: Argument 1 to "_row" has incompatible type  [arg-type]'],
            f"docs/dialogue.svg: not compared with {TABLE}, which has type errors. Mend these first",
        ),
        (["lambda/stretch_coach/turn.py:8: error: Missing return"], f"docs/dialogue.svg: stale. {diagram.MEND}"),
    ],
    ids=["in the table", "elsewhere"],
)
def test_a_mistake_is_not_to_be_drawn(
    types: list[str], expected: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the table has type errors, nobody is told to draw it as it is."""
    stale = check.Part("diagram", [f"docs/dialogue.svg: stale. {diagram.MEND}"], 0.1)
    monkeypatch.setattr(check, "parts", lambda root: iter([stale]))
    monkeypatch.setattr(linters, "results", lambda root: iter([("types", types, 1.0)]))
    assert check.run(["--all"]) == 1
    assert capsys.readouterr().err.splitlines() == [*types, expected]


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
