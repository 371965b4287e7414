"""The skill's manifest and the package for ASK CLI."""

import copy
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest

from content_reader.yaml_reader import load
from tools.publish.model import ROOT, dumps, models
from tools.publish.skill_manifest import build_manifest, manifest_problems
from tools.publish.skill_package import files, icon, run

FOLDER = ROOT / "interaction_model"
ARN = "arn:aws:lambda:us-east-1:123456789012:function:coach"


@pytest.fixture(scope="module")
def built() -> dict[str, dict[str, Any]]:
    """Every locale's model, built now."""
    return models()


@pytest.fixture(scope="module")
def source() -> dict[str, Any]:
    """The hand-written half of the manifest."""
    found: dict[str, Any] = load(FOLDER / "skill.source.yaml")
    return found


def test_the_manifest_is_fresh_and_sound(source: dict[str, Any], built: dict[str, dict[str, Any]]) -> None:
    """skill.json is what its source gives and keeps every rule."""
    manifest = build_manifest(source, list(built))
    assert (FOLDER / "skill.json").read_text("utf-8") == dumps(manifest), "write it with: python -m tools model"
    assert manifest_problems(manifest, built) == []


def test_an_endpoint_serves_requests_and_events(source: dict[str, Any]) -> None:
    """A given Lambda answers both the skill's requests and its events; without one the manifest names none."""
    skill = build_manifest(source, ["en-US"], ARN)["manifest"]
    assert skill["apis"]["custom"]["endpoint"] == skill["events"]["endpoint"] == {"uri": ARN}
    bare = build_manifest(source, ["en-US"])["manifest"]
    assert "endpoint" not in bare["apis"]["custom"]
    assert "endpoint" not in bare["events"]


def test_parts_of_the_world_have_endpoints_of_their_own(source: dict[str, Any]) -> None:
    """Listeners in Europe or the Far East can be answered by a function near them, their events as well."""
    skill = build_manifest(source, ["en-US"], ARN, {"EU": ARN.replace("us-east-1", "eu-west-1")})["manifest"]
    assert skill["apis"]["custom"]["regions"] == skill["events"]["regions"]
    assert skill["events"]["regions"]["EU"]["endpoint"]["uri"].startswith("arn:aws:lambda:eu-west-1:")


def test_a_web_service_is_named_with_its_certificate(source: dict[str, Any]) -> None:
    """An https endpoint says what kind of certificate its proxy has; a Lambda's ARN has none."""
    skill = build_manifest(source, ["en-US"], "https://coach.example.org/")["manifest"]
    assert skill["events"]["endpoint"] == {"uri": "https://coach.example.org/", "sslCertificateType": "Trusted"}


def _without_disclaimer(skill: dict[str, Any]) -> None:
    skill["publishingInformation"]["locales"]["en-GB"]["description"] = "Stretches."


def _strange_phrase(skill: dict[str, Any]) -> None:
    skill["publishingInformation"]["locales"]["en-US"]["examplePhrases"][1] = "Alexa, ask stretch coach to bake a cake"


def _no_wake_word(skill: dict[str, Any]) -> None:
    skill["publishingInformation"]["locales"]["en-US"]["examplePhrases"][0] = "open stretch coach"


def _four_phrases(skill: dict[str, Any]) -> None:
    skill["publishingInformation"]["locales"]["en-US"]["examplePhrases"] += ["Alexa, open stretch coach"]


def _deaf_to_disabling(skill: dict[str, Any]) -> None:
    skill["events"]["subscriptions"].pop()


def _for_children(skill: dict[str, Any]) -> None:
    skill["privacyAndCompliance"]["isChildDirected"] = True


def _unpublished(skill: dict[str, Any]) -> None:
    skill["publishingInformation"]["locales"].pop("en-IN")


def _long_summary(skill: dict[str, Any]) -> None:
    skill["publishingInformation"]["locales"]["en-US"]["summary"] = "x" * 161


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (_without_disclaimer, "en-GB: the description lacks the disclaimer"),
        (_strange_phrase, "is no sample of the model"),
        (_no_wake_word, "lacks the wake word"),
        (_four_phrases, "4 example phrases"),
        (_deaf_to_disabling, "SKILL_DISABLED is missing"),
        (_for_children, "isChildDirected"),
        (_unpublished, "en-IN: has a model but is not published"),
        (_long_summary, "summary has 161 characters"),
    ],
)
def test_a_broken_manifest_rule_is_named(
    source: dict[str, Any], built: dict[str, dict[str, Any]], break_it: Any, says: str
) -> None:
    """Each rule of the manifest, broken, gives its line."""
    manifest = copy.deepcopy(build_manifest(source, list(built)))
    break_it(manifest["manifest"])
    assert any(says in line for line in manifest_problems(manifest, built))


def test_the_package_has_the_layout_of_ask_cli(
    source: dict[str, Any], built: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    """Manifest, a model a locale, and every image the manifest points at."""
    package = files(build_manifest(source, list(built)), built)
    manifest = json.loads(package["skill.json"])["manifest"]
    assert {f"interactionModels/custom/{locale}.json" for locale in built} <= set(package)
    for locale in manifest["publishingInformation"]["locales"].values():
        assert locale["smallIconUri"].removeprefix("file://") in package
        assert locale["largeIconUri"].removeprefix("file://") in package
    assert run(["--out", str(tmp_path / "skill-package"), "--endpoint", ARN]) == 0
    written = {str(path.relative_to(tmp_path / "skill-package")) for path in (tmp_path / "skill-package").rglob("*.*")}
    assert written == set(package)
    resources = json.loads((tmp_path / "ask-resources.json").read_text("utf-8"))
    assert resources["profiles"]["default"]["skillMetadata"]["src"] == "./skill-package"


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    """The package never replaces a folder that holds something else."""
    (tmp_path / "letter.txt").write_text("mine", "utf-8")
    with pytest.raises(SystemExit, match="no skill package"):
        run(["--out", str(tmp_path)])
    assert (tmp_path / "letter.txt").read_text("utf-8") == "mine"


@pytest.mark.parametrize("size", [108, 512])
def test_an_icon_is_a_square_png(size: int) -> None:
    """An icon has the size Amazon asks for and as many pixels as it says."""
    image = icon(size)
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", image[16:24]) == (size, size)
    length = struct.unpack(">I", image[33:37])[0]
    assert len(zlib.decompress(image[41 : 41 + length])) == size * (1 + 3 * size)
