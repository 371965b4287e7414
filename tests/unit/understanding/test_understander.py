"""The simulator's understanding of typed and recognized sentences."""

import json
from typing import Any

import pytest

from bench.understanding import FALLBACK, GOAL, Case, Outcome, measure, page, read_sets, run, share, slot_ids
from tools.publish.model import ROOT
from understanding import Understander, Understanding
from understanding.slots import duration_at, number_at, ordinal_at
from understanding.spelling import Spelling, edits
from understanding.text import keys, spell, stem, tokens, without_courtesy

MODEL = json.loads((ROOT / "interaction_model" / "en-US.json").read_text("utf-8"))
LANGUAGE = MODEL["interactionModel"]["languageModel"]


@pytest.fixture(scope="module")
def understander() -> Understander:
    """An understander of the model that is checked in."""
    return Understander(MODEL)


@pytest.fixture(scope="module")
def outcomes(understander: Understander) -> dict[str, list[Outcome]]:
    """Every held-out set, understood."""
    return {name: measure(understander, cases) for name, cases in read_sets().items()}


# ---------------------------------------------------------------- the goals


def test_the_held_out_sentences_are_enough_and_not_samples() -> None:
    """At least 220 sentences in scope and 45 out of scope, each once, and none of them a sample."""
    cases = [case for group in read_sets().values() for case in group]
    said = [" ".join(keys(case.say)) for case in cases]
    samples = {" ".join(keys(sample)) for intent in LANGUAGE["intents"] for sample in intent["samples"]}
    outside = [case for case in cases if case.intent == FALLBACK]
    assert len(cases) - len(outside) >= 220
    assert len(outside) >= 45
    assert len(said) == len(set(said))
    assert sorted(samples.intersection(said)) == []


def test_the_goal_for_intent_and_slots_is_met(outcomes: dict[str, list[Outcome]]) -> None:
    """Intent and every slot are right for at least 92 % of the sentences in scope, of each set and of all."""
    for name, group in outcomes.items():
        assert share(one.slots_are_right for one in group if one.case.intent != FALLBACK) >= GOAL, name


def test_the_goal_for_refusals_is_met(outcomes: dict[str, list[Outcome]]) -> None:
    """At least 92 % of the sentences out of scope go to the fallback, of each set and of all."""
    for name, group in outcomes.items():
        assert share(one.intent_is_right for one in group if one.case.intent == FALLBACK) >= GOAL, name


def test_nothing_unsure_becomes_no(outcomes: dict[str, list[Outcome]]) -> None:
    """Whatever else is misunderstood, no sentence is taken for a "no" that is not one."""
    wrong = [one.case.say for group in outcomes.values() for one in group
             if one.got.intent == "AMAZON.NoIntent" and not one.intent_is_right]  # fmt: skip
    assert wrong == []


def test_the_report_is_fresh() -> None:
    """docs/understanding.md holds the figures of today."""
    assert run(["--check"]) == 0


def test_the_report_counts_misses() -> None:
    """A misunderstood sentence lowers the share and is listed."""
    right = Outcome(Case("ready", "ReadyIntent", {}), Understanding("ReadyIntent"))
    wrong = Outcome(Case("hoots", "AMAZON.FallbackIntent", {}), Understanding("ReadyIntent"))
    text = page({"held_out": [right, wrong]})
    assert "| Intent and slots together | 1 | 100.0% | 92% |" in text
    assert "| Out of scope, refused | 1 | 0.0% | 92% |" in text
    assert "| hoots | AMAZON.FallbackIntent | ReadyIntent |" in text


# ---------------------------------------------------------------- intents


def test_every_literal_sample_reaches_its_own_intent(understander: Understander) -> None:
    """A sample without slots is understood as the intent it stands under."""
    wrong = [
        (sample, intent["name"], got.intent)
        for intent in LANGUAGE["intents"]
        for sample in intent["samples"]
        if "{" not in sample and (got := understander.understand(sample)).intent != intent["name"]
    ]
    assert wrong == []


