"""The app deployed by the CDK CLI to an emulator that enforces IAM, and talked to through the Lambda API.

The tests share one deployment, and the last one takes it down.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from simulator.device import Device, limits
from simulator.device.clock import DAY_MS, VirtualClock
from simulator.local import Local
from stretch_coach.alexa.request import short_hash
from tests.infra import cloud as clouds
from tests.infra.cloud import Cloud, Json
from tests.infra.conftest import SKILL_ID, counted_by, synthesize
from tests.integration.patience import ATTEMPTS, until
from tools.publish import bundle

STACK, NAME, LOGS = "StretchCoach-test", "stretch-coach-test", "/stretch-coach/test"
CONTEXT = {"stage": "test", "skill_id": SKILL_ID, "credentials": "cli"}
# The emulator has no CodeDeploy, and a table that must outlive its stack is what the last test is about.
FOR_EMULATOR = {"canary": "false"}
UNSAVED = "can't save your progress"
Answer = Mapping[str, Any] | None
NOON = 1_796_040_000_000
"""A moment in 2026, in ms."""


@pytest.fixture(name="cloud", scope="module")
def _cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    cloud = clouds.start(tmp_path_factory.mktemp("cloud"))
    try:
        yield cloud
    finally:
        cloud.server.kill()


@pytest.fixture(name="coach", scope="module")
def _coach(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Deploy the bundle; its folder."""
    folder = tmp_path_factory.mktemp("bundle") / "lambda"
    assert bundle.run(["--out", str(folder)]) == 0
    _deploy(cloud, folder.with_name("lambda.zip"), tmp_path_factory.mktemp("cdk"))
    return folder


def _deploy(cloud: Cloud, archive: Path, outputs: Path) -> None:
    synthesize(outputs, archive, CONTEXT | FOR_EMULATOR)
    cloud.cdk("deploy", STACK, "--app", str(outputs), "--require-approval", "never")
    # CloudFormation waits until a version's snapshot is taken; the emulator leaves that to the caller.
    cloud.client("lambda").get_waiter("published_version_active").wait(
        FunctionName=NAME, Qualifier="live", WaiterConfig={"Delay": 1}
    )


def _speaker(cloud: Cloud, user: str, tmp_path: Path) -> Device:
    local = Local(tmp_path / "unused.sqlite3")
    return Device(lambda event: cloud.invoke(NAME, event), local.understand, VirtualClock(NOON), user_id=user)


def _request(name: str, user: str) -> Json:
    text = (bundle.ROOT / "tests" / "requests" / f"{name}.json").read_text("utf-8")
    found: Json = json.loads(text.replace("amzn1.ask.account.TEST", user))["request"]
    return found


def _rows(cloud: Cloud, user: str) -> dict[str, Json]:
    """The rows of a user by their kind."""
    rows = cloud.client("dynamodb").query(
        TableName=NAME, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": {"S": user}}
    )["Items"]
    return {row["sk"]["S"]: row for row in rows}


def test_a_talk_with_the_deployed_skill(cloud: Cloud, coach: Path, tmp_path: Path) -> None:
    """Launch, an exercise and the safety check are answered, the table holds their state, and disabling empties it."""
    speaker, greeted, counted = _begin(cloud, "amzn1.ask.account.CLOUD", tmp_path)
    user = speaker.who.user_id
    assert "stretch coach" in json.dumps(greeted)
    assert counted is not None
    assert limits.problems(counted, request_type="IntentRequest", has_screen=True) == []
    assert counted["response"]["directives"][0]["type"] == "Alexa.Presentation.APLA.RenderDocument"
    assert "low-lunge-hip-flexor-stretch" in _rows(cloud, user)["PROFILE"]["data"]["S"]

    speaker.interrupt("stop")
    speaker.wait(DAY_MS)
    speaker.launch()
    asked = speaker.say("start the safety check")
    assert asked is not None
    until(lambda: "SCREENING" in _rows(cloud, user), lambda: speaker.say("no"))
    kept = _rows(cloud, user)["SCREENING"]
    assert int(kept["expires_at"]["N"]) == speaker.clock.now_ms // 1000 + 30 * 60 - _settled(speaker, kept)

    disabled = _request("skill-disabled", user)
    disabled["request"]["eventCreationTime"] = disabled["request"]["timestamp"] = "2027-01-01T00:00:00Z"
    assert cloud.invoke(NAME, disabled) == {"version": "1.0", "response": {}}
    assert _rows(cloud, user) == {}


