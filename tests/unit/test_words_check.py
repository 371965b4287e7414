"""No key of a spoken word gets past the check: each one that is there is used, and each use is seen."""

import json
from pathlib import Path
from typing import Any

import pytest

from content_reader.documents import ROOT
from content_reader.yaml_reader import load
from tools.checks import words
from tools.checks.code import Code
from tools.checks.uses import Use, Uses

LOCALE = "content/locale/en-US.yaml"
SAFETY = "content/safety/en-US.yaml"
ACTS = """
from dataclasses import dataclass, field

@dataclass(frozen=True)
class Tell:
    prompt: str
    values: dict = field(default_factory=dict)

@dataclass(frozen=True)
class Ask:
    prompt: str
    values: dict = field(default_factory=dict)
    reprompt: str = "a"

@dataclass(frozen=True)
class Advise:
    key: str

@dataclass(frozen=True)
class Card:
    outcome: str
"""
SCRIPT = """
def prompt_text(library, key, values):
    return library.locale.prompt(key, 0)

def amount(library, number, unit):
    one, many = library.locale.words["units"][unit]
    return one if number == 1 else many
"""
REFUSED = {
    "handed on": ("from functools import partial\nsay = partial(Tell, 'a')", 3, "Tell, which takes the key of a word"),
    "a function handed on": (
        "def say(key):\n    return Tell(key)\nsay('a')\nall_said = list(map(say, ['b', 'c']))",
        5,
        "say, which takes the key",
    ),
    "spread out": ("Tell(*['a'])", 2, "acts.Tell is given no prompt that can be read"),
    "spread by name": ("more = {'reprompt': 'b'}\nAsk('a', **more)", 3, "acts.Ask is given no reprompt that can be"),
    "from a session": ("def say(session):\n    return Tell(session.word)", 3, "made of 'session.word', which cannot"),
    "through another name": ("T = Tell\nT(input())", 3, "made of 'input()'"),
    "through another module": ("import stretch_coach.acts as a\na.Tell(input())", 3, "made of 'input()'"),
    "through a dotted module": ("import stretch_coach.acts\nstretch_coach.acts.Tell(input())", 3, "made of 'input()'"),
    "a changed act": ("from dataclasses import replace\nreplace(Ask('a'), prompt=input())", 3, "made of 'input()'"),
    "past the locale": ("def say(library, key):\n    return library.locale.prompts[key]", 3, "prompts is looked into"),
    "a word by chance": ("def say(library):\n    return library.locale.words[input()]", 3, "looked up by 'input()'"),
}


@pytest.fixture(name="uses", scope="module")
def _uses() -> list[Use]:
    """The keys that our code uses, every one of which can be told."""
    uses, unknown = Uses(Code(ROOT / "lambda", ROOT), ROOT).all()
    assert unknown == []
    return uses


def written(tree: Path, name: str, document: Any) -> Path:
    """A tree with a document as the one file of its kind."""
    (tree / name).parent.mkdir(parents=True)
    (tree / name).write_text(json.dumps(document, indent=1), "utf-8")
    return tree


def test_every_prompt_is_missed_under_its_own_name(tmp_path: Path, uses: list[Use]) -> None:
    """With every prompt renamed, each use is named with its line, and each new name, as what was meant or as unused."""
    document = load(ROOT / LOCALE)
    keys = list(document["prompts"])
    document["prompts"] = {f"{key}_": value for key, value in document["prompts"].items()}
    found = words.compare(written(tmp_path, LOCALE, document), uses)
    for key in keys:
        assert any(line.startswith("lambda/") and f"{LOCALE} has no prompt {key!r}. " in line for line in found), key
        meant, unused = f"Did you mean {key}_?", f": nothing says the prompt {key}_. "
        is_unused = any(line.startswith(f"{LOCALE}:") and unused in line for line in found)
        assert is_unused != any(line.endswith(meant) for line in found), key


def test_every_word_that_is_added_is_unused(tmp_path: Path, uses: list[Use]) -> None:
    """A word beside each of those that are read one by one is noticed; those read all together may grow."""
    document = load(ROOT / LOCALE)
    whole = {"numbers", "sides"}
    names = [name for name, value in document["words"].items() if isinstance(value, dict) and name not in whole]
    for name in names:
        document["words"][name]["spare"] = "spare"
    document["words"]["spare"] = "spare"
    found = words.compare(written(tmp_path, LOCALE, document), uses)
    assert {line.partition(": nothing says ")[2].partition(". ")[0] for line in found} == {
        "spare", *(f"{name}.spare" for name in names),
    }  # fmt: skip


@pytest.mark.parametrize("name", [LOCALE, SAFETY])
def test_no_word_can_be_taken_away(name: str, tmp_path: Path, uses: list[Use]) -> None:
    """Each group of words that is left out is missed where it is read."""
    document = load(ROOT / name)
    groups = document["words"] if name == LOCALE else document
    groups = {key: one for key, one in groups.items() if key not in {"id", "reviewed"}}
    for number, group in enumerate(groups):
        rest = {key: one for key, one in groups.items() if key != group}
        changed = {**document, "words": rest} if name == LOCALE else {"id": "en-US", **rest}
        found = words.compare(written(tmp_path / str(number), name, changed), uses)
        assert any(line.startswith("lambda/") and f"{name} has no word '{group}" in line for line in found), group


@pytest.mark.parametrize(("code", "line", "expected"), REFUSED.values(), ids=REFUSED)
def test_a_key_that_nobody_can_see_is_refused(code: str, line: int, expected: str, tmp_path: Path) -> None:
    """However a key is made, handed on or looked up out of sight, the place is named."""
    package = tmp_path / "lambda" / "stretch_coach"
    for name, text in {
        "acts.py": ACTS,
        "speech/script.py": SCRIPT,
        "session.py": "",
        "here.py": f"from stretch_coach.acts import Ask, Tell\n{code}\n",
    }.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text, "utf-8")
    _, unknown = Uses(Code(tmp_path / "lambda", tmp_path), ROOT).all()
    place = f"lambda/stretch_coach/here.py:{line}: "
    assert [one for one in unknown if one.startswith(place) and expected in one], unknown