@pytest.mark.parametrize("hedge", [
    "not sure", "maybe", "sometimes", "a bit", "not really", "I don't think so", "no, I don't think so", "kind of",
    "I guess not", "no, not really", "well, yes, sometimes", "probably not", "yes, a little", "not that I know of",
    "a little bit, yes",
])  # fmt: skip
def test_a_hedge_is_not_sure(understander: Understander, hedge: str) -> None:
    """Doubt is never taken for yes or no."""
    assert understander.understand(hedge).intent == "NotSureIntent"


@pytest.mark.parametrize(
    "vague", ["no idea what day it is", "no more than usual perhaps", "hardly", "no but my aunt does"]
)
def test_no_with_something_else_is_not_no(understander: Understander, vague: str) -> None:
    """A sentence that only begins with "no" is not an answer of no."""
    assert understander.understand(vague).intent != "AMAZON.NoIntent"


@pytest.mark.parametrize(("said", "intent"), [
    ("Yes, but I've been dieting.", "AMAZON.YesIntent"),
    ("nope", "AMAZON.NoIntent"),
    ("skip", "SkipIntent"),
    ("next", "AMAZON.NextIntent"),
    ("go back", "GoBackIntent"),
    ("again", "AgainIntent"),
    ("repeat", "AMAZON.RepeatIntent"),
    ("exit", "AMAZON.StopIntent"),
])  # fmt: skip
def test_short_words_have_one_meaning(understander: Understander, said: str, intent: str) -> None:
    """The words said most often mean what the dialogue expects, even where Amazon's own phrases differ."""
    assert understander.understand(said).intent == intent


@pytest.mark.parametrize(("said", "intent"), [
    ("yes, it started yesterday", "AMAZON.YesIntent"),
    ("yes, on the left", "AMAZON.YesIntent"),
    ("yes, I had cancer", "AMAZON.YesIntent"),
    ("yes, my knee hurts", "HurtsIntent"),
    ("yes, start the glute bridge", "StartExerciseIntent"),
    ("yes, I have been checked by my doctor", "SeenDoctorIntent"),
    ("yes, maybe on the left", "NotSureIntent"),
    ("no fever", "AMAZON.FallbackIntent"),
    ("no, I don't have cancer", "AMAZON.FallbackIntent"),
    ("no, start the glute bridge", "StartExerciseIntent"),
])  # fmt: skip
def test_an_answer_that_goes_on(understander: Understander, said: str, intent: str) -> None:
    """A yes with a reason stays a yes; a no about something else is asked again; a request after either is heard."""
    assert understander.understand(said).intent == intent


@pytest.mark.parametrize(("said", "intent"), [
    ("I have chest pain", "HurtsIntent"),
    ("I can't pee", "HurtsIntent"),
    ("call an ambulance", "CallForHelpIntent"),
    ("this is an emergency", "CallForHelpIntent"),
    ("I think I'm having a heart attack", "CallForHelpIntent"),
    ("I have numbness between my legs", "HurtsIntent"),
])  # fmt: skip
def test_an_alarm_is_heard(understander: Understander, said: str, intent: str) -> None:
    """What may not wait never ends in the fallback."""
    assert understander.understand(said).intent == intent


def test_keep_going_and_wait_for_me_name_the_mode(understander: Understander) -> None:
    """The two ways to be guided come with their id."""
    assert understander.understand("keep going").slots["mode"].id == "flow"
    assert understander.understand("wait for me").slots["mode"].id == "step"


@pytest.mark.parametrize("noise", ["", "   ", "?!", "…", "42", "the", "'", "🙂", "a" * 500, "no " * 200])
def test_anything_typed_is_survived(understander: Understander, noise: str) -> None:
    """Whatever is typed gives an intent of the model."""
    assert understander.understand(noise).intent in {one["name"] for one in LANGUAGE["intents"]}


def test_understanding_is_deterministic() -> None:
    """Two understanders of the same model agree on sentence and score."""
    said = ["loosen up my hips a little", "how about the bridge", "is that leg thing serious"]
    one, two = ([Understander(MODEL).understand(text) for text in said] for _ in range(2))
    assert one == two


