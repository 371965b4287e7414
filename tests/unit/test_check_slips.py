"""The slips that `python -m tools check` is there for: each fails it with a line that says where, what and the mend."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from content_reader.documents import ROOT
from stretch_coach.errors import ContentError
from tools.__main__ import TOOLS
from tools.checks import check
from tools.content import compiler
from tools.pages import diagram
from tools.publish import model

FOLDERS = (
    "content", "content_reader", "interaction_model", "lambda", "docs", "infra", "webservice", "tools", "bench",
    "simulator", "scripts", "tests/dialogues", "tests/nlu",
)  # fmt: skip
LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.png", "build", "cdk.out", "static")
FORM = re.compile(r"^[^:\s]+(:\d+)?: .+[.?:] .+")
"""``where: what. how to mend it``"""

BRIDGE = "content/exercises/glute-bridge.yaml"
TOPIC = "content/topics/what-is-sciatica.yaml"
LOCALE = "content/locale/en-US.yaml"
SAFETY = "content/safety/en-US.yaml"
MODEL = "interaction_model/en-US.source.yaml"
TABLE = "lambda/stretch_coach/dialogue/table.py"
LOCALES = "interaction_model/locales.yaml"
FINDING = "lambda/stretch_coach/dialogue/rules/finding.py"
MOVING = "lambda/stretch_coach/dialogue/rules/moving.py"
ADVISED = "lambda/stretch_coach/dialogue/rules/advised.py"
TURN_STATE = "lambda/stretch_coach/dialogue/turn_state.py"
CONTRACT = "lambda/stretch_coach/stores/contract.py"
GENERAL = "lambda/stretch_coach/dialogue/rules/general.py"
POLICY = "docs/privacy-policy.md"
GB = "content/locale/en-GB.yaml"
CUT_SHORT = "content/topics/sciatic-nerve.yaml"
TALK = "tests/dialogues/pause-and-resume.yaml"


@pytest.fixture(name="original", scope="module")
def _original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that the check reads of this tree."""
    tree = tmp_path_factory.mktemp("tree")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, tree / name, ignore=LEFT_OUT)
    for name in ("README.md", "SECURITY.md", "pyproject.toml", "uv.lock", "ask-resources.json"):
        shutil.copy(ROOT / name, tree / name)
    return tree


@pytest.fixture(name="tree")
def _tree(original: Path, tmp_path: Path) -> Path:
    """A copy to make a slip in; a file keeps its place on the disk until it is written anew."""
    return Path(shutil.copytree(original, tmp_path / "tree", copy_function=os.link))


def write(path: Path, text: str) -> None:
    """Put a file in the place of one that other trees share."""
    path.unlink(missing_ok=True)
    path.write_text(text, "utf-8")


def change(name: str, old: str, new: str) -> Callable[[Path], None]:
    """A slip that puts `new` where `old` first stands in a file."""

    def slip(tree: Path) -> None:
        text = (tree / name).read_text("utf-8")
        assert old in text, f"{name} no longer holds {old!r}: mend the test"
        write(tree / name, text.replace(old, new, 1))

    return slip


def new_exercise(tree: Path) -> None:
    """A sound exercise that the interaction models have not heard of."""
    text = (tree / BRIDGE).read_text("utf-8").replace("id: glute-bridge", "id: tall-bridge")
    text = re.sub(r"(?m)^name: .*", "name: tall bridge", text)
    text = re.sub(r"(?m)^synonyms:(\n  - .*)+", "synonyms:\n  - high bridge", text)
    write(tree / "content/exercises/tall-bridge.yaml", text)


def at(name: str, words: str) -> str:
    """``path:line`` of where a file of this tree has some words."""
    text = (ROOT / name).read_text("utf-8")
    return f"{name}:{text.count(chr(10), 0, text.index(words)) + 1}"


