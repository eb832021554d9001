"""The decision letters of the demonstration as documents: prepared, released and put into a folder, as they would be.

A letter that lacks something here, such as the copy of a policy that nobody supplied, is taken down as sent without a
document, as its story tells it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from application.letters import LetterAsked, NotTypeset
from application.ports import Access, PersonDetails
from domain.calendar import DeliveryMethod
from domain.codes import NoticeKind
from domain.decisions.letters import ReleaseLetter
from domain.decisions.notices import SendNotice
from infrastructure.code_version import CODE_VERSION
from infrastructure.letters.carrier_settings import CARRIED
from infrastructure.letters.folder import FolderCarrier
from infrastructure.letters.preparing import prepared
from infrastructure.letters.sending import Sender

if TYPE_CHECKING:
    from collections.abc import Callable

    from application.ports import Receipt, RequestKey
    from domain.case import Case
    from domain.codes import CaseId, StaffId
    from infrastructure.office import Office

WRITTEN: Final = (NoticeKind.DECISION,)
NAME: Final = "demonstration"
STEPS_OF_A_LETTER: Final = 10  # many more than it takes until the case knows that it went


def folder_of(data: Path, landlord: str) -> Path:
    """Where the letters of a landlord of the demonstration lie."""
    return data / "letters" / landlord


def sent_as_document(
    office: Office,
    folder: Path,
    case: CaseId,
    command: SendNotice,
    actor: StaffId,
    key: Callable[[str], RequestKey],
) -> str | None:
    """Send a letter as a document; the notice that it became, or None when it cannot go that way here.

    `key` makes the key of each step, so that a start which was killed half-way goes on where it stopped.
    """
    found = office.desk.case(case)
    if not _can_be_written(office, found, command):
        return None
    access = Access(
        actor=actor,
        role="demonstration",
        purpose="demonstration",
        query="demonstration",
        fields=(),
        case=case,
        subject=found.person,
        position=found.position,
        code_version=CODE_VERSION,
    )
    asked = LetterAsked(case=case, kind=command.kind, about=command.about)
    try:
        if any(office.letters.lacking(office.letters.draft(asked, access))):
            return None
        receipt = prepared(office, asked, command.notice, access, actor, request=key("prepared"))
    except NotTypeset:  # a machine too slow for it all the same has its story
        return None
    letter = _made(receipt)
    release = ReleaseLetter(letter=letter, method=command.method)
    office.desk.execute(case, release, actor, request=key("released"))
    carrier = FolderCarrier("folder", folder)
    sender = Sender(office, dict.fromkeys(CARRIED, carrier), NAME)
    for _ in range(STEPS_OF_A_LETTER):
        office.outbox.take_in()
        for sending in office.outbox.due(STEPS_OF_A_LETTER):
            sender.go_on(sending)
        went = next(one for one in office.desk.case(case).letters if one.id == letter)
        if went.sent_on is not None:
            return went.notice
    return None


def _made(receipt: Receipt) -> str:
    """The id of the letter that was prepared."""
    facts = receipt.answer["facts"]
    if not isinstance(facts, list):
        raise TypeError("an answer lists its facts")
    return str(facts[0]["id"])


def _can_be_written(office: Office, case: Case, command: SendNotice) -> bool:
    """Whether it is one of those that are written here, has everything that goes with it, and an address to go to."""
    if command.kind not in WRITTEN or command.method not in CARRIED or command.already_sent or command.overrides:
        return False
    if any(office.letters.enclosure(case.id, code) is None for code in command.enclosures):
        return False
    known = office.directory.person(case.person)
    if not isinstance(known, PersonDetails):
        return False
    return (known.email if command.method is DeliveryMethod.EMAIL else known.address) is not None
