"""Who may import what, checked on the running interpreter (ruff and import-linter check the source)."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LAMBDA = ROOT / "lambda"
PACKAGE = LAMBDA / "stretch_coach"

# The edges named in the design. Every other module of the package is core, so a new one is guarded from its first day.
EDGES = ("alexa", "stores/dynamodb.py", "stores/sqlite.py", "stores/deadline.py", "logs.py", "settings.py")
OTHERS = ("yaml", "boto3", "botocore", "ask_sdk_core", "ask_sdk_model", "flask", "jsonschema")
HEAVY = (*OTHERS, "bench", "content_reader", "simulator", "tools", "webservice")


def _core_files() -> list[Path]:
    files = sorted(PACKAGE.rglob("*.py"))
    return [path for path in files if not path.relative_to(PACKAGE).as_posix().startswith(EDGES)]


def _module(path: Path) -> str:
    return ".".join(path.relative_to(LAMBDA).with_suffix("").parts).removesuffix(".__init__")


CORE_MODULES = [_module(path) for path in _core_files()]

PROBE = """
import importlib, sys
importlib.import_module(sys.argv[1])
heavy = sorted(set(sys.argv[2:]) & sys.modules.keys())
sys.exit(", ".join(heavy) + " came along" if heavy else 0)
"""


def _imported_roots(path: Path) -> set[str]:
    roots = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            roots |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            roots.add((node.module or "").partition(".")[0])
    return roots


@pytest.mark.parametrize("module", CORE_MODULES)
def test_core_module_brings_nothing_heavy(module: str) -> None:
    """A core module imported alone in a fresh interpreter loads none of the heavy or unshipped packages."""
    probe = subprocess.run(
        [sys.executable, "-c", PROBE, module, *HEAVY, "lambda"],
        cwd=LAMBDA,
        capture_output=True,
        text=True,
        check=False,
    )
    assert probe.returncode == 0, probe.stderr


@pytest.mark.parametrize("module", ["understanding", "sound.playback"])
def test_what_doors_share_comes_without_a_device_or_a_voice(module: str) -> None:
    """Understanding words, and telling what is heard when, load no simulator, no voice and no SDK."""
    unwanted = {*HEAVY, "numpy", "piper"} - {module.partition(".")[0]}
    probe = subprocess.run(
        [sys.executable, "-c", PROBE, module, *unwanted], cwd=ROOT, env={"PYTHONPATH": f"{ROOT}:{LAMBDA}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert probe.returncode == 0, probe.stderr


@pytest.mark.parametrize("path", _core_files(), ids=_module)
def test_core_module_imports_only_the_standard_library(path: Path) -> None:
    """Every import statement of a core module, late ones included, names the standard library or the core."""
    strangers = _imported_roots(path) - sys.stdlib_module_names - {"stretch_coach"}
    assert not strangers


@pytest.mark.parametrize("path", _core_files(), ids=_module)
def test_core_module_never_reaches_for_an_edge(path: Path) -> None:
    """No core module imports one of the package's own edges."""
    source = path.read_text(encoding="utf-8")
    edges = [f"stretch_coach.{edge.removesuffix('.py').replace('/', '.')}" for edge in EDGES]
    froms = [" import ".join(f"from {edge}".rsplit(".", 1)) for edge in edges]
    assert not [name for name in (*edges, *froms) if name in source]


def test_the_entry_reaches_for_nothing_that_is_made_for_development() -> None:
    """lambda_function imports the skill and, for a checkout, the reader of its content; it touches no import path."""
    entry = LAMBDA / "lambda_function.py"
    assert _imported_roots(entry) - sys.stdlib_module_names == {"stretch_coach", "content_reader"}
    assert "sys" not in _imported_roots(entry)


def test_tests_read_yaml_as_everybody_does() -> None:
    """No test has a reader of its own; the template's test only writes."""
    tests = LAMBDA.parent / "tests"
    readers = {path.relative_to(tests).as_posix() for path in tests.rglob("*.py") if "yaml" in _imported_roots(path)}
    assert readers == {"infra/test_template.py"}


def test_the_guards_fire() -> None:
    """The probe fails on a module that does load something heavy, so its silence means something."""
    probe = subprocess.run(
        [sys.executable, "-c", PROBE, "yaml", *HEAVY], cwd=LAMBDA, capture_output=True, text=True, check=False
    )
    assert probe.returncode == 1
    assert "yaml came along" in probe.stderr


def test_lambda_is_a_root_and_no_package() -> None:
    """lambda/ has no __init__.py and nothing in this test run has loaded it under a second name."""
    assert not (LAMBDA / "__init__.py").exists()
    assert "lambda" not in sys.modules
    assert not [name for name in sys.modules if name.startswith("lambda.")]
