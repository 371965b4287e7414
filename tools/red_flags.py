"""Write the table and the diagram of the safety check for a clinician to read and sign.

``python -m tools red-flags`` writes ``docs/red-flags.md``, ``.html`` and ``.svg`` from content/red_flags and the rules
in ``stretch_coach/safety/``; ``check`` says which of them is stale. Both go through ``build``, a pure function.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from content_reader.documents import ROOT, load_library
from content_reader.yaml_reader import text_of
from stretch_coach.safety.condition import AtLeast, Condition, Points, Said, TriageRule, Warns
from stretch_coach.safety.disposition import rules
from stretch_coach.safety.red_flag import Flags, Level, Question, RedFlag, questions
from tools.red_flags_diagram import draw

MENDS = "python -m tools red-flags"

LEVELS = {
    Level.EMERGENCY: "emergency now",
    Level.SAME_DAY: "same day",
    Level.SOON: "within two weeks",
    Level.SELF_CARE: "nothing by itself",
}

UNREVIEWED = (
    "Nobody with clinical training has reviewed this yet. It was written by engineers from the sources named in each "
    "row. Please correct it; sign only what you would let be spoken to a patient."
)

HOW = (
    "Yes is always the worrying answer, except where a row says that yes lowers.",
    "Not sure is asked again in plainer words; a second not sure counts as yes. Among weighing flags it weighs half.",
    (
        "An emergency yes ends the check. The one private question may be skipped, comes again at the end, and a "
        "second skip counts as not sure."
    ),
    "A question is asked only while its answer could still raise the outcome.",
    "The worst rule that holds is the outcome. No outcome clears anybody; each carries the safety net.",
    (
        'A same-day or emergency sign that is named unasked ("I have a fever") is asked about first, and counts as '
        "not sure until it is answered. Pain in the chest is always asked about as chest pain."
    ),
    (
        'A call for help ("call an ambulance", "this is an emergency") gets the emergency outcome at once, without a '
        "question (editor_set: the safer level)."
    ),
)

TO_CONFIRM = (
    (
        "Night pain, pain that never lets up, pain on coughing, pain between the shoulders and a change of shape weigh "
        "here (alone: within two weeks, any two: same day). The NHS page lists each as urgent; Premkumar 2018 found "
        "night pain useless alone."
    ),
    "A private question skipped twice, or twice not sure, ends in emergency like any other stop question.",
    "A leak that is months old and unchanged, with no other nerve sign, is lowered to within two weeks.",
    "An old, unchanged dragging foot is lowered to within two weeks.",
    "Back pain in pregnancy without other signs: same day (the source says today or soon).",
    "Weak immunity or injected drugs with back pain: same day even when the pain is not getting worse.",
    (
        "Over 50 stands for the over 55 of one source; 70 and female count in the fracture rule, so that any woman of "
        "70 or more is sent the same day."
    ),
    "Pain that is getting worse, alone: within two weeks.",
)

NOT_ASKED = {
    "Smoking, blood pressure, age over 55 with a sudden severe pain": "a yes to the pain is already an emergency",
    "Recent flight, surgery, birth or the pill with a swollen leg": "the leg is already same day; breathing and chest "
    "pain are asked of everybody",
    "Training jump, low weight, missed periods with groin pain": "training and groin pain are already same day",
    "Heel and toe standing": "used as the example in the plainer wording of weakness",
    "Started within two weeks (bladder)": "new is in the question; older trouble is not talked down",
    "Psoriasis, eye inflammation, family, waking in the second half of the night": "they would not raise the outcome",
    "Constipation": "painkillers cause it; explained when asked about, never asked",
    "A pain score": "how much it hurts says little about the cause",
}


@dataclass(frozen=True)
class Row:
    """One line of the table of questions."""

    code: str
    id: str
    question: str
    plainer: str
    effect: str
    asked: str
    sources: str


def describe(condition: Condition, names: Mapping[str, str]) -> str:
    """The condition in words, naming each item as content does."""
    match condition:
        case Warns(item):
            return names[item]
        case Said(item):
            return f"{names[item]} (even if old)"
        case Points(minimum):
            return f"weighing flags that add up to {minimum / 2:g} (an age and a not sure weigh half)"
        case AtLeast(count, parts):
            texts = [_grouped(part, describe(part, names)) for part in parts]
            if count == len(parts):
                return " AND ".join(texts)
            if count == 1:
                return " OR ".join(texts)
            return f"at least {count} of: {', '.join(texts)}"


def _grouped(part: Condition, text: str) -> str:
    return f"({text})" if isinstance(part, AtLeast) and len(part.parts) > 1 else text


def names_of(flags: Flags) -> dict[str, str]:
    """Every question's id and how people would name what it asks about."""
    return {found.id: found.name if isinstance(found, RedFlag) else found.because for found in questions(flags)}


