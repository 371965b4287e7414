"""The content the coach speaks from, as values.

One parser, thin loaders: YAML files and the compiled JSON document both go through ``Library.from_documents``.
Figures (doses, settle times) come from the content files, which name their sources.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from stretch_coach.errors import ContentError
from stretch_coach.safety.red_flag import RedFlag

Document = Mapping[str, Any]


@dataclass(frozen=True)
class Step:
    say: str
    """One spoken instruction; may hold {side} and {other}."""
    settle_seconds: int
    """Quiet after it, in seconds, so that the listener can do it before the next one."""


@dataclass(frozen=True)
class Hold:
    """How long a position is held: seconds or breaths, never both."""

    seconds: int | None = None
    seconds_min: int | None = None
    seconds_max: int | None = None
    breaths: int | None = None
    breaths_max: int | None = None
    deep: bool = False


@dataclass(frozen=True)
class Reps:
    count: int
    """Repetitions (or steps) on each side."""
    tempo_seconds: int
    """Seconds of movement in one repetition."""
    pause_seconds: int = 0
    pause_seconds_max: int | None = None
    count_max: int | None = None
    unit: str = "rep"


@dataclass(frozen=True)
class Dose:
    hold: Hold | None
    reps: Reps | None
    sets: int = 1
    sets_max: int | None = None
    rest_seconds: int | None = None
    rest_between_reps_seconds: int | None = None


@dataclass(frozen=True)
class Exercise:
    id: str
    name: str
    synonyms: tuple[str, ...]
    kind: str
    body_areas: tuple[str, ...]
    position: str
    equipment: tuple[str, ...]
    helpful: tuple[str, ...]
    short: str
    steps: tuple[Step, ...]
    sides: str
    """both | each | alternating"""
    first_side: str | None
    side_cue: Mapping[str, str]
    dose: Dose
    longer_hold: Hold | None
    """A second way to dose the hold that a source gives, offered as "longer"."""
    exit: str
    easier: str | None
    harder: str | None
    cautions: tuple[str, ...]
    avoid_if: tuple[str, ...]

    @property
    def side_names(self) -> tuple[str, ...]:
        """The sides in the order they are done; one empty name when both are done at once."""
        return tuple(self.side_cue) if self.side_cue else ("",)

    def other_side(self, side: str) -> str:
        """The side that is not `side`; empty when there are no sides."""
        return next((name for name in self.side_names if name != side), "")


@dataclass(frozen=True)
class RoutineItem:
    exercise: str
    dose: Mapping[str, Any] = field(default_factory=dict)
    """Overrides, merged leaf by leaf into the exercise's dose."""


@dataclass(frozen=True)
class Routine:
    id: str
    name: str
    synonyms: tuple[str, ...]
    purpose: str
    rounds: int
    rest_between_rounds_seconds: int | None
    items: tuple[RoutineItem, ...]
    frequency: str | None

    @property
    def sequence(self) -> tuple[RoutineItem, ...]:
        """Every exercise in the order it is done, rounds written out."""
        return self.items * self.rounds


@dataclass(frozen=True)
class Topic:
    id: str
    name: str
    synonyms: tuple[str, ...]
    question: str
    say: tuple[str, ...]


@dataclass(frozen=True)
class Locale:
    """Every spoken word that is not about one item."""

    id: str
    prompts: Mapping[str, tuple[str, ...]]
    words: Mapping[str, Any]
    safety: Mapping[str, Any]
    """What the safety check says, by outcome; see content/safety."""

    def prompt(self, key: str, variant: int) -> str:
        """The wording of `key` for the turn numbered `variant`; raises ContentError for an unknown key."""
        wordings = self.prompts.get(key)
        if not wordings:
            raise ContentError(f"locale/{self.id}", f"there is no prompt {key!r}", f"Add it below prompts: {key}.")
        return wordings[variant % len(wordings)]


