"""The dialogue's state machine: its theory, and every row of every state.

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
and a new session, and change nothing. A rule's type says which events it answers and where (signatures.py), so a
rule in a row that is not its own fails in mypy.

Two events are no requests but what became of a write: LockFound, when it met a lock that another device has set, and
EraseFailed. What cannot be seen here stands in step.py, and is all that changes state outside these rows: `sound` sets
a session right that contradicts itself, `arrive` lets time pass, and `guard` lets the lock answer what would lead to an
exercise while exercises are closed, and a check under way what would leave it for a question about deleting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from stretch_coach.dialogue.rules import (
    adapting,
    advised,
    changing,
    checking,
    coaching,
    concluding,
    finding,
    general,
    hurting,
    moving,
)  # fmt: skip
from stretch_coach.dialogue.turn_state import AnyTurn, Outcome, Row, Turn
from stretch_coach.session import State

if TYPE_CHECKING:
    from stretch_coach.dialogue.signatures import Anywhere, Exercising, Rows, Table

S = State


def _row(rule: Callable[[AnyTurn], Outcome], *to: State) -> Row[AnyTurn]:
    return Row(rule, frozenset(to))


STARTED = (S.COUNTING, S.STEPPING)
OFFERED = (*STARTED, S.CHOOSING, S.HOME)


def _everywhere(state: State) -> Rows[Anywhere]:
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
        "LockFound": _row(general.lock_found, S.ADVISED),
        "EraseFailed": _row(general.ask_delete, S.DELETING),
    }


def _with_activity(state: State) -> Rows[Exercising]:
    """Controls of an exercise that is under way."""
    stay = {S.COUNTING: (S.COUNTING, S.STEPPING), S.DONE: (S.DONE, S.COUNTING)}.get(state, (state,))
    return {
        "NextIntent": _row(moving.next_exercise, *OFFERED),
        "PreviousIntent": _row(moving.previous, *STARTED),
        "PauseIntent": _row(coaching.pause, S.PAUSED),
        "ResumeIntent": _row(coaching.resume, *STARTED),
        "ReadyIntent": _row(coaching.resume, *STARTED),
        "YesIntent": _row(coaching.resume, *STARTED),
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


_FROM_HURTING = (S.HURTING, S.CHECKING, S.ADVISED)
_UNCLEAR_PAIN = _row(hurting.hurting_unclear, *_FROM_HURTING)
_FROM_CHECK = (S.CHECKING, S.ADVISED, S.PAUSED, S.HOME)
_CHECK_FIRST = _row(checking.first_things_first, S.CHECKING)
_NO_ANSWER = _row(checking.misunderstood, S.CHECKING)
_CHECK_GOES_ON = _row(checking.resume, *_FROM_CHECK)
_CHECK_WAITS = _row(checking.pause, S.CHECK_PAUSED)

_PARTICULAR: Table = {
    "home": {
        "YesIntent": _row(general.pick_for_me, S.CHOOSING),
        "NoIntent": _row(general.no_more, S.HOME),
        "NextIntent": _row(general.pick_for_me, S.CHOOSING),
        "ReadyIntent": _row(general.pick_for_me, S.CHOOSING),
        "ChangeDoseIntent": _row(general.change_nothing, S.HOME, S.CHOOSING),
    },
    "choosing": {
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
    "stepping": {
        **_with_activity(S.STEPPING),
        "NextIntent": _row(coaching.next_step, *STARTED),
        "YesIntent": _row(coaching.next_step, *STARTED),
        "ResumeIntent": _row(coaching.next_step, *STARTED),
        "ReadyIntent": _row(coaching.next_step, *STARTED),
        "PreviousIntent": _row(coaching.step_back, *STARTED),
        "GoBackIntent": _row(coaching.step_back, *STARTED),
        "RepeatIntent": _row(coaching.step_again, *STARTED),
        "AgainIntent": _row(coaching.step_again, *STARTED),
        "ClarifyIntent": _row(coaching.step_again, *STARTED),
    },
    "counting": {
        **_with_activity(S.COUNTING),
        "RepeatIntent": _row(general.repeat_counting, *STARTED),
        "ReadyIntent": _row(coaching.ready, *STARTED),
    },
    "between": {
        **_with_activity(S.BETWEEN),
        "NextIntent": _row(moving.next_part, *STARTED),
    },
    "paused": {
        **_with_activity(S.PAUSED),
        "NoIntent": _row(moving.skip, *STARTED, S.HOME),
    },
    "done": {
        **_with_activity(S.DONE),
        "YesIntent": _row(moving.next_exercise, *OFFERED),
        "ReadyIntent": _row(moving.next_exercise, *OFFERED),
        "ResumeIntent": _row(moving.next_exercise, *OFFERED),
        "NoIntent": _row(general.stop, S.DONE),
        "PauseIntent": _row(coaching.pause, S.DONE),
        "RepeatIntent": _row(moving.again, S.COUNTING),
        "StartOverIntent": _row(moving.again, S.COUNTING),
    },
    "returning": {
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
    "hurting": {  # nothing leads to an exercise before it is known whether the pain has eased
        "PauseIntent": _row(general.out_of_place, S.HURTING),
        "HowLongLeftIntent": _row(general.out_of_place, S.HURTING),
        "FallbackIntent": _UNCLEAR_PAIN, "StartExerciseIntent": _UNCLEAR_PAIN, "StartRoutineIntent": _UNCLEAR_PAIN,
        "DescribeIntent": _UNCLEAR_PAIN, "GuidanceModeIntent": _UNCLEAR_PAIN, "ReadyIntent": _UNCLEAR_PAIN,
        "AgainIntent": _UNCLEAR_PAIN, "OtherSideIntent": _UNCLEAR_PAIN, "PreviousIntent": _UNCLEAR_PAIN,
        "StartOverIntent": _UNCLEAR_PAIN, "ChangeDoseIntent": _UNCLEAR_PAIN, "EasierIntent": _UNCLEAR_PAIN,
        "HarderIntent": _UNCLEAR_PAIN, "GoBackIntent": _UNCLEAR_PAIN, "PickIntent": _UNCLEAR_PAIN,
        "SeenDoctorIntent": _UNCLEAR_PAIN,
        "FindExercisesIntent": _row(hurting.place_named, *_FROM_HURTING),
        "CannotDoIntent": _row(adapting.cannot_do, S.HURTING),
        "ConditionIntent": _row(adapting.condition, S.HURTING),
        "YesIntent": _row(hurting.hurting_yes, S.HURTING, S.PAUSED, S.HOME),
        "NoIntent": _row(hurting.hurting_no, *_FROM_HURTING),
        "NotSureIntent": _row(hurting.hurting_unsure, *_FROM_HURTING),
        "ResumeIntent": _row(hurting.hurting_yes, S.HURTING, S.PAUSED, S.HOME),
        "NextIntent": _row(hurting.hurting_yes, S.HURTING, S.PAUSED, S.HOME),
        "SkipIntent": _row(hurting.hurting_yes, S.HURTING, S.PAUSED, S.HOME),
    },
    "deleting": {
        "YesIntent": _row(general.delete, S.HOME),
        "NoIntent": _row(general.keep, S.CHECK_PAUSED, S.PAUSED, S.DONE, S.HOME),
        "NotSureIntent": _row(general.keep, S.CHECK_PAUSED, S.PAUSED, S.DONE, S.HOME),
        "CancelIntent": _row(general.keep, S.CHECK_PAUSED, S.PAUSED, S.DONE, S.HOME),
        "ResumeIntent": _row(general.keep, S.CHECK_PAUSED, S.PAUSED, S.DONE, S.HOME),
    },
    "checking": {
        "StartExerciseIntent": _CHECK_FIRST, "StartRoutineIntent": _CHECK_FIRST, "FindExercisesIntent": _CHECK_FIRST,
        "DescribeIntent": _CHECK_FIRST, "ChangePaceIntent": _CHECK_FIRST, "CountStyleIntent": _CHECK_FIRST,
        "CannotHearIntent": _CHECK_FIRST, "GuidanceModeIntent": _CHECK_FIRST, "ProgressIntent": _CHECK_FIRST,
        "StartSafetyCheckIntent": _CHECK_FIRST, "SeenDoctorIntent": _CHECK_FIRST,
        "NextIntent": _NO_ANSWER, "FallbackIntent": _NO_ANSWER, "ReadyIntent": _NO_ANSWER,
        "ChangeDoseIntent": _NO_ANSWER, "EasierIntent": _NO_ANSWER, "HarderIntent": _NO_ANSWER,
        "OtherSideIntent": _NO_ANSWER, "CannotDoIntent": _NO_ANSWER, "PickIntent": _NO_ANSWER,
        "YesIntent": _row(checking.yes, *_FROM_CHECK),
        "NoIntent": _row(checking.no, *_FROM_CHECK),
        "NotSureIntent": _row(checking.not_sure, *_FROM_CHECK),
        "SkipIntent": _row(checking.skip, *_FROM_CHECK),
        "UnderAgeIntent": _row(checking.under_age, *_FROM_CHECK),
        "HurtsIntent": _row(checking.symptom_named, S.CHECKING),
        "HelpIntent": _row(checking.help_, S.CHECKING),
        "RepeatIntent": _row(checking.repeat, S.CHECKING),
        "AgainIntent": _row(checking.repeat, S.CHECKING),
        "ResumeIntent": _row(checking.repeat, S.CHECKING),
        "LockFound": _row(checking.repeat, S.CHECKING),
        "WhyIntent": _row(checking.why, S.CHECKING),
        "ClarifyIntent": _row(checking.clarify, S.CHECKING),
        "GoBackIntent": _row(checking.back, *_FROM_CHECK),
        "PreviousIntent": _row(checking.back, *_FROM_CHECK),
        "StartOverIntent": _row(checking.start_over, S.CHECKING),
        "HowLongLeftIntent": _row(checking.how_many_left, S.CHECKING),
        "Ended": _row(checking.left, S.CHECKING),
        "PauseIntent": _row(checking.pause, S.CHECK_PAUSED),
        "StopIntent": _row(checking.stop, S.CHECK_PAUSED, S.ADVISED),
        "CancelIntent": _row(checking.stop, S.CHECK_PAUSED, S.ADVISED),
        "NavigateHomeIntent": _row(checking.stop, S.CHECK_PAUSED, S.ADVISED),
        "ConditionIntent": _row(checking.note_condition, S.CHECKING),
        "ExplainTopicIntent": _row(checking.topic, S.CHECKING),
        "RedFlagInfoIntent": _row(checking.info, S.CHECKING),
    },
    "check_paused": {
        "YesIntent": _CHECK_GOES_ON, "ResumeIntent": _CHECK_GOES_ON, "ReadyIntent": _CHECK_GOES_ON,
        "NextIntent": _CHECK_GOES_ON, "StartSafetyCheckIntent": _CHECK_GOES_ON, "RepeatIntent": _CHECK_GOES_ON,
        "AgainIntent": _CHECK_GOES_ON, "LockFound": _CHECK_GOES_ON,
        "StartExerciseIntent": _CHECK_WAITS, "StartRoutineIntent": _CHECK_WAITS, "FindExercisesIntent": _CHECK_WAITS,
        "DescribeIntent": _CHECK_WAITS, "GuidanceModeIntent": _CHECK_WAITS, "CannotHearIntent": _CHECK_WAITS,
        "CannotDoIntent": _CHECK_WAITS, "PauseIntent": _CHECK_WAITS, "SeenDoctorIntent": _CHECK_WAITS,
        "Ended": _row(checking.left, S.CHECK_PAUSED),
        "NoIntent": _row(checking.drop, S.HOME, S.ADVISED),
        "CancelIntent": _row(checking.drop, S.HOME, S.ADVISED),
        "StartOverIntent": _row(checking.start_over, S.CHECKING),
        "GoBackIntent": _row(checking.back, *_FROM_CHECK),
        "PreviousIntent": _row(checking.back, *_FROM_CHECK),
        "HowLongLeftIntent": _row(checking.how_many_left, S.CHECKING),
        "ConditionIntent": _row(checking.note_condition, S.CHECKING),
        "HurtsIntent": _row(checking.symptom_named, *_FROM_CHECK),
        "StopIntent": _row(checking.stop, S.CHECK_PAUSED, S.ADVISED),
        "NavigateHomeIntent": _row(checking.stop, S.CHECK_PAUSED, S.ADVISED),
        "RedFlagInfoIntent": _row(checking.info, S.CHECK_PAUSED),
    },
    "advised": {
        "YesIntent": _row(advised.advised_yes, S.HOME, S.CHECKING, S.CHOOSING, S.ADVISED),
        "NoIntent": _row(advised.advised_no, S.ADVISED, S.PAUSED, S.HOME),
        "ResumeIntent": _row(advised.advised_resume, S.ADVISED, S.COUNTING, S.STEPPING),
        "WhyIntent": _row(advised.because, S.ADVISED),
        "ClarifyIntent": _row(advised.because, S.ADVISED),
        "RepeatIntent": _row(advised.say_again, S.ADVISED),
        "AgainIntent": _row(advised.say_again, S.ADVISED),
    },
}  # fmt: skip

# A turn is of the type its row is for because the row is looked up by its state and event.
PARTICULAR = cast("Mapping[State, Mapping[str, Row[Turn]]]", _PARTICULAR)
"""The rows of a state that differ from what holds everywhere."""
TRANSITIONS: Mapping[State, Mapping[str, Row[Turn]]] = {
    state: cast("Mapping[str, Row[Turn]]", {**_everywhere(state), **PARTICULAR[state]}) for state in State
}
EVENTS = tuple(_everywhere(S.HOME))
"""Every event, by the name its rows have."""
