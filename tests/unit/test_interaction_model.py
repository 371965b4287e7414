"""The interaction model: built from source and content, fresh on disk, and within Amazon's rules."""

import copy
import itertools
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from content_reader.yaml_reader import load
from tools.publish.model import ROOT, build, check, dumps, models, run, stale
from tools.publish.model_rules import problems
from tools.publish.model_source import read_content
from tools.publish.phrases import expand

FOLDER = ROOT / "interaction_model"
NAMES = """
    StartExercise StartRoutine FindExercises Pick Ready Describe HowLongLeft ChangeDose Again ChangePace CountStyle
    CannotHear GuidanceMode Easier Harder Hurts CallForHelp OtherSide Skip GoBack CannotDo Condition UnderAge
    StartSafetyCheck RedFlagInfo NotSure Why Clarify SeenDoctor ExplainTopic Progress DeleteMyData AMAZON.Help
    AMAZON.Stop AMAZON.Cancel AMAZON.NavigateHome AMAZON.Fallback AMAZON.Yes AMAZON.No AMAZON.Next AMAZON.Previous
    AMAZON.Repeat AMAZON.Pause AMAZON.Resume AMAZON.StartOver
"""
"""Every intent, without its ending."""


SOURCE = "interaction_model/en-US.source.yaml"
LOCALES = "interaction_model/locales.yaml"
SKILL = "interaction_model/skill.source.yaml"


@pytest.fixture(scope="module")
def built() -> dict[str, dict[str, Any]]:
    """Every locale's model, built now."""
    return models()


