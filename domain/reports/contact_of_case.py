"""How much contact there was in one case over some days, and of what kind: for whoever holds a review."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from domain.case import Case
from domain.case_parts import Contact
from domain.policy import Policy
from domain.reports.report import Figure, Section
from domain.reports.stretch import DAY, Stretch

NOT_SAID: Final = "not said"
MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def contact_of_case(case: Case, policy: Policy, days: Stretch) -> tuple[Section, ...]:
    """Volume by month, and nature by channel, direction, purpose and ground; what was about somebody else is not."""
    case = case.without_moved()
    contacts = [c for c in case.contacts if days.holds(c.happened_on)]
    incidents = [i for i in case.incidents if days.holds(i.happened_on)]
    breaches = [b for b in case.breaches if not b.withdrawn and days.holds(b.happened_on)]
    grounds = Counter(ground for incident in incidents for ground in incident.grounds)
    return (
        Section(
            code="volume",
            title="How much contact there was",
            figures=(
                _figure("contacts", "Contacts", len(contacts)),
                _figure("by_customer", "Begun by the customer", sum(c.customer_initiated for c in contacts)),
                _figure("incidents", "Incidents", len(incidents)),
                _figure("breaches", "Breaches of a restriction", len(breaches)),
                _figure("matters", "Matters that they were about", len({c.issue for c in contacts if c.issue})),
                _figure(
                    "disputed", "Of which the customer says that they went otherwise", sum(c.disputed for c in contacts)
                ),
            ),
        ),
        Section(code="months", title="Contacts by month", figures=tuple(_months(contacts, days))),
        _counted("channels", "Contacts by channel", contacts, lambda c: c.channel),
        _counted("purposes", "Contacts by purpose", contacts, lambda c: c.purpose or NOT_SAID),
        Section(
            code="grounds",
            title="Incidents by ground",
            figures=tuple(
                _figure(f"ground:{code}", policy.grounds[code].title if code in policy.grounds else _words(code), count)
                for code, count in sorted(grounds.items(), key=lambda one: (-one[1], one[0]))
            ),
        ),
    )


def _months(contacts: list[Contact], days: Stretch) -> Iterator[Figure]:
    """Every month that the days touch, also one without any contact."""
    counted = Counter((c.happened_on.year, c.happened_on.month) for c in contacts)
    day = days.first.replace(day=1)
    while day <= days.last:
        title = f"{MONTHS[day.month - 1]} {day.year}"
        yield _figure(f"month:{day:%Y-%m}", title, counted[day.year, day.month])
        day = (day + 31 * DAY).replace(day=1)


def _counted(code: str, title: str, contacts: list[Contact], by: Callable[[Contact], str]) -> Section:
    counted = Counter(map(by, contacts))
    order = sorted(counted.items(), key=lambda one: (-one[1], one[0]))
    figures = (_figure(f"{code.removesuffix('s')}:{what}", _words(what), count) for what, count in order)
    return Section(code=code, title=title, figures=tuple(figures))


def _words(code: str) -> str:
    words = code.replace("_", " ")
    return f"{words[:1].upper()}{words[1:]}"


def _figure(code: str, title: str, value: int) -> Figure:
    return Figure(code=code, title=title, value=value)
