"""Lay out the skill package as ASK CLI expects it.

``python -m tools skill-package`` writes ``build/skill-package/`` (``skill.json``, ``interactionModels/custom/``,
``assets/images/``) and ``build/ask-resources.json`` beside it; ``--endpoint ARN`` names the Lambda, ``--out`` another
folder. ``--check`` goes over the package as it then lies there, with Amazon's own schemas. Needs no account.
"""

import argparse
import shutil
import struct
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from content_reader.yaml_reader import load
from stretch_coach.errors import ContentError
from tools.dependencies import fetch
from tools.publish import model_source, package_check, smapi_schema
from tools.publish.model import ROOT, dumps, models
from tools.publish.model_rules import problems
from tools.publish.package_check import ICON_SIZES
from tools.publish.skill_manifest import ENDPOINT_REGIONS, ICONS, build_manifest, manifest_problems, without_endpoint

NAME = "python -m tools skill-package"
SKY, LEAF = (31, 78, 95), (144, 224, 174)
"""The icon's colors, as red, green, blue."""


def files(manifest: dict[str, Any], built: dict[str, dict[str, Any]]) -> dict[str, bytes]:
    """Path inside the package to content."""
    package = {"skill.json": dumps(manifest).encode()}
    package |= {f"interactionModels/custom/{locale}.json": dumps(model).encode() for locale, model in built.items()}
    for field, size in ICON_SIZES.items():
        image = icon(size)
        package |= {f"assets/images/{locale}_{ICONS[field]}": image for locale in built}
    return package


def resources(folder_name: str) -> dict[str, Any]:
    """``ask-resources.json``: one profile whose metadata is the package; the Lambda is deployed by other means."""
    profile = {"skillMetadata": {"src": f"./{folder_name}"}}
    return {"askcliResourcesVersion": "2020-03-31", "profiles": {"default": profile}}


def icon(size: int) -> bytes:
    """The skill's icon as a PNG: a figure bending sideways, drawn as an arc and a head."""
    rows = b"".join(b"\0" + b"".join(bytes(_color(x / size, y / size)) for x in range(size)) for y in range(size))
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _color(x: float, y: float) -> tuple[int, int, int]:
    """The color at a place of the unit square."""
    head = (x - 0.69) ** 2 + (y - 0.27) ** 2 < 0.075**2
    from_center = ((x - 0.80) ** 2 + (y - 0.80) ** 2) ** 0.5
    body = 0.40 < from_center < 0.49 and x < 0.70 and y < 0.80
    ground = 0.79 < y < 0.85 and 0.22 < x < 0.78
    return LEAF if head or body or ground else SKY


def write(folder: Path, package: dict[str, bytes]) -> None:
    """Replace a package folder and write ``ask-resources.json`` beside it."""
    if folder.exists() and not (folder / "skill.json").exists() and any(folder.iterdir()):
        raise SystemExit(f"{folder}: holds something that is no skill package. Choose another folder with --out")
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in package.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (folder.parent / "ask-resources.json").write_text(dumps(resources(folder.name)), "utf-8")


def run(argv: Sequence[str]) -> int:
    """Write the package; 1, and nothing written, when a model or the manifest breaks a rule."""
    parser = argparse.ArgumentParser(prog=NAME, description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "skill-package", help="folder to write")
    parser.add_argument(
        "--endpoint",
        action="append",
        default=[],
        metavar="[REGION=]ARN",
        help="ARN of the Lambda function, or https address; again with EU= or FE= for listeners elsewhere",
    )
    parser.add_argument("--check", action="store_true", help="go over the package with Amazon's schemas and rules")
    parser.add_argument("--site", help="address under which /privacy and /terms are published")
    options = parser.parse_args(argv)
    try:
        built = models()
        source = dict(load(ROOT / model_source.SKILL))
    except ContentError as error:
        print(error, file=sys.stderr)
        return 1
    source |= {"site": options.site} if options.site else {}
    manifest = build_manifest(source, list(built), *_named(options.endpoint, parser))
    wrong = [f"{locale}: {line}" for locale, model in built.items() for line in problems(model)]
    wrong += manifest_problems(manifest, built)
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 1
    if "endpoint" not in manifest["manifest"]["events"]:
        print("note: without --endpoint the skill can be created, and neither answers nor hears of being disabled")
        manifest = without_endpoint(manifest)
    write(options.out, files(manifest, built))
    print(f"wrote {options.out}")
    return _check(options.out) if options.check else 0


def _named(given: Sequence[str], parser: argparse.ArgumentParser) -> tuple[str | None, dict[str, str]]:
    """The endpoint for everyone else, None without one, and those of regions."""
    regions: dict[str, str] = {}
    default: str | None = None
    for text in given:
        region, equals, uri = text.partition("=")
        if equals and region in ENDPOINT_REGIONS:
            regions[region] = uri
        elif default is None and ":" in region:
            default = text
        else:
            parser.error(f"--endpoint {text}: give one alone, and more as {', '.join(ENDPOINT_REGIONS)}=…")
    return default, regions


def _check(folder: Path) -> int:
    try:
        types = smapi_schema.definitions()
        wrong = package_check.problems(folder, types)
    except fetch.Unavailable as reason:
        print(f"note: Amazon's schemas are left out. {reason}", file=sys.stderr)
        wrong = package_check.problems(folder, None)
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"checked {folder}: {len(wrong) or 'no'} problem{'' if len(wrong) == 1 else 's'}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]))
