"""The demonstration: five landlords with made-up people, each with its story told at its own desk, in its own past.

Every post and every step carries an idempotency key, so that a start which was killed half-way goes on where it
stopped, and one that finds everything told adds nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from application.demonstrations import STORIES
from application.demonstrations.story import told_for
from application.demonstrations.telling import Telling
from application.ports import PersonDetails
from application.streams import landlord_stream
from domain.calendar import london_date
from domain.decisions.notices import SendNotice
from infrastructure.bootstrap import ONE_LANDLORDS_TROUBLE, LandlordRefused
from infrastructure.contact_points import set_point
from infrastructure.demo_letters import folder_of, sent_as_document
from infrastructure.log import request_key

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path

    from application.demonstrations.story import Customer, Step, Story, System
    from application.ports import RequestKey
    from domain.codes import SubjectId
    from infrastructure.bootstrap import Evenhand
    from infrastructure.office import Office

TELLER: Final = "demonstration"  # whose requests these are; no token names such a caller


def play(evenhand: Evenhand, today: date) -> dict[str, str]:
    """Tell every landlord's story as it stands on `today`, or as it stood when it was first told; what is there stays.

    Returns, by landlord, why a story could not be told. A landlord that is no demonstration is left alone.
    """
    untold: dict[str, str] = {}
    for landlord in sorted(STORIES):
        if landlord in evenhand.landlords and landlord not in evenhand.demonstrations:
            untold[landlord] = "It is set up here, and not as a demonstration."
            continue
        try:
            story = _story(evenhand, landlord, today)
            if story.today > today:
                untold[landlord] = f"It was set up for a story of {story.today}, which lies ahead."
                continue
            _tell(evenhand, story)
        except (LandlordRefused, *ONE_LANDLORDS_TROUBLE) as trouble:
            untold[landlord] = " ".join(str(trouble).split())
    return untold


def _story(evenhand: Evenhand, landlord: str, today: date) -> Story:
    """The story, and a landlord that is set up for it: the day on which it begins says which day it is told for."""
    if landlord not in evenhand.landlords:
        story = STORIES[landlord](today)
        evenhand.set_up(landlord, demonstration=True, begins=story.begins)
        return story
    founded = evenhand.office(landlord).log.history(landlord_stream(landlord), upto=1)[0]
    return STORIES[landlord](told_for(london_date(founded.effective_at)))


def _tell(evenhand: Evenhand, story: Story) -> None:
    office, clock = evenhand.office(story.landlord), evenhand.demonstration_clock(story.landlord)
    staff = {login: evenhand.enrol(story.landlord, login, name) for login, name in story.logins.items()}
    if office.log.accepted(_key(office, _following(story.systems[-1]))):
        clock.let_go()
        return
    people = {customer.alias: _person(office, customer) for customer in story.customers}
    telling = Telling(story, office.desk, staff, people)
    try:
        clock.set(story.begins)
        for colleague in story.staff:
            telling.appoint(colleague, _key(office, f"post of {colleague.login}"))
        for point in story.points:
            key = _key(office, f"contact point of {point.of} {point.code}")
            set_point(office, telling.reaching(point), telling.administrator, key)
        _let_follow(office, telling, story.partners)
        letters = folder_of(evenhand.settings.data, story.landlord)
        for step in story.steps:
            clock.set(step.moment)
            if not _sent_as_document(office, telling, step, letters):
                telling.carry_out(step, _key(office, step.name))
        _let_follow(office, telling, story.systems)
    finally:
        clock.let_go()


def _let_follow(office: Office, telling: Telling, systems: Iterable[System]) -> None:
    for system in systems:
        office.desk.manage(telling.registering(system), telling.administrator, request=_key(office, _following(system)))


def _following(system: System) -> str:
    return f"following of {system.login}"


def _sent_as_document(office: Office, telling: Telling, step: Step, letters: Path) -> bool:
    """Send the letter of a step as a document, where it is one; False for whatever is carried out as it is told."""
    if not isinstance(step.command, SendNotice) or office.log.accepted(_key(office, step.name)):
        return False
    case, command, actor = telling.spoken(step)
    if not isinstance(command, SendNotice):
        raise TypeError("a step says the same in every log")
    notice = sent_as_document(office, letters, case, command, actor, lambda part: _key(office, f"{step.name} {part}"))
    if notice is not None:
        telling.remember(step, notice)
    return notice is not None


def _person(office: Office, customer: Customer) -> SubjectId:
    """The customer's id, from the directory when an earlier start got that far."""
    details = PersonDetails(
        reference=customer.reference,
        name=customer.name,
        address=customer.address,
        telephone=customer.telephone,
        email=customer.email,
    )
    return office.directory.person_by_reference(customer.reference) or office.directory.add_person(details)


def _key(office: Office, name: str) -> RequestKey:
    """The key of a step. Its name alone is the body: a release that words a step anew finds it taken all the same."""
    return request_key(office.keys, TELLER, name, name.encode())
