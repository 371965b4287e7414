"""Coming and going, help, answers about oneself, and settings that hold everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from stretch_coach.acts import INITIATIVE, Act, Ask, Direction, End, Read, Tell, decode
from stretch_coach.acts import CountStyle as Style
from stretch_coach.dialogue.rules import asking, coaching, finding, moving
from stretch_coach.dialogue.rules.asking import RESUME, question
from stretch_coach.dialogue.turn_state import (
    RUNGS,
    Outcome,
    Turn,
    advise,
    at_place,
    dose_of,
    home,
    interrupted,
    is_sided,
    place_values,
    preceded,
    reached_count,
    respond,
    tell,
)  # fmt: skip
from stretch_coach.errors import ContentError
from stretch_coach.profile import (
    Change,
    Erased,
    Greeted,
    Locked,
    Preferred,
    Profile,
    Rung,
    streak,
    week_total,
)  # fmt: skip
from stretch_coach.session import Activity, Session, State
from stretch_coach.speech import cadence
from stretch_coach.timeline import Place

if TYPE_CHECKING:
    from stretch_coach.dialogue.signatures import (  # noqa: I001 - a name a line would outgrow the rules
        Advised, Again, Anywhere, AudioFailed, Cancel, CannotHear, ChangeDose, ChangePace, Choosing, Clarify,
        Control, Counting, CountStyle, DeleteMyData, Deleting, Done, Ended, EraseFailed, ExplainTopic, Fallback, Help,
        Home, HowLongLeft, Hurting, Launch, LockFound, NavigateHome, Next, No, NotSure, On, Pause, Pick, Progress,
        Ready, Repeat, Resume, Returning, SeenDoctor, Stop, Touch, Yes,
    )  # fmt: skip

PACES = (64, 80, 100, 125, 150)
"""Lengths of a breath or repetition that "faster" and "slower" step through, in per cent (editor_set)."""
STYLES: Mapping[str, str] = {
    Style.EVERY: "count.every-second",
    Style.FIVES: "count.every-five",
    Style.SPARSE: "count.sparse",
    Style.LAST_FIVE: "count.last-five",
    Style.SILENT: "count.silent",
    Direction.UP: "count.up",
    Direction.DOWN: "count.down",
}
"""Values of the style slot to the prompt that says so; anything else is of another release."""


def launch(turn: On[Launch, Anywhere]) -> Outcome:
    """The skill was opened by name."""
    profile = turn.profile
    greeting: tuple[Act, ...] = (tell("welcome.back"),)
    changes: tuple[Change, ...] = ()
    if not profile.greeted:
        greeting, changes = (tell("welcome.first"),), (Greeted(),)
    if turn.session.check:
        ask = Ask("ask.check_resume", {}, "reprompt.yes_or_no")
        return respond(turn, *greeting, ask, state=State.CHECK_PAUSED, changes=changes)
    if profile.lock or turn.session.locked:
        return preceded(locked(turn), *greeting, changes=changes)
    activity = profile.under_way
    if activity and still_there(turn, activity):
        ask = _carry_on(turn, activity)
        return respond(
            turn, *greeting, ask, state=State.RETURNING, activity=replace(activity, sent=None), changes=changes
        )
    return preceded(home(turn, prompt="ask.home" if profile.greeted else "ask.home_first"), *greeting, changes=changes)


def _carry_on(turn: Turn, activity: Activity) -> Ask:
    """Whether to carry on, with as much of the place as it takes to recognise it."""
    sided = is_sided(turn.library.exercises[activity.exercise]) and activity.place != Place()
    side, values = "_side" if sided else "", place_values(turn, activity)
    if activity.routine:
        values = {**values, "routine": turn.library.routines[activity.routine].name}
        return Ask(f"ask.carry_on_routine{side}", values, "reprompt.carry_on")
    return Ask(f"ask.carry_on{side}", values, "reprompt.carry_on")


def still_there(turn: Turn, activity: Activity) -> bool:
    """Content may have changed since: the exercise, its sides and sets, and the routine must still exist."""
    exercise = turn.library.exercises.get(activity.exercise)
    routine = turn.library.routines.get(activity.routine or "")
    if exercise is None or (activity.routine and (routine is None or not 0 <= activity.index < len(routine.sequence))):
        return False
    try:
        place, dose = activity.place, dose_of(turn.library, activity)
    except ContentError:  # what the listener changed does not fit the exercise as it is now
        return False
    last = Place(dose.sets, len(exercise.side_names) - 1, cadence.units(exercise, dose))
    is_within = Place() <= place < last and 0 <= place.side <= last.side and 0 <= place.count <= last.count
    return is_within and activity.step >= 0


def carry_on(turn: On[Yes | Resume | Ready, Returning]) -> Outcome:
    """Yes to "carry on?" after a break."""
    return coaching.go_on(turn)


def do_not_carry_on(turn: On[No, Returning]) -> Outcome:
    """No to "carry on?"."""
    return home(turn)


def ended(turn: On[Ended, Anywhere]) -> Outcome:
    """The session is over; nothing may be said. The place reached is kept."""
    activity = turn.session.activity
    if activity and interrupted(turn):
        return respond(turn, End(), state=State.PAUSED, activity=at_place(turn))
    return respond(turn, End())


def stop(turn: On[Stop | Cancel | NavigateHome, Anywhere] | On[No, Home | Done | Advised]) -> Outcome:
    """Stop talking and close, keeping the place of what is under way."""
    if turn.session.activity and turn.session.state in {State.COUNTING, State.BETWEEN, State.PAUSED, State.STEPPING}:
        activity = at_place(turn)
        return respond(turn, tell("stop.under_way"), End(), state=State.PAUSED, activity=activity)
    if turn.session.state is State.RETURNING or (turn.session.state is State.DONE and turn.activity.routine):
        return respond(turn, tell("stop.under_way"), End())
    return respond(turn, tell("stop.plain"), End(), state=turn.session.state)


def cancel(turn: On[Cancel, Anywhere]) -> Outcome:
    """Cancel what is under way; with nothing under way, close."""
    if turn.session.state in {State.HOME, State.DONE, State.ADVISED}:
        return stop(turn)
    return home(turn, tell("cancel.done"), prompt="ask.something_else")


def navigate_home(turn: On[NavigateHome, Anywhere]) -> Outcome:
    """Back to the platform's own home."""
    return stop(turn)


