"""What the answers of a safety check add up to: the triage rules, and the outcome that they decide.

Each item of the content is a rule of its own level, COMBINATIONS adds the rest, and the worst level of all rules that
hold is the outcome. A more worrying answer can never lower it (condition.py says why). The one way down is a reassuring
follow-up (a long-standing leak, a diet), where yes is the reassuring answer. Nothing here clears anybody.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from stretch_coach.safety.check import Answer, Check
from stretch_coach.safety.condition import AtLeast, Facts, Points, Said, TriageRule, Warns, all_of, one_of
from stretch_coach.safety.red_flag import Flags, Level, Question, questions

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
    TriageRule(
        "cancer-with-nerve-sign", Level.EMERGENCY, all_of("cancer-ever", one_of(*LEG_SIGNS, "tight-band")),
        "Cord compression card; NICE NG234",
    ),
    TriageRule(
        "illness-with-nerve-sign", Level.EMERGENCY, all_of(one_of("fever", "very-unwell"), one_of(*LEG_SIGNS)),
        "NHS back pain; spinal infection with leg weakness",
    ),
    TriageRule(
        "fever-with-side-pain", Level.EMERGENCY, all_of("fever", "side-to-groin-pain"),
        "NHS kidney stone advice (memory)",
    ),
    TriageRule(
        "old-leak-with-leg-sign", Level.EMERGENCY,
        all_of(AtLeast(1, (Said("leaking-pee"), Said("leaking-poo"))), one_of(*LEG_SIGNS)),
        "Cauda equina card: an old leak is lowered only with no other nerve sign",
    ),
    TriageRule(
        "fracture-count", Level.SAME_DAY,
        AtLeast(2, (Warns("fall"), Warns("over-seventy"), Warns("steroid-tablets"), Warns("born-female"))),
        "Henschke 2009: two or more",
    ),
    TriageRule("fall-with-thin-bones", Level.SAME_DAY, all_of("fall", "thin-bones"), "Downie 2013; seed SC-12"),
    TriageRule("fall-with-tapping-pain", Level.SAME_DAY, all_of("fall", "tapping-hurts"), "Seed RF-03 follow-up"),
    TriageRule(
        "sudden-pain-with-bone-risk", Level.SAME_DAY,
        all_of(
            "sudden-central-pain", one_of("fall", "over-sixty-five", "steroid-tablets", "thin-bones", "height-loss")
        ),
        "NHS Lothian vertebral fracture pathway",
    ),
    TriageRule(
        "groin-pain-after-fall", Level.SAME_DAY, all_of("fall", "groin-pain-standing", "over-sixty-five"),
        "Hip fractures that can be walked on",
    ),
    TriageRule(
        "groin-pain-in-training", Level.SAME_DAY, all_of("groin-pain-standing", "runs-a-lot"),
        "PMC6226070; PMC6357658",
    ),
    TriageRule(
        "groin-pain-with-bone-risk", Level.SAME_DAY,
        all_of("groin-pain-standing", one_of("steroid-tablets", "sickle-cell", "heavy-drinking")),
        "g-care urgent clinic (days or today: the stricter)",
    ),
    TriageRule(
        "infection-risk-and-course", Level.SAME_DAY,
        all_of(one_of("recent-infection", "recent-procedure", "diabetes"), one_of("getting-worse", "constant-pain")),
        "Yusuf 2019; Lauffer 2024",
    ),
    TriageRule(
        "inflammatory-stiffness", Level.SOON,
        all_of("morning-stiffness", "stiffness-eases", "over-three-months", "began-before-forty-five"),
        "NICE NG65",
    ),
    TriageRule(
        "first-or-stubborn-after-fifty", Level.SOON, all_of("over-fifty", one_of("first-ever-pain", "not-improving")),
        "Deyo and Diehl 1988",
    ),
    TriageRule(
        "six-weeks-no-better", Level.SOON, all_of("over-six-weeks", "not-improving"),
        "Seed RU-02, RU-03; NHS sciatica",
    ),
    TriageRule(
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


def rules(flags: Flags) -> tuple[TriageRule, ...]:
    """The whole table: a rule for each item that calls for something by itself, the combinations, two flags."""
    return _rules(questions(flags))


@lru_cache(maxsize=8)
def _rules(asked: tuple[Question, ...]) -> tuple[TriageRule, ...]:
    weights = tuple((question.id, question.points) for question in asked if question.points)
    two_flags = TriageRule("two-flags", Level.SAME_DAY, Points(TWO_FLAGS, weights), "IFOMPT 2020: level of concern")
    return (*(rule for question in asked for rule in _own_rules(question)), *COMBINATIONS, two_flags)


def _own_rules(question: Question) -> Iterator[TriageRule]:
    if question.lowers_to:
        yield TriageRule(
            question.id, question.lowers_to, Said(question.parent), "What is left when it is long-standing"
        )
    elif question.level and not question.reassuring:
        yield TriageRule(question.id, question.level, Warns(question.id), "The item's own level")


def facts_of(flags: Flags, check: Check) -> Facts:
    """What the rules look at, of a check."""
    answers = dict(check.answers)
    lowered = (found.parent for found in questions(flags) if found.reassuring and answers.get(found.id) is Answer.YES)
    return Facts(answers, frozenset(lowered))


def disposition(flags: Flags, check: Check) -> Disposition:
    """The worst level of all rules that hold; SELF_CARE without reasons when none does."""
    facts = facts_of(flags, check)
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
    facts = facts_of(flags, check)
    return frozenset(
        word for question in questions(flags) if facts.said(question.id) for word in question.contraindicates
    )
