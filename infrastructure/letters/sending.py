"""Carrying one letter: its rules are asked once more, its words and address read on record, and its carrier asked.

Each step is durable before the next, so that it can be gone on with from wherever somebody was killed.
"""

from __future__ import annotations

import logging
from datetime import date, datetime
from random import SystemRandom
from typing import TYPE_CHECKING, Final, assert_never

from application.ports import Access, PersonDetails
from domain.calendar import DeliveryMethod, london_date
from domain.codes import LetterFormat, LetterTrouble, StaffId
from domain.decisions.judgement import Refused
from domain.decisions.letters import ParkLetter, RecordDispatch
from domain.events import SYSTEM, LetterPrepared
from domain.personal import Erased
from infrastructure.code_version import CODE_VERSION
from infrastructure.letters.carriers import Attached, HandedOver, NotTaken, Parcel, TryLater, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from domain.case import Case
    from domain.case_letters import Letter
    from infrastructure.letters.carriers import Carrier, Carriers, Outcome
    from infrastructure.letters.outbox import Sending
    from infrastructure.office import Office

logger = logging.getLogger(__name__)

MOST_TRIES: Final = 20  # by then it has been tried for most of a day
FIRST_WAIT: Final = 15.0  # seconds after the first try; doubled after each next one
LONGEST_WAIT: Final = 3600.0
TELLING_WAIT: Final = 30.0  # seconds until the case is told again, or what could not be read is read again
MADE_BY_HAND: Final = frozenset({LetterFormat.BRAILLE, LetterFormat.AUDIO})  # from the text, by a printer or a reader

ANSWERS: Final[dict[type, str]] = {
    HandedOver: "handed_over",
    TryLater: "try_later",
    NotTaken: "not_taken",
    Unknown: "unknown",
}

# The rules that say that somebody could come to harm; whatever else keeps a letter back has overtaken it.
NOT_SAFE: Final = frozenset({"safe_contact", "no_letters_after_death", "accessible_form"})
SETTLED: Final = frozenset({"sent_before", "discarded", "not_released"})  # nothing more is to be done with it


class _Kept(Exception):
    """A letter that does not go now; a person has to look."""

    def __init__(self, because: LetterTrouble) -> None:
        super().__init__(because.value)
        self.because = because


