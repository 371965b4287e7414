"""What to ask next in the safety check.

Theory. A yes is always the worrying answer, so answers are ordered: no, skipped, not sure, yes. Not sure counts as
yes in every rule and as half in the count of weighing flags; skipped counts as no, which is why an emergency question
can be skipped only once. What the answers add up to is decided in disposition.py.

A question is asked only while its answer could still raise the outcome; so emergency questions are always asked, and
a check that already calls for care the same day leaves out what could add nothing. Nothing here clears anybody.
"""

from stretch_coach.safety.check import Answer, Check
from stretch_coach.safety.condition import Facts
from stretch_coach.safety.disposition import disposition, facts_of, rules
from stretch_coach.safety.red_flag import Flags, Level, Question, questions


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
    facts = facts_of(flags, check)
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


def _is_over(flags: Flags, check: Check) -> bool:
    outcome = disposition(flags, check)
    return outcome.adults_only or outcome.level is Level.EMERGENCY


def _pending_reassurance(flags: Flags, check: Check) -> Question | None:
    facts = facts_of(flags, check)
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
    facts = facts_of(flags, check)
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
