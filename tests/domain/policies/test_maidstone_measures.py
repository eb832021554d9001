"""Maidstone, clause 5, the measures: what each one has to name, what it leaves open and what goes against it."""

from __future__ import annotations

import pytest

from domain.calendar import DeliveryMethod
from domain.codes import Channel, NoticeKind, Purpose
from domain.decisions.intake import RecordIssueAnswered
from domain.decisions.measures import MeasureRequest
from domain.decisions.notices import SendNotice
from domain.events import NoticeSent, RestrictionApplied
from tests.domain.saying import in_the_way_of_a_breach, told
from tests.domain.world import Road, staff, words


def row(number: str, *values: str, cls: str = "DATA") -> object:
    """The values of one case, which carries a row of the policy."""
    return pytest.param(*values, marks=pytest.mark.clause(number, cls), id=f"{number} {values[0][:30]}")


@pytest.mark.parametrize(
    ("code", "needs", "line"),
    [
        row(
            "MAI-23",
            "not_registered",
            "issue",
            "No further enquiry or complaint about the same matter is registered. What it does: not registered again. "
            "The decision names: the matter. The customer is told: What you send about this matter is read, but no "
            "new enquiry or complaint is opened for it. [clause 5.1 r1, may]",
        ),
        row(
            "MAI-24",
            "call_minutes",
            "minutes",
            "Telephone calls have a time limit. What it does: limits the length of calls. The decision names: how "
            "many minutes. [clause 5.1 r2, may]",
        ),
        row(
            "MAI-25",
            "call_count",
            "count per",
            "Only so many telephone calls are taken in a period. What it does: limits the number of calls. The "
            "decision names: how many; in which period. [clause 5.1 r3, may]",
        ),
        row(
            "MAI-26",
            "one_channel",
            "open",
            "Contact by one method only. What it does: limits the channels. The decision may leave open: telephone; "
            "e-mail; letter; online form; office visit. How many of these: 1. The decision names: the channels left "
            "open. [clause 5.1 r4, may]",
        ),
        row(
            "MAI-27",
            "single_contact",
            "contact_staff",
            "One named person answers. What it does: named people answer. The decision names: who answers. "
            "[clause 5.1 r5, may]",
        ),
        row(
            "MAI-28",
            "filed",
            "issue reader",
            "Further correspondence is read by one officer and filed without an answer, unless it raises a new issue. "
            "What it does: read and filed, not answered. The decision names: the matter; who reads it. "
            "[clause 5.1 r6, may]",
        ),
    ],
)
def test_a_measure_is_refused_without_what_it_has_to_name_and_applied_with_it(code: str, needs: str, line: str) -> None:
    road = Road("maidstone")
    proposal = road.ready()
    bare = MeasureRequest(code=code, reason=words())

    missing = road.world.rules(road.application(proposal, bare), by="head_of_policy")
    road.world.do(road.application(proposal, road.measure(code)), by="head_of_policy")

    assert missing == {f"measure_needs_{name}" for name in needs.split()}
    assert road.world.case.restrictions[0].sets[0].measures[0].code == code
    assert line in told("maidstone")


@pytest.mark.clause("MAI-23", "DATA")
def test_not_registering_a_matter_again_reaches_that_matter_only_and_closes_no_channel() -> None:
    road = Road("maidstone")
    restriction = road.restricted(road.measure("not_registered", issue="bins"))

    (fact,) = road.world.facts(RestrictionApplied)

    assert fact.measures[0].issue == "bins"
    assert set(fact.left_open) == set(Channel)
    assert in_the_way_of_a_breach(road, restriction, issue="bins") == {"goes_against_the_measure"}


@pytest.mark.clause("MAI-24", "DATA")
def test_a_time_limit_leaves_every_channel_open_and_a_call_is_no_breach() -> None:
    road = Road("maidstone")
    restriction = road.restricted(road.measure("call_minutes", minutes=10))

    (fact,) = road.world.facts(RestrictionApplied)

    assert (fact.measures[0].minutes, set(fact.left_open)) == (10, set(Channel))
    assert in_the_way_of_a_breach(road, restriction) == {"goes_against_the_measure"}


