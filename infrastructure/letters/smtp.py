"""Letters by e-mail through a mail server of the landlord's own.

A mail server cannot be asked later whether it took a message, so a message is ended once. Whatever goes wrong before
its end was sent can be tried again, for then the server has no message (RFC 5321, 4.1.1.4). Once the end was sent and
no answer came, only a person can find out: the Message-ID is the dispatch, which its log can be searched for.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from threading import Timer
from typing import Final, Literal

from infrastructure.letters.carriers import HandedOver, NotTaken, Outcome, Parcel, TryLater, Unknown

Tls = Literal["required", "implicit", "none"]

GO_AHEAD: Final = 354  # the server waits for the message (RFC 5321, 4.2.3)
DONE: Final = range(200, 300)
NOT_NOW: Final = range(400, 500)
NEVER: Final = range(500, 600)
ACCOUNT: Final = frozenset({530, 534, 535, 538})  # speaks of whoever signs in, not of the letter (RFC 4954, 6)
LAST_ANSWER: Final = 4  # times the usual patience: a server may look at a message before it takes it
A_DOT_FIRST: Final = re.compile(rb"^\.", re.MULTILINE)  # which would end the message (RFC 5321, 4.5.2)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)  # it holds a password
class MailServer:
    """Where and how mail is handed in. `tls`: by STARTTLS, from the first byte, or not at all (on one machine only)."""

    host: str
    port: int
    sender: str  # the address that letters come from
    tls: Tls = "required"
    user: str | None = None
    password: str | None = None
    reply_to: str | None = None
    timeout: float = 30.0  # seconds for each step
    trusted: str | None = None  # a file of certificates, where the system's own do not know the server


class SmtpCarrier:
    """Hands letters in at one mail server, each over a connection of its own."""

    tells_apart = False
    any_form = False

    def __init__(self, name: str, server: MailServer) -> None:
        self.name = name
        self._server = server
        self.longest = (12 + LAST_ANSWER) * server.timeout  # no more steps than these, each within its time

    def carry(self, parcel: Parcel) -> Outcome:
        """Hand it in. Without an answer to its end, its fate is unknown."""
        try:
            to, content = _address(parcel.to_email or ""), _message(parcel, self._server)
        except (ValueError, IndexError, MessageError):  # the library's parser raises any of these
            return NotTaken("no message can be made for this address")
        ended = False
        try:
            with _connected(self._server, self.longest) as server:
                if said := _refusal(server.mail(self._server.sender)[0], "the sender"):
                    return TryLater(said.why)  # no letter goes from this address: operators have to look
                if said := _refusal(server.rcpt(to)[0], "the address"):
                    return said
                code, _ = server.docmd("DATA")
                if code != GO_AHEAD:
                    return _refusal(code, "the message") or TryLater("the mail server did not wait for the message")
                server.send(A_DOT_FIRST.sub(b"..", content))
                if server.sock is not None:
                    server.sock.settimeout(LAST_ANSWER * self._server.timeout)
                ended = True
                server.send(b".\r\n")
                code, _ = server.getreply()
                if code in DONE:
                    return HandedOver()
                return _refusal(code, "the message") or Unknown("the mail server's last answer means nothing")
        except smtplib.SMTPResponseException as error:  # it did not let us in
            return TryLater(f"the mail server answered {error.smtp_code}")
        except (smtplib.SMTPException, OSError, ValueError) as error:
            kind = type(error).__qualname__
            if ended:
                return Unknown(f"the mail server has the message and did not answer ({kind})")
            return TryLater(f"the mail server could not be spoken to ({kind})")


def _refusal(code: int, what: str) -> TryLater | NotTaken | None:
    """What an answer that is none of consent means; None for consent, and for what is no answer at all."""
    if code in NEVER and code not in ACCOUNT:
        return NotTaken(f"the mail server refused {what} with {code}")
    if code in NOT_NOW or code in ACCOUNT:
        return TryLater(f"the mail server refused {what} for now with {code}")
    return None


@contextmanager
def _connected(known: MailServer, longest: float) -> Iterator[smtplib.SMTP]:
    """A connection that is encrypted and signed in as the settings say; its farewell changes nothing.

    It is cut after `longest` seconds: a server that goes on saying a little keeps within the time of each step.
    """
    tls = ssl.create_default_context(cafile=known.trusted)
    if known.tls == "implicit":
        server: smtplib.SMTP = smtplib.SMTP_SSL(known.host, known.port, timeout=known.timeout, context=tls)
    else:
        server = smtplib.SMTP(known.host, known.port, timeout=known.timeout)
    cut = Timer(longest, _cut, [server])
    cut.daemon = True
    cut.start()
    try:
        server.ehlo_or_helo_if_needed()
        if known.tls == "required":
            server.starttls(context=tls)
            server.ehlo_or_helo_if_needed()
        if known.user is not None:
            server.login(known.user, known.password or "")
        yield server
        with suppress(smtplib.SMTPException, OSError):
            if server.sock is not None:
                server.sock.settimeout(1.0)
            server.quit()
    finally:
        cut.cancel()
        server.close()


def _cut(server: smtplib.SMTP) -> None:
    """Whoever reads from it learns that it has ended."""
    with suppress(OSError, ValueError):
        if server.sock is not None:
            server.sock.shutdown(socket.SHUT_RDWR)


def _address(given: str) -> str:
    """The address as it stands in a command. ValueError for one that could say more than an address."""
    local, at, domain = given.strip().rpartition("@")
    usual = given.isascii() and not any(ch <= " " or ch in '<>"\x7f' for ch in given.strip())
    if not (local and at and domain and usual):
        raise ValueError("no address")
    return given.strip()


def _message(parcel: Parcel, known: MailServer) -> bytes:
    """The whole message, each line ended as on the wire."""
    message = EmailMessage(policy=SMTP)
    domain = known.sender.rpartition("@")[2]
    message["Message-ID"] = f"<{parcel.dispatch}@{domain}>"
    message["Date"] = formatdate()
    message["From"] = Address(parcel.sender, addr_spec=known.sender)
    message["To"] = Address(parcel.to_name or "", addr_spec=_address(parcel.to_email or ""))
    if known.reply_to:
        message["Reply-To"] = known.reply_to
    message["Subject"] = parcel.subject
    if parcel.language:
        message["Content-Language"] = parcel.language
    message.set_content(parcel.text)
    message.add_attachment(parcel.pdf, maintype="application", subtype="pdf", filename="letter.pdf")
    for attached in parcel.attached:
        main, _, sub = attached.media_type.partition("/")
        message.add_attachment(attached.content, maintype=main, subtype=sub, filename=attached.name)
    return message.as_bytes()
