"""The client beside the real service: what it holds is what the service says, whatever is decided meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from domain.codes import Topic
from domain.decisions.disclosures import EndDisclosure
from domain.decisions.endings import LiftRestriction
from infrastructure.client import Batch, Follower, Refused, Service, SqliteStore, restricted_on
from tests.domain.world import words
from tests.infrastructure.http.a_house import Caller, House
from tests.infrastructure.http.a_subscriber import end, subscribe
from tests.infrastructure.http.road import a_road
from tests.infrastructure.http.test_disclosures import DPO, LANDLORD, case_of, partner, shown


class System:
    """A system that follows with the client, as it would anywhere."""

    def __init__(self, house: House, caller: Caller, path: Path, **said: Any) -> None:
        self.told: list[Batch] = []
        self.service = Service(str(house.http.base_url), lambda: caller.headers["Authorization"][7:], patience=5)
        self.store = SqliteStore(path)
        clock = house.evenhand.office(LANDLORD).clock
        self.follower = Follower(self.service, self.store, self.told.append, now=clock.now, **said)

    def names(self, case: str) -> list[str]:
        """What it was told of a case."""
        return [event.name for batch in self.told for event in batch.events if event.case == case]

    def state(self, case: str) -> Any:
        """How it takes a case to stand."""
        return self.store.known([case])[case].state

    def close(self) -> None:
        """Close store and connections."""
        self.store.close()
        self.service.close()


@pytest.fixture
def housing(house: House, tmp_path: Path) -> Iterator[System]:
    """A system of the landlord's own, which may have references."""
    caller = subscribe(house, LANDLORD, "client_housing", references=True)
    with closing(System(house, caller, tmp_path / "housing.db")) as system:
        yield system


def test_what_happens_is_told_once_and_who_is_restricted_is_agreed(house: House, housing: System) -> None:
    road = a_road(house, LANDLORD)
    restriction = road.restricted()
    case = case_of(road)
    housing.follower.catch_up()
    assert [one["restriction"] for one in housing.state(case)["restrictions"]] == [restriction]
    assert housing.names(case) == []

    road.world.do(LiftRestriction(restriction=restriction, reasons=words()), by=road.decider())
    housing.follower.catch_up()
    assert housing.names(case) == ["restriction-lifted"]
    assert housing.state(case) == housing.service.states([case])[case]
    today = road.world.today
    held = [known.state for _, known in housing.store.everything() if known.state]
    assert housing.follower.place.cursor is not None
    receipt = housing.service.acknowledge(housing.follower.place.cursor, restricted_on(today, held))
    assert receipt["verdict"] == "agreed"


def test_a_partner_forgets_what_is_not_disclosed_any_more_and_says_so(house: House, tmp_path: Path) -> None:
    caller = partner(house, "client_contractor", "contractor")
    with closing(System(house, caller, tmp_path / "contractor.db")) as system:
        road = shown(house, "contractor")
        case = case_of(road)
        system.follower.catch_up()
        assert system.state(case)["restrictions"]

        road.world.do(EndDisclosure(disclosure="disclosure-1"), by=DPO)
        system.follower.catch_up()
        assert system.names(case)[-1] == "disclosure-ended"
        assert system.state(case) is None
        for _ in range(2):
            assert system.service.confirm_deleted(case, "disclosure-1")["disclosure"] == "disclosure-1"


def test_a_system_that_is_told_of_other_topics_from_now_on_starts_over(house: House, housing: System) -> None:
    road = a_road(house, LANDLORD)
    road.restricted()
    case = case_of(road)
    housing.follower.catch_up()
    assert housing.state(case)["restrictions"]
    subscribe(house, LANDLORD, "client_housing", topics=[Topic.SAFETY])

    housing.follower.catch_up()
    assert housing.follower.place.round == 2
    assert not (housing.state(case) or {}).get("restrictions")


def test_a_system_that_has_ended_is_refused(house: House, tmp_path: Path) -> None:
    with closing(System(house, subscribe(house, LANDLORD, "client_ended"), tmp_path / "ended.db")) as system:
        system.follower.catch_up()
        end(house, LANDLORD, "client_ended")
        with pytest.raises(Refused, match="403"):
            system.follower.run()
