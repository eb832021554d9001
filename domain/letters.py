"""What a letter can say of a case: its template, its fields and lists, and who signs it. Nothing is opened here.

Personal values come as references; the edge reads those that the template really uses, on record first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, TypeVar

from domain import events as e
from domain.baseline import Baseline
from domain.case import Case
from domain.case_parts import Restriction
from domain.codes import EndKind, NoticeKind, PointKind, RoleCode, StaffId
from domain.landlord import Landlord
from domain.letter_measures import ENDS, NOT_ACCEPTED, OUTCOMES, PURPOSES, spoken_to, told
from domain.letter_values import Item, PersonNamed, Sealed, StaffNamed, Told, Value, and_joined, day_in_words
from domain.personal import Personal
from domain.policy import Policy

F = TypeVar("F")
YES: Final = "yes"  # of a field that is only there to be asked for
Values = dict[str, Value]
Lists = dict[str, Sequence[Item]]


class Sheet(StrEnum):
    """Documents about a restriction that are no letter to the customer; what is told is the least that is needed."""

    STAFF_INFORMATION = "staff_information"
    PARTNER_INFORMATION = "partner_information"


class NothingToWriteAbout(LookupError):
    """The case has nothing of this id that a letter of this kind could be about; the message lists what it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Everything that a letter is filled from.

    `policy` is the one of today, by which a letter is judged; `of` gives the policy that a decision was taken under.
    `enclosed` are the codes of what is at hand to go with it.
    """

    case: Case
    history: Sequence[e.Event]
    landlord: Landlord
    policy: Policy
    of: Callable[[e.PolicyRef], Policy]
    baseline: Baseline
    today: date
    actor: StaffId
    enclosed: frozenset[str] = frozenset()
    remarks: str | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """What a letter is about: its template, the fact behind it if there is one, its own fields, lists and policy."""

    template: str
    event: e.Event | None
    values: Values
    lists: Lists
    policy: Policy


def letter(kind: NoticeKind | Sheet, about: str, around: Surroundings) -> Told:
    """What a letter of this kind about that can say. Raises `NothingToWriteAbout`."""
    found = _KINDS[kind](about, around)
    signer, post = _signer(kind, about, found, around)
    values: Values = {
        **_common(around),
        **found.values,
        "something_else_holds": _yes(_something_else_holds(about, around)),
        "signer_post": post,
        "reply_telephone": _telephone(post, around),
    }
    lists = {**_common_lists(around), **found.lists}
    if not isinstance(kind, Sheet):
        lists = {name: [_spoken_to(item) for item in items] for name, items in lists.items()}
    return Told(found.template, values, lists, signer, post)


def wanted_contents(kind: NoticeKind | Sheet, policy: Policy, baseline: Baseline) -> tuple[str, ...]:
    """The codes of everything that policy and baseline want a letter of this kind to say."""
    if isinstance(kind, Sheet):
        return ()
    notice = policy.notices.get(kind)
    own = tuple(notice.contents) if notice else ()
    return tuple(dict.fromkeys([*own, *(code for code, wanted in baseline.contents.items() if kind in wanted.notices)]))


# What every letter has


def _common(around: Surroundings) -> Values:
    policy, case = around.policy, around.case
    agreed = any(adjustment.in_force_on(around.today) for adjustment in case.adjustments)
    return {
        "landlord": policy.name,
        "date": day_in_words(around.today),
        "reference": str(case.id),
        "name": PersonNamed(case.person),
        "customer_reference": PersonNamed(case.person, reference=True),
        "policy_title": policy.document.title,
        "policy_enclosed": _yes("policy" in around.enclosed),
        "remarks": around.remarks,
        "adjustments_agreed": _yes(agreed),
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


def _spoken_to(item: Item) -> Item:
    return {name: _said_to(value) for name, value in item.items()}


def _said_to(value: Value) -> Value:
    return spoken_to(value) if isinstance(value, str) else value


def _something_else_holds(about: str, around: Surroundings) -> bool:
    appeal = around.case.appeal(about)
    own = {r.id for r in around.case.restrictions if r.includes(about)} | ({appeal.restriction} if appeal else set())
    return any(restriction.id not in own for restriction in around.case.in_force_on(around.today))


def _adjustments(around: Surroundings) -> Iterator[Item]:
    policy, baseline = around.policy.adjustments, around.baseline.adjustments
    for adjustment in around.case.adjustments:
        if adjustment.in_force_on(around.today):
            kind = policy.get(adjustment.kind) or baseline.get(adjustment.kind)
            known = adjustment.instruction
            yield {
                "kind": kind.title if kind else "Something that we agreed with you",
                "instruction": None if known is None else Sealed(f"adjustments.{adjustment.id}.instruction", known),
            }


def _signer(kind: NoticeKind | Sheet, about: str, found: _Found, around: Surroundings) -> tuple[StaffId, str | None]:
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
        held = around.landlord.tenures_on(staff, around.today)
        post = around.landlord.post_among(staff, among, around.today) or (held[0].role if held else None)
    return staff, _title(post, around)


def _title(role: RoleCode | None, around: Surroundings) -> str | None:
    if role is None:
        return None
    known = around.policy.roles.get(role)
    return known.title if known else around.baseline.roles.get(role)


def _telephone(post: str | None, around: Surroundings) -> str | None:
    """A published number: of the post that signs, else of the first office that has one."""
    roles = [code for code, role in around.policy.roles.items() if role.title == post]
    offices = dict.fromkeys(p.code for p in around.landlord.points if p.of is PointKind.OFFICE)
    for of, code in (*((PointKind.ROLE, r) for r in roles), *((PointKind.OFFICE, o) for o in offices)):
        point = around.landlord.point_on(of, code, around.today)
        if point is not None and point.telephone is not None:
            return point.telephone
    return None


# What the kinds of letters are about


def _warning(about: str, around: Surroundings) -> _Found:
    event, fact = _fact(e.WarningIssued, lambda f: f.warning == about, "warning", about, around)
    policy = _policy_of(event, around)
    initial = [policy.measures[code] for code in fact.initial_measures if code in policy.measures]
    values: Values = {
        "behaviour": _sealed(event, "behaviour", fact.behaviour),
        "change_asked": _sealed(event, "change_asked", fact.change_asked),
        "consequences": _sealed(event, "consequences", fact.consequences),
        "initial_measures_words": _sealed(event, "initial_measures_words", fact.initial_measures_words),
        "counts_for": fact.lapses_after,
    }
    measures = [{"title": kind.title, "means": kind.means} for kind in initial]
    lists: Lists = {"incidents": _incidents(fact.incidents, around), "initial_measures": measures}
    return _Found("warning", event, values, lists, policy)


def _decision(about: str, around: Surroundings) -> _Found:
    restriction = _restriction(about, "decision", around)
    for event in _shown(around):
        fact = event.fact
        if isinstance(fact, e.RestrictionApplied) and fact.restriction == about:
            return _applied(event, fact, restriction, around)
        if isinstance(fact, e.InterimRestrictionApplied) and fact.restriction == about:
            return _interim(event, fact, restriction, around)
        if isinstance(fact, e.RestrictionImported) and fact.restriction == about:
            return _imported(event, fact, restriction, around)
    raise NothingToWriteAbout(f"This case has no decision {about}.")


def _applied(event: e.Event, fact: e.RestrictionApplied, restriction: Restriction, around: Surroundings) -> _Found:
    policy = _policy_of(event, around)
    warned = [n.sent_on for n in around.case.notices if n.about == fact.warning and n.sent_on] if fact.warning else []
    values: Values = {
        **_of(restriction, event, around),
        **_appeal(fact.appeal, policy, around),
        **_record(policy),
        "ends_on": day_in_words(fact.ends_on),
        **{
            name: _sealed(event, name, getattr(fact, name))
            for name in (
                "behaviour",
                "proportionality",
                "impact",
                "term_reason",
                "exceptional_reason",
                "single_ground_reason",
                "extreme_reason",
                "allowances",
            )
        },
        "warned_on": day_in_words(max(warned)) if warned else None,
    }
    return _Found("decision", event, values, _measures_and_dates(fact, policy, around), policy)


def _interim(
    event: e.Event, fact: e.InterimRestrictionApplied, restriction: Restriction, around: Surroundings
) -> _Found:
    policy = _policy_of(event, around)
    values: Values = {
        **_of(restriction, event, around),
        **_appeal(fact.appeal, policy, around),
        "behaviour": _sealed(event, "behaviour", fact.behaviour),
        "safety_reason": _sealed(event, "safety_reason", fact.safety_reason),
        **_record(policy),
    }
    return _Found("decision_interim", event, values, _measures_and_dates(fact, policy, around), policy)


def _imported(event: e.Event, fact: e.RestrictionImported, restriction: Restriction, around: Surroundings) -> _Found:
    """One that an earlier register told of, whose customer was never told: with what is known of it by now."""
    policy = around.of(restriction.policy)
    completed = [
        (one, one.fact)
        for one in _shown(around)
        if isinstance(one.fact, e.ImportCompleted) and one.fact.restriction == fact.restriction
    ]
    values: Values = {
        **_of(restriction, event, around),
        **_appeal(restriction.appeal, policy, around),
        **_record(policy),
        "behaviour": _sealed(event, "behaviour", fact.behaviour),
    }
    for one, more in completed:
        values |= {
            name: _sealed(one, name, getattr(more, name))
            for name in ("behaviour", "proportionality")
            if getattr(more, name) is not None
        }
    lists = {**_standing(restriction, policy), "incidents": _incidents(restriction.incidents, around)}
    return _Found("decision", None, values, {**lists, "informed": _informed(policy)}, policy)


def _closure(about: str, around: Surroundings) -> _Found:
    event, fact = _fact(e.IssueAnswered, lambda f: f.issue == about, "matter answered in full", about, around)
    values: Values = {
        "answered_on": day_in_words(fact.answered_on),
        "next_steps": _sealed(event, "next_steps", fact.next_steps),
        "matter": about,
    }
    return _Found("closure", event, values, {}, _policy_of(event, around))


def _change(about: str, around: Surroundings) -> _Found:
    """A variation, an easing or an extension, by what the change was."""
    for event in _shown(around):
        fact = event.fact
        if isinstance(fact, e.RestrictionVaried | e.RestrictionEased | e.RestrictionExtended) and fact.change == about:
            restriction = _restriction(fact.restriction, "change", around)
            policy = _policy_of(event, around)
            if isinstance(fact, e.RestrictionExtended):
                return _extended(event, fact, restriction, policy, around)
            appeal = fact.appeal if isinstance(fact, e.RestrictionVaried) else restriction.appeal
            values: Values = {
                **_of(restriction, event, around),
                **_appeal(appeal, policy, around),
                "reasons": _sealed(event, "reasons", fact.reasons),
                "from_on": day_in_words(fact.from_on),
            }
            template = "easing"
            if isinstance(fact, e.RestrictionVaried):
                template = "variation"
                values["proportionality"] = _sealed(event, "proportionality", fact.proportionality)
            lists: Lists = {
                "measures": _told_measures(fact.measures, policy),
                "reviews": _reviews(restriction.pending_reviews(), policy),
                "informed": _informed(policy),
            }
            return _Found(template, event, values, lists, policy)
    had = sorted(change for restriction in around.case.restrictions for change in restriction.changes)
    raise NothingToWriteAbout(f"This case has no change {about}; it has {_list(had)}.")


def _extended(
    event: e.Event, fact: e.RestrictionExtended, restriction: Restriction, policy: Policy, around: Surroundings
) -> _Found:
    first = [
        one
        for one in _shown(around)
        if isinstance(one.fact, e.RestrictionApplied | e.RestrictionImported)
        and one.fact.restriction == fact.restriction
    ]
    behaviour: Value = None
    if first and isinstance(first[0].fact, e.RestrictionApplied | e.RestrictionImported):
        behaviour = _sealed(first[0], "behaviour", first[0].fact.behaviour)
    before = [term.ends_on for term in restriction.terms if term.ends_on < fact.ends_on]
    values: Values = {
        **_of(restriction, event, around),
        **_appeal(fact.appeal, policy, around),
        "behaviour": behaviour,
        "reasons": _sealed(event, "reasons", fact.reasons),
        "proportionality": _sealed(event, "proportionality", fact.proportionality),
        "pattern": _sealed(event, "pattern", fact.pattern),
        "ends_on": day_in_words(fact.ends_on),
        "ended_before": day_in_words(max(before)) if before else None,
    }
    standing = _standing(restriction, policy)
    lists = {**standing, "incidents": _incidents(fact.incidents, around), "informed": _informed(policy)}
    return _Found("extension", event, values, lists, policy)


def _review_outcome(about: str, around: Surroundings) -> _Found:
    for event in _shown(around):
        fact = event.fact
        if isinstance(fact, e.ReviewCompleted) and fact.review == about:
            restriction, policy = _restriction(fact.restriction, "review", around), _policy_of(event, around)
            values: Values = {
                **_of(restriction, event, around),
                **(_appeal(fact.appeal, policy, around) if fact.appeal else {}),
                "held_on": day_in_words(fact.held_on),
                "assessment": _sealed(event, "assessment", fact.assessment),
                "outcome": OUTCOMES[fact.outcome],
                "reviewer_post": _title(event.post, around),
                "still_in_force": _yes(not restriction.over_on(around.today)),
            }
            return _Found("review_outcome", event, values, _standing(restriction, policy), policy)
        if isinstance(fact, e.ReviewRequestDeclined) and fact.request == about:
            restriction, policy = _restriction(fact.restriction, "review", around), _policy_of(event, around)
            asked = next((r.requested_on for r in around.case.review_requests if r.id == about), None)
            declined: Values = {
                **_of(restriction, event, around),
                "asked_on": day_in_words(asked) if asked else None,
                "reasons": _sealed(event, "reasons", fact.reasons),
                "still_in_force": _yes(not restriction.over_on(around.today)),
            }
            return _Found("review_declined", event, declined, _standing(restriction, policy), policy)
    had = [review.id for restriction in around.case.restrictions for review in restriction.reviews]
    had += [r.id for r in around.case.review_requests if r.declined_on is not None]
    raise NothingToWriteAbout(f"This case has no review {about}; it has {_list(had)}.")


def _acknowledgement(about: str, around: Surroundings) -> _Found:
    event, fact = _fact(e.AppealLodged, lambda f: f.appeal == about, "appeal", about, around)
    appeal = around.case.appeal(about)
    restriction = around.case.restriction(appeal.restriction) if appeal else None
    rests = restriction is not None and any(end is None or around.today < end for _, end in restriction.suspended)
    terms = restriction.appeal if restriction else None
    heard_by = [title for role in (terms.heard_by if terms else ()) if (title := _title(role, around))]
    due = appeal.answer_due_on if appeal else fact.answer_due_on
    values: Values = {
        "received_on": day_in_words(fact.received_on),
        "answer_by": day_in_words(due) if due else None,
        "hearer": None,
        "hearer_post": " or ".join(heard_by) or None,
        "late": _yes(not (appeal.accepted if appeal else fact.in_time)),
        "stays": _yes(restriction is not None and not restriction.over_on(around.today) and not rests),
        "suspended": _yes(rests),
    }
    if appeal is not None and appeal.reviewer is not None:
        values["hearer"] = StaffNamed(appeal.reviewer)
    return _Found("appeal_acknowledgement", None, values, {}, _policy_of(event, around))


def _appeal_outcome(about: str, around: Surroundings) -> _Found:
    event, fact = _fact(e.AppealDetermined, lambda f: f.appeal == about, "appeal with an outcome", about, around)
    appeal = around.case.appeal(about)
    restriction, policy = (
        _restriction(appeal.restriction if appeal else "", "appeal", around),
        _policy_of(event, around),
    )
    values: Values = {
        **_of(restriction, event, around),
        "received_on": day_in_words(appeal.received_on) if appeal else None,
        "determined_on": day_in_words(fact.decided_on),
        "outcome": _APPEALS[fact.outcome.value],
        "reasons": _sealed(event, "reasons", fact.reasons),
        "hearer_post": _title(event.post, around),
        **{name: _yes(fact.outcome.value == name) for name in ("varied", "overturned", "upheld")},
    }
    lists = _standing(restriction, policy)
    if fact.measures:
        lists["measures"] = _told_measures(fact.measures, policy)
    return _Found("appeal_outcome", event, values, lists, policy)


_APPEALS: Final = {
    "upheld": "The decision stands. The arrangements stay as they are.",
    "varied": "Your appeal has changed the decision. The new arrangements are set out below.",
    "overturned": "Your appeal has succeeded. The arrangements have ended.",
}


def _breach(about: str, around: Surroundings) -> _Found:
    event, fact = _fact(e.BreachRecorded, lambda f: f.breach == about, "breach", about, around)
    restriction = _restriction(fact.restriction, "breach", around)
    policy = around.of(restriction.policy)
    standing = [m for one in restriction.sets for m in one.measures if m.id == fact.measure]
    item = told(standing[-1], policy, f"measures.{standing[-1].id}") if standing else {}
    values: Values = {
        "happened_on": day_in_words(fact.happened_on),
        "account": _sealed(event, "account", fact.account),
        "measure": _said_to(item.get("title")),
        "means": _said_to(item.get("means")),
        "ends_on": day_in_words(restriction.ends_on),
    }
    return _Found("breach", None, values, {}, policy)


def _contact_change(about: str, around: Surroundings) -> _Found:
    found = [
        (event, event.fact)
        for event in _shown(around)
        if isinstance(event.fact, e.NamedContactChanged) and event.fact.measure == about
    ]
    if not found:
        had = [measure for restriction in around.case.restrictions for measure in restriction.contacts_changed]
        raise NothingToWriteAbout(f"Nobody else answers under {about}; it was changed for {_list(had)}.")
    event, fact = found[-1]
    restriction = _restriction(fact.restriction, "change of contact", around)
    policy = around.of(restriction.policy)
    standing = [m for one in restriction.sets for m in one.measures if m.id == about]
    item = told(standing[-1], policy, f"measures.{standing[-1].id}") if standing else {}
    role = standing[-1].contact_role if standing else None
    point = around.landlord.point_on(PointKind.ROLE, role, around.today) if role else None
    values: Values = {
        "measure": _said_to(item.get("title")),
        "contact": item.get("contact"),
        "contact_telephone": point.telephone if point else None,
        "from_on": day_in_words(fact.from_on),
        "times": item.get("times"),
    }
    return _Found("contact_change", event, values, {}, policy)


def _complaint_declined(about: str, around: Surroundings) -> _Found:
    event, fact = _fact(e.ComplaintDeclined, lambda f: f.complaint == about, "declined complaint", about, around)
    complaint = around.case.complaint(about)
    body = around.policy.ombudsmen.get(fact.ombudsman) or around.baseline.ombudsmen.get(fact.ombudsman)
    values: Values = {
        "declined_on": day_in_words(fact.declined_on),
        "because": NOT_ACCEPTED[fact.because],
        "reasons": _sealed(event, "reasons", fact.reasons),
        "ombudsman": body.name if body else None,
        "ombudsman_says": body.says if body else None,
        "about_restriction": _yes(complaint is not None and complaint.about is not None),
    }
    return _Found("complaint_declined", event, values, {}, around.policy)


def _ending(about: str, around: Surroundings) -> _Found:
    restriction = _restriction(about, "restriction", around)
    if not restriction.over_on(around.today) or (restriction.end_kind is None and restriction.ends_on >= around.today):
        raise NothingToWriteAbout(f"{about} is not over; its last day is {restriction.last_day()}.")
    policy = around.of(restriction.policy)
    ended: e.Event | None = None
    reasons: Value = None
    for event in _shown(around):
        fact = event.fact
        if isinstance(fact, e.RestrictionLifted | e.RestrictionWithdrawnAsWrong) and fact.restriction == about:
            ended, reasons = event, _sealed(event, "reasons", fact.reasons)
        elif isinstance(fact, e.RestrictionOverturned) and fact.restriction == about:
            ended, reasons = event, _reasons_of(fact.appeal, around)
    last = day_in_words(restriction.last_day())
    lists: Lists = {"informed": [{"who": who} for who in _told_others(restriction, policy)]}
    if restriction.never_made or restriction.wrong_on is not None:
        wrong = day_in_words(restriction.wrong_on) if restriction.wrong_on else None
        return _Found(
            "withdrawn_as_wrong", ended, {"last_day": last, "wrong_on": wrong, "reasons": reasons}, lists, policy
        )
    kind = restriction.end_kind or EndKind.REACHED_ITS_DATE
    values: Values = {
        "last_day": last,
        "how": ENDS[kind],
        "reasons": reasons or (ENDS[kind] if kind is EndKind.REACHED_ITS_DATE else None),
        "reached_its_date": _yes(kind is EndKind.REACHED_ITS_DATE),
    }
    return _Found("ending", ended, values, lists, policy)


def _sheet(template: str) -> Callable[[str, Surroundings], _Found]:
    def written(about: str, around: Surroundings) -> _Found:
        restriction = _restriction(about, "restriction", around)
        decided = next((event for event in _shown(around) if _decides(event.fact, about)), None)
        policy = around.of(restriction.policy)
        lists = {"measures": _standing(restriction, policy).get("measures", ())} if decided else {}
        values: Values = {
            **(_of(restriction, decided, around) if decided else {}),
            "audience": next(iter(policy.audiences.values())).title if policy.audiences else None,
        }
        return _Found(template, None, values, lists, policy)

    return written


def _decides(fact: e.Fact, restriction: str) -> bool:
    decides = e.RestrictionApplied | e.InterimRestrictionApplied | e.RestrictionImported
    return isinstance(fact, decides) and fact.restriction == restriction


_KINDS: Final[Mapping[NoticeKind | Sheet, Callable[[str, Surroundings], _Found]]] = {
    NoticeKind.WARNING: _warning,
    NoticeKind.DECISION: _decision,
    NoticeKind.CLOSURE: _closure,
    NoticeKind.VARIATION: _change,
    NoticeKind.EXTENSION: _change,
    NoticeKind.REVIEW_OUTCOME: _review_outcome,
    NoticeKind.APPEAL_ACKNOWLEDGEMENT: _acknowledgement,
    NoticeKind.APPEAL_OUTCOME: _appeal_outcome,
    NoticeKind.BREACH: _breach,
    NoticeKind.CONTACT_CHANGE: _contact_change,
    NoticeKind.COMPLAINT_DECLINED: _complaint_declined,
    NoticeKind.ENDING: _ending,
    Sheet.STAFF_INFORMATION: _sheet("staff_information"),
    Sheet.PARTNER_INFORMATION: _sheet("partner_information"),
}


# What several of them share


def _of(restriction: Restriction, event: e.Event, around: Surroundings) -> Values:
    pending = restriction.pending_reviews()
    return {
        "starts_on": day_in_words(restriction.starts_on),
        "ends_on": day_in_words(restriction.ends_on),
        "decided_on": day_in_words(restriction.decided_on),
        "first_review": day_in_words(pending[0].due_on) if pending else None,
        "decider_post": _title(event.post, around),
    }


def _appeal(terms: e.AppealTerms, policy: Policy, around: Surroundings) -> Values:
    heard_by = [title for role in terms.heard_by if (title := _title(role, around))]
    sent_to = policy.appeal.sent_to
    return {
        "appeal_right": _yes(terms.right),
        "appeal_request": _yes(not terms.right),
        "appeal_window": terms.window,
        "appeal_no_window": _yes(terms.window is None),
        "appeal_answer_within": terms.answer_within,
        "appeal_heard_by": " or ".join(heard_by) or None,
        "appeal_sent_to": sent_to.value if sent_to else None,
        "appeal_stays": _yes(not terms.suspends),
        "appeal_suspends": _yes(terms.suspends),
    }


def _record(policy: Policy) -> Values:
    kept = policy.register_

    def posts(roles: Iterable[RoleCode]) -> str | None:
        return and_joined([policy.roles[role].title for role in roles])

    return {
        "record_keeper": posts(kept.keeper) if kept else None,
        "record_maintainer": posts(kept.maintainer or kept.keeper) if kept else None,
    }


def _measures_and_dates(
    fact: e.RestrictionApplied | e.InterimRestrictionApplied, policy: Policy, around: Surroundings
) -> Lists:
    return {
        "measures": _told_measures(fact.measures, policy),
        "reviews": _reviews(fact.reviews, policy),
        "incidents": _incidents(fact.incidents, around),
        "informed": _informed(policy),
    }


def _standing(restriction: Restriction, policy: Policy) -> Lists:
    return {
        "measures": _told_measures(restriction.sets[-1].measures, policy),
        "reviews": _reviews(restriction.pending_reviews(), policy),
    }


def _told_measures(measures: Iterable[e.Measure], policy: Policy) -> list[Item]:
    return [told(measure, policy, f"measures.{measure.id}") for measure in measures]


def _reviews(scheduled: Iterable[e.ScheduledReview], policy: Policy) -> list[Item]:
    """The next review of each cadence: those after it come round by themselves."""
    following: dict[str, date] = {}
    for review in sorted(scheduled, key=lambda one: one.due_on):
        following.setdefault(review.cadence, review.due_on)
    return [
        {"date": day_in_words(due), "title": policy.reviews[code].title if code in policy.reviews else None}
        for code, due in following.items()
    ]


def _incidents(incidents: Iterable[str], around: Surroundings) -> list[Item]:
    days = {known.happened_on for one in incidents if (known := around.case.incident(one)) and not known.moved}
    return [{"date": day_in_words(day)} for day in sorted(days)]


def _informed(policy: Policy) -> list[Item]:
    return [{"who": audience.title} for audience in policy.audiences.values()]


def _told_others(restriction: Restriction, policy: Policy) -> Iterator[str]:
    for told_to in restriction.others_told:
        kind, _, code = told_to.key.partition(":")
        if kind == "audience" and code in policy.audiences:
            yield policy.audiences[code].title
        elif kind == "partner":
            yield code.replace("_", " ").capitalize()


def _reasons_of(appeal: str, around: Surroundings) -> Value:
    for event in _shown(around):
        if isinstance(event.fact, e.AppealDetermined) and event.fact.appeal == appeal:
            return _sealed(event, "reasons", event.fact.reasons)
    return None


def _restriction(wanted: str, what: str, around: Surroundings) -> Restriction:
    found = around.case.restriction(wanted)
    if found is None:
        had = [restriction.id for restriction in around.case.restrictions]
        raise NothingToWriteAbout(f"This case has no {what} {wanted}; it has {_list(had)}.")
    return found


def _fact(kind: type[F], wanted: Callable[[F], bool], what: str, about: str, around: Surroundings) -> tuple[e.Event, F]:
    """The last fact of a kind that is the wanted one, with its event."""
    for event in reversed(list(_shown(around))):
        if isinstance(event.fact, kind) and wanted(event.fact):
            return event, event.fact
    raise NothingToWriteAbout(f"This case has no {what} {about}.")


def _shown(around: Surroundings) -> Iterator[e.Event]:
    """The events of the case but those that turned out to be about somebody else."""
    hidden = around.case.hidden()
    return (event for event in around.history if event.event_id not in hidden)


def _policy_of(event: e.Event, around: Surroundings) -> Policy:
    return around.policy if event.policy is None else around.of(event.policy)


def _path(event: e.Event, field: str) -> str:
    return f"events.{event.version}.{field}"


def _sealed(event: e.Event, field: str, value: Personal | None) -> Value:
    return None if value is None else Sealed(_path(event, field), value)


def _yes(found: bool) -> str | None:
    return YES if found else None


def _list(ids: Iterable[str]) -> str:
    return ", ".join(ids) or "none yet"
