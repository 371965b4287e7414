"""Work out what many users cost and need, from measured turns and simulated arrivals: docs/scale.md and scale.png."""

import argparse
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from content_reader.documents import load_library
from infra.deployment import MEMORY_MB
from tools.scale_session import SCRIPTS, Measured, largest_item, measure

DOCS: Final = Path(__file__).resolve().parents[1] / "docs"
WEEK_S: Final = 7 * 86_400
MONTH_WEEKS: Final = 52 / 12
USERS: Final = (1_000, 1_000_000, 50_000_000)
SESSIONS_DRAWN: Final = 60_000
"""Of the simulated week; loads are scaled from them."""

SESSIONS_A_WEEK: Final = 3
MIX: Final[Mapping[str, float]] = {"routine": 0.5, "exercise": 0.35, "check": 0.15}
HOURS: Final = (1, 1, 1, 1, 2, 5, 9, 11, 8, 5, 4, 4, 5, 4, 4, 4, 5, 7, 9, 11, 12, 10, 6, 3)
"""How likely a session starts in each hour of the listener's day."""
ON_THE_HOUR: Final = 0.25
"""The share of sessions that start in the first minutes of their hour, as an alarm clock or a habit has it."""
FIRST_MINUTES: Final = 3
ZONES: Final[Mapping[int, float]] = {-8: 0.15, -7: 0.06, -6: 0.25, -5: 0.39, 0: 0.15}
"""Hours from UTC, and the share of listeners who live there: North America, and Britain."""
LAMBDA_MB: Final = MEMORY_MB
LAMBDA_VCPU: Final = LAMBDA_MB / 1769
"""AWS gives a function one vCPU at 1,769 MB."""
DATABASE_MS: Final = 5
"""Of one call from inside the region."""
KEEP_WARM_S: Final = 600
"""How long AWS keeps an idle environment; not promised."""
KEPT_USERS: Final = 5
"""Records that are kept for each weekly user: those who stopped coming are kept for PROFILE_DAYS, too."""
PLATFORM_LOG_BYTES: Final = 600
"""Of Lambda's own lines for a request (START, END, REPORT), with what CloudWatch adds to each line."""
FIXED: Final[Mapping[str, float]] = {
    "8 metrics made of log lines": 8 * 0.30,
    "4 metrics of filters": 4 * 0.30,
    "7 alarms": 7 * 0.10,
    "a dashboard": 3.00,
    f"SnapStart's snapshot of {MEMORY_MB} MB": 2.00,
}
"""US dollars a month in each region, however many users there are: what infra/ deploys besides the function."""
PRICES: Final[Mapping[str, float]] = {
    "Lambda, a million requests": 0.20,
    "Lambda, a GB second (arm64)": 0.0000133334,
    "DynamoDB, a million read units": 0.125,
    "DynamoDB, a million write units": 0.625,
    "DynamoDB, a GB month, with point-in-time recovery": 0.25 + 0.20,
    "CloudWatch Logs, a GB": 0.50,
}
"""US dollars in us-east-1, on demand, without the free tier."""
PRICES_NOTED: Final = "2026-11-22"
"""When they were."""


@dataclass(frozen=True)
class Load:
    """A simulated week, as shares: multiply by the number of sessions."""

    by_minute: Counter[int]
    """Turns in each minute of the week (UTC)."""
    drawn: int
    by_hour: list[float] = field(default_factory=list)

    @property
    def peak_a_second(self) -> float:
        """Turns a second in the busiest minute of an average day, for one session a week in all."""
        of_day: Counter[int] = Counter()
        for minute, turns in self.by_minute.items():
            of_day[minute % 1440] += turns
        return max(of_day.values()) / 7 / 60 / self.drawn


