"""The checks of every reply can fail: each promise is broken once on purpose."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from content_reader.documents import load_library
from stretch_coach.acts import Ask, Tell
from stretch_coach.events import Event, Kind
from stretch_coach.library import Library
from stretch_coach.profile import Mentioned, Profile
from stretch_coach.session import Session
from stretch_coach.turn import Reply, take_turn
from tests.unit.dialogue.dialogue_events import SIDED, match
from tests.unit.reply_checks import answers_of, problems

START = 1_790_000_000_000


@pytest.fixture(scope="module", name="library")
def _library() -> Library:
    return load_library()


ASKED = Ask("ask.home", {}, "reprompt.home")


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda reply: replace(reply, acts=(*reply.acts, ASKED)), "it asks twice"),
        (lambda reply: replace(reply, acts=(*reply.acts, Tell("paused.plain"))), "something is said after"),
        (lambda reply: replace(reply, acts=()), "the microphone does not go with the question"),
        (lambda reply: replace(reply, plan=replace(reply.plan, reprompt=())), "it neither listens nor ends"),
        (lambda reply: replace(reply, plan=replace(reply.plan, ends=True)), "it listens and ends"),
        (lambda reply: respoken(reply, "Hello {name}."), "'{' in 'Hello {name}.'"),
        (lambda reply: respoken(reply, "Hello  there."), "'  ' in 'Hello  there.'"),
        (lambda reply: respoken(reply, "seconds:30 to go."), "'seconds:3' in 'seconds:30 to go.'"),
        (lambda reply: respoken(reply, "Hello"), "'Hello' does not end like a sentence"),
        (lambda reply: respoken(reply, "Hello. " * 1200), "outputSpeech has"),
        (lambda reply: replace(reply, session=replace(reply.session, offers=(SIDED,) * 9)), "the session does not"),
        (lambda reply: replace(reply, changes=(Mentioned("x"),)), "the profile is not what the changes make of it"),
    ],
)  # fmt: skip
def test_the_checks_notice(library: Library, spoil: Callable[[Reply], Reply], complaint: str) -> None:
    """Each promise the walk holds turns to is broken once on purpose, and seen."""
    reply = take_turn(library, Session(), Profile(greeted=True), Event(Kind.LAUNCH, "Launch"), START)
    assert wrong_with(library, Profile(greeted=True), reply) == []
    found = wrong_with(library, Profile(greeted=True), spoil(reply))
    assert any(problem.startswith(complaint) for problem in found), found


def wrong_with(library: Library, before: Profile, reply: Reply, *, was_locked: bool = False) -> list[str]:
    """Everything wrong with the reply on any device."""
    return list(problems(before, reply, answers_of(library, reply), was_locked=was_locked))


def respoken(reply: Reply, text: str) -> Reply:
    """The reply with other words."""
    return replace(reply, plan=replace(reply.plan, cues=(replace(reply.plan.cues[0], text=text),)))


def test_the_checks_notice_an_exercise_behind_the_lock(library: Library) -> None:
    """An exercise that is led while exercises are locked is seen."""
    start = Event(Kind.INTENT, "StartExerciseIntent", match("exercise", SIDED))
    reply = take_turn(library, Session(), Profile(), start, START)
    assert wrong_with(library, Profile(), reply, was_locked=True) == ["an exercise is led while exercises are locked"]


def test_the_checks_notice_a_screen_where_there_is_none(library: Library) -> None:
    """What is shown on a device with a screen would be refused by one without."""
    reply = take_turn(library, Session(), Profile(greeted=True), Event(Kind.LAUNCH, "Launch"), START)
    answers = answers_of(library, reply)
    found = list(problems(Profile(greeted=True), reply, {False: answers[True]}, was_locked=False))
    assert found == ["Alexa.Presentation.APL.RenderDocument went to a device without a screen"]
