"""The command line over a skill that answers by heart: what is shown, what is asked, how it ends."""

import io
import json
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from simulator import cli
from simulator.device import Device, Send
from simulator.device.clock import DAY_MS, Clock, VirtualClock, from_iso
from simulator.local import default_state, stored
from simulator.talk.commands import Commands
from simulator.talk.console import Lines, PlainConsole, TerminalConsole
from simulator.talk.live import LiveView, Phrase, Tick, cues
from simulator.talk.talk import Setting, talk_fast
from simulator.talk.transcript import Count, Prose, Quiet, pieces, text_of
from sound.playback import Heard, Kind, timeline
from stretch_coach.errors import ContentError

START = from_iso("2026-03-01T10:00:00Z")


def ssml(words: str) -> dict[str, Any]:
    """Speech as a response carries it."""
    return {"type": "SSML", "ssml": f"<speak>{words}</speak>"}


def slots(*spoken: tuple[str, int]) -> dict[str, Any]:
    """A document of exact slots: (words, length in ms)."""
    items = [
        {
            "type": "Mixer",
            "items": [
                {"type": "Silence", "duration": ms},
                {"type": "Speech", "contentType": "PlainText", "content": words, "duration": "trimToParent"},
            ],
        }
        if words
        else {"type": "Silence", "duration": ms}
        for words, ms in spoken
    ]
    document = {"type": "APLA", "version": "0.91", "mainTemplate": {"items": [{"type": "Sequencer", "items": items}]}}
    return {"type": "Alexa.Presentation.APLA.RenderDocument", "token": "count", "document": document}


FIVE = [(word, 1000) for word in ("one", "two", "three", "four", "five")]
HOLD = slots(("Hold on the left side.", 3000), *FIVE, ("And release. Say next.", 3000))


def fake_skill(event: dict[str, Any]) -> dict[str, Any]:
    """Greets, leads a hold of five seconds on the left side, says goodbye to stop."""
    request = event["request"]
    name = request.get("intent", {}).get("name", "")
    if request["type"] == "SessionEndedRequest":
        return {"version": "1.0", "response": {}}
    if name == "AMAZON.StopIntent":
        return {"version": "1.0", "response": {"outputSpeech": ssml("Bye for now."), "shouldEndSession": True}}
    body: dict[str, Any] = {"shouldEndSession": False, "reprompt": {"outputSpeech": ssml("Still there?")}}
    if name == "StartExerciseIntent":
        body["directives"] = [HOLD]
    elif name == "BrokenIntent":
        body = {"outputSpeech": ssml("No flag.")}
    else:
        body["outputSpeech"] = ssml("Hello. What would you like?")
    return {"version": "1.0", "sessionAttributes": {"state": "home"}, "response": body}


def understand(text: str) -> Mapping[str, Any]:
    """A model of four words."""
    names = {"stop": "AMAZON.StopIntent", "start": "StartExerciseIntent", "break": "BrokenIntent"}
    return {"type": "IntentRequest", "intent": {"name": names.get(text, "AMAZON.FallbackIntent"), "slots": {}}}


class FakeLocal:
    """A checkout whose skill is the fake one."""

    error: ContentError | None = None

    def __init__(self, state: Path, locale: str = "en-US", count_audio: str = "auto") -> None:
        self.state = state

    @property
    def library(self) -> object:
        if self.error:
            raise self.error
        return object()

    def understand(self, text: str) -> Mapping[str, Any]:
        return understand(text)

    def new_process(self, clock: Clock) -> Send:
        return fake_skill


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type[FakeLocal]:
    """The command line over the fake skill."""
    monkeypatch.setattr("simulator.cli.options.Local", FakeLocal)
    monkeypatch.setattr("simulator.cli.play.Local", FakeLocal)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(FakeLocal, "error", None)
    return FakeLocal