def silence(turn: On[Touch, Anywhere]) -> Outcome:
    """A request that is noted without a word."""
    return Outcome((), turn.session)


def audio_failed(turn: On[AudioFailed, Anywhere]) -> Outcome:
    """The device could not play the counting: the next rung from now on. Nothing was heard, so nothing was done."""
    changes = (Rung(turn.event.device.id, lower_rung(turn.rung)),)
    activity = turn.session.activity
    if turn.session.state is State.COUNTING and activity:
        begun = activity.place != Place() or activity.step
        return respond(
            turn,
            tell("count.not_played"),
            RESUME,
            state=State.PAUSED,
            activity=replace(activity, sent=None, started_at=activity.started_at if begun else coaching.NOT_BEGUN),
            changes=changes,
        )
    return respond(turn, changes=changes)


def lower_rung(rung: str) -> str:
    """The next rung down the counting ladder; the last one stays."""
    return RUNGS[min(RUNGS.index(rung) + 1, len(RUNGS) - 1)]


def cannot_hear(turn: On[CannotHear, Anywhere]) -> Outcome:
    """The listener does not hear the counting: the next rung here, and the exercise offered from where it was."""
    rung = lower_rung(turn.rung)
    changes: tuple[Change, ...] = (Rung(turn.event.device.id, rung),)
    said = tell("count.other_way" if turn.rung != RUNGS[-1] else "count.no_other_way")
    if turn.session.activity is None or not interrupted(turn):
        return respond(turn, said, *question(turn), changes=changes)
    return respond(turn, said, RESUME, state=State.PAUSED, activity=at_place(turn), changes=changes)


def help_(turn: On[Help | Clarify, Anywhere]) -> Outcome:
    """What can be said here."""
    activity = turn.session.activity
    state = turn.session.state
    if state is State.COUNTING:
        if interrupted(turn) and activity:
            return respond(turn, tell("help.counting"), RESUME, state=State.PAUSED, activity=at_place(turn))
        state = State.DONE
    taught = state is State.STEPPING and turn.activity.step >= len(turn.exercise.steps)
    return respond(turn, tell("help.ready" if taught else f"help.{state}"), *question(turn))


def fallback(turn: On[Fallback, Anywhere]) -> Outcome:
    """Not understood: rephrase, then give examples, then offer help; a count that was cut into is kept."""
    misses = turn.session.misses + 1
    key = ("fallback.first", "fallback.examples", "fallback.help")[min(misses, 3) - 1]
    if interrupted(turn):
        return respond(turn, tell(key), RESUME, state=State.PAUSED, activity=at_place(turn), misses=misses)
    return respond(turn, tell(key), *question(turn), misses=misses)


