"""What fills the placeholders of spoken words: the names of the values that our code gives with each key.

Values are followed as keys are (texts.py): keywords of ``tell`` and its like, literals, local names, what a function of
ours returns. Where they cannot be told, the place is a problem: they have to be listed there.
"""

import ast
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Final, NamedTuple

from tools.checks.code import (
    Code,
    Definition,
    Function,
    Module,
    argument,
    defaults,
    parameters,
    positional,
    reaching,
)
from tools.checks.texts import Text, Texts, Unknown
from tools.checks.uses import METHOD, PROMPT, SAFETY, SINKS, fields_of

VALUES: Final = "values"
"""The parameter, and the field of an act, that holds what fills its placeholders."""
FILLS: Final = "format_map"
"""``text.format_map(values)`` says a text with its placeholders filled."""
CARD: Final = "card"
"""The kind of what is written on a card and not spoken; its keys are those of the check."""
MEND: Final = 'Give them by keyword, or as a literal {"name": value}, where the key is named'

Given = Mapping[str, str]
"""The name of each value to the ``path:line`` it is given at."""
Source = tuple[ast.expr, Module]


class Filling(NamedTuple):
    """Keys that are said with the same values."""

    kind: str
    """prompt, safety or card"""
    keys: frozenset[str]
    given: Given
    where: str
    """``path:line`` of what names the keys and gives the values."""


class _Said(NamedTuple):
    """A call that takes keys and values, as somebody calls it."""

    kind: str
    keys: tuple[Source, ...]
    values: tuple[Source, ...]
    """Mappings that are given together."""
    named: Given
    """Values that are given by keyword."""


class Fillings:
    """Collects what our code gives with the keys of spoken words."""

    def __init__(self, code: Code, texts: Texts) -> None:
        self.code = code
        self.texts = texts
        self.problems: list[str] = []
        self.sinks = {
            code.definition(name)[1]: CARD if name == "stretch_coach.acts.Card" else next(iter(kinds.values()))
            for name, kinds in SINKS.items()
            if {PROMPT, SAFETY} & set(kinds.values())
        }

    def all(self) -> tuple[list[Filling], list[str]]:
        """Every key with what fills it, and ``path:line: problem. mend`` of values that cannot be told."""
        found: list[Filling] = []
        for name, kinds in SINKS.items():
            target = self.code.definition(name)
            for module, call in self.code.calls.get(target[1], ()) if target[1] in self.sinks else ():
                found += self._called(target, [*kinds], module, call)
        for module in self.code.modules.values():
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == METHOD:
                    found += self._unfilled(node, module)
                elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "replace":
                    found += self._changed(node, module, found)
        return list(found), list(dict.fromkeys(self.problems))

    def _called(self, taker: Definition, kinds: list[str], module: Module, call: ast.Call) -> Iterator[Filling]:
        owner, target = taker
        names = positional(target) if isinstance(target, Function) else fields_of(target)
        usual = _usual(target, owner)
        given = [argument(call, names, one) for one in kinds]
        keys = tuple((one, module) for one in given if one is not None)
        keys += tuple(usual[one] for one, key in zip(kinds, given, strict=True) if key is None and one in usual)
        values = argument(call, names, VALUES)
        if values is None or not self._is_act(values, module):
            said = _Said(self.sinks[target], keys, ((values, module),) if values is not None else (), {})
            yield from self._said(said, module, call)

    def _is_act(self, values: ast.expr, module: Module) -> bool:
        """Whether these are the values of an act, which is looked at where it is made."""
        if isinstance(values, ast.Attribute) and values.attr == VALUES:
            return True
        bound = reaching(module, values) if isinstance(values, ast.Name) else []
        classes = [self.code.resolve(one.cls, module) for one in bound if isinstance(one, ast.MatchClass)]
        return bool(bound) and len(classes) == len(bound) and all(one and one[1] in self.sinks for one in classes)

    def _said(self, said: _Said, module: Module, call: ast.Call) -> Iterator[Filling]:
        """The fillings of one call, or those of its function's callers where it hands on the values it was given."""
        function = module.function_of(call)
        handed = [
            one.id
            for one, _ in said.values
            if isinstance(one, ast.Name)
            and function
            and module.function_of(one) is function
            and one.id in _taken(function)
            and not reaching(module, one)
        ]
        if function and handed:
            for where, outer in self.code.calls.get(function, ()):
                yield from self._said(_from_outside(said, function, where, outer), where, outer)
            return
        keys = {text.text for expression, owner in said.keys for text in self._keys(expression, owner)}
        try:
            shapes = self._together(said)
        except Unknown as unknown:
            self._refuse(unknown)
            return
        yield from (Filling(said.kind, frozenset(keys), given, module.at(call)) for given in shapes)

    def _keys(self, expression: ast.expr, module: Module) -> set[Text]:
        """The keys that can be told; those that cannot are named by uses.py."""
        try:
            return {one for one in self.texts.of(expression, module) if one.text}
        except Unknown:
            return set()
        finally:
            self.texts.unknown.clear()

    def _refuse(self, unknown: Unknown) -> None:
        what = f"what fills a spoken word is made of {str(unknown)[:60]!r}, which cannot be read"
        self.problems.append(f"{unknown.where}: {what}. {MEND}")

    # The mappings of values: each of those that an expression can come to

    def _together(self, said: _Said) -> list[Given]:
        found: list[Given] = [{}]
        for expression, module in said.values:
            found = [{**one, **more} for one in found for more in self._shapes(expression, module)]
        return [{**one, **said.named} for one in found]

    def _shapes(self, node: ast.expr, module: Module) -> list[Given]:
        match node:
            case ast.Dict(keys=keys, values=values):
                found: list[Given] = [{}]
                for key, value in zip(keys, values, strict=True):
                    more = self._shapes(value, module) if key is None else [self._named(key, module)]
                    found = [{**one, **other} for one in found for other in more]
                return found
            case ast.IfExp(body=one, orelse=other):
                return [*self._shapes(one, module), *self._shapes(other, module)]
            case ast.Call():
                return self._returned(node, module)
            case ast.Name():
                return self._local(node, module)
        raise Unknown(module.at(node), ast.unparse(node))

    def _named(self, key: ast.expr, module: Module) -> Given:
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            return {key.value: module.at(key)}
        raise Unknown(module.at(key), ast.unparse(key))

    def _returned(self, call: ast.Call, module: Module) -> list[Given]:
        called = self.code.resolve(call.func, module)
        if called is None or not isinstance(called[1], Function):
            raise Unknown(module.at(call), ast.unparse(call))
        given = [one.value for one in ast.walk(called[1]) if isinstance(one, ast.Return) and one.value]
        return [*chain.from_iterable(self._shapes(one, called[0]) for one in given)]

    def _local(self, name: ast.Name, module: Module) -> list[Given]:
        function = module.function_of(name)
        bound = reaching(module, name)
        constant = self.code.resolve(name, module) if not bound else None
        if constant and isinstance(constant[1], ast.expr):
            return self._shapes(constant[1], constant[0])
        known = [one for one in bound if isinstance(one, ast.expr)]
        if not known or len(known) < len(bound) or (function and name.id in _taken(function)):
            raise Unknown(module.at(name), name.id)
        return [*chain.from_iterable(self._shapes(one, module) for one in known)]

    # What is said without values of its own

    def _unfilled(self, call: ast.Call, module: Module) -> Iterator[Filling]:
        """``Locale.prompt`` alone fills nothing; where it is filled, those who ask for that are looked at."""
        above = module.parents.get(call)
        function = module.function_of(call)
        if isinstance(above, ast.Attribute) and above.attr == FILLS and function in self.sinks:
            return
        keys = frozenset(text.text for one in call.args[:1] for text in self._keys(one, module))
        yield Filling(PROMPT, keys, {}, module.at(call))

    def _changed(self, call: ast.Call, module: Module, before: list[Filling]) -> list[Filling]:
        """An act with another key keeps its values: by a table from key to key each is said with those of the old."""
        found: list[Filling] = []
        for new in (one.value for one in call.keywords if one.arg in SINKS["stretch_coach.acts.Ask"]):
            try:
                pairs = self._pairs(new, module)
            except Unknown as unknown:
                self._refuse(unknown)
                continue
            for one in before:
                keys = frozenset(pairs[key] for key in one.keys if key in pairs) if one.kind == PROMPT else frozenset()
                found += [one._replace(keys=keys)] if keys else []
        return found

    def _pairs(self, node: ast.expr, module: Module) -> dict[str, str]:
        """A table of keys, of ``TABLE.get(key, key)`` or as it stands."""
        match node:
            case ast.Call(func=ast.Attribute(value=table, attr="get"), args=[same, other]) if ast.unparse(
                same
            ) == ast.unparse(other):
                return self._pairs(table, module)
            case ast.Call(func=ast.Attribute(attr="fromkeys"), args=[ast.Tuple(elts=keys), value]):
                return {one: other for key in keys for one, other in self._pair(key, value, module)}
            case ast.Dict(keys=keys, values=values):
                found: dict[str, str] = {}
                for old, new in zip(keys, values, strict=True):
                    found |= self._pairs(new, module) if old is None else dict(self._pair(old, new, module))
                return found
            case ast.Name() | ast.Attribute():
                constant = self.code.resolve(node, module)
                if constant and isinstance(constant[1], ast.expr):
                    return self._pairs(constant[1], constant[0])
        raise Unknown(module.at(node), ast.unparse(node))

    def _pair(self, key: ast.expr, value: ast.expr, module: Module) -> Iterator[tuple[str, str]]:
        if not (isinstance(key, ast.Constant) and isinstance(value, ast.Constant)):
            raise Unknown(module.at(key), ast.unparse(key))
        yield str(key.value), str(value.value)


