"""The dry check of a skill package: each thing that Amazon would refuse, or that would leave the skill unreachable."""

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tools.dependencies import fetch
from tools.publish import package_check, smapi_schema
from tools.publish.package_check import problems
from tools.publish.skill_package import run

ARN = "arn:aws:lambda:eu-west-1:123456789012:function:stretch-coach-prod:live"
SITE = "https://coach.invalid"
LOCALES = ("en-US", "en-GB")


@pytest.fixture(name="laid_out", scope="module")
def _laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package") / "skill-package"
    assert run(["--out", str(folder), "--endpoint", ARN, "--endpoint", f"FE={ARN}", "--site", SITE]) == 0
    # Two locales are enough, and the others take their time.
    for path in (folder / "interactionModels" / "custom").glob("*.json"):
        if path.stem not in LOCALES:
            path.unlink()
            change(folder / "skill.json", partial(drop, locale=path.stem))
    return folder


def drop(manifest: Any, locale: str) -> None:
    """Publish in one locale less."""
    for part in ("publishingInformation", "privacyAndCompliance"):
        del manifest["manifest"][part]["locales"][locale]


@pytest.fixture(name="package")
def _package(laid_out: Path, tmp_path: Path) -> Path:
    """A package of this test's own."""
    shutil.copytree(laid_out.parent, tmp_path, dirs_exist_ok=True)
    return tmp_path / laid_out.name


def change(path: Path, how: Callable[[Any], object]) -> None:
    """Change a JSON file."""
    document = json.loads(path.read_text("utf-8"))
    how(document)
    path.write_text(json.dumps(document), "utf-8")


def set_endpoint(uri: str) -> Callable[[Any], object]:
    """Name another endpoint, for requests and events alike."""

    def how(manifest: Any) -> None:
        skill = manifest["manifest"]
        skill["apis"]["custom"]["endpoint"] = skill["events"]["endpoint"] = {"uri": uri}

    return how


def test_a_package_as_it_is_laid_out_is_sound(package: Path) -> None:
    """With an endpoint and a site of the owner's, there is nothing to say."""
    assert problems(package, None) == []


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("arn:aws:lambda:eu-west-1:123456789012:function:coach", "names no alias"),
        ("arn:aws:lambda:eu-central-1:123456789012:function:coach:live", "does not call a Lambda in eu-central-1"),
        ("arn:aws:s3:::coach", "not the ARN of a Lambda"),
        ("https://coach.invalid:8443/", "port 443"),
    ],
)
def test_an_endpoint_that_cannot_be_called_is_named(package: Path, uri: str, says: str) -> None:
    """Where Alexa would not get through, or not be let in, the line says why."""
    change(package / "skill.json", set_endpoint(uri))
    (line,) = problems(package, None)
    assert says in line


def test_a_web_service_is_an_endpoint(package: Path) -> None:
    """An https address is as good as a function."""
    change(package / "skill.json", set_endpoint("https://coach.invalid/"))
    assert problems(package, None) == []


def test_events_that_go_elsewhere_are_named(package: Path) -> None:
    """Data is erased by an event, so events must reach the same skill."""
    change(package / "skill.json", lambda manifest: manifest["manifest"]["events"].pop("regions"))
    assert problems(package, None) == ["regions: events go elsewhere than requests. Name the same for both"]


def test_a_package_without_endpoint_or_site_says_so(tmp_path: Path) -> None:
    """What was not given when it was laid out is missing."""
    assert run(["--out", str(tmp_path / "skill-package")]) == 0
    said = problems(tmp_path / "skill-package", None)
    assert "Give --endpoint" in said[0]
    assert all("Give --site" in line for line in said[1:])
    assert len(said) > 1


def test_damage_is_named(package: Path) -> None:
    """A missing or wrong image, a model that is no JSON, a rule broken by hand: each has its line."""
    (package / "assets" / "images" / "en-US_small-icon-108.png").unlink()
    large = package / "assets" / "images" / "en-GB_large-icon-512.png"
    large.write_bytes((package / "assets" / "images" / "en-GB_small-icon-108.png").read_bytes())
    (package.parent / "ask-resources.json").write_text("{}", "utf-8")
    said = problems(package, None)
    assert [line.partition(":")[0] for line in said] == ["en-US", "en-GB", "ask-resources.json"]
    (package / "interactionModels" / "custom" / "en-GB.json").write_text("{", "utf-8")
    assert [line.partition(":")[0] for line in problems(package, None)] == ["en-GB.json"]


def test_a_model_that_is_too_large_is_named(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond Amazon's limit a model is refused, so it is named."""
    monkeypatch.setattr(package_check, "MOST_MODEL_BYTES", 1000)
    assert all("At most 1,000" in line for line in problems(package, None))


TYPES = {
    smapi_schema.MANIFEST: {"required": ["manifest"]},
    smapi_schema.MODEL: {"required": ["interactionModel"], "properties": {"version": {"type": "string"}}},
}
"""Stands for Amazon's schemas, which tests/integration/test_model_smapi.py uses."""


def test_what_the_schema_has_against_it_is_told(package: Path) -> None:
    """A document that Amazon's schema refuses is named by its file, with what is wrong."""
    assert problems(package, dict(TYPES)) == []
    change(package / "interactionModels" / "custom" / "en-GB.json", lambda model: model.update(version=7))
    assert problems(package, dict(TYPES)) == ["en-GB: version: 7 is not of type 'string'"]


def test_without_the_schemas_the_rest_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where Amazon's schemas cannot be had, that is said, and the other rules are gone over."""

    def nowhere() -> dict[str, Any]:
        raise fetch.Unavailable("no network")

    monkeypatch.setattr(smapi_schema, "definitions", nowhere)
    arguments = ["--out", str(tmp_path / "skill-package"), "--check"]
    assert run(arguments) == 1
    assert "schemas are left out. no network" in capsys.readouterr().err
    assert run([*arguments, "--endpoint", ARN, "--site", SITE]) == 0
    assert "no problems" in capsys.readouterr().out


@pytest.mark.parametrize("given", [[ARN, ARN], ["ME=" + ARN], ["live"]])
def test_endpoints_that_make_no_sense_are_refused(given: list[str], tmp_path: Path) -> None:
    """Two for everyone, a part of the world that Amazon does not know, or no address at all."""
    arguments = [text for uri in given for text in ("--endpoint", uri)]
    with pytest.raises(SystemExit):
        run(["--out", str(tmp_path / "skill-package"), *arguments])
