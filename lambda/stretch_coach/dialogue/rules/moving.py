"""Moving about: the next exercise, the one before, the other side, again, and leaving one out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stretch_coach.acts import Ask, Explain
from stretch_coach.dialogue.rules import asking, coaching, finding
from stretch_coach.dialogue.turn_state import (
    AnyTurn,
    Outcome,
    Turn,
    at_place,
    counting_of,
    dose_of,
    home,
    is_sided,
    respond,
    tell,
)  # fmt: skip
from stretch_coach.session import Activity, State
from stretch_coach.speech import cadence
from stretch_coach.timeline import Place

if TYPE_CHECKING:
    from stretch_coach.dialogue.signatures import (  # noqa: I001 - a name a line would outgrow the rules
        Again, Anywhere, Between, Counting, Describe, Done, Exercising, GoBack, Next, No, On, OtherSide, Paused,
        Previous, Ready, Repeat, Resume, Returning, Skip, StartOver, WithActivity, Yes,
    )  # fmt: skip


def next_part(turn: On[Next, Between]) -> Outcome:
    """On to the next side or set, which was announced."""
    return coaching.go_on(turn)


def next_exercise(turn: On[Next, Exercising] | On[Yes | Ready | Resume, Done]) -> Outcome:
    """On to the next exercise of the routine, or a suggestion of one."""
    if _is_stepping(turn):
        return coaching.step_on(turn)
    following = coaching.next_in_routine(turn, turn.activity.index + bool(turn.activity.started_at))
    if turn.activity.routine and following is not None:
        return coaching.routine_item(turn, following)
    if turn.activity.routine:
        return home(turn, tell("routine.over"))
    return finding.suggest(turn)


def _is_stepping(turn: Turn) -> bool:
    """The listener goes step by step and paused between two instructions."""
    activity = turn.activity
    in_steps = activity.place == Place() and 0 < activity.step < len(turn.exercise.steps)
    return in_steps and turn.mode == "step" and turn.session.state is State.PAUSED


def previous(turn: On[Previous | GoBack, Exercising]) -> Outcome:
    """Back: the exercise before in a routine, else this one from its coaching.start."""
    back = coaching.next_in_routine(turn, turn.activity.index - 1, -1) if turn.activity.routine else None
    return coaching.routine_item(turn, back) if back is not None else coaching.from_its_start(turn)


def again(turn: On[Again, Exercising] | On[Repeat, Counting] | On[Repeat | StartOver, Done]) -> Outcome:
    """Do it again: this side while it is counted, the whole exercise after it is done."""
    if turn.session.state is State.DONE:
        return coaching.lead(just_done(turn), "short", tell("again.exercise"))
    activity = at_place(turn)
    place = _place_before(turn) if turn.session.state is State.BETWEEN else activity.place
    activity = replace(activity, place=replace(place, count=0), started_at=activity.started_at or turn.now)
    key = "again.side" if is_sided(turn.exercise) else "again.exercise"
    return coaching.lead(turn.with_session(activity=activity), "none", tell(key))


def just_done(turn: AnyTurn) -> AnyTurn:
    """The same turn with the exercise under way again that was completed last."""
    done, activity = turn.session.extra.get("last"), turn.activity
    name = done if isinstance(done, str) and done in turn.library.exercises else activity.exercise
    if name == activity.exercise:
        return turn.with_session(activity=replace(activity, started_at=turn.now))
    index = max(0, activity.index - 1)
    return turn.with_session(activity=Activity(name, turn.now, routine=activity.routine, index=index))


def _place_before(turn: Turn) -> Place:
    """Where the part that was just counted began, while the next one waits."""
    dose = dose_of(turn.library, turn.activity)
    parts = cadence.bouts(turn.exercise, dose, counting_of(turn.profile, turn.rung))
    return parts[max(0, cadence.index_of(parts, turn.activity.place) - 1)].start


def other_side(turn: On[OtherSide, Exercising]) -> Outcome:
    """Change to the other side now."""
    turn = just_done(turn) if turn.session.state is State.DONE else turn
    if not is_sided(turn.exercise):
        return coaching.straight_on(turn, tell("side.both"))
    activity = at_place(turn)
    place = Place(activity.place.set, 1 - min(activity.place.side, 1))
    return coaching.lead(turn.with_session(activity=replace(activity, place=place)), "none", tell("side.changed"))


def skip(turn: On[Skip, WithActivity] | On[No, Paused] | On[Next, Returning]) -> Outcome:
    """Leave this exercise out, as was asked."""
    return leave_out(turn)


def leave_out(turn: Turn) -> Outcome:
    """Leave this exercise out; after the last one, on to something else."""
    if turn.session.state is State.DONE and not turn.activity.routine:
        return finding.suggest(turn)
    left_out = tell("skip.exercise", exercise=turn.exercise.name)
    following = coaching.next_in_routine(turn, turn.activity.index + 1)
    if turn.activity.routine and following is not None:
        return coaching.routine_item(turn, following, left_out)
    return home(turn, left_out, prompt="ask.something_else")


def describe(turn: On[Describe, Anywhere]) -> Outcome:
    """How an exercise goes, in full; what is under way waits."""
    wanted = turn.event.slot_id("exercise")
    activity = turn.session.activity
    if wanted is None and turn.event.heard("exercise"):
        return finding.offer(turn, finding.nearest(turn, turn.event.heard("exercise")), "offer.nearest")
    name = wanted if wanted in turn.library.exercises else activity.exercise if activity else None
    if name is None:
        return asking.unclear(turn, Ask("ask.which_exercise", {}, "reprompt.home"))
    explained = Explain(name, long=True)
    if activity and turn.session.state is not State.DONE:
        return respond(turn, explained, asking.RESUME, state=State.PAUSED, activity=at_place(turn))
    if activity and activity.routine:
        return respond(turn, explained, *asking.question(turn))
    ask = Ask("ask.try_it", {}, "reprompt.yes_or_no")
    return respond(turn, explained, ask, state=State.CHOOSING, activity=None, offers=(name,))
