"""The command line of a package whose actions are modules: ``python -m PACKAGE ACTION``."""

import ast
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path


@dataclass(frozen=True)
class Actions:
    package: str
    modules: Mapping[str, str]
    """Action to the module whose ``run(argv) -> int`` does it."""

    def known(self) -> dict[str, str]:
        """The actions whose modules exist, each with the first line of its module's docstring."""
        specs = {action: find_spec(module) for action, module in self.modules.items()}
        return {action: _summary(Path(spec.origin)) for action, spec in specs.items() if spec and spec.origin}

    def main(self, argv: Sequence[str]) -> int:
        """Run the action named first with the arguments after it; 2 when there is no such action."""
        known = self.known()
        if argv and argv[0] in known:
            return int(import_module(self.modules[argv[0]]).run(argv[1:]))
        asked_for_help = bool(argv) and argv[0] in {"-h", "--help"}
        lines = [
            f"usage: python -m {self.package} <action> [arguments]",
            "",
            *(f"  {name:14} {text}" for name, text in known.items()),
        ]
        if argv and not asked_for_help:
            lines.insert(0, f"There is no action {argv[0]!r}.")
        print("\n".join(lines), file=sys.stdout if asked_for_help else sys.stderr)
        return 0 if asked_for_help else 2


def _summary(path: Path) -> str:
    """A module read and not imported, for some are heavy; nothing of one that is no Python, which its action tells."""
    try:
        return (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").partition("\n")[0]
    except (SyntaxError, ValueError):
        return ""
