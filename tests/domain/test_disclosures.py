"""Disclosures: a partner sees what a recorded decision shows it, until its end; then it deletes what it keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.case_disclosures import Disclosure
from domain.case_rights import Erasure
from domain.codes import Answer, DisclosureBasis, DisclosureEndReason, Effect, NoticeKind
from domain.compliance import SHORT, Verdict
from domain.decisions.changes import EaseRestriction, VaryRestriction
from domain.decisions.disclosures import (
    ConfirmDeletion,
    Disclose,
    EndDisclosure,
    RecordDisclosureEnd,
    RestrictionToShow,
)
from domain.decisions.endings import LiftRestriction, RecordEnd
from domain.decisions.measures import MeasureRequest
from domain.decisions.people import RecordDeath, WithdrawDeath
from domain.decisions.safety import RemoveSafetyWarning
from domain.decisions.subscribers import EndSubscriber
from domain.events import SYSTEM, DisclosureDecided, DisclosureDeleted, DisclosureEnded
from domain.obligation import Duty
from domain.obligations import obligations
from tests.domain.a_closed_case import closed
from tests.domain.test_compliance import looked_back
from tests.domain.test_interim import restricted as under_an_interim
from tests.domain.test_interim_confirmed import confirmed, told_by_telephone
from tests.domain.test_safety import standing
from tests.domain.test_subscribers import managed, partners
from tests.domain.world import PERSON, Road, staff, words

R, D = "restriction-1", "disclosure-1"
COUNCIL = "city_of_wolverhampton_council"  # the policy's own partner
CONTRACTOR = "repairs_contractor"  # one that the landlord registered
DPO = "data_protection_officer"


def disclosing(**changes: Any) -> Disclose:
    """The council is shown all measures of the restriction."""
    fields: dict[str, Any] = {
        "partner": COUNCIL,
        "basis": DisclosureBasis.PUBLIC_TASK,
        "reasons": words(),
        "restrictions": (RestrictionToShow(restriction=R),),
    }
    return Disclose(**{**fields, **changes})


def warning_to(partner: str = CONTRACTOR, **changes: Any) -> Disclose:
    """A safety warning, for those who go to the home."""
    fields: dict[str, Any] = {"restrictions": (), "warnings": ("safety-1",), "audience": "repairs_contractors"}
    return disclosing(partner=partner, **{**fields, **changes})


def restricted() -> Road:
    """Somebody is restricted by two measures; the landlord knows a contractor beside its policy's council."""
    road = Road("wolverhampton")
    road.restricted(road.measure(), road.measure())
    managed(road.world, partners())
    return road


def shown(**changes: Any) -> Road:
    """What was disclosed of it."""
    road = restricted()
    road.world.do(disclosing(**changes), by=DPO)
    return road


def warned() -> Road:
    """A safety warning that stands, and a contractor who goes to the home."""
    road = standing()
    managed(road.world, partners())
    return road


def the_one(road: Road) -> Disclosure:
    return road.world.case.disclosures[-1]


def owed(road: Road, duty: Duty) -> list[str]:
    """The keys of what is owed of this kind today."""
    today = road.world.today
    return [one.key for one in obligations(road.world.case) if one.duty is duty and one.open_on(today)]


# deciding


def test_a_partner_is_shown_what_stands_thin_and_by_the_clause_that_names_it() -> None:
    road = shown()
    (fact,) = road.world.facts(DisclosureDecided)
    restriction = road.world.case.restriction(R)
    assert restriction is not None
    assert (fact.disclosure, fact.partner, fact.audience) == (D, COUNCIL, "council")
    assert (fact.starts_on, fact.until, fact.delete_within) == (road.world.today, None, "1 month")
    (told,) = fact.restrictions
    assert (told.restriction, told.starts_on, told.ends_on) == (R, restriction.starts_on, restriction.ends_on)
    assert [m.id for m in told.measures] == [f"{R}.1", f"{R}.2"]
    assert not {"reason", "contact_staff", "reader", "third_party", "words"} & set(type(told.measures[0]).__slots__)
    last = road.world.history[-1]
    assert last.post == DPO
    assert "8.2 b3" in " ".join(last.clauses)
    assert the_one(road).open
    assert the_one(road).measures_of(R) == {f"{R}.1", f"{R}.2"}
    assert not the_one(road).measures_of("restriction-2")