def talked(*lines: str, state: Path = Path("none.db"), echo: bool = True) -> list[str]:
    """What a pipe shows for some lines."""
    out = io.StringIO()
    setting = Setting(lambda clock: fake_skill, understand, state, device={"apl": False})
    talk_fast(setting, lines, PlainConsole(out), VirtualClock(START), echo=echo)
    return out.getvalue().splitlines()


# ---------------------------------------- talking


def test_a_pipe_is_answered_line_by_line() -> None:
    """A talk through a pipe opens the skill, repeats what is said and shows each answer on a line."""
    assert talked("start", "", "stop") == [
        "A: Hello. What would you like?",
        "U: start",
        "A: Hold on the left side. [count 1 … 5, 5.0 s] And release. Say next.",
        "U: stop",
        "A: Bye for now.",
    ]


def test_the_same_lines_give_the_same_text() -> None:
    """Nothing in a piped talk depends on the machine's time."""
    assert talked("start", "/wait 9", "stop") == talked("start", "/wait 9", "stop")


def test_silence_plays_the_reprompt_and_ends_the_session() -> None:
    """/wait lets the device time out as a real one does."""
    assert talked("/wait 60")[-2:] == ["A: Still there?", "-- the session ends (EXCEEDED_MAX_REPROMPTS)"]


def test_silence_to_the_end() -> None:
    """/silence runs to the end of the session in one step."""
    assert talked("/silence") == [talked("/wait 60")[0], "U: /silence", *talked("/wait 60")[2:]]


def test_an_interruption_shows_where_it_came() -> None:
    """/interrupt stops the speech at its moment, and says after which words."""
    shown = talked("start", "/interrupt 5.5 stop")
    assert shown[-2:] == ["-- Alexa was interrupted at “… left side. one two three …”", "A: Bye for now."]


def test_exit_ends_the_session() -> None:
    """Exit is Alexa's own word."""
    assert talked("exit")[-1] == "-- the session ends (USER_INITIATED)"


def test_the_next_day_the_session_is_over() -> None:
    """/nextday lets a day pass."""
    assert talked("/nextday")[-3:] == [
        "   it is the next day",
        "A: Still there?",
        "-- the session ends (EXCEEDED_MAX_REPROMPTS)",
    ]


def test_json_request_and_attributes() -> None:
    """The developer's commands print what went over the wire."""
    response = json.loads("\n".join(talked("/json")[2:]))
    request = json.loads("\n".join(talked("/request")[2:]))
    attributes = json.loads("\n".join(talked("/attributes")[2:]))
    assert response["response"]["outputSpeech"] == ssml("Hello. What would you like?")
    assert request["request"]["type"] == "LaunchRequest"
    assert request["session"]["new"] is True
    assert attributes == {"state": "home"}


def test_the_store_is_shown(tmp_path: Path) -> None:
    """/store prints every row, JSON unfolded; a store that is not there yet is empty."""
    path = tmp_path / "state.db"
    assert stored(path) == {}
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE items (pk TEXT, data TEXT)")
        connection.execute("INSERT INTO items VALUES ('u', '{\"a\": 1}')")
    connection.close()
    assert json.loads("\n".join(talked("/store", state=path)[2:])) == {"items": [{"pk": "u", "data": {"a": 1}}]}


def test_capabilities_can_be_switched() -> None:
    """/noscreen and /noapla switch what the device can do, and back."""
    shown = talked("/noscreen", "/noscreen", "/noapla", "start")
    assert "   the device has a screen" in shown
    assert "   the device does without a screen" in shown
    assert "-- the device could not play the APLA document" in shown


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("/dance", "there is no /dance"),
        ("/", "there is no /."),
        ("/wait", "/wait is not used like this"),
        ("/wait long", "/wait takes seconds"),
        ("/interrupt 5", "/interrupt takes seconds and words"),
        ("/json now", "/json is not used like this"),
        ("/touch next", "there is nothing on the screen to touch"),
        ("/interrupt 99 stop", "nothing to interrupt"),
        ("/wait '", "No closing quotation"),
        ("break", "shouldEndSession is missing"),
    ],
)
def test_a_mistake_is_told_and_the_talk_goes_on(line: str, complaint: str) -> None:
    """No line can end a talk with a traceback."""
    shown = talked(line, "stop")
    assert any(complaint in text for text in shown)
    assert shown[-1] == "A: Bye for now."


