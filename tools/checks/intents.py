"""Every intent of the interaction model has a row in the dialogue's table, and every row of an intent has its intent.

The platform sends an intent without a row all the same, and the listener hears "I didn't catch that".
"""

import ast
import difflib
from pathlib import Path
from typing import Final

from content_reader.yaml_reader import key_lines, text_of
from tools.publish.model_source import SOURCE

TABLE: Final = "lambda/stretch_coach/dialogue/table.py"
ROWS: Final = "_everywhere"
"""The function whose mapping has a row for every event."""
INTENT: Final = "Intent"
"""How the names of intents end, and of no other event."""
PLATFORM: Final = "AMAZON."
"""What the platform's own intents begin with; rows have them without."""


def check(root: Path) -> list[str]:
    """``path:line: problem. mend`` of each intent without a row and each row without an intent."""
    intents = _intents(root)
    try:
        rows = _rows(root)
    except SyntaxError:  # words.py says so
        return []
    if not intents:  # the source cannot be read, and the model's check says so
        return []
    if not rows:
        return [f"{TABLE}: there is no {ROWS} with a row for every event. Name it in tools/checks/intents.py"]
    nameless = {name: where for name, where in rows.items() if name not in intents}
    found: list[str] = []
    for name, where in intents.items():
        if name not in rows:
            close = difflib.get_close_matches(name, nameless, n=1, cutoff=0.8)
            if close:
                other = nameless.pop(close[0])
                found.append(f"{where}: {name}: no row answers it, and {other} answers {close[0]}. Name them alike")
            else:
                found.append(f"{where}: {name}: no row answers it. Add it to {TABLE}")
    return [
        *found,
        *(
            f"{where}: {name}: {SOURCE} has no such intent. Add it there, or remove its rows"
            for name, where in nameless.items()
        ),
    ]


def _intents(root: Path) -> dict[str, str]:
    """Each intent of the model's source, as rows name it, to its ``path:line``."""
    return {
        path[1].removeprefix(PLATFORM): f"{SOURCE}:{line}"
        for path, line in key_lines(root / SOURCE).items()
        if path[0] in {"intents", "built_ins"} and len(path) == 2
    }


def _rows(root: Path) -> dict[str, str]:
    """Each intent that has a row in every state to its ``path:line``. Raises SyntaxError."""
    tree = ast.parse(text_of(root / TABLE, TABLE)[0] or "")
    return {
        key.value: f"{TABLE}:{key.lineno}"
        for function in tree.body
        if isinstance(function, ast.FunctionDef) and function.name == ROWS
        for node in ast.walk(function)
        for key in (node.keys if isinstance(node, ast.Dict) else ())
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value.endswith(INTENT)
    }
