"""Where our code uses the keys of spoken words: in the fields of acts, in ``Locale.prompt``, by subscript.

A key that cannot be told from the code is a problem: it has to be listed where it is built.
"""

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from stretch_coach.safety.red_flag import Level
from tools.checks.code import Code, Function, Module, argument, bindings, parameters, positional, spreads
from tools.checks.texts import Text, Texts, Unknown

PROMPT, SAFETY, UNIT, WORDS = "prompt", "safety", "unit", "words"
SINKS: Final = {
    "stretch_coach.acts.Tell": {"prompt": PROMPT},
    "stretch_coach.acts.Ask": {"prompt": PROMPT, "reprompt": PROMPT},
    "stretch_coach.acts.Advise": {"key": SAFETY},
    "stretch_coach.acts.Card": {"outcome": SAFETY},
    "stretch_coach.speech.script.prompt_text": {"key": PROMPT},
    "stretch_coach.speech.script.amount": {"unit": UNIT},
}
"""What takes a key, and the parameters that do. Classes are given their fields."""
METHOD: Final = "prompt"
"""``Locale.prompt(key, variant)``."""
OWNER: Final = "stretch_coach.library"
"""The one module that may look into ``prompts`` by itself."""
READ_AT_RUN_TIME: Final = (
    "stretch_coach.speech.script.prompt_text.unit",  # of a value "unit:number": `_amounts` looks at each of those
)
NO_UNIT: Final = "routine"
"""``routine:<id>`` names an item, as ``unit:number`` is an amount."""
REST: Final = "*"
"""In a path: any key. At its end: everything below."""
MEND: Final = "List the keys where they are built: literals, a table of literals or an enum"

Path_ = tuple[str, ...]


class Use(NamedTuple):
    """A key that is used, and where."""

    kind: str
    """prompt, safety, unit or words"""
    path: Path_
    where: str


