"""The safety check in conversation: what each thing said does to question, answers, outcome and lock."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from stretch_coach.acts import Ask, AskText, Card, End, Lead, Read
from stretch_coach.dialogue.rules import alarms, asking
from stretch_coach.dialogue.table import EVENTS
from stretch_coach.profile import Profile
from stretch_coach.safety import disposition
from stretch_coach.safety.check import Answer
from stretch_coach.safety.red_flag import Level, Question, RedFlag
from stretch_coach.session import Activity, Session, State
from stretch_coach.timeline import Place
from tests.check_talk import ASKED, BY_ID, LIBRARY, Talk, arrived, coaches
from tests.unit.dialogue.dialogue_events import events

FLAGS = LIBRARY.red_flags
SAFETY = LIBRARY.locale.safety
EXERCISE = "low-lunge-hip-flexor-stretch"
ANSWERS = {"YesIntent", "NoIntent", "NotSureIntent", "SkipIntent", "UnderAgeIntent"}
LEAVES = {
    "CallForHelpIntent",
    "StopIntent",
    "CancelIntent",
    "NavigateHomeIntent",
    "PauseIntent",
    "DeleteMyDataIntent",
    "EraseFailed",
    "Launch",
}
MOVES = {"GoBackIntent", "PreviousIntent", "StartOverIntent"}
NUMBERS = {
    "en-US": "nine one one", "en-CA": "nine one one", "en-GB": "nine nine nine", "en-AU": "triple zero",
    "en-IN": "one one two", "en-ZZ": "your local emergency number", "": "your local emergency number",
}  # fmt: skip
DISEASES = (
    r"cauda|syndrome|cancer|tumou?r|metasta|aneurysm|dissection|embol|thrombo|blood clot|fractur"
    r"|broken (?:hip|bone|spine)|abscess|discitis|meningitis|sepsis|septic|stroke"
    r"|heart attack|arthritis|spondyl|slipped dis[ck]|stenosis"
    r"|kidney stone|ectopic|miscarriage|hernia|osteoporo|myeloma|shingles"
)
CLEARING = r"all.clear|you(?:'re| are) fine|nothing (?:serious|to worry)|don't worry|no need to worry|safe to|it's just"
CHANCES = r"\bprobab|\blikely|\bchances?\b|per ?cent|odds|diagnos"


def at(item: str, locale: str = "en-US") -> Talk:
    """A talk in which `item` is the open question."""
    return Talk(LIBRARY, arrived(item), locale=locale)


def ended(item: str = "saddle-numbness", locale: str = "en-US") -> Talk:
    """A talk whose check ended with a yes to `item`."""
    talk = at(item, locale)
    talk.say("YesIntent")
    return talk.to_the_end()


def question_of(talk: Talk) -> str:
    """The item's wording that was put last; empty when none was."""
    assert talk.reply is not None
    last = talk.reply.acts[-1]
    return last.text if isinstance(last, AskText) else ""


# ---------------------------------------------------------------------------------------------- answers to a question


@pytest.mark.parametrize("found", ASKED, ids=lambda found: found.id)
def test_only_an_answer_answers(found: Question) -> None:
    """Whatever else is said at any question, no answer is recorded and a question of the check stays open."""
    before = at(found.id).check.answers
    for name in sorted(set(EVENTS) - ANSWERS - LEAVES - MOVES - {"Ended", "AudioFailed", "Touch"}):
        talk = at(found.id)
        talk.say(name)
        assert talk.check.answers == before, name
        assert (talk.state, talk.item) == ("checking", found.id), name
        assert question_of(talk) in {found.question, found.plainer}, name


@pytest.mark.parametrize("found", ASKED, ids=lambda found: found.id)
def test_an_unclear_answer_never_counts_as_no(found: Question) -> None:
    """Not sure and two answers that were not understood leave the question open or record not sure, never no."""
    talk = at(found.id)
    for name in (
        "FallbackIntent",
        "FallbackIntent",
        "FallbackIntent",
        "NotSureIntent",
        "FallbackIntent",
        "NotSureIntent",
    ):
        talk.say(name)
        assert talk.check.answer(found.id) in {None, Answer.NOT_SURE}


DECIDING = [found for found in ASKED if found.kind == "stop" or found.reassuring or found.level >= Level.SAME_DAY]


@pytest.mark.parametrize("found", DECIDING, ids=lambda found: found.id)
def test_not_sure_is_asked_again_in_plainer_words_then_stands(found: Question) -> None:
    """Where the answer decides by itself, the first not sure brings the plainer wording and the second is recorded."""
    talk = at(found.id)
    talk.say("NotSureIntent")
    assert talk.item == found.id
    assert talk.check.answer(found.id) is None
    assert found.plainer in talk.words
    before = talk.check
    talk.say("NotSureIntent")
    after = before.answered(found.id, Answer.NOT_SURE)
    outcome = disposition.disposition(FLAGS, after)
    assert talk.check.answers == after.answers or talk.session.locked == outcome.outcome


