"""The clauses of the policies on the command line: list what carries them, or alter their values and watch.

python -m tests.clauses                        every row and class; exit 1 when one has nothing
python -m tests.clauses mutate [--ids ID ...]  alter each value; exit 1 when no marked test notices
"""

import argparse
import os
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.clauses import HERE, ROOT, Row, read_rows
from tests.clauses.carriers import Carrier, CollectionFailedError, collected
from tests.clauses.listing import lines, mistakes, summary, table
from tests.clauses.mutation import CannotRunError, Result, mutate
from tests.policies import FOLDER, NOT_YET, PACKAGED


def main(arguments: Sequence[str]) -> int:
    """Do what the arguments ask; gives the exit status."""
    asked = _parser().parse_args(arguments)
    rows = read_rows(asked.rows)
    # A module that reads a policy while it is imported would never see an altered one.
    os.environ[FOLDER] = NOT_YET
    try:
        if asked.what == "mutate":
            return _mutate(_chosen(rows, asked.ids), asked)
        return _list(rows, asked)
    except (CollectionFailedError, CannotRunError, LookupError) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.clauses", description="List what carries each clause of the policies."
    )
    parser.add_argument("what", nargs="?", choices=["list", "mutate"], default="list")
    parser.add_argument("--ids", nargs="+", metavar="ID", help="only these rows, such as DER-46")
    parser.add_argument("--root", type=Path, default=ROOT, help="where pyproject.toml is")
    parser.add_argument("--tests", type=Path, default=ROOT / "tests", help="the tests to collect")
    parser.add_argument("--rows", type=Path, default=HERE, help="the folder of the lists of clauses")
    parser.add_argument("--policies", type=Path, default=PACKAGED, help="the folder of the policies")
    return parser


def _chosen(rows: list[Row], ids: Sequence[str] | None) -> list[Row]:
    """The rows asked for, or all whose values must not change unnoticed."""
    if ids is None:
        return [row for row in rows if "DATA" in row.classes or (row.values and {*row.classes} != {"OUT"})]
    if missing := set(ids) - {row.id for row in rows}:
        raise LookupError(f"There is no row {', '.join(sorted(missing))}.")
    return [row for row in rows if row.id in ids]


def _list(rows: list[Row], asked: argparse.Namespace) -> int:
    carriers: list[Carrier] = []
    collected(asked.root, asked.tests, lambda _, found: carriers.extend(found))
    found = lines(rows, carriers)
    wrong = mistakes(rows, carriers, _documents(asked.policies))
    _say([*table(found), "", *summary(found), *(["", *wrong] if wrong else [])])
    return 1 if wrong else 0


def _mutate(rows: list[Row], asked: argparse.Namespace) -> int:
    results: list[Result] = []
    problems: list[str] = []

    def run(session: pytest.Session, carriers: list[Carrier]) -> None:
        try:
            results.extend(mutate(session, carriers, rows, asked.policies))
        except CannotRunError as problem:
            problems.append(str(problem))

    collected(asked.root, asked.tests, run)
    if problems:
        raise CannotRunError("\n".join(problems))
    unnoticed = [result for result in results if result.survived]
    bare = [row for row in rows if not row.values]
    _say([f"{result.row.id:<7} {result.survived}" for result in unnoticed])
    _say([f"{row.id:<7} names no value" for row in bare])
    _say([f"{len(results)} values of {len(rows)} rows altered, {len(unnoticed)} of them unnoticed."])
    return 1 if unnoticed or bare else 0


def _documents(policies: Path) -> dict[str, dict[str, Any]]:
    files = sorted(policies.glob("*.*.toml"))  # not the baseline, which has no date; the latest of each wins
    return {file.name.partition(".")[0]: tomllib.loads(file.read_text(encoding="utf-8")) for file in files}


def _say(said: Sequence[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in said)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