def build(flags: Flags) -> dict[str, str]:
    """File name below docs/ and its text."""
    combined = [rule for rule in rules(flags) if len(rule.condition.items) > 1]
    names = names_of(flags)
    rows = [_row(flags, found, names) for found in questions(flags)]
    explained = [flag for flag in flags.values() if flag.kind == "info"]
    return {
        "red-flags.md": _markdown(rows, combined, names, explained),
        "red-flags.html": _html(rows, combined, names, explained),
        "red-flags.svg": draw(rules(flags), names, lambda condition: describe(condition, names)),
    }


def _row(flags: Flags, found: Question, names: Mapping[str, str]) -> Row:
    item = flags[found.parent or found.id]
    return Row(
        item.code, found.id, found.question, found.plainer, _effect(found), _asked(found, names),
        "" if found.parent else "; ".join(_sources(item)),
    )  # fmt: skip


def _effect(found: Question) -> str:
    if found.lowers_to is not None:
        return f"yes lowers to: {LEVELS[found.lowers_to]}"
    weight = {0: "", 1: ", weighs half a flag", 2: ", weighs a flag"}[found.points]
    hides = f", hides exercises: {', '.join(found.contraindicates)}" if found.contraindicates else ""
    return f"{LEVELS[found.level]}{weight}{', may be skipped' if found.skippable else ''}{hides}"


def _asked(found: Question, names: Mapping[str, str]) -> str:
    if found.parent:
        return f"after: {names[found.parent]}"
    after = f"after: {' or '.join(names[gate] for gate in found.asked_if_said)}" if found.asked_if_said else "everybody"
    unless = f", not after: {' or '.join(names[gate] for gate in found.asked_if_not_said)}"
    return f"{after}{unless if found.asked_if_not_said else ''}{'; short check' if found.short_check else ''}"


def _sources(item: RedFlag) -> Iterator[str]:
    for source in item.sources:
        if "seed" in source:
            yield f"text {source['seed'][:3]} line {source['line']} ({source['item']})"
        else:
            grade = {"memory": " [from memory, unconfirmed]", "weak": " [weak copy]"}.get(source.get("grade", ""), "")
            yield f"{source['ref']}{grade}"


QUESTION_HEADS = ("Code", "Id", "Question, and plainer", "A yes means", "Asked of", "Sources")
RULE_HEADS = ("Rule", "Level", "Holds when", "Source")


def _question_cells(row: Row) -> tuple[str, ...]:
    return (row.code, row.id, f"{row.question} / {row.plainer}", row.effect, row.asked, row.sources)


def _rule_cells(rule: TriageRule, names: Mapping[str, str]) -> tuple[str, ...]:
    return (rule.id, LEVELS[rule.level], describe(rule.condition, names), rule.source)


