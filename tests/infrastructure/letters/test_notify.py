"""Letters through GOV.UK Notify: found by their reference before they are given again."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from domain.calendar import DeliveryMethod
from infrastructure.letters.carriers import HandedOver, NotTaken, Outcome, Parcel, TryLater
from infrastructure.letters.notify import LARGEST, NotifyAccount, NotifyCarrier
from tests.infrastructure.letters.a_notify import KEY, NotifyDouble, a_notify
from tests.infrastructure.letters.a_parcel import a_parcel

TEMPLATE = "f33517ff-2a88-4f6e-b855-c550268ce08a"


def carried(notify: NotifyDouble, parcel: Parcel | None = None, **settings: Any) -> Outcome:
    """What comes of a letter that is given to it, with little patience."""
    account = NotifyAccount(**{"key": KEY, "template": TEMPLATE, "address": notify.address, "timeout": 0.4, **settings})
    return NotifyCarrier("notify", account).carry(parcel or a_parcel())


def posted(**changes: Any) -> Parcel:
    """A letter for the post, without enclosures."""
    return a_parcel(method=DeliveryMethod.FIRST_CLASS_POST, attached=(), **changes)


def test_an_email_goes_with_its_words_and_links_to_its_files() -> None:
    parcel = a_parcel()
    with a_notify() as notify:
        assert carried(notify, parcel) == HandedOver()
    given = notify.sent[0]
    assert (given["path"], given["reference"]) == ("/v2/notifications/email", parcel.dispatch)
    assert (given["email_address"], given["template_id"]) == (parcel.to_email, TEMPLATE)
    assert (given["personalisation"]["letter"], notify.pdf()) == (parcel.text, parcel.pdf)
    assert given["personalisation"]["enclosure_1"]["filename"] == "policy.pdf"


def test_a_posted_letter_is_its_own_pdf() -> None:
    parcel = posted()
    with a_notify() as notify:
        assert carried(notify, parcel, postage="second") == HandedOver()
    assert (notify.sent[0]["path"], notify.sent[0]["postage"]) == ("/v2/notifications/letter", "second")
    assert notify.pdf() == parcel.pdf


def test_what_notify_has_is_not_given_again() -> None:
    parcel = a_parcel()
    with a_notify() as notify:
        carried(notify, parcel)
        assert carried(notify, parcel) == HandedOver(datetime(2026, 1, 12, 12, tzinfo=UTC))
    assert len(notify.sent) == 1


@pytest.mark.parametrize("status", ["validation-failed", "virus-scan-failed", "technical-failure", "cancelled"])
def test_what_notify_was_given_and_never_sends_did_not_go(status: str) -> None:
    parcel = posted()
    with a_notify() as notify:
        carried(notify, parcel)
        notify.sent[0]["status"] = status
        assert carried(notify, parcel) == NotTaken(f"Notify has it and did not send it: {status}")
    assert len(notify.sent) == 1


@pytest.mark.parametrize("trouble", ["hang", "close", "half", (500, {}), (502, {}), (503, {})])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_whatever_goes_wrong_once_leaves_one_letter_after_the_next_try(method: str, trouble: Any) -> None:
    parcel = posted()
    with a_notify(**{method: [trouble]}) as notify:
        assert isinstance(carried(notify, parcel), TryLater)
        assert isinstance(carried(notify, parcel), HandedOver)
    assert [one["reference"] for one in notify.sent] == [parcel.dispatch]


def test_notify_is_left_alone_for_as_long_as_it_asks() -> None:
    with a_notify(GET=[(429, {"Retry-After": "7"})]) as notify:
        assert carried(notify) == TryLater("Notify answered 429", 7.0)
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(minutes=1), usegmt=True)
    with a_notify(POST=[(503, {"Retry-After": in_a_minute})]) as notify:
        outcome = carried(notify)
    assert isinstance(outcome, TryLater)
    assert outcome.after is not None
    assert 0 < outcome.after <= 60
    with a_notify(POST=[(429, {"Retry-After": "soon"})]) as notify:
        assert carried(notify) == TryLater("Notify answered 429", None)


def test_what_notify_refuses_for_good_is_not_tried_again() -> None:
    with a_notify(POST=[(400, {})]) as notify:
        outcome = carried(notify)
    assert outcome == NotTaken("Notify refused it with 400")


def test_a_key_that_is_refused_is_for_operators_and_not_for_each_letter() -> None:
    with a_notify(GET=[(403, {})]) as notify:
        assert isinstance(carried(notify), TryLater)


def test_what_notify_cannot_take_is_not_given() -> None:
    with a_notify() as notify:
        assert isinstance(carried(notify, a_parcel(pdf=b"%PDF" + bytes(LARGEST))), NotTaken)
        assert isinstance(carried(notify, a_parcel(to_email=None)), NotTaken)
        assert isinstance(carried(notify, a_parcel(), template=None), NotTaken)
        assert isinstance(carried(notify, a_parcel(method=DeliveryMethod.FIRST_CLASS_POST)), NotTaken)
    assert notify.sent == []


def test_an_answer_that_is_none_is_tried_again() -> None:
    with a_notify(GET=[(200, {})]) as notify:
        assert isinstance(carried(notify), TryLater)


def test_what_notify_says_of_somebody_stands_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), a_notify(POST=[(400, {})]) as notify:
        outcome = carried(notify)
    assert "zoe@" not in caplog.text
    assert isinstance(outcome, NotTaken)
    assert "zoe@" not in outcome.why
