"""The dates of a decision: its last day, its reviews in every cadence at once, and the terms of an appeal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import count
from typing import Final

from domain.calendar import Period, Unit, last_day, nth_occurrence, opens_on
from domain.case_parts import Restriction
from domain.decisions.judgement import Situation, Violation, against, against_baseline, impossible
from domain.events import AppealTerms, ScheduledReview
from domain.personal import DecisionText
from domain.policy import Policy, Review, Source, When

# The cadence of the one review that the baseline asks for where a policy asks for none.
BASELINE_REVIEW: Final = "baseline"
# The review that the end of a tenancy asks for (baseline 16).
TENANCY_ENDED: Final = "tenancy_ended"
# As long as any period of a policy may be (`domain.calendar.Period`).
TEN_YEARS: Final = Period(10, Unit.YEAR)


def first_term_ends(decided_on: date, wanted: date | None, policy: Policy) -> date | None:
    """The last day: as wanted, else the policy's first term; None when neither says."""
    if wanted is not None:
        return wanted
    return last_day(decided_on, policy.term.first.value, policy.nation) if policy.term.first else None


def has_an_end(decided_on: date, ends_on: date | None, situation: Situation) -> Iterator[Violation]:
    """Every restriction has a last day after its first (baseline 3)."""
    stated = situation.policy.term.stated
    if ends_on is None:
        asks = "Give ends_on: every restriction has an end."
        if stated is not None and stated.value:
            yield against(stated, "an_end_and_a_review", asks, "ends_on")
        else:
            yield against_baseline(situation, "an_end_and_a_review", asks, "ends_on")
    elif ends_on <= decided_on:
        yield impossible(
            "end_before_start", f"ends_on ({ends_on}) does not lie after the decision ({decided_on}).", "ends_on"
        )
    elif ends_on > last_day(decided_on, TEN_YEARS, situation.policy.nation):
        asks = "More than ten years is no end: choose a term whose reviews somebody will hold."
        yield against_baseline(situation, "an_end_and_a_review", asks, "ends_on")


def first_term_allowed(
    decided_on: date,
    ends_on: date,
    term_reason: DecisionText | None,
    exceptional_reason: DecisionText | None,
    situation: Situation,
) -> Iterator[Violation]:
    """The first term is what the policy says: fixed, typical with reasons for another, at most so long."""
    policy, term = situation.policy, situation.policy.term
    usual = last_day(decided_on, term.first.value, policy.nation) if term.first else None
    if usual is not None and ends_on != usual:
        if term.fixed is not None and term.fixed.value:
            yield against(term.fixed, "first_term_is_fixed", f"The first term ends on {usual}.", "ends_on")
        if term.other_needs_reason is not None and term.other_needs_reason.value and term_reason is None:
            yield against(
                term.other_needs_reason, "term_needs_reason", f"Say why it does not end on {usual}.", "term_reason"
            )
    yield from _longest_term(decided_on, ends_on, exceptional_reason, situation)


def _longest_term(
    decided_on: date, ends_on: date, exceptional_reason: DecisionText | None, situation: Situation
) -> Iterator[Violation]:
    policy, term = situation.policy, situation.policy.term
    if term.longest is None:
        return
    longest = last_day(decided_on, term.longest.value, policy.nation)
    beyond = term.exceptional_beyond is not None and term.exceptional_beyond.value
    if ends_on > longest and not (beyond and exceptional_reason is not None):
        more = "; beyond that exceptional_reason is needed" if beyond else ""
        yield against(term.longest, "longest_term", f"It can last until {longest} at most{more}.", "ends_on")


def extension_allowed(
    restriction: Restriction,
    ends_on: date,
    exceptional_reason: DecisionText | None,
    situation: Situation,
) -> Iterator[Violation]:
    """An extension adds at most as much as the policy says to the term that it finds.

    Where a policy gives one limit and none for extensions, the limit is for the whole of the restriction.
    """
    policy, term = situation.policy, situation.policy.term
    if term.extension_longest is not None:
        latest = last_day(restriction.ends_on, term.extension_longest.value, policy.nation)
        if ends_on > latest:
            yield against(
                term.extension_longest, "longest_extension", f"It can last until {latest} at most.", "ends_on"
            )
    else:
        yield from _longest_term(restriction.decided_on, ends_on, exceptional_reason, situation)


def schedule(
    anchor: date, after: date, ends_on: date, *, exceptional: bool, every: Period | None, situation: Situation
) -> tuple[ScheduledReview, ...]:
    """The reviews due after one day and up to the last, in every cadence at once, each counted from the anchor.

    A cadence with no date before the end is due at the end, and where the policy has no cadence the decider looks at
    it then, so that no restriction ends unreviewed (baseline 3). `every` is the interval of a policy that leaves it
    to the decision.
    """
    found: list[ScheduledReview] = []
    for code, review in situation.policy.reviews.items():
        if review.when is When.IN_FORCE or (review.when is When.EXCEPTIONAL and exceptional):
            dates = [d for d in _dates(anchor, ends_on, review, every, situation.policy) if after < d]
            found.extend(_scheduled(code, review, due, situation) for due in dates or [ends_on])
    if not found:
        found.append(baseline_review(ends_on, situation))
    return tuple(sorted(found, key=lambda s: (s.due_on, s.cadence)))


def prompted(when: When, due: date, situation: Situation) -> tuple[ScheduledReview, ...]:
    """Reviews that an event asks for, such as a new issue; they can be held at once."""
    return tuple(
        ScheduledReview(cadence=code, due_on=due, opens_on=situation.today, by=review.by, clause=review.cited)
        for code, review in situation.policy.reviews.items()
        if review.when is when
    )


def _dates(anchor: date, ends_on: date, review: Review, every: Period | None, policy: Policy) -> Iterator[date]:
    interval = (every if review.per_case else None) or review.every
    first = (every if review.per_case else None) or review.first_after or interval
    if first is None:
        return
    for n in count(1):
        due = nth_occurrence(anchor, interval or first, n, policy.nation, first=first)
        if due > ends_on:
            return
        yield due
        if interval is None:
            return


def _scheduled(code: str, review: Review, due: date, situation: Situation) -> ScheduledReview:
    lead = situation.baseline.review_opens.period.count
    return ScheduledReview(
        cadence=code,
        due_on=due,
        opens_on=opens_on(due, lead, situation.policy.nation),
        by=review.by or review.appointed_by,
        clause=review.cited,
    )


def baseline_review(due: date, situation: Situation) -> ScheduledReview:
    """The decider's look on a day, where no cadence of the policy asks for one (baseline 3)."""
    lead = situation.baseline.review_opens.period.count
    return ScheduledReview(
        cadence=BASELINE_REVIEW,
        due_on=due,
        opens_on=opens_on(due, lead, situation.policy.nation),
        by=situation.policy.decision.by.value,
        clause="baseline 3",
    )


def appeal_terms(situation: Situation) -> AppealTerms:
    """What an appeal against a decision of today means; where the policy is silent the baseline speaks (rule 11)."""
    appeal = situation.policy.appeal
    cited = appeal.offered or appeal.against
    return AppealTerms(
        right=appeal.offered is not None and appeal.offered.value == "right",
        window=str(appeal.window.value) if appeal.window else None,
        answer_within=str(appeal.answer_within.value) if appeal.answer_within else None,
        heard_by=appeal.heard_by.value if appeal.heard_by else (),
        suspends=appeal.in_force_meanwhile is not None and not appeal.in_force_meanwhile.value,
        clause=cited.cited if cited else f"baseline 11 ({Source.ASSUMED})",
    )