def test_help_and_quit() -> None:
    """/help lists every command there is; nothing after /quit is said."""
    shown = "\n".join(talked("/help", "/quit", "stop"))
    commands = {name[1:] for name in vars(Commands) if name.startswith("_") and not name.startswith("__")}
    for name in commands - {"show", "switch"} | {"quit"}:
        assert f"/{name}" in shown
    assert "Bye" not in shown


# ---------------------------------------- what is heard


def heard(*spoken: tuple[str, int]) -> tuple[Heard, ...]:
    """What is heard of slots."""
    body = {"directives": [slots(*spoken)], "shouldEndSession": True}
    return timeline({"version": "1.0", "response": body}).heard


def words_up_to(total: int) -> list[tuple[str, int]]:
    """A second for each number, the ones digit alone between the tens, as the coach counts."""
    ones = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    tens = {20: "twenty", 30: "thirty"}
    return [(tens.get(n) or ones[(n - 1) % 10], 1000) for n in range(1, total + 1)]


def test_a_count_is_one_piece_of_exact_length() -> None:
    """Thirty counts of a second are 30.0 s, numbered to thirty though the tens are left out."""
    (count,) = pieces(heard(*words_up_to(30)))
    assert count.text == "[count 1 … 30, 30.0 s]"


def test_words_inside_a_count_do_not_break_it() -> None:
    """Half-way and last-three cues belong to the count."""
    spoken = words_up_to(30)
    spoken[14], spoken[26] = ("halfway", 1000), ("nearly", 1000)
    assert text_of(heard(("Hold.", 2000), *spoken, ("And release, slowly and gently.", 3000))) == (
        "Hold. [count 1 … 30, 30.0 s] And release, slowly and gently."
    )


def test_a_count_down() -> None:
    """Numbers may fall."""
    down = [(word, 1000) for word in ("five", "four", "three", "two", "one")]
    assert text_of(heard(*down)) == "[count 5 … 1, 5.0 s]"


def test_tens_and_the_last_five() -> None:
    """A sparse count is read at its pace: the last five are not taken for twenty-five and on."""
    spoken = [("", 9000), ("ten", 1000), ("", 9000), ("twenty", 1000), ("", 5000)]
    down = [(word, 1000) for word in ("five", "four", "three", "two", "one")]
    assert text_of(heard(*spoken, *down)) == "(9 s) [count 10 … 20, 11.0 s] (5 s) [count 5 … 1, 5.0 s]"


def test_sides_are_two_counts() -> None:
    """What is said between two counts parts them."""
    spoken = [*FIVE, ("Switch sides. Right side now.", 4000), *FIVE]
    assert [type(piece) for piece in pieces(heard(*spoken)) if not isinstance(piece, Quiet)] == [Count, Prose, Count]


def test_one_number_is_prose() -> None:
    """A single number is a word like others."""
    assert text_of((Heard(0, 400, "two", Kind.SPEECH),)) == "two"


def test_long_quiet_is_named() -> None:
    """Quiet of two seconds and more is shown, shorter quiet is not."""
    assert text_of(heard(("Lie down.", 1500), ("", 6000), ("Ready.", 1500))) == "Lie down. (7 s) Ready."


# ---------------------------------------- the live view