def test_named_measures_are_all_that_is_shown() -> None:
    road = shown(restrictions=(RestrictionToShow(restriction=R, measures=(f"{R}.2",)),))
    assert the_one(road).measures_of(R) == {f"{R}.2"}
    rest = disclosing(restrictions=(RestrictionToShow(restriction=R, measures=(f"{R}.1",)),))
    road.world.do(rest, by=DPO)
    assert the_one(road).id == "disclosure-2"


def test_the_same_is_not_shown_twice_at_once_and_can_be_shown_to_another() -> None:
    road = shown()
    assert road.world.rules(disclosing(), by=DPO) == {"disclosed_already"}
    road.world.do(disclosing(partner=CONTRACTOR, basis=DisclosureBasis.LEGITIMATE_INTERESTS), by=DPO)
    road.world.do(EndDisclosure(disclosure=D), by=DPO)
    road.world.do(disclosing(), by=DPO)


@pytest.mark.parametrize("by", ["decider", DPO])
def test_whoever_decides_on_restrictions_or_looks_after_data_protection_may(by: str) -> None:
    road = restricted()
    road.world.do(disclosing(), by=road.decider() if by == "decider" else by)


@pytest.mark.parametrize("by", ["case_officer", "administrator", "records_officer", "system-2"])
def test_nobody_else_may_show_anything_to_a_partner_or_end_it(by: str) -> None:
    road = restricted()
    assert road.world.rules(disclosing(), by=by) == {"post_held"}
    road.world.do(disclosing(), by=DPO)
    assert road.world.rules(EndDisclosure(disclosure=D), by=by) == {"post_held"}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"partner": "somebody"}, "unknown_partner"),
        ({"restrictions": ()}, "nothing_disclosed"),
        ({"restrictions": (RestrictionToShow(restriction="restriction-2"),)}, "unknown_restriction"),
        ({"restrictions": (RestrictionToShow(restriction=R, measures=(f"{R}.9",)),)}, "unknown_measure"),
        ({"restrictions": (RestrictionToShow(restriction=R),) * 2}, "named_twice"),
        ({"warnings": ("safety-1",)}, "unknown_safety_warning"),
        ({"audience": "nobody_at_all"}, "unknown_audience"),
        ({"partner": CONTRACTOR, "audience": "council"}, "unknown_partner"),
        ({"until": date(2026, 1, 1)}, "end_before_start"),
        ({"delete_within": "4 months"}, "retention"),
    ],
)
def test_what_makes_no_sense_or_goes_beyond_the_need_is_refused(changes: dict[str, Any], rule: str) -> None:
    road = restricted()
    assert road.world.rules(disclosing(**changes), by=DPO) == {rule}


def test_what_is_over_is_shown_to_nobody() -> None:
    road = restricted()
    road.world.do(LiftRestriction(restriction=R, reasons=words()), by=road.decider())
    assert road.world.rules(disclosing(), by=DPO) == {"restriction_over"}


def test_a_partner_whose_system_was_ended_is_no_partner_of_the_landlords_any_more() -> None:
    road = restricted()
    managed(road.world, EndSubscriber(subscriber="contractor_desk"))
    assert road.world.rules(disclosing(partner=CONTRACTOR), by=DPO) == {"unknown_partner"}


def test_a_safety_warning_is_shown_to_those_whom_it_names_and_to_nobody_else() -> None:
    road = warned()
    assert road.world.rules(warning_to(audience=None), by="duty_manager") == {"safety_warnings"}
    assert road.world.rules(warning_to(audience="emergency_services"), by="duty_manager") == {"safety_warnings"}
    road.world.do(warning_to(), by="duty_manager")
    (told,) = the_one(road).warnings
    assert (told.warning, told.home) == ("safety-1", "home-7")
    assert "baseline 14" in road.world.history[-1].clauses
    assert the_one(road).discloses_warning("safety-1")


