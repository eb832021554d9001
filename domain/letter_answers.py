"""What letters about reviews, appeals, breaches, complaints and endings can say, and sheets for colleagues."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from domain import events as e
from domain.case_parts import Appeal, Restriction
from domain.codes import EndKind, PointKind
from domain.letter_measures import ENDS, NOT_ACCEPTED, OUTCOMES, told
from domain.letter_parts import (
    Found,
    Lists,
    NothingToWriteAbout,
    Surroundings,
    Values,
    about_appealing,
    about_restriction,
    flag,
    ids_listed,
    known_fact,
    known_restriction,
    measures_told,
    policy_behind,
    post_title,
    sealed_value,
    shown_events,
    to_the_reader,
    what_stands,
)
from domain.letter_values import StaffNamed, Value, day_in_words
from domain.policy import Policy


def closure(about: str, around: Surroundings) -> Found:
    """A matter that was answered in full, and what the customer can do next."""
    event, fact = known_fact(e.IssueAnswered, lambda f: f.issue == about, "matter answered in full", about, around)
    values: Values = {
        "answered_on": day_in_words(fact.answered_on),
        "next_steps": sealed_value(event, "next_steps", fact.next_steps),
        "matter": about,
    }
    return Found("closure", event, values, {}, policy_behind(event, around))


def review_outcome(about: str, around: Surroundings) -> Found:
    """What came of a review, or why one that was asked for is not held before its date."""
    for event in shown_events(around):
        fact = event.fact
        if isinstance(fact, e.ReviewCompleted) and fact.review == about:
            restriction, policy = known_restriction(fact.restriction, "review", around), policy_behind(event, around)
            values: Values = {
                **about_restriction(restriction, event, around),
                **(about_appealing(fact.appeal, policy, around) if fact.appeal else {}),
                "held_on": day_in_words(fact.held_on),
                "assessment": sealed_value(event, "assessment", fact.assessment),
                "outcome": OUTCOMES[fact.outcome],
                "reviewer_post": post_title(event.post, around),
                "still_in_force": flag(not restriction.over_on(around.today)),
            }
            return Found("review_outcome", event, values, what_stands(restriction, policy, around.today), policy)
        if isinstance(fact, e.ReviewRequestDeclined) and fact.request == about:
            restriction, policy = known_restriction(fact.restriction, "review", around), policy_behind(event, around)
            asked = next((r.requested_on for r in around.case.review_requests if r.id == about), None)
            declined: Values = {
                **about_restriction(restriction, event, around),
                "asked_on": day_in_words(asked) if asked else None,
                "reasons": sealed_value(event, "reasons", fact.reasons),
                "still_in_force": flag(not restriction.over_on(around.today)),
            }
            return Found("review_declined", event, declined, what_stands(restriction, policy, around.today), policy)
    had = [review.id for restriction in around.case.restrictions for review in restriction.reviews]
    had += [r.id for r in around.case.review_requests if r.declined_on is not None]
    raise NothingToWriteAbout(f"This case has no review {about}; it has {ids_listed(had)}.")


def acknowledgement(about: str, around: Surroundings) -> Found:
    """That an appeal came in, who hears it, and what holds meanwhile."""
    event, fact = known_fact(e.AppealLodged, lambda f: f.appeal == about, "appeal", about, around)
    appeal = around.case.appeal(about)
    restriction = around.case.restriction(appeal.restriction) if appeal else None
    rests = restriction is not None and _rests(restriction, around)
    terms = restriction.appeal if restriction else None
    heard_by = [title for role in (terms.heard_by if terms else ()) if (title := post_title(role, around))]
    due = appeal.answer_due_on if appeal else fact.answer_due_on
    values: Values = {
        "received_on": day_in_words(fact.received_on),
        "answer_by": day_in_words(due) if due else None,
        "hearer": None,
        "hearer_post": " or ".join(heard_by) or None,
        "late": flag(not (appeal.accepted if appeal else fact.in_time)),
        "stays": flag(restriction is not None and not restriction.over_on(around.today) and not rests),
        "suspended": flag(rests),
    }
    if appeal is not None and appeal.reviewer is not None:
        values["hearer"] = StaffNamed(appeal.reviewer)
    return Found("appeal_acknowledgement", None, values, {}, policy_behind(event, around))


def appeal_outcome(about: str, around: Surroundings) -> Found:
    """What came of an appeal, and what changes; or why one that came late is not heard."""
    appeal = around.case.appeal(about)
    if appeal is not None and appeal.declined:
        return _appeal_declined(appeal, around)
    event, fact = known_fact(e.AppealDetermined, lambda f: f.appeal == about, "appeal with an outcome", about, around)
    restriction, policy = (
        known_restriction(appeal.restriction if appeal else "", "appeal", around),
        policy_behind(event, around),
    )
    values: Values = {
        **about_restriction(restriction, event, around),
        "received_on": day_in_words(appeal.received_on) if appeal else None,
        "determined_on": day_in_words(fact.decided_on),
        "outcome": _APPEALS[fact.outcome.value],
        "reasons": sealed_value(event, "reasons", fact.reasons),
        "hearer_post": post_title(event.post, around),
        **{name: flag(fact.outcome.value == name) for name in ("varied", "overturned", "upheld")},
    }
    lists = what_stands(restriction, policy, around.today)
    if fact.measures:
        lists["measures"] = measures_told(fact.measures, policy)
    return Found("appeal_outcome", event, values, lists, policy)


def _appeal_declined(appeal: Appeal, around: Surroundings) -> Found:
    """It came late and is not heard; the restriction goes on as it is, and can be reviewed all the same."""
    event, fact = known_fact(e.LateAppealDecided, lambda f: f.appeal == appeal.id, "declined appeal", appeal.id, around)
    restriction, policy = known_restriction(appeal.restriction, "appeal", around), policy_behind(event, around)
    over = restriction.over_on(around.today)
    values: Values = {
        **about_restriction(restriction, event, around),
        "received_on": day_in_words(appeal.received_on),
        "declined_on": day_in_words(event.effective_on),
        "reasons": sealed_value(event, "reasons", fact.reasons),
        "hearer_post": post_title(event.post, around),
        "still_in_force": flag(not over),
        "suspended": flag(not over and _rests(restriction, around)),
        "over": flag(over),
    }
    return Found("appeal_declined", event, values, what_stands(restriction, policy, around.today), policy)


def _rests(restriction: Restriction, around: Surroundings) -> bool:
    """Whether an appeal suspends the measures today."""
    return any(end is None or around.today < end for _, end in restriction.suspended)


_APPEALS: Final = {
    "upheld": "The decision stands. The arrangements stay as they are.",
    "varied": "Your appeal has changed the decision. The new arrangements are set out below.",
    "overturned": "Your appeal has succeeded. The arrangements have ended.",
}


def breach(about: str, around: Surroundings) -> Found:
    """A contact against a measure."""
    event, fact = known_fact(e.BreachRecorded, lambda f: f.breach == about, "breach", about, around)
    restriction = known_restriction(fact.restriction, "breach", around)
    policy = around.of(restriction.policy)
    standing = [m for one in restriction.sets for m in one.measures if m.id == fact.measure]
    item = told(standing[-1], policy, f"measures.{standing[-1].id}") if standing else {}
    values: Values = {
        "happened_on": day_in_words(fact.happened_on),
        "account": sealed_value(event, "account", fact.account),
        "measure": to_the_reader(item.get("title")),
        "means": to_the_reader(item.get("means")),
        "ends_on": day_in_words(restriction.ends_on),
    }
    return Found("breach", None, values, {}, policy)


def contact_change(about: str, around: Surroundings) -> Found:
    """Who answers from now on."""
    found = [
        (event, event.fact)
        for event in shown_events(around)
        if isinstance(event.fact, e.NamedContactChanged) and event.fact.measure == about
    ]
    if not found:
        had = [measure for restriction in around.case.restrictions for measure in restriction.contacts_changed]
        raise NothingToWriteAbout(f"Nobody else answers under {about}; it was changed for {ids_listed(had)}.")
    event, fact = found[-1]
    restriction = known_restriction(fact.restriction, "change of contact", around)
    policy = around.of(restriction.policy)
    standing = [m for one in restriction.sets for m in one.measures if m.id == about]
    item = told(standing[-1], policy, f"measures.{standing[-1].id}") if standing else {}
    role = standing[-1].contact_role if standing else None
    point = around.landlord.point_on(PointKind.ROLE, role, around.today) if role else None
    values: Values = {
        "measure": to_the_reader(item.get("title")),
        "contact": item.get("contact"),
        "contact_telephone": point.telephone if point else None,
        "from_on": day_in_words(fact.from_on),
        "times": item.get("times"),
    }
    return Found("contact_change", event, values, {}, policy)


def complaint_declined(about: str, around: Surroundings) -> Found:
    """Why one complaint is not taken up, and the ombudsman."""
    event, fact = known_fact(e.ComplaintDeclined, lambda f: f.complaint == about, "declined complaint", about, around)
    complaint = around.case.complaint(about)
    body = around.policy.ombudsmen.get(fact.ombudsman) or around.baseline.ombudsmen.get(fact.ombudsman)
    values: Values = {
        "declined_on": day_in_words(fact.declined_on),
        "because": NOT_ACCEPTED[fact.because],
        "reasons": sealed_value(event, "reasons", fact.reasons),
        "ombudsman": body.name if body else None,
        "ombudsman_says": body.says if body else None,
        "about_restriction": flag(complaint is not None and complaint.about is not None),
    }
    return Found("complaint_declined", event, values, {}, around.policy)


def ending(about: str, around: Surroundings) -> Found:
    """That a restriction is over and why; with an apology when it should never have been made."""
    restriction = known_restriction(about, "restriction", around)
    if not restriction.over_on(around.today) or (restriction.end_kind is None and restriction.ends_on >= around.today):
        raise NothingToWriteAbout(f"{about} is not over; its last day is {restriction.last_day()}.")
    policy = around.of(restriction.policy)
    ended: e.Event | None = None
    reasons: Value = None
    for event in shown_events(around):
        fact = event.fact
        if isinstance(fact, e.RestrictionLifted | e.RestrictionWithdrawnAsWrong) and fact.restriction == about:
            ended, reasons = event, sealed_value(event, "reasons", fact.reasons)
        elif isinstance(fact, e.RestrictionOverturned) and fact.restriction == about:
            ended, reasons = event, _reasons_of(fact.appeal, around)
    last = day_in_words(restriction.last_day())
    lists: Lists = {"informed": [{"who": who} for who in _told_others(restriction, policy)]}
    if restriction.never_made or restriction.wrong_on is not None:
        wrong = day_in_words(restriction.wrong_on) if restriction.wrong_on else None
        return Found(
            "withdrawn_as_wrong", ended, {"last_day": last, "wrong_on": wrong, "reasons": reasons}, lists, policy
        )
    kind = restriction.end_kind or EndKind.REACHED_ITS_DATE
    values: Values = {
        "last_day": last,
        "how": ENDS[kind],
        "reasons": reasons or (ENDS[kind] if kind is EndKind.REACHED_ITS_DATE else None),
        "reached_its_date": flag(kind is EndKind.REACHED_ITS_DATE),
    }
    return Found("ending", ended, values, lists, policy)


def _told_others(restriction: Restriction, policy: Policy) -> Iterator[str]:
    for told_to in restriction.others_told:
        kind, _, code = told_to.key.partition(":")
        if kind == "audience" and code in policy.audiences:
            yield policy.audiences[code].title
        elif kind == "partner":
            yield code.replace("_", " ").capitalize()


def _reasons_of(appeal: str, around: Surroundings) -> Value:
    for event in shown_events(around):
        if isinstance(event.fact, e.AppealDetermined) and event.fact.appeal == appeal:
            return sealed_value(event, "reasons", event.fact.reasons)
    return None


def sheet(template: str) -> Callable[[str, Surroundings], Found]:
    """A sheet for colleagues or partners about a restriction, from this template."""

    def written(about: str, around: Surroundings) -> Found:
        restriction = known_restriction(about, "restriction", around)
        decided = next((event for event in shown_events(around) if _decides(event.fact, about)), None)
        policy = around.of(restriction.policy)
        lists = {"measures": what_stands(restriction, policy, around.today).get("measures", ())} if decided else {}
        values: Values = {
            **(about_restriction(restriction, decided, around) if decided else {}),
            "audience": next(iter(policy.audiences.values())).title if policy.audiences else None,
        }
        return Found(template, None, values, lists, policy)

    return written


def _decides(fact: e.Fact, restriction: str) -> bool:
    decides = e.RestrictionApplied | e.InterimRestrictionApplied | e.RestrictionImported
    return isinstance(fact, decides) and fact.restriction == restriction
