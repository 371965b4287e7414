"""Where a turn failed, for the developer in front of this terminal: "something went wrong on my side" can be found.

The skill catches every error and answers. What it logs is told here in one line: the error's type, and the places in
our files that it went through. Never its text, which can hold an answer of the listener's.
"""

import logging
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from stretch_coach.logs import LOG

ROOT: Final = Path(__file__).resolve().parents[2]
LIBRARIES: Final = "site-packages"
"""The folder in a virtual environment, and so in the checkout, whose files are not ours."""
MOST_PLACES: Final = 3
"""Of a fault's way, from where it came up."""


def on_stderr(line: str) -> None:
    """Show a line beside what is said, and out of its way in a pipe."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def told(show: Callable[[str], None] = on_stderr) -> Iterator[None]:
    """Show a line for everything the skill warns of in this block."""
    before, LOG.handlers = LOG.handlers, [_Lines(show)]
    try:
        yield
    finally:
        LOG.handlers = before


class _Lines(logging.Handler):
    """Shows each record as a line."""

    def __init__(self, show: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._show = show

    def emit(self, record: logging.LogRecord) -> None:
        """Show the message, and where the error went through that is being handled."""
        error = sys.exc_info()[1]
        self._show(f"{record.getMessage()}: {type(error).__name__} at {place(error)}" if error else record.getMessage())


def place(error: BaseException) -> str:
    """The ``path:line (function)`` of ours that an error came up in, and those that led there."""
    frames = [(Path(frame.filename), frame) for frame in traceback.extract_tb(error.__traceback__)]
    ours = [one for one in frames if one[0].is_relative_to(ROOT) and LIBRARIES not in one[0].parts]
    found = [f"{path.relative_to(ROOT).as_posix()}:{frame.lineno} ({frame.name})" for path, frame in reversed(ours)]
    return ", from ".join(found[:MOST_PLACES]) or "a place outside our files"
