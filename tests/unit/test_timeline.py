"""Where the listener is, worked out from the clock alone, against what has truly been heard."""

from dataclasses import replace

import pytest

from stretch_coach.acts import Lead
from stretch_coach.events import Event, Kind
from stretch_coach.profile import Profile
from stretch_coach.session import State
from stretch_coach.speech import script
from stretch_coach.timeline import (
    MAX_START_LATENCY_MS,
    Carrier,
    Cue,
    Part,
    Place,
    Position,
    locate,
    total_ms,
)  # fmt: skip
from stretch_coach.turn import Reply
from tests.unit.performances import IDS, PLAIN, Talk, alternating, counted, intent, true_place, units_heard

LIBRARY = alternating()
PERFORMED = (
    "low-lunge-hip-flexor-stretch", "reclining-hand-to-big-toe-side", "glute-bridge", "forward-backward-band-walk",
    "marching", "lizard-lunge-knee-out",
)  # fmt: skip
"""A hold on two sides, breaths, repetitions with a hold, steps, alternating sides, and sets."""
LATENCIES_MS = (300, 700, 1100, 1500)
STEP_MS = 100


def performance(name: str, form: str = "long") -> tuple[Cue, ...]:
    """The first turn of an exercise."""
    exercise = LIBRARY.exercises[name]
    return script.lead(LIBRARY, Lead(name, exercise.dose, Place(), form, PLAIN, bouts=99, variant=0)).cues


def spoken_index(cues: tuple[Cue, ...], heard_ms: int) -> int:
    """Which spoken cue is being heard, or was heard last; -1 before the first."""
    index, start = -1, 0
    for cue in cues:
        if heard_ms < start:
            break
        index += bool(cue.text)
        start += cue.ms
    return index


@pytest.mark.parametrize("name", PERFORMED)
@pytest.mark.parametrize("latency", LATENCIES_MS)
def test_the_place_is_never_ahead_and_at_most_two_counts_behind(name: str, latency: int) -> None:
    """Cut into at every tenth of a second, the place found has been reached, and is two counts back at the most."""
    cues = performance(name)
    order = {place: index for index, place in enumerate(sorted({cue.place for cue in cues}))}
    for elapsed in range(0, total_ms(cues) + 5000, STEP_MS):
        heard = elapsed - latency
        found, truth = locate(cues, elapsed).place, true_place(cues, max(0, heard))
        assert found <= truth
        assert order[truth] - order[found] <= 2
        full = len(units_heard(cues, heard))
        assert sum(cue_place < found for cue_place in {cue.place for cue in counted(cues)}) <= full


@pytest.mark.parametrize("name", PERFORMED)
@pytest.mark.parametrize("latency", LATENCIES_MS)
def test_an_instruction_is_at_most_one_sentence_off(name: str, latency: int) -> None:
    """While instructions are given, the one found is the one being heard or the one before it."""
    cues = performance(name)
    intro = tuple(cue for index, cue in enumerate(cues) if not any(c.part is not Part.INTRO for c in cues[: index + 1]))
    steps = [cue.step for cue in intro if cue.text]
    for elapsed in range(latency, total_ms(intro), STEP_MS):
        said = max(0, spoken_index(intro, elapsed - latency))
        position = locate(cues, elapsed)
        assert position.part is Part.INTRO
        assert steps[max(0, said - 1)] <= position.step <= steps[said]


@pytest.mark.parametrize("name", PERFORMED)
def test_finished_exactly_when_the_last_count_is_over(name: str) -> None:
    """A turn is finished from the millisecond its last count has been heard, the slowest start allowed for."""
    cues = performance(name)
    last = max(index for index, cue in enumerate(cues) if cue.part is Part.COUNT)
    end = total_ms(cues[: last + 1])
    assert not locate(cues, end + MAX_START_LATENCY_MS - 1).finished
    assert locate(cues, end + MAX_START_LATENCY_MS).finished
    assert locate(cues, end + MAX_START_LATENCY_MS).part is Part.RELEASE


@pytest.mark.parametrize("name", PERFORMED)
@pytest.mark.parametrize("elapsed", [-86_400_000, -1, 0, 1, MAX_START_LATENCY_MS])
def test_before_the_first_sound_it_is_the_start(name: str, elapsed: int) -> None:
    """Clocks that disagree, or a request that comes at once, mean the beginning."""
    cues = performance(name)
    position = locate(cues, elapsed)
    assert (position.place, position.part, position.step, position.finished) == (Place(), Part.INTRO, 0, False)


