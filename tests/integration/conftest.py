"""The servers of the integration tests: each started once a session, and only when a test asks for it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration import servers
from tests.integration.fetched import or_skip


def _running(prepare: Callable[[Path], servers.Server], folder: Path) -> Iterator[servers.Server]:
    server = or_skip(lambda: prepare(folder))
    try:
        server.start()
        server.create_table()
        yield server
    finally:
        server.kill()


@pytest.fixture(name="dynamodb_local", scope="session")
def _dynamodb_local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    yield from _running(servers.dynamodb_local, tmp_path_factory.mktemp("dynamodb-local"))


@pytest.fixture(name="ministack", scope="session")
def _ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    yield from _running(servers.ministack, tmp_path_factory.mktemp("ministack"))
