"""Volume and nature of contact in one case, for the review of a restriction."""

from __future__ import annotations

from datetime import date, timedelta

from domain.codes import Channel
from domain.reports.contact_of_case import contact_of_case
from domain.reports.stretch import Stretch
from tests.histories import MONDAY, History
from tests.policies import policy


def told(history: History, days: Stretch) -> dict[str, dict[str, int | None]]:
    sections = contact_of_case(history.state, policy("derby"), days)
    return {section.code: {figure.code: figure.value for figure in section.figures} for section in sections}


def test_contact_is_counted_by_month_channel_purpose_and_ground() -> None:
    history = History().opened()
    for week in range(5):
        history.contact(MONDAY + timedelta(days=7 * week), Channel.TELEPHONE)
    history.contact(date(2026, 5, 1), Channel.EMAIL).incident(date(2026, 5, 1))

    found = told(history, Stretch(date(2026, 3, 1), date(2026, 5, 31)))

    assert found["volume"] == {
        "contacts": 6,
        "by_customer": 6,
        "matters": 1,
        "disputed": 0,
        "incidents": 1,
        "breaches": 0,
    }
    assert found["months"] == {"month:2026-03": 5, "month:2026-04": 0, "month:2026-05": 1}
    assert found["channels"] == {"channel:telephone": 5, "channel:email": 1}
    assert found["purposes"] == {"purpose:repair": 6}
    assert found["grounds"] == {"ground:shouting": 1}


def test_what_lies_outside_the_days_is_not_counted() -> None:
    history = History().opened().contact(date(2026, 3, 2)).contact(date(2026, 3, 10)).contact(date(2026, 3, 11))

    found = told(history, Stretch(date(2026, 3, 3), date(2026, 3, 10)))

    assert found["volume"]["contacts"] == 1


def test_a_year_has_every_month_that_it_touches() -> None:
    found = told(History().opened(), Stretch(date(2027, 3, 15), date(2028, 3, 14)))

    assert len(found["months"]) == 13
    assert "month:2028-02" in found["months"]
