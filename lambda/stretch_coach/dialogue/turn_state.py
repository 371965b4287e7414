"""What every rule sees and returns, and the questions several rules ask of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, Self, TypeVar, Unpack

from stretch_coach.acts import Act, Advise, Ask, Counting, CountStyle, Direction, Lead, Tell, Values
from stretch_coach.errors import ContentError
from stretch_coach.events import Event
from stretch_coach.library import Dose, Exercise, Library, with_overrides
from stretch_coach.profile import Change, Profile
from stretch_coach.session import Activity, Sent, Session, SessionValues, State
from stretch_coach.speech.apla import MAX_FILES
from stretch_coach.speech.script import side_name
from stretch_coach.timeline import Part, Position

RUNGS = ("slots", "blocks", "ssml")
"""The counting ladder, best first (docs/architecture.md, "Counting")."""
ONE_BOUT, ALL_BOUTS = 1, 99
BLOCKS_PIECES = MAX_FILES
"""Pieces of speech a turn may hold on the blocks rung, in case Speech counts as a file (docs/reference/alexa-rules.md
2.6)."""
DAY_MS = 86_400_000
UTC_OFFSET_HOURS: Mapping[str, int] = {"en-US": -6, "en-CA": -5, "en-GB": 0, "en-IN": 5, "en-AU": 10}
"""Where a locale's day begins (editor_set): the request does not say the listener's time zone, and a day that turns
over in the middle of the night, give or take three hours, is what "today" needs."""


@dataclass(frozen=True)
class Turn:
    """Everything a rule may look at."""

    library: Library
    session: Session
    profile: Profile
    event: Event
    now: int
    """Milliseconds since the epoch, by the platform's clock."""
    position: Position | None = None
    """Where the listener was in the counted turn that this event interrupts."""
    pinned_rung: str = "auto"

    @property
    def activity(self) -> Activity:
        """What is under way; only for rules of states that have one."""
        activity = self.session.activity
        assert activity is not None
        return activity

    @property
    def exercise(self) -> Exercise:
        """The exercise under way."""
        return self.library.exercises[self.activity.exercise]

    @property
    def mode(self) -> str:
        """Flow or step."""
        return str(self.profile.preferences.get("mode", "flow"))

    @property
    def rung(self) -> str:
        """The rung of the counting ladder for this device."""
        if self.pinned_rung in RUNGS:
            return self.pinned_rung
        known = self.profile.rungs.get(self.event.device.id)
        return known if known in RUNGS else RUNGS[0]

    @property
    def today(self) -> int:
        """Days since the epoch where the listener probably is."""
        hours = UTC_OFFSET_HOURS.get(self.event.locale, 0)
        return (self.now + hours * 3_600_000) // DAY_MS

    def with_session(self, **values: Unpack[SessionValues]) -> Self:
        """The same turn seen with another session."""
        return replace(self, session=replace(self.session, **values))


@dataclass(frozen=True)
class Outcome:
    """What a rule decided."""

    acts: tuple[Act, ...]
    session: Session
    changes: tuple[Change, ...] = ()


Rule = Callable[[Turn], Outcome]
AnyTurn = TypeVar("AnyTurn", bound=Turn)
Turn_contra = TypeVar("Turn_contra", bound=Turn, contravariant=True)


@dataclass(frozen=True)
class Row(Generic[Turn_contra]):
    """What answers an event in a state; the type of its turn says which (signatures.py)."""

    rule: Callable[[Turn_contra], Outcome]
    to: frozenset[State]
    """Every state the rule can lead to."""


def respond(turn: Turn, /, *acts: Act, changes: tuple[Change, ...] = (), **values: Unpack[SessionValues]) -> Outcome:
    """Say `acts`, with session values set: `state` for the state to move to, and others."""
    return Outcome(acts, replace(turn.session, **values), changes)


def preceded(outcome: Outcome, *acts: Act, changes: tuple[Change, ...] = ()) -> Outcome:
    """The same outcome with something said (and changed) first."""
    return replace(outcome, acts=(*acts, *outcome.acts), changes=(*changes, *outcome.changes))