def test_long_after_the_end_it_is_the_end() -> None:
    """A day later everything has been played."""
    cues = performance("low-lunge-hip-flexor-stretch")
    assert locate(cues, 86_400_000) == Position(Part.RELEASE, Place(1, 1, 30), 0, True, 0)


def test_an_empty_plan_is_finished() -> None:
    """A plan without cues has nothing left."""
    assert locate((), 0) == Position(Part.INTRO, Place(), 0, True, 0)


def test_a_plan_that_counts_nothing_is_finished_from_the_start() -> None:
    """Where nothing is counted nothing can be cut into."""
    cues = (Cue("Hello.", 2000, Carrier.PROSE), Cue("", 500, Carrier.QUIET))
    assert locate(cues, 0).finished
    assert locate(cues, 0).left_ms == 0


def test_what_is_left_is_counted_time_of_this_side() -> None:
    """What is left is the whole hold until it begins, then falls with every millisecond, and is nothing at its end."""
    cues = performance("low-lunge-hip-flexor-stretch")
    first = next(index for index, cue in enumerate(cues) if cue.part is Part.COUNT)
    begins = total_ms(cues[:first]) + MAX_START_LATENCY_MS
    assert locate(cues, begins - 5000).left_ms == 30_000
    assert locate(cues, begins).left_ms == 30_000
    assert locate(cues, begins + 1).left_ms == 29_999
    assert locate(cues, begins + 12_345).left_ms == 17_655
    assert locate(cues, begins + 29_999).left_ms == 1
    assert locate(cues, begins + 30_000).left_ms == 0


@pytest.mark.parametrize("name", PERFORMED)
def test_the_places_of_a_plan_only_go_forward(name: str) -> None:
    """A later cue is never at an earlier place."""
    places = [cue.place for cue in performance(name)]
    assert places == sorted(places)


# Through the dialogue: what a listener is credited with


def last_cue(reply: Reply) -> int:
    """How long the reply is heard for."""
    return total_ms(reply.plan.cues)


def begin(name: str) -> tuple[Talk, Reply]:
    """A talk in which an exercise that is known has just been started."""
    talk = Talk(LIBRARY, Profile(heard=(*IDS, "marching"), mentioned=("modes",)))
    return talk, talk.say(intent("StartExerciseIntent", exercise=name))


def every_unit(name: str) -> set[Place]:
    """The place of every count of an exercise."""
    exercise = LIBRARY.exercises[name]
    lead = Lead(name, exercise.dose, Place(), "none", PLAIN, bouts=99, variant=0)
    found: set[Place] = set()
    while True:
        planned = script.lead(LIBRARY, lead)
        found |= {cue.place for cue in counted(planned.cues)}
        if planned.end is None:
            return found
        lead = replace(lead, place=planned.end)


def heard_by(reply: Reply, heard_ms: int) -> set[Place]:
    """The units of a reply counted out in full."""
    return units_heard(reply.plan.cues, heard_ms)


@pytest.mark.parametrize("name", PERFORMED)
@pytest.mark.parametrize("latency", [300, 1500])
def test_pausing_and_resuming_completes_the_dose(name: str, latency: int) -> None:
    """Paused at any moment and resumed, what was truly heard before and what is counted after make the whole dose."""
    _, reply = begin(name)
    wanted, length = every_unit(name), last_cue(reply)
    for heard_ms in range(0, length, 1700):
        talk, reply = begin(name)
        heard = heard_by(reply, heard_ms)
        talk.now += latency + heard_ms
        paused = talk.say(intent("PauseIntent"))
        assert not talk.profile.recent or wanted <= heard
        if paused.session.state is not State.PAUSED or talk.profile.recent:
            continue
        place = paused.session.activity.place if paused.session.activity else Place()
        assert {unit for unit in wanted if unit < place} <= heard
        talk.now += 60_000
        resumed = talk.say(intent("ResumeIntent"))
        remaining = {cue.place for cue in counted(resumed.plan.cues)}
        assert min(remaining) == min(unit for unit in wanted if unit >= place)
        assert len(heard - {unit for unit in heard if unit < min(remaining)}) <= 2