def _markdown(
    rows: Sequence[Row], combined: Sequence[TriageRule], names: Mapping[str, str], explained: Sequence[RedFlag]
) -> str:
    def table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> Iterator[str]:
        yield f"| {' | '.join(heads)} |"
        yield f"|{' --- |' * len(heads)}"
        yield from (f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |" for cells in lines)

    return "\n".join(
        [
            "# The safety check, for review",
            "",
            f"**{UNREVIEWED}**",
            "",
            f"Written by `{MENDS}`; change content/red_flags or stretch_coach/safety instead of this page.",
            "The same as a page to print and sign: [red-flags.html](red-flags.html).",
            "",
            "![The rules, by level](red-flags.svg)",
            "",
            *(f"* {line}" for line in HOW),
            "",
            f"## Questions, in the order they are asked ({len(rows)})",
            "",
            *table(QUESTION_HEADS, [_question_cells(row) for row in rows]),
            "",
            "## Rules that combine answers",
            "",
            *table(RULE_HEADS, [_rule_cells(rule, names) for rule in combined]),
            "",
            "## Please confirm or correct",
            "",
            *(f"* {line}" for line in TO_CONFIRM),
            "",
            "## Known, and not asked",
            "",
            *(f"* {what}: {why}." for what, why in NOT_ASKED.items()),
            *(f"* {flag.name} (answered when asked about): {flag.info}" for flag in explained),
            "",
        ]
    )


STYLE = """
@page { size: A4 landscape; margin: 8mm }
body { font: 11px/1.35 system-ui, sans-serif; color: #111; background: #fff; margin: 1.5em }
table { border-collapse: collapse; width: 100%; margin: .5em 0 1.5em }
th, td { border: 1px solid #777; padding: .2em .4em; text-align: left; vertical-align: top }
th { background: #e8e8e8 } tr { break-inside: avoid }
.warning { border: 3px solid #a00; padding: .6em; font-weight: bold; font-size: 14px }
.emergency-now td:first-child { background: #f4b6b0 } .same-day td:first-child { background: #f8d9a0 }
.within-two-weeks td:first-child { background: #f5f0a8 } .tick { width: 7em }
img { max-width: 100% } .sign td { height: 2.5em; width: 25% }
""".strip()


def _html(
    rows: Sequence[Row], combined: Sequence[TriageRule], names: Mapping[str, str], explained: Sequence[RedFlag]
) -> str:
    asked = "\n".join(_html_row(_question_cells(row), row.effect) for row in rows)
    ruled = "\n".join(_html_row(_rule_cells(rule, names), LEVELS[rule.level]) for rule in combined)
    not_asked = [*(f"{what}: {why}." for what, why in NOT_ASKED.items())]
    not_asked += [f"{flag.name} (answered when asked about): {flag.info}" for flag in explained]
    return f"""<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>The safety check, for review</title>
<style>
{STYLE}
</style></head>
<body>
<h1>The safety check, for review</h1>
<p class="warning">{escape(UNREVIEWED)}</p>
{_html_list(HOW)}
<h2>Questions, in the order they are asked ({len(rows)})</h2>
<table>
{_html_heads(QUESTION_HEADS)}
{asked}
</table>
<h2>Rules that combine answers</h2>
<table>
{_html_heads(RULE_HEADS)}
{ruled}
</table>
<p><img src="red-flags.svg" alt="The rules of the safety check, by level; the tables say the same in words"></p>
<h2>Please confirm or correct</h2>
{_html_list(TO_CONFIRM)}
<h2>Known, and not asked</h2>
{_html_list(not_asked)}
<h2>Reviewer</h2>
<table class="sign">
<tr><th scope="col">Name and profession</th><th scope="col">Registration</th><th scope="col">Date</th>
<th scope="col">Signature</th></tr>
<tr><td></td><td></td><td></td><td></td></tr>
</table>
</body>
</html>
"""


def _html_heads(heads: Sequence[str]) -> str:
    cells = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    return f'<tr>{cells}<th scope="col" class="tick">Agree, or change to</th></tr>'


def _html_row(cells: Sequence[str], effect: str) -> str:
    level = effect.partition(",")[0].replace(" ", "-").replace(":", "")
    return f'<tr class="{level}">{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}<td></td></tr>'


def _html_list(lines: Sequence[str]) -> str:
    items = "\n".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<ul>\n{items}\n</ul>"


def check(root: Path = ROOT) -> list[str]:
    """Which written file is missing or stale, one line each with how to mend it."""
    return [
        f"docs/{name}: stale. Update with: {MENDS}"
        for name, text in build(load_library(root=root).red_flags).items()
        if text_of(root / "docs" / name, name)[0] != text
    ]


def run(argv: Sequence[str] = (), root: Path = ROOT) -> int:
    """Write the three files."""
    argparse.ArgumentParser(prog=MENDS, description=__doc__).parse_args(argv)
    (root / "docs").mkdir(exist_ok=True)
    for name, text in build(load_library(root=root).red_flags).items():
        (root / "docs" / name).write_text(text, "utf-8")
        print(f"docs/{name}")
    return 0
