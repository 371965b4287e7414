"""What `python -m tools check` finds in content, and that both ways of reading content agree."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from content_reader.documents import ROOT, load_documents, load_library
from content_reader.yaml_reader import parse
from stretch_coach.errors import ContentError
from stretch_coach.library import Library
from tools.content.compiler import compile_document, problems

ABDUCTION = "content/exercises/standing-hip-abduction.yaml"
BRIDGE = "content/exercises/glute-bridge.yaml"
LUNGE = "content/exercises/low-lunge-hip-flexor-stretch.yaml"
WALK = "content/exercises/forward-backward-band-walk.yaml"
CIRCUIT = "content/routines/strength-circuit.yaml"
SCIATICA = "content/topics/what-is-sciatica.yaml"
WEIGHT_LOSS = "content/red_flags/weight-loss.yaml"
PREGNANT = "content/red_flags/pregnant.yaml"
LOCALE = "content/locale/en-US.yaml"
SAFETY = "content/safety/en-US.yaml"

FEW = (
    ABDUCTION,
    BRIDGE,
    LUNGE,
    WALK,
    "content/exercises/rotational-step-back.yaml",
    CIRCUIT,
    SCIATICA,
    "content/topics/sciatic-nerve.yaml",
    WEIGHT_LOSS,
    PREGNANT,
    "content/red_flags/born-female.yaml",
    LOCALE,
)


@pytest.fixture(name="few")
def _few(tmp_path: Path) -> Path:
    """A tree with a few real files of each kind and all schemas."""
    for name in FEW:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    shutil.copytree(ROOT / "content" / "schema", tmp_path / "content" / "schema")
    shutil.copytree(ROOT / "content" / "safety", tmp_path / "content" / "safety")
    return tmp_path


def change(path: Path, old: str, new: str) -> None:
    """Put `new` where `old` first stands in a file."""
    text = path.read_text("utf-8")
    assert old in text, f"{path.name} no longer holds {old!r}: mend the test"
    path.write_text(text.replace(old, new, 1), "utf-8")


def test_the_real_content_has_no_problems() -> None:
    """Every content file of this tree keeps every rule."""
    assert problems(ROOT) == []


def test_the_copy_has_no_problems(few: Path) -> None:
    """A problem found below comes from the mutation alone."""
    assert problems(few) == []


SHAPE = [
    (BRIDGE, "kind: strength\n", "", "the field kind is missing. Add kind:"),
    (BRIDGE, "exit: Lower", "exits: Lower", "unknown field exits. Did you mean exit?"),
    (BRIDGE, "harder: Add", "remark: none\nharder: Add", "unknown field remark. Remove it"),
    (BRIDGE, "kind: strength", "kind: power", 'kind is "power". Use one of stretch, strength, mobility'),
    (BRIDGE, "[glutes, ham", "[buttocks, ham", 'body_areas.0 is "buttocks". Use one of hips, hip-flexors, glutes,'),
    (BRIDGE, "[pregnancy, hip", "[pregnant, hip", 'avoid_if.0 is "pregnant". Use one of hip-replacement,'),
    (BRIDGE, "helpful: [mat]", "helpful: [mat, mat]", "helpful names something twice. Keep one of them"),
    (BRIDGE, "{seconds: 5}", "{seconds: five}", 'dose.hold.seconds is "five", which is not a whole number.'),
    (BRIDGE, "{seconds: 5}", "{seconds: 900}", "dose.hold.seconds is 900. Write a number from 1 to 300."),
    (LUNGE, "{seconds: 30,", "{breaths: 3, seconds: 30,", "dose.hold does not have one of its forms."),
    (BRIDGE, "  - bridges\n", "  - Bridges\n", 'synonyms.1 is "Bridges", which is not how it is written.'),
    (BRIDGE, "sets: 1", "sets: yes", 'dose.sets is "yes", which is not a whole number.'),
    (LUNGE, "  left: right foot", "  up: right foot", "unknown field up in side_cue. Remove it"),
    (LUNGE, "stretching your left hip", "stretching your left hip.", "side_cue.left is "),
    (CIRCUIT, "rounds: 3", "rounds: 0", "rounds is 0. Write a number from 1 to 10."),
    (CIRCUIT, "{count: 10}", "{cont: 10}", "unknown field cont in exercises.0.dose.reps. Did you mean count?"),
    (SCIATICA, "What is sciatica?", "What is sciatica", 'question is "What is sciatica", which is not how'),
    (WEIGHT_LOSS, "class: weigh", "class: light", 'class is "light". Use one of stop, weigh, info'),
    (WEIGHT_LOSS, "code: CA2\n", "", "the field code is missing. Add code:"),
    (LOCALE, "id: en-US", "id: english", 'id is "english", which is not how it is written.'),
]

MENDS = [
    (
        BRIDGE,
        "reps: {count: 8",
        "reps: {count: eight",
        'is "eight", which is not a whole number. Write a whole number, such as 8. Repetitions or steps on each side',
    ),
    (BRIDGE, "sets: 1\n", "sets: '1'\n", "Write a whole number, such as 1. Sets, at first"),
    (BRIDGE, "{count: 8,", "{count: 80,", "Write a number from 1 to 60. Repetitions or steps on each side, at first"),
    (
        BRIDGE,
        "hold: {seconds: 5}",
        "hold: 5",
        "which is not a mapping of fields or null. Write a mapping of fields, such as {seconds: …}, or null. Either",
    ),
    (
        BRIDGE,
        "body_areas: [glutes, hamstrings, core]",
        "body_areas: glutes",
        "Write a list, such as [hips]. What it is",
    ),
    (BRIDGE, "body_areas: [glutes, hamstrings, core]", "body_areas: []", "too short. Fill it in. What it is for, the"),
    (
        BRIDGE,
        "name: glute bridge\n",
        "name: 4\n",
        "name is 4, which is not text. Put it in quotes. Lower case; letters",
    ),
    (BRIDGE, "  - bridges\n", "  - Bridges\n", "not how it is written. Write it like this: lower case; letters, sp"),
    (WEIGHT_LOSS, "  - {ref: ", "  - {reference: ", "one of its forms. Write {seed: …, line: …, item: …}, or {ref: …}"),
    (WEIGHT_LOSS, "code: CA2", "code: []", "code is [], which is not text. Write text"),
    (
        LOCALE,
        "  halfway: halfway",
        "  halfway: []",
        "halfway is [], which is not text or a mapping of fields. Write a t",
    ),
    (LOCALE, "  find.nothing: ", "  Find.nothing: ", "Write it like this: lower-case words joined by dots, hyphens or"),
]
"""The mend comes before what the field is."""

RULES = [
    (BRIDGE, "id: glute-bridge", "id: bridge", "id is 'bridge'. Make it 'glute-bridge', like the file name"),
    (BRIDGE, "reviewed: null", "reviewed: 2026-01-02", "reviewed is not null. Leave it null:"),
    (WEIGHT_LOSS, "reviewed: null", "reviewed: {by: someone, date: '2026-01-02'}", "reviewed is not null."),
    (BRIDGE, "  - bridges\n", "  - bridge\n", "'bridge' is given twice. Remove one"),
    (BRIDGE, "Squeeze your buttocks firmly", "Go" + " on" * 25, "steps.2.say has a sentence of 26 words (Go on on"),
    (BRIDGE, "Squeeze your buttocks firmly.", "One. Two. Three.", "steps.2.say has 3 sentences. Keep it to 2"),
    (BRIDGE, "Squeeze your buttocks", "Squeeze <break/> now", "steps.2.say has markup. Content is plain words;"),
    (BRIDGE, "Squeeze your buttocks", "Squeeze & hold", "steps.2.say has '&'. Write it in words"),
    (BRIDGE, "short: Knees bent", "short: Knees {side}", "short has '{' '}'. Write it in words"),
    (BRIDGE, "Squeeze your buttocks", "Squeeze {which} side", "steps.2.say has the unknown placeholder {which}. Use"),
    (BRIDGE, "Squeeze your buttocks", "Squeeze your {side} side", "steps.2.say has {side}, yet sides is both. Say it"),
    (BRIDGE, "Squeeze your buttocks", "Squeeze for 5 breaths", "steps.2.say says '5'. Leave counts to the dose:"),
    (BRIDGE, "first_side: null", "first_side: left", "sides is both, yet a side is named. Make first_side and"),
    (BRIDGE, "sides: both", "sides: each", "sides is each, yet no side is named. Give side_cue a phrase"),
    (LUNGE, "first_side: left", "first_side: forward", "first_side is forward, which side_cue does not have. Use"),
    (LUNGE, "  left: right foot forward, stretching your left hip", "  left: that foot forward",
     "side_cue.left does not say left. Name the side"),
    (LUNGE, "  right: left foot forward,", "  right: right foot forward,",
     "side_cue.right is not side_cue.left with left and right swapped. Word both sides alike"),
    (WALK, "  backward: walking backward,", "  left: walking left,", "side_cue has forward and left. Use left and"),
    (LUNGE, "Rise up tall", "Rise up tall on your right foot", "steps.3.say says 'right' on both sides. Say {side} or"),
    (BRIDGE, "hold: {seconds: 5}", "hold: null", "gives has dose.hold.seconds, and nothing stands there."),
    (LUNGE, "seconds_max: 60", "seconds_max: 20", "dose.hold.seconds is 30, above seconds_max, 20. Swap or mend"),
    (WALK, "count_max: null", "count_max: 5", "dose.reps.count is 10, above count_max, 5. Swap or mend them"),
    (BRIDGE, "dose.reps.count,", "", "dose.reps.count has no source. Name it in the gives of a source line, or in"),
    (BRIDGE, "[name, synonyms", "[name, dose.hold.seconds, synonyms", "dose.hold.seconds stands in gives and in"),
    (BRIDGE, "[name, synonyms", "[name, dose.tempo, synonyms", "editor_set has dose.tempo, and nothing stands there."),
    (BRIDGE, "[name, synonyms", "[name, cautions.3, synonyms", "editor_set has cautions.3, and nothing stands there."),
    (BRIDGE, "dose.hold.seconds, dose", "dose.hold.breaths, dose.hold.seconds, dose", "gives has dose.hold.breaths,"),
    (SCIATICA, "editor_set: [", "editor_set: [say.9, ", "editor_set has say.9, and nothing stands there."),
    (BRIDGE, "000_5584a902ecb36eff", "000_0000000000000000", "source.0 names the unknown text '000_0000000000000000"),
    (BRIDGE, "line: 27", "line: 62", "source.0 names line 62 of 000_5584a902ecb36eff.txt. Its lines go from 1 to 61"),
    (SCIATICA, "line: 28", "line: 64", "names line 64 of 002_63bd8a0f1621cbff.txt. Its lines go from 1 to 63"),
    (CIRCUIT, "id: rotational-step-back", "id: curtsy-lunge", "exercises.1 is 'curtsy-lunge', which does not exist."),
    (CIRCUIT, "{count: 10}, sets: 1", "{count: 10}, hold: {seconds: 5}",
     "exercises.0.dose.hold changes what standing-hip-abduction does not have. Remove it"),
    (CIRCUIT, "glute-bridge, dose: {reps: {count: 10}", "glute-bridge, dose: {reps: {count: 40}",
     "exercises.2.dose.reps.count is 40, above count_max, 30. Swap or mend them"),
    (CIRCUIT, "editor_set: [synonyms, purpose, rest_between_rounds_seconds, exercises]", "editor_set: [purpose]",
     "exercises.0.dose.sets has no source. Name it in the gives of a source line, or in editor_set"),
    (PREGNANT, "born-female]", "born-male]", "relevant_if names 'born-male', which does not exist. Use the id of"),
    (WEIGHT_LOSS, "Is there a plain reason", "Is there " + "a very " * 13 + "plain reason",
     "follow_ups.0.plainer has a sentence of "),
    (WEIGHT_LOSS, "because: losing weight", "because: losing (a lot of) weight", "because has '(' ')'. Write it"),
    (LOCALE, "  halfway: halfway", "  halfway: '*halfway*'", "words.halfway has '*'. Write it in words"),
    (LOCALE, "prompts:\n", "prompts:\n  spare: ['Hi {name}.', 'Hi {nmae}.']\n",
     "prompts.spare: 'Hi {nmae}.' has other placeholders than 'Hi {name}.'. Use the same"),
    (LOCALE, "prompts:\n", "prompts:\n  spare: 'Hi {name.'\n", "prompts.spare has '{'. Write it in words"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "expected"), [*SHAPE, *MENDS, *RULES])
def test_each_kind_of_problem_is_found(few: Path, name: str, old: str, new: str, expected: str) -> None:
    """A file with one mistake is reported by its path, with the mistake in words."""
    change(few / name, old, new)
    found = problems(few)
    assert any(re.match(rf"{name}(:\d+)?: ", line) and expected in line for line in found), found
    assert {line.partition(":")[0] for line in found} == {name}


AT = [
    (BRIDGE, "  reps: {count: 8", "  reps: {count: eight", "dose.reps.count is"),
    (BRIDGE, "    settle_seconds: 4\n", "    settle_seconds: a\n", "steps.4.settle_seconds is"),
    (BRIDGE, "  - bridges\n", "  - Bridges\n", "synonyms.1 is"),
    (BRIDGE, "  - bridges\n", "  - bridge\n", "'bridge' is given twice."),
    (BRIDGE, "sets: 1", "set: 1", "unknown field set in dose."),
    (BRIDGE, "line: 27", "line: 62", "source.0 names line 62"),
    (BRIDGE, "    gives: [", "    gives: [dose.tempo, ", "gives has dose.tempo"),
    (BRIDGE, "  - say: Lie", "  - say: Lie for 5 breaths", "steps.0.say says '5'"),
    (CIRCUIT, "  - {id: rotational-step-back", "  - {id: curtsy-lunge", "exercises.1 is 'curtsy-lunge'"),
    (PREGNANT, "relevant_if: {said: [born-fem", "relevant_if: {said: [born-", "relevant_if names"),
    (WEIGHT_LOSS, "    plainer: Is there ", f"    plainer: Is there {'a very ' * 13} ", "follow_ups.0.plainer has"),
    (LOCALE, "  halfway: halfway", "  halfway: '*halfway*'", "words.halfway has '*'."),
    (LOCALE, "  find.nothing: ", "  find.nothing: Go <b>now. ", "prompts.find.nothing has markup."),
    (LOCALE, "  find.nothing: ", "  Find.nothing: ", 'a name is "Find.nothing", which is not'),
    (SAFETY, "    emergency_number: {say: nine nine nine", "    emergency_number: {say: 999",
     "numbers.en-GB.emergency_number.say is"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "expected"), AT)
def test_a_problem_of_a_field_names_its_line(few: Path, name: str, old: str, new: str, expected: str) -> None:
    """Wherever a field stands in the file, its line is named, in lists and below dotted names too."""
    text = (few / name).read_text("utf-8")
    number = text.count("\n", 0, text.index(old)) + 1
    change(few / name, old, new)
    found = [line for line in problems(few) if expected in line]
    assert [line.partition(": ")[0] for line in found] == [f"{name}:{number}"], problems(few)


def test_a_missing_field_is_told_where_it_would_stand(few: Path) -> None:
    """Inside a mapping the mapping's line is named; in the file itself there is no line to name."""
    change(few / BRIDGE, "sets: 1\n", "\n")
    assert any(re.match(rf"{BRIDGE}:\d+: the field sets is missing in dose\. ", line) for line in problems(few))
    change(few / BRIDGE, "kind: strength\n", "")
    assert any(line.startswith(f"{BRIDGE}: the field kind is missing. ") for line in problems(few))


