"""The synthesized templates: what would be made, and who may do what."""

import difflib
import json
import os
import re
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
import yaml
from cfnlint import ManualArgs, lint  # type: ignore[import-untyped]  # published without types
from cloudformation_validate import RegoEngine  # type: ignore[import-untyped]  # published without types

from infra import app as coach_app
from infra import stack as coach_stack
from infra import watch
from infra.deployment import REGIONS, Deployment
from stretch_coach import logs
from stretch_coach.stores.dynamodb import DynamoStore
from tests.infra.conftest import SKILL_ID, Synthesize, counted_by
from tools.dependencies import fetch

ROOT = Path(__file__).resolve().parents[2]
SNAPSHOT = Path(__file__).with_name("snapshot.yaml")
EVERYTHING = {
    "stage": "beta",
    "skill_id": SKILL_ID,
    "regions": "eu-west-1",
    "alarm_email": "owner@example.org",
    "table_key": "customer",
    "tracing": "true",
    "screening_minutes": "0",
}
KEY = "arn:aws:kms:us-east-1:111122223333:key/00000000-0000-4000-8000-000000000000"
CONTEXTS: dict[str, dict[str, object]] = {
    "default": {},
    "linked": {"skill_id": SKILL_ID},
    "everything": dict(EVERYTHING),
    "regions": {"skill_id": SKILL_ID, "regions": "us-east-1,eu-west-1,us-west-2"},
    "plain": {"canary": "false", "snap_start": "false", "keep_data": "false", "existing_table": "restored"},
    "restored": {"existing_table": "restored", "table_key": KEY, "regions": "us-east-1"},
}
each_context = pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS)


def _statements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return found


