"""Scripts: what can be written in them, what matches, and how a mismatch is shown."""

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from simulator.device.clock import VirtualClock
from simulator.scripts.script import Pattern, ScriptError, load, parse, unheard
from simulator.scripts.stage import Performance


def script(text: str) -> str:
    """A script as it stands in a file."""
    return textwrap.dedent(text).lstrip("\n")


def test_values_are_words_not_truth_values() -> None:
    """`U: yes`, `U: no` and `U: 10` are what a user says."""
    steps = parse("name: n\nturns: [{U: yes}, {U: no}, {U: 10}]\n", "s.yaml").steps
    assert [step.value for step in steps] == ["yes", "no", "10"]


def test_lines_are_kept() -> None:
    """Every step knows the line it stands on."""
    text = script("""
        name: n
        turns:
          - U: help

          - A: hello
            wait: 1.5 s
        """)
    assert [(step.kind, step.line) for step in parse(text, "s.yaml").steps] == [("U", 3), ("A", 5), ("wait", 6)]


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("12 s", 12_000),
        ("1.5 s", 1500),
        ("250 ms", 250),
        ("2 min", 120_000),
        ("3 h", 10_800_000),
        ("1 day", 86_400_000),
    ],
)
def test_lengths_of_time(text: str, ms: int) -> None:
    """Times are written with their unit."""
    assert parse(f"name: n\nturns: [{{wait: {text}}}]", "s.yaml").steps[0].value == ms


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("name: n\n", "s.yaml:1: `turns:` is missing"),
        ("- a\n", "s.yaml:1: a script has"),
        ("name: n\nturns: [\n", "the bracket that opens here is not closed"),
        ("name: n\nmood: good\nturns: []\n", "s.yaml:2: unknown field `mood`"),
        ("name: n\nat: soon\nturns: []\n", "`at: soon` is no moment"),
        ("name: n\ndevice: {smell: true}\nturns: []\n", "s.yaml:2: a device has no setting `smell`"),
        ("name: n\ndevice: {apl: maybe}\nturns: []\n", "s.yaml:2: `apl: maybe` cannot be read"),
        ("name: n\ndevice: {locale: de-DE}\nturns: []\n", "s.yaml:2: `locale: de-DE` cannot be read (there is no such"),
        ("name: n\nturns:\n  - Q: hello\n", "s.yaml:3: unknown step `Q`"),
        ("name: n\nturns:\n  - hello\n", "s.yaml:3: a step is `kind: value`"),
        ("name: n\nturns:\n  - wait: long\n", "s.yaml:3: “long” is no length of time"),
        ("name: n\nturns:\n  - interrupt: pause\n", "s.yaml:3: `interrupt: pause` cannot be read"),
        ("name: n\nturns:\n  - A: ''\n", "s.yaml:3: '' is no pattern"),
        ("name: n\nturns:\n  - A: [{maybe: x}]\n", "is no pattern"),
        ("name: n\nturns:\n  - expect: {weather: fine}\n", "s.yaml:3: nothing to expect is called `weather`"),
        ("name: n\nturns:\n  - expect: {session: open}\n", "s.yaml:3: `session: open` cannot be read"),
    ],
)
def test_a_script_that_cannot_be_read_says_where_and_what(text: str, complaint: str) -> None:
    """A mistake in a script is reported with its line and how to mend it."""
    with pytest.raises(ScriptError) as caught:
        parse(text, "s.yaml")
    assert complaint in str(caught.value)


def test_a_missing_file_is_a_script_error(tmp_path: Path) -> None:
    """A file that is not there is the user's mistake, not a traceback."""
    with pytest.raises(ScriptError, match="cannot be read"):
        load(tmp_path / "none.yaml")


HEARD = "Right foot forward, don\N{RIGHT SINGLE QUOTATION MARK}t rush. Hold. One, two, three. And release."


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        ("right foot forward", True),
        ("RIGHT FOOT, forward!", True),
        ("*right foot*release*", True),
        ("hold*two*release", True),
        ("release*hold", False),
        ("don't rush", True),
        ("on", False),
        ("hol", False),
        ("left foot", False),
    ],
)
def test_words_match_as_whole_words_in_order(words: str, heard: bool) -> None:
    """Case and punctuation do not matter, whole words and their order do, a star stands for anything."""
    assert (unheard((Pattern((words,)),), HEARD) is None) == heard


