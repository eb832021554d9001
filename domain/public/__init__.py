"""What is told outside of each fact: its public name, its topic, and the few clear fields that go with it."""

from domain.public.registry import (
    MEASURE,
    PUBLIC,
    STATE_CHANGED,
    UNREADABLE,
    Earlier,
    PublicType,
    public_name,
    stored_names_of,
)

__all__ = [
    "MEASURE",
    "PUBLIC",
    "STATE_CHANGED",
    "UNREADABLE",
    "Earlier",
    "PublicType",
    "public_name",
    "stored_names_of",
]
