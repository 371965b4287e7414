"""Hold a talk over a failing database, once for every fault at every turn, and write docs/faults.md."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from content_reader.documents import load_library
from tests.integration import servers
from tests.integration.faults import campaign
from tests.integration.faults.proxy import MEANS, Fault
from tests.integration.faults.talk import ANSWER_SECONDS, TALK
from tools.dependencies import fetch

PAGE = Path(__file__).resolve().parents[1] / "docs" / "faults.md"

HEAD = """# When the database fails

Written by `python -m bench faults`. A TCP proxy of the tests' own stands between the skill and DynamoDB Local and
does to every request of one turn (or of a long outage) what its row says. The talk has {turns} turns:
{talk}.

For every row: each answer was there within {limit} s and none was an exception; the notice that progress is not being
saved was spoken once where something was not saved, and never where all was; after the fault the table held what it
holds after a talk without one. `make test` checks the same.

A cell has the slowest answer in seconds, how often the notice was spoken, and how many turns ended with something
still to be saved: first of {turns} talks with the fault at one turn each, then of a talk with it at turns {first} to
{last}. An outcome that sends the listener for help is never preceded by the notice.

| fault | what happens | one turn | outage | holds |
| --- | --- | --- | --- | --- |
"""
TAIL = """
## How a turn keeps its time

| limit | seconds | what it ends |
| --- | --- | --- |
| connect | 0.3 | a port that drops packets |
| silence while reading | 0.6 | a server that takes the request and says nothing |
| one call, whole | 0.9 | a name lookup that hangs, an answer that drips, any sum of the above |
| all calls of a turn | 1.9 | a read, a write, and a merge after a conflict, each of them slow |

The last two run on a clock of their own (`deadline.py`): the call works in a thread, and whoever asked stops waiting.
What the call holds open is closed, so that nothing is sent later; a thread stuck in a name lookup is left behind, at
most 16 of them, and while there are that many a call fails at once.

## What session attributes may claim

They come with every request, and only Alexa can send one: Lambda asks for the skill's id, the web service for a
signature. All the same nothing rests on them alone. What is too large, too deep, or not to be written as JSON is
dropped whole. A record of a later release is never written over, and a session that says it has one reads it again at
every turn. A lock stands in the table: attributes that name
another version than the table's meet a conflict, and are merged without whatever they say against the lock; and since
an exercise that starts is always written, a lock that another speaker has set, or that the attributes hide, answers
that very turn. Whoever knows the version as well can say no more with it than a listener can by "I've been seen".

## What is not covered

* A request that the network or the database itself delivers late, after the skill has given up, is carried out then.
  A late profile is refused by its version. Late answers of a safety check are not: they can come back after the
  outcome for as long as they are configured to be kept (30 minutes), and the next launch would offer to carry on.
* While the record cannot be read at the start of a session, a lock from an earlier check is not known. It holds again
  from the turn at which the record is read or written.
"""


def run(argv: Sequence[str]) -> int:
    """Write the page; 1 when something does not hold, 2 when the server cannot run here."""
    argparse.ArgumentParser(prog="python -m bench faults", description=__doc__).parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        try:
            server = servers.dynamodb_local(Path(folder))
        except fetch.Unavailable as reason:
            print(reason, file=sys.stderr)
            return 2
        try:
            server.start()
            server.create_table()
            results = campaign.run(load_library("en-US"), server, campaign.cases())
        finally:
            server.kill()
    PAGE.write_text(page(results), encoding="utf-8")
    problems = [(result.case, problem) for result in results for problem in result.problems]
    for case, problem in problems:
        print(f"{case.fault} at {list(case.turns)}: {problem}", file=sys.stderr)
    print(f"{len(results)} talks, {len(problems)} problems; {PAGE.name} written")
    return 1 if problems else 0


def page(results: Sequence[campaign.Result]) -> str:
    """The whole page."""
    talk = ", ".join(step.says.removeprefix("AMAZON.").partition(" ")[0].removesuffix("Intent") for step in TALK)
    outage = campaign.OUTAGE
    head = HEAD.format(turns=len(TALK), talk=talk, limit=ANSWER_SECONDS, first=outage[0] + 1, last=outage[-1] + 1)
    return (
        head + "".join(_row(fault, [r for r in results if r.case.fault is fault]) for fault in campaign.FAULTS) + TAIL
    )


def _row(fault: Fault, results: Sequence[campaign.Result]) -> str:
    single = [result for result in results if len(result.case.turns) == 1]
    (long,) = (result for result in results if len(result.case.turns) > 1)
    slowest = max(result.slowest for result in single)
    counts = f"{sum(r.notices for r in single)}, {sum(r.unsaved for r in single)}"
    holds = "no" if any(result.problems for result in results) else "yes"
    return (
        f"| {fault} | {MEANS[fault]} | {slowest:.1f}, {counts} "
        f"| {long.slowest:.1f}, {long.notices}, {long.unsaved} | {holds} |\n"
    )
