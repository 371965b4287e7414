"""The questions of the safety check as content."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from content_reader.yaml_reader import load
from stretch_coach.errors import ContentError
from stretch_coach.safety.red_flag import Level, Question, RedFlag, questions

CONTENT = Path(__file__).resolve().parents[3] / "content"
DOCUMENTS = {path.stem: load(path) for path in sorted((CONTENT / "red_flags").glob("*.yaml"))}
FLAGS = {stem: RedFlag.from_document(document, stem) for stem, document in DOCUMENTS.items()}
SCHEMA = json.loads((CONTENT / "schema" / "red_flag.schema.json").read_text())

EVERY_CODE = {
    "CES1", "CES2", "CES3", "CES4", "CES5", "CES6", "NER1", "NER2", "FX1", "FX2", "FX3", "FX4", "FX5", "CA1", "CA2",
    "CA3", "CA4", "IN1", "IN2", "IN3", "VA1", "VA2", "VA3", "VA4", "KI1", "KI2", "PR1", "GR1", "AS1", "HP1", "HP3",
    "HP4", "RE1",
}  # fmt: skip
"""The codes of the reviewed sources; HP2 (blood supply of the hip bone) is asked by follow-ups of FX4."""


def spoken(question: Question) -> dict[str, str]:
    """Every text of a question that can be said, by field."""
    fields = ("question", "plainer", "why", "definition", "because", "info")
    return {field: getattr(question, field, "") for field in fields if getattr(question, field, "")}


def all_questions() -> list[Question]:
    """Every item and follow-up, also those that are only explained."""
    return [question for flag in FLAGS.values() for question in (flag, *flag.follow_ups)]


def document(**changes: Any) -> dict[str, Any]:
    """A valid document with some fields changed; a value of None takes the field away."""
    merged = {**DOCUMENTS["leaking-pee"], **changes}
    return {key: value for key, value in merged.items() if value is not None or key == "reviewed"}


@pytest.mark.parametrize("stem", DOCUMENTS)
def test_document_follows_the_schema(stem: str) -> None:
    """Every file is valid, and its id is its file name."""
    jsonschema.validate(DOCUMENTS[stem], SCHEMA, cls=jsonschema.Draft202012Validator)
    assert DOCUMENTS[stem]["id"] == stem


def test_every_reviewed_code_is_asked() -> None:
    """No red flag of the sources is left out."""
    assert {flag.code for flag in FLAGS.values()} >= EVERY_CODE


def test_every_source_flag_is_cited() -> None:
    """All ten red flags and the three criteria of the source texts stand in the content with their lines."""
    cited = {source.get("item") for flag in FLAGS.values() for source in flag.sources}
    assert cited >= {f"RF-{number:02}" for number in range(1, 11)} | {"RU-02", "RU-03"}


def test_ids_and_names_are_unique() -> None:
    """An id names one question, and a word people use names one item."""
    ids = Counter(question.id for question in all_questions())
    names = Counter(name for flag in FLAGS.values() for name in (flag.name, *flag.synonyms))
    assert [name for name, count in (ids + names).items() if count > 1 and name not in FLAGS] == []
    assert max(ids.values()) == max(names.values()) == 1


@pytest.mark.parametrize("question", all_questions(), ids=lambda question: question.id)
def test_speech_is_short_and_plain(question: Question) -> None:
    """No spoken sentence passes 25 words or carries markup, and both wordings end in their question."""
    for field, text in spoken(question).items():
        for sentence in re.split(r"(?<=[.?!])\s+", text):
            assert len(sentence.split()) <= 25, f"{field}: {sentence}"
        assert not re.search(r"[<>&${}]", text), field
    for text in (question.question, question.plainer):
        assert text.removesuffix(" You can say skip.").endswith("?")


@pytest.mark.parametrize("question", all_questions(), ids=lambda question: question.id)
def test_a_yes_is_never_ambiguous(question: Question) -> None:
    """No question is negated or asks about problems, so that yes always means that the sign is there."""
    for text in (question.question, question.plainer):
        asked = re.split(r"(?<=[.?!])\s+", text.removesuffix(" You can say skip."))[-1]
        assert not re.match(r"(for example, )?(can|do|is|are|have|has|wo|did|was|could|does)n?'t\b", asked.lower())
        assert not re.search(r"any problems? with|do you suffer", asked, re.IGNORECASE)


@pytest.mark.parametrize("question", all_questions(), ids=lambda question: question.id)
def test_no_disease_is_named_as_the_cause(question: Question) -> None:
    """Nothing said while asking names a disease that the listener may have, and nothing clears them."""
    diseases = (
        r"cauda equina|syndrome|metasta|tumou?r|aneurysm|dissection|abscess|discitis|septic|thrombosis|embol|stroke|"
        r"arteritis|necrosis|spondyl|hernia|fracture|stone\b|blood clot|all clear|nothing serious|you're fine|probab"
    )
    for field, text in spoken(question).items():
        assert not re.search(diseases, text, re.IGNORECASE), field


def test_order_asks_the_worst_first() -> None:
    """Every emergency question that needs no earlier answer comes before everything but the age gate."""
    free = [flag for flag in questions(FLAGS) if isinstance(flag, RedFlag) and not flag.asked_if_said]
    levels = [flag.decides_emergency for flag in free if flag.id != "under-eighteen"]
    assert levels == sorted(levels, reverse=True)
    assert questions(FLAGS)[0].id == "under-eighteen"


def test_order_asks_same_day_before_weighing() -> None:
    """Items that call for care the same day by themselves come before those that only weigh."""
    weighing = min(flag.order for flag in FLAGS.values() if flag.points)
    free = (flag for flag in FLAGS.values() if not flag.asked_if_said and flag.level >= Level.SAME_DAY)
    assert max(flag.order for flag in free) < weighing


def test_gates_come_before_what_they_open() -> None:
    """A question that depends on another is asked later than it, and depends only on questions that exist."""
    for flag in FLAGS.values():
        for gate in (*flag.asked_if_said, *flag.asked_if_not_said):
            assert FLAGS[gate].order < flag.order, f"{flag.id} depends on {gate}"


def test_only_intimate_emergency_questions_can_be_skipped() -> None:
    """Of the questions that decide by themselves, only the private one offers skip; every weighing item can be."""
    assert [question.id for question in all_questions() if question.kind == "stop" and question.skippable] == [
        "sexual-change"
    ]
    assert all(question.skippable for question in questions(FLAGS) if question.kind == "weigh")


def test_reassuring_follow_ups_are_few() -> None:
    """Only what is long-standing and weight that was meant to go can lower an item."""
    lowering = {question.parent for question in all_questions() if question.reassuring}
    assert lowering == {"leaking-pee", "leaking-poo", "foot-drop", "weight-loss"}


def test_nothing_claims_a_review() -> None:
    """No item says that a clinician has reviewed it."""
    assert {flag.reviewed for flag in FLAGS.values()} == {None}


def test_info_only_items_are_never_asked() -> None:
    """Constipation and a leg that falls asleep are explained on request and not asked."""
    assert {flag.id for flag in FLAGS.values() if flag.kind == "info"} == {"constipation", "dead-leg"}
    assert not {"constipation", "dead-leg"} & {question.id for question in questions(FLAGS)}


def test_from_document_holds_every_field() -> None:
    """A document's fields arrive as values, follow-ups with their parent."""
    flag = FLAGS["leaking-pee"]
    assert (flag.code, flag.level, flag.topic, flag.short_check) == ("CES3", Level.EMERGENCY, "nerve", True)
    (follow_up,) = flag.follow_ups
    assert (follow_up.parent, follow_up.reassuring, follow_up.lowers_to) == ("leaking-pee", True, Level.SOON)
    assert FLAGS["pregnant"].asked_if_said == ("born-female",)
    assert FLAGS["under-twenty"].asked_if_not_said == ("over-fifty",)


