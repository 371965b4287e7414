"""What the safety check asks next and what the answers add up to."""

from collections.abc import Callable, Iterable, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content_reader.yaml_reader import load
from stretch_coach.safety.check import KINDS, Answer, Check
from stretch_coach.safety.condition import Facts, Points, Said, Warns, all_of, one_of
from stretch_coach.safety.disposition import (
    COMBINATIONS,
    LEG_SIGNS,
    SOURCE_FLAGS,
    Disposition,
    contraindications,
    disposition,
    explain,
    rules,
)
from stretch_coach.safety.red_flag import Level, Question, RedFlag, questions
from stretch_coach.safety.screening import next_item, question, remaining, remaining_if_no

CONTENT = Path(__file__).resolve().parents[3] / "content" / "red_flags"
FLAGS = {path.stem: RedFlag.from_document(load(path), path.stem) for path in sorted(CONTENT.glob("*.yaml"))}
ASKED = questions(FLAGS)
IDS = [found.id for found in ASKED]
LOWERING = {found.id: found.parent for found in ASKED if found.reassuring}
EMERGENCIES = [found.id for found in ASKED if found.decides_emergency]
UNGATED = [item for item in EMERGENCIES if item in FLAGS and not FLAGS[item].asked_if_said]
YES, NO, NOT_SURE, SKIPPED = Answer.YES, Answer.NO, Answer.NOT_SURE, Answer.SKIPPED

RISING = (NO, SKIPPED, NOT_SURE, YES)
"""Answers from the least to the most worrying."""


def check(*yes: str, unsure: Iterable[str] = ()) -> Check:
    """A check in which these were answered yes, those not sure, and nothing else at all."""
    return Check(answers=(*((item, YES) for item in yes), *((item, NOT_SURE) for item in unsure)))


def level(*yes: str, unsure: Iterable[str] = ()) -> Level:
    """What these answers add up to."""
    return disposition(FLAGS, check(*yes, unsure=unsure)).level


def walk(answer: Callable[[str], Answer], start: Check | None = None) -> Check:
    """The finished check of somebody who answers like this; stops a check that would not end."""
    current = start or Check()
    for _ in range(2 * len(IDS)):
        item = next_item(FLAGS, current)
        if item is None:
            return current
        current = current.answered(item, answer(item))
    pytest.fail("the check did not end")


def worse_or_equal(item: str, answer: Answer) -> list[Answer]:
    """The answers at least as worrying as this one; of a reassuring question, yes is the least worrying."""
    if item in LOWERING:
        return [YES, SKIPPED, NOT_SURE, NO] if answer is YES else [SKIPPED, NOT_SURE, NO]
    return list(RISING[RISING.index(answer) :])


# ------------------------------------------------------------------------------------------------------ single items


@pytest.mark.parametrize("found", [found for found in ASKED if not found.reassuring], ids=lambda found: found.id)
def test_item_alone_has_its_own_level(found: Question) -> None:
    """A yes, or a lasting not-sure, to one item alone calls for the item's own level; a no for nothing."""
    assert level(found.id) == level(unsure=[found.id]) == found.level
    assert disposition(FLAGS, check().answered(found.id, NO)).level is Level.SELF_CARE


@pytest.mark.parametrize(("follow_up", "parent"), LOWERING.items())
def test_only_a_yes_to_a_reassuring_follow_up_lowers(follow_up: str, parent: str) -> None:
    """Long-standing and unchanged, or a diet, lowers its own item; no, not sure and skipped leave it."""
    own = level(parent)
    lowered = question(FLAGS, follow_up)
    assert lowered is not None
    assert level(parent, follow_up) == lowered.lowers_to
    assert own > level(parent, follow_up)
    for answer in (NO, NOT_SURE, SKIPPED):
        assert disposition(FLAGS, check(parent).answered(follow_up, answer)).level == own


@pytest.mark.parametrize("follow_up", LOWERING)
def test_a_reassuring_yes_lowers_nothing_else(follow_up: str) -> None:
    """A harmless reason given for one item leaves every other item at its level."""
    for found in ASKED:
        if found.id != LOWERING[follow_up] and not found.reassuring:
            assert level(found.id, follow_up) == found.level


