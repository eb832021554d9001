"""How somebody named in advice is reached at an instant: the number, whether anybody is there, who takes messages.

Hours are those of London's clocks, whatever these are doing; a bank holiday of the landlord's nation is a day of its
own, on which only hours kept for it hold.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from domain.calendar import Nation, is_bank_holiday, london_date, london_datetime, start_of_day
from domain.codes import OpenDay, PointKind, RoleCode, StaffId
from domain.events import ContactPointSet, OpeningHours
from domain.landlord import Landlord

LOOKS_AHEAD: Final = 35  # days: whoever opens on Fridays alone can miss Good Friday, or two of them at Christmas
LAST_YEAR: Final = 2099
MIDNIGHT: Final = "24:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """How an office, a post or a colleague is reached; a colleague's own number is added at the edge."""

    of: PointKind
    code: str
    through: RoleCode | None = None  # the post by whose number and hours a colleague is reached
    telephone: str | None = None
    hours: tuple[OpeningHours, ...] = ()
    is_open: bool | None = None  # at the instant asked about; None: no hours are kept
    opens_next: datetime | None = None  # while it is closed, unless that is more than a month away
    closes_at: datetime | None = None  # while it is open, unless that is more than a month away
    messages_to: RoleCode | None = None
    message_staff: tuple[StaffId, ...] = ()  # who holds that post on the day

    @property
    def kept(self) -> bool:
        """Whether it says when there is anybody, and by which number unless that is a colleague's own.

        Where nobody is there at all, neither is missing.
        """
        if self.is_open is False and not self.hours:
            return True
        own = self.of is PointKind.STAFF and self.through is None
        return bool(self.hours) and (own or self.telephone is not None)


def reached(
    point: ContactPointSet,
    at: datetime,
    nation: Nation | None,
    landlord: Landlord,
    *,
    staff: StaffId | None = None,
) -> Reached:
    """What a contact point says at an instant; with `staff`, of a colleague who is reached through it."""
    through_post = staff is not None and point.of is PointKind.ROLE
    is_open, opens_next, closes_at = _open(point.hours, at, nation)
    return Reached(
        of=point.of if staff is None else PointKind.STAFF,
        code=point.code if staff is None else staff,
        through=RoleCode(point.code) if through_post else None,
        telephone=point.telephone,
        hours=point.hours,
        is_open=is_open,
        opens_next=opens_next,
        closes_at=closes_at,
        messages_to=point.messages_to,
        message_staff=_message_staff(point, at, landlord),
    )


def nobody_there(point: ContactPointSet, at: datetime, landlord: Landlord, staff: StaffId) -> Reached:
    """Of a colleague who is away and for whom nobody acts: who takes messages, and nothing that would ring unheard."""
    return Reached(
        of=PointKind.STAFF,
        code=staff,
        through=RoleCode(point.code) if point.of is PointKind.ROLE else None,
        is_open=False,
        messages_to=point.messages_to,
        message_staff=_message_staff(point, at, landlord),
    )


def _message_staff(point: ContactPointSet, at: datetime, landlord: Landlord) -> tuple[StaffId, ...]:
    return () if point.messages_to is None else landlord.holders(point.messages_to, london_date(at))


def _open(
    hours: Sequence[OpeningHours], at: datetime, nation: Nation | None
) -> tuple[bool | None, datetime | None, datetime | None]:
    """Whether it is open, when it opens next, when it closes; without hours, or a nation's holidays, nobody knows."""
    if not hours or nation is None:
        return None, None, None
    closes: datetime | None = None
    horizon = london_date(at) + timedelta(days=LOOKS_AHEAD)
    for begins, ends in _times(hours, london_date(at), nation):
        if closes is not None and begins > closes:
            return True, None, closes
        if closes is not None or begins <= at < ends:
            closes = ends
        elif at < begins:
            return False, begins, None
    if closes is None:
        return False, None, None
    return True, None, None if london_date(closes) >= horizon else closes


def _times(hours: Sequence[OpeningHours], first: date, nation: Nation) -> Iterator[tuple[datetime, datetime]]:
    """The times from a day on, one after the other, for as long as is looked ahead."""
    for ahead in range(LOOKS_AHEAD):
        day = first + timedelta(days=ahead)
        if day.year > LAST_YEAR:
            return
        kind = OpenDay.BANK_HOLIDAY if is_bank_holiday(day, nation) else tuple(OpenDay)[day.weekday()]
        for one in hours:
            if one.weekday is kind:
                begins = london_datetime(day, time.fromisoformat(one.opens))
                over = one.closes == MIDNIGHT
                ends = start_of_day(day + timedelta(days=1)) if over else _closing(day, one.closes)
                if begins < ends:  # in the hour that March leaves out there is nobody
                    yield begins, ends


def _closing(day: date, clock: str) -> datetime:
    """Of the hour that October has twice, the second; in the one that March leaves out, as whoever opens then."""
    shown = time.fromisoformat(clock)
    return max(london_datetime(day, shown), london_datetime(day, shown.replace(fold=1)))
