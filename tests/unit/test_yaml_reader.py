"""The one reader of YAML: what words mean in it, and that nothing a file holds breaks it."""

from pathlib import Path

import pytest

from bench import understanding
from content_reader.yaml_reader import MOST_DEPTH, Places, key_lines, load, parse, read
from simulator.scripts import script
from stretch_coach.errors import ContentError
from tools.publish import model_source

BOMB = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
"""Nine lines that come to four thousand million values."""

UNREADABLE = {
    "an unknown escape": ('a: "\\q"', "1: this is not YAML (found unknown escape character). Mend"),
    "a tab": ("a:\n\t- b", "2: a tab stands in front of the text. Use spaces"),
    "a tab further in": ("a:\n  - b\n \t- c", "3: a tab stands in front of the text. Use spaces"),
    "an open bracket": ("a: 1\nb: [", "2: the bracket that opens here is not closed ("),
    "an open bracket before a key": ("a: 1\nb: [c\nd: e\nf: g", "2: the bracket that opens here is not closed"),
    "an open brace in a list": ("a:\n  - {b: c\n  - {b: d}", "2: the bracket that opens here is not closed"),
    "a comma that is missing": ("a: [b,\n  {c: d e: f}]", "2: the bracket that opens here is not closed ("),
    "an open quote": ("a: 'b\nc: d\ne: f", "1: the quote that opens here is not closed ("),
    "an open double quote": ('a: 1\nb: "c\nd: e', "2: the quote that opens here is not closed ("),
    "an open quote before an apostrophe": ("a: 'b\nc: d\ne: don't\n", "1: the quote that opens here is not closed"),
    "an open quote in a list": ("- 'b\n- it's\n", "1: the quote that opens here is not closed ("),
    "an unknown alias in brackets": ("a: [b,\n  *c]", "2: this is not YAML (found undefined alias)"),
    "a character in brackets": ("a: [b,\n  @c]", "2: this is not YAML (found character that cannot start any token)"),
    "a control character": ("a: 1\nb: \x07", "2: a character that may not stand in YAML"),
    "a lone surrogate": ("a: \ud800", "1: this is not YAML (UnicodeEncodeError). Compare"),
    "two documents": ("a: 1\n---\nb: 2", "2: this is not YAML (but found another document)"),
    "brackets without end": ("[" * 200_000, f"1: nested more than {MOST_DEPTH} deep. Look for"),
    "dashes without end": ("- " * 50_000, f"1: nested more than {MOST_DEPTH} deep. Look for"),
    "a staircase": ("\n".join(f"{' ' * depth}a:" for depth in range(300)), "52: nested more than"),
    "an alias of nothing": ("a: *b", "1: this is not YAML (found undefined alias)"),
    "an alias inside itself": (
        "a: 1\nb: &b [*b]",
        "2: an alias stands inside what it stands for. Write the values out",
    ),
    "a merge of itself": ("a: &a\n  <<: *a", "1: an alias stands inside what it stands for."),
    "aliases of aliases": (BOMB, "1: aliases of aliases come to "),
    "a merge of a number": ("a:\n  <<: 3", "2: << takes the fields of a mapping, and this is none."),
    "a number of 5,000 digits": (f"a: {'9' * 5_000}", "1: a number of 5000 digits. Use fewer"),
    "a number beyond all": ("a: 1e999", "1: the number '1e999' is too large."),
    "a list as a key": ("? [a, b]\n: c", "1: a list or a mapping is no key."),
    "a tag of Python's": ("!!python/object:os.system {}", "1: the tag python/object:os.system may not stand here."),
    "a set": ("!!set {a, b}", "1: the tag set may not stand here. Remove it"),
    "bytes": ("a: !!binary x", "1: 'x' may not have the tag binary. Remove the tag"),
    "a word as a number": ("a: !!int b", "1: 'b' may not have the tag int. Remove the tag"),
    "a word as a time": ("a: !!timestamp b", "1: 'b' may not have the tag timestamp."),
    "a list as text": ("a: !!str [1]", "1: the tag str may not stand here."),
}


