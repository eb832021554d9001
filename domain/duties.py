"""What each obligation asks of whom: whose it is, the clause behind it, one sentence of what to do, and the command.

The dates of an obligation stand on facts; what is said here is what the policy says today, so that whoever works
through a list is told what the landlord's own text wants.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from domain.baseline import Baseline
from domain.codes import NoticeKind, RoleCode
from domain.obligation import Duty, Obligation
from domain.policy import Cited, Policy, Review, StepCode, When

CASE_OFFICER: Final = RoleCode("case_officer")
DATA_PROTECTION_OFFICER: Final = RoleCode("data_protection_officer")
RECORDS_OFFICER: Final = RoleCode("records_officer")


class Terms(NamedTuple):
    """Where an obligation is looked up: what it is, the landlord's policy, and the baseline."""

    owed: Obligation
    policy: Policy
    baseline: Baseline


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of obligation. Without roles of its own it falls to whoever looks after the case."""

    says: str  # one sentence of what to do; {about} is the id that it is about, {what} its code in plain words
    commands: tuple[str, ...]  # that discharge it; none: it ends by itself
    rule: str  # the baseline's rule, where neither the facts nor the policy name a clause
    value: Callable[[Terms], Cited | None] = lambda _: None  # of the policy, whose clause stands behind it
    roles: Callable[[Terms], tuple[RoleCode, ...]] = lambda _: ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an obligation asks: whose it is by post, the clause, what to do and with which commands.

    `escalated_to` are the roles that are asked too once its day went by.
    """

    by: tuple[RoleCode, ...]
    escalated_to: tuple[RoleCode, ...]
    clause: str
    says: str
    commands: tuple[str, ...]


def _decider(terms: Terms) -> tuple[RoleCode, ...]:
    return terms.policy.decision.by.value


def _notice(terms: Terms) -> Cited | None:
    return terms.policy.notices.get(NoticeKind(terms.owed.code))


def _sent_by(terms: Terms) -> tuple[RoleCode, ...]:
    """Whoever signs or sends such letters; where the policy does not say, whoever decides on what they tell of."""
    notice = terms.policy.notices.get(NoticeKind(terms.owed.code))
    if notice is not None and (notice.signed_by or notice.by):
        return notice.signed_by or notice.by
    match NoticeKind(terms.owed.code):
        case NoticeKind.WARNING:
            return terms.policy.warning.by.value if terms.policy.warning.by else ()
        case NoticeKind.APPEAL_OUTCOME:
            return _heard_by(terms)
        case NoticeKind.CONTACT_CHANGE | NoticeKind.COMPLAINT_DECLINED | NoticeKind.CLOSURE:
            return ()
        case _:
            return _decider(terms)


def _before_and_decider(terms: Terms) -> tuple[RoleCode, ...]:
    """Whoever decides, and whoever the policy wants to hear of a proposal before: its checks, and its panel."""
    checks = (role for check in terms.policy.checks.values() for role in check.by)
    panel = () if terms.policy.panel is None else (terms.policy.panel.role,)
    return tuple(dict.fromkeys((*_decider(terms), *checks, *panel)))


def _on_request(terms: Terms) -> Review | None:
    """The review that the policy offers to whoever asks for one."""
    return next((r for r in terms.policy.reviews.values() if r.when is When.REQUESTED), None)


def _asked_for_by(terms: Terms) -> tuple[RoleCode, ...]:
    cadence = _on_request(terms)
    return (cadence.by if cadence else ()) or _decider(terms)


def _heard_by(terms: Terms) -> tuple[RoleCode, ...]:
    heard = terms.policy.appeal.heard_by
    return heard.value if heard else ()


def _safety(terms: Terms) -> tuple[RoleCode, ...]:
    return (*terms.baseline.safety_approved_by, *_decider(terms))


def _records(_: Terms) -> tuple[RoleCode, ...]:
    return (DATA_PROTECTION_OFFICER, RECORDS_OFFICER)


def _privacy(_: Terms) -> tuple[RoleCode, ...]:
    return (DATA_PROTECTION_OFFICER,)


def _privacy_and_decider(terms: Terms) -> tuple[RoleCode, ...]:
    return (DATA_PROTECTION_OFFICER, *_decider(terms))


