"""Lay out the skill package as ASK CLI expects it.

``python -m tools skill-package`` writes ``build/skill-package/`` (``skill.json``, ``interactionModels/custom/``,
``assets/images/``) and ``build/ask-resources.json`` beside it; ``--endpoint ARN`` names the Lambda, ``--out`` another
folder. Needs no account.
"""

import argparse
import shutil
import struct
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from tools.model import ROOT, dumps, models
from tools.model_rules import problems
from tools.skill_manifest import ICONS, build_manifest, manifest_problems

NAME = "python -m tools skill-package"
ICON_SIZES = {"smallIconUri": 108, "largeIconUri": 512}
SKY, LEAF = (31, 78, 95), (144, 224, 174)
"""The icon's colors, as red, green, blue."""


def files(source: dict[str, Any], built: dict[str, dict[str, Any]], endpoint: str | None = None) -> dict[str, bytes]:
    """Path inside the package to content."""
    manifest = build_manifest(source, list(built), endpoint)
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
    parser.add_argument("--endpoint", help="ARN of the Lambda function")
    parser.add_argument("--site", help="address under which /privacy and /terms are published")
    options = parser.parse_args(argv)
    source = yaml.safe_load((ROOT / "interaction_model" / "skill.source.yaml").read_text("utf-8"))
    source |= {"site": options.site} if options.site else {}
    built = models()
    manifest = build_manifest(source, list(built), options.endpoint)
    wrong = [f"{locale}: {line}" for locale, model in built.items() for line in problems(model)]
    wrong += manifest_problems(manifest, built)
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 1
    write(options.out, files(source, built, options.endpoint))
    print(f"wrote {options.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]))