@pytest.mark.parametrize(("item", "level"), [
    ("saddle-numbness", "emergency"), ("chest-pain", "emergency"), ("leaking-pee-for-months", "emergency"),
    ("leaking-poo-for-months", "emergency"), ("fever", "same_day"), ("foot-drop-for-months", "same_day"),
    ("cancer-ever", "same_day"), ("pregnant", "same_day"),
])  # fmt: skip
def test_twice_not_sure_ends_at_the_items_level(item: str, level: str) -> None:
    """A lasting not sure counts as yes on what stops, and as no reassurance on what would reassure."""
    talk = at(item)
    talk.say("NotSureIntent")
    talk.say("NotSureIntent")
    assert talk.to_the_end().session.locked == level


def test_weighing_item_takes_not_sure_at_once() -> None:
    """A question that only weighs is not asked twice."""
    talk = at("night-pain")
    talk.say("NotSureIntent")
    assert talk.check.answer("night-pain") is Answer.NOT_SURE


def test_repeat_why_and_meaning() -> None:
    """Repeat says the question, why its reason, what do you mean the definition and the plainer wording."""
    found = FLAGS["saddle-numbness"]
    talk = at(found.id)
    talk.say("RepeatIntent")
    assert talk.words == found.question
    talk.say("WhyIntent")
    assert talk.words == f"{found.why} {found.question}"
    talk.say("ClarifyIntent")
    assert found.definition in talk.words
    assert question_of(talk) == found.plainer
    talk.say("HelpIntent")
    assert "not sure" in talk.words
    assert question_of(talk) == found.question


@pytest.mark.parametrize("found", ASKED, ids=lambda found: found.id)
def test_go_back_changes_the_last_answer(found: Question) -> None:
    """Back puts the question answered last again, and the new answer replaces the old one."""
    talk = at(found.id)
    answered = talk.check.answers
    if not answered:
        talk.say("GoBackIntent")
        assert talk.item == found.id
        assert "first question" in talk.words
        return
    talk.say("GoBackIntent")
    assert (talk.item, talk.check.answers) == (answered[-1][0], answered[:-1])
    talk.say("NoIntent" if answered[-1][1] is Answer.NO else "YesIntent")
    assert (talk.item, talk.check.answers) == (found.id, answered)


def test_going_back_through_a_whole_check_loses_nothing() -> None:
    """Back from the last question to the first asks every question again, in reverse."""
    talk = Talk(LIBRARY)
    talk.say("StartSafetyCheckIntent")
    talk.until("injury-under-treatment")
    answered = [item for item, _ in talk.check.answers]
    for item in reversed(answered):
        talk.say("GoBackIntent")
        assert talk.item == item
    assert talk.check.answers == ()


@pytest.mark.parametrize("found", ASKED, ids=lambda found: found.id)
def test_skip_only_where_it_is_safe(found: Question) -> None:
    """What may be skipped is recorded as skipped; anything else is asked again, with not sure as the way out."""
    talk = at(found.id)
    talk.say("SkipIntent")
    if found.skippable:
        assert talk.check.answer(found.id) is Answer.SKIPPED or talk.state != "checking"
    else:
        assert (talk.item, talk.check.answer(found.id)) == (found.id, None)
        assert "not sure" in talk.words


def test_a_skipped_emergency_question_comes_again_and_then_counts_as_not_sure() -> None:
    """The private emergency question is put once more at the end; skipped twice, it decides like not sure."""
    talk = at("sexual-change")
    talk.say("SkipIntent")
    assert SAFETY["skipped"] in talk.words
    talk.to_the_end(lambda item: "SkipIntent" if item == "sexual-change" else "NoIntent")
    assert talk.asked.count("sexual-change") == 1
    assert talk.asked[-1] == "sexual-change"
    assert talk.session.locked == "emergency"
    talk.say("WhyIntent")
    assert "You weren't sure about a change in sexual feeling" in talk.words


def test_how_many_left_counts_down() -> None:
    """The number said is the number of questions that follow when each is answered no."""
    talk = Talk(LIBRARY)
    talk.say("StartSafetyCheckIntent", kind="short")
    left = []
    while talk.state == "checking":
        talk.say("HowLongLeftIntent")
        found = re.search(r"about (\d+|\w+) questions", talk.words)
        left.append(int(found[1]) if found else 1)
        talk.say("NoIntent")
    assert left == list(range(len(left), 0, -1))
    assert len(left) <= 10


def test_an_exercise_in_the_middle_is_refused_politely() -> None:
    """Asked to start something, the skill says that the check comes first and how to leave it."""
    talk = at("both-legs")
    talk.say("StartExerciseIntent", exercise=EXERCISE)
    assert "say stop to leave it" in talk.words
    assert not coaches(talk.reply.acts if talk.reply else ())


