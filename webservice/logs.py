"""Logs of the web service: one JSON object a line on standard output, with nothing in it that a request brought along.

The skill's own lines keep the form that the Lambda writes. Lines of the service and of the server name what happened,
never what was sent: a header or an error's text can hold an answer, or an attacker's message to whoever reads logs.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final

from stretch_coach.logs import JsonLine

LOG: Final = logging.getLogger("stretch_coach.web")
FIELDS: Final = ("status", "reason", "milliseconds", "error", "where")
"""What a line of the service may carry besides its message."""
LEVELS: Final = {"stretch_coach": logging.INFO, "gunicorn.error": logging.WARNING}
"""Whose lines are written, from what level on; everybody else's from WARNING."""
SERVER: Final = "gunicorn"
"""Its loggers' messages may quote what was sent; their templates do not, so only those are kept."""


class ServiceLine(logging.Formatter):
    """A record of the service or of the server as one line of JSON."""

    def __init__(self) -> None:
        super().__init__()
        self._skill = JsonLine()

    def format(self, record: logging.LogRecord) -> str:
        """Lines of the skill as the skill formats them, the others with the fields above."""
        if record.name == "stretch_coach":
            return self._skill.format(record)
        quoted = record.name.partition(".")[0] == SERVER
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "message": str(record.msg) if quoted else record.getMessage(),
            "logger": record.name,
            **{name: vars(record)[name] for name in FIELDS if name in vars(record)},
        }
        if record.exc_info and record.exc_info[0]:
            line |= fault(record.exc_info[0], record.exc_info[2])
        return json.dumps(line, separators=(",", ":"))


def fault(kind: type[BaseException], where: TracebackType | None) -> dict[str, str]:
    """What went wrong and where, without the error's own text."""
    frames = traceback.extract_tb(where)[-6:]
    return {"error": kind.__name__, "where": " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))}


def to_stdout() -> None:
    """Send every record of this process to standard output; called once by whoever owns the process."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(ServiceLine())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name, level in LEVELS.items():
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(level)
