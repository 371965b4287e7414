"""The dialogue's table: complete, nothing in it that cannot be, and in step with the interaction model."""

import json
from collections import Counter, deque
from pathlib import Path

import pytest

from stretch_coach.dialogue import table
from stretch_coach.dialogue.step import LOCKED_EVENTS, event_name
from stretch_coach.dialogue.table import EVENTS, TRANSITIONS
from stretch_coach.events import Event, Kind
from stretch_coach.session import State

MODELS = sorted((Path(__file__).resolve().parents[3] / "interaction_model").glob("??-??.json"))


def intents(model: Path) -> set[str]:
    """The names of a model's intents as the dialogue knows them."""
    document = json.loads(model.read_text(encoding="utf-8"))
    listed = document["interactionModel"]["languageModel"]["intents"]
    return {intent["name"].removeprefix("AMAZON.") for intent in listed}


def test_every_state_has_a_row_for_every_event_and_nothing_else() -> None:
    """Whatever happens wherever the conversation is, the table says what answers it."""
    assert set(TRANSITIONS) == set(State)
    for state, rows in TRANSITIONS.items():
        assert set(rows) == set(EVENTS), state


def test_events_are_named_once() -> None:
    """No event stands in the list twice."""
    assert [name for name, count in Counter(EVENTS).items() if count > 1] == []


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_events_are_the_models_intents_and_the_other_kinds_of_request(model: Path) -> None:
    """An intent nobody answers, and a row nobody can reach by voice, are both mistakes."""
    others = {str(kind) for kind in Kind if kind is not Kind.INTENT}
    assert set(EVENTS) == intents(model) | others


def test_every_row_leads_somewhere() -> None:
    """A row names the states its rule can lead to."""
    assert [(state, name) for state, rows in TRANSITIONS.items() for name, row in rows.items() if not row.to] == []


@pytest.mark.parametrize("state", State)
def test_every_state_can_be_reached_from_home_and_left_for_it(state: State) -> None:
    """No state is an island or a trap."""
    assert state in reached_from(State.HOME)
    assert State.HOME in reached_from(state)


ARRIVING = {State.COUNTING: frozenset({State.BETWEEN, State.DONE})}
"""What time alone makes of a state before a row is looked up."""


def reached_from(start: State) -> set[State]:
    """The states to which rows lead from a state, in any number of turns."""
    seen, waiting = {start}, deque([start])
    while waiting:
        state = waiting.popleft()
        for following in (ARRIVING.get(state, frozenset()), *(row.to for row in TRANSITIONS[state].values())):
            waiting.extend(following - seen)
            seen |= following
    return seen


def test_the_lock_knows_its_events() -> None:
    """Every event that the lock answers is an event."""
    assert set(EVENTS) >= LOCKED_EVENTS


def test_only_what_can_lead_to_an_exercise_is_answered_by_the_lock() -> None:
    """Stopping, asking and the safety check stay open while exercises are locked."""
    always_open = {"StopIntent", "CancelIntent", "StartSafetyCheckIntent", "SeenDoctorIntent", "HurtsIntent",
                   "RedFlagInfoIntent", "DeleteMyDataIntent", "Ended", "Launch", "NoIntent"}  # fmt: skip
    assert always_open.isdisjoint(LOCKED_EVENTS)


@pytest.mark.parametrize(
    ("event", "name"),
    [
        (Event(Kind.LAUNCH, "Launch"), "Launch"),
        (Event(Kind.INTENT, "PauseIntent"), "PauseIntent"),
        (Event(Kind.INTENT, "FoldLaundryIntent"), "FallbackIntent"),
        (Event(Kind.INTENT, "Launch"), "FallbackIntent"),
        (Event(Kind.INTENT, ""), "FallbackIntent"),
        (Event(Kind.ENDED, "Ended"), "Ended"),
        (Event(Kind.LOCK_FOUND, "LockFound"), "LockFound"),
        (Event(Kind.INTENT, "LockFound"), "FallbackIntent"),
        (Event(Kind.INTENT, "EraseFailed"), "FallbackIntent"),
    ],
)
def test_the_name_the_table_knows_an_event_by(event: Event, name: str) -> None:
    """An intent of a model that is newer than the code is like something that was not understood."""
    assert event_name(event) == name


def test_the_theory_names_every_state() -> None:
    """The page that explains the machine explains each of its states."""
    assert table.__doc__ is not None
    explained = {line.split()[0].lower() for line in table.__doc__.splitlines() if line.startswith("    ")}
    assert {str(state) for state in State} <= explained