@pytest.fixture
def model(built: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A sound model to break."""
    return copy.deepcopy(built["en-US"])


def language(model: dict[str, Any]) -> dict[str, Any]:
    """The part of a model that holds intents and types."""
    found: dict[str, Any] = model["interactionModel"]["languageModel"]
    return found


def intent(model: dict[str, Any], name: str) -> dict[str, Any]:
    """An intent by its name."""
    return next(one for one in language(model)["intents"] if one["name"] == name)


def values(model: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The values of a slot type."""
    found: list[dict[str, Any]] = next(one for one in language(model)["types"] if one["name"] == name)["values"]
    return found


def test_every_locale_keeps_every_rule(built: dict[str, dict[str, Any]]) -> None:
    """No locale's model breaks a rule of the platform or of ours."""
    assert {locale: problems(model) for locale, model in built.items()} == {locale: [] for locale in built}


def test_the_five_locales_are_built(built: dict[str, dict[str, Any]]) -> None:
    """Every English locale of the platform is there, the American one as the source."""
    assert list(built) == ["en-US", "en-GB", "en-AU", "en-CA", "en-IN"]


def test_the_files_are_fresh(built: dict[str, dict[str, Any]]) -> None:
    """What is checked in is what the source and the content give."""
    files = {FOLDER / f"{locale}.json": dumps(model) for locale, model in built.items()}
    assert stale(files) == [], "write them again with: python -m tools model"


def test_every_named_intent_is_there(model: dict[str, Any]) -> None:
    """The intents others rely on exist, and no others."""
    assert {one["name"] for one in language(model)["intents"]} == {f"{name}Intent" for name in NAMES.split()}


@pytest.mark.parametrize(
    ("kind", "folder"),
    [("Exercise", "exercises"), ("Routine", "routines"), ("Topic", "topics"), ("RedFlag", "red_flags")],
)
def test_generated_types_hold_all_content(model: dict[str, Any], kind: str, folder: str) -> None:
    """Every content item is a value of its slot type, under its own id."""
    assert [one["id"] for one in values(model, kind)] == [one["id"] for one in read_content(ROOT / "content")[folder]]


@pytest.mark.parametrize(
    ("kind", "field"),
    [("BodyArea", "body_areas"), ("Position", "position"), ("Equipment", "equipment"), ("ExerciseKind", "kind")],
)
def test_fixed_types_know_the_words_of_content(model: dict[str, Any], kind: str, field: str) -> None:
    """Whatever an exercise file says in a vocabulary field can be asked for by voice."""
    ids = {one["id"] for one in values(model, kind)}
    for exercise in read_content(ROOT / "content")["exercises"]:
        said = exercise[field]
        assert set(said if isinstance(said, list) else [said]) <= ids, exercise["id"]


def test_conditions_know_what_exercises_warn_of(model: dict[str, Any]) -> None:
    """Every condition an exercise is to be avoided with can be told."""
    ids = {one["id"] for one in values(model, "Condition")}
    for exercise in read_content(ROOT / "content")["exercises"]:
        assert set(exercise["avoid_if"]) <= ids, exercise["id"]


def test_build_leaves_its_arguments_alone() -> None:
    """Building a locale changes neither the source nor the overrides."""
    source = load(FOLDER / "en-US.source.yaml")
    overrides = load(FOLDER / "locales.yaml")["en-GB"]
    before = json.dumps([source, overrides])
    build(source, {}, overrides)
    assert json.dumps([source, overrides]) == before


def test_a_locale_speaks_its_own_words(built: dict[str, dict[str, Any]]) -> None:
    """British samples name a physio where American ones name a physical therapist."""
    american, british = (intent(built[locale], "SeenDoctorIntent")["samples"] for locale in ("en-US", "en-GB"))
    assert "i saw my physical therapist" in american
    assert "i saw my physio" in british
    assert not [one for one in british if "physical therapist" in one]


@pytest.mark.parametrize(
    ("written", "sentences"),
    [
        ("ready", ["ready"]),
        ("(a|b) c", ["a c", "b c"]),
        ("the (|very ) end", ["the end", "the very end"]),
        ("i('ve| have) been (seen|checked)", ["i've been seen", "i've been checked", "i have been seen",
                                              "i have been checked"]),
    ],
)  # fmt: skip
def test_choices_expand(written: str, sentences: list[str]) -> None:
    """A sample with choices stands for each of its sentences."""
    assert expand(written) == sentences


def test_an_open_choice_is_refused() -> None:
    """A bracket that never closes is the author's mistake and named."""
    with pytest.raises(ValueError, match=r"\(' without"):
        expand("the (left side")


def test_a_question_becomes_its_opening_and_a_slot_value() -> None:
    """A topic's question fills the slot with what follows its opening words, and no two topics share a phrase."""
    source = load(FOLDER / "en-US.source.yaml")
    topics = [
        {"id": "a", "name": "sciatica", "synonyms": ["what is sciatica"], "question": "Why does it hurt?"},
        {"id": "b", "name": "the nerve", "synonyms": ["why does it hurt"], "question": "Where is the nerve?"},
    ]
    found = values(build(source, {"topics": topics}), "Topic")
    assert found == [
        {"id": "a", "name": {"value": "sciatica", "synonyms": ["does it hurt"]}},
        {"id": "b", "name": {"value": "nerve", "synonyms": ["is the nerve"]}},
    ]


def _add_sample(name: str, sample: str) -> Callable[[dict[str, Any]], None]:
    return lambda model: intent(model, name)["samples"].append(sample)


def _drop_id(model: dict[str, Any]) -> None:
    values(model, "BodyArea")[0].pop("id")


def _same_id(model: dict[str, Any]) -> None:
    values(model, "BodyArea")[1]["id"] = values(model, "BodyArea")[0]["id"]


def _same_phrase(model: dict[str, Any]) -> None:
    values(model, "BodyArea")[1]["name"]["synonyms"].append("hips")


def _bad_phrase(model: dict[str, Any]) -> None:
    values(model, "BodyArea")[1]["name"]["synonyms"].append("it-band/tfl")


def _empty_type(model: dict[str, Any]) -> None:
    values(model, "BodyArea").clear()


def _unknown_type(model: dict[str, Any]) -> None:
    intent(model, "FindExercisesIntent")["slots"][0]["type"] = "Nowhere"


def _unused_slot(model: dict[str, Any]) -> None:
    intent(model, "ReadyIntent")["slots"] = [{"name": "side", "type": "SideName"}]


def _phrase_slot(model: dict[str, Any]) -> None:
    found = intent(model, "ReadyIntent")
    found["slots"] = [{"name": "words", "type": "AMAZON.SearchQuery"}, {"name": "side", "type": "SideName"}]
    found["samples"].append("ready with {words} on the {side}")


def _unused_type(model: dict[str, Any]) -> None:
    language(model)["types"].append(
        {"name": "Color", "values": [{"id": "red", "name": {"value": "red", "synonyms": []}}]}
    )


def _twice_declared(model: dict[str, Any]) -> None:
    language(model)["intents"].append(copy.deepcopy(intent(model, "WhyIntent")))


def _no_help(model: dict[str, Any]) -> None:
    language(model)["intents"].remove(intent(model, "AMAZON.HelpIntent"))


def _few_samples(model: dict[str, Any]) -> None:
    del intent(model, "WhyIntent")["samples"][24:]


def _invocation(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda model: language(model).update(invocationName=name)


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (_add_sample("ReadyIntent", "ready, go"), "not allowed"),
        (_add_sample("ReadyIntent", "ready in 5"), "not allowed"),
        (_add_sample("ReadyIntent", "Ready Then"), "not allowed"),
        (_add_sample("ReadyIntent", "ready {when"), "not allowed"),
        (_add_sample("DescribeIntent", "{exercise}"), "only a slot"),
        (_add_sample("ReadyIntent", "ready  steady"), "stray spaces"),
        (_add_sample("ReadyIntent", "ready for {exercise}"), "not declared"),
        (_add_sample("DescribeIntent", "describe {exercise} not {exercise}"), "a slot twice"),
        (_add_sample("ReadyIntent", "that hurts"), "also a sample of"),
        (_add_sample("DescribeIntent", "the {exercise} please"), "also a sample of"),
        (_add_sample("AMAZON.NoIntent", "no i don't think it does"), "hedge"),
        (_add_sample("AMAZON.YesIntent", "yes a bit more"), "hedge"),
        (_drop_id, "no id"),
        (_same_id, "twice"),
        (_same_phrase, "already names"),
        (_bad_phrase, "not allowed"),
        (_empty_type, "without values"),
        (_unknown_type, "unknown type Nowhere"),
        (_unused_slot, "no sample uses slot side"),
        (_phrase_slot, "phrase slot beside"),
        (_unused_type, "no slot has this type"),
        (_twice_declared, "declared twice"),
        (_no_help, "AMAZON.HelpIntent: missing"),
        (_few_samples, "WhyIntent: 24 samples"),
        (_invocation("stretch coach 2"), "only lower-case"),
        (_invocation("stretch"), "one word"),
        (_invocation("start coach"), "may not be part"),
        (_invocation("alexa stretch coach"), "may not be part"),
        (_invocation("the stretch"), "may not be part"),
    ],
    ids=itertools.count(),
)
def test_a_broken_rule_is_named(model: dict[str, Any], break_it: Callable[[dict[str, Any]], None], says: str) -> None:
    """Each rule, broken in an otherwise sound model, gives a line that says what is wrong and how to mend it."""
    break_it(model)
    found = problems(model)
    assert any(says in line for line in found), found
    assert all(". " in line for line in found)


