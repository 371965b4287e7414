"""The graph of words that a recogniser hears through, and how words sound that its dictionary lacks."""

import json
from pathlib import Path

import pytest

from simulator.hearing.pronunciation import LETTERS, SAID, phones
from simulator.hearing.speech_grammar import (
    Graph,
    Slot,
    Step,
    command_graph,
    denials,
    graph,
    model_graph,
    split,
)

MODEL = json.loads(
    (Path(__file__).resolve().parents[3] / "interaction_model" / "en-US.json").read_text(encoding="utf-8")
)
PHONES = frozenset(
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH".split()  # noqa: SIM905 - a list of 39 would take as many lines
)


@pytest.fixture(name="english", scope="module")
def _english() -> Graph:
    return model_graph(MODEL)


def test_sentences_share_their_ends() -> None:
    """Two samples that go on alike meet in one state, and a slot's values stand between their words."""
    values = {"Side": [("left",), ("other", "left")]}
    made = graph([("do", Slot("Side"), "now"), ("try", Slot("Side"), "now")], values)
    assert [step.word for step in made.steps].count("now") == 1
    assert made.longest(("try", "other", "left", "now")) == ("try", "other", "left", "now")


@pytest.mark.parametrize(
    ("words", "heard"),
    [("do", ""), ("do left", ""), ("do left now", "do left now"), ("do left now do", "do left now"), ("now", "")],
)
def test_only_whole_sentences_count(words: str, heard: str) -> None:
    """A beginning is no sentence; words after a whole one are left off."""
    made = graph([("do", Slot("Side"), "now")], {"Side": [("left",)]})
    assert " ".join(made.longest(words.split())) == heard


def test_every_sample_without_slots_can_be_heard(english: Graph) -> None:
    """The graph holds each such sentence of the model as it is written."""
    language = MODEL["interactionModel"]["languageModel"]
    plain = [sample for intent in language["intents"] for sample in intent["samples"] if "{" not in sample]
    assert len(plain) > 1000
    assert [one for one in plain if english.longest(split(one)) != split(one)] == []


@pytest.mark.parametrize(
    "sentence",
    ["start the figure four stretch", "hold it for forty five seconds", "the second one", "open stretch coach",
     "ask stretch coach to start the safety check"],
)  # fmt: skip
def test_sentences_with_slots_and_openings_can_be_heard(sentence: str, english: Graph) -> None:
    """Names from the content, durations, ordinals and the invocation are in the graph."""
    assert " ".join(english.longest(split(sentence))) == sentence


def test_what_no_sample_says_cannot_be_heard(english: Graph) -> None:
    """The graph is no free dictation."""
    assert english.longest(split("paint the ceiling blue")) == ()


def test_commands_hold_no_answer() -> None:
    """What is tried last can never be taken for a yes or a no."""
    commands = command_graph(MODEL)
    assert commands.longest(("pause",)) == ("pause",)
    for answer in ("yes", "no", "nope", "yeah"):
        assert commands.longest((answer,)) == ()


@pytest.mark.parametrize("word", ["faster", "slower", "longer", "shorter"])
def test_a_direction_is_a_command(word: str) -> None:
    """What the model has with "please" only is said alone over a count."""
    assert command_graph(MODEL).longest((word,)) == (word,)


def test_every_no_is_known() -> None:
    """The ways of saying no are those of the model, as they would be recognized."""
    found = denials(MODEL)
    assert {"no", "nope", "no i don't"} <= found
    assert not {"yes", "yeah", "i'm not sure", "stop"} & found


def test_a_step_without_a_word_is_no_word() -> None:
    """Only words are looked up in a dictionary."""
    assert Graph((Step(0, 1, "go"), Step(1, 2, None)), 2).words == {"go"}


@pytest.mark.parametrize("word", [*SAID, *LETTERS, "wobbliest", "gluteal", "quads"])
def test_every_word_is_read_in_known_phones(word: str) -> None:
    """A grammar with one unknown phone would be refused whole."""
    assert set(phones(word).split()) <= PHONES


def test_letters_that_say_nothing_are_refused() -> None:
    """A word without letters has no sound."""
    with pytest.raises(ValueError, match="no letters"):
        phones("42")