class Sender:
    """Carries one landlord's letters, one at a time for each caller. Safe to share between threads.

    `observe` is told landlord, carrier and kind of answer, each time that a carrier has answered.
    """

    def __init__(
        self,
        office: Office,
        carriers: Carriers,
        name: str,
        observe: Callable[[str, str, str], None] | None = None,
    ) -> None:
        self.office = office
        self.carriers = carriers
        self._name = name
        self._observe = observe
        self._random = SystemRandom()

    def carrier_of(self, sending: Sending) -> Carrier | None:
        """Who carries it, if anybody does."""
        return self.carriers.get(sending.method)

    def go_on(self, sending: Sending) -> None:
        """Do what is next with it, as far as it goes. What goes wrong here is tried again later."""
        match sending.state:
            case "pending":
                self._carry(sending)
            case "sending":
                self._wonder(sending)
            case "sent":
                self._tell_sent(sending)
            case "parking":
                self._tell_parked(sending)

    def _carry(self, sending: Sending) -> None:
        outbox = self.office.outbox
        case = self.office.desk.case(sending.case)
        letter = next((one for one in case.letters if one.id == sending.letter), None)
        if letter is None or letter.over:
            outbox.told(sending, "over")
            return
        try:
            self._ask_the_rules(sending)
            carrier = self._carrier_for(sending, letter)
            parcel = self._parcel(sending, case, letter)
        except _Kept as kept:
            outbox.trouble(sending.dispatch, kept.because)
            return
        if not outbox.begin(sending.dispatch, carrier.name, self._name, carrier.longest):
            return  # somebody else carries it
        outcome = carrier.carry(parcel)
        self._note(sending, outcome, carrier, letter.released_on)

    def _carrier_for(self, sending: Sending, letter: Letter) -> Carrier:
        carrier = self.carrier_of(sending)
        if carrier is None or (letter.format in MADE_BY_HAND and not carrier.any_form):
            raise _Kept(LetterTrouble.NOBODY_CARRIES_IT)
        return carrier

    def _ask_the_rules(self, sending: Sending) -> None:
        """The rules of this moment: a safe-contact instruction can have come since it was released."""
        about_to = RecordDispatch(letter=sending.letter, sent_at=self.office.clock.now(), gone=False)
        try:
            self.office.desk.consider(sending.case, about_to, SYSTEM)
        except Refused as refused:
            rules = {violation.rule for violation in refused.violations}
            raise _Kept(LetterTrouble.NOT_SAFE if rules & NOT_SAFE else LetterTrouble.OVERTAKEN) from None

    def _note(self, sending: Sending, outcome: Outcome, carrier: Carrier, released_on: date | None) -> None:
        outbox, dispatch, tried = self.office.outbox, sending.dispatch, sending.attempts + 1
        if self._observe is not None:
            self._observe(self.office.landlord, carrier.name, ANSWERS[type(outcome)])
        if isinstance(outcome, HandedOver):
            outbox.handed(dispatch, self._since(outcome.at, released_on))
            return
        logger.warning("%s: %s: letter %s: %s", self.office.landlord, carrier.name, dispatch, outcome.why)
        match outcome:
            case TryLater() if tried < MOST_TRIES:
                outbox.later(dispatch, max(outcome.after or 0.0, self._wait(tried)))
            case TryLater():
                outbox.trouble(dispatch, LetterTrouble.TRIED_TOO_LONG)
            case NotTaken():
                outbox.trouble(dispatch, LetterTrouble.REFUSED)
            case Unknown():
                outbox.trouble(dispatch, LetterTrouble.OUTCOME_UNKNOWN)
            case _:
                assert_never(outcome)

    def _since(self, at: datetime | None, released_on: date | None) -> datetime:
        """Since when the carrier has it. Another machine's clock may be ahead of ours, or behind by a day."""
        now = self.office.clock.now()
        believable = at is not None and at <= now and (released_on is None or london_date(at) >= released_on)
        return at if at is not None and believable else now

    def _wait(self, tried: int) -> float:
        """Seconds until the next try, none two at the same moment."""
        wait = min(FIRST_WAIT * 2.0 ** (tried - 1), LONGEST_WAIT)
        return wait * self._random.uniform(0.75, 1.25)

    def _wonder(self, sending: Sending) -> None:
        """Whoever asked its carrier never said what came of it."""
        carrier = self.carrier_of(sending)
        if carrier is not None and carrier.name == sending.carrier and carrier.tells_apart:
            self.office.outbox.later(sending.dispatch, 0.0)
        else:
            self.office.outbox.trouble(sending.dispatch, LetterTrouble.OUTCOME_UNKNOWN)

    # Telling the case

    def _tell_sent(self, sending: Sending) -> None:
        if sending.sent_at is None:
            raise TypeError("what was handed over has its time")
        self._tell(sending, RecordDispatch(letter=sending.letter, sent_at=sending.sent_at), "done")

    def _tell_parked(self, sending: Sending) -> None:
        because = sending.because or LetterTrouble.OUTCOME_UNKNOWN
        self._tell(sending, ParkLetter(letter=sending.letter, because=because), "parked")

    def _tell(self, sending: Sending, command: RecordDispatch | ParkLetter, state: str) -> None:
        try:
            self.office.desk.execute(sending.case, command, SYSTEM)
        except Refused as refused:
            rules = {violation.rule for violation in refused.violations}
            if rules & SETTLED:
                state = "done" if state == "done" else "over"
            elif "already_parked" not in rules:  # the clock was set back: it is told once that time has come
                logger.warning("%s: letter %s cannot be told yet", self.office.landlord, sending.dispatch)
                self.office.outbox.later(sending.dispatch, TELLING_WAIT)
                return
        self.office.outbox.told(sending, state)

    # What goes

    def _parcel(self, sending: Sending, case: Case, letter: Letter) -> Parcel:
        office = self.office
        prepared = next(
            event.fact
            for event in office.desk.history(sending.case)
            if isinstance(event.fact, LetterPrepared) and event.fact.letter == letter.id
        )
        person = office.desk.kept_record(case.person)
        access = Access(
            actor=StaffId(SYSTEM),
            role="outbox",
            purpose="send-letter",
            query="send-letter",
            fields=(),
            case=case.id,
            subject=person,
            position=case.position,
            code_version=CODE_VERSION,
        )
        text = office.reader.reveal_for(access, {f"{letter.id}.text": prepared.text})[f"{letter.id}.text"]
        pdf = office.reader.file_for(access, f"{letter.id}.file", letter.blob, letter.digest)
        if isinstance(text, Erased) or pdf is None or isinstance(pdf, Erased):
            raise _Kept(LetterTrouble.NOT_READABLE)
        attached = tuple(self._enclosure(sending, code, digest) for code, digest in _enclosed(letter))
        known = office.reader.person_for(access, person)
        details = known if isinstance(known, PersonDetails) else PersonDetails()
        if (details.email if sending.method is DeliveryMethod.EMAIL else details.address) is None:
            raise _Kept(LetterTrouble.NO_ADDRESS)
        sender = office.desk.policy_on(london_date(office.clock.now())).policy.name
        return Parcel(
            dispatch=sending.dispatch,
            landlord=office.landlord,
            sender=sender,
            method=sending.method,
            kind=letter.kind,
            format=letter.format,
            language=letter.language,
            subject=f"A letter from {sender}",  # whoever sees an inbox over a shoulder reads no more than this
            text=text,
            pdf=pdf,
            attached=attached,
            to_name=details.name,
            to_address=details.address,
            to_email=details.email,
        )

    def _enclosure(self, sending: Sending, code: str, digest: str) -> Attached:
        """The very file that the letter was prepared and released with."""
        found = self.office.letters.enclosure(sending.case, code)
        if found is None or found.sha256 != digest:
            raise _Kept(LetterTrouble.NOT_READABLE)
        return Attached(name=found.name, media_type=found.media_type, content=found.content)


def _enclosed(letter: Letter) -> list[tuple[str, str]]:
    return list(zip(letter.enclosures, letter.enclosed, strict=True))
