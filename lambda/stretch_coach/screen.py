"""What a screen shows of a turn: acts → the data of the documents in apl/.

A screen repeats what is asked and shows how far a count has got; it never shows more than that. Answers of a safety
check, reasons, conditions and limitations are not on it: no text of a Tell or a Read gets here.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from stretch_coach.acts import INITIATIVE, Act, Advise, AskText, Card, Explain, Instruct, Lead, Teach
from stretch_coach.dialogue.rules.asking import Offered, Pain
from stretch_coach.dialogue.turn_state import dose_of
from stretch_coach.library import Dose, Exercise, Library
from stretch_coach.session import Session, State
from stretch_coach.speech import cadence, script
from stretch_coach.speech.script import Plan
from stretch_coach.timeline import Cue, Part, Place, total_ms

Data = dict[str, Any]

S = State
YES_NO = ("yes", "no")
ANSWERS = ("yes", "no", "not_sure")
CONTROLS: Mapping[State, tuple[str, ...]] = {
    S.COUNTING: ("pause", "repeat", "next", "stop"),
    S.STEPPING: ("next", "repeat", "stop"),
    S.BETWEEN: ("next", "repeat", "stop"),
    S.PAUSED: ("resume", "next", "stop"),
    S.DONE: ("repeat", "next", "stop"),
}
"""The buttons of an exercise; what they send is what alexa/request.py knows."""
ASKED: Mapping[State, tuple[str, ...]] = {
    S.CHECKING: ANSWERS, S.HURTING: ANSWERS, S.DELETING: YES_NO, S.RETURNING: YES_NO, S.CHECK_PAUSED: YES_NO,
    S.ADVISED: YES_NO,
}  # fmt: skip
"""The states in which a question stands on the screen by itself, with its answers as buttons."""
OPEN_QUESTION: Pain = "what"
SAID_AGAIN: Offered = "again"
"""Items of HURTING and ADVISED that yes and no do not answer."""
SAFETY = frozenset({S.CHECKING, S.HURTING, S.CHECK_PAUSED, S.ADVISED})
SHOWS_ITS_EXERCISE = frozenset({S.COUNTING, S.STEPPING, S.BETWEEN, S.PAUSED, S.DONE})
SHOWN_PARTS = frozenset({Part.READY, Part.COUNT, Part.REST, Part.CHANGE, Part.RELEASE})


def shown(library: Library, acts: Sequence[Act], plan: Plan, session: Session, *, timed: bool) -> Data | None:
    """The data of one screen; None when the turn shows nothing, as when it ends.

    `session` is the one after the turn. `timed` says that the plan's times hold (see speech/apla.py): only then is
    there a count-down. Its `kind` names the document: exercise, question, choices, outcome or home.
    """
    if plan.ends or not plan.listens:
        return None
    hint = next((cue.text for cue in reversed(plan.cues) if cue.text), "")
    led = next((act for act in acts if isinstance(act, Lead | Teach | Instruct | Explain)), None)
    outcome = next((act for act in acts if isinstance(act, Advise) and _is_outcome(library, act)), None)
    asked = next((act for act in acts if isinstance(act, INITIATIVE)), None)
    if outcome:
        return _outcome(library, outcome, hint)
    if led:
        return _exercise(library, led, plan, session, hint, timed=timed)
    if isinstance(asked, AskText) or session.state in ASKED:
        return _question(library, asked.text if isinstance(asked, AskText) else hint, session)
    if session.activity and session.state in SHOWS_ITS_EXERCISE:
        return _exercise(library, None, plan, session, hint, timed=timed)
    if session.offers:
        return _choices(library, session, hint)
    words = library.locale.words["screen"]
    return _screen("home", str(words["home"]), _last_sentence(hint), "", (), examples=list(words["examples"]))


def _last_sentence(text: str) -> str:
    return text.rpartition(". ")[2]


def _screen(kind: str, eyebrow: str, title: str, hint: str, buttons: Sequence[Data], **more: Any) -> Data:
    return {"kind": kind, "eyebrow": eyebrow, "title": title, "hint": hint, "buttons": list(buttons), **more}


def _buttons(library: Library, names: Sequence[str], labels: Mapping[str, str] | None = None) -> list[Data]:
    words = library.locale.words["screen"]
    return [{"label": str(words[(labels or {}).get(name, name)]), "argument": name} for name in names]


# Questions and outcomes


def _is_outcome(library: Library, act: Advise) -> bool:
    return act.key in library.locale.safety["outcomes"]


def _outcome(library: Library, act: Advise, hint: str) -> Data:
    """The words of the outcome's card: what to do, and nothing that was answered."""
    title, text = script.card_text(library, Card(act.key, act.locale))
    lines = [f"{sentence.rstrip('.')}." for sentence in text.replace("\n", " ").split(". ")]
    buttons = _buttons(library, ("repeat", "stop"))
    eyebrow = str(library.locale.words["screen"]["check"])
    return _screen("outcome", eyebrow, title, hint, buttons, level=act.key, lines=lines)


