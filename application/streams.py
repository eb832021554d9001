"""Which stream is whose: a landlord's own, and a case's by landlord, person and ordinal.

The ids are derived, so that two openings of one person's next case meet at the same first version.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID, uuid5

from domain.codes import CaseId, SubjectId

# Made at random once; another one would give every stream another id.
EVENHAND: Final = UUID("5b0c3d1e-6a92-4f0e-9d57-3f8a1c64b7e2")


def landlord_stream(landlord: str) -> str:
    """The stream of the landlord itself: how it was set up, its policies and posts."""
    return str(uuid5(EVENHAND, landlord))


def case_id(landlord: str, person: SubjectId, ordinal: int) -> CaseId:
    """The stream of a person's case; `ordinal` 1 is the person's first one with this landlord."""
    return CaseId(str(uuid5(uuid5(EVENHAND, landlord), f"{person}:{ordinal}")))


def is_stream_id(text: str) -> bool:
    """Whether the text could be the id of a stream, written as streams' ids are."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
