"""Letters through GOV.UK Notify: e-mail by a template with a link to the file, post as the letter's own PDF.

Notify is asked for the reference, which is the dispatch, before it is asked to send: what it has, it is not given
again. So nothing that it does in between leaves the fate of a letter unknown for long.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any, Final

from notifications_python_client.errors import APIError
from notifications_python_client.notifications import NotificationsAPIClient
from notifications_python_client.utils import prepare_upload
from requests import RequestException

from domain.calendar import DeliveryMethod
from infrastructure.letters.carriers import HandedOver, NotTaken, Outcome, Parcel, TryLater

ADDRESS: Final = "https://api.notifications.service.gov.uk"
BAD_REQUEST: Final = 400
TOO_LARGE: Final = 413
LARGEST: Final = 2 * 1024 * 1024  # bytes of a file or of a letter (Notify, "Send a file by email")
# What Notify says of a letter that it was given and that never leaves it.
NEVER_WENT: Final = frozenset({"validation-failed", "virus-scan-failed", "technical-failure", "cancelled"})
LONGEST_WAIT: Final = 24 * 3600.0  # seconds that a Retry-After is heeded for

# The client logs what Notify answers, which can speak of the person that a letter is for.
logging.getLogger("notifications_python_client").setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)  # it holds a key
class NotifyAccount:
    """A service at Notify. `template` is that of e-mails, with the fields `subject`, `letter` and `file`.

    Where letters have enclosures it also has `enclosure_1`, a file as well.
    """

    key: str
    template: str | None = None
    address: str = ADDRESS
    reply_to: str | None = None  # id of a reply-to address at Notify
    postage: str | None = None  # "first", "second" or "economy"; Notify's own unless given
    timeout: float = 30.0  # seconds for each answer


class NotifyCarrier:
    """Gives letters to one service at Notify."""

    tells_apart = True
    any_form = False

    def __init__(self, name: str, account: NotifyAccount) -> None:
        self.name = name
        self._account = account
        self.longest = 4 * account.timeout

    def carry(self, parcel: Parcel) -> Outcome:
        """Ask for it, and give it where Notify does not have it."""
        if len(parcel.pdf) > LARGEST:
            return NotTaken("the letter is larger than Notify takes")
        # The library's client is for one thread.
        client = NotificationsAPIClient(self._account.key, self._account.address, self._account.timeout)
        try:
            return self._known(client, parcel.dispatch) or self._given(client, parcel)
        except APIError as error:
            return _meaning(error)
        except (RequestException, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            return TryLater(f"Notify did not answer as it should ({type(error).__qualname__})")
        finally:
            client.request_session.close()

    def _known(self, client: NotificationsAPIClient, dispatch: str) -> HandedOver | NotTaken | None:
        found = client.get_all_notifications(reference=dispatch)["notifications"]
        for one in found:
            if one["reference"] == dispatch and one.get("status") in NEVER_WENT:
                return NotTaken(f"Notify has it and did not send it: {one['status']}")
            if one["reference"] == dispatch:
                return HandedOver(_instant(one.get("created_at")))
        return None

    def _given(self, client: NotificationsAPIClient, parcel: Parcel) -> Outcome:
        if parcel.method is DeliveryMethod.FIRST_CLASS_POST:
            if parcel.attached:
                return NotTaken("Notify posts one document, and this letter has enclosures")
            client.send_precompiled_letter_notification(parcel.dispatch, BytesIO(parcel.pdf), self._account.postage)
            return HandedOver()
        if parcel.to_email is None or self._account.template is None:
            return NotTaken("Notify takes an e-mail with an address and a template")
        says: dict[str, Any] = {
            "subject": parcel.subject,
            "letter": parcel.text,
            "file": prepare_upload(BytesIO(parcel.pdf), "letter.pdf"),
        }
        for number, attached in enumerate(parcel.attached, start=1):
            if len(attached.content) > LARGEST:
                return NotTaken("an enclosure is larger than Notify takes")
            says[f"enclosure_{number}"] = prepare_upload(BytesIO(attached.content), attached.name)
        client.send_email_notification(
            parcel.to_email,
            self._account.template,
            personalisation=says,
            reference=parcel.dispatch,
            email_reply_to_id=self._account.reply_to,
        )
        return HandedOver()


def _meaning(error: APIError) -> Outcome:
    """What a refusal means. Whatever else went wrong, Notify is asked for the reference before the next try."""
    status = error.status_code
    if status in {BAD_REQUEST, TOO_LARGE}:
        return NotTaken(f"Notify refused it with {status}")
    return TryLater(
        f"Notify answered {status}" if error.response is not None else "Notify did not answer", _wait(error)
    )


def _wait(error: APIError) -> float | None:
    """The seconds that Notify asks to be left alone for, as a number or as a date (RFC 9110, 10.2.3)."""
    asked = None if error.response is None else error.response.headers.get("Retry-After")
    if asked is None:
        return None
    if asked.isascii() and asked.isdigit():
        return min(float(asked), LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(asked)
    except ValueError:
        return None
    seconds = (until.replace(tzinfo=until.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT)


def _instant(text: object) -> datetime | None:
    """Notify's times are in UTC; None for what is none."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
