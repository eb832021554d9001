"""A partner's endpoint is brought what was disclosed to the partner, until it ends, and nothing else."""

from __future__ import annotations

from time import sleep
from typing import Any
from uuid import uuid4

from domain.codes import DisclosureBasis, StaffId, SubscriberKind, Topic
from domain.decisions.disclosures import Disclose, EndDisclosure, RestrictionToShow
from domain.decisions.subscribers import RegisterSubscriber
from tests.domain.world import words
from tests.infrastructure.downstream.webhooks.a_post import Post, eventually
from tests.infrastructure.downstream.webhooks.a_receiver import Receiver, a_receiver
from tests.infrastructure.http.a_house import House
from tests.infrastructure.http.road import HttpWorld, a_road

W = "wolverhampton"
DPO = "data_protection_officer"


def names(receiver: Receiver, case: str) -> list[str]:
    """What kinds of events of a case were taken."""
    return [call.event["type"].removeprefix("evenhand.") for call in receiver.took if call.case == case]


def test_a_partners_endpoint_is_brought_what_was_disclosed_and_its_end(webhook_house: House) -> None:
    post = Post(webhook_house, webhook_house.evenhand.office(W))
    partner = f"partner_{uuid4().hex[:8]}"
    registered = RegisterSubscriber(
        subscriber=partner,
        kind=SubscriberKind.PARTNER,
        signs_in=StaffId(webhook_house.staff(W, partner)),
        topics=(Topic.RESTRICTIONS, Topic.SAFETY, Topic.DISCLOSURES),
        partner=partner,
    )
    post.office.desk.manage(registered, post.administrator())
    with a_receiver() as theirs, a_receiver() as ours, post.worker():
        shown, _ = post.endpoint(theirs, subscriber=partner)
        whole, _ = post.endpoint(ours)
        hidden, told = a_case(webhook_house), a_case(webhook_house)
        eventually(lambda: post.told_of(whole) and post.told_of(shown))
        assert theirs.took == []
        assert {call.case for call in ours.took} == {hidden.case_id, told.case_id}
        told.do(
            Disclose(
                partner=partner,
                basis=DisclosureBasis.LEGITIMATE_INTERESTS,
                reasons=words(),
                restrictions=(RestrictionToShow(restriction=told.case.restrictions[-1].id, measures=()),),
            ),
            by=DPO,
        )
        eventually(lambda: post.told_of(shown))
        assert names(theirs, told.case_id) == ["disclosure-decided"]
        told.do(EndDisclosure(disclosure=told.case.disclosures[-1].id, reasons=words()), by=DPO)
        eventually(lambda: post.told_of(shown))
        assert names(theirs, told.case_id) == ["disclosure-decided", "disclosure-ended"]
        assert {call.case for call in theirs.took} == {told.case_id}
        assert theirs.took[0].event["previous"] == 0
        for one in post.office.webhooks.all():
            post.office.webhooks.delete(one.endpoint, "tester", "The test is over.")


def a_case(house: House) -> HttpWorld:
    """Somebody is restricted."""
    road = a_road(house, W)
    road.restricted(road.measure(), road.measure())
    world: Any = road.world
    assert isinstance(world, HttpWorld)
    return world


def test_an_endpoint_is_told_what_its_subscriber_is_told_by_now(post: Post) -> None:
    with a_receiver() as receiver, a_receiver() as other, post.worker():
        code = post.subscriber(None, Topic.RESTRICTIONS)
        endpoint, _ = post.endpoint(receiver, subscriber=code)
        second, _ = post.endpoint(other)
        post.case("ContactLogged", "IncidentRecorded")
        eventually(lambda: post.told_of(endpoint) and post.told_of(second))
        assert receiver.took == []
        post.subscriber(code, Topic.CASEWORK, Topic.PEOPLE)
        sleep(0.5)  # ten looks of the worker's
        case = post.case("ContactLogged", "IncidentRecorded")
        eventually(lambda: receiver.versions() == {case: [1, 2, 3]})
