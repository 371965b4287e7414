"""The virtual speaker against a skill that answers by heart."""

from collections.abc import Mapping
from typing import Any

import pytest

from simulator.device import Device, DeviceError
from simulator.device.clock import DAY_MS, VirtualClock, from_iso, iso

START = from_iso("2026-03-01T10:00:00Z")
SPEECH_MS = 5000
LATENCY_MS = 700

INTENTS = {"pause": "AMAZON.PauseIntent", "stop": "AMAZON.StopIntent", "next": "AMAZON.NextIntent"}


def understand(text: str) -> Mapping[str, Any]:
    """The few words this skill's model has."""
    return {"type": "IntentRequest", "intent": {"name": INTENTS.get(text, "AMAZON.FallbackIntent"), "slots": {}}}


def answer(
    speech: str | None = "Ready?",
    *,
    ends: bool | None = False,
    reprompt: str | None = "Are you ready?",
    attributes: Mapping[str, Any] | None = None,
    directives: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """A response; `ends=None` leaves shouldEndSession out."""
    body: dict[str, Any] = {}
    if speech:
        body["outputSpeech"] = {"type": "SSML", "ssml": f"<speak>{speech}</speak>"}
    if ends is not None:
        body["shouldEndSession"] = ends
    if ends is False and reprompt:
        body["reprompt"] = {"outputSpeech": {"type": "SSML", "ssml": f"<speak>{reprompt}</speak>"}}
    if directives:
        body["directives"] = directives
    return {"version": "1.0", "sessionAttributes": dict(attributes or {}), "response": body}


EMPTY: dict[str, Any] = {"version": "1.0", "response": {}}
SCREEN = {
    "type": "Alexa.Presentation.APL.RenderDocument",
    "token": "coach",
    "document": {"type": "APL", "version": "1.6"},
}


def counted(*words: str) -> dict[str, Any]:
    """An APLA document of one-second slots."""
    slots = [
        {
            "type": "Mixer",
            "items": [
                {"type": "Silence", "duration": 1000},
                {"type": "Speech", "contentType": "PlainText", "content": word, "duration": "trimToParent"},
            ],
        }
        for word in words
    ]
    document = {"type": "APLA", "version": "0.91", "mainTemplate": {"items": [{"type": "Sequencer", "items": slots}]}}
    return {"type": "Alexa.Presentation.APLA.RenderDocument", "token": "count", "document": document}


class Skill:
    """Answers one prepared response after the other, the last one for ever, and keeps the requests."""

    def __init__(self, *responses: dict[str, Any]) -> None:
        self.responses = list(responses)
        self.events: list[dict[str, Any]] = []

    def __call__(self, event: dict[str, Any]) -> dict[str, Any]:
        self.events.append(event)
        if event["request"]["type"] == "SessionEndedRequest":
            return EMPTY
        return self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]

    @property
    def types(self) -> list[str]:
        return [event["request"]["type"] for event in self.events]


def device(skill: Skill, **settings: Any) -> Device:
    """A speaker on which every sentence lasts five seconds."""
    settings = {"length_of": lambda text: SPEECH_MS, "apl": False, "start_latency_ms": LATENCY_MS, **settings}
    return Device(skill, understand, VirtualClock(START), **settings)


def heard(speaker: Device) -> list[str]:
    """What was heard of each answer."""
    return [line.text for line in speaker.transcript if line.who == "A"]


def microphone(speaker: Device) -> str:
    """The microphone now, in a word (a property would be remembered by the type checker)."""
    return str(speaker.microphone)


def test_the_microphone_opens_when_the_speech_is_over() -> None:
    """After an answer that asks, the microphone opens exactly at the end of the speech."""
    speaker = device(Skill(answer()))
    speaker.launch()
    speaker.wait(LATENCY_MS + SPEECH_MS - 1)
    assert microphone(speaker) == "opening"
    speaker.wait(1)
    assert microphone(speaker) == "open"
    assert speaker.playing is None


def test_eight_seconds_of_silence_bring_the_reprompt() -> None:
    """The reprompt plays after eight seconds of open microphone, not a millisecond earlier."""
    speaker = device(Skill(answer()))
    speaker.launch()
    speaker.wait(LATENCY_MS + SPEECH_MS + 7999)
    assert microphone(speaker) == "open"
    assert not speaker.reprompted
    speaker.wait(1)
    assert microphone(speaker) == "opening"
    assert speaker.playing is not None
    assert speaker.playing.is_reprompt


