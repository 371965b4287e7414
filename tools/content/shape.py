"""The shape of content files: content/schema put into words for the person who wrote the file."""

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator, SchemaError, ValidationError

from content_reader.yaml_reader import Fault, Places, text_of
from tools.content.rules import File

SCHEMAS = {
    "exercises": "exercise",
    "routines": "routine",
    "topics": "topic",
    "red_flags": "red_flag",
    "locale": "locale",
    "safety": "safety",
}
"""Kind of file to the name of its schema."""

TYPE_NAMES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping of fields",
    "null": "null",
}


def shape_problems(folder: Path, files: Sequence[File], places: Places) -> list[str]:
    """``path:line: problem. mend`` for each field that is missing, unknown or not of its kind."""
    found: list[str] = []
    for kind, name in SCHEMAS.items():
        documents = {file.where: file.document for file in files if file.kind == kind}
        found += mismatches(folder / f"{name}.schema.json", f"content/schema/{name}.schema.json", documents, places)
    return found


def mismatches(schema: Path, where: str, documents: Mapping[str, Any], places: Places) -> list[str]:
    """How documents, by path, differ from the JSON schema in a file, which messages call `where`."""
    validator, faults = _validator(schema, where)
    if validator is None:
        return faults
    found: list[str] = []
    for name, document in documents.items():
        errors = sorted(validator.iter_errors(document), key=lambda error: str(error.json_path))
        found += places.told(name, (fault for error in errors for fault in _in_words(error)))
    return found


def _validator(schema: Path, where: str) -> tuple[Draft202012Validator | None, list[str]]:
    """The schema's validator, or None and what is wrong with the schema."""
    if not schema.exists():
        return None, [f"{where}: missing. Every kind of content has a schema"]
    text, faults = text_of(schema, where)
    validator, fault = (None, "") if text is None else _of_text(text)
    return validator, [*faults, *([f"{where}{fault}"] if fault else [])]


@cache
def _of_text(text: str) -> tuple[Draft202012Validator | None, str]:
    """The same for a schema's text: ``:line: problem. mend`` without the path."""
    try:
        document = json.loads(text)
        Draft202012Validator.check_schema(document)
    except json.JSONDecodeError as error:
        return None, f":{error.lineno}: this is not JSON ({error.msg}). Mend the line"
    except (SchemaError, ValueError, RecursionError) as error:
        what = str(getattr(error, "message", type(error).__name__)).partition("\n")[0]
        return None, f": this is no JSON schema ({what[:120]}). Compare it with a schema beside it"
    return Draft202012Validator(document), ""


def _in_words(error: ValidationError) -> Iterator[Fault]:
    schema: Any = error.schema
    path = _dotted(error.absolute_path)
    if path == "reviewed":
        return  # rules.py asks more of it than its shape
    if error.validator == "additionalProperties":
        known, given = schema.get("properties", {}), cast("Mapping[str, Any]", error.instance)
        yield from ((_dotted((path, name)), _unknown(name, path, known)) for name in given if name not in known)
    elif "propertyNames" in error.absolute_schema_path:
        yield from ((_dotted((path, error.instance)), line) for line in _of_value(error, "a name"))
    else:
        yield from ((path, line) for line in _of_value(error, path))


def _dotted(parts: Iterable[object]) -> str:
    return ".".join(str(part) for part in parts if part != "")


def _of_value(error: ValidationError, path: str) -> Iterator[str]:
    schema: Any = error.schema
    value: Any = error.instance
    limit: Any = error.validator_value
    hint = schema.get("description", "")
    within = f" in {path}" if path else ""
    match error.validator:
        case "required":
            yield from (_missing(schema, name, within) for name in limit if error.message.startswith(f"{name!r} is "))
        case "dependentRequired":
            lacking = [(name, other) for name, others in limit.items() for other in others if name in value]
            yield from (f"{name} is given{within}, and {other} is not. Give both or neither"
                        for name, other in lacking if other not in value)  # fmt: skip
        case "enum":
            yield f"{path} is {_show(value)}. Use one of {_one_of(limit)}"
        case "const":
            yield f"{path} is {_show(value)}. Write {_show(limit)}, or remove it"
        case "type":
            kinds = [limit] if isinstance(limit, str) else limit
            wanted = " or ".join(TYPE_NAMES[kind] for kind in kinds)
            yield _line(f"{path} is {_show(value)}, which is not {wanted}", *_retyped(schema, value, kinds))
        case "minimum" | "maximum":
            yield _line(f"{path} is {value}", f"Write a number {_range(schema)}", hint)
        case "minLength" | "minItems" | "minProperties":
            yield _line(f"{path} is empty or too short", *_mends("Fill it in", hint))
        case "maxItems" | "maxLength" | "maxProperties":
            yield _line(f"{path} is too long", *_mends(f"Shorten it to {limit} at most", hint))
        case "uniqueItems":
            yield f"{path} names something twice. Keep one of them"
        case "pattern":
            form = f"Write it like this: {hint[:1].lower()}{hint[1:]}" if hint else f"Make it match {limit}"
            yield _line(f"{path} is {_show(value)}, which is not how it is written", form)
        case _:
            yield _line(f"{path} does not have one of its forms", hint or "Compare it with content/schema")


def _mends(mend: str, hint: str) -> Sequence[str]:
    """What to do, and then what the field is; only the latter where a schema says in it what to write."""
    return [hint] if hint.startswith(("Write ", "Give ")) else [mend, hint]


def _retyped(schema: Any, value: object, kinds: Sequence[str]) -> Sequence[str]:
    hint = schema.get("description", "")
    if "string" in kinds and isinstance(value, bool | int | float):
        return ["Put it in quotes", "" if hint.startswith("Write ") else hint]
    return _mends(f"Write {', or '.join(_example(schema, kind, value) for kind in kinds)}", hint)


def _example(schema: Any, kind: str, value: object) -> str:
    """A kind of value with one that would do."""
    name = TYPE_NAMES[kind]
    if kind in {"integer", "number"}:
        meant = int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,4}", value) else 8
        return f"{name}, such as {min(max(meant, schema.get('minimum', meant)), schema.get('maximum', meant))}"
    if kind == "object" and schema.get("properties"):
        return f"{name}, such as {{{next(iter([*schema.get('required', ()), *schema['properties']]))}: …}}"
    if kind == "array" and (known := schema.get("items", {}).get("enum")):
        return f"{name}, such as [{known[0]}]"
    return name


def _range(schema: Any) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is None or high is None:
        return f"up to {high}" if low is None else f"from {low}"
    return f"from {low} to {high}"


def _missing(schema: Any, name: str, within: str) -> str:
    hint = schema.get("properties", {}).get(name, {}).get("description", "")
    return _line(f"the field {name} is missing{within}", f"Add {name}:", hint)


def _unknown(name: str, path: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"unknown field {name}{f' in {path}' if path else ''}. " + (
        f"Did you mean {close[0]}?" if close else "Remove it"
    )


def _show(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _one_of(values: Sequence[object]) -> str:
    return ", ".join("null" if value is None else str(value) for value in values)


def _line(problem: str, *mends: str) -> str:
    return f"{problem}. {' '.join(f'{mend}'.rstrip('.') + '.' for mend in mends if mend)}".rstrip(".")