def counting_of(profile: Profile, rung: str) -> Counting:
    """How this listener wants to hear counts, on a rung of the ladder."""
    chosen = profile.preferences
    style = next((style for style in CountStyle if style == chosen.get("style")), CountStyle.EVERY)
    direction = Direction.DOWN if chosen.get("direction") == Direction.DOWN else Direction.UP
    pace = chosen.get("pace", 100)
    if rung == "ssml" and not (style is CountStyle.EVERY and "style" in chosen) and style is not CountStyle.SILENT:
        style = CountStyle.LANDMARKS
    sane = pace if isinstance(pace, int) and 50 <= pace <= 200 else 100
    return Counting(style, direction, sane, in_blocks=rung == "blocks")


def dose_of(library: Library, activity: Activity) -> Dose:
    """The dose of what is under way: the exercise's, the routine's overrides, then the listener's."""
    dose = library.exercises[activity.exercise].dose
    routine = library.routines.get(activity.routine or "")
    if routine and activity.index < len(routine.sequence):
        dose = with_overrides(dose, routine.sequence[activity.index].dose)
    try:
        return with_overrides(dose, activity.dose)
    except ContentError:  # stored for a dose that content has since changed
        return dose


def lead_act(library: Library, profile: Profile, rung: str, activity: Activity, sent: Sent) -> Lead:
    """The act that leads an activity in the way `sent` says; the same values always give the same plan."""
    return Lead(
        exercise=activity.exercise,
        dose=dose_of(library, activity),
        place=activity.place,
        form=sent.form,
        counting=counting_of(profile, rung),
        bouts=sent.bouts,
        variant=sent.variant,
        step=activity.step if sent.form == "long" else 0,
        pieces=sent.pieces,
        limit_ms=sent.limit_ms,
    )


def name_of(turn: Turn, item: str) -> str:
    """The spoken name of an exercise or of "routine:<id>"."""
    kind, _, name = item.rpartition(":")
    return turn.library.routines[name].name if kind == "routine" else turn.library.exercises[name].name


def listed(turn: Turn, names: tuple[str, ...], join: str = "or") -> str:
    """Names joined as they are spoken: "a, b, or c"."""
    words = turn.library.locale.words["list"]
    if len(names) == 1:
        return names[0]
    last = str(words[join])
    return f"{', '.join(names[:-1])}{',' if len(names) > 2 else ''} {last} {names[-1]}"


def place_values(turn: Turn, activity: Activity) -> Values:
    """The words for where an activity has got to."""
    exercise = turn.library.exercises[activity.exercise]
    return {"exercise": exercise.name, "side": side_name(turn.library, exercise, activity.place.side)}


def is_sided(exercise: Exercise) -> bool:
    """One side is done after the other."""
    return exercise.sides == "each"


def interrupted(turn: Turn) -> bool:
    """The event cut into a counted turn before its counting was over."""
    return turn.session.state is State.COUNTING and turn.position is not None and not turn.position.finished


def reached_count(turn: Turn) -> bool:
    """The instructions were over and counting had begun."""
    return turn.position is not None and turn.position.part not in {Part.INTRO, Part.READY}


def at_place(turn: Turn) -> Activity:
    """What is under way, at the place the listener has reached."""
    activity, position = turn.activity, turn.position
    if position is None or not interrupted(turn):
        return replace(activity, sent=None)
    step = position.step if position.part is Part.INTRO else len(turn.exercise.steps)
    return replace(activity, place=position.place, step=step, sent=None)


def home(turn: Turn, *before: Act, prompt: str = "ask.home") -> Outcome:
    """Say something, drop what was under way and ask what to do."""
    return respond(turn, *before, Ask(prompt, reprompt="reprompt.home"), state=State.HOME, activity=None, offers=())


def advise(turn: Turn, key: str, **values: str | int) -> Advise:
    """Words of the safety check, for where the device is."""
    return Advise(key, turn.event.locale, values)


def tell(key: str, **values: str | int) -> Tell:
    """A prompt with its values by keyword."""
    return Tell(key, values)
