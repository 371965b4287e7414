"""Leading an exercise: starting, giving instructions, counting, pausing and going on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from stretch_coach.acts import Act, Ask, Instruct, Read, Rest, Teach, Tell, Values
from stretch_coach.dialogue.rules import asking, doses, finding
from stretch_coach.dialogue.turn_state import (
    ALL_BOUTS,
    BLOCKS_PIECES,
    ONE_BOUT,
    Outcome,
    Turn,
    advise,
    at_place,
    counting_of,
    dose_of,
    home,
    interrupted,
    is_sided,
    lead_act,
    place_values,
    preceded,
    reached_count,
    respond,
    tell,
)  # fmt: skip
from stretch_coach.library import Exercise, Routine, RoutineItem, with_overrides
from stretch_coach.profile import Change, Greeted, Mentioned
from stretch_coach.session import Activity, Changed, Sent, State
from stretch_coach.speech import cadence, script
from stretch_coach.timeline import Part, Place, total_ms

if TYPE_CHECKING:
    from stretch_coach.dialogue.signatures import (  # noqa: I001 - a name a line would outgrow the rules
        Again, Anywhere, Choosing, Clarify, Counting, Exercising, GoBack, HowLongLeft, Next, No, On, Pause, Pick,
        Previous, Ready, Repeat, Resume, Returning, StartExercise, StartOver, StartRoutine, Stepping, WithActivity,
        Yes,
    )  # fmt: skip

NOT_BEGUN = 0
"""When an exercise was started that only waits as the next of a routine."""
TEACH = "teach"
"""The form of a turn that gives instructions only."""


# Starting


def start(
    turn: Turn,
    exercise_id: str,
    *before: Act,
    routine: str | None = None,
    index: int = 0,
    dose: Changed | None = None,
) -> Outcome:
    """Begin an exercise from its first word; `dose` is what the listener has changed already."""
    exercise = turn.library.exercises[exercise_id]
    activity = Activity(
        exercise_id,
        turn.now,
        place=Place(side=_first_side(turn, exercise)),
        routine=routine,
        index=index,
        dose=doses.spoken_dose(turn, exercise) if dose is None else dose,
    )
    first_time = exercise_id not in turn.profile.heard
    changes: tuple[Change, ...] = ()
    acts: list[Act] = [*before, tell("start.exercise", exercise=exercise.name)]
    if not turn.profile.greeted:
        acts.insert(0, tell("welcome.one_shot"))
        changes = (Greeted(),)
    if exercise.equipment:
        acts.append(tell(f"equipment.{exercise.equipment[0]}"))
    if turn.session.caution:
        acts.append(advise(turn, "soon_warning"))
    if first_time and exercise.cautions:
        acts.append(Read(exercise.cautions))
    if turn.mode == "step":
        return preceded(step_on(turn.with_session(activity=activity, offers=()), *acts), changes=changes)
    if "modes" not in turn.profile.mentioned:
        acts.append(tell("hint.modes"))
        changes = (*changes, Mentioned("modes"))
    turn = turn.with_session(activity=activity, offers=())
    return lead(turn, "long" if first_time else "short", *acts, changes=changes)


def _first_side(turn: Turn, exercise: Exercise) -> int:
    wanted = turn.event.slot_id("side")
    return exercise.side_names.index(wanted) if wanted in exercise.side_names and is_sided(exercise) else 0


def lead(turn: Turn, form: str, *before: Act, changes: tuple[Change, ...] = ()) -> Outcome:
    """Say `before`, then lead what is under way from its place, then ask how to go on."""
    bouts = ONE_BOUT if turn.mode == "step" else ALL_BOUTS
    pieces = BLOCKS_PIECES if turn.rung == "blocks" else 0
    prelude = script.acts_ms(turn.library, before, turn.session.turn)
    limit = script.TURN_LIMIT_MS - prelude - script.acts_ms(turn.library, _after(turn, None), turn.session.turn)
    sent = Sent(turn.now, prelude, form, bouts, turn.session.turn, pieces, max(limit, 1))
    activity = replace(turn.activity, sent=sent)
    act = lead_act(turn.library, turn.profile, turn.rung, activity, sent)
    planned = script.lead(turn.library, act)
    if form == "long" and total_ms(planned.cues) > limit:
        return _teach(turn, *before, changes=changes)
    acts = (*before, act, *_after(turn, planned.end))
    return respond(turn, *acts, state=State.COUNTING, activity=activity, changes=changes)


def _teach(turn: Turn, *before: Act, changes: tuple[Change, ...] = ()) -> Outcome:
    """Instructions and counting do not fit one turn: give the instructions, and count when the listener is ready."""
    activity = turn.activity
    step = activity.step if activity.step < len(turn.exercise.steps) else 0
    teach = Teach(activity.exercise, activity.place.side, step)
    sent = Sent(turn.now, script.acts_ms(turn.library, before, turn.session.turn), TEACH, 0, turn.session.turn)
    activity = replace(activity, step=step, sent=sent)
    return respond(turn, *before, teach, asking.READY, state=State.COUNTING, activity=activity, changes=changes)


def _after(turn: Turn, ends_at: Place | None) -> tuple[Act, ...]:
    """What follows the counting: the way on, as a question."""
    if ends_at is not None:
        values = place_values(turn, replace(turn.activity, place=ends_at))
        kind = "same" if ends_at.count else "set" if ends_at.side == 0 else "side"
        return (Ask(f"ask.next_{kind}", values, "reprompt.next", patient=True),)
    following = next_in_routine(turn, turn.activity.index + 1)
    if following is not None:
        values = {"exercise": turn.library.exercises[item(turn, following)].name}
        return (Ask("ask.done_routine", values, "reprompt.next_exercise", patient=True),)
    if turn.activity.routine:
        routine = turn.library.routines[turn.activity.routine]
        said = (Read((routine.frequency,)),) if routine.frequency else ()
        return (tell("routine.done", routine=routine.name), *said, Ask("ask.routine_finished", {}, "reprompt.home"))
    return (Ask("ask.done", {}, "reprompt.done", patient=True),)


def item(turn: Turn, index: int) -> str:
    """The exercise at a place in the routine under way."""
    assert turn.activity.routine is not None
    return turn.library.routines[turn.activity.routine].sequence[index].exercise


def next_in_routine(turn: Turn, index: int, step: int = 1) -> int | None:
    """The nearest place in the routine, from `index` on, with an exercise this listener can do."""
    routine = turn.library.routines.get(turn.activity.routine or "")
    while routine and 0 <= index < len(routine.sequence):
        if finding.is_possible(turn, turn.library.exercises[routine.sequence[index].exercise]):
            return index
        index += step
    return None


def start_exercise(turn: On[StartExercise, Anywhere]) -> Outcome:
    """The listener named an exercise, or tried to."""
    slot = turn.event.slots.get("exercise")
    known = tuple(name for name in (slot.ids if slot else ()) if name in turn.library.exercises)
    if len(known) > 1:
        return finding.offer(turn, known, "offer.which")
    if known:
        return begin_if_possible(turn, known[0])
    if slot and slot.value:
        return finding.offer(turn, finding.nearest(turn, slot.value), "offer.nearest")
    if turn.session.state is State.CHOOSING and turn.session.offers:
        return start_offered(turn)
    return asking.unclear(turn, Ask("ask.which_exercise", {}, "reprompt.home"))


def begin_if_possible(turn: Turn, exercise_id: str) -> Outcome:
    """Start an exercise unless something the listener said speaks against it."""
    exercise = turn.library.exercises[exercise_id]
    reason = finding.refusal(turn, exercise)
    if not reason:
        return start(turn, exercise_id)
    others = finding.alternatives(turn, exercise)
    refused = tell(reason, exercise=exercise.name)
    return preceded(finding.offer(turn, others, "offer.instead"), refused) if others else home(turn, refused)


def start_routine(turn: On[StartRoutine, Anywhere]) -> Outcome:
    """The listener named a routine, or asked for one."""
    slot = turn.event.slots.get("routine")
    known = tuple(name for name in (slot.ids if slot else ()) if name in turn.library.routines)
    if len(known) == 1:
        return begin_routine(turn, turn.library.routines[known[0]])
    if known:
        return finding.offer(turn, tuple(f"routine:{name}" for name in known), "offer.which")
    return finding.offer(turn, finding.routines_for(turn, None), "offer.routines")


def begin_routine(turn: Turn, routine: Routine) -> Outcome:
    """Start a routine with its first exercise that can be done."""
    ids = tuple(item.exercise for item in routine.sequence)
    turn = turn.with_session(activity=Activity(ids[0], turn.now, routine=routine.id))
    first = next_in_routine(turn, 0)
    if first is None:
        return home(turn, tell("routine.impossible", routine=routine.name))
    minutes = finding.routine_minutes(turn, routine)
    values: Values = {
        "routine": routine.name,
        "count": f"exercises:{len(routine.items)}",
        "minutes": f"minutes:{minutes}",
        "rounds": routine.rounds,
    }
    intro: list[Act] = [Tell("routine.start_rounds" if routine.rounds > 1 else "routine.start", values)]
    if any(not finding.is_possible(turn, turn.library.exercises[name]) for name in ids):
        intro.append(tell("routine.leaving_out"))
    return start(turn, ids[first], *intro, routine=routine.id, index=first)


def routine_item(turn: Turn, index: int, *before: Act) -> Outcome:
    """Start the exercise at a place in the routine, with the rest that goes before a new round."""
    routine = turn.library.routines[turn.activity.routine or ""]
    rest = routine.rest_between_rounds_seconds
    acts: list[Act] = list(before)
    if rest and index % len(routine.items) == 0 and index > turn.activity.index - 1 and index:
        acts += [tell("routine.round", round=index // len(routine.items) + 1, rounds=routine.rounds), Rest(rest)]
    return start(turn, routine.sequence[index].exercise, *acts, routine=routine.id, index=index)


def restart(turn: On[StartOver, WithActivity] | On[Again, Returning]) -> Outcome:
    """This exercise again from its beginning, as was asked."""
    return from_its_start(turn)


def from_its_start(turn: Turn) -> Outcome:
    """This exercise again from its beginning."""
    activity = turn.activity
    return start(turn, activity.exercise, routine=activity.routine, index=activity.index, dose=activity.dose)


def accept(turn: On[Yes | Ready | Resume, Choosing]) -> Outcome:
    """Yes to what was offered."""
    return start_offered(turn)


def start_offered(turn: Turn) -> Outcome:
    """Start the first of what was offered."""
    if not turn.session.offers:
        return home(turn)
    kind, _, name = turn.session.offers[0].rpartition(":")
    if kind == "routine" and name in turn.library.routines:
        return begin_routine(turn, turn.library.routines[name])
    return begin_if_possible(turn, name) if name in turn.library.exercises else home(turn)


def pick(turn: On[Pick, Choosing]) -> Outcome:
    """One of what was offered, by its place in the list."""
    place = turn.event.ordinal("which")
    if place is None or not 1 <= place <= len(turn.session.offers):
        return which(turn)
    return start_offered(turn.with_session(offers=turn.session.offers[place - 1 :]))


def which(turn: On[Previous | Pick, Choosing]) -> Outcome:
    """Ask which of the offered is meant: "the last one" may be the one before, or the last of the list."""
    return finding.offer(turn, turn.session.offers, "offer.which")


# Step by step


def next_step(turn: On[Next | Yes | Resume | Ready, Stepping]) -> Outcome:
    """The last instruction is followed: on with the next one."""
    return step_on(turn)


def step_on(turn: Turn, *before: Act) -> Outcome:
    """Give the next instruction, or start to count after the last one."""
    activity = turn.activity
    if activity.step >= len(turn.exercise.steps):
        return lead(turn, "straight", *before)
    instruct = Instruct(activity.exercise, activity.step, activity.place.side)
    last = activity.step == len(turn.exercise.steps) - 1
    ask = asking.READY if last else asking.OWN[State.STEPPING]
    moved = replace(activity, step=activity.step + 1, sent=None)
    return respond(turn, *before, instruct, ask, state=State.STEPPING, activity=moved)


def step_back(turn: On[Previous | GoBack, Stepping]) -> Outcome:
    """Give the instruction before the last one again."""
    return _steps_back(turn, 2)


def step_again(turn: On[Repeat | Again | Clarify, Stepping]) -> Outcome:
    """Give the last instruction again."""
    return _steps_back(turn, 1)


def _steps_back(turn: Turn, steps: int) -> Outcome:
    """Give an instruction again; to those who are not led step by step, all of them."""
    if turn.mode == "flow":
        return _teach(turn.with_session(activity=replace(turn.activity, step=0)))
    return step_on(turn.with_session(activity=replace(turn.activity, step=max(0, turn.activity.step - steps))))


def ready(turn: On[Ready, Counting]) -> Outcome:
    """The listener is in position: no more instructions; anywhere else, on with it."""
    if not interrupted(turn) or reached_count(turn):
        return go_on(turn)
    activity = replace(at_place(turn), step=len(turn.exercise.steps))
    return lead(turn.with_session(activity=activity), "straight")


# Going on


def set_aside(turn: Turn) -> Activity | None:
    """What waits while something else is talked about; an exercise that is complete does not wait."""
    if turn.session.activity is None or (turn.session.state is State.DONE and not turn.activity.routine):
        return None
    return at_place(turn)


def resume(turn: On[Resume | Ready | Yes, Exercising]) -> Outcome:
    """Yes to "shall we go on?", or the same in other words."""
    return go_on(turn)


def go_on(turn: Turn, *before: Act) -> Outcome:
    """Carry on from the place reached, with time to get back into position."""
    activity = at_place(turn)
    turn = turn.with_session(activity=activity)
    if not activity.started_at and activity.routine:
        return routine_item(turn, activity.index, *before)
    if not activity.started_at or (turn.session.state is State.RETURNING and activity.place == Place()):
        return preceded(from_its_start(turn), *before)
    steps = len(turn.exercise.steps)
    if activity.place == Place() and turn.mode == "step" and activity.step < steps:
        return _steps_back(turn, 1)
    begun = activity.place.count or activity.place.side or activity.place.set > 1
    heard = activity.exercise in turn.profile.heard or activity.step >= steps
    return lead(turn, "none" if begun or activity.step >= steps else "short" if heard else "long", *before)


def straight_on(turn: Turn, *before: Act, changes: tuple[Change, ...] = ()) -> Outcome:
    """Answer something in the middle of a count and carry on at once: the listener is still holding."""
    if not interrupted(turn):
        return respond(turn, *before, *asking.question(turn), changes=changes)
    if turn.position is None or turn.position.part is not Part.COUNT:
        return preceded(go_on(turn), *before, changes=changes)
    return preceded(lead(turn.with_session(activity=at_place(turn)), "straight"), *before, changes=changes)


def pause(turn: On[Pause | No, WithActivity]) -> Outcome:
    """Stop the count and say where it was."""
    if turn.session.state is State.DONE:
        return respond(turn, tell("paused.plain"), *asking.question(turn))
    activity = at_place(turn)
    acts = (_where(turn, activity), asking.RESUME)
    return respond(turn, *acts, state=State.PAUSED, activity=activity)


def _where(turn: Turn, activity: Activity) -> Act:
    """The place reached, in words: the last count that was begun."""
    exercise, place = turn.library.exercises[activity.exercise], activity.place
    if not turn.position or not interrupted(turn) or turn.position.part is not Part.COUNT:
        return tell("paused.plain")
    dose = dose_of(turn.library, activity)
    kind = cadence.counted_kind(dose)
    named = place.count + 1 if kind == "seconds" else place.count
    if exercise.sides == "alternating":
        named //= 2
    if not named:
        return tell("paused.plain")
    unit = "steps" if dose.reps and dose.reps.unit == "step" else kind
    sided = "_side" if is_sided(exercise) else ""
    return tell(f"paused.at{sided}", **place_values(turn, activity), count=f"{unit}:{named}")


def how_long_left(turn: On[HowLongLeft, Exercising]) -> Outcome:
    """Say what is left, and carry on where a count was running."""
    if not interrupted(turn):
        return respond(turn, *_left_waiting(turn), *asking.question(turn))
    return straight_on(turn, *_left(turn))


def _left(turn: Turn) -> tuple[Act, ...]:
    activity = at_place(turn)
    exercise, dose = turn.exercise, dose_of(turn.library, activity)
    kind = cadence.counted_kind(dose)
    left = cadence.units(exercise, dose) - activity.place.count
    if exercise.sides == "alternating":
        left = -(-left // 2)
    unit = "steps" if dose.reps and dose.reps.unit == "step" else kind
    last_side = not is_sided(exercise) or activity.place.side == len(exercise.side_names) - 1
    values = {**place_values(turn, activity), "left": f"{unit}:{left}"}
    acts: list[Act] = [tell("left.this_side" if is_sided(exercise) else "left.now", **values)] if left > 0 else []
    if not last_side:
        other = replace(activity, place=replace(activity.place, side=activity.place.side + 1))
        acts.append(tell("left.then_side", **place_values(turn, other)))
    if activity.place.set < dose.sets:
        acts.append(tell("left.then_sets", sets=f"more_sets:{dose.sets - activity.place.set}"))
    following = len(_rest_of_routine(turn, activity.index + 1))
    if following:
        acts.append(tell("left.then_exercises", count=f"exercises:{following}"))
    return tuple(acts)


def _rest_of_routine(turn: Turn, index: int) -> tuple[RoutineItem, ...]:
    """What is still to come of the routine, from `index` on, without what this listener cannot do."""
    routine = turn.library.routines.get(turn.activity.routine or "")
    items = routine.sequence[index:] if routine else ()
    return tuple(item for item in items if finding.is_possible(turn, turn.library.exercises[item.exercise]))


def _left_waiting(turn: Turn) -> tuple[Act, ...]:
    """What is left when nothing is being counted at the moment."""
    activity, state = turn.activity, turn.session.state
    if state is State.STEPPING:
        steps = len(turn.exercise.steps) - activity.step
        return (tell("left.steps", steps=f"instructions:{steps}") if steps > 0 else tell("left.ready"),)
    if state in {State.PAUSED, State.BETWEEN}:
        return _left(turn)
    following = _rest_of_routine(turn, activity.index)
    if not following:
        return (tell("left.nothing"),)
    counting = counting_of(turn.profile, turn.rung)
    doses = ((item, with_overrides(turn.library.exercises[item.exercise].dose, item.dose)) for item in following)
    left_ms = sum(script.exercise_ms(turn.library, item.exercise, dose, counting) for item, dose in doses)
    minutes = max(1, round(left_ms / 60_000))
    return (tell("left.routine", count=f"exercises:{len(following)}", minutes=f"minutes:{minutes}"),)