class Uses:
    """Collects the uses of keys in our code."""

    def __init__(self, code: Code, root: Path) -> None:
        attributes: dict[str, str | list[str] | None] = {
            "prompt": None,  # of an act, looked at where the act is made
            "reprompt": None,
            "key": None,
            "state": "stretch_coach.session.State",
            "locked": "stretch_coach.dialogue.rules.concluding.LOCKS",
            "outcome": [*(level.word for level in Level), "adults_only"],
            "equipment": _listed(root, "properties", "equipment", "items", "enum"),
            "unit": _listed(root, "$defs", "reps", "properties", "unit", "enum"),
        }
        self.code = code
        self.texts = Texts(code, attributes, READ_AT_RUN_TIME)
        self.problems: list[str] = []
        self.uses: list[Use] = []

    def all(self) -> tuple[list[Use], list[str]]:
        """Every use, once, and ``path:line: problem. mend`` of what cannot be told."""
        sinks = {self.code.definition(name)[1]: (name, kinds) for name, kinds in SINKS.items()}
        for target, (name, kinds) in sinks.items():
            for module, call in self.code.calls.get(target, ()):
                self._call(target, name, kinds, module, call)
        for module in self.code.modules.values():
            for node in ast.walk(module.tree):
                self._look(node, module)
        for module in self.code.modules.values():
            self._handed_on(module, {*self.texts.takers, *sinks})
        return list(dict.fromkeys(self.uses)), list(dict.fromkeys(self.problems))

    def _call(self, target: ast.AST, name: str, kinds: Mapping[str, str], module: Module, call: ast.Call) -> None:
        names = positional(target) if isinstance(target, Function) else fields_of(target)
        for parameter, kind in kinds.items():
            given = argument(call, names, parameter)
            if given is not None:
                self._keys(kind, given, module)
            elif parameter == names[0] or spreads(call):
                self._refuse(module.at(call), f"{name} is given no {parameter} that can be read")

    def _handed_on(self, module: Module, takers: set[ast.AST]) -> None:
        """Who takes a key and is handed on instead of called may be called out of sight."""
        for call in (node for node in ast.walk(module.tree) if isinstance(node, ast.Call)):
            for one in (*call.args, *(keyword.value for keyword in call.keywords)):
                found = self.code.resolve(one, module) if isinstance(one, ast.Name | ast.Attribute) else None
                if found and found[1] in takers and ast.unparse(call.func) != "isinstance":
                    self._refuse(module.at(one), f"{ast.unparse(one)}, which takes the key of a word, is handed on")

    def _look(self, node: ast.AST, module: Module) -> None:
        match node:
            case ast.Call(func=ast.Attribute(attr=attr), args=[key, *_]) if attr == METHOD:
                self._keys(PROMPT, key, module)
            case ast.Call(func=ast.Name(id="replace"), keywords=keywords):
                for keyword in keywords:
                    if keyword.arg in SINKS["stretch_coach.acts.Ask"]:
                        self._keys(PROMPT, keyword.value, module)
            case ast.Attribute(attr="prompts") if module.name != OWNER:
                self._refuse(module.at(node), "prompts is looked into past Locale.prompt")
            case ast.JoinedStr(values=[first, *rest]) if rest:
                self._amounts(first, rest[0], module)
            case ast.ClassDef(name="Ask"):
                for one in node.body:
                    if isinstance(one, ast.AnnAssign) and isinstance(one.value, ast.Constant) and one.value.value:
                        self._keys(PROMPT, one.value, module)
            case ast.Subscript() | ast.Call() | ast.Name(ctx=ast.Load()) | ast.Attribute() | ast.BoolOp():
                if not self._goes_on(node, module):
                    self._read(node, module)

    def _refuse(self, where: str, what: str) -> None:
        self.problems.append(f"{where}: {what}. {MEND}")

    def _keys(self, kind: str, node: ast.expr, module: Module) -> None:
        found: set[Text] = set()
        try:
            found = self.texts.of(node, module)
        except Unknown as unknown:
            self.texts.unknown.append(unknown)
        for one in self.texts.unknown:
            self._refuse(one.where, f"the key of a spoken word is made of {str(one)[:60]!r}, which cannot be read")
        self.texts.unknown.clear()
        for text in found:
            self._use(kind, text)

    def _use(self, kind: str, text: Text) -> None:
        if text.text:
            path = (
                tuple(text.text.split("."))
                if kind == SAFETY
                else ("units", text.text)
                if kind == UNIT
                else (text.text,)
            )
            self.uses.append(Use(kind, path, text.where))

    def _amounts(self, first: ast.expr, second: ast.expr, module: Module) -> None:
        """A value "unit:number" is said as an amount, so its unit is a key."""
        if not module.name.startswith(("stretch_coach.dialogue.", "stretch_coach.speech.")):
            return
        match first, second:
            case ast.Constant(value=str(text)), ast.FormattedValue() if text.endswith(":") and text != f"{NO_UNIT}:":
                self._use(UNIT, Text(text[:-1], module.at(first)))
            case ast.FormattedValue(), ast.Constant(value=str(text)) if text.startswith(":"):
                self._keys(UNIT, first, module)

    # The words of a locale, and of the safety check, as mappings that are read step by step

    def _read(self, node: ast.expr, module: Module) -> None:
        try:
            paths = self._paths(node, module)
        except Unknown as unknown:
            self._refuse(unknown.where, f"a word is looked up by {str(unknown)[:60]!r}, which cannot be read")
            return
        self.uses += [Use(kind, path, module.at(node)) for kind, path in paths if path]

    def _goes_on(self, node: ast.AST, module: Module) -> bool:
        """Whether what is read here is only a step to what is read further out, or gets a name of its own."""
        parent = module.parents.get(node)
        match parent:
            case ast.Subscript(value=value) if value is node:
                return True
            case ast.Attribute(attr="get") | ast.BoolOp() | ast.Compare(ops=[ast.In() | ast.NotIn()]):
                return True
            case ast.Assign(targets=[ast.Name()]) | ast.AnnAssign(target=ast.Name()):
                return True
            case ast.Tuple():
                return isinstance(module.parents.get(parent), ast.Assign)
        return False

    def _paths(self, node: ast.AST | None, module: Module) -> set[tuple[str, Path_]]:
        """The kind of words and the path in them that an expression reads; nothing where it reads none."""
        match node:
            case ast.Attribute(attr="words" | "safety" as kind):
                return {(kind, ())}
            case ast.Name(id="words") if self._is_given(node, module):
                return {(WORDS, ())}
            case ast.Name():
                values = [value for value in bindings(module, node) if value is not None]
                return {path for value in values if value is not node for path in self._once(value, module)}
            case ast.BoolOp(values=values):
                return {path for value in values for path in self._paths(value, module)}
            case ast.Subscript(value=value, slice=key):
                return self._step(self._paths(value, module), key, module)
            case ast.Call(func=ast.Attribute(value=value, attr="get")):
                return {(kind, (*path, REST)) for kind, path in self._paths(value, module)}
        return set()

    def _is_given(self, node: ast.Name, module: Module) -> bool:
        function = module.function_of(node)
        return function is not None and "words" in parameters(function)

    def _once(self, value: ast.AST, module: Module) -> set[tuple[str, Path_]]:
        if value in self.texts.open:
            return set()
        self.texts.open.add(value)
        try:
            return self._paths(value, module)
        finally:
            self.texts.open.discard(value)

    def _step(self, paths: set[tuple[str, Path_]], key: ast.expr, module: Module) -> set[tuple[str, Path_]]:
        if not paths:
            return set()
        if isinstance(key, ast.Call) and isinstance(key.func, ast.Name) and key.func.id == "str":
            return {(kind, (*path, REST)) for kind, path in paths}  # the name of a number: the schema has them all
        keys = {one.text for one in self.texts.of(key, module)} - {""}
        # A key that was looked at where its act was made: anything of a mapping, and no mapping of all the words.
        steps = keys or {REST}
        return {(kind, (*path, step)) for kind, path in paths for step in steps if keys or path}


def fields_of(target: ast.AST) -> list[str]:
    """The names of a class's fields, in their order."""
    body = target.body if isinstance(target, ast.ClassDef) else []
    return [one.target.id for one in body if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)]


def _listed(root: Path, *steps: str) -> list[str]:
    """What content's schema of an exercise lists at a place; nothing where the schema cannot be read."""
    try:
        found = json.loads((root / "content" / "schema" / "exercise.schema.json").read_text("utf-8"))
        for step in steps:
            found = found[step]
        return [str(one) for one in found]
    except (OSError, ValueError, KeyError, TypeError):
        return []