# ---------------------------------------------------------------- slots


@pytest.mark.parametrize(("said", "intent", "slots"), [
    ("start the low lunge", "StartExerciseIntent", {"exercise": ("low-lunge-hip-flexor-stretch",)}),
    ("glute brige on the left", "StartExerciseIntent", {"exercise": ("glute-bridge",), "side": ("left",)}),
    ("do 25 glute bridges", "StartExerciseIntent", {"exercise": ("glute-bridge",), "count": ("25",)}),
    ("hold it for ninety seconds", "ChangeDoseIntent", {"duration": ("PT90S",)}),
    ("ten more seconds", "ChangeDoseIntent", {"count": ("10",), "direction": ("more",), "unit": ("seconds",)}),
    ("count backwards", "CountStyleIntent", {"style": ("down",)}),
    ("you're going too fast", "ChangePaceIntent", {"direction": ("slower",)}),
    ("the second one please", "PickIntent", {"which": ("2",)}),
    ("I can't kneel", "CannotDoIntent", {"limitation": ("kneeling",)}),
    ("I'm pregnant", "ConditionIntent", {"condition": ("pregnancy",)}),
    ("ouch, my knee", "HurtsIntent", {"place": ("knee",)}),
    ("something standing for tight hips", "FindExercisesIntent", {"position": ("standing",), "area": ("hips",)}),
])  # fmt: skip
def test_slots_are_filled(
    understander: Understander, said: str, intent: str, slots: dict[str, tuple[str, ...]]
) -> None:
    """The slots of a sentence are exactly these ids, and the value for built-in types."""
    got = understander.understand(said)
    assert (got.intent, slot_ids(got)) == (intent, slots)


def test_an_unknown_exercise_is_heard_but_matches_nothing(understander: Understander) -> None:
    """An exercise we do not have is passed on as it was said, without a match."""
    intent = understander.understand("start the pigeon thing").to_request_intent()
    slot = intent["slots"]["exercise"]
    assert slot["value"] == "pigeon thing"
    assert slot["resolutions"]["resolutionsPerAuthority"][0]["status"] == {"code": "ER_SUCCESS_NO_MATCH"}
    assert "values" not in slot["resolutions"]["resolutionsPerAuthority"][0]


def _tiny(*exercises: tuple[str, str]) -> Understander:
    """An understander of a model with only these exercises, as (id, name)."""
    values = [{"id": one, "name": {"value": name, "synonyms": []}} for one, name in exercises]
    start = {
        "name": "StartExerciseIntent",
        "slots": [{"name": "exercise", "type": "Exercise"}],
        "samples": ["start the {exercise}"],
    }
    language = {
        "invocationName": "stretch coach",
        "intents": [start, {"name": "AMAZON.FallbackIntent", "samples": []}],
        "types": [{"name": "Exercise", "values": values}],
    }
    return Understander({"interactionModel": {"languageModel": language}})


def test_part_of_several_names_gives_several_values() -> None:
    """Words that belong to two names resolve to both, so that the dialogue can ask which."""
    tiny = _tiny(("wall", "wall camel"), ("full", "full camel"), ("cat", "cat cow"))
    slot = tiny.understand("start the camel").to_request_intent()["slots"]["exercise"]
    found = slot["resolutions"]["resolutionsPerAuthority"][0]
    assert found["status"]["code"] == "ER_SUCCESS_MATCH"
    assert [one["value"] for one in found["values"]] == [
        {"name": "full camel", "id": "full"},
        {"name": "wall camel", "id": "wall"},
    ]


@pytest.mark.parametrize(("said", "ids"), [
    ("start the bridge", ("glute-bridge",)),
    ("start the side stretch", ()),
    ("start the wall bridge", ()),
])  # fmt: skip
def test_a_small_part_of_one_name_is_no_match(said: str, ids: tuple[str, ...]) -> None:
    """One item is meant by half of its name, not by a word of it, and never when another word is strange to it."""
    tiny = _tiny(("glute-bridge", "glute bridge"), ("cross", "cross behind side reach"))
    assert tiny.understand(said).slots["exercise"].ids == ids


