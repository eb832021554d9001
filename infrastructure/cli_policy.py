"""The command line's questions about policies: what one says, whether a file is sound, that it is adopted."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from application.founding import reference
from domain.calendar import london_date
from domain.decisions.landlord import AdoptPolicy
from domain.events import SYSTEM
from domain.policy_file import PolicyFile, PolicyRefused, load_policy
from domain.policy_lint import Kind, Remark, lint
from domain.policy_words import show
from infrastructure.clock import SystemClock
from infrastructure.policy_shelf import PolicyShelf
from infrastructure.service import opened
from infrastructure.settings import read_settings

policy_commands = typer.Typer(help="A landlord's policy, in words and as a file.", no_args_is_help=True)

ISO_DAY = ["%Y-%m-%d"]
OUR_TIME = (1950, 2099)  # years; what lies outside was mistyped, and calendars end there


def of_our_time(given: datetime | None) -> datetime | None:
    """A callback of options that are days or instants. Raises `BadParameter`, which names the option."""
    first, last = OUR_TIME
    if given is not None and not first <= given.year <= last:
        raise typer.BadParameter(f"{given.date()} is not a date of this service's time: {first} to {last}.")
    return given


@policy_commands.command("show")
def show_policy(
    landlord: Annotated[str, typer.Argument(help="The landlord's short name, as its policy files begin.")],
    on: Annotated[datetime | None, typer.Option(formats=ISO_DAY, help="A day; today unless given.")] = None,
) -> None:
    """Print the policy that applies on a day, in words and with its clauses."""
    policies = PolicyShelf.stocked(read_settings(os.environ).policies).of(landlord)
    today = london_date(SystemClock().now())
    day = on.date() if on else today
    file = policies.on(day)
    if file is None:
        first = policies.files()[0].effective
        raise PolicyRefused([f"{landlord} has no policy for {day}; the first one takes effect on {first}."])
    typer.echo(show(file.policy, reference(landlord, file, policies), today), nl=False)


@policy_commands.command()
def check(file: Annotated[Path, typer.Argument(help="A policy file, named <landlord>.<effective date>.toml.")]) -> None:
    """Say whether a policy file can be taken, and if not, why: file, key and reason."""
    loaded = _loaded(file)
    typer.echo(f"{file.name} can be taken: {loaded.policy.name}, effective {loaded.effective}, SHA-256 {loaded.sha256}")


@policy_commands.command("lint")
def lint_policies(
    file: Annotated[Path | None, typer.Argument(help="A policy file; every one at hand unless given.")] = None,
    on: Annotated[datetime | None, typer.Option(formats=ISO_DAY, help="As of a day; today unless given.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 when there is anything to mend.")] = False,
) -> None:
    """Say what a policy leaves silent, contradicts or has let lapse, and what holds all the same."""
    shelf = PolicyShelf.stocked(read_settings(os.environ).policies)
    if file is not None:
        loaded = {file.name: _loaded(file).policy}
    else:
        known = [found for landlord in shelf.landlords for found in shelf.of(landlord).files()]
        loaded = {f"{found.policy.landlord}.{found.effective}.toml": found.policy for found in known}
    day = on.date() if on else london_date(SystemClock().now())
    remarks = {name: lint(policy, shelf.baseline.baseline, day) for name, policy in loaded.items()}
    if as_json:
        told = {name: [asdict(remark) for remark in found] for name, found in remarks.items()}
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        typer.echo("\n\n".join("\n".join(_remarks(name, loaded[name].name, remarks[name])) for name in loaded))
    if strict and any(remark.to_mend for found in remarks.values() for remark in found):
        raise typer.Exit(1)


def _remarks(file: str, name: str, remarks: tuple[Remark, ...]) -> Iterator[str]:
    yield f"{name} ({file}): {len(remarks)} remarks"
    for kind in Kind:
        of_kind = [remark for remark in remarks if remark.kind is kind]
        free = [remark.path for remark in of_kind if kind is Kind.SILENT and remark.holds is None]
        if of_kind:
            yield f"  {kind.capitalize()}"
        for remark in of_kind:
            if remark.path in free:
                continue
            clause = f" [{remark.clause}]" if remark.clause else ""
            holds = f" {remark.holds}" if remark.holds else ""
            yield f"    {remark.path}{clause}: {remark.says}{holds}"
        if free:
            yield f"    Nor, with nothing that holds instead: {', '.join(free)}."


def _loaded(file: Path) -> PolicyFile:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise PolicyRefused([f"{file}: cannot be read ({error.strerror})."]) from error
    return load_policy(content, file.name)


@policy_commands.command()
def adopt(
    landlord: Annotated[str, typer.Argument(help="A landlord that is set up.")],
    effective: Annotated[datetime, typer.Argument(formats=ISO_DAY, help="The effective date of the policy file.")],
) -> None:
    """Let a policy file that is at hand apply from its effective date on."""
    with opened(read_settings(os.environ), beside=True) as evenhand:
        office = evenhand.office(landlord)
        file = office.policies.file(effective.date())
        if file is None:
            days = ", ".join(str(known.effective) for known in office.policies.files())
            raise PolicyRefused([f"{landlord} has no policy file effective {effective.date()}; it has {days}."])
        ref = reference(landlord, file, office.policies)
        adopted = AdoptPolicy(effective=ref.effective, sha256=ref.sha256, baseline_sha256=ref.baseline_sha256)
        office.desk.manage(adopted, SYSTEM)
        typer.echo(f"{landlord} decides under this policy from {ref.effective} on.")
