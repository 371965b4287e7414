"""Draw the dialogue's state machine from its table.

``python -m tools diagram`` writes ``docs/dialogue.svg``; it needs Graphviz. ARROWS says which changes of state share an
arrow; what it says comes from the table: the events of the rows particular to a state. A change that no arrow stands
for is listed below the drawing, and so are the rows that hold in every state. The picture holds the text that Graphviz
drew it from, so that whether it is stale can be seen on a machine without Graphviz, and whatever version drew it.
"""

import argparse
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path
from typing import Final

from content_reader.yaml_reader import text_of
from stretch_coach.dialogue import table as dialogue_table
from stretch_coach.dialogue.table import EVENTS, PARTICULAR, TRANSITIONS
from stretch_coach.dialogue.turn_state import Row, Turn
from stretch_coach.session import State
from tools.pages.written import write

ROOT = Path(__file__).resolve().parents[2]
TARGET = "docs/dialogue.svg"
MENDS = "python -m tools diagram"
MEND = f"Update with: {MENDS}, when `make check` finds no type error in the table"
"""A rule in the wrong row makes the drawing stale, too, and is not to be drawn."""
S = State


@dataclass(frozen=True)
class Frame:
    """States that an arrow can stand for together, with a frame around them."""

    name: str
    title: str
    states: tuple[State, ...]
    fill: str
    ink: str
    """Of the arrows that begin here, and of what they say."""
    inner: tuple["Frame", ...] = ()

    @property
    def covered(self) -> tuple[State, ...]:
        """Its states, and those of the frames inside it."""
        return (*self.states, *(state for frame in self.inner for state in frame.covered))


End = State | Frame

DECIDING = Frame("deciding", "what to do", (S.HOME, S.CHOOSING), "#eef2f7", "#2b5a8c")
STARTED = Frame("under_way", "under way", (S.COUNTING, S.STEPPING), "#d6ead6", "#27622d")
EXERCISE = Frame("exercise", "an exercise", (S.BETWEEN, S.PAUSED, S.DONE), "#eaf4ea", "#27622d", (STARTED,))
CHECK = Frame("check", "the safety check", (S.CHECKING, S.CHECK_PAUSED, S.ADVISED), "#f9e7e3", "#96361f")
FRAMES: Final = (EXERCISE, CHECK, DECIDING)
ALONE: Final = (S.HURTING, S.RETURNING, S.DELETING)
"""The states without a frame."""
PLAIN_INK, TIME_INK = "#454b54", "#8a5a00"

ARROWS: Final[tuple[tuple[End, End], ...]] = (
    (S.HOME, S.CHOOSING),
    (S.CHOOSING, S.HOME),
    (S.CHOOSING, STARTED),
    (EXERCISE, DECIDING),
    (S.RETURNING, STARTED),
    (S.RETURNING, S.PAUSED),
    (S.RETURNING, S.HOME),
    (S.STEPPING, S.COUNTING),
    (S.COUNTING, S.STEPPING),
    (STARTED, S.PAUSED),
    (S.PAUSED, STARTED),
    (S.BETWEEN, STARTED),
    (S.BETWEEN, S.PAUSED),
    (S.DONE, STARTED),
    (S.DONE, S.PAUSED),
    (S.HURTING, CHECK),
    (S.HURTING, S.HOME),
    (S.HURTING, S.PAUSED),
    (S.CHECKING, S.CHECK_PAUSED),
    (S.CHECK_PAUSED, S.CHECKING),
    (S.CHECKING, S.ADVISED),
    (S.CHECK_PAUSED, S.ADVISED),
    (S.ADVISED, S.CHECKING),
    (S.ADVISED, STARTED),
    (CHECK, DECIDING),
    (CHECK, S.PAUSED),
    (S.DELETING, S.HOME),
    (S.DELETING, EXERCISE),
    (S.DELETING, S.CHECK_PAUSED),
)
"""From, to; in an order that Graphviz lays out well."""
TIME: Final = ((S.BETWEEN, ("time: another", "side or set waits")), (S.DONE, ("time: the", "count is over")))
"""What time alone does to COUNTING, found when the next event arrives."""

