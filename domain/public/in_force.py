"""Which facts change what is in force: what a subscriber that people rely on has to know of in time."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from domain.codes import Topic
from domain.public.registry import PUBLIC, PublicType

# A death ends what stands, and a report of one that was wrong lets it stand again.
OF_A_DEATH: Final = ("CustomerDied", "DeathWithdrawn")
# By these a partner begins to see something, and has to let it go.
OF_A_PARTNER: Final = ("DisclosureDecided", "DisclosureEnded")

# Stored names. The index `event_in_force` holds events of these types and no others.
CHANGES_IN_FORCE: Final[frozenset[str]] = frozenset(
    stored
    for stored, told in PUBLIC.items()
    if (told.alert and told.topic in (Topic.RESTRICTIONS, Topic.SAFETY)) or stored in (*OF_A_DEATH, *OF_A_PARTNER)
)


def to_be_known(topics: Collection[Topic], *, partner: bool) -> frozenset[str]:
    """The stored names of what a subscriber with these topics has to know of in time, whatever it is told of it."""
    changes = CHANGES_IN_FORCE if partner else CHANGES_IN_FORCE.difference(OF_A_PARTNER)
    return frozenset(stored for stored in changes if concerns(PUBLIC[stored], topics))


def told_of(topics: Collection[Topic]) -> frozenset[str]:
    """The stored names of everything of which a subscriber with these topics is told anything."""
    return frozenset(stored for stored, told in PUBLIC.items() if concerns(told, topics))


def concerns(told: PublicType, topics: Collection[Topic]) -> bool:
    """Whether a type belongs to one of these topics, or can change the state of one."""
    return told.topic in topics or not told.touches.isdisjoint(topics)
