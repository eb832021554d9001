"""The command line of operations staff: how the read models are, and everything that is done to them.

Exit codes: 0 done or in agreement, 1 refused or failed, 2 not asked rightly, 3 something differs, 130 interrupted.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Annotated

import typer

from infrastructure import cli_projection_words as words
from infrastructure.cli_progress import shown
from infrastructure.cli_projection_work import Work, by_whom, known, leavable, refuse_unnamed, resumable
from infrastructure.engine.operations import Operations, Verified
from infrastructure.engine.projector import Projector
from infrastructure.engine.rebuilding import Options
from infrastructure.engine.standing_in import carried_out
from infrastructure.service import opened
from infrastructure.settings import read_settings
from projections import ALL

projection_commands = typer.Typer(
    help="The read models: how they are, and what is done to them. docs/operations.md is the guide.",
    no_args_is_help=True,
)

Names = Annotated[list[str], typer.Argument(help="Read models, by name.", show_default=False)]
SomeNames = Annotated[list[str] | None, typer.Argument(help="Read models, by name.", show_default=False)]
Landlords = Annotated[list[str] | None, typer.Option("--landlord", help="One landlord; may be given again.")]
Everybody = Annotated[bool, typer.Option("--all", help="Every landlord that is served.")]
Why = Annotated[str, typer.Option("--why", help="The reason, for the history.", show_default=False)]
WhyOfSome = Annotated[str | None, typer.Option("--why", help="The reason, for the history.")]
Who = Annotated[str | None, typer.Option("--by", help="Who does it; the operating system's login unless given.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Processes = Annotated[int | None, typer.Option(min=1, max=64, help="How many work; one for each core unless given.")]


@projection_commands.command()
def status(landlord: Landlords = None, json: AsJson = False) -> None:
    """Say how each read model is, and what asks for something to be done."""
    with opened(read_settings(os.environ), beside=True) as evenhand:
        work = Work(evenhand, landlord, json=json)
        for name, operations in work.landlords():
            if (told := work.attempt(name, operations.status)) is not None:
                work.tell(name, words.statuses(name, told), projections=told)
        work.end()


@projection_commands.command()
def rebuild(  # noqa: PLR0913 - an option each
    names: SomeNames = None,
    *,
    landlord: Landlords = None,
    everybody: Everybody = False,
    all_projections: Annotated[bool, typer.Option("--all-projections", help="Every read model.")] = False,
    why: WhyOfSome = None,
    by: Who = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what there is to be done.")] = False,
    accept: Annotated[bool, typer.Option("--accept", help="Switch whatever differs.")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Do not go on with what was begun before.")] = False,
    abandon: Annotated[bool, typer.Option("--abandon", help="Only drop what was begun and is not read.")] = False,
    processes: Processes = None,
    json: AsJson = False,
) -> None:
    """Fill read models anew beside those that are read, compare, and switch readers to them when they agree."""
    if bool(names) == all_projections:
        raise typer.BadParameter("Name read models, or give --all-projections.")
    wanted = known(names) if names else [view.name for view in ALL]
    if not dry_run:
        refuse_unnamed(landlord, everybody=everybody)
    who = None if dry_run else by_whom(why, by)
    with opened(read_settings(os.environ), beside=True) as evenhand:
        work = Work(evenhand, landlord, json=json)
        options = Options(accept=accept, fresh=fresh, processes=processes)
        for name, operations in work.landlords():
            if who is None:
                if (plan := work.attempt(name, operations.plan, wanted)) is not None:
                    work.tell(name, words.plans(name, plan), plans=plan)
            elif abandon:
                if (dropped := work.attempt(name, operations.abandon, wanted, who)) is not None:
                    says = f"{name}: dropped {', '.join(dropped) or 'nothing, for nothing was begun'}."
                    work.tell(name, [says], abandoned=dropped)
            else:
                with resumable(), shown(name) as tell:
                    made = work.attempt(name, operations.rebuild, wanted, who, options, tell)
                if made is not None:
                    work.tell(name, words.outcomes(name, made), outcomes=made)
                    work.differs |= not all(outcome.switched for outcome in made)
        work.end()


@projection_commands.command()
def verify(  # noqa: PLR0913 - an option each
    names: SomeNames = None,
    *,
    landlord: Landlords = None,
    everybody: Everybody = False,
    repair: Annotated[bool, typer.Option("--repair", help="Have the cases folded anew that differ.")] = False,
    why: WhyOfSome = None,
    by: Who = None,
    processes: Processes = None,
    json: AsJson = False,
) -> None:
    """Fold every case afresh and compare with the rows that are read; of all read models unless some are named."""
    wanted = known(names) if names else [view.name for view in ALL]
    if repair:
        refuse_unnamed(landlord, everybody=everybody)
    who = by_whom(why if repair else why or "a look", by)
    with opened(read_settings(os.environ), beside=True) as evenhand:
        work = Work(evenhand, landlord, json=json)
        options = Options(processes=processes)

        def verified(name: str, operations: Operations, *, repair: bool) -> Verified | None:
            with leavable(), shown(name) as tell:
                return work.attempt(name, operations.verify, wanted, who, repair=repair, options=options, tell=tell)

        for name, operations in work.landlords():
            found = verified(name, operations, repair=repair)
            if found is None:
                continue
            said, after = list(words.verified(name, wanted, found)), found
            if found.differences and repair:
                done = carried_out(evenhand.projector(name))
                again = verified(name, operations, repair=False)
                if again is None:
                    continue
                after = again
                said += _repaired(found, again, done=done)
            elif found.differences:
                said.append(words.to_be_repaired(name, wanted))
            work.tell(name, said, verified=found, **({"after_repair": after} if repair else {}))
            work.differs |= after.differences > 0
        work.end()


@projection_commands.command()
def pause(names: Names, why: Why, landlord: Landlords = None, everybody: Everybody = False, by: Who = None) -> None:
    """Leave read models where they are: answers about one case stay right, lists grow old."""
    _set_paused("pause", names, why, landlord, by, everybody=everybody)


@projection_commands.command()
def resume(names: Names, why: Why, landlord: Landlords = None, everybody: Everybody = False, by: Who = None) -> None:
    """Keep read models up again."""
    _set_paused("resume", names, why, landlord, by, everybody=everybody)


@projection_commands.command()
def retry(
    why: Why,
    cases: Annotated[list[str] | None, typer.Argument(help="Blocked cases; all of them unless given.")] = None,
    landlord: Landlords = None,
    everybody: Everybody = False,
    by: Who = None,
) -> None:
    """Have blocked cases tried again, and say what came of each."""
    refuse_unnamed(landlord, everybody=everybody)
    who = by_whom(why, by)
    with opened(read_settings(os.environ), beside=True) as evenhand:
        work = Work(evenhand, landlord)
        for name, operations in work.landlords():
            tried = work.attempt(name, operations.retry, cases, who)
            if tried is not None:
                work.tell(name, _tried(name, evenhand.projector(name), tried))
                work.failed |= bool(set(cases or ()) - set(tried)) and len(work.chosen) == 1
        work.end()


@projection_commands.command()
def rollback(name: str, why: Why, landlord: Landlords = None, everybody: Everybody = False, by: Who = None) -> None:
    """Send readers back to the build that they were switched from last."""
    refuse_unnamed(landlord, everybody=everybody)
    [wanted], who = known([name]), by_whom(why, by)
    with opened(read_settings(os.environ), beside=True) as evenhand:
        work = Work(evenhand, landlord)
        for one, operations in work.landlords():
            with leavable():
                outcome = work.attempt(one, operations.roll_back, wanted, who)
            if outcome is not None:
                work.tell(one, words.outcomes(one, [outcome]))
        work.end()


@projection_commands.command()
def history(
    landlord: Landlords = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many acts, the latest first.")] = 50,
    before: Annotated[int | None, typer.Option(min=1, help="Only acts before this number, to go on.")] = None,
    json: AsJson = False,
) -> None:
    """Say what was done to the read models, by whom and why."""
    with opened(read_settings(os.environ), beside=True) as evenhand:
        work = Work(evenhand, landlord, json=json)
        for name, operations in work.landlords():
            told = work.attempt(name, operations.history, limit, before or 2**62)
            if told is not None:
                work.tell(name, words.acts(name, told), acts=told)
        work.end()


def _set_paused(
    act: str, names: Sequence[str], why: str, landlord: Sequence[str] | None, by: str | None, *, everybody: bool
) -> None:
    refuse_unnamed(landlord, everybody=everybody)
    wanted, who = known(names), by_whom(why, by)
    with opened(read_settings(os.environ), beside=True) as evenhand:
        work = Work(evenhand, landlord)
        for name, operations in work.landlords():
            ask = operations.pause if act == "pause" else operations.resume
            changed = work.attempt(name, ask, wanted, who)
            if changed is not None:
                told = "paused" if act == "pause" else "kept up again"
                work.tell(name, [f"{name}: {', '.join(changed)} {told}." if changed else f"{name}: so already."])
        work.end()


def _tried(landlord: str, projector: Projector, cases: Sequence[str]) -> Iterator[str]:
    """What came of each case that was tried again."""
    if not cases:
        yield f"{landlord}: none of these cases is blocked."
        return
    if not carried_out(projector):
        yield f"{landlord}: filed, and not done yet: is every read model paused or awaiting a rebuild?"
    left = {one.case_id: one for one in projector.health().blocked}
    for case in cases:
        still = left.get(case)
        yield f"{case}: can be told again." if still is None else words.blocked(still.projection, still)


def _repaired(before: Verified, after: Verified, *, done: bool) -> Iterator[str]:
    """What came of each case that differed."""
    if not done:
        yield "not all of these cases were folded anew yet: is every read model paused?"
    still = {one.case for one in after.shown}
    for case in dict.fromkeys(one.case for one in before.shown):
        yield f"  {case}: {'still differs' if case in still else 'repaired'}"
    yield f"{after.differences:,} rows differ now."
