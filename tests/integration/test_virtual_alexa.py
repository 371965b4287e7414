"""Conversations through npm's virtual-alexa: somebody else's reading of the interaction model, over HTTP to the skill.

It matches samples as they are written and resolves slots by id, name and synonym; what it cannot match it throws, so
these are sentences the model must hold.
"""

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from sound.playback import timeline
from stretch_coach.alexa.skill import Skill, build_skill, invoke_json
from stretch_coach.library import Library
from stretch_coach.stores.memory import MemoryStore
from tests.integration.fetched import or_skip
from tools.dependencies import fetch

HERE = Path(__file__).parent / "virtual_alexa"
MODEL = Path(__file__).resolve().parents[2] / "interaction_model" / "en-US.json"
SECONDS = 120
"""One conversation on a busy machine."""


@dataclass(frozen=True)
class Turn:
    request: Mapping[str, Any]
    """The `request` of what virtual-alexa sent."""
    answer: Mapping[str, Any]

    @property
    def intent(self) -> str:
        return str(self.request["intent"]["name"])

    @property
    def state(self) -> object:
        return self.answer["sessionAttributes"].get("state")

    def resolved(self, slot: str) -> str:
        """The id that the model gave a slot."""
        (authority,) = self.request["intent"]["slots"][slot]["resolutions"]["resolutionsPerAuthority"]
        return str(authority["values"][0]["value"]["id"])

    @property
    def words(self) -> str:
        """All that is heard, in small letters."""
        return timeline(self.answer).text.lower()


@pytest.fixture(name="modules", scope="module")
def _modules() -> Path:
    return or_skip(lambda: fetch.npm("virtual-alexa"))


@pytest.fixture(name="skill")
def _skill(library: Library) -> Skill:
    return build_skill(library, MemoryStore())


@pytest.fixture(name="url")
def _url(skill: Skill) -> Iterator[str]:
    """The skill behind HTTP, on a free port of this machine."""

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps(invoke_json(skill, event)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the base class
            """Not to standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def talk(modules: Path, url: str, *turns: Mapping[str, Any]) -> list[Turn]:
    """One conversation; every turn with what was sent for it and what came back."""
    done = subprocess.run(
        [fetch.node(), str(HERE / "drive.cjs"), str(modules), str(MODEL), url],
        input=json.dumps({"turns": turns}), capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [Turn(one["sent"]["request"], one["answer"]) for one in lines]


def said(words: str, after: int = 5) -> dict[str, Any]:
    """A sentence, `after` seconds after the one before."""
    return {"say": words, "after": after}


LAUNCH = {"launch": True}


def test_an_exercise_is_started_paused_and_resumed(modules: Path, url: str) -> None:
    """A slot value by its synonym starts the exercise; pause knows the place from the time, resume goes on there."""
    launch, start, pause, resume = talk(
        modules, url, LAUNCH, said("start the supine figure four"), said("pause", after=60), said("resume")
    )
    assert "stretch coach" in launch.words
    assert (start.intent, start.resolved("exercise")) == ("StartExerciseIntent", "figure-four-stretch")
    assert start.state == "counting"
    assert pause.intent == "AMAZON.PauseIntent"
    assert pause.state == "paused"
    assert "resume" in pause.words
    assert resume.intent == "AMAZON.ResumeIntent"
    assert resume.state == "counting"


def test_a_check_answered_no_goes_on_and_yes_ends_it(modules: Path, url: str, library: Library) -> None:
    """A no leads to the next item; a yes to an emergency item ends the check with what to do."""
    _, first, second, end = talk(
        modules, url, LAUNCH, said("start the safety check"), said("no i don't"), said("yes i do")
    )
    items = [turn.answer["sessionAttributes"].get("item") for turn in (first, second, end)]
    assert first.intent == "StartSafetyCheckIntent"
    assert items[0] != items[1]
    assert set(items) & library.red_flags.keys() == set(items[:2])
    assert [second.intent, end.intent] == ["AMAZON.NoIntent", "AMAZON.YesIntent"]
    assert "911" in end.words or "nine one one" in end.words


def test_not_sure_is_asked_again(modules: Path, url: str) -> None:
    """An answer that is neither asks the same item once more."""
    _, first, again = talk(modules, url, LAUNCH, said("start the safety check"), said("i'm not sure"))
    assert again.intent == "NotSureIntent"
    assert again.answer["sessionAttributes"]["item"] == first.answer["sessionAttributes"]["item"]


def test_a_red_flag_is_asked_about_in_one_breath(modules: Path, url: str) -> None:
    """A one-shot question reaches the red flag by its words and is answered without a diagnosis."""
    (turn,) = talk(modules, url, said("ask stretch coach to is numbness in the groin a red flag"))
    assert turn.intent == "RedFlagInfoIntent"
    assert turn.resolved("red_flag") == "saddle-numbness"
    assert "numb" in turn.words


def test_a_sentence_that_is_no_sample_is_refused(modules: Path, url: str) -> None:
    """What virtual-alexa cannot find in the model ends the conversation, so a model without a sample cannot pass."""
    with pytest.raises(AssertionError, match="Unable to match utterance"):
        talk(modules, url, LAUNCH, said("paint the ceiling blue"))
