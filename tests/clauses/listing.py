"""Every clause with the tests that carry it, the people it is for, or the later change to which it is owed."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.clauses import Row, mistakes_in
from tests.clauses.carriers import Carrier, unknown

CARRIED, PEOPLE, OWED, NOTHING = "carried", "for people", "owed", "NOTHING"


@dataclass(frozen=True, slots=True)
class Line:
    """One class of one row, with what becomes of it and by what."""

    row: Row
    cls: str
    state: str
    by: tuple[str, ...]


def lines(rows: Sequence[Row], carriers: Sequence[Carrier]) -> list[Line]:
    """What becomes of every class of every row; a test that carries it counts before anything else."""
    tests: dict[tuple[str, str], set[str]] = defaultdict(set)
    for carrier in carriers:
        tests[carrier.row, carrier.cls].add(carrier.test)
    return [_line(row, cls, tuple(sorted(tests[row.id, cls]))) for row in rows for cls in row.classes]


def _line(row: Row, cls: str, tests: tuple[str, ...]) -> Line:
    if tests:
        return Line(row, cls, CARRIED, tests)
    if cls == "OUT":
        return Line(row, cls, PEOPLE, ())
    if cls in row.owed:
        return Line(row, cls, OWED, (row.owed[cls],))
    return Line(row, cls, NOTHING, ())


def table(found: Sequence[Line]) -> list[str]:
    """The lines in columns: row, clause, class, state and the first test; further tests below it."""
    clause = max((len(line.row.clause) for line in found), default=0)
    written = []
    for line in found:
        head = f"{line.row.id:<7} {line.row.clause:<{clause}} {line.cls:<7}{line.state:<11}"
        first, *others = line.by or ("",)
        written.append(f"{head}{first}".rstrip())
        written += [f"{'':{len(head)}}{other}" for other in others]
    return written


def summary(found: Sequence[Line]) -> list[str]:
    """How much of each landlord's policy is carried, for people, owed, or none of these."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for line in found:
        counts[line.row.landlord][line.state] += 1
    width = max(map(len, counts), default=0)
    return [
        f"{landlord:<{width}}  {count.total():>3} classes of clauses: "
        + ", ".join(f"{count[state]:>3} {state}" for state in (CARRIED, PEOPLE, OWED, NOTHING))
        for landlord, count in counts.items()
    ]


def mistakes(rows: Sequence[Row], carriers: Sequence[Carrier], documents: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Everything wrong with rows and markers, and each class that nothing carries."""
    found = unknown(list(carriers), list(rows))
    for row in rows:
        if row.landlord in documents:
            found += mistakes_in(row, documents[row.landlord])
        else:
            found.append(f"{row.id}: there is no policy of {row.landlord}")
    found += [
        f"{line.row.id}: {line.cls} is carried by no test" for line in lines(rows, carriers) if line.state == NOTHING
    ]
    return found
