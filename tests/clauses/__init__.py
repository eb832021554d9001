"""The clauses of the five policies: what each row owes, which values carry it, and what is owed to a later change."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CLASSES = frozenset({"DATA", "RULE", "RECORD", "NOTIFY", "TIMER", "REPORT", "OUT"})


@dataclass(frozen=True, slots=True)
class Row:
    """One clause of a policy.

    `values` are dotted paths into the landlord's file; `owed` names, by class, the later change that brings it.
    """

    id: str
    landlord: str
    clause: str
    classes: tuple[str, ...]
    text: str
    values: tuple[str, ...]
    owed: Mapping[str, str]


def read_rows(folder: Path = HERE) -> list[Row]:
    """Every row of every landlord's list, in the lists' own order."""
    rows: list[Row] = []
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            rows += [_row(file.stem, line) for line in csv.DictReader(lines)]
    return rows


def _row(landlord: str, line: Mapping[str, str]) -> Row:
    owed = (entry.partition(":") for entry in line["owed_to"].split())
    return Row(
        id=line["id"],
        landlord=landlord,
        clause=line["clause"],
        classes=tuple(line["class"].split()),
        text=line["text"],
        values=tuple(line["values"].split()),
        owed={cls: change for cls, _, change in owed},
    )


def value_at(document: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path of a policy file; KeyError when there is none."""
    found: Any = document
    for part in path.split("."):
        if not isinstance(found, Mapping) or part not in found:
            raise KeyError(path)
        found = found[part]
    return found


def mistakes_in(row: Row, document: Mapping[str, Any]) -> list[str]:
    """What is wrong with a row itself, given its landlord's policy file."""
    found = [f"there is no class {cls}" for cls in row.classes if cls not in CLASSES]
    found += [f"owes {cls}, which is not among its classes" for cls in row.owed if cls not in row.classes]
    found += [f"{cls} cannot be owed" for cls in ("DATA", "OUT") if cls in row.owed]
    found += [f"does not say to which change {cls} is owed" for cls, change in row.owed.items() if not change]
    if "DATA" in row.classes and not row.values:
        found.append("no value of the policy carries it")
    for path in row.values:
        try:
            value_at(document, path)
        except KeyError:
            found.append(f"the policy has nothing at {path}")
    return [f"{row.id}: {mistake}" for mistake in found]
