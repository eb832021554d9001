"""Reading policy files strictly: what cannot be taken is refused with file, key and reason; a new one just runs."""

from __future__ import annotations

import hashlib
import shutil
from datetime import date
from pathlib import Path

import pytest

from domain.codes import Channel, NoticeKind, Purpose
from domain.policy_file import PolicyRefused, load_baseline, load_policy
from tests.domain.saying import in_the_way_of_a_breach, refusals
from tests.domain.world import Road
from tests.policies import BASELINE, FOLDER, PACKAGED

NAME = "elm.2026-01-01.toml"
ELM = """
landlord = "elm"
name = "Elm Homes"
nation = "scotland"
controller = { is = "decides by itself why and how it holds personal data", clause = "1", strength = "must" }
silent = [
    "adjustments", "alerts", "appeal.against", "appeal.answer_within", "appeal.in_force_meanwhile", "appeal.sent_to",
    "appeal.uninvolved", "appeal.who", "audiences", "breach_reported_to", "checks", "decision.asks",
    "decision.delegates", "decision.evidence_at_least", "decision.individual", "decision.records",
    "document.approved_by", "document.changed_under", "document.dated", "document.equality_assessed", "document.lead",
    "document.legal_basis", "document.linked", "document.owner", "document.replaces", "document.reviewed_every",
    "document.version", "lifting", "ombudsmen", "panel", "privacy", "proposal.by", "proposal.own_area", "records",
    "register", "reports", "responsibilities", "retention", "scope.applies", "scope.channels",
    "scope.complaint_needed", "scope.excluded", "scope.numbers_decide", "scope.principles", "scope.protects",
    "scope.subjects", "steps", "term.exceptional_beyond", "term.extension_longest", "term.extension_needs_pattern",
    "term.fixed", "term.other_needs_reason", "term.stated", "urgent", "warning.at_least",
    "warning.behaviour_must_persist", "warning.by", "warning.forms", "warning.incident_recorded_first",
    "warning.lasts", "warning.waived_when",
]

[document]
title = "How we deal with contact that goes too far"
effective = { is = 2026-01-01, clause = "1", strength = "must" }
review_due = { is = 2027-01-01, clause = "1", strength = "must" }

[scope]
purpose = { why = { says = "To keep contact workable for everybody.", clause = "1", strength = "may" } }
definitions = { too_far = { says = "Contact that harms people or their work.", clause = "1", strength = "may" } }

[categories]
conduct = { title = "Conduct towards staff", clause = "2", strength = "may" }

[grounds]
shouting = { title = "Shouts at staff", category = "conduct", nature = "single", clause = "2", strength = "may" }

[measures]
one = { title = "One contact", effect = "named_contact", asks = ["contact_staff"], clause = "3", strength = "may" }
by_letter = { title = "By letter only", effect = "channels", open = ["letter"], clause = "3", strength = "may" }
talk = { title = "A talk first", effect = "statement", at_warning = true, clause = "3", strength = "may" }

[roles]
manager = { title = "Manager", rank = 4, clause = "4", strength = "must" }
director = { title = "Director", rank = 6, clause = "6", strength = "must" }

[warning]
required = { is = true, clause = "4", strength = "must" }
initial_measures = { is = ["talk"], clause = "3", strength = "may" }

[proposal]

[decision]
by = { is = ["manager"], clause = "4", strength = "must" }

[term]
first = { is = "3 months", clause = "5", strength = "must" }
longest = { is = "9 months", clause = "5", strength = "must" }

[reviews.monthly]
title = "Each month"
every = "1 month"
by = ["manager"]
clause = "5"
strength = "must"

[appeal]
offered = { is = "right", clause = "6", strength = "must" }
window = { is = "10 working days", clause = "6", strength = "must" }
heard_by = { is = ["director"], clause = "6", strength = "must" }

[notices.decision]
signed_by = ["manager"]
clause = "4"
strength = "must"

[notices.decision.contents]
thanks = { says = "Thanks for reading to the end.", clause = "4", strength = "must" }
"""


def problems(source: bytes, name: str = NAME) -> list[str]:
    """What is said of a policy file that is refused."""
    with pytest.raises(PolicyRefused) as refused:
        load_policy(source, name)
    assert str(refused.value) == "\n".join(refused.value.problems)
    return refused.value.problems


def altered(before: str, after: str) -> bytes:
    """Elm's policy with one place written otherwise."""
    assert ELM.count(before) == 1
    return ELM.replace(before, after).encode()


def test_a_complete_file_is_taken_and_known_by_the_hash_of_its_bytes() -> None:
    file = load_policy(ELM.encode(), NAME)

    assert (file.policy.landlord, file.effective) == ("elm", date(2026, 1, 1))
    assert file.sha256 == hashlib.sha256(ELM.encode()).hexdigest()
    assert load_policy(ELM.encode() + b"\n", NAME).sha256 != file.sha256


@pytest.mark.parametrize("path", sorted(PACKAGED.glob("*.*.toml")), ids=lambda path: path.stem)
def test_every_released_policy_is_taken(path: Path) -> None:
    file = load_policy(path.read_bytes(), path.name)

    assert path.name == f"{file.policy.landlord}.{file.effective}.toml"