def _question(library: Library, text: str, session: Session) -> Data:
    words = library.locale.words["screen"]
    names = ASKED.get(session.state, ())
    if session.item == OPEN_QUESTION:
        names = ()
    elif session.state is S.ADVISED and session.item == SAID_AGAIN:
        names = ("repeat", "stop")
    eyebrow = words["check"] if session.state in SAFETY else words["question"]
    return _screen("question", str(eyebrow), text, "", _buttons(library, names))


def _choices(library: Library, session: Session, hint: str) -> Data:
    words = library.locale.words["screen"]
    options = [
        {**_option(library, offer), "argument": f"choice_{place}"}
        for place, offer in enumerate(session.offers, start=1)
    ]
    buttons = _buttons(library, YES_NO if len(options) == 1 else ())
    return _screen("choices", str(words["choose"]), _last_sentence(hint), "", buttons, options=options)


def _option(library: Library, offer: str) -> Data:
    kind, _, name = offer.rpartition(":")
    if kind == "routine":
        routine = library.routines[name]
        return {"name": _capital(routine.name), "detail": script.amount(library, len(routine.items), "exercises")}
    exercise = library.exercises[name]
    return {"name": _capital(exercise.name), "detail": dose_label(library, exercise, exercise.dose)}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# Exercises


def _exercise(library: Library, led: Act | None, plan: Plan, session: Session, hint: str, *, timed: bool) -> Data:
    activity = session.activity
    name = getattr(led, "exercise", "") or (activity.exercise if activity else "")
    exercise = library.exercises[name]
    is_own = activity is not None and activity.exercise == name
    dose = dose_of(library, activity) if activity and is_own else exercise.dose
    place = activity.place if activity and is_own else Place()
    side = led.side if isinstance(led, Teach | Instruct) else place.side
    steps = [{"text": script.step_text(library, exercise, n, side)} for n in range(len(exercise.steps))]
    is_exact = timed and plan.counts
    if is_exact:
        steps = list(_timed_steps(steps, plan.cues))
    routine = library.routines.get(activity.routine or "") if activity and is_own else None
    eyebrow = _capital(routine.name) if routine else ""
    return _screen(
        "exercise", eyebrow, _capital(exercise.name), hint, _controls(library, led, session, len(steps)),
        dose=dose_label(library, exercise, dose),
        steps=steps,
        step=led.step if isinstance(led, Instruct) else -1,
        segments=list(segments(library, exercise, dose, plan.cues)) if is_exact else [],
        ends=total_ms(plan.cues) if is_exact else 0,
        reached=_reached(library, exercise, dose, session) if led is None else None,
    )  # fmt: skip


def _controls(library: Library, led: Act | None, session: Session, steps: int) -> list[Data]:
    names = CONTROLS.get(session.state) or ASKED.get(session.state, YES_NO if session.offers else ())
    labels = {"repeat": "again"} if session.state is S.DONE else {}
    instructed = session.state is S.STEPPING and session.activity is not None and session.activity.step >= steps
    if isinstance(led, Teach) or instructed:
        names, labels = ("resume", "repeat", "stop"), {"resume": "begin"}
    return _buttons(library, names, labels)