def test_silence_ends_the_session_after_one_reprompt() -> None:
    """Speech, eight seconds, the reprompt's length, eight seconds: then the session is over."""
    skill = Skill(answer())
    speaker = device(skill)
    speaker.launch()
    begin = speaker.clock.now_ms
    speaker.silence()
    assert speaker.clock.now_ms - begin == LATENCY_MS + SPEECH_MS + 8000 + SPEECH_MS + 8000
    assert skill.types == ["LaunchRequest", "SessionEndedRequest"]
    assert skill.events[-1]["request"]["reason"] == "EXCEEDED_MAX_REPROMPTS"
    assert speaker.session is None


def test_session_ended_may_not_be_delivered() -> None:
    """A device may keep the end of a session to itself."""
    skill = Skill(answer())
    speaker = device(skill, deliver_session_ended=False)
    speaker.launch()
    speaker.silence()
    assert skill.types == ["LaunchRequest"]
    assert speaker.session is None


def test_an_answer_in_the_open_microphone_stops_the_clock() -> None:
    """Who speaks in the eighth second is not timed out while still speaking."""
    skill = Skill(answer())
    speaker = device(skill)
    speaker.launch()
    speaker.wait(LATENCY_MS + SPEECH_MS + 7900)
    speaker.say("next")
    assert skill.types == ["LaunchRequest", "IntentRequest"]
    assert not speaker.reprompted


def test_say_waits_for_the_end_of_the_speech() -> None:
    """A user who does not interrupt speaks when the microphone is open."""
    skill = Skill(answer())
    speaker = device(skill)
    speaker.launch()
    sent_at = speaker.clock.now_ms
    speaker.say("next")
    assert speaker.clock.now_ms == sent_at + LATENCY_MS + SPEECH_MS + speaker.utterance_ms


@pytest.mark.parametrize("after_ms", [0, 1, 999, 2500, 4999])
def test_a_barge_in_is_stamped_when_it_has_been_said(after_ms: int) -> None:
    """The request of a barge-in carries the moment of the wake word plus the length of the utterance."""
    skill = Skill(answer())
    speaker = device(skill, milliseconds=True, utterance_ms=1300)
    speaker.launch()
    first_sound = speaker.clock.now_ms + LATENCY_MS
    speaker.interrupt_after(after_ms, "pause")
    assert skill.events[-1]["request"]["timestamp"] == iso(first_sound + after_ms + 1300, milliseconds=True)
    assert skill.events[-1]["request"]["intent"]["name"] == "AMAZON.PauseIntent"
    assert skill.events[-1]["session"]["sessionId"] == skill.events[0]["session"]["sessionId"]


def test_timestamps_are_cut_to_whole_seconds() -> None:
    """Alexa's timestamps have no milliseconds, and are not rounded up."""
    skill = Skill(answer())
    speaker = device(skill, utterance_ms=1999)
    speaker.launch()
    assert skill.events[0]["request"]["timestamp"] == "2026-03-01T10:00:01Z"


def test_a_barge_in_stops_the_count_where_it_was() -> None:
    """What was not yet heard when the wake word came stays unheard."""
    skill = Skill(answer(None, directives=[counted("one", "two", "three", "four. Say next.")]), answer())
    speaker = device(skill)
    speaker.launch()
    speaker.interrupt_after(1500, "pause")
    assert heard(speaker)[0] == "one two …"


def test_a_second_interruption_counts_from_now() -> None:
    """Once the speech is under way, "after" means from this moment."""
    skill = Skill(answer())
    speaker = device(skill, utterance_ms=0, milliseconds=True)
    speaker.launch()
    speaker.wait(LATENCY_MS + 1000)
    moment = speaker.clock.now_ms
    speaker.interrupt_after(500, "pause")
    assert skill.events[-1]["request"]["timestamp"] == iso(moment + 500, milliseconds=True)


def test_nobody_can_interrupt_a_session_that_is_over() -> None:
    """An interruption planned for after the end is the script's mistake, and is said."""
    speaker = device(Skill(answer("Bye.", ends=True)))
    speaker.launch()
    with pytest.raises(DeviceError, match="the session was over"):
        speaker.interrupt_after(SPEECH_MS + 1, "pause")


