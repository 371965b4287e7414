"""Draw the dialogue's state machine from its table.

``python -m tools diagram`` writes ``docs/dialogue.svg``. Boxes and arrows stand where DRAWN puts them; what an arrow
says comes from the table: the events of the rows particular to a state. A transition that no arrow stands for is listed
below the drawing, and so are the rows that hold in every state.
"""

import argparse
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from content_reader.yaml_reader import text_of
from stretch_coach.dialogue import table as dialogue_table
from stretch_coach.dialogue.table import EVENTS, PARTICULAR, TRANSITIONS
from stretch_coach.dialogue.turn_state import Row, Turn
from stretch_coach.session import State

ROOT = Path(__file__).resolve().parents[1]
TARGET = "docs/dialogue.svg"
MENDS = "python -m tools diagram"
WIDTH, LEGEND_AT, LINE = 1560, 945, 19
BOX_WIDTH, BOX_HEIGHT = 160, 50
INK, PAPER, LINE_INK, TIME_INK = "#1a1a1a", "#ffffff", "#5b6470", "#8a5a00"
Point = tuple[int, int]
S = State

BOXES: Mapping[State, Point] = {
    S.HOME: (165, 160), S.CHOOSING: (165, 415), S.RETURNING: (165, 600), S.DELETING: (165, 790),
    S.STEPPING: (545, 222), S.COUNTING: (985, 222), S.BETWEEN: (745, 485), S.PAUSED: (530, 660), S.DONE: (1000, 660),
    S.HURTING: (1365, 160), S.CHECKING: (1365, 350), S.CHECK_PAUSED: (1365, 555), S.ADVISED: (1365, 790),
}  # fmt: skip
"""The middle of each state's box."""


@dataclass(frozen=True)
class Group:
    """States that an arrow can stand for together, with a frame around them."""

    name: str
    x: int
    y: int
    width: int
    height: int
    fill: str


GROUPS = (
    Group("what to do", 30, 95, 275, 365, "#eef2f7"),
    Group("an exercise", 425, 95, 715, 620, "#eaf4ea"),
    Group("under way", 450, 130, 630, 170, "#d6ead6"),
    Group("the safety check", 1215, 285, 300, 560, "#f9e7e3"),
)
DECIDING = (S.HOME, S.CHOOSING)
STARTED = (S.STEPPING, S.COUNTING)
EXERCISE = (*STARTED, S.BETWEEN, S.PAUSED, S.DONE)
CHECK = (S.CHECKING, S.CHECK_PAUSED)


@dataclass(frozen=True)
class Arrow:
    """Rows that lead from some states to others, drawn as one line with the names of their events beside it."""

    sources: tuple[State, ...]
    targets: tuple[State, ...]
    path: tuple[Point, ...]
    label: Point
    wrap: int = 22
    """The most letters in a line of the label."""
    tails: tuple[tuple[Point, ...], ...] = ()
    """Further lines that join the arrow."""
    anchor: str = "start"


