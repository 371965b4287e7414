"""Responses in the shapes the skill sends, made by hand so that they can be tampered with."""

from collections.abc import Sequence
from typing import Any

from sound.measuring.counts import Due
from sound.playback import RENDER

WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
RELEASE = "and release"
COUNT = (*(Due(1000 * second, word) for second, word in enumerate(WORDS)), Due(10_000, RELEASE))

_SILENCE = {"type": "Silence", "duration": "${data.ms}"}
_PLAIN = {"type": "Speech", "contentType": "PlainText", "content": "${data.text}", "duration": "trimToParent"}
_MARKED = {**_PLAIN, "contentType": "SSML"}
_ITEMS = [
    {"when": "${data.kind == 'rest'}", **_SILENCE},
    {"when": "${data.kind == 'slot'}", "type": "Mixer", "items": [_SILENCE, _PLAIN]},
    {"when": "${data.kind == 'block'}", "type": "Mixer", "items": [_SILENCE, _MARKED]},
]


def slot(text: str, ms: int = 1000) -> dict[str, Any]:
    """A word in a slot of exactly `ms`."""
    return {"kind": "slot", "ms": ms, "text": text}


def block(words: Sequence[str], pause_ms: int = 600) -> dict[str, Any]:
    """Some words with equal breaks in a block of exactly a second a word."""
    markup = f' <break time="{pause_ms}ms"/> '.join(words)
    return {"kind": "block", "ms": 1000 * len(words), "text": f"<speak>{markup}</speak>"}


def rest(ms: int) -> dict[str, Any]:
    """Quiet of exactly `ms`."""
    return {"kind": "rest", "ms": ms}


def document(*cues: dict[str, Any]) -> dict[str, Any]:
    """A response that plays the cues one after another, through a static document bound to them."""
    sequence = {"type": "Sequencer", "data": "${payload.plan.cues}", "items": _ITEMS}
    apla = {"type": "APLA", "version": "0.91", "mainTemplate": {"parameters": ["payload"], "items": [sequence]}}
    datasources = {"plan": {"cues": list(cues)}}
    return {"directives": [{"type": RENDER, "token": "count", "document": apla, "datasources": datasources}]}


def ssml(inner: str) -> dict[str, Any]:
    """A response with an outputSpeech alone."""
    return {"outputSpeech": {"type": "SSML", "ssml": f"<speak>{inner}</speak>"}}


def hold(*cues: dict[str, Any]) -> dict[str, Any]:
    """A response that counts, with words before and after."""
    return document(slot("hold", 1500), *cues, slot(RELEASE, 2000))
