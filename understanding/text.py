"""Typed or recognized words as tokens: one spelling for what means the same, and what was written kept beside it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass


def word_set(words: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(words.split())


UNITS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

WHOLE = {
    "i'm": "i am", "im": "i am", "i've": "i have", "ive": "i have", "i'd": "i would", "i'll": "i will",
    "you're": "you are", "we're": "we are", "they're": "they are", "he's": "he is", "she's": "she is",
    "it's": "it is", "that's": "that is", "thats": "that is", "there's": "there is", "what's": "what is",
    "whats": "what is", "where's": "where is", "how's": "how is", "who's": "who is", "someone's": "someone is",
    "aren't": "are not", "isn't": "is not", "wasn't": "was not", "weren't": "were not", "don't": "do not",
    "dont": "do not", "doesn't": "does not", "didn't": "did not", "can't": "can not", "cant": "can not",
    "cannot": "can not", "couldn't": "could not", "wouldn't": "would not", "shouldn't": "should not",
    "won't": "will not", "haven't": "have not", "hasn't": "has not", "hadn't": "had not", "let's": "let us",
    "lets": "let us", "wanna": "want to", "gonna": "going to", "gotta": "got to", "gimme": "give me", "ok": "okay",
    "lemme": "let me", "yea": "yes", "ya": "yes", "yeah": "yes", "yep": "yes",
    "yup": "yes", "nope": "no", "nah": "no", "nay": "no", "alright": "all right", "till": "until", "til": "until",
    "secs": "seconds", "sec": "seconds", "mins": "minutes", "min": "minutes", "hrs": "hours", "u": "you",
    "physio": "physical therapist", "pt": "physical therapist", "dr": "doctor", "nevermind": "never mind",
}  # fmt: skip
"""Whole words and what they stand for, contractions among them; never a possessive."""

FILLERS = word_set(
    "a actually ah alexa an basically coach dear er erm hello hey hi hmm honestly just kindly my now oh okay please "
    "quickly so some sorry thanks the then uh um well"
)
"""Words that carry no meaning of their own; never a hedge, which changes an answer."""

NEGATIONS = word_set("not no never nothing none without")
DENIAL = re.compile(r"\b(?:do not have|have (?:not|no|never)|never have|there is no)\b")
LOST = word_set("feel feeling control strength power able sensation")
"""What is missed when it is not there: "I don't have any feeling in my leg" denies nothing."""

IRREGULAR = {
    "doing": "do", "does": "do", "did": "do", "done": "do", "feet": "foot", "calves": "calf", "my": "the",
    "could": "can", "would": "will", "has": "have", "had": "have", "was": "is", "were": "are",
}  # fmt: skip
"""Forms that no ending explains, and words that may stand for each other."""

_DOUBLED = re.compile(r"([bdgklmnprt])\1$")
_TOKEN = re.compile(r"\d+|[a-z]+(?:'[a-z]+)*")


@dataclass(frozen=True)
class Token:
    key: str
    """The word in its one spelling: lower case, contraction resolved, digits as words."""
    heard: str
    """What was written for it; empty for the further words of a contraction or a number."""


def tokens(text: str) -> tuple[Token, ...]:
    """The words of a sentence. Punctuation and hyphens separate and disappear."""
    plain = text.lower().replace("\u2019", "'").replace("\u2018", "'").replace("thank you", "thanks")
    plain = re.sub(r"(\d+)\s*(s|sec|secs)\b", r"\1 seconds", plain)
    plain = re.sub(r"(\d+)\s*(m|min|mins)\b", r"\1 minutes", plain)
    found: list[Token] = []
    for word in _TOKEN.findall(plain):
        parts = (spell(int(word)) if word.isdigit() else WHOLE.get(word, word)).split()
        found.append(Token(parts[0], word))
        found.extend(Token(part, "") for part in parts[1:])
    return tuple(found)


def keys(text: str) -> tuple[str, ...]:
    """Only the words, each in its one spelling."""
    return tuple(token.key for token in tokens(text))


def spell(number: int) -> str:
    """A whole number in words; above 999,999 digit by digit."""
    if number < 20:
        return UNITS[number]
    if number < 100:
        return TENS[number // 10] + (f" {UNITS[number % 10]}" if number % 10 else "")
    if number < 1000:
        return f"{UNITS[number // 100]} hundred" + (f" {spell(number % 100)}" if number % 100 else "")
    if number < 1_000_000:
        return f"{spell(number // 1000)} thousand" + (f" {spell(number % 1000)}" if number % 1000 else "")
    return " ".join(UNITS[int(digit)] for digit in str(number))


def stem(word: str) -> str:
    """A word without the endings of a plural, an -ing or an -ed form; rough, and the same for every side compared."""
    word = IRREGULAR.get(word, word.removesuffix("'s"))
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    for ending in ("ing", "ed"):
        if len(word) > len(ending) + 3 and word.endswith(ending):
            return _DOUBLED.sub(r"\1", word[: -len(ending)])
    return word


_PREFIX = re.compile(
    r"^(?:(?:can|could|would|will|may) (?:you|we|i) (?:please )?(?:just )?|please |go ahead and |help me (?:to )?"
    r"|how about |i (?:want|would like|would love|would prefer|need|wish) (?:you )?to |is it possible to "
    r"|let us |i would (?:like|prefer|love) |do you think (?:you|we|i) (?:can|could) |i feel like |i am going to )+"
)
_SUFFIX = re.compile(
    r"(?: (?:for me|if (?:possible|you can|you could|you like|you do not mind)|right now|at the moment|for now"
    r"|thanks))+$"
)


def without_courtesy(found: tuple[Token, ...]) -> tuple[Token, ...]:
    """A request without "could you", "I would like to" and the like before it and "for me" behind it."""
    sentence = " ".join(token.key for token in found)
    opening, ending = _PREFIX.match(sentence), _SUFFIX.search(sentence)
    start = len(opening[0].split()) if opening else 0
    return found[start : len(found) - len(ending[0].split()) if ending else None]


def denies(words: Sequence[str]) -> bool:
    """Whether words, in their one spelling, say that something is not there: "I don't have a fever"."""
    return bool(DENIAL.search(" ".join(words))) and not LOST.intersection(words)