def out_of_place(turn: On[Yes | No | NotSure | Pick, Anywhere] | On[Pause | HowLongLeft, Hurting]) -> Outcome:
    """Understood, but it means nothing here."""
    return aside(turn)


def aside(turn: Turn, *said: Act) -> Outcome:
    """Say something and go back to where it was: the count that was cut into, or the question that is open."""
    if interrupted(turn):
        return coaching.straight_on(turn, *said)
    return respond(turn, *said, *question(turn))


def nothing_under_way(turn: On[Control, Anywhere]) -> Outcome:
    """A control without an exercise to control."""
    return respond(turn, tell("nothing_under_way"), *question(turn))


def repeat(turn: On[Repeat, Anywhere] | On[Repeat | Again | Yes, Advised]) -> Outcome:
    """Say the last turn again."""
    acts = decode(turn.session.said)
    return (
        respond(turn, *acts)
        if any(isinstance(act, INITIATIVE) for act in acts)
        else respond(turn, *acts, *question(turn))
    )


def repeat_counting(turn: On[Repeat, Counting]) -> Outcome:
    """Repeat in the middle of a count: this side again, with the short form of how it goes; before it, the
    instruction that was being given.
    """
    if not interrupted(turn):
        return moving.again(turn)
    if not reached_count(turn):
        return coaching.go_on(turn)
    activity = at_place(turn)
    at_start = activity.place.set == 1 and activity.place.side == 0
    activity = replace(activity, place=replace(activity.place, count=0))
    return coaching.lead(turn.with_session(activity=activity), "short" if at_start else "none")


def progress(turn: On[Progress, Anywhere]) -> Outcome:
    """What was done when, this week's total, and the streak."""
    said = _progress(turn.library.exercises, turn.profile, turn.today)
    state = turn.session.state
    if interrupted(turn):
        return coaching.straight_on(turn, *said)
    if state in {State.HOME, State.CHOOSING, State.DONE, State.COUNTING}:
        return respond(turn, *said, *(question(turn)))
    return respond(turn, *said, *question(turn))


def _progress(exercises: object, profile: Profile, today: int) -> tuple[Act, ...]:
    if not profile.days:
        return (tell("progress.none"),)
    acts: list[Act] = []
    done_today = profile.days.get(today, 0)
    if done_today:
        acts.append(tell("progress.today", count=f"exercises:{done_today}"))
    if week_total(profile, today) > done_today:
        acts.append(tell("progress.week", count=f"exercises:{week_total(profile, today)}"))
    days = streak(profile, today)
    if days > 1:
        acts.append(tell("progress.streak", days=f"days:{days}"))
    last = profile.recent[-1] if profile.recent else None
    if last and isinstance(exercises, dict) and last.exercise in exercises:
        ago = today - last.day
        when = {0: "progress.last_today", 1: "progress.last_yesterday"}.get(ago, "progress.last_days_ago")
        acts.append(tell(when, exercise=exercises[last.exercise].name, days=f"days:{max(ago, 0)}"))
    return tuple(acts)


def topic(turn: On[ExplainTopic, Anywhere]) -> Outcome:
    """A spoken answer about backs and hips; a count that was cut into waits."""
    known = [name for name in _ids(turn, "topic") if name in turn.library.topics]
    said: Act = Read(turn.library.topics[known[0]].say) if known else tell("topic.unknown")
    if (
        turn.session.activity
        and turn.session.state in {State.COUNTING, State.PAUSED, State.BETWEEN}
        and (interrupted(turn) or turn.session.state is not State.COUNTING)
    ):
        return respond(turn, said, RESUME, state=State.PAUSED, activity=at_place(turn))
    return respond(turn, said, *question(turn))


def _ids(turn: Turn, slot: str) -> tuple[str, ...]:
    found = turn.event.slots.get(slot)
    return found.ids if found else ()


def change_pace(turn: On[ChangePace, Anywhere]) -> Outcome:
    """Slower or faster breaths and repetitions; a second stays a second."""
    now = turn.profile.preferences.get("pace", 100)
    nearest = min(range(len(PACES)), key=lambda index: abs(PACES[index] - (now if isinstance(now, int) else 100)))
    step = -1 if turn.event.slot_id("direction") == "faster" else 1
    wanted = PACES[max(0, min(len(PACES) - 1, nearest + step))]
    activity = turn.session.activity
    seconds = activity is not None and cadence.counted_kind(dose_of(turn.library, activity)) == "seconds"
    key = "pace.second_stays" if seconds else "pace.faster" if step < 0 else "pace.slower"
    return _setting(turn, tell("pace.limit" if wanted == now else key), Preferred("pace", wanted))