KINDS: Final[Mapping[Duty, Kind]] = {
    Duty.PROPOSAL: Kind(
        "Decide on {about}: apply, decline or return it.",
        ("confirm-check", "record-panel-view", "apply-restriction", "decline-restriction", "return-proposal"),
        "reasons_and_evidence",
        lambda t: t.policy.decision.by,
        _before_and_decider,
    ),
    Duty.ADJUSTMENT: Kind(
        "Answer {about}: agree the adjustment, or one that works as well, or say why not.",
        ("decide-adjustment",),
        "adjustments",
    ),
    Duty.APPEAL: Kind(
        "Determine {about}, by somebody who had no part in the decision.",
        ("appoint-appeal-reviewer", "determine-appeal"),
        "appeals",
        lambda t: t.policy.appeal.answer_within or t.policy.appeal.heard_by,
        _heard_by,
    ),
    Duty.LATE_APPEAL: Kind(
        "Say whether {about}, which came late, is taken all the same, with reasons.",
        ("decide-late-appeal",),
        "appeals",
        lambda t: t.policy.appeal.heard_by,
        _heard_by,
    ),
    Duty.ACKNOWLEDGEMENT: Kind("Tell the customer that {about} arrived.", ("acknowledge-appeal",), "appeals"),
    Duty.FILED: Kind(
        "Read what was filed as {about} to its end, and triage it.", ("triage-filed-item",), "filed_is_still_read"
    ),
    Duty.REVIEW: Kind("Hold this review of {about}: {what}.", ("complete-review",), "an_end_and_a_review"),
    Duty.MEASURE_REVIEW: Kind(
        "Look at {about} again, as often as was decided with it, in any review of its restriction.",
        ("complete-review",),
        "an_end_and_a_review",
    ),
    Duty.REQUEST: Kind(
        "Answer {about}, by which a review was asked for: hold it, or say why not.",
        ("complete-review", "decline-review-request"),
        "an_end_and_a_review",
        _on_request,
        _asked_for_by,
    ),
    Duty.BREACH: Kind(
        "Report {about} to the {what}.",
        ("report-breach",),
        "notice_before_breach",
        lambda t: t.policy.breach_reported_to,
    ),
    Duty.MISSING: Kind(
        "Find out what the register did not say of {about}: {what}.", ("complete-import",), "reasons_and_evidence"
    ),
    Duty.SAFETY_REVIEW: Kind(
        "Look at the safety warning {about} again: it stands, changes, or goes.",
        ("review-safety-warning",),
        "safety_warnings",
        roles=_safety,
    ),
    Duty.TELLING: Kind("Tell the person that {about} stands.", ("tell-person-of-safety-warning",), "safety_warnings"),
    Duty.APPROVAL: Kind(
        "Approve or decline the safety warning {about}, as a second person.",
        ("approve-safety-warning", "decline-safety-warning"),
        "safety_warnings",
        roles=_safety,
    ),
    Duty.NAMED_CONTACT: Kind(
        "Say who answers the customer under {about}.", ("change-named-contact",), "notice_before_breach", roles=_decider
    ),
    Duty.REMOVAL: Kind(
        "Undo this now that {about} is over, and confirm it: {what}.",
        ("confirm-removal", "notify-ending"),
        "ending_is_undone_everywhere",
    ),
    Duty.LETTER: Kind(
        "Send the letter of {what} about {about}.",
        ("release-letter", "send-notice"),
        "notice_before_breach",
        _notice,
        _sent_by,
    ),
    Duty.STUCK: Kind(
        "Look at {about}, which was let go and waits ({what}): it went out, is tried once more, or is discarded.",
        ("take-up-letter", "discard-letter"),
        "notice_before_breach",
    ),
    Duty.MERGE: Kind(
        "Say which of the restrictions that {about} brought together stand.",
        ("settle-merge-conflict",),
        "one_person_one_decision",
        roles=_decider,
    ),
    Duty.LIFTING: Kind(
        "Lift {about}, of which somebody said that it does not stand.",
        ("lift-restriction",),
        "one_person_one_decision",
        roles=_decider,
    ),
    Duty.ALLEGATION: Kind(
        "Have {about} looked into by somebody independent, and take down what was found.",
        ("conclude-counter-allegation",),
        "counter_allegations",
    ),
    Duty.COMPLAINT: Kind(
        "See {about} through its own procedure, which no restriction stops.",
        ("conclude-complaint", "decline-complaint"),
        "filed_is_still_read",
    ),
    Duty.OMBUDSMAN: Kind(
        "Take down what the ombudsman determined on {about}.", ("record-ombudsman-determination",), "appeals"
    ),
    Duty.POLICY_COPY: Kind(
        "Send the copy of the policy that {about} asks for.",
        ("send-policy-copy",),
        "appeals",
        lambda t: t.policy.steps.get(StepCode.POLICY_COPY),
    ),
    Duty.AGREEMENT: Kind(
        "Look at {about} with the customer: it goes on, or it ends.",
        ("end-agreement",),
        "reasons_and_evidence",
        lambda t: t.policy.steps.get(StepCode.AGREEMENT),
    ),
    Duty.RIGHTS: Kind("Answer {about} in writing.", ("answer-rights-request",), "retention", roles=_privacy),
    Duty.AGREED_CALL: Kind(
        "Make the call that was agreed under {about} ({what}), and take down that it was made or missed.",
        ("keep-agreed-call", "miss-agreed-call"),
        "reasons_and_evidence",
    ),
    Duty.CALL_MISSED: Kind("Make up for {about}, which we missed.", ("keep-agreed-call",), "reasons_and_evidence"),
    Duty.INTERIM: Kind(
        "Confirm the interim restriction {about} with every check, or let it end.",
        ("apply-restriction",),
        "urgent",
        roles=_decider,
    ),
    Duty.PLAN: Kind(
        "Look at {about} again: is it being carried out, and does it work?", ("review-urgent-case",), "urgent"
    ),
    Duty.URGENT: Kind("Once somebody acted at once on {about}: {what}.", (), "urgent"),
    Duty.HOLD: Kind("See whether {about} is still needed.", ("release-legal-hold",), "retention", roles=_privacy),
    Duty.DISPOSAL: Kind(
        "Say as a second person whether the records in {about} go, or why they stay.",
        ("decide-disposal",),
        "retention",
        roles=_records,
    ),
    Duty.TERM: Kind(
        "{about} ends with this day, unless it was extended and the letter sent before.",
        (),
        "an_end_and_a_review",
        lambda t: t.policy.term.first or t.policy.term.stated,
        _decider,
    ),
    Duty.APPEAL_WINDOW: Kind(
        "The time to appeal against {about} ends; a later appeal is late, never invalid.",
        (),
        "appeals",
        lambda t: t.policy.appeal.window,
    ),
    Duty.WARNING_LAPSES: Kind(
        "{about} can support no restriction after this day.", (), "warning_first", lambda t: t.policy.warning.lasts
    ),
    Duty.DELEGATION: Kind(
        "{about} ends with this day; the decision goes back to whoever gave it away.",
        (),
        "independence",
        lambda t: t.policy.decision.delegates,
        _decider,
    ),
    Duty.AUTHORITY: Kind("{about} no longer speaks for the customer after this day.", (), "one_person_one_decision"),
    Duty.SAFETY_EXPIRY: Kind("The safety warning {about} ends with this day.", (), "safety_warnings"),
    Duty.SAFE_CONTACT: Kind(
        "{about}, on how the customer is reached without harm, ends with this day.", (), "notice_before_breach"
    ),
    Duty.DISCLOSURE: Kind(
        "{about} ends with this day: the partner sees nothing more of it, and deletes what it keeps.",
        (),
        "ending_is_undone_everywhere",
        roles=_privacy,
    ),
    Duty.DELETION: Kind(
        "Have this partner delete what {about} showed it, and take down that it did: {what}.",
        ("confirm-deletion",),
        "ending_is_undone_everywhere",
        roles=_privacy,
    ),
    Duty.DISCLOSING: Kind(
        "Say what the partner of {about} sees of what was decided since ({what}): disclose that as well, or end it.",
        ("disclose", "end-disclosure"),
        "ending_is_undone_everywhere",
        roles=_privacy_and_decider,
    ),
    Duty.INFORM: Kind("Have this told or marked of {about}, so that everybody acts alike: {what}.", (), "retention"),
    Duty.VARYING: Kind(
        "Vary a measure of {about} that takes away what an agreed adjustment gives ({what}), or end it.",
        ("vary-restriction", "ease-restriction", "lift-restriction"),
        "adjustments",
        roles=_decider,
    ),
}

