"""What one subscriber asks to be told, whichever road it comes by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from domain.codes import Topic
from domain.landlord import Subscriber
from domain.public import PUBLIC, STATE_CHANGED

NAMES: Final[frozenset[str]] = frozenset(told.name for told in PUBLIC.values()) | {STATE_CHANGED.name}
LARGEST_SHARD: Final = 1024
UNKNOWN: Final = "no event is called so; /v1/schemas lists them"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A subscriber with its filter. Everything that is told, and what counts as the event before, follows from it.

    `types` are public names, None for all of its topics. `shard` is (i, n): the cases of part i of n. `schemas` are
    public names with the earlier schema version that the subscriber stays on. With `partner`, only what a recorded
    decision disclosed to that organisation is told.
    """

    landlord: str
    subscriber: str
    topics: frozenset[Topic]
    partner: str | None = None
    types: frozenset[str] | None = None
    shard: tuple[int, int] = (0, 1)
    schemas: tuple[tuple[str, int], ...] = ()

    def digest(self) -> str:
        """The same for the same question, in hexadecimal; a place in the feed is bound to it.

        Which schemas it stays on is no part of it: they change what is said of an event and never which events come,
        and a subscriber keeps its place when a type takes a new version, or when it follows to that version.
        """
        told = [
            self.landlord,
            self.subscriber,
            sorted(self.topics),
            self.partner,
            None if self.types is None else sorted(self.types),
            list(self.shard),
        ]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def wanted_of(
    landlord: str,
    subscriber: Subscriber,
    *,
    types: Collection[str] | None = None,
    shard: tuple[int, int] = (0, 1),
    schemas: Mapping[str, int] | None = None,
) -> Wanted:
    """What a registered subscriber of this landlord asks for. Raises ValueError, in words that can be shown."""
    if types is not None and set(types) - NAMES:
        raise ValueError(UNKNOWN)  # whatever somebody wrote there is not repeated
    part, parts = shard
    if not 0 <= part < parts <= LARGEST_SHARD:
        raise ValueError(f"a shard is i/n, with i from 0 to n - 1 and n at most {LARGEST_SHARD}")
    known = {told.name: told for told in PUBLIC.values()}
    kept: dict[str, int] = {}
    for name, version in (schemas or {}).items():
        told = known.get(name)
        if told is None:
            raise ValueError(UNKNOWN)
        versions = {told.version, *(earlier.version for earlier in told.earlier)}
        if version not in versions:
            raise ValueError(f"{name} has the schema versions {', '.join(map(str, sorted(versions)))}")
        if version != told.version:
            kept[name] = version
    return Wanted(
        landlord=landlord,
        subscriber=subscriber.id,
        topics=frozenset(subscriber.topics),
        partner=subscriber.partner,
        types=None if types is None else frozenset(types),
        shard=shard,
        schemas=tuple(sorted(kept.items())),
    )
