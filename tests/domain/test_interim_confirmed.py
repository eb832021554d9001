"""An interim restriction that the decider confirms: what goes on binds without a gap, what is new once told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.case_parts import Restriction
from domain.codes import Channel, NoticeKind
from domain.compliance import SHORT
from domain.decisions.breaches import RecordBreach
from domain.decisions.measures import MeasureRequest
from domain.decisions.notices import PlaceAlert, RecordReturn, TellByTelephone
from tests.domain.saying import refusals
from tests.domain.test_compliance import looked_back
from tests.domain.test_interim import FRIDAY, SATURDAY, WAIVED, current, interim, proposal_on
from tests.domain.test_interim import restricted as under_an_interim
from tests.domain.world import Road, words

NOT_TOLD = {"notice_before_breach": "baseline 8"}


def told_by_telephone(road: Road, restriction: Restriction) -> None:
    """What the duty manager explains on the Saturday."""
    measures = tuple(m.id for m in restriction.measures_on(road.world.today))
    road.world.do(TellByTelephone(restriction=restriction.id, measures=measures), by="duty_manager")


def confirmed(road: Road, interim: Restriction, *measures: MeasureRequest) -> Restriction:
    """The decision that takes its place; nobody is told of it yet."""
    proposal = proposal_on(road, *interim.incidents)
    extreme = road.policy.warning.waived_when is not None
    command = road.application(
        proposal,
        *measures,
        confirms=interim.id,
        extreme_reason=words() if extreme else None,
        overrides=() if extreme else WAIVED,
    )
    road.world.do(command, by=road.decider())
    return road.world.case.restrictions[-1]


def breach(road: Road, restriction: Restriction, n: int = 0, **contact: object) -> RecordBreach:
    """A contact of today against one of its measures."""
    measure = current(road, restriction).sets[-1].measures[n].id
    return RecordBreach(contact=road.contact(**contact), restriction=restriction.id, measure=measure, account=words())


def test_what_goes_on_unchanged_and_was_told_already_binds_on_without_a_gap() -> None:
    road, interim = under_an_interim()
    told_by_telephone(road, interim)
    road.world.wait(2)
    decision = confirmed(road, interim)
    assert [b.told_on for b in road.world.case.binding_on(road.world.today)] == [interim.decided_on]
    assert not list(road.world.case.untold_on(road.world.today))
    road.world.wait(1)
    road.world.do(breach(road, decision))


def test_so_does_what_was_told_by_letter() -> None:
    road, interim = under_an_interim()
    road.letter(NoticeKind.DECISION, interim.id, by="duty_manager")
    road.world.wait(2)
    decision = confirmed(road, interim)
    road.world.wait(1)
    road.world.do(breach(road, decision))
    road.world.do(RecordReturn(notice="notice-1"))
    assert not list(road.world.case.binding_on(road.world.today))


def test_what_is_kept_by_its_id_binds_on_as_well() -> None:
    road, _ = under_an_interim()
    [known] = road.world.case.restrictions[-1].sets[-1].measures
    told_by_telephone(road, road.world.case.restrictions[-1])
    road.world.wait(2)
    kept = MeasureRequest(code=known.code, reason=words(), keeps=known.id)
    decision = confirmed(road, road.world.case.restrictions[-1], kept)
    assert decision.sets[-1].measures == (known,)
    assert not list(road.world.case.untold_on(road.world.today))


def test_what_is_new_binds_from_its_own_notice() -> None:
    road, interim = under_an_interim()
    told_by_telephone(road, interim)
    road.world.wait(2)
    decision = confirmed(road, interim, road.measure(), road.measure("witness"))
    same, new = decision.measures_on(road.world.today)
    assert (same.id, new.id) == (f"{interim.id}.1", f"{decision.id}.2")
    assert [m.id for _, m in road.world.case.untold_on(road.world.today)] == [new.id]
    road.world.wait(1)
    assert refusals(road, breach(road, decision, 1, channel=Channel.OFFICE_VISIT)) == NOT_TOLD
    road.told(decision.id)
    road.world.wait(1)
    road.world.do(breach(road, decision, 1, channel=Channel.OFFICE_VISIT))


def test_the_same_measure_on_other_terms_is_a_new_one() -> None:
    road, interim = under_an_interim("wolverhampton")
    told_by_telephone(road, interim)
    road.world.wait(2)
    decision = confirmed(road, interim, road.measure(issue="damp-2026"))
    road.world.wait(1)
    assert refusals(road, breach(road, decision, issue="damp-2026")) == NOT_TOLD


def test_what_was_never_told_does_not_bind_because_it_was_confirmed() -> None:
    road, interim = under_an_interim()
    road.world.wait(2)
    decision = confirmed(road, interim)
    road.world.wait(1)
    assert refusals(road, breach(road, decision)) == NOT_TOLD


def test_that_it_goes_on_beyond_the_days_that_were_told_has_to_be_told_too() -> None:
    road, interim = under_an_interim()
    told_by_telephone(road, interim)
    road.world.wait(2)
    decision = confirmed(road, interim)
    road.world.today = FRIDAY + timedelta(days=1)
    assert refusals(road, breach(road, decision)) == NOT_TOLD
    road.told(decision.id)
    road.world.wait(1)
    road.world.do(breach(road, decision))


def test_a_customer_who_knew_of_the_interim_one_knows_of_what_took_its_place() -> None:
    road, interim = under_an_interim()
    told_by_telephone(road, interim)
    road.world.wait(2)
    assert road.world.case.knows_of(confirmed(road, interim))


@pytest.mark.parametrize("landlord", ["citizen", "derby", "maidstone", "star", "wolverhampton"])
def test_on_the_day_of_confirmation_nothing_of_that_weekend_is_held_against_anybody(landlord: str) -> None:
    road, interim = under_an_interim(landlord)
    told_by_telephone(road, interim)
    for alert, kind in road.policy.alerts.items():
        if not kind.of_safety:
            road.world.do(PlaceAlert(restriction=interim.id, alert=alert))
    road.world.wait(1)
    assert not _told_of(road, interim.id)  # a Sunday
    road.world.wait(1)
    decision = confirmed(road, interim)
    assert not _told_of(road, interim.id)
    assert not _told_of(road, decision.id)
    road.world.wait(1)
    assert {rule for rule, _ in _told_of(road, interim.id)} >= {"told_in_writing"}
    road.told(decision.id)
    assert "told_in_writing" not in {rule for rule, _ in _told_of(road, interim.id)}


def test_looking_back_knows_why_only_somebody_else_was_left_for_a_few_days() -> None:
    road = Road("citizen", today=SATURDAY).opened()
    third = road.measure("third_party")
    assert "a_usable_channel_stays_open" in refusals(road, interim(road, measures=[third]), by="duty_manager")
    road.world.do(interim(road, measures=[third], extremis_reason=words()), by="duty_manager")
    assert "a_usable_channel_stays_open" not in {f.rule for f in looked_back(road.world).of(*SHORT)}


def _told_of(road: Road, restriction: str) -> set[tuple[str, str]]:
    """What falls short of telling about a restriction."""
    found = looked_back(road.world).of(*SHORT)
    return {
        (f.rule, f.clause)
        for f in found
        if f.about == restriction and (f.rule == "told_in_writing" or f.rule.startswith(("alert_", "informed_")))
    }
