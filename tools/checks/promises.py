"""A figure that a page promises is the one that the code keeps.

Each row names a sentence of a page and the constant behind its figure; changing one without the other is a problem. On
the pages of PROMISING every figure with a unit needs a row, here or in NOT_OURS. Constants are read from the source, so
code that needs packages which are not installed is read as well.
"""

import ast
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from content_reader.yaml_reader import text_of

HERE: Final = "tools/checks/promises.py"
ADD: Final = f"Add a row to {HERE}"
POLICY, TERMS = "docs/privacy-policy.md", "docs/terms.md"
SECURITY, OPERATE, HOSTING, README = "SECURITY.md", "docs/operate.md", "docs/self-host.md", "README.md"
INFRA, SKILL, SCALE = "infra/README.md", "interaction_model/skill.source.yaml", "docs/scale.md"
PROMISING: Final = (POLICY, TERMS, SECURITY, OPERATE, HOSTING, README, INFRA)
"""Pages on which no figure with a unit may stand without a constant."""
FIGURE: Final = re.compile(
    r"(?<![\w.-])\d[\d,.]*\]?\s?(?:days?|minutes?|hours?|seconds?|weeks?|months?|s|ms|h|KB|KiB|k|MB|MiB|GB|characters"
    r"|bytes|bits|words)\b"
)


@dataclass(frozen=True)
class Row:
    """A sentence of a page, and the constant that its figure is.

    `{}` in the sentence stands for the figure, … for anything in the same line. The page may have it several times.
    """

    page: str
    sentence: str
    module: str
    """The file that has the constant."""
    name: str
    """Its name, with its class before a dot."""
    per: int = 1
    """How many of the constant's units are one of the page's."""
    written: Mapping[str, int] | None = None
    """Words that the page has for figures."""

    @property
    def pattern(self) -> re.Pattern[str]:
        """Finds the sentence; the group is the figure, as a number, a date or words."""
        before, after = (_loosely(part) for part in self.sentence.split("{}"))
        words = "".join(f"|{re.escape(word)}" for word in self.written or ())
        return re.compile(rf"{before}(\d[\d,.-]*{words}){after}")

    def figure(self, text: str) -> object:
        """What the page says, to be compared with the constant."""
        if self.written and text in self.written:
            return self.written[text] * self.per
        bare = text.replace(",", "").rstrip(".")
        return float(bare) * self.per if re.fullmatch(r"\d+(\.\d+)?", bare) else bare


def _loosely(part: str) -> str:
    """Words as a pattern that lines may be broken in."""
    return re.sub(r"(\\ )+", r"\\s+", re.escape(part)).replace("…", r"[^\n]*?")


SETTINGS, STORE = "lambda/stretch_coach/settings.py", "lambda/stretch_coach/stores/contract.py"
DEPLOYMENT, SERVER = "infra/deployment.py", "webservice/server.py"
SPEECH, AUDIO, LIMITS = (
    "lambda/stretch_coach/speech/ssml.py",
    "lambda/stretch_coach/speech/apla.py",
    "simulator/device/limits.py",
)
SCREENING_MINUTES = (SETTINGS, "DEFAULT_SCREENING_MINUTES")
SERVE, DOWNLOAD = "webservice/cli.py", "webservice/download.py"
BODY_BYTES = ("webservice/app.py", "MOST_BODY_BYTES")
VERIFIER = "webservice/verifier.py"

