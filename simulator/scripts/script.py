"""Conversations as files: what the user says, what must be heard, and how time passes.

    name: pause and carry on
    device: {apl: false}                 # any setting of simulator.device.Device
    at: 2026-03-01T10:00:00Z             # when it begins
    turns:
      - U: start the glute bridge        # said when Alexa has finished
      - A: "glute bridge*hold"           # heard in the answer: words in this order, * stands for anything
      - A: [lie on your back, {not: wall}, {any: [lift, raise]}]    # all of them, in this order; one of; not at all
      - interrupt: {after: 7 s, say: pause}
      - wait: 12 s                       # time-outs happen at their moment
      - reprompt: ready                  # heard in the reprompt, which must have been played
      - silence: true                    # nobody says anything until the session is over
      - touch: [next]                    # something on the screen that sends these arguments
      - launch: true                     # "Alexa, open stretch coach"
      - device: {apla: false}            # other settings from here on
      - lose_session: true               # the session is gone, the skill was not told
      - restart: true                    # a new process on the same store; the session is lost, unless: keep-session
      - next_day: 1
      - expect: {microphone: open, session: {state: counting}, level: null, speaking: true, ended: false}

Every value is read as text (`U: yes` is a word, not a truth value). Lines count from 1 in what is reported.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from content_reader.yaml_reader import compose, text_of
from simulator.device.clock import from_iso
from simulator.local import locales

Json = Mapping[str, Any]


def flag(text: str) -> bool:
    """A truth value written as true or false; raises ValueError for anything else."""
    if text not in {"true", "false"}:
        raise ValueError("write true or false")
    return text == "true"


DEFAULT_START: Final = "2026-03-01T10:00:00Z"
STEPS: Final = (
    "U", "A", "reprompt", "wait", "interrupt", "silence", "touch", "launch", "device", "lose_session", "restart",
    "next_day", "expect",
)  # fmt: skip
EXPECTATIONS: Final = ("microphone", "session", "level", "speaking", "ended")


def _locale(text: str) -> str:
    if text not in locales():
        raise ValueError(f"there is no such locale. Choose one of {', '.join(locales())}")
    return text


SETTINGS: Final[Mapping[str, Callable[[str], Any]]] = {
    "locale": _locale,
    "user_id": str,
    "device_id": str,
    "apl": flag,
    "apla": flag,
    "deliver_session_ended": flag,
    "milliseconds": flag,
    "start_latency_ms": int,
    "utterance_ms": int,
}
"""What `device:` may hold."""
UNITS_MS: Final = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "day": 86_400_000, "days": 86_400_000}


class ScriptError(Exception):
    """A script that cannot be read. Its text is ``file:line: problem. mend``."""


@dataclass(frozen=True)
class Step:
    """One thing that happens in a script."""

    kind: str
    value: Any
    line: int


@dataclass(frozen=True)
class Script:
    path: str
    name: str
    at_ms: int
    settings: Json
    steps: tuple[Step, ...]


def load(path: Path) -> Script:
    """Read a script; raises ScriptError naming the file, the line and what to do."""
    text, faults = text_of(path, str(path))
    if text is None:
        raise ScriptError(faults[0])
    return parse(text, str(path))


def parse(text: str, path: str) -> Script:
    """The same for text that is already read; `path` is for messages."""
    faults: list[str] = []
    script = _script(text, path, faults)
    if faults or script is None:
        raise ScriptError(faults[0])
    return script


def problems(text: str, path: str) -> list[str]:
    """Everything that is wrong with a script, as ``path:line: problem. mend``."""
    faults: list[str] = []
    _script(text, path, faults)
    return faults


def _script(text: str, path: str, faults: list[str]) -> Script | None:
    """The script as far as it can be read; what is wrong goes to `faults`."""
    root, found = compose(text, path)
    faults += found
    if not isinstance(root, yaml.MappingNode):
        if not faults:
            faults.append(f"{path}:1: a script has `name:` and `turns:`. See `stretch-coach play --help`")
        return None
    fields = {key.value: value for key, value in root.value}
    turns = fields.pop("turns", None)
    at_ms, settings = from_iso(DEFAULT_START), dict[str, Any]()
    name = path
    for key, node in fields.items():
        where = f"{path}:{node.start_mark.line + 1}"
        try:
            match key:
                case "name":
                    name = str(node.value)
                case "at":
                    at_ms = _moment(node.value, where)
                case "device":
                    settings = _settings(_plain(node), where)
                case _:
                    faults.append(f"{where}: unknown field `{key}`. A script has name, at, device and turns")
        except ScriptError as error:
            faults.append(str(error))
    if not isinstance(turns, yaml.SequenceNode):
        faults.append(f"{path}:1: `turns:` is missing. Give it a list of steps such as `- U: help`")
        return None
    return Script(path, name, at_ms, settings, tuple(_steps(turns, path, faults)))


def _moment(text: object, where: str) -> int:
    try:
        return from_iso(str(text))
    except ValueError as error:
        raise ScriptError(f"{where}: `at: {text}` is no moment. Write it like {DEFAULT_START}") from error


def _plain(node: yaml.Node) -> Any:
    """A node as strings, lists and dicts; an empty value is an empty string."""
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    return node.value


def _steps(turns: yaml.SequenceNode, path: str, faults: list[str]) -> Iterator[Step]:
    for item in turns.value:
        if not isinstance(item, yaml.MappingNode):
            where = f"{path}:{item.start_mark.line + 1}"
            faults.append(f"{where}: a step is `kind: value`. The kinds are {', '.join(STEPS)}")
            continue
        for key, value in item.value:
            line = key.start_mark.line + 1
            try:
                yield Step(str(key.value), _value(str(key.value), _plain(value), f"{path}:{line}"), line)
            except ScriptError as error:
                faults.append(str(error))


def _value(kind: str, value: Any, where: str) -> Any:
    """A step's value, checked and converted."""
    match kind:
        case "U" if isinstance(value, str) and value.strip():
            return value
        case "A" | "reprompt":
            return _pattern(value, where)
        case "wait":
            return milliseconds(value, where)
        case "interrupt" if isinstance(value, dict) and value.keys() == {"after", "say"}:
            return milliseconds(value["after"], where), value["say"]
        case "silence" | "launch" | "lose_session" if value == "true":
            return True
        case "restart" if value in {"true", "keep-session"}:
            return value
        case "next_day" if isinstance(value, str) and value.isdigit():
            return int(value)
        case "touch" if isinstance(value, list):
            return value
        case "device" if isinstance(value, dict):
            return _settings(value, where)
        case "expect" if isinstance(value, dict):
            return _expectations(value, where)
    if kind not in STEPS:
        raise ScriptError(f"{where}: unknown step `{kind}`. The kinds are {', '.join(STEPS)}")
    raise ScriptError(
        f"{where}: `{kind}: {value}` cannot be read. See the head of simulator/scripts/script.py for its form"
    )


