"""What every test may ask for."""

import pytest
from hypothesis import settings

from stretch_coach.library import Library
from tools.content import load_library

settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=60)
settings.load_profile("repeatable")


@pytest.fixture(name="library", scope="session")
def _library() -> Library:
    return load_library("en-US")
