"""Somebody who was named, and is not there: when that is so, and who is turned to in their place."""

from __future__ import annotations

from datetime import date

from domain.codes import RoleCode, StaffId
from domain.landlord import Absence, Landlord, Tenure

DAY = date(2026, 3, 2)
ANN, BEN, CAT, DAN = (StaffId(f"staff-{name}") for name in ("ann", "ben", "cat", "dan"))


def post(
    number: int, staff: StaffId, role: str, *, deputy: bool = False, area: str | None = None, until: date | None = None
) -> Tenure:
    return Tenure(f"tenure-{number}", RoleCode(role), staff, date(2020, 1, 1), until, area, deputy)


def absent(tenure: int) -> Absence:
    return Absence(f"absence-{tenure}", f"tenure-{tenure}", DAY, None)


def test_who_is_absent_from_one_post_is_away_in_all_of_them() -> None:
    two = (post(1, ANN, "officer"), post(2, ANN, "manager"))

    assert not Landlord(tenures=two).is_away(ANN, DAY)
    assert Landlord(tenures=two, absences=(absent(2),)).is_away(ANN, DAY)


def test_who_holds_no_post_any_more_is_away_and_deputies_in_the_last_one_stand_in() -> None:
    left = post(1, ANN, "officer", until=date(2026, 2, 27))
    landlord = Landlord(tenures=(left, post(2, BEN, "officer", deputy=True), post(3, CAT, "manager", deputy=True)))

    assert landlord.is_away(ANN, DAY)
    assert landlord.deputies_of(ANN, DAY) == (BEN,)
    assert landlord.is_away(DAN, DAY)
    assert landlord.deputies_of(DAN, DAY) == ()


def test_a_deputy_of_another_area_or_who_is_away_too_does_not_stand_in() -> None:
    tenures = (
        post(1, ANN, "officer", area="north"),
        post(2, BEN, "officer", deputy=True, area="north"),
        post(3, CAT, "officer", deputy=True, area="south"),
        post(4, DAN, "officer", deputy=True),
    )

    assert Landlord(tenures=tenures, absences=(absent(1),)).deputies_of(ANN, DAY) == (BEN, DAN)
    assert Landlord(tenures=tenures, absences=(absent(1), absent(2))).deputies_of(ANN, DAY) == (DAN,)


def test_for_somebody_named_a_deputy_stands_in_although_another_holder_of_the_post_is_there() -> None:
    tenures = (post(1, ANN, "officer"), post(2, CAT, "officer"), post(3, BEN, "officer", deputy=True))
    landlord = Landlord(tenures=tenures, absences=(absent(1),))

    assert landlord.deputies_of(ANN, DAY) == (BEN,)
    assert landlord.holders(RoleCode("officer"), DAY) == (CAT,), "the post itself goes on with who is there"
