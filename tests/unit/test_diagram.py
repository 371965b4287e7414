"""The drawing of the dialogue says what the table says, and can be read."""

import re
import xml.etree.ElementTree as ET
from itertools import combinations
from pathlib import Path

import pytest

from stretch_coach.dialogue.table import EVENTS, PARTICULAR
from stretch_coach.dialogue.turn_state import Row
from stretch_coach.session import State
from tools.pages import diagram

SVG = "{http://www.w3.org/2000/svg}"
LETTER = 0.5
"""The width of a letter in a usual font, on the average, in sizes of the font."""


def written() -> str:
    """The drawing as it is checked in."""
    return (diagram.ROOT / diagram.TARGET).read_text("utf-8")


def words() -> str:
    """All that the drawing says, without its line breaks."""
    picture = ET.fromstring(written())
    return " ".join("".join(text.itertext()) for text in picture.iter(f"{SVG}text")).replace("\xa0", " ")


def test_every_state_has_a_box() -> None:
    """A state that is added needs a place in the drawing."""
    assert {*diagram.ALONE, *(state for frame in diagram.FRAMES for state in frame.covered)} == set(State)
    assert {str(state) for state in State} <= set(words().split())


def test_every_change_of_state_is_drawn_or_listed() -> None:
    """What a row particular to a state can lead to is on an arrow, or in words below."""
    table, said = diagram.pairs(), words()
    assert all(", ".join(diagram.events_of(*arrow, table)) in said for arrow in diagram.ARROWS)
    for (state, to), names in diagram.not_drawn(table).items():
        assert f"{state} → {to}: {', '.join(names)}" in said


def test_every_arrow_stands_for_something() -> None:
    """An arrow whose rows are gone says something untrue."""
    table = diagram.pairs()
    assert [arrow for arrow in diagram.ARROWS if not diagram.events_of(*arrow, table)] == []


def test_every_event_is_named() -> None:
    """Each event stands on an arrow or below the drawing."""
    assert {diagram.short(event) for event in EVENTS} <= set(words().replace(",", " ").split())


def test_a_change_without_an_arrow_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new row shows up even before anyone has drawn its arrow."""
    row = Row(PARTICULAR[State.HOME]["YesIntent"].rule, frozenset({State.DELETING}))
    monkeypatch.setitem(PARTICULAR[State.HOME], "ProgressIntent", row)
    assert "home → deleting: Progress" in diagram.build()


def test_no_words_stand_on_others() -> None:
    """Every line of text has its place to itself, so that all can be read at the size they have."""
    boxes = {}
    for text in ET.fromstring(written()).iter(f"{SVG}text"):
        said, size = "".join(text.itertext()), float(text.get("font-size", ""))
        x, y, width = float(text.get("x", "")), float(text.get("y", "")), LETTER * size * len(said)
        left = x - {"middle": width / 2, "end": width}.get(text.get("text-anchor", ""), 0)
        assert size >= 12
        boxes[said, x, y] = (left, y - 0.7 * size, left + width, y)
    for (one, here), (other, there) in combinations(boxes.items(), 2):
        is_apart = here[2] <= there[0] or there[2] <= here[0] or here[3] <= there[1] or there[3] <= here[1]
        assert is_apart, (one, other)


def test_a_stale_drawing_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check says what to run, and is content with what any version of Graphviz has drawn from the same text."""
    stale = [f"docs/dialogue.svg: stale. {diagram.MEND}"]
    assert diagram.check(tmp_path) == stale
    (tmp_path / "docs").mkdir()
    (tmp_path / diagram.TARGET).write_text(re.sub(r'points="[^"]*"', 'points="0,0"', written()), "utf-8")
    assert diagram.check(tmp_path) == []
    monkeypatch.delitem(PARTICULAR[State.HOME], "NextIntent")
    assert diagram.check(tmp_path) == stale


def test_the_drawing_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the command writes says what it was drawn from, and it is named once, when it is written."""
    assert diagram.run([], tmp_path) == 0
    assert diagram.run([], tmp_path) == 0
    assert capsys.readouterr().out == "wrote docs/dialogue.svg\n"
    assert diagram.check(tmp_path) == []


def test_without_graphviz_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A machine that cannot draw is told how to, and nothing is written."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert diagram.run([], tmp_path) == 1
    assert "docs/dialogue.svg: Graphviz draws it, and is not installed. Install it: " in capsys.readouterr().err
    assert not (tmp_path / diagram.TARGET).exists()
