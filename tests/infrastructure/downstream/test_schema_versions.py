"""A subscriber stays on the schema that it was built for while a type goes on to the next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.codes import SubscriberKind, Topic
from domain.landlord import Subscriber
from domain.public import PUBLIC, Earlier, PublicType
from infrastructure.downstream import wanted
from infrastructure.downstream.telling import Teller
from infrastructure.downstream.wanted import wanted_of
from infrastructure.mapper import Mapper
from tests.golden.corpus import golden_sealing
from tests.golden.samples import PERSON
from tests.histories import MONDAY, History
from tests.infrastructure.a_landlord import as_row
from tests.infrastructure.downstream.the_forms import validator


def _down(detail: Mapping[str, Any]) -> dict[str, Any]:
    """Version 1 had no `exceptional`, and called what was left open by its number alone."""
    told = {name: item for name, item in detail.items() if name != "exceptional"}
    return {**told, "left_open": len(detail["left_open"])}


NAME = "restriction-applied"
_FIELDS = ("restriction", "measures", "exceptional", "left_open")
_BEFORE = ("restriction", "measures", "left_open")
FIRST = PublicType(name=NAME, topic=Topic.RESTRICTIONS, fields=_BEFORE, alert=True)
SECOND = replace(FIRST, version=2, fields=_FIELDS, earlier=(Earlier(version=1, fields=_BEFORE, down=_down),))
HOUSING = Subscriber(
    id="housing",
    kind=SubscriberKind.OWN,
    signs_in="5f0c6c8e-0d7b-4c53-8f39-2b1a7d9e6c55",  # type: ignore[arg-type]  # a made-up one
    topics=(Topic.RESTRICTIONS,),
    partner=None,
    references=False,
    within_minutes=None,
    from_on=MONDAY,
)


def told(public: PublicType, schemas: Mapping[str, int]) -> Any:
    """An applied restriction as somebody on these schemas is told it."""
    history = History("ann").opened().contact().incident().warned(MONDAY).proposed(MONDAY)
    event = history.applied(MONDAY, ends=MONDAY + timedelta(days=300)).events[-1]
    mapper = Mapper(golden_sealing())
    teller = Teller("elm", mapper.clear_of, {"RestrictionApplied": public})
    [stored] = mapper.encode([event], lambda _: PERSON)
    entry = teller.entry(as_row(stored))
    entry.person = PERSON
    return json.loads(teller.tell(entry, 4, entry.told, entry.detail, schemas).body)


def test_who_stays_is_told_in_the_earlier_shape_and_under_its_name() -> None:
    today, before = told(SECOND, {}), told(SECOND, {NAME: 1})

    assert today["dataschema"] == f"urn:evenhand:schema:{NAME}:2"
    assert set(today["data"]["detail"]) == set(_FIELDS)
    assert before["dataschema"] == f"urn:evenhand:schema:{NAME}:1"
    assert set(before["data"]["detail"]) == set(_BEFORE)
    assert before["data"]["detail"]["left_open"] == len(today["data"]["detail"]["left_open"])
    assert before | {"data": None, "dataschema": None} == today | {"data": None, "dataschema": None}
    assert before["data"] | {"detail": None} == today["data"] | {"detail": None}


def test_an_event_of_today_is_in_the_shape_that_its_schema_says() -> None:
    event = told(PUBLIC["RestrictionApplied"], {})
    validator(event["dataschema"]).validate(event["data"])


@pytest.mark.parametrize("version", [0, 3, 17])
def test_a_version_that_there_is_not_is_refused_with_those_that_there_are(
    monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    monkeypatch.setattr(wanted, "PUBLIC", {"RestrictionApplied": SECOND})
    with pytest.raises(ValueError, match="versions 1, 2"):
        wanted_of("elm", HOUSING, schemas={NAME: version})


def test_a_type_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="no event is called"):
        wanted_of("elm", HOUSING, schemas={"restriction-imagined": 1})


def test_naming_the_version_of_today_keeps_ones_place_when_the_next_one_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wanted, "PUBLIC", {"RestrictionApplied": FIRST})
    before = wanted_of("elm", HOUSING, schemas={NAME: 1})
    assert before.schemas == ()

    monkeypatch.setattr(wanted, "PUBLIC", {"RestrictionApplied": SECOND})
    after = wanted_of("elm", HOUSING, schemas={NAME: 1})
    assert after.schemas == ((NAME, 1),)
    assert after.digest() == before.digest() == wanted_of("elm", HOUSING, schemas={NAME: 2}).digest()
