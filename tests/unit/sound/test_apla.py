from collections.abc import Mapping
from typing import Any

import pytest

from sound.apla import AplaError, Audio, Mixer, Node, Selector, Sequencer, Silence, Speech, evaluate
from sound.ssml import Pause, SpeechRun

HELLO = {"type": "Speech", "content": "Hello"}
WORD = Speech((SpeechRun("Hello"),))


def document(*items: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A document that plays the first of `items` that suits."""
    return {
        "type": "APLA",
        "version": "0.91",
        "mainTemplate": {"parameters": ["payload"], "items": list(items)},
        **more,
    }


def play(*items: Mapping[str, Any], **datasources: Any) -> Node:
    """The tree of a document with these items and data sources."""
    return evaluate(document(*items), datasources)


COUNT = {
    "type": "Sequencer",
    "data": "${payload.plan.cues}",
    "items": [
        {"when": "${data.kind == 'rest'}", "type": "Silence", "duration": "${data.ms}"},
        {
            "when": "${data.kind == 'slot'}",
            "type": "Mixer",
            "items": [
                {"type": "Silence", "duration": "${data.ms}"},
                {"type": "Speech", "content": "${data.text}", "duration": "trimToParent"},
            ],
        },
        {"type": "Speech", "contentType": "SSML", "content": "${data.text}"},
    ],
}


def test_each_datum_inflates_the_first_item_that_suits() -> None:
    """A Sequencer bound to data plays one child a datum: the first whose `when` is true."""
    cues = [
        {"kind": "say", "text": '<speak>Kneel.<break time="1s"/></speak>'},
        {"kind": "slot", "ms": 1000, "text": "one"},
        {"kind": "rest", "ms": 250},
    ]
    assert play(COUNT, plan={"cues": cues}) == Sequencer(
        (
            Speech((SpeechRun("Kneel."), Pause(1000))),
            Mixer((Silence(1000), Speech((SpeechRun("one"),), trim=True))),
            Silence(250),
        )
    )


def test_a_datum_that_suits_no_item_plays_nothing() -> None:
    """A datum without a fitting item is passed over, as the platform does."""
    items = [{**HELLO, "when": "${data > 1}"}, {**HELLO, "when": "${data == 2}"}][1:]
    assert play({"type": "Sequencer", "data": [1, 2], "items": items}) == Sequencer((WORD,))


def test_without_data_every_item_that_suits_is_played() -> None:
    """A plain Sequencer plays all its items whose `when` is true, in order."""
    items = [HELLO, {**HELLO, "when": False}, {"type": "Silence", "duration": 5}]
    assert play({"type": "Sequencer", "items": items}) == Sequencer((WORD, Silence(5)))


def test_a_document_and_a_selector_play_the_first_item_that_suits() -> None:
    """A document's main template and a Selector choose one child."""
    choice = {
        "type": "Selector",
        "items": [{"type": "Audio", "source": "https://example.com/a.mp3", "when": False}, HELLO],
    }
    assert play({**HELLO, "when": "${payload.user.name == ''}"}, choice, user={"name": "Jo"}) == Selector(WORD)


def test_audio_keeps_its_source() -> None:
    """An Audio component is found in the tree by its address."""
    assert play({"type": "Audio", "source": "soundbank://soundlibrary/tick"}) == Audio("soundbank://soundlibrary/tick")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("${payload.n.words[1]}", "two"),
        ("${payload.n.words[payload.n.at]}", "one"),
        ("${payload['n'].words[0]}", "one"),
        ("${payload.n.at} and ${payload.n.yes}", "0 and true"),
        ("${payload.n.words.length} words", "2 words"),
        ("${index} of ${length}", "0 of 1"),
    ],
)
def test_data_binding_reaches_into_objects_and_arrays(text: str, said: str) -> None:
    """Paths, indexes and the bound index and length are filled in, also inside longer text."""
    node = play(
        {"type": "Sequencer", "data": [1], "items": [{"type": "Speech", "content": text}]},
        n={"words": ["one", "two"], "at": 0, "yes": True},
    )
    assert node == Sequencer((Speech((SpeechRun(said),)),))


@pytest.mark.parametrize(
    ("when", "plays"),
    [
        ("${payload.x.n == 5}", True),
        ("${payload.x.n != 5}", False),
        ("${payload.x.n == 5.0}", True),
        ("${payload.x.on == true}", True),
        ("${payload.x.on}", True),
        ("${payload.x.none == null}", True),
        ('${"a" == payload.x.text}', True),
        ("${payload.x.text != 'a'}", False),
    ],
)
def test_conditions_compare_text_numbers_and_booleans(when: str, plays: bool) -> None:
    """== and != compare like with like; a bare boolean stands for itself."""
    data = {"n": 5, "on": True, "none": None, "text": "a"}
    assert play(
        {"type": "Selector", "items": [{**HELLO, "when": when}, {"type": "Speech", "content": "no"}]}, x=data
    ) == (Selector(WORD if plays else Speech((SpeechRun("no"),))))