def test_a_condition_named_in_the_middle_is_kept() -> None:
    """A hip replacement mentioned during the check hides its exercises afterwards, in this session only."""
    talk = at("both-legs")
    talk.say("ConditionIntent", condition="hip-replacement")
    assert (talk.state, talk.item) == ("checking", "both-legs")
    talk.to_the_end()
    assert "hip-replacement" in talk.session.conditions
    hidden = next(e for e in LIBRARY.exercises.values() if "hip-replacement" in e.avoid_if)
    talk.say("StartExerciseIntent", exercise=hidden.id)
    assert "I'll leave out" in talk.words
    assert "hip" not in str(profiles_record(talk.profile).get("conditions", ""))
    talk.new_session().say("Launch")
    talk.say("StartExerciseIntent", exercise=hidden.id)
    assert coaches(talk.reply.acts if talk.reply else ())


def profiles_record(profile: Profile) -> dict[str, object]:
    """The stored form of a profile."""
    from stretch_coach import profile as profiles

    return profiles.encode(profile)


def test_answers_that_contraindicate_hide_exercises() -> None:
    """Osteoporosis, pregnancy and the like, said as answers, hide exercises even when the check is dropped."""
    talk = at("thin-bones")
    talk.say("YesIntent")
    talk.say("PauseIntent")
    talk.say("NoIntent")
    assert talk.state == "home"
    assert "osteoporosis" in talk.session.conditions
    assert talk.session.caution


def test_a_symptom_named_in_the_middle_brings_its_question() -> None:
    """Chest pain mentioned at another question is asked about next, and the open question comes after it."""
    talk = at("both-legs")
    talk.say("HurtsIntent", symptom="chest-pain")
    assert talk.item == "chest-pain"
    talk.say("NoIntent")
    assert talk.item == "both-legs"


# ------------------------------------------------------------------------------------------- stopping and coming back


def test_stop_says_that_it_is_unfinished() -> None:
    """Stopped before the end, the check gives no outcome, but the safety net, and can go on in a new session."""
    talk = at("both-legs")
    talk.say("StopIntent")
    assert talk.advice == ["early"]
    assert SAFETY["safety_net"][0].split("{")[0] in talk.words
    assert isinstance(talk.reply.acts[-1] if talk.reply else None, End)
    talk.new_session().say("Launch")
    assert talk.state == "check_paused"
    talk.say("YesIntent")
    assert talk.item == "both-legs"


@pytest.mark.parametrize(
    "way", [("StopIntent",), ("CancelIntent",), ("NavigateHomeIntent",), ("PauseIntent", "NoIntent")]
)
@pytest.mark.parametrize(
    ("item", "level"), [("fever", "same_day"), ("leaking-pee", "emergency"), ("cancer-ever", "same_day")]
)
def test_leaving_after_an_answer_that_calls_for_care_still_ends_in_it(
    way: tuple[str, ...], item: str, level: str
) -> None:
    """A check that is left after a worrying answer says whom to call, and locks."""
    talk = at(item)
    talk.say("YesIntent")
    assert talk.state == "checking"
    for name in way:
        talk.say(name)
    assert (talk.session.locked, talk.profile.lock) == (level, True)
    assert talk.advice == [level]
    assert talk.words.startswith("Call ")


def test_pause_and_come_back() -> None:
    """A pause keeps the place; yes goes on with the open question."""
    talk = at("fever")
    talk.say("PauseIntent")
    assert (talk.state, talk.check) == ("check_paused", at("fever").check)
    talk.say("StartExerciseIntent", exercise=EXERCISE)
    assert talk.state == "check_paused"
    talk.say("YesIntent")
    assert (talk.state, talk.item) == ("checking", "fever")


@pytest.mark.parametrize("first", ["Launch", "StartExerciseIntent", "StartSafetyCheckIntent", "RedFlagInfoIntent",
                                   "FindExercisesIntent", "HurtsIntent"])  # fmt: skip
def test_a_dropped_session_never_passes_over_the_check(first: str) -> None:
    """Whatever a new session opens with, the check that waits comes before exercises, with its answers."""
    talk = at("fever")
    talk.say("YesIntent")
    answers = talk.check.answers
    talk.new_session().say(first, **({"exercise": EXERCISE} if first == "StartExerciseIntent" else {}))
    assert not coaches(talk.reply.acts if talk.reply else ())
    assert talk.check.answers == answers
    if talk.state == "check_paused":
        talk.say("NoIntent")
        assert talk.session.locked == "same_day"