@pytest.mark.clause("MAI-25", "DATA")
def test_only_calls_beyond_the_number_go_against_it_and_letters_never_do() -> None:
    road = Road("maidstone")
    restriction = road.restricted(road.measure("call_count", count=2, per="1 week"))
    road.world.wait(7)

    day = road.world.today
    calls = [in_the_way_of_a_breach(road, restriction, happened_on=day) for _ in range(3)]
    letter = in_the_way_of_a_breach(road, restriction, happened_on=day, channel=Channel.LETTER)
    repair = in_the_way_of_a_breach(road, restriction, happened_on=day, purpose=Purpose.REPAIR)

    assert calls == [{"goes_against_the_measure"}, {"goes_against_the_measure"}, set()]
    assert letter == {"goes_against_the_measure"}
    assert "some_contact_gets_through" in repair


@pytest.mark.clause("MAI-26", "DATA")
@pytest.mark.parametrize(
    "channel", [Channel.TELEPHONE, Channel.EMAIL, Channel.LETTER, Channel.ONLINE_FORM, Channel.OFFICE_VISIT]
)
def test_one_method_leaves_that_one_and_somebody_else_to_speak(channel: Channel) -> None:
    road = Road("maidstone")
    restriction = road.restricted(road.measure("one_channel", open=(channel,)))
    other = Channel.EMAIL if channel is not Channel.EMAIL else Channel.TELEPHONE

    (fact,) = road.world.facts(RestrictionApplied)

    assert set(fact.left_open) == {channel, Channel.THIRD_PARTY}
    assert in_the_way_of_a_breach(road, restriction, channel=channel) == {"goes_against_the_measure"}
    assert in_the_way_of_a_breach(road, restriction, channel=other) == set()


@pytest.mark.clause("MAI-26", "DATA")
@pytest.mark.parametrize("wanted", [(Channel.LETTER, Channel.EMAIL), (Channel.HOME_VISIT,)], ids=["two", "a visit"])
def test_one_method_is_exactly_one_of_those_that_can_be_chosen(wanted: tuple[Channel, ...]) -> None:
    road = Road("maidstone")
    proposal = road.ready()

    refused = road.world.refused(road.application(proposal, road.measure("one_channel", open=wanted)), "head_of_policy")

    assert ("channels_chosen", "5.1 r4") in {(v.rule, v.clause) for v in refused}


@pytest.mark.clause("MAI-27", "DATA")
def test_one_named_person_answers_and_every_channel_stays_open() -> None:
    road = Road("maidstone")
    restriction = road.restricted(road.measure("single_contact", contact_staff=(staff("manager"),)))

    (fact,) = road.world.facts(RestrictionApplied)

    assert (fact.measures[0].contact_staff, set(fact.left_open)) == ((staff("manager"),), set(Channel))
    assert in_the_way_of_a_breach(road, restriction) == set()


@pytest.mark.clause("MAI-28", "DATA", "RULE")
def test_what_is_filed_has_a_named_reader_and_sending_it_is_no_breach() -> None:
    road = Road("maidstone")
    restriction = road.restricted(road.measure("filed", issue="bins", reader=staff("policy_and_information")))

    (fact,) = road.world.facts(RestrictionApplied)

    assert (fact.measures[0].reader, fact.measures[0].issue) == (staff("policy_and_information"), "bins")
    assert set(fact.left_open) == set(Channel)
    letter = in_the_way_of_a_breach(road, restriction, channel=Channel.LETTER, issue="bins")
    assert letter == {"goes_against_the_measure"}


@pytest.mark.clause("MAI-28", "NOTIFY", "RULE")
@pytest.mark.parametrize("content", ["read_and_filed", "unless_new"])
def test_the_customer_is_told_that_more_is_filed_and_that_a_new_matter_is_answered(content: str) -> None:
    road = Road("maidstone").opened()
    road.world.do(RecordIssueAnswered(issue="bins", next_steps=words()))
    complete = ("read_and_filed", "unless_new")
    command = SendNotice(
        kind=NoticeKind.CLOSURE,
        about="bins",
        method=DeliveryMethod.BY_HAND,
        contents=tuple(c for c in complete if c != content),
    )

    (violation,) = road.world.refused(command)
    road.world.do(command.model_copy(update={"contents": complete}))

    assert (violation.rule, violation.clause) == (f"says_{content}", "5.1 r6")
    assert [fact.contents for fact in road.world.facts(NoticeSent)] == [complete]