@pytest.mark.parametrize("name", PERFORMED)
@pytest.mark.parametrize(("every_ms", "latency"), [(13_700, 300), (13_700, 1500), (23_300, 900), (41_100, 1500)])
def test_interrupted_all_the_way_nothing_is_credited_that_was_not_done(name: str, every_ms: int, latency: int) -> None:
    """Cut into again and again, an exercise is done exactly when each of its counts has been heard in full."""
    talk, reply = begin(name)
    wanted, heard = every_unit(name), set[Place]()
    for _ in range(120):
        cut = min(every_ms, last_cue(reply) + 4000) if reply.session.state is State.COUNTING else 0
        counts = counted(reply.plan.cues)
        if reply.session.state is State.COUNTING and counts:
            begins = reply.plan.cues.index(counts[0])
            cut += total_ms(reply.plan.cues[:begins])
            heard |= heard_by(reply, cut)
        talk.now += latency + cut
        reply = talk.say(intent("PauseIntent"))
        if talk.profile.recent:
            break
        assert wanted - heard or reply.session.state is State.PAUSED
        talk.now += 5000
        reply = talk.say(intent("ResumeIntent"))
    assert heard == wanted
    assert [done.exercise for done in talk.profile.recent] == [name]


@pytest.mark.parametrize("name", PERFORMED)
def test_a_session_that_dies_keeps_the_place(name: str) -> None:
    """A session that ends in the middle, at any moment, is taken up again at a place that was reached."""
    _, reply = begin(name)
    for heard_ms in range(5000, last_cue(reply), 6100):
        talk, reply = begin(name)
        heard = heard_by(reply, heard_ms)
        talk.now += 300 + heard_ms
        ended = talk.say(Event(Kind.ENDED, str(Kind.ENDED), reason="EXCEEDED_MAX_REPROMPTS"))
        assert not ended.plan.cues
        kept = talk.profile.under_way
        if talk.profile.recent:
            assert heard >= every_unit(name)
        elif kept:
            assert {unit for unit in every_unit(name) if unit < kept.place} <= heard


def test_a_question_in_the_middle_does_not_lose_the_count() -> None:
    """Asked how long is left on each side, the coach answers and goes on counting from a place that was reached."""
    for second in range(4, 100, 3):
        talk, reply = begin("low-lunge-hip-flexor-stretch")
        heard = heard_by(reply, second * 1000)
        talk.now += 800 + second * 1000
        reply = talk.say(intent("HowLongLeftIntent"))
        if reply.session.state is not State.COUNTING or not counted(reply.plan.cues):
            continue
        first = counted(reply.plan.cues)[0].place
        assert {unit for unit in every_unit("low-lunge-hip-flexor-stretch") if unit < first} <= heard


def at(name: str, part: Part, event: Event) -> Reply:
    """The answer to an event that cuts into an exercise where it comes to this part first."""
    talk, reply = begin(name)
    before = next(index for index, cue in enumerate(reply.plan.cues) if cue.part is part)
    talk.now += total_ms(reply.plan.cues[:before]) + MAX_START_LATENCY_MS + 100
    return talk.say(event)


def test_pausing_names_the_count_that_was_begun() -> None:
    """Paused while a second is counted, its number is said."""
    talk, reply = begin("low-lunge-hip-flexor-stretch")
    first = next(index for index, cue in enumerate(reply.plan.cues) if cue.part is Part.COUNT)
    talk.now += total_ms(reply.plan.cues[: first + 11]) + MAX_START_LATENCY_MS
    said = talk.say(intent("PauseIntent")).plan.cues[0].text
    assert "12 seconds" in said
    assert "left side" in said


@pytest.mark.parametrize("part", [Part.RELEASE, Part.CHANGE])
def test_pausing_between_two_sides_names_no_count_that_was_not_begun(part: Part) -> None:
    """Paused between two sides of 30 seconds, no 31st second and no second of the other side is named."""
    said = at("low-lunge-hip-flexor-stretch", part, intent("PauseIntent")).plan.cues[0].text
    assert "31" not in said
    assert "1 second," not in said


def test_a_longer_hold_asked_for_on_the_way_out_leaves_time_to_get_back() -> None:
    """Made longer while the listener lets go, the hold does not go on before there was time to get back into it."""
    reply = at("low-lunge-hip-flexor-stretch", Part.RELEASE, intent("ChangeDoseIntent", direction="longer"))
    ready = next(index for index, cue in enumerate(reply.plan.cues) if cue.part is Part.READY)
    assert any(cue.part is Part.INTRO for cue in reply.plan.cues[:ready])
