"""Leading an exercise: starting, counting, pausing, going on, changing how it is done."""

from collections.abc import Mapping
from dataclasses import replace

from stretch_coach.acts import Act, Ask, Explain, Instruct, Read, Rest, Teach, Tell, Values
from stretch_coach.library import Dose, Exercise, Routine, RoutineItem, with_overrides
from stretch_coach.profile import Change, Completed, Greeted, Heard, Mentioned, Preferred, UnderWay
from stretch_coach.rules import asking, finding
from stretch_coach.rules.base import (
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
from stretch_coach.session import Activity, Sent, State
from stretch_coach.speech import cadence, script
from stretch_coach.timeline import MAX_START_LATENCY_MS, Part, Place, locate, total_ms

STEP_SECONDS, STEP_UNITS = 10, 2
"""How much "longer" and "shorter" change a hold in seconds, and breaths or repetitions (editor_set)."""
MOST_SECONDS = 60
"""Nobody is led into a longer hold than this unless the source gives one (dosing.md: older adults 30-60 s)."""
MORE_UNITS = 4
"""How far above the content's figure breaths and repetitions may go where no maximum is given (editor_set)."""
FEWEST_SECONDS, FEWEST_UNITS = 5, 1
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
    dose: Mapping[str, object] | None = None,
) -> Outcome:
    """Begin an exercise from its first word; `dose` is what the listener has changed already."""
    exercise = turn.library.exercises[exercise_id]
    activity = Activity(
        exercise_id,
        turn.now,
        place=Place(side=_first_side(turn, exercise)),
        routine=routine,
        index=index,
        dose=_spoken_dose(turn, exercise) if dose is None else dose,
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


def _spoken_dose(turn: Turn, exercise: Exercise) -> dict[str, object]:
    """A length or number said in the request itself: "the bridge for twenty seconds"."""
    seconds, count = turn.event.seconds("duration"), turn.event.number("count")
    dose = exercise.dose
    if seconds and dose.hold and dose.hold.seconds and not dose.reps:
        return {"hold": {"seconds": max(FEWEST_SECONDS, min(seconds, most(exercise)))}}
    if count and dose.reps:
        return {"reps": {"count": max(FEWEST_UNITS, min(count, most(exercise)))}}
    if count and dose.hold and dose.hold.breaths:
        return {"hold": {"breaths": max(FEWEST_UNITS, min(count, most(exercise)))}}
    return {}


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
        values = {"exercise": turn.library.exercises[_item(turn, following)].name}
        return (Ask("ask.done_routine", values, "reprompt.next_exercise", patient=True),)
    if turn.activity.routine:
        routine = turn.library.routines[turn.activity.routine]
        said = (Read((routine.frequency,)),) if routine.frequency else ()
        return (tell("routine.done", routine=routine.name), *said, Ask("ask.routine_finished", {}, "reprompt.home"))
    return (Ask("ask.done", {}, "reprompt.done", patient=True),)


def _item(turn: Turn, index: int) -> str:
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


def start_exercise(turn: Turn) -> Outcome:
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
        return accept(turn)
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


def start_routine(turn: Turn) -> Outcome:
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


def accept(turn: Turn) -> Outcome:
    """Yes to what was offered: the first of it."""
    if not turn.session.offers:
        return home(turn)
    kind, _, name = turn.session.offers[0].rpartition(":")
    if kind == "routine" and name in turn.library.routines:
        return begin_routine(turn, turn.library.routines[name])
    return begin_if_possible(turn, name) if name in turn.library.exercises else home(turn)


def pick(turn: Turn) -> Outcome:
    """One of what was offered, by its place in the list."""
    which = turn.event.ordinal("which")
    if which is None or not 1 <= which <= len(turn.session.offers):
        return finding.offer(turn, turn.session.offers, "offer.which")
    return accept(turn.with_session(offers=turn.session.offers[which - 1 :]))


# Step by step


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


def step_back(turn: Turn) -> Outcome:
    """Give the instruction before the last one again; to those who are not led step by step, all of them."""
    if turn.mode == "flow":
        return _teach(turn.with_session(activity=replace(turn.activity, step=0)))
    return step_on(turn.with_session(activity=replace(turn.activity, step=max(0, turn.activity.step - 2))))


def step_again(turn: Turn) -> Outcome:
    """Give the last instruction again; to those who are not led step by step, all of them."""
    if turn.mode == "flow":
        return _teach(turn.with_session(activity=replace(turn.activity, step=0)))
    return step_on(turn.with_session(activity=replace(turn.activity, step=max(0, turn.activity.step - 1))))


def ready(turn: Turn) -> Outcome:
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


def go_on(turn: Turn, *before: Act) -> Outcome:
    """Carry on from the place reached, with time to get back into position."""
    activity = at_place(turn)
    turn = turn.with_session(activity=activity)
    if not activity.started_at and activity.routine:
        return _routine_item(turn, activity.index, *before)
    if not activity.started_at or (turn.session.state is State.RETURNING and activity.place == Place()):
        return preceded(restart(turn), *before)
    steps = len(turn.exercise.steps)
    if activity.place == Place() and turn.mode == "step" and activity.step < steps:
        return step_again(turn)
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


def pause(turn: Turn) -> Outcome:
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


def how_long_left(turn: Turn) -> Outcome:
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


# Moving about


def next_part(turn: Turn) -> Outcome:
    """On to the next side or set, which was announced."""
    return go_on(turn)


def next_exercise(turn: Turn) -> Outcome:
    """On to the next exercise of the routine, or a suggestion of one."""
    if _is_stepping(turn):
        return step_on(turn)
    following = next_in_routine(turn, turn.activity.index + bool(turn.activity.started_at))
    if turn.activity.routine and following is not None:
        return _routine_item(turn, following)
    if turn.activity.routine:
        return home(turn, tell("routine.over"))
    return finding.suggest(turn)


def _is_stepping(turn: Turn) -> bool:
    """The listener goes step by step and paused between two instructions."""
    activity = turn.activity
    in_steps = activity.place == Place() and 0 < activity.step < len(turn.exercise.steps)
    return in_steps and turn.mode == "step" and turn.session.state is State.PAUSED


def _routine_item(turn: Turn, index: int, *before: Act) -> Outcome:
    routine = turn.library.routines[turn.activity.routine or ""]
    rest = routine.rest_between_rounds_seconds
    acts: list[Act] = list(before)
    if rest and index % len(routine.items) == 0 and index > turn.activity.index - 1 and index:
        acts += [tell("routine.round", round=index // len(routine.items) + 1, rounds=routine.rounds), Rest(rest)]
    return start(turn, routine.sequence[index].exercise, *acts, routine=routine.id, index=index)


def previous(turn: Turn) -> Outcome:
    """Back: the exercise before in a routine, else this one from its start."""
    back = next_in_routine(turn, turn.activity.index - 1, -1) if turn.activity.routine else None
    return _routine_item(turn, back) if back is not None else restart(turn)


def restart(turn: Turn) -> Outcome:
    """This exercise again from its beginning."""
    activity = turn.activity
    return start(turn, activity.exercise, routine=activity.routine, index=activity.index, dose=activity.dose)


def again(turn: Turn) -> Outcome:
    """Do it again: this side while it is counted, the whole exercise after it is done."""
    if turn.session.state is State.DONE:
        return lead(just_done(turn), "short", tell("again.exercise"))
    activity = at_place(turn)
    place = _place_before(turn) if turn.session.state is State.BETWEEN else activity.place
    activity = replace(activity, place=replace(place, count=0), started_at=activity.started_at or turn.now)
    key = "again.side" if is_sided(turn.exercise) else "again.exercise"
    return lead(turn.with_session(activity=activity), "none", tell(key))


def just_done(turn: Turn) -> Turn:
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


def other_side(turn: Turn) -> Outcome:
    """Change to the other side now."""
    turn = just_done(turn) if turn.session.state is State.DONE else turn
    if not is_sided(turn.exercise):
        return straight_on(turn, tell("side.both"))
    activity = at_place(turn)
    place = Place(activity.place.set, 1 - min(activity.place.side, 1))
    return lead(turn.with_session(activity=replace(activity, place=place)), "none", tell("side.changed"))


def skip(turn: Turn) -> Outcome:
    """Leave this exercise out; after the last one, on to something else."""
    if turn.session.state is State.DONE and not turn.activity.routine:
        return finding.suggest(turn)
    left_out = tell("skip.exercise", exercise=turn.exercise.name)
    following = next_in_routine(turn, turn.activity.index + 1)
    if turn.activity.routine and following is not None:
        return _routine_item(turn, following, left_out)
    return home(turn, left_out, prompt="ask.something_else")


def describe(turn: Turn) -> Outcome:
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


# Changing how it is done


def most(exercise: Exercise) -> int:
    """The most seconds, breaths or repetitions a listener may ask for."""
    dose, longer = exercise.dose, exercise.longer_hold
    if dose.reps:
        return dose.reps.count_max or dose.reps.count + MORE_UNITS
    hold = dose.hold
    if hold and hold.breaths:
        return max(hold.breaths_max or hold.breaths + MORE_UNITS, (longer.breaths_max or 0) if longer else 0)
    return max((hold.seconds_max or MOST_SECONDS) if hold else 0, (hold.seconds or 0) if hold else 0)


def change_dose(turn: Turn) -> Outcome:
    """Longer, shorter, more or fewer, within what is safe to ask for."""
    before, turn = turn, just_done(turn) if turn.session.state is State.DONE else turn
    activity = at_place(turn)
    dose = dose_of(turn.library, activity)
    kind = cadence.counted_kind(dose)
    unit_said = turn.event.slot_id("unit")
    if unit_said in {"sets", "rounds"}:
        return _change_sets(turn, dose)
    down = turn.event.slot_id("direction") in {"shorter", "fewer"}
    now = dose.reps.count if dose.reps else (dose.hold.breaths or dose.hold.seconds or 0) if dose.hold else 0
    count = turn.event.number("count")
    if count and unit_said == "minutes":
        count *= 60
    step = turn.event.seconds("duration") or count or (STEP_SECONDS if kind == "seconds" else STEP_UNITS)
    least = FEWEST_SECONDS if kind == "seconds" else FEWEST_UNITS
    done = activity.place.count + 1
    if turn.exercise.sides == "alternating":
        done = -(-done // 2)
    target = now - step if down else now + step
    if count and not turn.event.slots.get("direction"):
        target = count  # a bare "twelve", or "thirty seconds", is how long it should be
    wanted = max(least, min(target, max(most(turn.exercise), now)))
    wanted = max(wanted, done) if interrupted(turn) else wanted
    unit = "steps" if dose.reps and dose.reps.unit == "step" else kind
    if wanted == now:
        return straight_on(before, tell("dose.least" if target < now else "dose.most", dose=f"{unit}:{now}"))
    leaf = {"reps": ("reps", "count"), "breaths": ("hold", "breaths"), "seconds": ("hold", "seconds")}[kind]
    changed = replace(turn.activity, dose={**turn.activity.dose, leaf[0]: {leaf[1]: wanted}})
    said = tell("dose.changed", dose=f"{unit}:{wanted}")
    if turn.session.state is State.DONE:
        return lead(turn.with_session(activity=replace(changed, place=Place(), sent=None)), "short", said)
    if not interrupted(turn):
        return respond(turn, said, *asking.question(turn), activity=changed)
    return straight_on(turn.with_session(activity=changed), said)


def _change_sets(turn: Turn, dose: Dose) -> Outcome:
    """More or fewer sets, between one and the most the exercise is given for; what is behind stays done."""
    down = turn.event.slot_id("direction") in {"shorter", "fewer"}
    count = turn.event.number("count") or 1
    target = dose.sets - count if down else dose.sets + count
    wanted = max(1, at_place(turn).place.set, min(target, max(dose.sets_max or dose.sets, dose.sets)))
    if wanted == dose.sets:
        return straight_on(turn, tell("dose.least" if down else "dose.most", dose=f"sets:{wanted}"))
    changed = replace(turn.activity, dose={**turn.activity.dose, "sets": wanted})
    said = tell("dose.changed", dose=f"sets:{wanted}")
    if not interrupted(turn):
        return respond(turn, said, asking.own(turn), activity=changed)
    return straight_on(turn.with_session(activity=changed), said)


def easier(turn: Turn) -> Outcome:
    """Tell the easier way and wait."""
    meant = just_done(turn) if turn.session.state is State.DONE else turn
    return _variation(turn, meant.exercise.easier, "easier.none")


def harder(turn: Turn) -> Outcome:
    """Tell the harder way and wait."""
    meant = just_done(turn) if turn.session.state is State.DONE else turn
    return _variation(turn, meant.exercise.harder, "harder.none")


def _variation(turn: Turn, text: str | None, none: str) -> Outcome:
    said: Act = Read((text,)) if text else tell(none)
    ask = asking.RESUME
    if turn.session.state in {State.DONE, State.STEPPING}:
        return respond(turn, said, *asking.question(turn))
    return respond(turn, said, ask, state=State.PAUSED, activity=at_place(turn))


def guidance_mode(turn: Turn) -> Outcome:
    """Keep going, or wait after each instruction; remembered."""
    mode = turn.event.slot_id("mode")
    if mode not in {"flow", "step"}:
        mode = "step" if turn.mode == "flow" else "flow"
    change = (Preferred("mode", mode),)
    said = tell(f"mode.{mode}")
    turn = replace(turn, profile=replace(turn.profile, preferences={**turn.profile.preferences, "mode": mode}))
    if (
        mode == "flow"
        and turn.session.activity
        and turn.session.state in {State.PAUSED, State.BETWEEN, State.RETURNING}
    ):
        return preceded(go_on(turn), said, changes=change)  # "keep going" is also how people say resume
    if turn.session.activity is None or turn.session.state not in asking.WAITS:
        return respond(turn, said, *asking.question(turn), changes=change)
    if turn.session.state is State.STEPPING and mode == "flow":
        return preceded(lead(turn, "long"), said, changes=change)
    if mode == "step" and interrupted(turn) and not reached_count(turn):
        return preceded(step_on(turn.with_session(activity=replace(at_place(turn), step=0))), said, changes=change)
    return straight_on(turn, said, changes=change)


# Arriving


def arrive(turn: Turn) -> tuple[Turn, tuple[Change, ...]]:
    """Settle what the counted turn before this event came to: still counting, between two parts, or done."""
    activity = turn.session.activity
    if turn.session.state is not State.COUNTING or activity is None or activity.sent is None:
        return turn, ()
    if activity.sent.form == TEACH:
        return _arrive_taught(turn, activity, activity.sent), ()
    act = lead_act(turn.library, turn.profile, turn.rung, activity, activity.sent)
    planned = script.lead(turn.library, act)
    position = locate(planned.cues, turn.now - activity.sent.at - activity.sent.offset_ms)
    turn = replace(turn, position=position)
    changes: tuple[Change, ...] = ()
    if activity.exercise not in turn.profile.heard and (position.finished or reached_count(turn)):
        changes = (Heard(activity.exercise),)
    if not position.finished:
        return turn, changes
    if planned.end is not None:
        moved = replace(activity, place=planned.end, sent=None)
        return turn.with_session(state=State.BETWEEN, activity=moved), changes
    return _arrive_done(turn, (*changes, Completed(completion_id(activity), activity.exercise, turn.today)))


def _arrive_taught(turn: Turn, activity: Activity, sent: Sent) -> Turn:
    """Instructions that were cut into go on from there; when all were heard, the count waits for the listener."""
    cues = tuple(script.taught(turn.library, Teach(activity.exercise, activity.place.side, activity.step)))
    elapsed = turn.now - sent.at - sent.offset_ms
    if elapsed - MAX_START_LATENCY_MS < total_ms(cues):
        return replace(turn, position=replace(locate(cues, elapsed), finished=False, place=activity.place))
    heard = replace(activity, step=len(turn.exercise.steps), sent=None)
    return turn.with_session(state=State.STEPPING, activity=heard)


def completion_id(activity: Activity) -> str:
    """Names one performance, on any device, however often it is reported."""
    return f"{activity.started_at:x}.{activity.index}.{activity.exercise[:12]}"


def _arrive_done(turn: Turn, changes: tuple[Change, ...]) -> tuple[Turn, tuple[Change, ...]]:
    activity = turn.activity
    following = next_in_routine(turn, activity.index + 1)
    extra = {**turn.session.extra, "last": activity.exercise}
    if activity.routine and following is not None:
        upcoming = Activity(_item(turn, following), NOT_BEGUN, routine=activity.routine, index=following)
        return turn.with_session(state=State.DONE, activity=upcoming, extra=extra), changes
    alone = Activity(activity.exercise, turn.now, dose=activity.dose)
    return turn.with_session(state=State.DONE, activity=alone, extra=extra), changes


def under_way(turn: Turn, outcome: Outcome) -> tuple[Change, ...]:
    """What the stored record should say is under way after this turn, when that is news."""
    session = outcome.session
    kept = (
        session.activity if session.state is not State.DONE or (session.activity and session.activity.routine) else None
    )
    if session.state in {State.CHECKING, State.CHECK_PAUSED, State.ADVISED, State.RETURNING, State.DELETING}:
        return ()
    return (UnderWay(kept),) if kept != turn.profile.under_way else ()
