"""The words of docs/load.md."""

import os
import platform
from collections.abc import Sequence

from bench.load.results import KEEPS_UP, LONG_AT_ONCE, LONG_TURNS, STEP_SECONDS, Result


def page(results: Sequence[Result], notes: Sequence[str]) -> list[str]:
    """The whole page, line by line."""
    steps = [
        f"| {result.name} | {step.asked:.0f} | {step.answered:.0f} | {step.p50:.0f} | {step.p99:.0f} | {step.errors} | "
        f"{step.unsaved} |"
        for result in results
        for step in result.steps
    ]
    long = [
        f"| {result.name} | {result.turns} | {result.turns_a_second:.0f} | {result.cpu:.1f} | {result.errors} | "
        f"{result.unsaved} | {result.before_mib:.0f} | {result.after_mib:.0f} | "
        f"{result.after_mib / result.before_mib - 1:+.1%} | {result.lost} of {result.listeners} |"
        for result in results
    ]
    return [
        "# The web service under load",
        "",
        "Written by `make load`; the figures are of one run on one machine and change from run to run.",
        "",
        _setting(),
        "",
        "![Latency against rate](load.png)",
        "",
        "| Skill and store | asked a second | answered a second | p50 ms | p99 ms | errors | unsaved |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *steps,
        "",
        _long_run(),
        "",
        "| Skill and store | turns | a second | CPU ms each | errors | unsaved | MiB at first | last | growth | lost |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        *long,
        *(["", *(f"- {note}" for note in notes)] if notes else []),
    ]


def _setting() -> str:
    return (
        f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} CPUs, which the server, the "
        "database and the client share. gunicorn with 2 workers of 4 threads, every request signed and verified. Rates "
        f"rise for {STEP_SECONDS:.0f} s each until the server answers less than {KEEPS_UP:.0%} of them; latency counts "
        "from the moment a request was due. *Unsaved* are answers that said, as they should, that the store was not "
        "reached in time."
    )


def _long_run() -> str:
    return (
        f"Then {LONG_TURNS} turns (ten minutes of 50 people who each speak every ten seconds) as fast as they are "
        f"answered, {LONG_AT_ONCE} at a time. Memory is the resident memory of all processes of the server, once warm "
        "and at the end, with the pages they share counted for each. *Lost* are listeners whose last acknowledged "
        "change is not in the store after the server was stopped."
    )
