"""What letters have in common: what they are filled from, and the fields that several of them share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

from domain import events as e
from domain.baseline import Baseline
from domain.case import Case
from domain.case_parts import Restriction
from domain.codes import RoleCode, StaffId
from domain.landlord import Landlord
from domain.letter_measures import spoken_of, spoken_to, told
from domain.letter_values import Item, Sealed, Value, and_joined, day_in_words
from domain.personal import Personal
from domain.policy import Policy

F = TypeVar("F")
YES: Final = "yes"  # of a field that is only there to be asked for
Values = dict[str, Value]
Lists = dict[str, Sequence[Item]]


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
    others: tuple[Case, ...] = ()  # the customer's other cases: what was agreed, or holds, there


@dataclass(frozen=True, slots=True)
class Found:
    """What a letter is about: its template, the fact behind it if there is one, its own fields, lists and policy."""

    template: str
    event: e.Event | None
    values: Values
    lists: Lists
    policy: Policy


def about_restriction(restriction: Restriction, event: e.Event, around: Surroundings) -> Values:
    """The fields of a restriction, as it stands; `event` is of whatever the letter tells."""
    pending = restriction.pending_reviews()
    return {
        "starts_on": day_in_words(restriction.starts_on),
        "ends_on": day_in_words(restriction.ends_on),
        "decided_on": day_in_words(restriction.decided_on),
        "first_review": day_in_words(pending[0].due_on) if pending else None,
        "decider_post": post_title(event.post, around),
    }


def about_appealing(terms: e.AppealTerms, policy: Policy, around: Surroundings) -> Values:
    """The fields of how a decision can be challenged."""
    heard_by = [title for role in terms.heard_by if (title := post_title(role, around))]
    sent_to = policy.appeal.sent_to
    return {
        "appeal_right": flag(terms.right),
        "appeal_request": flag(not terms.right),
        "appeal_window": terms.window,
        "appeal_no_window": flag(terms.window is None),
        "appeal_answer_within": terms.answer_within,
        "appeal_heard_by": " or ".join(heard_by) or None,
        "appeal_sent_to": sent_to.value if sent_to else None,
        "appeal_stays": flag(not terms.suspends),
        "appeal_suspends": flag(terms.suspends),
    }


def record_kept(policy: Policy) -> Values:
    """The fields of who keeps the record."""
    kept = policy.register_

    def posts(roles: Iterable[RoleCode]) -> str | None:
        return and_joined([policy.roles[role].title for role in roles])

    return {
        "record_keeper": posts(kept.keeper) if kept else None,
        "record_maintainer": posts(kept.maintainer or kept.keeper) if kept else None,
    }


def what_stands(restriction: Restriction, policy: Policy, today: date) -> Lists:
    """The measures of a restriction, and its reviews that are still to come, as lists."""
    return {
        "measures": measures_told(restriction.sets[-1].measures, policy),
        "reviews": next_reviews(restriction.pending_reviews(), policy, today),
    }


def measures_told(measures: Iterable[e.Measure], policy: Policy) -> list[Item]:
    """Measures as the items of a list."""
    return [told(measure, policy, f"measures.{measure.id}") for measure in measures]


def next_reviews(scheduled: Iterable[e.ScheduledReview], policy: Policy, today: date) -> list[Item]:
    """The next review of each cadence from a day on: those after it come round by themselves."""
    following: dict[str, date] = {}
    for review in sorted(scheduled, key=lambda one: one.due_on):
        if review.due_on >= today:
            following.setdefault(review.cadence, review.due_on)
    return [
        {"date": day_in_words(due), "title": policy.reviews[code].title if code in policy.reviews else None}
        for code, due in following.items()
    ]


def days_of_incidents(incidents: Iterable[str], around: Surroundings) -> list[Item]:
    """The days on which incidents happened, each once, without those that were about somebody else."""
    days = {known.happened_on for one in incidents if (known := around.case.incident(one)) and not known.moved}
    return [{"date": day_in_words(day)} for day in sorted(days)]


def informed_audiences(policy: Policy) -> list[Item]:
    """Who is told of a restriction, as the policy says."""
    return [{"who": audience.title} for audience in policy.audiences.values()]


def known_restriction(wanted: str, what: str, around: Surroundings) -> Restriction:
    """The restriction of this id. Raises `NothingToWriteAbout` with those that there are."""
    found = around.case.restriction(wanted)
    if found is None:
        had = [restriction.id for restriction in around.case.restrictions]
        raise NothingToWriteAbout(f"This case has no {what} {wanted}; it has {ids_listed(had)}.")
    return found


def known_fact(
    kind: type[F], wanted: Callable[[F], bool], what: str, about: str, around: Surroundings
) -> tuple[e.Event, F]:
    """The last fact of a kind that is the wanted one, with its event."""
    for event in reversed(list(shown_events(around))):
        if isinstance(event.fact, kind) and wanted(event.fact):
            return event, event.fact
    raise NothingToWriteAbout(f"This case has no {what} {about}.")


def shown_events(around: Surroundings) -> Iterator[e.Event]:
    """The events of the case but those that turned out to be about somebody else."""
    hidden = around.case.hidden()
    return (event for event in around.history if event.event_id not in hidden)


def policy_behind(event: e.Event, around: Surroundings) -> Policy:
    """The policy that a fact was decided under."""
    return around.policy if event.policy is None else around.of(event.policy)


def sealed_value(event: e.Event, field: str, value: Personal | None) -> Value:
    """A personal value of a fact, to be opened by the edge."""
    return None if value is None else Sealed(_path(event, field), value)


def _path(event: e.Event, field: str) -> str:
    return f"events.{event.version}.{field}"


def post_title(role: RoleCode | None, around: Surroundings) -> str | None:
    """A post in words."""
    if role is None:
        return None
    known = around.policy.roles.get(role)
    return known.title if known else around.baseline.roles.get(role)


def to_the_reader(value: Value) -> Value:
    """Words of a catalogue as they are said to the customer; anything personal as it is."""
    return spoken_to(value) if isinstance(value, str) else value


def to_others(value: Value) -> Value:
    """Words that are for the customer as they are said to others; anything personal as it is."""
    return spoken_of(value) if isinstance(value, str) else value


def flag(found: bool) -> str | None:
    """The value of a field that is only there to be asked for."""
    return YES if found else None


def ids_listed(ids: Iterable[str]) -> str:
    """Ids in a sentence."""
    return ", ".join(ids) or "none yet"
