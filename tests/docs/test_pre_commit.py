"""What is run before a commit is what is run by hand."""

from pathlib import Path

from content_reader.yaml_reader import load

CONFIG = Path(__file__).resolve().parents[2] / ".pre-commit-config.yaml"


def test_the_hook_runs_make_check_and_downloads_nothing() -> None:
    """There is one hook, it is `make check` for the whole tree, and it brings no environment of its own."""
    (repository,) = load(CONFIG)["repos"]
    (hook,) = repository["hooks"]
    assert repository["repo"] == "local"
    assert (hook["entry"], hook["language"]) == ("make check", "system")
    assert hook["always_run"]
    assert not hook["pass_filenames"]
