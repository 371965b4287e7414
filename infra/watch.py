"""What tells the owner how the skill is doing: metrics from its log lines, alarms, a dashboard."""

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.deployment import Deployment

SLOW_MS = 2000
"""Alexa waits eight seconds, a listener on a mat does not: past two the pause is felt."""

LINES = {
    "Faults": "{ $.faults > 0 }",
    "EmergencyPathFaults": '{ ($.faults > 0) && (($.from = "check") || ($.event = "StartSafetyCheckIntent")) }',
    "Unsaved": "{ $.unsaved > 0 }",
    "EraseFailures": "{ $.erase_failures > 0 }",
}
"""Metric to the log lines it counts (stretch_coach.logs). The function answers every turn, so AWS's own error count
sees time-outs, failed starts and skill events that are to be delivered again."""

TABLE_CALLS = ("Query", "PutItem", "DeleteItem", "TransactWriteItems")
"""The calls whose time the table is asked for, by their API's names."""


class Watch(Construct):
    """Metrics, alarms to one topic, and a dashboard."""

    def __init__(
        self,
        scope: Construct,
        deployment: Deployment,
        live: lambda_.Alias,
        log_group: logs.LogGroup,
        table: dynamodb.ITableV2,
    ) -> None:
        super().__init__(scope, "Watch")
        self.deployment = deployment
        self.topic = self._topic()
        self.counts = {name: self._count(log_group, name, pattern) for name, pattern in LINES.items()}
        minute = cdk.Duration.minutes(1)
        errors = live.metric_errors(period=minute, statistic="Sum")
        throttles = live.metric_throttles(period=minute, statistic="Sum")
        p99 = live.metric_duration(period=cdk.Duration.minutes(5), statistic="p99")
        self.rollback: list[cloudwatch.IAlarm] = [
            self._alarm(
                "Errors", errors, 1, "Turns that timed out, or a start that failed: the listener heard nothing"
            ),
            self._alarm("Faults", self.counts["Faults"], 1, "Faults of ours: the listener heard an apology"),
            self._alarm(
                "EmergencyPathFaults", self.counts["EmergencyPathFaults"], 1, "A fault inside the safety check: act now"
            ),
        ]
        self._alarm("Slow", p99, SLOW_MS, "One turn in a hundred took two seconds or more", periods=3, of=2)
        self._alarm("Throttles", throttles, 1, "Requests turned away: the account's concurrency is used up")
        # Long enough for three turns of a single listener: a table that is gone must show at night, too.
        unsaved = self.counts["Unsaved"].with_(period=cdk.Duration.minutes(5))
        self._alarm("StoreFailures", unsaved, 3, "Turns whose state could not be written")
        self._alarm("EraseFailures", self.counts["EraseFailures"], 1, "Data that should be gone is still there")
        self._dashboard(live, table, errors, throttles, log_group)

    def _topic(self) -> sns.Topic:
        # No key: CloudWatch cannot publish through the one AWS manages, and an alarm says nothing about anybody.
        topic = sns.Topic(self, "Alarms", display_name=f"Stretch Coach {self.deployment.stage}", enforce_ssl=True)
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}},
            )
        )
        if self.deployment.alarm_email:
            topic.add_subscription(subscriptions.EmailSubscription(self.deployment.alarm_email))
        return topic

    def _count(self, log_group: logs.LogGroup, name: str, pattern: str) -> cloudwatch.Metric:
        counted = logs.MetricFilter(
            self,
            name,
            log_group=log_group,
            filter_pattern=logs.FilterPattern.literal(pattern),
            metric_namespace=f"StretchCoach/{self.deployment.stage}",
            metric_name=name,
            metric_value="1",
        )
        return counted.metric(period=cdk.Duration.minutes(1), statistic="Sum")

    def _alarm(
        self, name: str, metric: cloudwatch.IMetric, threshold: float, says: str, *, periods: int = 1, of: int = 1
    ) -> cloudwatch.Alarm:
        alarm = cloudwatch.Alarm(
            self,
            f"{name}Alarm",
            alarm_name=f"{self.deployment.name} {name}",
            alarm_description=f"{says}. What to do: docs/operate.md, {name}",
            metric=metric,
            threshold=threshold,
            evaluation_periods=periods,
            datapoints_to_alarm=of,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        alarm.add_ok_action(actions.SnsAction(self.topic))
        return alarm

    def _dashboard(
        self,
        live: lambda_.Alias,
        table: dynamodb.ITableV2,
        errors: cloudwatch.Metric,
        throttles: cloudwatch.Metric,
        log_group: logs.LogGroup,
    ) -> None:
        took = [
            live.metric_duration(statistic=statistic, label=statistic, period=cdk.Duration.minutes(5))
            for statistic in ("p50", "p99")
        ]
        used = [table.metric_consumed_read_capacity_units(), table.metric_consumed_write_capacity_units()]
        calls = [
            table.metric_successful_request_latency(
                dimensions_map={"TableName": table.table_name, "Operation": call}, statistic="Maximum", label=call
            )
            for call in TABLE_CALLS
        ]
        slow = cloudwatch.HorizontalAnnotation(value=SLOW_MS, label="felt as a pause")
        failed = (
            "fields @timestamp, `event`, `from`, `error`, `where` | filter faults > 0 or erase_failures > 0 "
            "| sort @timestamp desc | limit 20"
        )
        graph = cloudwatch.GraphWidget
        # Dashboards, unlike all else here, share their names across regions; the first has the plain one.
        here = cdk.Stack.of(self).region
        region = f"-{here}" if here in self.deployment.regions[1:] else ""
        board = cloudwatch.Dashboard(self, "Dashboard", dashboard_name=f"{self.deployment.name}{region}")
        board.add_widgets(
            graph(title="Turns", left=[live.metric_invocations(statistic="Sum")], width=8),
            graph(title="Time, ms", left=took, left_annotations=[slow], width=8),
            graph(title="Nothing heard", left=[errors, throttles], width=8),
        )
        board.add_widgets(
            graph(title="Counted from the log", left=list(self.counts.values()), width=8),
            graph(title="Table: slowest call, ms", left=calls, width=8),
            graph(title="Table: units used", left=used, width=8),
        )
        board.add_widgets(
            cloudwatch.LogQueryWidget(
                title="Faults, newest first",
                log_group_names=[log_group.log_group_name],
                query_string=failed,
                view=cloudwatch.LogQueryVisualizationType.TABLE,
                width=24,
            )
        )
