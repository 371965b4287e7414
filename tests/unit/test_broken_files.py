"""Whatever is wrong with a file that people write is a line, and nothing passes that would break its reader."""

import random
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from content_reader.documents import ROOT, load_library
from simulator.scripts import script
from tools.checks import words
from tools.checks.code import Code
from tools.checks.uses import Use, Uses
from tools.content import compiler
from tools.publish import model, model_source

SEED = 20_261_126
ROUNDS = 100
"""Spoiled files of each kind; together about a quarter of a minute."""
CONTENT = (
    "content/exercises/standing-hip-abduction.yaml",
    "content/exercises/rotational-step-back.yaml",
    "content/exercises/glute-bridge.yaml",
    "content/exercises/low-lunge-hip-flexor-stretch.yaml",
    "content/routines/strength-circuit.yaml",
    "content/topics/what-is-sciatica.yaml",
    "content/red_flags/weight-loss.yaml",
    "content/red_flags/pregnant.yaml",
    "content/red_flags/born-female.yaml",
)
SPOKEN = ("content/locale/en-US.yaml", "content/safety/en-US.yaml")
SOURCES = tuple(model_source.SCHEMAS)
FEW = (*CONTENT, *SOURCES)
FORM = re.compile(r"^[^:\s]+( \([\w-]+\))?(:\d+)?: .+[.?:] .+")
VALUES = (
    "null", "[]", "{}", "''", "0", "-7", "1.5", "9" * 4_400, "true", "yes", "[[[a]]]", "{a: {b: {c: null}}}", "[null]",
    "{null: null}", "&x [*x]", "!!set {a}", "!tag a", "'{side}'", "'{'", "2026-01-01", "*nothing", '"\\ud83d"', "- a",
    "[{}, [], 1]", "{id: 3}", "1e999", "|",
)  # fmt: skip

Mutation = Callable[[list[str], random.Random], list[str]]


def _place(lines: list[str], chance: random.Random) -> int:
    return chance.randrange(len(lines)) if lines else 0


def _dropped(lines: list[str], chance: random.Random) -> list[str]:
    start = _place(lines, chance)
    return lines[:start] + lines[start + chance.choice((1, 1, 2, 5)) :]


def _doubled(lines: list[str], chance: random.Random) -> list[str]:
    place = _place(lines, chance)
    return [*lines[: place + 1], *lines[place:]]


def _swapped_value(lines: list[str], chance: random.Random) -> list[str]:
    """Another value after a key, or in place of an item."""
    places = [number for number, line in enumerate(lines) if re.match(r"\s*(- |[\w.-]+:)", line)]
    if not places:
        return [chance.choice(VALUES)]
    place = chance.choice(places)
    head = re.match(r"(\s*(?:- )?(?:[\w.-]+:)?) ?", lines[place])
    assert head is not None
    return [*lines[:place], f"{head[1]} {chance.choice(VALUES)}", *lines[place + 1 :]]


def _indented(lines: list[str], chance: random.Random) -> list[str]:
    place = _place(lines, chance)
    return [
        *lines[:place],
        chance.choice(("  ", " ", "\t", "- ")) + "".join(lines[place : place + 1]),
        *lines[place + 1 :],
    ]


def _outdented(lines: list[str], chance: random.Random) -> list[str]:
    place = _place(lines, chance)
    return [*lines[:place], "".join(lines[place : place + 1]).lstrip(), *lines[place + 1 :]]


def _cut(lines: list[str], chance: random.Random) -> list[str]:
    return "\n".join(lines)[: chance.randrange(1, 400)].split("\n")


def _emptied(_: list[str], chance: random.Random) -> list[str]:
    return [chance.choice(("", "# nothing", "null", "[]", "just words", "3", "---\n---", "- a\n- b"))]


def _garbled(lines: list[str], chance: random.Random) -> list[str]:
    """One character is another, such as a bracket, a quote or a control character."""
    text = "\n".join(lines)
    place = chance.randrange(len(text)) if text else 0
    return (text[:place] + chance.choice("[]{}'\":&*!|>%@`,#\t\x00\x07é\u2028-?") + text[place + 1 :]).split("\n")


def _renamed_key(lines: list[str], chance: random.Random) -> list[str]:
    places = [number for number, line in enumerate(lines) if re.match(r"\s*[\w.-]+:", line)]
    if not places:
        return lines
    place = chance.choice(places)
    key = chance.choice(("3", "null", "~", "<<", "? a", "[a]", "extra", "id"))
    return [*lines[:place], re.sub(r"[\w.-]+:", f"{key}:", lines[place], count=1), *lines[place + 1 :]]


