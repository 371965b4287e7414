"""The bundle: what is in the zip that runs on AWS, and that it stands on its own."""

import ast
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from content_reader import documents
from stretch_coach.library import Library
from tools.dependencies import fetch
from tools.publish import bundle
from tools.publish.bundle_licences import BundleError, licences

pytestmark = pytest.mark.xdist_group("bundle")

RUNTIME_BRINGS = {"boto3", "botocore"}
NEVER_IMPORTED = {"ask_sdk_core/api_client.py", "dateutil/zoneinfo/rebuild.py"}
"""The one calls Alexa's service APIs with `requests`, the other is dateutil's own build step."""


@pytest.fixture(name="archive", scope="session")
def _archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle") / "lambda"
    assert bundle.run(["--out", str(folder)]) == 0
    return folder.with_name("lambda.zip")


def test_the_same_sources_give_the_same_bytes(archive: Path, tmp_path: Path) -> None:
    """Built a second time, in another folder, the zip is the same to the byte."""
    assert bundle.run(["--out", str(tmp_path / "elsewhere" / "again")]) == 0
    assert (tmp_path / "elsewhere" / "again.zip").read_bytes() == archive.read_bytes()


def test_it_holds_what_runs_and_nothing_else(archive: Path) -> None:
    """Code, compiled content, packages and licences are in; tests, tools, caches, metadata and boto3 are not."""
    with zipfile.ZipFile(archive) as zipped:
        names = zipped.namelist()
    roots = {name.partition("/")[0] for name in names}
    assert roots - {"__pycache__"} == {
        *("lambda_function.py", "stretch_coach", "licenses", "six.py", "dateutil"),
        *("ask_sdk_core", "ask_sdk_model", "ask_sdk_runtime"),
    }
    assert {name for name in names if name.startswith("stretch_coach/")} >= {
        f"stretch_coach/{path.relative_to(documents.ROOT / 'lambda' / 'stretch_coach').as_posix()}"
        for path in (documents.ROOT / "lambda" / "stretch_coach").rglob("*")
        if path.is_file() and path.suffix != ".pyc" and path.name not in bundle.NEVER
    }
    folders = {part for name in names for part in name.split("/")[:-1]}
    assert not folders & (bundle.NEVER - {"__pycache__"})
    assert not [name for name in names if name.rpartition("/")[2].startswith(("test_", "conftest"))]


def test_its_content_is_the_library(archive: Path) -> None:
    """The compiled content in the zip is what content/ holds now."""
    with zipfile.ZipFile(archive) as zipped:
        packed = Library.from_documents(json.loads(zipped.read(bundle.LIBRARY)))
    assert packed.version == documents.load_library().version


def test_every_package_brings_its_licence(archive: Path) -> None:
    """Each third-party package in the zip has a licence text, and so have we."""
    with zipfile.ZipFile(archive) as zipped:
        texts = {name.split("/")[1] for name in zipped.namelist() if name.startswith("licenses/")}
        assert all(len(zipped.read(name)) > 1000 for name in zipped.namelist() if name.startswith("licenses/"))
    assert {text.rpartition("-")[0] for text in texts} == {
        *("ask-sdk-core", "ask-sdk-model", "ask-sdk-runtime", "python-dateutil", "six", "stretch"),
    }


def test_a_package_without_terms_is_refused(tmp_path: Path) -> None:
    """A package that neither ships a licence nor names one that we have stops the build."""
    info = tmp_path / "mystery-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mystery\nVersion: 1.0\n", "utf-8")
    with pytest.raises(BundleError, match=r"mystery-1\.0: ships no licence"):
        licences(tmp_path, (), bundle.ROOT / "LICENSE")


