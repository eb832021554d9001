"""Letters by e-mail: given once, whatever the mail server does; what is not known is left to a person."""

from __future__ import annotations

import socket
import ssl
from email import message_from_bytes
from email.policy import SMTP
from typing import Any

import pytest

from infrastructure.letters.carriers import HandedOver, NotTaken, Outcome, TryLater, Unknown
from infrastructure.letters.smtp import MailServer, SmtpCarrier
from tests.infrastructure.a_certificate import Certificate, self_signed
from tests.infrastructure.letters.a_mail_server import CLOSE, DRIP, HANG, MailServerDouble, a_mail_server
from tests.infrastructure.letters.a_parcel import a_parcel


def carried(server: MailServerDouble, parcel: Any = None, **settings: Any) -> Outcome:
    """What comes of a letter that is handed in there, with little patience."""
    known = {"host": server.host, "port": server.port, "sender": "letters@elm.example", "tls": "none", "timeout": 0.4}
    return SmtpCarrier("mail", MailServer(**{**known, **settings})).carry(parcel or a_parcel())


def test_a_letter_arrives_whole_under_its_own_message_id() -> None:
    parcel = a_parcel()
    with a_mail_server() as server:
        assert carried(server, parcel) == HandedOver()
    message = message_from_bytes(server.taken[0], policy=SMTP)
    assert message["Message-ID"] == f"<{parcel.dispatch}@elm.example>"
    assert str(message["To"]) == "Zoë Quill <quill@example.org>"
    assert str(message["From"]) == "Elm Homes <letters@elm.example>"
    body = message.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == parcel.text
    files = {part.get_filename(): part.get_content() for part in message.iter_attachments()}
    assert files == {"letter.pdf": parcel.pdf, "policy.pdf": parcel.attached[0].content}
    assert [one.upper() for one in server.recipients] == ["RCPT TO:<QUILL@EXAMPLE.ORG>"]


@pytest.mark.parametrize("step", ["connect", "EHLO", "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("trouble", [HANG, CLOSE, "451 not now", "421 going down"])
def test_whatever_goes_wrong_before_the_message_ends_is_tried_again(step: str, trouble: str) -> None:
    with a_mail_server(**{step: trouble}) as server:
        assert isinstance(carried(server), TryLater)
    assert server.taken == []


@pytest.mark.parametrize("trouble", [HANG, CLOSE, "banana", "354 what"])
def test_a_message_whose_end_was_sent_and_not_answered_is_of_unknown_fate(trouble: str) -> None:
    with a_mail_server(message=trouble) as server:
        assert isinstance(carried(server), Unknown)


@pytest.mark.parametrize(("step", "outcome"), [("EHLO", TryLater), ("message", Unknown)])
def test_a_server_that_never_ends_its_answer_holds_no_letter(step: str, outcome: type) -> None:
    with a_mail_server(**{step: DRIP}) as server:
        assert isinstance(carried(server, timeout=0.2), outcome)


def test_a_message_that_is_refused_for_now_is_tried_again_and_one_that_is_refused_for_good_is_not() -> None:
    with a_mail_server(message="451 busy") as server:
        assert isinstance(carried(server), TryLater)
    with a_mail_server(message="554 no") as server:
        assert isinstance(carried(server), NotTaken)


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_an_address_that_the_server_knows_to_be_wrong_is_not_tried_again(step: str) -> None:
    with a_mail_server(**{step: "550 nobody of that name"}) as server:
        assert isinstance(carried(server), NotTaken)


def test_a_sender_that_is_refused_is_for_operators_and_not_for_each_letter() -> None:
    with a_mail_server(MAIL="550 you may not") as server:
        assert isinstance(carried(server), TryLater)


@pytest.mark.parametrize("trouble", [HANG, CLOSE, "500 what"])
def test_a_farewell_that_goes_wrong_changes_nothing(trouble: str) -> None:
    with a_mail_server(QUIT=trouble) as server:
        assert carried(server) == HandedOver()


def test_nobody_there_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    known = MailServer(host="127.0.0.1", port=port, sender="letters@elm.example", tls="none", timeout=0.4)
    assert isinstance(SmtpCarrier("mail", known).carry(a_parcel()), TryLater)


def test_nothing_goes_unencrypted_where_encryption_is_wanted() -> None:
    with a_mail_server() as server:
        assert isinstance(carried(server, tls="required"), TryLater)
        assert isinstance(carried(server, tls="implicit"), TryLater)
    assert server.taken == []


def test_somebody_who_may_not_sign_in_is_for_operators() -> None:
    with a_mail_server(AUTH="535 no") as server:
        assert isinstance(carried(server, user="elm", password="secret"), TryLater)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nobody",
        "@example.org",
        "a b@example.org",
        "a@b>\r\nRCPT TO:<c@d",
        "a@b\nBcc: c@d.example",
        "zoë@example.org",
    ],
)
def test_an_address_that_is_none_reaches_no_server(address: str) -> None:
    with a_mail_server() as server:
        assert isinstance(carried(server, a_parcel(to_email=address)), NotTaken)
    assert server.recipients == []


def test_a_name_or_subject_adds_no_header() -> None:
    with a_mail_server() as server:
        outcome = carried(server, a_parcel(to_name="Quill\r\nBcc: other@example.org"))
    assert isinstance(outcome, NotTaken) or b"\r\nBcc:" not in server.taken[0]


def test_no_refusal_says_where_a_letter_was_to_go() -> None:
    for step in ("RCPT", "message"):
        with a_mail_server(**{step: "550 <quill@example.org> is unknown"}) as server:
            outcome = carried(server)
            assert isinstance(outcome, NotTaken)
            assert "quill" not in outcome.why


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate of this machine's own, and its key."""
    return self_signed(tmp_path_factory.mktemp("tls"))


def test_a_letter_is_encrypted_for_a_server_that_is_known_and_goes_to_no_other(certificate: Certificate) -> None:
    with a_mail_server() as server:
        server.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.tls.load_cert_chain(*certificate)
        known = {"tls": "required", "timeout": 5}
        assert isinstance(carried(server, **known), TryLater)  # signed by nobody that we trust
        assert carried(server, **known, trusted=str(certificate[0])) == HandedOver()
    assert server.encrypted == [True]
