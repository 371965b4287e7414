"""A dry check of a skill package that lies on disk: all that can be known before Amazon sees it, without an account."""

import json
import re
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from infra.deployment import REGIONS
from tools.publish import smapi_schema
from tools.publish.model_rules import problems as model_problems
from tools.publish.skill_manifest import manifest_problems

ICON_SIZES: Mapping[str, int] = {"smallIconUri": 108, "largeIconUri": 512}
"""Manifest field to pixels, wide and high."""
MOST_MODEL_BYTES = 1_500_000
"""Amazon's limit for one locale's model, as far as it is known (docs/reference/alexa-rules.md 3.3)."""

Document = dict[str, Any]
_LAMBDA = re.compile(r"arn:aws[a-z-]*:lambda:([a-z0-9-]+):\d{12}:function:[\w-]+(:[\w-]+)?")


def problems(folder: Path, types: Document | None) -> list[str]:
    """Everything wrong with the package in `folder`, as ``place: what. How to mend it``.

    `types` are Amazon's own (`smapi_schema.definitions`); None leaves them out.
    """
    found: list[str] = []
    manifest = _read(folder / "skill.json", found)
    paths = sorted((folder / "interactionModels" / "custom").glob("*.json"))
    models = {path.stem: _read(path, found) for path in paths}
    if found:
        return found
    if types is not None:
        found += [f"skill.json: {line}" for line in smapi_schema.problems(manifest, smapi_schema.MANIFEST, types)]
        for locale, model in models.items():
            found += [f"{locale}: {line}" for line in smapi_schema.problems(model, smapi_schema.MODEL, types)]
    if found:  # the rules below take the form for granted
        return found
    found += manifest_problems(manifest, models)
    found += [f"{locale}: {line}" for locale, model in models.items() for line in model_problems(model)]
    found += [line for path in paths for line in _size(path)]
    found += _images(folder, manifest)
    found += _endpoints(manifest["manifest"])
    found += _pages(manifest["manifest"])
    found += _resources(folder)
    return found


def _read(path: Path, found: list[str]) -> Document:
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        found.append(f"{path.name}: cannot be read ({type(error).__name__}). Lay the package out anew")
        return {}
    if not isinstance(document, dict):
        found.append(f"{path.name}: no JSON object. Lay the package out anew")
        return {}
    return document


def _size(path: Path) -> Iterator[str]:
    size = path.stat().st_size
    if size > MOST_MODEL_BYTES:
        yield f"{path.name}: {size:,} bytes. At most {MOST_MODEL_BYTES:,}"


def _images(folder: Path, manifest: Mapping[str, Any]) -> Iterator[str]:
    for locale, published in manifest["manifest"]["publishingInformation"]["locales"].items():
        for field, pixels in ICON_SIZES.items():
            address = str(published.get(field, ""))
            if address.startswith("https://"):
                continue
            path = folder / address.removeprefix("file://")
            if not address.startswith("file://") or not path.is_file():
                yield f"{locale}: {field} {address!r} is not in the package. Lay the package out anew"
            elif _pixels(path) != (pixels, pixels):
                yield f"{locale}: {field} is no PNG of {pixels} by {pixels} pixels. Draw it anew"


def _pixels(path: Path) -> tuple[int, int] | None:
    head = path.read_bytes()[:24]
    if len(head) < 24 or not head.startswith(b"\x89PNG\r\n\x1a\n"):
        return None
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def _endpoints(skill: Mapping[str, Any]) -> Iterator[str]:
    requests, events = skill["apis"]["custom"], skill.get("events", {})
    if "endpoint" not in requests or not events:
        yield "endpoint: the skill has none yet, so it neither answers nor hears of being disabled. Give --endpoint"
        return
    for name in ("endpoint", "regions"):
        if requests.get(name) != events.get(name):
            yield f"{name}: events go elsewhere than requests. Name the same for both"
    for uri in (one["endpoint"]["uri"] for one in (requests, *requests.get("regions", {}).values())):
        yield from _web(uri) if uri.startswith("https://") else _lambda(uri)


def _lambda(uri: str) -> Iterator[str]:
    found = _LAMBDA.fullmatch(uri)
    if found is None:
        yield f"endpoint {uri!r}: not the ARN of a Lambda function. Use the deployment's output Endpoint"
    elif found[1] not in REGIONS:
        yield f"endpoint: Alexa does not call a Lambda in {found[1]}. Use one of {', '.join(REGIONS)}"
    elif found[2] is None:
        yield "endpoint: names no alias, and only the alias may be called. Use the deployment's output Endpoint"


def _web(uri: str) -> Iterator[str]:
    parts = urlsplit(uri)
    if parts.port not in {None, 443} or not parts.hostname or parts.query or parts.fragment:
        yield f"endpoint {uri!r}: Alexa calls a host on port 443, without a query. Mend the address"


def _pages(skill: Mapping[str, Any]) -> Iterator[str]:
    for locale, pages in skill["privacyAndCompliance"]["locales"].items():
        for field in ("privacyPolicyUrl", "termsOfUseUrl"):
            parts = urlsplit(str(pages.get(field, "")))
            host = parts.hostname or ""
            if parts.scheme != "https" or host.endswith(("example.org", "example.com")):
                yield f"{locale}: {field} does not lead to a page of yours. Give --site"


def _resources(folder: Path) -> Iterator[str]:
    path = folder.parent / "ask-resources.json"
    unread: list[str] = []
    profile = _read(path, unread).get("profiles", {}).get("default", {})
    source = profile.get("skillMetadata", {}).get("src")
    if unread or source is None or (folder.parent / source).resolve() != folder.resolve():
        yield f"{path.name}: does not name {folder.name}. Lay the package out anew"