ROWS: Final = (
    Row(POLICY, "{} days after you last used it", STORE, "PROFILE_DAYS"),
    Row(POLICY, "[{}] minutes, and never longer than the check", *SCREENING_MINUTES),
    Row(POLICY, "to notice faults | [{}] days", DEPLOYMENT, "LOG_DAYS"),
    Row(POLICY, "overwritten within {} days", DEPLOYMENT, "BACKUP_DAYS"),
    Row(SKILL, "only while it runs, and for {} at most", *SCREENING_MINUTES, 1, {"half an hour": 30, "an hour": 60}),
    Row(SECURITY, "exercises are closed, … | {} days after the last use", STORE, "PROFILE_DAYS"),
    Row(SECURITY, "`STRETCH_COACH_SCREENING_MINUTES`, {} if nothing else is set", *SCREENING_MINUTES),
    Row(README, "safety check are kept; 0 never stores them | {} |", *SCREENING_MINUTES),
    Row(README, "Python {} or newer", "pyproject.toml", "requires-python"),
    Row(OPERATE, "how long log lines are kept | {} |", DEPLOYMENT, "LOG_DAYS"),
    Row(OPERATE, "safety check are kept; 0 never stores them | {} |", *SCREENING_MINUTES),
    Row(OPERATE, "and for {} minutes in an item of their own", *SCREENING_MINUTES),
    Row(OPERATE, "hold it for up to {} days more", DEPLOYMENT, "BACKUP_DAYS"),
    Row(OPERATE, "any second of the last {} days", DEPLOYMENT, "BACKUP_DAYS"),
    Row(OPERATE, "Speech under {} characters", SPEECH, "MAX_CHARACTERS"),
    Row(OPERATE, "response under {} KB", LIMITS, "RESPONSE_BYTES", 1024),
    Row(OPERATE, "at most {} s of audio", AUDIO, "MAX_MS", 1000),
    Row(OPERATE, "One idea a sentence, {} words at most", "tools/content/rules.py", "MAX_WORDS"),
    Row(OPERATE, "the line is at {} seconds", "infra/watch.py", "SLOW_MS", 1000, {"two": 2}),
    Row(INFRA, "Memory {} MB", DEPLOYMENT, "MEMORY_MB"),
    Row(INFRA, "recovery to any second of {} days", DEPLOYMENT, "BACKUP_DAYS"),
    Row(SCALE, "one is kept for {} days", STORE, "PROFILE_DAYS"),
    Row(SCALE, "{} MB of memory", DEPLOYMENT, "MEMORY_MB"),
    Row(SCALE, "noted from memory on {} and", "bench/scale/needs.py", "PRICES_NOTED"),
    Row(HOSTING, "where to listen | 127.0.0.1, {} |", SERVE, "PORT"),
    Row(HOSTING, "and threads of each | {},", SERVE, "WORKERS"),
    Row(HOSTING, "and threads of each | …, {} |", SERVE, "THREADS"),
    Row(HOSTING, "request_buffers {}KiB", *BODY_BYTES, 1024),
    Row(HOSTING, "max_buffer_size {}KiB", *BODY_BYTES, 1024),
    Row(HOSTING, "client_max_body_size {}k", *BODY_BYTES, 1024),
    Row(HOSTING, "shorter than the {} s after which the service closes", SERVER, "KEEP_ALIVE_SECONDS"),
    Row(HOSTING, "is answered within {} s", SERVER, "GRACE_SECONDS"),
    Row(HOSTING, "| body | {} KiB", *BODY_BYTES, 1024),
    Row(HOSTING, "| headers | {} of", SERVER, "MOST_HEADERS"),
    Row(HOSTING, "of {} KiB each", SERVER, "MOST_HEADER_BYTES", 1024),
    Row(HOSTING, "request line {} KiB", SERVER, "MOST_LINE_BYTES", 1024),
    Row(HOSTING, "an idle connection | closed after {} s", SERVER, "KEEP_ALIVE_SECONDS"),
    Row(HOSTING, "| connections | {} for each worker", SERVER, "MOST_CONNECTIONS"),
    Row(HOSTING, "| chain download | {} s", DOWNLOAD, "SECONDS"),
    Row(HOSTING, "| chain download | …, {} KiB", DOWNLOAD, "MOST_BYTES", 1024),
    Row(HOSTING, "its timestamp ({} s either way", VERIFIER, "TOLERANCE_SECONDS"),
    Row(HOSTING, "{} s for skill events", VERIFIER, "EVENT_TOLERANCE_SECONDS"),
    Row(HOSTING, "RSA key of at least {} bits", "webservice/chain.py", "SMALLEST_RSA"),
)

NOT_OURS: Final = (
    (README, r"count 1 … 30, 30\.0 s|Paused at 12 seconds", "a conversation: what an exercise's dose comes to"),
    (OPERATE, r"30 s, give or take", "what a listener with a stopwatch hears of an exercise's dose"),
    (OPERATE, r"--since 1h", "an example of a command"),
    (HOSTING, r"(read_header|read_body|\w+_timeout) 10s|keepalive 3s", "the proxy's own patience"),
    (HOSTING, r"RSA of 1024 bits|\d+ minutes (ahead|old)", "cases that another verifier judges otherwise"),
    (INFRA, r"more than 512 MB of disk", "what SnapStart takes at most"),
    (INFRA, r"0\.3 s of a full core", "a measurement"),
)
"""Page, pattern and reason of figures that no constant of ours is behind."""