FOLLOW_UP = DOCUMENTS["leaking-pee"]["follow_ups"][0]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"class": "halt"}, "class is 'halt'"),
        ({"level": "urgent"}, "level is 'urgent'"),
        ({"topic": "skin"}, "topic is 'skin'"),
        ({"colour": "red"}, "unknown field 'colour'"),
        ({"sources": []}, "unknown field 'sources'"),
        ({"relevant_if": {"yes": ["pregnant"]}}, "unknown field 'yes'"),
        ({"question": None}, "the field 'question' is missing"),
        ({"info": None}, "the field 'info' is missing"),
        ({"follow_ups": [{**FOLLOW_UP, "order": 1}]}, "unknown field 'order'"),
        ({"follow_ups": [{**FOLLOW_UP, "reassuring": False}]}, "reassuring and lowers_to belong together"),
        ({"follow_ups": [{**FOLLOW_UP, "lowers_to": "calm"}]}, "level is 'calm'"),
    ],
)
def test_from_document_names_what_is_wrong(changes: dict[str, Any], problem: str) -> None:
    """A wrong document raises ContentError that names the file and the problem."""
    with pytest.raises(ContentError, match=re.escape(problem)) as caught:
        RedFlag.from_document(document(**changes), "red_flags/leaking-pee")
    assert caught.value.where.startswith("red_flags/leaking-pee")