def test_nothing_answered_is_self_care() -> None:
    """A check without answers has no reasons and calls for self care, which is never the same as all clear."""
    assert disposition(FLAGS, Check()) == Disposition(Level.SELF_CARE, (), ())


@pytest.mark.parametrize("item", ["night-pain", "over-fifty", "under-twenty", "severe", "over-seventy"])
def test_weak_flags_alone_never_call_for_care_today(item: str) -> None:
    """Night pain, age or the strength of the pain alone stay below the same day."""
    assert level(item) <= Level.SOON


def test_constipation_is_not_asked() -> None:
    """Constipation can raise nothing, even when it finds its way into the answers."""
    assert "constipation" not in IDS
    assert level("constipation") is Level.SELF_CARE


# ------------------------------------------------------------------------------------------------------- combinations

EDGES: list[tuple[str, tuple[str, ...], Level, tuple[str, ...], Level]] = [
    # rule, answers that hold, their level, answers just short of it, their level
    ("cancer-with-nerve-sign", ("cancer-ever", "unsteady-legs"), Level.EMERGENCY, ("cancer-ever",), Level.SAME_DAY),
    ("cancer-with-nerve-sign", ("cancer-ever", "tight-band"), Level.EMERGENCY, ("tight-band",), Level.SAME_DAY),
    (
        "cancer-with-nerve-sign", ("cancer-ever", "foot-drop"), Level.EMERGENCY,
        ("cancer-ever", "foot-drop", "foot-drop-for-months"), Level.SAME_DAY,
    ),
    ("illness-with-nerve-sign", ("fever", "foot-drop"), Level.EMERGENCY, ("fever", "night-pain"), Level.SAME_DAY),
    (
        "illness-with-nerve-sign", ("very-unwell", "unsteady-legs"), Level.EMERGENCY,
        ("very-unwell", "foot-drop", "foot-drop-for-months"), Level.SAME_DAY,
    ),
    (
        "fever-with-side-pain", ("fever", "side-to-groin-pain"), Level.EMERGENCY,
        ("very-unwell", "side-to-groin-pain"), Level.SAME_DAY,
    ),
    (
        "old-leak-with-leg-sign", ("leaking-pee", "leaking-pee-for-months", "unsteady-legs"), Level.EMERGENCY,
        ("leaking-pee", "leaking-pee-for-months", "fall"), Level.SOON,
    ),
    (
        "old-leak-with-leg-sign", ("leaking-poo", "leaking-poo-for-months", "foot-drop"), Level.EMERGENCY,
        ("leaking-poo", "leaking-poo-for-months", "foot-drop", "foot-drop-for-months"), Level.SOON,
    ),
    ("fracture-count", ("fall", "over-seventy"), Level.SAME_DAY, ("fall", "over-sixty-five"), Level.SOON),
    ("fracture-count", ("born-female", "over-seventy"), Level.SAME_DAY, ("born-female",), Level.SELF_CARE),
    ("fracture-count", ("steroid-tablets", "born-female"), Level.SAME_DAY, ("steroid-tablets",), Level.SOON),
    ("fall-with-thin-bones", ("fall", "thin-bones"), Level.SAME_DAY, ("thin-bones",), Level.SOON),
    ("fall-with-tapping-pain", ("fall", "tapping-hurts"), Level.SAME_DAY, ("tapping-hurts",), Level.SOON),
    (
        "sudden-pain-with-bone-risk", ("sudden-central-pain", "over-sixty-five"), Level.SAME_DAY,
        ("sudden-central-pain", "over-fifty"), Level.SOON,
    ),
    (
        "groin-pain-after-fall", ("fall", "groin-pain-standing", "over-sixty-five"), Level.SAME_DAY,
        ("fall", "over-sixty-five"), Level.SOON,
    ),
    (
        "groin-pain-in-training", ("groin-pain-standing", "runs-a-lot"), Level.SAME_DAY,
        ("groin-pain-standing",), Level.SOON,
    ),
    (
        "groin-pain-with-bone-risk", ("groin-pain-standing", "sickle-cell"), Level.SAME_DAY,
        ("groin-pain-standing", "diabetes"), Level.SOON,
    ),
    (
        "groin-pain-with-bone-risk", ("groin-pain-standing", "heavy-drinking"), Level.SAME_DAY,
        ("heavy-drinking",), Level.SELF_CARE,
    ),
    (
        "infection-risk-and-course", ("diabetes", "getting-worse"), Level.SAME_DAY,
        ("diabetes", "not-improving"), Level.SELF_CARE,
    ),
    (
        "infection-risk-and-course", ("recent-infection", "constant-pain"), Level.SAME_DAY,
        ("constant-pain",), Level.SOON,
    ),
    (
        "infection-risk-and-course", ("recent-procedure", "getting-worse"), Level.SAME_DAY,
        ("getting-worse",), Level.SOON,
    ),
    (
        "inflammatory-stiffness",
        ("morning-stiffness", "stiffness-eases", "over-three-months", "began-before-forty-five"), Level.SOON,
        ("morning-stiffness", "stiffness-eases", "over-three-months"), Level.SELF_CARE,
    ),
    (
        "first-or-stubborn-after-fifty", ("over-fifty", "first-ever-pain"), Level.SOON,
        ("first-ever-pain",), Level.SELF_CARE,
    ),
    (
        "first-or-stubborn-after-fifty", ("over-fifty", "not-improving"), Level.SOON,
        ("over-fifty", "severe"), Level.SELF_CARE,
    ),
    (
        "six-weeks-no-better", ("over-six-weeks", "not-improving"), Level.SOON,
        ("over-six-weeks", "severe"), Level.SELF_CARE,
    ),
    (
        "three-criteria", ("over-six-weeks", "severe", "under-twenty"), Level.SOON,
        ("severe", "under-twenty"), Level.SELF_CARE,
    ),
    (
        "three-criteria", ("over-six-weeks", "severe", "over-fifty"), Level.SOON,
        ("over-six-weeks", "over-fifty"), Level.SELF_CARE,
    ),
    ("two-flags", ("night-pain", "constant-pain"), Level.SAME_DAY, ("night-pain",), Level.SOON),
    ("two-flags", ("night-pain", "change-of-shape"), Level.SAME_DAY, ("night-pain", "over-fifty"), Level.SOON),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "holds", "held", "short", "left"), EDGES)
