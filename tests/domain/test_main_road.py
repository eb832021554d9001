"""The main road under every policy: with everything done a restriction is applied, told, and limits contact."""

import pytest

from tests.domain.world import Road

LANDLORDS = ("citizen", "derby", "maidstone", "star", "wolverhampton")


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_a_case_reaches_a_restriction_that_binds(landlord: str) -> None:
    road = Road(landlord)
    restriction = road.restricted()
    bound = list(road.world.case.binding_on(road.world.today))
    assert [b.restriction.id for b in bound] == [restriction]
