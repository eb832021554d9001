"""Sentences for telling: letters to the customer, and everybody else who was told."""

from __future__ import annotations

from typing import Final, assert_never

from domain.calendar import london_date
from domain.case import Case
from domain.codes import NoticeKind
from domain.events import (
    AlertPlaced,
    ChannelBlocked,
    EndingNotified,
    NoticeReceived,
    NoticeReturned,
    NoticeSent,
    NoticeSigned,
    PartnerInformed,
    StaffInformed,
    ToldByTelephone,
)
from projections.sentences.words import counted, listed, said, words

NoticeFact = (
    NoticeSigned
    | NoticeSent
    | NoticeReceived
    | NoticeReturned
    | ToldByTelephone
    | StaffInformed
    | PartnerInformed
    | AlertPlaced
    | ChannelBlocked
    | EndingNotified
)

LETTERS: Final = {
    NoticeKind.WARNING: "warning letter",
    NoticeKind.DECISION: "decision letter",
    NoticeKind.CLOSURE: "letter that closes a matter",
    NoticeKind.VARIATION: "letter about a variation",
    NoticeKind.EXTENSION: "letter about an extension",
    NoticeKind.REVIEW_OUTCOME: "letter with the outcome of a review",
    NoticeKind.APPEAL_ACKNOWLEDGEMENT: "acknowledgement of an appeal",
    NoticeKind.APPEAL_OUTCOME: "letter with the outcome of an appeal",
    NoticeKind.BREACH: "letter about a breach",
    NoticeKind.ENDING: "letter about an ending",
    NoticeKind.CONTACT_CHANGE: "letter about who answers from now on",
    NoticeKind.COMPLAINT_DECLINED: "letter about a complaint that is not accepted",
}


def notice_sentence(fact: NoticeFact, before: Case) -> str:
    """Who was told what; `before` says which letter a notice was."""
    match fact:
        case NoticeSigned():
            return f"The {LETTERS[fact.kind]} for {fact.about} ({fact.notice}) was signed on {said(fact.signed_on)}."
        case NoticeSent():
            enclosures = f", enclosing {listed(fact.enclosures)}," if fact.enclosures else ""
            went = f"went out on {said(london_date(fact.sent_at))} ({words(fact.method)})"
            form = "" if fact.accessible else ", not in the form that the customer needs"
            return (
                f"The {LETTERS[fact.kind]} for {fact.about} ({fact.notice}){enclosures} {went} and counts as received "
                f"on {said(fact.deemed_on)} unless proof says otherwise{form}."
            )
        case NoticeReceived():
            return (
                f"The {_letter(before, fact.notice)} was received on {said(fact.received_on)}; shown by: "
                f"{words(fact.how)}."
            )
        case NoticeReturned():
            return f"The {_letter(before, fact.notice)} came back on {said(fact.returned_on)}; it was not received."
        case ToldByTelephone():
            return (
                f"{counted(len(fact.measures), 'measure')} of {fact.restriction} "
                f"{'was' if len(fact.measures) == 1 else 'were'} explained by telephone on {said(fact.told_on)}; "
                "the letter is still owed."
            )
        case StaffInformed():
            roles = f" ({listed(fact.roles)})" if fact.roles else ""
            told = f"Colleagues were told of {fact.restriction} on {said(fact.informed_on)}"
            return f"{told}: {words(fact.audience)}{roles}."
        case PartnerInformed():
            return f"A partner was told of {fact.restriction} on {said(fact.informed_on)}: {words(fact.partner)}."
        case AlertPlaced():
            return f"An alert for {fact.restriction} was placed on {said(fact.placed_on)}: {words(fact.alert)}."
        case ChannelBlocked():
            where = f"{words(fact.channel)} on {words(fact.system)}"
            return f"A way in was blocked under {fact.restriction} on {said(fact.blocked_on)}: {where}."
        case EndingNotified():
            whom = words(fact.partner or fact.audience)
            return f"Those told of {fact.restriction} heard on {said(fact.notified_on)} that it is over: {whom}."
        case _:
            assert_never(fact)


def _letter(before: Case, notice: str) -> str:
    known = before.notice(notice)
    return f"{LETTERS[known.kind]} ({notice})" if known else f"letter {notice}"
