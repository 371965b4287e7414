"""The one way YAML is read: content, interaction models, conversations and tests all mean the same by a word.

A key is text and stands once. Only `true` and `false` are truth values, because `yes`, `no` and `on` are words that
listeners say. A number is what JSON calls a number, and a date is text. Whatever a file holds, reading it gives a
document or lines ``where:line: problem. how to mend it``, never an exception of the parser's.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from re import compile as pattern
from typing import Any, Final

import yaml

from stretch_coach.errors import ContentError

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # PyYAML built without libyaml: the same documents, ten times slower
    from yaml import SafeLoader  # type: ignore[assignment]

ROOT: Final = Path(__file__).resolve().parents[1]
MOST_DEPTH: Final = 50
"""Far more than any file of ours has; a file that is deeper would exhaust whoever walks through it."""
MOST_SAFE: Final = 500
"""Brackets of a document, and characters of a line, up to which nobody needs to look how deep it is."""
MOST_NODES: Final = 500_000
"""Values of a document with its aliases written out: a few aliases of aliases come to more than a machine can hold."""
MOST_DIGITS: Final = 15
"""Of a whole number: what JSON readers everywhere take without loss."""

Fault = tuple[str, str]
"""The dotted path of a field, empty for the whole document, and what is wrong there as ``problem. mend``."""

_TAG: Final = "tag:yaml.org,2002:"
_KINDS: Final = {f"{_TAG}map": yaml.MappingNode, f"{_TAG}seq": yaml.SequenceNode}


class _Loader(SafeLoader):
    """Resolves plain scalars as this module's docstring says."""


