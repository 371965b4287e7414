"""``python -m tools <action>``: what is built, written and checked outside the skill."""

import ast
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

ACTIONS = {
    "check": "tools.check",
    "lock": "tools.lock",
    "fetch": "tools.fetch",
    "content": "tools.content",
    "model": "tools.model",
    "skill-package": "tools.skill_package",
    "diagram": "tools.diagram",
    "red-flags": "tools.red_flags",
    "clinical-scripts": "tools.clinical_scripts",
    "nlu-report": "tools.nlu_report",
    "spoken-loop": "tools.spoken_loop",
    "pace": "tools.pace",
    "bundle": "tools.bundle",
    "load": "tools.load",
    "fault-report": "tools.fault_report",
    "scale": "tools.scale",
}
"""Action to the module whose ``run(argv) -> int`` does it."""


def sources() -> dict[str, ast.Module]:
    """The actions whose modules exist, each with its module's syntax tree: read, not imported, for some are heavy."""
    specs = {action: find_spec(module) for action, module in ACTIONS.items()}
    return {action: _tree(Path(spec.origin)) for action, spec in specs.items() if spec and spec.origin}


def _tree(path: Path) -> ast.Module:
    """A module's syntax tree; an empty one for a module that is no Python, which only its own action has to tell."""
    try:
        return ast.parse(path.read_text("utf-8"))
    except (SyntaxError, ValueError):
        return ast.Module([], [])


def actions() -> dict[str, str]:
    """The actions whose modules exist, each with the first line of its module's docstring."""
    return {action: (ast.get_docstring(tree) or "").partition("\n")[0] for action, tree in sources().items()}


def main(argv: Sequence[str]) -> int:
    """Run the action named first with the arguments after it; 2 when there is no such action."""
    known = actions()
    if argv and argv[0] in known:
        return int(import_module(ACTIONS[argv[0]]).run(argv[1:]))
    asked_for_help = bool(argv) and argv[0] in {"-h", "--help"}
    lines = [
        "usage: python -m tools <action> [arguments]",
        "",
        *(f"  {name:14} {text}" for name, text in known.items()),
    ]
    if argv and not asked_for_help:
        lines.insert(0, f"There is no action {argv[0]!r}.")
    print("\n".join(lines), file=sys.stdout if asked_for_help else sys.stderr)
    return 0 if asked_for_help else 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