def check(root: Path) -> list[str]:
    """``path:line: problem. mend`` of every figure that differs from its constant, or has none."""
    found: list[str] = []
    seen: dict[str, list[tuple[int, int]]] = {}
    for row in ROWS:
        text, faults = text_of(root / row.page, row.page)
        found += faults if text is None and faults[0] not in found else []
        matches = list(row.pattern.finditer(text or ""))
        seen.setdefault(row.page, []).extend(match.span() for match in matches)
        found += _differences(root, row, text or "", matches) if text is not None else []
    for page in PROMISING:
        text, _ = text_of(root / page, page)
        spans = seen.get(page, []) + [
            match.span()
            for where, pattern, _ in NOT_OURS
            if where == page
            for match in re.finditer(pattern, text or "")
        ]
        found += (f"{page}:{line}: {words!r} comes from no constant. {ADD}" for line, words in _bare(text or "", spans))
    return found


def _differences(root: Path, row: Row, text: str, matches: list[re.Match[str]]) -> Iterator[str]:
    try:
        value, line = constant(root / row.module, row.name)
    except (LookupError, ValueError, SyntaxError) as error:
        yield f"{row.module}: {error}. {row.page} promises it: mend it, or its row in {HERE}"
        return
    if not matches:
        yield f"{row.page}: {row.sentence!r} is not there any more. Put it back, or mend its row in {HERE}"
    for match in matches:
        if row.figure(match[1]) != value:
            where, said = f"{row.page}:{_line(text, match.start())}", match[0].partition("\n")[0][:60]
            kept = _shown(value) if row.per == 1 else f"{_shown(value)} ({_shown(float(str(value)) / row.per)} here)"
            yield f"{where}: it says {said!r}, and {row.name} in {row.module}:{line} is {kept}. Mend the wrong one"


def _shown(value: object) -> str:
    return f"{value:,g}" if isinstance(value, float) else str(value)


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


def _bare(text: str, spans: list[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    """Line and words of the figures outside of spans; a sentence may end before the figure's unit does."""
    for match in FIGURE.finditer(text):
        if not any(start <= match.start() < end for start, end in spans):
            yield _line(text, match.start()), match[0]


# ------------------------------------------------------------------------------------------------------- constants

OPERATORS: Final[Mapping[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
}  # fmt: skip


def constant(path: Path, name: str) -> tuple[object, int]:
    """A constant's value and its line, from the source alone; raises LookupError or ValueError with what is wrong.

    Numbers are given as floats. A name below pyproject.toml is a key of its project table.
    """
    text, faults = text_of(path, path.name)
    if text is None:
        raise LookupError(faults[0].partition(": ")[2].partition(".")[0])
    if path.suffix == ".toml":
        return _of_project(text, name)
    owner, _, own = name.rpartition(".")
    module = ast.parse(text)
    holder: ast.Module | ast.ClassDef = module
    if owner:
        holder = next((one for one in module.body if isinstance(one, ast.ClassDef) and one.name == owner), module)
    given = _given(holder)
    if own not in given:
        raise LookupError(f"there is no constant {name}")
    return _value(given[own], _given(module)), given[own].lineno


def _given(holder: ast.Module | ast.ClassDef) -> dict[str, ast.expr]:
    """The names that a module or class gives a value by itself."""
    found: dict[str, ast.expr] = {}
    for node in holder.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found[name] = value
    return found


def _of_project(text: str, name: str) -> tuple[object, int]:
    found = re.search(rf'^{re.escape(name)} = "[<>=~]*([\d.]+)"', text, re.MULTILINE)
    if found is None:
        raise LookupError(f"there is no {name}")
    return float(found[1]), _line(text, found.start())


def _value(node: ast.expr, given: Mapping[str, ast.expr]) -> object:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.Constant(value=str(text)):
            return text
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return OPERATORS[type(op)](_value(left, given), _value(right, given))
        case ast.Name(id=name) if name in given:
            return _value(given[name], {other: value for other, value in given.items() if other != name})
    raise ValueError(f"{ast.unparse(node)[:60]} is no figure that can be read")