_Loader.yaml_implicit_resolvers = {
    **{first: [(f"{_TAG}null", pattern(r"~|null|Null|NULL|"))] for first in ("~", "n", "N", "")},
    **{first: [(f"{_TAG}bool", pattern(r"true|True|TRUE|false|False|FALSE"))] for first in "tTfF"},
    **{
        first: [
            (f"{_TAG}int", pattern(r"-?(?:0|[1-9][0-9]*)")),
            (f"{_TAG}float", pattern(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")),
        ]
        for first in "-0123456789"
    },
    "<": [(f"{_TAG}merge", pattern(r"<<"))],
}
for _resolvers in _Loader.yaml_implicit_resolvers.values():  # PyYAML matches at the beginning, and has to match it all
    _resolvers[:] = [(tag, pattern(rf"(?:{found.pattern})\Z")) for tag, found in _resolvers]


def _is_deep(text: str) -> bool:
    """Whether a document is nested too deep to be composed, which libyaml does by recursion until the process dies."""
    if text.count("[") + text.count("{") < MOST_SAFE and all(len(line) < MOST_SAFE for line in text.splitlines()):
        return False  # no deeper than it has brackets, or a line has characters before its first word
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_SAFE:
            return True
    return False


def compose(text: str, where: str) -> tuple[yaml.Node | None, list[str]]:
    """The document's nodes, each with its line, and what is wrong with them; None if it is empty or unreadable."""
    try:
        if _is_deep(text):
            return None, [f"{where}:1: nested more than {MOST_DEPTH} deep. Look for a bracket or a space too many"]
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line, fault = _broken(text, error)
        return None, [f"{where}:{line}: {fault}"]
    except yaml.reader.ReaderError as error:
        line = text.encode("utf-8", "replace").count(b"\n", 0, error.position) + 1
        return None, [f"{where}:{line}: a character that may not stand in YAML ({error.reason}). Remove it"]
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return None, [f"{where}:1: this is not YAML ({type(error).__name__}). Compare it with a file like it"]
    if root is None:
        return None, []
    walk = _Walk(where)
    walk.over(root)
    return None if walk.is_unusable else root, walk.faults


def _broken(text: str, error: yaml.MarkedYAMLError) -> tuple[int, str]:
    """The line where the mend belongs, and why the parser gave up there, which may be further down."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return 1, f"this is not YAML ({error.problem}). Compare it with a file like it"
    line = mark.line + 1
    written = text.splitlines()[mark.line : line]
    if any("\t" in one[: len(one) - len(one.lstrip())] for one in written):
        return line, "a tab stands in front of the text. Use spaces"
    opened = _opened(text, error, mark)
    if opened is None:
        return line, f"this is not YAML ({error.problem}). Mend the line or put its text in quotes"
    begin, what, mend = opened
    at = f" in line {line}" if line != begin else ""
    return begin, f"the {what} that opens here is not closed ({error.problem}{at}). {mend}"


def _opened(text: str, error: yaml.MarkedYAMLError, mark: yaml.Mark) -> tuple[int, str, str] | None:
    """Line, name and mend of the bracket the parser was in, or of the quote that took in what is before `mark`."""
    context = error.context or ""
    if error.context_mark and "quoted scalar" in context and "end of stream" in str(error.problem):
        return error.context_mark.line + 1, "quote", "Close it"
    brackets: list[yaml.Mark] = []
    quote: yaml.Mark | None = None
    try:
        for token in yaml.scan(text, Loader=_Loader):
            start = token.start_mark
            if (start.line, start.column) >= (mark.line, mark.column):
                break
            if isinstance(token, yaml.FlowSequenceStartToken | yaml.FlowMappingStartToken):
                brackets.append(start)
            elif isinstance(token, yaml.FlowSequenceEndToken | yaml.FlowMappingEndToken):
                del brackets[-1:]
            elif isinstance(token, yaml.ScalarToken) and token.style in {"'", '"'}:
                # A text that goes on over lines and ends in the one that cannot be read took in what was not meant.
                quote = start if start.line < token.end_mark.line == mark.line else None
    except yaml.MarkedYAMLError:
        pass  # the error that is being told
    if quote and context.startswith("while parsing"):
        return quote.line + 1, "quote", "Close it"
    is_flow = brackets and context.startswith("while parsing a flow")
    return (brackets[-1].line + 1, "bracket", "Close it, or look for a comma that is missing") if is_flow else None


class _Walk:
    """Goes over the nodes of one document, each once, aliases included."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.faults: list[str] = []
        self.is_unusable = False
        """No value can be made of the document, or none that a program can walk through."""
        self.sizes: dict[int, int] = {}
        """A node's identity to the number of values at and below it."""
        self.open: set[int] = set()

    def over(self, node: yaml.Node, depth: int = 0) -> None:
        """Note everything that is wrong in and below a node."""
        name = id(node)
        if name in self.open:
            self._refuse(node, "an alias stands inside what it stands for. Write the values out")
        if name in self.open or name in self.sizes:
            return
        if depth > MOST_DEPTH:
            self._refuse(node, f"nested more than {MOST_DEPTH} deep. Look for a bracket or a space too many")
            return
        self.open.add(name)
        children: list[yaml.Node] = []
        if isinstance(node, yaml.ScalarNode):
            self._scalar(node)
        elif node.tag not in {f"{_TAG}map", f"{_TAG}seq"} or not isinstance(node, _KINDS[node.tag]):
            self._refuse(node, f"the tag {node.tag.removeprefix(_TAG)} may not stand here. Remove it")
        elif isinstance(node, yaml.MappingNode):
            self._keys(node)
            children = [value for _, value in node.value]
        else:
            children = node.value
        for child in children:
            self.over(child, depth + 1)
        self.open.discard(name)
        self.sizes[name] = 1 + sum(self.sizes.get(id(child), 1) for child in children)
        if depth == 0 and self.sizes[name] > MOST_NODES:
            self._refuse(node, f"aliases of aliases come to {self.sizes[name]:,} values. Write the values out")

    def _note(self, node: yaml.Node, fault: str) -> None:
        self.faults.append(f"{self.where}:{node.start_mark.line + 1}: {fault}")

    def _refuse(self, node: yaml.Node, fault: str) -> None:
        self.is_unusable = True
        self._note(node, fault)

    def _keys(self, node: yaml.MappingNode) -> None:
        seen: set[str] = set()
        for key, value in node.value:
            if key.tag == f"{_TAG}merge":
                parts = value.value if isinstance(value, yaml.SequenceNode) else [value]
                if not all(isinstance(part, yaml.MappingNode) for part in parts):
                    self._refuse(key, "<< takes the fields of a mapping, and this is none. Give it an alias of one")
            elif not isinstance(key, yaml.ScalarNode):
                self._refuse(key, "a list or a mapping is no key. Look for a question mark or a bracket too many")
            elif key.tag != f"{_TAG}str":
                self._note(key, f"the key {key.value} is not text. Put it in quotes")
                key.tag = f"{_TAG}str"  # so that whatever else is wrong with the document is found, too
            elif key.value in seen:
                self._note(key, f"{key.value} is given twice. Keep one of the two")
            else:
                seen.add(key.value)

    def _scalar(self, node: yaml.ScalarNode) -> None:
        kind, text = node.tag.removeprefix(_TAG), node.value
        resolvers = _Loader.yaml_implicit_resolvers.get(text[:1], [])
        if kind != "str" and not any(tag == node.tag and found.match(text) for tag, found in resolvers):
            self._refuse(node, f"{_short(text)} may not have the tag {kind}. Remove the tag")
        elif kind == "int" and len(text.lstrip("-")) > MOST_DIGITS:
            self._refuse(node, f"a number of {len(text)} digits. Use fewer, or put it in quotes")
        elif kind == "float" and not math.isfinite(float(text)):
            self._refuse(node, f"the number {_short(text)} is too large. Use a smaller one")


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:37]}...")


