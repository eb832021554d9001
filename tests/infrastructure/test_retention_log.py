"""Which streams name somebody: found by one look through the log, whatever the fact and wherever in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from domain.codes import CaseId
from infrastructure import retention_log
from infrastructure.retention_log import RetentionLog
from tests.infrastructure.a_landlord import ELM, Landlord, a_landlord, changed, opened_case, somebody

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def landlord(database: str, tmp_path: Path) -> Iterator[Landlord]:
    """Just set up."""
    with a_landlord(database, tmp_path) as found:
        yield found


def test_a_case_that_names_somebody_is_found_and_their_own_is_not(
    landlord: Landlord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention_log, "SCANNED_TOGETHER", 2)
    sister, stranger, tenant = somebody(), somebody(), somebody()
    named = opened_case(tenant, "ContactLogged", "RepresentativeAuthorised")
    rep: Any = named[-1]
    named[-1] = changed(rep, fact=changed(rep.fact, person=sister))
    landlord.log.append(opened_case(sister, "ContactLogged"))
    landlord.log.append(named)
    landlord.log.append(opened_case(stranger, "ContactLogged"))
    found = RetentionLog(landlord.server, ELM, landlord.mapper.decode).naming([sister, stranger])
    assert found == {sister: frozenset({CaseId(named[0].stream)}), stranger: frozenset()}


def test_nobody_is_looked_for_when_nobody_is_asked_about(landlord: Landlord) -> None:
    assert RetentionLog(landlord.server, ELM, landlord.mapper.decode).naming([]) == {}
