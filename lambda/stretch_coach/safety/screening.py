"""What to ask next in the safety check, and what the answers add up to.

Theory. A yes is always the worrying answer, so answers are ordered: no, skipped, not sure, yes. Not sure counts as
yes in every rule and as half in the count of weighing flags; skipped counts as no, which is why an emergency question
can be skipped only once. What the answers add up to is a table of rules: each content item is a rule of its own level,
COMBINATIONS adds the rest, and the worst level of all rules that hold is the outcome. A more worrying answer can never
lower it (condition.py says why). The one way down is a reassuring follow-up (a long-standing leak, a diet), where yes
is the reassuring answer.

A question is asked only while its answer could still raise the outcome; so emergency questions are always asked, and
a check that already calls for care the same day leaves out what could add nothing. Nothing here clears anybody.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from stretch_coach.safety.condition import Answer, AtLeast, Facts, Points, Rule, Said, Warns, all_of, one_of
from stretch_coach.safety.red_flag import Level, Question, RedFlag, questions
from stretch_coach.session import CheckKey

Flags = Mapping[str, RedFlag]
Kind = Literal["full", "short", "exercise"]
KINDS: tuple[Kind, ...] = ("full", "short", "exercise")


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


UNDER_EIGHTEEN = "under-eighteen"
LEG_SIGNS = ("foot-drop", "unsteady-legs")
TWO_FLAGS = 4
"""Two full weighing flags, in half flags; an age is half a flag."""
SOURCE_FLAGS = (
    "over-fifty", "under-twenty", "tapping-hurts", "fever", "very-unwell", "weight-loss", "trouble-starting-to-pee",
    "leaking-pee", "leaking-poo", "saddle-numbness", "foot-drop", "both-legs", "both-legs-weak",
)  # fmt: skip
"""The ten red flags of the source texts, as items."""

COMBINATIONS = (
    Rule(
        "cancer-with-nerve-sign", Level.EMERGENCY, all_of("cancer-ever", one_of(*LEG_SIGNS, "tight-band")),
        "Cord compression card; NICE NG234",
    ),
    Rule(
        "illness-with-nerve-sign", Level.EMERGENCY, all_of(one_of("fever", "very-unwell"), one_of(*LEG_SIGNS)),
        "NHS back pain; spinal infection with leg weakness",
    ),
    Rule(
        "fever-with-side-pain", Level.EMERGENCY, all_of("fever", "side-to-groin-pain"),
        "NHS kidney stone advice (memory)",
    ),
    Rule(
        "old-leak-with-leg-sign", Level.EMERGENCY,
        all_of(AtLeast(1, (Said("leaking-pee"), Said("leaking-poo"))), one_of(*LEG_SIGNS)),
        "Cauda equina card: an old leak is lowered only with no other nerve sign",
    ),
    Rule(
        "fracture-count", Level.SAME_DAY,
        AtLeast(2, (Warns("fall"), Warns("over-seventy"), Warns("steroid-tablets"), Warns("born-female"))),
        "Henschke 2009: two or more",
    ),
    Rule("fall-with-thin-bones", Level.SAME_DAY, all_of("fall", "thin-bones"), "Downie 2013; seed SC-12"),
    Rule("fall-with-tapping-pain", Level.SAME_DAY, all_of("fall", "tapping-hurts"), "Seed RF-03 follow-up"),
    Rule(
        "sudden-pain-with-bone-risk", Level.SAME_DAY,
        all_of(
            "sudden-central-pain", one_of("fall", "over-sixty-five", "steroid-tablets", "thin-bones", "height-loss")
        ),
        "NHS Lothian vertebral fracture pathway",
    ),
    Rule(
        "groin-pain-after-fall", Level.SAME_DAY, all_of("fall", "groin-pain-standing", "over-sixty-five"),
        "Hip fractures that can be walked on",
    ),
    Rule(
        "groin-pain-in-training", Level.SAME_DAY, all_of("groin-pain-standing", "runs-a-lot"),
        "PMC6226070; PMC6357658",
    ),
    Rule(
        "groin-pain-with-bone-risk", Level.SAME_DAY,
        all_of("groin-pain-standing", one_of("steroid-tablets", "sickle-cell", "heavy-drinking")),
        "g-care urgent clinic (days or today: the stricter)",
    ),
    Rule(
        "infection-risk-and-course", Level.SAME_DAY,
        all_of(one_of("recent-infection", "recent-procedure", "diabetes"), one_of("getting-worse", "constant-pain")),
        "Yusuf 2019; Lauffer 2024",
    ),
    Rule(
        "inflammatory-stiffness", Level.SOON,
        all_of("morning-stiffness", "stiffness-eases", "over-three-months", "began-before-forty-five"),
        "NICE NG65",
    ),
    Rule(
        "first-or-stubborn-after-fifty", Level.SOON, all_of("over-fifty", one_of("first-ever-pain", "not-improving")),
        "Deyo and Diehl 1988",
    ),
    Rule(
        "six-weeks-no-better", Level.SOON, all_of("over-six-weeks", "not-improving"),
        "Seed RU-02, RU-03; NHS sciatica",
    ),
    Rule(
        "three-criteria", Level.SOON,
        all_of("over-six-weeks", one_of("severe", "not-improving", "getting-worse"), one_of(*SOURCE_FLAGS)),
        "Seed RU-01 to RU-04; decides only between soon and self care",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Disposition:
    """What the answers add up to, and why."""

    level: Level
    rules: tuple[str, ...]
    """Ids of the rules that hold at this level."""
    reasons: tuple[str, ...]
    """Ids of the items that made them hold, in the order they were answered."""
    adults_only: bool = False

    @property
    def outcome(self) -> str:
        """The key of what is said: adults_only, emergency, same_day, soon or self_care."""
        return "adults_only" if self.adults_only else self.level.word


def rules(flags: Flags) -> tuple[Rule, ...]:
    """The whole table: a rule for each item that calls for something by itself, the combinations, two flags."""
    return _rules(questions(flags))


@lru_cache(maxsize=8)
def _rules(asked: tuple[Question, ...]) -> tuple[Rule, ...]:
    weights = tuple((question.id, question.points) for question in asked if question.points)
    two_flags = Rule("two-flags", Level.SAME_DAY, Points(TWO_FLAGS, weights), "IFOMPT 2020: level of concern")
    return (*(rule for question in asked for rule in _own_rules(question)), *COMBINATIONS, two_flags)


def _own_rules(question: Question) -> Iterator[Rule]:
    if question.lowers_to:
        yield Rule(question.id, question.lowers_to, Said(question.parent), "What is left when it is long-standing")
    elif question.level and not question.reassuring:
        yield Rule(question.id, question.level, Warns(question.id), "The item's own level")


def disposition(flags: Flags, check: Check) -> Disposition:
    """The worst level of all rules that hold; SELF_CARE without reasons when none does."""
    facts = _facts(flags, check)
    holding = [rule for rule in rules(flags) if rule.condition.holds(facts)]
    level = max((rule.level for rule in holding), default=Level.SELF_CARE)
    decisive = [rule for rule in holding if rule.level is level]
    named = {item for rule in decisive for item in rule.condition.items if facts.said(item)}
    reasons = tuple(item for item, _ in check.answers if item in named)
    return Disposition(level, tuple(rule.id for rule in decisive), reasons, facts.said(UNDER_EIGHTEEN))


def explain(check: Check, outcome: Disposition) -> tuple[tuple[str, Answer], ...]:
    """The reasons with what was answered (yes or not sure), for "because you said" and "you weren't sure"."""
    return tuple((item, answer) for item, answer in check.answers if item in outcome.reasons)


def contraindications(flags: Flags, check: Check) -> frozenset[str]:
    """The avoid_if words of exercises to hide for this session; not sure hides them too."""
    facts = _facts(flags, check)
    return frozenset(
        word for question in questions(flags) if facts.said(question.id) for word in question.contraindicates
    )


def question(flags: Flags, item: str) -> Question | None:
    """The item or follow-up with this id; None when content has no such question."""
    return next((found for found in questions(flags) if found.id == item), None)


def next_item(flags: Flags, check: Check) -> str | None:
    """The id of the question to ask now; None when the check is over."""
    pending = _pending_reassurance(flags, check)
    if pending:
        return pending.id
    if _is_over(flags, check):
        return None
    facts = _facts(flags, check)
    wanted = _wanted(flags, check)
    due = (found.id for found in questions(flags) if found.id in wanted and _is_open(found, facts))
    return next(due, None) or next(iter(_skipped_emergencies(flags, check)), None)


def remaining(flags: Flags, check: Check) -> int:
    """At most so many questions are left, whatever is answered (a question that may be skipped counts twice)."""
    pending = _pending_reassurance(flags, check)
    if pending:
        return 1 + max(remaining(flags, check.answered(pending.id, answer)) for answer in (Answer.YES, Answer.NO))
    if _is_over(flags, check):
        return 0
    wanted = _wanted(flags, check)
    left = [found for found in questions(flags) if found.id in wanted or (found.reassuring and found.parent in wanted)]
    comes_twice = sum(found.decides_emergency and found.skippable for found in left)
    return len(left) + comes_twice + len(_skipped_emergencies(flags, check))


def remaining_if_no(flags: Flags, check: Check) -> int:
    """So many questions are left when every one is answered no: what to say when asked how many are left."""
    count = 0
    while (item := next_item(flags, check)) is not None:
        check, count = check.answered(item, Answer.NO), count + 1
    return count


def _facts(flags: Flags, check: Check) -> Facts:
    answers = dict(check.answers)
    lowered = (found.parent for found in questions(flags) if found.reassuring and answers.get(found.id) is Answer.YES)
    return Facts(answers, frozenset(lowered))


def _is_over(flags: Flags, check: Check) -> bool:
    outcome = disposition(flags, check)
    return outcome.adults_only or outcome.level is Level.EMERGENCY


def _pending_reassurance(flags: Flags, check: Check) -> Question | None:
    facts = _facts(flags, check)
    return next(
        (
            found
            for found in questions(flags)
            if found.reassuring and facts.said(found.parent) and found.id not in facts.answers
        ),
        None,
    )


def _skipped_emergencies(flags: Flags, check: Check) -> list[str]:
    emergencies = {found.id for found in questions(flags) if found.decides_emergency}
    return [item for item, answer in check.answers if answer is Answer.SKIPPED and item in emergencies]


def _is_open(found: Question, facts: Facts) -> bool:
    """Whether earlier answers make the question apply."""
    return _is_opened(found, facts) and not any(map(facts.said, found.asked_if_not_said))


def _is_opened(found: Question, facts: Facts) -> bool:
    gates = (found.parent,) if found.parent else found.asked_if_said
    return not gates or any(map(facts.said, gates))


def _wanted(flags: Flags, check: Check) -> set[str]:
    """Unanswered questions whose answer, or the answer to one they open, could still change the outcome."""
    level = disposition(flags, check).level
    asked = questions(flags)
    can_come, worst = _what_can_come(flags, check)
    reachable = (rule for rule in rules(flags) if rule.level > level and rule.condition.holds(worst))
    wanted = {item for rule in reachable for item in rule.condition.items}
    if level < Level.SAME_DAY:  # from there on exercises are locked, so what to hide no longer matters
        wanted |= {found.id for found in asked if found.contraindicates}
    for found in reversed(asked):  # a gate always comes before what it opens
        if found.id in wanted and found.id in can_come:
            wanted |= {found.parent, *found.asked_if_said}
    return wanted & can_come


def _what_can_come(flags: Flags, check: Check) -> tuple[set[str], Facts]:
    """The questions that can still come (without those that reassure), and the facts if all were answered yes."""
    facts = _facts(flags, check)
    answers = dict(facts.answers)
    worst = Facts(answers, facts.lowered)  # sees the answers added below
    can_come = set()
    for found in questions(flags):
        in_kind = check.kind == "full" or found.short_check
        shut = found.reassuring or found.id in facts.answers or any(map(facts.said, found.asked_if_not_said))
        if in_kind and not shut and _is_opened(found, worst):
            can_come.add(found.id)
            answers[found.id] = Answer.YES
    return can_come, worst
