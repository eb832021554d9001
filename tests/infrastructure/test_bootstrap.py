"""Putting the service together: who is set up, who is served, and what keeps one landlord from it and no other."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from domain.codes import SubjectId
from domain.decisions.landlord import AppointPost
from domain.events import SYSTEM, LandlordSetUp, PolicyAdopted
from domain.policy_file import PolicyRefused
from infrastructure.bootstrap import Evenhand, LandlordRefused, build
from infrastructure.clock import DemonstrationClock, SystemClock
from infrastructure.key_files import KeysRefused
from infrastructure.postgres.migrate import migrate
from infrastructure.settings import Settings
from infrastructure.tokens import Flaw, TokenRefused, issue_for_demonstration
from tests.application.a_desk import a_call
from tests.policies import PACKAGED

LONG_AGO = datetime(2025, 3, 3, 9, tzinfo=UTC)


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    """A database of its own, and keys beside it."""
    return Settings(data=tmp_path, keys=tmp_path / "keys", database=database, token_issuer="https://login.example")


@pytest.fixture
def evenhand(settings: Settings) -> Iterator[Evenhand]:
    with build(settings) as service:
        yield service


def appoint(evenhand: Evenhand, landlord: str, login: str = "ann") -> None:
    """Somebody who can log a contact."""
    staff = evenhand.enrol(landlord, login, "Ann Archer")
    evenhand.desk(landlord).manage(AppointPost(role="head_of_service", staff=staff, starts_on=date(2025, 1, 1)), SYSTEM)


def test_a_landlord_that_is_set_up_has_adopted_every_policy_at_hand(evenhand: Evenhand) -> None:
    office = evenhand.set_up("maidstone")

    first, *rest = (event.fact for event in office.log.after(0, 10))
    assert first == LandlordSetUp(landlord="maidstone", demonstration=False)
    [file] = office.policies.files()
    assert [fact.adopted.sha256 for fact in rest if isinstance(fact, PolicyAdopted)] == [file.sha256]
    assert evenhand.landlords == ("maidstone",)
    assert evenhand.demonstrations == ()
    assert isinstance(office.clock, SystemClock)


def test_the_next_start_finds_everybody_as_they_were(settings: Settings) -> None:
    with build(settings) as first:
        first.set_up("maidstone")
        first.set_up("derby", demonstration=True, begins=LONG_AGO)
        appoint(first, "maidstone")
        logged = first.desk("maidstone").log_contact(
            SubjectId("tenant"), a_call(), first.enrol("maidstone", "ann", "Ann Archer")
        )

    with build(settings) as second:
        assert second.landlords == ("derby", "maidstone")
        assert second.demonstrations == ("derby",)
        assert second.refusals == {}
        assert second.desk("maidstone").open_case_of(SubjectId("tenant")) == logged.answer["case"]


def test_a_demonstration_begins_in_the_past_and_goes_on_in_the_present(evenhand: Evenhand) -> None:
    evenhand.set_up("derby", demonstration=True, begins=LONG_AGO)
    clock = evenhand.demonstration_clock("derby")
    clock.set(LONG_AGO + timedelta(days=1))
    appoint(evenhand, "derby")
    clock.let_go()
    appoint(evenhand, "derby", "bob")

    *before, after = (event.recorded_at for event in evenhand.office("derby").log.after(0, 10))
    assert before == [LONG_AGO, LONG_AGO, LONG_AGO + timedelta(days=1)]
    assert SystemClock().now() - after < timedelta(minutes=1)


def test_no_other_landlord_begins_in_the_past_or_has_a_clock_that_can_be_set(evenhand: Evenhand) -> None:
    with pytest.raises(LandlordRefused, match="Only a demonstration begins in the past"):
        evenhand.set_up("maidstone", begins=LONG_AGO)
    evenhand.set_up("maidstone")

    with pytest.raises(LookupError, match="is no demonstration"):
        evenhand.demonstration_clock("maidstone")
    assert not isinstance(evenhand.clock("maidstone"), DemonstrationClock)


def test_a_landlord_is_set_up_once(evenhand: Evenhand) -> None:
    evenhand.set_up("maidstone")
    head = evenhand.office("maidstone").log.head()

    with pytest.raises(LandlordRefused, match="was set up before"):
        evenhand.set_up("maidstone", demonstration=True)

    assert evenhand.office("maidstone").log.head() == head
    assert evenhand.demonstrations == ()


def test_nobody_is_set_up_without_a_policy_and_nothing_is_made_for_them(evenhand: Evenhand, settings: Settings) -> None:
    with pytest.raises(PolicyRefused, match="no policy file of 'elm'"):
        evenhand.set_up("elm")

    assert not settings.keys.exists()
    assert settings.database is not None
    with psycopg.connect(settings.database) as conn:
        assert conn.execute("SELECT count(*) FROM pg_namespace WHERE nspname = 'landlord_elm'").fetchone() == (0,)


def test_a_set_up_that_was_cut_short_is_told_and_can_be_finished(settings: Settings) -> None:
    assert settings.database is not None
    migrate(settings.database, ["maidstone"])
    with build(settings) as evenhand:
        assert not evenhand.landlords
        assert "maidstone" in evenhand.refusals

        evenhand.set_up("maidstone")

        assert evenhand.landlords == ("maidstone",)
        assert evenhand.refusals == {}


# In service


def test_in_service_there_are_no_demonstrations_and_their_tokens_count_for_nothing(settings: Settings) -> None:
    with build(settings) as demonstration:
        demonstration.set_up("derby", demonstration=True)
        demonstration.set_up("maidstone")
        appoint(demonstration, "derby")
        secret = demonstration.office("derby").keys.token_key
        token = issue_for_demonstration(
            secret, "derby", "ann", frozenset({"read"}), SystemClock().now(), timedelta(minutes=5)
        )
        assert demonstration.tokens.caller(token).landlord == "derby"

    with build(settings, production=True) as service:
        assert service.landlords == ("maidstone",)
        assert service.refusals["derby"].startswith("It was set up as a demonstration")
        with pytest.raises(TokenRefused) as refused:
            service.tokens.caller(token)
        assert refused.value.flaw is Flaw.LANDLORD
        with pytest.raises(LandlordRefused, match="in production"):
            service.set_up("star", demonstration=True)


def test_a_landlord_in_service_takes_no_token_that_it_signed_itself(evenhand: Evenhand) -> None:
    evenhand.set_up("maidstone")
    appoint(evenhand, "maidstone")
    secret = evenhand.office("maidstone").keys.token_key
    token = issue_for_demonstration(
        secret, "maidstone", "ann", frozenset({"read"}), SystemClock().now(), timedelta(minutes=5)
    )

    with pytest.raises(TokenRefused) as refused:
        evenhand.tokens.caller(token)

    assert refused.value.flaw is Flaw.LANDLORD


# What stops one landlord, and no other


def served_after(settings: Settings) -> tuple[tuple[str, ...], dict[str, str]]:
    """Who is served at the next start, and why the others are not."""
    with build(settings) as evenhand:
        return evenhand.landlords, evenhand.refusals


@pytest.fixture
def two(settings: Settings) -> Settings:
    """Derby and Maidstone were set up, and the service was stopped."""
    with build(settings) as evenhand:
        evenhand.set_up("derby")
        evenhand.set_up("maidstone")
    return settings


def test_missing_keys_stop_their_landlord_and_are_never_replaced(two: Settings) -> None:
    shutil.rmtree(two.keys / "derby")

    served, refusals = served_after(two)

    assert served == ("maidstone",)
    assert refusals["derby"].endswith("is missing: set the landlord up, or restore its keys from a backup")
    with build(two) as evenhand, pytest.raises(KeysRefused):
        evenhand.set_up("derby")
    assert not (two.keys / "derby").exists()


def test_a_bad_policy_file_stops_its_landlord(two: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "derby.2027-01-01.toml").write_text("colour = 1", encoding="utf-8")

    served, refusals = served_after(replace(two, policies=folder))

    assert served == ("maidstone",)
    assert "derby.2027-01-01.toml: colour: " in refusals["derby"]


def later_derby(folder: Path, remark: str) -> None:
    """Derby's policy once more, with a later date and a remark."""
    [file] = PACKAGED.glob("derby.*.toml")
    released = file.name.split(".")[1]
    changed = file.read_text(encoding="utf-8").replace(f"is = {released}", "is = 2025-06-01") + f"\n# {remark}\n"
    folder.mkdir(exist_ok=True)
    (folder / "derby.2025-06-01.toml").write_text(changed, encoding="utf-8")


