"""Alexa between a person and a skill: requests, sessions, answers and the microphone, each at its moment.

It builds requests, keeps the session and its attributes, says the answer (as a timeline of what would be heard) and
moves the microphone as the platform does:

    answer with shouldEndSession false   speech, microphone open 8 s, the one reprompt, open 8 s, session over
    … true                               speech; the session was over when the answer came
    … absent                             with something on the screen open for 30 s, microphone closed; else over

Only one thing is ever due next (`Platform._due`), so time may jump or run. An answer that the platform would refuse
raises DeviceError: a simulator that forgives hides the fault until the device is a real one.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from simulator.device import limits
from simulator.device.acceptance import accepted
from simulator.device.clock import Clock, iso
from simulator.device.envelope import SESSIONLESS, Identity, envelope, in_session
from simulator.device.parts import (
    DeviceError,
    Exchange,
    Json,
    Line,
    Microphone,
    Played,
    Playing,
    Send,
    Session,
    Understand,
    documents,
    over_the_wire,
    without_documents,
    words,
)
from sound.playback import Playback, estimate_length, reprompt_timeline, timeline
from sound.ssml import SpeechRun

LISTENING_MS: Final = 8_000
"""How long the microphone stays open (ask-sdk-core, `ask()`: "if no response for 8 seconds")."""
LINGERING_MS: Final = 30_000
"""How long a screen keeps a session whose microphone is closed (apl-core-library, idle time-out)."""


class Platform:
    """Alexa on one device.

    `send` is the skill: an envelope in, a response out. `understand` turns an utterance into the `request` part of
    an envelope (an IntentRequest, or a LaunchRequest). `apl` is a screen; without `apla` the device reports a
    RuntimeError for every APLA document and does not play it. `start_latency_ms` passes between the answer and its
    first sound, `utterance_ms` between the wake word (or the first word) and the request's timestamp.
    """

    def __init__(  # noqa: PLR0913 - all the settings of a device, every one named
        self,
        send: Send,
        understand: Understand,
        clock: Clock,
        *,
        locale: str = "en-US",
        apl: bool = True,
        apla: bool = True,
        start_latency_ms: int = 700,
        utterance_ms: int = 1000,
        user_id: str = "amzn1.ask.account.LOCAL",
        device_id: str = "amzn1.ask.device.LOCAL",
        deliver_session_ended: bool = True,
        milliseconds: bool = False,
        length_of: Callable[[SpeechRun], int] = estimate_length,
    ) -> None:
        self.send = send
        self.understand = understand
        self.clock = clock
        self.who = Identity(user_id=user_id, device_id=device_id, locale=locale)
        self.apl = apl
        self.apla = apla
        self.start_latency_ms = start_latency_ms
        self.utterance_ms = utterance_ms
        self.deliver_session_ended = deliver_session_ended
        self.milliseconds = milliseconds
        self.length_of = length_of
        self.session: Session | None = None
        self.microphone = Microphone.CLOSED
        self.playing: Playing | None = None
        self.screen: Json | None = None
        """The directive whose document is on the screen."""
        self.transcript: list[Line] = []
        self.played: list[Played] = []
        self.exchanges: list[Exchange] = []
        self.answer: Playback | None = None
        """The last answer's speech, whole, whether or not it was heard to its end."""
        self.answer_reprompt: Playback | None = None
        self.reprompted = False
        """The reprompt of the last answer has been played, or is being played."""
        self._due: tuple[int, Callable[[], None]] | None = None
        self._moment: int | None = None
        self._sessions = self._requests = 0

    # ---------------------------------------------------------------------------------------------------- what is known

    @property
    def now_ms(self) -> int:
        """This moment; while something due happens, the moment it was due, however late a real clock has got to it."""
        return self.clock.now_ms if self._moment is None else self._moment

    @property
    def attributes(self) -> Json:
        """The session attributes as the next request will carry them."""
        return self.session.attributes if self.session else {}

    @property
    def due_at(self) -> int | None:
        """When the next thing happens by itself: the speech, the open microphone or the session ends."""
        return self._due[0] if self._due else None

    @property
    def last(self) -> Exchange | None:
        """The last request and its answer."""
        return self.exchanges[-1] if self.exchanges else None

    # ----------------------------------------------------------------------------------------------------------- time

    def wait(self, ms: int) -> None:
        """Let time pass; whatever is due meanwhile happens at its moment."""
        self.wait_until(self.clock.now_ms + ms)

    def wait_until(self, at_ms: int) -> None:
        """Let time pass up to a moment."""
        while self._due and self._due[0] <= at_ms:
            self._moment, happen = self._due
            self.clock.wait_until(self._moment)
            self._due = None
            happen()
        self._moment = None
        self.clock.wait_until(at_ms)

    def poll(self) -> None:
        """Do what has become due; for a clock that runs by itself."""
        self.wait_until(self.clock.now_ms)

    # ------------------------------------------------------------------------------------------------------- a request

    def _ask(self, request: Json) -> Json:
        session = self._open_session()
        message = self._message(request, session)
        response = over_the_wire(self.send, message)
        session.new = False
        session.attributes = dict(response.get("sessionAttributes") or {})
        self._receive(Exchange(request, response, self.now_ms, message))
        return response

    def _message(self, request: Json, session: Session | None) -> dict[str, Any]:
        self._requests += 1
        stamped = {
            **request,
            "requestId": f"amzn1.echo-api.request.{self._requests:06d}",
            "timestamp": iso(self.now_ms, milliseconds=self.milliseconds),
        }
        token = str(self.screen["token"]) if self.screen else None
        message = envelope(stamped, self.who, screen=self.apl, screen_token=token)
        if session is None or str(request["type"]).startswith(SESSIONLESS):
            return message
        return in_session(message, self.who, session_id=session.id, new=session.new, attributes=session.attributes)

    def _open_session(self) -> Session:
        if self.session is None:
            self._sessions += 1
            self.session = Session(f"amzn1.echo-api.session.{self._sessions:06d}")
        return self.session

    def _drop_session(self) -> None:
        self.session = self.screen = self._due = None
        self.microphone = Microphone.CLOSED

    # -------------------------------------------------------------------------------------------------------- an answer

    def _receive(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        kind, response = str(exchange.request["type"]), exchange.response
        whole = self._accepted(kind, response)
        failing = [] if self.apla else documents(response)
        audible = without_documents(response) if failing else response
        playback = timeline(audible, self.length_of) if failing else whole
        self._show(response)
        silent = kind.startswith("Alexa.Presentation.") and not whole.heard
        if not silent or response["response"].get("shouldEndSession") is True:
            self._hush()
            self._play(audible, playback)
        elif self.screen and self.playing is None and self.microphone is Microphone.CLOSED:
            self._linger()  # a touch starts the screen's half minute again
        for directive in failing:
            self._report(directive)

    def _accepted(self, kind: str, response: Json) -> Playback:
        try:
            return accepted(kind, response, has_screen=self.apl, locale=self.who.locale, length_of=self.length_of)
        except DeviceError:
            self._drop_session()  # the listener hears that there was a problem, and that is all
            raise

    def _show(self, response: Json) -> None:
        for directive in response["response"].get("directives") or ():
            if directive["type"] == "Alexa.Presentation.APL.RenderDocument":
                self.screen = directive
            elif directive["type"] == "Alexa.Presentation.APL.ExecuteCommands" and (
                self.screen is None or directive.get("token") != self.screen["token"]
            ):
                raise DeviceError("ExecuteCommands names a document that is not on the screen")

    def _play(self, response: Json, playback: Playback) -> None:
        body = response["response"]
        self.reprompted = False
        reprompt = reprompt_timeline(response, self.length_of)
        self.answer, self.answer_reprompt = playback, reprompt
        started_at = self.now_ms + (self.start_latency_ms if playback.heard else 0)
        after: Callable[[], None]
        if body.get("shouldEndSession", "absent") == "absent":
            after = self._linger if self.screen else self._drop_session
        elif body["shouldEndSession"]:
            self._drop_session()
            after = self._drop_session
        else:
            self.microphone = Microphone.OPENING
            after = lambda: self._listen(response, reprompt)  # noqa: E731 - one of three, the others have names
        self._speak(Playing(playback, started_at, response), after)

    def _speak(self, playing: Playing, after: Callable[[], None]) -> None:
        def over() -> None:
            self.playing = None
            after()

        if playing.playback.heard:
            self._note("A", playing.playback.text, playing)
        self.playing = playing
        self.played.append(Played(playing))
        self._due = (playing.ends_at, over)

    def _report(self, directive: Json) -> None:
        """Tell the skill that a document was not played, as the platform does: at once, inside the session."""
        error = {"type": "DOCUMENT_ERROR", "reason": "INTERNAL_ERROR", "message": "This device cannot play it."}
        self._note("-", "the device could not play the APLA document")
        request = {"type": "Alexa.Presentation.APLA.RuntimeError", "token": directive["token"], "errors": [error]}
        if self.session is not None:
            self._ask(request)

    # ------------------------------------------------------------------------------------------- the microphone's hours

    def _listen(self, response: Json, reprompt: Playback) -> None:
        self.microphone = Microphone.OPEN
        self._due = (self.now_ms + LISTENING_MS, lambda: self._nobody_spoke(response, reprompt))

    def _nobody_spoke(self, response: Json, reprompt: Playback) -> None:
        if not self.reprompted and reprompt.heard:
            self.reprompted = True
            self.microphone = Microphone.OPENING
            playing = Playing(reprompt, self.now_ms, response, is_reprompt=True)
            self._speak(playing, lambda: self._listen(response, reprompt))
        elif self.screen:
            self._linger()
        else:
            self._end_session("EXCEEDED_MAX_REPROMPTS")

    def _nothing_followed(self) -> None:
        if self.session and self.screen:
            self._linger()
        else:
            self._end_session("EXCEEDED_MAX_REPROMPTS")
            self._drop_session()

    def _linger(self) -> None:
        self.microphone = Microphone.CLOSED
        self._due = (self.now_ms + LINGERING_MS, lambda: self._end_session("EXCEEDED_MAX_REPROMPTS"))

    def _end_session(self, reason: str, **more: Json) -> None:
        session = self.session
        if session is None:
            return
        self._note("-", f"the session ends ({reason})")
        if self.deliver_session_ended:
            request: dict[str, Any] = {"type": "SessionEndedRequest", "reason": reason, **more}
            message = self._message(request, session)
            response = over_the_wire(self.send, message)
            found = limits.problems(response, request_type=request["type"], has_screen=self.apl)
            if found:
                raise DeviceError("Alexa refuses the answer to SessionEndedRequest: " + "; ".join(found))
            self.exchanges.append(Exchange(request, response, self.now_ms, message))
        self._drop_session()

    def fail(self, error: str) -> None:
        """Give the session up, as Alexa does for a fault of the skill; `error` is the type that the skill is told."""
        self._hush()
        self._end_session("ERROR", error={"type": error, "message": "An exception occurred."})

    # --------------------------------------------------------------------------------------------------------- helpers

    def _hush(self) -> None:
        """Stop what is being said; the transcript keeps what had begun."""
        playing, self.playing = self.playing, None
        if playing and playing.ends_at > self.now_ms:
            heard = playing.heard_until(self.now_ms)
            self.played[-1].cut_at = self.now_ms
            self._due = None
            for index in range(len(self.transcript) - 1, -1, -1):
                line = self.transcript[index]
                if line.who == "A":
                    self.transcript[index] = replace(line, text=f"{words(heard)} …".strip(), heard=heard)
                    break

    def _pass_utterance(self) -> None:
        self._due = None
        self.microphone = Microphone.CLOSED
        self.clock.wait_until(self.clock.now_ms + self.utterance_ms)

    def _note(self, who: str, text: str, playing: Playing | None = None) -> None:
        at_ms = playing.started_at if playing else self.now_ms
        self.transcript.append(Line(who, text, at_ms, playing.playback.heard if playing else ()))
