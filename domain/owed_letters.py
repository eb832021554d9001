"""Letters that the customer has still to get, and those that wait for somebody before they can go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from domain.case import Case
from domain.case_parts import Restriction
from domain.codes import EndKind, NoticeKind
from domain.obligation import Duty, Obligation
from domain.values import changed

# Ends that somebody decided on, and that no other letter tells the customer of.
TOLD_BY_LETTER: Final = (EndKind.LIFTED, EndKind.WITHDRAWN_AS_WRONG)
OF_A_CHANGE: Final = (NoticeKind.VARIATION, NoticeKind.EXTENSION)
DAY: Final = timedelta(days=1)


def letters_owed(case: Case, day: date) -> Iterator[tuple[NoticeKind, str]]:
    """Letters to the customer that were never sent, or came back: kind, and what each is about. None to the dead."""
    for one in letters_to_send(case):
        if one.open_on(day):
            yield NoticeKind(one.code), one.about


def letters_ever_owed(case: Case) -> Iterator[Obligation]:
    """Every letter that the customer was ever to get, sent or not, as it was owed first; `code` is its kind."""
    return letters_to_send(changed(case, notices=(), death=None))


def letters_to_send(case: Case) -> Iterator[Obligation]:
    """Each letter that the customer has still to get: owed from the day of what it tells of, or that it came back."""
    if case.dead():
        return
    for warning in case.warnings:
        if not warning.withdrawn:
            yield from _letter(case, NoticeKind.WARNING, warning.id, warning.issued_on)
    for restriction in case.restrictions:
        last = restriction.last_day()
        # Whoever was told of it before it was brought along is not told again.
        if restriction.imported_from is None or "told_on" in restriction.missing:
            for letter in _letter(case, NoticeKind.DECISION, restriction.id, restriction.decided_on, until_on=last):
                yield replace(letter, due_on=_told_by(restriction, letter))
        for request in case.review_requests:
            if request.restriction == restriction.id and request.by_customer and request.declined_on is not None:
                declined = request.declined_on
                yield from _letter(case, NoticeKind.REVIEW_OUTCOME, request.id, declined, until_on=last)
        for measure, since in restriction.contacts_changed.items():
            yield from _letter(case, NoticeKind.CONTACT_CHANGE, measure, since, until_on=last, sent_since=since)
        for change, decided_on in restriction.changes.items():
            yield from _letter(case, NoticeKind.VARIATION, change, decided_on, until_on=last, kinds=OF_A_CHANGE)
        if restriction.end_kind in TOLD_BY_LETTER:
            wrong = restriction.wrong_on  # that it was lifted does not say that it was wrong
            since = wrong or date.min
            yield from _letter(case, NoticeKind.ENDING, restriction.id, wrong or last + DAY, sent_since=since)
    for appeal in case.appeals:
        if appeal.outcome is not None and appeal.determined_on is not None:
            yield from _letter(case, NoticeKind.APPEAL_OUTCOME, appeal.id, appeal.determined_on)
        elif appeal.declined and appeal.late_decided_on is not None:
            yield from _letter(case, NoticeKind.APPEAL_OUTCOME, appeal.id, appeal.late_decided_on)
    for complaint in case.complaints:
        if complaint.declined_on is not None:
            yield from _letter(case, NoticeKind.COMPLAINT_DECLINED, complaint.id, complaint.declined_on)


def stuck_letters(case: Case) -> Iterator[Obligation]:
    """Each letter that was let go and not handed over: whoever let it go looks at it. No rule sets a day for that."""
    for letter in case.letters:
        if letter.stuck and letter.parked is not None:
            yield Obligation(
                duty=Duty.STUCK,
                about=letter.id,
                from_on=letter.parked_on or date.min,
                staff=letter.released_by,
                code=letter.parked,
            )


def _told_by(restriction: Restriction, letter: Obligation) -> date:
    """At once, and of an interim restriction with the first look at it: nobody is at work on its night."""
    first = min((s.due_on for s in restriction.schedule), default=letter.from_on)
    return max(letter.from_on, first) if restriction.interim else letter.from_on


def _letter(
    case: Case,
    kind: NoticeKind,
    about: str,
    since: date,
    *,
    until_on: date | None = None,
    sent_since: date = date.min,
    kinds: tuple[NoticeKind, ...] = (),
) -> Iterator[Obligation]:
    sent = [
        n for n in case.notices_about(about, *(kinds or (kind,))) if n.sent_on is not None and n.sent_on >= sent_since
    ]
    if any(n.returned_on is None or n.proved_on is not None for n in sent):
        return
    came_back = max((n.returned_on for n in sent if n.returned_on), default=None)
    owed = came_back or since
    yield Obligation(
        duty=Duty.LETTER,
        about=about,
        detail=kind,
        from_on=owed,
        due_on=owed,
        until_on=until_on,
        code=kind,
    )
