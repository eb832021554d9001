"""Setting how somebody is reached: a fact of the landlord's stream, and a colleague's own number in the directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.calendar import london_date
from domain.codes import PointKind, StaffId

if TYPE_CHECKING:
    from application.ports import Receipt, RequestKey
    from domain.decisions.contact_points import SetContactPoint
    from infrastructure.office import Office


def set_point(office: Office, command: SetContactPoint, actor: StaffId, request: RequestKey | None = None) -> Receipt:
    """Set a contact point. Raises as `Desk.manage` does, and then no number was kept unless somebody else was faster.

    The number is there before the fact, so that whoever finds the fact finds it: numbers are remembered by the version
    of the landlord's stream. A request that was accepted before changes nothing, whatever was set since. New hours
    leave the number that is known unless they say otherwise, and so does what ends on a day ahead: the colleague is
    reached on it until then, and nobody is shown it afterwards.
    """
    own = command.of is PointKind.STAFF and _changes_the_number(office, command)
    if own and (request is None or office.log.accepted(request) is None):
        office.desk.check(command, actor)
        given = command.own_telephone
        number = None if given is None else given.content()
        office.directory.set_staff_telephone(StaffId(command.code), None if number is None else str(number))
    return office.desk.manage(command, actor, request=request)


def _changes_the_number(office: Office, command: SetContactPoint) -> bool:
    if command.own_telephone is not None or command.forget_own_telephone:
        return True
    return not command.hours and command.from_on <= london_date(office.clock.now())
