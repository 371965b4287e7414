"""A walk over everything the dialogue can come to, turn by turn, with what must hold in every turn.

States that differ only in figures are one: `outline` says what tells two apart. Every state found is met with every
event, every kind of slot value and, where something is being counted, at every kind of moment. `make test` walks as
far as TURNS; STRETCH_COACH_WALK=all walks until nothing new is found.
"""

import heapq
import json
import os
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count, product
from typing import Any

import pytest

from content_reader.documents import load_library
from stretch_coach.acts import Ask, AskText
from stretch_coach.dialogue.rules import general
from stretch_coach.dialogue.step import arrive, event_name, guard, sound
from stretch_coach.dialogue.table import TRANSITIONS
from stretch_coach.dialogue.turn_state import Rule, Turn
from stretch_coach.events import Device, Event, Kind
from stretch_coach.library import Library
from stretch_coach.profile import Done, Profile
from stretch_coach.safety import disposition, screening
from stretch_coach.safety.check import KINDS, Answer, Check
from stretch_coach.session import Activity, Session, State
from stretch_coach.speech import cadence
from stretch_coach.timeline import MAX_START_LATENCY_MS, Cue, Place
from stretch_coach.turn import Reply, take_turn
from tests.integration.fetched import or_skip
from tests.unit.dialogue.dialogue_events import BREATHS, REPS, SIDED, events
from tests.unit.reply_checks import answers_of, markup_of, problems
from tests.unit.second_opinion import second_opinion

EVERYTHING = os.environ.get("STRETCH_COACH_WALK") == "all"
TURNS = 10**9 if EVERYTHING else 20_000
SHARE = 5
"""One moment of every state is met with everything; later ones are met with a fifth of it, in turn."""
START = 1_790_000_000_000
DAY_MS = 86_400_000
DEVICE = "aaaaaaaa"
EVENTS = tuple(events())

pytestmark = pytest.mark.xdist_group("walk")  # one walk for all of them


@dataclass(frozen=True)
class Node:
    """A moment in a talk: what is remembered, and what was said last."""

    session: Session
    profile: Profile
    now: int = START
    cues: tuple[Cue, ...] = ()
    """The counted turn that may be playing."""
    trail: tuple[str, ...] = ()
    """The events that led here, for a failure's message."""


