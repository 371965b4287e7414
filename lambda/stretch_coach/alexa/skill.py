"""The skill behind every door: `build_skill` once, `invoke_json` for every request."""

import json
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ask_sdk_core.dispatch_components import AbstractRequestHandler
from ask_sdk_core.handler_input import HandlerInput
from ask_sdk_core.skill import CustomSkill
from ask_sdk_core.skill_builder import CustomSkillBuilder
from ask_sdk_model import RequestEnvelope, Response

from stretch_coach import screen as screens
from stretch_coach.acts import Act, Tell
from stretch_coach.alexa import response as responses
from stretch_coach.alexa.keeper import Keeper, Kept, attributes_of
from stretch_coach.alexa.request import Purpose, Request, decode, short_hash
from stretch_coach.errors import EventFailed, StoreError
from stretch_coach.events import Kind
from stretch_coach.library import Library
from stretch_coach.logs import LOG, Stopwatch, Trace, Watched, fault_fields, is_of_health, plain, turn_fields
from stretch_coach.profile import Erased, Locked
from stretch_coach.session import Session, State
from stretch_coach.settings import Settings
from stretch_coach.stores import deadline
from stretch_coach.stores.contract import Store, may_be_user
from stretch_coach.turn import Reply, take_turn

Json = dict[str, Any]
EMPTY: Json = {"version": "1.0", "response": {}}
"""The answer where speech is not allowed, or the request is none of ours."""
REFUSED: Json = {"version": "1.0", "response": {"shouldEndSession": True}}
STORE_SECONDS = 1.9
"""What all calls of one turn to the store may take together: docs/architecture.md, "State"."""
ERASE_SECONDS = 5.0
"""The same for a skill event, which nobody waits for; the platform's own limit is 8 s."""
ERASE_ATTEMPTS = 5
ERASE_PAUSE_SECONDS = 0.1


@dataclass(frozen=True)
class Call:
    """What one invocation hands through the SDK to our handler."""

    request: Request
    lambda_context: object
    trace: Trace


@dataclass(frozen=True)
class Coach:
    """Library, store and settings, put together once."""

    library: Library
    keeper: Keeper
    settings: Settings
    clock: Callable[[], float]

    def turn(self, request: Request, trace: Trace) -> tuple[Response, Json]:
        """Answer a request that is a turn: the response and the session attributes."""
        keeper = replace(self.keeper, store=Watched(self.keeper.store, trace))
        with deadline.within(STORE_SECONDS):
            session, kept = keeper.open(_user(request), request.attributes, request.now)
            reply, saved = self._settle(request, keeper, session, kept)
        if Erased() in saved.unsaved:
            # Nothing may be promised deleted that is not: it is said, and the question stays open.
            saved = kept
            reply = self._decide(_as(request, Kind.ERASE_FAILED), session, kept, Tell("delete.failed"))
            trace.unsaved = True
        elif saved.unsaved and not session.warned_unsaved and reply.plan.cues and not reply.plan.cards:
            # An outcome that sends for help has a card, and nothing comes before its first words.
            reply = self._decide(request, session, kept, Tell("store.unsaved"))
            reply = replace(reply, session=replace(reply.session, warned_unsaved=True))
        elif not saved.unsaved:
            reply = replace(reply, session=replace(reply.session, warned_unsaved=False))
        trace.event, trace.before, trace.after = reply.event, session.state, reply.session.state
        trace.unsaved = trace.unsaved or bool(saved.unsaved)
        trace.of_health = is_of_health(session, kept.profile) or is_of_health(reply.session, saved.profile)
        response = responses.encode(self.library, reply.plan, reply.rung, self._screen(request, reply))
        return response, attributes_of(reply.session, saved)

    def _settle(self, request: Request, keeper: Keeper, session: Session, kept: Kept) -> tuple[Reply, Kept]:
        """Decide and write; where the write met a lock that another device has set, that is decided anew.

        Only where an exercise would be led, or the lock opened. Anything else stands as decided: decided twice,
        "slower" would be slower still.
        """
        user = _user(request)
        reply = self._decide(request, session, kept)
        saved = keeper.close(user, session, reply.session, kept, reply.changes, request.now)
        leads = reply.session.state in {State.COUNTING, State.STEPPING}
        # "I've been seen" was said of an earlier lock and does not open this one.
        opens = Locked(False) in reply.changes
        if saved.profile.lock and not reply.profile.lock and (leads or opens):
            reply = self._decide(_as(request, Kind.LOCK_FOUND), session, saved)
            saved = keeper.close(user, session, reply.session, saved, reply.changes, request.now)
        return reply, saved

    def _decide(self, request: Request, session: Session, kept: Kept, *first: Act) -> Reply:
        assert request.event is not None
        return take_turn(
            self.library, session, kept.profile, request.event, request.now,
            count_audio=self.settings.count_audio, first=first,
        )  # fmt: skip

    def _screen(self, request: Request, reply: Reply) -> Json | None:
        if request.event is None or not request.event.device.has_screen:
            return None
        timed = reply.rung != "ssml"
        return screens.shown(self.library, reply.acts, reply.plan, reply.session, timed=timed)

    def erase(self, request: Request) -> None:
        """The skill was disabled: remove what was written up to then, in several attempts.

        Raises StoreError when it was not to be done.
        """
        happened = (request.created or request.now) // 1000
        if not may_be_user(_user(request)):
            return  # no store has anything of such a user
        with deadline.within(ERASE_SECONDS):
            for attempt in range(1, ERASE_ATTEMPTS + 1):
                try:
                    self.keeper.store.erase(_user(request), happened)
                except StoreError:
                    if attempt == ERASE_ATTEMPTS or deadline.passed():
                        raise
                    time.sleep(ERASE_PAUSE_SECONDS * attempt)
                else:
                    return


