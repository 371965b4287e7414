"""The dialogue's state machine.

Theory
------
The platform calls us once for everything a listener says and hands back what we put in the session. Between two calls
nothing of ours runs: a hold is counted by the device, from the plan it was sent. So the machine moves only on events,
and the first thing it does with one is to *arrive*: work out, from the time, what a counted turn came to before the
event cut into it. A turn that was playing is then either still COUNTING (the event is a barge-in, and `position` says
where), BETWEEN two parts of an exercise, or DONE.

    HOME          nothing under way; the question is what to do
    CHOOSING      something was offered by name
    STEPPING      going step by step: an instruction was given, the listener says when
    COUNTING      a counted turn was sent; it may still be playing
    BETWEEN       a side, a set or a part of one is done and the next one waits
    PAUSED        an exercise waits in the middle
    DONE          an exercise is complete; in a routine the next one waits
    RETURNING     the listener came back to something unfinished
    HURTING       something hurts; one question about what it is
    DELETING      "delete my data" waits for a yes
    CHECKING      a question of the safety check is open
    CHECK_PAUSED  the safety check waits in the middle
    ADVISED       a check is over, or exercises are locked

TRANSITIONS has a row for every state and every event. A row names the rule that decides and every state it can lead to;
the diagram in docs/dialogue.svg is drawn from it, and a test holds the rules to it. Rules live in rules/, return acts
and a new session, and change nothing.

Everything that affects the machine is in this file. One transition cannot be seen in the table: `guard` answers every
event that would start or continue an exercise while exercises are locked.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from stretch_coach.acts import decode
from stretch_coach.events import Event, Kind
from stretch_coach.profile import Change, apply_all
from stretch_coach.rules import (
    adapting,
    advised,
    arriving,
    changing,
    checking,
    coaching,
    concluding,
    finding,
    general,
    hurting,
    moving,
)
from stretch_coach.rules.base import Outcome, Rule, Turn
from stretch_coach.session import State
from stretch_coach.speech import script

S = State


@dataclass(frozen=True)
class Row:
    """What answers an event in a state."""

    rule: Rule
    to: frozenset[State]
    """Every state the rule can lead to."""


Rows = dict[str, Row]


def _row(rule: Rule, *to: State) -> Row:
    return Row(rule, frozenset(to))


ANYWHERE = tuple(State)
STARTED = (S.COUNTING, S.STEPPING)
OFFERED = (*STARTED, S.CHOOSING, S.HOME)

EVENTS: tuple[str, ...] = (
    "Launch", "Ended", "AudioFailed", "Touch",
    "HelpIntent", "StopIntent", "CancelIntent", "NavigateHomeIntent", "FallbackIntent", "YesIntent", "NoIntent",
    "NextIntent", "PreviousIntent", "RepeatIntent", "PauseIntent", "ResumeIntent", "StartOverIntent",
    "StartExerciseIntent", "StartRoutineIntent", "FindExercisesIntent", "ReadyIntent", "DescribeIntent",
    "HowLongLeftIntent", "ChangeDoseIntent", "ChangePaceIntent", "CountStyleIntent", "CannotHearIntent",
    "GuidanceModeIntent", "EasierIntent", "HarderIntent", "HurtsIntent", "CallForHelpIntent", "OtherSideIntent",
    "AgainIntent", "CannotDoIntent", "ConditionIntent", "ProgressIntent", "ExplainTopicIntent",
    "StartSafetyCheckIntent", "RedFlagInfoIntent", "NotSureIntent", "WhyIntent", "ClarifyIntent", "GoBackIntent",
    "SkipIntent", "PickIntent", "SeenDoctorIntent", "UnderAgeIntent", "DeleteMyDataIntent",
)  # fmt: skip
"""Every event there is a row for, in every state."""


def _everywhere(state: State) -> Rows:
    """What an event means where nothing more particular is said below."""
    stay = (state, S.PAUSED, S.COUNTING, S.STEPPING) if state is S.COUNTING else (state,)
    waits = (*stay, S.PAUSED) if state in {S.PAUSED, S.BETWEEN} else stay
    return {
        "Launch": _row(general.launch, S.HOME, S.RETURNING, S.CHECK_PAUSED, S.ADVISED),
        "Ended": _row(general.ended, state, S.PAUSED),
        "AudioFailed": _row(general.audio_failed, state, S.PAUSED),
        "Touch": _row(general.silence, state),
        "HelpIntent": _row(general.help_, *stay),
        "StopIntent": _row(general.stop, state, S.PAUSED),
        "CancelIntent": _row(general.cancel, state, S.HOME),
        "NavigateHomeIntent": _row(general.navigate_home, state, S.PAUSED),
        "FallbackIntent": _row(general.fallback, *stay),
        "YesIntent": _row(general.out_of_place, *stay),
        "NoIntent": _row(general.out_of_place, *stay),
        "NextIntent": _row(general.nothing_under_way, state),
        "PreviousIntent": _row(general.nothing_under_way, state),
        "RepeatIntent": _row(general.repeat, state),
        "PauseIntent": _row(general.nothing_under_way, state),
        "ResumeIntent": _row(general.nothing_under_way, state),
        "StartOverIntent": _row(general.nothing_under_way, state),
        "StartExerciseIntent": _row(coaching.start_exercise, *stay, *OFFERED),
        "StartRoutineIntent": _row(coaching.start_routine, *OFFERED),
        "FindExercisesIntent": _row(finding.find, *stay, S.CHOOSING, S.HOME),
        "ReadyIntent": _row(general.nothing_under_way, state),
        "DescribeIntent": _row(moving.describe, state, S.CHOOSING, S.PAUSED, S.HOME),
        "HowLongLeftIntent": _row(general.nothing_under_way, state),
        "ChangeDoseIntent": _row(general.nothing_under_way, state),
        "ChangePaceIntent": _row(general.change_pace, *stay),
        "CountStyleIntent": _row(general.count_style, *stay),
        "CannotHearIntent": _row(general.cannot_hear, state, S.PAUSED),
        "GuidanceModeIntent": _row(changing.guidance_mode, *waits, *STARTED),
        "EasierIntent": _row(general.nothing_under_way, state),
        "HarderIntent": _row(general.nothing_under_way, state),
        "HurtsIntent": _row(hurting.hurts, S.HURTING, S.CHECKING, S.ADVISED),
        "CallForHelpIntent": _row(concluding.call_for_help, S.ADVISED),
        "OtherSideIntent": _row(general.nothing_under_way, state),
        "AgainIntent": _row(general.nothing_under_way, state),
        "CannotDoIntent": _row(adapting.cannot_do, state, S.HOME, S.PAUSED, S.CHOOSING, *STARTED),
        "ConditionIntent": _row(adapting.condition, state, S.HOME, S.PAUSED, S.CHOOSING, *STARTED),
        "ProgressIntent": _row(general.progress, *stay),
        "ExplainTopicIntent": _row(general.topic, *stay, S.PAUSED),
        "StartSafetyCheckIntent": _row(checking.start, S.CHECKING, S.CHECK_PAUSED, S.ADVISED),
        "RedFlagInfoIntent": _row(advised.info, S.ADVISED),
        "NotSureIntent": _row(general.out_of_place, *stay),
        "WhyIntent": _row(advised.because_if_checked, *stay),
        "ClarifyIntent": _row(general.help_, *stay),
        "GoBackIntent": _row(general.nothing_under_way, state),
        "SkipIntent": _row(general.nothing_under_way, state),
        "PickIntent": _row(general.out_of_place, *stay),
        "SeenDoctorIntent": _row(general.seen, S.HOME, S.ADVISED),
        "UnderAgeIntent": _row(checking.under_age, *stay, S.ADVISED),
        "DeleteMyDataIntent": _row(general.ask_delete, S.DELETING),
    }


def _with_activity(state: State) -> Rows:
    """Controls of an exercise that is under way."""
    stay = {S.COUNTING: (S.COUNTING, S.STEPPING), S.DONE: (S.DONE, S.COUNTING)}.get(state, (state,))
    return {
        "NextIntent": _row(moving.next_exercise, *OFFERED),
        "PreviousIntent": _row(moving.previous, *STARTED),
        "PauseIntent": _row(coaching.pause, S.PAUSED),
        "ResumeIntent": _row(coaching.go_on, *STARTED),
        "ReadyIntent": _row(coaching.go_on, *STARTED),
        "YesIntent": _row(coaching.go_on, *STARTED),
        "NoIntent": _row(coaching.pause, S.PAUSED),
        "StartOverIntent": _row(coaching.restart, *STARTED),
        "HowLongLeftIntent": _row(coaching.how_long_left, *stay),
        "ChangeDoseIntent": _row(changing.change_dose, *stay),
        "EasierIntent": _row(changing.easier, state, S.PAUSED),
        "HarderIntent": _row(changing.harder, state, S.PAUSED),
        "OtherSideIntent": _row(moving.other_side, state, *STARTED),
        "AgainIntent": _row(moving.again, S.COUNTING),
        "SkipIntent": _row(moving.skip, *OFFERED),
        "GoBackIntent": _row(moving.previous, *STARTED),
    }


PARTICULAR: Mapping[State, Rows] = {
    S.HOME: {
        "YesIntent": _row(general.pick_for_me, S.CHOOSING),
        "NoIntent": _row(general.no_more, S.HOME),
        "NextIntent": _row(general.pick_for_me, S.CHOOSING),
        "ReadyIntent": _row(general.pick_for_me, S.CHOOSING),
        "ChangeDoseIntent": _row(general.change_nothing, S.HOME, S.CHOOSING),
    },
    S.CHOOSING: {
        "YesIntent": _row(coaching.accept, *OFFERED),
        "ReadyIntent": _row(coaching.accept, *OFFERED),
        "ResumeIntent": _row(coaching.accept, *OFFERED),
        "ChangeDoseIntent": _row(general.change_nothing, S.HOME, S.CHOOSING),
        "NoIntent": _row(finding.offered_no, S.HOME),
        "NextIntent": _row(finding.next_offers, S.CHOOSING, S.HOME),
        "SkipIntent": _row(finding.next_offers, S.CHOOSING, S.HOME),
        "NotSureIntent": _row(finding.next_offers, S.CHOOSING, S.HOME),
        "PickIntent": _row(coaching.pick, *OFFERED),
        "PreviousIntent": _row(coaching.which, S.CHOOSING),
    },
    S.STEPPING: {
        **_with_activity(S.STEPPING),
        "NextIntent": _row(coaching.step_on, *STARTED),
        "YesIntent": _row(coaching.step_on, *STARTED),
        "ResumeIntent": _row(coaching.step_on, *STARTED),
        "ReadyIntent": _row(coaching.step_on, *STARTED),
        "PreviousIntent": _row(coaching.step_back, *STARTED),
        "GoBackIntent": _row(coaching.step_back, *STARTED),
        "RepeatIntent": _row(coaching.step_again, *STARTED),
        "AgainIntent": _row(coaching.step_again, *STARTED),
        "ClarifyIntent": _row(coaching.step_again, *STARTED),
    },
    S.COUNTING: {
        **_with_activity(S.COUNTING),
        "RepeatIntent": _row(general.repeat_counting, *STARTED),
        "ReadyIntent": _row(coaching.ready, *STARTED),
    },
    S.BETWEEN: {
        **_with_activity(S.BETWEEN),
        "NextIntent": _row(moving.next_part, *STARTED),
    },
    S.PAUSED: {
        **_with_activity(S.PAUSED),
        "NoIntent": _row(moving.skip, *STARTED, S.HOME),
    },
    S.DONE: {
        **_with_activity(S.DONE),
        "YesIntent": _row(moving.next_exercise, *OFFERED),
        "ReadyIntent": _row(moving.next_exercise, *OFFERED),
        "ResumeIntent": _row(moving.next_exercise, *OFFERED),
        "NoIntent": _row(general.stop, S.DONE),
        "PauseIntent": _row(coaching.pause, S.DONE),
        "RepeatIntent": _row(moving.again, S.COUNTING),
        "StartOverIntent": _row(moving.again, S.COUNTING),
    },
    S.RETURNING: {
        "YesIntent": _row(general.carry_on, *STARTED),
        "ResumeIntent": _row(general.carry_on, *STARTED),
        "ReadyIntent": _row(general.carry_on, *STARTED),
        "NoIntent": _row(general.do_not_carry_on, S.HOME),
        "StartOverIntent": _row(coaching.restart, *STARTED),
        "NextIntent": _row(moving.skip, *STARTED, S.HOME),
        "SkipIntent": _row(moving.skip, *STARTED, S.HOME),
        "PauseIntent": _row(coaching.pause, S.PAUSED),
        "AgainIntent": _row(coaching.restart, *STARTED),
    },
    S.HURTING: dict(hurting.HURTING_ROWS(_row)),
    S.DELETING: {
        "YesIntent": _row(general.delete, S.HOME),
        "NoIntent": _row(general.keep, S.CHECK_PAUSED, S.PAUSED, S.DONE, S.HOME),
        "NotSureIntent": _row(general.keep, S.CHECK_PAUSED, S.PAUSED, S.DONE, S.HOME),
        "CancelIntent": _row(general.keep, S.CHECK_PAUSED, S.PAUSED, S.DONE, S.HOME),
        "ResumeIntent": _row(general.keep, S.CHECK_PAUSED, S.PAUSED, S.DONE, S.HOME),
    },
    S.CHECKING: dict(checking.CHECKING_ROWS(_row)),
    S.CHECK_PAUSED: dict(checking.CHECK_PAUSED_ROWS(_row)),
    S.ADVISED: dict(advised.ADVISED_ROWS(_row)),
}

TRANSITIONS: Mapping[State, Mapping[str, Row]] = {state: {**_everywhere(state), **PARTICULAR[state]} for state in State}

LOCKED_EVENTS = frozenset({
    "StartExerciseIntent", "StartRoutineIntent", "FindExercisesIntent", "ReadyIntent", "AgainIntent", "OtherSideIntent",
    "ResumeIntent", "NextIntent", "PreviousIntent", "StartOverIntent", "ChangeDoseIntent", "SkipIntent",
    "GuidanceModeIntent", "DescribeIntent", "CannotDoIntent", "ConditionIntent", "GoBackIntent",
})  # fmt: skip
"""Events that could lead to an exercise. While exercises are locked they are all answered by the lock."""
NEVER_LOCKED = frozenset({"StopIntent", "CancelIntent", "NavigateHomeIntent", "Ended", "AudioFailed", "Touch"})
"""Whatever is locked, stopping stops, and what nobody said is not answered."""
CHECK_STATES = frozenset({S.CHECKING, S.CHECK_PAUSED})


def guard(turn: Turn, row: Row) -> Rule:
    """The rule that really answers: the lock's, for anything that could lead to an exercise while it is closed."""
    is_locked = bool(turn.session.locked) or turn.profile.lock
    is_deleting_in_check = bool(turn.session.check) and turn.session.state is S.DELETING
    in_check = is_deleting_in_check or turn.session.state in CHECK_STATES
    if is_locked and not in_check and turn.event.name not in NEVER_LOCKED:
        could_coach = S.COUNTING in row.to or S.STEPPING in row.to
        if (turn.event.name in LOCKED_EVENTS or could_coach) and row.rule is not advised.say_again:
            return general.locked
    if is_deleting_in_check and _leaves_a_check(turn, row):
        return general.keep
    return row.rule


