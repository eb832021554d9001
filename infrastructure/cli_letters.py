"""The command line's letters: whether templates can be used, what they may say, and a letter to look at."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from application.letters import LetterAsked, Sheet, TemplateBroken
from application.ports import Access
from domain.codes import CaseId, LetterFormat, NoticeKind, StaffId
from domain.letter_fields import TEMPLATES, fields_of, lists_of
from infrastructure.bootstrap import LandlordRefused
from infrastructure.code_version import CODE_VERSION
from infrastructure.letters.shelf import TemplateShelf
from infrastructure.policy_shelf import PolicyShelf
from infrastructure.service import opened
from infrastructure.settings import read_settings

# Who reads at the machine itself: no member of staff, and on record as what it is.
AT_THE_MACHINE: Final = StaffId("command-line")
KINDS: Final = (*NoticeKind, *Sheet)

letter_commands = typer.Typer(name="letters", help="Letters as documents.", no_args_is_help=True)


@letter_commands.command("check")
def check(landlord: Annotated[str, typer.Argument(help="A landlord with policies here.")]) -> None:
    """Check a landlord's templates without a database, and say what goes with its letters and is not at hand."""
    settings = read_settings(os.environ)
    policies = PolicyShelf.stocked(settings.policies).of(landlord)
    folder = settings.letters / landlord if settings.letters else None
    shelf = TemplateShelf.stocked([file.policy for file in policies.files()], policies.baseline.baseline, folder)
    if problems := shelf.all_problems():
        raise TemplateBroken(problems)
    own = sorted(template.name for template in shelf.by_code.values() if shelf.is_own(template))
    typer.echo(f"{landlord}: {len(shelf.by_code)} templates can be used, {', '.join(own) or 'none'} of them its own.")
    latest = policies.files()[-1]
    for kind, notice in latest.policy.notices.items():
        for code in notice.enclosures:
            if shelf.enclosure(code, latest.effective) is None:
                where = "set EVENHAND_LETTERS" if folder is None else f"put {code}.pdf into {folder / 'enclosures'}"
                typer.echo(f"{landlord}: letters of kind {kind} enclose ({code}), which is not at hand: {where}.")


@letter_commands.command("fields")
def fields(template: Annotated[str, typer.Argument(help="The code of a template.")]) -> None:
    """List what a template may use: its fields, and the lists that it may go through."""
    if template not in TEMPLATES:
        raise LandlordRefused(f"There is no template {template}; there are {', '.join(TEMPLATES)}.")
    for name, says in fields_of(template).items():
        typer.echo(f"{{{name}}}: {says}")
    for name, of_items in lists_of(template).items():
        typer.echo(f'each = "{name}"')
        for field, says in of_items.items():
            typer.echo(f"    {{{field}}}: {says}")


@letter_commands.command("preview")
def preview(
    landlord: Annotated[str, typer.Argument(help="A landlord that is set up.")],
    case: Annotated[str, typer.Argument(help="The id of a case.")],
    kind: Annotated[str, typer.Argument(help=f"One of {', '.join(KINDS)}.")],
    about: Annotated[str, typer.Argument(help="What it is about: restriction-1, appeal-1, …")],
    out: Annotated[Path | None, typer.Option(help="The PDF's file; without one the plain text is printed.")] = None,
    letter_format: Annotated[
        LetterFormat | None, typer.Option("--format", help="The form; the one that was agreed, unless given.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="A language that there is a template in.")] = None,
) -> None:
    """Write a letter as it would go out today, to be looked at; nothing is kept, the reading is on record."""
    wanted = next((known for known in KINDS if known.value == kind), None)
    if wanted is None:
        raise LandlordRefused(f"There is no letter of kind {kind}; there are {', '.join(KINDS)}.")
    with opened(read_settings(os.environ), beside=True) as evenhand:
        office = evenhand.office(landlord)
        found = office.desk.case(CaseId(case))
        access = Access(
            actor=AT_THE_MACHINE,
            role="operator",
            purpose="letter-preview",
            query="evenhand letters preview",
            fields=(),
            case=found.id,
            subject=found.person,
            position=found.position,
            code_version=CODE_VERSION,
        )
        asked = LetterAsked(case=found.id, kind=wanted, about=about, format=letter_format, language=language)
        draft = office.letters.draft(asked, access)
        lacks, not_enclosed = office.letters.lacking(draft)
    if out is None:
        typer.echo(draft.text)
    else:
        out.write_bytes(draft.pdf)
        typer.echo(f"{out}: {len(draft.pdf)} bytes, from the template {draft.template}.")
    if lacks or not_enclosed:
        missing = [*lacks, *(f"{code} (to be enclosed)" for code in not_enclosed)]
        typer.echo(f"It cannot go out yet; it lacks: {', '.join(missing)}.", err=True)


@letter_commands.command("outbox")
def outbox(landlord: Annotated[str, typer.Argument(help="A landlord that is set up.")]) -> None:
    """Say how many released letters are on their way, and which wait for somebody, and why; nothing personal."""
    with opened(read_settings(os.environ), beside=True) as evenhand:
        box = evenhand.office(landlord).outbox
        counts = box.counts()
        under_way = sum(count for state, count in counts.items() if state not in ("parking", "parked"))
        typer.echo(f"{landlord}: {under_way} on their way, {sum(counts.values()) - under_way} wait for somebody.")
        for waiting in box.parked():
            because = (waiting.because or "").replace("_", " ")
            typer.echo(f"  case {waiting.case}: {waiting.letter}, {because} (dispatch {waiting.dispatch})")
