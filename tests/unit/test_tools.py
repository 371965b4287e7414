"""The command lines of tools/ and bench/, and the order of the checks."""

import ast
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.__main__ import BENCH
from content_reader.documents import ROOT, load_library
from tools.__main__ import ACTIONS, TOOLS
from tools.checks import check
from tools.checks.check import Check, Part
from tools.content import compiler
from tools.content.compiler import compile_document
from tools.pages import clinical_scripts, diagram, red_flags


def test_content_writes_the_compiled_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m tools content --out` writes what compile_document gives."""
    out = tmp_path / "deep" / "library.json"
    assert TOOLS.main(["content", "--out", str(out)]) == 0
    assert out.read_bytes() == compile_document()
    assert load_library().version in capsys.readouterr().out


def test_content_refuses_an_unknown_locale(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A locale without words ends in exit code 1 and writes nothing."""
    out = tmp_path / "library.json"
    assert compiler.run(["--out", str(out), "--locale", "xx-XX"]) == 1
    assert "content/locale/xx-XX.yaml: there is no such locale" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(("argv", "code"), [([], 2), (["dance"], 2), (["--help"], 0)])
def test_without_a_known_action_the_actions_are_listed(
    argv: Sequence[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """No action or an unknown one is a mistake (2) that lists what there is, one line each."""
    assert TOOLS.main(argv) == code
    said = "".join(capsys.readouterr())
    assert "  content        Compile content/ into the one JSON document that the Lambda reads." in said
    assert ("There is no action 'dance'." in said) == (argv == ["dance"])


def test_actions_whose_modules_do_not_exist_are_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An action is offered only once its module is there."""
    monkeypatch.setitem(ACTIONS, "juggle", "tools.juggle")
    assert "juggle" not in TOOLS.known()
    assert {"check", "content"} <= TOOLS.known().keys()


def test_what_is_measured_has_a_door_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    """`python -m bench` lists a line for everything that has a room there, and runs it."""
    rooms = {path.stem.replace("_", "-") for path in (ROOT / "bench").iterdir() if not path.name.startswith("_")}
    assert BENCH.known().keys() == rooms
    assert BENCH.main(["dance"]) == 2
    assert "\n  pace           Measure the pace of everything counted" in capsys.readouterr().err


@pytest.mark.parametrize(("found", "code"), [([], 0), (["a: b. c"], 1), (["a: b. c", "d: e. f"], 1)])
def test_check_prints_every_problem(
    found: list[str], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code is 1 when any check finds a problem, and each is one line."""
    monkeypatch.setattr(check, "parts", lambda root: iter([Part("content", [], 0), Part("model", found, 0.1)]))
    assert check.run([]) == code
    said = capsys.readouterr()
    assert said.err.splitlines() == found
    assert [line.split()[0] for line in said.out.splitlines()][:2] == ["content", "model"]


def test_every_check_is_asked() -> None:
    """A module of tools/ or bench/ that offers a check has a place in the order of checks."""
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for room in ("tools", "bench")
        for path in (ROOT / room).rglob("*.py")
        if any(isinstance(one, ast.FunctionDef) and one.name == "check" for one in ast.parse(path.read_text()).body)
    }
    assert modules == {one.module for one in check.CHECKS}


def test_an_accident_in_one_check_hides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that breaks off is a line that names it; those after it are asked all the same."""
    broken = Check("broken", "tests.unit.no_such_module")
    monkeypatch.setattr(check, "CHECKS", (broken, Check("clinical-scripts", "tools.pages.clinical_scripts")))
    first, second = check.parts(tmp_path)
    assert [line.partition(" (")[0].rpartition(" at ")[0] for line in first.found] == ["broken: this check broke off"]
    assert first.found[0].endswith(". Mend what is named elsewhere in this report first")
    assert second.found == ["docs/clinical-scripts.md: stale. Update with: python -m tools clinical-scripts"]


def test_every_written_page_is_compared_or_has_a_reason() -> None:
    """A page that a tool has written is made anew and compared, or the check says why it is not."""
    says_so = re.compile(r"[Ww]ritten by `?(python -m (tools|bench)|make|stretch-coach)|Recorded with `stretch-coach")
    pages = (path for path in (ROOT / "docs").glob("*.*") if path.suffix in {".md", ".svg", ".html"})
    written = {f"docs/{path.name}" for path in pages if says_so.search(path.read_text("utf-8"))}
    compared = {
        diagram.TARGET,
        clinical_scripts.PAGE,
        *(f"docs/{name}" for name in red_flags.build(load_library().red_flags)),
    }
    assert written <= compared | check.ELSEWHERE.keys()
    assert written & compared
    assert check.ELSEWHERE.keys() <= written