def _leaves_a_check(turn: Turn, row: Row) -> bool:
    """A question about deleting cut into a check: whatever is said but yes, the check comes next."""
    answered = (
        turn.event.name in NEVER_LOCKED | {"YesIntent", "UnderAgeIntent", "CallForHelpIntent"}
        or S.CHECK_PAUSED in row.to
    )
    return not answered and row.to != {S.DELETING}


def event_name(event: Event) -> str:
    """The name the table knows an event by; an intent it does not know is like something not understood."""
    if event.kind is not Kind.INTENT:
        return str(event.kind)
    return event.name if event.name in _KNOWN else "FallbackIntent"


_KNOWN = frozenset(EVENTS) - {str(kind) for kind in Kind}
_MISSED = frozenset({"FallbackIntent"})


def step(turn: Turn) -> tuple[Outcome, tuple[Change, ...]]:
    """Decide one turn: the outcome, with every change to the stored profile."""
    turn, arrived = arriving.arrive(_sound(turn))
    turn = replace(turn, profile=apply_all(turn.profile, arrived))
    name = event_name(turn.event)
    turn = replace(turn, event=replace(turn.event, name=name))
    row = TRANSITIONS[turn.session.state][name]
    outcome = guard(turn, row)(turn)
    session = outcome.session
    if name not in _MISSED and session.misses <= turn.session.misses:
        session = replace(session, misses=0)
    outcome = replace(outcome, session=replace(session, turn=turn.session.turn + 1))
    erased = any(type(change).__name__ == "Erased" for change in outcome.changes)
    changes = outcome.changes if erased else (*arrived, *outcome.changes, *arriving.under_way(turn, outcome))
    return outcome, changes