def _usual(target: ast.AST, module: Module) -> dict[str, Source]:
    """The fields of an act that have a text of their own where nothing is given."""
    body = target.body if isinstance(target, ast.ClassDef) else []
    return {
        one.target.id: (one.value, module)
        for one in body
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and isinstance(one.value, ast.Constant)
    }


def _taken(function: Function) -> set[str]:
    """The names of all parameters, of the mapping of those by keyword, too."""
    return {*parameters(function), *([function.args.kwarg.arg] if function.args.kwarg else [])}


def _from_outside(said: _Said, function: Function, module: Module, call: ast.Call) -> _Said:
    """The same with what a caller gives for the function's parameters."""
    own, places, usual = {*parameters(function)}, positional(function), defaults(function)

    def outside(source: Source) -> Source | None:
        node, owner = source
        is_own = isinstance(node, ast.Name) and node.id in own and owner.function_of(node) is function
        if not isinstance(node, ast.Name) or not is_own or reaching(owner, node):
            return source
        given = argument(call, places, node.id)
        return (given, module) if given is not None else (usual[node.id], owner) if node.id in usual else None

    rest = function.args.kwarg.arg if function.args.kwarg else ""
    values = [one for one in said.values if not (isinstance(one[0], ast.Name) and one[0].id == rest)]
    more = [one for one in call.keywords if one.arg not in own] if len(values) < len(said.values) else []
    return _Said(
        said.kind,
        tuple(one for key in said.keys if (one := outside(key))),
        (*(one for value in values if (one := outside(value))), *((one.value, module) for one in more if not one.arg)),
        {**said.named, **{one.arg: module.at(one.value) for one in more if one.arg}},
    )
