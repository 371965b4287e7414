"""The drawing of the dialogue says what the table says."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from stretch_coach.dialogue.table import EVENTS, PARTICULAR
from stretch_coach.dialogue.turn_state import Row
from stretch_coach.session import State
from tools import diagram

SVG = "{http://www.w3.org/2000/svg}"


def texts() -> list[str]:
    """Every line of text in the drawing."""
    return ["".join(text.itertext()) for text in ET.fromstring(diagram.build()).iter(f"{SVG}text")]


def test_every_state_has_a_box() -> None:
    """A state that is added needs a place in the drawing."""
    assert set(diagram.BOXES) == set(State)
    assert {str(state) for state in State} <= set(texts())


def test_every_change_of_state_is_drawn_or_listed() -> None:
    """What a row particular to a state can lead to is on an arrow, or in words below."""
    table, said = diagram.pairs(), texts()
    for (state, to), names in table.items():
        arrows = [arrow for arrow in diagram.DRAWN if state in arrow.sources and to in arrow.targets]
        if arrows:
            assert set(names) <= {name for arrow in arrows for name in diagram.events_of(arrow, table)}
        else:
            assert f"{state} → {to}: {', '.join(names)}" in said


def test_every_arrow_stands_for_something() -> None:
    """An arrow whose rows are gone says something untrue."""
    table = diagram.pairs()
    assert [arrow for arrow in diagram.DRAWN if not diagram.events_of(arrow, table)] == []


def test_every_event_is_named() -> None:
    """Each event stands on an arrow or below the drawing."""
    words = set(" ".join(texts()).replace(",", " ").split())
    assert {diagram.short(event) for event in EVENTS} <= words


def test_a_change_without_an_arrow_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new row shows up even before anyone has drawn its arrow."""
    row = Row(PARTICULAR[State.HOME]["YesIntent"].rule, frozenset({State.DELETING}))
    monkeypatch.setitem(PARTICULAR[State.HOME], "ProgressIntent", row)
    assert "home → deleting: Progress" in texts()


def test_a_stale_drawing_is_reported(tmp_path: Path) -> None:
    """The check says what to run, and is content once it was run."""
    assert diagram.check(tmp_path) == ["docs/dialogue.svg: stale. Update with: python -m tools diagram"]
    assert diagram.run([], tmp_path) == 0
    assert diagram.check(tmp_path) == []
