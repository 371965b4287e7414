"""Write the table and the diagram of the safety check for a clinician to read and sign.

``python -m tools red-flags`` writes ``docs/red-flags.md``, ``.html`` and ``.svg`` from content/red_flags and the rules
in ``stretch_coach/safety/``; ``check`` says which of them is stale. Both go through ``build``, a pure function.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from content_reader.documents import ROOT, load_library
from content_reader.yaml_reader import text_of
from stretch_coach.safety.condition import AtLeast, Condition, Points, Said, TriageRule, Warns
from stretch_coach.safety.disposition import rules
from stretch_coach.safety.red_flag import Flags, Level, Question, RedFlag, questions
from tools.pages.red_flags_diagram import draw
from tools.pages.written import write

MENDS = "python -m tools red-flags"
PAGES = ("red-flags.md", "red-flags.html")
"""Each has a template beside this file, red_flags.*.jinja."""

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
    names = names_of(flags)
    explained = (flag for flag in flags.values() if flag.kind == "info")
    said = {
        "mends": MENDS,
        "unreviewed": UNREVIEWED,
        "how": HOW,
        "question_heads": QUESTION_HEADS,
        "questions": [_question_cells(flags, found, names) for found in questions(flags)],
        "rule_heads": RULE_HEADS,
        "rules": [_rule_cells(rule, names) for rule in rules(flags) if len(rule.condition.items) > 1],
        "to_confirm": TO_CONFIRM,
        "not_asked": [
            *(f"{what}: {why}." for what, why in NOT_ASKED.items()),
            *(f"{flag.name} (answered when asked about): {flag.info}" for flag in explained),
        ],
    }
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(["html.jinja"]),
        keep_trailing_newline=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    return {
        **{name: templates.get_template(f"{name.replace('-', '_')}.jinja").render(said) for name in PAGES},
        "red-flags.svg": draw(rules(flags), names, lambda condition: describe(condition, names)),
    }


QUESTION_HEADS = ("Code", "Id", "Question, and plainer", "A yes means", "Asked of", "Sources")
RULE_HEADS = ("Rule", "Level", "Holds when", "Source")


def _question_cells(flags: Flags, found: Question, names: Mapping[str, str]) -> tuple[str, ...]:
    item = flags[found.parent or found.id]
    return (
        item.code, found.id, f"{found.question} / {found.plainer}", _effect(found), _asked(found, names),
        "" if found.parent else "; ".join(_sources(item)),
    )  # fmt: skip


def _rule_cells(rule: TriageRule, names: Mapping[str, str]) -> tuple[str, ...]:
    return (rule.id, LEVELS[rule.level], describe(rule.condition, names), rule.source)


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


def check(root: Path = ROOT) -> list[str]:
    """Which written file is missing or stale, one line each with how to mend it."""
    return [
        f"docs/{name}: stale. Update with: {MENDS}"
        for name, text in build(load_library(root=root).red_flags).items()
        if text_of(root / "docs" / name, name)[0] != text
    ]


def run(argv: Sequence[str] = (), root: Path = ROOT) -> int:
    """Write those of the three files that differ."""
    argparse.ArgumentParser(prog=MENDS, description=__doc__).parse_args(argv)
    write({f"docs/{name}": text for name, text in build(load_library(root=root).red_flags).items()}, root)
    return 0