NEEDS_ACTIVITY = frozenset({S.STEPPING, S.COUNTING, S.BETWEEN, S.PAUSED, S.DONE, S.RETURNING})


def _sound(turn: Turn) -> Turn:
    """A session that contradicts itself (forged, or from another release) starts again at home."""
    session, library = turn.session, turn.library
    activity = session.activity
    if activity is not None and not general.still_there(turn, activity):
        activity = None
    known = tuple(item for item in session.offers if _exists(turn, item))
    said = tuple(act for act in session.said if script.can_be_said(library, decode([act])))
    session = replace(session, activity=activity, offers=known, said=said)
    if session.state in NEEDS_ACTIVITY and activity is None:
        session = replace(session, state=S.HOME, item="", offers=(), said=())
    if session.state is S.CHECKING and not checking.is_sound(library, session):
        session = replace(session, state=S.CHECK_PAUSED, item="")  # no answer may go to a question nobody heard
    if session.state is S.HOME and session.check:
        session = replace(session, state=S.CHECK_PAUSED)  # a session that was dropped in the middle of a check
    return replace(turn, session=session)


def _exists(turn: Turn, item: str) -> bool:
    kind, _, name = item.rpartition(":")
    return name in (turn.library.routines if kind == "routine" else turn.library.exercises)
