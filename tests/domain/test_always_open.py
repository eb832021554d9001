"""What always gets through, whatever is in force: a table by hand, against measures of any kind and any number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.advice import advise
from domain.case import Case
from domain.case_parts import Contact, MeasureSet, Restriction, TermEnd
from domain.codes import CaseId, Channel, Direction, Effect, Purpose, StaffId
from domain.decisions import Situation, decide
from domain.decisions.breaches import RecordBreach
from domain.decisions.judgement import Refused
from domain.decisions.measures import MeasureRequest, build
from domain.decisions.terms import appeal_terms
from domain.events.parts import Measure
from domain.handling import Question
from tests.domain.test_main_road import LANDLORDS
from tests.domain.world import PERSON, Road, World, staff, words
from tests.histories import POLICY

# One letter for each channel: telephone, e-mail, letter, online form, visit to an office, visit at home, meeting,
# social media, somebody who speaks for the customer. The first block is a Tuesday morning, the second a Sunday in
# the hour after the clocks went forward, the third a bank holiday a minute before midnight.
#   T  taken, and nothing else
#   R  received: taken, or taken and passed on to whoever looks after this customer's contact
#   S  somebody is speaking: also sent to another way of contact, and never filed
#   W  in writing: also filed after reading
TABLE: Final = """
    emergency_repair       TTTTTTTTT TTTTTTTTT TTTTTTTTT
    danger                 TTTTTTTTT TTTTTTTTT TTTTTTTTT
    safeguarding           TTTTTTTTT TTTTTTTTT TTTTTTTTT
    domestic_abuse         TTTTTTTTT TTTTTTTTT TTTTTTTTT
    repair                 RRRRRRRRR RRRRRRRRR RRRRRRRRR
    hazard                 RRRRRRRRR RRRRRRRRR RRRRRRRRR
    subject_access         RRRRRRRRR RRRRRRRRR RRRRRRRRR
    information_request    RRRRRRRRR RRRRRRRRR RRRRRRRRR
    new_complaint          RRRRRRRRR RRRRRRRRR RRRRRRRRR
    appeal                 RRRRRRRRR RRRRRRRRR RRRRRRRRR
    review                 RRRRRRRRR RRRRRRRRR RRRRRRRRR
    adjustment_request     RRRRRRRRR RRRRRRRRR RRRRRRRRR
    tenancy_notice         RRRRRRRRR RRRRRRRRR RRRRRRRRR
    payment                RRRRRRRRR RRRRRRRRR RRRRRRRRR
    statutory_application  RRRRRRRRR RRRRRRRRR RRRRRRRRR
    legal_papers           RRRRRRRRR RRRRRRRRR RRRRRRRRR
    reply                  RRRRRRRRR RRRRRRRRR RRRRRRRRR
    ombudsman              TTTTTTTTT TTTTTTTTT TTTTTTTTT
    court                  TTTTTTTTT TTTTTTTTT TTTTTTTTT
    police                 TTTTTTTTT TTTTTTTTT TTTTTTTTT
    councillor             TTTTTTTTT TTTTTTTTT TTTTTTTTT
    member_of_parliament   TTTTTTTTT TTTTTTTTT TTTTTTTTT
    solicitor              TTTTTTTTT TTTTTTTTT TTTTTTTTT
    advocate               TTTTTTTTT TTTTTTTTT TTTTTTTTT
    enquiry                SWWWSSSWR SWWWSSSWR SWWWSSSWR
    unknown                TTTTTTTTT TTTTTTTTT TTTTTTTTT
