"""A talk in the terminal: typed words in, what a speaker would do out.

Two ways: live (time runs, phrases appear as they are spoken, a typed line interrupts) and fast (nobody waits; a line
is said when Alexa has finished). A pipe is always fast, and gives the same text for the same lines.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from simulator.device import Device, DeviceError, Line, Send, Understand
from simulator.device.clock import Clock, RealClock, VirtualClock
from simulator.talk.commands import Commands
from simulator.talk.console import Console, Lines, TerminalConsole
from simulator.talk.live import LiveView, plain_lines

if TYPE_CHECKING:
    from simulator.talk.voiceover import VoiceOver

REFRESH_S: Final = 0.05
"""How often a live talk looks at the clock."""


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
