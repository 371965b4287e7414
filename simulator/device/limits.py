"""What the platform accepts as a response.

Every figure is from the Alexa Skills Kit documentation; where pages disagree the stricter one is taken. A response
that breaks a rule is not played by a real device: the listener hears "There was a problem with the requested skill's
response" and the session is over.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sound import ssml
from stretch_coach.alexa.request import MAX_ATTRIBUTES_READ
from stretch_coach.speech.ssml import MAX_CHARACTERS

Json = Mapping[str, Any]

SPEECH_CHARACTERS: Final = MAX_CHARACTERS
"""outputSpeech and reprompt, tags counted; the limit is "less than"."""
CARD_CHARACTERS: Final = 8_000
RESPONSE_BYTES: Final = 24 * 1024
"""The older, stricter of two published figures; the other is 120 KB."""
ATTRIBUTE_BYTES: Final = MAX_ATTRIBUTES_READ
"""Our own promise: state travels with every request and answer."""

NO_SPEECH: Final = ("SessionEndedRequest", "System.ExceptionEncountered", "AudioPlayer.", "PlaybackController.")
NO_ANSWER: Final = ("AlexaSkillEvent.", "CanFulfillIntentRequest")
SCREEN: Final = "Alexa.Presentation.APL."
SPOKEN_CARRIERS: Final = ("Alexa.Presentation.APLA.RenderDocument",)
INVITES: Final = {"en": re.compile(r"\?|\b(say|tell me|ask)\b", re.IGNORECASE)}
"""What ends a turn that leaves the microphone open, by language."""


def problems(response: Json, *, request_type: str, has_screen: bool) -> list[str]:
    """Everything in a response that the platform, or its certification, refuses; empty when it is fine."""
    return list(_problems(response, request_type, has_screen))


def speech_allowed(request_type: str) -> bool:
    """Whether an answer to this type of request may speak."""
    return not request_type.startswith((*NO_SPEECH, *NO_ANSWER))


def size(value: object) -> int:
    """Bytes of a value as the platform receives it: compact JSON in UTF-8."""
    return len(
        json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    )


def _problems(response: Json, request_type: str, has_screen: bool) -> Iterator[str]:
    if response.get("version") != "1.0":
        yield f'version is {response.get("version")!r}. It must be "1.0"'
    body = response.get("response")
    if not isinstance(body, Mapping):
        yield "response is missing"
        return
    yield from _size_problems(response)
    if not speech_allowed(request_type):
        yield from _silent_problems(body, request_type)
        return
    for where, speech in _speeches(body):
        yield from _speech_problems(where, speech)
    for directive in _directives(body):
        yield from _directive_problems(directive, has_screen)
    yield from _session_problems(body, request_type, has_screen)


def _size_problems(response: Json) -> Iterator[str]:
    try:
        total = size(response)
    except (TypeError, ValueError) as error:
        yield f"it is not JSON ({error})"
        return
    if total >= RESPONSE_BYTES:
        yield f"the response has {total:,} bytes; less than {RESPONSE_BYTES:,} are accepted"
    attributes = response.get("sessionAttributes") or {}
    if not isinstance(attributes, Mapping):
        yield "sessionAttributes is not an object"
    elif size(attributes) > ATTRIBUTE_BYTES:
        yield f"the session attributes have {size(attributes):,} bytes; {ATTRIBUTE_BYTES:,} are the most"
    card = (response.get("response") or {}).get("card") or {}
    characters = sum(len(value) for value in card.values() if isinstance(value, str))
    if characters > CARD_CHARACTERS:
        yield f"the card has {characters:,} characters; {CARD_CHARACTERS:,} are the most"


def _silent_problems(body: Json, request_type: str) -> Iterator[str]:
    for key in ("outputSpeech", "reprompt", "card"):
        if body.get(key):
            yield f"{key} is not allowed in answer to {request_type}"
    allowed = "AudioPlayer." if request_type.startswith("AudioPlayer.") else "\0"
    if any(not str(directive.get("type")).startswith(allowed) for directive in _directives(body)):
        yield f"directives are not allowed in answer to {request_type}"


def _directives(body: Json) -> Iterator[Json]:
    yield from (item for item in body.get("directives") or () if isinstance(item, Mapping))


def _speeches(body: Json) -> Iterator[tuple[str, Json]]:
    reprompt = body.get("reprompt") or {}
    for where, speech in (("outputSpeech", body.get("outputSpeech")), ("reprompt", reprompt.get("outputSpeech"))):
        if isinstance(speech, Mapping):
            yield where, speech
    for directive in (*_directives(body), *_directives(reprompt)):
        if directive.get("type") in SPOKEN_CARRIERS:
            yield from _apla_speeches(directive.get("document"))


def _apla_speeches(node: object) -> Iterator[tuple[str, Json]]:
    if isinstance(node, Mapping):
        if node.get("type") == "Speech" and node.get("contentType") == "SSML":
            yield "an APLA Speech", {"type": "SSML", "ssml": node.get("content")}
        for child in node.values():
            yield from _apla_speeches(child)
    elif isinstance(node, list):
        for child in node:
            yield from _apla_speeches(child)


def _speech_problems(where: str, speech: Json) -> Iterator[str]:
    words = speech.get("ssml" if speech.get("type") == "SSML" else "text")
    if not isinstance(words, str) or not words.strip():
        yield f"{where} has no words"
        return
    if len(words) >= SPEECH_CHARACTERS:
        yield f"{where} has {len(words):,} characters; less than {SPEECH_CHARACTERS:,} are accepted"
    elif speech.get("type") == "SSML" and "${" not in words:  # bound data is checked when it is played
        try:
            ssml.parse(words)
        except ssml.SsmlError as error:
            yield f"{where}: {error}"


def _directive_problems(directive: Json, has_screen: bool) -> Iterator[str]:
    kind = str(directive.get("type"))
    if kind.startswith(SCREEN) and not has_screen:
        yield f"{kind} went to a device without a screen"
    if kind.endswith(".RenderDocument") and not isinstance(directive.get("document"), Mapping):
        yield f"{kind} has no document"
    if kind.startswith("Alexa.Presentation.") and not directive.get("token"):
        yield f"{kind} has no token"


def _session_problems(body: Json, request_type: str, has_screen: bool) -> Iterator[str]:
    speaks = any(where != "reprompt" for where, _ in _speeches(body))
    speaks = speaks or any(item.get("type") in SPOKEN_CARRIERS for item in _directives(body))
    if request_type.endswith(".RuntimeError") and not speaks:
        return
    if "shouldEndSession" not in body:
        on_screen = has_screen and (request_type.startswith(SCREEN) or shows_screen(body))
        if not on_screen and (speaks or request_type in {"LaunchRequest", "IntentRequest"}):
            yield "shouldEndSession is missing. Say true or false"
        return
    ends = body["shouldEndSession"]
    if ends is not None and not isinstance(ends, bool):
        yield f"shouldEndSession is {ends!r}"
    if ends:
        return
    reprompt = body.get("reprompt") or {}
    if not speaks:
        yield "the microphone opens after silence. Ask something, or end the session"
    if not reprompt.get("outputSpeech") and not list(_directives(reprompt)):
        yield "the microphone opens and there is no reprompt"


def shows_screen(body: Json) -> bool:
    """Whether a response body sends something to the screen."""
    return any(str(item.get("type")).startswith(SCREEN) for item in _directives(body))


def words_problems(words: str, *, microphone_opens: bool, locale: str) -> list[str]:
    """Whether the end of a turn, as heard, fits the microphone: it opens after a question or a "say …", only then.

    Locales in a language without patterns pass.
    """
    invites = INVITES.get(locale.partition("-")[0])
    sentences = [part for part in re.split(r"(?<=[.!?])\s+", words.strip()) if part]
    if invites is None or not sentences:
        return []
    if microphone_opens and not invites.search(" ".join(sentences[-2:])):
        return [f"the microphone opens after “{sentences[-1]}”, which neither asks nor says what to say"]
    if not microphone_opens and sentences[-1].endswith("?"):
        return [f"the session ends after a question: “{sentences[-1]}”"]
    return []