DRAWN = (
    Arrow((S.HOME,), (S.CHOOSING,), ((115, 185), (115, 390)), (108, 260), 10, anchor="end"),
    Arrow((S.CHOOSING,), (S.HOME,), ((215, 390), (215, 185)), (222, 230), 11),
    Arrow((S.CHOOSING,), STARTED, ((245, 405), (345, 405), (345, 245), (450, 245)), (352, 285), 8),
    Arrow(EXERCISE, DECIDING, ((425, 440), (305, 440)), (312, 458), 12),
    Arrow((S.RETURNING,), STARTED, ((245, 590), (408, 590), (408, 270), (450, 270)), (252, 545), 20),
    Arrow((S.RETURNING,), (S.PAUSED,), ((245, 615), (350, 615), (350, 660), (450, 660)), (252, 632)),
    Arrow((S.RETURNING,), (S.HOME,), ((85, 600), (14, 600), (14, 160), (85, 160)), (20, 545), 12),
    Arrow((S.STEPPING,), (S.COUNTING,), ((625, 213), (905, 213)), (765, 162), 38, anchor="middle"),
    Arrow((S.COUNTING,), (S.STEPPING,), ((905, 233), (625, 233)), (765, 251), 38, anchor="middle"),
    Arrow(STARTED, (S.PAUSED,), ((490, 300), (490, 635)), (483, 490), 8, anchor="end"),
    Arrow((S.PAUSED,), STARTED, ((540, 635), (540, 300)), (548, 330), 14),
    Arrow((S.BETWEEN,), STARTED, ((775, 460), (775, 300)), (768, 330), 12, anchor="end"),
    Arrow((S.BETWEEN,), (S.PAUSED,), ((690, 510), (690, 580), (580, 580), (580, 635)), (697, 530), 14),
    Arrow((S.DONE,), STARTED, ((1045, 635), (1045, 300)), (1052, 330), 12),
    Arrow((S.DONE,), (S.PAUSED,), ((920, 660), (610, 660)), (765, 676), 24, anchor="middle"),
    Arrow((S.HURTING,), (*CHECK, S.ADVISED), ((1365, 185), (1365, 285)), (1372, 215), 18),
    Arrow((S.CHECKING,), (S.CHECK_PAUSED,), ((1325, 375), (1325, 530)), (1318, 405), 8, anchor="end"),
    Arrow((S.CHECK_PAUSED,), (S.CHECKING,), ((1370, 530), (1370, 375)), (1377, 393), 16),
    Arrow(
        CHECK, (S.ADVISED,), ((1365, 580), (1365, 765)), (1372, 598), 18,
        (((1285, 350), (1226, 350), (1226, 750), (1365, 750)),),
    ),
    Arrow(
        (S.ADVISED,), (S.CHECKING,), ((1445, 790), (1505, 790), (1505, 350), (1445, 350)), (1498, 770), 8, anchor="end"
    ),
    Arrow((S.ADVISED,), STARTED, ((1285, 780), (1160, 780), (1160, 222), (1080, 222)), (1088, 214), 10),
    Arrow(
        (S.HURTING, *CHECK, S.ADVISED), DECIDING, ((1365, 135), (1365, 40), (165, 40), (165, 95)), (765, 58), 90,
        (((1515, 320), (1540, 320), (1540, 40), (1365, 40)),), "middle",
    ),
    Arrow(
        (S.HURTING, *CHECK, S.ADVISED), (S.PAUSED,),
        ((1285, 160), (1185, 160), (1185, 825), (570, 825), (570, 685)), (880, 800), 80,
        (((1215, 825), (1185, 825)),), "middle",
    ),
    Arrow((S.DELETING,), (S.HOME,), ((85, 790), (14, 790), (14, 160), (85, 160)), (20, 725), 12),
    Arrow((S.DELETING,), (S.PAUSED, S.DONE), ((245, 780), (490, 780), (490, 685)), (252, 771), 30),
    Arrow(
        (S.DELETING,), (S.CHECK_PAUSED,), ((245, 805), (330, 805), (330, 880), (1300, 880), (1300, 845)),
        (765, 872), 60, anchor="middle",
    ),
)  # fmt: skip
TIME = (
    (((930, 247), (930, 370), (805, 370), (805, 460)), (812, 388), "time: another\nside or set waits", "start"),
    (((995, 247), (995, 635)), (988, 570), "time: the\ncount is over", "end"),
)
"""What time alone does to COUNTING, found when the next event arrives."""

Pairs = Mapping[tuple[State, State], tuple[str, ...]]


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


