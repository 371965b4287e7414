"""A safety check under way: what was answered, in the order it was answered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal

Kind = Literal["full", "short", "exercise"]
KINDS: tuple[Kind, ...] = ("full", "short", "exercise")
CheckKey = Literal["kind", "answers"]
"""The fields of a check in session attributes."""


class Answer(StrEnum):
    """What was answered; a value is the letter kept in session attributes."""

    YES = "y"
    NO = "n"
    NOT_SURE = "u"
    SKIPPED = "s"


@dataclass(frozen=True)
class Check:
    """A check under way: the answers in the order they were given."""

    kind: Kind = "full"
    """full; short asks the emergency questions of the short check; exercise asks the same, during coaching."""
    answers: tuple[tuple[str, Answer], ...] = ()

    def answer(self, item: str) -> Answer | None:
        """The answer to `item`; None when it has not been answered."""
        return dict(self.answers).get(item)

    def answered(self, item: str, answer: Answer) -> "Check":
        """The check with this answer last. A second skip of the same question is recorded as not sure."""
        if answer is Answer.SKIPPED and self.answer(item) is Answer.SKIPPED:
            answer = Answer.NOT_SURE
        others = tuple((other, given) for other, given in self.answers if other != item)
        return replace(self, answers=(*others, (item, answer)))

    def back(self) -> "Check":
        """The check without its last answer, so that the last question comes again."""
        return replace(self, answers=self.answers[:-1])

    def to_attributes(self) -> dict[CheckKey, str]:
        """The check as small JSON: kind, and "id:letter" words in order."""
        return {"kind": self.kind, "answers": " ".join(f"{item}:{answer}" for item, answer in self.answers)}

    @classmethod
    def from_attributes(cls, attributes: Mapping[CheckKey, object]) -> "Check":
        """Read to_attributes() back. What cannot be read is left out, and so asked again; never raises."""
        kind: Kind = next((kind for kind in KINDS if kind == attributes.get("kind")), "full")
        words = attributes.get("answers")
        letters = {answer.value: answer for answer in Answer}
        pairs = (word.rpartition(":") for word in (words.split() if isinstance(words, str) else ()))
        given = {item: letters[letter] for item, _, letter in pairs if item and letter in letters}
        return cls(kind, tuple(given.items()))
