"""Baseline 2 and 7: what is agreed while something is in force goes before it at once, and the measure is varied."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.advice import Advice, advise
from domain.codes import Answer, Channel, Direction, Effect, Purpose
from domain.compliance import Verdict
from domain.conflicts import conflicts
from domain.decisions.breaches import RecordBreach
from domain.decisions.changes import VaryRestriction
from domain.decisions.measures import MeasureRequest
from domain.decisions.support import DecideAdjustment, EndAdjustment, RequestAdjustment
from domain.events import BreachWithdrawn
from domain.handling import Handling, Question
from domain.obligations import open_obligations
from tests.domain.saying import refusals
from tests.domain.test_compliance import looked_back
from tests.domain.test_conflicting_measures import NO_MITIGATION, agreed
from tests.domain.world import Road, words
from tests.policies import baseline

R = "restriction-1"


def letters_only(*measures: MeasureRequest) -> Road:
    """Wolverhampton's customer, who may only write letters since yesterday."""
    road = Road("wolverhampton")
    road.restricted(*(measures or (road.measure("one_channel", open=(Channel.LETTER,)),)))
    road.world.wait(1)
    return road


def ask(road: Road, channel: Channel, *others: Any, purpose: Purpose | None = Purpose.ENQUIRY) -> Advice:
    """What is done with contact of the customer's own through a channel."""
    question = Question(direction=Direction.INBOUND, channel=channel, at=road.world.now, purpose=purpose)
    return advise([road.world.case, *others], question, baseline(), road.world.now)


def codes(answer: Advice) -> set[str]:
    return {phrase.code for phrase in answer.instructions}


def conflicting(road: Road) -> list[str]:
    """What has to be varied."""
    return [c.code for c in conflicts([road.world.case], road.world.today, baseline().adjustments)]


def breach(road: Road, channel: Channel) -> RecordBreach:
    """The command that calls contact through a channel a breach of the first measure."""
    contact = road.contact(channel=channel)
    return RecordBreach(contact=contact, restriction=R, measure=f"{R}.1", account=words())


# at least one way in that the customer can use


def test_somebody_who_cannot_write_and_may_only_write_is_taken_at_once_by_every_way_that_they_can_use() -> None:
    road = letters_only()
    assert ask(road, Channel.TELEPHONE).handling is Handling.REDIRECT
    agreed(road, "no_writing")
    for channel in (Channel.TELEPHONE, Channel.OFFICE_VISIT):
        answer = ask(road, channel)
        assert (answer.handling, answer.redirect_to) == (Handling.TAKE, None)
        assert "adjustment_first" in codes(answer)


def test_what_comes_by_a_way_that_stays_closed_is_sent_to_one_that_they_can_use() -> None:
    road = letters_only()
    agreed(road, "no_writing")
    answer = ask(road, Channel.EMAIL)  # somebody helped them with it, say
    assert answer.handling is Handling.REDIRECT
    assert answer.redirect_to is not None
    assert answer.redirect_to.channels == (Channel.TELEPHONE, Channel.OFFICE_VISIT, Channel.THIRD_PARTY)


def test_several_adjustments_count_together() -> None:
    ways = (Channel.LETTER, Channel.TELEPHONE)
    road = letters_only(
        MeasureRequest(code="other", reason=words(), effect=Effect.CHANNELS, open=ways, words=words("letters or calls"))
    )
    agreed(road, "no_writing")
    assert (ask(road, Channel.OFFICE_VISIT).handling, conflicting(road)) == (Handling.REDIRECT, [])
    agreed(road, "no_telephone")
    assert ask(road, Channel.OFFICE_VISIT).handling is Handling.TAKE
    assert conflicting(road) == [f"varying:{R}.1:adjustment-1", f"varying:{R}.1:adjustment-2"]


def test_a_way_that_they_cannot_use_and_need_not_use_changes_nothing() -> None:
    road = letters_only()
    agreed(road, "no_telephone")
    assert ask(road, Channel.EMAIL).handling is Handling.REDIRECT
    assert "adjustment_first" not in codes(ask(road, Channel.EMAIL))
    assert conflicting(road) == []


def test_whoever_can_use_no_way_at_all_is_not_shut_out_by_a_measure() -> None:
    road = letters_only()
    begun = (Channel.TELEPHONE, Channel.EMAIL, Channel.LETTER, Channel.ONLINE_FORM, Channel.OFFICE_VISIT)
    agreed(road, "other", unusable_channels=begun)
    assert conflicting(road) == []


# what an adjustment gives


