"""Death at any moment of a talk of thirty turns: the process is killed (SIGKILL) before and after each write.

Every request is served by a process of its own anyway, so that nothing but the file and the session attributes can
carry the talk on.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from simulator.device import Device
from simulator.device.clock import VirtualClock
from stretch_coach import profile as profiles
from stretch_coach.stores.sqlite import SqliteStore
from tests.integration.faults.talk import START_MS, Step, intent

pytestmark = pytest.mark.xdist_group("death")  # one talk for all of them

ROOT = Path(__file__).resolve().parents[2]
ZYGOTE = ROOT / "tests" / "integration" / "faults" / "zygote.py"
USER = "amzn1.ask.account.MORTAL"

TALK: Final = (
    Step("launch"),
    Step("AMAZON.HelpIntent"),
    Step("StartExerciseIntent exercise=low-lunge-hip-flexor-stretch"),
    Step("HowLongLeftIntent", after_ms=80_000),
    Step("AMAZON.PauseIntent", after_ms=10_000),
    Step("CountStyleIntent style=last-five"),
    Step("AMAZON.ResumeIntent"),
    Step("ProgressIntent", after_ms=None),
    Step("StartRoutineIntent routine=quick-hip-opener"),
    Step("ReadyIntent", after_ms=None),
    Step("AMAZON.PauseIntent", after_ms=60_000),
    Step("AMAZON.ResumeIntent"),
    Step("AMAZON.NextIntent", after_ms=None),
    Step("AMAZON.NextIntent", after_ms=None),
    Step("ChangePaceIntent direction=slower", after_ms=20_000),
    Step("SkipIntent", after_ms=5_000),
    Step("GuidanceModeIntent mode=step", after_ms=5_000),
    Step("StartExerciseIntent exercise=cat-cow", after_ms=None),
    Step("AMAZON.NextIntent", after_ms=None),
    Step("AMAZON.NextIntent", after_ms=None),
    Step("AMAZON.StopIntent", after_ms=None),
    Step("launch"),
    Step("AMAZON.YesIntent"),
    Step("AMAZON.PauseIntent"),
    Step("StartSafetyCheckIntent kind=short"),
    Step("AMAZON.NoIntent"),
    Step("WhyIntent"),
    Step("AMAZON.NoIntent"),
    Step("AMAZON.PauseIntent"),
    Step("AMAZON.ResumeIntent"),
    Step("AMAZON.NoIntent"),
    Step("AMAZON.NoIntent"),
    Step("AMAZON.YesIntent"),
    Step("AMAZON.RepeatIntent"),
    Step("DeleteMyDataIntent"),
    Step("AMAZON.YesIntent"),
)
"""What is said: an exercise, a routine, settings, step by step, a second session, a check, and deleting everything."""


class Zygote:
    """The process that forks one for each request."""

    def __init__(self) -> None:
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "lambda")))}
        self.process = subprocess.Popen(
            [sys.executable, str(ZYGOTE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ
        )

    def send(self, event: Mapping[str, Any], state: Path, now_ms: int) -> dict[str, Any]:
        """Answer a request by a new process on this file."""
        answer: dict[str, Any] = self._order(event, state, now_ms, None)["answer"]
        return answer

    def kill(self, event: Mapping[str, Any], state: Path, now_ms: int, where: str) -> bool:
        """Have the process that answers a request killed there; False when the turn does not write."""
        told = self._order(event, state, now_ms, where)
        if "hung" in told:
            os.kill(told["hung"], signal.SIGKILL)
        self._write("reap")
        status = self._read()["status"]
        assert os.waitstatus_to_exitcode(status) == (-signal.SIGKILL if "hung" in told else 0)
        return "hung" in told

    def _order(self, event: Mapping[str, Any], state: Path, now_ms: int, hang: str | None) -> dict[str, Any]:
        self._write(json.dumps({"state": str(state), "event": event, "now_ms": now_ms, "hang": hang}))
        return self._read()

    def _write(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line: dict[str, Any] = json.loads(self.process.stdout.readline())
        return line


@contextmanager
def _zygote() -> Iterator[Zygote]:
    zygote = Zygote()
    try:
        yield zygote
    finally:
        zygote.process.kill()
        zygote.process.communicate()


@dataclass(frozen=True)
class Moment:
    """One turn of the talk that nobody disturbed."""

    event: Mapping[str, Any]
    answer: Mapping[str, Any]
    now_ms: int
    before: Path
    """The file as it was before the turn."""
    after: Path
    """As it was after it."""

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The session attributes after the turn."""
        found: Mapping[str, Any] = self.answer.get("sessionAttributes") or {}
        return found


@dataclass(frozen=True)
class Undisturbed:
    """The whole talk, and the means to go on from any of its moments."""

    zygote: Zygote
    moments: list[Moment]
    folder: Path

    def file(self, source: Path) -> Path:
        """A copy to go on with."""
        return _copied(source, self.folder / "copy")

    def launch(self, moment: Moment, state: Path) -> Mapping[str, Any]:
        """Open the skill a minute later, in a new process and a new session."""
        clock = VirtualClock(moment.now_ms + 60_000)
        speaker = Device(
            lambda event: self.zygote.send(event, state, clock.now_ms), intent, clock, apl=False, user_id=USER
        )
        return speaker.launch()


