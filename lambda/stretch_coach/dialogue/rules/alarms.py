"""Signs a listener names unasked, during an exercise or in the middle of a check."""

from collections.abc import Mapping

from stretch_coach.dialogue.turn_state import Turn
from stretch_coach.safety import disposition
from stretch_coach.safety.check import Answer, Check
from stretch_coach.safety.red_flag import Level, RedFlag
from stretch_coach.session import MAX_NOTED

FIRST_ASKED: Mapping[str, str] = {
    "weakness": "leg-getting-weaker",
    "numbness": "saddle-numbness",
    "tingling": "saddle-numbness",
    "chest-pain": "chest-pain",
    "breathless": "trouble-breathing",
    "bladder": "trouble-starting-to-pee",
    "dizziness": "fainting",
}
"""The question a symptom during exercise goes to before the others (docs/reference/red-flags.md 2A and 2E)."""
SERIOUS = frozenset(FIRST_ASKED) - {"dizziness"}
"""Symptoms that start the emergency questions at once; dizziness does when it does not pass."""
PAINS = frozenset({None, "pain", "sharp-pain"})
"""What is felt when it is named as pain, or only by its place."""


def symptom(turn: Turn) -> str | None:
    """What is felt; a pain in the chest is chest pain."""
    flag = named_flag(turn)
    felt = turn.event.slot_id("symptom") or (flag.id if flag and flag.id in FIRST_ASKED else None)
    return "chest-pain" if felt in PAINS and place(turn) == "chest" else felt


def place(turn: Turn) -> str | None:
    """Where it is felt. "My chest" alone is understood as an area to exercise."""
    return turn.event.slot_id("place") or turn.event.slot_id("area")


def named_flag(turn: Turn) -> RedFlag | None:
    """The red flag the words name, if there is such an item."""
    slot = turn.event.slots.get("red_flag")
    known = (turn.library.red_flags.get(name) for name in (slot.ids if slot else ()))
    return next((flag for flag in known if flag), None)


def first_asked(turn: Turn) -> str:
    """The id of the question that comes before all others, "" when nothing named calls for one."""
    flag = named_flag(turn)
    if flag and decides(flag):
        return flag.id
    return FIRST_ASKED.get(symptom(turn) or "", "")


def decides(flag: RedFlag) -> bool:
    """Whether a yes to it sends the listener to be seen today."""
    return flag.kind == "stop" and flag.level >= Level.SAME_DAY and flag.id != disposition.UNDER_EIGHTEEN


def counted(turn: Turn, check: Check) -> Check:
    """The check with a red flag that was named in so many words: until it is answered it counts as not sure, so that
    leaving the check then does not lose it.
    """
    flag = named_flag(turn)
    return check.answered(flag.id, Answer.NOT_SURE) if flag and decides(flag) else check


def conditions(turn: Turn) -> tuple[str, ...]:
    """What hides exercises this session: what was named before, and what goes with the red flag named now."""
    flag = named_flag(turn)
    told = flag.contraindicates if flag else ()
    return tuple(dict.fromkeys((*turn.session.conditions, *told)))[-MAX_NOTED:]
