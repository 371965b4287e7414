"""From a sentence to the intent, the slots and the request JSON that Alexa would send.

Exact samples come first, then samples with words of no meaning left out, then a mended spelling, then the most
similar sample above a threshold; what is like nothing goes to the fallback. The dialogue's state is not used: the same
sentence means the same everywhere, as it does on the platform.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from understanding.built_in import (
    ANSWER_STARTS,
    BUILT_IN_PHRASES,
    ELSEWHERE,
    GIVES_WAY_TO_YES,
    HEDGES,
    NOT_IN_A_NAME,
    STATEMENTS,
)
from understanding.invocation import Invocation
from understanding.samples import OPEN, Filled, Sample, Sentence, fit, read_samples
from understanding.similarity import Likeness, Similarity
from understanding.slots import BUILT_IN, Lexicon, Span, Value
from understanding.spelling import Spelling
from understanding.text import FILLERS, NEGATIONS, Token, denies, keys, tokens, without_courtesy, word_set

FALLBACK = "AMAZON.FallbackIntent"
NOT_SURE = "NotSureIntent"
LAUNCH = "LaunchRequest"
SKILL_ID = "amzn1.ask.skill.stretch-coach"

THRESHOLD = 0.53
"""A similar sample counts from here on."""
BUILT_IN_THRESHOLD = 0.8
"""Built-in intents do not generalize on the platform, so what only resembles them must resemble them closely."""
NO_THRESHOLD = 0.93
"""A wrong "no" could hide a red flag."""
PART_OF_A_NAME = 0.8
"""Score of a sample whose slot holds part of a known name."""
UNKNOWN_NAME = 0.56
"""Score of a start or describe sample whose slot holds words that name nothing we have."""
CARRIER = 0.06
"""What each carrier word of such a sample adds."""
MENDED = 0.86
"""Factor for each word whose spelling had to be mended."""
COURTESY = 0.98
"""Factor on a sentence whose courtesies were left out."""
YES_THRESHOLD = 0.7
"""A "yes" heard too easily errs on the safe side."""

SURER: Mapping[str, float] = {
    "AMAZON.NoIntent": NO_THRESHOLD,
    "AMAZON.YesIntent": YES_THRESHOLD,
    "CallForHelpIntent": YES_THRESHOLD,
}
"""Intents that what only resembles them must resemble more closely: they answer, or close the exercises."""

OPEN_INTENTS: Mapping[str, tuple[str, frozenset[str]]] = {
    "StartExerciseIntent": ("exercise", word_set("start begin do try coach guide take talk walk lead")),
    "DescribeIntent": ("exercise", frozenset({"do"})),
    "RedFlagInfoIntent": ("red_flag", word_set("red warning should worry")),
}
"""Intents whose slot is filled even by a name we do not have, as Alexa does, and the carrier words it needs."""


@dataclass(frozen=True)
class SlotMatch:
    """One filled slot."""

    value: str
    """What was heard; for a built-in type as Alexa writes it ("30", "PT30S")."""
    type: str
    values: tuple[Value, ...] = ()
    """What entity resolution found, best first; empty for no match and for built-in types."""

    @property
    def id(self) -> str | None:
        """The best value's id."""
        return self.values[0].id if self.values else None

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(value.id for value in self.values)


@dataclass(frozen=True)
class Understanding:
    intent: str
    """The intent's name; ``LaunchRequest`` when the skill was only opened."""
    slots: Mapping[str, SlotMatch] = field(default_factory=dict)
    """Filled slots only."""
    declared: tuple[str, ...] = ()
    """Every slot the intent has."""
    score: float = 1.0
    """1 for an exact sample, less for what only resembles one, 0 for the fallback."""
    skill_id: str = SKILL_ID

    @property
    def request_type(self) -> str:
        """``IntentRequest`` or ``LaunchRequest``."""
        return LAUNCH if self.intent == LAUNCH else "IntentRequest"

    def to_request_intent(self) -> dict[str, Any]:
        """The ``intent`` object of an IntentRequest, as Alexa writes it."""
        intent: dict[str, Any] = {"name": self.intent, "confirmationStatus": "NONE"}
        if self.declared:
            intent["slots"] = {name: self._slot(name) for name in self.declared}
        return intent

    def _slot(self, name: str) -> dict[str, Any]:
        slot: dict[str, Any] = {"name": name, "confirmationStatus": "NONE"}
        match = self.slots.get(name)
        if match is None:
            return slot
        simple: dict[str, Any] = {"type": "Simple", "value": match.value}
        if match.type not in BUILT_IN:
            simple["resolutions"] = {"resolutionsPerAuthority": [self._resolution(match)]}
            slot["resolutions"] = simple["resolutions"]
        return slot | {"value": match.value, "source": "USER", "slotValue": simple}

    def _resolution(self, match: SlotMatch) -> dict[str, Any]:
        authority = f"amzn1.er-authority.echo-sdk.{self.skill_id}.{match.type}"
        code = "ER_SUCCESS_MATCH" if match.values else "ER_SUCCESS_NO_MATCH"
        resolution: dict[str, Any] = {"authority": authority, "status": {"code": code}}
        if match.values:
            resolution["values"] = [{"value": {"name": one.name, "id": one.id}} for one in match.values]
        return resolution


