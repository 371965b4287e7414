"""Load the web service over loopback with signed requests, and write docs/load.md with its curve docs/load.png.

``python -m bench load``: rising rates against SQLite and a DynamoDB-compatible server, ten minutes' worth of turns for
memory, the baseline skill on the same server beside it, and a look into the store at the end. It stays on loopback,
sends a bounded number of requests and ends within some minutes.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.load import baseline
from bench.load.alexa_signing import Authority
from bench.load.client import Client, Listener, Sample, percentile, script
from bench.load.page import page
from bench.load.plot import draw
from bench.load.results import KEEPS_UP, LONG_AT_ONCE, LONG_TURNS, STEP_SECONDS, Result, Step
from bench.load.web_process import WebProcess
from simulator.local import Local
from stretch_coach.stores.contract import Commit, Store
from stretch_coach.stores.dynamodb import DynamoStore
from stretch_coach.stores.sqlite import SqliteStore
from tools.dependencies import fetch

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs" / "load.md"
PICTURE: Final = ROOT / "docs" / "load.png"

RATES: Final = (10, 20, 40, 80, 160, 320)
"""Requests a second; the step after which the server falls behind is the last."""
QUIET: Final = 0.5
"""A load average up to which the machine counts as idle."""
CROWD: Final = 64
WARM_TURNS: Final = 100
WARM_CALLS: Final = 1500
LONG_SECONDS: Final = 150.0
MEBIBYTE: Final = 1024

SAID: Final = (
    "", "start the half kneeling hip flexor stretch", "pause", "resume", "how long left", "pause", "make it slower",
    "resume", "next", "wait for me", "keep going", "my progress", "start the quick hip opener", "next", "skip", "stop",
)  # fmt: skip
"""One session; about three turns in four write the record."""

Check = Callable[[Sequence[Listener]], int]
"""How many listeners' last acknowledged change is not in the store."""


