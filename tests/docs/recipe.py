"""The recipes of CONTRIBUTING.md, read and carried out as they are written.

A recipe is a section of level 3 under "Recipes". Its fenced blocks are what a contributor does, in order. The first
word after the fence says what kind of block it is, and then the file, where it has one:

* `yaml PATH (new)`, or another language: a file that is to be made with this text;
* `diff PATH`: lines that begin with ``+`` go in and lines with ``-`` go out, beside lines that begin with a blank and
  stand in the file as they are; ``@@`` alone on a line leads to another place of the same file;
* `sh`: commands, which have to succeed.
"""

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^ *```(\w+)(?: ([^\s()]+))?( \(new\))?\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SECTION = re.compile(r"^### ([^\n]+)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)


PAGE = "CONTRIBUTING.md"


class RecipeError(Exception):
    """A recipe that does not do what it says; the text says which, what came of it, and where it is to be mended."""

    def __init__(self, recipe: str, problem: str) -> None:
        super().__init__(
            f'{PAGE}, "{recipe}": this recipe no longer fits the code. {problem}\n'
            f"Mend what you changed, or update the recipe in {PAGE} in the same change."
        )


@dataclass(frozen=True)
class Block:
    kind: str
    path: str
    """The file it makes or changes; empty for commands."""
    is_new: bool
    text: str
    recipe: str = ""
    """Title of the section it stands in."""

    def carry_out(self, tree: Path, environ: Mapping[str, str]) -> None:
        """Do it in `tree`; raises RecipeError."""
        if self.kind == "sh":
            run(self.text, tree, environ, self.recipe)
        elif self.kind == "diff":
            self._change(tree / self.path)
        elif self.is_new:
            self._make(tree / self.path)

    def _make(self, file: Path) -> None:
        if file.exists():
            raise RecipeError(self.recipe, f"It makes {self.path} anew, and there is such a file.")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(self.text, "utf-8")

    def _change(self, file: Path) -> None:
        if not file.is_file():
            raise RecipeError(self.recipe, f"It changes {self.path}, and there is no such file.")
        text = file.read_text("utf-8")
        for hunk in re.split(r"^@@\n", self.text, flags=re.MULTILINE):
            before, after = (_side(hunk, mark) for mark in "-+")
            if text.count(before) != 1:
                stand = f"these lines, which stand there {text.count(before)} times instead of once:\n{before}"
                raise RecipeError(self.recipe, f"In {self.path} it changes {stand}")
            text = text.replace(before, after)
        file.write_text(text, "utf-8")


def _side(hunk: str, mark: str) -> str:
    """The lines of a hunk that stand before it (mark ``-``) or after it (mark ``+``), whole lines only."""
    return "\n" + "".join(f"{line[1:]}\n" for line in hunk.splitlines() if line[:1] in {" ", mark, ""})


def run(commands: str, tree: Path, environ: Mapping[str, str], recipe: str) -> None:
    """Run shell commands in `tree`, the first that fails being the last; raises RecipeError, which names `recipe`."""
    done = subprocess.run(
        ["sh", "-euc", commands], cwd=tree, env=dict(environ), check=False, capture_output=True, text=True
    )
    if done.returncode:
        ran = f"{commands}exit {done.returncode}\n{done.stdout}{done.stderr}"
        raise RecipeError(recipe, f"With it, these commands fail:\n{ran}")


def blocks(section: str, title: str) -> Iterator[Block]:
    """The fenced blocks of a piece of Markdown with a title, indented ones (in a list) too."""
    for found in FENCE.finditer(section):
        kind, path, new, text = found.groups()
        indent = len(found[0]) - len(found[0].lstrip(" "))
        yield Block(kind, path or "", bool(new), re.sub(rf"^ {{{indent}}}", "", text, flags=re.MULTILINE), title)


def recipes(page: str) -> dict[str, Sequence[Block]]:
    """Title to blocks of every recipe in a page."""
    _, _, under = page.partition("\n## Recipes\n")
    under, _, _ = under.partition("\n## ")
    return {title: list(blocks(body, title)) for title, body in SECTION.findall(under + "\n")}