GRAPH: Final = """\
compound=true newrank=true nodesep=0.45 ranksep=0.55 pad=0.3 bgcolor="white" fontname="Helvetica" fontsize=13
node [shape=box style="rounded,filled" fillcolor="white" fontname="Helvetica-Bold" fontsize=15 width=1.6]
edge [fontname="Helvetica" fontsize=12 arrowsize=0.8]"""
STYLE: Final = "<style>text { paint-order: stroke; stroke: #fff; stroke-width: 3px; stroke-opacity: 0.7 }</style>"
"""Keeps words apart from a line that runs close by."""
LABEL_LETTERS, NOTE_LETTERS = 20, 190
"""The most in a line beside an arrow, and below the drawing."""

Pairs = Mapping[tuple[State, State], tuple[str, ...]]


class DiagramError(Exception):
    """The picture cannot be drawn on this machine; says what to do."""


def pairs() -> dict[tuple[State, State], tuple[str, ...]]:
    """Each change of state that a row particular to a state can make, with the short names of its events."""
    found: dict[tuple[State, State], list[str]] = {}
    for state in State:
        for event in EVENTS:
            row = PARTICULAR[state].get(event)
            for to in State:
                if row and to in row.to and to is not state:
                    found.setdefault((state, to), []).append(short(event))
    return {pair: tuple(names) for pair, names in found.items()}


def everywhere() -> dict[tuple[State, ...], tuple[str, ...]]:
    """The events that can lead to the same states from wherever nothing particular is said; () where they stay."""
    grouped: dict[tuple[State, ...], list[str]] = {}
    for event in EVENTS:
        plain = {state: TRANSITIONS[state][event] for state in State if event not in PARTICULAR[state]}
        if plain:
            grouped.setdefault(_common(plain), []).append(short(event))
    return {to: tuple(names) for to, names in sorted(grouped.items(), key=lambda item: (not item[0], -len(item[1])))}


def _common(rows: Mapping[State, Row[Turn]]) -> tuple[State, ...]:
    """The states that all these rows can lead to, apart from a row's own."""
    found = []
    for target in State:
        others = [row for state, row in rows.items() if state is not target]
        if others and all(target in row.to for row in others):
            found.append(target)
    return tuple(found)


def short(event: str) -> str:
    """An event's name as it stands in the drawing."""
    return event.removesuffix("Intent")


def events_of(tail: End, head: End, table: Pairs) -> tuple[str, ...]:
    """The events an arrow stands for, in the order of the table."""
    named = {name for pair, names in table.items() if _stands_for(tail, head, pair) for name in names}
    return tuple(name for name in map(short, EVENTS) if name in named)


def _stands_for(tail: End, head: End, pair: tuple[State, State]) -> bool:
    return pair[0] in _states(tail) and pair[1] in _states(head)


def _states(end: End) -> tuple[State, ...]:
    return end.covered if isinstance(end, Frame) else (end,)


def not_drawn(table: Pairs) -> dict[tuple[State, State], tuple[str, ...]]:
    """The changes of state that no arrow stands for."""
    return {pair: names for pair, names in table.items() if not any(_stands_for(*arrow, pair) for arrow in ARROWS)}