def dose_label(library: Library, exercise: Exercise, dose: Dose) -> str:
    """What is counted, in a few words, such as "30 seconds each side, 2 sets"."""
    words = library.locale.words["screen"]
    held = ""
    if dose.hold and dose.hold.breaths:
        held = script.amount(library, dose.hold.breaths, "deep_breaths" if dose.hold.deep else "breaths")
    elif dose.hold:
        held = script.amount(library, dose.hold.seconds or 0, "seconds")
    unit = f"{dose.reps.unit}s" if dose.reps else ""
    first = script.amount(library, dose.reps.count, unit) if dose.reps else held
    if exercise.sides != "both":
        first = f"{first} {words['each_way' if unit == 'steps' else 'each_side']}"
    parts = [first, str(words["held"]).replace("#", held) if dose.reps and held else ""]
    parts.append(str(words["sets"]).replace("#", str(dose.sets)) if dose.sets > 1 else "")
    return ", ".join(part for part in parts if part)


def _timed_steps(steps: Sequence[Data], cues: Sequence[Cue]) -> Iterator[Data]:
    """Each instruction with the time in which it is given and followed, in ms from the start; none when it is not."""
    starts: dict[str, tuple[int, int]] = {}
    at = 0
    for cue in cues:
        if cue.part is Part.INTRO:
            starts.setdefault(cue.text, (at, at + cue.ms))
        at += cue.ms
    for step in steps:
        when = starts.get(step["text"])
        yield {**step, "at": when[0], "end": when[1]} if when else step


def segments(library: Library, exercise: Exercise, dose: Dose, cues: Sequence[Cue]) -> Iterator[Data]:
    """The parts of a counted plan that a screen follows, times in ms from the start.

    A count has `first` (units done when it begins), `total` (units of this side) and `every` (ms a unit).
    """
    at = 0
    for (part, cue_set, side), group in groupby(cues, key=lambda cue: (cue.part, cue.place.set, cue.place.side)):
        run = list(group)
        length = total_ms(run)
        if part in SHOWN_PARTS:
            label = _label(library, exercise, dose, part, Place(cue_set, side))
            segment: Data = {"at": at, "end": at + length, "part": str(part), "label": label}
            yield segment | (_counted(exercise, dose, run, length) if part is Part.COUNT else {})
        at += length


def _counted(exercise: Exercise, dose: Dose, run: Sequence[Cue], length: int) -> Data:
    both = len(exercise.side_names) if exercise.sides == "alternating" else 1
    first, last = run[0].place.count, run[-1].place.count + 1
    total = cadence.units(exercise, dose)
    return {"first": first // both, "total": total // both, "every": length * both // (last - first)}


def _label(library: Library, exercise: Exercise, dose: Dose, part: Part, place: Place) -> str:
    words = library.locale.words["screen"]
    if part is not Part.COUNT:
        key = {Part.READY: "get_ready", Part.REST: "rest", Part.CHANGE: "change", Part.RELEASE: "release"}[part]
        return str(words[key])
    return ", ".join(_where(library, exercise, dose, place))


def _where(library: Library, exercise: Exercise, dose: Dose, place: Place) -> Iterator[str]:
    """The side and the set a place is in, where there is more than one."""
    words = library.locale.words["screen"]
    if exercise.sides == "each":
        name = exercise.side_names[min(place.side, len(exercise.side_names) - 1)]
        yield str(words["sides"].get(name, _capital(name)))
    if dose.sets > 1:
        values = {"set": place.set, "sets": dose.sets}
        yield script.prompt_text(library, "lead.next_set", values, 0).rstrip(".")


def _reached(library: Library, exercise: Exercise, dose: Dose, session: Session) -> Data | None:
    """The count a pause has stopped at, as it is said: the second that was running, or the last one done."""
    activity = session.activity
    if activity is None or session.state is not S.PAUSED or not activity.place.count:
        return None
    both = len(exercise.side_names) if exercise.sides == "alternating" else 1
    count = activity.place.count + (1 if cadence.counted_kind(dose) == "seconds" else 0)
    total = cadence.units(exercise, dose)
    where = ", ".join(_where(library, exercise, dose, activity.place))
    return {"count": min(count, total) // both, "total": total // both, "label": where}