def test_deleting_in_the_middle_comes_back_to_the_check() -> None:
    """Delete my data, then no: the check goes on; then yes: its answers are gone."""
    talk = at("fever")
    talk.say("DeleteMyDataIntent")
    talk.say("StartExerciseIntent", exercise=EXERCISE)
    assert talk.state == "check_paused"
    talk.say("DeleteMyDataIntent")
    talk.say("NoIntent")
    assert talk.state == "check_paused"
    talk.say("DeleteMyDataIntent")
    talk.say("YesIntent")
    assert talk.session.check == {}


# -------------------------------------------------------------------------------------------------------------- ages


def test_under_eighteen_at_the_question() -> None:
    """A yes to the first question ends with the advice for those too young, and no check can be had."""
    talk = Talk(LIBRARY)
    talk.say("StartSafetyCheckIntent")
    assert talk.item == "under-eighteen"
    talk.say("YesIntent")
    assert talk.advice == ["adults_only"]
    assert "parent" in talk.words
    talk.say("StartSafetyCheckIntent")
    assert (talk.state, talk.advice) == ("advised", ["adults_only"])


@pytest.mark.parametrize("item", ["", "under-eighteen", "both-legs", "night-pain"])
def test_an_age_under_eighteen_said_anywhere(item: str) -> None:
    """“I'm fifteen” at home or at any question ends the check in the advice for those too young."""
    talk = at(item) if item else Talk(LIBRARY)
    talk.say("UnderAgeIntent", age="15")
    assert (talk.state, talk.advice, talk.session.check) == ("advised", ["adults_only"], {})
    talk.say("StartExerciseIntent", exercise=EXERCISE)
    assert not coaches(talk.reply.acts if talk.reply else ())
    talk.say("RepeatIntent")
    assert talk.advice == ["adults_only"]
    talk.say("WhyIntent")
    assert "your age" in talk.words


def test_an_age_does_not_talk_an_emergency_down() -> None:
    """A new leak, and then “I'm fifteen”, stays an emergency; so does an emergency that was said already."""
    talk = at("leaking-pee")
    talk.say("YesIntent")
    talk.say("UnderAgeIntent", age="15")
    assert talk.advice == ["emergency"]
    talk.say("UnderAgeIntent", age="15")
    assert talk.advice == ["emergency"]
    assert talk.session.locked == "emergency"


@pytest.mark.parametrize(("item", "age", "answer"), [
    ("under-eighteen", "18", Answer.NO), ("under-eighteen", "40", Answer.NO), ("over-fifty", "49", Answer.NO),
    ("over-fifty", "50", Answer.YES), ("over-sixty-five", "65", Answer.YES), ("over-sixty-five", "64", Answer.NO),
    ("over-seventy", "69", Answer.NO), ("over-seventy", "72", Answer.YES), ("under-twenty", "19", Answer.YES),
])  # fmt: skip
def test_an_age_answers_a_question_about_age(item: str, age: str, answer: Answer) -> None:
    """Said at a question about age, a number of years is the answer."""
    talk = at(item)
    talk.say("UnderAgeIntent", age=age)
    assert talk.check.answer(item) is answer


def test_an_adults_age_elsewhere_changes_nothing() -> None:
    """At any other question an adult's age is no answer."""
    talk = at("both-legs")
    talk.say("UnderAgeIntent", age="44")
    assert (talk.item, talk.check.answer("both-legs")) == ("both-legs", None)


# ---------------------------------------------------------------------------------------------------------- outcomes


@pytest.mark.parametrize("locale", NUMBERS)
def test_an_emergency_comes_in_the_first_sentence_with_the_local_number(locale: str) -> None:
    """The first words of an emergency are whom to call, where the device is; the rest is in reach of one breath."""
    talk = ended(locale=locale)
    assert talk.words.startswith(f"Call {NUMBERS[locale]} now")
    assert "I can't call for you." in talk.words
    others = {number for number in NUMBERS.values() if number != NUMBERS[locale]}
    assert not any(number in talk.words for number in others)


def test_nothing_comes_before_an_outcome() -> None:
    """Even when a check is resumed straight into its outcome, the outcome opens the turn."""
    talk = at("saddle-numbness")
    whole = replace(talk.check, answers=(*talk.check.answers, ("saddle-numbness", Answer.YES)))
    talk.session = Session(check=whole.to_attributes())
    talk.say("Launch")
    talk.say("YesIntent")
    assert talk.words.startswith("Call nine one one now")


@pytest.mark.parametrize("between", [(), ("WhyIntent",), ("FallbackIntent",), ("FallbackIntent", "HelpIntent"),
                                     ("StartExerciseIntent",)])  # fmt: skip
@pytest.mark.parametrize("again", ["RepeatIntent", "YesIntent", "AgainIntent"])
@pytest.mark.parametrize("item", ["saddle-numbness", "blood-in-pee"])
def test_an_outcome_is_repeated_in_the_same_words(item: str, again: str, between: tuple[str, ...]) -> None:
    """Repeat, again and yes to “shall I say that again” give the outcome itself, whatever was said since."""
    talk = ended(item)
    said = talk.words
    for name in between:
        talk.say(name)
    if between != ("StartExerciseIntent",):
        talk.say(again)
        assert talk.words == said
    else:
        assert "paused until you've been seen" in talk.words


