"""Facts of telling: what was told to whom, when, how, with which contents; and when it counts as received."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from domain.calendar import DeliveryMethod
from domain.codes import Channel, NoticeKind, RoleCode
from domain.personal import NoticeText


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSigned:
    """A named person signed a letter before it goes."""

    notice: str
    kind: NoticeKind
    about: str
    signed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeSent:
    """A letter to the customer went out; `deemed_on` is when it counts as received unless proof says otherwise."""

    notice: str
    kind: NoticeKind
    about: str  # id of the warning, restriction, appeal, review or breach
    method: DeliveryMethod
    sent_at: datetime
    deemed_on: date
    contents: tuple[str, ...]  # codes in the policy's notice, and the baseline's
    enclosures: tuple[str, ...]
    accessible: bool  # in the format or language that the customer needs
    appeal_until: date | None  # last day of the appeal window if received on `deemed_on`
    text: NoticeText | None
    lapses_on: date | None = None  # for a warning: the last day on which it can support a restriction
    letter: str | None = None  # the letter of the case that it was, where that was prepared here


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeReceived:
    """Proof of when it was received (a signature, a reply, a conversation)."""

    notice: str
    received_on: date
    how: str
    appeal_until: date | None
    lapses_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeReturned:
    """The letter came back: it was not received, whatever was deemed."""

    notice: str
    returned_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldByTelephone:
    """Measures were explained in a conversation: they bind from here, the letter is still owed."""

    restriction: str
    told_on: date
    measures: tuple[str, ...]
    notes: NoticeText | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffInformed:
    """Colleagues with a need to know were told."""

    restriction: str
    audience: str  # in the policy's audiences
    roles: tuple[RoleCode, ...]
    informed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerInformed:
    """An organisation outside the landlord was told, on a stated basis."""

    restriction: str
    audience: str
    partner: str  # code of the partner in the policy or the landlord's own list
    informed_on: date
    basis: NoticeText


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPlaced:
    """A marker was put on another system."""

    restriction: str  # or the safety warning
    alert: str  # in the policy's alerts
    placed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class EndingNotified:
    """Somebody who was told of a restriction was told that it is over."""

    restriction: str  # or the safety warning
    audience: str
    partner: str | None
    notified_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelBlocked:
    """A way in was blocked or diverted on a system of the landlord's, under a measure; undone when it ends."""

    restriction: str
    system: str  # code of the system: "email_gateway", "switchboard"
    channel: Channel
    blocked_on: date