def simulate(measured: Mapping[str, Measured], seed: int = 1) -> Load:
    """Draw sessions: where, at what hour, of what kind; their turns are spread over their length."""
    chance = random.Random(seed)  # noqa: S311 - a simulation that is the same every time
    by_minute: Counter[int] = Counter()
    for _ in range(SESSIONS_DRAWN):
        for at in _session(measured, chance):
            by_minute[int(at) // 60] += 1
    total = sum(by_minute.values())
    hours = [0.0] * 24
    for minute, turns in by_minute.items():
        hours[minute // 60 % 24] += turns / total
    return Load(by_minute, SESSIONS_DRAWN, hours)


def _session(measured: Mapping[str, Measured], chance: random.Random) -> list[float]:
    """When the turns of one session come, in seconds of the week."""
    kind = measured[chance.choices(list(MIX), list(MIX.values()))[0]]
    zone = chance.choices(list(ZONES), list(ZONES.values()))[0]
    within = chance.random() * (FIRST_MINUTES / 60 if chance.random() < ON_THE_HOUR else 1)
    hour = chance.choices(range(24), HOURS)[0] - zone + within
    start = chance.randrange(7) * 86_400 + hour * 3600
    return [(start + kind.seconds * turn / kind.turns) % WEEK_S for turn in range(kind.turns)]


def cold_share(measured: Mapping[str, Measured], users: int, seed: int = 1) -> float:
    """The share of sessions of a small crowd whose first turn finds that nobody has come for `KEEP_WARM_S`."""
    chance = random.Random(seed)  # noqa: S311 - as above
    sessions = [_session(measured, chance) for _ in range(users * SESSIONS_A_WEEK)]
    moments = sorted(at for session in sessions for at in session)
    before = dict(zip(moments[1:], moments, strict=False))
    cold = sum(session[0] - before.get(session[0], session[0]) > KEEP_WARM_S for session in sessions)
    return cold / len(sessions)


@dataclass(frozen=True)
class Need:
    """What a number of weekly users costs and needs."""

    users: int
    requests_week: float
    peak_requests: float
    peak_reads: float
    peak_writes: float
    concurrency: float
    storage_gb: float
    dollars: dict[str, float]


def need(users: int, measured: Mapping[str, Measured], load: Load) -> Need:
    """Scale the mix of measured sessions to this many weekly users."""
    sessions = users * SESSIONS_A_WEEK

    def mean(what: str) -> float:
        return sum(share * float(getattr(measured[kind], what)) for kind, share in MIX.items())

    turns, calls = mean("turns"), mean("reads") + mean("writes")
    turn_ms = mean("cpu_ms") / turns / min(1, LAMBDA_VCPU) + calls / turns * DATABASE_MS
    peak = load.peak_a_second * sessions
    month = sessions * MONTH_WEEKS
    log_gb = month * (mean("log_bytes") + turns * PLATFORM_LOG_BYTES) / 1e9
    storage = users * KEPT_USERS * mean("item_bytes") / 1e9
    dollars = {
        "Lambda": month * turns * (PRICES["Lambda, a million requests"] / 1e6
                                   + turn_ms / 1000 * LAMBDA_MB / 1024 * PRICES["Lambda, a GB second (arm64)"]),
        "DynamoDB": month * (mean("read_units") * PRICES["DynamoDB, a million read units"]
                             + mean("write_units") * PRICES["DynamoDB, a million write units"]) / 1e6
                    + storage * PRICES["DynamoDB, a GB month, with point-in-time recovery"],
        "logs": log_gb * PRICES["CloudWatch Logs, a GB"],
        "fixed": sum(FIXED.values()),
    }  # fmt: skip
    return Need(
        users, sessions * turns, peak, peak * mean("read_units") / turns, peak * mean("write_units") / turns,
        peak * turn_ms / 1000, storage, dollars,
    )  # fmt: skip


def draw(load: Load, needs: Sequence[Need], path: Path) -> None:
    """Write the picture: turns a second over the day, and what each size needs at its peak."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    for item in needs:
        rate = [share * item.requests_week / 7 / 3600 for share in load.by_hour]
        axes[0].step(range(24), rate, where="mid", label=f"{item.users:,} weekly users")
    axes[0].set(title="Requests a second by hour of day", xlabel="hour (UTC)", yscale="log", xlim=(0, 23))
    axes[0].legend(fontsize=8)
    kinds = ("peak_requests", "peak_reads", "peak_writes", "concurrency")
    names = ("requests/s", "read units/s", "write units/s", "environments")
    for number, item in enumerate(needs):
        axes[1].bar([place + number * 0.27 for place in range(4)], [getattr(item, kind) for kind in kinds], 0.25)
    axes[1].set(title="At the peak", yscale="log", xticks=[place + 0.27 for place in range(4)], xticklabels=names)
    for axis in axes:
        axis.grid(alpha=0.3)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)


def run(argv: Sequence[str]) -> int:
    """Measure, simulate and write both files."""
    argparse.ArgumentParser(prog="python -m tools scale", description=__doc__).parse_args(argv)
    from tools.scale_page import page

    library = load_library("en-US")
    measured = {kind: measure(library, script) for kind, script in SCRIPTS.items()}
    load = simulate(measured)
    needs = [need(users, measured, load) for users in USERS]
    draw(load, needs, DOCS / "scale.png")
    (DOCS / "scale.md").write_text(
        page(measured, needs, cold_share(measured, USERS[0]), largest_item(library)), encoding="utf-8"
    )
    print("docs/scale.md and docs/scale.png written")
    return 0
