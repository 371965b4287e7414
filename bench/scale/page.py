"""The words of docs/scale.md."""

from collections.abc import Mapping, Sequence

from bench.scale import needs as model
from bench.scale.needs import Need
from bench.scale.session import Measured
from stretch_coach.stores.contract import PROFILE_DAYS

TABLE_WRITES, TABLE_READS = 4_000, 12_000
"""Units a second that a new on-demand table takes at once."""

HEAD = """# What many users cost and need

Written by `python -m bench scale`. Sessions are measured on the real skill, held by somebody who has come every other
day for two months: turns, calls to the store, capacity units, bytes. Arrivals are simulated: {drawn:,} sessions of a
week, by the hour of the listener's day and time zone. What nobody can measure before there are users is assumed, and
stands below so that it can be changed.

![Requests a second by hour of day, and the needs at the peak](scale.png)

## Measured, one session each

| session | turns | minutes | reads | writes | read units | write units | bytes a turn: request | answer | log |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
"""

BODY = """
A session reads once, at its start. A write takes a unit for each KB of the record, which is {item:,} bytes here, or of
a check's answers; a transaction (both at once) is counted double, as DynamoDB does.

## Assumed

* {week} sessions a week and weekly user; {mix}.
* Sessions by local hour (0 to 23), relative: {hours}.
* Listeners by hours from UTC: {zones}.
* {hourly:.0%} of an hour's sessions start in its first {minutes} minutes, the others evenly.
* {mb} MB of memory, which is {vcpu:.2f} of a CPU; {database} ms for a call to the database; {platform} bytes of
  Lambda's own lines in the log for each request.
* {kept} records are kept for each weekly user, since one is kept for {days} days.
* CPU time a turn: as on the machine that wrote this page, {cpu:.1f} ms, divided by that share of a CPU.
* Prices in US dollars (us-east-1, on demand, no free tier), noted from memory on {noted} and to be checked before
  they are quoted:
{prices}
* Fixed prices of what infra/ deploys besides, a month and region; a key of one's own for the table, an option, would be
  1 more and its calls:
{fixed}

## Needs and costs

| weekly users | requests a week | peak requests/s | peak read units/s | peak write units/s | environments | stored GB |
| --- | --- | --- | --- | --- | --- | --- |
"""

COSTS = """
| weekly users | Lambda $/month | DynamoDB $/month | logs $/month | fixed $/month | all, $/month | $ for 1,000 users |
| --- | --- | --- | --- | --- | --- | --- |
"""

TAIL = """
## What it means

* **1,000 users**: nothing to do; what costs is to watch over it, not to run it. {cold:.0%} of sessions start when
  nobody has come for {warm} minutes and would find no environment at work; the cold start is then part of their first
  answer.
* **1 million**: within the usual quotas (1,000 environments at once, though a new account may begin with ten; a new
  on-demand table takes {table_writes:,} write and {table_reads:,} read units a second). Costs are led by {lead}.
* **50 million**: the busiest minute needs {writes:,.0f} write and {reads:,.0f} read units a second, where a new table
  takes {table_writes:,} and {table_reads:,}{verdict}.
  So the table is warmed before a launch of that size (on-demand doubles its peak, it does not jump), the quotas of
  table and account are raised, with room above the {environments:.0f} environments that are busy on average in that
  minute, and the log is sampled. A throttled turn is answered all the same; what it did is saved with the next one
  (faults.md).
* **Hot keys**: the partition key is the user, and a user is one household. Two speakers write once in a few
  seconds at most, against 1,000 write units a second that one partition takes; there is no key that all users share.
* **Item size**: the record is bounded by its lists (profile.py). Here it came to {item:,} bytes; with every list full
  it has {most:,}, so a write never costs more than {units} units and a read never more than one.
* **Regions**: Alexa sends a request to the endpoint of the listener's region where the skill has one (North America,
  Europe, Far East, India). A function and a table in each of them keep the call to the database at some milliseconds;
  tables need not be replicated, for an account belongs to one region. Whoever moves starts anew there.
* **Retries**: a call is never repeated within a turn, so a slow database is not asked twice for every listener at the
  same time; what could not be saved comes with the next turn, spread as turns are.
"""


def page(measured: Mapping[str, Measured], needs: Sequence[Need], cold: float, most: int) -> str:
    """The whole page."""
    rows = "".join(_session(kind, found) for kind, found in measured.items())
    cpu = sum(share * measured[kind].cpu_ms / measured[kind].turns for kind, share in model.MIX.items())
    body = BODY.format(
        week=model.SESSIONS_A_WEEK,
        mix=", ".join(f"{share:.0%} {kind}" for kind, share in model.MIX.items()),
        hours=" ".join(map(str, model.HOURS)),
        zones=", ".join(f"{zone:+d}: {share:.0%}" for zone, share in model.ZONES.items()),
        mb=model.LAMBDA_MB,
        vcpu=model.LAMBDA_VCPU,
        database=model.DATABASE_MS,
        cpu=cpu,
        hourly=model.ON_THE_HOUR,
        minutes=model.FIRST_MINUTES,
        platform=model.PLATFORM_LOG_BYTES,
        kept=model.KEPT_USERS,
        days=PROFILE_DAYS,
        noted=model.PRICES_NOTED,
        fixed="\n".join(f"  * {what}: {dollars:.2f}" for what, dollars in model.FIXED.items()),
        item=max(found.item_bytes for found in measured.values()),
        prices="\n".join(f"  * {what}: {price:g}" for what, price in model.PRICES.items()),
    )
    middle = next(item for item in needs if item.users == 1_000_000)
    lead = max(middle.dollars, key=lambda what: middle.dollars[what])
    largest = max(found.item_bytes for found in measured.values())
    told = {
        "lead": lead,
        "item": largest,
        "most": most,
        "units": -(-most // 1024),
        "cold": cold,
        "warm": model.KEEP_WARM_S // 60,
        "writes": needs[-1].peak_writes,
        "reads": needs[-1].peak_reads,
        "environments": needs[-1].concurrency,
        "table_writes": TABLE_WRITES,
        "table_reads": TABLE_READS,
        "verdict": "" if needs[-1].peak_writes < TABLE_WRITES else ": too little, so that turns would be throttled",
    }
    return (
        HEAD.format(drawn=model.SESSIONS_DRAWN) + rows + body
        + "".join(map(_need, needs)) + COSTS + "".join(map(_costs, needs)) + TAIL.format(**told)
    )  # fmt: skip


def _session(kind: str, found: Measured) -> str:
    return (
        f"| {kind} | {found.turns} | {found.seconds / 60:.1f} | {found.reads} | {found.writes} | {found.read_units} "
        f"| {found.write_units} | {found.request_bytes // found.turns:,} | {found.response_bytes // found.turns:,} "
        f"| {found.log_bytes // found.turns:,} |\n"
    )


def _need(item: Need) -> str:
    numbers = (item.peak_requests, item.peak_reads, item.peak_writes, item.concurrency, item.storage_gb)
    return f"| {item.users:,} | {item.requests_week:,.0f} | " + " | ".join(map(_short, numbers)) + " |\n"


def _costs(item: Need) -> str:
    total = sum(item.dollars.values())
    numbers = (*item.dollars.values(), total, total / item.users * 1000)
    return f"| {item.users:,} | " + " | ".join(map(_short, numbers)) + " |\n"


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"
