"""What every test may ask for."""

import pytest
from hypothesis import settings

from stretch_coach.library import Library
from tools.content import load_library

settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=60)
settings.load_profile("repeatable")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests have counted (`record_property("counted", …)`), from every worker and without -s."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in getattr(report, "user_properties", ()):
            if name == "counted" and report.when == "call":
                terminalreporter.write_line(str(value))


@pytest.fixture(name="library", scope="session")
def _library() -> Library:
    return load_library("en-US")
