"""What Amazon's skill management API says its documents look like: ``spec.json`` of npm's ask-smapi-model.

The package (Apache-2.0) is fetched with npm and is no part of this repository: ``tools.dependencies.fetch``.
"""

import json
from typing import Any, Final

from tools.dependencies import fetch
from tools.dependencies.fetch import Unavailable

MODEL: Final = "v1.skill.interactionModel.InteractionModelData"
MANIFEST: Final = "v1.skill.Manifest.SkillManifestEnvelope"

Document = dict[str, Any]


def definitions() -> Document:
    """Every type of the API, closed to keys it does not name; raises Unavailable."""
    spec = fetch.npm("ask-smapi-model") / "ask-smapi-model" / "spec.json"
    found: Document = json.loads(spec.read_text("utf-8"))["definitions"]
    for one in found.values():
        # A base type is extended by others (allOf), so only types that stand alone can be closed.
        if "properties" in one and not {"allOf", "discriminator"} & one.keys():
            one["additionalProperties"] = False
    return found


def problems(document: object, name: str, types: Document) -> list[str]:
    """What the type `name` has against a document, as ``place: what``; raises Unavailable."""
    try:
        from jsonschema import Draft4Validator
    except ImportError as error:
        raise Unavailable("jsonschema is not installed: scripts/setup dev") from error
    validator = Draft4Validator({"$ref": f"#/definitions/{name}", "definitions": types})
    found = validator.iter_errors(document)
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in found]