NOT_FOUND = "Write it again with: python -m tools model"
SLIPS: dict[str, tuple[Callable[[Path], None], list[str]]] = {
    "broken YAML": (
        change(TOPIC, "id: what", "id: [what"),
        [f"{TOPIC}:1: the bracket that opens here is not closed (", "Close it, or look for a comma that is missing"],
    ),
    "yes as a number of sets": (
        change(BRIDGE, "sets: 1", "sets: yes"),
        [f'{at(BRIDGE, "  sets: 1")}: dose.sets is "yes", which is not a whole number. '],
    ),
    "a new exercise": (
        new_exercise,
        [
            "interaction_model/en-US.json: stale, and so are en-GB.json, en-AU.json, en-CA.json, en-IN.json. Write th",
            "em again with: python -m tools model",
        ],
    ),
    "a stale manifest": (
        change("interaction_model/skill.source.yaml", "stretching, hips", "stretching, hip"),
        [f"interaction_model/skill.json: stale. {NOT_FOUND}"],
    ),
    "a stale page of red flags": (
        change("docs/red-flags.md", "Question", "Qestion"),
        ["docs/red-flags.md: stale. Update with: python -m tools red-flags"],
    ),
    "a stale drawing": (
        change("docs/dialogue.svg", "Pause", "Puase"),
        ["docs/dialogue.svg: stale. Update with: python -m tools diagram"],
    ),
    "a misspelt key of a prompt": (
        change(FINDING, 'home(turn, tell("find.nothing"))', 'home(turn, tell("find.noting"))'),
        [f"{at(FINDING, 'find.nothing')}: {LOCALE} has no prompt 'find.noting'. Did you mean find.nothing?"],
    ),
    "an unused prompt": (
        change(LOCALE, "  find.nothing:", "  find.never: Never mind.\n  find.nothing:"),
        [f"{at(LOCALE, '  find.nothing:')}: nothing says the prompt find.never. Remove it"],
    ),
    "a misspelt name of a value": (
        change(MOVING, 'tell("skip.exercise", exercise=', 'tell("skip.exercise", exercize='),
        [
            f"{at(MOVING, 'skip.exercise')}: the prompt skip.exercise has {{exercise}} ({LOCALE}:",
            "), and this gives it exercize. Give exercise in place of exercize",
        ],
    ),
    "a misspelt placeholder": (
        change(LOCALE, "The {exercise} needs something", "The {exersise} needs something"),
        [
            ": the prompt refuse.cannot has {exersise}, and lambda/stretch_coach/",
            " gives it exercise. Did you mean {exercise}?",
        ],
    ),
    "an intent that no row answers": (
        change(MODEL, "  SkipIntent:", "  BreatheIntent: {slots: {}, samples: []}\n  SkipIntent:"),
        [
            f"{at(MODEL, '  SkipIntent:')}: BreatheIntent: no row answers it. Add it to {TABLE}",
        ],
    ),
    "a figure changed in the policy": (
        change(POLICY, "400 days", "300 days"),
        [
            f"{at(POLICY, '400 days')}: it says '300 days after you last used it', and PROFILE_DAYS in lambda/",
            " is 400. Mend the wrong one",
        ],
    ),
    "a figure changed in the code": (
        change("lambda/stretch_coach/settings.py", "DEFAULT_SCREENING_MINUTES = 30", "DEFAULT_SCREENING_MINUTES = 45"),
        [
            f"{POLICY}:", "README.md:", "docs/operate.md:", "interaction_model/skill.source.yaml:",
            "and DEFAULT_SCREENING_MINUTES in lambda/stretch_coach/settings.py:6 is 45. Mend the wrong one",
        ],
    ),
    "a locale without words": (
        change(LOCALES, "en-CA:\n", "fr-FR: {}\nen-CA:\n"),
        [f"{at(LOCALES, 'en-CA:')}: fr-FR has no content/locale/fr-FR.yaml. Write it, or name with words:"],
    ),
}  # fmt: skip

