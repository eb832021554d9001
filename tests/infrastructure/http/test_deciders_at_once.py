"""Several decide on one proposal in the same moment: one restriction comes of it, and the others are told why."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from domain.codes import CaseId
from tests.infrastructure.http.a_house import House
from tests.infrastructure.http.road import HttpWorld, a_road

AT_ONCE = 8


@pytest.mark.parametrize("landlord", ["citizen", "derby", "maidstone", "star", "wolverhampton"])
def test_of_several_decisions_on_one_proposal_at_once_one_stands(everybody: House, landlord: str) -> None:
    road = a_road(everybody, landlord)
    proposal = road.ready()
    world = road.world
    assert isinstance(world, HttpWorld)
    decision, by = world.said(road.application(proposal)), world.callers[road.decider()]
    path, head = f"/v1/cases/{world.case_id}/apply-restriction", everybody.head(landlord)

    with ThreadPoolExecutor(AT_ONCE) as at_once:
        responses = list(at_once.map(lambda _: by.post(path, decision), range(AT_ONCE)))

    statuses = sorted(response.status_code for response in responses)
    assert statuses == [201] + [409] * (AT_ONCE - 1)
    for refused in (response.json() for response in responses if response.status_code == 409):
        assert refused["violations"]
    [accepted] = [response.json() for response in responses if response.status_code == 201]
    assert everybody.head(landlord) == head + len(accepted["facts"])
    assert len(everybody.evenhand.desk(landlord).case(CaseId(world.case_id)).restrictions) == 1