def test_pause_during_the_last_words_never_reaches_the_skill() -> None:
    """The session ends with the answer that says so: an interruption of its speech is Alexa's own."""
    skill = Skill(answer("Bye.", ends=True))
    speaker = device(skill)
    speaker.launch()
    speaker.wait(LATENCY_MS + 1000)
    assert speaker.interrupt("stop") is None
    assert skill.types == ["LaunchRequest"]
    assert speaker.playing is None


def test_words_after_the_end_open_a_new_session() -> None:
    """Without a session an utterance is a one-shot request: new session, no attributes."""
    skill = Skill(answer("Bye.", ends=True, attributes={"state": "home"}), answer())
    speaker = device(skill)
    speaker.launch()
    speaker.say("next")
    first, second = skill.events
    assert second["session"]["new"] is True
    assert second["session"]["attributes"] == {}
    assert second["session"]["sessionId"] != first["session"]["sessionId"]


def test_attributes_travel_with_the_next_request() -> None:
    """What an answer leaves in the session attributes comes back; what it leaves out is gone."""
    skill = Skill(answer(attributes={"state": "counting"}), {**answer(), "sessionAttributes": None}, answer())
    speaker = device(skill)
    speaker.launch()
    speaker.say("next")
    speaker.say("next")
    assert [event["session"]["attributes"] for event in skill.events] == [{}, {"state": "counting"}, {}]
    assert [event["session"]["new"] for event in skill.events] == [True, False, False]


def test_exit_ends_the_session_without_an_intent() -> None:
    """Exit is Alexa's word: the skill hears that the session was ended by the user."""
    skill = Skill(answer())
    speaker = device(skill)
    speaker.launch()
    assert speaker.say("Alexa, exit") is None
    assert skill.types == ["LaunchRequest", "SessionEndedRequest"]
    assert skill.events[-1]["request"]["reason"] == "USER_INITIATED"


def test_launching_again_starts_a_new_session() -> None:
    """Opening the skill in the middle of a session starts another one."""
    skill = Skill(answer())
    speaker = device(skill)
    speaker.launch()
    speaker.launch()
    assert [event["session"]["new"] for event in skill.events] == [True, True]
    assert len({event["session"]["sessionId"] for event in skill.events}) == 2


def test_a_device_without_apla_reports_it_and_plays_nothing() -> None:
    """The failing document is not heard; the skill gets a RuntimeError in the same session and may answer it."""
    skill = Skill(answer(None, directives=[counted("one", "two. Say next.")]), answer("Shall we try another way?"))
    speaker = device(skill, apla=False)
    speaker.launch()
    assert skill.types == ["LaunchRequest", "Alexa.Presentation.APLA.RuntimeError"]
    assert skill.events[1]["request"]["token"] == "count"
    assert skill.events[1]["session"]["sessionId"] == skill.events[0]["session"]["sessionId"]
    assert heard(speaker) == ["Shall we try another way?"]


def test_an_unanswered_apla_error_leaves_the_microphone_to_open() -> None:
    """When the skill says nothing to the error, the first answer's microphone and reprompt stand."""
    skill = Skill(answer(None, directives=[counted("one. Say next.")]), EMPTY)
    speaker = device(skill, apla=False)
    speaker.launch()
    speaker.wait(0)
    assert microphone(speaker) == "open"
    speaker.wait(8000)
    assert speaker.reprompted


def test_a_screen_keeps_the_session_for_half_a_minute() -> None:
    """With shouldEndSession absent and something on the screen, the session stays 30 s with a closed microphone."""
    skill = Skill(answer("Look.", ends=None, directives=[SCREEN]))
    speaker = device(skill, apl=True)
    speaker.launch()
    speaker.wait(LATENCY_MS + SPEECH_MS)
    assert microphone(speaker) == "closed"
    speaker.wait(29_999)
    assert speaker.session is not None
    speaker.wait(1)
    assert speaker.session is None


def test_a_touch_sends_the_arguments_and_the_token() -> None:
    """A press on the screen arrives as a UserEvent of the document that is shown."""
    skill = Skill(answer(directives=[SCREEN]), answer())
    speaker = device(skill, apl=True)
    speaker.launch()
    speaker.touch(["next", 3])
    event = skill.events[-1]
    assert event["request"]["type"] == "Alexa.Presentation.APL.UserEvent"
    assert event["request"]["arguments"] == ["next", 3]
    assert event["request"]["token"] == "coach"
    assert event["context"]["Alexa.Presentation.APL"]["token"] == "coach"


