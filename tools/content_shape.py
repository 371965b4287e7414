"""The shape of content files: content/schema put into words for the person who wrote the file."""

import difflib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from tools.content_rules import File

SCHEMAS = {
    "exercises": "exercise",
    "routines": "routine",
    "topics": "topic",
    "red_flags": "red_flag",
    "locale": "locale",
}
"""Kind of file to the name of its schema; what has none (safety) is checked as it is read."""

TYPE_NAMES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping of fields",
    "null": "null",
}


def shape_problems(folder: Path, files: Sequence[File]) -> list[str]:
    """``path: problem. mend`` for each field that is missing, unknown or not of its kind."""
    found: list[str] = []
    for kind, name in SCHEMAS.items():
        path = folder / f"{name}.schema.json"
        if not path.exists():
            found.append(f"content/schema/{path.name}: missing. Every kind of content has a schema")
            continue
        validator = Draft202012Validator(json.loads(path.read_text("utf-8")))
        for file in files:
            if file.kind == kind:
                errors = sorted(validator.iter_errors(file.document), key=lambda error: str(error.json_path))
                found += (f"{file.where}: {line}" for error in errors for line in _in_words(error))
    return found


def _in_words(error: ValidationError) -> Iterator[str]:
    path = ".".join(str(part) for part in error.absolute_path)
    if path == "reviewed":
        return  # content_rules asks more of it than its shape
    schema: Any = error.schema
    value: Any = error.instance
    limit: Any = error.validator_value
    hint = schema.get("description", "")
    within = f" in {path}" if path else ""
    match error.validator:
        case "required":
            yield from (_missing(schema, name, within) for name in limit if error.message.startswith(f"{name!r} is "))
        case "additionalProperties":
            known = schema.get("properties", {})
            yield from (_unknown(name, within, known) for name in value if name not in known)
        case "enum":
            yield f"{path} is {_show(value)}. Use one of {_one_of(limit)}"
        case "type":
            kinds = [limit] if isinstance(limit, str) else limit
            wanted = " or ".join(TYPE_NAMES[kind] for kind in kinds)
            yield _line(f"{path} is {_show(value)}, which is not {wanted}", hint or f"Write {wanted}")
        case "minimum" | "maximum":
            yield _line(f"{path} is {value}", f"It goes from {schema.get('minimum')} to {schema.get('maximum')}", hint)
        case "minLength" | "minItems" | "minProperties":
            yield _line(f"{path} is empty or too short", hint or "Fill it in")
        case "maxItems" | "maxLength" | "maxProperties":
            yield _line(f"{path} is too long, {limit} at most", hint or "Shorten it")
        case "uniqueItems":
            yield f"{path} names something twice. Keep one of them"
        case "pattern":
            yield _line(
                f"{path or 'a name'} is {_show(value)}, which is not how it is written", hint or f"Match {limit}"
            )
        case _:
            yield _line(f"{path} does not have one of its forms", hint or "Compare it with content/schema")


def _missing(schema: Any, name: str, within: str) -> str:
    hint = schema.get("properties", {}).get(name, {}).get("description", "")
    return _line(f"the field {name} is missing{within}", f"Add {name}:", hint)


def _unknown(name: str, within: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"unknown field {name}{within}. " + (f"Did you mean {close[0]}?" if close else "Remove it")


def _show(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _one_of(values: Sequence[object]) -> str:
    return ", ".join("null" if value is None else str(value) for value in values)


def _line(problem: str, *mends: str) -> str:
    return f"{problem}. {' '.join(f'{mend}'.rstrip('.') + '.' for mend in mends if mend)}".rstrip(".")
