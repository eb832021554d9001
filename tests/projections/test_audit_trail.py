"""A history as an auditor reads it: every fact has its sentence, and no sentence holds what people wrote."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given, settings

from domain.case import Case
from domain.events import FACTS, CaseFact, DeadlinePassed, EvidenceAttached
from domain.evolve import HistoryStep
from domain.personal import Personal
from projections.audit_trail import AuditRow, evidence_of, trail
from projections.sentences import sentence
from projections.sentences.reviews import review_sentence
from projections.view import personal_values, steps_of
from tests.golden.samples import personal_texts, sample
from tests.histories import MONDAY, OFFICER, History, instant, main_road
from tests.random_histories import histories

# Written by hand, one sentence for each event of the main road.
MAIN_ROAD = (Path(__file__).parent / "main_road.txt").read_text().splitlines()


def rows(history: History) -> list[AuditRow]:
    return list(trail(steps_of(history.events)))


def test_the_main_road_reads_as_plain_sentences() -> None:
    assert [row.sentence for row in rows(main_road())] == MAIN_ROAD


@pytest.mark.parametrize("stored_name", FACTS)
@pytest.mark.parametrize("bare", [False, True], ids=["full", "bare"])
def test_every_fact_has_a_sentence_without_anything_personal(stored_name: str, bare: bool) -> None:
    event = sample(stored_name, bare=bare)

    told = sentence(HistoryStep(Case(), event, Case()))

    assert re.fullmatch(r"[A-Z0-9][^\n]{10,}[^.]\.", told), told
    assert "None" not in told
    assert "<" not in told  # the shape of an object that somebody forgot to put into words
    assert not [text for text in personal_texts(event) if text in told]


def test_full_samples_hold_something_personal_that_a_sentence_could_betray() -> None:
    with_texts = [name for name in FACTS if personal_texts(sample(name))]

    assert len(with_texts) > 60


def test_a_row_carries_each_personal_value_of_its_fact_by_its_path() -> None:
    [decided] = [row for row in rows(main_road()) if row.type == "RestrictionApplied"]

    assert set(decided.personal) == {
        "behaviour",
        "proportionality",
        "pattern",
        "measures.0.reason",
        "measures.1.reason",
    }


@pytest.mark.parametrize("stored_name", FACTS)
def test_no_personal_value_of_a_fact_is_lost(stored_name: str) -> None:
    fact = sample(stored_name).fact
    paths = dict(personal_values(fact))
    own = [field.name for field in fields(fact) if isinstance(getattr(fact, field.name), Personal)]

    assert set(own) <= set(paths)
    assert len(paths) == len(personal_texts(fact))


def test_a_row_says_who_in_which_post_when_and_under_which_clauses() -> None:
    logged, recorded = rows(main_road())[1:3]

    assert (logged.actor, logged.post) == (OFFICER, "housing_officer")
    assert logged.effective_on == MONDAY
    assert logged.recorded_at.date() == MONDAY + timedelta(days=3)
    assert logged.late_days == 3
    assert recorded.late_days == 0
    assert recorded.clauses == ("4.1",)


def test_an_overridden_rule_stands_on_the_decision_with_its_clause_and_its_sealed_reason() -> None:
    [decided] = [row for row in rows(main_road()) if row.type == "RestrictionApplied"]

    [override] = decided.overrides
    assert (override.rule, override.clause) == ("warning_first", "5.1")
    assert isinstance(override.reason, Personal)


def test_a_decision_rests_on_the_evidence_that_was_there_when_it_was_made() -> None:
    history = (
        History()
        .opened()
        .contact()
        .incident()
        .evidence()
        .warned(MONDAY)
        .evidence()
        .proposed(MONDAY)
        .applied(MONDAY, ends=MONDAY + timedelta(days=30))
    )
    rested = {row.type: row.evidence for row in rows(history)}

    assert rested["WarningIssued"] == ("evidence-1",)
    assert rested["RestrictionApplied"] == ("evidence-1", "evidence-2")
    assert rested["CheckConfirmed"] == ("evidence-1", "evidence-2")


def test_evidence_of_a_contact_counts_for_what_happened_in_it() -> None:
    history = History().opened().contact()
    recording = sample("EvidenceAttached").fact
    assert isinstance(recording, EvidenceAttached)
    history.add(replace(recording, of="contact-1"), MONDAY).incident()

    assert rows(history)[-1].evidence == (history.state.evidence[0][0],)


def test_every_fact_that_names_incidents_or_evidence_tells_what_it_rests_on() -> None:
    history = History().opened().contact().incident().evidence()
    silent = []
    for kind in get_args(CaseFact):
        hints = get_type_hints(kind)
        names = {"incidents": ("incident-1",), "evidence": ("evidence-1",)}
        if kind is not EvidenceAttached and names.keys() & hints.keys():
            event = sample(kind.__name__)
            fact: Any = event.fact
            naming = replace(fact, **{key: ids for key, ids in names.items() if key in hints})
            if evidence_of(HistoryStep(history.state, replace(event, fact=naming), history.state)) != ("evidence-1",):
                silent.append(kind.__name__)

    assert silent == []


def test_somebody_elses_conduct_is_said_to_be_so() -> None:
    history = History("one").opened().contact().incident()
    other = History("two").opened().state

    assert not rows(history)[-1].sentence.endswith("somebody else's conduct.")
    assert sentence(HistoryStep(other, history.events[-1], other)).endswith("it was somebody else's conduct.")


def test_the_landlords_own_stream_is_told_like_any_other() -> None:
    names = ["LandlordSetUp", "PolicyAdopted", "PostAppointed", "PostEnded"]
    events = [replace(sample(name, version=n), recorded_at=instant(MONDAY)) for n, name in enumerate(names, 1)]

    told = list(trail(steps_of(events)))

    assert [row.type for row in told] == names
    assert {row.person for row in told} == {None}


def test_a_fact_of_the_landlord_in_a_case_is_a_contradiction() -> None:
    events = [*History().opened().events, sample("PostAppointed", version=2)]

    with pytest.raises(LookupError, match="PostAppointed stands in the stream of a case"):
        steps_of(events)


@settings(max_examples=30, deadline=None)
@given(histories())
def test_a_longer_history_never_changes_what_was_said_of_its_beginning(history: History) -> None:
    whole = [row.sentence for row in rows(history)]

    for count in range(1, len(history.events)):
        assert [row.sentence for row in trail(steps_of(history.events[:count]))] == whole[:count]


@pytest.mark.parametrize(
    ("obligation", "said"),
    [
        ("adjustment:adjustment-1", "Adjustment adjustment-1 was due on 8 February 2027 and not done."),
        (
            "removal:restriction-1:alert:housing_system",
            "Removal restriction-1 (alert, housing system) was due on 8 February 2027 and not done.",
        ),
        (
            "agreed_call:restriction-1.1:2027-02-08",
            "Agreed call restriction-1.1 was due on 8 February 2027 and not done.",
        ),
    ],
)
def test_things_of_one_restriction_that_were_not_done_on_one_day_are_told_apart(obligation: str, said: str) -> None:
    duty, about, *_ = obligation.split(":")
    fact = DeadlinePassed(obligation=obligation, duty=duty, about=about, due_on=date(2027, 2, 8))

    assert review_sentence(fact) == said