@pytest.mark.parametrize(("text", "expected"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_a_line(text: str, expected: str) -> None:
    """Each kind of unreadable text gives a line with file, line and mend, no document, and no exception."""
    document, faults = parse(text, "x.yaml")
    assert document is None
    assert any(fault.startswith(f"x.yaml:{expected}") for fault in faults), faults
    assert all(". " in fault and "\n" not in fault for fault in faults)


def test_several_faults_are_all_named() -> None:
    """Two keys given twice and one that is no text are three lines, and the rest can still be looked at."""
    document, faults = parse("a: 1\na: 2\n3: b\nc: {d: 1, d: 2}\n", "x.yaml")
    assert [fault.partition(": ")[0] for fault in faults] == ["x.yaml:2", "x.yaml:3", "x.yaml:4"]
    assert document == {"a": 2, "3": "b", "c": {"d": 2}}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"), ("No", "No"), ("on", "on"), ("OFF", "OFF"), ("y", "y"), ("true", True), ("False", False),
        ("12", 12), ("-3", -3), ("0", 0), ("012", "012"), ("0x1f", "0x1f"), ("1_000", "1_000"), ("1:30", "1:30"),
        ("1.5", 1.5), ("1.", "1."), (".5", ".5"), (".inf", ".inf"), (".nan", ".nan"), ("2e3", 2000.0), ("+1", "+1"),
        ("2026-01-02", "2026-01-02"), ("~", None), ("null", None), ("", None), ("=", "="), ("nullify", "nullify"),
        ("truest", "truest"), ("'12'", "12"),
    ],
)  # fmt: skip
def test_a_plain_word_means_one_thing(text: str, value: object) -> None:
    """Only true and false are truth values, a number is what JSON calls one, and everything else is text."""
    document, faults = parse(f"a: {text}\n", "x.yaml")
    assert (document, faults) == ({"a": value}, [])


def test_aliases_and_merges_are_read() -> None:
    """What the interaction model's sources use: an alias of values, and a mapping that begins as another."""
    document, faults = parse("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: [*a]\n", "x.yaml")
    assert document == {"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 3}, "c": [{"x": 1, "y": 2}]}
    assert faults == []


def test_files_that_cannot_be_opened_are_lines(tmp_path: Path) -> None:
    """A missing file, a folder and bytes that are no text say what to do."""
    (tmp_path / "bytes.yaml").write_bytes(b"a: 1\nb: caf\xe9\n")
    (fault,) = read(tmp_path / "bytes.yaml", "b.yaml")[1]
    assert fault == "b.yaml:2: this is not UTF-8 (invalid continuation byte). Save it as UTF-8"
    for name in ("none.yaml", "."):
        (fault,) = read(tmp_path / name, "n.yaml")[1]
        assert fault.startswith("n.yaml: it cannot be read (")
    with pytest.raises(ContentError, match=r"bytes.yaml:2: this is not UTF-8"):
        load(tmp_path / "bytes.yaml")


def test_keys_have_lines(tmp_path: Path) -> None:
    """Whoever complains about a key can say where it stands."""
    path = tmp_path / "x.yaml"
    path.write_text("a:\n  b: 1\n\n  c: {d: 2}\n", "utf-8")
    assert key_lines(path) == {("a",): 1, ("a", "b"): 2, ("a", "c"): 4, ("a", "c", "d"): 4}


def test_items_and_merged_fields_have_lines(tmp_path: Path) -> None:
    """An item of a list has the line where it begins, a merged field the line where it is written."""
    path = tmp_path / "x.yaml"
    path.write_text("a: &a\n  b: [1,\n    2]\nc:\n  <<: *a\n  d.e:\n    - f: 3\n", "utf-8")
    assert key_lines(path) == {
        ("a",): 1, ("a", "b"): 2, ("a", "b", "0"): 2, ("a", "b", "1"): 3,
        ("c",): 4, ("c", "b"): 2, ("c", "b", "0"): 2, ("c", "b", "1"): 3,
        ("c", "d.e"): 6, ("c", "d.e", "0"): 7, ("c", "d.e", "0", "f"): 7,
    }  # fmt: skip
    places = Places(tmp_path)
    assert places.at("x.yaml", "c.d.e.0.f") == "x.yaml:7"
    assert places.at("x.yaml", "c.d.e.1.f") == "x.yaml:6", "what is not there stands where it would be"
    assert places.at("x.yaml", "g") == places.at("x.yaml", "") == "x.yaml"
    assert places.at("gone.yaml", "a") == "gone.yaml"


def test_every_door_reads_yes_as_a_word(tmp_path: Path) -> None:
    """Content, the models' sources, conversations and held-out sentences agree on what `yes` is."""
    assert parse("synonyms: [yes, no]", "")[0] == {"synonyms": ["yes", "no"]}
    (step,) = script.parse("turns: [{U: yes}]", "").steps
    assert step.value == "yes"
    for kind in ("exercises", "routines", "topics", "red_flags"):
        (tmp_path / kind).mkdir()
    (tmp_path / "topics" / "a.yaml").write_text("{id: a, name: yes, synonyms: [on]}", "utf-8")
    assert model_source.read_content(tmp_path)["topics"] == [{"id": "a", "name": "yes", "synonyms": ["on"]}]
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "a.yaml").write_text("in_scope: {AMAZON.YesIntent: [yes]}\nout_of_scope: [off]\n", "utf-8")
    said = [case.say for case in understanding.read_sets(tmp_path / "sets")["a"]]
    assert said == ["yes", "off"]
