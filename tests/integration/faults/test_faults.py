"""The skill over a real database through a network that misbehaves in every way the proxy knows."""

import pytest

from stretch_coach.library import Library
from tests.integration.faults import campaign
from tests.integration.faults.proxy import Fault
from tests.integration.faults.talk import TALK
from tests.integration.servers import Server

pytestmark = pytest.mark.xdist_group("dynamodb_local")


@pytest.fixture(name="results", scope="module")
def _results(library: Library, dynamodb_local: Server) -> list[campaign.Result]:
    return campaign.run(library, dynamodb_local, campaign.cases())


@pytest.mark.parametrize("fault", campaign.FAULTS)
def test_fault_at_every_turn(fault: Fault, results: list[campaign.Result]) -> None:
    """Each turn is answered in time, the notice comes once where something was not saved, and the table catches up."""
    mine = [result for result in results if result.case.fault is fault]
    assert len(mine) == len(TALK) + 1
    assert [(result.case.turns, result.problems) for result in mine if result.problems] == []
