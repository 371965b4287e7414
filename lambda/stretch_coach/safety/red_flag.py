"""The questions of the safety check, as values read from content/red_flags.

A red flag is one question a listener answers yes or no, where yes is always the worrying answer. Its follow-ups are
questions too; only a follow-up may be reassuring, which means that a yes to it lowers the item it belongs to.
What the answers add up to is decided in disposition.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Any

from stretch_coach.errors import ContentError

Document = Mapping[str, Any]

KINDS = ("stop", "weigh", "info")
TOPICS = ("about-you", "nerve", "fracture", "cancer", "infection", "elsewhere", "hip", "persistent")


class Level(IntEnum):
    """How soon the listener should be seen; a higher level is more urgent."""

    SELF_CARE = 0
    SOON = 1
    SAME_DAY = 2
    EMERGENCY = 3

    @property
    def word(self) -> str:
        """The level as content writes it: self_care, soon, same_day or emergency."""
        return self.name.lower()


@dataclass(frozen=True, kw_only=True, eq=False)
class Question:
    """What one turn of the check asks. Compared by identity, so that tables made from questions can be kept."""

    id: str
    question: str
    plainer: str
    """The same question with a concrete example, for a second try."""
    why: str
    because: str
    """What a yes told us, as a noun phrase: it fits after "you told me about" and after "you weren't sure about"."""
    level: Level
    """What a yes calls for by itself, before anything is combined."""
    kind: str
    """stop: a yes or a lasting not-sure decides by itself. weigh: it may also combine. info: explained, never asked."""
    definition: str = ""
    """What a word in the question means; empty where the plainer wording says it."""
    points: int = 0
    """Weight in half flags: 2 is a flag that counts fully with others, 1 an age that counts half."""
    skippable: bool = False
    short_check: bool = False
    asked_if_said: tuple[str, ...] = ()
    """Asked only after a yes or not-sure to one of these questions; empty: always."""
    asked_if_not_said: tuple[str, ...] = ()
    """Not asked after a yes or not-sure to one of these."""
    contraindicates: tuple[str, ...] = ()
    """The avoid_if words of exercises that a yes hides."""
    parent: str = ""
    """The item a follow-up belongs to; empty for an item."""
    reassuring: bool = False
    lowers_to: Level | None = None
    """The level the parent keeps when a reassuring follow-up is answered yes."""

    @property
    def decides_emergency(self) -> bool:
        """Whether a yes ends the check."""
        return self.kind == "stop" and self.level is Level.EMERGENCY


@dataclass(frozen=True, kw_only=True, eq=False)
class RedFlag(Question):
    """One file of content/red_flags."""

    code: str
    """The code reviewers know it by, such as CES1."""
    name: str
    synonyms: tuple[str, ...]
    topic: str
    order: int
    """Place in the check; lower is asked earlier."""
    info: str
    """The answer to "is this a red flag", with what to do."""
    follow_ups: tuple[Question, ...]
    sources: tuple[Mapping[str, Any], ...]
    editor_set: tuple[str, ...]
    reviewed: Mapping[str, Any] | None
    """Clinician and date; None until a review happened."""

    @classmethod
    def from_document(cls, document: Document, where: str) -> "RedFlag":
        """Read one document; raises ContentError naming the field that is missing, unknown or wrong."""
        _refuse_unknown(document, _QUESTION_FIELDS | _ITEM_FIELDS, where)
        try:
            return cls(
                **_question_fields(document, where),
                code=document["code"],
                name=document["name"],
                synonyms=tuple(document["synonyms"]),
                topic=_one_of(document["topic"], TOPICS, "topic", where),
                order=int(document["order"]),
                info=document["info"],
                follow_ups=tuple(_follow_up(item, document["id"], where) for item in document.get("follow_ups") or ()),
                sources=tuple(document["source"]),
                editor_set=tuple(document["editor_set"]),
                reviewed=document["reviewed"],
            )
        except KeyError as error:
            raise ContentError(where, f"the field {error} is missing", "Compare it with content/schema.") from error


Flags = Mapping[str, RedFlag]
"""The items of the check by id."""

_QUESTION_FIELDS = frozenset(
    {
        "id", "class", "level", "points", "skippable", "short_check", "relevant_if", "contraindicates",
        "question", "plainer", "why", "definition", "because",
    }
)  # fmt: skip
_ITEM_FIELDS = frozenset(
    {"code", "name", "synonyms", "topic", "order", "info", "follow_ups", "source", "editor_set", "reviewed"}
)
_FOLLOW_UP_FIELDS = frozenset({"reassuring", "lowers_to"})


def questions(flags: Mapping[str, RedFlag]) -> tuple[Question, ...]:
    """Every question that can be asked, in the order of the check, each item followed by its follow-ups."""
    return _in_order(tuple(flags.values()))


@lru_cache(maxsize=8)
def _in_order(flags: tuple[RedFlag, ...]) -> tuple[Question, ...]:
    asked = sorted((flag for flag in flags if flag.kind != "info"), key=lambda flag: flag.order)
    return tuple(question for flag in asked for question in (flag, *flag.follow_ups))


def _question_fields(document: Document, where: str) -> dict[str, Any]:
    kind = _one_of(document["class"], KINDS, "class", where)
    relevant_if: Mapping[str, Sequence[str]] = document.get("relevant_if") or {}
    _refuse_unknown(relevant_if, frozenset({"said", "not_said"}), f"{where}, relevant_if")
    return {
        "id": document["id"],
        "question": document["question"],
        "plainer": document["plainer"],
        "why": document["why"],
        "because": document["because"],
        "definition": document.get("definition") or "",
        "level": _level(document["level"], where),
        "kind": kind,
        "points": int(document.get("points") or 0),
        "skippable": bool(document.get("skippable", kind == "weigh")),
        "short_check": bool(document.get("short_check")),
        "asked_if_said": tuple(relevant_if.get("said") or ()),
        "asked_if_not_said": tuple(relevant_if.get("not_said") or ()),
        "contraindicates": tuple(document.get("contraindicates") or ()),
    }


def _follow_up(document: Document, parent: str, where: str) -> Question:
    where = f"{where}, follow-up {document.get('id', '?')}"
    _refuse_unknown(document, _QUESTION_FIELDS | _FOLLOW_UP_FIELDS, where)
    reassuring = bool(document.get("reassuring"))
    if reassuring != ("lowers_to" in document):
        raise ContentError(where, "reassuring and lowers_to belong together", "Give both or neither.")
    lowers_to = _level(document["lowers_to"], where) if reassuring else None
    return Question(**_question_fields(document, where), parent=parent, reassuring=reassuring, lowers_to=lowers_to)


def _level(word: object, where: str) -> Level:
    levels = {level.word: level for level in Level}
    return levels[_one_of(word, tuple(levels), "level", where)]


def _one_of(value: object, allowed: Sequence[str], name: str, where: str) -> str:
    if value not in allowed:
        raise ContentError(where, f"{name} is {value!r}", f"Use one of {', '.join(allowed)}.")
    return str(value)


def _refuse_unknown(document: Document, known: frozenset[str], where: str) -> None:
    unknown = sorted(set(document) - known)
    if unknown:
        raise ContentError(where, f"unknown field {unknown[0]!r}", "Remove it or compare it with content/schema.")