def test_one_who_weighs_warnings_shows_no_restriction_for_it() -> None:
    road = restricted()
    assert road.world.rules(disclosing(), by="duty_manager") == {"post_held"}


# ending


def test_it_ends_by_a_decision_and_the_partner_deletes_within_the_time_that_was_set() -> None:
    road = shown(delete_within="2 weeks")
    road.world.wait(3)
    road.world.do(EndDisclosure(disclosure=D, reasons=words()), by=DPO)
    ended = the_one(road)
    assert (ended.open, ended.because, ended.ended_on) == (False, DisclosureEndReason.DECIDED, road.world.today)
    assert ended.delete_by == road.world.today + timedelta(days=14)
    assert road.world.rules(EndDisclosure(disclosure=D), by=DPO) == {"already_ended"}
    assert owed(road, Duty.DELETION) == [f"deletion:{D}:partner:{COUNCIL}"]


def test_the_day_after_what_it_shows_is_over_the_clock_takes_down_its_end() -> None:
    road = shown()
    assert road.world.rules(RecordDisclosureEnd(disclosure=D), by=SYSTEM) == {"not_over_yet"}
    road.world.do(LiftRestriction(restriction=R, reasons=words()), by=road.decider())
    road.world.do(RecordDisclosureEnd(disclosure=D), by=SYSTEM)
    (fact,) = road.world.facts(DisclosureEnded)
    assert (fact.because, fact.ended_on) == (DisclosureEndReason.OVER, road.world.today)
    assert road.world.rules(RecordDisclosureEnd(disclosure=D), by=SYSTEM) == {"already_ended"}


def test_it_ends_with_the_term_of_what_it_shows_and_moves_with_an_extension() -> None:
    road = shown()

    def last_day() -> date | None:
        (one,) = [o for o in obligations(road.world.case) if o.duty is Duty.DISCLOSURE]
        assert one.goes_by_on == one.due_on
        return one.due_on

    ends_on = road.world.case.restrictions[0].ends_on
    assert last_day() == ends_on
    road.world.wait(1)
    road.circumstances()
    ends_on += timedelta(days=30)
    road.world.do(road.extension(R, ends_on), by=road.decider())
    assert last_day() == ends_on
    road.world.wait((ends_on - road.world.today).days + 1)
    road.world.do(RecordEnd(restriction=R), by=SYSTEM)
    road.world.do(RecordDisclosureEnd(disclosure=D), by=SYSTEM)
    assert the_one(road).ended_on == ends_on + timedelta(days=1)


def test_the_last_day_that_was_set_is_its_last() -> None:
    until = date(2026, 4, 1)
    road = shown(until=until)
    road.world.wait((until - road.world.today).days)
    assert road.world.rules(RecordDisclosureEnd(disclosure=D), by=SYSTEM) == {"not_over_yet"}
    road.world.wait(1)
    road.world.do(RecordDisclosureEnd(disclosure=D), by=SYSTEM)
    assert (the_one(road).because, the_one(road).ended_on) == (DisclosureEndReason.DATE, date(2026, 4, 2))


def test_however_late_the_end_is_taken_down_the_partner_has_its_time_from_then() -> None:
    road = shown(until=date(2026, 4, 1), delete_within="1 week")
    road.world.wait(60)
    road.world.do(RecordDisclosureEnd(disclosure=D), by=SYSTEM)
    assert the_one(road).delete_by == road.world.today + timedelta(days=7)


def test_one_of_a_warning_ends_when_the_warning_does() -> None:
    road = warned()
    road.world.do(warning_to(), by="duty_manager")
    road.world.do(RemoveSafetyWarning(warning="safety-1", reasons=words()), by="duty_manager")
    road.world.do(RecordDisclosureEnd(disclosure=D), by=SYSTEM)
    assert the_one(road).because is DisclosureEndReason.OVER