def test_rule_on_either_side_of_its_edge(
    rule: str, holds: tuple[str, ...], held: Level, short: tuple[str, ...], left: Level
) -> None:
    """A combination decides when all of it is there, and not when one piece is missing."""
    outcome = disposition(FLAGS, check(*holds))
    assert outcome.level is held
    assert rule in outcome.rules
    assert disposition(FLAGS, check(*short)).level is left
    assert rule not in disposition(FLAGS, check(*short)).rules


def test_every_combination_has_an_edge() -> None:
    """No rule of the table is left without its two examples."""
    assert {rule for rule, *_ in EDGES} == {rule.id for rule in COMBINATIONS} | {"two-flags"}


@pytest.mark.parametrize(
    ("yes", "unsure", "expected"),
    [
        (("night-pain",), ("constant-pain",), Level.SOON),  # three half flags
        ((), ("night-pain", "constant-pain", "tapping-hurts"), Level.SOON),
        (("night-pain", "over-fifty"), ("constant-pain",), Level.SAME_DAY),  # one, a half, a half
        ((), ("night-pain", "constant-pain", "tapping-hurts", "change-of-shape"), Level.SAME_DAY),
        (("night-pain",), ("constant-pain", "over-fifty"), Level.SOON),  # an unsure age weighs nothing
    ],
)
def test_not_sure_weighs_half(yes: tuple[str, ...], unsure: tuple[str, ...], expected: Level) -> None:
    """Among weighing flags a not-sure counts half a flag, and an age counts half."""
    assert level(*yes, unsure=unsure) is expected


def test_every_item_of_a_rule_is_a_question() -> None:
    """No rule looks at something that is never asked."""
    mentioned = {item for rule in rules(FLAGS) for item in rule.condition.items}
    assert mentioned <= set(IDS)
    assert {*LEG_SIGNS, *SOURCE_FLAGS} <= set(IDS)