def test_a_sentence_may_have_25_words(few: Path) -> None:
    """The longest sentence allowed is not reported."""
    change(few / BRIDGE, "Squeeze your buttocks firmly", "Go" + " on" * 24)
    assert problems(few) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        (BRIDGE, "kind: strength", "kind: strength\nkind: stretch", ":13: kind is given twice. Keep one of the two"),
        (BRIDGE, "{seconds: 5}", "{seconds: 5, seconds: 6}", ": seconds is given twice. Keep one of the two"),
        (LOCALE, '    "1": one', "    1: one", ": the key 1 is not text. Put it in quotes"),
        (BRIDGE, "kind: strength", "kind: strength: more", ":12: this is not YAML (mapping values are not allowed"),
        (BRIDGE, "id: glute-bridge\n", "id: *gone\n", ":1: this is not YAML (found undefined alias"),
    ],
)
def test_broken_yaml_is_reported_with_its_line(few: Path, name: str, old: str, new: str, expected: str) -> None:
    """Where a file cannot be read as it was meant, the line is named."""
    change(few / name, old, new)
    found = [line for line in problems(few) if line.startswith(f"{name}:")]
    assert any(expected in line for line in found), found


def test_a_file_that_is_no_mapping_is_reported(few: Path) -> None:
    """A list where fields are expected is a problem, not a crash."""
    (few / BRIDGE).write_text("- id: glute-bridge\n", "utf-8")
    assert f"{BRIDGE}: this is not a mapping of fields. Begin with id:" in problems(few)


