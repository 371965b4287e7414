from typing import Any

import pytest

from sound.apla import AplaError
from sound.playback import RENDER, Heard, Kind, estimate_length, reprompt_timeline, timeline
from sound.ssml import SpeechRun, SsmlError


def half_a_second_a_word(run: SpeechRun) -> int:
    """A voice that is easy to reckon with."""
    return round(500 * len(run.text.split()) / run.rate)


def speech(ssml: str) -> dict[str, Any]:
    """An outputSpeech object."""
    return {"type": "SSML", "ssml": f"<speak>{ssml}</speak>"}


def apla(*items: dict[str, Any]) -> dict[str, Any]:
    """A directive that plays `items` one after another."""
    document = {
        "type": "APLA",
        "version": "0.91",
        "mainTemplate": {"item": {"type": "Sequencer", "items": list(items)}},
    }
    return {"type": RENDER, "token": "count", "document": document}


def slot(text: str, ms: int) -> dict[str, Any]:
    """A word in a slot of exactly `ms`."""
    word = {"type": "Speech", "content": text, "duration": "trimToParent"}
    return {"type": "Mixer", "items": [{"type": "Silence", "duration": ms}, word]}


def said(text: str, start: int, length: int, cut: int = 0) -> Heard:
    """Speech as it is heard."""
    return Heard(start, length, text, Kind.SPEECH, cut)


def quiet(start: int, length: int) -> Heard:
    """Silence as it is heard."""
    return Heard(start, length, "", Kind.SILENCE)


def test_speech_and_pauses_follow_one_another() -> None:
    """A run of words starts where the pause before it ends, and the total includes a pause at the end."""
    played = timeline({"outputSpeech": speech('one<break time="600ms"/>two<break time="1s"/>')}, half_a_second_a_word)
    assert played.heard == (said("one", 0, 500), quiet(500, 600), said("two", 1100, 500), quiet(1600, 1000))
    assert played.total_ms == 2600


def test_a_slot_lasts_what_its_silence_lasts() -> None:
    """Short words leave the rest of the slot quiet, long ones are cut at its end, and the next slot is on time."""
    response = {"directives": [apla(slot("one", 1000), slot("twenty one two", 1000), slot("two", 1000))]}
    assert timeline(response, half_a_second_a_word).heard == (
        said("one", 0, 500),
        quiet(500, 500),
        said("twenty one two", 1000, 1000, cut=500),
        said("two", 2000, 500),
        quiet(2500, 500),
    )


def test_a_mixer_lasts_as_long_as_its_longest_untrimmed_child() -> None:
    """Prose with a minimum time lasts that time, or longer when the voice needs longer."""

    def prose(ms: int) -> dict[str, Any]:
        return {
            "type": "Mixer",
            "items": [{"type": "Silence", "duration": ms}, {"type": "Speech", "content": "a b c d"}],
        }

    assert timeline({"directives": [apla(prose(3000))]}, half_a_second_a_word).total_ms == 3000
    assert timeline({"directives": [apla(prose(500))]}, half_a_second_a_word).total_ms == 2000


def test_what_starts_after_a_trimmed_child_was_cut_is_not_heard() -> None:
    """Of speech with breaks that outlasts its slot, words that would come after the end are dropped."""
    ssml = '<speak>one<break time="600ms"/>two<break time="600ms"/>three</speak>'
    block = {"type": "Speech", "contentType": "SSML", "content": ssml, "duration": "trimToParent"}
    mixer = {"type": "Mixer", "items": [{"type": "Silence", "duration": 2000}, block]}
    assert timeline({"directives": [apla(mixer)]}, half_a_second_a_word).text == "one two"


def test_output_speech_comes_before_the_document() -> None:
    """Two carriers in one answer play one after the other."""
    response = {"response": {"outputSpeech": speech("Ready"), "directives": [apla(slot("one", 1000))]}}
    assert timeline(response, half_a_second_a_word).heard[:2] == (said("Ready", 0, 500), said("one", 500, 500))


