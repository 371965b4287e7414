"""The CDK app: one stack a region of the stage that the context describes. Run by the CDK CLI, see cdk.json."""

import os
import sys
from pathlib import Path

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

from infra.deployment import ContextError, Deployment
from infra.stack import CoachStack

ROOT = Path(__file__).resolve().parents[1]
BUNDLE = ROOT / "build" / "lambda.zip"


def build(app: cdk.App, deployment: Deployment, bundle: Path = BUNDLE) -> list[CoachStack]:
    """Add the stacks of a deployment, the one with the table first."""
    account = os.environ.get("CDK_DEFAULT_ACCOUNT")
    stacks: list[CoachStack] = []
    for region in deployment.regions or ("",):
        # The first keeps its name when regions are added: under another, everything would be made a second time.
        suffix = f"-{region}" if stacks else ""
        env = cdk.Environment(account=account, region=region) if region else None
        stack = CoachStack(app, f"StretchCoach-{deployment.stage}{suffix}", deployment, bundle, region, env=env)
        if stacks:
            stack.add_stack_dependency(stacks[0])
        stacks.append(stack)
    cdk.Tags.of(app).add("project", "stretch-coach")
    cdk.Tags.of(app).add("stage", deployment.stage)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    return stacks


def main() -> None:
    """Synthesize for the CDK CLI; says what is wrong with the context or the bundle and exits with 1."""
    app = cdk.App()
    try:
        deployment = Deployment.from_context(app.node.try_get_context)
    except ContextError as error:
        sys.exit(f"context: {error}")
    if not BUNDLE.is_file():
        sys.exit("There is no build/lambda.zip yet. Build it first: make bundle")
    build(app, deployment)
    app.synth()


if __name__ == "__main__":
    main()