def _settings(values: Any, where: str) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise ScriptError(f"{where}: `device:` has settings by name. It has {', '.join(SETTINGS)}")
    for key, value in values.items():
        if key not in SETTINGS:
            raise ScriptError(f"{where}: a device has no setting `{key}`. It has {', '.join(SETTINGS)}")
        try:
            SETTINGS[key](value)
        except (TypeError, ValueError) as error:
            raise ScriptError(f"{where}: `{key}: {value}` cannot be read ({error})") from error
    return {key: SETTINGS[key](value) for key, value in values.items()}


def _expectations(values: Json, where: str) -> Json:
    for key, value in values.items():
        if key not in EXPECTATIONS:
            raise ScriptError(f"{where}: nothing to expect is called `{key}`. There is {', '.join(EXPECTATIONS)}")
        if (key == "session") is not isinstance(value, dict):
            raise ScriptError(f"{where}: `{key}: {value}` cannot be read. session has fields, the others one word")
    return values


def milliseconds(text: object, where: str) -> int:
    """A length of time such as "12 s", "1.5 min" or "2 days" in milliseconds; raises ScriptError."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?([a-z]+)", str(text).strip())
    if not found or found[2] not in UNITS_MS:
        raise ScriptError(
            f"{where}: “{text}” is no length of time. Write it like 12 s; units are {', '.join(UNITS_MS)}"
        )
    return round(float(found[1]) * UNITS_MS[found[2]])


# ------------------------------------------------------------------------------------------------------------- patterns


@dataclass(frozen=True)
class Pattern:
    """What must, may or must not be heard."""

    words: tuple[str, ...]
    """Alternatives."""
    forbidden: bool = False

    def __str__(self) -> str:
        return ("not: " if self.forbidden else "") + " | ".join(self.words)


def _pattern(value: Any, where: str) -> tuple[Pattern, ...]:
    items = value if isinstance(value, list) else [value]
    return tuple(_one_pattern(item, where) for item in items)


def _one_pattern(item: Any, where: str) -> Pattern:
    if isinstance(item, dict) and item.keys() == {"not"} and item["not"]:
        words = item["not"]
        return Pattern(tuple(words) if isinstance(words, list) else (words,), forbidden=True)
    if isinstance(item, dict) and item.keys() == {"any"} and isinstance(item["any"], list) and item["any"]:
        return Pattern(tuple(item["any"]))
    if isinstance(item, str) and spoken(item):
        return Pattern((item,))
    raise ScriptError(f"{where}: {item!r} is no pattern. Write words, {{not: words}} or {{any: [words, words]}}")


def spoken(text: str) -> str:
    """Words as they are compared: lower case, no punctuation except apostrophes inside words."""
    text = text.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return " ".join(re.findall(r"[^\W_]+(?:'[^\W_]+)*", text))


def unheard(patterns: tuple[Pattern, ...], words: str) -> Pattern | None:
    """The first pattern that what was heard does not satisfy; None when all are satisfied."""
    text, position = spoken(words), 0
    for pattern in patterns:
        if pattern.forbidden:
            if any(_find(alternative, text, 0) for alternative in pattern.words):
                return pattern
            continue
        found = [match for match in (_find(words, text, position) for words in pattern.words) if match]
        if not found:
            return pattern
        position = min(match.end() for match in found)
    return None


def _find(pattern: str, text: str, position: int) -> re.Match[str] | None:
    parts = [re.escape(spoken(part)) for part in pattern.split("*") if spoken(part)]
    expression = r"\b.*?\b".join(parts)
    return re.compile(rf"(?<![\w'])(?:{expression})(?![\w'])").search(text, position)