def test_the_five_landlords_and_the_baseline_are_there() -> None:
    landlords = {path.name.partition(".")[0] for path in PACKAGED.glob("*.*.toml")}
    baseline = load_baseline((PACKAGED / BASELINE).read_bytes(), BASELINE)

    assert landlords >= {"citizen", "derby", "maidstone", "star", "wolverhampton"}
    assert len(baseline.baseline.rules) == 16


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        pytest.param(
            "\n[scope]",
            "\n[scope]\nchanels = true",
            "scope.chanels: is not a key that a policy has here; check its spelling",
            id="unknown key",
        ),
        pytest.param(
            'nature = "single"',
            'nature = "single", colour = "red"',
            "grounds.shouting.colour: is not a key that a policy has here; check its spelling",
            id="unknown key of an entry",
        ),
        pytest.param('name = "Elm Homes"', "", "name: is missing", id="missing key"),
        pytest.param(
            'required = { is = true, clause = "4", strength = "must" }',
            'required = { is = true, strength = "must" }',
            'warning.required: names no clause; give one, or say source = "assumed"',
            id="missing clause",
        ),
        pytest.param(
            'required = { is = true, clause = "4", strength = "must" }',
            'required = { is = true, clause = "4", strength = "shall" }',
            "warning.required.strength: Input should be 'must', 'should' or 'may'",
            id="unknown strength",
        ),
        pytest.param(
            'nature = "single"',
            'nature = "twice"',
            "grounds.shouting.nature: Input should be 'single', 'pattern' or 'either'",
            id="unknown code",
        ),
        pytest.param(
            "required = { is = true",
            'required = { is = "no"',
            "warning.required.is: Input should be a valid boolean",
            id="words for a truth",
        ),
        pytest.param(
            "effective = { is = 2026-01-01",
            "effective = { is = 1767225600",
            "document.effective.is: Input should be a valid date",
            id="number for a date",
        ),
        pytest.param(
            "rank = 6", "rank = 6.0", "roles.director.rank: Input should be a valid integer", id="half a rank"
        ),
        pytest.param(
            'offered = { is = "right", clause = "6", strength = "must" }\n',
            "",
            "appeal.offered: is absent; give it, or list it under silent\nappeal.window needs appeal.offered",
            id="unlisted silence",
        ),
        pytest.param(
            '"adjustments", "alerts"',
            '"adjustments", "alerts", "term.first"',
            "silent lists term.first, which is given",
            id="listed silence that is given",
        ),
        pytest.param(
            '"adjustments", "alerts"',
            '"adjustments", "alerts", "term.frist"',
            "silent lists term.frist, which is not a value that could be",
            id="listed silence that nothing is called",
        ),
        pytest.param(
            'by = { is = ["manager"], clause = "4"',
            'by = { is = ["mayor"], clause = "4"',
            "decision.by: there is no role 'mayor' under [roles]",
            id="dangling role",
        ),
        pytest.param(
            'signed_by = ["manager"]',
            'signed_by = ["mayor"]',
            "notices.decision.signed_by: there is no role 'mayor' under [roles]",
            id="dangling role of a letter",
        ),
        pytest.param(
            'category = "conduct"',
            'category = "manners"',
            "grounds.shouting.category: there is no category 'manners' under [categories]",
            id="dangling category",
        ),
        pytest.param(
            'initial_measures = { is = ["talk"]',
            'initial_measures = { is = ["walk"]',
            "warning.initial_measures: there is no measure 'walk' under [measures]",
            id="dangling measure",
        ),
        pytest.param(
            "review_due = { is = 2027-01-01",
            "review_due = { is = 2025-12-31",
            "document.review_due lies before document.effective",
            id="review due before it takes effect",
        ),
        pytest.param(
            'longest = { is = "9 months"',
            'longest = { is = "12 weeks"',
            "term.first (3 months) is longer than term.longest (12 weeks)",
            id="first term longer than the longest",
        ),
        pytest.param(
            'every = "1 month"\n',
            "",
            "reviews.monthly: says neither every nor per_case",
            id="review without an interval",
        ),
        pytest.param(
            'every = "1 month"',
            'every = "1 month"\nfirst_after = "2 weeks"',
            "reviews.monthly: first_after and every are counted in units that cannot be added",
            id="intervals that cannot be added",
        ),
        pytest.param(
            'open = ["letter"]',
            'open = ["letter"], closed = ["letter"]',
            "measures.by_letter: a channel is both open and closed",
            id="channel open and closed",
        ),
        pytest.param(
            'effect = "channels", open = ["letter"]',
            'effect = "channels"',
            "measures.by_letter: a measure on channels says which stay open, which close, or asks for them",
            id="measure on no channel",
        ),
    ],
)
def test_what_cannot_be_taken_is_refused_with_file_key_and_reason(before: str, after: str, problem: str) -> None:
    assert problems(altered(before, after)) == [f"{NAME}: {line}" for line in problem.splitlines()]


