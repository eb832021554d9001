"""Values made and changed in one go are what their own `__init__` would have made, and as frozen."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from dataclasses import FrozenInstanceError, fields, is_dataclass, replace
from typing import Any, cast

import pytest
from hypothesis import given, settings

from domain.case import Case
from domain.case_parts import Notice, Step
from domain.codes import NoticeKind
from domain.evolve import evolve
from domain.values import changed, made
from tests.golden.samples import sample
from tests.histories import MONDAY, OFFICER, History, main_road
from tests.random_histories import histories

NOTICE = Notice(id="notice-1", kind=NoticeKind.DECISION, about="restriction-1")


def values_in(value: object) -> Iterator[Any]:
    """Every value of a class without slots in a case, itself first."""
    if is_dataclass(value) and hasattr(value, "__dict__"):
        yield value
        for item in vars(value).values():
            yield from values_in(item)
    elif isinstance(value, tuple | frozenset):
        for item in value:
            yield from values_in(item)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from values_in(item)


def test_a_changed_copy_is_the_one_that_the_standard_library_makes() -> None:
    copy = changed(NOTICE, signed_by=OFFICER, sent_on=MONDAY)

    assert copy == replace(NOTICE, signed_by=OFFICER, sent_on=MONDAY)
    assert hash(copy) == hash(replace(NOTICE, signed_by=OFFICER, sent_on=MONDAY))
    assert repr(copy) == repr(replace(NOTICE, signed_by=OFFICER, sent_on=MONDAY))
    assert pickle.loads(pickle.dumps(copy)) == copy  # noqa: S301 - its own bytes
    assert (NOTICE.signed_by, NOTICE.sent_on) == (None, None)


def test_what_was_made_of_all_fields_is_what_its_class_makes_of_them() -> None:
    step = made(Step, code="mediation", on=MONDAY, by=OFFICER, issue=None)

    assert step == Step("mediation", MONDAY, OFFICER)
    assert hash(step) == hash(Step("mediation", MONDAY, OFFICER))
    assert repr(step) == repr(Step("mediation", MONDAY, OFFICER))


def test_a_value_without_its_name_is_refused() -> None:
    with pytest.raises(TypeError, match="by its name"):
        made(Step, "mediation", MONDAY, OFFICER, None)


@pytest.mark.parametrize(
    "value",
    [changed(NOTICE, signed_by=OFFICER), made(Step, code="mediation", on=MONDAY, by=OFFICER, issue=None)],
    ids=["changed", "made"],
)
def test_neither_can_be_altered_afterwards(value: Any) -> None:
    with pytest.raises(FrozenInstanceError):
        value.id = "another"
    with pytest.raises(FrozenInstanceError):
        del value.id


@given(history=histories())
@settings(max_examples=60, deadline=None)
def test_no_event_alters_the_case_before_it_or_anything_in_it(history: History) -> None:
    case = Case()
    for event in history.events:
        before = [(value, dict(vars(value))) for value in values_in(case)]
        after = evolve(case, event)

        assert after is not case
        assert all(vars(value) == known for value, known in before)
        case = after


@given(history=histories())
@settings(max_examples=60, deadline=None)
def test_whatever_a_case_holds_has_all_of_its_fields(history: History) -> None:
    for value in values_in(history.state):
        assert set(vars(value)) == {field.name for field in fields(value)}, value


def test_the_main_road_holds_values_of_most_classes_to_try_this_on() -> None:
    assert len({type(value) for value in values_in(main_road().state)}) > 8


def test_a_fact_that_says_nothing_of_the_case_still_moves_its_version() -> None:
    known = cast("Any", sample("ReferredElsewhere", version=2))
    event = replace(known, fact=replace(known.fact, incident=None), position=9)
    case = Case(version=1, position=4)

    after = evolve(case, event)

    assert after == replace(case, version=2, position=9)
    assert (case.version, case.position) == (1, 4)
