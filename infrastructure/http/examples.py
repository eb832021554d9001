"""An example body for every operation that takes one; people and places in them are made up."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

# Ids of people and staff, as the directory and `evenhand` give them.
_PERSON: Final = "5e0c2b7a-4f52-4d0e-9a1c-7c1f4f0b2d11"
_COLLEAGUE: Final = "0a9d6f3e-18b4-4c6d-8f57-2f6f0c7d9e22"
_SECOND_COLLEAGUE: Final = "c4b1e8d2-6a0f-4e39-b7c5-91d3a5f2e833"
_EVENT: Final = "01987a3c-5f10-7c42-8b6e-2d9f4a1c7e05"
_OTHER_PERSON: Final = "8b1f4c06-93de-4a7b-8c55-2d60e1a9f744"
_OTHER_CASE: Final = "d27a90c3-1b5e-5f48-9e02-64c8b7f1a055"
_HASH: Final = "3f" * 32

_MEASURE: Final[Mapping[str, object]] = {
    "code": "named_officer",
    "reason": "One person who knows the history can answer each call in full.",
    "contact_staff": [_COLLEAGUE],
}

# What the letters about a restriction and about its extension both say.
_TOLD: Final = ("behaviour", "reasons", "measures", "dates", "appeal", "ombudsman")

_PERSONS_AND_CONTACTS: Final[dict[str, Mapping[str, Any]]] = {
    "contacts": {
        "reference": "T-104233",
        "channel": "telephone",
        "happened_on": "2026-03-02",
        "summary": "Rang about the lift for the fourth time today and asked for a manager.",
    },
    "persons": {
        "reference": "T-104233",
        "name": "Robin Example",
        "address": "12 Sample Close, Anytown AN1 1AA",
        "telephone": "01632 960123",
    },
    "change-person": {"address": "3 Other Road, Anytown AN2 2BB", "email": None},
    "cases": {"person": _PERSON, "kind": "tenant", "household": "tenancy-88231"},
}

_INTAKE: Final[dict[str, Mapping[str, Any]]] = {
    "log-contact": {
        "channel": "email",
        "happened_at": "2026-03-02T09:40:00Z",
        "summary": "Third e-mail this morning about the same invoice.",
        "purpose": "enquiry",
        "issue": "invoice-2231",
    },
    "correct-contact": {
        "contact": "contact-2",
        "channel": "telephone",
        "reason": "It was a call; the note was made from the e-mail that followed it.",
    },
    "dispute-contact": {"contact": "contact-2", "statement": "Says that they hung up themselves and never shouted."},
    "record-incident": {
        "happened_on": "2026-03-02",
        "grounds": ["abusive_language"],
        "account": "Swore at the officer twice after being asked not to.",
        "contact": "contact-2",
        "impact": "The officer had to hand the call over.",
    },
    "attach-evidence": {"of": "incident-1", "kind": "recording", "description": "Recording of the call of 2 March."},
    "raise-concern": {"summary": "Calls have doubled since January.", "incidents": ["incident-1"]},
    "refer-elsewhere": {"to": "antisocial_behaviour", "summary": "Noise at night; passed to the tenancy team."},
    "link-complaint": {"reference": "C-2026-0117", "concluded_on": "2026-02-20"},
    "record-issue-answered": {
        "issue": "invoice-2231",
        "next_steps": "Told that the answer is final and how to reach the ombudsman.",
    },
    "request-policy-copy": {"on": "2026-03-02"},
    "send-policy-copy": {"request": "copy-1", "method": "first_class_post"},
}

_SUPPORT: Final[dict[str, Mapping[str, Any]]] = {
    "request-adjustment": {"kind": "large_print", "needs": "Cannot read letters in normal print."},
    "decide-adjustment": {
        "adjustment": "adjustment-1",
        "agreed": True,
        "reason": "Letters can be printed large at once.",
        "instruction": "Send every letter in 18 point.",
        "starts_on": "2026-03-03",
    },
    "end-adjustment": {"adjustment": "adjustment-1", "reason": "Asked to have letters by e-mail instead."},
    "offer-support": {"kind": "advocacy", "detail": "Offered an introduction to the advice centre."},
    "consider-mitigation": {
        "considered": ["health", "distress"],
        "conclusion": "Illness explains the tone of one call, not the number of calls.",
    },
    "consider-equality-duty": {
        "characteristics": ["disability"],
        "conclusion": "Written contact alone would shut the customer out; the telephone stays open.",
    },
}

_STEPS: Final[dict[str, Mapping[str, Any]]] = {
    "issue-warning": {
        "incidents": ["incident-1"],
        "behaviour": "Abusive language in two calls on 2 March.",
        "change_asked": "Speak to our staff without abuse.",
        "consequences": "If it goes on we may limit how you contact us.",
    },
    "withdraw-warning": {"warning": "warning-1", "reason": "The recording shows another caller."},
    "give-spoken-warning": {"contact": "contact-2", "words": "Asked to stop swearing, or the call would end."},
    "offer-meeting": {"detail": "Offered to meet at the office with an advocate."},
    "hold-meeting": {"meeting": "meeting-1", "notes": "Came with a friend; agreed to call once a week."},
    "decline-meeting": {"meeting": "meeting-1", "notes": "Did not come and did not ring."},
    "offer-mediation": {"detail": "Offered a mediator from outside."},
    "make-agreement": {"terms": "One call a week, on Tuesdays.", "review_on": "2026-06-02"},
    "end-agreement": {"agreement": "agreement-1", "reason": "Kept for three months."},
}

_DECISION: Final[dict[str, Mapping[str, Any]]] = {
    "propose-restriction": {
        "incidents": ["incident-1", "incident-2"],
        "measures": ["named_officer"],
        "reasons": "The warning of 4 March changed nothing.",
    },
    "return-proposal": {"proposal": "proposal-1", "reasons": "Say what was offered to help first."},
    "confirm-check": {"proposal": "proposal-1", "check": "warning_given", "answer": "yes"},
    "record-panel-view": {
        "proposal": "proposal-1",
        "view": "supports",
        "members": [_COLLEAGUE, _SECOND_COLLEAGUE],
        "reasons": "Both members read the file and support it.",
    },
    "delegate-decision": {"proposal": "proposal-1", "to": _COLLEAGUE, "reason": "On leave until the 20th."},
    "end-delegation": {"proposal": "proposal-1"},
    "decline-restriction": {"proposal": "proposal-1", "reasons": "A second warning is enough for now."},
    "apply-restriction": {
        "proposal": "proposal-1",
        "measures": [_MEASURE],
        "behaviour": "Abusive calls to several officers over six weeks.",
        "proportionality": "Every matter can still be raised, with one person who knows it.",
        "channels_usable": "yes",
        "ends_on": "2026-09-02",
    },
}

_NOTICE: Final[dict[str, Mapping[str, Any]]] = {
    "sign-notice": {"kind": "decision", "about": "restriction-1"},
    "send-notice": {
        "kind": "decision",
        "about": "restriction-1",
        "method": "first_class_post",
        "contents": [*_TOLD, "future_contact", "always_open", "adjustments", "record_held", "who_is_informed"],
        "enclosures": ["policy"],
        "notice": "notice-1",
    },
    "record-receipt": {"notice": "notice-1", "received_on": "2026-03-11", "how": "signed_for"},
    "record-return": {"notice": "notice-1"},
    "tell-by-telephone": {"restriction": "restriction-1", "measures": ["restriction-1.1"]},
    "letters": {"kind": "decision", "about": "restriction-1"},
    "discard-letter": {"letter": "letter-1", "reason": "The decision was varied before it went."},
    "release-letter": {"letter": "letter-1", "method": "first_class_post"},
    "take-up-letter": {"letter": "letter-1", "had_gone": False},
    "inform-staff": {"restriction": "restriction-1", "audience": "contact_centre"},
    "inform-partner": {
        "restriction": "restriction-1",
        "audience": "partners",
        "partner": "repairs_contractor",
        "basis": "They take the same calls for us.",
    },
    "place-alert": {"restriction": "restriction-1", "alert": "housing_system"},
    "block-channel": {"restriction": "restriction-1", "system": "email_gateway", "channel": "email"},
    "notify-ending": {"restriction": "restriction-1", "audience": "contact_centre"},
}

_IN_FORCE: Final[dict[str, Mapping[str, Any]]] = {
    "record-breach": {
        "contact": "contact-7",
        "restriction": "restriction-1",
        "measure": "restriction-1.1",
        "account": "Rang three other teams on the same matter.",
    },
    "withdraw-breach": {"breach": "breach-1", "reason": "The call was about a leak."},
    "report-breach": {"breach": "breach-1"},
    "triage-filed-item": {
        "contact": "contact-9",
        "triage": "new_issue",
        "issue": "damp-2026",
        "summary": "The letter also reports damp in the bedroom.",
    },
    "keep-agreed-call": {
        "restriction": "restriction-1",
        "measure": "restriction-1.1",
        "slot": "tuesday 10:00",
        "due_on": "2026-03-10",
        "contact": "contact-10",
    },
    "miss-agreed-call": {
        "restriction": "restriction-1",
        "measure": "restriction-1.1",
        "slot": "tuesday 10:00",
        "due_on": "2026-03-17",
        "by_landlord": True,
        "reason": "The officer was called away to an emergency.",
    },
    "change-named-contact": {
        "restriction": "restriction-1",
        "measure": "restriction-1.1",
        "contact_staff": [_SECOND_COLLEAGUE],
    },
    "ease-restriction": {
        "restriction": "restriction-1",
        "keep": ["restriction-1.1"],
        "reasons": "Calls have been civil since April.",
    },
    "extend-restriction": {
        "restriction": "restriction-1",
        "ends_on": "2026-12-02",
        "reasons": "Two more abusive calls in August.",
        "proportionality": "The named officer has settled three matters meanwhile.",
        "incidents": ["incident-3"],
        "method": "first_class_post",
        "contents": [*_TOLD],
    },
    "raise-new-issue": {"issue": "damp-2026", "contact": "contact-8", "summary": "Reports damp in the bedroom."},
    "vary-restriction": {
        "restriction": "restriction-1",
        "measures": [_MEASURE],
        "reasons": "The named officer has changed teams.",
        "proportionality": "Nothing else changes for the customer.",
        "channels_usable": "yes",
    },
}

_APPEAL: Final[dict[str, Mapping[str, Any]]] = {
    "lodge-appeal": {"against": "restriction-1", "reasons": "Says that the calls were about repairs."},
    "acknowledge-appeal": {"appeal": "appeal-1"},
    "decide-late-appeal": {"appeal": "appeal-1", "accepted": True, "reasons": "Was in hospital until last week."},
    "appoint-appeal-reviewer": {"appeal": "appeal-1", "reviewer": _SECOND_COLLEAGUE},
    "suspend-measures": {"appeal": "appeal-1", "reasons": "The outcome will be quick, and the harm is small."},
    "withdraw-appeal": {"appeal": "appeal-1", "reasons": "I would rather leave it now.", "contact": "contact-9"},
    "determine-appeal": {"appeal": "appeal-1", "outcome": "upheld", "reasons": "The recordings bear the decision out."},
}

_URGENT_AND_SAFETY: Final[dict[str, Mapping[str, Any]]] = {
    "end-interaction": {
        "contact": "contact-2",
        "kind": "call",
        "because": "threat",
        "warned_first": False,
        "reason": "Said that he knew where the officer parks.",
    },
    "take-urgent-action": {
        "incident": "incident-1",
        "kind": "zero_tolerance",
        "detail": "The office was closed to visitors for the afternoon.",
    },
    "hold-senior-discussion": {
        "incident": "incident-1",
        "members": [_COLLEAGUE, _SECOND_COLLEAGUE],
        "outcome": "Visits stop until the police have answered.",
    },
    "make-action-plan": {
        "incident": "incident-1",
        "owner": _COLLEAGUE,
        "review_on": "2026-03-04",
        "detail": "Two officers at the desk; the team is told today.",
    },
    "review-urgent-case": {
        "incident": "incident-1",
        "assessment": "Nobody was hurt; the desk was staffed as planned.",
    },
    "inform-police": {"incident": "incident-1", "detail": "Reported by telephone at once.", "reference": "REF-0001"},
    "consider-legal-action": {
        "incidents": ["incident-1"],
        "step": "advice_sought",
        "reasons": "An injunction may be needed if he comes again.",
    },
    "apply-interim": {
        "incidents": ["incident-1"],
        "measures": [_MEASURE],
        "behaviour": "Threatened the officer at the desk on 2 March.",
        "safety_reason": "Nobody should face this alone before the decision is made.",
        "channels_usable": "not_known",
    },
    "propose-safety-warning": {
        "incident": "incident-1",
        "precautions": ["two_staff", "call_before_visit"],
        "audience": ["visiting_staff", "repairs_contractors"],
        "review_on": "2026-06-02",
        "expires_on": "2026-09-02",
        "reasons": "Raised a hand against the officer at the door.",
        "home": "home-88231",
    },
    "approve-safety-warning": {"warning": "safety-1", "tells_person": True},
    "decline-safety-warning": {"warning": "safety-1", "reasons": "A shout in a corridor is no danger to anybody."},
    "tell-person-of-safety-warning": {"warning": "safety-1", "notes": "Told by letter, with how to challenge it."},
    "inform-safety-audience": {"warning": "safety-1", "audience": "visiting_staff"},
    "review-safety-warning": {
        "warning": "safety-1",
        "outcome": "stands",
        "reasons": "Two visits since then were tense.",
        "review_on": "2026-08-03",
    },
    "remove-safety-warning": {"warning": "safety-1", "reasons": "Four visits without trouble."},
}

_REVIEW_AND_END: Final[dict[str, Mapping[str, Any]]] = {
    "request-review": {"restriction": "restriction-1", "reasons": "Has moved to another home."},
    "appoint-reviewer": {"restriction": "restriction-1", "cadence": "three_monthly", "reviewer": _COLLEAGUE},
    "decline-review-request": {"request": "request-1", "reasons": "Nothing has changed since the last review."},
    "record-deadline-passed": {"obligation": "filed:contact-3", "due_on": "2026-03-04"},
    "record-review-fell-due": {"restriction": "restriction-1", "cadence": "three_monthly", "due_on": "2026-06-02"},
    "complete-review": {
        "restriction": "restriction-1",
        "cadence": "three_monthly",
        "outcome": "unchanged",
        "assessment": "Contact goes through the named officer; two lapses in three months.",
    },
    "close-case": {"reasons": "Nothing is in force or owed."},
    "confirm-removal": {"restriction": "restriction-1", "removal": "alert:housing_system"},
    "report-removal-failed": {
        "restriction": "restriction-1",
        "removal": "block:email_gateway:email",
        "detail": "Two e-mails of the customer came back to them last night.",
    },
    "lift-restriction": {"restriction": "restriction-1", "reasons": "Six months without an incident."},
    "record-end": {"restriction": "restriction-1"},
    "withdraw-as-wrong": {"restriction": "restriction-1", "reasons": "Made for another person's calls."},
}

_CORRECTIONS: Final[dict[str, Mapping[str, Any]]] = {
    "complete-import": {
        "restriction": "restriction-1",
        "found_in": "The paper file of the housing office, with a copy of the letter.",
        "warned_on": "2026-01-05",
        "told_on": "2026-02-18",
        "reviewed_on": ["2026-05-15"],
        "measures": [{"measure": "restriction-1.1", "contact_role": "case_officer"}],
        "steps": [{"rule": "adjustments", "done_on": "2026-02-10"}],
        "not_found": ["household"],
    },
    "rectify-record": {
        "event": _EVENT,
        "field": "summary",
        "correct": "Rang about the lift for the second time today; did not ask for a manager.",
        "reason": "The recording shows two calls, and the customer asked for it to be put right.",
    },
    "move-entry": {
        "entry": "contact-2",
        "other_case": _OTHER_CASE,
        "reason": "The caller gave another tenancy; the number is shared.",
    },
}

_PEOPLE: Final[dict[str, Mapping[str, Any]]] = {
    "authorise-representative": {
        "person": _OTHER_PERSON,
        "authority": "written",
        "issue": "invoice-2231",
        "until": "2026-12-31",
        "detail": "Their daughter, by a letter of 1 March.",
    },
    "end-representative": {"representative": "representative-1", "reason": "Asked to speak for themselves again."},
    "record-home": {"household": "tenancy-88231", "home": "home-4410"},
    "reassign-case": {"to": _SECOND_COLLEAGUE, "reason": "Moves to another team on Monday."},
    "end-tenancy": {"on": "2026-03-02"},
    "record-death": {"died_on": "2026-02-27", "detail": "Their son rang the office."},
    "withdraw-death": {"reason": "It was their father, of the same name."},
    "instruct-safe-contact": {
        "methods": ["email", "collected"],
        "words": "Nothing by post; ring only between ten and two.",
        "no_visits": True,
    },
    "end-safe-contact": {"instruction": "safe-contact-1", "reason": "Has moved, and asked for letters again."},
    "merge-records": {
        "other_case": _OTHER_CASE,
        "kept": _PERSON,
        "reason": "The same date of birth and tenancy; the second entry misspells the name.",
    },
    "unmerge-records": {
        "other_case": _OTHER_CASE,
        "merge": "merge-1",
        "reason": "They are brothers, and both have rung today.",
    },
    "settle-merge-conflict": {
        "other_case": _OTHER_CASE,
        "merge": "merge-1",
        "stands": ["restriction-1"],
        "stands_there": [],
        "reasons": "Both rest on the same calls; the later one says all that is needed.",
    },
}

_ALLEGATIONS_AND_COMPLAINTS: Final[dict[str, Mapping[str, Any]]] = {
    "record-counter-allegation": {
        "against": _COLLEAGUE,
        "routed_to": "head_of_service",
        "account": "Says that the officer shouted first and put the telephone down.",
        "contact": "contact-2",
    },
    "conclude-counter-allegation": {
        "allegation": "allegation-1",
        "outcome": "not_founded",
        "findings": "The recording has no raised voice on our side, and the call was ended after two warnings.",
    },
    "conclude-complaint": {"complaint": "complaint-1", "outcome_sent_on": "2026-03-20"},
    "decline-complaint": {
        "complaint": "complaint-1",
        "because": "over_twelve_months",
        "ombudsman": "housing",
        "reasons": "The repair was finished in 2023, and nothing about it has changed since.",
    },
    "record-ombudsman": {"ombudsman": "housing", "about": "complaint-1", "reference": "202604417"},
    "record-ombudsman-determination": {"referral": "referral-1", "outcome": "service_failure"},
}

_LANDLORD: Final[dict[str, Mapping[str, Any]]] = {
    "appoint-post": {"role": "head_of_service", "staff": _COLLEAGUE, "starts_on": "2026-03-02"},
    "end-post": {"tenure": "tenure-3", "last_day": "2026-03-31"},
    "record-absence": {"tenure": "tenure-3", "from_on": "2026-03-09", "until": "2026-03-20"},
    "end-absence": {"absence": "absence-1", "last_day": "2026-03-13"},
    "propose-entry-disposal": {
        "persons": ["8b0f5a3c-5c1e-4a59-9d0b-7f2f6f1d2c11"],
        "because": "request",
        "requested_on": "2026-03-02",
    },
    "decide-entry-disposal": {"disposal": "entries-1", "approved": True},
    "set-contact-point": {
        "of": "role",
        "code": "duty_manager",
        "from_on": "2026-03-02",
        "telephone": "01632 960100",
        "hours": [
            {"weekday": "saturday", "opens": "08:00", "closes": "20:00"},
            {"weekday": "bank_holiday", "opens": "08:00", "closes": "20:00"},
        ],
        "messages_to": "staff",
    },
    "register-subscriber": {
        "subscriber": "housing_system",
        "kind": "own",
        "signs_in": _COLLEAGUE,
        "topics": ["restrictions", "safety", "support", "people", "disclosures"],
        "references": True,
        "within_minutes": 240,
    },
    "end-subscriber": {"subscriber": "housing_system"},
    "adopt-policy": {"effective": "2026-04-01", "sha256": _HASH, "baseline_sha256": _HASH},
}

_OPERATIONS: Final[dict[str, Mapping[str, Any]]] = {
    "rebuild": {"names": ["alert_state"], "why": "Version 2, as release 1.4 asks."},
    "verify": {"names": ["alert_state", "audit_trail"], "why": "The check of the month."},
    "pause": {"names": ["audit_trail"], "why": "The database is short of room until Monday."},
    "resume": {"names": ["audit_trail"], "why": "There is room again."},
    "retry": {"why": "Release 1.4.1 can tell them."},
    "rollback": {"name": "alert_state", "why": "Version 2 leaves out the precautions."},
    "tick": {"at": "2026-11-22", "dry_run": True},
}

_RIGHTS_AND_RETENTION: Final[dict[str, Mapping[str, Any]]] = {
    "receive-rights-request": {"right": "erasure", "detail": "Wants everything about the calls of 2019 deleted."},
    "answer-rights-request": {
        "request": "rights-1",
        "outcome": "refused",
        "reasons": "A claim about the restriction can still be brought.",
    },
    "place-legal-hold": {
        "because": "claim",
        "reason": "A letter before action came on 2 March.",
        "review_on": "2026-09-02",
    },
    "release-legal-hold": {"hold": "hold-1", "reason": "The claim was withdrawn."},
    "propose-disposal": {"classes": ["contacts", "evidence"], "reason": "Closed for two years, and never restricted."},
    "decide-disposal": {"disposal": "disposal-1", "approved": True},
    "erase-person": {"request": "rights-1"},
}

_LETTERS: Final[dict[str, Mapping[str, Any]]] = {
    "preview": {"kind": "decision", "about": "restriction-1", "format": "large_print"},
}

_DISCLOSURES: Final[dict[str, Mapping[str, Any]]] = {
    "disclose": {
        "partner": "repairs_contractor",
        "basis": "legitimate_interests",
        "restrictions": [{"restriction": "restriction-1", "measures": ["restriction-1.1"]}],
        "warnings": ["safety-1"],
        "audience": "repairs_contractors",
        "until": "2026-09-01",
        "delete_within": "14 days",
        "reasons": "They take calls about repairs for us and go to the home; no less keeps their staff safe.",
    },
    "end-disclosure": {"disclosure": "disclosure-1", "reasons": "The contract ends."},
    "record-disclosure-end": {"disclosure": "disclosure-1"},
    "confirm-deletion": {"disclosure": "disclosure-1"},
    "deleted": {"on": "2026-03-20"},
}

_RECEIPTS: Final[dict[str, Mapping[str, Any]]] = {
    "receipts": {
        "sequence": "00000000000000001042",
        "restricted": {"on": "2026-03-02", "count": 3},
    },
}

_WEBHOOKS: Final[dict[str, Mapping[str, Any]]] = {
    "webhooks": {
        "subscriber": "housing_system",
        "url": "https://housing.landlord.example/hooks/evenhand",
        "types": ["restriction-applied", "restriction-ended"],
        "why": "The housing system is told of restrictions.",
    },
    "rotate": {"old_lives_hours": 24, "why": "Once a year."},
    "test": {"why": "Its receiver was set up today."},
    "disable": {"why": "Its receiver moves house until Monday."},
    "resume-webhook": {"why": "Its receiver is back."},
    "start-over": {"why": "Its database was restored."},
    "delete": {"why": "The system was replaced."},
}

EXAMPLES: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    _PERSONS_AND_CONTACTS
    | _INTAKE
    | _SUPPORT
    | _STEPS
    | _DECISION
    | _NOTICE
    | _IN_FORCE
    | _APPEAL
    | _URGENT_AND_SAFETY
    | _REVIEW_AND_END
    | _CORRECTIONS
    | _RIGHTS_AND_RETENTION
    | _PEOPLE
    | _ALLEGATIONS_AND_COMPLAINTS
    | _LANDLORD
    | _OPERATIONS
    | _LETTERS
    | _DISCLOSURES
    | _RECEIPTS
    | _WEBHOOKS
)
