"""Draw the rules of the safety check as SVG: one band a level, worst on top, a box for each rule."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from textwrap import wrap

from stretch_coach.safety.condition import Condition, Said, TriageRule
from stretch_coach.safety.red_flag import Level

WIDTH = 1500
MARGIN = 20
GAP = 10
LINE = 17
CHARACTER = 7.8
"""Width of an average character of the 13-pixel font, in pixels."""
COMBINED_WIDTH = 470

BANDS = {
    Level.EMERGENCY: ("Emergency now", "one yes, or twice not sure, ends the check", "#f9d4d0", "#8c1d13"),
    Level.SAME_DAY: ("Same day", "exercises are locked until seen", "#fce8c5", "#7a4a00"),
    Level.SOON: ("Within two weeks", "gentle exercises with a warning", "#faf6c8", "#5d5600"),
    Level.SELF_CARE: ("Self care", "when no rule holds; it clears nobody", "#e3efe3", "#23512a"),
}  # fmt: skip


def draw(rules: Sequence[TriageRule], names: Mapping[str, str], words: Callable[[Condition], str]) -> str:
    """The picture of these rules; `words` puts a condition into words."""
    top, parts = MARGIN, []
    for level, band in BANDS.items():
        boxes = [_box(rule, names, words) for rule in rules if rule.level is level]
        drawn, height = _band(band, boxes, top)
        parts.append(drawn)
        top += height + GAP
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top + MARGIN}" '
                f'viewBox="0 0 {WIDTH} {top + MARGIN}" font-family="sans-serif" font-size="13" role="img">'
            ),
            "<title>The rules of the safety check, by level</title>",
            "<desc>The worst band with a rule that holds is the outcome. Not reviewed by a clinician.</desc>",
            f'<rect width="{WIDTH}" height="{top + MARGIN}" fill="#ffffff"/>',
            *parts,
            "</svg>",
            "",
        ]
    )


def _box(rule: TriageRule, names: Mapping[str, str], words: Callable[[Condition], str]) -> tuple[float, list[str]]:
    """Width and lines of a rule's box: its name for a single item, the condition in words for a combination."""
    if isinstance(rule.condition, Said):
        text = f"{names[rule.condition.item]}, but {names[rule.id]}"
        return len(text) * CHARACTER + 16, [text]
    if len(rule.condition.items) == 1:
        text = names[rule.id]
        return len(text) * CHARACTER + 16, [text]
    return COMBINED_WIDTH, wrap(words(rule.condition), int((COMBINED_WIDTH - 16) / CHARACTER))


def _band(band: tuple[str, str, str, str], boxes: Sequence[tuple[float, list[str]]], top: int) -> tuple[str, int]:
    title, note, fill, ink = band
    left, y, row_height = float(MARGIN + 2 * GAP), top + 44, 0
    drawn = []
    for width, lines in boxes:
        if left + width > WIDTH - MARGIN - GAP:
            left, y, row_height = float(MARGIN + 2 * GAP), y + row_height + GAP, 0
        height = LINE * len(lines) + 10
        drawn.append(_rectangle(left, y, width, height, ink))
        drawn += [
            f'<text x="{left + 8:g}" y="{y + LINE * (number + 1):g}" fill="#111">{escape(line)}</text>'
            for number, line in enumerate(lines)
        ]
        left, row_height = left + width + GAP, max(row_height, height)
    height = y + row_height + GAP - top
    head = [
        f'<rect x="{MARGIN}" y="{top}" width="{WIDTH - 2 * MARGIN}" height="{height}" rx="8" fill="{fill}"/>',
        (
            f'<text x="{MARGIN + 2 * GAP}" y="{top + 28}" font-size="18" font-weight="bold" fill="{ink}">'
            f'{escape(title)}<tspan font-size="13" font-weight="normal" dx="12">{escape(note)}</tspan></text>'
        ),
    ]
    return "\n".join([*head, *drawn]), height


def _rectangle(left: float, top: int, width: float, height: int, ink: str) -> str:
    return f'<rect x="{left:g}" y="{top}" width="{width:g}" height="{height}" rx="4" fill="#ffffff" stroke="{ink}"/>'