def _begin(cloud: Cloud, users: str, tmp_path: Path) -> tuple[Device, Answer, Answer]:
    """A speaker on which an exercise has been started and saved, and the two answers."""
    for number in range(ATTEMPTS):
        speaker = _speaker(cloud, f"{users}{number}", tmp_path)
        answers = speaker.launch(), speaker.say("start the half kneeling hip flexor stretch")
        if UNSAVED not in json.dumps(answers):
            return speaker, *answers
    pytest.fail(f"nothing was saved in {ATTEMPTS} attempts")


def _settled(speaker: Device, kept: Json) -> int:
    """Seconds between the request that wrote a row and now."""
    return speaker.clock.now_ms // 1000 - int(kept["written_at"]["N"])


def test_it_may_only_do_what_it_needs(cloud: Cloud, coach: Path) -> None:
    """The deployed role is refused what it was not given, so what follows is proof of a permission."""
    _, _, document = _policy(cloud)
    calls = {call for statement in document["Statement"] for call in statement["Action"]}
    assert not calls & {"dynamodb:Scan", "dynamodb:DeleteTable", "dynamodb:UpdateItem"}
    assert not [call for call in calls if "*" in call]


def test_a_permission_taken_away_is_survived(cloud: Cloud, coach: Path, tmp_path: Path) -> None:
    """Without the right to write, turns are answered, the listener is told once, and the lines count as unsaved."""
    role, name, document = _policy(cloud)
    poorer = json.loads(json.dumps(document))
    for statement in poorer["Statement"]:
        statement["Action"] = [call for call in statement["Action"] if call != "dynamodb:PutItem"]
    iam = cloud.client("iam")
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(poorer))
    try:
        speaker = _speaker(cloud, "amzn1.ask.account.POOR", tmp_path)
        warned = speaker.launch()
        second = speaker.say("start the half kneeling hip flexor stretch")
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
    assert UNSAVED in json.dumps(warned)
    assert UNSAVED not in json.dumps(second)
    assert _rows(cloud, "amzn1.ask.account.POOR") == {}
    unsaved = [line for line in cloud.lines(LOGS) if line.get("user") == short_hash("amzn1.ask.account.POOR")]
    assert [counted_by(line) for line in unsaved] == [{"Unsaved"}, {"Unsaved"}]

    # What was not written is written later.
    speaker.interrupt("pause")
    until(lambda: _rows(cloud, "amzn1.ask.account.POOR").keys() == {"PROFILE"}, lambda: speaker.say("repeat"))


def _policy(cloud: Cloud) -> tuple[str, str, Json]:
    """The function's role, its policy's name, and what that allows."""
    iam = cloud.client("iam")
    (role,) = [one["RoleName"] for one in iam.list_roles()["Roles"] if one["RoleName"].startswith(f"{STACK}-Role")]
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    return role, name, iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]


def test_new_code_goes_live_and_finds_the_old_state(cloud: Cloud, coach: Path, tmp_path: Path) -> None:
    """A deploy with another bundle publishes a version, moves the alias, and carries on with what is stored; the alias
    moved back brings the old words back.
    """
    speaker, _, _ = _begin(cloud, "amzn1.ask.account.UPDATED", tmp_path)
    before = cloud.client("lambda").get_alias(FunctionName=NAME, Name="live")["FunctionVersion"]

    library = coach / bundle.LIBRARY
    words = library.read_text("utf-8")
    assert "elcome back" in words
    library.write_text(words.replace("elcome back", "elcome home"), "utf-8")
    bundle.pack(coach, tmp_path / "new.zip")
    _deploy(cloud, tmp_path / "new.zip", tmp_path / "cdk")

    after = cloud.client("lambda").get_alias(FunctionName=NAME, Name="live")["FunctionVersion"]
    assert int(after) > int(before)
    speaker.interrupt("stop")
    speaker.wait(DAY_MS)
    assert "elcome home" in json.dumps(speaker.launch())

    # docs/operate.md, "Roll back": the version before is still there, and one call makes it live again.
    cloud.client("lambda").update_alias(
        FunctionName=NAME, Name="live", FunctionVersion=before, RoutingConfig={"AdditionalVersionWeights": {}}
    )
    speaker.say("stop")
    speaker.wait(DAY_MS)
    assert "elcome back" in json.dumps(speaker.launch())


def test_taking_it_down_keeps_the_data(cloud: Cloud, coach: Path, tmp_path: Path) -> None:
    """After `cdk destroy` function and alarms are gone, and the table is still there with its rows."""
    speaker, _, _ = _begin(cloud, "amzn1.ask.account.LAST", tmp_path)
    synthesize(tmp_path / "cdk", coach.with_name("lambda.zip"), CONTEXT | FOR_EMULATOR)
    cloud.cdk("destroy", STACK, "--app", str(tmp_path / "cdk"), "--force")
    assert cloud.client("lambda").list_functions()["Functions"] == []
    assert cloud.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    assert "PROFILE" in _rows(cloud, speaker.who.user_id)
