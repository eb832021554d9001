"""Restrictions brought along: what a register tells is taken, what it does not is missing, what cannot be is not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.advice import advise
from domain.calendar import Period, last_day
from domain.codes import Channel, Direction, NoticeKind, Purpose
from domain.compliance import Compliance, Verdict, compliance
from domain.decisions.changes import ChangeNamedContact
from domain.decisions.importing import ImportedMeasure, ImportRestriction
from domain.decisions.intake import OpenCase
from domain.handling import Handling, Question
from domain.obligations import open_obligations
from domain.policy import MeasureKind
from tests.domain.world import PERSON, START, Road, World, staff

FIRST = START - timedelta(days=20)


def opened(landlord: str = "maidstone") -> World:
    world = World(landlord)
    world.do(OpenCase(person=PERSON))
    return world


def imported(**said: object) -> ImportRestriction:
    """Two of a register's cells: when it began, and one named contact."""
    told = {"source": "register", "line": 2, "measures": ({"code": "single_contact"},), "starts_on": FIRST, **said}
    return ImportRestriction.model_validate(told)


def rules(world: World, **said: object) -> set[str]:
    return world.rules(imported(**said))


def looked_back(world: World) -> Compliance:
    policies = {world.ref: world.policy}
    return compliance(world.history, lambda _: world.landlord, policies.get, world.baseline.baseline, world.today)


def test_without_an_end_it_has_the_policys_term_from_its_start_and_says_so() -> None:
    world = opened()
    world.do(imported())
    [restriction] = world.case.restrictions
    assert restriction.ends_on == last_day(FIRST, Period.parse("3 months"), world.policy.nation)
    assert "ends_on" in restriction.missing
    assert restriction.in_force_on(world.today)


def test_one_whose_end_has_passed_is_history() -> None:
    world = opened()
    world.do(imported(starts_on=date(2024, 1, 8), ends_on=date(2024, 4, 8)))
    [restriction] = world.case.restrictions
    assert restriction.over_on(world.today)
    assert restriction.schedule == ()
    assert not [one for one in open_obligations(world.case, world.today) if "restriction-1" in one]


def test_a_policy_without_a_term_asks_when_it_ends() -> None:
    world = opened("citizen")
    measures = ({"code": "named_staff"},)
    assert rules(world, measures=measures) == {"an_end_and_a_review"}
    world.do(imported(measures=measures, ends_on=START + timedelta(days=60)))
    assert world.case.restrictions[0].in_force_on(world.today)


def test_nobody_is_taken_to_have_been_told_until_their_letter_is_received() -> None:
    world = opened()
    world.do(imported())
    owed = open_obligations(world.case, world.today)
    assert f"letter:restriction-1:{NoticeKind.DECISION}" in owed
    told = opened()
    told.do(imported(told_on=FIRST))
    assert f"letter:restriction-1:{NoticeKind.DECISION}" not in open_obligations(told.case, told.today)


def test_who_answers_is_a_task_until_somebody_is_named() -> None:
    world = opened()
    world.do(imported(told_on=FIRST))
    assert "named_contact:restriction-1.1" in open_obligations(world.case, world.today)
    naming = ChangeNamedContact(
        restriction="restriction-1", measure="restriction-1.1", contact_staff=(staff("policy_and_information"),)
    )
    world.do(naming, by="head_of_policy")
    assert "named_contact:restriction-1.1" not in open_obligations(world.case, world.today)


def test_reviews_before_the_import_are_not_made_up_and_the_next_one_lies_ahead() -> None:
    world = opened()
    starts_on = START - timedelta(days=200)
    world.do(imported(starts_on=starts_on, ends_on=START + timedelta(days=200)))
    [restriction] = world.case.restrictions
    assert "reviews" in restriction.missing
    assert restriction.schedule
    assert all(review.due_on >= START for review in restriction.schedule)
    assert not [f for f in looked_back(world).findings if f.verdict is Verdict.NOT_MET]


def test_a_review_that_the_register_tells_of_counts_for_the_one_that_was_due() -> None:
    world = opened()
    starts_on = START - timedelta(days=95)
    said = {"starts_on": starts_on, "ends_on": START + timedelta(days=200)}
    world.do(imported(**said, last_reviewed_on=START - timedelta(days=8)))
    assert "reviews" not in world.case.restrictions[0].missing


def test_what_it_does_not_tell_cannot_be_shown() -> None:
    world = opened()
    world.do(imported())
    found = {f.rule for f in looked_back(world).of(Verdict.CANNOT_BE_SHOWN)}
    assert {"warning_first", "told_in_writing", "an_end_and_a_review", "post_held"} <= found


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({"starts_on": START + timedelta(days=1)}, "not_in_the_future"),
        ({"told_on": START + timedelta(days=1)}, "not_in_the_future"),
        ({"warned_on": START + timedelta(days=1)}, "not_in_the_future"),
        ({"ends_on": FIRST - timedelta(days=1)}, "end_before_start"),
        ({"ends_on": FIRST + timedelta(days=3660)}, "an_end_and_a_review"),
        ({"decided_on": FIRST + timedelta(days=1)}, "end_before_start"),
        ({"decided_on": FIRST, "told_on": FIRST - timedelta(days=1)}, "end_before_start"),
        ({"last_reviewed_on": FIRST - timedelta(days=1)}, "end_before_start"),
        ({"starts_on": None}, "starts_on_needed"),
        ({"measures": ({"code": "stocks"},)}, "unknown_measure"),
        ({"measures": ({"code": "filed"},)}, "measure_needs_issue"),
        ({"measures": ({"code": "one_channel"},)}, "measure_needs_open"),
        ({"measures": ({"code": "call_count", "count": 2},)}, "measure_needs_per"),
        ({"measures": ({"code": "one_channel", "open": ("letter", "email")},)}, "channels_chosen"),
        ({"grounds": ("rudeness",)}, "unknown_ground"),
    ],
)
def test_what_cannot_be_is_refused(said: dict[str, object], rule: str) -> None:
    assert rule in rules(opened(), **said)


