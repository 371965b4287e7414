"""What the pace report measures: the skill's own counted turns, and when each of their words is due.

Due times come from the content (a second is a second, a breath is five), not from the plan that is measured.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile
from typing import Any, Final

from sound.measuring.counts import Due
from stretch_coach.acts import Counting, CountStyle, Direction, Lead
from stretch_coach.dialogue.turn_state import BLOCKS_PIECES
from stretch_coach.library import Dose, Hold, Library, Reps, with_overrides
from stretch_coach.speech import apla, cadence, script, ssml
from stretch_coach.timeline import Cue, Part, Place
from understanding.text import spell

RUNGS: Final = ("slots", "blocks", "ssml")
NAIVE: Final = "naive"
"""Not a rung: a number, then a break of a second, as other skills count."""
HOLDS_S: Final = (5, 10, 15, 20, 30, 45, 60, 90)
HELD: Final = "low-lunge-hip-flexor-stretch"
REPEATED: Final = "cat-cow"
FASTEST_PERCENT: Final = 50
"""The fastest pace of breaths and repetitions a listener can choose."""
ROUTINE: Final = "quick-hip-opener"

Json = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One thing to measure: a turn or several, each with its counts."""

    kind: str
    rung: str
    turns: tuple["CountedTurn", ...]

    @property
    def is_hold(self) -> bool:
        """A hold of one length, counted by the second."""
        return self.kind.startswith("hold ")

    @property
    def is_long_hold(self) -> bool:
        """A hold of 30 s or more, for which the SSML rung has its goal."""
        return self.is_hold and any(count[-1].at_ms >= 30_000 for turn in self.turns for count in turn.counts)

    @property
    def is_routine_in_slots(self) -> bool:
        """A whole routine on the uppermost rung."""
        return self.kind.startswith("routine ") and self.rung == RUNGS[0]


@dataclass(frozen=True)
class CountedTurn:
    response: Json
    counts: tuple[tuple[Due, ...], ...]
    """Each count, to the first word after it."""
    cues: tuple[Cue, ...] = ()


def cases(library: Library, kinds: Sequence[str] | None = None) -> Iterator[Case]:
    """Every case, or those of the given kinds ("hold 30 s", "6 breaths", "8 reps", …)."""
    for kind, acts in _acts(library).items():
        if kinds is None or kind in kinds:
            for rung in RUNGS:
                yield Case(kind, rung, responses_for(library, acts, rung))
    for seconds in HOLDS_S:
        if kinds is None or f"hold {seconds} s" in kinds:
            yield Case(f"hold {seconds} s", NAIVE, (_naive(seconds),))


def every_slot(library: Library) -> list[Json]:
    """Responses that together hold every slot there is: each exercise, and a long hold in each style and direction."""
    own = [_lead(one.id, one.dose, bouts=99) for one in library.exercises.values()]
    fast = [replace(act, counting=Counting(pace_percent=FASTEST_PERCENT)) for act in own]
    hold = _lead(HELD, Dose(Hold(seconds=max(HOLDS_S)), None))
    styles = [replace(hold, counting=Counting(style, direction)) for style in CountStyle for direction in Direction]
    acts = [*own, *fast, *styles]
    return [turn.response for act in acts for turn in responses_for(library, [act], RUNGS[0])]


def responses_for(library: Library, acts: Sequence[Lead], rung: str) -> tuple[CountedTurn, ...]:
    """The turns that lead these acts on a rung, with what is due in each."""
    turns = []
    for act in acts:
        place: Place | None = act.place
        while place is not None:
            plan = script.lead(library, replace(act, place=place, **_on(rung)))
            unit_ms = cadence.unit_ms(act.dose, act.counting)
            turns.append(CountedTurn(respond(plan.cues, rung), tuple(counts_in(plan.cues, unit_ms)), plan.cues))
            place = plan.end
    return tuple(turns)


def respond(cues: Sequence[Cue], rung: str) -> Json:
    """The part of a response that speaks a counted plan."""
    if rung == "ssml":
        return {"outputSpeech": {"type": "SSML", "ssml": ssml.counted(cues)}}
    return {"directives": [apla.directive(cues, blocks=rung == "blocks")]}


def counts_in(cues: Sequence[Cue], unit_ms: int) -> Iterator[tuple[Due, ...]]:
    """For each count of a plan, the words due with their times, up to the first word after it.

    The first is the first unit's, or the last of the count-in where that unit is silent. A unit begins `unit_ms` after
    the one before it, whatever the cues say; only what is inside a unit is theirs.
    """
    for index, cue in enumerate(cues):
        if cue.part is Part.READY and index + 1 < len(cues) and cues[index + 1].part is Part.COUNT:
            yield _count(cue, cues[index + 1 :], unit_ms)


def _count(ready: Cue, cues: Sequence[Cue], unit_ms: int) -> tuple[Due, ...]:
    counted = list(takewhile(lambda cue: cue.part is Part.COUNT, cues))
    dues = [] if counted[0].text else [Due(-ready.ms, ready.text)]
    units = 0
    for _, group in groupby(counted, key=lambda cue: cue.place):
        at_ms = units * unit_ms
        units += 1
        for cue in group:
            if cue.text:
                dues.append(Due(at_ms, cue.text))
            at_ms += cue.ms
    after = next((cue.text for cue in cues[len(counted) :] if cue.text), None)
    if after:
        dues.append(Due(units * unit_ms, after))
    return tuple(Due(due.at_ms - dues[0].at_ms, due.text) for due in dues)


def _on(rung: str) -> Mapping[str, Any]:
    if rung == "ssml":
        return {"counting": Counting(CountStyle.LANDMARKS)}
    return {"pieces": BLOCKS_PIECES, "counting": Counting(in_blocks=True)} if rung == "blocks" else {}


def _acts(library: Library) -> dict[str, list[Lead]]:
    acts = {f"hold {seconds} s": [_lead(HELD, Dose(Hold(seconds=seconds), None))] for seconds in HOLDS_S}
    acts["6 breaths"] = [_lead(HELD, Dose(Hold(breaths=6), None))]
    acts["5 deep breaths"] = [_lead(HELD, Dose(Hold(breaths=5, deep=True), None))]
    acts["8 reps"] = [_lead(REPEATED, Dose(None, Reps(count=8, tempo_seconds=4)))]
    acts[f"routine {ROUTINE}"] = [
        _lead(item.exercise, with_overrides(library.exercises[item.exercise].dose, item.dose), form="long", bouts=99)
        for item in library.routines[ROUTINE].sequence
    ]
    return acts


def _lead(exercise: str, dose: Dose, form: str = "none", bouts: int = 1) -> Lead:
    return Lead(exercise, dose, Place(), form, Counting(), bouts, variant=0)


def _naive(seconds: int) -> CountedTurn:
    words = ["hold", *(spell(number) for number in range(1, seconds + 1)), "And release."]
    markup = '<break time="1s"/>'.join(words)
    dues = tuple(Due(1000 * index, word) for index, word in enumerate(words))
    return CountedTurn({"outputSpeech": {"type": "SSML", "ssml": f"<speak>{markup}</speak>"}}, (dues,))
