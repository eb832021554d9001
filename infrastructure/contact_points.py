"""Setting how somebody is reached: a fact of the landlord's stream, and a colleague's own number in the directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.codes import PointKind, StaffId

if TYPE_CHECKING:
    from application.ports import Receipt, RequestKey
    from domain.decisions.contact_points import SetContactPoint
    from infrastructure.office import Office


def set_point(office: Office, command: SetContactPoint, actor: StaffId, request: RequestKey | None = None) -> Receipt:
    """Set a contact point. Raises as `Desk.manage` does, and then no number was kept unless somebody else was faster.

    The number is there before the fact, so that whoever finds the fact finds it: numbers are remembered by the version
    of the landlord's stream. A request that was accepted before changes nothing, whatever was set since.
    """
    if command.of is PointKind.STAFF and (request is None or office.log.accepted(request) is None):
        office.desk.check(command, actor)
        own = command.own_telephone
        number = None if own is None else own.content()
        office.directory.set_staff_telephone(StaffId(command.code), None if number is None else str(number))
    return office.desk.manage(command, actor, request=request)
