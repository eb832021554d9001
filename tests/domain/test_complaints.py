"""Complaints beside a case: concluded or declined one by one, and what an ombudsman made of the matter."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.calendar import DeliveryMethod
from domain.codes import ComplaintExclusion, NoticeKind, OmbudsmanOutcome
from domain.decisions.allegations import RecordCounterAllegation
from domain.decisions.complaints import (
    ConcludeComplaint,
    DeclineComplaint,
    RecordOmbudsman,
    RecordOmbudsmanDetermination,
)
from domain.decisions.endings import CloseCase
from domain.decisions.intake import LinkComplaint
from domain.decisions.notices import RecordReturn, SendNotice
from domain.events import ComplaintConcluded, ComplaintDeclined, OmbudsmanDetermined, OmbudsmanInvolved
from domain.owed_letters import letters_owed
from tests.domain.saying import refusals
from tests.domain.test_main_road import LANDLORDS
from tests.domain.world import Road, staff, words

DAY = timedelta(days=1)


def declining(**changes: object) -> DeclineComplaint:
    """The command that does not accept the first complaint."""
    command = DeclineComplaint(
        complaint="complaint-1",
        because=ComplaintExclusion.OVER_TWELVE_MONTHS,
        ombudsman="housing",
        reasons=words(),
    )
    return command.model_copy(update=changes)


def complained(road: Road, **fields: object) -> str:
    """A complaint is linked; its id."""
    road.world.do(LinkComplaint(reference=words()).model_copy(update=fields))
    return road.world.case.complaints[-1].id


# concluded


def test_a_complaint_is_concluded_in_its_own_procedure_and_its_outcome_goes_out_later() -> None:
    road = Road("derby").opened()
    complained(road)
    road.world.wait(10)
    road.world.do(ConcludeComplaint(complaint="complaint-1", on=road.world.today - DAY))
    road.world.do(ConcludeComplaint(complaint="complaint-1", outcome_sent_on=road.world.today))
    (complaint,) = road.world.case.complaints
    assert not complaint.open
    assert complaint.outcome_sent_on == road.world.today
    assert [f.concluded_on for f in road.world.facts(ComplaintConcluded)] == [road.world.today - DAY] * 2
    again = ConcludeComplaint(complaint="complaint-1", outcome_sent_on=road.world.today)
    assert road.world.rules(again) == {"already_concluded"}


def test_an_outcome_does_not_go_out_before_there_is_one_or_tomorrow() -> None:
    road = Road("derby").opened()
    complained(road)
    early = ConcludeComplaint(complaint="complaint-1", outcome_sent_on=road.world.today - DAY)
    assert road.world.rules(early) == {"end_before_start"}
    late = ConcludeComplaint(complaint="complaint-1", outcome_sent_on=road.world.today + DAY)
    assert road.world.rules(late) == {"not_in_the_future"}
    sent = LinkComplaint(reference=words(), outcome_sent_on=road.world.today)
    assert road.world.rules(sent) == {"outcome_follows"}
    ahead = LinkComplaint(reference=words(), concluded_on=road.world.today + DAY)
    assert road.world.rules(ahead) == {"not_in_the_future"}


# declined


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_a_complaint_is_declined_for_its_own_reason_with_an_ombudsman_named(landlord: str) -> None:
    road = Road(landlord).opened()
    complained(road)
    decision = road.world.do(declining())
    (fact,) = road.world.facts(ComplaintDeclined)
    assert (fact.because, fact.ombudsman) == (ComplaintExclusion.OVER_TWELVE_MONTHS, "housing")
    assert decision.clauses == ("baseline 10",)
    assert not road.world.case.complaints[0].open


def test_declining_one_complaint_leaves_every_other_one_open() -> None:
    road = Road("derby").opened()
    complained(road)
    complained(road)
    road.world.do(declining())
    assert [c.open for c in road.world.case.complaints] == [False, True]


def test_a_complaint_about_the_restriction_itself_is_never_mere_repetition() -> None:
    road = Road("derby")
    complained(road, about=road.restricted())
    repeated = declining(because=ComplaintExclusion.CONSIDERED_BEFORE)
    assert refusals(road, repeated) == {"filed_is_still_read": "baseline 10"}
    complained(road)
    road.world.do(repeated.model_copy(update={"complaint": "complaint-2"}))
    road.world.do(declining(because=ComplaintExclusion.LEGAL_PROCEEDINGS))


def test_a_complaint_is_about_a_decision_that_there_is() -> None:
    road = Road("derby").opened()
    assert road.world.rules(LinkComplaint(reference=words(), about="restriction-1")) == {"unknown_decision"}


def test_the_customer_is_sent_to_an_ombudsman_that_policy_or_baseline_lists() -> None:
    road = Road("derby").opened()
    complained(road)
    (violation,) = road.world.refused(declining(ombudsman="financial"))
    assert (violation.rule, violation.field) == ("unknown_ombudsman", "ombudsman")
    assert "local_government" in violation.asks


def test_a_complaint_is_declined_once_and_not_after_its_end() -> None:
    road = Road("derby").opened()
    complained(road)
    road.world.do(declining())
    assert road.world.rules(declining()) == {"already_declined"}
    assert road.world.rules(ConcludeComplaint(complaint="complaint-1")) == {"already_declined"}
    complained(road, concluded_on=road.world.today)
    assert road.world.rules(declining(complaint="complaint-2")) == {"already_concluded"}
    assert road.world.rules(declining(complaint="complaint-3")) == {"unknown_complaint"}


def test_whoever_the_customer_accuses_declines_none_of_their_complaints() -> None:
    road = Road("derby").opened()
    complained(road)
    road.world.do(RecordCounterAllegation(against=staff("staff"), routed_to="service_manager", account=words()))
    assert refusals(road, declining(), by="staff") == {"independence": "baseline 9"}


# the ombudsman


def test_an_ombudsman_takes_a_matter_up_and_determines_it() -> None:
    road = Road("derby")
    restriction = road.restricted()
    road.world.do(RecordOmbudsman(ombudsman="housing", about=restriction))
    assert road.world.case.ombudsman[0].open
    road.world.wait(60)
    found = RecordOmbudsmanDetermination(referral="referral-1", outcome=OmbudsmanOutcome.SERVICE_FAILURE)
    road.world.do(found)
    assert [(f.ombudsman, f.about) for f in road.world.facts(OmbudsmanInvolved)] == [("housing", restriction)]
    assert [f.determined_on for f in road.world.facts(OmbudsmanDetermined)] == [road.world.today]
    assert road.world.case.in_force_on(road.world.today)  # what follows is decided by whoever decides
    assert road.world.rules(found) == {"already_determined"}


def test_an_ombudsman_that_is_in_no_list_is_named() -> None:
    road = Road("maidstone").opened()
    assert road.world.rules(RecordOmbudsman(ombudsman="parliamentary")) == {"unknown_ombudsman"}
    assert road.world.rules(RecordOmbudsman(ombudsman="other")) == {"reference_needed"}
    road.world.do(RecordOmbudsman(ombudsman="other", reference=words()))


def test_the_same_matter_is_with_an_ombudsman_once_at_a_time() -> None:
    road = Road("maidstone").opened()
    complained(road)
    taken = RecordOmbudsman(ombudsman="housing", about="complaint-1")
    road.world.do(taken)
    assert road.world.rules(taken) == {"already_recorded"}
    road.world.do(taken.model_copy(update={"ombudsman": "local_government"}))
    assert road.world.rules(taken.model_copy(update={"about": "complaint-9"})) == {"unknown_subject"}


def test_a_determination_follows_on_a_referral() -> None:
    road = Road("maidstone").opened()
    found = RecordOmbudsmanDetermination(referral="referral-1", outcome=OmbudsmanOutcome.RESOLVED)
    assert road.world.rules(found) == {"unknown_referral"}
    road.world.do(RecordOmbudsman(ombudsman="housing"))
    assert road.world.rules(found.model_copy(update={"on": road.world.today - DAY})) == {"end_before_start"}


def test_complaints_and_ombudsmen_outlive_the_case() -> None:
    road = Road("maidstone").opened()
    complained(road)
    road.world.do(CloseCase())
    road.world.do(ConcludeComplaint(complaint="complaint-1"))
    road.world.do(RecordOmbudsman(ombudsman="local_government", about="complaint-1"))
    road.world.do(RecordOmbudsmanDetermination(referral="referral-1", outcome=OmbudsmanOutcome.WITHDRAWN))


# told


def test_the_letter_that_a_complaint_is_not_accepted_gives_its_reason_and_names_the_ombudsman() -> None:
    road = Road("derby").opened()
    complained(road)
    letter = SendNotice(
        kind=NoticeKind.COMPLAINT_DECLINED, about="complaint-1", method=DeliveryMethod.BY_HAND, contents=()
    )
    assert "unknown_subject" in road.world.rules(letter)
    road.world.do(declining())
    assert road.world.rules(letter) == {"says_reasons", "says_ombudsman"}
    owed = (NoticeKind.COMPLAINT_DECLINED, "complaint-1")
    assert list(letters_owed(road.world.case, road.world.today)) == [owed]
    assert "filed_is_still_read" in road.world.rules(CloseCase())
    road.world.do(letter.model_copy(update={"contents": ("reasons", "ombudsman")}))
    assert list(letters_owed(road.world.case, road.world.today)) == []
    (notice,) = road.world.case.notices
    road.world.do(RecordReturn(notice=notice.id))
    assert list(letters_owed(road.world.case, road.world.today)) == [owed]
    assert (notice.kind, notice.about) == (NoticeKind.COMPLAINT_DECLINED, "complaint-1")
