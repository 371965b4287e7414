"""What people say to a safety question, through the interaction model: a doubt is never understood as no."""

import json
from pathlib import Path

import pytest

from stretch_coach.safety.red_flag import RedFlag
from tests.check_talk import LIBRARY
from understanding.understander import Understander

MODEL = Path(__file__).resolve().parents[2] / "interaction_model" / "en-US.json"
DOUBTS = (
    "yes but I've been dieting", "only after long sitting", "not really", "no not really", "a bit", "a little bit",
    "sometimes", "now and then", "maybe", "I think so", "I don't think so", "probably not", "kind of", "hardly",
    "not that I know of", "no but sometimes it does", "no only when I run", "no but my left leg does",
    "no just one leg",
    "no more than usual", "well it does when I sneeze", "only at night", "not since yesterday", "not any more",
    "it was there but it's gone", "same as always", "nothing new", "I had that before", "no I mean yes", "no wait yes",
    "who knows", "I can't feel it", "I can't stand on it", "I'd rather not say", "hm", "what do you mean",
)  # fmt: skip
UNDER_AGE = (
    "I'm fifteen", "I am under eighteen", "I'm not yet eighteen", "I'm not eighteen yet", "I'm younger than eighteen",
    "I'll be eighteen soon", "my son is fourteen", "she's only nine", "I'm a teenager",
)  # fmt: skip


@pytest.fixture(name="model", scope="module")
def _model() -> Understander:
    return Understander(json.loads(MODEL.read_text("utf-8")))


@pytest.mark.parametrize("sentence", DOUBTS)
def test_a_doubt_is_never_a_no(sentence: str, model: Understander) -> None:
    """Hedges, reasons and half answers reach the fallback or not sure, or are a yes."""
    assert model.understand(sentence).intent != "AMAZON.NoIntent"


@pytest.mark.parametrize("sentence", UNDER_AGE)
def test_someone_under_age_is_never_taken_for_an_adult(sentence: str, model: Understander) -> None:
    """An age below eighteen arrives as it is, and “under eighteen” without a number."""
    found = model.understand(sentence)
    assert found.intent == "UnderAgeIntent"
    assert "age" not in found.slots or int(found.slots["age"].value) < 18


@pytest.mark.parametrize("flag", LIBRARY.red_flags.values(), ids=lambda flag: flag.id)
def test_every_name_of_a_red_flag_is_understood(flag: RedFlag, model: Understander) -> None:
    """“Is this a red flag” and “should I worry about it” find the item by its name and by each synonym."""
    for name in (flag.name, *flag.synonyms):
        for sentence in (f"is {name} a red flag", f"should I worry about {name}"):
            found = model.understand(sentence)
            assert found.intent == "RedFlagInfoIntent", sentence
            assert found.slots["red_flag"].ids[:1] == (flag.id,), sentence


def test_words_for_a_symptom_are_understood_alone(model: Understander) -> None:
    """The answers that “what do you feel” suggests are understood as they are."""
    for word, symptom in {"numb": "numbness", "weak": "weakness", "dizzy": "dizziness"}.items():
        found = model.understand(word)
        assert (found.intent, found.slots["symptom"].id) == ("HurtsIntent", symptom)
    assert model.understand("a sharp pain in my knee").slots["place"].id == "knee"