class Recorder:
    """A console that remembers."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.statuses: list[str] = []

    def line(self, text: str) -> None:
        self.shown.append(text)

    def phrase(self, text: str) -> None:
        self.shown.append(text)

    def status(self, text: str) -> None:
        if not self.statuses or self.statuses[-1] != text:
            self.statuses.append(text)

    def close(self) -> None:
        pass


@pytest.fixture
def live() -> Iterator[tuple[Device, LiveView, Recorder]]:
    """A device, what is seen of it, and where it is seen."""
    clock = VirtualClock(START)
    device = Device(fake_skill, understand, clock, apl=False, utterance_ms=0, start_latency_ms=500)
    console = Recorder()
    yield device, LiveView(device, console, clock), console
    assert device.clock.now_ms >= START


def run(device: Device, view: LiveView, ms: int) -> None:
    """Let time pass in small steps, looking at each."""
    for _ in range(ms // 50):
        device.wait(50)
        view.update()


def test_prose_appears_phrase_by_phrase() -> None:
    """Phrases begin at their share of the sentence's time."""
    parts = (Prose(1000, "Lie down, knees bent.", 2000),)
    assert cues(parts) == (Phrase(1000, "Lie down,"), Phrase(1000 + 2000 * 10 // 21, "knees bent."))


def test_a_number_stands_beside_what_it_counts() -> None:
    """Each tick carries the last words about a side or a set."""
    shown = cues(pieces(heard(("Hold on the left side.", 2000), *FIVE)))
    ticks = [cue for cue in shown if isinstance(cue, Tick)]
    assert [(tick.number, tick.label) for tick in ticks] == [(n, "Hold on the left side") for n in range(1, 6)]
    assert [later.start_ms - earlier.start_ms for earlier, later in pairwise(ticks)] == [1000] * 4


def test_the_count_is_live(live: tuple[Device, LiveView, Recorder]) -> None:
    """In a hold the status line shows each number when it is spoken, not before."""
    device, view, console = live
    device.say("start")
    run(device, view, 500 + 3000 + 1500)
    assert console.statuses[-1].split() == ["2", "Hold", "on", "the", "left", "side"]
    run(device, view, 4000)
    assert "[count 1 … 5, 5.0 s]" in console.shown


def test_the_microphone_is_shown_closing(live: tuple[Device, LiveView, Recorder]) -> None:
    """The eight seconds of open microphone are counted down, and the end of the session is told."""
    device, view, console = live
    device.launch()
    run(device, view, 40_000)
    text = "\n".join(console.statuses)
    assert all(f"closing in {seconds} s" in text for seconds in range(1, 9))
    assert "   the session ends (EXCEEDED_MAX_REPROMPTS)" in console.shown
    assert "session is over" in console.statuses[-1]


def test_a_barge_in_shows_the_number_reached(live: tuple[Device, LiveView, Recorder]) -> None:
    """Typing while she counts stops the count where it is."""
    device, view, console = live
    device.say("start")
    run(device, view, 500 + 3000 + 3200)
    view.said("stop")
    device.interrupt("stop")
    view.update()
    assert console.shown[-2:] == ["[count up to 4] …", "U: stop"]
    run(device, view, 5000)
    assert "A: Bye for now." in console.shown


# ---------------------------------------- the terminal


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> tuple[TerminalConsole, io.StringIO]:
    """A terminal of 40 columns and 10 rows, and what is written to it."""
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((40, 10)))
    out = io.StringIO()
    return TerminalConsole(out), out


def rows(written: str) -> list[tuple[int, str]]:
    """(row, text) of everything written at a place of its own; -1 where the text above scrolled."""
    moves = re.findall(r"\x1b7\x1b\[(\d+);1H(\n|\x1b\[2K)(.*?)\x1b8", written)
    return [(-1 if how == "\n" else int(row), re.sub(r"\x1b\[\d+m", "", text)) for row, how, text in moves]


def test_the_count_has_a_row_of_its_own(terminal: tuple[TerminalConsole, io.StringIO]) -> None:
    """The line that changes is the last but one; only the rows above it scroll; the user types on the last."""
    console, out = terminal
    assert "\x1b[1;8r" in out.getvalue()
    assert out.getvalue().endswith("\x1b[10;1H\x1b[2K> ")
    console.status("1")
    console.status("2")
    console.status("2")
    assert rows(out.getvalue()) == [(9, "1"), (9, "2")]


def test_phrases_fill_a_row_and_go_on_in_the_next(terminal: tuple[TerminalConsole, io.StringIO]) -> None:
    """A phrase joins the row under way while it fits, else it begins a row, and nothing is wider than the window."""
    console, out = terminal
    for phrase in ("A: Right foot forward,", "left knee down.", "Hold."):
        console.phrase(phrase)
    assert rows(out.getvalue()) == [
        (-1, "A: Right foot forward,"),
        (8, "A: Right foot forward, left knee down."),
        (-1, "   Hold."),
    ]


def test_long_lines_are_wrapped_and_the_terminal_is_left_as_it_was(
    terminal: tuple[TerminalConsole, io.StringIO],
) -> None:
    """No row is wider than the window; closing gives the whole window back to scrolling."""
    console, out = terminal
    console.line("word " * 30)
    assert all(len(text) <= 39 for _, text in rows(out.getvalue()))
    console.close()
    assert "\x1b[r" in out.getvalue()


# ---------------------------------------- the shell


def test_talk_reads_a_pipe(
    local: type[FakeLocal], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`stretch-coach talk` with standard input from a pipe is fast and ends with it."""
    monkeypatch.setattr("sys.stdin", io.StringIO("start\nstop\n"))
    assert cli.main(["talk", "--at", "2026-03-01T10:00:00Z"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "A: Bye for now."


def test_a_fresh_talk_knows_nobody_and_leaves_what_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --fresh the real skill greets like the first time, and the next talk goes on from what was there before."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    def greeting(*options: str) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO("start the figure four stretch\nstop\n"))
        assert cli.main(["talk", "--at", "2026-03-01T10:00:00Z", *options]) == 0
        return capsys.readouterr().out.splitlines()[0]

    first = greeting()
    kept = stored(default_state(os.environ))
    assert greeting("--fresh") == first
    assert stored(default_state(os.environ)) == kept
    assert greeting() != first
    assert list(tmp_path.iterdir()) == [tmp_path / "stretch-coach"]


def test_the_help_says_what_happens_by_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """`talk --help` and /help say that answers are heard to their end, what cuts in, and how to start afresh."""
    with pytest.raises(SystemExit) as left:
        cli.main(["talk", "--help"])
    assert left.value.code == 0
    for told in (capsys.readouterr().out, "\n".join(talked("/help", "/quit"))):
        plain = " ".join(told.split())
        assert "each answer is heard to its end before the next line is said" in plain
        assert "/interrupt 40 pause" in plain
        assert "--fresh" in plain
        assert '"delete my data"' in plain


def test_a_live_talk_in_real_time(
    local: type[FakeLocal], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A live talk answers what is typed and ends when the input does."""
    from simulator.device.clock import RealClock
    from simulator.talk.talk import talk_live

    out = io.StringIO()
    setting = Setting(lambda clock: fake_skill, understand, Path("none.db"), device={"apl": False})
    device = talk_live(setting, Lines(io.StringIO("start\n/wait 30\nstop\n")), PlainConsole(out), RealClock())
    assert [exchange.request["type"] for exchange in device.exchanges][:2] == ["LaunchRequest", "IntentRequest"]
    assert "[count 1 … 5, 5.0 s]" in out.getvalue()


def test_say_prints_the_response(local: type[FakeLocal], capsys: pytest.CaptureFixture[str]) -> None:
    """`say` prints one response as JSON and nothing else."""
    assert cli.main(["say", "what", "can", "you", "do"]) == 0
    assert json.loads(capsys.readouterr().out)["response"]["outputSpeech"] == ssml("Hello. What would you like?")


def test_say_shows_an_answer_that_breaks_a_rule(local: type[FakeLocal], capsys: pytest.CaptureFixture[str]) -> None:
    """The response at fault is printed, the fault goes to standard error, the exit code is 1."""
    assert cli.main(["say", "break"]) == 1
    printed = capsys.readouterr()
    assert json.loads(printed.out)["response"]["outputSpeech"] == ssml("No flag.")
    assert "shouldEndSession is missing" in printed.err


def test_play_compares(local: type[FakeLocal], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`play` performs every script, prints mismatches side by side and exits 1 when there is one."""
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("name: good\ndevice: {apl: false}\nturns: [{U: start}, {A: hold*release}]\n")
    bad.write_text("name: bad\ndevice: {apl: false}\nturns:\n  - U: start\n  - A: right side\n")
    assert cli.main(["play", str(good)]) == 0
    assert cli.main(["play", str(good), str(bad)]) == 1
    out = capsys.readouterr().out
    assert f"{bad}:5" in out
    assert "right side" in out
    assert "Hold on the left side. one two three" in out


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["play", "none.yaml"], "none.yaml: it cannot be read"),
        (["talk", "--at", "soon"], "--at soon: this is no moment"),
        (["talk", "--state", "/"], "--state /: this is a folder"),
        (["talk", "--state", "a.db", "--fresh"], "--fresh: --state names what to go on from. Leave out one of the two"),
    ],
)
def test_a_users_mistake_is_one_line(
    arguments: list[str], complaint: str, local: type[FakeLocal], capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistake is told in one line on standard error, with exit code 2."""
    assert cli.main(arguments) == 2
    printed = capsys.readouterr()
    assert complaint in printed.err
    assert len(printed.err.splitlines()) == 1


@pytest.mark.parametrize(
    "command", [["talk"], ["say", "hello"], ["plan", "desk-break"], ["render", "--utterance", "hello"], ["speaker"]]
)
@pytest.mark.parametrize("locale", ["de-DE", "en-us", "../en-US", ""])
def test_a_locale_that_is_not_there_is_refused_before_the_first_word(
    command: list[str], locale: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command that takes a locale names the ones there are, and says nothing else."""
    monkeypatch.setattr("sys.stdin", io.StringIO("hello\n"))
    assert cli.main([*command, "--locale", locale]) == 2
    printed = capsys.readouterr()
    known = "en-AU, en-CA, en-GB, en-IN, en-US"
    assert printed.err == f"--locale {locale}: there is no such locale. Choose one of {known}.\n"
    assert printed.out == ""


def test_an_authors_mistake_is_one_line(
    local: type[FakeLocal], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A content error is printed as `path: problem. how to mend it`, before anything is said."""
    error = ContentError("content/exercises/a.yaml", "the exit is missing", "Add exit:.")
    monkeypatch.setattr(FakeLocal, "error", error)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert cli.main(["talk"]) == 2
    printed = capsys.readouterr()
    assert printed.err == "content/exercises/a.yaml: the exit is missing. Add exit:.\n"
    assert printed.out == ""


def test_where_talks_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """State follows the XDG rules: an absolute XDG_DATA_HOME, else the home folder."""
    monkeypatch.setenv("HOME", str(tmp_path))
    below_home = tmp_path / ".local" / "share" / "stretch-coach" / "state.db"
    assert default_state({"XDG_DATA_HOME": "/data"}) == Path("/data/stretch-coach/state.db")
    assert default_state({}) == below_home
    assert default_state({"XDG_DATA_HOME": "relative"}) == below_home


def test_a_day_is_a_day() -> None:
    """The command /wait takes less than a day; /nextday is for days."""
    assert any("/wait takes seconds" in line for line in talked(f"/wait {DAY_MS}"))


def test_its_version_is_the_newest_of_the_changelog(capsys: pytest.CaptureFixture[str]) -> None:
    """`--version` says the version that CHANGELOG.md describes last, and pyproject.toml names."""
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    root = Path(__file__).resolve().parents[3]
    (newest, *_) = re.findall(
        r"^## (\d+\.\d+\.\d+) - \d{4}-\d\d-\d\d$", (root / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE
    )
    assert capsys.readouterr().out == f"stretch-coach {newest}\n"
