"""A turn that fails can be found from the command line, and nobody's answer is in what is shown."""

import re
from pathlib import Path

import pytest

from simulator import cli
from simulator.cli import faults
from stretch_coach.alexa import skill as skills
from stretch_coach.logs import LOG

ANSWER = "saddle-numbness:y"
SCRIPT = """
name: a turn that fails
turns:
  - U: start the cat cow
  - A: [something went wrong on my side]
"""
LINE = re.compile(
    r"turn failed: KeyError at tests/unit/simulator/test_cli_faults\.py:\d+ \(broken\), from lambda/stretch_coach/"
    r"alexa/skill\.py:\d+ \(\w+\), from lambda/stretch_coach/alexa/skill\.py:\d+ \(\w+\)"
)


def broken(*values: object, **named: object) -> None:
    """Fail as a misspelt key does, with an answer in the error's text."""
    raise KeyError(f"{ANSWER} {values!r} {named!r}")


@pytest.mark.parametrize("command", ["say", "play", "talk"])
def test_a_failed_turn_names_its_place(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Standard error has the error's type and where in which file it came up, once, and not a word of its text."""
    monkeypatch.setattr(skills, "take_turn", broken)
    script = tmp_path / "fails.yaml"
    script.write_text(SCRIPT, "utf-8")
    state = ["--state", str(tmp_path / "state.db")]
    arguments = {
        "say": ["say", *state, "start the cat cow"],
        "play": ["play", str(script)],
        "talk": ["talk", *state],
    }
    lines = iter(["start the cat cow"])
    monkeypatch.setattr("simulator.cli.talk._lines", lambda here: lines)
    before = LOG.handlers
    cli.main(arguments[command])
    said = capsys.readouterr()
    failed = said.err.splitlines()
    assert failed, said.out
    assert all(LINE.fullmatch(line) for line in failed), failed
    assert "something went wrong" in said.out or command == "play"
    assert ANSWER not in said.err + said.out
    assert "cat cow" not in said.err
    assert LOG.handlers is before


def test_a_line_can_be_shown_elsewhere() -> None:
    """A terminal that lays out its lines gets a fault as one of them; what is no error has no place."""
    shown: list[str] = []
    with faults.told(shown.append):
        LOG.warning("request for another skill refused")
        try:
            broken()
        except KeyError:
            LOG.error("turn failed")
    assert shown[0] == "request for another skill refused"
    assert re.fullmatch(
        r"turn failed: KeyError at tests/unit/simulator/test_cli_faults\.py:\d+ \(broken\), .*", shown[1]
    )


def test_a_fault_outside_our_files_has_no_place() -> None:
    """Where none of our files is on the way, that is said."""
    assert faults.place(ValueError(ANSWER)) == "a place outside our files"