# ------------------------------------------------------------------------------------------------------ monotonicity

answers_to_all = st.fixed_dictionaries({}, optional={item: st.sampled_from(RISING) for item in IDS})


@given(answers=answers_to_all, item=st.sampled_from(IDS), data=st.data())
@settings(max_examples=200, deadline=None)
def test_a_more_worrying_answer_never_lowers(answers: Mapping[str, Answer], item: str, data: st.DataObject) -> None:
    """Turning any answer from no to skipped to not sure to yes never lowers the level, whatever else was answered."""
    before = disposition(FLAGS, Check(answers=tuple(answers.items()))).level
    worse = data.draw(st.sampled_from(worse_or_equal(item, answers.get(item, YES if item in LOWERING else NO))))
    if item in LOWERING and item not in answers:
        return  # unanswered is already the most worrying
    after = disposition(FLAGS, Check(answers=tuple({**answers, item: worse}.items()))).level
    assert after >= before


def test_monotone_over_every_pair() -> None:
    """Exhaustively: with any two items that combine, a more worrying answer to either never lowers the level."""
    plain = {item for rule in rules(FLAGS) if len(rule.condition.items) > 1 for item in rule.condition.items}
    levels = {
        (one, two, first, second): disposition(FLAGS, Check(answers=((one, first), (two, second)))).level
        for one, two in product(plain, plain)
        if one < two
        for first, second in product((NO, NOT_SURE, YES), repeat=2)
    }
    for (one, two, first, second), found in levels.items():
        if first is not YES:
            assert levels[one, two, NOT_SURE if first is NO else YES, second] >= found
        if second is not YES:
            assert levels[one, two, first, NOT_SURE if second is NO else YES] >= found


@given(truth=st.fixed_dictionaries({item: st.sampled_from(RISING) for item in IDS}), item=st.sampled_from(IDS[1:]))
@settings(max_examples=40, deadline=None)
def test_leaving_questions_out_loses_nothing(truth: Mapping[str, Answer], item: str) -> None:
    """In a whole check of an adult, answering one question more worryingly never ends at a lower level."""
    first = {"under-eighteen": NO}
    calm = {known: NO if known in EMERGENCIES and known != item else answer for known, answer in truth.items()} | first
    before = disposition(FLAGS, walk(calm.__getitem__)).level
    worst = worse_or_equal(item, calm[item])[-1]
    assert disposition(FLAGS, walk({**calm, item: worst}.__getitem__)).level >= before


@given(truth=st.fixed_dictionaries({item: st.sampled_from((NO, NO, NO, NOT_SURE, YES)) for item in IDS}))
@settings(max_examples=40, deadline=None)
def test_questions_left_out_could_not_have_raised_the_outcome(truth: Mapping[str, Answer]) -> None:
    """Asking the rest as well, as far as it applies, would have ended at the same level."""
    done = walk(truth.__getitem__)
    if disposition(FLAGS, done).level is Level.EMERGENCY or disposition(FLAGS, done).adults_only:
        return
    everything = dict(done.answers)
    for found in ASKED:
        gates = (found.parent,) if found.parent else found.asked_if_said
        applies = not gates or any(everything.get(gate) in {YES, NOT_SURE} for gate in gates)
        shut = any(everything.get(gate) in {YES, NOT_SURE} for gate in found.asked_if_not_said)
        if found.id not in everything and applies and not shut:
            everything[found.id] = truth[found.id]
    assert disposition(FLAGS, Check(answers=tuple(everything.items()))).level == disposition(FLAGS, done).level


# ---------------------------------------------------------------------------------------------------- what is asked


def test_the_first_questions_cover_the_worst() -> None:
    """The check opens with the age gate and then the signs of pressed nerves."""
    current, asked = Check(), []
    for _ in range(4):
        item = next_item(FLAGS, current)
        assert item is not None
        asked.append(item)
        current = current.answered(item, NO)
    assert asked == ["under-eighteen", "saddle-numbness", "trouble-starting-to-pee", "bladder-feeling-lost"]