def test_bytecode_is_there_and_never_stale(archive: Path) -> None:
    """Every module has bytecode of the Lambda's Python that is taken unchecked and names no folder of the builder."""
    if fetch.find_python() is None:
        pytest.skip(f"no Python {fetch.RUNTIME} on this machine, so the bundle holds no bytecode")
    with zipfile.ZipFile(archive) as zipped:
        names = set(zipped.namelist())
        for name in (name for name in names if name.endswith(".py")):
            folder, _, file = name.rpartition("/")
            place = f"{folder}/__pycache__" if folder else "__pycache__"
            compiled = zipped.read(f"{place}/{file.removesuffix('.py')}.cpython-313.pyc")
            assert compiled[4:8] == b"\1\0\0\0", f"{name}: not an unchecked hash"
            assert f"{bundle.TASK_ROOT}/{name}".encode() in compiled
            assert str(archive.parent).encode() not in compiled


@pytest.mark.filterwarnings("ignore:invalid escape sequence")  # in the SDK's own sources
def test_it_imports_nothing_that_is_missing(archive: Path) -> None:
    """Every import in the zip, late ones included, finds its module there, in Python, or in the runtime."""
    with zipfile.ZipFile(archive) as zipped:
        sources = {name: zipped.read(name).decode() for name in zipped.namelist() if name.endswith(".py")}
    at_hand = {name.partition("/")[0].removesuffix(".py") for name in sources} | RUNTIME_BRINGS
    at_hand |= sys.stdlib_module_names | {"mypy_boto3_dynamodb", "content_reader"}
    missing = {
        name: roots - at_hand
        for name, text in sources.items()
        if name not in NEVER_IMPORTED and (roots := _imported(text)) - at_hand
    }
    # Asked for in vain on purpose: Python 2's names behind `try`, and names only type checkers look at.
    assert {root for roots in missing.values() for root in roots} <= {"StringIO", "bool", "str"}


def test_nothing_unique_is_made_at_the_start(archive: Path) -> None:
    """SnapStart starts every copy from one snapshot of the init phase, so our code draws no random number and no id."""
    with zipfile.ZipFile(archive) as zipped:
        ours = [name for name in zipped.namelist() if name.startswith(("stretch_coach/", "lambda_function"))]
        imported = {root for name in ours if name.endswith(".py") for root in _imported(zipped.read(name).decode())}
    assert not imported & {"random", "secrets", "uuid"}


def _imported(text: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


def test_it_answers_with_a_bare_environment(archive: Path, tmp_path: Path) -> None:
    """Unpacked anywhere, with no variable set and no package installed, it imports and answers a launch."""
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(tmp_path)
    launch = json.loads((bundle.ROOT / "tests" / "requests" / "launch.json").read_text("utf-8"))["request"]
    program = (
        "import json, sys; sys.path.insert(0, '.'); import lambda_function; "
        "print(json.dumps(lambda_function.lambda_handler(json.load(sys.stdin), None)))"
    )
    python = fetch.find_python() or sys.executable
    done = subprocess.run(
        [python, "-I", "-S", "-B", "-c", program],
        cwd=tmp_path,
        env={},
        input=json.dumps(launch),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == "STRETCH_COACH_TABLE is not set: state is kept in memory and lost when this process ends\n"
    assert "<speak>" in json.loads(done.stdout)["response"]["outputSpeech"]["ssml"]


def test_without_content_it_says_what_to_do(archive: Path, tmp_path: Path) -> None:
    """Where neither compiled content nor its reader is, the import fails with a line that names both and a way out."""
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(tmp_path)
    (tmp_path / bundle.LIBRARY).unlink()
    program = "import sys; sys.path.insert(0, '.'); import lambda_function"
    python = fetch.find_python() or sys.executable
    done = subprocess.run(
        [python, "-I", "-S", "-B", "-c", program], cwd=tmp_path, env={}, capture_output=True, text=True, check=False
    )
    assert done.stderr.splitlines()[-1] == (
        "stretch_coach.errors.ContentError: lambda/stretch_coach/library.json: it is not there, and neither is "
        "content_reader. Run make bundle, or use the checkout's .venv."
    )


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    """The build never replaces a folder that holds something else."""
    (tmp_path / "letter.txt").write_text("mine", "utf-8")
    assert bundle.run(["--out", str(tmp_path)]) == 1
    assert (tmp_path / "letter.txt").read_text("utf-8") == "mine"
