"""What the coach tells people to say is something that it understands, inside the skill and without its name."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from content_reader.yaml_reader import load
from simulator.local import Local

ROOT = Path(__file__).resolve().parents[2]
TOLD = re.compile(r"\b[Ss]ay,? ([^.?!]+)")
"""Everything between "say" and the end of the sentence."""
PARTS = re.compile(r",? or,? |, and |, ")
PURPOSE = re.compile(r" (?:to|when|for how|for something|for the|for others|for tight|and|if|at|where)\b.*")
NOT_TOLD = re.compile(r"(we'll|I'll|you'd|the name of|things like|Alexa$|at any time|say |that again)")
"""What the sentence goes on with, and words that stand for others."""


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def _told() -> set[str]:
    """Each phrase that a prompt gives people to say."""
    prompts = load(ROOT / "content" / "locale" / "en-US.yaml")
    lists = (told for text in _texts(prompts) for told in TOLD.findall(text))
    phrases = {PURPOSE.sub("", part).strip() for told in lists for part in PARTS.split(told)}
    return {phrase for phrase in phrases if phrase and not NOT_TOLD.match(phrase)}


def test_every_phrase_that_is_told_is_understood(tmp_path: Path) -> None:
    """A prompt's "say …" names phrases of the model: none of them falls through."""
    understand = Local(tmp_path / "unused.sqlite3").understand
    told = _told()
    assert {"next", "wait for me", "start the quick hip opener", "I've been seen"} <= told
    assert len(told) > 40
    assert [one for one in told if understand(one)["intent"]["name"] == "AMAZON.FallbackIntent"] == []


def test_no_phrase_that_is_told_calls_the_skill_anew() -> None:
    """People are inside already, so nobody is told to ask Alexa for the coach by name."""
    assert not [phrase for phrase in _told() if re.search(r"\b(ask|open|stretch coach)\b", phrase)]
