"""What the command line says of read models: aligned, in plain words, with what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from infrastructure.cli_progress import lasting
from infrastructure.engine.acts import Act
from infrastructure.engine.builds import BlockedCase
from infrastructure.engine.operations import Plan, Status, Verified
from infrastructure.engine.rebuilding import Outcome
from infrastructure.engine.slices import Difference

COMMAND: Final = "evenhand projections"
WHY: Final = "--why …"
SILENT_FOR: Final = 45.0  # seconds; whoever keeps a read model gives a sign of life every ten


def statuses(landlord: str, told: Sequence[Status]) -> Iterator[str]:
    """A table of one landlord's read models, and a line for everything that asks for something to be done."""
    yield f"{landlord}:"
    rows = [
        [one.projection, one.state, f"version {one.version}", f"build {one.build}", _behind(one), _cases(one)]
        for one in told
    ]
    yield from _aligned(rows)
    for one in told:
        yield from _next_steps(landlord, one)


def _behind(one: Status) -> str:
    behind = one.head - one.position
    if behind <= 0:
        return "up to date"
    since = f", for {lasting(_age(one.behind_since))}" if one.behind_since else ""
    return f"{behind:,} events behind{since}"


def _cases(one: Status) -> str:
    return f"{len(one.blocked)} blocked" if one.blocked else ""


def _next_steps(landlord: str, one: Status) -> Iterator[str]:
    name, of = one.projection, f"--landlord {landlord} {WHY}"
    if one.state == "lost" and one.under_way is None:
        yield (
            f"the table of {name} of {landlord} is gone, and its lists cannot be answered: "
            f"{COMMAND} rebuild {name} --accept {of}"
        )
    if one.awaits is not None and one.under_way is None:
        yield f"{name} of {landlord} awaits a rebuild to version {one.awaits}: {COMMAND} rebuild {name} {of}"
    if (build := one.under_way) is not None:
        far = f"{build.filled} of {build.slices} slices filled"
        if build.state == "differing":
            yield (
                f"build {build.build} of {name} is ready and differs from what is read; accept it: "
                f"{COMMAND} rebuild {name} --accept {of}; or drop it: {COMMAND} rebuild {name} --abandon {of}"
            )
        elif build.state == "failed":
            yield (
                f"build {build.build} of {name} was interrupted ({far}); go on with it: "
                f"{COMMAND} rebuild {name} {of}; or drop it: {COMMAND} rebuild {name} --abandon {of}"
            )
        else:
            yield (
                f"build {build.build} of {name} is under way ({far}); if nobody is at it any more, go on with it: "
                f"{COMMAND} rebuild {name} {of}"
            )
    if one.state == "paused":
        yield f"{name} of {landlord} is paused, and its lists grow old: {COMMAND} resume {name} {of}"
    elif one.awaits is None and (one.heartbeat_age is None or one.heartbeat_age > SILENT_FOR):
        yield f"nobody keeps {name} of {landlord} up just now: is the service running?"
    for case in one.blocked:
        yield blocked(name, case)
    if one.blocked:
        yield f"what is blocked is tried again by every new release; to try it now: {COMMAND} retry {of}"


def blocked(name: str, case: BlockedCase) -> str:
    """Why a case cannot be told to its end."""
    return (
        f"{name} cannot tell case {case.case_id} from position {case.position} on: {case.error} "
        f"(tried {case.attempts} times since {_moment(case.since)}, last by release {case.code_version})"
    )


def plans(landlord: str, told: Sequence[Plan]) -> Iterator[str]:
    """What a rebuild would go through."""
    yield f"{landlord}: a rebuild would do this; nothing was changed."
    rows = [
        [
            one.projection,
            f"version {one.from_version} to {one.version}",
            f"{one.events:,} events",
            f"{one.cases:,} cases",
            f"{one.rows:,} rows now",
            f"{one.filled:,} of {one.slices:,} slices filled already",
        ]
        for one in told
    ]
    yield from _aligned(rows)


def outcomes(landlord: str, told: Sequence[Outcome]) -> Iterator[str]:
    """What came of a rebuild, and what to do about what was not switched."""
    for one in told:
        name, of = one.projection, f"--landlord {landlord} {WHY}"
        found = one.compared
        differs = found is not None and bool(found.differences or found.newly_blocked)
        if one.switched:
            yield f"{name} of {landlord} is read as version {one.version}, build {one.build}, from now on."
        else:
            yield f"{name} of {landlord} is built as build {one.build} and not switched, because something differs."
        if found is not None and differs:
            yield f"{found.differences:,} rows differ from what was read before, {found.apart:,} cases left out."
            yield from differences(found.shown, found.differences)
            for case in found.newly_blocked:
                yield f"  case {case} cannot be told to its end by the new build, and can by the old one"
        if not one.switched:
            yield f"if that is what this release means to change: {COMMAND} rebuild {name} --accept {of}"
            yield f"if not: {COMMAND} rebuild {name} --abandon {of}"


def verified(landlord: str, names: Sequence[str], found: Verified) -> Iterator[str]:
    """What a verification found."""
    told = " and ".join(names)
    went = f"{found.events:,} events, {found.rows:,} rows"
    if not found.differences:
        yield f"{told} of {landlord}: every row is what its history says ({went})."
    else:
        yield f"{told} of {landlord}: {found.differences:,} rows are not what their histories say ({went})."
        yield from differences(found.shown, found.differences)
    if found.blocked:
        yield f"{found.blocked:,} blocked cases were left out: {COMMAND} status --landlord {landlord}"


def to_be_repaired(landlord: str, names: Sequence[str]) -> str:
    """What to do about differences."""
    return f"to have these cases folded anew: {COMMAND} verify {' '.join(names)} --repair --landlord {landlord} {WHY}"


def differences(shown: Sequence[Difference], of: int) -> Iterator[str]:
    """Some differences, without any value."""
    for one in shown:
        columns = f" in {', '.join(one.columns)}" if one.columns else ""
        yield f"  {one.projection}, case {one.case}: {one.kind}{columns}"
    if of > len(shown):
        yield f"  and {of - len(shown):,} more"


def acts(landlord: str, told: Sequence[Act]) -> Iterator[str]:
    """What was done, latest first."""
    yield f"{landlord}:"
    rows = [
        [
            str(one.number),
            _moment(one.at),
            one.act,
            one.projection if one.build is None else f"{one.projection} {one.build}",
            one.actor,
            ", ".join(f"{name} {value}" for name, value in (one.detail or {}).items()),
            one.why or "",
        ]
        for one in told
    ]
    yield from _aligned(rows) if rows else ["  nothing was done yet"]


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True) if width).rstrip()


def _moment(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _age(instant: datetime) -> float:
    return max((datetime.now(UTC) - instant).total_seconds(), 0.0)
