"""Erasure because somebody asks for it: refused with every reason while anything stands, whole once nothing does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from domain.case import Case
from domain.case_parts import Adjustment
from domain.case_people import Representative
from domain.codes import Authority, CaseId, HoldReason, Right, SubjectId
from domain.decisions import decide
from domain.decisions.retention import ErasePerson
from domain.decisions.rights import PlaceLegalHold, ReceiveRightsRequest
from domain.events import PersonErased, RightsRequestAnswered
from domain.personal import KeyClass
from domain.retention import erased_whole, stops
from tests.domain.a_closed_case import BEGAN, DPO, RECORDS, asked_to_erase, closed, erasure, lifted, only_logged
from tests.domain.test_main_road import LANDLORDS
from tests.domain.world import PERSON, Road, words

LODGER = "person-9"


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_once_nothing_stands_the_request_is_granted_and_every_key_goes(landlord: str) -> None:
    road = lifted(landlord)
    road.world.do(erasure(road), by=DPO)
    answered, erased = road.world.history[-2:]
    assert isinstance(answered.fact, RightsRequestAnswered)
    assert isinstance(erased.fact, PersonErased)
    assert (erased.fact.person, erased.fact.classes, erased.fact.because) == (PERSON, (), "rights-1")
    assert erased.fact.erased_on == road.world.today
    assert erased_whole(road.world.case)
    assert not road.world.case.rights[0].open


def test_nobody_but_the_data_protection_officer_erases() -> None:
    road = lifted()
    command = erasure(road)
    assert road.world.rules(command, by=RECORDS) == {"post_held"}
    assert road.world.rules(command, by=road.decider()) == {"post_held"}


def test_everything_that_stands_is_said_at_once() -> None:
    road = Road("citizen", today=BEGAN)
    road.restricted()
    road.world.do(PlaceLegalHold(because=HoldReason.CLAIM, reason=words()), by=RECORDS)
    road.world.do(ReceiveRightsRequest(right=Right.ACCESS))
    command = erasure(road)
    assert road.world.rules(command, by=DPO) == {"case_open", "still_in_force", "legal_hold", "rights_request"}
    assert not road.world.facts(PersonErased)


def test_an_adjustment_in_force_is_ended_with_the_customer_first() -> None:
    road = lifted()
    given = Adjustment("adjustment-1", "formats", BEGAN, BEGAN, agreed=True, starts_on=BEGAN)
    road.world.case = replace(road.world.case, adjustments=(given,))
    assert road.world.rules(erasure(road), by=DPO) == {"adjustment"}


def test_a_request_for_erasure_does_not_keep_the_case_open_that_it_waits_for() -> None:
    road = Road("citizen", today=BEGAN).opened()
    road.contact()
    request = asked_to_erase(road)
    closed(road)
    road.world.do(ErasePerson(request=request), by=DPO)
    assert erased_whole(road.world.case)


def test_it_takes_a_request_for_erasure_that_is_open() -> None:
    road = lifted()
    assert road.world.rules(ErasePerson(request="rights-1"), by=DPO) == {"unknown_request"}
    road.world.do(ReceiveRightsRequest(right=Right.RECTIFICATION))
    assert road.world.rules(ErasePerson(request="rights-1"), by=DPO) == {"other_right"}


def test_it_happens_once_and_today() -> None:
    road = lifted()
    command = erasure(road)
    road.world.wait(1)
    assert road.world.rules(command.model_copy(update={"on": BEGAN}), by=DPO) == {"only_today"}
    road.world.do(command, by=DPO)
    assert road.world.rules(command, by=DPO) == {"already_answered"}
    assert road.world.rules(erasure(road), by=DPO) == {"already_erased"}


def other_case(of: Road, case: str, person: SubjectId = PERSON) -> Case:
    """The same as another case, of this customer or of a record that was merged with theirs."""
    return replace(of.world.case, id=CaseId(case), person=person)


def test_what_stands_in_another_case_of_the_person_is_in_the_way_as_well() -> None:
    road, other = lifted(), Road("citizen", today=BEGAN)
    other.restricted()
    road.world.others = (other_case(other, "case-2"),)
    found = road.world.refused(erasure(road), by=DPO)
    assert {v.rule for v in found} == {"case_open", "still_in_force"}
    assert all(v.asks.startswith("In the person's case case-2: ") for v in found)


def test_a_person_goes_from_all_their_cases_under_every_id_that_they_have() -> None:
    road = lifted()
    merged = SubjectId("person-1b")
    road.world.others = (other_case(lifted(), "case-2"), other_case(only_logged(), "case-3", merged))
    decision = decide(erasure(road), road.world.situation(DPO))
    erased = [(new.within, new.fact.person) for new in decision.facts if isinstance(new.fact, PersonErased)]
    assert erased == [(None, PERSON), ("case-2", PERSON), ("case-3", merged)]


# third parties


def with_a_lodger(today: date = BEGAN) -> Road:
    """A case that speaks of somebody else."""
    road = Road("citizen", today=today).opened()
    road.incident(other_party=words(), other_person=LODGER, with_evidence=False)
    return road


def test_a_third_party_is_erased_alone_and_the_customers_case_goes_on() -> None:
    road = with_a_lodger()
    road.world.do(erasure(road, person=LODGER), by=DPO)
    (erased,) = road.world.facts(PersonErased)
    assert (erased.person, erased.classes) == (LODGER, ())
    assert not erased_whole(road.world.case)
    road.contact()


def test_a_third_party_with_a_case_of_their_own_is_erased_there() -> None:
    road = with_a_lodger()
    road.world.others = (other_case(only_logged(), "case-2", SubjectId(LODGER)),)
    assert road.world.rules(erasure(road, person=LODGER), by=DPO) == {"case_of_their_own"}


def test_somebody_whom_the_case_does_not_speak_of_is_not_erased_in_it() -> None:
    road = with_a_lodger()
    assert road.world.rules(erasure(road, person="person-8"), by=DPO) == {"unknown_person"}
    assert road.world.rules(erasure(road, person=PERSON), by=DPO) == {"the_customer"}


def test_whoever_speaks_for_the_customer_stops_doing_so_first() -> None:
    road = with_a_lodger()
    speaks = Representative("rep-1", SubjectId(LODGER), Authority.WRITTEN, None, BEGAN, None)
    road.world.case = replace(road.world.case, representatives=(speaks,))
    assert road.world.rules(erasure(road, person=LODGER), by=DPO) == {"still_in_force"}


def test_a_hold_keeps_what_is_said_of_third_parties_too() -> None:
    road = with_a_lodger()
    road.world.do(PlaceLegalHold(because=HoldReason.POLICE), by=DPO)
    assert road.world.rules(erasure(road, person=LODGER), by=DPO) == {"legal_hold"}


def test_with_the_customer_goes_what_their_case_says_of_others() -> None:
    road = closed(with_a_lodger())
    assert not list(stops(road.world.case, road.world.today))
    road.world.do(erasure(road), by=DPO)
    whole, lodger = road.world.facts(PersonErased)
    assert (whole.person, whole.classes) == (PERSON, ())
    assert (lodger.person, lodger.classes) == (LODGER, (KeyClass.THIRD_PARTY,))


def test_the_request_of_an_erased_third_party_is_answered_in_the_same_breath() -> None:
    road = with_a_lodger()
    request = asked_to_erase(road)
    road.world.do(ErasePerson(request=request, person=LODGER), by=DPO)
    assert [a.request for a in road.world.facts(RightsRequestAnswered)] == [request]