def parse(text: str, where: str) -> tuple[Any, list[str]]:
    """The document in `text`, and what is wrong with it as ``where:line: problem. mend``; None if unreadable."""
    root, faults = compose(text, where)
    if root is None:
        return None, faults
    try:
        return _construct(root), faults
    except (yaml.YAMLError, ValueError, TypeError) as error:
        return None, [
            *faults,
            f"{where}:1: this cannot be read ({type(error).__name__}). Compare it with a file like it",
        ]


def _construct(root: yaml.Node) -> Any:
    loader = _Loader("")
    try:
        return loader.construct_document(root)
    finally:
        loader.dispose()


def read(path: Path, where: str) -> tuple[Any, list[str]]:
    """The same for a file; `where` is how messages name it."""
    text, faults = text_of(path, where)
    return (None, faults) if text is None else parse(text, where)


def text_of(path: Path, where: str) -> tuple[str | None, list[str]]:
    """A file's text, or None and why it has none, in the same form as everything that is wrong with it."""
    try:
        return path.read_text("utf-8"), []
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return None, [f"{where}:{line}: this is not UTF-8 ({error.reason}). Save it as UTF-8"]
    except OSError as error:
        return None, [f"{where}: it cannot be read ({error.strerror}). Put the file back, or mend its permissions"]


def load(path: Path, root: Path = ROOT) -> Any:
    """The document of a file that has to be sound; raises ContentError with the first thing that is wrong."""
    where = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
    document, faults = read(path, where)
    if faults:
        raise error_of(faults[0])
    return document


def error_of(line: str) -> ContentError:
    """A line ``where: problem. mend`` as the error that prints it."""
    where, _, rest = line.partition(": ")
    problem, _, mend = rest.partition(". ")
    return ContentError(where, problem, mend)


def key_lines(path: Path) -> dict[tuple[str, ...], int]:
    """The keys of a file's mappings and the items of its lists, each with those above it, to their lines.

    Items are counted from 0. What is merged into a mapping has the line where it is written. {} for a file that cannot
    be read.
    """
    text, _ = text_of(path, "")
    root, _ = compose(text or "", "")
    return dict(_key_lines(root, ())) if root is not None else {}


def _key_lines(node: yaml.Node, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            path = (*above, str(number))
            yield path, item.start_mark.line + 1
            yield from _key_lines(item, path)
    elif isinstance(node, yaml.MappingNode):
        merged = [value for key, value in node.value if key.tag == f"{_TAG}merge"]
        for part in merged:  # first, because a mapping's own fields stand above what is merged into it
            for one in part.value if isinstance(part, yaml.SequenceNode) else [part]:
                yield from _key_lines(one, above)
        for key, value in node.value:
            if key.tag != f"{_TAG}merge":
                path = (*above, str(key.value))
                yield path, key.start_mark.line + 1
                yield from _key_lines(value, path)


class Places:
    """Where the fields of a tree's files stand; a file is looked through when somebody first asks."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lines: dict[str, Mapping[str, int]] = {}
        """A file to its dotted paths and their lines."""

    def at(self, where: str, field: str) -> str:
        """``where:line`` of a field, or else of what it would stand in; `where` alone for the whole file."""
        if where not in self._lines:
            self._lines[where] = {".".join(path): line for path, line in key_lines(self._root / where).items()}
        lines = self._lines[where]
        while field and field not in lines:
            field = field.rpartition(".")[0]
        return f"{where}:{lines[field]}" if field else where

    def told(self, where: str, faults: Iterable[Fault]) -> Iterator[str]:
        """Each fault of a file as ``where:line: problem. mend``."""
        yield from (f"{self.at(where, field)}: {line}" for field, line in faults)
