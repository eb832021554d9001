"""Measures, channels and purposes as a letter tells a customer of them: short sentences, no codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from domain.calendar import Period
from domain.codes import CUSTOMERS_OWN, Channel, ComplaintExclusion, Effect, EndKind, Purpose, ReviewOutcome
from domain.events import Measure
from domain.letter_values import Item, Listed, PersonNamed, Sealed, StaffNamed, and_joined, day_in_words
from domain.policy import MeasureKind, Policy

CHANNELS: Final[Mapping[Channel, str]] = {
    Channel.TELEPHONE: "telephone",
    Channel.EMAIL: "e-mail",
    Channel.LETTER: "letter",
    Channel.ONLINE_FORM: "our online form",
    Channel.OFFICE_VISIT: "a visit to our office",
    Channel.HOME_VISIT: "a visit to your home",
    Channel.MEETING: "a meeting",
    Channel.SOCIAL_MEDIA: "social media",
    Channel.THIRD_PARTY: "somebody who speaks for you",
}

PURPOSES: Final[Mapping[Purpose, str]] = {
    Purpose.EMERGENCY_REPAIR: "an emergency repair",
    Purpose.DANGER: "danger to you or to anybody else",
    Purpose.SAFEGUARDING: "worry that a child or an adult is not safe",
    Purpose.DOMESTIC_ABUSE: "domestic abuse",
    Purpose.REPAIR: "a repair",
    Purpose.HAZARD: "something hazardous in your home, such as damp, mould or gas",
    Purpose.SUBJECT_ACCESS: "a request to see what we hold about you",
    Purpose.INFORMATION_REQUEST: "a request for information under the law",
    Purpose.NEW_COMPLAINT: "a new complaint",
    Purpose.APPEAL: "an appeal against a decision of ours",
    Purpose.REVIEW: "a request to look at this decision again",
    Purpose.ADJUSTMENT_REQUEST: "a request for a change that makes contact easier for you",
    Purpose.TENANCY_NOTICE: "a notice about your tenancy",
    Purpose.PAYMENT: "a payment",
    Purpose.STATUTORY_APPLICATION: "an application that the law gives you a right to make",
    Purpose.LEGAL_PAPERS: "legal papers",
    Purpose.REPLY: "an answer to a letter, call or appointment of ours",
    Purpose.OMBUDSMAN: "an ombudsman",
    Purpose.COURT: "a court",
    Purpose.POLICE: "the police",
    Purpose.COUNCILLOR: "your councillor",
    Purpose.MEMBER_OF_PARLIAMENT: "your Member of Parliament",
    Purpose.SOLICITOR: "your solicitor",
    Purpose.ADVOCATE: "an advocate or adviser who acts for you",
    Purpose.ENQUIRY: "an enquiry",
}

# What a measure means where the policy's catalogue does not say it.
MEANS: Final[Mapping[Effect, str]] = {
    Effect.NAMED_CONTACT: "One person answers your calls and letters.",
    Effect.CHANNELS: "Please reach us in the ways that stay open.",
    Effect.THIRD_PARTY: "Somebody else passes messages between you and us.",
    Effect.APPOINTMENT: "Please make an appointment before you visit us.",
    Effect.WITNESS: "When you meet us in person, a second person is there too.",
    Effect.CALL_COUNT: "We take a set number of telephone calls from you.",
    Effect.CALL_MINUTES: "Each telephone call has a time limit.",
    Effect.CONTACT_COUNT: "We deal with a set number of contacts from you.",
    Effect.FILE_UNANSWERED: "We read what you send about this matter. We answer only if it tells us something new.",
    Effect.NOT_REGISTERED: "We read what you send about this matter, and open no new enquiry for it.",
    Effect.CALLS_ENDED: "If you call again about this matter, we will politely end the call.",
    Effect.STATEMENT: "We want you to know where we stand. How you contact us does not change because of this.",
    Effect.AGREEMENT: "We ask you to keep to what we agreed.",
    Effect.OTHER: "It is set out below.",
}

OUTCOMES: Final[Mapping[ReviewOutcome, str]] = {
    ReviewOutcome.UNCHANGED: "Nothing changes. The arrangements stay as they are.",
    ReviewOutcome.EASED: "We ask less of you than before.",
    ReviewOutcome.VARIED: "We are changing the arrangements.",
    ReviewOutcome.EXTENDED: "The arrangements last longer than we first said.",
    ReviewOutcome.LIFTED: "The arrangements end.",
}

ENDS: Final[Mapping[EndKind, str]] = {
    EndKind.LIFTED: "We looked at it again, and it is no longer needed.",
    EndKind.REACHED_ITS_DATE: "It came to the end of its time.",
    EndKind.OVERTURNED: "It was overturned after your appeal.",
    EndKind.WITHDRAWN_AS_WRONG: "It should never have been made.",
    EndKind.CONFIRMED: "Another decision took its place.",
    EndKind.DEATH: "It has ended.",
}

NOT_ACCEPTED: Final[Mapping[ComplaintExclusion, str]] = {
    ComplaintExclusion.OVER_TWELVE_MONTHS: "What it is about happened more than twelve months before you told us.",
    ComplaintExclusion.LEGAL_PROCEEDINGS: "Legal proceedings about it have begun.",
    ComplaintExclusion.CONSIDERED_BEFORE: "We have already looked at the same matter under our complaints policy.",
    ComplaintExclusion.ANOTHER_PROCEDURE: "There is another procedure for it.",
    ComplaintExclusion.OTHER: "The reason is set out below.",
}


# What the catalogues of policies call the reader of a letter, the longer ones first.
OF_THE_READER: Final = (("the customer's", "your"), ("this customer", "you"), ("the customer", "you"))


def spoken_to(words: str) -> str:
    """Words of a policy's catalogue as they are said to the customer of whom they speak."""
    for third_person, you in OF_THE_READER:
        words = words.replace(third_person, you)
    return words


