"""What fills a spoken word is followed to where it is given; what cannot be followed is refused, never passed."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from content_reader.documents import ROOT
from content_reader.yaml_reader import key_lines, load
from tools.checks import placeholders
from tools.checks.code import Code
from tools.checks.fillings import Filling, Fillings
from tools.checks.uses import Uses

LOCALE = load(ROOT / "content/locale/en-US.yaml")
SAFETY = load(ROOT / "content/safety/en-US.yaml")

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
    reprompt: str = "usual"

@dataclass(frozen=True)
class Advise:
    key: str
    values: dict = field(default_factory=dict)

@dataclass(frozen=True)
class Card:
    outcome: str
"""
SCRIPT = """
from stretch_coach.acts import Ask, Tell

def prompt_text(library, key, values):
    return library.locale.prompt(key, 0).format_map(values)

def amount(library, number, unit):
    one, many = library.locale.words["units"][unit]
    return one if number == 1 else many

def said(library, act):
    match act:
        case Tell(key, values) | Ask(key, values):
            return prompt_text(library, key, values)
"""
HERE = """
from dataclasses import replace
from stretch_coach.acts import Ask, Tell

def tell(key, **values):
    return Tell(key, values)

def handed(key, values):
    return tell(key, **values)

def place(turn):
    return {"exercise": turn.exercise, "side": turn.side}

%s
"""
FOLLOWED: dict[str, tuple[str, list[tuple[set[str], set[str]]]]] = {
    "by keyword": ("tell('a', count=1)", [({"a"}, {"count"})]),
    "by two functions": ("handed('a', {'count': 1})", [({"a"}, {"count"})]),
    "each caller's own": ("handed('a', {'x': 1})\nhanded('b', {'y': 2})", [({"a"}, {"x"}), ({"b"}, {"y"})]),
    "from a function": (
        "def say(turn):\n    return tell('a', **place(turn), n=1)", [({"a"}, {"exercise", "side", "n"})],
    ),
    "a name given twice": (
        "def say(turn):\n    more = place(turn)\n    more = {'n': 1}\n    return Tell('a', more)", [({"a"}, {"n"})],
    ),
    "a name given more on the way": (
        "def say(turn):\n    v = {'n': 1}\n    if turn:\n        v = {**v, 'm': 2}\n    return Tell('a', v)",
        [({"a"}, {"n"}), ({"a"}, {"n", "m"})],
    ),
    "a round of a loop to the next": (
        "def say(turn):\n    v = {'n': 1}\n    for one in turn:\n        Tell('a', v)\n        v = {'m': 1}",
        [({"a"}, {"n"}), ({"a"}, {"m"})],
    ),
    "nothing": ("Ask('a')", [({"a", "usual"}, set())]),
    "another key for the same": (
        "T = {'a': 'b', **dict.fromkeys(('c',), 'e')}\nA = Ask('c', {'n': 1}, 'r')\nreplace(A, prompt=T.get(A.p, A.p))",
        [({"c", "r"}, {"n"}), ({"e"}, {"n"})],
    ),
    "past what fills": ("def say(library):\n    return library.locale.prompt('a', 0)", [({"a"}, set())]),
}  # fmt: skip
REFUSED = {
    "a parameter of whoever calls": "def names(more):\n    return {**more}\ntell('a', **names({'n': 1}))",
    "a name of a key": "K = input()\nTell('a', {K: 1})",
    "a foreign function": "Tell('a', dict(n=1))",
    "an attribute": "def say(turn):\n    return Tell('a', turn.known)",
    "unpacked": "def say(turn):\n    key, values = turn.both\n    return Tell('a', values)",
    "joined": "def say(turn):\n    return Tell('a', turn.one | {'n': 1})",
    "another key by no table": "replace(Ask('a'), prompt=input())",
}


def fillings(tree: Path, code: str) -> tuple[list[Filling], list[str]]:
    """What is found in a small tree with the given code at its end."""
    package = tree / "lambda" / "stretch_coach"
    texts = {"acts.py": ACTS, "speech/script.py": SCRIPT, "session.py": "", "here.py": HERE % code}
    for name, text in texts.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(text, "utf-8")
    read = Code(tree / "lambda", tree)
    known = Uses(read, ROOT)
    return Fillings(read, known.texts).all()


@pytest.mark.parametrize(("code", "expected"), FOLLOWED.values(), ids=FOLLOWED)
def test_values_are_followed(code: str, expected: list[tuple[set[str], set[str]]], tmp_path: Path) -> None:
    """Whichever way values come to a key, their names are known with it, each way by itself."""
    found, untold = fillings(tmp_path, code)
    assert untold == []
    here = [(set(one.keys), set(one.given)) for one in found if "here.py" in one.where and one.keys]
    assert all(one in here for one in expected), here
    assert len(here) == len(expected), here


@pytest.mark.parametrize("code", REFUSED.values(), ids=REFUSED)
def test_values_that_nobody_can_see_are_refused(code: str, tmp_path: Path) -> None:
    """Where it cannot be told what fills a word, the place is named with its line."""
    _, untold = fillings(tmp_path, code)
    assert [one for one in untold if one.startswith("lambda/stretch_coach/here.py:")], untold


def test_our_code_can_be_followed_and_fills_every_word() -> None:
    """Everything the coach says is filled with exactly what it has placeholders for, and none of it out of sight."""
    code = Code(ROOT / "lambda", ROOT)
    known = Uses(code, ROOT)
    known.all()
    found, untold = Fillings(code, known.texts).all()
    assert untold == []
    assert placeholders.compare(ROOT, found) == []
    assert {"exercise", "side", "routine", "because", "rest"} <= {name for one in found for name in one.given}


TEXTS: dict[str, list[tuple[str, ...]]] = {
    "locale": [("prompts", key) for key, text in LOCALE["prompts"].items() if "{" in str(text)],
    "safety": [("left", "many"), ("because", "yes"), ("because", "not_sure"), ("locked", "stays"), ("safety_net",),
               ("intro", "full"), ("outcomes", "soon", "card_text"), ("outcomes", "same_day", "say")],
}  # fmt: skip


@pytest.mark.parametrize("kind", TEXTS)
def test_no_placeholder_is_unchecked(kind: str, tmp_path: Path) -> None:
    """Whichever word has a placeholder of another name, its line is named, and nothing is when it has its own."""
    code = Code(ROOT / "lambda", ROOT)
    known = Uses(code, ROOT)
    known.all()
    said, _ = Fillings(code, known.texts).all()
    path = tmp_path / "content" / kind / "en-US.yaml"
    path.parent.mkdir(parents=True)
    for place in TEXTS[kind]:
        document = copy.deepcopy(LOCALE if kind == "locale" else SAFETY)
        above: Any = document
        for step in place[:-1]:
            above = above[step]
        above[place[-1]] = json.loads(json.dumps(above[place[-1]]).replace("}", "x}"))
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False), "utf-8")
        line = key_lines(path)[place]
        found = placeholders.compare(tmp_path, said)
        assert any(one.startswith(f"content/{kind}/en-US.yaml:{line}: ") and "x}, and " in one for one in found), place
    path.write_text(json.dumps(LOCALE if kind == "locale" else SAFETY), "utf-8")
    assert placeholders.compare(tmp_path, said) == []
