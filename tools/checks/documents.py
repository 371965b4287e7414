"""Files of spoken words, and where in them each word stands."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from content_reader.yaml_reader import key_lines, read


@dataclass(frozen=True)
class Document:
    """A file of words, and the line of each of its keys."""

    where: str
    content: Mapping[str, Any]
    lines: Mapping[tuple[str, ...], int]

    @classmethod
    def of(cls, path: Path, root: Path) -> "Document | None":
        """The file, None where it cannot be read: content says so."""
        where = path.relative_to(root).as_posix()
        content, _ = read(path, where)
        return cls(where, content, key_lines(path)) if isinstance(content, dict) else None

    def at(self, path: tuple[str, ...]) -> str:
        """``path:line`` of a key."""
        return f"{self.where}:{self.lines.get(path, 1)}"


def documents(root: Path, kind: str) -> Iterator[Document]:
    """The files of a folder of content that can be read."""
    for path in sorted((root / "content" / kind).glob("*.yaml")):
        document = Document.of(path, root)
        if document:
            yield document
