"""A reply → the platform's response. The one place that sets speech, reprompt and end of session together."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ask_sdk_model import Response
from ask_sdk_model.interfaces.alexa.presentation.apl import RenderDocumentDirective as ScreenDirective
from ask_sdk_model.interfaces.alexa.presentation.apla import RenderDocumentDirective
from ask_sdk_model.ui import OutputSpeech, Reprompt, SimpleCard, SsmlOutputSpeech

from stretch_coach.library import Library
from stretch_coach.speech import apla, script, ssml
from stretch_coach.speech.script import Plan

SCREEN_TOKEN = "coach"  # noqa: S105 - the platform's word for a document's name
DOCUMENTS = Path(__file__).resolve().parents[1] / "apl"


def encode(library: Library, plan: Plan, rung: str, screen: Mapping[str, Any] | None = None) -> Response:
    """The response that plays `plan` on a rung of the counting ladder, and shows `screen` (see screen.py)."""
    response = Response(should_end_session=not plan.listens)
    if plan.counts and rung != "ssml":
        response.directives = [_apla(apla.directive(plan.cues, blocks=rung == "blocks"))]
    elif plan.cues:
        response.output_speech = _speech(ssml.counted(plan.cues) if plan.counts else ssml.prose(plan.cues))
    if screen:
        response.directives = [*(response.directives or ()), _screen(screen)]
    if plan.listens:
        response.reprompt = Reprompt(output_speech=_speech(ssml.prose(plan.reprompt)))
    for card in plan.cards:
        title, text = script.card_text(library, card)
        response.card = SimpleCard(title=title, content=text)
    return response


def error(library: Library, *, listens: bool) -> Response:
    """The one safe sentence for a fault of ours; with an open session it is also the reprompt."""
    speech = _speech(ssml.speak(ssml.text_markup(library.locale.prompt("error.general", 0))))
    response = Response(output_speech=speech, should_end_session=not listens)
    if listens:
        response.reprompt = Reprompt(output_speech=speech)
    return response


def _speech(markup: str) -> OutputSpeech:
    return SsmlOutputSpeech(ssml=markup)


def _screen(data: Mapping[str, Any]) -> ScreenDirective:
    document = _document(str(data["kind"]))
    return ScreenDirective(token=SCREEN_TOKEN, document=document, datasources={"coach": dict(data)})


@cache
def _document(kind: str) -> dict[str, Any]:
    """A screen's document, read when it is first shown."""
    document: dict[str, Any] = json.loads((DOCUMENTS / f"{kind}.json").read_text(encoding="utf-8"))
    return document


def _apla(directive: dict[str, Any]) -> RenderDocumentDirective:
    return RenderDocumentDirective(
        token=directive["token"], document=directive["document"], datasources=directive["datasources"]
    )