def test_a_file_that_is_not_text_is_reported(few: Path) -> None:
    """Bytes that are not UTF-8 are a problem, not a crash."""
    (few / BRIDGE).write_bytes(b"id: caf\xe9\n")
    assert any(line.startswith(f"{BRIDGE}:1: this is not UTF-8") for line in problems(few))


@pytest.mark.parametrize(
    ("owner", "other", "old", "found_in"),
    [
        ("glute-bridge", CIRCUIT, "  - hip circuit\n", CIRCUIT),
        ("low-lunge-hip-flexor-stretch", BRIDGE, "  - hip bridge\n", LUNGE),
        ("sciatic-nerve", SCIATICA, "synonyms:\n", SCIATICA),
        ("pregnant", WEIGHT_LOSS, "synonyms: [", WEIGHT_LOSS),
    ],
)
def test_a_name_means_one_thing(few: Path, owner: str, other: str, old: str, found_in: str) -> None:
    """A synonym that is also a name of another item of its pool is reported at the later of the two."""
    path = next((few / "content").glob(f"*/{owner}.yaml"))
    name = parse(path.read_text("utf-8"), "")[0]["name"]
    change(few / other, old, f"{old}{name}, " if old.endswith("[") else f"{old}  - {name}\n")
    found = problems(few)
    assert len(found) == 1
    assert re.match(rf"{found_in}:\d+: ", found[0])
    assert " also means " in found[0]


