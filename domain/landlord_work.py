"""What the landlord itself owes beside its cases: looking at its policy again, filling posts, letting records go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Final

from domain.calendar import last_day
from domain.codes import RoleCode
from domain.policy_words import review_due
from domain.reports.promised import promised
from domain.reports.stretch import Stretch
from domain.worklist import Blocked, State, Viewed, Work

LISTED_FOR: Final = 28  # days for which a report that can be made is listed (assumed); nothing records that it was
DAY: Final = timedelta(days=1)
ADMINISTRATOR: Final = RoleCode("administrator")
DATA_PROTECTION_OFFICER: Final = RoleCode("data_protection_officer")


def of_landlord(
    viewed: Viewed, vacant: Mapping[RoleCode, int], kept_too_long: tuple[int, bool], within: int
) -> Iterator[Work]:
    """The lines without a case.

    `vacant` counts for each post what waits there and nobody can do. `kept_too_long` counts closed cases with records
    that may go, and says whether there can be more of them.
    """
    yield from _policy_review(viewed, within)
    yield from _reports(viewed, within)
    yield from _absences(viewed, within)
    for role, count in sorted(vacant.items()):
        yield replace(
            landlord_line(viewed, "vacant_post", role, ADMINISTRATOR),
            clause="baseline 9",
            says=f"Give somebody the post {viewed.title(role).title}, or a deputy: what waits there, nobody can do.",
            commands=("appoint-post",),
            count=count,
        )
    count, more = kept_too_long
    if count:
        cases = f"{'At least ' if more else ''}{count} closed case{'' if count == 1 else 's'}"
        yield replace(
            landlord_line(viewed, "retention", "records", DATA_PROTECTION_OFFICER),
            clause="baseline 16",
            says=f"{cases} with records kept long enough: propose that they go, or say why they stay.",
            commands=("propose-disposal", "decide-disposal"),
            count=count,
            see=f"/v1/retention?on={viewed.day}",
        )


def _policy_review(viewed: Viewed, within: int) -> Iterator[Work]:
    """The policy's own review, by the date in its text or as often as that says; it stays in force meanwhile."""
    document, due = viewed.policy.document, review_due(viewed.policy)
    value = document.review_due or document.reviewed_every
    if due is None or value is None or (due - viewed.day).days > within:
        return
    late = max(0, (viewed.day - due).days)
    yield replace(
        landlord_line(viewed, "policy_review", f"{document.effective.value}", ADMINISTRATOR),
        clause=value.cited,
        says="Have the policy itself looked at again, and adopt what comes of it; it stays in force until then.",
        commands=("adopt-policy",),
        due_on=due,
        days_late=late,
        state=State.OVERDUE if late else State.DUE if due == viewed.day else State.UPCOMING,
    )


def _reports(viewed: Viewed, within: int) -> Iterator[Work]:
    """Each report that is made at regular times, from the day on which its stretch is over; no text says by when."""
    for report in promised(viewed.policy):
        latest = report.latest(viewed.day)
        if latest is None or report.every is None:
            continue
        over = latest.last + DAY
        following = last_day(over, report.every, viewed.policy.nation)  # stretches begin with a month, and so end
        for stretch, since in ((latest, over), (Stretch(over, following - DAY), following)):
            if -LISTED_FOR < (since - viewed.day).days <= within:
                yield replace(
                    landlord_line(viewed, "report", f"{report.code}:{stretch.first}", ADMINISTRATOR),
                    clause=report.clause,
                    says=f"Make the report: {report.title}, from {stretch.first} to {stretch.last}.",
                    due_on=since,
                    state=State.UPCOMING if viewed.day < since else State.DUE,
                    see=f"/v1/reports/{report.code}?from={stretch.first}&to={stretch.last}",
                )


def _absences(viewed: Viewed, within: int) -> Iterator[Work]:
    """Each absence that comes to its end: whoever stands in acts through that day, and then no more."""
    tenures = {tenure.id: tenure for tenure in viewed.landlord.tenures}
    for absence in viewed.landlord.absences:
        last, tenure = absence.last_day, tenures.get(absence.tenure)
        if last is None or tenure is None or not 0 <= (last - viewed.day).days <= within:
            continue
        role = viewed.title(tenure.role)
        yield replace(
            landlord_line(viewed, "absence", absence.id, tenure.role),
            clause="baseline 9",
            says=f"{role.title}: somebody is away through this day; whoever stands in for them acts no more after it.",
            due_on=last,
            state=State.DUE if last == viewed.day else State.UPCOMING,
            blocked=None,
        )


def landlord_line(viewed: Viewed, kind: str, about: str, by: RoleCode) -> Work:
    """A line for whoever holds a post, without what it asks."""
    held = viewed.holders(by)
    return Work(
        kind=kind,
        key=f"{kind}:{about}",
        case=None,
        person=None,
        about=about,
        due_on=None,
        days_late=0,
        state=State.DUE,
        blocked=None if any(holder.acts for holder in held) else Blocked.NOBODY,
        roles=(viewed.title(by),),
        escalated_to=(),
        held_by=held,
        clause="",
        says="",
        commands=(),
    )