def test_one_of_a_measure_ends_when_that_measure_falls_away_and_not_before() -> None:
    road = shown(restrictions=(RestrictionToShow(restriction=R, measures=(f"{R}.2",)),))
    road.world.do(disclosing(restrictions=(RestrictionToShow(restriction=R, measures=(f"{R}.1",)),)), by=DPO)
    road.world.wait(1)
    road.world.do(EaseRestriction(restriction=R, keep=(f"{R}.1",), reasons=words()), by=road.decider())
    road.world.do(RecordDisclosureEnd(disclosure=D), by=SYSTEM)
    assert road.world.rules(RecordDisclosureEnd(disclosure="disclosure-2"), by=SYSTEM) == {"not_over_yet"}


def test_death_ends_what_was_shown_and_taken_back_somebody_says_whether_it_is_shown_again() -> None:
    road = shown()
    road.world.do(RecordDeath(), by="records_officer")
    road.world.wait(1)
    road.world.do(RecordDisclosureEnd(disclosure=D), by=SYSTEM)
    assert not owed(road, Duty.DISCLOSING)
    road.world.do(WithdrawDeath(reason=words()), by="records_officer")
    assert owed(road, Duty.DISCLOSING) == [f"disclosing:{D}:{R}"]
    road.world.do(disclosing(), by=DPO)
    assert not owed(road, Duty.DISCLOSING)


def test_whatever_is_left_of_it_ends_when_the_customer_is_erased() -> None:
    road = shown()
    erased = Erasure("erasure-1", PERSON, (), "rights-1", road.world.today)
    road.world.case = replace(road.world.case, erasures=(erased,))
    road.world.do(RecordDisclosureEnd(disclosure=D), by=SYSTEM)
    assert (the_one(road).because, the_one(road).ended_on) == (DisclosureEndReason.ERASED, road.world.today)


# what takes its place


def test_what_confirms_an_interim_restriction_is_not_shown_by_itself_and_somebody_is_asked() -> None:
    road, interim = under_an_interim("wolverhampton")
    told_by_telephone(road, interim)
    road.world.do(disclosing(restrictions=(RestrictionToShow(restriction=interim.id),)), by="duty_manager")
    road.world.wait(2)
    decision = confirmed(road, interim)
    road.world.do(RecordDisclosureEnd(disclosure=D), by=SYSTEM)
    assert not the_one(road).measures_of(decision.id)
    assert owed(road, Duty.DISCLOSING) == [f"disclosing:{D}:{decision.id}"]
    road.world.do(disclosing(restrictions=(RestrictionToShow(restriction=decision.id),)), by=DPO)
    assert not owed(road, Duty.DISCLOSING)


def varying(road: Road) -> VaryRestriction:
    """One measure goes on as it is, another takes the place of the second."""
    other = next(c for c, k in road.policy.measures.items() if k.effect is Effect.CONTACT_COUNT)
    keeps = MeasureRequest(code=road.measure().code, reason=words(), keeps=f"{R}.1")
    return VaryRestriction(
        restriction=R,
        measures=(keeps, road.measure(other)),
        reasons=words(),
        proportionality=words(),
        channels_usable=Answer.YES,
        incidents=(road.world.case.incidents[-1].id,),
    )


def test_a_measure_that_was_varied_is_not_shown_by_itself_and_somebody_is_asked() -> None:
    road = shown()
    road.world.wait(1)
    road.circumstances()
    road.world.do(varying(road), by=road.decider())
    assert owed(road, Duty.DISCLOSING) == [f"disclosing:{D}:{R}"]
    (new,) = [m.id for m in road.world.case.restrictions[0].sets[-1].measures if m.id != f"{R}.1"]
    road.world.do(disclosing(restrictions=(RestrictionToShow(restriction=R, measures=(new,)),)), by=DPO)
    assert not owed(road, Duty.DISCLOSING)


def test_once_the_partner_deleted_everything_nobody_is_asked_any_more() -> None:
    road = shown()
    road.world.wait(1)
    road.circumstances()
    road.world.do(varying(road), by=road.decider())
    road.world.do(EndDisclosure(disclosure=D), by=DPO)
    assert owed(road, Duty.DISCLOSING)
    road.world.do(ConfirmDeletion(disclosure=D))
    assert not owed(road, Duty.DISCLOSING)


