"""Which rules a step of a history was up against: what is listed as followed when none of them was broken.

Whether a rule was broken is for the rule itself; here stands only which were asked, under which clause, and which
earlier events show that they were followed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from domain import events as e
from domain.codes import Effect, NoticeKind, RoleCode
from domain.decisions.judgement import Situation
from domain.events import Event
from domain.policy import Cited, DecisionAsk, Ruled, Source, StepCode, Strength


def _nobody(_: Event) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Asked:
    """One rule that a step was up against. `group`: rules whose breach says that this one was not followed either."""

    rule: str
    clause: str
    strength: Strength
    source: Source
    asks: str
    by: tuple[RoleCode, ...] = ()
    group: frozenset[str] = frozenset()
    waived: bool = False
    shown_by: Callable[[Event], bool] = _nobody


def asked(event: Event, situation: Situation) -> Iterator[Asked]:
    """The rules that stood before this step, in the order in which a case meets them."""
    policy = situation.policy
    match event.fact:
        case e.WarningIssued():
            if policy.warning.by:
                yield _falls_to(policy.warning.by, "post_held", "Warning falls to the post that the policy names.")
            first = policy.warning.incident_recorded_first
            if first is not None and first.value:
                yield _of(first, "incident_recorded_first", "The incident is recorded before the warning.")
        case e.RestrictionProposed():
            if policy.proposal.by:
                yield _falls_to(policy.proposal.by, "post_held", "Asking falls to the post that the policy names.")
            if policy.proposal.own_area:
                yield _of(policy.proposal.own_area, "own_area", "Each asks for their own area only.")
        case e.CheckConfirmed() as fact:
            check = policy.checks.get(fact.check)
            if check is not None:
                yield _of(check, "post_held", "The check falls to the post that the policy names.", by=check.by)
        case e.PanelViewRecorded() if policy.panel is not None:
            yield _of(policy.panel, "panel_member", "Members of the panel gave its view.", by=(policy.panel.role,))
        case e.DelegationRecorded() if policy.decision.delegates is not None:
            delegates = policy.decision.delegates
            yield _falls_to(delegates, "delegate_entitled", "The decision is given to somebody whom the policy allows.")
        case e.RestrictionApplied() as fact:
            yield from _before_deciding(fact, situation)
            yield from _of_the_decision(fact, situation)
        case e.RestrictionVaried() | e.RestrictionEased() | e.RestrictionLifted() | e.RestrictionWithdrawnAsWrong():
            yield _decided(situation)
        case e.RestrictionExtended():
            yield _decided(situation)
            longest = policy.term.extension_longest
            if longest is not None:
                yield _of(longest, "longest_extension", "The extension is no longer than the policy allows.")
            pattern = policy.term.extension_needs_pattern
            if pattern is not None and pattern.value:
                yield _of(pattern, "extension_needs_pattern", "The pattern that the longer term rests on is said.")
            yield _circumstances(situation)
            yield _baseline(situation, "an_end_and_a_review")
            yield _baseline(situation, "reasons_and_evidence")
        case e.NoticeSent() as fact if fact.kind is not NoticeKind.EXTENSION:
            yield from _of_a_letter(fact, situation)
        case e.BreachRecorded():
            yield _baseline(situation, "some_contact_gets_through")
            yield _baseline(situation, "notice_before_breach")
        case e.AppealReviewerAppointed() | e.AppealDetermined():
            uninvolved, heard_by = policy.appeal.uninvolved, policy.appeal.heard_by
            asks = "Somebody who had no part in the decision hears the appeal."
            if uninvolved is not None and uninvolved.value:
                yield _of(uninvolved, "independence", asks)
            else:
                yield _baseline(situation, "independence")
            if heard_by is not None:
                yield _falls_to(heard_by, "reviewer_entitled", "The post that the policy names hears the appeal.")
        case e.LateAppealDecided():
            yield _baseline(situation, "appeals")
        case e.ReviewCompleted() as fact:
            cadence = policy.reviews.get(fact.cadence)
            if cadence is not None:
                if cadence.by:
                    yield _of(
                        cadence, "post_held", "The review falls to the post that the policy names.", by=cadence.by
                    )
                if cadence.appointed_by:
                    yield _of(cadence, "reviewer_appointed", "The reviewer was appointed.", by=cadence.appointed_by)
                for code, question in cadence.questions.items():
                    yield _of(question, f"answers_{code}", question.says)
        case e.CaseClosed():
            yield _baseline(situation, "ending_is_undone_everywhere")


def _of(
    value: Cited,
    rule: str,
    asks: str,
    *,
    by: tuple[RoleCode, ...] = (),
    group: frozenset[str] = frozenset(),
    waived: bool = False,
    shown_by: Callable[[Event], bool] = _nobody,
) -> Asked:
    return Asked(rule, value.cited, value.strength, value.source, asks, by, group, waived, shown_by)


def _falls_to(value: Ruled[tuple[RoleCode, ...]], rule: str, asks: str) -> Asked:
    return _of(value, rule, asks, by=value.value)


def _baseline(
    situation: Situation, rule: str, *, waived: bool = False, shown_by: Callable[[Event], bool] = _nobody
) -> Asked:
    found = situation.baseline.rules[rule]
    return Asked(
        rule,
        f"baseline {found.number}",
        found.strength,
        Source.BASELINE,
        found.asks,
        waived=waived,
        shown_by=shown_by,
    )


def _decided(situation: Situation) -> Asked:
    return _falls_to(situation.policy.decision.by, "post_held", "The decision falls to the post that the policy names.")


def _kind(*kinds: type) -> Callable[[Event], bool]:
    return lambda event: isinstance(event.fact, kinds)


def _circumstances(situation: Situation) -> Asked:
    step = situation.policy.steps.get(StepCode.MITIGATION)
    shown = _kind(e.MitigationConsidered)
    if step is not None and step.before_decision:
        return _of(step, "step_mitigation", step.says, shown_by=shown)
    return _baseline(situation, "adjustments", shown_by=shown)


def _before_deciding(fact: e.RestrictionApplied, situation: Situation) -> Iterator[Asked]:
    """What has to have happened before a restriction: the gates."""
    policy = situation.policy
    yield from _warning(fact, situation)
    for code, check in policy.checks.items():
        yield _of(check, f"check_{code}", check.asks, by=check.by, shown_by=_confirmed(fact.proposal, code))
    if policy.panel is not None:
        by = (policy.panel.role,)
        yield _of(policy.panel, "panel_view", "The panel gave its view.", by=by, shown_by=_kind(e.PanelViewRecorded))
    for code, step in policy.steps.items():
        if step.before_decision and code is not StepCode.MITIGATION:
            shown = _kind(e.EqualityDutyConsidered) if code is StepCode.EQUALITY_DUTY else _nobody
            yield _of(step, f"step_{code}", step.says, by=step.by, shown_by=shown)
    yield _circumstances(situation)
    least = policy.decision.evidence_at_least
    if least is not None:
        yield _of(least, "evidence", "The incidents are shown by evidence.", shown_by=_kind(e.EvidenceAttached))
    closure = policy.notices.get(NoticeKind.CLOSURE)
    if closure is not None and any(m.effect is Effect.FILE_UNANSWERED for m in fact.measures):
        shown = _letter(NoticeKind.CLOSURE)
        yield _of(closure, "told_that_more_is_filed", "The customer was told first that more is filed.", shown_by=shown)


def _warning(fact: e.RestrictionApplied, situation: Situation) -> Iterator[Asked]:
    warning = situation.policy.warning
    shown = _kind(e.WarningIssued, e.NoticeReceived)
    sent = _letter(NoticeKind.WARNING)
    both = lambda event: shown(event) or sent(event)  # noqa: E731 - a predicate of two
    waived = fact.extreme_reason is not None and warning.waived_when is not None and bool(warning.waived_when.value)
    group = frozenset({"warning_first", "behaviour_persisted"})
    if warning.required is not None and warning.required.value:
        asks = "A written warning came first and was received."
        yield _of(warning.required, "warning_first", asks, waived=waived, shown_by=both)
    else:
        yield _baseline(situation, "warning_first", waived=waived, shown_by=both)
    persist = warning.behaviour_must_persist
    if persist is not None and persist.value:
        asks = "The behaviour went on after the warning."
        yield _of(persist, "behaviour_persisted", asks, waived=waived, group=group, shown_by=_kind(e.IncidentRecorded))


def _of_the_decision(fact: e.RestrictionApplied, situation: Situation) -> Iterator[Asked]:
    """Who decides, what the decision says, what it leaves open and how long it lasts."""
    policy, term = situation.policy, situation.policy.term
    yield _decided(situation)
    extreme = fact.extreme_reason is not None
    for ask, statement in policy.decision.asks.items():
        if ask is DecisionAsk.SINGLE_GROUND_REASON and (len(fact.grounds) != 1 or extreme):
            continue
        yield _of(statement, f"decision_says_{ask}", statement.says)
    yield _baseline(situation, "a_usable_channel_stays_open")
    yield _baseline(situation, "an_end_and_a_review")
    if term.stated is not None and term.stated.value:
        yield _of(term.stated, "term_stated", "The length is stated.", group=frozenset({"an_end_and_a_review"}))
    if term.fixed is not None and term.fixed.value:
        yield _of(term.fixed, "first_term_is_fixed", "The first term is as long as the policy says.")
    if term.other_needs_reason is not None and term.other_needs_reason.value and fact.term_reason is not None:
        yield _of(term.other_needs_reason, "term_needs_reason", "The reason for another length is given.")
    if term.longest is not None:
        yield _of(term.longest, "longest_term", "It lasts no longer than the policy allows.")
    yield _baseline(situation, "reasons_and_evidence", shown_by=_kind(e.IncidentRecorded))
    yield _baseline(situation, "one_person_one_decision")


def _of_a_letter(fact: e.NoticeSent, situation: Situation) -> Iterator[Asked]:
    """What a letter has to say and enclose, and who signs it."""
    notice = situation.policy.notices.get(fact.kind)
    own = dict(notice.contents) if notice else {}
    for code, content in own.items():
        if content.strength is not Strength.MAY:
            yield _of(content, f"says_{code}", content.says)
    for code, wanted in situation.baseline.contents.items():
        if fact.kind in wanted.notices and (code not in own or own[code].strength is Strength.MAY):
            rule = "appeals" if code in ("appeal", "ombudsman") else "notice_before_breach"
            found = situation.baseline.rules[rule]
            clause = f"baseline {found.number}"
            yield Asked(f"says_{code}", clause, found.strength, Source.BASELINE, wanted.says)
    for code, enclosure in notice.enclosures.items() if notice else ():
        if enclosure.strength is not Strength.MAY:
            yield _of(enclosure, f"encloses_{code}", enclosure.says)
    if notice is not None and notice.signed_by:
        asks = "The letter is signed by the post that the policy names."
        yield _of(notice, "signatory", asks, by=notice.signed_by, shown_by=_signed(fact.notice))
    step = situation.policy.steps.get(StepCode.MEETING_AFTER)
    if fact.kind is NoticeKind.DECISION and step is not None and step.strength is not Strength.MAY:
        yield _of(step, "step_meeting_after", step.says, shown_by=_kind(e.MeetingOffered))


def _letter(kind: NoticeKind) -> Callable[[Event], bool]:
    return lambda event: isinstance(event.fact, e.NoticeSent) and event.fact.kind is kind


def _signed(notice: str) -> Callable[[Event], bool]:
    return lambda event: isinstance(event.fact, e.NoticeSigned) and event.fact.notice == notice


def _confirmed(proposal: str, check: str) -> Callable[[Event], bool]:
    return lambda event: (
        isinstance(event.fact, e.CheckConfirmed) and (event.fact.proposal, event.fact.check) == (proposal, check)
    )
