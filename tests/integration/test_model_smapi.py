"""The interaction models and the manifest against what the skill management API says of itself: the schema that comes
with npm's ask-smapi-model, and the classes of PyPI's.

Each catches what the other does not: the schema unknown keys and missing ones, the classes a wrong discriminator.
"""

import copy
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ask_sdk_core.exceptions import SerializationException
from ask_sdk_core.serialize import DefaultSerializer
from ask_smapi_model.v1.skill.interaction_model.interaction_model_data import InteractionModelData
from ask_smapi_model.v1.skill.manifest.skill_manifest_envelope import SkillManifestEnvelope

from content_reader.yaml_reader import load
from tests.integration.fetched import or_skip
from tools.publish import skill_package, smapi_schema
from tools.publish.skill_manifest import build_manifest
from tools.publish.smapi_schema import MANIFEST, MODEL
from tools.publish.smapi_schema import problems as against_schema

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "interaction_model"
LOCALES = ("en-AU", "en-CA", "en-GB", "en-IN", "en-US")
ENDPOINT = "arn:aws:lambda:us-east-1:123456789012:function:stretch-coach:live"

Document = dict[str, Any]


@pytest.fixture(name="definitions", scope="session")
def _definitions() -> Document:
    """Every type of the API's schema; skips where it cannot be had, and fails under CI."""
    return or_skip(smapi_schema.definitions)


def read_model(locale: str) -> Document:
    """A checked-in model."""
    document: Document = json.loads((FOLDER / f"{locale}.json").read_text(encoding="utf-8"))
    return document


def deployed_manifest() -> Document:
    """The manifest as it is deployed: with the endpoint that skill.json leaves open."""
    source = load(FOLDER / "skill.source.yaml")
    return build_manifest(source, list(read_order()), ENDPOINT)


def read_order() -> Iterator[str]:
    """The locales in the order of the checked-in manifest."""
    manifest = json.loads((FOLDER / "skill.json").read_text(encoding="utf-8"))
    yield from manifest["manifest"]["publishingInformation"]["locales"]


def against_classes(document: Document, kind: type) -> list[str]:
    """What is lost or changed when a document goes through Amazon's classes and back."""
    serializer = DefaultSerializer()
    try:
        back = serializer.serialize(serializer.deserialize(json.dumps(document), kind))
    except SerializationException as error:
        return [f"refused: {error}"]
    return list(differences(document, back))


def differences(before: Any, after: Any, where: str = "") -> Iterator[str]:
    """Each place where two JSON documents differ; a number is not equal to its text."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            if key in before and key in after:
                yield from differences(before[key], after[key], f"{where}/{key}")
            else:
                yield f"{where}/{key}: {'lost' if key in before else 'came from nowhere'}"
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, pair in enumerate(zip(before, after, strict=True)):
            yield from differences(*pair, f"{where}/{index}")
    elif before != after or type(before) is not type(after):
        yield f"{where}: {before!r} became {after!r}"


def test_every_locale_is_tried() -> None:
    """The list above is what is checked in."""
    assert tuple(sorted(path.stem for path in FOLDER.glob("??-??.json"))) == LOCALES


@pytest.mark.parametrize("locale", LOCALES)
def test_model_fits_the_schema(locale: str, definitions: Document) -> None:
    """Amazon's schema finds nothing in a model, a key it does not know included."""
    assert against_schema(read_model(locale), MODEL, definitions) == []


@pytest.mark.parametrize("locale", LOCALES)
def test_model_survives_the_classes(locale: str) -> None:
    """Amazon's classes give a model back as it was."""
    assert against_classes(read_model(locale), InteractionModelData) == []


def test_manifest_fits_the_schema(definitions: Document) -> None:
    """Amazon's schema finds nothing in the manifest that is deployed."""
    assert against_schema(deployed_manifest(), MANIFEST, definitions) == []


def test_checked_in_manifest_lacks_only_its_endpoint(definitions: Document) -> None:
    """All that skill.json leaves to the deploy is where the skill's events go."""
    checked_in = json.loads((FOLDER / "skill.json").read_text(encoding="utf-8"))
    assert against_schema(checked_in, MANIFEST, definitions) == ["manifest/events: 'endpoint' is a required property"]


def test_a_skill_can_be_created_before_its_function(tmp_path: Path, definitions: Document) -> None:
    """Laid out without an endpoint, the package's manifest fits the schema: the function needs the skill's id first."""
    assert skill_package.run(["--out", str(tmp_path / "skill-package")]) == 0
    manifest = json.loads((tmp_path / "skill-package" / "skill.json").read_text("utf-8"))
    assert against_schema(manifest, MANIFEST, definitions) == []


def test_manifest_survives_the_classes() -> None:
    """Amazon's classes give the manifest back as it was."""
    assert against_classes(deployed_manifest(), SkillManifestEnvelope) == []


def broken(kind: str) -> Document:
    """en-US with one fault."""
    document = copy.deepcopy(read_model("en-US"))
    language = document["interactionModel"]["languageModel"]
    match kind:
        case "unknown key":
            language["intents"][0]["sample"] = []
        case "no invocation name":
            del language["invocationName"]
        case "text for a list":
            language["intents"][0]["samples"] = "help"
        case "unknown sensitivity":
            language["modelConfiguration"]["fallbackIntentSensitivity"]["level"] = "EXTREME"
        case "number for a text":
            language["types"][0]["values"][0]["id"] = 7
        case "unknown validation":
            document["interactionModel"]["dialog"] = {
                "intents": [{"name": "PickIntent", "slots": [{"name": "which", "validations": [{"type": "isNice"}]}]}]
            }
    return document


@pytest.mark.parametrize(
    "kind", ["unknown key", "no invocation name", "text for a list", "unknown sensitivity", "number for a text"]
)
def test_schema_can_fail(kind: str, definitions: Document) -> None:
    """The schema finds each of these faults."""
    assert against_schema(broken(kind), MODEL, definitions)


@pytest.mark.parametrize("kind", ["unknown key", "unknown sensitivity", "number for a text", "unknown validation"])
def test_classes_can_fail(kind: str) -> None:
    """The way through the classes and back shows each of these faults."""
    assert against_classes(broken(kind), InteractionModelData)


def test_a_package_for_three_parts_of_the_world_passes_the_dry_check(tmp_path: Path, definitions: Document) -> None:
    """`skill-package --check` goes over everything with Amazon's schemas and finds nothing, regions included."""
    del definitions  # skipped where they cannot be had
    folder = tmp_path / "skill-package"
    arguments = ["--out", str(folder), "--site", "https://coach.invalid", "--endpoint", ENDPOINT, "--check"]
    regions = [("EU", "eu-west-1"), ("FE", "us-west-2")]
    arguments += [
        text for name, at in regions for text in ("--endpoint", f"{name}={ENDPOINT}".replace("us-east-1", at))
    ]
    assert skill_package.run(arguments) == 0
