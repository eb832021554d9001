"""Systems outside that follow what happens: registered and ended by an administrator, each with its own sign-in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final

from pydantic import Field

from domain.codes import StaffId, SubscriberKind, Topic
from domain.decisions.judgement import (
    Command,
    Decision,
    Id,
    New,
    Situation,
    Violation,
    any_post,
    at,
    impossible,
    judge,
    not_before,
)
from domain.decisions.landlord import administers
from domain.events import SYSTEM, SubscriberEnded, SubscriberRegistered

WHO_REGISTERS: Final = (
    "Subscribers are registered and ended by an administrator of posts (`evenhand subscriber register`, or "
    "`register-subscriber` over HTTP)."
)
FOR_PARTNERS: Final = (Topic.RESTRICTIONS, Topic.SAFETY, Topic.DISCLOSURES)
LONGEST_WITHIN: Final = 43_200  # minutes, thirty days: whoever may take longer is not waited for

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


class RegisterSubscriber(Command):
    """Lets a system follow what happens, from today on; under a code that is known it changes what was said of it.

    The landlord's `own` sees the topics that are named. A `partner` sees, of restrictions and safety warnings, only
    what a recorded decision disclosed to it (`disclose`).
    """

    subscriber: Slug
    """The code by which it is known from here on; another system takes another one."""
    kind: SubscriberKind
    signs_in: Id
    """The id in the directory under which its token signs in; it belongs to this system alone, and holds no post."""
    topics: Annotated[tuple[Topic, ...], Field(min_length=1, max_length=len(Topic))]
    partner: Slug | None = None
    """The code of the partner whose system it is."""
    references: bool = False
    """Whether it may have the customer's reference resolved."""
    within_minutes: Annotated[int, Field(ge=1, le=LONGEST_WITHIN)] | None = None
    """By when it has to acknowledge a restriction; nobody waits for it without."""


class EndSubscriber(Command):
    """Ends what a system may follow, from this day on; its code and its past stay."""

    subscriber: Slug


def register_subscriber(command: RegisterSubscriber, situation: Situation) -> Decision:
    """What it is told from here on, and who signs in for it."""
    judge(
        [
            *administers(situation, WHO_REGISTERS),
            *_same_system(command, situation),
            *_sees_what_its_kind_sees(command),
            *_nobody_else_signs_in(command, situation),
        ]
    )
    fact = SubscriberRegistered(
        subscriber=command.subscriber,
        kind=command.kind,
        signs_in=StaffId(command.signs_in),
        topics=tuple(topic for topic in Topic if topic in command.topics),
        partner=command.partner,
        references=command.references,
        within_minutes=command.within_minutes,
        from_on=command.day(situation),
    )
    return Decision((New(fact, at(command.day(situation), situation)),), any_post(situation, situation.today))


def _same_system(command: RegisterSubscriber, situation: Situation) -> Iterator[Violation]:
    """Addresses and places in the log belong to a code: one that was a partner's never becomes anybody else's."""
    known = situation.landlord.subscriber(command.subscriber)
    if known is not None and (known.kind, known.partner) != (command.kind, command.partner):
        whose = "the landlord's own" if known.partner is None else f"a system of {known.partner}"
        asks = f"{command.subscriber} is {whose}, and stays that; register another code."
        yield impossible("another_system", asks, "subscriber")


def _sees_what_its_kind_sees(command: RegisterSubscriber) -> Iterator[Violation]:
    if command.kind is SubscriberKind.OWN and command.partner is not None:
        yield impossible("own_or_partner", "A system of the landlord's own has no partner; leave it out.", "partner")
    if command.kind is SubscriberKind.PARTNER:
        if command.partner is None:
            yield impossible("own_or_partner", "Say which partner's system it is.", "partner")
        beyond = [topic for topic in command.topics if topic not in FOR_PARTNERS]
        if beyond:
            asks = f"A partner can follow {', '.join(FOR_PARTNERS)}, and not {', '.join(beyond)}."
            yield impossible("beyond_a_partner", asks, "topics")
    if command.within_minutes is not None and Topic.RESTRICTIONS not in command.topics:
        asks = "What has to be acknowledged are restrictions, which it does not follow."
        yield impossible("acknowledges_restrictions", asks, "within_minutes")


def _nobody_else_signs_in(command: RegisterSubscriber, situation: Situation) -> Iterator[Violation]:
    landlord, who = situation.landlord, StaffId(command.signs_in)
    other = landlord.subscriber_of(who)
    if other is not None and other.id != command.subscriber:
        asks = f"{other.id} signs in under that id; each system has its own."
        yield impossible("one_sign_in_each", asks, "signs_in")
    if who == SYSTEM or any(
        t.staff == who and not (t.last_day and t.last_day < situation.today) for t in landlord.tenures
    ):
        asks = "A colleague who holds a post signs in under that id; a system has one of its own."
        yield impossible("no_colleague", asks, "signs_in")


def end_subscriber(command: EndSubscriber, situation: Situation) -> Decision:
    """It is told nothing more. What a partner was shown ends by a decision of its own (`end-disclosure`)."""
    day = command.day(situation)
    known = situation.landlord.subscriber(command.subscriber)
    problems = [*administers(situation, WHO_REGISTERS)]
    if known is None:
        problems.append(
            impossible("unknown_subscriber", f"No subscriber is called {command.subscriber}.", "subscriber")
        )
    elif known.ended_on is not None:
        problems.append(impossible("already_ended", f"It ended on {known.ended_on} already.", "subscriber"))
    else:
        problems += not_before(day, known.from_on, "it was registered")
    judge(problems)
    fact = SubscriberEnded(subscriber=command.subscriber, ended_on=day)
    return Decision((New(fact, at(day, situation)),), any_post(situation, situation.today))
