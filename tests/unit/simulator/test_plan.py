"""The timeline of a routine as the command line shows it."""

from pathlib import Path

import pytest

from content_reader.documents import load_library
from simulator.cli import main
from simulator.cli.plan import segments, turns_of
from stretch_coach.library import Library
from stretch_coach.timeline import Part, total_ms


@pytest.fixture(scope="module", name="library")
def _library() -> Library:
    return load_library("en-US")


def test_every_routine_comes_to_its_end_in_turns_of_three_minutes(library: Library) -> None:
    """Each routine is planned to its last exercise, and no turn of it passes 180 seconds."""
    for routine in library.routines.values():
        for short in (False, True):
            turns = tuple(turns_of(library, routine, short=short))
            assert turns[-1].exercise == routine.sequence[-1].exercise
            assert {turn.exercise for turn in turns} == {item.exercise for item in routine.items}
            assert max(turn.length_ms for turn in turns) <= 180_000, routine.id


def test_segments_fill_their_turn(library: Library) -> None:
    """The stretches of a turn follow each other without a gap and add up to the turn."""
    for turn in turns_of(library, library.routines["quick-hip-opener"], short=False):
        pieces = list(segments(turn))
        assert [piece.start_ms for piece in pieces] == [
            sum(piece.length_ms for piece in pieces[:index]) for index in range(len(pieces))
        ]
        assert sum(piece.length_ms for piece in pieces) == total_ms(turn.cues)


def test_a_hold_is_shown_with_its_real_length(library: Library) -> None:
    """Both thirty-second holds of the half kneeling stretch last thirty seconds in the plan."""
    turns = turns_of(library, library.routines["quick-hip-opener"], short=True)
    holds = [
        piece.length_ms
        for turn in turns
        for piece in segments(turn)
        if piece.part is Part.COUNT and turn.exercise == "low-lunge-hip-flexor-stretch"
    ]
    assert holds == [30_000, 30_000]


def test_the_command_prints_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table names the routine and its parts, and the picture is written where it was asked for."""
    picture = tmp_path / "plan.png"
    assert main(["plan", "desk-break", "--short", "--png", str(picture)]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("desk break: ")
    assert " count " in printed
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_an_unknown_routine_is_refused_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    """A routine that does not exist is answered with those that do, and exit code 2."""
    assert main(["plan", "nap"]) == 2
    assert "quick-hip-opener" in capsys.readouterr().err