@dataclass(frozen=True)
class _Found:
    score: float
    sample: Sample
    slots: Mapping[str, SlotMatch]


class Understander:
    """Understands sentences through one built interaction model (the parsed ``<locale>.json``)."""

    def __init__(self, model: Mapping[str, Any], skill_id: str = SKILL_ID) -> None:
        language = model["interactionModel"]["languageModel"]
        self._skill_id = skill_id
        self._intents = {one["name"]: one for one in language["intents"]}
        written = [one for one in language["intents"] if one["name"] != FALLBACK]
        self._samples = read_samples([*written, *_amazon_phrases(self._intents)])
        self._own = len(read_samples(written))
        self._lexicon = Lexicon(language["types"])
        self._literal = self._literals()
        self._slotted = [sample for sample in self._samples if sample.slots]
        self._similarity = Similarity(self._samples)
        self._carriers = frozenset(word for sample in self._samples for word in sample.words)
        self._spelling = Spelling(self._carriers | self._lexicon.words | ELSEWHERE)
        self._invocation = Invocation(language["invocationName"])

    def understand(self, text: str) -> Understanding:
        """What Alexa would make of a sentence inside the skill, or of one that opens it ("ask stretch coach to …")."""
        inner, invoked = self._invocation.strip(text)
        if invoked and not keys(inner):
            return Understanding(LAUNCH, skill_id=self._skill_id)
        return self._inside(tokens(inner))

    def _inside(self, heard: tuple[Token, ...]) -> Understanding:
        versions = self._versions(heard)
        exact = (self._exact(version, factor) for version, factor in versions.items())
        found = next((one for one in exact if one), None)
        return self._understanding(found) if found else self._answer(heard, self._likely(heard, versions))

    def _answer(self, heard: tuple[Token, ...], likely: Understanding) -> Understanding:
        """What is likely meant, unless the sentence is an answer that goes on: "yes, I had that", "I have no fever"."""
        words = tuple(token.key for token in heard)
        if likely.intent in STATEMENTS and (words[:1] == ("no",) or denies(words)):
            return Understanding(FALLBACK, score=0.0, skill_id=self._skill_id)
        if words[:1] != ("yes",) or likely.intent not in GIVES_WAY_TO_YES or ELSEWHERE.intersection(words):
            return likely
        if ANSWER_STARTS.intersection(words[1:2]) and not (HEDGES | NEGATIONS).intersection(words):
            return Understanding("AMAZON.YesIntent", score=YES_THRESHOLD, skill_id=self._skill_id)
        return likely if likely.intent != FALLBACK else self._inside(heard[1:])

    def _versions(self, heard: tuple[Token, ...]) -> dict[tuple[Token, ...], float]:
        """The sentence, and without its courtesies, as typed and with its spelling mended; each with its factor."""
        shorter = without_courtesy(heard) or heard
        versions = {heard: 1.0, shorter: COURTESY} | {heard: 1.0}
        for version, factor in tuple(versions.items()):
            mended = self._mended(version)
            versions.setdefault(mended, factor * _mending(version, mended))
        return versions

    def _likely(self, heard: tuple[Token, ...], versions: Mapping[tuple[Token, ...], float]) -> Understanding:
        words = tuple(token.key for token in heard)
        candidates = [*self._similar(versions), *self._partly_named(heard)]
        if len(versions) > 1:
            candidates += self._partly_named(without_courtesy(heard) or heard)
        best = max(candidates, key=lambda one: (one.score, -one.sample.order), default=None)
        if best is None or best.score < self._needed(best.sample.intent):
            return Understanding(FALLBACK, score=0.0, skill_id=self._skill_id)
        if best.sample.intent in ("AMAZON.YesIntent", "AMAZON.NoIntent") and HEDGES.intersection(words):
            return Understanding(NOT_SURE, score=best.score, skill_id=self._skill_id)
        return self._understanding(best)

    def _needed(self, intent: str) -> float:
        if intent in SURER:
            return SURER[intent]
        return BUILT_IN_THRESHOLD if intent.startswith("AMAZON.") else THRESHOLD

    def _understanding(self, found: _Found) -> Understanding:
        intent = self._intents[found.sample.intent]
        declared = tuple(slot["name"] for slot in intent.get("slots", []))
        return Understanding(intent["name"], found.slots, declared, found.score, skill_id=self._skill_id)

    def _literals(self) -> dict[tuple[str, ...], Sample]:
        """Samples without slots by their words, as written and without fillers; the first written wins."""
        plain = [sample for sample in self._samples if not sample.slots]
        found = {sample.words: sample for sample in reversed(plain)}
        for sample in plain:
            found.setdefault(sample.carriers or sample.words, sample)
        return found

    def _mended(self, heard: tuple[Token, ...]) -> tuple[Token, ...]:
        mended = [Token(part, token.heard if at == 0 else "")
                  for token in heard for at, part in enumerate(self._spelling.mend((token.key,)))]  # fmt: skip
        return tuple(mended)

    def _exact(self, heard: tuple[Token, ...], factor: float = 1.0) -> _Found | None:
        """The sample that is the sentence, or is it but for words without meaning."""
        words = tuple(token.key for token in heard)
        literal = self._literal.get(words) or self._literal.get(_without_fillers(words))
        if literal and literal.order < self._own:
            return _Found(factor, literal, {})
        return self._template(heard, factor) or (_Found(factor, literal, {}) if literal else None)

    def _template(self, heard: tuple[Token, ...], factor: float) -> _Found | None:
        words = tuple(token.key for token in heard)
        sentence = Sentence.of(words, self._lexicon.spans(words))
        there = frozenset(words)
        likely = [sample for sample in self._slotted if sample.needs <= there]
        for fillers in (False, True):
            fits = [(sample, filled) for sample in likely if (filled := fit(sample, sentence, fillers))]
            if fits:
                sample, filled = max(fits, key=lambda one: (len(one[0].carriers), _length(one[1]), -one[0].order))
                return _Found(factor, sample, self._matches(sample, filled, heard))
        return None

    def _similar(self, versions: Mapping[tuple[Token, ...], float]) -> Iterator[_Found]:
        for version, factor in versions.items():
            words = tuple(token.key for token in version)
            elsewhere = ELSEWHERE.intersection(words)
            for one in self._similarity.best(words, self._lexicon.spans(words))[:3]:
                if elsewhere <= one.sample.needs:
                    yield _Found(one.score * factor, one.sample, self._matches_of(one, version))

    def _matches_of(self, likeness: Likeness, heard: tuple[Token, ...]) -> dict[str, SlotMatch]:
        declared = self._intents[likeness.sample.intent].get("slots", [])
        by_type = {span.type: span for span in likeness.spans}
        return {
            slot["name"]: _match(by_type[slot["type"]], slot["type"], heard)
            for slot in declared
            if slot["type"] in by_type
        }

    def _partly_named(self, heard: tuple[Token, ...]) -> Iterator[_Found]:
        """Samples that fit but for a slot holding part of a name, or a name we do not have."""
        words = tuple(token.key for token in heard)
        sentence = Sentence.of(words, self._lexicon.spans(words))
        there = frozenset(words)
        for sample in self._slotted:
            if sample.carriers and sample.needs <= there:
                for slot in sample.slots:
                    filled = fit(sample, sentence, True, slot.name) if slot.type not in BUILT_IN else None
                    if filled and filled[slot.name].type == OPEN:
                        yield from self._named(sample, slot.name, slot.type, filled, heard)

    def _named(
        self, sample: Sample, slot: str, kind: str, filled: Filled, heard: tuple[Token, ...]
    ) -> Iterator[_Found]:
        span = filled[slot]
        words = tuple(token.key for token in heard[span.start : span.end])
        values = self._lexicon.resolve(kind, words)
        if not values and any(one.type == kind for one in self._lexicon.spans(words)):
            return
        opened = OPEN_INTENTS.get(sample.intent, ("", frozenset[str]()))
        starts = opened[0] == slot and opened[1].intersection(sample.carriers[:2])
        if values and (starts or len(sample.carriers) > 1):
            score = PART_OF_A_NAME
        elif not values and starts and isinstance(sample.items[0], str) and self._could_be_a_name(words):
            score = UNKNOWN_NAME + CARRIER * len(sample.carriers)
        else:
            return
        matches = self._matches(sample, filled, heard)
        yield _Found(score, sample, matches | {slot: SlotMatch(_heard(span, heard), kind, values)})

    def _could_be_a_name(self, words: Sequence[str]) -> bool:
        """Not a thing of other skills, and not only words our samples say anyway."""
        return not (ELSEWHERE | NOT_IN_A_NAME).intersection(words) and not self._carriers.issuperset(words)

    def _matches(self, sample: Sample, filled: Filled, heard: tuple[Token, ...]) -> dict[str, SlotMatch]:
        types = {slot.name: slot.type for slot in sample.slots}
        return {name: _match(span, types[name], heard) for name, span in filled.items()}


def _amazon_phrases(intents: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"name": name, "samples": list(phrases)} for name, phrases in BUILT_IN_PHRASES.items() if name in intents]


def _without_fillers(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in FILLERS) or tuple(words)


def _mending(heard: Sequence[Token], mended: Sequence[Token]) -> float:
    """The factor for the words that were mended."""
    before = {token.key for token in heard}
    return float(MENDED ** sum(token.key not in before and bool(token.heard) for token in mended))


def _length(filled: Filled) -> int:
    return sum(span.end - span.start for span in filled.values())


def _heard(span: Span, heard: Sequence[Token]) -> str:
    return " ".join(token.heard for token in heard[span.start : span.end] if token.heard)


def _match(span: Span, kind: str, heard: Sequence[Token]) -> SlotMatch:
    return SlotMatch(span.text or _heard(span, heard), kind, span.values)
