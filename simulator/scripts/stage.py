"""Performs scripts on a virtual device and says where a performance departs from its script."""

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from simulator.device import Device, DeviceError, Send, Understand
from simulator.device.clock import DAY_MS, VirtualClock
from simulator.scripts.script import Pattern, Script, Step, unheard

COLUMN: Final = 54
"""Characters of each of the two columns of a mismatch."""

NewProcess = Callable[[VirtualClock], Send]
"""Starts the skill anew on the store of this performance."""


@dataclass(frozen=True)
class Mismatch:
    """The first place where what happened is not what the script says."""

    path: str
    line: int
    expected: str
    found: str
    what: str = "heard"

    def __str__(self) -> str:
        left = textwrap.wrap(self.expected, COLUMN) or [""]
        right = textwrap.wrap(self.found, COLUMN) or ["(nothing)"]
        height = max(len(left), len(right))
        rows = zip(left + [""] * (height - len(left)), right + [""] * (height - len(right)), strict=True)
        lines = [f"  {one:<{COLUMN}} │ {other}".rstrip() for one, other in rows]
        return "\n".join([f"{self.path}:{self.line}", f"  {'expected':<{COLUMN}} │ {self.what}", *lines])


class _DepartureError(Exception):
    def __init__(self, expected: object, found: object, what: str = "heard") -> None:
        self.expected, self.found, self.what = str(expected), str(found), what
        super().__init__(what)


class Performance:
    """One script on one device; `device` can be looked at during and afterwards."""

    def __init__(self, script: Script, new_process: NewProcess, understand: Understand) -> None:
        self.script = script
        self.new_process = new_process
        self.clock = VirtualClock(script.at_ms)
        self.device = Device(new_process(self.clock), understand, self.clock, **script.settings)

    def run(self) -> Mismatch | None:
        """Perform the script to its end, or to the first departure from it, which is returned."""
        for step in self.script.steps:
            try:
                self._step(step)
            except _DepartureError as departure:
                expected, found, what = departure.expected, departure.found, departure.what
                return Mismatch(self.script.path, step.line, expected, found, what)
            except DeviceError as error:
                return Mismatch(self.script.path, step.line, f"{step.kind}: {step.value}", str(error), "the device")
        return None

    def _step(self, step: Step) -> None:
        device, value = self.device, step.value
        match step.kind:
            case "U":
                device.say(value)
            case "A":
                _hear(value, self._answer())
            case "reprompt":
                _hear(value, self._reprompt())
            case "wait":
                device.wait(value)
            case "interrupt":
                device.interrupt_after(*value)
            case "touch":
                device.touch(value)
            case "launch":
                device.launch()
            case "expect":
                self._expect(value)
            case _:
                self._change(step.kind, value)

    def _change(self, kind: str, value: Any) -> None:
        device = self.device
        match kind:
            case "silence":
                device.silence()
            case "lose_session":
                device.lose_session()
            case "next_day":
                device.wait(value * DAY_MS)
            case "restart":
                device.send = self.new_process(self.clock)
                if value == "true":
                    device.lose_session()
            case "device":
                device.configure(**value)

    def _answer(self) -> str:
        if self.device.answer is None:
            raise _DepartureError("an answer", "nothing was said to the skill yet")
        return self.device.answer.text

    def _reprompt(self) -> str:
        if not self.device.reprompted or self.device.answer_reprompt is None:
            raise _DepartureError("a reprompt", "it has not been played")
        return self.device.answer_reprompt.text

    def _expect(self, expected: Mapping[str, Any]) -> None:
        device = self.device
        facts = {
            "microphone": str(device.microphone),
            "speaking": _text(device.playing is not None),
            "ended": _text(device.session is None),
            "level": _text(device.attributes.get("locked")),
        }
        for key, value in expected.items():
            if key == "session":
                for name, wanted in value.items():
                    _same(f"session {name}", wanted, _text(_at(device.attributes, name)))
            else:
                _same(key, value, facts[key])


def _hear(patterns: tuple[Pattern, ...], heard: str) -> None:
    pattern = unheard(patterns, heard)
    if pattern:
        raise _DepartureError(pattern, heard)


def _same(what: str, wanted: str, found: str) -> None:
    if wanted != found:
        raise _DepartureError(f"{what}: {wanted}", f"{what}: {found}", "found")


def _at(attributes: Mapping[str, Any], path: str) -> Any:
    """A value at a dotted path; None where there is none."""
    value: Any = attributes
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _text(value: object) -> str:
    """A value as scripts write it."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)
