"""The lines of a talk that begin with a slash: time, the device and what it knows, for whoever tries the skill."""

import json
import shlex
from pathlib import Path
from typing import Final

from simulator.device import Device
from simulator.device.clock import DAY_MS, RealClock, VirtualClock
from simulator.local import stored
from simulator.talk.console import Console

HELP: Final = """\
Type what you would say. While Alexa speaks, a typed line interrupts her.
By pipe, and with --fast, nobody waits: each answer is heard to its end before the next line is said, and
"/interrupt 40 pause" cuts in after 40 seconds. To start afresh, say "delete my data", or talk with --fresh.
  /launch            open the skill again         /json         the last response
  /wait 9            let 9 seconds pass           /request      the last request
  /interrupt 7 stop  say stop after 7 seconds     /attributes   the session attributes
  /silence           say nothing to the end       /store        what is stored
  /nextday           come back tomorrow           /touch next   press something on the screen
  /noscreen          without (or with) a screen   /help         this
  /noapla            without (or with) APLA       /quit         leave"""


class Commands:
    """The lines that begin with a slash."""

    def __init__(self, device: Device, clock: VirtualClock | RealClock, console: Console, state: Path) -> None:
        self.device = device
        self.clock = clock
        self.console = console
        self.state = state
        self.planned: tuple[int, str] | None = None
        """An interruption still to come: when, and the words."""

    def run(self, line: str) -> bool:
        """Do what a line asks for; False when the talk is to end."""
        try:
            name, *words = shlex.split(line[1:]) or [""]
        except ValueError as error:
            self.console.line(f"   {error}. /help lists the commands")
            return True
        if name in {"quit", "exit", "q"}:
            return False
        command = getattr(self, f"_{name}", None)
        if not name.isalpha() or command is None:
            self.console.line(f"   there is no /{name}. /help lists the commands")
            return True
        try:
            command(*words)
        except TypeError:
            self.console.line(f"   /{name} is not used like this. /help lists the commands")
        return True

    def pass_time(self, ms: int) -> None:
        """Let time go by without waiting for it."""
        end = self.clock.now_ms + ms
        if isinstance(self.clock, RealClock):
            self.clock.advance(ms)
        self.device.wait_until(end)

    def _help(self) -> None:
        self.console.line(HELP)

    def _json(self) -> None:
        self._show(self.device.last.response if self.device.last else None)

    def _request(self) -> None:
        self._show(self.device.last.envelope if self.device.last else None)

    def _attributes(self) -> None:
        self._show(self.device.attributes)

    def _store(self) -> None:
        self._show(stored(self.state))

    def _wait(self, seconds: str) -> None:
        if _is_number(seconds):
            self.pass_time(round(float(seconds) * 1000))
        else:
            self.console.line("   /wait takes seconds, such as /wait 9")

    def _interrupt(self, seconds: str, *words: str) -> None:
        if not _is_number(seconds) or not words:
            self.console.line("   /interrupt takes seconds and words, such as /interrupt 7 pause")
        elif isinstance(self.clock, RealClock):
            playing = self.device.playing
            start = max(self.clock.now_ms, playing.started_at if playing else 0)
            self.planned = (start + round(float(seconds) * 1000), " ".join(words))
        else:
            self.device.interrupt_after(round(float(seconds) * 1000), " ".join(words))

    def _launch(self) -> None:
        self.device.launch()

    def _touch(self, *arguments: str) -> None:
        self.device.touch(arguments)

    def _silence(self) -> None:
        while (due_at := self.device.due_at) is not None:
            self.pass_time(max(0, due_at - self.clock.now_ms))

    def _nextday(self) -> None:
        self.pass_time(DAY_MS)
        self.console.line("   it is the next day")

    def _noscreen(self) -> None:
        self._switch("apl", "a screen")

    def _noapla(self) -> None:
        self._switch("apla", "APL for Audio")

    def _switch(self, capability: str, name: str) -> None:
        self.device.configure(**{capability: not getattr(self.device, capability)})
        self.console.line(f"   the device {'has' if getattr(self.device, capability) else 'does without'} {name}")

    def _show(self, value: object) -> None:
        self.console.line(json.dumps(value, indent=2, ensure_ascii=False))


def _is_number(text: str) -> bool:
    try:
        return 0 <= float(text) < DAY_MS
    except ValueError:
        return False
