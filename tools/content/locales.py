"""Whose words a published locale speaks: its own, or those of a locale of the same language that it names.

Nothing else may be published, or its listeners would hear another language, in a safety check, too.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from content_reader.documents import BASE_LOCALE
from content_reader.yaml_reader import key_lines, read

LOCALES: Final = "interaction_model/locales.yaml"
SHIPPED: Final = BASE_LOCALE
"""The one locale whose words the Lambda's bundle holds."""


def refusals(root: Path) -> list[str]:
    """``path:line: problem. mend`` of every published locale that would not be heard in its own language."""
    document, _ = read(root / LOCALES, LOCALES)
    lines = key_lines(root / LOCALES)
    found = []
    for locale, changes in document.items() if isinstance(document, dict) else ():
        named = changes.get("words") if isinstance(changes, Mapping) else None
        where = f"{LOCALES}:{lines.get((locale,), 1)}"
        found += [f"{where}: {line}" for line in _refusals(locale, named, root)]
    return [*found, *(f"{LOCALES}: {line}" for line in _numbers(BASE_LOCALE, BASE_LOCALE, root))]


def _refusals(locale: str, named: object, root: Path) -> Iterator[str]:
    own = f"content/locale/{locale}.yaml"
    if (root / own).exists():
        yield f"{locale} has {own}, and the Lambda's bundle holds the words of {SHIPPED} alone. Let it hold both first"
    elif not isinstance(named, str) or named.partition("-")[0] != locale.partition("-")[0]:
        yield f"{locale} has no {own}. Write it, or name with words: a locale of the same language that has one"
    elif not (root / "content" / "locale" / f"{named}.yaml").exists():
        yield f"{locale} speaks the words of {named}, which has no content/locale/{named}.yaml. Name one that has"
    elif named != SHIPPED:
        yield f"{locale} speaks the words of {named}, and the Lambda's bundle holds those of {SHIPPED}. Name these"
    else:
        yield from _numbers(locale, named, root)


def _numbers(locale: str, words: str, root: Path) -> Iterator[str]:
    """Listeners are told whom to call where they are, so a locale without numbers is not ready either."""
    where = f"content/safety/{words}.yaml"
    document, faults = read(root / where, where)
    numbers: Any = document.get("numbers") if isinstance(document, dict) else None
    if not faults and not (isinstance(numbers, dict) and locale in numbers):
        yield f"{locale} has no numbers to call in {where}. Add them"
