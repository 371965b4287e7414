"""Data binding of APL for Audio, as far as our documents use it: paths, literals, == and !=.

An expression that reaches for data that is not there is an error here. (On a device it is null, and the listener hears
nothing.)
"""

import re
from collections.abc import Mapping
from typing import Any, Final

Context = Mapping[str, Any]

_EXPRESSION: Final = re.compile(r"\$\{([^}]*)\}")
_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<number>-?\d+(?:\.\d+)?)|(?P<text>'[^']*'|"[^"]*")|(?P<name>[A-Za-z_]\w*)|(?P<sign>==|!=|[.\[\]]))"""
)
_CONSTANTS: Final = {"true": True, "false": False, "null": None}


class AplaError(ValueError):
    """A document Alexa would refuse or would not play as written. The message says where, what, and how to mend it."""


def bind(value: Any, context: Context, where: str) -> Any:
    """`value` with its ${…} replaced by what `context` holds.

    A string that is one expression becomes the value itself, of whatever type; expressions inside longer text are
    written into it. Anything but a string is returned as it is.

    Raises AplaError, its message beginning with `where`.
    """
    if not isinstance(value, str):
        return value
    whole = _EXPRESSION.fullmatch(value)
    if whole:
        return _Expression(whole[1], context, where).evaluate()
    bound = _EXPRESSION.sub(lambda found: _as_text(_Expression(found[1], context, where).evaluate()), value)
    if "${" in _EXPRESSION.sub("", value):
        raise AplaError(f"{where}: {value!r} has a ${{ without its }}. Close it.")
    return bound


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


class _Expression:
    """A reader of one expression, left to right."""

    def __init__(self, source: str, context: Context, where: str) -> None:
        self.source = source
        self.context = context
        self.where = where
        self.tokens = self._tokens()

    def evaluate(self) -> Any:
        left = self._operand()
        sign = self._next()
        if sign is None:
            return left
        if sign not in {"==", "!="}:
            raise self._unsupported()
        right = self._operand()
        if self.tokens:
            raise self._unsupported()
        return self._equal(left, right) == (sign == "==")

    def _tokens(self) -> list[str]:
        tokens, at = [], 0
        while self.source[at:].strip():
            found = _TOKEN.match(self.source, at)
            if not found:
                raise self._unsupported()
            tokens.append(found[0].strip())
            at = found.end()
        return tokens

    def _next(self) -> str | None:
        return self.tokens.pop(0) if self.tokens else None

    def _operand(self) -> Any:
        token = self._next()
        if token is None:
            raise self._unsupported()
        if token[0] in "'\"":
            return token[1:-1]
        if token[0].isdigit() or token[0] == "-":
            return float(token) if "." in token else int(token)
        if token in _CONSTANTS:
            return _CONSTANTS[token]
        if not (token[0].isalpha() or token[0] == "_"):
            raise self._unsupported()
        return self._path(token)

    def _path(self, name: str) -> Any:
        if name not in self.context:
            raise self._missing(name, "the data", self.context)
        value, so_far = self.context[name], name
        while self.tokens and self.tokens[0] in {".", "["}:
            step: Any = self._step()
            value = self._member(value, step, so_far)
            so_far += f"[{step}]" if isinstance(step, int) else f".{step}"
        return value

    def _step(self) -> str | int:
        if self._next() == ".":
            name = self._next()
            if name is None or not name.isidentifier():
                raise self._unsupported()
            return name
        index = self._operand()
        if self._next() != "]" or isinstance(index, bool) or not isinstance(index, int | str):
            raise self._unsupported()
        return index

    def _member(self, value: Any, step: str | int, so_far: str) -> Any:
        if isinstance(value, list | tuple):
            if step == "length":
                return len(value)
            if isinstance(step, int) and -len(value) <= step < len(value):
                return value[step]
        if isinstance(value, Mapping) and step in value:
            return value[step]
        raise self._missing(str(step), so_far, value)

    def _equal(self, left: Any, right: Any) -> bool:
        kinds = {
            "text" if isinstance(one, str) else "number" if _is_number(one) else type(one) for one in (left, right)
        }
        if len(kinds) > 1 and None not in (left, right):
            raise AplaError(f"{self.where}: {self.source!r} compares {left!r} with {right!r}. Compare like with like.")
        return bool(left == right)

    def _missing(self, name: str, so_far: str, value: Any) -> AplaError:
        if isinstance(value, Mapping):
            has = f"it has {', '.join(map(str, value)) or 'nothing'}"
        else:
            has = f"it has {len(value)} items" if isinstance(value, list | tuple) else f"it is {value!r}"
        hint = " (The parameter called payload is the whole datasources object.)" if so_far == "payload" else ""
        return AplaError(f"{self.where}: {self.source!r}: no {name} in {so_far}; {has}.{hint}")

    def _unsupported(self) -> AplaError:
        return AplaError(
            f"{self.where}: expression {self.source!r} is not supported. Use paths such as payload.x.y and data[0], "
            "text, numbers, true, false, null, and one == or !=."
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
