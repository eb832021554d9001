"""What stands where at the broker: the stream of a landlord, its subjects, and the headers of its messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.public import PUBLIC, STATE_CHANGED, UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

# Where an event stands in the log, and a digest of what the log holds there: how a restored backup is noticed.
POSITION: Final = "Evenhand-Position"
MARK: Final = "Evenhand-Mark"
CONTENT_TYPE: Final = "content-type"
STRUCTURED: Final = "application/cloudevents+json"  # CloudEvents NATS protocol binding 1.0, 3.2 structured mode

TOPICS: Final[Mapping[str, str]] = {
    told.name: told.topic.value for told in (*PUBLIC.values(), UNREADABLE, STATE_CHANGED)
}


def stream_of(landlord: str) -> str:
    """The name of a landlord's stream: `EVENHAND_DERBY`."""
    return f"EVENHAND_{landlord.upper()}"


def subjects_of(landlord: str) -> str:
    """All subjects of a landlord, as one with a wildcard."""
    return f"evenhand.{landlord}.>"


def subject_of(landlord: str, name: str) -> str:
    """The subject of a public event by its public name: `evenhand.derby.restrictions.restriction-applied`."""
    return f"evenhand.{landlord}.{TOPICS[name]}.{name}"
