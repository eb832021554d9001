"""What a demonstration says when it starts: who is restricted today, a token to use, and what to try next."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from application.demonstrations import STORIES
from application.ports import Access, PersonDetails
from domain.calendar import london_date
from domain.codes import CaseId, Channel, Effect, StaffId, SubjectId
from domain.events import SYSTEM, Measure
from domain.worklist import State, Wanted
from infrastructure.clock import SystemClock
from infrastructure.code_version import CODE_VERSION
from infrastructure.demo_letters import folder_of
from infrastructure.http.auth import SCOPES
from infrastructure.tokens import issue_for_demonstration
from infrastructure.worklists import worklists_of
from projections.sentences.words import listed, said

if TYPE_CHECKING:
    from domain.policy import MeasureKind
    from infrastructure.bootstrap import Evenhand
    from infrastructure.office import Office
    from projections.alert_state import Standing

WORK_SHOWN: Final = 3  # lines of what is overdue, and of what is due
READ_MODELS_READY: Final = 30.0  # seconds; a whole story takes them well under one
TOKEN_LASTS: Final = timedelta(hours=8)

# Whom the printed token is for, and whom the examples are about.
LANDLORD: Final = "maidstone"
LOGIN: Final = "leila.rostron"
RESTRICTED: Final = "haddow"


def announcement(evenhand: Evenhand, untold: dict[str, str], address: str, program: str) -> str:
    """Everything in one text, once the read models have caught up; `program` is how `evenhand` was called."""
    lines: list[str] = []
    for landlord in evenhand.demonstrations:
        lines += _register(evenhand.office(landlord))
        lines += _work(evenhand.office(landlord))
    lines += [f"{landlord}: its story was not told. {why}" for landlord, why in sorted(untold.items())]
    lines += _letters(evenhand)
    lines += _broker(evenhand, program)
    if LANDLORD in evenhand.demonstrations and LOGIN in evenhand.people.everybody().get(LANDLORD, {}):
        lines += _to_try(evenhand.office(LANDLORD), address, program)
    return "\n".join(lines)


def _letters(evenhand: Evenhand) -> Iterator[str]:
    """Where the letters lie that were put into a folder, and the latest one of each landlord."""
    folders = {landlord: folder_of(evenhand.settings.data, landlord) for landlord in evenhand.demonstrations}
    found = {landlord: [*folder.glob("*/letter.pdf")] for landlord, folder in folders.items()}
    if any(found.values()):
        yield f"Letters to customers lie in {evenhand.settings.data / 'letters'}; the latest of each landlord:"
        for files in found.values():
            yield from (f"  {file}" for file in sorted(files, key=lambda one: one.stat().st_mtime)[-1:])
        yield ""


def _broker(evenhand: Evenhand, program: str) -> Iterator[str]:
    """Where events go besides, where a broker was asked for."""
    if evenhand.road is None:
        return
    if evenhand.road.trouble is not None:
        yield f"There is no message broker. {evenhand.road.trouble}"
    else:
        yield "Events are published to NATS JetStream, too; where, and as whom they are read:"
        # Another terminal has not this one's settings, and the command refuses to guess which broker is meant.
        which = shlex.quote(evenhand.settings.broker or "")
        yield f"  EVENHAND_BROKER={which} {program} broker credentials {LANDLORD}"
    yield ""


def _register(office: Office) -> Iterator[str]:
    """The landlord's restricted customers of today; that the names were read is on record."""
    office.projector.wait_for(office.log.head(), READ_MODELS_READY)
    today = london_date(office.clock.now())
    page = office.reads.register(today)
    on = office.desk.policy_on(today).policy
    yield f"{on.name}: restricted on {said(today)}"
    for entry in page.entries:
        person = _person(office, entry.case_id, entry.person, page.position)
        yield f"  {person}"
        if entry.standing is None:
            yield "    This case cannot be told; ask the duty manager."
        else:
            yield from (f"    {line}" for line in _alert(office, entry.standing, page.position))
    if not page.entries:
        yield "  Nobody."


def _work(office: Office) -> Iterator[str]:
    """What is to be done today: what is late first, and how much comes up; nothing of it is personal."""
    found = worklists_of(office).page(Wanted(), london_date(office.clock.now()), limit=None)
    lines = (*found.landlord, *found.lines)
    late = [line for line in lines if line.state is State.OVERDUE]
    due = [line for line in lines if line.state is State.DUE]
    coming = sum(line.state is State.UPCOMING for line in lines)
    yield f"  To be done: {len(late)} overdue, {len(due)} due, {coming} in the next four weeks"
    shown = [*late[:WORK_SHOWN], *due[:WORK_SHOWN]]
    for line in shown:
        when = "no day was set" if line.due_on is None else f"by {said(line.due_on)}"
        yield f"    - {line.state.capitalize()}, {when}: {line.says} ({line.clause})"
    if more := len(late) + len(due) - len(shown):
        yield f"    - … and {more} more"
    yield ""