@pytest.mark.parametrize(("item", "level"), [("saddle-numbness", "emergency"), ("blood-in-pee", "same_day")])
def test_a_card_has_the_same_words_and_no_answers(item: str, level: str) -> None:
    """The card of an urgent outcome is what was spoken, with the number in digits, and names no answer."""
    from stretch_coach.speech.script import card_text

    talk = ended(item)
    assert talk.reply is not None
    (card,) = [act for act in talk.reply.acts if isinstance(act, Card)]
    title, text = card_text(LIBRARY, card)
    question = talk.reply.plan.cues[-1].text
    spoken = talk.words.removesuffix(question).strip()
    assert text == spoken.replace("nine one one", "911")
    assert level == card.outcome
    assert BY_ID[item].because not in title + text


@pytest.mark.parametrize("outcome", sorted(SAFETY["outcomes"]))
def test_every_outcome_carries_the_net_and_that_nobody_is_called(outcome: str) -> None:
    """Each outcome says what to look out for, names the number, and says that the skill cannot call."""
    says = Talk(LIBRARY)
    from stretch_coach.acts import Advise
    from stretch_coach.speech.script import advice

    text = " ".join(advice(LIBRARY, Advise(outcome, "en-US")))
    assert "I can't call for you." in text
    assert "nine one one" in text
    for sign in ("between", "pee", "legs", "chest pain"):
        assert sign in text
    assert says.reply is None


def outcome_texts() -> Iterator[str]:
    """Every text that is said around an outcome, with every reason there is."""

    def below(value: object) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from below(part)

    yield from below({key: value for key, value in SAFETY.items() if key not in {"id", "numbers"}})
    yield from (f"You told me about {found.because}." for found in ASKED if found.id != "cancer-ever")


def test_no_outcome_names_a_disease_clears_or_gives_chances() -> None:
    """Nothing said around an outcome names a disease as the cause, says all clear or gives a probability."""
    for text in outcome_texts():
        assert not re.search(DISEASES, text, re.IGNORECASE), text
        assert not re.search(f"{CLEARING}|{CHANCES}", text, re.IGNORECASE), text


OWN_CONDITIONS = {
    "cancer-ever": {"cancer"}, "thin-bones": {"osteoporo"}, "fever": set(), "pregnant": set(),
    "under-eighteen": set(), "injury-under-treatment": {"broken bone"}, "steroid-tablets": set(),
    "unsteady-legs": {"cancer"}, "tight-band": {"cancer"}, "fall": set(),
}  # fmt: skip
"""Items that ask about a condition the listener knows of may name it; that is not a diagnosis."""


@pytest.mark.parametrize("flag", FLAGS.values(), ids=lambda flag: flag.id)
def test_no_red_flag_text_diagnoses(flag: Question) -> None:
    """No text of a red flag names a disease the listener may have, clears anyone or gives a probability."""
    allowed = OWN_CONDITIONS.get(flag.id, set())
    texts = [getattr(flag, "info", ""), flag.question, flag.plainer, flag.why, flag.definition, flag.because]
    texts += [t for found in getattr(flag, "follow_ups", ()) for t in (found.question, found.plainer, found.why)]
    for text in texts:
        named = {found.lower() for found in re.findall(DISEASES, text, re.IGNORECASE)}
        assert named <= allowed, text
        assert not re.search(rf"all.clear|you're fine|nothing serious|don't worry|{CHANCES}", text, re.IGNORECASE), text


@pytest.mark.parametrize("found", [q for q in ASKED if q.kind == "stop" and not q.reassuring], ids=lambda q: q.id)
def test_why_names_what_was_said(found: Question) -> None:
    """After an outcome, why gives the listener's own answer as the reason."""
    talk = ended(found.id)
    talk.say("WhyIntent")
    assert talk.words.startswith("Here's why.")
    assert f"You told me about {found.because}." in talk.words or found.because in talk.words


def test_why_after_self_care_and_soon() -> None:
    """Why works after the quieter outcomes, too, without clearing anyone."""
    talk = Talk(LIBRARY)
    talk.say("StartSafetyCheckIntent")
    talk.to_the_end()
    talk.say("WhyIntent")
    assert "signs can be missed" in talk.words
    talk = ended("night-pain")
    assert talk.advice == ["soon"]
    talk.say("WhyIntent")
    assert "You told me about pain that's worse at night." in talk.words