# ---------------------------------------------------------------- the request


def test_the_request_is_alexas() -> None:
    """Intent JSON has every declared slot, the filled ones with value, source and resolution."""
    got = Understander(MODEL, skill_id="amzn1.ask.skill.K").understand("start the low lunge for thirty seconds")
    intent = got.to_request_intent()
    resolutions: dict[str, Any] = {
        "resolutionsPerAuthority": [
            {
                "authority": "amzn1.er-authority.echo-sdk.amzn1.ask.skill.K.Exercise",
                "status": {"code": "ER_SUCCESS_MATCH"},
                "values": [
                    {"value": {"name": "half kneeling hip flexor stretch", "id": "low-lunge-hip-flexor-stretch"}}
                ],
            }
        ]
    }
    assert intent == {
        "name": "StartExerciseIntent",
        "confirmationStatus": "NONE",
        "slots": {
            "exercise": {
                "name": "exercise",
                "value": "low lunge",
                "confirmationStatus": "NONE",
                "source": "USER",
                "resolutions": resolutions,
                "slotValue": {"type": "Simple", "value": "low lunge", "resolutions": resolutions},
            },
            "side": {"name": "side", "confirmationStatus": "NONE"},
            "count": {"name": "count", "confirmationStatus": "NONE"},
            "duration": {
                "name": "duration",
                "value": "PT30S",
                "confirmationStatus": "NONE",
                "source": "USER",
                "slotValue": {"type": "Simple", "value": "PT30S"},
            },
        },
    }


def test_an_intent_without_slots_has_no_slots_field(understander: Understander) -> None:
    """Yes is only a name."""
    expected = {"name": "AMAZON.YesIntent", "confirmationStatus": "NONE"}
    assert understander.understand("yes").to_request_intent() == expected


# ---------------------------------------------------------------- opening the skill


@pytest.mark.parametrize("said", [
    "open stretch coach", "Alexa, open Stretch Coach!", "launch stretch coach", "start stretch coach", "stretch coach",
    "Alexa, ask stretch coach",
])  # fmt: skip
def test_opening_is_a_launch(understander: Understander, said: str) -> None:
    """Only opening the skill is no intent."""
    got = understander.understand(said)
    assert (got.request_type, got.intent) == ("LaunchRequest", "LaunchRequest")


@pytest.mark.parametrize(("said", "intent"), [
    ("ask stretch coach to start the quick hip opener", "StartRoutineIntent"),
    ("Alexa, tell stretch coach that my knee hurts", "HurtsIntent"),
    ("ask stretch coach if numbness in the groin is a red flag", "RedFlagInfoIntent"),
    ("ask stretch coach what sciatica is", "ExplainTopicIntent"),
    ("open stretch coach and start the safety check", "StartSafetyCheckIntent"),
    ("start the glute bridge with stretch coach", "StartExerciseIntent"),
    ("ask stretch coach to order a pizza", "AMAZON.FallbackIntent"),
    ("Alexa, stop", "AMAZON.StopIntent"),
])  # fmt: skip
def test_one_shot_sentences_reach_their_intent(understander: Understander, said: str, intent: str) -> None:
    """What follows the invocation is understood as inside the skill."""
    got = understander.understand(said)
    assert (got.request_type, got.intent) == ("IntentRequest", intent)


# ---------------------------------------------------------------- words and numbers


@pytest.mark.parametrize(("said", "number"), [
    ("five", 5), ("twenty five", 25), ("ninety ninety", 90), ("a hundred", 100), ("one hundred and five", 105),
    ("three hundred", 300), ("zero", 0), ("17", 17), ("250", 250),
])  # fmt: skip
def test_numbers_in_words(said: str, number: int) -> None:
    """A number is read from words and from digits alike."""
    found = number_at(keys(said), 0)
    assert found is not None
    assert found[0] == number