MORE: dict[str, list[tuple[Callable[[Path], None], list[str]]]] = {
    "generated": [
        (
            change("interaction_model/en-GB.json", '"stretch coach"', '"the stretch coach"'),
            [f"interaction_model/en-GB.json: stale. {NOT_FOUND}"],
        ),
        (
            lambda tree: write(tree / "interaction_model/en-NZ.json", "{}"),
            ["interaction_model/en-NZ.json: nothing is built into it any more. Remove it"],
        ),
        (
            change("docs/clinical-scripts.md", "Script", "Scirpt"),
            ["docs/clinical-scripts.md: stale. Update with: python -m tools clinical-scripts"],
        ),
    ],
    "words": [
        (
            change("lambda/stretch_coach/dialogue/rules/checking.py", '"cannot_skip"', '"can_not_skip"'),
            [f": {SAFETY} has no word 'can_not_skip'. Did you mean cannot_skip?"],
        ),
        (
            change(GENERAL, 'f"days:{days}"', 'f"day:{days}"'),
            [f"{at(GENERAL, 'days:{days}')}: {LOCALE} has no word 'units.day'. Did you mean units.days?"],
        ),
        (
            change(GENERAL, 'tell("delete.kept")', "tell(turn.event.name.lower())"),
            [f"{at(GENERAL, 'delete.kept')}: the key of a spoken word is made of 'turn.event.name.lower()', which"],
        ),
        (
            change(LOCALE, "  skip.exercise: Okay, leaving out the {exercise}.\n", ""),
            [f"{at(MOVING, 'skip.exercise')}: {LOCALE} has no prompt 'skip.exercise'. "],
        ),
        (
            change(LOCALE, "    begin: I'm ready\n", "    begin: I'm ready\n    ended: Over\n"),
            [f"{LOCALE}:", ": nothing says screen.ended. Remove it"],
        ),
    ],
    "placeholders": [
        (
            change(MOVING, 'tell("skip.exercise", exercise=', 'tell("skip.exercise", **turn.names(), exercise='),
            [f"{at(MOVING, 'skip.exercise')}: what fills a spoken word is made of 'turn.names()', which"],
        ),
        (
            change(LOCALE, "Round {round} of {rounds}.", "Another of {rounds} rounds."),
            [": round is given, and the prompt routine.round has no {round}. Leave it out, or write {round} there"],
        ),
        (
            change(LOCALE, "Rest for {rest}.", "Rest for {rset}."),
            [f"{at(LOCALE, '  lead.rest:')}: the prompt lead.rest has {{rset}}, and ", "Did you mean {rest}?"],
        ),
        (
            change(LOCALE, "and on we go.", "and on {count} we go."),
            [f": the prompt lead.more_of_the_same has {{count}} ({LOCALE}:", ", and this gives it nothing. Give count"],
        ),
        (
            change(TURN_STATE, '"side": side_name', '"sied": side_name'),
            [f"{TURN_STATE}:", " has {side} (content/", "sied", ". Give side in place of sied"],
        ),
        (
            change(ADVISED, "because=found", "becuase=found"),
            [f"{ADVISED}:", ", and this gives it becuase. Give because in place of becuase"],
        ),
        (
            change(SAFETY, "call {emergency_number} again", "call {emergency_nmber} again"),
            [f"{SAFETY}:", ": the word emergency has {emergency_nmber}, and ", "Did you mean {emergency_number}?"],
        ),
    ],
    "intents": [
        (
            change(TABLE, '"WhyIntent": _row(advised.because_if_checked, *stay),', ""),
            [f"{at(MODEL, '  WhyIntent:')}: WhyIntent: no row answers it. Add it to {TABLE}"],
        ),
        (
            change(TABLE, '"HelpIntent": _row', '"BreatheIntent": _row(general.help_, *stay), "HelpIntent": _row'),
            [f"{at(TABLE, 'HelpIntent')}: BreatheIntent: {MODEL} has no such intent. Add it there, or remove its"],
        ),
        (
            change(TABLE, '"OtherSideIntent": _row', '"OtherSidIntent": _row'),
            [
                f"{at(MODEL, '  OtherSideIntent:')}: OtherSideIntent: no row answers it, and ",
                f"{at(TABLE, 'OtherSideIntent')} answers OtherSidIntent. Name them alike",
            ],
        ),
    ],
    "promises": [
        (
            change("docs/terms.md", "free of charge.", "free of charge for 90 days."),
            [f"{at('docs/terms.md', 'free of charge.')}: '90 days' comes from no constant. Add a row to"],
        ),
        (
            change("docs/operate.md", "under 8,000 characters", "short"),
            ["docs/operate.md: 'Speech under {} characters' is not there any more. Put it back, or mend its row in"],
        ),
        (
            change(CONTRACT, "PROFILE_DAYS: Final", "PROFILE_AGE: Final"),
            [f"{CONTRACT}: there is no constant PROFILE_DAYS. docs/privacy-policy.md promises it:"],
        ),
    ],
    "locales": [
        (
            change(LOCALES, "en-CA:\n", "de-DE: {words: en-US}\nen-CA:\n"),
            [f"{at(LOCALES, 'en-CA:')}: de-DE has no content/locale/de-DE.yaml. "],
        ),
        (
            change(LOCALES, "en-CA:\n", "en-NZ: {words: en-US}\nen-CA:\n"),
            [f": en-NZ has no numbers to call in {SAFETY}. Add them"],
        ),
        (
            change(LOCALES, "    HurtsIntent:\n", "    HurtIntent:\n"),
            [": en-IN: samples names HurtIntent, which is no intent of interaction_model/en-US.source"],
        ),
        (
            lambda tree: write(tree / GB, (tree / LOCALE).read_text("utf-8").replace("id: en-US", "id: en-GB")),
            [f"en-GB has {GB}, and the Lambda's bundle holds the words of en-US alone. Let it hold both first"],
        ),
    ],
    "files": [
        (
            change("content/schema/topic.schema.json", '"type": "object"', '"type": "objekt"'),
            ["content/schema/topic.schema.json: this is no JSON schema ('objekt' is not valid"],
        ),
        (
            change("content/schema/routine.schema.json", "{", "{,"),
            ["content/schema/routine.schema.json:1: this is not JSON ("],
        ),
        (
            change("lambda/stretch_coach/apl/home.json", "{", "{,"),
            ["lambda/stretch_coach/apl/home.json:1: this is not JSON (", "Mend the line"],
        ),
        (
            lambda tree: write(tree / TALK, "name: n\nturns:\n  - V: hello\n  - wait: long\n"),
            [f"{TALK}:3: unknown step `V`. ", f"{TALK}:4: “long” is no length of time. "],
        ),
        (
            change("tests/nlu/held_out.yaml", "in_scope:", "inn_scope:"),
            ["tests/nlu/held_out.yaml: this is no set of held-out sentences. Write in_scope:"],
        ),
    ],
    "code": [
        (change(FINDING, "def offer(", "def offer(("), [f"{FINDING}:", "this is not Python ("]),
    ],
}  # fmt: skip
"""Slips that are made together."""