def build() -> str:
    """The drawing as SVG; the same table always gives the same text."""
    table = pairs()
    notes = list(_notes(table))
    height = LEGEND_AT + LINE * (len(notes) + 2)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"',
        ' font-family="sans-serif" font-size="13" role="img">',
        "<title>The dialogue: where a conversation can be, and what leads from one to the other</title>",
        f"<desc>Written by {MENDS} from lambda/stretch_coach/dialogue/table.py.</desc>",
        '<defs><marker id="to" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">',
        f'<path d="M0 0 10 5 0 10z" fill="{LINE_INK}"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>',
        *map(_frame, GROUPS),
        *(line for arrow in DRAWN for line in _arrow(arrow)),
        *(line for drawn in TIME for line in _time(*drawn)),
        *(_box(state, middle) for state, middle in BOXES.items()),
        *(line for arrow in DRAWN for line in _label(events_of(arrow, table), arrow)),
        *(line for number, note in enumerate(notes) for line in _note(number, *note)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def events_of(arrow: Arrow, table: Pairs) -> tuple[str, ...]:
    """The events an arrow stands for, in the order of the table."""
    named = {name for (state, to), names in table.items() if _covers(arrow, state, to) for name in names}
    return tuple(name for name in map(short, EVENTS) if name in named)


def _covers(arrow: Arrow, state: State, to: State) -> bool:
    return state in arrow.sources and to in arrow.targets


def not_drawn(table: Pairs) -> dict[tuple[State, State], tuple[str, ...]]:
    """The changes of state that no arrow stands for."""
    return {
        pair: names
        for pair, names in table.items()
        if not any(_covers(arrow, *pair) for arrow in DRAWN) and not {*pair} <= {*DECIDING}
    }


def _notes(table: Pairs) -> Iterator[tuple[str, str]]:
    """Lines below the drawing: a heading or nothing, and text."""
    rest = not_drawn(table)
    if rest:
        yield "Also", ""
        yield from (("", f"{state} → {to}: {', '.join(names)}") for (state, to), names in rest.items())
    yield "In every state, unless an arrow says otherwise", ""
    for to, names in everywhere().items():
        text = f"→ {', '.join(to)}: {', '.join(names)}" if to else f"answered where it is: {', '.join(names)}"
        yield from (("", line) for line in textwrap.wrap(text, 205, subsequent_indent="      "))
    yield (
        "",
        "While exercises are locked, everything that could lead to one leads to advised. An arrow that begins or ends ",
    )
    yield (
        "",
        "at a frame stands for the states inside it; an arrow that leads to under way counts or goes step by step.",
    )


def _frame(group: Group) -> str:
    return (
        f'<rect x="{group.x}" y="{group.y}" width="{group.width}" height="{group.height}" rx="10" fill="{group.fill}" '
        f'stroke="#c3cad3"/><text x="{group.x + 12}" y="{group.y + 20}" fill="{LINE_INK}" '
        f'font-style="italic">{group.name}</text>'
    )


def _box(state: State, middle: Point) -> str:
    x, y = middle[0] - BOX_WIDTH // 2, middle[1] - BOX_HEIGHT // 2
    theory = escape(_theory().get(str(state), ""))
    return (
        f'<g><title>{theory}</title><rect x="{x}" y="{y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="8" '
        f'fill="{PAPER}" stroke="{INK}" stroke-width="1.5"/><text x="{middle[0]}" y="{middle[1] + 5}" fill="{INK}" '
        f'font-size="16" font-weight="bold" text-anchor="middle">{state}</text></g>'
    )


def _theory() -> dict[str, str]:
    """What the module's own text says of each state."""
    lines = (line.split(maxsplit=1) for line in (dialogue_table.__doc__ or "").splitlines() if line.startswith("    "))
    return {name.lower(): words for name, words in lines}


def _line(path: Sequence[Point], ink: str, more: str = "") -> str:
    points = " ".join(f"{x},{y}" for x, y in path)
    return f'<polyline points="{points}" fill="none" stroke="{ink}" stroke-width="1.5"{more}/>'


def _arrow(arrow: Arrow) -> Iterator[str]:
    yield from (_line(tail, LINE_INK) for tail in arrow.tails)
    yield _line(arrow.path, LINE_INK, ' marker-end="url(#to)"')


def _time(path: Sequence[Point], label: Point, text: str, anchor: str) -> Iterator[str]:
    yield _line(path, TIME_INK, ' stroke-dasharray="6 4" marker-end="url(#to)"')
    yield from _words(text.splitlines(), label, anchor, TIME_INK)


def _label(names: Iterable[str], arrow: Arrow) -> Iterator[str]:
    lines = textwrap.wrap(", ".join(names), arrow.wrap, break_long_words=False)
    yield from _words(lines, arrow.label, arrow.anchor, INK)


def _words(lines: Iterable[str], at: Point, anchor: str, ink: str) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield (
            f'<text x="{at[0]}" y="{at[1] + 15 * number}" fill="{ink}" font-size="12" text-anchor="{anchor}" '
            f'stroke="{PAPER}" stroke-width="3" paint-order="stroke" stroke-opacity="0.75">{escape(line)}</text>'
        )


def _note(number: int, heading: str, text: str) -> Iterator[str]:
    x, y, weight = 30 if heading else 44, LEGEND_AT + LINE * (number + 1), "bold" if heading else "normal"
    words = escape(heading or text)
    yield f'<text x="{x}" y="{y}" fill="{INK}" font-weight="{weight}" xml:space="preserve">{words}</text>'


def check(root: Path = ROOT) -> list[str]:
    """Whether the written drawing is missing or stale, with how to mend it."""
    return [f"{TARGET}: stale. Update with: {MENDS}"] if text_of(root / TARGET, TARGET)[0] != build() else []


def run(argv: Sequence[str] = (), root: Path = ROOT) -> int:
    """Write the drawing."""
    argparse.ArgumentParser(prog=MENDS, description=__doc__).parse_args(argv)
    path = root / TARGET
    path.parent.mkdir(exist_ok=True)
    path.write_text(build(), "utf-8")
    print(TARGET)
    return 0