MUTATIONS: tuple[Mutation, ...] = (
    _dropped, _doubled, _swapped_value, _swapped_value, _swapped_value, _indented, _outdented, _cut, _emptied, _garbled,
    _renamed_key,
)  # fmt: skip


def mutated(text: str, chance: random.Random) -> bytes:
    """A file with one to three mistakes, now and then in another encoding."""
    lines = text.split("\n")
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        lines = chance.choice(MUTATIONS)(lines, chance)
    spoiled = "\n".join(lines)
    return spoiled.encode(chance.choice(("utf-8",) * 9 + ("utf-16",)), "surrogatepass")


@pytest.fixture(name="tree", scope="module")
def _tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few real files of each kind, all schemas, and the sources of the models: nothing is wrong with them."""
    tree = tmp_path_factory.mktemp("tree")
    for name in ("content/locale", "content/safety", "content/schema", "interaction_model/schema"):
        shutil.copytree(ROOT / name, tree / name)
    for name in FEW:
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tree / name)
    assert compiler.problems(tree) == []
    assert model_source.examine(tree)[1:] == ([], [])
    return tree


@pytest.fixture(name="uses", scope="module")
def _uses() -> list[Use]:
    """The keys that our code uses."""
    uses, unknown = Uses(Code(ROOT / "lambda", ROOT), ROOT).all()
    assert unknown == []
    return uses


def loads(tree: Path) -> bool:
    """Whether the Lambda's library could be built."""
    try:
        load_library(root=tree)
    except Exception:  # noqa: BLE001 - whatever stops it
        return False
    return True


@contextmanager
def spoiled(tree: Path, names: Sequence[str], number: int) -> Iterator[str]:
    """One of some files, spoiled for a while in the way that a number stands for; its name."""
    chance = random.Random(f"{SEED}.{number}")
    name = chance.choice(names)
    before = (tree / name).read_bytes()
    try:
        (tree / name).write_bytes(mutated(before.decode("utf-8"), chance))
        yield name
    finally:
        (tree / name).write_bytes(before)


@pytest.mark.parametrize("names", [CONTENT, SPOKEN], ids=["items", "spoken"])
def test_no_content_file_breaks_the_check(names: Sequence[str], tree: Path, uses: Sequence[Use]) -> None:
    """Each spoiled file gives lines and no exception, and one that names it where the library cannot be built."""
    broken = 0
    for number in range(ROUNDS):
        with spoiled(tree, names, number) as name:
            spoiling = f"{name} spoiled as number {number} of seed {SEED}: {(tree / name).read_bytes()!r}"
            try:
                found = [*compiler.problems(tree), *words.compare(tree, uses)]
            except Exception as error:
                raise AssertionError(spoiling) from error
            assert [line for line in found if not FORM.match(line)] == [], spoiling
            if not loads(tree):
                broken += 1
                assert any(line.startswith(name) for line in found), (spoiling, found)
    assert broken > ROUNDS // 10, "too little was broken for this to mean anything"


def test_no_source_of_a_model_breaks_its_making(tree: Path) -> None:
    """A spoiled source is refused by a line that names it, or the models can be made of it."""
    refused = 0
    for number in range(ROUNDS):
        with spoiled(tree, SOURCES, number) as name:
            spoiling = f"{name} spoiled as number {number} of seed {SEED}"
            try:
                sources, wrong, _ = model_source.examine(tree)
                broken = [] if sources is None else model.generated(sources, tree)[1]
            except Exception as error:
                raise AssertionError((spoiling, (tree / name).read_bytes())) from error
            assert [line for line in (*wrong, *broken) if not FORM.match(line)] == [], spoiling
            if sources is None:
                refused += 1
                assert any(name in line for line in wrong), (spoiling, wrong)
    assert refused > ROUNDS // 10, "too little was broken for this to mean anything"


@pytest.mark.parametrize("number", range(40))
def test_no_conversation_breaks_its_reader(number: int) -> None:
    """A spoiled conversation gives lines, or can be played."""
    chance = random.Random(f"{SEED}.{number}")
    path = chance.choice(sorted((ROOT / "tests" / "dialogues").rglob("*.yaml")))
    text = mutated(path.read_text("utf-8"), chance).decode("utf-8", "replace")
    found = script.problems(text, "x.yaml")
    assert [line for line in found if not FORM.match(line)] == []
    if not found:
        assert script.parse(text, "x.yaml").steps is not None
