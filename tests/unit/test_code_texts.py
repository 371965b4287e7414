"""Which texts an expression can come to: everything that our code does to keys is followed, the rest is refused."""

from pathlib import Path

import pytest

from tools.checks.code import Code
from tools.checks.texts import Texts, Unknown

OTHER = """
from enum import StrEnum
from typing import Literal

class Color(StrEnum):
    RED = "red"
    BLUE = "blue"

Size = Literal["small", "large"]
ONE = {"a": "x.one", **dict.fromkeys(("b", "c"), "x.more")}
ALL = frozenset(map(str, Color)) - {"red"} | {"green"}
"""
MAIN = """
from shop import other
from shop.other import ONE, Color, Size

TABLE = {Color.RED: "key.red", Color.BLUE: "key.blue"}


def used(key):
    pass


def chosen(number, word="word.usual"):
    if number:
        return "word.one" if number == 1 else word
    return None


def grown(side):
    key = "part"
    if side:
        key = f"{key}_more"
    return f"{key}_side" if side else key


def sized(size: Size):
    return "size." + size


def again(word):
    word = word if word in {"a", "b"} else "c"
    return word


chosen(3, "word.other")
again("a")
again(word="b")
EXPRESSION = %s
"""


def told(tmp_path: Path, expression: str) -> set[str]:
    """The texts of an expression in a small package."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "other.py").write_text(OTHER, "utf-8")
    (tmp_path / "shop" / "main.py").write_text(MAIN % expression, "utf-8")
    code = Code(tmp_path, tmp_path)
    assert code.faults == []
    module = code.modules["shop.main"]
    texts = Texts(code, {"color": "shop.other.Color", "kind": ["new", "old"], "looked_at": None})
    found = {one.text for one in texts.of(module.constants["EXPRESSION"], module)}
    assert texts.unknown == []
    return found


FOLLOWED = {
    '"a"': {"a"},
    '"a" if now else "b"': {"a", "b"},
    '("a", "b")[place - 1]': {"a", "b"},
    '{0: "a", 1: "b"}.get(when, "c")': {"a", "b", "c"},
    'f"x.{Color.RED}" + "_y"': {"x.red_y"},
    "TABLE[color]": {"key.red", "key.blue"},
    "ONE[which]": {"x.one", "x.more"},
    "other.ONE.get(which, 'z')": {"x.one", "x.more", "z"},
    "other.ALL": {"blue", "green"},
    '[f"x.{one}" for one in ("a", "b")]': {"x.a", "x.b"},
    "chosen(1)": {"word.one", "word.usual", "word.other"},
    "grown(True)": {"part", "part_side", "part_more", "part_more_side"},
    "sized(any_size)": {"size.small", "size.large"},
    "again(word=3)": {"a", "b", "c"},
    'f"x.{thing.color}"': {"x.red", "x.blue"},
    'f"x.{thing.kind}"': {"x.new", "x.old"},
    "thing.looked_at": set[str](),
    'str(max("a", "b", key=len))': {"a", "b"},
}


@pytest.mark.parametrize(("expression", "texts"), FOLLOWED.items())
def test_what_can_be_told_is_told(expression: str, texts: set[str], tmp_path: Path) -> None:
    """Literals, choices, tables, enums, parameters, returns and names made from themselves are all followed."""
    assert told(tmp_path, expression) == texts


@pytest.mark.parametrize(
    "expression",
    [
        "ask()", "thing.other", "unheard_of", 'f"x.{3 + 4}"', '"x" * 2', "thing.name.lower()", "lambda: 'a'",
        'f"x.{thing.looked_at}"', '"a".join(("b", "c"))', "[one for one in many]", "ONE | thing.many", "await_it[0]",
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_refused(expression: str, tmp_path: Path) -> None:
    """Nothing that comes from data, or is made in a way that is not followed, passes for known."""
    with pytest.raises(Unknown) as caught:
        told(tmp_path, expression)
    assert caught.value.where.startswith("shop/main.py:")


def test_a_caller_that_cannot_be_told_hides_no_other(tmp_path: Path) -> None:
    """One call with a made-up key is refused by itself; what the others give is known."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "other.py").write_text("", "utf-8")
    text = 'def told(key):\n    return key\n\n\ntold("a")\ntold(ask())\ntold("b")\nEXPRESSION = told("c")\n'
    (tmp_path / "shop" / "main.py").write_text(text, "utf-8")
    code = Code(tmp_path, tmp_path)
    module, texts = code.modules["shop.main"], Texts(code, {})
    assert {one.text for one in texts.of(module.constants["EXPRESSION"], module)} == {"a", "b", "c"}
    assert [one.where for one in texts.unknown] == ["shop/main.py:6"]
