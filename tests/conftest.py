"""What every test may ask for."""

import subprocess

import pytest
from hypothesis import settings

from content_reader.documents import load_library
from stretch_coach.library import Library

settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=60)
settings.load_profile("repeatable")


DEBIAN = ("chromium", "espeak-ng", "flite", "sox", "default-jre-headless")
"""Packages whose versions are the machine's, so that a report has to say which it met."""


def pytest_report_header() -> str:
    """The versions of what no lock of ours holds."""
    command = ["dpkg-query", "--show", "--showformat", "${Package} ${Version}\n", *DEBIAN]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return "Debian's packages: this is no Debian"
    met = [line for line in done.stdout.splitlines() if not line.endswith(" ")]
    return f"Debian's packages: {', '.join(met) or 'none of those that tests use'}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests have counted (`record_property("counted", …)`), from every worker and without -s."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in getattr(report, "user_properties", ()):
            if name == "counted" and report.when == "call":
                terminalreporter.write_line(str(value))


@pytest.fixture(name="library", scope="session")
def _library() -> Library:
    return load_library("en-US")
