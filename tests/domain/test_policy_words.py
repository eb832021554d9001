"""A policy told in words: every value of every file is in it, and it says where each comes from."""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path

import pytest
from pydantic import BaseModel

from domain.calendar import Period
from domain.events.parts import PolicyRef
from domain.policy import Ground, MeasureKind, Policy, Role
from domain.policy_file import PolicyFile, load_policy
from domain.policy_words import show, words

POLICIES = Path(__file__).parents[2] / "domain" / "policies"
FILES = sorted(path for path in POLICIES.glob("*.toml") if path.name != "baseline.toml")
TODAY = date(2026, 11, 22)


def loaded(landlord: str) -> PolicyFile:
    (path,) = POLICIES.glob(f"{landlord}.*.toml")
    return load_policy(path.read_bytes(), path.name)


def told(landlord: str, today: date = TODAY) -> str:
    return "\n".join(words(loaded(landlord).policy, today))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_value_of_a_policy_is_left_untold(path: Path) -> None:
    policy = load_policy(path.read_bytes(), path.name).policy
    as_it_is = list(words(policy, TODAY))

    untold = [key for key, altered in one_value_altered(policy) if list(words(altered, TODAY)) == as_it_is]

    assert untold == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_policy_is_told_in_words_and_not_in_codes(path: Path) -> None:
    policy = load_policy(path.read_bytes(), path.name).policy

    assert [line for line in words(policy, TODAY) if "_" in line] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_ground_measure_and_role_ends_with_its_clause_and_strength(path: Path) -> None:
    policy = load_policy(path.read_bytes(), path.name).policy
    lines = [line.strip() for line in words(policy, TODAY)]

    entries: list[Ground | MeasureKind | Role] = [*policy.grounds.values(), *policy.measures.values()]
    for entry in (*entries, *policy.roles.values()):
        (line,) = [line for line in lines if line.startswith(f"{entry.title}.")]
        assert line.endswith(f"[clause {entry.clause}, {entry.strength}]")


def test_the_words_say_what_was_assumed_and_how_the_text_was_read() -> None:
    citizen = told("citizen")

    assert "  Decided by: Head of Service. We read it so: The text names nobody who decides;" in citizen
    assert "Heads of Service answer for carrying the policy out. [clause 4¶1, must, assumed]" in citizen
    assert "Every: 6 months (assumed)." in citizen


def test_the_words_say_what_the_text_leaves_unsaid() -> None:
    _, _, silent = told("citizen").partition("What the text does not say")

    assert "\n  Appeal: time in which to appeal\n" in silent
    assert "\n  Ombudsmen\n" in silent


def test_grounds_stand_under_their_category() -> None:
    derby = told("derby").splitlines()
    start = next(i for i, line in enumerate(derby) if line.startswith("  Excessive contact."))

    assert derby[start + 1].startswith("    Takes up too many resources")
    assert derby[start + 2].startswith("    Pursues one matter again and again")


@pytest.mark.parametrize(
    ("today", "past"), [(date(2025, 2, 28), False), (date(2025, 3, 1), True)], ids=["last day", "day after"]
)
def test_a_policy_past_its_review_date_is_still_in_force(today: date, past: bool) -> None:
    assert ("past its review date, still in force" in told("citizen", today)) is past


def test_a_policy_that_names_no_review_date_is_never_past_it() -> None:
    assert "past its review date" not in told("derby", date(2040, 1, 1))


def test_on_a_screen_no_line_is_too_long_and_the_file_is_known_by_its_hash() -> None:
    file = loaded("derby")
    ref = PolicyRef(landlord="derby", effective=file.effective, sha256=file.sha256, baseline_sha256="b" * 64)

    screen = show(file.policy, ref, TODAY).splitlines()

    assert max(map(len, screen)) <= 100
    assert screen[-2:] == [f"Policy file: {file.sha256}", f"Baseline file: {'b' * 64}"]


def one_value_altered(policy: Policy) -> Iterator[tuple[str, Policy]]:
    """The policy as often as its file has values, each time with one of them altered and its key."""
    for key, altered in _altered_model(policy, policy):
        assert isinstance(altered, Policy)
        yield key, altered


def _altered_model(policy: Policy, model: BaseModel) -> Iterator[tuple[str, BaseModel]]:
    for name in sorted(model.model_fields_set):
        for key, altered in _altered(policy, name, getattr(model, name)):
            yield f"{name}{key}", model.model_copy(update={name: altered})


def _altered(policy: Policy, name: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, BaseModel):
        for key, model in _altered_model(policy, value):
            yield f".{key}", model
    elif isinstance(value, Mapping):
        for code, entry in value.items():
            for key, altered in _altered(policy, name, entry):
                yield f".{code}{key}", {**value, code: altered}
    elif isinstance(value, tuple):
        for n, each in enumerate(value):
            for key, altered in _altered(policy, name, each):
                yield f"[{n}]{key}", (*value[:n], altered, *value[n + 1 :])
    else:
        yield "", _another(policy, name, value)


def _another(policy: Policy, name: str, value: object) -> object:
    """A different value of the same kind; a code is exchanged for another one that exists."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case date():
            return value.replace(year=value.year + 1)
        case Period():
            return Period(value.count + 1, value.unit)
        case StrEnum():
            return next(other for other in type(value) if other is not value)
        case str():
            known = (policy.categories, policy.roles, policy.measures)
            catalogue = next((codes for codes in known if value in codes), {})
            others = (code for code in catalogue if code != value)
            return next(others, f"{value} otherwise")
        case _:
            raise AssertionError(f"{name}: no way to alter {value!r}")