@given(truth=st.fixed_dictionaries({item: st.sampled_from((NO, NO, NO, YES)) for item in IDS}))
@settings(max_examples=30, deadline=None)
def test_no_emergency_question_is_left_out(truth: Mapping[str, Answer]) -> None:
    """Unless the check ended early, every emergency question that applies was asked, whatever else was answered."""
    calm = {item: NO if item in EMERGENCIES or item == "under-eighteen" else answer for item, answer in truth.items()}
    done = walk(calm.__getitem__)
    if disposition(FLAGS, done).level is Level.EMERGENCY:
        return
    answered = dict(done.answers)
    assert set(UNGATED) <= set(answered)
    for item in EMERGENCIES:
        found = question(FLAGS, item)
        assert found is not None
        gates = (found.parent,) if found.parent else found.asked_if_said
        if any(answered.get(gate) in {YES, NOT_SURE} for gate in gates):
            assert item in answered


@pytest.mark.parametrize("item", UNGATED)
@pytest.mark.parametrize("answer", [YES, NOT_SURE])
def test_an_emergency_ends_the_check(item: str, answer: Answer) -> None:
    """A yes or a lasting not-sure to an emergency item is the last answer, bar the question whether it is old."""
    done = walk(lambda asked: answer if asked == item else NO)
    assert disposition(FLAGS, done).level is Level.EMERGENCY
    assert next_item(FLAGS, done) is None
    assert remaining(FLAGS, done) == 0
    assert done.answers[-1][0] in {item, f"{item}-for-months"}


def test_an_old_leak_goes_on_with_the_check() -> None:
    """A leak that is months old and unchanged does not end the check, and ends at soon."""
    current = check("leaking-pee")
    assert next_item(FLAGS, current) == "leaking-pee-for-months"
    assert disposition(FLAGS, current).level is Level.EMERGENCY
    done = walk(lambda item: YES if item.startswith("leaking-pee") else NO)
    assert disposition(FLAGS, done).level is Level.SOON
    assert {"both-legs", "foot-drop"} <= dict(done.answers).keys()


def test_same_day_care_ends_the_weighing() -> None:
    """After an answer that calls for care today, only questions that could make it an emergency follow."""
    done = walk(lambda item: YES if item == "blood-in-pee" else NO)
    asked = list(dict(done.answers))
    after = asked[asked.index("blood-in-pee") + 1 :]
    assert after == ["over-fifty", "hip-trouble"]  # the doors to trouble seeing and to a painful lump


@pytest.mark.parametrize(
    ("gate", "opened"),
    [
        ("born-female", {"pregnant"}),
        ("pregnant", {"pregnancy-bleeding", "pregnancy-fluid", "pregnancy-tightening", "pregnancy-less-movement"}),
        (
            "hip-replacement",
            {"replaced-hip-redness", "replaced-hip-leaking", "replaced-hip-pop", "leg-shorter-or-turned"},
        ),
        ("fever", {"confusion"}),
        ("hip-trouble", {"groin-pain-standing", "groin-lump"}),
        ("over-fifty", {"first-ever-pain", "both-sides-stiff"}),
        ("morning-stiffness", {"stiffness-eases"}),
    ],
)
def test_questions_come_only_where_they_apply(gate: str, opened: set[str]) -> None:
    """A yes to the gate brings its questions, a no leaves them out."""
    needed = {gate, "born-female"} if gate == "pregnant" else {gate}
    opens = walk(lambda item: YES if item in needed else NO)
    assert opened <= dict(opens.answers).keys()
    shuts = walk(lambda item: YES if item in needed - {gate} else NO)
    assert not opened & dict(shuts.answers).keys()


def test_what_hides_exercises_is_asked_while_exercises_are_allowed() -> None:
    """Up to "see someone soon", where gentle exercises go on, everything that hides an exercise is asked."""
    hiding = {found.id for found in ASKED if found.contraindicates and not found.asked_if_said}
    done = walk(lambda item: YES if item == "night-pain" else NO)
    assert disposition(FLAGS, done).level is Level.SOON
    assert hiding <= dict(done.answers).keys()