def test_a_way_that_is_needed_is_open_from_the_day_on_which_that_is_agreed() -> None:
    road = letters_only()
    agreed(road, "other", needs_channels=(Channel.TELEPHONE,))
    assert ask(road, Channel.TELEPHONE).handling is Handling.TAKE
    assert ask(road, Channel.EMAIL).handling is Handling.REDIRECT
    assert conflicting(road) == [f"varying:{R}.1:adjustment-1"]


def test_calls_are_not_ended_by_the_clock_for_somebody_who_is_given_more_time() -> None:
    road = Road("maidstone")
    code = next(c for c, k in road.policy.measures.items() if k.effect is Effect.CALL_MINUTES)
    road.restricted(road.measure(code))
    road.world.wait(1)
    assert "limit_reached" in {end.on for end in ask(road, Channel.TELEPHONE).call_ends}
    agreed(road, "more_time")
    assert "limit_reached" not in {end.on for end in ask(road, Channel.TELEPHONE).call_ends}
    assert conflicting(road) == [f"varying:{R}.1:adjustment-1"]


def test_what_is_agreed_for_later_is_varied_before_and_gives_way_from_its_day() -> None:
    road = letters_only()
    agreed(road, "no_writing", starts_on=road.world.today + timedelta(days=10))
    assert conflicting(road) == [f"varying:{R}.1:adjustment-1"]
    assert ask(road, Channel.TELEPHONE).handling is Handling.REDIRECT
    road.world.wait(10)
    assert ask(road, Channel.TELEPHONE).handling is Handling.TAKE


def test_an_adjustment_of_another_case_goes_first_as_well() -> None:
    road = letters_only()
    earlier = Road("wolverhampton", stream="case-0").opened()
    agreed(earlier, "no_writing")
    assert ask(road, Channel.TELEPHONE, earlier.world.case).handling is Handling.TAKE
    road.world.others = (earlier.world.case,)
    assert refusals(road, breach(road, Channel.TELEPHONE)) == {"adjustments": "baseline 7"}
    owed = open_obligations(road.world.case, road.world.today, baseline().adjustments, road.world.others)
    assert f"varying:{R}.1:case-0:adjustment-1" in owed


def test_what_is_agreed_no_more_goes_before_nothing() -> None:
    road = letters_only()
    adjustment = agreed(road, "no_writing")
    road.world.wait(1)
    road.world.do(EndAdjustment(adjustment=adjustment, reason=words()))
    road.world.wait(1)
    assert ask(road, Channel.TELEPHONE).handling is Handling.REDIRECT
    assert conflicting(road) == []


# no breach


@pytest.mark.parametrize(
    ("kind", "changes"), [("no_writing", {}), ("other", {"needs_channels": (Channel.TELEPHONE,)})], ids=str
)
def test_contact_by_what_was_agreed_is_no_breach(kind: str, changes: dict[str, Any]) -> None:
    road = letters_only()
    agreed(road, kind, **changes)
    assert refusals(road, breach(road, Channel.TELEPHONE)) == {"adjustments": "baseline 7"}
    road.world.do(breach(road, Channel.EMAIL))  # which is neither needed nor the only way


def test_a_breach_that_was_recorded_is_withdrawn_when_it_turns_out_what_the_customer_could_use() -> None:
    road = letters_only()
    road.world.do(breach(road, Channel.TELEPHONE))
    since = road.world.today
    road.world.wait(3)
    road.world.do(RequestAdjustment(kind="no_writing", needs=words()))
    decided = DecideAdjustment(
        adjustment="adjustment-1", agreed=True, reason=words(), instruction=words(), starts_on=since
    )
    road.world.do(decided)
    assert [fact.breach for fact in road.world.facts(BreachWithdrawn)] == ["breach-1"]


# varied


def test_until_it_is_varied_that_is_owed_and_looked_back_on() -> None:
    road = letters_only()
    agreed(road, "no_writing")
    owed = f"varying:{R}.1:adjustment-1"

    def found() -> set[Verdict]:
        return {f.verdict for f in looked_back(road.world).findings if f.rule == "measure_varied"}

    assert owed in open_obligations(road.world.case, road.world.today, baseline().adjustments)
    assert found() == {Verdict.OPEN}
    road.world.wait(1)
    assert found() == {Verdict.NOT_MET}
    road.world.do(NO_MITIGATION)
    road.world.do(
        VaryRestriction(
            restriction=R,
            measures=(road.measure("single_contact"),),
            reasons=words(),
            proportionality=words(),
            channels_usable=Answer.YES,
            incidents=("incident-2",),
        ),
        by=road.decider(),
    )
    assert owed not in open_obligations(road.world.case, road.world.today, baseline().adjustments)
    assert found() == set()