def test_a_duplicate_is_seen_through_other_slot_names(model: dict[str, Any]) -> None:
    """Two samples that differ only in what their slot is called are the same sentence to Alexa."""
    found = intent(model, "ReadyIntent")
    found["slots"] = [{"name": "which", "type": "Exercise"}]
    found["samples"].append("go to the {which}")
    assert any("'go to the {which}': also a sample of StartExerciseIntent" in line for line in problems(model))


@pytest.fixture(name="sources")
def _sources(tmp_path: Path) -> Path:
    """A tree with all that the models are built from, and nothing built."""
    shutil.copytree(ROOT / "content", tmp_path / "content")
    shutil.copytree(FOLDER, tmp_path / "interaction_model", ignore=shutil.ignore_patterns("en-*.json", "skill.json"))
    return tmp_path


def change(tree: Path, name: str, old: str, new: str) -> str:
    """Put `new` where `old` first stands in a file; returns ``path:line`` of it."""
    text = (tree / name).read_text("utf-8")
    assert old in text, f"{name} no longer holds {old!r}: mend the test"
    (tree / name).write_text(text.replace(old, new, 1), "utf-8")
    return f"{name}:{text.count(chr(10), 0, text.index(old)) + 1}"


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        (SOURCE, "- on (the|my) ", "- on (the|my ", "has a bracket without its other."),
        (SOURCE, "  Topic: [what is", "  Topics: [what is", "question_openings names Topics, which is no generated"),
        (SOURCE, "    - {id: core, name", "    - {id: core, nmae", "unknown field nmae in types.BodyArea."),
        (LOCALES, "    HurtsIntent:", "    HurtIntent:", "en-IN: samples names HurtIntent, which is no intent of"),
        (LOCALES, "    Symptom: {tingling", "    Symptoms: {tingling", "en-GB: synonyms names Symptoms, which is no"),
        (LOCALES, "    Limitation: {no-strap", "    Limitation: {no-rope", "en-GB: synonyms.Limitation names no-rope"),
        (SKILL, "site: https://", "site: http://", "site is "),
    ],
)
def test_a_slip_in_a_source_names_its_line(sources: Path, name: str, old: str, new: str, says: str) -> None:
    """Whatever is wrong in the hand-written halves is told with the file and the line where it stands."""
    where = change(sources, name, old, new)
    found = check(sources)
    assert any(line.startswith(f"{where}: ") and says in line for line in found), found