def _sentences(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    assert isinstance(value, Sequence)
    return tuple(str(item) for item in value)


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`base` with the leaves of `over` laid over it."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged


def _hold(document: Document | None) -> Hold | None:
    return Hold(**document) if document else None


def dose_from_document(document: Document, where: str) -> Dose:
    """The dose written in a content file; raises ContentError where a field is unknown or missing."""
    try:
        reps = document.get("reps")
        return Dose(
            hold=_hold(document.get("hold")),
            reps=Reps(**{key: value for key, value in reps.items() if value is not None}) if reps else None,
            sets=document.get("sets") or 1,
            sets_max=document.get("sets_max"),
            rest_seconds=document.get("rest_seconds"),
            rest_between_reps_seconds=document.get("rest_between_reps_seconds"),
        )
    except TypeError as error:
        raise ContentError(where, f"the dose cannot be read ({error})", "Compare it with content/schema.") from error


def dose_to_document(dose: Dose) -> dict[str, Any]:
    """The reverse of dose_from_document, without empty leaves."""

    def leaves(value: object) -> dict[str, Any]:
        return {key: item for key, item in vars(value).items() if item is not None}

    document = {key: item for key, item in leaves(dose).items() if key not in {"hold", "reps"}}
    if dose.hold:
        document["hold"] = leaves(dose.hold)
    if dose.reps:
        document["reps"] = leaves(dose.reps)
    return document


def with_overrides(dose: Dose, overrides: Mapping[Any, Any]) -> Dose:
    """`dose` with a routine's or a listener's overrides laid over it."""
    if not overrides:
        return dose
    return dose_from_document(merge(dose_to_document(dose), overrides), "dose override")


def _exercise(document: Document, where: str) -> Exercise:
    cues: Mapping[str, str] = document.get("side_cue") or {}
    first = document.get("first_side")
    ordered = dict(sorted(cues.items(), key=lambda item: item[0] != first))
    return Exercise(
        id=document["id"],
        name=document["name"],
        synonyms=tuple(document["synonyms"]),
        kind=document["kind"],
        body_areas=tuple(document["body_areas"]),
        position=document["position"],
        equipment=tuple(document["equipment"]),
        helpful=tuple(document.get("helpful") or ()),
        short=document["short"],
        steps=tuple(Step(step["say"], step.get("settle_seconds", 0)) for step in document["steps"]),
        sides=document["sides"],
        first_side=first,
        side_cue={str(side): cue for side, cue in ordered.items()},
        dose=dose_from_document(document["dose"], where),
        longer_hold=_hold(document.get("longer_hold")),
        exit=document["exit"],
        easier=document.get("easier"),
        harder=document.get("harder"),
        cautions=_sentences(document.get("cautions")),
        avoid_if=tuple(document.get("avoid_if") or ()),
    )


def _routine(document: Document, where: str) -> Routine:
    del where
    return Routine(
        id=document["id"],
        name=document["name"],
        synonyms=tuple(document["synonyms"]),
        purpose=document["purpose"],
        rounds=document.get("rounds") or 1,
        rest_between_rounds_seconds=document.get("rest_between_rounds_seconds"),
        items=tuple(RoutineItem(item["id"], item.get("dose") or {}) for item in document["exercises"]),
        frequency=document.get("frequency"),
    )


def _topic(document: Document, where: str) -> Topic:
    del where
    return Topic(
        document["id"], document["name"], tuple(document["synonyms"]), document["question"], _sentences(document["say"])
    )


def _locale(document: Document, safety: Document) -> Locale:
    return Locale(
        id=document["id"],
        prompts={key: _sentences(value) for key, value in document["prompts"].items()},
        words=document["words"],
        safety=safety,
    )


@dataclass(frozen=True)
class Library:
    """All content of one locale, by id."""

    exercises: Mapping[str, Exercise]
    routines: Mapping[str, Routine]
    topics: Mapping[str, Topic]
    red_flags: Mapping[str, RedFlag]
    locale: Locale
    version: str = ""
    """Fingerprint of the content, so that a stored "last check" says which wording it was."""

    @classmethod
    def from_documents(cls, documents: Mapping[str, Any]) -> "Library":
        """Read documents of the kinds exercises, routines, topics, red_flags (lists), locale and safety (mappings).

        Raises ContentError naming the document and the field that is missing or wrong.
        """
        library = cls(
            exercises=dict(_read(documents, "exercises", _exercise)),
            routines=dict(_read(documents, "routines", _routine)),
            topics=dict(_read(documents, "topics", _topic)),
            red_flags=dict(_read(documents, "red_flags", RedFlag.from_document)),
            locale=_locale(documents["locale"], documents.get("safety") or {}),
            version=str(documents.get("version") or ""),
        )
        for routine in library.routines.values():
            for item in routine.items:
                if item.exercise not in library.exercises:
                    where, problem = f"routines/{routine.id}", f"there is no exercise {item.exercise!r}"
                    raise ContentError(where, problem, "Use the id of a file in content/exercises.")
        return library

    @cached_property
    def exercise_names(self) -> Mapping[str, str]:
        """Every name and synonym of an exercise → its id."""
        names: dict[str, str] = {}
        for exercise in self.exercises.values():
            names.update(dict.fromkeys((exercise.name, *exercise.synonyms), exercise.id))
        return names


def _read(documents: Mapping[str, Any], kind: str, parse: Any) -> Iterator[tuple[str, Any]]:
    for document in documents.get(kind) or ():
        where = f"{kind}/{document.get('id', '?')}"
        try:
            yield document["id"], parse(document, where)
        except KeyError as error:
            raise ContentError(where, f"the field {error} is missing", "Compare it with content/schema.") from error
        except (AttributeError, TypeError, ValueError) as error:
            raise ContentError(where, f"a field cannot be read ({error})", "Compare it with content/schema.") from error