def test_a_named_parameter_is_the_data_source_of_that_name() -> None:
    """Only the name payload stands for the whole datasources object."""
    named = {"type": "APLA", "version": "0.91", "mainTemplate": {"parameters": ["plan"], "item": {**HELLO}}}
    named["mainTemplate"]["item"]["content"] = "${plan.word}"  # type: ignore[index]
    assert evaluate(named, {"plan": {"word": "Hello"}}) == WORD
    with pytest.raises(AplaError, match="no data source for parameter 'plan'"):
        evaluate(named, {"payload": {"word": "Hello"}})


def test_payload_is_the_whole_datasources_object() -> None:
    """A data source that is itself called payload is not looked through: the device would find nothing there."""
    with pytest.raises(AplaError, match=r"no word in payload.*whole datasources object"):
        play({"type": "Speech", "content": "${payload.word}"}, payload={"word": "Hello"})


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"type": "Silence", "duration": 1000}, "nothing but Silence"),
        ({"type": "Sequencer", "items": [{"type": "Silence", "duration": 1}]}, "nothing but Silence"),
        ({"type": "Video"}, "component 'Video' is not supported. Use Speech, Silence"),
        ({**HELLO, "volume": 5}, "property 'volume' is not supported"),
        ({**HELLO, "filter": [{"type": "Volume"}]}, "filters are not supported"),
        ({**HELLO, "bind": []}, "property 'bind' is not supported"),
        ({**HELLO, "duration": 500}, 'Write "auto" or "trimToParent"'),
        ({**HELLO, "duration": "trimToParent", "content": ""}, "content '' is not text"),
        ({**HELLO, "content": "…"}, "has no words"),
        ({**HELLO, "content": "<speak>Hello</speak>"}, 'Set contentType to "SSML"'),
        ({**HELLO, "contentType": "SSML"}, "not well-formed"),
        ({**HELLO, "contentType": "Text"}, "contentType 'Text'"),
        ({**HELLO, "when": "yes"}, "neither true nor false"),
        ({**HELLO, "when": False}, "nothing would play"),
        ({**HELLO, "when": "${payload.gone == 1}"}, "no gone in payload"),
        ({**HELLO, "when": "${1 == '1'}"}, "Compare like with like"),
        ({**HELLO, "when": "${payload.n > 1}"}, "one == or !="),
        ({**HELLO, "content": "${payload.n + 1}"}, "one == or !="),
        ({**HELLO, "content": "${Math.max(1, 2)}"}, "one == or !="),
        ({**HELLO, "content": "${payload.n"}, "without its }"),
        ({"type": "Silence", "duration": "@pause"}, "whole number of milliseconds"),
        ({"type": "Silence", "duration": -1}, "whole number of milliseconds"),
        ({"type": "Silence"}, "whole number of milliseconds"),
        ({"type": "Sequencer", "items": [{**HELLO, "duration": "trimToParent"}]}, "Put it into a Mixer"),
        ({"type": "Mixer", "items": [{**HELLO, "duration": "trimToParent"}]}, "Leave one child untrimmed"),
        ({"type": "Mixer"}, "needs item or items"),
        ({"type": "Mixer", "items": [HELLO], "item": HELLO}, "and not both"),
        ({"type": "Mixer", "items": ["Hello"]}, "not a component"),
        ({"type": "Sequencer", "data": "${payload.n}", "items": [HELLO]}, "is not an array"),
        ({"type": "Selector", "strategy": "randomItem", "items": [HELLO]}, "plays by chance"),
        (
            {"type": "Sequencer", "items": [{"type": "Audio", "source": "https://example.com/a.mp3"}] * 16},
            "16 audio files",
        ),
    ],
)
def test_what_alexa_would_not_play_as_written_is_an_error(item: dict[str, Any], message: str) -> None:
    """Unknown parts, filters, wrong values and missing data are refused with the way to mend them."""
    with pytest.raises(AplaError) as raised:
        play(item, n=1)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"type": "APL"}, 'Write "APLA"'),
        ({"version": "1.0"}, 'Write "0.91"'),
        ({"resources": []}, "'resources' is not supported"),
        ({"mainTemplate": None}, "no mainTemplate"),
    ],
)
def test_a_document_must_be_apl_for_audio(change: dict[str, Any], message: str) -> None:
    """Type, version and top-level properties are checked."""
    with pytest.raises(AplaError) as raised:
        evaluate({**document(HELLO), **change}, {})
    assert message in str(raised.value)
