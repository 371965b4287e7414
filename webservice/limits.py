"""Figures that both servers, the command line and the manual share."""

from typing import Final

PORT: Final = 8080
WORKERS: Final = 2
"""Processes."""
THREADS: Final = 4
"""Of each process."""
ARRIVAL_SECONDS: Final = 10
"""A whole request has to arrive in this time, headers and body; Alexa's come in one piece."""
MOST_CONNECTIONS: Final = 200
"""Of each process."""
