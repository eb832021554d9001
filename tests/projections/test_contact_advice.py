"""What bears on contact, as rows: the advice worked out from them is the advice worked out from the case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from domain import events as e
from domain.advice import Advice, advise
from domain.calendar import DeliveryMethod
from domain.case import Case
from domain.codes import Channel, Direction, Effect, Precaution, Purpose, SafetyOutcome, SubjectId
from domain.handling import NotKnown, Question
from domain.personal import Personal
from domain.surroundings import Surroundings
from projections.contact_advice import OF_THE_CASE, ContactAdviceRow, contact_advice, part_of_case
from projections.view import steps_of
from tests.histories import MONDAY, History, case_of, text
from tests.policies import baseline, policy_file
from tests.random_histories import BEFORE, DURING, Move

HOMES: Final = ("home-1", "home-2")


def warned(history: History, on: date, days: int) -> object:
    """A safety warning is proposed, and nearly always approved."""
    number = len(history.state.safety) + 1
    asked = e.SafetyWarningProposed(
        warning=f"safety-warning-{number}",
        incident="incident-1",
        incident_on=on,
        home=(None, *HOMES)[days % 3],
        precautions=(Precaution.TWO_STAFF,),
        audience=("repairs",),
        review_on=on + timedelta(days=days // 2),
        expires_on=on + timedelta(days=days),
        reasons=text("reasons"),
        precaution_words=text("precaution") if days % 2 else None,
    )
    agreed = e.SafetyWarningApproved(
        warning=asked.warning, approved_on=on, tells_person=True, not_told_because=None, reasons=None
    )
    history.add(asked, on)
    return history.add(agreed, on) if days % 5 else history


def looked_at_again(history: History, on: date, days: int) -> object:
    """The last safety warning changes, or is removed."""
    if not history.state.safety or history.state.safety[-1].approved_on is None:
        return history
    last = history.state.safety[-1]
    if days % 2:
        return history.add(
            e.SafetyWarningRemoved(warning=last.id, from_on=on, as_wrong=False, reasons=text("reasons")), on
        )
    return history.add(
        e.SafetyWarningReviewed(
            warning=last.id,
            outcome=SafetyOutcome.CHANGED,
            reviewed_on=on,
            review_on=on,
            expires_on=on + timedelta(days=days),
            precautions=(Precaution.NO_HOME_VISIT, Precaution.OTHER),
            audience=(),
            reasons=text("reasons"),
            precaution_words=text("precaution"),
        ),
        on,
    )


def safe(history: History, on: date, days: int) -> object:
    """The customer has to be reached with care, for a time."""
    return history.add(
        e.SafeContactInstructed(
            instruction=f"safe-contact-{len(history.state.safe_contacts) + 1}",
            methods=(DeliveryMethod.EMAIL,) if days % 2 else (),
            no_visits=days % 3 > 0,
            from_on=on,
            until=on + timedelta(days=days) if days % 4 else None,
            words=text("words"),
        ),
        on,
    )


def moved(history: History, on: date, days: int) -> object:
    """The customer lives at another home."""
    return history.add(e.HomeRecorded(household=None, home=(None, *HOMES)[days % 3], from_on=on), on)


def died(history: History, on: date, days: int) -> object:
    """The customer died, or did not after all."""
    if history.state.dead():
        return history.add(e.DeathWithdrawn(withdrawn_on=on, reason=text("reason")), on)
    return history.add(e.CustomerDied(died_on=None, learnt_on=on, detail=None), on) if days % 3 == 0 else history


def merged(history: History, on: date, days: int) -> object:
    """Another record turns out to be of the same person."""
    other = SubjectId(f"other-{days % 4}")
    return history.add(
        e.CustomerRecordsMerged(
            merge=f"merge-{len(history.state.merges) + 1}",
            other=other,
            other_case=case_of(other, 1),
            kept=history.person,
            conflicts=(),
            merged_on=on,
            reason=text("reason"),
        ),
        on,
    )


def counted(history: History, on: date, days: int) -> object:
    """The last restriction allows so many contacts in a period, and the customer mostly hears of it."""
    if not history.state.restrictions:
        return history
    history.varied(on, from_on=on)
    fact = history.events.pop().fact
    assert isinstance(fact, e.RestrictionVaried)
    history.state = steps_of(history.events)[-1].after
    effect = Effect.CALL_COUNT if days % 2 else Effect.CONTACT_COUNT
    limit = replace(
        fact.measures[0], effect=effect, count=days % 3, per=("1 week", "1 month", None)[days % 3], contact_staff=()
    )
    history.add(replace(fact, measures=(limit, *fact.measures)), on)
    return history.told(on) if days % 4 else history


def enquired(history: History, on: date, days: int) -> object:
    """The customer gets in touch, for this or that."""
    history.contact(on, Channel.TELEPHONE if days % 2 else Channel.EMAIL)
    fact = history.events.pop().fact
    assert isinstance(fact, e.ContactLogged)
    history.state = steps_of(history.events)[-1].after
    purpose = (Purpose.ENQUIRY, Purpose.ENQUIRY, Purpose.REPAIR, None)[days % 4]
    return history.add(replace(fact, purpose=purpose, issue=None, completed=days % 5 > 0), on)


AROUND: Final[tuple[Move, ...]] = (warned, looked_at_again, safe, moved, died, merged, counted, enquired, enquired)


@st.composite
def lives(draw: st.DrawFn, name: str = "any") -> History:
    """A case in which restrictions and safety, a home, deaths and merges come in any order."""
    history = History(name).opened()
    on = MONDAY
    for _ in range(draw(st.integers(0, 12))):
        on += timedelta(days=draw(st.integers(0, 30)))
        during = DURING if history.state.restrictions else ()
        draw(st.sampled_from([*BEFORE, *during, *AROUND]))(history, on, draw(st.integers(0, 120)))
    return history


questions = st.builds(
    Question,
    direction=st.sampled_from(Direction),
    channel=st.sampled_from(Channel),
    at=st.integers(-5, 500).map(lambda days: datetime(2026, 3, 2, 12, tzinfo=UTC) + timedelta(days=days)),
    issue=st.sampled_from([None, "issue-1", "issue-2"]),
    purpose=st.sampled_from([None, *Purpose]),
)


def rows_of(history: History) -> list[ContactAdviceRow]:
    """The rows of a history."""
    return list(contact_advice(steps_of(history.events)))


def own(rows: Sequence[ContactAdviceRow]) -> Case:
    """The part of the case that its own row holds."""
    return part_of_case(next(row for row in rows if row.home == OF_THE_CASE))


def plain(value: Any) -> Any:
    """What an answer says, personal values by what they hold: those cannot be compared."""
    if isinstance(value, Personal):
        return ("personal", value.content())
    if isinstance(value, tuple):
        return tuple(map(plain, value))
    if hasattr(value, "__dataclass_fields__"):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return value


def answer(cases: Sequence[Case], question: Question, around: Surroundings | None = None) -> Advice:
    """The answer at the time that is asked about."""
    return advise(cases, question, baseline(), question.at, around or Surroundings(policy=policy_file("star").policy))


@settings(max_examples=300, deadline=None)
@given(history=lives(), question=questions)
def test_a_row_gives_the_answer_that_its_case_gives(history: History, question: Question) -> None:
    from_the_row, from_the_case = (answer([case], question) for case in (own(rows_of(history)), history.state))
    assert plain(from_the_row) == plain(from_the_case)


@settings(max_examples=200, deadline=None)
@given(there=lives("there"), here=lives("here"), question=questions, home=st.sampled_from(HOMES))
def test_the_rows_of_a_home_give_what_the_whole_cases_would_and_name_nobody(
    there: History, here: History, question: Question, home: str
) -> None:
    def around(*cases: Case) -> Surroundings:
        return Surroundings(homes=frozenset({home}), at_home=cases, policy=policy_file("star").policy)

    parts = [part_of_case(row) for row in rows_of(there) if row.home == home]
    from_rows = answer([here.state], question, around(*parts))
    assert plain(from_rows) == plain(answer([here.state], question, around(there.state)))
    for part in parts:
        assert (part.restrictions, part.contacts, part.adjustments, part.merges) == ((), (), (), ())
    said = repr(plain(answer([], question, around(*parts))))
    assert there.case not in said
    assert there.person not in said


@settings(max_examples=200, deadline=None)
@given(history=lives(), question=questions)
def test_precautions_and_safe_ways_go_with_every_answer_under_any_history(history: History, question: Question) -> None:
    found = answer([history.state], question)
    day = question.at.date()  # at noon, and so the same in London
    standing = [
        [p.value for p in warning.precautions]
        for warning in history.state.safety
        if warning.approved_on
        and warning.approved_on <= day <= warning.expires_on
        and (warning.over_from is None or day < warning.over_from)
    ]
    assert found.precautions is not NotKnown.NOT_KNOWN
    assert [[step.code for step in caution.steps] for caution in found.precautions] == standing
    visits = [s for s in history.state.safe_contacts if s.no_visits and s.from_on <= day]
    stands = any(s.last_day is None or day <= s.last_day for s in visits)
    assert ("no_visits" in [phrase.code for phrase in found.instructions]) is stands


def test_a_case_has_a_row_and_one_for_each_home_that_it_attaches_something_to() -> None:
    history = History("one").opened()
    assert [row.home for row in rows_of(history)] == [OF_THE_CASE]
    warned(history, MONDAY, 31)  # home-1
    warned(history, MONDAY, 32)  # home-2
    warned(history, MONDAY, 33)  # no home
    warned(history, MONDAY, 10)  # home-1, and nobody approved it
    assert [(row.home, len(row.warnings)) for row in rows_of(history)] == [
        (OF_THE_CASE, 3),
        ("home-1", 1),
        ("home-2", 1),
    ]


def test_a_home_where_nobody_calls_has_a_row_while_the_customer_lives_there() -> None:
    history = History("one").opened()
    moved(history, MONDAY, 1)
    safe(history, MONDAY, 1)
    assert [(row.home, len(row.safe_ways)) for row in rows_of(history)] == [(OF_THE_CASE, 1), ("home-1", 1)]
    moved(history, MONDAY, 0)
    assert [row.home for row in rows_of(history)] == [OF_THE_CASE]


def test_a_row_knows_under_which_ids_its_customer_is_known() -> None:
    history = History("one").opened()
    merged(history, MONDAY, 1)
    assert rows_of(history)[0].known_as == (history.person, "other-1")
    assert own(rows_of(history)).persons() == history.state.persons()


def test_only_contacts_that_can_use_up_an_allowance_are_kept() -> None:
    history = History("one").opened().contact().incident().proposed(MONDAY).applied(MONDAY, ends=MONDAY + timedelta(90))
    enquired(history, MONDAY, 1)
    assert rows_of(history)[0].contacts == ()
    counted(history, MONDAY, 1)
    enquired(history, MONDAY, 1)  # on the day of being told
    enquired(history, MONDAY + timedelta(days=1), 1)
    enquired(history, MONDAY + timedelta(days=1), 2)  # a repair; which purposes count is not for rows to say
    enquired(history, MONDAY + timedelta(days=1), 3)  # nobody knows what for
    enquired(history, MONDAY + timedelta(days=100), 1)
    assert [contact.contact for contact in rows_of(history)[0].contacts] == ["contact-4", "contact-5"]
