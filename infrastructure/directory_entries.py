"""Entries of the directory, each with the streams that name it: what is asked before one without a case goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from application.ports import EntryFound
from domain.calendar import london_date

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from domain.codes import SubjectId
    from infrastructure.directory import PostgresDirectory
    from infrastructure.retention_log import RetentionLog


class DirectoryEntries:
    """Finds entries of one landlord's directory. Safe to share between threads."""

    def __init__(self, directory: PostgresDirectory, log: RetentionLog) -> None:
        self._directory = directory
        self._log = log

    def __call__(self, persons: Collection[SubjectId]) -> Mapping[SubjectId, EntryFound]:
        """One for each of these ids; reads through the log once."""
        made, named = self._directory.made(persons), self._log.naming(persons)
        found = {}
        for person in persons:
            made_at, erased = made.get(person, (None, False))
            made_on = None if made_at is None else london_date(made_at)
            found[person] = EntryFound(made_on, erased, named[person])
        return found
