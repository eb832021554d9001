"""What a template of a letter may say: the fields of each letter, by name, and the lists that it may go through.

A landlord who replaces a template chooses among these, and nothing else; `docs/letters.md` lists them too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# Fields that every letter may use, and what each holds.
COMMON: Final[Mapping[str, str]] = {
    "landlord": "the landlord's name",
    "date": "the day on which the letter is written",
    "reference": "the case's reference, which names nobody",
    "name": "the customer's name, as the directory has it",
    "customer_reference": "the landlord's own reference of the customer",
    "policy_title": "the title of the landlord's policy",
    "policy_enclosed": "only there when a copy of the policy goes with the letter",
    "signer": "the name of whoever signs",
    "signer_post": "the post of whoever signs",
    "reply_telephone": "a published telephone number of that post, or of the landlord's first office",
    "remarks": "what the sender adds in their own words",
    "adjustments_agreed": "only there when adjustments are agreed with the customer",
    "something_else_holds": "only there while another restriction is in force beside the one that the letter is about",
}

# Lists that every letter may go through, and the fields of their items.
COMMON_LISTS: Final[Mapping[str, Mapping[str, str]]] = {
    "adjustments": {"instruction": "what we do for the customer", "kind": "which kind of adjustment it is"},
    "emergencies": {"what": "something that is taken in any way and at any hour"},
    "always_received": {"what": "something that is always received and never held against anybody"},
    "official": {"what": "somebody whose contact is not the customer's own"},
    "ombudsmen": {"name": "the ombudsman's name", "says": "what can be brought there"},
}

_RESTRICTION: Final[Mapping[str, str]] = {
    "starts_on": "the first day",
    "ends_on": "the last day",
    "decided_on": "the day of the decision",
    "first_review": "the day of the next review",
    "decider_post": "the post of whoever decided",
}

_APPEAL: Final[Mapping[str, str]] = {
    "appeal_right": "only there when there is a right of appeal",
    "appeal_request": "only there when the customer can ask for another look, without a right to it",
    "appeal_window": "how long an appeal can be made, from receipt: 20 working days",
    "appeal_no_window": "only there when there is no time limit while the restriction is in force",
    "appeal_answer_within": "how long the answer takes at most",
    "appeal_heard_by": "the post that hears the appeal",
    "appeal_sent_to": "where the policy wants the appeal sent",
    "appeal_stays": "only there when everything stays in force while the appeal is heard",
    "appeal_suspends": "only there when an appeal suspends the measures",
}

_RECORD: Final[Mapping[str, str]] = {
    "record_keeper": "which post keeps the record, where the policy says so",
    "record_maintainer": "which post maintains the record, where the policy says so",
}

_MEASURE: Final[Mapping[str, str]] = {
    "title": "what the policy calls it",
    "means": "what it means for the customer",
    "reason": "why it was decided",
    "contact": "who answers, by name",
    "contact_post": "which post answers",
    "reader": "who reads what comes in, by name",
    "through": "through whom contact goes",
    "open": "the ways to reach us that stay open",
    "closed": "the ways that are closed",
    "limit": "how many contacts or calls in which period",
    "minutes": "how long a call lasts at most",
    "times": "the agreed days and times",
    "office": "the office",
    "until": "its last day, when it ends before the rest",
    "words": "what was written about it for the customer",
    "exceptions": "what it does not hold for",
}

_LISTS: Final[Mapping[str, Mapping[str, str]]] = {
    "measures": _MEASURE,
    "reviews": {"date": "the day by which it is held", "title": "what the policy calls it"},
    "incidents": {"date": "the day on which it happened"},
    "informed": {"who": "who is told"},
}

_DECISION: Final[Mapping[str, str]] = {
    **_RESTRICTION,
    **_APPEAL,
    "behaviour": "what the customer did that was found unreasonable",
    "proportionality": "why it is no more than is needed",
    "impact": "what it did to others",
    "term_reason": "why it lasts as long as it does",
    "exceptional_reason": "why it lasts longer than usual",
    "single_ground_reason": "why one ground was enough",
    "extreme_reason": "why no warning came first",
    "allowances": "what allowances were made for the customer's circumstances",
    "warned_on": "the day of the warning that came before",
    **_RECORD,
}

# The fields of each template beside `COMMON`.
FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "warning": {
        "behaviour": "what the customer did that was found unreasonable",
        "change_asked": "what is asked of the customer",
        "consequences": "what may follow if it goes on",
        "initial_measures_words": "how contact is handled from now on, informally",
        "counts_for": "how long the warning counts",
    },
    "decision": _DECISION,
    "decision_interim": {
        **_RESTRICTION,
        **_APPEAL,
        "behaviour": "what happened",
        "safety_reason": "why it was needed at once",
        **_RECORD,
    },
    "closure": {
        "answered_on": "the day on which the matter was answered in full",
        "next_steps": "what the customer can do next",
        "matter": "the matter, as it is called in the case",
    },
    "variation": {
        **_RESTRICTION,
        **_APPEAL,
        "reasons": "why it was decided",
        "proportionality": "why it is no more than is needed",
        "from_on": "the first day of the change",
    },
    "easing": {**_RESTRICTION, **_APPEAL, "reasons": "why it was decided", "from_on": "the first day of the change"},
    "extension": {
        **_RESTRICTION,
        **_APPEAL,
        "behaviour": "what the customer did that was found unreasonable when it was first decided",
        "reasons": "why it was decided",
        "proportionality": "why it is no more than is needed",
        "pattern": "what came up again and again",
        "ended_before": "the last day as it was before",
    },
    "review_outcome": {
        **_RESTRICTION,
        **_APPEAL,
        "held_on": "the day of the review",
        "assessment": "what the review found",
        "outcome": "what was decided, in a sentence",
        "reviewer_post": "the post of whoever held the review",
        "still_in_force": "only there while the restriction is in force",
    },
    "review_declined": {
        **_RESTRICTION,
        "asked_on": "the day on which a review was asked for",
        "reasons": "why it is not held sooner",
        "still_in_force": "only there while the restriction is in force",
    },
    "appeal_acknowledgement": {
        "received_on": "the day on which the appeal came in",
        "answer_by": "the last day for the answer",
        "hearer": "who hears it, by name",
        "hearer_post": "which post hears it",
        "late": "only there when the appeal came after its time and is still to be accepted",
        "stays": "only there when everything stays in force meanwhile",
        "suspended": "only there when the measures rest meanwhile",
    },
    "appeal_outcome": {
        **_RESTRICTION,
        "received_on": "the day on which the appeal came in",
        "determined_on": "the day on which it was decided",
        "outcome": "what was decided, in a sentence",
        "reasons": "why it was decided",
        "hearer_post": "the post of whoever heard it",
        "varied": "only there when the appeal changed the measures",
        "overturned": "only there when the appeal ended the restriction",
        "upheld": "only there when everything stays as it was",
    },
    "appeal_declined": {
        **_RESTRICTION,
        "received_on": "the day on which the appeal came in",
        "declined_on": "the day of the decision",
        "reasons": "why it is not heard",
        "hearer_post": "the post of whoever decided that",
        "still_in_force": "only there while the restriction is in force",
        "suspended": "only there when the measures rest meanwhile",
        "over": "only there when the restriction is over",
    },
    "breach": {
        "happened_on": "the day on which it happened",
        "account": "what happened",
        "measure": "which measure it was against",
        "means": "what that measure means",
        "ends_on": "the last day of the restriction",
    },
    "contact_change": {
        "measure": "which measure it is about",
        "contact": "who answers from now on, by name",
        "contact_telephone": "a published telephone number of theirs",
        "from_on": "the day from which it is so",
        "times": "the agreed days and times",
    },
    "complaint_declined": {
        "declined_on": "the day of the decision",
        "because": "the reason, in a sentence",
        "reasons": "why, for this complaint",
        "ombudsman": "the ombudsman's name",
        "ombudsman_says": "what can be brought there",
        "about_restriction": "only there when the complaint is about a restriction",
    },
    "ending": {
        "last_day": "the last day on which it was in force",
        "how": "how it ended, in a sentence",
        "reasons": "why it was decided",
        "reached_its_date": "only there when it came to its date",
    },
    "withdrawn_as_wrong": {
        "last_day": "the last day on which it was in force",
        "wrong_on": "the day on which it was found to be wrong",
        "reasons": "what was found to be wrong",
    },
    "staff_information": dict(_RESTRICTION),
    "partner_information": {**_RESTRICTION, "audience": "who is told"},
}

# The lists of each template beside `COMMON_LISTS`.
LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "warning": ("incidents", "initial_measures"),
    "decision": ("measures", "reviews", "incidents", "informed"),
    "decision_interim": ("measures", "reviews", "incidents", "informed"),
    "variation": ("measures", "reviews", "informed"),
    "easing": ("measures", "reviews", "informed"),
    "extension": ("measures", "reviews", "incidents", "informed"),
    "review_outcome": ("measures", "reviews"),
    "review_declined": ("measures", "reviews"),
    "appeal_outcome": ("measures", "reviews"),
    "appeal_declined": ("measures", "reviews"),
    "ending": ("informed",),
    "withdrawn_as_wrong": ("informed",),
    "staff_information": ("measures",),
    "partner_information": ("measures",),
}

TEMPLATES: Final = tuple(FIELDS)


def fields_of(template: str) -> Mapping[str, str]:
    """Every field that this template may use, with what it holds. Raises `KeyError` for a code that is none."""
    return {**COMMON, **FIELDS[template]}


def lists_of(template: str) -> Mapping[str, Mapping[str, str]]:
    """Every list that this template may go through, with the fields of its items."""
    own = {name: _LISTS["measures"] if name == "initial_measures" else _LISTS[name] for name in LISTS.get(template, ())}
    return {**COMMON_LISTS, **own}
