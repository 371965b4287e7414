"""``stretch-coach plan``: a routine's timeline, turn by turn, with the lengths it really has."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from simulator.clock import from_iso
from stretch_coach.errors import StretchCoachError
from stretch_coach.events import Event, Kind, Slot
from stretch_coach.library import Library, Routine
from stretch_coach.profile import Profile
from stretch_coach.session import Session, State
from stretch_coach.speech.script import LONGEST_TURN_MS
from stretch_coach.timeline import Cue, Part, total_ms
from stretch_coach.turn import Reply, take_turn

MOMENT: Final = "2026-03-01T10:00:00Z"
ANSWER_MS: Final = 2000
"""Taken for the listener's "next" between two turns."""
MOST_TURNS: Final = 200


class PlanError(StretchCoachError):
    """A plan that cannot be shown; its text says what and how to mend it."""


@dataclass(frozen=True)
class Segment:
    """One stretch of a routine in which the listener does one thing."""

    turn: int
    start_ms: int
    """From the start of its turn."""
    length_ms: int
    part: Part
    exercise: str
    place: str
    words: str


@dataclass(frozen=True)
class TurnPlan:
    number: int
    exercise: str
    cues: tuple[Cue, ...]

    @property
    def length_ms(self) -> int:
        """The whole turn."""
        return total_ms(self.cues)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("routine", metavar="ROUTINE", help="the id of a routine")
    parser.add_argument("--png", type=Path, metavar="FILE", help="draw it too")
    parser.add_argument("--short", action="store_true", help="as someone hears it who knows the exercises")
    parser.add_argument("--locale", default="en-US", help="the language and country, such as en-GB")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the timeline, and draw it when asked; raises PlanError for an unknown routine."""
    from content_reader.documents import load_library

    library = load_library(options.locale)
    routine = library.routines.get(options.routine)
    if routine is None:
        known = ", ".join(library.routines)
        raise PlanError(f"plan {options.routine}: there is no such routine. Choose one of {known}")
    turns = tuple(turns_of(library, routine, short=options.short))
    print("\n".join(table(library, routine, turns)))
    if options.png:
        _draw(library, routine, turns, options.png)
        print(f"The picture is in {options.png}")
    return 0


def turns_of(library: Library, routine: Routine, *, short: bool) -> Iterator[TurnPlan]:
    """Every turn of a routine for a listener who says "next" each time."""
    session = Session()
    profile = Profile(greeted=True, mentioned=("modes",), heard=tuple(library.exercises) if short else ())
    now = from_iso(MOMENT)
    event = Event(Kind.INTENT, "StartRoutineIntent", {"routine": Slot(routine.name, (routine.id,))})
    for number in range(1, MOST_TURNS):
        reply = take_turn(library, session, profile, event, now)
        session, profile = reply.session, reply.profile
        if session.state not in {State.COUNTING, State.STEPPING}:
            return
        yield TurnPlan(number, session.activity.exercise if session.activity else "", reply.plan.cues)
        if _is_last(reply):
            return
        now += total_ms(reply.plan.cues) + ANSWER_MS
        event = Event(Kind.INTENT, "NextIntent")


def _is_last(reply: Reply) -> bool:
    return any(getattr(act, "prompt", "") == "ask.routine_finished" for act in reply.acts)


def segments(turn: TurnPlan) -> Iterator[Segment]:
    """A turn cut where what the listener does, or the side or set, changes."""
    start = 0
    for (part, number, side), group in groupby(turn.cues, key=lambda cue: (cue.part, cue.place.set, cue.place.side)):
        cues = list(group)
        words = " ".join(cue.text for cue in cues if cue.text)
        yield Segment(turn.number, start, total_ms(cues), part, turn.exercise, f"set {number}, side {side + 1}", words)
        start += total_ms(cues)


def table(library: Library, routine: Routine, turns: Sequence[TurnPlan]) -> Iterator[str]:
    """The timeline as lines of text; times in minutes and seconds from the start of each turn."""
    whole = sum(turn.length_ms for turn in turns)
    yield f"{routine.name}: {len(turns)} turns, {_clock(whole)} of speech and counting"
    for turn in turns:
        yield ""
        yield f"turn {turn.number}: {library.exercises[turn.exercise].name}, {_clock(turn.length_ms)}"
        yield f"  {'at':>6} {'lasts':>7}  {'part':<8} {'place':<14} words"
        for piece in segments(turn):
            place = piece.place if piece.part is not Part.OUTRO else ""
            yield (
                f"  {_clock(piece.start_ms):>6} {piece.length_ms / 1000:>5.1f} s  {piece.part:<8} {place:<14} "
                f"{_shortened(piece.words)}"
            )


def _clock(ms: int) -> str:
    return f"{ms // 60_000}:{ms % 60_000 // 1000:02d}"


def _shortened(words: str, most: int = 64) -> str:
    return words if len(words) <= most else words[: most - 1].rsplit(" ", 1)[0] + " …"


COLORS: Final = {
    Part.INTRO: "#8ab6d6", Part.READY: "#f2c14e", Part.COUNT: "#2a9d5c", Part.RELEASE: "#c7b8ea",
    Part.CHANGE: "#f4a261", Part.REST: "#d9d9d9", Part.OUTRO: "#6c757d",
}  # fmt: skip


def _draw(library: Library, routine: Routine, turns: Sequence[TurnPlan], path: Path) -> None:
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise PlanError("plan --png: matplotlib is not installed. `make test` installs it") from error
    mpl.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.patches import Patch

    figure, axes = plt.subplots(figsize=(11, 1.4 + 0.45 * len(turns)), layout="constrained")
    for row, turn in enumerate(turns):
        for piece in segments(turn):
            start, length = piece.start_ms / 1000, piece.length_ms / 1000
            axes.barh(row, length, left=start, color=COLORS[piece.part], edgecolor="white", height=0.8)
    axes.set_yticks(range(len(turns)), [f"{turn.number}. {library.exercises[turn.exercise].name}" for turn in turns])
    axes.invert_yaxis()
    axes.set_xlabel("seconds from the start of the turn")
    axes.axvline(LONGEST_TURN_MS / 1000, color="#b00020", linestyle="--", linewidth=1)
    axes.set_title(f"{routine.name}: {_clock(sum(turn.length_ms for turn in turns))}")
    axes.legend(handles=[Patch(color=color, label=str(part)) for part, color in COLORS.items()], ncols=7,
                loc="upper center", bbox_to_anchor=(0.4, -0.12), fontsize="small")  # fmt: skip
    figure.savefig(path, dpi=110)
    plt.close(figure)
