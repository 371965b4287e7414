"""The SSML checker that is not ours can say no."""

import pytest

from tests.integration.fetched import or_skip
from tests.unit.second_opinion import second_opinion

WRONG = (
    '<speak>one <break time="11s"/> two</speak>',
    "<speak>one & two</speak>",
    "<speak>one <shout>two</shout></speak>",
    '<speak>one <break time="1s"> two</speak>',
    "one",
)


@pytest.mark.parametrize("wrong", WRONG)
def test_it_finds_what_is_wrong(wrong: str) -> None:
    """A break that is too long, a bare ampersand, an unknown tag, an open one and no speak at all are each refused."""
    (right, found) = or_skip(lambda: second_opinion(['<speak>one <break time="10s"/> two</speak>', wrong]))
    assert right is None
    assert found
