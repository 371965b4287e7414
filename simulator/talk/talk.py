"""A talk in the terminal: typed words in, what a speaker would do out.

Two ways: live (time runs, phrases appear as they are spoken, a typed line interrupts) and fast (nobody waits; a line
is said when Alexa has finished). A pipe is always fast, and gives the same text for the same lines.
"""

import json
import shlex
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from simulator.clock import DAY_MS, Clock, RealClock, VirtualClock
from simulator.console import Console, Lines, TerminalConsole
from simulator.device import Device, DeviceError, Line, Send, Understand
from simulator.live import LiveView, plain_lines

if TYPE_CHECKING:
    from simulator.voiceover import VoiceOver

REFRESH_S: Final = 0.05
"""How often a live talk looks at the clock."""

HELP: Final = """\
Type what you would say. While Alexa speaks, a typed line interrupts her.
  /launch            open the skill again         /json         the last response
  /wait 9            let 9 seconds pass           /request      the last request
  /interrupt 7 stop  say stop after 7 seconds     /attributes   the session attributes
  /silence           say nothing to the end       /store        what is stored
  /nextday           come back tomorrow           /touch next   press something on the screen
  /noscreen          without (or with) a screen   /help         this
  /noapla            without (or with) APLA       /quit         leave"""


@dataclass
class Setting:
    """What a talk is made of."""

    new_process: Callable[[Clock], Send]
    understand: Understand
    state: Path
    locale: str = "en-US"
    voice: "VoiceOver | None" = None
    device: Mapping[str, Any] = field(default_factory=dict)
    """Further settings of the device."""

    def on(self, clock: VirtualClock | RealClock, **device: Any) -> Device:
        """A device with the skill behind it."""
        if self.voice:
            device["length_of"] = self.voice.length_of
        settings = {"locale": self.locale, **self.device, **device}
        return Device(self.new_process(clock), self.understand, clock, **settings)


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


def stored(state: Path) -> dict[str, Any]:
    """Every row of every table of a state file, JSON columns unfolded; for people to look at."""
    if not state.exists():
        return {}
    with closing(sqlite3.connect(f"file:{state}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        tables = [row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: [_row(row) for row in connection.execute(f'SELECT * FROM "{table}"')] for table in tables}  # noqa: S608 - a name the file itself gave


def _row(row: sqlite3.Row) -> dict[str, Any]:
    return {key: json.loads(row[key]) if str(row[key]).startswith("{") else row[key] for key in row.keys()}  # noqa: SIM118 - a Row is no dict


def talk_fast(setting: Setting, lines: Iterable[str], console: Console, clock: VirtualClock, *, echo: bool) -> Device:
    """Say the lines one after the other; `echo` repeats them, as a pipe needs. Returns the device."""
    device = setting.on(clock)
    commands = Commands(device, clock, console, setting.state)
    shown = _Shown(device, console)
    _guarded(device.launch, console)
    shown.update()
    for raw in lines:
        line = raw.strip()
        if not line:
            continue
        if echo:
            console.line(f"U: {line}")
        if line.startswith("/"):
            if not _commanded(commands, line, console):
                break
        else:
            _guarded(lambda said=line: device.say(said), console)  # type: ignore[misc]
        shown.update()
    console.close()
    return device


def _commanded(commands: Commands, line: str, console: Console) -> bool:
    going = True

    def run() -> None:
        nonlocal going
        going = commands.run(line)

    _guarded(run, console)
    return going


class _Shown:
    """What a stream has shown of a device's transcript."""

    def __init__(self, device: Device, console: Console) -> None:
        self._device = device
        self._console = console
        self._lines: list[Line] = []

    def update(self) -> None:
        """Show the lines that are new, and where one already shown was cut short."""
        now = list(self._device.transcript)
        for before, after in zip(self._lines, now, strict=False):
            if before != after:
                tail = " ".join(after.text.split()[-6:])
                self._console.line(f"-- Alexa was interrupted at “… {tail}”")
        for line in plain_lines(now[len(self._lines) :]):
            self._console.line(line)
        self._lines = now


def talk_live(setting: Setting, lines: Lines, console: Console, clock: RealClock) -> Device:
    """Talk in real time until the input ends; returns the device as it was then."""
    device = setting.on(clock, utterance_ms=0)
    commands = Commands(device, clock, console, setting.state)
    view = LiveView(device, console, clock)
    _guarded(device.launch, console)
    try:
        while not lines.over:
            _guarded(device.poll, console)
            if commands.planned and commands.planned[0] <= clock.now_ms:
                words, commands.planned = commands.planned[1], None
                _interrupt(device, words, view, console)
            view.update()
            if setting.voice:
                setting.voice.follow(device)
            line = lines.next(REFRESH_S)
            if line is not None and not _typed(line.strip(), device, commands, view, console):
                break
    finally:
        if setting.voice:
            setting.voice.hush()
        console.close()
    return device


def _typed(line: str, device: Device, commands: Commands, view: LiveView, console: Console) -> bool:
    if isinstance(console, TerminalConsole):
        console.prompt()
    if line.startswith("/"):
        return _commanded(commands, line, console)
    if line:
        _interrupt(device, line, view, console)
    return True


def _interrupt(device: Device, words: str, view: LiveView, console: Console) -> None:
    view.said(words)
    _guarded(lambda: device.interrupt(words), console)


def _guarded(action: Callable[[], object], console: Console) -> None:
    """Do something to the device; what it cannot do, or refuses, is shown."""
    try:
        action()
    except DeviceError as error:
        console.line(f"!! {error}")
