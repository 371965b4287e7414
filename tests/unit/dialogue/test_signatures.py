"""The types that tell which rule answers what: they fit the table, and no two rules can change places unnoticed.

That mypy heeds them is shown in typed_slips.py, a file of slips that mypy must refuse.
"""

from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import cache
from inspect import signature
from itertools import combinations
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from stretch_coach.dialogue import signatures
from stretch_coach.dialogue.signatures import Anything, On, Rows, Table
from stretch_coach.dialogue.table import EVENTS, PARTICULAR, TRANSITIONS
from stretch_coach.dialogue.turn_state import Outcome, Turn
from stretch_coach.session import Session, SessionValues, State

SLIPS = Path(__file__).with_name("typed_slips.py")
Rule = Callable[[Turn], Outcome]
Moment = tuple[State, str]
"""A state and an event."""


def parts(kind: Any) -> Iterator[Any]:
    """What a union is of; a type that is none is its only part."""
    if get_origin(kind) in {Union, UnionType}:
        for part in get_args(kind):
            yield from parts(part)
    else:
        yield kind


def literals(kind: Any) -> set[Any]:
    """The values of a union of literals, or of a whole enum."""
    return {value for part in parts(kind) for value in (State if part is State else get_args(part))}


@cache
def moments_of(rule: Rule) -> frozenset[Moment]:
    """Where a rule says it may stand; everywhere for one that takes any turn."""
    turn = next(iter(signature(rule).parameters))
    kind = get_type_hints(rule, rule.__globals__, vars(signatures))[turn]
    found: set[Moment] = set()
    for part in parts(kind):
        assert part is Turn or get_origin(part) is On, f"{rule.__qualname__} takes {part}"
        events, places = (set(EVENTS), set(State)) if part is Turn else map(literals, get_args(part))
        found |= {(place, event) for place in places for event in events}
    return frozenset(found)


def rows() -> Iterator[tuple[Moment, Rule]]:
    """Every row of the table."""
    for state, answers in TRANSITIONS.items():
        for event, row in answers.items():
            yield (state, event), row.rule


def test_every_rule_stands_where_it_says() -> None:
    """The table, as it is, has every rule in rows that the rule's own type names."""
    assert [(moment, rule) for moment, rule in rows() if moment not in moments_of(rule)] == []


def test_no_two_rules_can_change_places_unnoticed() -> None:
    """Of any two rows with different rules, swapped, at least one is a type error: for yes and no, or one state."""
    unnoticed = [
        (one, rule.__qualname__, other, its.__qualname__)
        for (one, rule), (other, its) in combinations(rows(), 2)
        if rule is not its and other in moments_of(rule) and one in moments_of(its)
    ]
    assert unnoticed == []


def test_the_types_name_every_event_and_state() -> None:
    """An event or state that is added to the table is added to its types."""
    assert literals(Anything) == set(EVENTS) == set(Rows.__annotations__)
    assert set(Table.__annotations__) == set(State) == set(PARTICULAR)


@pytest.mark.parametrize("event", EVENTS)
def test_a_row_is_of_its_own_event(event: str) -> None:
    """The row called YesIntent takes rules for YesIntent, and so on."""
    (row,) = get_args(get_type_hints(Rows)[event])
    answers, _ = get_args(row)
    assert literals(answers) == {event}


@pytest.mark.parametrize("state", State)
def test_rows_are_of_their_own_state(state: State) -> None:
    """The rows under "home" take rules for HOME, and so on."""
    (place,) = get_args(get_type_hints(Table)[state])
    assert literals(place) == {state}


def test_session_values_are_the_fields_of_a_session() -> None:
    """What can be given by keyword is what a session has, of the same type."""
    assert get_type_hints(SessionValues) == {field.name: field.type for field in fields(Session)}


def test_every_slip_is_refused_for_a_reason() -> None:
    """Each ignore of typed_slips.py names the error it is for and says what the slip is; there is no blanket one."""
    ignored = [line for line in SLIPS.read_text("utf-8").splitlines() if "# type: ignore" in line]
    assert [line for line in ignored if "# type: ignore[" not in line or not line.rpartition("]  # ")[2]] == []
    assert len(ignored) > len(State)
