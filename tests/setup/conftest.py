"""Clones share what they have downloaded, so that each test takes seconds."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.setup.clean import Clone

Cloned = Callable[..., Clone]


@pytest.fixture(name="downloads", scope="session")
def _downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(name="clone")
def _clone(downloads: Path, tmp_path: Path) -> Clone:
    """A fresh clone beside a cache that other clones have filled."""
    return Clone.make(tmp_path, UV_CACHE_DIR=str(downloads))