def test_why_never_claims_that_nothing_was_said() -> None:
    """Where no check was done, or a lock knows no reason, why does not say that nothing was found."""
    talk = Talk(LIBRARY)
    talk.say("RedFlagInfoIntent", red_flag="chest-pain")
    talk.say("WhyIntent")
    assert FLAGS["chest-pain"].why in talk.words
    locked = Talk(LIBRARY, profile=Profile(greeted=True, lock=True))
    locked.say("Launch")
    locked.say("WhyIntent")
    assert "Nothing you told me" not in locked.words
    assert "paused until you've been seen" in locked.words


# -------------------------------------------------------------------------------------------------------- the lock


def locked_talks() -> Iterator[Talk]:
    """Every state there is, locked in this session, and locked in an earlier one."""
    activity = Activity(EXERCISE, 1_790_000_000_000, Place(1, 0, 3), routine="quick-hip-opener", index=1)
    for state in State:
        check = arrived("fever").check if state in {State.CHECKING, State.CHECK_PAUSED} else {}
        item = {State.CHECKING: "fever", State.HURTING: "eased", State.ADVISED: "again"}.get(state, "")
        session = Session(state=state, activity=activity, offers=(EXERCISE,), item=item, check=check)
        for level in ("emergency", "same_day", "adults_only"):
            yield Talk(LIBRARY, replace(session, locked=level), Profile(greeted=True, lock=level != "adults_only"))
        for open_item in asking.ADVISED if state is State.ADVISED else (item,):
            yield Talk(LIBRARY, replace(session, item=open_item), Profile(greeted=True, lock=True))


def test_nothing_coaches_while_locked() -> None:
    """In no state and by no event is an exercise led, taught or explained while exercises are locked."""
    for talk in locked_talks():
        session, profile = talk.session, talk.profile
        for event in events():
            talk.session, talk.profile = session, profile
            talk.say(event.name, **{key: slot.id or slot.value for key, slot in event.slots.items()})
            assert not coaches(talk.reply.acts if talk.reply else ()), (session.state, session.item, event.name)
            if event.name not in {"SeenDoctorIntent", "YesIntent", "DeleteMyDataIntent"}:
                assert talk.session.locked == session.locked or talk.session.locked, event.name
                assert talk.profile.lock >= profile.lock, event.name


@pytest.mark.parametrize("name", ["StopIntent", "CancelIntent"])
def test_stopping_stops_while_locked(name: str) -> None:
    """A count that runs while another device locks exercises can still be stopped."""
    activity = Activity(EXERCISE, 1_790_000_000_000)
    talk = Talk(LIBRARY, Session(state=State.COUNTING, activity=activity), Profile(greeted=True, lock=True))
    talk.say(name)
    assert "paused until" not in talk.words


def test_the_lock_lasts_until_the_listener_has_been_seen() -> None:
    """Locked now and in the next sessions; “I've been seen” opens it in a later session, not in this one."""
    talk = ended("saddle-numbness")
    talk.say("SeenDoctorIntent")
    assert (talk.item, talk.profile.lock) == ("seen", True)
    talk.say("YesIntent")
    assert (talk.session.locked, talk.profile.lock) == ("emergency", False)
    talk = ended("saddle-numbness")
    for _ in range(3):
        talk.new_session().say("Launch")
        assert "Exercises are paused" in talk.words
        talk.say("NoIntent")
        talk.say("StartRoutineIntent", routine="quick-hip-opener")
        assert not coaches(talk.reply.acts if talk.reply else ())
    talk.new_session().say("Launch")
    talk.say("YesIntent")
    assert "opened the exercises" in talk.words
    talk.say("StartExerciseIntent", exercise=EXERCISE)
    assert coaches(talk.reply.acts if talk.reply else ())


def test_a_calmer_check_does_not_open_the_lock() -> None:
    """While locked, a new check that finds nothing says its outcome and leaves exercises closed."""
    talk = ended("saddle-numbness").new_session()
    talk.say("StartSafetyCheckIntent")
    talk.to_the_end()
    assert "self_care" in talk.advice
    assert "locked.say" in talk.advice
    assert talk.profile.lock
    talk = ended("night-pain")
    assert not talk.profile.lock


def test_see_someone_soon_allows_gentle_exercises_with_a_warning() -> None:
    """After “soon”, a stretch starts with a warning, and strength is left out."""
    talk = ended("night-pain")
    strength = next(e for e in LIBRARY.exercises.values() if e.kind == "strength")
    talk.say("StartExerciseIntent", exercise=strength.id)
    assert not coaches(talk.reply.acts if talk.reply else ())
    assert "gentle" in talk.words
    talk.say("StartExerciseIntent", exercise=EXERCISE)
    assert any(isinstance(act, Lead) for act in (talk.reply.acts if talk.reply else ()))
    assert SAFETY["soon_warning"] in talk.words


# ------------------------------------------------------------------------------------------- pain during an exercise