def test_a_policy_file_that_is_known_by_other_bytes_stops_its_landlord(two: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    later_derby(folder, "one")
    with_folder = replace(two, policies=folder)
    assert served_after(with_folder)[0] == ("derby", "maidstone")

    later_derby(folder, "two")
    served, refusals = served_after(with_folder)

    assert served == ("maidstone",)
    assert refusals["derby"].startswith("policy derby effective 2025-06-01 is known by a file with SHA-256")


def test_an_adopted_policy_whose_file_is_gone_stops_its_landlord(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    later_derby(folder, "one")
    with build(replace(settings, policies=folder)) as evenhand:
        evenhand.set_up("derby")
        evenhand.set_up("maidstone")

    served, refusals = served_after(settings)

    assert served == ("maidstone",)
    assert refusals["derby"] == "derby has no policy effective 2025-06-01"


def test_a_schema_of_a_later_release_stops_its_landlord(two: Settings) -> None:
    assert two.database is not None
    with psycopg.connect(two.database, autocommit=True) as conn:
        conn.execute("INSERT INTO landlord_derby.migration (number, name, sha256) VALUES (900, 'later', 'x')")

    served, refusals = served_after(two)

    assert served == ("maidstone",)
    assert "run the release that brought it, or a later one" in refusals["derby"]


def test_a_landlord_on_a_server_that_does_not_answer_stops_nobody_else(two: Settings) -> None:
    served, refusals = served_after(replace(two, databases=(("derby", "host=127.0.0.1 port=1 dbname=x"),)))

    assert served == ("maidstone",)
    assert "no answer from the server" in refusals["derby"]


def test_a_name_that_the_keys_of_another_landlord_have_is_refused(evenhand: Evenhand) -> None:
    with pytest.raises(LandlordRefused, match="would share its schema"):
        evenhand.set_up("derby_keys")


# Keeping up


def test_read_models_follow_everybody_also_those_set_up_later(evenhand: Evenhand) -> None:
    evenhand.set_up("derby")
    evenhand.follow()
    evenhand.set_up("maidstone")
    evenhand.follow()

    for landlord in ("derby", "maidstone"):
        head = evenhand.office(landlord).log.head()
        assert evenhand.projector(landlord).wait_for(head, timeout=10)


def test_a_copy_to_try_things_on_keeps_its_read_models_and_sends_nothing_out(
    two: Settings, reachable_folder: Path
) -> None:
    def at_work(settings: Settings) -> set[str]:
        with build(settings) as evenhand:
            evenhand.follow()
            head = evenhand.office("derby").log.head()
            assert evenhand.projector("derby").wait_for(head, timeout=10)
            return {thread.name for thread in threading.enumerate()}

    outward = {"post-room", "webhooks", "webhooks-leader", "broker-room"}
    with_broker = replace(two, data=reachable_folder / "copied", broker="embedded", broker_port=0)
    assert outward <= at_work(with_broker)
    assert not outward & at_work(replace(with_broker, effects=False))


def test_data_keys_can_have_a_server_of_their_own(settings: Settings, postgres_dsn: str) -> None:
    name = "evenhand_test_apart"
    with closing(psycopg.connect(postgres_dsn, autocommit=True)) as conn:
        conn.execute(f"CREATE DATABASE {name}")
        apart = psycopg.conninfo.make_conninfo(postgres_dsn, dbname=name)
        try:
            with build(replace(settings, keys_database=apart)) as evenhand:
                evenhand.set_up("maidstone")
                appoint(evenhand, "maidstone")
            with psycopg.connect(apart) as keys:
                row = keys.execute("SELECT count(*) FROM landlord_maidstone_keys.data_key").fetchone()
            assert row == (1,)  # the one that seals the names of staff
            assert settings.database is not None
            with psycopg.connect(settings.database) as log:
                schemas = log.execute("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'landlord%'").fetchall()
            assert schemas == [("landlord_maidstone",)]
        finally:
            conn.execute(f"DROP DATABASE {name} WITH (FORCE)")
