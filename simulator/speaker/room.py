"""The speaker and who uses it: one device on a running clock, told what happens on the page.

Whatever is due happens on time in a thread of its own, so an open microphone closes whether or not anybody looks.
Every change raises `version`, and `state` waits for that.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from simulator.device import Device, DeviceError, Playing, Send
from simulator.device.clock import DAY_MS
from simulator.device.parts import Understand
from simulator.local import stored
from simulator.speaker import view
from simulator.speaker.clock import SpeakerClock
from simulator.speaker.faults import Breakable, Delayed, LateAnswer
from simulator.speaker.sound import Sound
from sound.playback import estimate_length

Json = dict[str, Any]
Recognise = Callable[[bytes], str]
"""16 kHz, 16-bit, one channel → the words, or an empty text."""

HELD_SECONDS: Final = 4.0
"""How long time stands still for a page that has not begun to play what is said."""
RECORDED_SECONDS: Final = 60.0
"""How much longer for words that are being spoken and made out."""
LISTENED_SECONDS: Final = 30.0
"""A page that asked within this long is there."""
OTHER_DEVICE: Final = "amzn1.ask.device.BEDROOM"
TOGGLES: Final = ("no_screen", "no_apla", "database_down", "second_device")
ACTIONS: Final = ("late_answer", "session_lost", "next_day")
PROBLEM: Final = "There was a problem with the requested skill's response."
"""What Alexa says when she refuses an answer."""


class Speaker:
    """One device in one room; every method may be called from any thread."""

    def __init__(  # noqa: PLR0913 - the parts of a room, every one named
        self,
        send: Send,
        understand: Understand,
        store: Breakable,
        *,
        state: Path,
        locale: str = "en-US",
        sound: Sound | None = None,
        recognise: Recognise | None = None,
        clock: SpeakerClock | None = None,
    ) -> None:
        self.clock = clock or SpeakerClock()
        self.sound = sound
        self.recognise = recognise
        self.speech_speed = 1.0
        """How many times faster than life everything that is said passes; see `hurry`."""
        self._skill = Delayed(send, self.clock, self._hold)
        self._store = store
        self._file = state
        length_of = sound.length_of if sound else estimate_length
        self.device = Device(self._skill, understand, self.clock, locale=locale, utterance_ms=0, length_of=length_of)
        self._home = self.device.who.device_id
        self._changed = threading.Condition()
        self._version = 1
        self._number = 0
        self._playing: Playing | None = None
        self._held_since = 0.0
        self._awaited = False
        """Time stands still until the page begins to play."""
        self._asked_at = 0.0
        self._problem: Json | None = None
        self._seen: object = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="speaker", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    # --------------------------------------------------------------------------------------------- what people do to it

    def launch(self) -> None:
        """Open the skill."""
        with self._doing():
            self.device.launch()

    def say(self, text: str) -> None:
        """Say something, over whatever is being said."""
        with self._doing():
            self.device.interrupt(text)

    def touch(self, arguments: Sequence[str]) -> None:
        """Press something on the screen."""
        with self._doing():
            self.device.touch(arguments)

    def wake(self) -> None:
        """Hold the microphone's button: what is being said stops, and so does the clock until the words are known.

        How long somebody holds the button, and how long it takes to make words of it, closes no microphone.
        """
        with self._doing():
            self.device.wake()
        with self._changed:
            self._awaited = True
            self.clock.hold()
            self._held_since = time.monotonic() + RECORDED_SECONDS

    def hear(self, pcm: bytes) -> str:
        """Recognise speech and take it as said; returns the words, empty when none were made out."""
        text = self.recognise(pcm) if self.recognise else ""
        if text:
            self.say(text)
        else:
            with self._changed:
                self._release()
                self._tell()
        return text

    def began(self, number: int) -> int | None:
        """The page is about to play what is being said; returns the ms that have passed of it, None when it is over.

        Time stood still while the sound was fetched, so the place in it is as on a device that starts at once. Below
        zero it is the time to the first sound.
        """
        with self._changed:
            if number != self._number or self.device.playing is None:
                return None
            if self._awaited:
                self._awaited = False
                self.clock.release(self.device.playing.started_at)
                self._tell()
            return self.clock.now_ms - self.device.playing.started_at

    def hurry(self, speed: float) -> None:
        """Let what is said, now and later, pass at a speed; for tests and the impatient."""
        with self._changed:
            self.speech_speed = speed
            if self.device.playing and self.device.playing.playback.heard:
                self.clock.speed = speed
            self._tell()

    def simulate(self, entry: str, *, on: bool = True) -> None:
        """One entry of the simulate menu; raises KeyError for an unknown one."""
        if entry not in (*TOGGLES, *ACTIONS):
            raise KeyError(entry)
        with self._doing():
            match entry:
                case "no_screen":
                    self.device.configure(apl=not on)
                case "no_apla":
                    self.device.configure(apla=not on)
                case "database_down":
                    self._store.is_down = on
                case "second_device":
                    self.device.configure(device_id=OTHER_DEVICE if on else self._home)
                case "late_answer":
                    self._skill.is_late = True
                case "session_lost":
                    self.device.lose_session()
                case "next_day":
                    self._pass(DAY_MS)

    def _pass(self, ms: int) -> None:
        self.clock.advance(ms)
        self.device.poll()

    # ------------------------------------------------------------------------------------------------- what it is like

    def state(self, since: int = 0, timeout: float = 0.0) -> Json:
        """Everything the page shows; waits up to `timeout` seconds for something newer than `since`."""
        with self._changed:
            self._asked_at = time.monotonic()
            self._changed.wait_for(lambda: self._version > since or self._closed, timeout)
            self._asked_at = time.monotonic()
            device = self.device
            due = device.due_at
            return {
                "version": self._version,
                "speed": self.clock.speed,
                "ring": view.ring(device),
                "opens": str(device.microphone) == "opening",
                "due_in": max(0, due - self.clock.now_ms) if due is not None else None,
                "session": device.session is not None,
                "playing": view.playing(device, self._number, sounds=self.sound is not None),
                "lines": view.lines(device),
                "has_screen": device.apl,
                "screen": view.screen(device),
                "suggestions": view.suggestions(device),
                "simulated": self._simulated(),
                "problem": self._problem,
                "voice": self.sound.name if self.sound else None,
                "hears": self.recognise is not None,
            }

    def _simulated(self) -> dict[str, bool]:
        device = self.device
        return {
            "no_screen": not device.apl,
            "no_apla": not device.apla,
            "database_down": self._store.is_down,
            "second_device": device.who.device_id == OTHER_DEVICE,
            "late_answer": self._skill.is_late,
        }

    def developer(self) -> Json:
        """What the developer drawer shows."""
        with self._changed:
            last = self.device.last
            return {
                "request": last.envelope if last else None,
                "response": last.response if last else None,
                "attributes": self.device.attributes,
                "stored": stored(self._file),
                "timeline": view.timeline(self.device),
            }

    def wav(self, number: int) -> bytes | None:
        """The sound of what is being said; None when that is over."""
        with self._changed:
            playing = self._playing if number == self._number else None
        return self.sound.wav(playing) if self.sound and playing else None

    # ------------------------------------------------------------------------------------------------------- underneath

    @contextlib.contextmanager
    def _doing(self) -> Iterator[None]:
        """One thing after the other; what Alexa refuses is told on the page."""
        with self._changed:
            self._problem = None
            self._release()
            with self._telling():
                yield
            self._update()
            self._tell()

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except LateAnswer as error:
            self._problem = {"text": PROBLEM, "detail": str(error)}
            self.device.fail("ENDPOINT_TIMEOUT")
        except DeviceError as error:
            self._problem = {"text": PROBLEM, "detail": str(error)}

    def _run(self) -> None:
        with self._changed:
            while not self._closed:
                if time.monotonic() - self._held_since > HELD_SECONDS:
                    self._release()
                with self._telling():
                    self.device.poll()
                self._update()
                if self._seen != (seen := self._signature()):
                    self._seen = seen
                    self._tell()
                self._changed.wait(self._next_s())

    def _next_s(self) -> float | None:
        """Seconds until something happens by itself."""
        if self.clock.held:
            return HELD_SECONDS
        due = self.device.due_at
        return None if due is None else max(0.002, (due - self.clock.now_ms) / 1000 / self.clock.speed)

    def _signature(self) -> object:
        device = self.device
        return len(device.transcript), id(device.playing), device.microphone, device.session is None, self._problem

    def _update(self) -> None:
        """Notice what has begun to be said: it gets a number and a speed, and time stands still until it is heard."""
        playing = self.device.playing
        if playing is not self._playing:
            self._playing = playing
            audible = playing is not None and bool(playing.playback.heard)
            self.clock.speed = self.speech_speed if audible else 1.0
            self._number += audible
            self._awaited = audible and self._has_page
            if self._awaited:
                self._hold()
        if not self._awaited:
            self._release()

    @property
    def _has_page(self) -> bool:
        """Somebody listens, and there is something to hear."""
        return self.sound is not None and time.monotonic() - self._asked_at < LISTENED_SECONDS

    def _hold(self) -> None:
        """Making the sound of an answer, and fetching it, is no part of the time that a device takes."""
        if self.sound and not self.clock.held:
            self.clock.hold()
            self._held_since = time.monotonic()

    def _release(self) -> None:
        self._awaited = False
        if self.clock.held:
            self.clock.release(0)

    def _tell(self) -> None:
        self._version += 1
        self._seen = self._signature()
        self._changed.notify_all()
