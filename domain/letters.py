"""What a letter can say of a case: its template, its fields and lists, and who signs it. Nothing is opened here.

Personal values come as references; the edge reads those that the template really uses, on record first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Final

from domain import events as e
from domain import letter_answers as answers
from domain import letter_decisions as decisions
from domain.baseline import Baseline
from domain.codes import Channel, Effect, NoticeKind, PointKind, StaffId
from domain.letter_measures import PURPOSES
from domain.letter_parts import Found, Lists, Surroundings, Values, flag, post_title, to_others, to_the_reader
from domain.letter_values import Item, PersonNamed, Sealed, Told, Value, day_in_words
from domain.measures import left_open
from domain.policy import Policy


class Sheet(StrEnum):
    """Documents about a restriction that are no letter to the customer; what is told is the least that is needed."""

    STAFF_INFORMATION = "staff_information"
    PARTNER_INFORMATION = "partner_information"


def letter(kind: NoticeKind | Sheet, about: str, around: Surroundings) -> Told:
    """What a letter of this kind about that can say. Raises `NothingToWriteAbout`."""
    found = _KINDS[kind](about, around)
    signer, post = _signer(kind, about, found, around)
    values: Values = {
        **_common(around),
        **found.values,
        "something_else_holds": flag(_something_else_holds(about, around)),
        "signer_post": post,
        "reply_telephone": _telephone(post, around) if _may_ring(around) else None,
    }
    lists = {**_common_lists(around), **found.lists}
    said = to_others if isinstance(kind, Sheet) else to_the_reader
    lists = {name: [_said(item, said) for item in items] for name, items in lists.items()}
    return Told(found.template, values, lists, signer, post)


def wanted_contents(kind: NoticeKind | Sheet, policy: Policy, baseline: Baseline) -> tuple[str, ...]:
    """The codes of everything that policy and baseline want a letter of this kind to say."""
    if isinstance(kind, Sheet):
        return ()
    notice = policy.notices.get(kind)
    own = tuple(notice.contents) if notice else ()
    return tuple(dict.fromkeys([*own, *(code for code, wanted in baseline.contents.items() if kind in wanted.notices)]))


def _common(around: Surroundings) -> Values:
    policy, case = around.policy, around.case
    agreed = any(a.in_force_on(around.today) for one in (case, *around.others) for a in one.adjustments)
    return {
        "landlord": policy.name,
        "date": day_in_words(around.today),
        "reference": str(case.id),
        "name": PersonNamed(case.person),
        "customer_reference": PersonNamed(case.person, reference=True),
        "policy_title": policy.document.title,
        "policy_enclosed": flag("policy" in around.enclosed),
        "remarks": around.remarks,
        "adjustments_agreed": flag(agreed),
    }


def _common_lists(around: Surroundings) -> Lists:
    always, policy = around.baseline.always_open, around.policy
    return {
        "adjustments": tuple(_adjustments(around)),
        "emergencies": [{"what": PURPOSES[purpose]} for purpose in always.any_channel_any_hour],
        "always_received": [{"what": PURPOSES[purpose]} for purpose in always.always_received],
        "official": [{"what": PURPOSES[purpose]} for purpose in always.not_the_customers_contact],
        "ombudsmen": [
            {"name": o.name, "says": o.says} for o in (policy.ombudsmen or around.baseline.ombudsmen).values()
        ],
    }


def _said(item: Item, said: Callable[[Value], Value]) -> Item:
    return {name: said(value) for name, value in item.items()}


def _something_else_holds(about: str, around: Surroundings) -> bool:
    appeal = around.case.appeal(about)
    own = {r.id for r in around.case.restrictions if r.includes(about)} | ({appeal.restriction} if appeal else set())
    return any(restriction.id not in own for restriction in around.case.in_force_on(around.today)) or any(
        case.in_force_on(around.today) for case in around.others
    )


def _adjustments(around: Surroundings) -> Iterator[Item]:
    policy, baseline = around.policy.adjustments, around.baseline.adjustments
    everywhere = [(one.id, agreed) for one in (around.case, *around.others) for agreed in one.adjustments]
    for case, adjustment in everywhere:
        if adjustment.in_force_on(around.today):
            kind = policy.get(adjustment.kind) or baseline.get(adjustment.kind)
            known, path = adjustment.instruction, f"cases.{case}.adjustments.{adjustment.id}.instruction"
            yield {
                "kind": kind.title if kind else "Something that we agreed with you",
                "instruction": None if known is None else Sealed(path, known),
            }


def _signer(kind: NoticeKind | Sheet, about: str, found: Found, around: Surroundings) -> tuple[StaffId, str | None]:
    """Whoever signed it already; else whoever decided what it tells of; else whoever writes it. With their post."""
    event = found.event
    signed = [n for n in around.case.notices if n.kind == kind and n.about == about and n.signed_by and not n.sent_on]
    if signed and signed[-1].signed_by:
        staff, post = signed[-1].signed_by, None
    elif event is not None and event.actor != e.SYSTEM:
        staff, post = event.actor, event.post
    else:
        staff, post = around.actor, None
    if post is None:
        notice = around.policy.notices.get(kind) if isinstance(kind, NoticeKind) else None
        among = (*notice.signed_by, *notice.by) if notice else ()
        held = [tenure.role for tenure in around.landlord.tenures_on(staff, around.today)]
        # A post of the policy's own before one that only this service knows.
        own = next((role for role in held if role in around.policy.roles), held[0] if held else None)
        post = around.landlord.post_among(staff, among, around.today) or own
    return staff, post_title(post, around)


def _may_ring(around: Surroundings) -> bool:
    """Whether the customer's calls are taken as anybody's: nobody is invited to do what the letter asks them not to."""
    day = around.today
    limits = [m for case in (around.case, *around.others) for r in case.in_force_on(day) for m in r.measures_on(day)]
    asks = (Effect.NAMED_CONTACT, Effect.CALL_COUNT, Effect.CONTACT_COUNT)
    return Channel.TELEPHONE in left_open(m for m in limits if m.limits_contact) and not any(
        m.effect in asks for m in limits
    )


def _telephone(post: str | None, around: Surroundings) -> str | None:
    """A published number: of the post that signs, else of the first office that has one."""
    roles = [code for code, role in around.policy.roles.items() if role.title == post]
    offices = dict.fromkeys(p.code for p in around.landlord.points if p.of is PointKind.OFFICE)
    for of, code in (*((PointKind.ROLE, r) for r in roles), *((PointKind.OFFICE, o) for o in offices)):
        point = around.landlord.point_on(of, code, around.today)
        if point is not None and point.telephone is not None:
            return point.telephone
    return None


_KINDS: Final[Mapping[NoticeKind | Sheet, Callable[[str, Surroundings], Found]]] = {
    NoticeKind.WARNING: decisions.warning,
    NoticeKind.DECISION: decisions.decision,
    NoticeKind.CLOSURE: answers.closure,
    NoticeKind.VARIATION: decisions.change,
    NoticeKind.EXTENSION: decisions.change,
    NoticeKind.REVIEW_OUTCOME: answers.review_outcome,
    NoticeKind.APPEAL_ACKNOWLEDGEMENT: answers.acknowledgement,
    NoticeKind.APPEAL_OUTCOME: answers.appeal_outcome,
    NoticeKind.BREACH: answers.breach,
    NoticeKind.CONTACT_CHANGE: answers.contact_change,
    NoticeKind.COMPLAINT_DECLINED: answers.complaint_declined,
    NoticeKind.ENDING: answers.ending,
    Sheet.STAFF_INFORMATION: answers.sheet("staff_information"),
    Sheet.PARTNER_INFORMATION: answers.sheet("partner_information"),
}