def _user(request: Request) -> str:
    return request.user_id or "anonymous"


def _as(request: Request, kind: Kind) -> Request:
    """The same request, with what became of its write as the event."""
    assert request.event is not None
    return replace(request, event=replace(request.event, kind=kind, name=str(kind), slots={}))


class TurnHandler(AbstractRequestHandler):
    """The one handler: the dialogue's own table decides what answers what."""

    def __init__(self, coach: Coach) -> None:
        self.coach = coach

    def can_handle(self, handler_input: HandlerInput) -> bool:
        """Everything comes here."""
        return isinstance(handler_input.context, Call)

    def handle(self, handler_input: HandlerInput) -> Response:
        """Take the turn and hand the session attributes back through the SDK."""
        call: Call = handler_input.context
        answer, attributes = self.coach.turn(call.request, call.trace)
        if call.request.has_session:
            handler_input.attributes_manager.session_attributes = attributes
        return answer


@dataclass(frozen=True)
class Skill:
    """A skill that is ready for requests."""

    coach: Coach
    sdk: CustomSkill


def build_skill(
    library: Library, store: Store, clock: Callable[[], float] = time.time, settings: Settings | None = None
) -> Skill:
    """Put the skill together. `clock` gives seconds since the epoch, for requests that carry no time."""
    settings = settings or Settings()
    coach = Coach(library, Keeper(store, settings.screening_minutes), settings, clock)
    builder = CustomSkillBuilder()
    builder.add_request_handler(TurnHandler(coach))
    return Skill(coach, builder.create())


