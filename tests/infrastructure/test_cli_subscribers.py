"""Registering systems outside on the command line, ending and listing them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from domain.decisions.landlord import AppointPost
from domain.events import SYSTEM
from infrastructure.bootstrap import build
from infrastructure.settings import read_settings
from tests.infrastructure.a_command_line import run

ISSUER = "https://login.example"
HOUSING = ("subscriber", "register", "maidstone", "housing_system", "--login", "housing@systems", "--issuer", ISSUER)


@pytest.fixture
def given(database: str, tmp_path: Path) -> Mapping[str, object]:
    """Settings with a database and keys, where Maidstone is set up and Leila has a post."""
    settings = {"DATABASE_URL": database, "EVENHAND_DATA": tmp_path}
    with build(read_settings({name: str(value) for name, value in settings.items()})) as evenhand:
        evenhand.set_up("maidstone")
        leila = evenhand.enrol("maidstone", "leila", "Leila Rostron", issuer=ISSUER)
        evenhand.desk("maidstone").manage(AppointPost(role="staff", staff=leila, starts_on=date(2026, 1, 1)), SYSTEM)
    return settings


def listed(given: Mapping[str, object]) -> list[str]:
    return run("subscriber", "list", "maidstone", **given).stdout.splitlines()


def test_who_is_registered_can_sign_in_is_listed_changed_and_ended(given: Mapping[str, object]) -> None:
    done = run(*HOUSING, "--references", "--within-minutes", "240", **given)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "housing_system may follow restrictions, safety, support, people, disclosures of maidstone, with tokens of the "
        "scope `follow`.\n"
    )
    partner = ("--login", "desk@contractor", "--issuer", ISSUER, "--partner", "contractor")
    assert run("subscriber", "register", "maidstone", "desk", *partner, **given).returncode == 0
    own, of_partner = listed(given)
    assert own.startswith("housing_system, own: restrictions, safety, support, people, disclosures; with references; ")
    assert "acknowledges within 240 minutes; from " in own
    assert of_partner.startswith("desk, of contractor: restrictions, safety, disclosures; from ")
    with build(read_settings({name: str(value) for name, value in given.items()})) as evenhand:
        office = evenhand.office("maidstone")
        who = office.directory.staff_by_login(ISSUER, "housing@systems")
        assert who is not None
        found = office.desk.state().subscriber_of(who)
        assert found is not None
        assert found.id == "housing_system"

    changed = run(*HOUSING, "--topic", "safety", "--topic", "restrictions", **given)
    assert changed.returncode == 0
    assert listed(given)[0].startswith("housing_system, own: restrictions, safety; from ")
    assert run("subscriber", "end", "maidstone", "housing_system", **given).returncode == 0
    assert " until " in listed(given)[0]
    again = run("subscriber", "end", "maidstone", "housing_system", **given)
    assert (again.returncode, again.stdout) == (1, "")
    assert "already" in again.stderr


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (("--topic", "people", "--partner", "contractor"), "A partner can follow"),
        (("--topic", "weather"), "weather"),
        (("--within-minutes", "99999"), "within_minutes"),
        (("--login", "leila"), "post"),
        (("--topic", "safety", "--within-minutes", "5"), "does not follow"),
    ],
)
def test_what_makes_no_sense_is_said_and_registers_nobody(
    given: Mapping[str, object], wrong: tuple[str, ...], says: str
) -> None:
    done = run(*HOUSING, *wrong, **given)
    assert done.returncode in {1, 2}
    assert done.stdout == ""
    assert says in done.stderr
    assert listed(given) == []