def test_under_twenty_is_not_asked_over_fifty() -> None:
    """Whoever is over fifty is not asked whether they are under twenty."""
    assert "under-twenty" not in dict(walk(lambda item: YES if item == "over-fifty" else NO).answers)
    assert "under-twenty" in dict(walk(lambda _: NO).answers)


def test_under_eighteen_ends_the_check() -> None:
    """A child's check ends at once, with an outcome of its own and care the same day."""
    for answer in (YES, NOT_SURE):
        done = walk(dict.fromkeys(IDS, answer).__getitem__)
        assert dict(done.answers) == {"under-eighteen": answer}
        outcome = disposition(FLAGS, done)
        assert (outcome.adults_only, outcome.outcome, outcome.level) == (True, "adults_only", Level.SAME_DAY)


# --------------------------------------------------------------------------------------------------- skip and go back


def test_a_skipped_emergency_question_comes_again_last() -> None:
    """The private question can be skipped once, comes again at the end, and a second skip is not sure, so a yes."""
    once = walk(lambda item: SKIPPED if item == "sexual-change" else NO)
    assert once.answers[-1] == ("sexual-change", NOT_SURE)
    assert disposition(FLAGS, once).level is Level.EMERGENCY
    answers = iter([SKIPPED, NO])
    relented = walk(lambda item: next(answers) if item == "sexual-change" else NO)
    assert relented.answers[-1] == ("sexual-change", NO)
    assert disposition(FLAGS, relented).level is Level.SELF_CARE


def test_a_skipped_weighing_question_does_not_come_again() -> None:
    """Weighing questions may all be skipped: they are not asked twice and weigh nothing."""
    skippable = {found.id for found in ASKED if found.kind == "weigh"}
    done = walk(lambda item: SKIPPED if item in skippable else NO)
    assert len(done.answers) == len(dict(done.answers))
    assert disposition(FLAGS, done).level is Level.SELF_CARE


@given(data=st.data(), kind=st.sampled_from(KINDS))
@settings(max_examples=40, deadline=None)
def test_going_back_asks_the_last_question_again(data: st.DataObject, kind: str) -> None:
    """Back drops the last answer, and the same question is asked again with as many questions left as before."""
    current = Check.from_attributes({"kind": kind})
    for _ in range(data.draw(st.integers(1, 60))):
        item = next_item(FLAGS, current)
        if item is None:
            break
        following = current.answered(item, data.draw(st.sampled_from((NO, NO, NO, NOT_SURE, YES))))
        assert following.back() == current
        assert next_item(FLAGS, following.back()) == item
        current = following


def test_back_at_the_start_stays_there() -> None:
    """Going back before the first answer changes nothing."""
    assert Check("short").back() == Check("short")


# ----------------------------------------------------------------------------------------------- how many are left


@given(data=st.data(), kind=st.sampled_from(KINDS))
@settings(max_examples=40, deadline=None)
def test_remaining_is_never_too_few(data: st.DataObject, kind: str) -> None:
    """The number of questions left bounds what really follows, and falls with every answer."""
    current = Check.from_attributes({"kind": kind})
    bounds = []
    while (item := next_item(FLAGS, current)) is not None:
        bounds.append(remaining(FLAGS, current))
        found = question(FLAGS, item)
        assert found is not None
        may_say = (NO, NO, NO, NO, NOT_SURE, YES, *((SKIPPED,) if found.skippable else ()))
        current = current.answered(item, data.draw(st.sampled_from(may_say)))
    assert remaining(FLAGS, current) == 0
    assert all(bound >= len(bounds) - index for index, bound in enumerate(bounds))
    assert bounds == sorted(set(bounds), reverse=True)


def test_remaining_counts_the_question_whether_it_is_old() -> None:
    """While "is it old and unchanged" is open, the bound holds for either answer to it."""
    either = [remaining(FLAGS, check("foot-drop").answered("foot-drop-for-months", answer)) for answer in (YES, NO)]
    assert remaining(FLAGS, check("foot-drop")) == 1 + max(either)
    assert either[0] > either[1] > 0


def test_a_check_is_bounded() -> None:
    """A full check never asks more than 100 questions; one without a single yes asks 56."""
    assert remaining(FLAGS, Check()) <= 100
    assert remaining_if_no(FLAGS, Check()) == len(walk(lambda _: NO).answers) == 56


