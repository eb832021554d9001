"""What the landlord itself owes beside its cases: looking at its policy again, filling posts, letting records go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from domain.codes import RoleCode
from domain.policy_words import review_due
from domain.worklist import Blocked, State, Viewed, Work

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
    for role, count in sorted(vacant.items()):
        yield replace(
            _line(viewed, "vacant_post", role, ADMINISTRATOR),
            clause="baseline 9",
            says=f"Give somebody the post {viewed.title(role).title}, or a deputy: what waits there, nobody can do.",
            commands=("appoint-post",),
            count=count,
        )
    count, more = kept_too_long
    if count:
        cases = f"{'At least ' if more else ''}{count} closed case{'' if count == 1 else 's'}"
        yield replace(
            _line(viewed, "retention", "records", DATA_PROTECTION_OFFICER),
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
        _line(viewed, "policy_review", f"{document.effective.value}", ADMINISTRATOR),
        clause=value.cited,
        says="Have the policy itself looked at again, and adopt what comes of it; it stays in force until then.",
        commands=("adopt-policy",),
        due_on=due,
        days_late=late,
        state=State.OVERDUE if late else State.DUE if due == viewed.day else State.UPCOMING,
    )


def _line(viewed: Viewed, kind: str, about: str, by: RoleCode) -> Work:
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