def test_a_list_is_heard_in_order() -> None:
    """All patterns of a list must be heard, each after the one before it."""
    first, second = Pattern(("hold",)), Pattern(("release",))
    assert unheard((first, second), HEARD) is None
    assert unheard((second, first), HEARD) == first


def test_alternatives_and_what_must_not_be_heard() -> None:
    """One alternative is enough; a forbidden word is found wherever it stands."""
    assert unheard((Pattern(("wall", "hold")),), HEARD) is None
    forbidden = Pattern(("rush",), forbidden=True)
    assert unheard((forbidden,), HEARD) == forbidden
    assert unheard((Pattern(("wall",), forbidden=True),), HEARD) is None


def reply(words: str, count: int) -> dict[str, Any]:
    """An answer that asks."""
    speech = {"type": "SSML", "ssml": f"<speak>{words}</speak>"}
    reprompt = {"outputSpeech": {"type": "SSML", "ssml": "<speak>Still there?</speak>"}}
    body = {"outputSpeech": speech, "reprompt": reprompt, "shouldEndSession": False}
    return {"version": "1.0", "sessionAttributes": {"count": count, "place": {"side": "left"}}, "response": body}


class Stage:
    """A skill whose processes share a count, the store of this test; each process remembers that it is new."""

    def __init__(self) -> None:
        self.turns = self.processes = 0

    def new_process(self, clock: VirtualClock) -> Any:
        self.processes += 1
        name = self.processes

        def send(event: dict[str, Any]) -> dict[str, Any]:
            if event["request"]["type"] == "SessionEndedRequest":
                return {"version": "1.0", "response": {}}
            self.turns += 1
            new = "new" if event["session"]["new"] else "old"
            return reply(f"Process {name}, turn {self.turns}, {new} session. Next?", self.turns)

        return send


def understand(text: str) -> Mapping[str, Any]:
    """Whatever is said is "next"."""
    return {"type": "IntentRequest", "intent": {"name": "AMAZON.NextIntent", "slots": {}}}


def perform(text: str) -> str | None:
    """The mismatch of a performance, as it is printed."""
    stage = Stage()
    mismatch = Performance(parse(script(text), "s.yaml"), stage.new_process, understand).run()
    return str(mismatch) if mismatch else None


def test_a_whole_script() -> None:
    """Turns, time, interruptions, restarts, a lost session and the next day happen as written."""
    text = """
        name: everything
        device: {apl: false, start_latency_ms: 0}
        at: 2026-03-01T10:00:00Z
        turns:
          - launch: true
          - A: process 1*turn 1*new session
          - U: go on
          - A: [turn 2, {not: new}]
          - expect: {microphone: opening, speaking: true, session: {count: 2, place.side: left, none: null}}
          - interrupt: {after: 100 ms, say: pause}
          - A: turn 3
          - wait: 20 s
          - reprompt: still there
          - restart: true
          - U: go on
          - A: [process 2, new session]
          - restart: keep-session
          - U: go on
          - A: [process 3, old session]
          - lose_session: true
          - U: go on
          - A: new session
          - silence: true
          - expect: {ended: true, microphone: closed}
          - next_day: 1
          - U: go on
          - A: [turn 7, new session]
        """
    assert perform(text) is None


def test_a_mismatch_shows_both_sides() -> None:
    """What was expected and what was heard stand side by side below the script's line."""
    shown = perform("""
        name: wrong
        turns:
          - U: go on
          - A: left foot forward
        """)
    assert shown is not None
    first, heading, row = shown.splitlines()[:3]
    assert first == "s.yaml:4"
    assert heading.split(" │ ")[0].strip() == "expected"
    assert row.split("│")[0].strip() == "left foot forward"
    assert row.split("│")[1].strip().startswith("Process 1, turn 1")


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ("expect: {microphone: closed}", "microphone: opening"),
        ("expect: {session: {count: 9}}", "session count: 1"),
        ("expect: {ended: true}", "ended: false"),
        ("reprompt: ready", "it has not been played"),
        ("touch: [next]", "there is nothing on the screen to touch"),
        ("A: {not: turn}", "Process 1"),
    ],
)
def test_every_departure_is_found(step: str, found: str) -> None:
    """A wrong state, a missing reprompt, an impossible touch and forbidden words are mismatches."""
    shown = perform(f"name: n\ndevice: {{apl: false}}\nturns:\n  - U: go on\n  - {step}\n")
    assert shown is not None
    assert "s.yaml:5" in shown
    assert found in shown