@pytest.mark.parametrize("kind", ["short", "exercise"])
def test_the_short_check_has_at_most_ten_questions(kind: str) -> None:
    """Over every way of answering it, the short check asks ten questions at most, all of them about emergencies."""
    longest = 0
    paths = [Check.from_attributes({"kind": kind})]
    while paths:
        current = paths.pop()
        item = next_item(FLAGS, current)
        longest = max(longest, len(current.answers))
        if item is not None:
            found = question(FLAGS, item)
            assert found is not None
            assert found.decides_emergency or found.reassuring or item == "under-eighteen"
            paths += [current.answered(item, answer) for answer in (YES, NOT_SURE, NO)]
    assert longest == remaining(FLAGS, Check.from_attributes({"kind": kind})) == 10


# ------------------------------------------------------------------------------------------ explaining and remembering


def test_reasons_are_the_answers_that_decided() -> None:
    """Only what made the worst rules hold is named, in the order it was answered, with what was answered."""
    current = check("tight-band", "night-pain", "weight-loss", "weight-loss-explained", unsure=["cancer-ever"])
    outcome = disposition(FLAGS, current)
    assert outcome.outcome == "emergency"
    assert outcome.rules == ("cancer-with-nerve-sign",)
    assert outcome.reasons == ("tight-band", "cancer-ever")
    assert explain(current, outcome) == (("tight-band", YES), ("cancer-ever", NOT_SURE))


def test_contraindications_are_what_was_said() -> None:
    """Yes and not sure hide the exercises that do not suit, no does not."""
    current = check("hip-replacement", unsure=["pregnant"]).answered("thin-bones", NO)
    assert contraindications(FLAGS, current) == {"hip-replacement", "pregnancy"}
    assert contraindications(FLAGS, Check()) == frozenset()


def test_attributes_keep_the_check() -> None:
    """A check survives session attributes, and the longest one takes less than 2 KB."""
    longest = Check("full", tuple((item, NOT_SURE) for item in IDS))
    assert Check.from_attributes(longest.to_attributes()) == longest
    finished = walk(lambda item: YES if item in {"over-fifty", "over-sixty-five", "hip-trouble"} else NO)
    assert Check.from_attributes(finished.to_attributes()) == finished
    assert len(str(longest.to_attributes())) < 2048


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({}, Check()),
        ({"kind": "long", "answers": 7}, Check()),
        ({"kind": "short", "answers": "saddle-numbness:y chest-pain: :n fever:x both-legs"}, check("saddle-numbness")),
    ],
)
def test_unreadable_attributes_are_asked_again(attributes: Mapping[Any, Any], expected: Check) -> None:
    """What cannot be read is dropped, so that it is asked again; reading never raises."""
    assert Check.from_attributes(attributes).answers == expected.answers


def test_unknown_items_change_nothing() -> None:
    """An answer to a question that content no longer has is ignored."""
    gone = check("a-question-of-last-year")
    assert disposition(FLAGS, gone).level is Level.SELF_CARE
    assert next_item(FLAGS, gone) == "under-eighteen"
    assert question(FLAGS, "a-question-of-last-year") is None


# ------------------------------------------------------------------------------------------------------- conditions


def test_conditions_look_at_answers_only() -> None:
    """Said ignores a lowering follow-up, warns does not, and points add up what warns."""
    facts = Facts({"a": YES, "b": NOT_SURE, "c": NO, "d": SKIPPED, "e": YES}, frozenset({"e"}))
    assert [Said(item).holds(facts) for item in "abcdex"] == [True, True, False, False, True, False]
    assert [Warns(item).holds(facts) for item in "abcdex"] == [True, True, False, False, False, False]
    assert all_of("a", "b").holds(facts)
    assert not all_of("a", one_of("c", "d")).holds(facts)
    weights = (("a", 2), ("b", 2), ("c", 2), ("e", 2))
    assert Points(3, weights).holds(facts)
    assert not Points(4, weights).holds(facts)
    assert all_of("a", one_of("b", "c")).items == ("a", "b", "c")
