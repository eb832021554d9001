"""What a register did not say is supplied later, with when it really was; the task is gone, looking back says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from domain.codes import Channel, NoticeKind, Purpose, RoleCode
from domain.compliance import Finding, Verdict
from domain.decisions.changes import ChangeNamedContact
from domain.decisions.completing import CompleteImport
from domain.decisions.intake import LogContact, RecordIncident
from domain.decisions.merging import MergeRecords
from domain.decisions.notices import TellByTelephone
from domain.obligations import open_obligations
from tests.domain.test_importing import FIRST, imported, looked_back, opened
from tests.domain.world import START, Road, World, staff, words


def brought(**said: object) -> World:
    """One of whom the register says when it began, that it goes on, and by what; all else is missing."""
    world = opened()
    world.do(imported(**{"ends_on": START + timedelta(days=60), **said}))
    return world


def found(**said: Any) -> CompleteImport:
    return CompleteImport.model_validate({"restriction": "restriction-1", "found_in": words(), **said})


def tasks(world: World) -> set[str]:
    """What is still to be found out of the restriction."""
    mine = "missing:restriction-1:"
    return {task.removeprefix(mine) for task in open_obligations(world.case, world.today) if task.startswith(mine)}


def one(world: World, rule: str) -> Finding:
    (finding,) = [f for f in looked_back(world).findings if (f.rule, f.about) == (rule, "restriction-1")]
    return finding


def ground(world: World) -> str:
    return next(iter(world.policy.grounds))


# every item that is missing can be supplied


def test_everything_that_is_missing_is_a_task() -> None:
    world = brought()
    missing = {*world.case.restrictions[0].missing}
    assert {"warned_on", "decided_on", "told_on", "last_reviewed_on", "behaviour", "grounds", "household"} <= missing
    owed_otherwise = {"told_on", "measures.single_contact.contact_staff"}  # a letter, and a contact to be named
    assert tasks(world) == missing - owed_otherwise


def test_each_item_is_supplied_in_one_command_and_no_task_is_left() -> None:
    world = brought(ends_on=None, decided_on=None)
    world.landlord = replace(world.landlord, policies=(world.ref,))
    world.do(
        found(
            warned_on=FIRST - timedelta(days=30),
            decided_on=FIRST,
            told_on=FIRST + timedelta(days=2),
            ends_on=START + timedelta(days=30),
            reviewed_on=[START - timedelta(days=2)],
            grounds=[ground(world)],
            household="tenancy-1",
            policy=world.ref.effective,
            behaviour=words(),
            proportionality=words(),
            measures=[{"measure": "restriction-1.1", "contact_staff": [staff("case_officer")]}],
        )
    )
    [restriction] = world.case.restrictions
    assert restriction.missing == ()
    assert tasks(world) == set()
    assert not [t for t in open_obligations(world.case, world.today) if t.startswith(("named_contact", "letter"))]
    assert (restriction.ends_on, restriction.household) == (START + timedelta(days=30), "tenancy-1")
    assert restriction.sets[0].measures[0].contact_staff == (staff("case_officer"),)
    assert max(r.due_on for r in restriction.schedule) <= restriction.ends_on
    assert (one(world, "warning_first").verdict, one(world, "told_in_writing").verdict) == (Verdict.MET, Verdict.MET)
    assert one(world, "an_end_and_a_review").verdict is Verdict.MET


@pytest.mark.parametrize(
    ("landlord", "code", "parameter", "value"),
    [
        ("maidstone", "filed", "reader", staff("case_officer")),
        ("derby", "appointment_at_office", "office", "town-hall"),
        ("citizen", "third_party", "third_party", "somebody"),
        ("citizen", "appointment", "contact_staff", [staff("case_officer")]),
    ],
)
def test_who_reads_speaks_or_is_met_where_is_supplied_for_a_measure(
    landlord: str, code: str, parameter: str, value: object
) -> None:
    world = opened(landlord)
    measure = {"code": code, **({"issue": "issue-1"} if code == "filed" else {})}
    world.do(imported(measures=(measure,), told_on=FIRST, ends_on=START + timedelta(days=60)))
    item = f"measures.{code}.{parameter}"
    assert item in tasks(world)
    world.do(found(measures=[{"measure": "restriction-1.1", parameter: value}]))
    assert item not in tasks(world)
    said = getattr(world.case.restrictions[0].sets[-1].measures[0], parameter)
    assert said == (tuple(value) if isinstance(value, list) else value)


def test_the_words_of_another_measure_and_its_start_are_supplied() -> None:
    world = opened()
    world.do(imported(measures=({"code": "other"},), starts_on=None, decided_on=FIRST, ends_on=START))
    assert {"measures.other.words", "starts_on"} <= tasks(world)
    world.do(found(starts_on=FIRST + timedelta(days=3), measures=[{"measure": "restriction-1.1", "words": words()}]))
    assert not {"measures.other.words", "starts_on"} & tasks(world)
    assert world.case.restrictions[0].starts_on == FIRST + timedelta(days=3)


def test_who_answers_is_no_longer_missing_once_another_command_named_somebody() -> None:
    world = brought(told_on=FIRST)
    naming = ChangeNamedContact(
        restriction="restriction-1", measure="restriction-1.1", contact_staff=(staff("policy_and_information"),)
    )
    world.do(naming, by="head_of_policy")
    refused = world.rules(found(measures=[{"measure": "restriction-1.1", "contact_role": "case_officer"}]))
    assert refused == {"not_missing"}


def test_the_right_person_is_found_with_a_merger() -> None:
    world, other = brought(also_missing=("reference",)), opened()
    other.stream, other.case = "case-2", other.case
    assert "reference" in tasks(world)
    assert world.rules(found(not_done=["reference"])) == {"not_missing"}
    merging = MergeRecords(other_case="case-2", kept="person-2", reason=words())
    assert merging.touches() == "case-2"


# compliance


def test_a_letter_that_went_after_all_is_late_and_no_longer_missing() -> None:
    road = Road("maidstone")
    road.world = brought(decided_on=FIRST)
    assert one(road.world, "told_in_writing").verdict is Verdict.CANNOT_BE_SHOWN
    road.told("restriction-1")
    finding = one(road.world, "told_in_writing")
    assert (finding.verdict, finding.due_on) == (Verdict.LATE, FIRST)
    assert finding.days_late == (finding.done_on - FIRST).days if finding.done_on else False
    assert road.world.rules(found(told_on=FIRST)) == {"not_missing"}


def test_a_conversation_does_not_stand_for_the_letter() -> None:
    world = brought()
    world.do(TellByTelephone(restriction="restriction-1", measures=("restriction-1.1",)))
    assert f"letter:restriction-1:{NoticeKind.DECISION}" in open_obligations(world.case, world.today)


@pytest.mark.parametrize(("days_before", "verdict"), [(30, Verdict.MET), (500, Verdict.NOT_MET), (-5, Verdict.NOT_MET)])
def test_a_warning_supports_what_was_decided_while_it_stood(days_before: int, verdict: Verdict) -> None:
    world = brought(decided_on=FIRST)
    world.do(found(warned_on=FIRST - timedelta(days=days_before)))
    assert one(world, "warning_first").verdict is verdict


def test_reviews_before_it_came_along_are_met_late_or_not_met_by_the_days_on_which_somebody_looked() -> None:
    world = opened()
    starts_on = START - timedelta(days=300)
    world.do(imported(starts_on=starts_on, decided_on=starts_on, ends_on=START + timedelta(days=100)))
    assert "reviews" in tasks(world)
    assert not [
        f for f in looked_back(world).findings if f.rule.startswith("review_") and f.verdict is not Verdict.OPEN
    ]
    [cadence] = {r.cadence for r in world.case.restrictions[0].schedule}
    ahead = world.case.restrictions[0].schedule
    world.do(found(reviewed_on=[starts_on + timedelta(days=85), starts_on + timedelta(days=190)]))
    verdicts = [f.verdict for f in looked_back(world).findings if f.rule == f"review_{cadence}"]
    assert verdicts[:3] == [Verdict.MET, Verdict.LATE, Verdict.NOT_MET]
    assert {f.verdict for f in looked_back(world).findings if f.rule == "an_end_and_a_review"} == {Verdict.MET}
    assert world.case.restrictions[0].schedule == ahead


def test_that_nobody_ever_looked_is_known_too() -> None:
    world = opened()
    world.do(imported(starts_on=START - timedelta(days=200), ends_on=START + timedelta(days=100)))
    world.do(found(not_done=["reviews", "warned_on", "proportionality"]))
    assert not {"reviews", "last_reviewed_on", "warned_on", "proportionality"} & tasks(world)
    assert one(world, "warning_first").verdict is Verdict.NOT_MET
    assert one(world, "reasons_and_evidence").verdict is Verdict.NOT_MET
    assert Verdict.NOT_MET in {f.verdict for f in looked_back(world).findings if f.rule.startswith("review_")}


def test_what_was_looked_for_in_vain_is_no_task_and_still_cannot_be_shown() -> None:
    world = brought()
    world.do(found(not_found=["warned_on", "household"]))
    assert not {"warned_on", "household"} & tasks(world)
    assert one(world, "warning_first").verdict is Verdict.CANNOT_BE_SHOWN
    world.do(found(warned_on=FIRST - timedelta(days=1)))  # it turned up after all
    assert one(world, "warning_first").verdict is Verdict.MET


def test_a_step_before_the_decision_was_in_time_or_late() -> None:
    world = brought(decided_on=FIRST)
    [check, *_] = world.policy.checks
    steps = [
        {"rule": "adjustments", "done_on": FIRST - timedelta(days=1)},
        {"rule": f"check_{check}", "done_on": FIRST + timedelta(days=4)},
    ]
    world.do(found(steps=steps, not_done=["a_usable_channel_stays_open"]))
    assert one(world, "adjustments").verdict is Verdict.MET
    late = one(world, f"check_{check}")
    assert (late.verdict, late.days_late) == (Verdict.LATE, 4)
    assert one(world, "a_usable_channel_stays_open").verdict is Verdict.NOT_MET
    assert one(world, "post_held").verdict is Verdict.CANNOT_BE_SHOWN


def test_reasons_and_evidence_are_shown_by_behaviour_proportion_and_incidents_together() -> None:
    world = brought(decided_on=FIRST)
    on = FIRST - timedelta(days=4)
    world.do(LogContact(channel=Channel.TELEPHONE, summary=words(), happened_on=on, purpose=Purpose.ENQUIRY))
    world.do(
        RecordIncident(
            happened_on=on,
            grounds=("other",),
            account=words(),
            other_ground=words(),
            other_category=world.policy.categories and next(iter(world.policy.categories)),
        )
    )
    world.do(found(behaviour=words(), proportionality=words()))
    assert one(world, "reasons_and_evidence").verdict is Verdict.CANNOT_BE_SHOWN
    world.do(found(incidents=["incident-1"]))
    assert one(world, "reasons_and_evidence").verdict is Verdict.MET


def test_what_was_told_before_binds_from_when_that_was_taken_down() -> None:
    world = brought(decided_on=FIRST)
    world.do(found(told_on=FIRST + timedelta(days=1)))
    [binding] = world.case.binding_on(world.today)
    assert binding.told_on == world.today
    assert one(world, "told_in_writing").done_on == FIRST + timedelta(days=1)


# what cannot be


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ({}, "something_needed"),
        ({"told_on": START + timedelta(days=1)}, "not_in_the_future"),
        ({"told_on": FIRST - timedelta(days=1)}, "end_before_start"),
        ({"decided_on": FIRST + timedelta(days=1)}, "end_before_start"),
        ({"starts_on": FIRST}, "not_missing"),
        ({"ends_on": START}, "not_missing"),
        ({"reviewed_on": [FIRST - timedelta(days=1)]}, "end_before_start"),
        ({"reviewed_on": [START + timedelta(days=1)]}, "held_here"),
        ({"grounds": ["rudeness"]}, "unknown_ground"),
        ({"incidents": ["incident-9"]}, "unknown_incident"),
        ({"policy": date(2020, 1, 1)}, "policy_adopted"),
        ({"measures": [{"measure": "restriction-1.9", "office": "x"}]}, "unknown_measure"),
        ({"measures": [{"measure": "restriction-1.1", "contact_staff": ["staff-nobody"]}]}, "unknown_colleague"),
        ({"measures": [{"measure": "restriction-1.1", "contact_role": "king"}]}, "unknown_role"),
        ({"measures": [{"measure": "restriction-1.1", "office": "town-hall"}]}, "not_missing"),
        ({"steps": [{"rule": "witchcraft", "done_on": FIRST}]}, "not_missing"),
        ({"not_done": ["told_on"]}, "not_missing"),
        ({"not_found": ["ends_on"]}, "not_missing"),
        ({"not_found": ["grounds"], "grounds": ["other"]}, "said_twice"),
        ({"measures": [{"measure": "restriction-1.1", "contact_role": r} for r in ("a", "b")]}, "said_twice"),
        ({"steps": [{"rule": "adjustments", "done_on": FIRST + timedelta(days=n)} for n in (0, 1)]}, "said_twice"),
        ({"restriction": "restriction-9", "told_on": FIRST}, "unknown_restriction"),
    ],
)
def test_what_cannot_be_supplied_is_refused(said: dict[str, object], rule: str) -> None:
    assert rule in brought().rules(found(**said))


def test_one_that_was_decided_here_lacks_nothing() -> None:
    road = Road("maidstone")
    road.restricted()
    assert road.world.rules(found(warned_on=FIRST)) == {"not_brought_along"}


def test_an_end_that_turns_out_to_lie_in_another_restriction_is_refused() -> None:
    world = opened()
    world.do(imported(starts_on=date(2024, 1, 8), ends_on=None))
    world.do(imported(ends_on=START + timedelta(days=60)))
    assert world.rules(found(ends_on=START)) == {"one_in_force"}


def test_an_end_that_has_passed_ends_it_and_one_that_lies_ahead_brings_it_back() -> None:
    world = brought(ends_on=None)
    world.do(found(ends_on=START - timedelta(days=1)))
    assert world.case.restrictions[0].over_on(world.today)
    old = brought(starts_on=START - timedelta(days=300), ends_on=None)
    assert old.case.restrictions[0].over_on(old.today)
    old.do(found(ends_on=START + timedelta(days=20)))
    [restriction] = old.case.restrictions
    assert restriction.in_force_on(old.today)
    assert [review for review in restriction.schedule if START <= review.due_on <= restriction.ends_on]


def test_a_role_that_answers_does_for_a_colleague() -> None:
    world = brought()
    world.do(found(measures=[{"measure": "restriction-1.1", "contact_role": "policy_and_information"}]))
    assert world.case.restrictions[0].sets[0].measures[0].contact_role == RoleCode("policy_and_information")
