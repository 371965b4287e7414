"""A virtual speaker: plays Alexa to a skill, to the millisecond and without waiting.

What a person does to it stands here; how Alexa goes about it, in `platform`.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from simulator.device.parts import DeviceError, Json, Microphone
from simulator.device.platform import LISTENING_MS, Platform

LEAVING: Final = frozenset({"exit", "quit"})
"""Words Alexa keeps for herself: they end the session without an intent."""
HUSHING: Final = frozenset({f"AMAZON.{name}Intent" for name in ("Stop", "Cancel", "Pause", "NavigateHome")})
"""What stops the last words of a session that is already over; the skill never hears of it."""
CAPABILITIES: Final = ("apl", "apla", "start_latency_ms", "utterance_ms", "deliver_session_ended", "milliseconds")


class Device(Platform):
    """One speaker in one room, with the settings of its platform."""

    def launch(self) -> Json:
        """Open the skill, whatever is going on: a new session."""
        self.poll()
        self._hush()
        self._note("U", "Alexa, open stretch coach")
        self._pass_utterance()
        self._drop_session()
        return self._ask({"type": "LaunchRequest"})

    def say(self, text: str) -> Json | None:
        """Wait until Alexa has finished, then speak; without a session this is "Alexa, ask stretch coach to …".

        Returns the response, or None when the words never reach the skill.
        """
        if self.playing:
            self.wait_until(self.playing.ends_at)
        return self.interrupt(text)

    def interrupt(self, text: str) -> Json | None:
        """Speak now, over whatever is being said ("Alexa, pause"); the audio stops at the wake word."""
        self.poll()
        farewell = self.session is None and self.playing is not None
        self._hush()
        self._note("U", text)
        self._pass_utterance()
        text = re.sub(r"^alexa\b[\s,]*", "", text.strip(), flags=re.IGNORECASE)
        if text.casefold().strip(" .!") in LEAVING:
            self._end_session("USER_INITIATED")
            return None
        request = self.understand(text)
        if farewell and (request.get("intent") or {}).get("name") in HUSHING:
            return None
        if request["type"] == "LaunchRequest":
            self._drop_session()
        return self._ask(request)

    def interrupt_after(self, ms: int, text: str) -> Json | None:
        """Interrupt `ms` into the speech (or from now, when it is under way already).

        Raises DeviceError when the session is over by then: those words would go to Alexa, not to the skill.
        """
        start = max(self.clock.now_ms, self.playing.started_at if self.playing else 0)
        self.wait_until(start + ms)
        if self.session is None:
            raise DeviceError(f"nothing to interrupt with “{text}”: the session was over after {ms / 1000:g} s")
        return self.interrupt(text)

    def touch(self, arguments: Sequence[object]) -> Json:
        """Press something on the screen that sends `arguments`; what is being said stops when the answer speaks."""
        if self.screen is None:
            raise DeviceError("there is nothing on the screen to touch")
        self._note("U", f"[touches {' '.join(str(item) for item in arguments)}]")
        source = {"type": "TouchWrapper", "handler": "Press", "id": str(arguments[0]) if arguments else ""}
        event = {"token": self.screen["token"], "arguments": list(arguments), "source": source, "components": {}}
        return self._ask({"type": "Alexa.Presentation.APL.UserEvent", **event})

    def wake(self) -> None:
        """Say the wake word, or press a button for it, and nothing yet: speech stops and the device listens."""
        self.poll()
        self._hush()
        self.microphone = Microphone.OPEN
        self._due = (self.now_ms + LISTENING_MS, self._nothing_followed)

    def configure(self, **settings: Any) -> None:
        """Become a device with other settings, named as in `Device`; another user or device has no session yet."""
        for key, value in settings.items():
            if key in CAPABILITIES:
                setattr(self, key, value)
            elif key in {"locale", "user_id", "device_id"}:
                self.who = replace(self.who, **{key: value})
            else:
                raise DeviceError(f"a device has no setting {key!r}")
        if not self.apl:
            self.screen = None
        if settings.keys() & {"user_id", "device_id"}:
            self.lose_session()

    def silence(self) -> None:
        """Say nothing until the session is over."""
        while self._due:
            self.wait_until(self._due[0])

    def lose_session(self) -> None:
        """The session is gone and nobody was told, as after a failure."""
        self._hush()
        self._drop_session()