def _copied(state: Path, folder: Path) -> Path:
    """Copy the file with the log beside it, as they lie there: nobody has closed them."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(state.parent, folder)
    return folder / state.name


def _hold(zygote: Zygote, folder: Path) -> list[Moment]:
    moments: list[Moment] = []
    clock, state = VirtualClock(START_MS), folder / "talk" / "state.db"
    with SqliteStore(state) as store:
        store.load(USER, 0)  # makes the file

    def send(event: dict[str, Any]) -> dict[str, Any]:
        before = _copied(state, folder / f"{len(moments)}-before")
        answer = zygote.send(event, state, clock.now_ms)
        if event["request"]["type"] != "SessionEndedRequest":
            after = _copied(state, folder / f"{len(moments)}-after")
            moments.append(Moment(event, answer, clock.now_ms, before, after))
        return answer

    speaker = Device(send, intent, clock, apl=False, user_id=USER)
    for step in TALK:
        if step.after_ms is None and speaker.playing:
            speaker.wait_until(speaker.playing.ends_at)
        speaker.wait(step.after_ms or 0)
        assert speaker.launch() if step.says == "launch" else speaker.interrupt(step.says)
    return moments


@pytest.fixture(name="talk", scope="module")
def _talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Undisturbed]:
    folder = tmp_path_factory.mktemp("death")
    with _zygote() as zygote:
        yield Undisturbed(zygote, _hold(zygote, folder), folder)


def _record(state: Path, now_ms: int) -> tuple[object, object]:
    """What the file holds for the user, but for the version; looked up in a copy, for looking folds the log in."""
    with SqliteStore(_copied(state, state.parent.with_name("looked-at"))) as store:
        stored = store.load(USER, now_ms // 1000)
    return stored.profile, stored.screening


def _speech(answer: Mapping[str, Any]) -> str:
    """Everything an answer says or plays."""
    return json.dumps(answer["response"], sort_keys=True)


@pytest.fixture(
    name="index", params=range(len(TALK)), ids=lambda index: f"{index}-{TALK[index].says.partition(' ')[0]}"
)
def _index(request: pytest.FixtureRequest) -> int:
    index: int = request.param
    return index


def test_the_talk_is_worth_dying_in(talk: Undisturbed) -> None:
    """The talk has thirty turns and more, and most of them write; it passes through coaching, checking and deleting."""
    assert len(talk.moments) == len(TALK) >= 30
    assert sum(_record(m.before, m.now_ms) != _record(m.after, m.now_ms) for m in talk.moments) >= 20
    states = {moment.attributes.get("state") for moment in talk.moments}
    assert states >= {
        "home",
        "counting",
        "paused",
        "done",
        "stepping",
        "checking",
        "check_paused",
        "advised",
        "deleting",
    }


@pytest.mark.parametrize("where", ["before-write", "after-write"])
def test_killed_beside_the_write(talk: Undisturbed, index: int, where: str) -> None:
    """After the kill the file holds all of the turn or nothing of it, and a launch in a new process says exactly what
    it says after the last turn that is in there.
    """
    moment = talk.moments[index]
    state = talk.file(moment.before)
    was_killed = talk.zygote.kill(moment.event, state, moment.now_ms, where)
    reached = moment.before if was_killed and where == "before-write" else moment.after
    assert _record(state, moment.now_ms) == _record(reached, moment.now_ms)
    assert _speech(talk.launch(moment, state)) == _speech(talk.launch(moment, talk.file(reached)))


@pytest.mark.parametrize("where", ["before-write", "after-write"])
def test_the_unanswered_turn_is_repeated(talk: Undisturbed, index: int, where: str) -> None:
    """Said again in the same session to a new process, it gets the answer it should have got, and counts once."""
    moment = talk.moments[index]
    state = talk.file(moment.before)
    talk.zygote.kill(moment.event, state, moment.now_ms, where)
    answer = talk.zygote.send(moment.event, state, moment.now_ms)
    if TALK[index].says != "launch":  # a launch reads the record, where the first greeting has been noted
        assert _speech(answer) == _speech(moment.answer)
    assert _record(state, moment.now_ms) == _record(moment.after, moment.now_ms)


def test_what_was_spoken_last_is_what_is_resumed(talk: Undisturbed, index: int) -> None:
    """When the process dies after an answer, the next launch goes on with the exercise or the check of that answer."""
    moment = talk.moments[index]
    heard, launched = moment.attributes, talk.launch(moment, talk.file(moment.after))["sessionAttributes"]
    stored, _ = _record(moment.after, moment.now_ms)
    profile = profiles.decode(stored if isinstance(stored, Mapping) else None)
    if heard.get("state") in {"checking", "check_paused"}:
        assert launched["state"] == "check_paused"
        assert launched.get("check") == heard["check"]
    elif profile.lock:
        assert launched["state"] == "advised"
    elif "activity" in heard and (heard["state"] != "done" or "r" in heard["activity"]):
        assert launched["state"] == "returning"
        assert launched["exercise"] == heard["exercise"]
        assert launched["activity"]["p"] == heard["activity"]["p"]
        assert launched["activity"].get("r") == heard["activity"].get("r")