# By what is told or marked, and undone again when it is over.
TELLING_COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "alert": ("place-alert",),
    "audience": ("inform-staff",),
    "partner": ("inform-partner",),
}

# By the step that follows on an urgent action.
URGENT_COMMANDS: Final[Mapping[str, str]] = {
    "senior_discussion": "hold-senior-discussion",
    "action_plan": "make-action-plan",
    "review": "review-urgent-case",
    "police": "inform-police",
    "legal_action": "consider-legal-action",
    "safety_marker": "propose-safety-warning",
    "end_interaction": "end-interaction",
}


def asked(owed: Obligation, policy: Policy, baseline: Baseline) -> Asked:
    """What an obligation asks, of which posts, and the clause behind it."""
    kind, terms = KINDS[owed.duty], Terms(owed, policy, baseline)
    value = kind.value(terms)
    clause = owed.clause or (value.cited if value else f"baseline {baseline.rules[kind.rule].number}")
    by = _appointing(owed, policy) or owed.by or kind.roles(terms) or (CASE_OFFICER,)
    return Asked(
        by=by,
        escalated_to=tuple(role for role in _decider(terms) if role not in by),
        clause=clause,
        says=kind.says.format(about=owed.about, what=_what(owed, policy)),
        commands=_commands(owed, kind, policy),
    )


