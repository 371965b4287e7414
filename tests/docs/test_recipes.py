"""The recipes of CONTRIBUTING.md work as written: each is carried out in a copy of this tree, and then talked to."""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.docs.recipe import Block, RecipeError, recipes, run

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (
    "bench",
    "content",
    "content_reader",
    "docs",
    "infra",
    "interaction_model",
    "lambda",
    "scripts",
    "simulator",
    "sound",
    "tests",
    "tools",
    "understanding",
    "webservice",
)
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
RECIPES = recipes(PAGE)
PROMISED = {"A new exercise", "A synonym", "A red-flag wording", "An intent, end to end", "A count style", "A setting"}
PLAY = "stretch-coach play "


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of everything a recipe may change or run."""
    copy = tmp_path / "stretch-coach"
    ignored = shutil.ignore_patterns("__pycache__", "node_modules", ".*_cache")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, copy / name, ignore=ignored)
    for file in ROOT.iterdir():
        if file.is_file():
            shutil.copy(file, copy)
    return copy


@pytest.fixture
def environ(tree: Path) -> dict[str, str]:
    """The environment of a contributor's shell: this Python's commands, the copy's modules, a home of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STRETCH_COACH_", "COVERAGE_"))}
    return kept | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f"{tree}{os.pathsep}{tree / 'lambda'}",
        "HOME": str(tree.parent),
        "XDG_DATA_HOME": str(tree.parent / "data"),
    }


def talks(blocks: list[Block]) -> str:
    """The commands of a recipe that talk to the coach."""
    lines = (line for block in blocks if block.kind == "sh" for line in block.text.splitlines())
    return "".join(f"{line}\n" for line in lines if PLAY in line)


def test_every_promised_recipe_is_there() -> None:
    """The page has a recipe for each kind of change a first contribution usually is, and no other."""
    assert RECIPES.keys() == PROMISED


@pytest.mark.parametrize("title", sorted(RECIPES))
def test_recipe(title: str, tree: Path, environ: Mapping[str, str]) -> None:
    """Before the recipe its conversation fails; step by step it succeeds, and then every check is clean."""
    blocks = list(RECIPES[title])
    talk = [block for block in blocks if block.is_new and f"{PLAY}{block.path}" in talks(blocks)]
    assert talk, f"{title}: no conversation is written and played"
    for block in talk:
        block.carry_out(tree, environ)
    with pytest.raises(RecipeError, match="exit 1"):
        run(talks(blocks), tree, environ, title)
    for block in blocks:
        if block not in talk:
            block.carry_out(tree, environ)
    python = " ".join(block.path for block in blocks if block.path.endswith(".py"))
    clean = f"ruff check --no-cache {python}\nruff format --no-cache --check {python}\n" if python else ""
    run(f"python -m tools check\n{clean}", tree, environ, title)


def test_types_hold_after_all_recipes(tree: Path, environ: Mapping[str, str]) -> None:
    """With every recipe's changes made at once, mypy finds nothing."""
    for blocks in RECIPES.values():
        for block in blocks:
            if block.kind != "sh":
                block.carry_out(tree, environ)
    run("mypy --no-incremental lambda simulator", tree, environ, "all recipes together")


@pytest.mark.parametrize(
    ("block", "says"),
    [
        (Block("diff", "a.txt", is_new=False, text="-gone\n+come\n", recipe="A synonym"), "In a.txt it changes these "),
        (
            Block("diff", "b.txt", is_new=False, text="-a\n+b\n", recipe="A synonym"),
            "It changes b.txt, and there is no ",
        ),
        (
            Block("yaml", "a.txt", is_new=True, text="b\n", recipe="A synonym"),
            "It makes a.txt anew, and there is such ",
        ),
        (Block("sh", "", is_new=False, text="exit 3\n", recipe="A synonym"), "these commands fail:\nexit 3\nexit 3\n"),
    ],
)
def test_a_recipe_that_no_longer_fits_is_named(block: Block, says: str, tmp_path: Path) -> None:
    """Whoever changed the code is told which section of the page to update, and what in it does not fit."""
    (tmp_path / "a.txt").write_text("here\n", "utf-8")
    with pytest.raises(RecipeError) as caught:
        block.carry_out(tmp_path, os.environ)
    told = str(caught.value)
    assert told.startswith('CONTRIBUTING.md, "A synonym": this recipe no longer fits the code. ')
    assert says in told
    assert told.endswith("\nMend what you changed, or update the recipe in CONTRIBUTING.md in the same change.")
