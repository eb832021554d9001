"""The command line's questions about policies: what one says, whether a file is sound, that it is adopted."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from application.founding import reference
from domain.calendar import london_date
from domain.decisions.landlord import AdoptPolicy
from domain.events import SYSTEM
from domain.policy_file import PolicyRefused, load_policy
from domain.policy_words import show
from infrastructure.clock import SystemClock
from infrastructure.policy_shelf import PolicyShelf
from infrastructure.service import opened
from infrastructure.settings import read_settings

policy_commands = typer.Typer(help="A landlord's policy, in words and as a file.", no_args_is_help=True)

ISO_DAY = ["%Y-%m-%d"]


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
    try:
        content = file.read_bytes()
    except OSError as error:
        raise PolicyRefused([f"{file}: cannot be read ({error.strerror})."]) from error
    loaded = load_policy(content, file.name)
    typer.echo(f"{file.name} can be taken: {loaded.policy.name}, effective {loaded.effective}, SHA-256 {loaded.sha256}")


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
