"""Every fault at every turn of the short talk, and each fault for most of it; what came of each."""

import itertools
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from queue import Queue
from typing import Any, Final

from stretch_coach.library import Library
from stretch_coach.stores.dynamodb import DynamoStore
from tests.integration.faults.proxy import Fault
from tests.integration.faults.talk import ANSWER_SECONDS, TALK, Bench, Talk, Turn, bench, name_server, settled
from tests.integration.servers import PATIENT_SECONDS, TABLE, Server

FAULTS: Final = tuple(fault for fault in Fault if fault is not Fault.NONE)
WORKERS: Final = 8
CALM_ATTEMPTS: Final = 5
"""Talks without a fault of ours; a shared machine may have one of its own."""
OUTAGE: Final = range(2, 10)
"""The turns of the long outage: from the pause of an exercise to the outcome of a check."""

_run = itertools.count()


@dataclass(frozen=True)
class Case:
    """A fault at these turns."""

    fault: Fault
    turns: Sequence[int]

    def at(self, index: int) -> Fault:
        """What happens at a turn."""
        return self.fault if index in self.turns else Fault.NONE


@dataclass(frozen=True)
class Result:
    """What came of a case."""

    case: Case
    slowest: float
    """Seconds, of any turn."""
    notices: int
    unsaved: int
    """Turns that ended with something not saved."""
    requests: int
    """Requests that met the fault."""
    problems: tuple[str, ...]


def cases() -> list[Case]:
    """Each fault at each turn, and each fault for the whole outage."""
    single = [Case(fault, (index,)) for fault in FAULTS for index in range(len(TALK))]
    return single + [Case(fault, OUTAGE) for fault in FAULTS]


def run(library: Library, server: Server, wanted: Sequence[Case]) -> list[Result]:
    """Hold the talk once for each case, several at a time, each worker through a proxy of its own."""
    direct = server.connect()
    reader = DynamoStore(TABLE, connect=lambda: direct, call_seconds=PATIENT_SECONDS)
    with ExitStack() as stack:
        stack.enter_context(name_server())
        benches: Queue[Bench] = Queue()
        for _ in range(WORKERS):
            benches.put(stack.enter_context(bench(server.port)))
        campaign = _Campaign(library, reader, benches)
        talks = (campaign.talk(Case(Fault.NONE, ())) for _ in range(CALM_ATTEMPTS))
        calm, expected = next(talk for talk in talks if not talk[0].unsaved)
        assert not calm.problems
        assert expected["profile"]["lock"] is True
        assert expected["profile"]["recent"]
        campaign.expected = expected
        with ThreadPoolExecutor(WORKERS) as pool:
            results = list(pool.map(campaign.result, wanted))
        # A shared machine may stall for a second; a fault of ours is there again when the case has it to itself.
        return [campaign.result(result.case) if result.problems else result for result in results]


@dataclass
class _Campaign:
    library: Library
    reader: DynamoStore
    benches: "Queue[Bench]"
    expected: Mapping[str, Any] | None = None
    """What the table holds after a talk without a fault."""

    def result(self, case: Case) -> Result:
        return self.talk(case)[0]

    def talk(self, case: Case) -> tuple[Result, dict[str, Any]]:
        chosen = self.benches.get()
        try:
            talk = Talk(self.library, chosen, f"amzn1.ask.account.FAULT.{next(_run)}")
            before = len(chosen.proxy.seen)
            talk.run(case.at)
            met = sum(seen.fault is not Fault.NONE for seen in chosen.proxy.seen[before:])
        finally:
            self.benches.put(chosen)
        found = settled(self.reader, talk.user, self.expected)
        problems = _problems(talk.turns)
        if self.expected is not None and found != self.expected:
            problems.append(f"the table differs: {found} instead of {self.expected}")
        slowest = max(turn.seconds for turn in talk.turns)
        notices, unsaved = (sum(getattr(turn, what) for turn in talk.turns) for what in ("warned", "unsaved"))
        return Result(case, slowest, notices, unsaved, met, tuple(problems)), found


def _problems(turns: Sequence[Turn]) -> list[str]:
    late = [turn for turn in turns if turn.seconds - turn.stalled > ANSWER_SECONDS]
    problems = [f"turn {turn.index} took {turn.seconds:.1f} s, {turn.stalled:.1f} s of it stalled" for turn in late]
    problems += [f"turn {turn.index} was answered with an apology" for turn in turns if turn.apologized]
    notices, unsaved = sum(turn.warned for turn in turns), sum(turn.unsaved and turn.may_warn for turn in turns)
    if notices != bool(unsaved):
        problems.append(f"{notices} notices for {unsaved} turns that did not save something")
    if turns[-1].unsaved:
        problems.append("not caught up at the end")
    return problems