def spoken_of(words: str) -> str:
    """Words to the customer as they are said to somebody else, who is told of the customer."""
    return re.sub(r"\byou\b", "the customer", re.sub(r"\byour\b", "the customer's", words))


def channels(which: Iterable[Channel]) -> str | None:
    """Ways to be in touch as "telephone, e-mail or letter"."""
    return and_joined([CHANNELS[channel] for channel in which], "or")


def purposes(which: Iterable[Purpose]) -> str | None:
    """What somebody gets in touch for, as "an emergency repair or danger to you or to anybody else"."""
    return and_joined([PURPOSES[purpose] for purpose in which], "or")


def each(period: str) -> str:
    """A period as "each week", or "in every 2 weeks"."""
    parsed = str(Period.parse(period))
    count, _, unit = parsed.partition(" ")
    return f"each {unit.rstrip('s')}" if count == "1" else f"in every {parsed}"


def times(slots: Iterable[str]) -> str | None:
    """Agreed times as "Tuesdays at 10:00 and Fridays at 14:00"."""
    found = []
    for slot in slots:
        day, _, at = slot.partition(" ")
        found.append(f"{day.capitalize()}s at {at}" if at else slot)
    return and_joined(found)


def limit(measure: Measure) -> str | None:
    """How many contacts or calls there are in a period."""
    if measure.count is None:
        return None
    noun = "call" if measure.effect is Effect.CALL_COUNT else "contact"
    counted = f"{measure.count} {noun}" if measure.count == 1 else f"{measure.count} {noun}s"
    return f"{counted} {each(measure.per)}" if measure.per else counted


def told(measure: Measure, policy: Policy, path: str) -> Item:
    """A measure as an item of a letter; `path` leads to its personal values."""
    kind = policy.measures.get(measure.code)
    post = policy.roles.get(measure.contact_role) if measure.contact_role else None
    return {
        "title": kind.title if kind else "A further arrangement",
        "means": (kind.means if kind else None) or MEANS[measure.effect],
        "reason": Sealed(f"{path}.reason", measure.reason),
        "contact": Listed(tuple(StaffNamed(one) for one in measure.contact_staff)) if measure.contact_staff else None,
        "contact_post": post.title if post else None,
        "reader": StaffNamed(measure.reader) if measure.reader else None,
        "through": PersonNamed(measure.third_party) if measure.third_party else None,
        "open": channels(measure.open) if _narrows(measure) else None,
        "closed": channels(_closed(kind)),
        "limit": limit(measure),
        "minutes": None if measure.minutes is None else f"{measure.minutes} minutes",
        "times": times(measure.slots),
        "office": measure.office.replace("-", " ").replace("_", " ") if measure.office else None,
        "until": day_in_words(measure.until) if measure.until else None,
        "words": Sealed(f"{path}.words", measure.words) if measure.words is not None else None,
        "exceptions": purposes(measure.exceptions),
    }


def _narrows(measure: Measure) -> bool:
    """Whether fewer ways are left open than a customer has of their own."""
    return bool(measure.open) and not set(measure.open) >= CUSTOMERS_OWN


def _closed(kind: MeasureKind | None) -> tuple[Channel, ...]:
    return kind.closed if kind else ()