def test_the_same_start_is_there_already_and_days_in_common_are_told() -> None:
    world = opened()
    world.do(imported())
    assert rules(world) == {"already_there"}
    assert rules(world, starts_on=FIRST - timedelta(days=10)) == {"one_in_force"}
    world.do(imported(starts_on=date(2024, 1, 8), ends_on=date(2024, 2, 8)))
    assert [r.in_force_on(world.today) for r in world.case.restrictions] == [True, False]


def test_a_restriction_that_was_decided_here_has_no_other_brought_beside_it() -> None:
    road = Road("maidstone")
    road.restricted()
    assert rules(road.world, starts_on=road.world.today - timedelta(days=1)) == {"one_in_force"}


def test_what_is_in_another_case_of_the_person_is_there_already() -> None:
    world, other = opened(), opened()
    other.stream = "case-2"
    other.do(imported(ends_on=FIRST))
    world.others = (other.case,)
    assert rules(world, ends_on=FIRST) == {"already_there"}


def test_only_the_service_itself_or_somebody_with_a_post_brings_along() -> None:
    world = opened()
    assert world.rules(imported(), by="staff-nobody") == {"post_held"}


@pytest.mark.parametrize("landlord", ["citizen", "derby", "maidstone", "star", "wolverhampton"])
def test_every_measure_of_a_policy_can_be_brought_along_with_what_it_cannot_do_without(landlord: str) -> None:
    world = opened(landlord)
    measures = [_least(code, kind) for code, kind in world.policy.measures.items()]
    command = ImportRestriction(
        source="register", line=2, starts_on=FIRST, ends_on=START + timedelta(days=30), measures=tuple(measures[:20])
    )
    world.do(command)
    assert [m.code for m in world.case.restrictions[0].sets[-1].measures] == [m.code for m in measures[:20]]


def _least(code: str, kind: MeasureKind) -> ImportedMeasure:
    could = {
        "open": tuple((kind.choose_from or (Channel.LETTER,))[: kind.choose or 1]),
        "issue": "issue-1",
        "count": 2,
        "per": "1 week",
        "minutes": 10,
    }
    return ImportedMeasure.model_validate({"code": code} | {n: v for n, v in could.items() if n in kind.asks})


# who answers, reads, is met and speaks, by the register itself


def test_whoever_the_register_names_is_not_missing() -> None:
    world = opened("citizen")
    measures = (
        {"code": "named_staff", "contact_staff": (staff("case_officer"),)},
        {"code": "filed", "issue": "issue-1", "reader": world.landlord.tenures[0].id},
        {"code": "third_party", "third_party": "somebody"},
    )
    world.do(imported(measures=measures, ends_on=START + timedelta(days=60)))
    [restriction] = world.case.restrictions
    named, filed, spoken = restriction.sets[-1].measures
    reader = world.landlord.tenures[0].staff
    assert (named.contact_staff, filed.reader, spoken.third_party) == ((staff("case_officer"),), reader, "somebody")
    assert not [item for item in restriction.missing if item.startswith("measures.")]


@pytest.mark.parametrize("field", ["contact_staff", "reader"])
def test_somebody_who_never_held_a_post_neither_answers_nor_reads(field: str) -> None:
    said = {"contact_staff": ("staff-nobody",)} if field == "contact_staff" else {"reader": "staff-nobody"}
    measure = {"code": "filed", "issue": "issue-1"} if field == "reader" else {"code": "single_contact"}
    assert rules(opened(), measures=({**measure, **said},)) == {"unknown_colleague"}


def test_somebody_who_was_told_only_when_all_was_over_was_told_late() -> None:
    for told_on, days_late in ((FIRST + timedelta(days=9), None), (FIRST + timedelta(days=10), 10)):
        world = opened()
        world.do(imported(decided_on=FIRST, ends_on=FIRST + timedelta(days=9), told_on=told_on))
        [told] = [one for one in looked_back(world).findings if one.rule == "told_in_writing"]
        assert (told.verdict, told.days_late) == (Verdict.LATE if days_late else Verdict.MET, days_late)


def test_until_they_are_told_the_customer_is_answered_as_anybody_and_after_it_by_the_measure() -> None:
    world = opened()
    world.do(imported())
    assert handling(world) is Handling.TAKE
    told = opened()
    told.do(imported(told_on=FIRST))
    assert handling(told) is not Handling.TAKE


def handling(world: World) -> Handling:
    """What a call-handler does with an ordinary call of today."""
    asked = Question(direction=Direction.INBOUND, channel=Channel.TELEPHONE, at=world.now, purpose=Purpose.ENQUIRY)
    return advise([world.case], asked, world.baseline.baseline, world.now).handling
