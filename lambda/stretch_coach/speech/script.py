"""Acts → a plan: every word that will be said, with its time.

Everything comes from content. Wordings vary with the turn number, so the same turn always sounds the same.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from stretch_coach.acts import (
    Act,
    Advise,
    Ask,
    AskText,
    Card,
    Counting,
    End,
    Explain,
    Instruct,
    Lead,
    Read,
    Rest,
    Teach,
    Tell,
    Values,
)
from stretch_coach.errors import ContentError
from stretch_coach.library import Dose, Exercise, Hold, Library, Routine, with_overrides
from stretch_coach.speech import cadence
from stretch_coach.timeline import Carrier, Cue, Part, Place, total_ms

CHARACTER_MS = 80
SENTENCE_MS = 450
LEAD_MS = 500
"""An upper estimate of how long prose takes: 80 ms a character and 450 ms a sentence are longer than every voice tried,
espeak-ng at 140 words a minute included (tests/voice). Estimating long costs quiet; estimating short would put the
place ahead of the listener."""
USUAL_PERCENT = 75
"""What a usual voice takes of the upper estimate; the rest already is quiet to settle in."""
LONGEST_TURN_MS = 180_000
"""No turn passes 180 s of audio (docs/architecture.md, "Counting"), the words around the exercise included."""
TURN_LIMIT_MS = LONGEST_TURN_MS - 2_000
"""What a turn is planned for; the rest is for the voice that is slower than any that was tried."""
PATIENCE_MS = 30_000
"""Quiet before the question of a patient reprompt: about 30 s (docs/architecture.md, "Counting")."""


def prose_ms(text: str) -> int:
    """An upper estimate of the time `text` takes to say, in milliseconds, rounded up to a tenth of a second."""
    sentences = sum(text.count(mark) for mark in ".?!") or 1
    estimate = LEAD_MS + len(text) * CHARACTER_MS + sentences * SENTENCE_MS
    return -(-estimate // 100) * 100


@dataclass(frozen=True)
class Plan:
    """All that one turn says."""

    cues: tuple[Cue, ...]
    reprompt: tuple[Cue, ...]
    """What is said when nobody answers; empty when nothing was asked."""
    counts: bool
    """Something is counted, so the plan needs a carrier with exact times."""
    ends: bool
    cards: tuple[Card, ...]
    lead_offset_ms: int
    """When the exercise that is led or taught begins."""

    @property
    def listens(self) -> bool:
        """The microphone opens after it."""
        return bool(self.reprompt)


@dataclass(frozen=True)
class LeadPlan:
    cues: tuple[Cue, ...]
    end: Place | None
    """Where the next turn goes on; None when the exercise is complete."""


def amount(library: Library, number: int, unit: str) -> str:
    """A number with its unit, such as "30 seconds"; `unit` is a key of the locale's words.units."""
    one, many = library.locale.words["units"][unit]
    return str(one if number == 1 else many).replace("#", str(number))


def prompt_text(library: Library, key: str, values: Values, variant: int) -> str:
    """A prompt with its placeholders filled. A value "unit:number" is said as an amount."""
    units = library.locale.words["units"]
    filled: dict[str, str] = {}
    for name, value in values.items():
        unit, _, number = str(value).partition(":")
        filled[name] = amount(library, int(number), unit) if unit in units and number.isdigit() else str(value)
    return library.locale.prompt(key, variant).format_map(filled)


def side_name(library: Library, exercise: Exercise, side: int) -> str:
    """The spoken word for a side."""
    names = exercise.side_names
    name = names[min(side, len(names) - 1)]
    return str(library.locale.words["sides"].get(name, name))


def step_text(library: Library, exercise: Exercise, step: int, side: int) -> str:
    """One instruction, with {side} and {other} filled."""
    names = exercise.side_names
    other = names[-1 - min(side, len(names) - 1)] if len(names) > 1 else ""
    words = library.locale.words["sides"]
    return exercise.steps[step].say.format_map({
        "side": side_name(library, exercise, side), "other": str(words.get(other, other)),
    })  # fmt: skip


