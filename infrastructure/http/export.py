"""A person's data, whole, for the data protection officer and nobody else."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from application.export import held_of
from domain.codes import SubjectId
from infrastructure.export_file import export_file
from infrastructure.http.auth import Gate
from infrastructure.http.disclosure import READS_PERSONAL, Asking, Disclosure, asking
from infrastructure.http.documented import Documented
from infrastructure.http.people import existing
from infrastructure.http.problems import NOT_FOUND, POST_MISSING, Problem
from infrastructure.http.service import Service
from infrastructure.tokens import Caller

EXPORT = """Prepares everything that is held of a person, as a ZIP for the data protection officer's review.

Their directory entry, their cases and those of records that were merged with theirs, event by event with every value
opened, their evidence files, what other people's cases say of them or name them for, and who read any of it. Staff,
other people and their cases go by labels; `apart.json` says who is meant, and holds what is sealed under other people's
keys and the rest of other people's events that name the person. Only the holder of the post `data_protection_officer`
may ask, and every value is on record in the access log. The whole log is read for it, which can take seconds."""


def export_routes(service: Service, needs: Gate, documented: Documented) -> APIRouter:
    """The one export."""
    router = APIRouter(tags=["Persons and contacts"])
    may_see = Depends(needs(READS_PERSONAL))
    told = documented.file(EXPORT, ["application/zip"], READS_PERSONAL, NOT_FOUND, POST_MISSING)

    @router.get("/v1/persons/{person}/export", **told)
    def export_person(person: str, who: Caller = may_see, asked: Asking = Depends(asking)) -> Response:
        office = service.office(who.landlord)
        disclosure = Disclosure(office, who, asked)
        subject = existing(office, SubjectId(person))
        if not disclosure.is_protection_officer():
            raise Problem(POST_MISSING, "This is for the data protection officer.")
        held = held_of(office.desk, subject, office.cases_that_speak_of)
        content = export_file(held, disclosure, office.clock.now())
        headers = {"Content-Disposition": f'attachment; filename="{subject}.zip"'}
        return Response(content, media_type="application/zip", headers=headers)

    return router
