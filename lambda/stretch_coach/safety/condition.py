"""The words the triage rules of the safety check are written in.

A condition looks at answers and can only say that something was said: there is no "did not say". So adding a more
worrying answer never makes a condition false. Conditions are plain data: the reviewers' table and the diagram are
drawn from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from stretch_coach.safety.check import Answer
from stretch_coach.safety.red_flag import Level


@dataclass(frozen=True)
class Facts:
    """What the rules look at."""

    answers: Mapping[str, Answer]
    lowered: frozenset[str]
    """Items whose reassuring follow-up was answered yes."""

    def said(self, item: str) -> bool:
        """Whether `item` was answered yes, or not sure."""
        return self.answers.get(item) in {Answer.YES, Answer.NOT_SURE}

    def warns(self, item: str) -> bool:
        """Whether `item` was said and no follow-up lowered it."""
        return self.said(item) and item not in self.lowered


@dataclass(frozen=True)
class Said:
    """Holds when the item was answered yes or not sure, even if a follow-up lowered it."""

    item: str

    @property
    def items(self) -> tuple[str, ...]:
        """The items it looks at."""
        return (self.item,)

    def holds(self, facts: Facts) -> bool:
        """Whether it is true of these answers."""
        return facts.said(self.item)


@dataclass(frozen=True)
class Warns:
    """Holds when the item was answered yes or not sure, and no follow-up lowered it."""

    item: str

    @property
    def items(self) -> tuple[str, ...]:
        """The items it looks at."""
        return (self.item,)

    def holds(self, facts: Facts) -> bool:
        """Whether it is true of these answers."""
        return facts.warns(self.item)


@dataclass(frozen=True)
class AtLeast:
    """Holds when at least `count` of its parts hold."""

    count: int
    parts: tuple["Condition", ...]

    @property
    def items(self) -> tuple[str, ...]:
        """The items it looks at."""
        return tuple(item for part in self.parts for item in part.items)

    def holds(self, facts: Facts) -> bool:
        """Whether it is true of these answers."""
        return sum(part.holds(facts) for part in self.parts) >= self.count


@dataclass(frozen=True)
class Points:
    """Holds when the weights of the items that warn, in half flags, reach the minimum; not sure weighs half."""

    minimum: int
    weights: tuple[tuple[str, int], ...]

    @property
    def items(self) -> tuple[str, ...]:
        """The items it looks at."""
        return tuple(item for item, _ in self.weights)

    def holds(self, facts: Facts) -> bool:
        """Whether it is true of these answers."""
        return sum(self._weight(facts, item, weight) for item, weight in self.weights) >= self.minimum

    def _weight(self, facts: Facts, item: str, weight: int) -> int:
        if not facts.warns(item):
            return 0
        return weight if facts.answers[item] is Answer.YES else weight // 2


Condition = Said | Warns | AtLeast | Points


def one_of(*items: str) -> AtLeast:
    """Holds when any of these items warns."""
    return AtLeast(1, tuple(Warns(item) for item in items))


def all_of(*parts: Condition | str) -> AtLeast:
    """Holds when all these items or conditions hold."""
    return AtLeast(len(parts), tuple(Warns(part) if isinstance(part, str) else part for part in parts))


@dataclass(frozen=True)
class TriageRule:
    """When the condition holds, the outcome is at least this level."""

    id: str
    level: Level
    condition: Condition
    source: str = ""
