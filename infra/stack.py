"""One region of the skill: the function and who may call it, the table, and how a new version goes live."""

from collections.abc import Sequence
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct

from infra.deployment import MEMORY_MB, Deployment
from infra.watch import Watch

RUNTIME = lambda_.Runtime.PYTHON_3_13
"""The version whose bytecode `python -m tools bundle` makes."""

TIMEOUT_SECONDS = 7
"""Alexa gives up after eight; the store gives up well before (stretch_coach.stores.dynamodb)."""

STORE_CALLS = ("dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem")
"""What the store calls; its transactions are allowed by the same names."""

KEY_CALLS = ("kms:Decrypt", "kms:Encrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*")
"""What DynamoDB asks of a key in the name of whoever reads and writes its table."""

CODEDEPLOY_POLICY = "service-role/AWSCodeDeployRoleForLambdaLimited"


class CoachStack(cdk.Stack):
    """A region's stack; the first region's makes the table, the others use its copy."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        deployment: Deployment,
        bundle: Path,
        region: str,
        *,
        env: cdk.Environment | None = None,
    ) -> None:
        own = cdk.CliCredentialsStackSynthesizer() if deployment.credentials == "cli" else None
        super().__init__(
            scope, name, env=env, synthesizer=own, description="Stretch Coach: a voice coach for hips and lower backs"
        )
        self.deployment = deployment
        is_copy = bool(deployment.regions) and region != deployment.regions[0]
        self.key = self._key()
        self.table = self._known_table() if is_copy or deployment.existing_table else self._new_table()
        self.log_group = logs.LogGroup(
            self,
            "Logs",
            log_group_name=f"/stretch-coach/{deployment.stage}",
            retention=_retention(deployment.retention_days),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.function = self._function(bundle)
        self.live = lambda_.Alias(self, "Live", alias_name="live", version=self.function.current_version)
        if deployment.skill_id:
            self.live.add_permission(
                "Alexa",
                principal=iam.ServicePrincipal("alexa-appkit.amazon.com"),
                action="lambda:InvokeFunction",
                event_source_token=deployment.skill_id,
            )
        self.watch = Watch(self, deployment, self.live, self.log_group, self.table)
        if deployment.canary:
            self._canary()
        self._outputs()

    def _new_table(self) -> dynamodb.ITableV2:
        keep = self.deployment.keep_data
        return dynamodb.TableV2(
            self,
            "Table",
            table_name=self.deployment.name,
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            billing=dynamodb.Billing.on_demand(),
            time_to_live_attribute="expires_at",
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            encryption=self._encryption(),
            deletion_protection=keep,
            removal_policy=cdk.RemovalPolicy.RETAIN if keep else cdk.RemovalPolicy.DESTROY,
            replicas=[dynamodb.ReplicaTableProps(region=region) for region in self.deployment.regions[1:]],
        )

    def _encryption(self) -> dynamodb.TableEncryptionV2:
        if self.key is None:
            return dynamodb.TableEncryptionV2.aws_managed_key()
        return dynamodb.TableEncryptionV2.customer_managed_key(self.key)

    def _key(self) -> kms.IKey | None:
        """The account's own key, None where AWS manages it."""
        if self.deployment.table_key == "aws":
            return None
        if self.deployment.table_key != "customer":
            return kms.Key.from_key_arn(self, "TableKey", self.deployment.table_key)
        # Without the key the table cannot be read, so it is kept as long as the table.
        keep = self.deployment.keep_data
        return kms.Key(
            self,
            "TableKey",
            description=f"Encrypts the table {self.deployment.name}",
            enable_key_rotation=True,
            removal_policy=cdk.RemovalPolicy.RETAIN if keep else cdk.RemovalPolicy.DESTROY,
        )

    def _known_table(self) -> dynamodb.ITableV2:
        name = self.deployment.existing_table or self.deployment.name
        return dynamodb.TableV2.from_table_name(self, "Table", name)

    def _role(self) -> iam.Role:
        """Only what a turn needs: its log streams, three calls on one table, and that table's key."""
        role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        role.add_to_policy(
            iam.PolicyStatement(
                actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[self.log_group.log_group_arn]
            )
        )
        role.add_to_policy(iam.PolicyStatement(actions=list(STORE_CALLS), resources=[self.table.table_arn]))
        wildcards = ["AwsSolutions-IAM5[Resource::*]"] if self.deployment.tracing else []
        if self.key:
            role.add_to_policy(
                iam.PolicyStatement(
                    actions=list(KEY_CALLS),
                    resources=[self.key.key_arn],
                    conditions={"StringEquals": {"kms:ViaService": f"dynamodb.{self.region}.amazonaws.com"}},
                )
            )
            wildcards += [
                "AwsSolutions-IAM5[Action::kms:GenerateDataKey*]",
                "AwsSolutions-IAM5[Action::kms:ReEncrypt*]",
            ]
        acknowledge(
            role,
            wildcards,
            "X-Ray has no resources to name; KMS's two families of calls are for the table's key through DynamoDB.",
        )
        return role

    def _function(self, bundle: Path) -> lambda_.Function:
        deployment, role = self.deployment, self._role()
        function = lambda_.Function(
            self,
            "Function",
            function_name=deployment.name,
            description="Answers the Alexa skill Stretch Coach",
            runtime=RUNTIME,
            architecture=lambda_.Architecture.ARM_64,
            handler="lambda_function.lambda_handler",
            code=lambda_.Code.from_asset(str(bundle)),
            role=role,
            memory_size=MEMORY_MB,
            timeout=cdk.Duration.seconds(TIMEOUT_SECONDS),
            environment={
                "STRETCH_COACH_TABLE": self.table.table_name,
                "STRETCH_COACH_SKILL_ID": deployment.skill_id,
                "STRETCH_COACH_SCREENING_MINUTES": str(deployment.screening_minutes),
                "STRETCH_COACH_COUNT_AUDIO": deployment.count_audio,
            },
            log_group=self.log_group,
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=lambda_.ApplicationLogLevel.INFO,
            system_log_level_v2=lambda_.SystemLogLevel.INFO,
            # An earlier version is what the alias goes back to (docs/operate.md), so a deployment leaves it there.
            current_version_options=lambda_.VersionOptions(removal_policy=cdk.RemovalPolicy.RETAIN),
            snap_start=lambda_.SnapStartConf.ON_PUBLISHED_VERSIONS if deployment.snap_start else None,
            tracing=lambda_.Tracing.ACTIVE if deployment.tracing else lambda_.Tracing.DISABLED,
        )
        # The CDK lists the role here, too, which the function names anyway; its policy is what has to be waited for.
        resource, policy = function.node.default_child, role.node.find_child("DefaultPolicy").node.default_child
        assert isinstance(resource, cdk.CfnResource)
        assert isinstance(policy, cdk.CfnElement)
        resource.add_override("DependsOn", [self.get_logical_id(policy)])
        acknowledge(
            function, ["AwsSolutions-L1"], "The bundle's bytecode and tests are for this version; both move on."
        )
        return function

    def _canary(self) -> None:
        application = codedeploy.LambdaApplication(self, "Deployments")
        group = codedeploy.LambdaDeploymentGroup(
            self,
            "Canary",
            application=application,
            alias=self.live,
            deployment_config=codedeploy.LambdaDeploymentConfig.CANARY_10_PERCENT_5_MINUTES,
            alarms=self.watch.rollback,
            auto_rollback=codedeploy.AutoRollbackConfig(
                failed_deployment=True, stopped_deployment=True, deployment_in_alarm=True
            ),
        )
        acknowledge(
            group.node.find_child("ServiceRole"),
            [f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{CODEDEPLOY_POLICY}]"],
            "The policy AWS keeps for exactly this service role.",
        )

    def _outputs(self) -> None:
        outputs = {
            "Endpoint": (self.live.function_arn, "The skill's endpoint: what its manifest names"),
            "TableName": (self.table.table_name, "Where state is kept"),
            "AlarmTopic": (self.watch.topic.topic_arn, "Where alarms are announced"),
        }
        if self.key:
            outputs["TableKeyArn"] = (self.key.key_arn, "The table's key: give it with existing_table")
        for name, (value, description) in outputs.items():
            cdk.CfnOutput(self, name, value=value, description=description)


def acknowledge(construct: IConstruct, ids: Sequence[str], reason: str) -> None:
    """Accept findings of cdk-nag on one construct, with the reason why."""
    for finding in ids:
        cdk.Validations.of(construct).acknowledge(cdk.Acknowledgment(id=finding, reason=reason))


def _retention(days: int) -> logs.RetentionDays:
    names = {
        1: "ONE_DAY", 3: "THREE_DAYS", 5: "FIVE_DAYS", 7: "ONE_WEEK", 14: "TWO_WEEKS", 30: "ONE_MONTH",
        60: "TWO_MONTHS", 90: "THREE_MONTHS", 120: "FOUR_MONTHS", 150: "FIVE_MONTHS", 180: "SIX_MONTHS",
        365: "ONE_YEAR", 400: "THIRTEEN_MONTHS", 545: "EIGHTEEN_MONTHS", 731: "TWO_YEARS",
    }  # fmt: skip
    return logs.RetentionDays[names[days]]