"""
MEANS: Final = {
    "T": {"take"},
    "R": {"take", "take_and_pass_on"},
    "S": {"take", "take_and_pass_on", "redirect"},
    "W": {"take", "take_and_pass_on", "redirect", "file_after_reading"},
}
COLUMNS: Final = (
    Channel.TELEPHONE,
    Channel.EMAIL,
    Channel.LETTER,
    Channel.ONLINE_FORM,
    Channel.OFFICE_VISIT,
    Channel.HOME_VISIT,
    Channel.MEETING,
    Channel.SOCIAL_MEDIA,
    Channel.THIRD_PARTY,
)
HOURS: Final = (
    datetime(2026, 3, 10, 10, 30, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
    datetime(2026, 4, 3, 22, 59, tzinfo=UTC),
)


def expected() -> Iterator[tuple[Purpose | None, Channel, datetime, set[str]]]:
    """The table, cell by cell."""
    for row in TABLE.split("\n"):
        if row.strip():
            name, *blocks = row.split()
            purpose = None if name == "unknown" else Purpose(name)
            for hour, block in zip(HOURS, blocks, strict=True):
                for channel, letter in zip(COLUMNS, block, strict=True):
                    yield purpose, channel, hour, MEANS[letter]


def test_the_table_speaks_of_every_purpose_on_every_channel() -> None:
    cells = [(purpose, channel, hour) for purpose, channel, hour, _ in expected()]
    wanted = [(purpose, channel, hour) for purpose in (*Purpose, None) for hour in HOURS for channel in Channel]
    assert sorted(cells, key=str) == sorted(wanted, key=str)


@pytest.fixture(scope="module")
def situations() -> dict[str, Situation]:
    """A landlord of each policy, in which a case officer acts on Easter Monday of 2026."""
    return {name: World(name, today=date(2026, 4, 6)).situation("case_officer") for name in LANDLORDS}


ISSUES: Final = st.sampled_from([None, "issue-1", "issue-2"])
CHANNELS: Final = st.lists(st.sampled_from(Channel), unique=True).map(tuple)


@st.composite
def measures(draw: st.DrawFn, situation: Situation, decided_in: str) -> tuple[Measure, ...]:
    """Any measures of the policy's catalogue or outside it, with any parameters, likely ones or not."""
    requests = [
        MeasureRequest(
            code=code,
            reason=words(),
            open=draw(CHANNELS),
            issue=draw(ISSUES),
            exceptions=draw(st.sampled_from([(), (Purpose.ENQUIRY,), (Purpose.DANGER,)])),
            contact_staff=draw(st.sampled_from([(), (staff("case_officer"),)])),
            reader=draw(st.sampled_from([None, staff("case_officer")])),
            third_party=draw(st.sampled_from([None, "person-2"])),
            count=draw(st.sampled_from([None, 1, 2])),
            per=draw(st.sampled_from([None, "1 week", "1 month"])),
            minutes=draw(st.sampled_from([None, 1])),
            slots=draw(st.sampled_from([(), ("tuesday 10:00",)])),
            office=draw(st.sampled_from([None, "main-office"])),
            until=draw(st.sampled_from([None, date(2026, 3, 15)])),
            effect=draw(st.sampled_from([None, *Effect])),
            words=words(),
        )
        for code in draw(st.lists(st.sampled_from([*situation.policy.measures, "other"]), min_size=1, max_size=3))
    ]
    return tuple(
        replace(m, limits_contact=draw(st.booleans()), open=draw(CHANNELS)) if draw(st.integers(0, 3)) == 0 else m
        for m in build(requests, decided_in, situation)
    )


@st.composite
def restrictions(draw: st.DrawFn, situation: Situation, number: int) -> Restriction:
    """A restriction of any term, told in whole, in part or not at all."""
    name = f"restriction-{number}"
    decided = draw(measures(situation, name))
    starts_on = date(2026, 3, 1) + timedelta(days=draw(st.integers(-400, 20)))
    return Restriction(
        id=name,
        proposal="proposal-1",
        incidents=(),
        grounds=(),
        categories=(),
        decided_by=staff("case_officer"),
        decided_on=starts_on,
        starts_on=starts_on,
        terms=(TermEnd(starts_on, starts_on + timedelta(days=draw(st.integers(1, 900))), exceptional=False),),
        sets=(MeasureSet(starts_on, decided, StaffId("staff-1")),),
        schedule=(),
        appeal=appeal_terms(situation),
        policy=POLICY,
        household=None,
        involved=frozenset(),
        told_on={m.id: starts_on for m in decided if draw(st.integers(0, 4)) > 0},
    )


