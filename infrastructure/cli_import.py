"""The command line's way for an earlier register to come along: line by line, tried first, as often as need be."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer

from application.importing import Fate, Importing, Outcome, Ways
from domain.calendar import london_date
from domain.register_import import RegisterRefused
from infrastructure.cli_progress import shown
from infrastructure.log import request_key
from infrastructure.office import Office
from infrastructure.register_file import Encoding, RegisterFile, lines_in
from infrastructure.service import opened
from infrastructure.settings import read_settings

CALLER: Final = "import"
# Everything could be read and something was not taken; 1 is kept for what stops the import, 2 for how it was called.
NOT_ALL_TAKEN: Final = 3
_SOURCE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_WORD: Final = {Fate.TAKEN: "taken", Fate.THERE_ALREADY: "there already", Fate.NOT_TAKEN: "not taken"}


def import_register(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The register, as CSV.")],
    landlord: Annotated[str, typer.Option(help="A landlord that is set up.")],
    source: Annotated[str, typer.Option(help="What the register is known by, as a code.")] = "register",
    encoding: Annotated[Encoding, typer.Option(help="How the file was saved.")] = Encoding.UTF_8,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be taken, and take nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object for each line, the sum at the end.")] = False,
) -> None:
    """Take over the restrictions of an earlier register, saying line by line what was taken and why not.

    The same file again adds nothing. Ends with 3 when a line was not taken.
    """
    if not _SOURCE.fullmatch(source):
        raise typer.BadParameter("A source is a code of small letters, digits, - and _.", param_hint="--source")
    if not file.is_file():
        raise typer.BadParameter("It has to be a file, which can be read twice.", param_hint="FILE")
    with file.open("rb") as stream, opened(read_settings(os.environ), beside=True) as evenhand:
        office = evenhand.office(landlord)
        register = RegisterFile(stream, encoding)
        counts = _taken(register, _importing(office, register, source, dry=dry_run), file, landlord, as_json=as_json)
    _say_sum(counts, dry=dry_run, as_json=as_json)
    if counts[Fate.NOT_TAKEN]:
        raise typer.Exit(NOT_ALL_TAKEN)


def _importing(office: Office, register: RegisterFile, source: str, *, dry: bool) -> Importing:
    ways = Ways(
        reference=office.directory.reference_hash,
        request=lambda content: request_key(office.keys, CALLER, f"{source}\n{content}", content.encode()),
    )
    today = london_date(office.clock.now())
    return Importing(office.desk, office.directory, ways, register.header, source, today, dry=dry)


def _taken(register: RegisterFile, importing: Importing, file: Path, landlord: str, *, as_json: bool) -> Counter[Fate]:
    counts: Counter[Fate] = Counter()
    of = lines_in(file)
    with shown(landlord, counted="lines") as tell:
        for line in register:
            if line.problem is not None:
                outcome = Outcome(line.number, Fate.NOT_TAKEN, problems=(line.problem,))
            else:
                outcome = importing.take(line.number, line.cells)
            counts[outcome.fate] += 1
            typer.echo(_json(outcome) if as_json else _sentence(outcome))
            tell("import", register.read, max(of, register.read))
    if not counts:
        raise RegisterRefused("The file has a heading and no line below it.")
    return counts


def _sentence(outcome: Outcome) -> str:
    said = f"line {outcome.line}: {_WORD[outcome.fate]}"
    if outcome.fate is Fate.NOT_TAKEN:
        why = (f"{p.rule}{f' ({p.column})' if p.column else ''}: {p.asks}" for p in outcome.problems)
        return f"{said}; {' '.join(why)}"
    where = f"{outcome.restriction} of case {outcome.case}" if outcome.case else f"{outcome.restriction} of a new case"
    days = f"{'over, was' if outcome.over else ''} in force from {outcome.starts_on} to {outcome.ends_on}".strip()
    if "ends_on" in outcome.missing:
        days += ", as the policy's term has it"
    missing = f"; missing: {', '.join(outcome.missing)}" if outcome.missing else ""
    known = "; the person is known, and their details stay as they are" if outcome.known else ""
    return f"{said}, {where}: {days}{missing}{known if outcome.fate is Fate.TAKEN else ''}"


def _json(outcome: Outcome) -> str:
    said = {name: value for name, value in asdict(outcome).items() if value not in (None, ())}
    return json.dumps(said, default=str, ensure_ascii=False)


def _say_sum(counts: Counter[Fate], *, dry: bool, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"dry_run": dry, **{fate.value: counts[fate] for fate in Fate}}))
        return
    would = " would be" if dry else ""
    typer.echo(
        f"{counts[Fate.TAKEN]:,}{would} taken, {counts[Fate.THERE_ALREADY]:,} there already, "
        f"{counts[Fate.NOT_TAKEN]:,} not taken."
    )
