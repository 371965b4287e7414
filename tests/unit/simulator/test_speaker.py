"""The speaker behind the page: its clock, what it tells, and whom it answers."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from content_reader.documents import load_library
from simulator.local import Local
from simulator.speaker import view
from simulator.speaker.clock import SpeakerClock
from simulator.speaker.compose import compose
from simulator.speaker.faults import PATIENCE_MS, Delayed, LateAnswer
from simulator.speaker.room import ACTIONS, TOGGLES, Speaker
from simulator.speaker.server import HEADER, LONGEST_TEXT, create_app

OURS = {HEADER: "test"}


@pytest.fixture(name="speaker")
def _speaker(tmp_path: Path) -> Iterator[Speaker]:
    speaker = compose(Local(tmp_path / "state.db"), None)
    yield speaker
    speaker.close()


@pytest.fixture(name="client")
def _client(speaker: Speaker) -> FlaskClient:
    return create_app(speaker).test_client()


@pytest.mark.parametrize("state", view.SUGGESTED)
def test_every_suggestion_is_understood(state: str, local: Local) -> None:
    """A phrase to press never falls through to "I didn't get that"."""
    for phrase in view.SUGGESTED[state]:
        request = local.understand(phrase)
        assert request["type"] == "LaunchRequest" or request["intent"]["name"] != "AMAZON.FallbackIntent", phrase


@pytest.fixture(name="local", scope="module")
def _local(tmp_path_factory: pytest.TempPathFactory) -> Local:
    return Local(tmp_path_factory.mktemp("local") / "state.db")


def test_every_example_on_the_screen_is_understood(local: Local) -> None:
    """What the screen says can be said, can be said."""
    for phrase in load_library("en-US").locale.words["screen"]["examples"]:
        assert local.understand(phrase)["intent"]["name"] != "AMAZON.FallbackIntent", phrase


def test_a_held_clock_stands_still() -> None:
    """Time stands still while it is held, and goes on from the moment it is released to."""
    clock = SpeakerClock()
    clock.hold()
    held = clock.now_ms
    time.sleep(0.01)
    assert clock.now_ms == held
    clock.release(held + 700)
    assert clock.now_ms >= held + 700


def test_a_released_clock_never_goes_back() -> None:
    """Releasing to a moment that has passed changes nothing."""
    clock = SpeakerClock()
    before = clock.now_ms
    clock.hold()
    clock.release(0)
    assert clock.now_ms >= before


def test_speed_changes_what_is_to_come_only() -> None:
    """Another speed does not move the present."""
    clock = SpeakerClock()
    before = clock.now_ms
    clock.speed = 50
    assert clock.now_ms - before < 1000
    clock.speed = 1000
    assert clock.speed == 50


def test_a_late_answer_is_lost_but_its_work_is_done() -> None:
    """The skill is asked, Alexa's patience passes, and nothing is handed back."""
    clock, asked = SpeakerClock(), []

    def send(message: dict[str, Any]) -> dict[str, Any]:
        asked.append(message)
        return {}

    skill = Delayed(send, clock, lambda: None)
    skill.is_late = True
    clock.speed = 50
    start = clock.now_ms
    with pytest.raises(LateAnswer):
        skill({"version": "1.0"})
    assert clock.now_ms - start >= PATIENCE_MS
    assert asked == [{"version": "1.0"}]
    assert skill({}) == {}, "only one answer is late"


def test_what_is_said_has_its_times(speaker: Speaker) -> None:
    """The parts of a line follow each other and end with the speech; a count-in is one phrase."""
    speaker.say("start the hip flexor stretch")
    state = speaker.state()
    parts = state["lines"][-1]["parts"]
    assert [part["at"] for part in parts] == sorted(part["at"] for part in parts)
    assert parts[-1]["at"] + parts[-1]["ms"] <= state["playing"]["total"]
    assert "Ready, and, hold" in [part.get("text") for part in parts]
    (count,) = (part for part in parts if part["kind"] == "count")
    assert [number for _, number in count["marks"]][-1] == 30
    assert all(steps is not None for steps in state["playing"]["steps"])


def test_a_count_that_goes_on_keeps_its_numbers(speaker: Speaker) -> None:
    """After a pause the count is shown from where it goes on, though "two" is what is said for twelve."""
    speaker.say("start the hip flexor stretch")
    (count,) = view.shown_counts(speaker.device.exchanges[-1].response)
    speaker.clock.advance(count["at"] + 14_500)
    speaker.say("pause")
    speaker.say("resume")
    left, right = (part for part in speaker.state()["lines"][-1]["parts"] if part["kind"] == "count")
    reached = view.shown_counts(speaker.device.exchanges[-1].response)[0]["first"]
    assert 10 < reached < 15
    assert [number for _, number in left["marks"]] == list(range(reached + 1, 31))
    assert [number for _, number in right["marks"]] == list(range(1, 31))