@pytest.mark.parametrize("period", ["0 months", "3 fortnights", "a month", "3  months", "-1 month"])
def test_a_period_that_cannot_be_is_refused(period: str) -> None:
    how = (
        "A period is a whole number from 1 up and a unit, with one space between them: "
        '"10 days", "20 working days", "1 week", "3 months" or "1 year".'
    )
    source = altered('first = { is = "3 months"', f'first = {{ is = "{period}"')
    assert problems(source) == [f"{NAME}: term.first.is: {how}"]


def test_every_problem_is_named_at_once() -> None:
    source = altered('category = "conduct"', 'category = "manners"').replace(
        b'by = { is = ["manager"], clause = "4"', b'by = { is = ["mayor"], clause = "4"'
    )

    assert problems(source) == [
        f"{NAME}: decision.by: there is no role 'mayor' under [roles]",
        f"{NAME}: grounds.shouting.category: there is no category 'manners' under [categories]",
    ]


@pytest.mark.parametrize("name", ["elm.2026-01-02.toml", "oak.2026-01-01.toml", "elm.toml", "ELM.2026-01-01.toml"])
def test_a_file_is_called_by_its_landlord_and_date(name: str) -> None:
    assert problems(ELM.encode(), name) == [
        f"{name}: file name: by its landlord and effective date it must be called elm.2026-01-01.toml"
    ]


def test_bytes_that_are_not_utf_8_are_refused_with_their_place() -> None:
    assert problems(b'landlord = "\xff"') == [f"{NAME}: byte 12: is not UTF-8"]


def test_what_is_not_toml_is_refused_with_its_line() -> None:
    (problem,) = problems(b"landlord = \n")

    assert problem.startswith(f"{NAME}: is not TOML: ")
    assert "line 1" in problem


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("number = 16", "number = 15", "the rules are numbered 1 to 16, each once"),
        ("number = 16", "number = 17", "rules.retention.number: Input should be less than or equal to 16"),
        ('"repair", "hazard"', '"danger"', "always_open: a purpose stands in two lists"),
        ("[interim_lasts]", "[interim_lasts]\nhow = 1", "interim_lasts.how: is not a key"),
    ],
    ids=["a rule twice", "a seventeenth rule", "a purpose twice", "an unknown key"],
)
def test_a_baseline_that_cannot_be_taken_is_refused(before: str, after: str, problem: str) -> None:
    source = (PACKAGED / BASELINE).read_text(encoding="utf-8")
    assert source.count(before) == 1

    with pytest.raises(PolicyRefused) as refused:
        load_baseline(source.replace(before, after).encode(), BASELINE)

    (said,) = refused.value.problems
    assert said.startswith(f"{BASELINE}: {problem}")


def test_a_baseline_without_one_of_its_sixteen_rules_is_refused() -> None:
    source = (PACKAGED / BASELINE).read_text(encoding="utf-8")
    start = source.index("[rules.retention]")
    without = source[:start] + source[source.index("[always_open]", start) :]

    with pytest.raises(PolicyRefused) as refused:
        load_baseline(without.encode(), BASELINE)

    assert refused.value.problems == [f"{BASELINE}: the rules are numbered 1 to 16, each once"]


@pytest.fixture
def elm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Road:
    """A landlord that no code knows, before anything was logged."""
    (tmp_path / NAME).write_text(ELM, encoding="utf-8")
    shutil.copy(PACKAGED / BASELINE, tmp_path)
    monkeypatch.setenv(FOLDER, str(tmp_path))
    return Road("elm", today=date(2026, 3, 23))


def test_a_new_landlord_needs_a_file_and_no_code(elm: Road) -> None:
    restriction = elm.restricted(elm.measure("by_letter"))

    (bound,) = elm.world.case.binding_on(elm.world.today)
    assert bound.measure.open == (Channel.LETTER, Channel.THIRD_PARTY)
    assert elm.world.case.restrictions[-1].ends_on == date(2026, 6, 30)
    assert [r.due_on for r in elm.world.case.restrictions[-1].schedule] == [
        date(2026, 4, 30),
        date(2026, 5, 30),
        date(2026, 6, 30),
    ]
    assert in_the_way_of_a_breach(elm, restriction) == set()
    assert in_the_way_of_a_breach(elm, restriction, purpose=Purpose.REPAIR) == {"some_contact_gets_through"}
    (letter,) = elm.world.case.notices_about(restriction, NoticeKind.DECISION)
    # Ten working days from 30 March in Scotland, where Good Friday is a bank holiday and Easter Monday is none.
    assert letter.appeal_until == date(2026, 4, 14)


def test_a_new_landlords_rules_refuse_with_its_own_clauses(elm: Road) -> None:
    proposal = elm.ready(leave_out=["warning"])
    application = elm.application(proposal, elm.measure("talk"), ends_on=date(2027, 3, 30))

    found = refusals(elm, application, by="director")

    assert found == {"post_held": "4", "warning_first": "4", "longest_term": "5", "warning_stage_only": "3"}
