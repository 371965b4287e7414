"""Which texts an expression of our code can come to, read from the syntax trees and never run.

``Texts.of`` follows literals, names, parameters (to whoever calls), tables, enums and returns. Where it cannot tell, it
raises Unknown instead of guessing, so that nothing built out of its sight passes for known.
"""

import ast
from collections.abc import Iterable, Mapping
from itertools import product
from typing import NamedTuple

from tools.checks.code import (
    Code,
    Definition,
    Function,
    Module,
    argument,
    bindings,
    comprehended,
    defaults,
    parameters,
    positional,
    spreads,
)

PASSING = frozenset({"str", "tuple", "frozenset", "set", "list", "dict", "sorted", "max", "min"})
"""Built-in functions that give back what they are given."""
CUTTING = frozenset({"split", "partition", "rpartition"})


class Text(NamedTuple):
    """A text, and where the code has it from."""

    text: str
    where: str
    """``path:line``"""


class Unknown(Exception):  # noqa: N818 - not a failure: the answer to what an expression can come to
    """An expression whose texts cannot be told; ``where`` is its ``path:line``."""

    def __init__(self, where: str, expression: str) -> None:
        self.where = where
        super().__init__(expression)


class Texts:
    """Tells the texts of expressions.

    `attributes` are attributes whose texts are known: by a dotted name of ours (an enum or a constant), as a list of
    texts, or None where whoever made the object has been looked at already. `read_at_run_time` are local names, as
    ``module.function.name``, that hold data and are checked in another way.
    """

    def __init__(
        self, code: Code, attributes: Mapping[str, str | list[str] | None], read_at_run_time: Iterable[str] = ()
    ) -> None:
        self.code = code
        self.attributes = attributes
        self.read_at_run_time = frozenset(read_at_run_time)
        self.open: set[ast.AST] = set()
        self.unknown: list[Unknown] = []
        """What single callers give for a parameter, and cannot be told."""
        self.takers: set[ast.AST] = set()
        """Functions of which a parameter was followed to its callers."""

    def of(self, node: ast.expr, module: Module) -> set[Text]:
        """Every text the expression can come to; of a container, every text in it. Raises Unknown."""
        match node:
            case ast.Constant(value=str(text)):
                return {Text(text, module.at(node))}
            case ast.Constant():
                return set()
            case ast.JoinedStr(values=parts):
                return self._joined(node, parts, module)
            case ast.FormattedValue(value=value) | ast.Starred(value=value) | ast.Subscript(value=value):
                return self.of(value, module)
            case (
                ast.DictComp(value=value)
                | ast.ListComp(elt=value)
                | ast.GeneratorExp(elt=value)
                | ast.SetComp(elt=value)
            ):
                return self.of(value, module)
            case ast.BinOp(left=left, right=right):
                return self._combined(node, left, right, module)
            case ast.Call():
                return self._called(node, module)
            case ast.Attribute():
                return self._attribute(node, module)
            case ast.Name():
                return self._name(node, module)
        return self._all(self._parts(node, module), module)

    def _parts(self, node: ast.expr, module: Module) -> list[ast.expr]:
        """What an expression chooses from, or a container holds."""
        match node:
            case ast.IfExp(body=one, orelse=other):
                return [one, other]
            case ast.BoolOp(values=several) | ast.Dict(values=several):
                return several
            case ast.Tuple(elts=several) | ast.List(elts=several) | ast.Set(elts=several):
                return several
        raise self._unknown(node, module)

    def _combined(self, node: ast.BinOp, left: ast.expr, right: ast.expr, module: Module) -> set[Text]:
        match node.op:
            case ast.Add():
                return self._joined(node, [left, right], module)
            case ast.BitOr():
                return self.of(left, module) | self.of(right, module)
            case ast.Sub():
                without = {one.text for one in self.of(right, module)}
                return {one for one in self.of(left, module) if one.text not in without}
        raise self._unknown(node, module)

    def _unknown(self, node: ast.AST, module: Module) -> Unknown:
        return Unknown(module.at(node), ast.unparse(node))

    def _all(self, nodes: Iterable[ast.expr], module: Module) -> set[Text]:
        return {text for node in nodes for text in self.of(node, module)}

    def _joined(self, node: ast.expr, parts: list[ast.expr], module: Module) -> set[Text]:
        each = [self.of(part, module) for part in parts]
        if not all(each):  # a number, or what was looked at elsewhere: what is made of it was not
            raise self._unknown(node, module)
        return {Text("".join(one.text for one in row), row[0].where) for row in product(*each)}

    def _called(self, node: ast.Call, module: Module) -> set[Text]:
        match node.func:
            case ast.Attribute(value=table, attr="get"):
                return self.of(table, module) | self._all(node.args[1:], module)
            case ast.Attribute(value=ast.Name(id="dict"), attr="fromkeys"):
                return self._all(node.args[1:], module)
            case ast.Attribute(value=cut, attr=attr) if attr in CUTTING and not self.of(cut, module):
                return set()
            case ast.Name(id="map"):
                return self._all(node.args[1:], module)
            case ast.Name(id=name) if name in PASSING:
                return self._all(node.args, module)
        called = self.code.resolve(node.func, module)
        if called and isinstance(called[1], Function):
            returned = [one for one in ast.walk(called[1]) if isinstance(one, ast.Return) and one.value]
            return self._all((one.value for one in returned if one.value), called[0])
        raise self._unknown(node, module)

    def _attribute(self, node: ast.Attribute, module: Module) -> set[Text]:
        owner = self.code.resolve(node.value, module)
        if owner and isinstance(owner[1], ast.ClassDef):
            return self._members(owner[1], owner[0], node.attr)
        constant = self.code.resolve(node, module)
        if constant:
            return self._defined(constant, node, module)
        if node.attr not in self.attributes:
            raise self._unknown(node, module)
        known = self.attributes[node.attr]
        if isinstance(known, str):
            return self._defined(self.code.definition(known), node, module)
        return {Text(text, module.at(node)) for text in known or ()}

    def _defined(self, found: Definition, node: ast.expr, module: Module) -> set[Text]:
        where, what = found
        if isinstance(what, ast.ClassDef):
            return self._members(what, where)
        if isinstance(what, ast.Subscript) and isinstance(what.value, ast.Name) and what.value.id == "Literal":
            return self.of(what.slice, where)
        if isinstance(what, ast.expr):
            return self.of(what, where)
        raise self._unknown(node, module)

    def _members(self, owner: ast.ClassDef, module: Module, only: str = "") -> set[Text]:
        """The texts of an enum's members, or of one."""
        values = [
            one.value
            for one in owner.body
            if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name) and only in {"", one.targets[0].id}
        ]
        if not values:
            raise self._unknown(owner, module)
        return self._all(values, module)

    def _name(self, node: ast.Name, module: Module) -> set[Text]:
        function = module.function_of(node)
        bound = list(bindings(module, node))
        if bound and function and f"{module.name}.{function.name}.{node.id}" in self.read_at_run_time:
            return set()
        given = {text for value in bound for text in self._bound(value, node, module)}
        if function and node.id in parameters(function) and not comprehended(module, node):
            return given | self._parameter(function, node, module)
        if bound:
            return given
        found = self.code.resolve(node, module)
        if found is None:
            raise self._unknown(node, module)
        return self._defined(found, node, module)

    def _bound(self, value: ast.AST | None, node: ast.Name, module: Module) -> set[Text]:
        """A value that a local name has; a pattern's capture is an attribute of what the pattern matches."""
        if isinstance(value, ast.MatchClass):
            return self._captured(value, node, module)
        if not isinstance(value, ast.expr):
            raise self._unknown(node, module)
        return self._once(value, module)

    def _once(self, value: ast.expr, module: Module) -> set[Text]:
        """The texts of an expression; none while they are being told, as for a name that is made from itself."""
        if value in self.open:
            return set()
        self.open.add(value)
        try:
            return self.of(value, module)
        finally:
            self.open.discard(value)

    def _captured(self, pattern: ast.MatchClass, node: ast.Name, module: Module) -> set[Text]:
        found = self.code.resolve(pattern.cls, module)
        names = [isinstance(one, ast.MatchAs) and one.name == node.id for one in pattern.patterns]
        if found and isinstance(found[1], ast.ClassDef) and any(names):
            fields = [
                one.target.id
                for one in found[1].body
                if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
            ]
            if self.attributes.get(fields[names.index(True)], "") is None:
                return set()
        raise self._unknown(node, module)

    def _parameter(self, function: Function, node: ast.Name, module: Module) -> set[Text]:
        """What a parameter's type names, or else what all callers give for it."""
        every = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        declared = next(one.annotation for one in every if one.arg == node.id)
        typed = self.code.resolve(declared, module) if declared else None
        if typed and _lists_texts(typed[1]):
            return self._defined(typed, node, module)
        places, default = positional(function), defaults(function).get(node.id)
        self.takers.add(function)
        found: set[Text] = set() if default is None else self.of(default, module)
        for where, call in self.code.calls.get(function, ()):
            given = argument(call, places, node.id)
            try:
                if given is None and (default is None or spreads(call)):
                    raise self._unknown(call, where)
                found |= set() if given is None else self._once(given, where)
            except Unknown as unknown:  # what the other callers give is known all the same
                self.unknown.append(unknown)
        return found


def _lists_texts(what: ast.AST) -> bool:
    """Whether a type names its texts: an enum, or a Literal."""
    match what:
        case ast.ClassDef(bases=[ast.Name(id="StrEnum"), *_]):
            return True
        case ast.Subscript(value=ast.Name(id="Literal")):
            return True
    return False
