"""Who was registered to be told of what, from which event of the landlord's stream up to which: told by that stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.codes import Topic
from domain.events import Event, SubscriberEnded, SubscriberRegistered


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A registration of a subscriber: it holds from position `since` on, until another or its end stands at `until`."""

    subscriber: str
    partner: str | None
    topics: frozenset[Topic]
    within_minutes: int | None
    since: int
    until: int | None = None

    def requires(self, topic: Topic) -> bool:
        """Whether somebody waits for its acknowledgement of what belongs to a topic."""
        return self.within_minutes is not None and topic in self.topics

    def goes_on_from(self, earlier: Registration) -> bool:
        """Whether it took the place of another, of the same organisation, at once."""
        return earlier.until == self.since and earlier.partner == self.partner


def registrations(history: Iterable[Event]) -> Mapping[str, Sequence[Registration]]:
    """By the subscriber's code, its registrations in their order."""
    found: dict[str, list[Registration]] = {}
    for event in history:
        match event.fact:
            case SubscriberRegistered() as fact:
                known = found.setdefault(fact.subscriber, [])
                _close(known, event.position)
                known.append(
                    Registration(
                        subscriber=fact.subscriber,
                        partner=fact.partner,
                        topics=frozenset(fact.topics),
                        within_minutes=fact.within_minutes,
                        since=event.position,
                    )
                )
            case SubscriberEnded() as fact:
                _close(found.get(fact.subscriber, []), event.position)
            case _:
                pass
    return found


def required_since(known: Sequence[Registration], topic: Topic) -> int | None:
    """From which position on a subscriber owes acknowledgements of a topic; None where it owes none.

    What was recorded before it was registered for this, or while nobody waited for it, it never owes.
    """
    if not known or known[-1].until is not None or not known[-1].requires(topic):
        return None
    since = known[-1]
    for earlier in reversed(known[:-1]):
        if not (since.goes_on_from(earlier) and earlier.requires(topic)):
            break
        since = earlier
    return since.since


def _close(known: list[Registration], position: int) -> None:
    if known and known[-1].until is None:
        known[-1] = replace(known[-1], until=position)