def _what(owed: Obligation, policy: Policy) -> str:
    """What it is of its kind, in the policy's words where that has some."""
    what, _, code = owed.detail.partition(":")
    match owed.duty, what:
        case Duty.REVIEW, _ if (cadence := policy.reviews.get(owed.code)) is not None:
            return cadence.title
        case ((Duty.INFORM | Duty.REMOVAL), "alert") if (alert := policy.alerts.get(code)) is not None:
            return f"{alert.title} ({alert.system})"
        case ((Duty.INFORM | Duty.REMOVAL), "audience") if (audience := policy.audiences.get(code)) is not None:
            return audience.title
        case Duty.AGREED_CALL, _:
            return owed.detail
        case Duty.BREACH, _ if policy.breach_reported_to is not None:
            return " or ".join(policy.roles[role].title for role in policy.breach_reported_to.value)
        case _:
            return (owed.code or owed.detail).replace("_", " ").replace(":", " ")


def _commands(owed: Obligation, kind: Kind, policy: Policy) -> tuple[str, ...]:
    """What discharges it, of the commands for its kind."""
    told = owed.detail.partition(":")[0]
    match owed.duty:
        case Duty.URGENT:
            return (URGENT_COMMANDS[owed.detail],)
        case Duty.INFORM:
            return TELLING_COMMANDS[told]
        case Duty.REMOVAL:
            return ("notify-ending",) if told in ("audience", "partner") else ("confirm-removal",)
        case Duty.PROPOSAL:
            asked_first = {"confirm-check": bool(policy.checks), "record-panel-view": policy.panel is not None}
            return tuple(one for one in kind.commands if asked_first.get(one, True))
        case Duty.REVIEW if _appointing(owed, policy):
            return ("appoint-reviewer", *kind.commands)
        case _:
            return kind.commands


def _appointing(owed: Obligation, policy: Policy) -> tuple[RoleCode, ...]:
    """Who has somebody hold a review that only an appointed reviewer holds, and who those can be; none once they are.

    Both see it: the one to appoint, the others to know what comes.
    """
    cadence = policy.reviews.get(owed.code) if owed.duty is Duty.REVIEW and owed.staff is None else None
    return (*cadence.appointed_by, *owed.by) if cadence is not None and cadence.appointed_by else ()


def applies(owed: Obligation, policy: Policy) -> bool:
    """Whether the policy makes a duty of it: agreed times only where the landlord owes the calls, for instance."""
    match owed.duty:
        case Duty.AGREED_CALL:
            kind = policy.measures.get(owed.code)
            return kind is not None and "agreed_calls" in kind.owes
        case Duty.BREACH:
            return policy.breach_reported_to is not None
        case _:
            return True
