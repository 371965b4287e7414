"""What a screen shows, and what it never shows."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ask_sdk_model import Response

from simulator.device import limits
from sound.apla import Speech, evaluate, leaves
from stretch_coach import screen
from stretch_coach.alexa import request, response
from stretch_coach.events import Device, Event, Kind, Slot
from stretch_coach.library import Library
from stretch_coach.profile import Profile
from stretch_coach.session import Session, State
from stretch_coach.turn import Reply, take_turn

NOW = 1_790_000_000_000
DOCUMENTS = Path(screen.__file__).parent / "apl"
KINDS = ("exercise", "question", "choices", "outcome", "home")


def _turn(library: Library, session: Session, name: str, profile: Profile | None = None, **slots: str) -> Reply:
    found = {key: Slot(value, (value,)) for key, value in slots.items()}
    kind = Kind.LAUNCH if name == "Launch" else Kind.INTENT
    event = Event(kind, name, found, Device("deviceid", has_screen=True))
    return take_turn(library, session, profile or Profile(), event, NOW)


def _shown(library: Library, reply: Reply) -> dict[str, Any]:
    data = screen.shown(library, reply.acts, reply.plan, reply.session, timed=reply.rung != "ssml")
    assert data is not None
    return data


def _directives(encoded: Response) -> list[Any]:
    return list(encoded.directives or ())


def test_a_count_down_follows_the_plan(library: Library) -> None:
    """A count's segment begins with its first cue and lasts as long as its units."""
    heard = Profile(heard=tuple(library.exercises))
    reply = _turn(library, Session(), "StartExerciseIntent", heard, exercise="low-lunge-hip-flexor-stretch")
    data = _shown(library, reply)
    left, right = (segment for segment in data["segments"] if segment["part"] == "count")
    assert (left["label"], right["label"]) == ("Left side", "Right side")
    for count in (left, right):
        assert (count["first"], count["total"], count["every"]) == (0, 30, 1000)
        assert count["end"] - count["at"] == 30_000
    assert data["ends"] == sum(cue.ms for cue in reply.plan.cues)


def test_instructions_have_their_times(library: Library) -> None:
    """In the long form every instruction says when it is given."""
    data = _shown(library, _turn(library, Session(), "StartExerciseIntent", exercise="low-lunge-hip-flexor-stretch"))
    starts = [step["at"] for step in data["steps"]]
    assert starts == sorted(starts)
    assert len(starts) == len(library.exercises["low-lunge-hip-flexor-stretch"].steps)


@pytest.mark.parametrize("rung", ["slots", "blocks", "ssml"])
def test_every_exercise_fits_and_is_sound(library: Library, rung: str) -> None:
    """With its screen, every exercise stays below the platform's size and within its rules, on every rung."""
    for name in library.exercises:
        for heard in ((), tuple(library.exercises)):
            event = Event(
                Kind.INTENT, "StartExerciseIntent", {"exercise": Slot(name, (name,))}, Device("deviceid", True)
            )
            reply = take_turn(library, Session(), Profile(heard=heard), event, NOW, count_audio=rung)
            data = screen.shown(library, reply.acts, reply.plan, reply.session, timed=rung != "ssml")
            assert data is not None
            assert data["kind"] == "exercise"
            assert bool(data["segments"]) == (reply.plan.counts and rung != "ssml")
            assert limits.size(data) < 4_000
            encoded = response.encode(library, reply.plan, rung, data)
            assert encoded.should_end_session is False
            assert _directives(encoded)[-1].token == response.SCREEN_TOKEN


def test_a_question_stands_with_its_answers(library: Library) -> None:
    """A red-flag question is the title, with yes, no and not sure to press; after the answer it is gone."""
    reply = _turn(library, Session(), "StartSafetyCheckIntent")
    first = _shown(library, reply)
    assert first["kind"] == "question"
    assert [button["argument"] for button in first["buttons"]] == ["yes", "no", "not_sure"]
    second = _shown(library, _turn(library, reply.session, "NoIntent"))
    assert second["title"] != first["title"]
    assert first["title"] not in json.dumps(second)


def _checks(library: Library) -> Iterator[tuple[str, dict[str, Any]]]:
    """(state after it, screen) of every turn of checks that are answered yes, not sure or no from some question on."""
    for answer in ("YesIntent", "NotSureIntent", "NoIntent"):
        for first in range(1, 12):
            session = _turn(library, Session(), "StartSafetyCheckIntent").session
            while session.state is State.CHECKING:
                reply = _turn(library, session, answer if session.turn > first else "NoIntent")
                session = reply.session
                yield session.locked or str(session.state), _shown(library, reply)
            yield "why", _shown(library, _turn(library, session, "WhyIntent"))


