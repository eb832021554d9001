"""Work that waits on the day that a story is told for: something overdue, something due, and something to come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from application.demonstrations.story import Diary, Step
from domain.decisions.intake import LogContact, RequestPolicyCopy
from domain.decisions.people import ReassignCase
from domain.decisions.steps import MakeAgreement
from domain.decisions.support import RequestAdjustment

ASKED_BEFORE = 14  # working days, of which an answer has ten (baseline, assumed): it is some days late
COPY_BEFORE = 2  # working days, of which the copy has five (baseline, assumed)
LOOKED_AT_IN = timedelta(days=12)


def waiting(diary: Diary, who: str, by: str, to: str, *, asks: str, needs: str, agreed: str) -> Iterator[Step]:
    """Somebody new, whose case one colleague takes down and another has not come round to.

    `asks`, `needs` and `agreed` are what they came for, what would help them, and how contact will go meanwhile.
    """
    came = diary.before(diary.today, ASKED_BEFORE)
    yield Step(f"{who}-comes", who, came, "10:40", by, LogContact(channel="telephone", purpose="enquiry", summary=asks))
    yield Step(f"{who}-given-over", who, came, "10:50", by, ReassignCase(to=f"staff:{to}"))
    yield Step(f"{who}-needs", who, came, "11:00", by, RequestAdjustment(kind="advocate", needs=needs))
    yield Step(
        f"{who}-agrees",
        who,
        diary.after(came, 3),
        "14:00",
        to,
        MakeAgreement(terms=agreed, review_on=diary.today + LOOKED_AT_IN),
    )
    yield Step(f"{who}-wants-policy", who, diary.before(diary.today, COPY_BEFORE), "09:30", by, RequestPolicyCopy())