BRIDGE = "content/exercises/glute-bridge.yaml"
SIDE = "      - on (the|my) {side}"


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        (SOURCE, SIDE, f"{SIDE}!", "OtherSideIntent: sample 'on the {side}!': a character that is not allowed. "),
        (SOURCE, SIDE, "      - (on the {side}|that hurts)", ": sample 'that hurts': also a sample of HurtsIntent. "),
        (SOURCE, "synonyms: [pecs, ", "synonyms: [pecs/chest, ", "BodyArea.chest: 'pecs/chest' has a character that"),
        (SOURCE, "  ReadyIntent:\n", "  BreatheIntent: {slots: {}, samples: [breathe (in|out)]}\n  ReadyIntent:\n",
         "BreatheIntent: 2 samples. Write at least 25"),
        (BRIDGE, "  - supine bridge\n", "  - clamshell\n", "Exercise.glute-bridge: 'clamshell' already names "),
        (LOCALES, "- i rang one one one", "- i rang 111", "en-GB: SeenDoctorIntent: sample 'i rang 111': a charact"),
        (LOCALES, "    Limitation: {no-strap: [dressing gown cord]", "    Limitation: {no-strap: [cord/rope]",
         "en-GB: Limitation.no-strap: 'cord/rope' has a character that is not allowed."),
        (SKILL, "- open stretch coach", "- open stretch coach and sing", " coach and sing' is no sample of the model"),
        (SKILL, "summary: Stretches", f"summary: {'Stretches ' * 20}", "summary has 268 characters. At most 160"),
    ],
)  # fmt: skip
def test_what_breaks_a_rule_is_told_once_where_it_was_written(
    sources: Path, name: str, old: str, new: str, says: str
) -> None:
    """A mistake is one line, however many locales and sentences it comes to, and names the hand-written file."""
    where = change(sources, name, old, new)
    found = [line for line in check(sources) if ".json: stale" not in line]
    assert len(found) == 1, found
    assert found[0].startswith(f"{where}: ")
    assert says in found[0]


def test_a_mistake_that_locales_share_is_told_once(sources: Path) -> None:
    """What one locale takes over from another is told where it is written, and of the first."""
    where = change(sources, LOCALES, "    Limitation: {no-strap", "    Limitation: {no-rope")
    assert [line.partition(", ")[0] for line in check(sources) if line.startswith(LOCALES)] == [
        f"{where}: en-GB: synonyms.Limitation names no-rope"
    ]


def test_two_mistakes_are_two_lines(sources: Path) -> None:
    """Two names on one line of a file are each told, and so are two samples of one intent."""
    change(sources, SOURCE, "synonyms: [pecs, front of my chest]", "synonyms: [pecs/chest, chest/pecs]")
    change(sources, SOURCE, SIDE, f"{SIDE}!\n      - on {{side}}!")
    assert len([line for line in check(sources) if ".json: stale" not in line]) == 4


def test_a_stale_file_names_the_command(sources: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--check writes nothing, fails, and says what mends it; after a write it passes."""
    assert run(["--check"], sources) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("interaction_model/en-US.json: stale, and so are en-GB.json, en-AU.json, ")
    assert line.endswith(" skill.json. Write them again with: python -m tools model")
    assert not list((sources / "interaction_model").glob("*.json"))
    assert run([], sources) == 0
    assert run(["--check"], sources) == 0
    assert (sources / "interaction_model" / "en-GB.json").read_bytes() == (FOLDER / "en-GB.json").read_bytes()
