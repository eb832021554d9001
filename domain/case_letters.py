"""What a case knows of its letters as documents, from the first draft to what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from domain.calendar import DeliveryMethod
from domain.codes import LetterFormat, LetterTrouble, NoticeKind, StaffId


@dataclass(frozen=True)
class Letter:
    """A letter that was prepared from a template."""

    id: str
    kind: NoticeKind
    about: str
    notice: str | None  # the notice of the case that it is, once there is one
    contents: tuple[str, ...]
    enclosures: tuple[str, ...]
    enclosed: tuple[str, ...]  # SHA-256 of each of these files
    format: LetterFormat
    language: str | None
    prepared_by: StaffId
    prepared_on: date
    version: int  # of the case once it was prepared
    blob: str
    digest: str
    method: DeliveryMethod | None = None
    dispatch: str | None = None
    released_by: StaffId | None = None
    released_on: date | None = None
    sent_on: date | None = None
    discarded_on: date | None = None
    parked: LetterTrouble | None = None
    parked_on: date | None = None
    delivered: bool | None = None  # as a provider reported it

    @property
    def waits(self) -> bool:
        """Whether it was prepared, and neither released nor discarded."""
        return self.released_on is None and self.discarded_on is None and self.sent_on is None

    @property
    def over(self) -> bool:
        """Whether it was handed over, or never will be."""
        return self.sent_on is not None or self.discarded_on is not None

    @property
    def on_its_way(self) -> bool:
        """Whether it was released and has still to be handed over."""
        return self.released_on is not None and self.parked is None and not self.over

    @property
    def stuck(self) -> bool:
        """Whether it was released and waits for somebody to look at it."""
        return self.parked is not None and not self.over
