"""A letter on its way, for tests of whoever carries it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from domain.calendar import DeliveryMethod
from domain.codes import LetterFormat, NoticeKind
from infrastructure.letters.carriers import Attached, Parcel


def a_parcel(**changes: Any) -> Parcel:
    """A letter by e-mail to somebody made up."""
    fields: dict[str, Any] = {
        "dispatch": str(uuid4()),
        "landlord": "elm",
        "sender": "Elm Homes",
        "method": DeliveryMethod.EMAIL,
        "kind": NoticeKind.DECISION,
        "format": LetterFormat.STANDARD,
        "language": None,
        "subject": "Our decision about how you contact us",
        "text": "Dear Ms Quill\n.\nThis is what we decided. Très cher.\n",
        "pdf": b"%PDF-1.7 a letter",
        "attached": (Attached(name="policy.pdf", media_type="application/pdf", content=b"%PDF-1.7 a policy"),),
        "to_name": "Zoë Quill",
        "to_address": "1 Elm Row\nElmton",
        "to_email": "quill@example.org",
    }
    return Parcel(**{**fields, **changes})
