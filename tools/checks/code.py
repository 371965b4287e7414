"""Our code as syntax trees: what a name in one file stands for in another, and who calls what. Nothing is run."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from content_reader.yaml_reader import text_of

Function = ast.FunctionDef
Definition = tuple["Module", ast.AST]


@dataclass
class Module:
    """One file of code."""

    name: str
    where: str
    """Path from the root of the repository."""
    tree: ast.Module
    imports: dict[str, str] = field(default_factory=dict)
    """A name here to the dotted name of what it stands for."""
    constants: dict[str, ast.expr] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    _local_values: dict[Function, dict[str, list[ast.AST | None]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for node in ast.walk(self.tree):
            self.parents.update(dict.fromkeys(ast.iter_child_nodes(node), node))
            if isinstance(node, ast.ImportFrom) and node.module:
                self.imports.update({one.asname or one.name: f"{node.module}.{one.name}" for one in node.names})
            elif isinstance(node, ast.Import):
                self.imports.update({one.asname: one.name for one in node.names if one.asname})
        for node in self.tree.body:
            match node:
                case ast.FunctionDef():
                    self.functions[node.name] = node
                case ast.ClassDef():
                    self.classes[node.name] = node
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self.constants[name] = value
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                    self.constants[name] = value

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """What encloses a node, the nearest first."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def local_values(self, function: Function) -> dict[str, list[ast.AST | None]]:
        """The names that a function gives values, and these."""
        if function not in self._local_values:
            found: dict[str, list[ast.AST | None]] = {}
            for part in ast.walk(function):
                for name, value in _given(part):
                    found.setdefault(name, []).append(value)
            self._local_values[function] = found
        return self._local_values[function]

    def function_of(self, node: ast.AST) -> Function | None:
        """The function that a node stands in."""
        return next((one for one in self.above(node) if isinstance(one, Function)), None)

    def at(self, node: ast.AST) -> str:
        """``path:line`` of a node."""
        return f"{self.where}:{getattr(node, 'lineno', 1)}"


class Code:
    """All modules of a folder of code."""

    def __init__(self, folder: Path, root: Path) -> None:
        self.faults: list[str] = []
        """``path:line: problem. mend`` of files that are no Python."""
        self.modules = {
            module.name: module for path in sorted(folder.rglob("*.py")) for module in self._read(path, folder, root)
        }

    def _read(self, path: Path, folder: Path, root: Path) -> Iterator[Module]:
        where = path.relative_to(root).as_posix()
        text, faults = text_of(path, where)
        self.faults += faults
        try:
            tree = ast.parse(text or "")
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None) or 1
            self.faults.append(f"{where}:{line}: this is not Python ({error}). Mend the line")
            return
        name = ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
        yield Module(name, where, tree)

    def resolve(self, node: ast.expr, module: Module) -> Definition | None:
        """What a name or attribute stands for: a function, class, constant's value or module of ours."""
        if isinstance(node, ast.Name):
            return self._named(module, node.id)
        if isinstance(node, ast.Attribute):
            dotted = self.modules.get(ast.unparse(node.value))
            base = (dotted, dotted.tree) if dotted else self.resolve(node.value, module)
            if base and isinstance(base[1], ast.Module):
                return self._named(base[0], node.attr)
        return None

    def _named(self, module: Module, name: str) -> Definition | None:
        if name in module.functions:
            return module, module.functions[name]
        if name in module.classes:
            return module, module.classes[name]
        if name in module.constants:
            value = module.constants[name]
            return (self.resolve(value, module) if isinstance(value, ast.Name | ast.Attribute) else None) or (
                module,
                value,
            )
        dotted = module.imports.get(name, "")
        if dotted in self.modules:
            return self.modules[dotted], self.modules[dotted].tree
        owner, _, own = dotted.rpartition(".")
        return self._named(self.modules[owner], own) if owner in self.modules else None

    @cached_property
    def calls(self) -> Mapping[ast.AST, list[tuple[Module, ast.Call]]]:
        """Every function and class of ours to the calls of it."""
        found: dict[ast.AST, list[tuple[Module, ast.Call]]] = {}
        for module in self.modules.values():
            for node in ast.walk(module.tree):
                called = self.resolve(node.func, module) if isinstance(node, ast.Call) else None
                if called and isinstance(node, ast.Call):
                    found.setdefault(called[1], []).append((module, node))
        return found

    def definition(self, dotted: str) -> Definition:
        """What a dotted name of ours stands for; KeyError when there is none."""
        owner, _, name = dotted.rpartition(".")
        found = self._named(self.modules[owner], name)
        if found is None:
            raise KeyError(dotted)
        return found


