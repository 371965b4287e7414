"""What one run of the load came to, and how it was run."""

from dataclasses import dataclass
from typing import Final

STEP_SECONDS: Final = 5.0
KEEPS_UP: Final = 0.9
"""A server that answers less than this share of what it is asked has fallen behind."""
LONG_TURNS: Final = 3000
"""Ten minutes of 50 people who each speak every ten seconds."""
LONG_AT_ONCE: Final = 8


@dataclass(frozen=True)
class Step:
    """One rate, and how it was answered."""

    asked: float
    answered: float
    """Both a second."""
    p50: float
    p99: float
    """Milliseconds."""
    errors: int
    unsaved: int


@dataclass(frozen=True)
class Result:
    """One skill on one store."""

    name: str
    steps: tuple[Step, ...]
    turns: int
    """Of the long run, which had so many a second."""
    turns_a_second: float
    cpu: float
    """Milliseconds of the server's processors for each of them, which other work on the machine hardly changes."""
    errors: int
    unsaved: int
    before_mib: float
    after_mib: float
    """Resident memory of all processes, once warm and after the long run."""
    listeners: int
    lost: int