@dataclass
class Walk:
    """What has been seen."""

    nodes: set[Hashable] = field(default_factory=set)
    edges: set[Hashable] = field(default_factory=set)
    """State, event and the state it led to."""
    met: Counter[tuple[State, str]] = field(default_factory=Counter)
    different: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Responses that differ in more than their attributes, each with its SSML documents."""
    turns: int = 0
    responses: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def keep(self, answer: Mapping[str, Any]) -> None:
        """Keep the SSML of an answer that is unlike all before it, for another checker."""
        if markup := tuple(markup_of(answer)):
            self.different.setdefault(json.dumps(answer["response"]), markup)

    def fail(self, problem: str, example: str) -> None:
        """Note a problem, with the shortest way to it."""
        self.failures[problem] += 1
        self.examples.setdefault(problem, example)


@pytest.fixture(scope="module", name="library")
def _library() -> Library:
    return load_library()


# What tells two moments apart


def outline(library: Library, node: Node) -> Hashable:
    """What the dialogue could decide by; figures, names and wordings are left out."""
    session, profile = node.session, node.profile
    return (
        coarse(library, node),
        _exercise_kind(library, session.activity),
        _place(session.activity),
        bool(session.activity and session.activity.dose),
        session.item if session.state is not State.CHECKING else session.reasked,
        session.check.get("kind"),
        tuple(sorted({item.partition(":")[0] == "routine" for item in session.offers})),
        (profile.greeted, bool(profile.days), profile.under_way is None, "modes" in profile.mentioned),
        (bool(session.conditions), bool(session.cannot), min(session.misses, 2)),
        profile.preferences.get("style"),
    )


def coarse(library: Library, node: Node) -> Hashable:
    """The outline in fewer words; the walk takes care to see all of these first."""
    session, profile = node.session, node.profile
    activity = session.activity
    routine = library.routines.get(activity.routine or "") if activity else None
    where = None if routine is None or activity is None else activity.index == len(routine.sequence) - 1
    lock = (bool(session.locked), profile.lock, session.caution)
    rung, mode = profile.rungs.get(DEVICE, "slots"), profile.preferences.get("mode", "flow")
    return session.state, activity is not None, where, mode, lock, rung, _item_kind(library, session)


def _item_kind(library: Library, session: Session) -> str:
    if session.state not in {State.CHECKING, State.CHECK_PAUSED}:
        return session.item
    flag = library.red_flags.get(session.item)
    return "follow-up" if flag is None else f"{flag.kind} {flag.level}"


def _exercise_kind(library: Library, activity: Activity | None) -> Hashable:
    if activity is None:
        return None
    exercise = library.exercises[activity.exercise]
    dose = exercise.dose
    return exercise.sides, cadence.counted_kind(dose), bool(dose.hold and dose.reps), dose.sets > 1


def _place(activity: Activity | None) -> Hashable:
    if activity is None:
        return None
    place = activity.place
    return place.set > 1, place.side, place.count > 0, min(activity.step, 2), activity.sent is not None


# What holds from one turn to the next


ONE_MORE_WORD = ("ask.which_exercise", "find.unknown", "ask.anything_else", "cannot.what")
"""Questions that want a name; while an exercise is under way a yes still means the exercise."""
QUESTIONS: dict[State, tuple[str, ...]] = {
    State.HOME: ("ask.home", "ask.something_else", "ask.anything_else", "ask.after_check", *ONE_MORE_WORD),
    State.CHOOSING: ("offer.", "ask.try_it"),
    State.STEPPING: ("ask.step", "ask.ready_to_count", *ONE_MORE_WORD),
    State.COUNTING: ("ask.next_", "ask.done", "ask.routine_finished", "ask.ready_to_count"),
    State.BETWEEN: ("ask.next_", "ask.resume", *ONE_MORE_WORD),
    State.PAUSED: ("ask.resume", "ask.after_hurt", *ONE_MORE_WORD),
    State.DONE: ("ask.done", "ask.routine_finished", *ONE_MORE_WORD),
    State.RETURNING: ("ask.carry_on",),
    State.HURTING: ("ask.hurts_",),
    State.DELETING: ("delete.confirm",),
    State.CHECK_PAUSED: ("ask.check_resume",),
    State.ADVISED: ("ask.say_again", "ask.gentle", "ask.check_offer", "locked.ask_seen"),
}  # fmt: skip
"""What may be asked in a state: a yes must mean what the listener was asked."""
ITEM_QUESTIONS = {"seen": "locked.ask_seen", "offer_check": "ask.check_offer", "gentle": "ask.gentle",
                  "again": "ask.say_again", "what": "ask.hurts_what", "eased": "ask.hurts_eased",
                  "passed": "ask.hurts_passed"}  # fmt: skip


def question_problems(library: Library, reply: Reply) -> Iterator[str]:
    """Whether the question asked is the one that the next yes or no will be taken to answer."""
    state, item = reply.session.state, reply.session.item
    for act in reply.acts:
        if isinstance(act, AskText):
            found = screening.question(library.red_flags, item)
            if state is not State.CHECKING or found is None or act.text not in {found.question, found.plainer}:
                yield f"a question of the check is asked in {state}, where {item!r} is open"
        elif isinstance(act, Ask):
            if not act.prompt.startswith(QUESTIONS.get(state, ())):
                yield f"{act.prompt} is asked in {state}"
            if state in {State.ADVISED, State.HURTING} and act.prompt != ITEM_QUESTIONS.get(item):
                yield f"{act.prompt} is asked in {state}, where {item!r} is open"


def place_problems(reply: Reply, arrived: State, now: int) -> Iterator[str]:
    """Whether the place in the exercise is kept: it is counted on only while a count that was sent may be playing."""
    activity, state = reply.session.activity, reply.session.state
    sent = activity.sent if activity else None
    if (sent is not None) != (state is State.COUNTING):
        yield f"a count {'is' if sent else 'is not'} remembered as playing in {state}"
    if sent and arrived is State.COUNTING and reply.plan.cues and sent.at != now:
        yield "the count was cut into and is taken to play on"


ANSWERS = frozenset({"YesIntent", "NoIntent", "NotSureIntent", "SkipIntent"})
FORGETS = frozenset({"Yes", "No", "StartOver", "Cancel", "Previous", "GoBack", "UnderAge", "Hurts", "StartSafetyCheck"})
"""What may take answers of a check away, by the first words of the intents."""
UNLOCKS = frozenset({"SeenDoctorIntent", "YesIntent"})


def safety_problems(node: Node, reply: Reply) -> Iterator[str]:
    """Whether answers and locks change only by what the listener said for it."""
    before, after = Check.from_attributes(node.session.check), Check.from_attributes(reply.session.check)
    new = dict(after.answers).items() - dict(before.answers).items()
    says_age = reply.event == "UnderAgeIntent" and node.session.item == disposition.UNDER_EIGHTEEN
    names_sign = reply.event == "HurtsIntent" and {answer for _, answer in new} == {Answer.NOT_SURE}
    if new and reply.event not in ANSWERS and not says_age and not names_sign:
        yield f"the check has the new answers {new}"
    if new and (len(new) > 1 or next(iter(new))[0] != (reply if names_sign else node).session.item):
        yield f"the answers {new} are not to the question {node.session.item!r}"
    lost = dict(before.answers).keys() - dict(after.answers).keys()
    is_over = reply.session.state is State.ADVISED or reply.event in ANSWERS
    if lost and not is_over and not reply.event.startswith(tuple(FORGETS)):
        yield f"the answers to {sorted(lost)} are lost"
    if node.session.locked and not reply.session.locked and reply.event != "YesIntent":
        yield "the session's lock has opened"
    if node.profile.lock and not reply.profile.lock and reply.event not in UNLOCKS:
        yield "the lock has opened"


# The walk


def beginnings(library: Library) -> Iterator[Node]:
    """Listeners whose history makes a difference, each opening the skill."""
    old = Profile(
        greeted=True, heard=(SIDED, BREATHS, REPS), recent=(Done("1.0.x", SIDED, 20_000),), days={20_716: 2, 20_717: 1},
        mentioned=("modes",), checked_day=20_000, checked_version="abc",
    )  # fmt: skip
    half_done = Activity(SIDED, START - DAY_MS, Place(1, 1, 12), routine="quick-hip-opener", index=1)
    for rung in ("slots", "blocks", "ssml"):
        rungs = {DEVICE: rung} if rung != "slots" else {}
        yield Node(Session(), Profile(rungs=rungs))
        yield Node(Session(), replace(old, rungs=rungs))
        yield Node(Session(), replace(old, rungs=rungs, preferences={"mode": "step"}))
        yield Node(Session(), replace(old, rungs=rungs, preferences={"style": "every-second", "direction": "down"}))
    yield Node(Session(), replace(old, preferences={"pace": 150, "style": "silent"}))
    yield Node(Session(), replace(old, lock=True))
    yield Node(Session(), replace(old, lock=True, under_way=half_done))
    yield Node(Session(), replace(old, under_way=half_done))
    for check in almost_over(library):
        item = screening.next_item(library.red_flags, check) or ""
        asked = Session(state=State.CHECKING, item=item, check=check.to_attributes())
        yield Node(asked, old)
        yield Node(replace(asked, activity=half_done), old)
        yield Node(Session(check=asked.check), replace(old, under_way=half_done))


def almost_over(library: Library) -> Iterator[Check]:
    """Checks with one question left, that come to each kind of outcome."""
    worrying = (), ("over-six-weeks", "not-improving"), ("over-six-weeks", "night-pain", "weight-loss", "fever")
    for kind, yes, otherwise in product(KINDS, worrying, (Answer.NO, Answer.NOT_SURE)):
        before = check = Check(kind)
        while (item := screening.next_item(library.red_flags, check)) is not None:
            before, check = check, check.answered(item, Answer.YES if item in yes else otherwise)
        yield before


def moments(node: Node) -> tuple[int, ...]:
    """Times after the last turn, in milliseconds, that differ in where the listener is."""
    if not node.cues:
        return (6_000,)
    middles: dict[Hashable, list[int]] = {}
    start = MAX_START_LATENCY_MS
    for cue in node.cues:
        middles.setdefault((cue.part, cue.place.set > 1, cue.place.side), []).append(start + cue.ms // 2)
        start += cue.ms
    within = [times[len(times) // 2] for times in middles.values()]
    return (0, *sorted(within), start + 1_000)


def followers(node: Node, event: Event, reply: Reply, now: int) -> Node:
    """The moment after a reply: a session that has ended leaves its profile, and the answers of a check under way."""
    trail = (*node.trail, described(event))[-8:]
    if reply.plan.ends or event.kind is Kind.ENDED:
        return Node(Session(check=reply.session.check), reply.profile, now + DAY_MS, (), (*trail, "/"))
    playing = reply.session.activity is not None and reply.session.activity.sent is not None
    counted = (reply.plan.cues or node.cues) if playing else ()
    return Node(reply.session, reply.profile, now, counted, trail)


def described(event: Event) -> str:
    """An event as it stands in a failure's message."""
    slots = ", ".join(f"{name}={slot.ids or slot.value}" for name, slot in event.slots.items())
    return f"{event.name}({slots})" if slots else event.name


