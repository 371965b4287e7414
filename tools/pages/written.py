"""How drawn pages are written: those that differ, each named."""

from collections.abc import Mapping
from pathlib import Path

from content_reader.yaml_reader import text_of


def write(pages: Mapping[str, str], root: Path) -> None:
    """Write the pages (path below `root` to text) that are missing or differ, and print which."""
    for name, text in pages.items():
        if text_of(root / name, name)[0] != text:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, "utf-8")
            print(f"wrote {name}")
