"""What a talk asks of a real database when nothing fails, seen from between the two."""

from collections.abc import Iterator

import pytest

from stretch_coach.library import Library
from stretch_coach.stores import dynamodb
from stretch_coach.stores.dynamodb import DynamoStore
from tests.integration.faults.proxy import Fault, proxied
from tests.integration.faults.talk import START_MS, TALK, Bench, Talk
from tests.integration.servers import CREDENTIALS, PATIENT_SECONDS, TABLE, Server, environment

pytestmark = pytest.mark.xdist_group("dynamodb_local")

WRITES = {"PutItem", "DeleteItem", "TransactWriteItems"}


@pytest.fixture(name="patient")
def _patient(dynamodb_local: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """A bench whose calls may take long: how many there are is what counts, on a machine that may stall."""
    monkeypatch.setattr("stretch_coach.alexa.skill.STORE_SECONDS", PATIENT_SECONDS)
    with proxied(dynamodb_local.port) as proxy:
        with environment(AWS_ENDPOINT_URL_DYNAMODB=proxy.endpoint, **CREDENTIALS):
            client = dynamodb.connect(connect_seconds=PATIENT_SECONDS, read_seconds=PATIENT_SECONDS)
        yield Bench(proxy, DynamoStore(TABLE, connect=lambda: client, call_seconds=PATIENT_SECONDS))


def test_one_query_a_session_and_one_write_for_a_turn_that_changes_something(
    library: Library, dynamodb_local: Server, patient: Bench
) -> None:
    """The launch reads once; a turn writes once where the records differ after it, and else asks for nothing."""
    direct = dynamodb_local.connect()
    reader = DynamoStore(TABLE, connect=lambda: direct, call_seconds=PATIENT_SECONDS)
    talk, calls = Talk(library, patient, "amzn1.ask.account.CALLS"), list[tuple[str, ...]]()

    def kept() -> tuple[object, object]:
        stored = reader.load(talk.user, START_MS // 1000 + 400)
        return stored.profile, stored.screening

    for step in TALK:
        before, asked = kept(), len(patient.proxy.seen)
        talk.run(lambda _: Fault.NONE, [step])
        made = tuple(seen.operation for seen in patient.proxy.seen[asked:])
        written = made[1:] if step is TALK[0] else made
        assert len(written) == (kept() != before), (step, made)
        assert WRITES.issuperset(written), (step, made)
        calls.append(made)
    assert calls[0] == ("Query", "PutItem")
    assert calls.count(()) >= 2
    assert ("TransactWriteItems",) in calls