def dose_phrase(library: Library, act: Lead) -> str:
    """What will be counted, in one sentence."""
    dose, exercise, words = act.dose, library.exercises[act.exercise], library.locale.words
    sided = "_side" if exercise.sides != "both" and not act.place.side else ""
    if dose.reps:
        unit = "steps" if dose.reps.unit == "step" else "reps"
        said = _fill(words["dose"][unit + sided], amount(library, dose.reps.count, unit))
        if dose.hold:
            said = _fill(words["dose"]["reps_held" + sided], said, _hold_amount(library, dose.hold))
    elif dose.hold:
        kind = "breaths" if dose.hold.breaths else "hold"
        said = _fill(words["dose"][kind + sided], _hold_amount(library, dose.hold))
    else:
        return ""
    return said if dose.sets == 1 else _fill(words["dose"]["sets"], said, amount(library, dose.sets, "sets"))


def _hold_amount(library: Library, hold: Hold) -> str:
    if hold.breaths:
        return amount(library, hold.breaths, "deep_breaths" if hold.deep else "breaths")
    return amount(library, hold.seconds or 0, "seconds")


def _fill(pattern: object, *values: str) -> str:
    text = str(pattern)
    for value in values:
        text = text.replace("#", value, 1)
    return text


def prose(text: str, part: Part, place: Place, settle_ms: int = 0, step: int = 0) -> Iterator[Cue]:
    """Speech, and the quiet after it: `settle_ms` on a usual voice, less on a slow one, so that the end is the same."""
    if text:
        longest = prose_ms(text)
        ms = max(longest, cadence.scaled(longest, USUAL_PERCENT) + settle_ms)
        yield Cue(text, ms, Carrier.PROSE, part, place, settle_ms, step)
    else:
        yield from cadence.quiet(settle_ms, part, place)


def lead(library: Library, act: Lead) -> LeadPlan:
    """The whole of a counted turn for one exercise, from the act's place to where the turn has to end."""
    exercise = library.exercises[act.exercise]
    all_bouts = cadence.bouts(exercise, act.dose, act.counting)
    first = cadence.index_of(all_bouts, act.place)
    cues: list[Cue] = []
    budget = act.pieces or 1_000_000
    index = first
    while index < len(all_bouts):
        bout = all_bouts[index]
        if index == first:
            bout = cadence.Bout(bout.set, bout.side, act.place.count + 1 if act.place >= bout.start else bout.first,
                                bout.last, bout.total)  # fmt: skip
            piece = [*_opening(library, act, exercise, bout, all_bouts[index - 1] if index else None)]
        else:
            piece = [*_change(library, act, exercise, all_bouts[index - 1], bout)]
        kind = cadence.counted_kind(act.dose)
        piece += cadence.count_in(library.locale.words, kind, bout.start)
        piece += cadence.count_cues(library.locale.words, exercise, act.dose, bout, act.counting)
        piece += _closing(library, act, exercise, bout)
        budget -= _speech_pieces(piece)
        too_long = (
            total_ms(cues) + total_ms(piece) > (act.limit_ms or TURN_LIMIT_MS)
            or budget < 0
            or index - first >= act.bouts
        )
        if index > first and too_long:
            break
        cues += piece
        index += 1
    return LeadPlan(tuple(cues), all_bouts[index].start if index < len(all_bouts) else None)


BLOCK_MS = 3000
"""The length of a block on the second rung of the ladder. Five seconds would need fewer pieces; on the slowest voice
tried, the fourth count of a block is so late that it is cut off, and the fifth is 0.46 s out (docs/pace.md)."""


