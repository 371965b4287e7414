"""Exercises as they are performed: doses at their ends, whole performances, and what a listener has truly heard."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from content_reader.documents import load_library
from stretch_coach import session as sessions
from stretch_coach.acts import Counting, CountStyle, Direction, Lead
from stretch_coach.dialogue.rules.doses import most
from stretch_coach.events import Device, Event, Kind, Slot
from stretch_coach.library import Dose, Exercise, Library, Reps
from stretch_coach.profile import Profile
from stretch_coach.session import Session
from stretch_coach.speech import script
from stretch_coach.speech.script import LeadPlan
from stretch_coach.timeline import Cue, Part, Place
from stretch_coach.turn import Reply, take_turn

LIBRARY = load_library("en-US")
IDS = tuple(LIBRARY.exercises)
PACES = (64, 67, 80, 97, 100, 113, 125, 149, 150)
"""The paces that can be asked for, and some that do not divide evenly."""
COUNTINGS = tuple(Counting(style, direction, pace) for style in CountStyle for direction in Direction for pace in PACES)
NOW = 1_790_000_000_000
SECOND_MS = 1000
PLAIN = Counting()


def most_dose(exercise: Exercise) -> Dose:
    """The largest dose a listener or a routine may come to."""
    dose, top = exercise.dose, most(exercise)
    if dose.reps:
        pause = dose.reps.pause_seconds_max or dose.reps.pause_seconds
        dose = replace(dose, reps=replace(dose.reps, count=top, pause_seconds=pause))
    elif dose.hold and dose.hold.breaths:
        dose = replace(dose, hold=replace(dose.hold, breaths=top))
    elif dose.hold:
        dose = replace(dose, hold=replace(dose.hold, seconds=top))
    return replace(dose, sets=dose.sets_max or dose.sets)


def doses(exercise: Exercise) -> tuple[Dose, Dose]:
    """The content's dose and the largest one."""
    return exercise.dose, most_dose(exercise)


def alternating(library: Library = LIBRARY) -> Library:
    """The library with an exercise whose sides take turns, which the content may come to have."""
    walk = library.exercises["forward-backward-band-walk"]
    dose = Dose(hold=None, reps=Reps(count=10, tempo_seconds=2, unit="step"), sets=2, rest_seconds=20)
    made = replace(walk, id="marching", sides="alternating", side_cue={"left": "", "right": ""}, dose=dose)
    return replace(library, exercises={**library.exercises, made.id: made})


def plans(library: Library, act: Lead) -> Iterator[LeadPlan]:
    """Every turn of a performance, each begun where the one before ended."""
    place: Place | None = act.place
    while place is not None:
        planned = script.lead(library, replace(act, place=place))
        yield planned
        place, act = planned.end, replace(act, form="none")


def counted(cues: Sequence[Cue]) -> tuple[Cue, ...]:
    """The cues in which something is counted."""
    return tuple(cue for cue in cues if cue.part is Part.COUNT)


def intent(name: str, **slots: str) -> Event:
    """An intent as one device sends it; a slot value is an id, or what was heard."""
    found = {
        key: Slot(value, () if value.startswith("PT") or value.isdigit() else (value,)) for key, value in slots.items()
    }
    return Event(Kind.INTENT, name, found, Device("deviceid"))


def true_place(cues: Sequence[Cue], heard_ms: int) -> Place:
    """Where a listener is who has heard the first `heard_ms` of a plan."""
    start = 0
    for cue in cues:
        if heard_ms < start + cue.ms:
            return cue.place
        start += cue.ms
    return cues[-1].place


def units_heard(cues: Sequence[Cue], heard_ms: int) -> set[Place]:
    """The units of a plan that have been counted out in full, each by the place it begins at."""
    ends: dict[Place, int] = {}
    at = 0
    for cue in cues:
        at += cue.ms
        if cue.part is Part.COUNT:
            ends[cue.place] = at
    return {place for place, end in ends.items() if end <= heard_ms}


@dataclass
class Talk:
    """One listener and the core, with the session as it travels: through JSON."""

    library: Library
    profile: Profile
    session: Session = field(default_factory=Session)
    now: int = NOW

    def say(self, event: Event) -> Reply:
        """One turn."""
        travelled = sessions.decode(json.loads(json.dumps(sessions.encode(self.session))))
        reply = take_turn(self.library, travelled, self.profile, event, self.now)
        self.session, self.profile = reply.session, reply.profile
        return reply