def test_a_topic_may_share_its_name_with_an_exercise(few: Path) -> None:
    """Exercises and topics are asked for with different sentences, so a name may serve both."""
    change(few / SCIATICA, "synonyms:\n", "synonyms:\n  - glute bridge\n")
    assert problems(few) == []


def test_all_problems_of_all_files_are_collected(few: Path) -> None:
    """Two mistakes in one file and one in another are three lines."""
    change(few / BRIDGE, "kind: strength", "kind: power")
    change(few / BRIDGE, "line: 27", "line: 99")
    change(few / CIRCUIT, "rounds: 3", "rounds: 99")
    assert [line.partition(":")[0] for line in problems(few)] == [BRIDGE, CIRCUIT, BRIDGE]


def test_another_locale_has_the_same_prompts(few: Path) -> None:
    """A locale that lacks a prompt, or asks for other values, is reported."""
    text = (few / LOCALE).read_text("utf-8").replace("id: en-US", "id: en-GB")
    document = parse(text, "")[0]
    first, second, *_ = document["prompts"]
    document["prompts"][first] = "Say {something_else}."
    del document["prompts"][second]
    other = few / "content/locale/en-GB.yaml"
    other.write_text(json.dumps(document), "utf-8")
    found = problems(few)
    assert f"content/locale/en-GB.yaml:1: the prompt {second} is missing. Add it" in found
    assert any(f"prompts.{first}: 'Say {{something_else}}.' has other placeholders" in line for line in found)