def invoke_json(skill: Skill, event: object, context: object = None) -> Json:
    """Answer one request. A fault of ours is one safe sentence, and the session stays as it was.

    Raises nothing but EventFailed: any answer to a skill event says that it was carried out, and the platform delivers
    one that was not answered again, for up to an hour (alexa-skills-kit-sdk-for-java, issue 141).
    """
    watch, trace = Stopwatch(), Trace()
    request = decode(event, int(skill.coach.clock() * 1000))
    try:
        answer = _answer(skill, request, Call(request, context, trace))
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the listener gets an answer
        _log_fault(request, error)
        if request.purpose is Purpose.ERASE:
            # Without the error as its cause: Lambda's runtime writes what is raised into the log.
            raise EventFailed("the listener's data could not be deleted") from None
        return _apologize(skill, request)
    if trace.event:
        who = _who(request, named=trace.names_user)
        LOG.info("turn", extra=who | turn_fields(trace, answer, watch.milliseconds))
    else:
        LOG.info("request", extra=_who(request, named=True) | {"milliseconds": watch.milliseconds})
    return answer


def _answer(skill: Skill, request: Request, call: Call) -> Json:
    wanted = skill.coach.settings.skill_id
    if wanted and request.application_ids and request.application_ids != {wanted}:
        LOG.warning("request for another skill refused", extra={"request_id": plain(request.id)})
        return dict(REFUSED)
    if request.purpose is Purpose.ERASE:
        skill.coach.erase(request)
    if request.purpose in {Purpose.ERASE, Purpose.IGNORE}:
        return _silent(request, request.attributes)
    envelope = skill.sdk.invoke(_envelope(skill, request), call)
    answer: Json = skill.sdk.serializer.serialize(envelope)  # type: ignore[assignment]  # an envelope is an object
    said = answer["response"].keys() & {"outputSpeech", "directives"}
    if said and request.purpose is not Purpose.NOTE:
        return answer
    return _silent(request, answer.get("sessionAttributes") or {})


def _silent(request: Request, attributes: Mapping[str, Any]) -> Json:
    """An answer without a word. In a session it carries the attributes: what an answer leaves out is forgotten."""
    goes_on = request.has_session and request.type != "SessionEndedRequest"
    return {**EMPTY, "sessionAttributes": dict(attributes)} if goes_on else dict(EMPTY)


def _envelope(skill: Skill, request: Request) -> RequestEnvelope:
    """The request as the SDK's model holds it, cut down to what its dispatch needs.

    The SDK refuses whole requests for one enum value it does not know (docs/reference/alexa-rules.md 8.2), so it is
    given only what cannot be unknown.
    """
    session: Json | None = {"new": request.is_new, "attributes": {}} if request.has_session else None
    plain: Json = {
        "version": "1.0",
        "request": {"type": "LaunchRequest", "requestId": request.id},
        "context": {"System": {"application": {"applicationId": skill.coach.settings.skill_id}}},
        **({"session": session} if session is not None else {}),
    }
    envelope: RequestEnvelope = skill.sdk.serializer.deserialize(json.dumps(plain), RequestEnvelope)
    return envelope


def _apologize(skill: Skill, request: Request) -> Json:
    if request.purpose is not Purpose.TURN:
        return dict(EMPTY)
    answer = responses.error(skill.coach.library, listens=request.has_session)
    out: Json = {"version": "1.0", "response": skill.sdk.serializer.serialize(answer)}
    if request.has_session:
        out["sessionAttributes"] = dict(request.attributes)
    return out


def _who(request: Request, *, named: bool) -> Json:
    """What a line says of the request itself; whose it is only where it is `named`."""
    return {
        "request_id": plain(request.id),
        "request": plain(request.type),
        "user": short_hash(request.user_id) if named else "",
        "locale": plain(request.event.locale) if request.event else "",
    }


def _log_fault(request: Request, error: Exception) -> None:
    """Where it went wrong, never what was said: an error's own text can hold an answer."""
    frames = traceback.extract_tb(sys.exc_info()[2])[-6:]
    where = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    counted = {"erase_failures": 1} if request.purpose is Purpose.ERASE else {"faults": 1}
    came_in = fault_fields(request.event.name if request.event else "", request.attributes.get("state"))
    # Nor whose turn it was: the functions it went through can tell what was decided.
    who = _who(request, named=False)
    LOG.error("turn failed", extra={**who, **came_in, "error": type(error).__name__, "where": where, **counted})