def test_suggestions_follow_the_count(speaker: Speaker) -> None:
    """While a count runs it can be paused; when it is over there is something else to say."""
    speaker.say("start the hip flexor stretch")
    assert "Pause" in speaker.state()["suggestions"]
    speaker.clock.advance(200_000)
    speaker.device.poll()
    assert "Pause" not in speaker.state()["suggestions"]
    assert "Next" in speaker.state()["suggestions"]


def test_making_words_of_speech_takes_no_time(speaker: Speaker) -> None:
    """While the button is held and the words are made out the microphone stays open; unheard, it closes in its time."""
    speaker.recognise = {b"help": "help"}.get  # type: ignore[assignment]  # None is no words either
    speaker.launch()
    speaker.wake()
    held = speaker.clock.now_ms
    time.sleep(0.05)
    assert speaker.clock.now_ms == held
    assert speaker.hear(b"help") == "help"
    assert "I lead stretches" in speaker.state()["lines"][-1]["text"]
    speaker.wake()
    assert not speaker.hear(b"noise")
    assert not speaker.clock.held


def test_a_press_is_shown_as_its_label(speaker: Speaker) -> None:
    """The transcript names the button that was pressed."""
    speaker.say("start the safety check")
    speaker.touch(["not_sure"])
    assert "Pressed “Not sure”" in [line["text"] for line in speaker.state()["lines"]]


def test_a_touch_on_nothing_is_told(speaker: Speaker) -> None:
    """Pressing a screen that shows nothing is a problem to tell, and the speaker goes on."""
    speaker.touch(["yes"])
    assert speaker.state()["problem"]
    speaker.launch()
    assert not speaker.state()["problem"]


@pytest.mark.parametrize("entry", [*TOGGLES, *ACTIONS])
def test_every_simulate_entry_is_told(client: FlaskClient, entry: str) -> None:
    """Each entry can be switched on over HTTP, and a switch shows that it is on."""
    answer = client.post("/api/simulate", json={"entry": entry, "on": True}, headers=OURS)
    assert answer.status_code == 200
    if entry in TOGGLES:
        assert answer.get_json()["simulated"][entry] is True
        answer = client.post("/api/simulate", json={"entry": entry, "on": False}, headers=OURS)
        assert answer.get_json()["simulated"][entry] is False


def test_foreign_names_are_refused(client: FlaskClient) -> None:
    """A page that points its own name at this machine gets nothing."""
    for name in ("evil.example", "evil.example:8181", "127.0.0.1.evil.example"):
        assert client.get("/api/state", headers={"Host": name}).status_code == 403
    for name in ("localhost:8181", "127.0.0.1:8181", "[::1]:8181", "localhost"):
        assert client.get("/api/state", headers={"Host": name}).status_code == 200


def test_what_changes_something_needs_our_header(client: FlaskClient) -> None:
    """A form or a script of a foreign page cannot make the speaker do anything."""
    assert client.post("/api/launch").status_code == 403
    assert client.post("/api/say", data={"text": "yes"}).status_code == 403
    assert client.post("/api/launch", headers=OURS).status_code == 200


def test_nothing_comes_from_another_host(client: FlaskClient) -> None:
    """The page's policy lets nothing in but its own files, and its files name no other host."""
    with client.get("/") as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    folder = Path(view.__file__).parent / "static"
    for file in folder.iterdir():
        text = file.read_text(encoding="utf-8").replace("http://www.w3.org/", "")
        assert "http://" not in text, file.name
        assert "https://" not in text, file.name


@pytest.mark.parametrize("body", [None, [], {}, {"text": ""}, {"text": 5}, {"text": "x" * (LONGEST_TEXT + 1)}])
def test_odd_bodies_are_refused(client: FlaskClient, body: object) -> None:
    """What is no sentence is answered with what would be one."""
    answer = client.post("/api/say", json=body, headers=OURS)
    assert answer.status_code == 400
    assert answer.get_json()["error"]


def test_sounds_of_the_past_are_gone(client: FlaskClient) -> None:
    """Only what is being said can be fetched."""
    assert client.get("/audio/7.wav").status_code == 404
    assert client.post("/api/hear", data=b"\0\0", headers=OURS).status_code == 404
    assert client.post("/api/simulate", json={"entry": "earthquake"}, headers=OURS).status_code == 404
