"""The terminal: lines typed at any time below text that scrolls above, or a plain stream.

On a terminal the last two rows are kept out of the scrolling region: one line that is rewritten (the count, the
microphone), one where the user types. So what is typed is never torn by what is said.
"""

import os
import queue
import shutil
import textwrap
import threading
from collections.abc import Mapping
from typing import Final, Protocol, TextIO

MARGIN: Final = 3
"""Columns before continued lines, as wide as "A: "."""


class Console(Protocol):
    """Where a talk is shown."""

    def line(self, text: str) -> None:
        """Show a line of its own."""

    def phrase(self, text: str) -> None:
        """Add words to the line under way, as they are spoken."""

    def status(self, text: str) -> None:
        """Replace the line that changes."""

    def close(self) -> None:
        """Leave the terminal as it was."""


class PlainConsole:
    """Lines one after the other, nothing rewritten."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._open = False

    def line(self, text: str) -> None:
        if self._open:
            self._out.write("\n")
            self._open = False
        print(text, file=self._out, flush=True)

    def phrase(self, text: str) -> None:
        self._out.write(f" {text}" if self._open else text)
        self._out.flush()
        self._open = True

    def status(self, text: str) -> None:
        """A stream has no line that changes."""

    def close(self) -> None:
        if self._open:
            self.line("")


class TerminalConsole:
    """A terminal that understands ANSI sequences."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._words = ""
        self._status = ""
        self._size = (0, 0)
        self._lay_out()

    def line(self, text: str) -> None:
        self._lay_out()
        self._words = ""
        for part in text.splitlines() or [""]:
            for row in textwrap.wrap(part, self._width, drop_whitespace=False, replace_whitespace=False) or [""]:
                self._scroll(row)

    def phrase(self, text: str) -> None:
        self._lay_out()
        whole = f"{self._words} {text}" if self._words else text
        if self._words and len(whole) <= self._width:
            self._write(self._height - 2, whole)
        else:
            whole = textwrap.shorten(text, self._width - MARGIN, placeholder="…")
            whole = " " * MARGIN + whole if self._words else whole
            self._scroll(whole)
        self._words = whole

    def status(self, text: str) -> None:
        if text != self._status or self._moved():
            self._lay_out()
            self._status = text
            self._write(self._height - 1, f"\x1b[2m{text[: self._width]}\x1b[0m")

    def prompt(self) -> None:
        """Clear the line where the user types."""
        self._out.write(f"\x1b[{self._height};1H\x1b[2K> ")
        self._out.flush()

    def close(self) -> None:
        self._out.write(f"\x1b[r\x1b[{self._height};1H\x1b[2K")
        self._out.flush()

    @property
    def _width(self) -> int:
        return max(20, self._size[0] - 1)

    @property
    def _height(self) -> int:
        return max(4, self._size[1])

    def _moved(self) -> bool:
        return shutil.get_terminal_size() != self._size

    def _lay_out(self) -> None:
        """Keep the two last rows out of the region that scrolls; again whenever the window has changed."""
        if self._moved():
            columns, lines = shutil.get_terminal_size()
            self._size = (columns, lines)
            self._out.write(f"\n\n\x1b[1;{self._height - 2}r")
            self.prompt()

    def _scroll(self, row: str) -> None:
        self._out.write(f"\x1b7\x1b[{self._height - 2};1H\n{row}\x1b8")
        self._out.flush()

    def _write(self, row: int, text: str) -> None:
        self._out.write(f"\x1b7\x1b[{row};1H\x1b[2K{text}\x1b8")
        self._out.flush()


def console_for(out: TextIO, environ: Mapping[str, str], *, live: bool) -> Console:
    """The console that suits a stream: a live one for a terminal that can, else plain lines."""
    able = live and out.isatty() and environ.get("TERM", "dumb") != "dumb" and os.name == "posix"
    return TerminalConsole(out) if able else PlainConsole(out)


class Lines:
    """Lines of a stream, read in the background so that time goes on meanwhile."""

    def __init__(self, stream: TextIO) -> None:
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.over = False
        """The stream has ended."""
        threading.Thread(target=self._read, args=(stream,), daemon=True).start()

    def next(self, timeout_s: float) -> str | None:
        """The next line without its end; None when nothing came in time, or nothing will."""
        try:
            line = self._lines.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if line is None:
            self.over = True
        return line

    def _read(self, stream: TextIO) -> None:
        for line in stream:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)
