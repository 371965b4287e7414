"""What the safety check says around its questions."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from content_reader.yaml_reader import load
from stretch_coach.safety.red_flag import Level

CONTENT = Path(__file__).resolve().parents[3] / "content" / "safety"
SAFETY: dict[str, Any] = load(CONTENT / "en-US.yaml")
OUTCOMES: dict[str, Any] = SAFETY["outcomes"]
PLACEHOLDERS = {"emergency_number", "urgent_line", "because", "count"}


def spoken(value: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text below a value, with the path to it."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, below in value.items():
            yield from spoken(below, f"{key}.{name}")
    elif isinstance(value, list):
        for below in value:
            yield from spoken(below, key)


def net(outcome: str) -> str:
    """The safety net of an outcome: its own, or the common one."""
    return " ".join(OUTCOMES[outcome].get("safety_net", SAFETY["safety_net"]))


def test_every_outcome_is_worded() -> None:
    """There are words for each level, and for those too young for the check."""
    assert set(OUTCOMES) == {level.word for level in Level} | {"adults_only"}


@pytest.mark.parametrize(
    ("outcome", "first"),
    [
        ("emergency", "Call {emergency_number} now"),
        ("same_day", "Call {urgent_line} today"),
        ("soon", "Make an appointment"),
        ("self_care", "Keep moving gently"),
        ("adults_only", "Please tell a parent or another adult now, and see a doctor today"),
    ],
)
def test_the_first_sentence_says_what_to_do(outcome: str, first: str) -> None:
    """What to do and how soon comes before any explanation."""
    assert OUTCOMES[outcome]["say"][0].startswith(first)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_has_a_safety_net(outcome: str) -> None:
    """Each outcome names the emergency number and the signs that may still come."""
    assert "{emergency_number}" in net(outcome)
    for sign in ("between", "pee", "legs", "chest pain"):
        assert sign in net(outcome)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_card_has_the_words_that_were_spoken(outcome: str) -> None:
    """A card repeats the outcome word for word, and no answers."""
    words = OUTCOMES[outcome]
    assert words["card_text"] == " ".join([*words["say"], SAFETY["cannot_call"], net(outcome)])
    assert "because" not in words["card_text"]


@pytest.mark.parametrize(("path", "text"), [pair for pair in spoken(SAFETY) if pair[0] not in {".id", ".reviewed"}])
def test_wording_is_plain_and_clears_nobody(path: str, text: str) -> None:
    """Short sentences, known placeholders only, no disease, no probability and nothing that sounds like all clear."""
    assert set(re.findall(r"\{(\w*)\}", text)) <= PLACEHOLDERS
    assert not re.search(r"[<>&$]", text)
    cleared = (
        r"all.clear|you're fine|nothing serious|don't worry|percent|probab|likely|cancer|syndrome|fracture|infection"
    )
    assert not re.search(cleared, text, re.IGNORECASE)
    for sentence in re.split(r"(?<=[.?!])\s+", text):
        assert len(sentence.split()) <= 25, f"{path}: {sentence}"


def test_every_locale_has_its_numbers() -> None:
    """The locales of the skill each have an emergency number and an urgent line, spoken and on a card."""
    assert {locale: numbers["emergency_number"]["card"] for locale, numbers in SAFETY["numbers"].items()} == {
        "en-US": "911", "en-GB": "999", "en-AU": "000", "en-CA": "911", "en-IN": "112",
        "default": "your local emergency number",
    }  # fmt: skip
    for numbers in SAFETY["numbers"].values():
        assert set(numbers) == {"emergency_number", "urgent_line"}
        assert all(set(forms) == {"say", "card"} for forms in numbers.values())
        assert not re.search(r"\d", numbers["emergency_number"]["say"] + numbers["urgent_line"]["say"])


def test_nothing_claims_a_review() -> None:
    """Nobody has reviewed the wording."""
    assert SAFETY["reviewed"] is None
