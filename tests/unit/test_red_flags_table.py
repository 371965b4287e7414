"""The reviewers' table and diagram of the safety check."""

from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from content_reader.documents import ROOT, load_library
from stretch_coach.safety.condition import AtLeast, Points, Said, Warns, all_of, one_of
from stretch_coach.safety.disposition import rules
from stretch_coach.safety.red_flag import questions
from tools.pages import red_flags

FLAGS = load_library().red_flags
WRITTEN = red_flags.build(FLAGS)


class Tags(HTMLParser):
    """Counts rows and notes tags that close nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.rows = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.rows += tag == "tr"
        if tag not in {"meta", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", ["red-flags.md", "red-flags.html"])
def test_every_question_rule_and_source_is_listed(name: str) -> None:
    """A reviewer sees every question, every combining rule and every source, and first that nobody reviewed it."""
    text = unescape(WRITTEN[name])
    assert "Nobody with clinical training has reviewed this yet" in text[: text.index("Questions, in the order")]
    for question in questions(FLAGS):
        assert question.question in text
        assert question.plainer in text
    for rule in rules(FLAGS):
        assert rule.id in text
    for flag in FLAGS.values():
        if flag.kind != "info":
            assert all(source["ref"] in text for source in flag.sources if "ref" in source)


def test_page_is_well_formed() -> None:
    """Every tag of the page is closed, and each question has a row."""
    tags = Tags()
    tags.feed(WRITTEN["red-flags.html"])
    assert tags.open == []
    assert tags.rows > len(questions(FLAGS))


def test_diagram_shows_every_rule_inside_the_picture() -> None:
    """The picture is well-formed, has a box for each rule, and nothing leaves it."""
    picture = ET.fromstring(WRITTEN["red-flags.svg"])
    boxes = [box for box in picture.iter() if box.tag.endswith("rect") and box.get("stroke")]
    assert len(boxes) == len(rules(FLAGS))
    for box in boxes:
        assert float(box.attrib["x"]) + float(box.attrib["width"]) <= float(picture.attrib["width"])
        assert float(box.attrib["y"]) + float(box.attrib["height"]) <= float(picture.attrib["height"])


def test_conditions_in_words() -> None:
    """And, or, counts and weights read as a clinician would write them."""
    names = {"a": "fever", "b": "a fall", "c": "thin bones"}
    assert red_flags.describe(all_of("a", one_of("b", "c")), names) == "fever AND (a fall OR thin bones)"
    assert red_flags.describe(AtLeast(2, (Warns("a"), Warns("b"), Said("c"))), names) == (
        "at least 2 of: fever, a fall, thin bones (even if old)"
    )
    assert red_flags.describe(Points(4, (("a", 2),)), names).startswith("weighing flags that add up to 2 ")


def test_stale_files_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing or edited file is named with the command that mends it; writing mends it, and names what it wrote."""
    (tmp_path / "content").symlink_to(ROOT / "content")
    assert len(red_flags.check(tmp_path)) == 3
    assert red_flags.run([], tmp_path) == 0
    written = ["wrote docs/red-flags.md", "wrote docs/red-flags.html", "wrote docs/red-flags.svg"]
    assert capsys.readouterr().out.splitlines() == written
    assert red_flags.check(tmp_path) == []
    (tmp_path / "docs" / "red-flags.svg").write_text("")
    assert red_flags.check(tmp_path) == ["docs/red-flags.svg: stale. Update with: python -m tools red-flags"]
    assert red_flags.run([], tmp_path) == 0
    assert capsys.readouterr().out == "wrote docs/red-flags.svg\n"
