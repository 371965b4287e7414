"""APL for Audio: a document and its data become a tree of what is to be played.

The rules are those of Amazon's reference pages ("APL for Audio": Base Component Properties, Conditional Component
Inflation, Data Sources, Mixer, Silence), as far as our documents go; everything else is refused by name.

* With `data`, each datum inflates the first of `items` whose `when` is true, with data, index and length bound;
  without it, every item whose `when` is true is inflated. A document and a Selector take the first such item.
* A Mixer lasts as long as its longest child, apart from those with duration "trimToParent", which are cut at its end.
* The parameter named payload is the whole `datasources` object; any other name is the data source of that name.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sound.apla_binding import AplaError, Context, bind
from sound.ssml import Segment, SpeechRun, SsmlError, parse, plain
from stretch_coach.speech.apla import MAX_FILES, MAX_MS

__all__ = [
    "MAX_TOTAL_MS", "AplaError", "Audio", "Mixer", "Node", "Selector", "Sequencer", "Silence", "Speech", "evaluate",
]  # fmt: skip

VERSION: Final = "0.91"
MAX_TOTAL_MS: Final = MAX_MS
"""The longest response Alexa renders (Amazon's blog on APL for Audio 0.91, February 2021)."""
MAX_AUDIO_FILES: Final = MAX_FILES
"""Audio files in one response (docs/reference/alexa-rules.md 2.6)."""

_BASE: Final = frozenset({"type", "when", "id", "description", "duration"})
_OWN: Final = {
    "Speech": frozenset({"content", "contentType"}),
    "Silence": frozenset[str](),
    "Audio": frozenset({"source"}),
    "Sequencer": frozenset({"data", "item", "items"}),
    "Mixer": frozenset({"data", "item", "items"}),
    "Selector": frozenset({"data", "item", "items", "strategy"}),
}


@dataclass(frozen=True, slots=True)
class Speech:
    segments: tuple[Segment, ...]
    trim: bool = False
    """Cut at the end of the Mixer it stands in."""


@dataclass(frozen=True, slots=True)
class Silence:
    ms: int


@dataclass(frozen=True, slots=True)
class Audio:
    source: str
    trim: bool = False


@dataclass(frozen=True, slots=True)
class Sequencer:
    """Plays its children one after another."""

    children: tuple["Node", ...]
    trim: bool = False


@dataclass(frozen=True, slots=True)
class Mixer:
    """Plays its children at the same time."""

    children: tuple["Node", ...]
    trim: bool = False


@dataclass(frozen=True, slots=True)
class Selector:
    """Plays the first child that suits, if there is one."""

    child: "Node | None"
    trim: bool = False


Node = Speech | Silence | Audio | Sequencer | Mixer | Selector


def evaluate(document: Mapping[str, Any], datasources: Mapping[str, Any]) -> Node:
    """The tree that `document` plays with `datasources`.

    Raises AplaError for anything Alexa would refuse, and for what is beyond this evaluator (filters, bind, resources,
    compositions, operators other than == and !=).
    """
    template = _main_template(document)
    context = _context(template.get("parameters", []), datasources)
    where = "mainTemplate"
    node = _first(_items(template, where), context, where)
    if node is None:
        raise AplaError(
            f"{where}: no item whose `when` is true, so nothing would play. Add a last item without `when`."
        )
    _check_sound(node)
    return node


def leaves(node: Node) -> Iterator[Speech | Silence | Audio]:
    """Every Speech, Silence and Audio of a tree, in document order."""
    match node:
        case Sequencer(children) | Mixer(children):
            for child in children:
                yield from leaves(child)
        case Selector(child):
            if child is not None:
                yield from leaves(child)
        case Speech() | Silence() | Audio():
            yield node


def _main_template(document: Mapping[str, Any]) -> Mapping[str, Any]:
    if document.get("type") != "APLA":
        raise AplaError(f'document: type {document.get("type")!r}. Write "APLA".')
    if document.get("version") != VERSION:
        raise AplaError(f'document: version {document.get("version")!r}. Write "{VERSION}", the current one.')
    _refuse_unknown(document, {"type", "version", "description", "mainTemplate"}, "document")
    template = document.get("mainTemplate")
    if not isinstance(template, Mapping):
        raise AplaError("document: no mainTemplate. Add one with parameters and items.")
    _refuse_unknown(template, {"parameters", "description", "item", "items"}, "mainTemplate")
    return template


def _context(parameters: Sequence[Any], datasources: Mapping[str, Any]) -> Context:
    context = {}
    for name in parameters:
        if name != "payload" and name not in datasources:
            raise AplaError(f"mainTemplate: no data source for parameter {name!r}. Send one of that name.")
        context[name] = datasources if name == "payload" else datasources[name]
    return context


def _refuse_unknown(component: Mapping[str, Any], known: set[str] | frozenset[str], where: str) -> None:
    for name in component:
        if name in {"filter", "filters"}:
            raise AplaError(f"{where}: filters are not supported. Bake the effect into the sound, or leave it out.")
        if name not in known:
            raise AplaError(f"{where}: property {name!r} is not supported. Use {', '.join(sorted(known))}.")


def _items(component: Mapping[str, Any], where: str) -> Sequence[Any]:
    if ("item" in component) == ("items" in component):
        raise AplaError(f"{where}: needs item or items, and not both.")
    items = component.get("items", component.get("item"))
    return items if isinstance(items, list | tuple) else [items]


def _wanted(item: Any, context: Context, where: str) -> bool:
    if not isinstance(item, Mapping):
        raise AplaError(f"{where}: {item!r} is not a component. Write an object with a type.")
    when = bind(item.get("when", True), context, f"{where}.when")
    if not isinstance(when, bool):
        raise AplaError(f"{where}.when: {when!r} is neither true nor false. Compare with == or !=.")
    return when


def _first(items: Sequence[Any], context: Context, where: str) -> Node | None:
    for index, item in enumerate(items):
        if _wanted(item, context, f"{where}.items[{index}]"):
            return _inflate(item, context, f"{where}.items[{index}]")
    return None


def _inflate(component: Mapping[str, Any], context: Context, where: str) -> Node:
    kind = component.get("type")
    if kind not in _OWN:
        raise AplaError(f"{where}: component {kind!r} is not supported. Use {', '.join(_OWN)}.")
    where = f"{where} ({kind})"
    _refuse_unknown(component, _BASE | _OWN[kind], where)
    if kind == "Silence":
        return Silence(_silence_ms(component, context, where))
    trim = _trim(component, where)
    match kind:
        case "Speech":
            return Speech(_segments(component, context, where), trim)
        case "Audio":
            return Audio(_text(component, "source", context, where), trim)
        case "Sequencer":
            return Sequencer(_sequence(component, context, where), trim)
        case "Mixer":
            return Mixer(_mixture(component, context, where), trim)
        case _:
            return Selector(_selected(component, context, where), trim)


def _trim(component: Mapping[str, Any], where: str) -> bool:
    duration = component.get("duration", "auto")
    if duration not in {"auto", "trimToParent"}:
        raise AplaError(f'{where}: duration {duration!r}. Write "auto" or "trimToParent"; only Silence takes a number.')
    return bool(duration == "trimToParent")


def _silence_ms(component: Mapping[str, Any], context: Context, where: str) -> int:
    duration = bind(component.get("duration"), context, f"{where}.duration")
    if isinstance(duration, bool) or not isinstance(duration, int) or duration < 0:
        raise AplaError(f"{where}: duration {duration!r}. Give a whole number of milliseconds.")
    return duration


def _text(component: Mapping[str, Any], name: str, context: Context, where: str) -> str:
    text = bind(component.get(name), context, f"{where}.{name}")
    if not isinstance(text, str) or not text.strip():
        raise AplaError(f"{where}: {name} {text!r} is not text. Give it some, or leave the component out with `when`.")
    return text


def _segments(component: Mapping[str, Any], context: Context, where: str) -> tuple[Segment, ...]:
    content = _text(component, "content", context, where)
    kind = component.get("contentType", "PlainText")
    if kind == "SSML":
        try:
            segments = parse(content)
        except SsmlError as error:
            raise AplaError(f"{where}.content: {error}") from None
    elif kind == "PlainText":
        if "<speak" in content:
            raise AplaError(f'{where}: SSML in plain text would be read out. Set contentType to "SSML".')
        segments = plain(content)
    else:
        raise AplaError(f'{where}: contentType {kind!r}. Write "PlainText" or "SSML".')
    if not any(isinstance(segment, SpeechRun) for segment in segments):
        raise AplaError(f"{where}: content {content!r} has no words. Use Silence for a pause, Audio for a sound.")
    return segments


def _children(component: Mapping[str, Any], context: Context, where: str) -> Iterator[tuple[Node, str]]:
    items = _items(component, where)
    if "data" not in component:
        for index, item in enumerate(items):
            if _wanted(item, context, f"{where}.items[{index}]"):
                yield _inflate(item, context, f"{where}.items[{index}]"), f"{where}.items[{index}]"
        return
    for at, inner in _each_datum(component, context, where):
        child = _first(items, inner, at)
        if child is not None:
            yield child, at


def _each_datum(component: Mapping[str, Any], context: Context, where: str) -> Iterator[tuple[str, Context]]:
    data = bind(component["data"], context, f"{where}.data")
    if not isinstance(data, list | tuple):
        raise AplaError(f"{where}.data: {data!r} is not an array. Bind an array.")
    for index, datum in enumerate(data):
        yield f"{where}.data[{index}]", {**context, "data": datum, "index": index, "length": len(data)}


def _sequence(component: Mapping[str, Any], context: Context, where: str) -> tuple[Node, ...]:
    children = []
    for child, at in _children(component, context, where):
        if not isinstance(child, Silence) and child.trim:
            raise AplaError(f"{at}: trimToParent in a Sequencer trims nothing. Put it into a Mixer, or leave it out.")
        children.append(child)
    return tuple(children)


def _mixture(component: Mapping[str, Any], context: Context, where: str) -> tuple[Node, ...]:
    children = tuple(child for child, _ in _children(component, context, where))
    if children and all(not isinstance(child, Silence) and child.trim for child in children):
        raise AplaError(f"{where}: every child is trimmed to a Mixer that has no length. Leave one child untrimmed.")
    return children


def _selected(component: Mapping[str, Any], context: Context, where: str) -> Node | None:
    if component.get("strategy", "normal") != "normal":
        raise AplaError(f"{where}: strategy {component['strategy']!r} plays by chance. Only normal is supported.")
    items = _items(component, where)
    if "data" not in component:
        return _first(items, context, where)
    for at, inner in _each_datum(component, context, where):
        child = _first(items, inner, at)
        if child is not None:
            return child
    return None


def _check_sound(node: Node) -> None:
    parts = tuple(leaves(node))
    if not any(isinstance(part, Speech | Audio) for part in parts):
        raise AplaError("document: nothing but Silence. Alexa plays Silence only together with Speech or Audio.")
    files = sum(isinstance(part, Audio) for part in parts)
    if files > MAX_AUDIO_FILES:
        raise AplaError(f"document: {files} audio files, at most {MAX_AUDIO_FILES} are allowed. Join some.")