def build() -> str:
    """The drawing in Graphviz's language; the same table always gives the same text."""
    table = pairs()
    lines = [
        f"// Written by {MENDS} from {dialogue_table.__name__}.",
        "digraph dialogue {",
        GRAPH,
        f"labelloc=b labeljust=l label=<{''.join(_notes(table))}>",
        *(line for frame in FRAMES for line in _frame(frame)),
        *map(_box, ALONE),
        *(_arrow(tail, head, events_of(tail, head, table)) for tail, head in ARROWS),
        *(
            _edge(S.COUNTING, to, words, f'style=dashed color="{TIME_INK}" fontcolor="{TIME_INK}"')
            for to, words in TIME
        ),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _frame(frame: Frame) -> Iterator[str]:
    yield f'subgraph cluster_{frame.name} {{ label="{frame.title}" labelloc=t style="rounded,filled"'
    yield f'fillcolor="{frame.fill}" color="#c3cad3" fontcolor="{frame.ink}"'
    yield from map(_box, frame.states)
    for inner in frame.inner:
        yield from _frame(inner)
    yield "}"


def _box(state: State) -> str:
    return f'{state} [tooltip="{_theory().get(str(state), "")}"]'


def _theory() -> dict[str, str]:
    """What the module's own text says of each state."""
    lines = (line.split(maxsplit=1) for line in (dialogue_table.__doc__ or "").splitlines() if line.startswith("    "))
    return {name.lower(): words.replace('"', "'") for name, words in lines}


def _arrow(tail: End, head: End, names: tuple[str, ...]) -> str:
    """An arrow that begins or ends at a frame goes to a state inside it and is cut off at the frame."""
    ink = next((frame.ink for frame in FRAMES if {*_states(tail)} <= {*frame.covered}), PLAIN_INK)
    cut = "".join(
        f" {side}=cluster_{end.name}" for side, end in (("ltail", tail), ("lhead", head)) if isinstance(end, Frame)
    )
    words = textwrap.wrap(", ".join(names), LABEL_LETTERS, break_long_words=False)
    return _edge(_states(tail)[0], _states(head)[0], words, f'color="{ink}" fontcolor="{ink}"{cut}')


def _edge(tail: State, head: State, words: tuple[str, ...] | list[str], more: str) -> str:
    label = "".join(f"{line}\\l" for line in words)
    return f'{tail} -> {head} [label="{label}" {more}]'


def _notes(table: Pairs) -> Iterator[str]:
    """Lines below the drawing, in Graphviz's HTML."""
    rest = not_drawn(table)
    if rest:
        yield _note("<b>Also</b>")
        yield from (_note(escape(f"{state} → {to}: {', '.join(names)}")) for (state, to), names in rest.items())
    yield _note("<b>In every state, unless an arrow says otherwise</b>")
    for to, names in everywhere().items():
        text = f"→ {', '.join(to)}: {', '.join(names)}" if to else f"answered where it is: {', '.join(names)}"
        yield from (_note(escape(line)) for line in textwrap.wrap(text, NOTE_LETTERS, subsequent_indent="      "))
    yield _note("<b>Arrows</b>")
    yield _note(
        "One that begins or ends at a frame stands for the states inside it. Each has the colour of its beginning."
    )
    yield _note("While exercises are locked, everything that could lead to one leads to advised.")


def _note(html: str) -> str:
    return f'{html}<br align="left"/>'


def draw(source: str) -> str:
    """The picture as SVG, with what it is drawn from inside; raises DiagramError."""
    dot = shutil.which("dot")
    if not dot:
        raise DiagramError(f"{TARGET}: Graphviz draws it, and is not installed. Install it: apt install graphviz")
    done = subprocess.run([dot, "-Tsvg"], input=source, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DiagramError(f"{TARGET}: Graphviz refuses it ({done.stderr.strip()}). Compare the last row you changed")
    picture = re.sub(r"\A.*?(?=<svg)|<!--.*?-->\n?", "", done.stdout, flags=re.DOTALL)
    picture = re.sub(r'(width|height)="(\d+)pt"', r'\1="\2"', picture, count=2)
    title = "<title>The dialogue: where a conversation can be, and what leads from one to the other</title>"
    head = f"{title}\n<desc>{escape(source, quote=False)}</desc>\n{STYLE}"
    return re.sub(r"(<svg[^>]*>)", lambda svg: f"{svg[1]}\n{head}", picture, count=1)


def source_of(picture: str) -> str:
    """What a picture was drawn from; nothing for one that does not say."""
    found = re.search(r"<desc>(.*?)</desc>", picture, re.DOTALL)
    return unescape(found[1]) if found else ""


def check(root: Path = ROOT) -> list[str]:
    """Whether the written drawing is missing or stale, with how to mend it."""
    picture, _ = text_of(root / TARGET, TARGET)
    return [] if source_of(picture or "") == build() else [f"{TARGET}: stale. {MEND}"]


def run(argv: Sequence[str] = (), root: Path = ROOT) -> int:
    """Write the drawing; 1 on a machine that cannot draw it."""
    argparse.ArgumentParser(prog=MENDS, description=__doc__).parse_args(argv)
    try:
        picture = draw(build())
    except DiagramError as error:
        print(error, file=sys.stderr)
        return 1
    write({TARGET: picture}, root)
    return 0