def _speech_pieces(cues: Sequence[Cue]) -> int:
    counted = total_ms(cue for cue in cues if cue.carrier is Carrier.SLOT)
    return 2 + -(-counted // BLOCK_MS)


def _place_before(bout: cadence.Bout) -> Place:
    return bout.start


def _opening(
    library: Library, act: Lead, exercise: Exercise, bout: cadence.Bout, before: cadence.Bout | None
) -> Iterator[Cue]:
    place, locale = _place_before(bout), library.locale
    cue = exercise.side_cue.get(exercise.side_names[bout.side], "") if exercise.sides == "each" else ""
    in_between = before is not None and bout.first == 1
    if act.form == "straight" and before is not None and in_between and before.set != bout.set:
        yield from _change(library, act, exercise, before, bout)
        return
    if act.form == "straight" and not in_between:
        return  # the listener is in position
    if bout.first > 1 or act.form in {"none", "straight"}:
        yield from prose(_sentence(cue), Part.INTRO, place)
        key = "lead.back_in_position" if bout.first > 1 else "lead.in_position"
        yield from prose(locale.prompt(key, act.variant), Part.INTRO, place)
        yield from cadence.quiet(cadence.BACK_IN_POSITION_MS[exercise.position], Part.INTRO, place)
        if bout.first > 1:
            values: Values = {"count": _from_count(library, act, bout)}
            yield from prose(prompt_text(library, "lead.from_count", values, act.variant), Part.INTRO, place)
        return
    yield from prose(_sentence(cue), Part.INTRO, place, step=act.step)
    if act.form == "long":
        for number, step in enumerate(exercise.steps[act.step :], act.step):
            text = step_text(library, exercise, number, bout.side)
            yield from prose(text, Part.INTRO, place, step.settle_seconds * cadence.SECOND_MS, number)
    else:
        yield from prose(exercise.short, Part.INTRO, place, cadence.BACK_IN_POSITION_MS[exercise.position])
    if act.place.set == 1 and not act.place.count:
        yield from prose(dose_phrase(library, act), Part.INTRO, place, step=len(exercise.steps) - 1)


def _from_count(library: Library, act: Lead, bout: cadence.Bout) -> str:
    unit = {"seconds": "seconds", "breaths": "breaths", "reps": "reps"}[cadence.counted_kind(act.dose)]
    if act.dose.reps and act.dose.reps.unit == "step":
        unit = "steps"
    left = bout.total - bout.first + 1
    if library.exercises[act.exercise].sides == "alternating":
        left = -(-left // 2)
    return amount(library, left, unit)


def _sentence(fragment: str) -> str:
    if not fragment:
        return ""
    return fragment[0].upper() + fragment[1:] + ("" if fragment[-1] in ".?!" else ".")


def _change(library: Library, act: Lead, exercise: Exercise, before: cadence.Bout, bout: cadence.Bout) -> Iterator[Cue]:
    place, locale = _place_before(bout), library.locale
    cue = exercise.side_cue.get(exercise.side_names[bout.side], "") if exercise.sides == "each" else ""
    if (before.set, before.side) == (bout.set, bout.side):
        yield from prose(locale.prompt("lead.more_of_the_same", act.variant), Part.INTRO, place)
        return
    if before.set != bout.set:
        values: Values = {"set": bout.set, "sets": act.dose.sets}
        rest = act.dose.rest_seconds or 0
        if rest:
            values = {**values, "rest": f"seconds:{rest}"}
            yield from prose(prompt_text(library, "lead.rest", values, act.variant), Part.REST, place)
            yield from cadence.rest_cues(locale.words, rest, place)
        yield from prose(prompt_text(library, "lead.next_set", values, act.variant), Part.INTRO, place)
        yield from prose(_sentence(cue), Part.INTRO, place)
        yield from cadence.quiet(cadence.BACK_IN_POSITION_MS[exercise.position], Part.INTRO, place)
        return
    key = "lead.other_way" if act.dose.reps and act.dose.reps.unit == "step" else "lead.switch_sides"
    yield from prose(locale.prompt(key, act.variant), Part.CHANGE, place)
    yield from prose(_sentence(cue), Part.CHANGE, place)
    yield from cadence.quiet(cadence.CHANGE_SIDES_MS[exercise.position], Part.CHANGE, place)


def _closing(library: Library, act: Lead, exercise: Exercise, bout: cadence.Bout) -> Iterator[Cue]:
    place = Place(bout.set, bout.side, bout.last)
    if bout.last < bout.total:
        yield from prose(library.locale.prompt("lead.pause_here", act.variant), Part.RELEASE, place)
        return
    key = "lead.release" if act.dose.hold and not act.dose.reps else "lead.reps_done"
    yield from prose(library.locale.prompt(key, act.variant), Part.RELEASE, place)
    last_side = len(exercise.side_names) - 1 if exercise.sides == "each" else 0
    if (act.dose.hold and not act.dose.reps) or bout.side == last_side:
        yield from prose(exercise.exit, Part.RELEASE, place, 2000)


def taught(library: Library, act: Teach) -> Iterator[Cue]:
    """The instructions from the act's step on, with time to follow each."""
    exercise = library.exercises[act.exercise]
    if exercise.sides == "each":
        cue = _sentence(exercise.side_cue[exercise.side_names[act.side]])
        yield from prose(cue, Part.INTRO, Place(), step=act.step)
    for number, step in enumerate(exercise.steps[act.step :], act.step):
        text = step_text(library, exercise, number, act.side)
        yield from prose(text, Part.INTRO, Place(), step.settle_seconds * cadence.SECOND_MS, number)


def routine_ms(library: Library, routine: Routine, counting: Counting, heard: Collection[str] | None = None) -> int:
    """How long a routine lasts, in milliseconds: the exercises, and the rests between rounds.

    `heard` are the exercises the listener knows; the others are told in their long form, with their cautions, the
    first time they come. None: all are known.
    """
    total = (routine.rounds - 1) * (routine.rest_between_rounds_seconds or 0) * cadence.SECOND_MS
    for exercise in library.exercises.values():
        if heard is not None and exercise.id not in heard and any(exercise.id == i.exercise for i in routine.items):
            total += total_ms(taught(library, Teach(exercise.id, 0)))
            total += sum(prose_ms(text) for text in exercise.cautions)
            total -= prose_ms(exercise.short)
    for item in routine.sequence:
        total += exercise_ms(
            library, item.exercise, with_overrides(library.exercises[item.exercise].dose, item.dose), counting
        )
    return total


def exercise_ms(library: Library, exercise: str, dose: Dose, counting: Counting) -> int:
    """How long an exercise lasts in its short form, all its turns together, in milliseconds."""
    total, form = 0, "short"
    place: Place | None = Place()
    while place is not None:
        planned = lead(library, Lead(exercise, dose, place, form, counting, bouts=99, variant=0))
        total, place, form = total + total_ms(planned.cues), planned.end, "none"
    return total


def _said(library: Library, act: Act, variant: int) -> Iterator[Cue]:
    for text in _texts(library, act, variant):
        yield from prose(text, Part.OUTRO, Place())
    match act:
        case Instruct(name, step, side):
            exercise = library.exercises[name]
            if step == 0 and exercise.sides == "each":
                yield from prose(_sentence(exercise.side_cue[exercise.side_names[side]]), Part.OUTRO, Place())
            yield from prose(step_text(library, exercise, step, side), Part.OUTRO, Place())
        case Teach():
            yield from taught(library, act)
        case Explain(name, long):
            yield from _explained(library, library.exercises[name], long)
        case Rest(seconds):
            yield from cadence.rest_cues(library.locale.words, seconds, Place())
        case Lead():
            yield from lead(library, act).cues


def _texts(library: Library, act: Act, variant: int) -> tuple[str, ...]:
    """What an act says that is text and nothing else."""
    match act:
        case Tell(key, values) | Ask(key, values):
            return (prompt_text(library, key, values, variant),)
        case Read(texts):
            return texts
        case AskText(text):
            return (text,)
        case Advise():
            return advice(library, act)
        case _:
            return ()


def advice(library: Library, act: Advise) -> tuple[str, ...]:
    """The sentences of a safety outcome or text, with the numbers to call where the device is."""
    safety = library.locale.safety
    outcome = safety["outcomes"].get(act.key)
    texts: object
    if outcome:
        net = outcome.get("safety_net") or safety["safety_net"]
        texts = [*outcome["say"], safety["cannot_call"], *net]
    elif act.key == "early":
        texts = [*safety["early"]["say"], *safety["safety_net"]]
    else:
        texts = safety
        for part in act.key.split("."):
            texts = texts[part]  # type: ignore[index]  # content, read as it is
    values = {**_numbers(library, act.locale, "say"), **act.values}
    return tuple(str(text).format_map(values) for text in (texts if isinstance(texts, list) else [texts]))


def _numbers(library: Library, locale: str, form: str) -> dict[str, str]:
    """Whom to call in a locale; `form` is say or card."""
    numbers = library.locale.safety["numbers"]
    return {name: str(forms[form]) for name, forms in (numbers.get(locale) or numbers["default"]).items()}


def _explained(library: Library, exercise: Exercise, long: bool) -> Iterator[Cue]:
    if exercise.sides == "each":
        yield from prose(_sentence(exercise.side_cue[exercise.side_names[0]]), Part.OUTRO, Place())
    if long:
        for number in range(len(exercise.steps)):
            yield from prose(step_text(library, exercise, number, 0), Part.OUTRO, Place(), 500)
        yield from prose(exercise.exit, Part.OUTRO, Place())
    else:
        yield from prose(exercise.short, Part.OUTRO, Place())


def _reprompt(library: Library, acts: Sequence[Act], variant: int) -> Iterator[Cue]:
    for act in acts:
        if isinstance(act, Ask):
            yield from cadence.quiet(PATIENCE_MS if act.patient else 0, Part.OUTRO, Place())
            yield from prose(prompt_text(library, act.reprompt, act.values, variant), Part.OUTRO, Place())
        elif isinstance(act, AskText):
            yield from prose(act.reprompt, Part.OUTRO, Place())


def acts_ms(library: Library, acts: Sequence[Act], variant: int) -> int:
    """How long `acts` take, in milliseconds."""
    return total_ms(cue for act in acts for cue in _said(library, act, variant))


def plan(library: Library, acts: Sequence[Act], variant: int) -> Plan:
    """Find the words for a turn. `variant` is the turn number; it picks among wordings."""
    cues: list[Cue] = []
    offset = 0
    for act in acts:
        if isinstance(act, Lead | Teach):
            offset = total_ms(cues)
        cues += _said(library, act, variant)
    return Plan(
        cues=tuple(cues),
        reprompt=tuple(_reprompt(library, acts, variant)),
        counts=any(isinstance(act, Lead) for act in acts),
        ends=any(isinstance(act, End) for act in acts),
        cards=tuple(act for act in acts if isinstance(act, Card)),
        lead_offset_ms=offset,
    )


def can_be_said(library: Library, acts: Sequence[Act]) -> bool:
    """There is at least one act, and the content has the words for all of them; what is kept outlives a release."""
    try:
        plan(library, acts, 0)
    except (ContentError, LookupError, ValueError):
        return False
    return bool(acts)


def card_text(library: Library, card: Card) -> tuple[str, str]:
    """The title and text of an outcome's card: what is spoken, and no answer."""
    outcome = library.locale.safety["outcomes"][card.outcome]
    numbers = _numbers(library, card.locale, "card")
    return str(outcome["card_title"]), str(outcome["card_text"]).format_map(numbers).strip()