def run(argv: Sequence[str]) -> int:
    """Measure, print and write; 1 when an acknowledged change is missing."""
    parser = argparse.ArgumentParser(prog="python -m bench load", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a few seconds of each, printed and not written")
    options = parser.parse_args(argv)
    plan = Plan(RATES[:2], 1.0, 60) if options.quick else Plan(RATES, STEP_SECONDS, LONG_TURNS)
    results: list[Result] = []
    busy = os.getloadavg()[0]
    others = ": other work was going on" if busy > QUIET else ""
    notes = [f"When it began, the load average was {busy:.1f} on {os.cpu_count()} CPUs{others}."]
    with tempfile.TemporaryDirectory(prefix="stretch-coach-load-") as folder:
        for measure in (_sqlite, _dynamo):
            results += measure(plan, Path(folder), notes)
    lines = page(results, notes)
    print("\n".join(lines))
    if not options.quick:
        PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
        draw(results, PICTURE)
    return 1 if any(result.lost for result in results) else 0


@dataclass(frozen=True)
class Plan:
    rates: Sequence[int]
    step_seconds: float
    long_turns: int

    def measure(self, name: str, web: WebProcess, crowd: Sequence[Listener], check: Check) -> Result:
        """Warm up, rise, go on for long, stop the server, and look into the store."""
        client = Client(web.port, web.leaf.sign, crowd)
        client.flat_out(WARM_TURNS, LONG_AT_ONCE, LONG_SECONDS)
        before = _resident(web)
        steps = tuple(self._rise(client))
        began, cpu = time.monotonic(), _cpu_seconds(web)
        samples = client.flat_out(self.long_turns, LONG_AT_ONCE, LONG_SECONDS)
        seconds, cpu = time.monotonic() - began, _cpu_seconds(web) - cpu
        after = _resident(web)
        web.stop()
        return Result(
            name, steps, len(samples), len(samples) / seconds, cpu / len(samples) * 1000, _errors(samples),
            _unsaved(samples), before, after,
            len(crowd), check(crowd),
        )  # fmt: skip

    def _rise(self, client: Client) -> Iterator[Step]:
        for rate in self.rates:
            began = time.monotonic()
            samples = client.at_rate(rate, self.step_seconds)
            seconds = max(self.step_seconds, time.monotonic() - began)
            good = [sample for sample in samples if not sample.error]
            step = Step(
                rate, len(good) / seconds, percentile(good, 0.5), percentile(good, 0.99), _errors(samples),
                _unsaved(samples),
            )  # fmt: skip
            print(f"  {rate:4d}/s: {step.answered:.0f}/s answered, p99 {step.p99:.0f} ms", file=sys.stderr)
            yield step
            if step.answered < KEEPS_UP * rate:
                return


def _errors(samples: Sequence[Sample]) -> int:
    return sum(bool(sample.error) for sample in samples)


def _unsaved(samples: Sequence[Sample]) -> int:
    return sum(sample.unsaved for sample in samples)


def _resident(web: WebProcess) -> float:
    """Resident memory of the server and its workers, MiB; pages they share count for each."""
    total = 0
    for pid in web.pids():
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        total += next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
    return total / MEBIBYTE


def _cpu_seconds(web: WebProcess) -> float:
    """Time that the server and its workers have used so far."""
    ticks = 0
    for pid in web.pids():
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _crowd() -> list[Listener]:
    local = Local(Path(os.devnull))
    turns = script(local.understand, SAID)
    return [Listener(f"amzn1.ask.account.LOAD{number}", turns) for number in range(CROWD)]


def lost(store: Store, crowd: Sequence[Listener]) -> int:
    """How many listeners' record is older than, or differs from, what their last answer carried."""
    missing = 0
    for listener in crowd:
        acknowledged = listener.attributes
        if "v" not in acknowledged or "unsaved" in acknowledged:
            continue
        stored = store.load(listener.user_id, int(time.time()))
        same = stored.version > acknowledged["v"] or stored.profile == acknowledged.get("profile")
        missing += stored.version < acknowledged["v"] or not same
    return missing


def _sqlite(plan: Plan, folder: Path, _: list[str]) -> list[Result]:
    print("SQLite", file=sys.stderr)
    here = folder / "sqlite"
    here.mkdir()
    state = here / "web.db"
    with WebProcess(here, Authority(), ["--state", str(state)]) as web:
        return [plan.measure("Stretch Coach on SQLite", web, _crowd(), lambda crowd: lost(SqliteStore(state), crowd))]


def _dynamo(plan: Plan, folder: Path, notes: list[str]) -> list[Result]:
    from tests.integration import servers

    here = folder / "dynamo"
    here.mkdir()
    for prepare in (servers.dynamodb_local, servers.ministack):
        try:
            server = prepare(here)
        except fetch.Unavailable as reason:
            notes.append(f"{prepare.__name__}: left out, {reason}")
            continue
        if "-dbPath" in server.command:
            # On disk it syncs for every write, which takes 20 ms and is no part of what DynamoDB would cost.
            at = server.command.index("-dbPath")
            server.command[at : at + 2] = ["-inMemory"]
        print(server.name, file=sys.stderr)
        server.start()
        try:
            server.create_table()
            _warm(DynamoStore(servers.TABLE, connect=server.connect, call_seconds=servers.PATIENT_SECONDS))
            environment = {"AWS_ENDPOINT_URL_DYNAMODB": server.endpoint, **servers.CREDENTIALS}
            return list(_on_dynamo(plan, here, server, environment, notes))
        finally:
            server.kill()
    return []


def _warm(store: Store) -> None:
    """Let a database that compiles itself as it runs do so before the first skill is measured on it."""
    version = 0
    for _ in range(WARM_CALLS):
        version = store.commit("warm", Commit({"padding": "x" * 500}, version), int(time.time()))
        store.load("warm", int(time.time()))


def _on_dynamo(
    plan: Plan, folder: Path, server: Any, environment: Mapping[str, str], notes: list[str]
) -> Iterator[Result]:
    from tests.integration.servers import PATIENT_SECONDS, TABLE

    own = {**environment, "STRETCH_COACH_TABLE": TABLE}
    with WebProcess(folder, Authority(), environment=own) as web:
        store = DynamoStore(TABLE, connect=server.connect, call_seconds=PATIENT_SECONDS)
        yield plan.measure(f"Stretch Coach on {server.name}", web, _crowd(), lambda crowd: lost(store, crowd))
    try:
        other = baseline.prepare()
    except baseline.Absent as reason:
        notes.append(f"baseline: left out, {reason}")
        return
    print("baseline", file=sys.stderr)
    baseline.create_table(server.connect())
    arguments = ["--other", str(other.module)]
    with WebProcess(folder, Authority(), arguments, {**own, **other.environment}, other.python_path) as web:
        yield plan.measure(
            f"baseline skill on {server.name}",
            web,
            other.crowd(CROWD),
            lambda crowd: baseline.lost(server.connect(), crowd),
        )