@pytest.mark.parametrize("said", ["hundred", "this one", "some", "second"])
def test_what_is_no_number(said: str) -> None:
    """The word one after "this" is a pronoun, and a unit alone is no number."""
    assert number_at(keys(said), len(keys(said)) - 1) is None


@pytest.mark.parametrize(("said", "iso"), [
    ("thirty seconds", "PT30S"), ("ninety seconds", "PT90S"), ("a minute", "PT1M"), ("ten minutes", "PT10M"),
    ("half a minute", "PT30S"), ("half an hour", "PT30M"), ("a minute and a half", "PT1M30S"),
    ("two and a half minutes", "PT2M30S"), ("one minute thirty seconds", "PT1M30S"), ("an hour", "PT1H"),
    ("an hour and ten minutes", "PT1H10M"), ("a couple of minutes", "PT2M"), ("45 sec", "PT45S"), ("30s", "PT30S"),
    ("six weeks", "P6W"), ("another minute", "PT1M"),
])  # fmt: skip
def test_durations_are_iso(said: str, iso: str) -> None:
    """A duration in words becomes ISO 8601, in the unit that was said."""
    words = keys(said)
    assert duration_at(words, 0) == (iso, len(words))


@pytest.mark.parametrize("said", ["thirty", "seconds", "half", "half a second", "and a half", "a bit"])
def test_what_is_no_duration(said: str) -> None:
    """A number without a unit, or a unit without a number, is no duration."""
    assert duration_at(keys(said), 0) is None


def test_ordinals() -> None:
    """An ordinal gives its number as digits."""
    assert ordinal_at(("the", "third", "one"), 1) == ("3", 2)
    assert ordinal_at(("three",), 0) is None


@pytest.mark.parametrize("number", [0, 7, 13, 20, 42, 100, 101, 999, 1000, 12345])
def test_spelled_numbers_read_back(number: int) -> None:
    """A spelled number is the number again, as far as numbers in words are read."""
    found = number_at(tuple(spell(number).split()), 0)
    assert found is not None
    assert number >= 1000 or found[0] == number


def test_what_was_typed_is_kept() -> None:
    """A contraction becomes two words but is heard as it was typed."""
    assert [(token.key, token.heard) for token in tokens("I CAN\u2019T, 45!")] == [
        ("i", "i"), ("can", "can't"), ("not", ""), ("forty", "45"), ("five", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), [
    ("stretches", "stretch"), ("hips", "hip"), ("standing", "stand"), ("squatting", "squat"), ("bodies", "body"),
    ("runner's", "runner"), ("feet", "foot"),
])  # fmt: skip
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    """Plural, -ing and possessive forms compare equal."""
    assert stem(one) == stem(other)


@pytest.mark.parametrize("word", ["less", "this", "sing", "bed", "focus"])
def test_short_words_keep_their_endings(word: str) -> None:
    """What only looks like an ending stays."""
    assert stem(word) == word


def test_spelling_mends_the_nearest_word_and_splits_two() -> None:
    """A slip is mended, two words run together are parted, and a strange or short word is left alone."""
    spelling = Spelling({"glute", "bridge", "hamstring", "stop"})
    assert spelling.mend(("gluet", "brigde", "hamstrnig", "glutebridge", "penguin", "stp")) == (
        "glute", "bridge", "hamstring", "glute", "bridge", "penguin", "stp",
    )  # fmt: skip


@pytest.mark.parametrize(("one", "two", "count"), [("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ab", 1),
                                                    ("abc", "xbz", 2), ("", "ab", 2)])  # fmt: skip
def test_edits_are_counted(one: str, two: str, count: int) -> None:
    """Adding, dropping, changing and swapping neighbors are one edit each."""
    assert edits(one, two) == count


@pytest.mark.parametrize(("said", "kept"), [
    ("could you please skip this one", "skip this one"),
    ("I'd like to do it again if you can", "do it again"),
    ("wait for me", "wait"),
    ("I want", "i want"),
])  # fmt: skip
def test_courtesies_fall_away(said: str, kept: str) -> None:
    """Asking kindly does not change what is asked."""
    assert " ".join(token.key for token in without_courtesy(tokens(said))) == kept
