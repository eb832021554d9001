"""Which values are personal data, and what is left of one after erasure.

Prose and identity are `Personal`: a rule, a fold or a view may carry such a value about and may not look at it.
Nothing can therefore be decided from it, and erasing it can change no restriction.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar, Final, NoReturn

from pydantic import GetCoreSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

LONGEST_TEXT: Final = 20_000  # characters; about eight pages, longer material is evidence and goes in a file


class KeyClass(StrEnum):
    """What a personal value is about; each class of a person's case has a data key of its own."""

    CONTACT = "contact"
    DECISION = "decision"
    NOTICE = "notice"
    ADJUSTMENT = "adjustment"
    THIRD_PARTY = "third_party"
    SAFETY = "safety"
    EVIDENCE = "evidence"
    DIRECTORY = "directory"  # who somebody is: kept in the directory, belongs to no case

    # That of its text, as for any text; an enumeration's own is computed anew each time, and names of keys hold one.
    __hash__ = str.__hash__


class Personal:
    """A value that only the edge may open: freshly written text, or a reference to a sealed value.

    `about` is the subject id of the person whom it concerns, `None` for the person of the case.
    Comparing it, asking for its truth or turning it to text raises `TypeError`: that is the point of it.
    """

    __slots__ = ("_content", "about")
    __hash__: ClassVar[None]  # type: ignore[assignment]  # object's hash would make it usable as a key

    def __init__(self, content: object, *, about: str | None = None) -> None:
        """`content` is a `str` when new; anything else belongs to the mapper that sealed it."""
        self._content = content
        self.about = about

    def content(self) -> object:
        """What was put in, for whoever seals, opens or copies it; no rule, fold or view asks for it."""
        return self._content

    def concerning(self, person: str) -> Personal:
        """The same value as something about another person, to be sealed under that person's key."""
        return Personal(self._content, about=person)

    def __eq__(self, other: object) -> NoReturn:
        raise TypeError("a personal value cannot be compared")

    def __bool__(self) -> NoReturn:
        raise TypeError("a personal value has no truth; ask whether the field is None")

    def __str__(self) -> NoReturn:
        raise TypeError("a personal value cannot be turned to text here")

    def __format__(self, spec: str) -> NoReturn:
        raise TypeError("a personal value cannot be turned to text here")

    def __repr__(self) -> str:
        return "<personal>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a personal value cannot be pickled")

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[object], handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """In a command: a text of 1 to 20,000 characters without control characters other than tab and newline."""
        text = core_schema.no_info_after_validator_function(
            _from_text, core_schema.str_schema(min_length=1, max_length=LONGEST_TEXT, strict=True)
        )
        return core_schema.json_or_python_schema(
            json_schema=text,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(cls), text]),
        )


def has_control_characters(text: str) -> bool:
    """Whether the text holds a control character (Unicode Cc) other than tab and newline, or a lone surrogate."""
    return any((ch < " " and ch not in "\t\n") or "\x7f" <= ch <= "\x9f" or "\ud800" <= ch <= "\udfff" for ch in text)


def _from_text(text: str) -> Personal:
    if has_control_characters(text):
        raise PydanticCustomError("control_characters", "Control characters other than tab and newline are not taken")
    if not text.strip():
        raise PydanticCustomError("blank", "The text is blank")
    return Personal(text)


class Erased:
    """What a personal value reads as once its key is destroyed; typed, so that it is never taken for an error."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<erased>"


ERASED: Final = Erased()

ContactText = Annotated[Personal, KeyClass.CONTACT]
DecisionText = Annotated[Personal, KeyClass.DECISION]
NoticeText = Annotated[Personal, KeyClass.NOTICE]
AdjustmentText = Annotated[Personal, KeyClass.ADJUSTMENT]
ThirdPartyText = Annotated[Personal, KeyClass.THIRD_PARTY]
SafetyText = Annotated[Personal, KeyClass.SAFETY]
EvidenceText = Annotated[Personal, KeyClass.EVIDENCE]
