"""How a safety check ends: the outcome is spoken, exercises are locked or hidden, and the answers are forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from stretch_coach.acts import Card
from stretch_coach.dialogue.rules import asking, general
from stretch_coach.dialogue.turn_state import Outcome, Turn, advise, home, preceded, respond
from stretch_coach.profile import Change, Checked, Locked
from stretch_coach.safety import disposition
from stretch_coach.safety.check import Check
from stretch_coach.safety.red_flag import Level
from stretch_coach.session import MAX_NOTED, ExtraKey, State

if TYPE_CHECKING:
    from stretch_coach.dialogue.signatures import Anywhere, CallForHelp, On

S = State
ADULTS_ONLY = "adults_only"
LOCKS = ("", "same_day", ADULTS_ONLY, "emergency")
"""What can lock a session, the most urgent last."""


def level(turn: Turn, check: Check) -> Level:
    """What the answers so far call for."""
    return disposition.disposition(turn.library.red_flags, check).level


def noted(turn: Turn, check: Check) -> tuple[str, ...]:
    """What hides exercises this session: what was named before, and what the answers tell."""
    told = disposition.contraindications(turn.library.red_flags, check)
    return (*turn.session.conditions, *sorted(told - set(turn.session.conditions)))[-MAX_NOTED:]


def finish(turn: Turn, check: Check) -> Outcome:
    """What the answers add up to: the outcome, what it locks and what it hides."""
    flags = turn.library.red_flags
    outcome = disposition.disposition(flags, check)
    reasons = [[item, str(answer)] for item, answer in disposition.explain(check, outcome)][:8]
    turn = turn.with_session(
        check={}, item="", reasked=False, conditions=noted(turn, check),
        extra={**turn.session.extra, "reasons": reasons},
    )  # fmt: skip
    checked: tuple[Change, ...] = (Checked(turn.today, turn.library.version),)
    if outcome.adults_only:
        return adults_only(turn)
    if outcome.level >= Level.SAME_DAY:
        return _locking(turn, outcome.outcome, (*checked, Locked(True)))
    advice = advise(turn, outcome.outcome)
    turn = turn.with_session(caution=turn.session.caution or outcome.level is Level.SOON)
    if turn.session.locked or turn.profile.lock:
        return preceded(general.locked(turn), advice, changes=checked)
    if outcome.level is Level.SOON:
        return asking.advised(turn, "gentle", advice, changes=checked)
    if turn.session.activity and check.kind != "exercise":
        return respond(turn, advice, asking.RESUME, state=S.PAUSED, changes=checked)
    return preceded(home(turn, prompt="ask.after_check"), advice, changes=checked)


def _locking(turn: Turn, outcome: str, changes: tuple[Change, ...]) -> Outcome:
    locked = max(turn.session.locked, outcome, key=_urgency)
    said = (advise(turn, outcome), Card(outcome, turn.event.locale))
    return asking.advised(turn, "again", *said, locked=locked, activity=None, check={}, reasked=False, changes=changes)


def _urgency(lock: str) -> int:
    return LOCKS.index(lock) if lock in LOCKS else 0


def adults_only(turn: Turn, *changes: Change) -> Outcome:
    """The listener is under eighteen: what to do instead of a check."""
    locked = max(turn.session.locked, ADULTS_ONLY, key=_urgency)
    said = advise(turn, locked)
    return asking.advised(turn, "again", said, locked=locked, activity=None, check={}, reasked=False, changes=changes)


def call_for_help(turn: On[CallForHelp, Anywhere]) -> Outcome:
    """Called an emergency, or an ambulance is asked for: nothing is asked, the emergency outcome is spoken."""
    extra: Mapping[ExtraKey, object] = {name: value for name, value in turn.session.extra.items() if name != "reasons"}
    return _locking(turn.with_session(extra=extra), "emergency", (Locked(True),))
