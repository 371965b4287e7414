"""One turn: what came in, what was decided, and the words for it. Pure: everything it depends on is an argument."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from stretch_coach import acts as acts_module
from stretch_coach.acts import INITIATIVE, Act, Lead, Teach
from stretch_coach.dialogue.step import event_name, step
from stretch_coach.dialogue.turn_state import Turn
from stretch_coach.events import Event
from stretch_coach.library import Library
from stretch_coach.profile import Change, Profile, UnderWay, apply_all
from stretch_coach.session import MAX_SAID_CHARACTERS, Session
from stretch_coach.speech import script
from stretch_coach.speech.script import Plan


@dataclass(frozen=True)
class Reply:
    """What one turn says and leaves behind."""

    acts: tuple[Act, ...]
    plan: Plan
    session: Session
    profile: Profile
    """The profile with `changes` applied."""
    changes: tuple[Change, ...]
    rung: str
    """The rung of the counting ladder a counted plan is to be rendered on."""
    event: str
    """The name of the event as the dialogue knows it."""


def take_turn(
    library: Library, session: Session, profile: Profile, event: Event, now: int, *, count_audio: str = "auto",
    first: Sequence[Act] = (),
) -> Reply:  # fmt: skip
    """Answer one event.

    `now` is the platform's time of the request in milliseconds since the epoch; `count_audio` pins a rung of the
    counting ladder ("auto": work down it); `first` is said before everything else. Never raises on anything a
    listener can say.
    """
    turn = Turn(library, session, profile, event, now, pinned_rung=count_audio)
    outcome, changes = step(turn)
    said = (*first, *outcome.acts) if outcome.acts else ()
    plan = script.plan(library, said, session.turn)
    after = replace(outcome.session, said=_repeatable(outcome.acts) or outcome.session.said)
    if after.activity and after.activity.sent and any(isinstance(act, Lead | Teach) for act in said):
        sent = replace(after.activity.sent, offset_ms=plan.lead_offset_ms)
        after = replace(after, activity=replace(after.activity, sent=sent))
        changes = tuple(_with_offset(change, after) for change in changes)
    profile = apply_all(profile, changes)
    return Reply(said, plan, after, profile, changes, replace(turn, profile=profile).rung, event_name(event))


def _with_offset(change: Change, after: Session) -> Change:
    """The stored activity is the one in the session, now that its time is known."""
    return UnderWay(after.activity) if isinstance(change, UnderWay) and change.activity else change


def _repeatable(said: Sequence[Act]) -> tuple[list[object], ...]:
    """What "repeat" says again; of a long turn, its question."""
    encoded = acts_module.encode(said)
    if any(isinstance(act, Lead) for act in said) or len(json.dumps(encoded)) > MAX_SAID_CHARACTERS:
        encoded = acts_module.encode([act for act in said if isinstance(act, INITIATIVE)])
    return tuple(encoded)