GUARDS: tuple[tuple[Rule, State], ...] = ((general.locked, State.ADVISED), (general.kept, State.CHECK_PAUSED))
"""Where the rules lead that the guard puts in the place of a row's."""


def allowed(library: Library, node: Node, event: Event, now: int) -> tuple[State, frozenset[State]]:
    """The state the listener had arrived in, and the states the table allows from there."""
    turn, _ = arrive(sound(Turn(library, node.session, node.profile, event, now)))
    row = TRANSITIONS[turn.session.state][event_name(event)]
    rule = guard(turn, row)
    guarded = [to for answers, to in GUARDS if answers is rule and rule is not row.rule]
    return turn.session.state, frozenset(guarded) if guarded else row.to


def step(library: Library, walk: Walk, node: Node, event: Event, elapsed: int) -> Node | None:
    """Take one turn and check everything about it; the moment after it, unless the turn failed."""
    walk.turns += 1
    event = replace(event, device=Device(DEVICE))
    now = node.now + elapsed
    example = f"{described(event)} after {elapsed} ms in {node.session} {node.profile} by {node.trail}"
    try:
        reply = take_turn(library, node.session, node.profile, event, now)
        arrived, to = allowed(library, node, event, now)
        answers = answers_of(library, reply)
    except Exception as error:  # noqa: BLE001 - all failures are reported together
        walk.fail(f"{node.session.state} {event.name}: {type(error).__name__} {error}", example)
        return None
    walk.met[arrived, reply.event] += 1
    walk.edges.add((arrived, reply.event, reply.session.state))
    if reply.session.state not in to:
        walk.fail(f"{arrived} {reply.event} led to {reply.session.state}, which its row does not name", example)
    walk.responses += len(answers)
    walk.keep(answers[False])
    was_locked = bool(node.session.locked) or node.profile.lock
    for problem in (
        *problems(node.profile, reply, answers, was_locked=was_locked),
        *question_problems(library, reply),
        *safety_problems(node, reply),
        *place_problems(reply, arrived, now),
    ):
        walk.fail(f"{arrived} {reply.event}: {problem}", example)
    return followers(node, event, reply, now)


