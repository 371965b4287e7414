"""The baseline skill of ../shared/baseline on our server, for comparison; absent where that folder is."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.load.client import Json, Listener
from tools.dependencies import fetch

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ROOT: Final = Path(__file__).resolve().parents[2]
BASELINE: Final = ROOT.parent / "shared" / "baseline"
ADAPTER: Final = "ask-sdk-dynamodb-persistence-adapter"
TABLE: Final = "skill"
TURNS: Final = ("launch", "start", "next", "next", "next", "progress", "next", "next", "next", "stop")
"""Its own requests: all but two of these write."""


class Absent(Exception):  # noqa: N818 - a fact about this machine, with the reason as its text
    """The baseline cannot be measured here."""


@dataclass(frozen=True)
class Baseline:
    """What it takes to serve it."""

    module: Path
    python_path: Sequence[Path]
    environment: Mapping[str, str]
    requests: Sequence[Json]

    def crowd(self, count: int) -> list[Listener]:
        """Listeners who say what the baseline understands."""
        return [Listener(f"amzn1.ask.account.BASE{number}", self.requests) for number in range(count)]


def prepare() -> Baseline:
    """Find it, and install the one package that it needs besides ours; raises Absent."""
    module = BASELINE / "skill_custom" / "lambda_function.py"
    if not module.is_file():
        raise Absent("there is no ../shared/baseline beside this checkout")
    requests = [json.loads((BASELINE / "events" / f"{name}.json").read_text("utf-8"))["request"] for name in TURNS]
    environment = {"AWS_DEFAULT_REGION": "us-east-1", "DYNAMODB_PERSISTENCE_TABLE_NAME": TABLE}
    return Baseline(module, (_packages(),), environment, requests)


def _packages() -> Path:
    """The adapter alone, of the lock's group `baseline`: all that it needs is ours already."""
    (wanted,) = re.findall(rf"^{ADAPTER}==.*(?:\n .*)*", fetch.requirements("baseline"), re.MULTILINE)
    state = hashlib.sha256(wanted.encode()).hexdigest()[:12]

    def make(home: Path) -> None:
        fetch.install(wanted, home, "--target", str(home / "packages"))

    try:
        return fetch.Part(f"baseline-{state}", "the baseline's adapter", make).get() / "packages"
    except fetch.Unavailable as reason:
        raise Absent(str(reason)) from reason


def create_table(client: "DynamoDBClient") -> None:
    """The table as its adapter would make it."""
    client.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def lost(client: "DynamoDBClient", crowd: Sequence[Listener]) -> int:
    """How many listeners' step in the table is behind the one that an answer has named."""
    missing = 0
    for listener in crowd:
        step = _step(listener.answer)
        if step is None:
            continue
        item: Any = client.get_item(TableName=TABLE, Key={"id": {"S": listener.user_id}}, ConsistentRead=True)
        stored = int(item["Item"]["attributes"]["M"].get("step", {}).get("N", -1))
        missing += stored < step
    return missing


def _step(answer: Json | None) -> int | None:
    """The number in `Step 3.`."""
    said = ((answer or {}).get("response", {}).get("outputSpeech") or {}).get("ssml", "")
    digits = "".join(character for character in said if character.isdigit())
    return int(digits) if digits and "Step" in said else None
