"""The scripts written from clinical pictures, and the page made of them."""

import pytest

from tools.pages.clinical_scripts import LEVELS, build, check, faults, head, scripts

GOOD = """# picture: A man.
# level: soon
# why: Because
#   of it.
turns:
  - A: [make an appointment]
  - expect: {level: null}
"""


def test_there_are_enough_pictures_of_every_level() -> None:
    """At least twenty-five scripts, and some for each level."""
    levels = [head(text)["level"] for text in scripts().values()]
    assert len(levels) >= 25
    assert set(levels) == set(LEVELS)


def test_the_page_is_what_the_scripts_say() -> None:
    """No script contradicts its head, and the page in docs is up to date."""
    assert check() == []


def test_a_head_may_go_on_in_the_next_line() -> None:
    """A comment that is continued is read as one text."""
    assert head(GOOD) == {"picture": "A man.", "level": "soon", "why": "Because of it."}
    assert "| A man. | within two weeks | Because of it. |" in build({"a": GOOD})
    assert list(faults("a", GOOD)) == []


@pytest.mark.parametrize(("change", "problem"), [
    (("# why: Because\n#   of it.\n", ""), "no why"), (("soon", "never"), "'never'"),
    (("null", "emergency"), "names, soon"), (("soon", "emergency"), "names, emergency"),
])  # fmt: skip
def test_a_script_that_contradicts_its_head_is_named(change: tuple[str, str], problem: str) -> None:
    """What is missing, unknown or different is said with the file's name."""
    (line,) = faults("a", GOOD.replace(*change))
    assert line.startswith("tests/dialogues/check/a.yaml: ")
    assert problem in line