# deleting


def test_the_partner_itself_confirms_that_it_deleted_and_nobody_elses_system_does() -> None:
    road = shown(partner=CONTRACTOR)
    assert road.world.rules(ConfirmDeletion(disclosure=D), by="staff-unknown") == {"post_held", "disclosure_open"}
    road.world.do(EndDisclosure(disclosure=D), by=DPO)
    other = partners(subscriber="council_desk", signs_in="staff-other-system", partner=COUNCIL)
    managed(road.world, other)
    managed(road.world, partners(signs_in="staff-its-system"))
    assert road.world.rules(ConfirmDeletion(disclosure=D), by="staff-other-system") == {"post_held"}
    road.world.do(ConfirmDeletion(disclosure=D), by="staff-its-system")
    (fact,) = road.world.facts(DisclosureDeleted)
    assert (fact.disclosure, fact.partner, fact.confirmed_on) == (D, CONTRACTOR, road.world.today)
    assert road.world.history[-1].post is None
    assert not owed(road, Duty.DELETION)
    assert road.world.rules(ConfirmDeletion(disclosure=D), by="staff-its-system") == {"already_confirmed"}


def test_a_colleague_takes_it_down_for_a_partner_that_answers_by_letter_also_in_a_closed_case() -> None:
    road = shown()
    road.world.do(LiftRestriction(restriction=R, reasons=words()), by=road.decider())
    road.world.do(RecordDisclosureEnd(disclosure=D), by=SYSTEM)
    road.letter(NoticeKind.ENDING, R)
    closed(road)
    assert road.world.rules(ConfirmDeletion(disclosure="disclosure-2")) == {"unknown_disclosure"}
    road.world.do(ConfirmDeletion(disclosure=D))
    assert the_one(road).deleted_on == road.world.today


# looking back


def test_looked_back_on_everything_was_as_the_rules_ask() -> None:
    road = shown(partner=CONTRACTOR)
    road.world.do(EndDisclosure(disclosure=D), by=DPO)
    road.world.do(ConfirmDeletion(disclosure=D))
    found = looked_back(road.world)
    assert not [f for f in found.findings if f.about == D and f.verdict in SHORT]


def verdicts(road: Road) -> dict[str, Verdict]:
    """What is found of the disclosure, by rule."""
    return {f.rule: f.verdict for f in looked_back(road.world).findings if f.about == D}


def test_looked_back_on_an_end_and_a_deletion_are_met_late_or_missing_by_their_days() -> None:
    road = shown(until=date(2026, 3, 20), delete_within="1 week")
    road.world.wait((date(2026, 3, 20) - road.world.today).days)
    assert "disclosure_ended" not in verdicts(road)
    road.world.wait(1)
    assert verdicts(road)["disclosure_ended"] is Verdict.OPEN
    road.world.wait(1)
    assert verdicts(road)["disclosure_ended"] is Verdict.NOT_MET
    road.world.do(RecordDisclosureEnd(disclosure=D), by=SYSTEM)
    assert (verdicts(road)["disclosure_ended"], verdicts(road)["deletion_confirmed"]) == (Verdict.MET, Verdict.OPEN)
    road.world.wait(8)
    assert verdicts(road)["deletion_confirmed"] is Verdict.NOT_MET
    road.world.do(ConfirmDeletion(disclosure=D))
    assert verdicts(road)["deletion_confirmed"] is Verdict.LATE


def test_looked_back_on_somebody_without_the_post_showed_it() -> None:
    road = restricted()
    decision = road.world.do(disclosing(), by=DPO)
    road.world.history.pop()
    event = road.world.event(
        decision.facts[0].fact, decision.facts[0].effective_at, staff("case_officer"), None, road.world.case.version
    )
    road.world.history.append(event)
    (found,) = [f for f in looked_back(road.world).findings if f.about == D and f.verdict in SHORT]
    assert (found.rule, found.verdict) == ("post_held", Verdict.CANNOT_BE_SHOWN)
