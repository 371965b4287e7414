"""What say-as makes of its text, written out in words: engines honour few of its kinds (docs/reference/speech.md 1)."""

import re
from collections.abc import Callable
from typing import Final

_ONES: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINAL_ENDINGS: Final = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_UNITS: Final = {
    "mm": "millimeter", "cm": "centimeter", "m": "meter", "km": "kilometer", "in": "inch", "ft": "foot", "mi": "mile",
    "g": "gram", "kg": "kilogram", "oz": "ounce", "lb": "pound", "ms": "millisecond", "s": "second", "min": "minute",
    "h": "hour", "ml": "milliliter", "l": "liter", "%": "percent",
}  # fmt: skip
_PLURALS: Final = {"inch": "inches", "foot": "feet", "percent": "percent"}
_DATE_FORMATS: Final = frozenset({"mdy", "dmy", "ymd", "md", "dm", "ym", "my", "d", "m", "y"})
_DATE: Final = re.compile(r"\d{1,4}|\?{2,4}")


class SpokenFormError(ValueError):
    """The text does not suit the kind of say-as it stands in."""


def number_words(number: int) -> str:
    """A whole number from 0 to 999,999,999 in words, without "and"."""
    for size, name in ((1_000_000, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= size:
            rest = f" {number_words(number % size)}" if number % size else ""
            return f"{number_words(number // size)} {name}{rest}"
    if number < 20:
        return _ONES[number]
    return _TENS[number // 10] + (f" {_ONES[number % 10]}" if number % 10 else "")


def ordinal_words(number: int) -> str:
    """A whole number as a place in a row: 21 is "twenty first"."""
    head, _, last = number_words(number).rpartition(" ")
    if last in _ORDINAL_ENDINGS:
        last = _ORDINAL_ENDINGS[last]
    else:
        last = (last[:-1] + "ie" if last.endswith("y") else last) + "th"
    return f"{head} {last}".strip()


def spoken_form(kind: str, text: str, date_format: str = "") -> str:
    """The words for `text` under say-as `kind`.

    Raises SpokenFormError when the text does not suit the kind.
    """
    if kind == "date":
        return _date(text, date_format)
    if date_format:
        raise SpokenFormError("only date takes a format")
    return INTERPRETATIONS[kind](text)


def _whole(text: str) -> int:
    digits = text.replace(",", "")
    if not re.fullmatch(r"\d{1,9}", digits):
        raise SpokenFormError(f"{text!r} is not a whole number of at most nine digits")
    return int(digits)


def _cardinal(text: str) -> str:
    sign, text = ("minus ", text[1:]) if text.startswith("-") else ("", text)
    whole, point, decimals = text.partition(".")
    return sign + number_words(_whole(whole)) + (f" point {_digits(decimals)}" if point else "")


def _ordinal(text: str) -> str:
    return ordinal_words(_whole(re.sub(r"(?<=\d)(?:st|nd|rd|th)$", "", text)))


def _digits(text: str) -> str:
    digits = [character for character in text if character.isdigit()]
    if not digits:
        raise SpokenFormError(f"{text!r} has no digits")
    return " ".join(_ONES[int(digit)] for digit in digits)


def _characters(text: str) -> str:
    named = (_ONES[int(one)] if one.isdigit() else one.upper() for one in text if one.isalnum())
    return ", ".join(named)


def _fraction(text: str) -> str:
    whole, _, part = text.rpartition("+" if "+" in text else " ")
    above, slash, below = part.partition("/")
    if not slash or _whole(below) < 2:
        raise SpokenFormError(f"{text!r} is not a fraction such as 3/4")
    name = {2: "half", 4: "quarter"}.get(_whole(below), ordinal_words(_whole(below)))
    if _whole(above) != 1:
        name = "halves" if name == "half" else f"{name}s"
    words = f"{number_words(_whole(above))} {name}"
    return f"{number_words(_whole(whole))} and {words}" if whole else words


def _unit(text: str) -> str:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-zA-Z%]+)", text)
    if not found or found[2] not in _UNITS:
        raise SpokenFormError(f"{text!r} is not a number and a unit such as 5 cm")
    name = _UNITS[found[2]]
    return f"{_cardinal(found[1])} {name if found[1] == '1' else _PLURALS.get(name, name + 's')}"


def _time(text: str) -> str:
    found = re.fullmatch(r"""(?:(\d+)')?(?:(\d+)")?""", text)
    if not text or not found:
        raise SpokenFormError(f"""{text!r} is not minutes and seconds such as 1'21\"""")
    parts = ((found[1], "minute"), (found[2], "second"))
    return " ".join(f"{_cardinal(n)} {name}{'' if n == '1' else 's'}" for n, name in parts if n)


def _telephone(text: str) -> str:
    groups = re.findall(r"\d+", text)
    if not groups:
        raise SpokenFormError(f"{text!r} has no digits")
    return ", ".join(_digits(group) for group in groups)


def _date(text: str, date_format: str) -> str:
    wanted = date_format or ("ymd" if re.fullmatch(r"[\d?]{8}", text) else "mdy")
    if wanted not in _DATE_FORMATS:
        raise SpokenFormError(f"format {wanted!r}; use one of {', '.join(sorted(_DATE_FORMATS))}")
    if re.fullmatch(r"[\d?]{8}", text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    parts = _DATE.findall(text)
    if len(parts) != len(wanted):
        raise SpokenFormError(f"{text!r} has {len(parts)} numbers, format {wanted!r} wants {len(wanted)}")
    said = {letter: _date_part(letter, part) for letter, part in zip(wanted, parts, strict=True) if "?" not in part}
    return " ".join(filter(None, (said.get("m", ""), said.get("d", ""), said.get("y", ""))))


def _date_part(letter: str, part: str) -> str:
    number = int(part)
    if letter == "m":
        if not 1 <= number <= len(_MONTHS):
            raise SpokenFormError(f"month {number}")
        return _MONTHS[number - 1]
    if letter == "d":
        return ordinal_words(number)
    return _year(number)


def _year(number: int) -> str:
    century, rest = divmod(number, 100)
    if number < 1000 or 2000 <= number < 2010:
        return number_words(number)
    if rest == 0:
        return f"{number_words(century)} hundred"
    return f"{number_words(century)} {'oh ' if rest < 10 else ''}{number_words(rest)}"


def _as_written(text: str) -> str:
    return text


def _expletive(_: str) -> str:
    return "beep"


INTERPRETATIONS: Final[dict[str, Callable[[str], str]]] = {
    "characters": _characters,
    "spell-out": _characters,
    "cardinal": _cardinal,
    "number": _cardinal,
    "ordinal": _ordinal,
    "digits": _digits,
    "fraction": _fraction,
    "unit": _unit,
    "date": _as_written,
    "time": _time,
    "telephone": _telephone,
    "address": _as_written,
    "interjection": _as_written,
    "expletive": _expletive,
}
"""Every value of interpret-as (docs/reference/alexa-rules.md 1.3)."""