def exercising() -> Talk:
    """A talk in the middle of a hold."""
    talk = Talk(LIBRARY, profile=Profile(greeted=True, heard=(EXERCISE,), mentioned=("modes",)))
    talk.say("StartExerciseIntent", exercise=EXERCISE)
    talk.now += 20_000
    return talk


@pytest.mark.parametrize(("symptom", "first"), sorted(alarms.FIRST_ASKED.items()))
def test_a_serious_symptom_goes_to_its_question(symptom: str, first: str) -> None:
    """Weakness, numbness, chest pain, breath or bladder trouble start the emergency questions with their own."""
    talk = exercising()
    talk.say("HurtsIntent", symptom=symptom)
    if symptom == "dizziness":
        assert talk.words.count("?") == 1
        talk.say("NoIntent")
    assert (talk.state, talk.item) == ("checking", first)
    assert "Call nine one one" in talk.words
    talk.say("YesIntent")
    assert talk.session.locked == "emergency"


def test_dizziness_that_passes_is_no_check() -> None:
    """Dizziness that has passed offers the easier way."""
    talk = exercising()
    talk.say("HurtsIntent", symptom="dizziness")
    talk.say("YesIntent")
    assert talk.state == "paused"


@pytest.mark.parametrize("answers", [
    ("HurtsIntent", "HurtsIntent", "HurtsIntent"), ("NotSureIntent", "NotSureIntent"), ("YesIntent", "NoIntent"),
    ("FallbackIntent", "NoIntent"), ("NoIntent", "YesIntent"), ("FallbackIntent", "FallbackIntent", "FallbackIntent"),
])  # fmt: skip
def test_pain_asks_at_most_two_things(answers: tuple[str, ...]) -> None:
    """After “that hurts”, at most two different questions come before the check or the way on."""
    talk = exercising()
    talk.say("HurtsIntent")
    asked = {talk.session.item}
    for name in answers:
        if talk.state == "hurting":
            talk.say(name, **({"place": "knee"} if name == "HurtsIntent" else {}))
            asked |= {talk.session.item} if talk.state == "hurting" else set()
    assert len(asked) <= 2
    assert talk.state in {"checking", "paused"}


def test_pain_that_eased_offers_the_easier_way() -> None:
    """A pain that goes when the stretch stops leads to the easier form."""
    talk = exercising()
    talk.say("HurtsIntent", place="knee")
    assert LIBRARY.exercises[EXERCISE].exit in talk.words
    talk.say("YesIntent")
    assert talk.state == "paused"
    assert str(LIBRARY.exercises[EXERCISE].easier) in talk.words


def test_pain_check_is_short() -> None:
    """The check during exercise asks at most ten questions and the one about the symptom."""
    talk = exercising()
    talk.say("HurtsIntent", symptom="breathless")
    talk.to_the_end()
    assert len(talk.asked) <= 11


DECIDING = [flag for flag in LIBRARY.red_flags.values() if alarms.decides(flag)]


@pytest.mark.parametrize("flag", DECIDING, ids=lambda flag: flag.id)
@pytest.mark.parametrize("leave", [("StopIntent",), ("PauseIntent", "CancelIntent"), ("Ended",)], ids="-".join)
@pytest.mark.parametrize("talk", [Talk, exercising], ids=["idle", "exercising"])
def test_a_named_sign_is_asked_about_first_and_not_lost(
    talk: Callable[..., Talk], leave: tuple[str, ...], flag: RedFlag
) -> None:
    """“I have X” asks about X at once; whoever leaves without an answer may not exercise until seen."""
    one = talk(*(() if talk is exercising else (LIBRARY,)))
    one.say("HurtsIntent", red_flag=flag.id)
    assert (one.state, one.item) == ("checking", flag.id)
    assert one.words.startswith(flag.info)
    for name in leave:
        one.say(name)
    assert one.profile.lock
    if leave != ("Ended",):
        assert one.advice[-1] in {"emergency", "same_day"}


@pytest.mark.parametrize("flag", DECIDING, ids=lambda flag: flag.id)
def test_a_named_sign_that_is_denied_locks_nothing(flag: RedFlag) -> None:
    """A no takes back what was named, and the check goes on with its other questions."""
    talk = Talk(LIBRARY)
    talk.say("HurtsIntent", red_flag=flag.id)
    talk.say("NoIntent")
    assert talk.state == "checking"
    assert talk.item != flag.id
    talk.say("StopIntent")
    assert not talk.profile.lock


@pytest.mark.parametrize("flag", [one for one in LIBRARY.red_flags.values() if not alarms.decides(one)],
                         ids=lambda flag: flag.id)  # fmt: skip
def test_a_lesser_sign_is_answered_and_the_check_offered(flag: RedFlag) -> None:
    """“I have X” for a sign that does not decide by itself gets its answer; a yes starts the check."""
    talk = Talk(LIBRARY)
    talk.say("HurtsIntent", red_flag=flag.id)
    assert talk.state in {"advised", "hurting"}
    assert not talk.profile.lock


