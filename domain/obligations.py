"""What is open on a case on a day, as codes with ids: whoever takes the case over takes these over with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from domain.brought_along import tasks, unnamed
from domain.case import Case
from domain.codes import EndKind, NoticeKind
from domain.conflicts import NO_KINDS, Kinds, conflicts

# Ends that somebody decided on, and that no other letter tells the customer of.
TOLD_BY_LETTER: Final = (EndKind.LIFTED, EndKind.WITHDRAWN_AS_WRONG)
OF_A_CHANGE: Final = (NoticeKind.VARIATION, NoticeKind.EXTENSION)


def open_obligations(case: Case, day: date, kinds: Kinds = NO_KINDS, others: Sequence[Case] = ()) -> tuple[str, ...]:
    """Everything that somebody still owes on that day, such as `appeal:appeal-1`; in one order, each once.

    `kinds` are the baseline's kinds of adjustments, for measures that have to be varied because of one; without them
    only what adjustments say themselves is known. Adjustments can have been agreed in the customer's `others`.
    """
    return (
        *(f"proposal:{p.id}" for p in case.proposals if p.open),
        *(f"adjustment:{a.id}" for a in case.adjustments if a.open),
        *(conflict.code for conflict in conflicts([case, *others], day, kinds) if conflict.case == case.id),
        *(f"appeal:{a.id}" for a in case.open_appeals()),
        *(f"review_request:{r.id}:{r.answer_due_on or ''}".rstrip(":") for r in case.review_requests_open(day)),
        *(f"filed:{item.contact}" for item in case.filed if item.open),
        *_reviews(case, day),
        *_unnamed_contacts(case, day),
        *_removals(case, day),
        *(f"letter:{kind}:{about}" for kind, about in letters_owed(case, day)),
        *_of_people(case, day),
    )


def _reviews(case: Case, day: date) -> Iterator[str]:
    """The next review of each cadence of whatever is not over."""
    for restriction in case.restrictions:
        if restriction.over_on(day):
            continue
        seen: set[str] = set()
        for review in restriction.pending_reviews():
            if review.cadence not in seen:
                seen.add(review.cadence)
                yield f"review:{restriction.id}:{review.cadence}:{review.due_on}"
    for warning in case.safety:
        if warning.state == "approved" and not warning.over_on(day):
            yield f"review:{warning.id}:{warning.review_on}"
            if warning.owes_telling(day) and not case.dead():
                yield f"telling:{warning.id}"
        elif warning.state == "proposed" and not warning.over_on(day):
            yield f"approval:{warning.id}"


def _unnamed_contacts(case: Case, day: date) -> Iterator[str]:
    """Of what was brought along and is not over: who answers the customer, and whatever else is to be found out."""
    for restriction in case.restrictions:
        if restriction.imported_from is None or restriction.over_on(day):
            continue
        for measure in restriction.sets[-1].measures:
            if unnamed(measure):
                yield f"named_contact:{measure.id}"
        yield from (f"missing:{restriction.id}:{item}" for item in tasks(case, restriction))


def _removals(case: Case, day: date) -> Iterator[str]:
    told = [(r.id, t) for r in case.restrictions for t in r.still_told(day)]
    told += [(w.id, t) for w in case.safety for t in w.still_told(day)]
    yield from (f"removal:{of}:{t.key}" for of, t in told)


def letters_owed(case: Case, day: date) -> Iterator[tuple[NoticeKind, str]]:
    """Letters to the customer that were never sent, or came back: kind, and what each is about. None to the dead."""
    if case.dead():
        return
    for warning in case.warnings:
        if not warning.withdrawn and not _went(case, warning.id, NoticeKind.WARNING):
            yield NoticeKind.WARNING, warning.id
    for restriction in case.restrictions:
        if restriction.over_on(day):
            ended = restriction.end_kind in TOLD_BY_LETTER
            since = restriction.wrong_on or date.min  # that it was lifted does not say that it was wrong
            if ended and not _went(case, restriction.id, NoticeKind.ENDING, since=since):
                yield NoticeKind.ENDING, restriction.id
            continue
        # Whoever was told of it before it was brought along is not told again.
        told_before = restriction.imported_from is not None and "told_on" not in restriction.missing
        if not told_before and not _went(case, restriction.id, NoticeKind.DECISION):
            yield NoticeKind.DECISION, restriction.id
        for request in case.review_requests:
            declined = request.restriction == restriction.id and request.by_customer and request.declined_on
            if declined and not _went(case, request.id, NoticeKind.REVIEW_OUTCOME):
                yield NoticeKind.REVIEW_OUTCOME, request.id
        for measure, since in restriction.contacts_changed.items():
            if not _went(case, measure, NoticeKind.CONTACT_CHANGE, since=since):
                yield NoticeKind.CONTACT_CHANGE, measure
        for change in restriction.changes:
            if not _went(case, change, *OF_A_CHANGE):
                yield NoticeKind.VARIATION, change
    for appeal in case.appeals:
        if appeal.outcome is not None and not _went(case, appeal.id, NoticeKind.APPEAL_OUTCOME):
            yield NoticeKind.APPEAL_OUTCOME, appeal.id


def _went(case: Case, about: str, *kinds: NoticeKind, since: date = date.min) -> bool:
    return any(
        n.sent_on is not None and n.sent_on >= since and (n.returned_on is None or n.proved_on is not None)
        for n in case.notices_about(about, *kinds)
    )


def _of_people(case: Case, day: date) -> Iterator[str]:
    yield from (f"merge:{m.id}" for m in case.merges if m.unsettled)
    settled = {r for m in case.merges for r in m.to_be_lifted}
    yield from (f"lifting:{r.id}" for r in case.restrictions if r.id in settled and not r.over_on(day))
    yield from (f"allegation:{a.id}" for a in case.allegations if a.concluded_on is None)
    yield from (f"complaint:{c.id}" for c in case.complaints if c.open)
    yield from (f"ombudsman:{o.id}" for o in case.ombudsman if o.open)
    yield from (f"policy_copy:{request}" for request, sent in case.policy_copies if not sent)
    yield from (f"agreement:{a.id}:{a.review_on}" for a in case.agreements if a.ended_on is None)
    yield from (f"rights:{r.id}:{r.due_on}" for r in case.rights if r.open)