def _alert(office: Office, standing: Standing, position: int) -> Iterator[str]:
    """What a colleague heeds today, in the policy's words."""
    row = standing.row
    catalogue = office.desk.policy_of(row.policy).policy.measures
    for told in standing.measures:
        kind = catalogue.get(told.measure.code)
        title = kind.title if kind else "Another measure"
        details = "; ".join(_details(told.measure, kind))
        yield f"- {title}" + (f": {details}" if details else "")
    if standing.contact_staff:
        names = (office.directory.staff_name(StaffId(staff)) or staff for staff in standing.contact_staff)
        yield f"Answered by {', '.join(names)}."
    for adjustment in standing.adjustments:
        if adjustment.instruction is not None:
            access = _access("alert", position, case=CaseId(row.case_id), subject=SubjectId(row.person))
            shown = office.reader.reveal_for(access, {"adjustments.instruction": adjustment.instruction})
            yield f"Adjustment: {shown['adjustments.instruction']}"
    review = f"; next review by {said(standing.next_review_on)}" if standing.next_review_on else ""
    yield f"From {said(row.starts_on)} to {said(row.ends_on)}{review}. Case {row.case_id}"


def _details(measure: Measure, kind: MeasureKind | None) -> Iterator[str]:
    """What the policy leaves to the decision, and the title therefore does not say: which channel, how many, what."""
    if measure.effect is Effect.CHANNELS and not (kind and kind.closed):
        yield f"by {listed([channel for channel in measure.open if channel is not Channel.THIRD_PARTY])}"
    if measure.count is not None and measure.per is not None and not (kind and kind.count):
        yield f"{measure.count} in {measure.per}"
    if measure.slots:
        yield ", ".join(measure.slots)
    if measure.issue is not None:
        yield f"about {measure.issue} only"


def _person(office: Office, case: str, person: str | None, position: int) -> str:
    """Name and reference of a customer, read with a record of it."""
    if person is None:
        return "Somebody"
    access = _access("register", position, case=CaseId(case), subject=SubjectId(person))
    details = office.reader.person_for(access, SubjectId(person))
    if not isinstance(details, PersonDetails):
        return "Somebody who was erased"
    return f"{details.name} ({details.reference})"


def _access(query: str, position: int, *, case: CaseId, subject: SubjectId) -> Access:
    return Access(
        actor=SYSTEM,
        role="command-line",
        purpose="demonstration",
        query=query,
        fields=(),
        case=case,
        subject=subject,
        position=position,
        code_version=CODE_VERSION,
    )


def _to_try(office: Office, address: str, program: str) -> Iterator[str]:
    """A token, and requests that work with it as they stand."""
    story = STORIES[LANDLORD](london_date(office.clock.now()))
    name = next(colleague.name for colleague in story.staff if colleague.login == LOGIN)
    reference = story.customer(RESTRICTED).reference
    restricted = office.directory.person_by_reference(reference)
    secret, now = office.keys.token_key, SystemClock().now()
    token = issue_for_demonstration(secret, LANDLORD, LOGIN, frozenset(SCOPES), now, TOKEN_LASTS)
    bearer = '-H "Authorization: Bearer $TOKEN"'
    json = '-H "Content-Type: application/json"'
    yield f"Be {name} of {LANDLORD} for eight hours:"
    yield f"  TOKEN={token}"
    yield f"For anybody else: {program} token --landlord LANDLORD --as LOGIN. The logins:"
    for landlord, tell in STORIES.items():
        yield f"  {landlord}: {', '.join(colleague.login for colleague in tell(story.today).staff)}"
    partners = (f"{one.login} ({slug})" for slug, tell in STORIES.items() for one in tell(story.today).partners)
    systems = ", ".join((*(one.login for one in story.systems), *partners))
    yield f"Systems that follow what happens have tokens likewise (docs/integration.md): {systems}"
    yield ""
    yield "Who is restricted?"
    yield f'  curl -s {bearer} "{address}/v1/register"'
    yield "What is to be done, what is late, and what discharges it?"
    yield f'  curl -s {bearer} "{address}/v1/worklist?mine=true"'
    yield f"  {program} worklist {LANDLORD} --login {LOGIN}"
    yield "The telephone rings. May this contact proceed?"
    yield f'  curl -s {bearer} "{address}/v1/advice?reference={reference}&channel=telephone&direction=inbound"'
    yield "Log a contact: four fields, one request."
    body = f'{{"reference": "{reference}", "channel": "email", "purpose": "enquiry", "summary": "Asks about bins."}}'
    yield f"  curl -s {bearer} {json} \"{address}/v1/contacts\" -d '{body}'"
    if restricted is not None and (case := office.desk.open_case_of(restricted)) is not None:
        yield "The whole history, in sentences."
        yield f'  curl -s {bearer} "{address}/v1/cases/{case}/history"'
        yield "Try what the policy does not allow, and read which rules stand in the way."
        yield f"  curl -s {bearer} {json} \"{address}/v1/cases/{case}/close-case\" -d '{{}}'"
    yield "What does it all come to? The register with the policy's columns, and the last twelve months on a page."
    yield f'  curl -s {bearer} "{address}/v1/reports/register?format=csv"'
    day = story.today
    begun = day.replace(year=day.year - 1, day=min(day.day, 28))
    yield f"  {program} report {LANDLORD} common --from {begun} --to {day} --format pdf --out report.pdf"
    yield "The policy in words, with a clause beside everything:"
    yield f"  {program} policy show {LANDLORD}"
