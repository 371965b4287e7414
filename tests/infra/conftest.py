"""Synthesized templates for the tests of infra/, each made once a session.

They need the CDK, which has an environment of its own: `make test-cloud`. Without it there is nothing to collect.
"""

import json
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

if find_spec("aws_cdk") is None:
    collect_ignore_glob = ["test_*.py"]

Json = dict[str, Any]
SKILL_ID = "amzn1.ask.skill.00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Synthesized:
    """What the CDK wrote for one context."""

    folder: Path
    templates: Mapping[str, Json]
    """Stack name to template."""

    @property
    def only(self) -> Json:
        (template,) = self.templates.values()
        return template

    def resources(self, kind: str) -> list[Json]:
        """The resources of one type, in all stacks."""
        return [
            resource
            for template in self.templates.values()
            for resource in template["Resources"].values()
            if resource["Type"] == kind
        ]

    def one(self, kind: str) -> Json:
        """The properties of the only resource of a type."""
        (resource,) = self.resources(kind)
        properties: Json = resource["Properties"]
        return properties


Synthesize = Callable[..., Synthesized]


def synthesize(folder: Path, bundle: Path, context: Mapping[str, object]) -> Synthesized:
    """Run the app as the CDK CLI does; raises what synthesis raises, findings of cdk-nag among it."""
    import aws_cdk as cdk

    from infra.app import build
    from infra.deployment import Deployment

    app = cdk.App(outdir=str(folder), context=dict(context), analytics_reporting=False)
    build(app, Deployment.from_context(app.node.try_get_context), bundle)
    app.synth()
    paths = sorted(folder.glob("*.template.json"))
    templates = {path.name.removesuffix(".template.json"): json.loads(path.read_text("utf-8")) for path in paths}
    return Synthesized(folder, templates)


def counted_by(line: Mapping[str, object]) -> set[str]:
    """The metrics that count a log line.

    The emulator keeps filters without applying them, so the part of CloudWatch's pattern language that we use is read
    here: `&&`, `||`, `=`, `>`, parentheses, and a field that is missing, which matches nothing.
    """
    from infra.watch import LINES

    return {metric for metric, pattern in LINES.items() if _holds(pattern.strip("{} "), line)}


def _holds(pattern: str, line: Mapping[str, object]) -> bool:
    def compare(found: re.Match[str]) -> str:
        value, relation, wanted = line.get(found[1]), found[2], json.loads(found[3])
        if relation == ">":
            return str(isinstance(value, int) and value > wanted)
        return str(value == wanted)

    truths = re.sub(r'\$\.(\w+) (>|=) ("\w+"|\d+)', compare, pattern).replace("&&", "and").replace("||", "or")
    assert re.fullmatch(r"(True|False|and|or|[() ])+", truths), f"not a pattern this reads: {pattern}"
    return bool(eval(truths))  # made of True, False, and, or, and parentheses alone


@pytest.fixture(name="small_bundle", scope="session")
def _small_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A zip that never changes, so that templates do not change with the code."""
    path = tmp_path_factory.mktemp("bundle") / "lambda.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("lambda_function.py"), "def lambda_handler(event, context): ...\n")
    return path


@pytest.fixture(name="synth", scope="session")
def _synth(small_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Synthesize:
    made: dict[str, Synthesized] = {}

    def once(**context: object) -> Synthesized:
        key = json.dumps(context, sort_keys=True)
        if key not in made:
            made[key] = synthesize(tmp_path_factory.mktemp("cdk"), small_bundle, context)
        return made[key]

    return once
