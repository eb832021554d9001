"""Saying on the command line how offices, posts and colleagues are reached."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from application.streams import landlord_stream
from domain.decisions.landlord import AppointPost
from domain.events import SYSTEM
from infrastructure.bootstrap import build
from infrastructure.settings import read_settings
from tests.infrastructure.a_command_line import run

OWN = "07700 900417"


@pytest.fixture
def given(database: str, tmp_path: Path) -> Mapping[str, object]:
    """Settings with a database and keys, where Maidstone is set up and Leila has a post."""
    settings = {"DATABASE_URL": database, "EVENHAND_DATA": tmp_path}
    with build(read_settings({name: str(value) for name, value in settings.items()})) as evenhand:
        evenhand.set_up("maidstone")
        leila = evenhand.enrol("maidstone", "leila", "Leila Rostron", issuer="https://login.example")
        evenhand.desk("maidstone").manage(AppointPost(role="staff", staff=leila, starts_on=date(2026, 1, 1)), SYSTEM)
    return settings


def test_what_was_set_is_listed_and_a_colleagues_number_only_as_kept(
    given: Mapping[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    duty = ("contact-point", "set", "maidstone", "role", "duty_manager", "--from", "2026-03-02")
    hours = ("--hours", "saturday-sunday 08:00-20:00", "--hours", "bank_holiday 08:00-24:00")
    done = run(*duty, "--telephone", "01632 960400", *hours, "--messages-to", "staff", **given)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "How role duty_manager of maidstone is reached is kept from 2026-03-02 on.\n"

    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{OWN}\n"))
    leila = ("contact-point", "set", "maidstone", "staff", "tenure-1", "--from", "2026-03-02")
    own = run(*leila, "--telephone", "-", "--hours", "monday-friday 09:00-17:00", **given)
    assert (own.returncode, own.stderr) == (0, "")

    listed = run("contact-point", "list", "maidstone", **given).stdout
    assert listed.splitlines()[0] == (
        "role duty_manager: 01632 960400; saturday 08:00-20:00; sunday 08:00-20:00; bank_holiday 08:00-24:00; "
        "messages to staff; from 2026-03-02"
    )
    assert "staff Leila Rostron: a number of their own; monday 09:00-17:00; " in listed
    assert "900417" not in listed + own.stdout
    with build(read_settings({name: str(value) for name, value in given.items()})) as evenhand:
        office = evenhand.office("maidstone")
        staff = office.desk.state().tenures[0].staff
        assert office.directory.staff_telephone(staff, 0) == OWN
        assert "900417" not in repr(office.log.history(landlord_stream("maidstone")))

    weekend = ("--hours", "saturday 10:00-12:00")
    kept = run(*leila, *weekend, **given)
    assert (
        "staff Leila Rostron: a number of their own; saturday"
        in run("contact-point", "list", "maidstone", **given).stdout
    )
    gone = run(*leila, *weekend, "--telephone", "none", **given)
    assert (kept.returncode, gone.returncode, gone.stderr) == (0, 0, "")
    assert "staff Leila Rostron: no number; saturday" in run("contact-point", "list", "maidstone", **given).stdout

    ended = run(*duty[:-1], "2026-06-01", **given)
    assert ended.stdout == "How role duty_manager of maidstone is reached is not kept from 2026-06-01 on.\n"
    assert "duty_manager" not in run("contact-point", "list", "maidstone", **given).stdout


NO_SENSE = (
    (("role", "wizard", "--telephone", "101"), "The posts are: "),
    (("role", "staff", "--telephone", "101", "--messages-to", "wizard"), "The posts are: "),
    (("staff", "tenure-9", "--hours", "monday 09:00-17:00"), "Nobody of this id has held a post here"),
    (("staff", "tenure-1", "--telephone", OWN), "Say when the colleague can be reached"),
    (("role", "staff", "--hours", "monday 17:00-09:00"), "monday is to open at 17:00 and to close at 09:00"),
    (("role", "staff", "--hours", "monday 09:00-17:00", "--hours", "monday 16:00-18:00"), "overlap"),
    (("role", "staff"), "Give a number, hours or both"),
)
WRITTEN_OTHERWISE = (
    ("ward", "staff"),
    ("role", "The Staff", "--telephone", "101"),
    ("role", "staff", "--telephone", "ring 900417"),
    ("role", "staff", "--hours", "always"),
    ("role", "staff", "--hours", "caturday 09:00-17:00"),
    ("role", "staff", "--hours", "friday-monday 09:00-17:00"),
    ("role", "staff", "--hours", "monday-bank_holiday 09:00-17:00"),
    ("role", "staff", "--hours", "monday 24:00-25:00"),
    ("role", "staff", "--telephone", "101", "--from", "1066-10-14"),
)


def test_what_cannot_be_is_told_in_a_sentence_without_the_number_that_was_given(given: Mapping[str, object]) -> None:
    for said, sentence in NO_SENSE:
        done = run("contact-point", "set", "maidstone", *said, **given)
        assert (done.returncode, "900417" in done.stderr) == (1, False), said
        assert sentence in done.stderr
    for said in WRITTEN_OTHERWISE:
        done = run("contact-point", "set", "maidstone", *said, **given)
        assert (done.returncode, "900417" in done.stderr, "Traceback" in done.stderr) == (2, False, False), said
    with build(read_settings({name: str(value) for name, value in given.items()})) as evenhand:
        assert evenhand.desk("maidstone").state().points == ()
