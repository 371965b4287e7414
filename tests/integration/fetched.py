"""Tests of what is fetched (tools/dependencies/fetch.py): left out on a machine where it cannot be had, never in CI."""

import os
from collections.abc import Callable
from typing import TypeVar

import pytest

from tools.dependencies.fetch import Unavailable

T = TypeVar("T")


def or_skip(fetch: Callable[[], T]) -> T:
    """What `fetch` gives; skips the test where that cannot be had, and fails it under CI."""
    try:
        return fetch()
    except Unavailable as reason:
        if os.environ.get("CI"):
            pytest.fail(f"never skipped under CI: {reason}")
        pytest.skip(str(reason))