def test_the_table_is_the_one_the_store_expects(synth: Synthesize) -> None:
    """Keys, expiry attribute, on-demand, recovery, encryption, and protection against deletion."""
    (resource,) = synth().resources("AWS::DynamoDB::GlobalTable")
    table = resource["Properties"]
    assert [(key["AttributeName"], key["KeyType"]) for key in table["KeySchema"]] == [("pk", "HASH"), ("sk", "RANGE")]
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    (replica,) = table["Replicas"]
    assert replica["DeletionProtectionEnabled"] is True
    assert replica["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"


def test_the_function_runs_the_bundle(synth: Synthesize) -> None:
    """The bundle's Python and handler, a limit below Alexa's, a snapshot at publishing, JSON lines to its own group."""
    found = synth(skill_id=SKILL_ID)
    function = found.one("AWS::Lambda::Function")
    assert function["Runtime"] == f"python{fetch.RUNTIME}"
    assert function["Architectures"] == ["arm64"]
    assert function["Handler"] == "lambda_function.lambda_handler"
    assert 2 < function["Timeout"] < 8
    assert function["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    assert function["LoggingConfig"]["LogFormat"] == "JSON"
    assert function["LoggingConfig"]["ApplicationLogLevel"] == "INFO"
    assert function["Environment"]["Variables"].keys() == {
        *("STRETCH_COACH_TABLE", "STRETCH_COACH_SKILL_ID", "STRETCH_COACH_SCREENING_MINUTES"),
        "STRETCH_COACH_COUNT_AUDIO",
    }
    assert found.one("AWS::Logs::LogGroup")["RetentionInDays"] == 30


def test_only_the_skill_may_call_and_only_what_is_live(synth: Synthesize) -> None:
    """The one permission is Alexa's, bound to the skill's id and to the alias; without an id there is none."""
    found = synth(skill_id=SKILL_ID)
    permission = found.one("AWS::Lambda::Permission")
    assert permission["Principal"] == "alexa-appkit.amazon.com"
    assert permission["EventSourceToken"] == SKILL_ID
    assert permission["Action"] == "lambda:InvokeFunction"
    alias = permission["FunctionName"]["Ref"]
    assert found.only["Resources"][alias]["Properties"]["Name"] == "live"
    assert synth().resources("AWS::Lambda::Permission") == []


def test_the_role_may_do_what_the_store_does(synth: Synthesize) -> None:
    """Log lines, and three calls on the one table; no managed policy, no wildcard."""
    found = synth()
    lambda_role = found.only["Resources"][found.one("AWS::Lambda::Function")["Role"]["Fn::GetAtt"][0]]
    assert "ManagedPolicyArns" not in lambda_role["Properties"]
    (policy,) = found.resources("AWS::IAM::Policy")
    allowed = {
        call: json.dumps(statement["Resource"])
        for statement in _statements(policy["Properties"])
        for call in statement["Action"]
    }
    assert allowed.keys() == {"logs:CreateLogStream", "logs:PutLogEvents", *coach_stack.STORE_CALLS}
    for call in coach_stack.STORE_CALLS:
        assert re.fullmatch(r'\{"Fn::GetAtt": \["Table\w+", "Arn"\]\}', allowed[call])


def test_the_store_calls_nothing_else() -> None:
    """The calls the role allows are the ones the store's source makes; a transaction goes by its parts' names."""
    names = {"query": "Query", "put_item": "PutItem", "delete_item": "DeleteItem", "get_item": "GetItem"}
    names |= {"update_item": "UpdateItem", "scan": "Scan", "batch_write_item": "BatchWriteItem"}
    source = Path(DynamoStore.load.__code__.co_filename).read_text("utf-8")
    made = {f"dynamodb:{action}" for name, action in names.items() if re.search(rf'\.{name}\(|"{name}"', source)}
    assert made == set(coach_stack.STORE_CALLS)


def test_a_customer_key_is_used_by_the_function_and_kept(synth: Synthesize) -> None:
    """With a key of the account's own, the role may use it, it rotates, and it outlives the stack as the table does."""
    found = synth(**EVERYTHING)
    (key,) = found.resources("AWS::KMS::Key")
    assert key["Properties"]["EnableKeyRotation"] is True
    assert key["DeletionPolicy"] == "Retain"
    (policy,) = found.resources("AWS::IAM::Policy")
    (kms,) = [one for one in _statements(policy["Properties"]) if any("kms:" in call for call in one["Action"])]
    assert kms["Resource"]["Fn::GetAtt"][0].startswith("TableKey")
    assert kms["Condition"] == {"StringEquals": {"kms:ViaService": "dynamodb.eu-west-1.amazonaws.com"}}
    assert found.only["Outputs"]["TableKeyArn"]["Value"]["Fn::GetAtt"][0].startswith("TableKey")


def test_the_key_of_a_restored_table_is_used(synth: Synthesize) -> None:
    """A table that is there keeps its key: none is made, and the function may use the one that is named."""
    found = synth(**CONTEXTS["restored"])
    assert found.resources("AWS::KMS::Key") == found.resources("AWS::DynamoDB::GlobalTable") == []
    (policy,) = found.resources("AWS::IAM::Policy")
    (kms,) = [one for one in _statements(policy["Properties"]) if any("kms:" in call for call in one["Action"])]
    assert kms["Resource"] == KEY
    assert set(kms["Action"]) == set(coach_stack.KEY_CALLS)


@each_context
def test_every_alarm_reaches_the_topic_and_the_manual(synth: Synthesize, context: dict[str, object]) -> None:
    """Seven alarms, each announced, each silent without traffic, each with a section in docs/operate.md."""
    found = synth(**context)
    manual = (ROOT / "docs" / "operate.md").read_text("utf-8")
    for template in found.templates.values():
        alarms = [
            one["Properties"] for one in template["Resources"].values() if one["Type"] == "AWS::CloudWatch::Alarm"
        ]
        (topic,) = [name for name, one in template["Resources"].items() if one["Type"] == "AWS::SNS::Topic"]
        assert len(alarms) == 7
        for alarm in alarms:
            assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": topic}]
            assert alarm["TreatMissingData"] == "notBreaching"
            assert f"\n### {alarm['AlarmName'].split()[-1]}\n" in manual


def test_a_lost_table_is_noticed_with_one_listener(synth: Synthesize) -> None:
    """Three unsaved turns within five minutes, which one talk has, raise the alarm of the store."""
    alarms = [one["Properties"] for one in synth().resources("AWS::CloudWatch::Alarm")]
    (store,) = [alarm for alarm in alarms if alarm["AlarmName"].endswith("StoreFailures")]
    assert (store["MetricName"], store["Threshold"], store["Period"]) == ("Unsaved", 3, 300)
    assert store["EvaluationPeriods"] == store["DatapointsToAlarm"] == 1


def test_alarms_count_lines_the_function_writes(synth: Synthesize) -> None:
    """Each field that a metric filter looks at is one that the log lines have."""
    written = {*logs.METRICS, "from", "event"}
    for pattern in watch.LINES.values():
        assert set(re.findall(r"\$\.(\w+)", pattern)) <= written
    assert len(synth().resources("AWS::Logs::MetricFilter")) == len(watch.LINES)


@pytest.mark.parametrize(
    ("line", "metrics"),
    [
        ({"message": "turn", "unsaved": 0, "event": "Launch", "from": "home"}, set()),
        ({"message": "turn", "unsaved": 1, "event": "answer", "from": "check"}, {"Unsaved"}),
        ({"message": "turn failed", "faults": 1, "event": "PauseIntent", "from": "counting"}, {"Faults"}),
        (
            {"message": "turn failed", "faults": 1, "event": "answer", "from": "check"},
            {"Faults", "EmergencyPathFaults"},
        ),
        (
            {"message": "turn failed", "faults": 1, "event": "StartSafetyCheckIntent", "from": "home"},
            {"Faults", "EmergencyPathFaults"},
        ),
        ({"message": "turn failed", "erase_failures": 1, "event": "", "from": ""}, {"EraseFailures"}),
    ],
    ids=["answered", "unsaved", "failed", "failed-in-the-check", "failed-on-starting-it", "not-erased"],
)
def test_each_line_counts_as_what_it_is(line: dict[str, object], metrics: set[str]) -> None:
    """Each kind of log line adds to its metrics and to no other."""
    assert counted_by(line) == metrics


def test_a_new_version_goes_live_by_canary(synth: Synthesize) -> None:
    """The alias moves by CodeDeploy, a tenth first, and back by itself on an alarm; it can be switched off."""
    found = synth()
    (alias,) = found.resources("AWS::Lambda::Alias")
    assert alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
    group = found.one("AWS::CodeDeploy::DeploymentGroup")
    assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
    assert len(group["AlarmConfiguration"]["Alarms"]) == 3
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
    (version,) = found.resources("AWS::Lambda::Version")
    assert version["DeletionPolicy"] == "Retain", "the version before is what a roll back needs"
    (plain,) = synth(**CONTEXTS["plain"]).resources("AWS::Lambda::Alias")
    assert "UpdatePolicy" not in plain


def test_regions_share_one_table(synth: Synthesize) -> None:
    """Several regions: a function each, one table with copies, and the others wait for the first."""
    found = synth(**CONTEXTS["regions"])
    table = found.one("AWS::DynamoDB::GlobalTable")
    assert [replica["Region"] for replica in table["Replicas"]] == ["eu-west-1", "us-west-2", "us-east-1"]
    assert len(found.resources("AWS::Lambda::Function")) == len(found.templates) == 3
    tables = {json.dumps(one["Properties"]["Environment"]["Variables"]["STRETCH_COACH_TABLE"])
              for one in found.resources("AWS::Lambda::Function")}  # fmt: skip
    assert '"stretch-coach-prod"' in tables
    boards = {board["Properties"]["DashboardName"] for board in found.resources("AWS::CloudWatch::Dashboard")}
    assert boards == {"stretch-coach-prod", "stretch-coach-prod-eu-west-1", "stretch-coach-prod-us-west-2"}
    assert all(replica["DeletionProtectionEnabled"] for replica in table["Replicas"])
    assert all(one["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] for one in table["Replicas"])
    manifest = json.loads((found.folder / "manifest.json").read_text("utf-8"))["artifacts"]
    for region in ("eu-west-1", "us-west-2"):
        assert "StretchCoach-prod" in manifest[f"StretchCoach-prod-{region}"]["dependencies"]


def test_a_region_can_be_added_later(synth: Synthesize) -> None:
    """The first region's stack has the same name, and makes the same things under the same names, alone or not."""
    alone = synth(skill_id=SKILL_ID, regions="us-east-1").only["Resources"]
    first = synth(**CONTEXTS["regions"]).templates["StretchCoach-prod"]["Resources"]
    assert {name: one["Type"] for name, one in alone.items()} == {name: one["Type"] for name, one in first.items()}
    named = ("TableName", "FunctionName", "DashboardName", "AlarmName", "LogGroupName")
    for name, one in alone.items():
        for key in named:
            assert one["Properties"].get(key) == first[name]["Properties"].get(key)


def test_a_restored_table_can_be_used(synth: Synthesize) -> None:
    """With existing_table no table is made, and function and role point at the one named."""
    found = synth(**CONTEXTS["plain"])
    assert found.resources("AWS::DynamoDB::GlobalTable") == []
    assert found.one("AWS::Lambda::Function")["Environment"]["Variables"]["STRETCH_COACH_TABLE"] == "restored"
    assert "table/restored" in json.dumps(found.resources("AWS::IAM::Policy"))


def test_everything_is_tagged(synth: Synthesize) -> None:
    """Table, function and topic carry project and stage."""
    found = synth(**EVERYTHING)
    wanted = [{"Key": "project", "Value": "stretch-coach"}, {"Key": "stage", "Value": "beta"}]
    for kind in ("AWS::Lambda::Function", "AWS::SNS::Topic", "AWS::Logs::LogGroup"):
        assert found.one(kind)["Tags"] == wanted
    assert found.one("AWS::DynamoDB::GlobalTable")["Replicas"][0]["Tags"] == wanted


@each_context
def test_templates_name_no_account_and_no_secret(synth: Synthesize, context: dict[str, object]) -> None:
    """No account number and nothing like a key is in a template."""
    text = json.dumps(synth(**context).templates).replace(SKILL_ID, "").replace(KEY, "")
    assert not re.findall(r"(?<![0-9a-f])\d{12}(?![0-9a-f])", text)
    assert not re.findall(r"AKIA|SecretAccessKey|password", text, re.IGNORECASE)


@each_context
def test_templates_are_clean(synth: Synthesize, context: dict[str, object]) -> None:
    """cfn-lint and cloudformation-validate find nothing to say."""
    engine, regional = RegoEngine(), ManualArgs(regions=list(REGIONS))
    for name in synth(**context).templates:
        path = synth(**context).folder / f"{name}.template.json"
        assert [str(match) for match in lint(path.read_text("utf-8"), config=regional)] == []
        found = engine.validate_template(str(path)).diagnostics
        assert [f"{one.rule_id} {one.message}" for one in found if one.severity.name != "INFO"] == []


@each_context
def test_each_acknowledgement_answers_a_finding(
    small_bundle: Path, tmp_path: Path, context: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Left unacknowledged, cdk-nag finds exactly what is acknowledged, and each acknowledgement says why."""
    accepted: set[str] = set()

    def note(construct: object, ids: list[str], reason: str) -> None:
        assert len(reason.split()) > 5
        accepted.update(ids)

    monkeypatch.setattr(coach_stack, "acknowledge", note)
    app = cdk.App(outdir=str(tmp_path), context=dict(context), analytics_reporting=False)
    coach_app.build(app, Deployment.from_context(app.node.try_get_context), small_bundle)
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    report = json.loads((tmp_path / "validation-report.json").read_text("utf-8"))
    found = {one["ruleName"] for plugin in report["pluginReports"] for one in plugin["violations"]}
    assert found == accepted


def test_the_snapshot_is_current(synth: Synthesize) -> None:
    """The template of a linked skill is the reviewed one; a change shows as a difference of text."""
    now = yaml.safe_dump(synth(skill_id=SKILL_ID).only, width=120)
    if os.environ.get("UPDATE_SNAPSHOT"):
        SNAPSHOT.write_text(now, "utf-8")
    then = SNAPSHOT.read_text("utf-8") if SNAPSHOT.exists() else ""
    changes = "\n".join(difflib.unified_diff(then.splitlines(), now.splitlines(), "reviewed", "now", lineterm=""))
    assert not changes, f"review, then accept with UPDATE_SNAPSHOT=1 make test-cloud\n{changes}"