@pytest.mark.parametrize("state", [state for state in State if state is not State.CHECK_PAUSED])
def test_a_call_for_help_is_never_answered_with_a_question(state: State) -> None:
    """Wherever an ambulance is called for, the emergency outcome is spoken first, and exercises are closed."""
    activity = Activity(EXERCISE, 1_790_000_000_000, Place(1, 0, 3))
    check = arrived("fever").check if state is State.CHECKING else {}
    item = {State.CHECKING: "fever", State.HURTING: "eased", State.ADVISED: "offer_check"}.get(state, "")
    talk = Talk(LIBRARY, Session(state=state, activity=activity, item=item, check=check), Profile(greeted=True))
    talk.say("CallForHelpIntent")
    assert talk.advice == ["emergency"]
    assert talk.words.startswith("Call nine one one now")
    assert (talk.state, talk.profile.lock, dict(talk.session.check)) == ("advised", True, {})
    talk.say("WhyIntent")
    assert "Nothing you told me" not in talk.words
    talk.say("StartExerciseIntent", exercise=EXERCISE)
    assert not coaches(talk.reply.acts if talk.reply else ())


@pytest.mark.parametrize("asked", ["what", "eased", "passed"])
@pytest.mark.parametrize("name", sorted(set(EVENTS) - {"DeleteMyDataIntent", "EraseFailed", "Launch"}))
def test_no_exercise_starts_while_pain_is_open(asked: str, name: str) -> None:
    """Nothing said while it is asked what hurts, or whether it has eased, starts or offers an exercise."""
    activity = Activity(EXERCISE, 1_790_000_000_000, Place(1, 0, 3))
    talk = Talk(LIBRARY, Session(state=State.HURTING, activity=activity, item=asked), Profile(greeted=True))
    slots = {"StartExerciseIntent": {"exercise": "cat-cow"}, "FindExercisesIntent": {"area": "lower-back"}}
    talk.say(name, **slots.get(name, {}))
    assert not coaches(talk.reply.acts if talk.reply else ())
    assert talk.state in {"hurting", "checking", "advised", "paused", "home"}
    assert talk.state != "home" or name in {"CancelIntent", "NavigateHomeIntent"}


def test_pain_in_the_chest_is_chest_pain() -> None:
    """“My chest hurts”, and “my chest” when asked where, go to the question about chest pain."""
    for first in ({"place": "chest"}, {"place": "chest", "symptom": "sharp-pain"}):
        talk = exercising()
        talk.say("HurtsIntent", **first)
        assert talk.item == "chest-pain"
    talk = exercising()
    talk.say("HurtsIntent")
    talk.say("FindExercisesIntent", area="chest")
    assert talk.item == "chest-pain"


# ------------------------------------------------------------------------------------------------------ one question


@pytest.mark.parametrize("flag", FLAGS.values(), ids=lambda flag: flag.id)
def test_info_says_what_to_do_and_offers_the_check(flag: Question) -> None:
    """“Is this a red flag” gets the item's answer and the offer of a check, which a yes starts."""
    talk = Talk(LIBRARY)
    talk.say("RedFlagInfoIntent", red_flag=flag.id)
    assert talk.words.startswith(str(getattr(flag, "info", "-")))
    assert isinstance(talk.reply.acts[-1] if talk.reply else None, Ask)
    talk.say("YesIntent")
    assert talk.item == "under-eighteen"


def test_info_of_something_unknown_says_so() -> None:
    """What is not on the list is neither cleared nor called a red flag; asked for all, the worst signs are said."""
    talk = Talk(LIBRARY)
    talk.say("RedFlagInfoIntent", red_flag="my cat")
    assert talk.advice == ["info.unknown"]
    assert talk.session.item == "offer_check"
    talk.say("RedFlagInfoIntent")
    assert talk.advice == ["safety_net"]


def test_info_in_the_middle_of_a_check_comes_back_to_the_question() -> None:
    """Asked about a sign during the check, the skill answers and puts its question again."""
    talk = at("both-legs")
    talk.say("RedFlagInfoIntent", red_flag="fever")
    assert any(isinstance(act, Read) for act in (talk.reply.acts if talk.reply else ()))
    assert (talk.state, talk.item) == ("checking", "both-legs")


@pytest.mark.parametrize(("item", "locks"), [("steroid-tablets", False), ("injects-drugs", True)])
def test_a_session_that_ends_in_a_check_locks_what_the_answers_call_for(item: str, *, locks: bool) -> None:
    """Answers expire within minutes; a lock they already call for outlives them."""
    talk = Talk(LIBRARY, arrived(item))
    talk.say("YesIntent")
    assert talk.session.state is State.CHECKING
    talk.say("Ended")
    assert talk.profile.lock is locks
