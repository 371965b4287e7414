"""The licence texts that travel with the packages in the Lambda's zip."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

NAMES = ("LICENSE", "LICENCE", "NOTICE", "COPYING", "AUTHORS")
APACHE = ("apache 2.0", "apache-2.0")


class BundleError(Exception):
    """The bundle cannot be built; the text says what is missing."""


def licences(packages: Path, unused: Sequence[str], apache: Path) -> Mapping[str, bytes]:
    """Path under ``licenses/`` to text, for every package in the folder `packages` and for this project.

    `apache` is our own licence: the Apache License 2.0, whose text also stands in for a package that names it and
    ships no text. Raises BundleError for a package whose terms are not at hand.
    """
    found = {"stretch-coach/LICENSE": apache.read_bytes()}
    for info in sorted(packages.glob("*.dist-info")):
        package = PathDistribution(info)
        name = f"{package.metadata['Name']}-{package.version}"
        if package.metadata["Name"] in unused:
            continue
        texts = dict(_texts(info))
        if not any(text.upper().startswith(("LICENSE", "LICENCE")) for text in texts):
            texts["LICENSE"] = _stated(package, name, apache)
        found |= {f"{name}/{text}": content for text, content in texts.items()}
    return found


def _texts(info: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(info.rglob("*")):
        if path.is_file() and path.stat().st_size and path.name.upper().startswith(NAMES):
            yield path.name, path.read_bytes()


def _stated(package: Distribution, name: str, apache: Path) -> bytes:
    stated = str(package.metadata["License-Expression"] or package.metadata["License"] or "")
    if stated.lower() not in APACHE:
        raise BundleError(f"{name}: ships no licence text and states {stated or 'no licence'!r}. Find its terms first")
    return apache.read_bytes()