def test_a_reprompt_has_its_own_timeline() -> None:
    """The reprompt is not part of the answer; without one there is nothing to hear."""
    response = {
        "outputSpeech": speech("Ready?"),
        "reprompt": {"outputSpeech": speech('<break time="10s"/>Still there?')},
    }
    assert timeline(response, half_a_second_a_word).text == "Ready?"
    assert reprompt_timeline(response, half_a_second_a_word).heard == (
        quiet(0, 10_000),
        said("Still there?", 10_000, 1000),
    )
    assert reprompt_timeline({"outputSpeech": speech("Bye.")}).total_ms == 0


def test_other_directives_and_plain_text_are_understood() -> None:
    """A screen directive makes no sound; plain text is said as it stands."""
    response = {
        "outputSpeech": {"type": "PlainText", "text": "Rest & breathe"},
        "directives": [{"type": "Alexa.Presentation.APL.RenderDocument"}],
    }
    assert timeline(response).text == "Rest & breathe"


def test_the_place_in_a_playback_is_found_by_time() -> None:
    """`at` gives what is heard at a moment, and nothing once all is over."""
    played = timeline({"outputSpeech": speech('one<break time="1s"/>')}, half_a_second_a_word)
    assert [one and one.kind for one in (played.at(0), played.at(500), played.at(1500))] == ["speech", "silence", None]


def test_a_response_of_240_seconds_is_the_longest() -> None:
    """Alexa renders 240 s at most; a millisecond more is refused."""
    assert timeline({"directives": [apla(slot("one", 240_000))]}).total_ms == 240_000
    with pytest.raises(AplaError, match="at most 240 s"):
        timeline({"directives": [apla(slot("one", 240_001))]})


def test_the_longest_response_counts_both_carriers() -> None:
    """What outputSpeech says takes from the 240 s too."""
    with pytest.raises(AplaError, match="at most 240 s"):
        timeline({"outputSpeech": speech("Ready"), "directives": [apla(slot("one", 240_000))]})


def test_sounds_need_their_length() -> None:
    """A sound file is placed by the length given for it; without one the text timeline says so."""
    response = {"outputSpeech": speech('one<audio src="https://example.com/bell.mp3"/>')}
    played = timeline(response, half_a_second_a_word, lambda source: 700)
    assert played.heard[-1] == Heard(500, 700, "https://example.com/bell.mp3", Kind.AUDIO)
    with pytest.raises(AplaError, match="its length is not known"):
        timeline(response)


@pytest.mark.parametrize(
    ("response", "error"),
    [
        ({"directives": [apla(slot("one", 1)), apla(slot("two", 1))]}, AplaError),
        (
            {"directives": [{"type": RENDER, "document": {"type": "Link", "src": "doc://alexa/apla/documents/x"}}]},
            AplaError,
        ),
        ({"outputSpeech": {"type": "Text", "text": "one"}}, SsmlError),
    ],
)
def test_what_cannot_be_played_is_an_error(response: dict[str, Any], error: type[Exception]) -> None:
    """Two documents, links and unknown speech types are refused."""
    with pytest.raises(error):
        timeline(response)


def test_the_estimate_is_about_165_words_a_minute() -> None:
    """A usual instruction, pauses of its punctuation included, comes out between 150 and 180 words a minute."""
    text = (
        "Kneel down on both knees, hip width apart. Then step your left foot forward, so that the knee stands over the "
        "ankle. Keep your back tall, and breathe out slowly. Stay there while I count to thirty."
    )
    assert 150 <= 60_000 * len(text.split()) / estimate_length(SpeechRun(text)) <= 180


def test_the_estimate_follows_the_rate() -> None:
    """Twice as fast takes half as long."""
    assert estimate_length(SpeechRun("seven", rate=2.0)) * 2 == estimate_length(SpeechRun("seven"))
