"""What a call-handler reads beside the answer: first questions, what to say and not to say, what to heed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from domain.calendar import DeliveryMethod
from domain.codes import IN_PERSON, WRITTEN, Channel, Direction, Effect, Precaution
from domain.events.parts import Measure


@dataclass(frozen=True, slots=True)
class Phrase:
    """Something to ask, say or heed: a code for software, and plain words."""

    code: str
    words: str


# What comes this way can be filed unanswered; somebody who is speaking cannot.
FILED: Final = WRITTEN | {Channel.SOCIAL_MEDIA}

# Asked in this order when nobody knows yet what a contact is for; one yes is enough to take it (baseline 1).
WHAT_IS_IT_FOR: Final = (
    Phrase("danger", "Is anyone in danger or unsafe, at home or elsewhere?"),
    Phrase("repair", "Is it about a repair, or about something hazardous in the home?"),
    Phrase("appeal", "Is it an appeal, or a wish to have a decision looked at again?"),
    Phrase("adjustment", "Is there something that would make contact with us easier for you?"),
    Phrase(
        "protected_matter",
        "Is it a new complaint, a request for information, a payment, a notice or legal papers, a form for something "
        "you are entitled to, or an answer to something we sent or arranged?",
    ),
    Phrase("official", "Are you getting in touch as an ombudsman, a court, the police, a representative or a lawyer?"),
)

TAKE_IT: Final = Phrase("take_normally", "Take this as you would from anybody.")
EXPLAIN: Final = Phrase(
    "explain_what_was_decided",
    "Something was decided that you may not have heard of yet. I will deal with this as usual, and tell you what it "
    "is; a letter is on its way.",
)
TURN_TO: Final = Phrase("turn_to", "I cannot deal with this here, but I can tell you how you reach us about it.")
WILL_BE_PASSED_ON: Final = Phrase(
    "will_be_passed_on", "I will take this, and whoever looks after your contact will answer."
)
ONLY_YOURSELF: Final = Phrase(
    "only_to_the_customer", "Nothing about a restriction to anybody but the customer, whoever asks."
)
NOT_WHY: Final = Phrase("not_why", "No question and no remark about why an adjustment is needed.")
NOTHING_AT_ALL: Final = Phrase(
    "nothing_about_restrictions", "Nothing about restrictions, neither that there are any nor that not."
)
ASK_DUTY_MANAGER: Final = Phrase(
    "ask_the_duty_manager", "The case cannot be read now. Ask the duty manager before going there."
)
ASK_FIRST: Final = Phrase(
    "ask_first", "Ask the first questions. If every answer is no, ask again with the purpose and the matter."
)
ADJUSTMENT_FIRST: Final = Phrase(
    "adjustment_first",
    "What was agreed for this customer goes before something that was decided: deal with this as their adjustment "
    "says. Whoever looks after the case changes the decision.",
)
RECORD_TELLING: Final = Phrase(
    "record_telling", "Once you have explained what was decided, take down that you did; the letter is still owed."
)
WITNESS: Final = Phrase("witness", "Have a witness present whenever you meet in person.")
APPOINTMENT: Final = Phrase("appointment", "See the customer when an appointment was made; otherwise offer one.")
NAMED_CONTACT: Final = Phrase("named_contact", "One of the people named makes this contact, or agrees it first.")
AGREED_TIMES: Final = Phrase("agreed_times", "Keep to the times that were agreed.")
NOT_REGISTERED: Final = Phrase("not_registered", "Take it and read it; open no further enquiry for the same matter.")
READ_IT_WHOLE: Final = Phrase(
    "read_it_whole", "Read it to the end before you file it: something new, or any danger, is answered and not filed."
)
LISTEN: Final = Phrase("listen_for_news", "This matter was answered in full. Listen for anything new, and take it up.")

CUSTOMER_DIED: Final = Phrase(
    "customer_died",
    "The customer has died. Do not contact the customer; whoever settles their affairs is taken as anybody is.",
)
NO_VISITS: Final = Phrase(
    "no_visits", "Nobody calls at the home unannounced. Ask the duty manager before anybody goes there."
)
HOME_NOT_KNOWN: Final = Phrase(
    "home_not_known",
    "Whether there are precautions for this home cannot be read now. Ask the duty manager before anybody goes there.",
)
WHO_IS_IT: Final = Phrase(
    "who_is_it", "Only the home was asked about. Ask who the customer is, and ask again with the customer."
)
DEPUTY_ANSWERS: Final = Phrase("deputy_answers", "Whoever is named is away that day; the deputy answers instead.")
TAKE_A_MESSAGE: Final = Phrase(
    "take_a_message",
    "Whoever is named is away that day, and no deputy is in post. Take a message, and see it passed on.",
)
HOURS_NOT_KEPT: Final = Phrase(
    "hours_not_kept",
    "Of some of those named, number or opening hours are not kept here; look them up in the landlord's own list. When "
    "it is closed, take a message, and see it passed on.",
)
CLOSED_THEN: Final = Phrase(
    "closed_then",
    "Nobody named is there at that hour: see when they are next. Take a message, and see it passed to whoever takes "
    "messages.",
)
NUMBER_NOT_KNOWN: Final = Phrase(
    "number_not_known",
    "Of somebody who is there now no number is known here; look it up in the landlord's own list, or take a message.",
)
BY_APPOINTMENT: Final = Phrase(
    "by_appointment", "The office is open to the customer by appointment only: offer to make one."
)

# What staff do where a safety warning stands; nobody is told why.
PRECAUTIONS: Final[Mapping[Precaution, Phrase]] = {
    Precaution.NO_LONE_VISIT: Phrase("no_lone_visit", "Nobody goes there alone."),
    Precaution.TWO_STAFF: Phrase("two_staff", "Two of us at least, whenever we meet in person."),
    Precaution.NO_HOME_VISIT: Phrase("no_home_visit", "No visit to the home."),
    Precaution.MEET_AT_OFFICE: Phrase("meet_at_office", "Meet at an office only."),
    Precaution.CALL_BEFORE_VISIT: Phrase("call_before_visit", "Ring before going there."),
    Precaution.POLICE_PRESENT: Phrase("police_present", "Go there only with the police."),
    Precaution.SPEAK_WITH_DUTY_MANAGER: Phrase(
        "speak_with_duty_manager", "Speak with the duty manager before going there or meeting in person."
    ),
    Precaution.OTHER: Phrase("other", "As the words beside this say; without them, ask the duty manager."),
}

# What sends staff to the duty manager, so that they want to know how to reach one.
SENDS_TO_DUTY_MANAGER: Final = frozenset(
    {
        ASK_DUTY_MANAGER,
        NO_VISITS,
        HOME_NOT_KNOWN,
        PRECAUTIONS[Precaution.SPEAK_WITH_DUTY_MANAGER],
        PRECAUTIONS[Precaution.OTHER],
    }
)


def safe_ways(methods: Iterable[DeliveryMethod]) -> Phrase:
    """The only ways in which the customer can be reached without harm."""
    ways = ", ".join(method.replace("_", " ") for method in methods)
    return Phrase("safe_ways_only", f"Reach the customer in these ways only: {ways or 'none is safe'}.")


def first_questions(measures: Iterable[Measure], *, purpose_known: bool, issue_known: bool) -> tuple[Phrase, ...]:
    """What to ask before anything is limited, given the measures that might limit this contact."""
    standing = list(measures)
    if not standing:
        return ()
    asked = () if purpose_known else WHAT_IS_IT_FOR
    if issue_known:
        return asked
    issues = dict.fromkeys(m.issue for m in standing if m.issue is not None)
    return (*asked, *(Phrase(f"about:{issue}", f"Is it about {issue}?") for issue in issues))


def instructions(measures: Iterable[Measure], direction: Direction, channel: Channel) -> tuple[Phrase, ...]:
    """What whoever takes or makes this contact heeds, from the measures that bear on it; each once."""
    found = (p for m in measures for p in _heeded(m, direction, channel))
    return tuple(dict.fromkeys(found))


def _heeded(measure: Measure, direction: Direction, channel: Channel) -> Iterator[Phrase]:
    outbound = direction is Direction.OUTBOUND
    match measure.effect:
        case Effect.WITNESS if channel in IN_PERSON:
            yield WITNESS
        case Effect.APPOINTMENT if channel is Channel.OFFICE_VISIT:
            yield APPOINTMENT
        case Effect.NAMED_CONTACT if outbound:
            yield NAMED_CONTACT
        case Effect.CALL_MINUTES if channel is Channel.TELEPHONE and not outbound and measure.minutes is not None:
            yield Phrase("call_minutes", f"Calls last {measure.minutes} minutes at most; say so at the beginning.")
        case Effect.NOT_REGISTERED if not outbound:
            yield NOT_REGISTERED
        case Effect.FILE_UNANSWERED if not outbound:
            yield READ_IT_WHOLE if channel in FILED else LISTEN
        case _:
            pass
    if outbound and measure.slots:
        yield AGREED_TIMES


def next_from(day: date) -> Phrase:
    """When an allowance that is used up lets another contact in."""
    return Phrase("allowance_used", f"What was agreed for this period is used up; the next is from {day:%d.%m.%Y}.")
