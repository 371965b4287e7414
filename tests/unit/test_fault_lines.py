"""What the line of a failed turn says of where it came in."""

import pytest

from stretch_coach.logs import PRIVATE_EVENTS, PRIVATE_STATES, fault_fields
from stretch_coach.session import State


@pytest.mark.parametrize("state", sorted(PRIVATE_STATES))
def test_a_fault_in_the_check_names_the_check_alone(state: State) -> None:
    """Inside the safety check a fault's line has neither the state nor the event, only that it was the check."""
    assert fault_fields("YesIntent", state.value) == {"event": "answer", "from": "check"}


@pytest.mark.parametrize("event", sorted(PRIVATE_EVENTS))
def test_a_fault_on_telling_of_pain_names_the_check_alone(event: str) -> None:
    """Events that would tell something of the listener are not named, wherever they come."""
    assert fault_fields(event, State.COUNTING.value) == {"event": "answer", "from": "check"}


def test_a_fault_elsewhere_names_event_and_state() -> None:
    """Outside it, the line says what was asked and where."""
    assert fault_fields("PauseIntent", "counting") == {"event": "PauseIntent", "from": "counting"}


@pytest.mark.parametrize("state", [None, "nowhere", 3, ["counting"], {}])
def test_attributes_that_make_no_sense_are_survived(state: object) -> None:
    """What the session attributes hold may be the very fault: the line is written all the same."""
    assert fault_fields("PauseIntent", state) == {"event": "PauseIntent", "from": ""}


def test_words_are_left_out() -> None:
    """An event's name with anything but a name in it could be words that were said."""
    assert fault_fields("my back hurts", None)["event"] == ""
