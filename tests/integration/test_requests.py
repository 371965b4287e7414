"""Every request the platform is known to send, and some it is not, through the Lambda's own door."""

import importlib.util
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from simulator.device import limits

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "tests" / "requests").glob("*.json"))
SKILL_ID = "amzn1.ask.skill.00000000-0000-4000-8000-000000000000"
TYPES = {
    "LaunchRequest",
    "IntentRequest",
    "SessionEndedRequest",
    "CanFulfillIntentRequest",
    "Connections.Response",
    "Alexa.Presentation.APL.UserEvent",
    "Alexa.Presentation.APL.RuntimeError",
    "Alexa.Presentation.APLA.RuntimeError",
    "System.ExceptionEncountered",
    "AudioPlayer.PlaybackStopped",
    "AudioPlayer.PlaybackFailed",
    "PlaybackController.NextCommandIssued",
    "AlexaSkillEvent.SkillEnabled",
    "AlexaSkillEvent.SkillDisabled",
    "AlexaSkillEvent.SkillPermissionAccepted",
    "Foo.Bar",
}

Handler = Callable[[dict[str, Any], object], dict[str, Any]]


@pytest.fixture
def handler(monkeypatch: pytest.MonkeyPatch) -> Handler:
    """The Lambda's entry, started anew, with state in memory."""
    monkeypatch.setenv("STRETCH_COACH_SKILL_ID", SKILL_ID)
    monkeypatch.delenv("STRETCH_COACH_TABLE", raising=False)
    spec = importlib.util.spec_from_file_location("lambda_function_under_test", ROOT / "lambda" / "lambda_function.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    entry: Handler = module.lambda_handler
    return entry


def speaks(response: Mapping[str, Any]) -> bool:
    """Whether a response says anything."""
    body = response["response"]
    documents = [item for item in body.get("directives") or () if item["type"] in limits.SPOKEN_CARRIERS]
    return bool(body.get("outputSpeech") or documents)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_request(file: Path, handler: Handler) -> None:
    """Whatever arrives, the answer is valid JSON, within the limits, and speaks only where that is allowed."""
    case = json.loads(file.read_text())
    event = case["request"]
    request = event.get("request") or {}
    device = ((event.get("context") or {}).get("System") or {}).get("device") or {}
    screen = "Alexa.Presentation.APL" in (device.get("supportedInterfaces") or {})

    response = json.loads(json.dumps(handler(event, None), allow_nan=False))

    assert limits.problems(response, request_type=str(request.get("type")), has_screen=screen) == []
    assert speaks(response) == (case["expect"] == "speech")
    if case["expect"] == "reject":
        assert not response.get("sessionAttributes")


def test_every_request_type_has_a_file() -> None:
    """Each request type of the platform that can reach a skill is sent at least once."""
    cases = [json.loads(file.read_text()) for file in FILES]
    sent = {(case["request"].get("request") or {}).get("type") for case in cases}
    assert sent >= TYPES
    assert len(cases) >= 44


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_file_says_what_it_is_for(file: Path) -> None:
    """A request file is named as it says, gives its reason in a sentence, and says what to expect."""
    case = json.loads(file.read_text())
    assert case.keys() == {"name", "why", "expect", "request"}
    assert case["name"] == file.stem
    assert case["why"].endswith(".")
    assert case["expect"] in {"speech", "empty", "reject"}