def test_no_answer_is_ever_shown(library: Library) -> None:
    """Whatever was answered, an outcome looks the same, and a question shows itself alone."""
    questions = {found.question for flag in library.red_flags.values() for found in (flag, *flag.follow_ups)}
    plainer = {found.plainer for flag in library.red_flags.values() for found in (flag, *flag.follow_ups)}
    outcomes: dict[str, list[dict[str, Any]]] = {}
    for state, data in _checks(library):
        assert "You told me about" not in json.dumps(data)
        assert "weren't sure about" not in json.dumps(data)
        if data["kind"] == "outcome":
            outcomes.setdefault(data["level"], []).append({key: data[key] for key in data if key != "hint"})
        elif state == State.CHECKING:
            assert data["title"] in questions | plainer
    assert outcomes.keys() >= {"emergency", "self_care"}
    assert all(shown == alike[0] for alike in outcomes.values() for shown in alike)


def test_a_condition_is_not_shown(library: Library) -> None:
    """What somebody has is not on the screen after they said it."""
    data = _shown(library, _turn(library, Session(), "ConditionIntent", condition="osteoporosis"))
    assert "osteoporosis" not in json.dumps(data).lower()
    assert "bones" not in json.dumps(data).lower()


def test_what_is_offered_is_listed(library: Library) -> None:
    """Offers stand in the order in which they are named."""
    reply = _turn(library, Session(), "FindExercisesIntent", position="standing")
    data = _shown(library, reply)
    assert data["kind"] == "choices"
    names = [library.exercises[name].name.lower() for name in reply.session.offers]
    assert [option["name"].lower() for option in data["options"]] == names
    assert [option["argument"] for option in data["options"]] == [f"choice_{place + 1}" for place in range(len(names))]


def test_an_end_shows_nothing(library: Library) -> None:
    """A turn that ends the session leaves the screen alone."""
    reply = _turn(library, Session(), "StopIntent")
    assert screen.shown(library, reply.acts, reply.plan, reply.session, timed=False) is None


def test_buttons_do_what_their_words_would(library: Library) -> None:
    """Everything a button may send is understood, and every button has a label."""
    for names in (*screen.CONTROLS.values(), *screen.ASKED.values()):
        for name in names:
            assert name in request._BUTTONS
            assert library.locale.words["screen"][name]


def test_a_speaker_without_a_screen_gets_none(library: Library) -> None:
    """No document goes to a device that has not announced a screen."""
    reply = _turn(library, Session(), "Launch")
    assert not response.encode(library, reply.plan, reply.rung).directives


@pytest.mark.parametrize("kind", KINDS)
def test_documents_bind_what_there_is(library: Library, kind: str) -> None:
    """A document is APL 1.6 and reads nothing of its data source that is not sent."""
    document = json.loads((DOCUMENTS / f"{kind}.json").read_text(encoding="utf-8"))
    assert (document["type"], document["version"]) == ("APL", "1.6")
    assert document["mainTemplate"]["parameters"] == ["payload"]
    read = {name for text in _texts(document) for name in re.findall(r"payload\.coach\.(\w+)", text)}
    assert read <= set(_examples(library)[kind])
    assert limits.size(document) < 6_000
    assert all(button == ["${argument}"] for button in _arguments(document))


@pytest.mark.parametrize("kind", KINDS)
def test_no_button_without_a_name(kind: str) -> None:
    """APL draws a component once when its data is an empty list, so what may be empty is not drawn then."""
    document = json.loads((DOCUMENTS / f"{kind}.json").read_text(encoding="utf-8"))
    for name in ("buttons", "segments"):
        data = f"${{payload.coach.{name}}}"
        drawn = [found for found in _components(document) if found.get("data") == data]
        assert all(found["when"] == f"${{payload.coach.{name}.length > 0}}" for found in drawn)
    assert kind == "home" or any(found.get("data") == "${payload.coach.buttons}" for found in _components(document))


def _components(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    for item in value if isinstance(value, list) else []:
        yield from _components(item)


def _examples(library: Library) -> dict[str, dict[str, Any]]:
    check = _turn(library, Session(), "StartSafetyCheckIntent")
    adult = _turn(library, check.session, "NoIntent")
    replies = (
        _turn(library, Session(), "StartExerciseIntent", exercise="cat-cow"),
        check,
        _turn(library, Session(), "FindExercisesIntent", position="standing"),
        _turn(library, adult.session, "YesIntent"),
        _turn(library, Session(), "Launch"),
    )
    return {data["kind"]: data for data in (_shown(library, reply) for reply in replies)}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _arguments(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        if value.get("type") == "SendEvent":
            yield value["arguments"]
        for item in value.values():
            yield from _arguments(item)
    elif isinstance(value, list):
        for item in value:
            yield from _arguments(item)


def test_the_sound_is_untouched(library: Library) -> None:
    """The screen comes beside the counted document, which stays the one that is played."""
    reply = _turn(library, Session(), "StartExerciseIntent", exercise="cat-cow")
    encoded = response.encode(library, reply.plan, reply.rung, _shown(library, reply))
    sound, shown = _directives(encoded)
    assert (sound.object_type, shown.object_type) == (
        "Alexa.Presentation.APLA.RenderDocument",
        "Alexa.Presentation.APL.RenderDocument",
    )
    assert any(isinstance(leaf, Speech) for leaf in leaves(evaluate(sound.document, sound.datasources)))