def test_a_touch_answered_with_nothing_changes_nothing() -> None:
    """The speech goes on when the answer to a touch is empty."""
    speaker = device(Skill(answer(directives=[SCREEN]), EMPTY), apl=True)
    speaker.launch()
    speaker.wait(LATENCY_MS + 1000)
    before = speaker.playing
    speaker.touch(["ping"])
    assert speaker.playing is before
    assert speaker.due_at == speaker.clock.now_ms + SPEECH_MS - 1000


def test_nothing_to_touch_without_a_screen() -> None:
    """A touch needs something on the screen."""
    speaker = device(Skill(answer()))
    speaker.launch()
    with pytest.raises(DeviceError, match="nothing on the screen"):
        speaker.touch(["next"])


def test_capabilities_are_announced() -> None:
    """A screen is announced in the request, its absence too; APLA never is."""
    skill = Skill(answer())
    device(skill, apl=True).launch()
    device(skill, apl=False).launch()
    with_screen, headless = (event["context"]["System"]["device"]["supportedInterfaces"] for event in skill.events)
    assert "Alexa.Presentation.APL" in with_screen
    assert "Alexa.Presentation.APL" not in headless
    assert "Alexa.Presentation.APLA" not in {*with_screen, *headless}


def test_the_next_day_is_another_session() -> None:
    """Overnight the reprompt and the end of the session happen at their moments."""
    skill = Skill(answer())
    speaker = device(skill)
    speaker.launch()
    speaker.wait(DAY_MS)
    assert speaker.session is None
    assert skill.events[-1]["request"]["timestamp"] < "2026-03-01T10:01:00Z"
    assert iso(speaker.clock.now_ms) == "2026-03-02T10:00:01Z"


LONG = "Well. " * 1500


@pytest.mark.parametrize(
    ("response", "complaint"),
    [
        (answer("Tom & Jerry. Ready?"), "outputSpeech"),
        (answer("<voice name='Joey'>Ready?</voice>"), "voice"),
        (answer(LONG + "Ready?"), "less than 8,000"),
        (answer(reprompt=None), "no reprompt"),
        (answer(None), "microphone opens after silence"),
        (answer("All done."), "neither asks nor says what to say"),
        (answer("Shall we?", ends=True), "session ends after a question"),
        (answer("Hello.", ends=None), "shouldEndSession is missing"),
        (answer(attributes={"big": "x" * 5000}), "session attributes have 5,0"),
        (answer(directives=[SCREEN]), "without a screen"),
        ({"version": "1.0"}, "response is missing"),
        ({**answer(), "version": "2"}, "version"),
    ],
    ids=["ampersand", "tag", "long", "reprompt", "silent", "statement", "question", "flag", "attributes", "screen",
         "body", "version"],
)  # fmt: skip
def test_an_answer_that_breaks_a_rule_is_refused(response: dict[str, Any], complaint: str) -> None:
    """Each rule of the platform that an answer can break is named, and the session is over."""
    speaker = device(Skill(response))
    with pytest.raises(DeviceError, match=complaint) as refused:
        speaker.launch()
    assert refused.value.response == response
    assert speaker.session is None


def test_an_answer_longer_than_the_platform_plays_is_refused() -> None:
    """One response lasts at most 240 s."""
    speaker = device(Skill(answer()), length_of=lambda text: 240_001)
    with pytest.raises(DeviceError, match=r"240\.0 s|240 s"):
        speaker.launch()


def test_only_json_goes_over_the_wire() -> None:
    """What the skill returns arrives as JSON: a tuple comes back as a list, a number that is none is refused."""
    skill = Skill(answer(attributes={"place": (1, 2)}), answer(attributes={"left": float("nan")}))
    speaker = device(skill)
    speaker.launch()
    with pytest.raises(DeviceError, match="not JSON"):
        speaker.say("next")
    assert skill.events[1]["session"]["attributes"] == {"place": [1, 2]}


def test_speech_after_the_end_of_the_session_is_refused() -> None:
    """Nothing may be said in answer to SessionEndedRequest."""

    def skill(event: dict[str, Any]) -> dict[str, Any]:
        return answer()

    speaker = Device(skill, understand, VirtualClock(START), apl=False)
    speaker.launch()
    with pytest.raises(DeviceError, match="not allowed in answer to SessionEndedRequest"):
        speaker.say("exit")


def test_a_clock_does_not_run_backwards() -> None:
    """Time turned back is an error."""
    with pytest.raises(ValueError, match="backwards"):
        VirtualClock(START).advance(-1)