def found_in(tree: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What the check prints of a tree, and that its exit code goes with it."""
    code = check.run([], tree)
    lines = capsys.readouterr().err.splitlines()
    assert code == (1 if lines else 0)
    return lines


def test_the_copy_has_no_problems(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A problem found below comes from the slip alone."""
    assert found_in(tree, capsys) == []


@pytest.mark.parametrize(("slip", "expected"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_named(
    slip: Callable[[Path], None], expected: list[str], tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The check fails, and says file, line (where there is one), what is wrong and how to mend it."""
    slip(tree)
    lines = found_in(tree, capsys)
    for part in expected:
        assert any(part in line for line in lines), (part, lines)
    assert [line for line in lines if not FORM.match(line)] == []


@pytest.mark.parametrize("slips", MORE.values(), ids=MORE)
def test_slips_of_one_kind_are_all_named(
    slips: list[tuple[Callable[[Path], None], list[str]]], tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Mistakes in the same files, made together, are each named."""
    for slip, _ in slips:
        slip(tree)
    lines = found_in(tree, capsys)
    for part in (part for _, expected in slips for part in expected):
        assert any(part in line for line in lines), (part, lines)
    assert [line for line in lines if not FORM.match(line)] == []


def test_one_slip_never_hides_another(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Many slips at once, two unreadable files among them, are each named as if it were alone."""
    compared = {"a new exercise", "a stale manifest", "a stale page of red flags"}
    together = [name for name in SLIPS if name not in compared]
    for name in together:
        SLIPS[name][0](tree)
    write(tree / CUT_SHORT, "id: sciatic-nerve\nname: 'sciatic\n")
    lines = found_in(tree, capsys)
    for part in (
        *(part for name in together for part in SLIPS[name][1]),
        f"{CUT_SHORT}:2: the quote that opens here is not closed (",
    ):
        assert any(part in line for line in lines), (part, lines)
    # What is made of content cannot be compared while it is unreadable, and that is said.
    assert "red-flags: left out, because the library cannot be built. Mend content first" in lines
    assert any(line.startswith("interaction_model: not compared with its sources. Mend") for line in lines)
    assert lines[0].startswith("content/"), "what an author wrote comes first"


FOLLOWED: dict[str, tuple[list[Callable[[Path], None]], list[str], list[str]]] = {
    "an exercise that a routine has cannot be read": (
        [change("content/exercises/figure-four-stretch.yaml", "id: figure", "id: [figure")],
        ["content/exercises/figure-four-stretch.yaml:"],
        ["interaction_model: not compared with", "red-flags: left out, because"],
    ),
    "a red flag that others wait for cannot be read": (
        [lambda tree: change(awaited(tree), "id:", "id: [")(tree)],
        ["content/red_flags/"],
        ["interaction_model: not compared with", "red-flags: left out, because"],
    ),
    "a misspelt key of a prompt": ([SLIPS["a misspelt key of a prompt"][0]], [f"{FINDING}:"], []),
    "a misspelt key of a word": (
        [change("lambda/stretch_coach/dialogue/rules/checking.py", '"cannot_skip"', '"can_not_skip"')],
        ["lambda/stretch_coach/dialogue/rules/checking.py:"],
        [],
    ),
}


def awaited(tree: Path) -> str:
    """The file of a red flag whose follow-up decides whether another is asked."""
    texts = {path: path.read_text("utf-8") for path in sorted((tree / "content/red_flags").glob("*.yaml"))}
    for path, text in texts.items():
        ids = re.findall(r"\bid: *([\w-]+)", text)
        named = "".join(re.findall(r"relevant_if:.*(?:\n .*)?", "".join(texts[one] for one in texts if one != path)))
        if any(re.search(rf"\b{name}\b", named) for name in ids):
            return path.relative_to(tree).as_posix()
    raise AssertionError("no red flag waits for another: mend the test")


@pytest.mark.parametrize(("slips", "problems", "notes"), FOLLOWED.values(), ids=FOLLOWED)
def test_what_follows_from_a_slip_is_no_problem_of_its_own(
    slips: list[Callable[[Path], None]],
    problems: list[str],
    notes: list[str],
    tree: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One slip is one problem, and what could not be looked at for it is said and not counted."""
    for slip in slips:
        slip(tree)
    assert check.run([], tree) == 1
    told = capsys.readouterr()
    lines = told.err.splitlines()
    assert len(lines) == len(problems) + len(notes), lines
    assert all(any(line.startswith(part) for line in lines) for part in (*problems, *notes)), lines
    assert told.out.splitlines()[-1] == f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"


def test_a_note_is_not_counted() -> None:
    """What a type checker adds to an error is printed with it, and counted with it."""
    lines = ["a.py:1: error: Incompatible types  [assignment]", 'a.py:1: note: Left operand is of type "int"']
    assert check.Part("types", lines, 1.0).problems == 1


def test_what_is_drawn_from_code_follows_the_code(tree: Path) -> None:
    """A row that leaves the dialogue's table makes the drawing stale; the command line says so, and changes nothing."""
    change("lambda/stretch_coach/dialogue/table.py", '"NextIntent": _row(general.pick_for_me, S.CHOOSING),', "")(tree)
    before = {path: path.stat().st_mtime_ns for path in tree.rglob("*") if path.is_file()}
    there = os.environ | {"PYTHONPATH": f"{tree / 'lambda'}{os.pathsep}{tree}", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "tools", "check"], cwd=tree, env=there, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [f"docs/dialogue.svg: stale. {diagram.MEND}"]
    assert {path: path.stat().st_mtime_ns for path in tree.rglob("*") if path.is_file()} == before


def test_a_locale_without_words_is_never_built(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither a model nor the Lambda's document is made while a published locale has no words."""
    SLIPS["a locale without words"][0](tree)
    assert model.run([], tree) == 1
    assert "fr-FR has no content/locale/fr-FR.yaml. " in capsys.readouterr().err
    assert not (tree / "interaction_model/fr-FR.json").exists()
    with pytest.raises(ContentError, match=r"fr-FR has no content/locale/fr-FR\.yaml"):
        compiler.compile_document(tree)


def test_the_action_is_offered() -> None:
    """`python -m tools` lists the check with what it does."""
    assert TOOLS.known()["check"].startswith("Check content, code and every generated file")