def test_a_missing_schema_is_reported(few: Path) -> None:
    """Nothing passes for want of a schema."""
    (few / "content/schema/topic.schema.json").unlink()
    assert problems(few) == ["content/schema/topic.schema.json: missing. Every kind of content has a schema"]


def test_a_missing_locale_is_reported(few: Path) -> None:
    """Without en-US there is nothing to say."""
    (few / LOCALE).unlink()
    assert problems(few) == ["content/locale/en-US.yaml: there is no such locale. There is: none."]


def test_yes_and_no_are_words() -> None:
    """What listeners say stays text; only true and false are truth values."""
    document, faults = parse("yes: no\noff: on\ntruth: [true, false]\nday: 2026-01-02\n", "x.yaml")
    assert document == {"yes": "no", "off": "on", "truth": [True, False], "day": "2026-01-02"}
    assert faults == []


def test_yaml_and_compiled_json_give_equal_libraries() -> None:
    """The Lambda coaches from exactly what the authors wrote, sides in the same order."""
    from_yaml = load_library()
    from_json = Library.from_documents(json.loads(compile_document()))
    assert asdict(from_json) == asdict(from_yaml)
    assert [one.side_names for one in from_json.exercises.values()] == [
        one.side_names for one in from_yaml.exercises.values()
    ]


def test_the_version_follows_the_content(few: Path) -> None:
    """A changed word changes the fingerprint; a changed comment does not."""
    before = load_documents(few)["version"]
    change(few / BRIDGE, "id: glute-bridge", "# A comment.\nid: glute-bridge")
    assert load_documents(few)["version"] == before
    change(few / BRIDGE, "Squeeze your buttocks firmly", "Squeeze your buttocks well")
    assert load_documents(few)["version"] != before


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (BRIDGE, "id: a\nid: b\n", f"{BRIDGE}:2: id is given twice. Keep one of the two"),
        (BRIDGE, "[]\n", f"{BRIDGE}: this is not a mapping of fields. Begin with id:."),
    ],
)
def test_loading_refuses_what_cannot_be_read(few: Path, name: str, text: str, expected: str) -> None:
    """A loader raises ContentError that names the file, where a check would list it."""
    (few / name).write_text(text, "utf-8")
    with pytest.raises(ContentError) as caught:
        load_documents(few)
    assert str(caught.value) == expected


def test_talking_needs_no_development_tools() -> None:
    """Loading the library imports neither jsonschema nor anything else outside the run set-up."""
    code = (
        "import sys; from content_reader import documents; documents.load_library(); print('jsonschema' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "False"