@st.composite
def cases(draw: st.DrawFn, situation: Situation, ordinal: int) -> Case:
    """A case with contact of any kind and any restrictions at once."""
    contacts = tuple(
        Contact(
            id=f"contact-{n}",
            event_id=f"event-{n}",
            channel=draw(st.sampled_from(Channel)),
            direction=Direction.INBOUND,
            happened_on=date(2026, 4, 6) - timedelta(days=draw(st.integers(0, 40))),
            happened_at=None,
            purpose=draw(st.sampled_from([None, *Purpose])),
            issue=draw(ISSUES),
            completed=True,
            customer_initiated=True,
        )
        for n in range(1, 1 + draw(st.integers(0, 6)))
    )
    count = draw(st.integers(1, 3))
    return Case(
        id=CaseId(f"case-{ordinal}"),
        person=PERSON,
        ordinal=ordinal,
        stage="open",
        contacts=contacts,
        restrictions=tuple(draw(restrictions(situation, n)) for n in range(1, 1 + count)),
    )


def answers(found: list[Case], situation: Situation, direction: Direction, issue: str | None) -> Iterator[str]:
    """Where the answers differ from the table."""
    for purpose, channel, hour, allowed in expected():
        question = Question(direction=direction, channel=channel, at=hour, issue=issue, purpose=purpose)
        handling = advise(found, question, situation.baseline, situation.now).handling.value
        if handling not in (allowed if direction is Direction.INBOUND else {"take"}):
            yield f"{purpose} by {channel} at {hour}: {handling}"


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_the_table_holds_under_any_restrictions_of_any_policy(
    data: st.DataObject, situations: dict[str, Situation]
) -> None:
    situation = situations[data.draw(st.sampled_from(LANDLORDS))]
    found = [data.draw(cases(situation, n)) for n in range(1, data.draw(st.integers(1, 2)) + 1)]
    direction, issue = data.draw(st.sampled_from(Direction)), data.draw(ISSUES)
    assert not list(answers(found, situation, direction, issue))


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_no_breach_can_be_recorded_of_what_always_gets_through(
    data: st.DataObject, situations: dict[str, Situation]
) -> None:
    situation = situations[data.draw(st.sampled_from(LANDLORDS))]
    case = data.draw(cases(situation, 1))
    for contact in case.contacts:
        if contact.purpose is Purpose.ENQUIRY:
            continue
        for restriction in case.restrictions:
            for measure in restriction.sets[-1].measures:
                command = RecordBreach(
                    contact=contact.id, restriction=restriction.id, measure=measure.id, account=words()
                )
                with pytest.raises(Refused) as refusal:
                    decide(command, replace(situation, case=case))
                assert "some_contact_gets_through" in {v.rule for v in refusal.value.violations}


def test_strict_measures_meet_an_enquiry_in_every_way_that_the_table_allows() -> None:
    road = Road("maidstone")
    road.restricted(
        road.measure("filed", issue="issue-1"),
        road.measure("single_contact", issue="issue-2"),
        road.measure("one_channel", open=(Channel.LETTER,), issue="issue-3"),
    )
    found: dict[str, set[str]] = {letter: set() for letter in "TRSW"}
    for purpose, channel, hour, allowed in expected():
        for issue in ("issue-1", "issue-2", "issue-3"):
            question = Question(direction=Direction.INBOUND, channel=channel, at=hour, issue=issue, purpose=purpose)
            answer = advise([road.world.case], question, road.world.baseline.baseline, road.world.now)
            letter = next(letter for letter, handlings in MEANS.items() if handlings == allowed)
            found[letter].add(answer.handling.value)
    assert found["T"] == {"take"}
    assert found["R"] == {"take", "take_and_pass_on"}
    assert found["S"] == {"take", "redirect"}
    assert found["W"] == {"take", "take_and_pass_on", "redirect", "file_after_reading"}