def walked(library: Library, most: int) -> Walk:
    """Walk breadth first, the rarest kinds of moment first, for at most so many turns."""
    walk, waiting, order = Walk(), list[tuple[int, int, Node]](), count()
    rarity, visits = Counter[Hashable](), Counter[State]()

    def meet(node: Node) -> None:
        name = outline(library, node)
        if name not in walk.nodes:
            walk.nodes.add(name)
            kind = coarse(library, node)
            heapq.heappush(waiting, (rarity[kind], next(order), node))
            rarity[kind] += 1

    for node in beginnings(library):
        meet(node)
    while waiting and walk.turns < most:
        *_, node = heapq.heappop(waiting)
        seen = visits[node.session.state]
        visits[node.session.state] += 1
        for event in EVENTS if seen == 0 or EVERYTHING else EVENTS[seen % SHARE :: SHARE]:
            for elapsed in moments(node):
                after = step(library, walk, node, event, elapsed)
                if after is not None:
                    meet(after)
    return walk


@pytest.fixture(scope="module", name="walk")
def _walk(library: Library) -> Walk:
    return walked(library, TURNS)


def test_every_turn_of_the_walk_is_sound(walk: Walk) -> None:
    """No turn raises, leaves its row, speaks badly, breaks a limit or loses what it should remember."""
    report = [
        f"{times} times {problem}\n    {walk.examples[problem]}" for problem, times in walk.failures.most_common(40)
    ]
    assert not report, "\n".join([f"{len(walk.failures)} kinds of failure", *report])


Counted = Callable[[str, object], None]
"""pytest's record_property: what is recorded as "counted" is printed at the end (tests/conftest.py)."""


def test_the_walk_goes_everywhere(walk: Walk, record_property: Counted) -> None:
    """Every event was met in every state, and the walk is as wide as it was when it was written."""
    missed = [f"{state} {name}" for state, rows in TRANSITIONS.items() for name in rows if not walk.met[state, name]]
    record_property(
        "counted",
        f"the walk: {len(TRANSITIONS)} states in {len(walk.nodes)} moments, {len(walk.edges)} edges, {walk.responses}"
        f" responses to {walk.turns} turns, {len(walk.different)} of them different",
    )
    assert missed == []
    assert walk.turns >= 20_000
    assert walk.responses >= 2 * 20_000
    assert len(walk.nodes) >= 2_500
    assert len(walk.edges) >= 800


def test_another_checker_reads_the_speech(walk: Walk, record_property: Counted) -> None:
    """In at least 2,000 different responses, ssml-check-core finds nothing wrong with any SSML."""
    documents = sorted({document for found in walk.different.values() for document in found})
    record_property("counted", f"ssml-check-core: {len(documents)} documents of {len(walk.different)} responses")
    assert len(walk.different) >= 2_000
    assert len(documents) >= 1_500
    verdicts = or_skip(lambda: second_opinion(documents))
    assert [pair for pair in zip(documents, verdicts, strict=True) if pair[1]][:10] == []
