"""What a skill owner decides about a deployment: the CDK context, read and checked once."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from stretch_coach.settings import COUNT_AUDIO, DEFAULT_SCREENING_MINUTES, MOST_SCREENING_MINUTES

REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1")
"""Where Alexa calls a Lambda (docs/reference/alexa-rules.md 5); North America, Europe, Far East."""

RETENTION_DAYS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731)
"""What CloudWatch Logs offers, up to two years: nobody should keep these lines longer."""


LOG_DAYS = 30
"""How long log lines are kept, unless an owner says otherwise."""

BACKUP_DAYS = 35
"""How far back DynamoDB's point-in-time recovery goes, unless it is told to go less far."""

MEMORY_MB = 512
"""CPU comes with memory: 1,769 MB is one core. A turn takes about 5 ms of a core, so 0.3 core answers well inside
100 ms; the process holds about 60 MB. Half as much memory would double the init phase, twice as much saves nothing a
listener could hear."""


class ContextError(ValueError):
    """A context value makes no sense; the text says which and what would."""


@dataclass(frozen=True)
class Deployment:
    """One stage of the skill. Each field is a context key of the same name: ``cdk deploy -c stage=beta``."""

    stage: str = "prod"
    """Part of every name, so that stages live side by side in one account."""
    skill_id: str = ""
    """Whose requests are let in; without one nobody may call the function yet."""
    regions: tuple[str, ...] = ()
    """The first holds the table, the others a copy of it; empty: the region of the credentials, alone."""
    alarm_email: str = ""
    """Who is told of alarms; empty: the topic has no subscriber of ours."""
    retention_days: int = LOG_DAYS
    """How long log lines are kept."""
    table_key: str = "aws"
    """Encryption at rest: `aws`, a key AWS manages; `customer`, one of this account's own, made for it; or the ARN of
    one that is there, such as an existing table's."""
    existing_table: str = ""
    """Use this table instead of making one, after a restore for example."""
    screening_minutes: int = DEFAULT_SCREENING_MINUTES
    """How long the answers of an unfinished safety check are kept; 0: never stored."""
    count_audio: str = "auto"
    """The rung of the counting ladder."""
    canary: bool = True
    """Send a tenth of the requests to a new version for five minutes, and go back by itself on an alarm."""
    snap_start: bool = True
    """Start from a snapshot of the initialized function."""
    tracing: bool = False
    """Trace requests with X-Ray."""
    keep_data: bool = True
    """The table outlives the stack and cannot be deleted by mistake."""
    credentials: str = "bootstrap"
    """`bootstrap`: deploy with the roles of `cdk bootstrap`; `cli`: with the caller's own, as emulators want."""

    @classmethod
    def from_context(cls, value_of: Callable[[str], Any]) -> "Deployment":
        """Read the context; raises ContextError. `value_of` gives a key's value, None where it is not set."""
        given = {field.name: value_of(field.name) for field in fields(cls)}
        read = {name: _reader(name)(name, value) for name, value in given.items() if value is not None}
        deployment = cls(**read)
        deployment.check()
        return deployment

    def check(self) -> None:
        """Raise ContextError for the first value that cannot be."""
        rules: Mapping[str, bool] = {
            "stage: use 1 to 16 of a-z, 0-9 and -, a letter first": _matches(r"[a-z][a-z0-9-]{0,15}", self.stage),
            "skill_id: use the id from the developer console, amzn1.ask.skill.…": not self.skill_id
            or _matches(r"amzn1\.ask\.skill\.[0-9A-Za-z-]{1,64}", self.skill_id),
            f"regions: use some of {', '.join(REGIONS)}, each once": set(self.regions) <= set(REGIONS)
            and len(set(self.regions)) == len(self.regions),
            "alarm_email: use one address": not self.alarm_email or _matches(r"[^@\s]+@[^@\s]+", self.alarm_email),
            f"retention_days: use one of {', '.join(map(str, RETENTION_DAYS))}": self.retention_days in RETENTION_DAYS,
            "table_key: use aws, customer or the ARN of a key": self.table_key in {"aws", "customer"}
            or _matches(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[0-9A-Za-z-]+", self.table_key),
            "table_key: for a key of your own name the one region, as in regions=us-east-1": self.table_key == "aws"
            or len(self.regions) == 1,
            "table_key: for an existing table use aws or the ARN of the key it has": not self.existing_table
            or self.table_key != "customer",
            "existing_table: a table that exists is for one region": not self.existing_table or len(self.regions) <= 1,
            f"screening_minutes: use whole minutes from 0 to {MOST_SCREENING_MINUTES}": 0
            <= self.screening_minutes
            <= MOST_SCREENING_MINUTES,
            f"count_audio: use one of {', '.join(COUNT_AUDIO)}": self.count_audio in COUNT_AUDIO,
            "credentials: use bootstrap or cli": self.credentials in {"bootstrap", "cli"},
        }
        for rule, kept in rules.items():
            if not kept:
                raise ContextError(rule)

    @property
    def name(self) -> str:
        """The name of the stage's function, table and dashboard."""
        return f"stretch-coach-{self.stage}"


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text) is not None


def _text(name: str, value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    raise ContextError(f"{name}: use a text")


def _number(name: str, value: Any) -> int:
    text = str(value).strip()
    if text.isascii() and text.isdigit() and len(text) < 6:
        return int(text)
    raise ContextError(f"{name}: use a whole number")


def _truth(name: str, value: Any) -> bool:
    # Values given with -c arrive as text, those of cdk.json as JSON.
    found = {"true": True, "false": False}.get(str(value).strip().lower())
    if found is None:
        raise ContextError(f"{name}: use true or false")
    return found


def _regions(name: str, value: Any) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else _text(name, value).split(",")
    return tuple(str(part).strip() for part in parts if str(part).strip())


def _reader(name: str) -> Callable[[str, Any], Any]:
    return _READERS.get(name) or _text


_READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "regions": _regions,
    "retention_days": _number,
    "screening_minutes": _number,
    "canary": _truth,
    "snap_start": _truth,
    "tracing": _truth,
    "keep_data": _truth,
}
