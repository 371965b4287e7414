"""What must be true of every reply, whatever came before it."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from ask_sdk_core.serialize import DefaultSerializer

from simulator.device import limits
from sound import ssml
from sound.apla import evaluate
from stretch_coach import profile as profiles
from stretch_coach import screen as screens
from stretch_coach import session as sessions
from stretch_coach.acts import INITIATIVE, Card, Instruct, Lead, Teach
from stretch_coach.alexa import response as responses
from stretch_coach.alexa.keeper import Kept, attributes_of
from stretch_coach.library import Library
from stretch_coach.profile import Profile, apply_all
from stretch_coach.speech import apla
from stretch_coach.speech.script import Plan
from stretch_coach.timeline import Carrier, Cue, Part, total_ms
from stretch_coach.turn import Reply

QUIET_EVENTS = frozenset({"Ended", "AudioFailed", "Touch"})
"""Events that may be answered with nothing at all."""
LEADING = (Lead, Instruct, Teach)
COACHED_MS = 180_000
"""The longest counted turn, apart from the question that follows it (docs/architecture.md, "Counting")."""
BLOCKS_PIECES = 15
WRONG_IN_WORDS = re.compile(r"[{}<>#$_]|  |^\s|\s$|\s[,.;:?!]|[,.;:]{2}|\b(?:None|True|False)\b|\b[a-z]+:[0-9]")
"""A placeholder or a value that was not filled, markup, or a gap where a word was left out."""
PROSE_ENDS = (".", "?", "!")
SERIALIZER = DefaultSerializer()
VERSION = 1_790_000_000
"""Of a stored record: a first version is a time."""


Json = dict[str, Any]


def problems(before: Profile, reply: Reply, answers: Mapping[bool, Json], *, was_locked: bool) -> Iterator[str]:
    """Everything wrong with a reply and with `answers`, its responses by device, whatever it answered."""
    yield from _microphone(reply)
    if was_locked and any(isinstance(act, LEADING) for act in reply.acts):
        yield "an exercise is led while exercises are locked"
    yield from _state(before, reply)
    yield from _plan(reply.plan, reply.rung)
    for has_screen, answer in answers.items():
        found = limits.problems(answer, request_type="IntentRequest", has_screen=has_screen)
        yield from (problem for problem in found if reply.plan.cues or "microphone" not in problem)


def answers_of(library: Library, reply: Reply) -> dict[bool, Json]:
    """The whole response that each kind of device gets: False has no screen, True has one.

    The other capability, what plays its counts, is the reply's rung.
    """
    shown = screens.shown(library, reply.acts, reply.plan, reply.session, timed=reply.rung != "ssml")
    attributes = attributes_of(reply.session, Kept(reply.profile, VERSION))
    bodies = {
        has_screen: SERIALIZER.serialize(
            responses.encode(library, reply.plan, reply.rung, shown if has_screen else None)
        )
        for has_screen in (False, True)
    }
    return {
        has_screen: {"version": "1.0", "response": body, "sessionAttributes": attributes}
        for has_screen, body in bodies.items()
    }


def markup_of(response: Mapping[str, Any]) -> Iterator[str]:
    """Every SSML document in a response: its speech, its reprompt, and what an APLA document is given to say."""
    body = response["response"]
    for speech in (body.get("outputSpeech"), (body.get("reprompt") or {}).get("outputSpeech")):
        if speech:
            yield speech["ssml"]
    for directive in body.get("directives") or ():
        for source in (directive.get("datasources") or {}).values():
            yield from (cue["text"] for cue in source.get("cues") or () if cue.get("text", "").startswith("<speak>"))


def _microphone(reply: Reply) -> Iterator[str]:
    asking = [index for index, act in enumerate(reply.acts) if isinstance(act, INITIATIVE)]
    if len(asking) > 1:
        yield "it asks twice"
    if any(not isinstance(act, Card) for act in reply.acts[asking[0] + 1 :]) if asking else False:
        yield "something is said after the question"
    if reply.plan.listens != bool(asking):
        yield "the microphone does not go with the question"
    if reply.event not in QUIET_EVENTS:
        if reply.plan.listens == reply.plan.ends:
            yield "it neither listens nor ends" if reply.plan.ends is False else "it listens and ends"
        if not reply.plan.cues:
            yield "it says nothing"


def _state(before: Profile, reply: Reply) -> Iterator[str]:
    session, profile, changes = reply.session, reply.profile, reply.changes
    if sessions.decode(_json(sessions.encode(session))) != session:
        yield "the session does not survive encoding"
    if profiles.decode(_json(profiles.encode(profile))) != profile:
        yield "the profile does not survive encoding"
    if profiles.decode_changes(_json(profiles.encode_changes(changes))) != changes:
        yield "the changes do not survive encoding"
    once = apply_all(before, changes)
    if once != profile:
        yield "the profile is not what the changes make of it"
    if apply_all(once, changes) != once:
        yield "the changes do something else when they are applied again"
    for kept in (Kept(profile, VERSION), Kept(profile, None, changes)):
        attributes = attributes_of(session, kept)
        if limits.size(attributes) > limits.ATTRIBUTE_BYTES:
            yield f"the session attributes take {limits.size(attributes)} bytes"


def _json(value: Mapping[Any, Any] | list[Any]) -> Any:
    return json.loads(json.dumps(value, allow_nan=False))


def _plan(plan: Plan, rung: str) -> Iterator[str]:
    """Everything wrong with what is said, before it is written down for a device."""
    for cue in (*plan.cues, *plan.reprompt):
        yield from _words(cue)
    yield from _lengths(plan)
    if plan.counts and rung != "ssml":
        yield from _document(apla.directive(plan.cues, blocks=rung == "blocks"), plan, rung)


@cache
def _wrong_words(text: str, is_prose: bool) -> tuple[str, ...]:
    wrong = WRONG_IN_WORDS.search(text)
    found = [f"{wrong.group()!r} in {text!r}"] if wrong else []
    if is_prose and not text.endswith(PROSE_ENDS):
        found.append(f"{text!r} does not end like a sentence")
    return tuple(found)


def _words(cue: Cue) -> tuple[str, ...]:
    if bool(cue.text) is (cue.carrier is Carrier.QUIET) or cue.ms <= 0:
        return (f"the cue {cue} makes no sense",)
    return _wrong_words(cue.text, cue.carrier is Carrier.PROSE) if cue.text else ()


def _lengths(plan: Plan) -> Iterator[str]:
    total = total_ms(plan.cues)
    counted = max((index for index, cue in enumerate(plan.cues) if cue.part is not Part.OUTRO), default=-1)
    coached = total_ms(plan.cues[: counted + 1])
    if coached > COACHED_MS:
        yield f"coaching goes on for {coached / 1000} s"
    if total > apla.MAX_MS:
        yield f"it takes {total / 1000} s"


def _document(directive: Mapping[str, Any], plan: Plan, rung: str) -> Iterator[str]:
    (source,) = directive["datasources"].values()
    cues = source["cues"]
    if sum(cue["ms"] for cue in cues) != total_ms(plan.cues):
        yield "the document lasts longer or shorter than the plan"
    spoken = [cue for cue in cues if cue["kind"] != "rest"]
    if rung == "blocks" and len(spoken) > BLOCKS_PIECES:
        yield f"{len(spoken)} pieces of speech on the blocks rung"
    for cue in spoken:
        if cue["text"].startswith("<speak>"):
            yield from _markup(cue["text"])
    evaluate(directive["document"], directive["datasources"])


@lru_cache(maxsize=100_000)
def _markup(text: str) -> tuple[str, ...]:
    try:
        ssml.parse(text)
    except ssml.SsmlError as error:
        return (str(error),)
    return ()