def argument(call: ast.Call, places: list[str], name: str) -> ast.expr | None:
    """What a call gives for a parameter, by keyword, or by its place in `places`; None where it gives nothing."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    place = places.index(name) if name in places else len(call.args)
    before = call.args[: place + 1]
    if len(before) > place and not any(isinstance(one, ast.Starred) for one in before):
        return before[-1]
    return None


def spreads(call: ast.Call) -> bool:
    """Whether a call hands on arguments that nobody can see."""
    return any(isinstance(one, ast.Starred) for one in call.args) or any(one.arg is None for one in call.keywords)


def positional(function: Function) -> list[str]:
    """The names of the parameters that can be given by place."""
    return [one.arg for one in (*function.args.posonlyargs, *function.args.args)]


def parameters(function: Function) -> list[str]:
    """The names of a function's parameters, those by keyword last."""
    return [*positional(function), *(one.arg for one in function.args.kwonlyargs)]


def defaults(function: Function) -> dict[str, ast.expr]:
    """The parameters that have a default."""
    given = function.args
    positional = [*given.posonlyargs, *given.args][-len(given.defaults) :] if given.defaults else []
    found = {one.arg: value for one, value in zip(positional, given.defaults, strict=True)}
    return found | {one.arg: value for one, value in zip(given.kwonlyargs, given.kw_defaults, strict=True) if value}


def bindings(module: Module, node: ast.Name) -> list[ast.AST | None]:
    """The values a local name is given: expressions, patterns that capture it, None for what cannot be followed."""
    function = module.function_of(node)
    return comprehended(module, node) or (module.local_values(function).get(node.id, []) if function else [])


def comprehended(module: Module, node: ast.Name) -> list[ast.AST | None]:
    """The values that a comprehension around a name gives it."""
    for above in module.above(node):
        if isinstance(above, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            found = [one for part in above.generators for one in _unpacked(part.target, part.iter, node.id)]
            if found:
                return [*found]
    return []


def _given(part: ast.AST) -> Iterator[tuple[str, ast.AST | None]]:
    """Each name that one statement or pattern gives a value, and the value."""
    targets: list[ast.expr] = []
    value: ast.expr | None = None
    match part:
        case ast.Assign(targets=targets, value=value):
            pass
        case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
            targets = [target]
        case ast.For(target=target, iter=value):
            targets = [target]
        case ast.AugAssign(target=ast.Name(id=name)):
            yield name, None
        case ast.MatchClass(patterns=patterns):
            yield from ((one.name, part) for one in patterns if isinstance(one, ast.MatchAs) and one.name)
    for target in targets if value else ():
        for one in ast.walk(target):
            if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store) and value:
                yield from ((one.id, bound) for bound in _unpacked(target, value, one.id))


def _unpacked(target: ast.expr, value: ast.expr, name: str) -> Iterator[ast.expr | None]:
    match target, value:
        case ast.Name(id=found), _ if found == name:
            yield value
        case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values):
            for one, other in zip(targets, values, strict=True):
                yield from _unpacked(one, other, name)
        case ast.Tuple(elts=targets), _:
            if any(isinstance(one, ast.Name) and one.id == name for one in targets):
                yield None


def reaching(module: Module, node: ast.Name) -> list[ast.AST | None]:
    """The values that a name in a function can have where it stands, None among them for one that cannot be followed.

    What a name is given on the way that always leads here hides what it was given before; a branch adds to it.
    """
    found: list[ast.AST | None] = []
    below: ast.AST = node
    for above in module.above(node):
        for block in (getattr(above, name, ()) for name in ("body", "orelse", "finalbody")):
            before = block[: block.index(below)] if isinstance(block, list) and below in block else []
            for statement in reversed(before):
                given = [value for part in _inside(statement) for name, value in _given(part) if name == node.id]
                found += given
                if given and isinstance(statement, ast.Assign | ast.AnnAssign):
                    return found
        if isinstance(above, ast.match_case | ast.For | ast.While):  # what a round leaves behind is there in the next
            parts = ast.walk(above.pattern) if isinstance(above, ast.match_case) else _inside(above)
            found += [value for part in parts for name, value in _given(part) if name == node.id]
        if isinstance(above, Function):
            break
        below = above
    return found


def _inside(statement: ast.AST) -> Iterator[ast.AST]:
    """The parts of a statement, without those of functions that are only defined in it."""
    yield statement
    for part in ast.iter_child_nodes(statement):
        if not isinstance(part, Function | ast.Lambda):
            yield from _inside(part)