def count_style(turn: On[CountStyle, Anywhere]) -> Outcome:
    """How much is counted aloud, up or down; remembered."""
    style = turn.event.slot_id("style")
    if style is None or style not in STYLES:
        return aside(turn, tell("count.unknown"))
    if style in {"up", "down"}:
        return _setting(turn, tell(STYLES[style]), Preferred("direction", style))
    approximate = turn.rung == RUNGS[-1] and style == Style.EVERY
    return _setting(turn, tell("count.approximate" if approximate else STYLES[style]), Preferred("style", style))


def _setting(turn: Turn, said: Tell, change: Preferred) -> Outcome:
    """Remember a setting, say so, and carry on where a count was running."""
    preferences = {**turn.profile.preferences, change.key: change.value}
    turn = replace(turn, profile=replace(turn.profile, preferences=preferences))
    if interrupted(turn):
        return coaching.straight_on(turn, said, changes=(change,))
    return respond(turn, said, *question(turn), changes=(change,))


def ask_delete(turn: On[DeleteMyData | EraseFailed, Anywhere]) -> Outcome:
    """Deleting is asked back once, and again when it could not be done; what is under way waits."""
    return respond(turn, asking.OWN[State.DELETING], state=State.DELETING, activity=coaching.set_aside(turn))


def delete(turn: On[Yes, Deleting]) -> Outcome:
    """Everything is deleted, and the conversation starts from nothing."""
    fresh = Session(turn=turn.session.turn, locked=turn.session.locked)
    return Outcome((tell("delete.done"), End()), fresh, (Erased(),))


def keep(turn: On[No | NotSure | Cancel | Resume, Deleting]) -> Outcome:
    """No to deleting."""
    return kept(turn)


def kept(turn: Turn) -> Outcome:
    """Nothing is deleted, and what was open before comes back."""
    if turn.session.check:
        return respond(turn, tell("delete.kept"), asking.OWN[State.CHECK_PAUSED], state=State.CHECK_PAUSED)
    activity = turn.session.activity
    if activity and activity.started_at:
        return respond(turn, tell("delete.kept"), RESUME, state=State.PAUSED)
    if activity:
        turn = turn.with_session(state=State.DONE)
        return respond(turn, tell("delete.kept"), asking.own(turn))
    return home(turn, tell("delete.kept"))


def change_nothing(turn: On[ChangeDose, Home | Choosing]) -> Outcome:
    """A length of time with no exercise to change is how long the listener has."""
    seconds = turn.event.seconds("duration")
    return finding.find(turn) if seconds and seconds >= finding.SHORTEST_ROUTINE_SECONDS else nothing_under_way(turn)


def pick_for_me(turn: On[Yes | Next | Ready, Home]) -> Outcome:
    """Yes at home, with nothing offered: offer the routines."""
    return finding.offer(turn, finding.routines_for(turn, None), "offer.routines")


def no_more(turn: On[No, Home]) -> Outcome:
    """No to "anything else?": good-bye."""
    return stop(turn)


def seen(turn: On[SeenDoctor, Anywhere] | On[Yes, Advised]) -> Outcome:
    """The listener has been seen by someone: the lock opens, from the next session on if it closed in this one.

    Said unasked it is asked once: a sentence that was only taken for it must not open the exercises.
    """
    is_locked = bool(turn.session.locked) or turn.profile.lock
    was_asked = turn.session.state is State.ADVISED and asking.offered(turn.session) == "seen"
    if is_locked and not was_asked:
        return asking.advised(turn, "seen", activity=None)
    changes: tuple[Change, ...] = (Locked(False),) if turn.profile.lock else ()
    if turn.session.locked:
        return respond(turn, tell("locked.this_session"), End(), state=State.ADVISED, activity=None, changes=changes)
    said: Act = advise(turn, "locked.unlocked") if turn.profile.lock else tell("locked.not")
    return preceded(home(turn.with_session(caution=turn.profile.lock, item="")), said, changes=changes)


def lock_found(turn: On[LockFound, Anywhere]) -> Outcome:
    """Another device has closed the exercises since this turn began: that is said in place of what was decided."""
    return locked(turn)


def locked(turn: Turn) -> Outcome:
    """Exercises are locked after a check that sent the listener to see someone."""
    said = advise(turn, "locked.say")
    return asking.advised(turn, "again" if turn.session.locked else "seen", said, activity=None)
