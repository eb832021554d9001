"""What the environment may say, and what it is told when it says something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from infrastructure.settings import VARIABLES, Settings, SettingsRefused, read_settings


def refusals(environment: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsRefused) as refused:
        read_settings(environment)
    return refused.value.problems


def test_with_nothing_but_a_data_folder_the_service_is_for_this_machine_alone() -> None:
    settings = read_settings({"EVENHAND_DATA": "/srv/evenhand", "PATH": "/usr/bin"})

    assert settings == Settings(data=Path("/srv/evenhand"), keys=Path("/srv/evenhand/keys"))
    assert (settings.host, settings.port, settings.database) == ("127.0.0.1", 8000, None)


def test_everything_that_can_be_set_is_read(tmp_path: Path) -> None:
    (tmp_path / "issuer.pem").touch()
    (tmp_path / "letters").mkdir()
    given = {
        "DATABASE_URL": "postgresql://evenhand@db/evenhand",
        "EVENHAND_DATA": str(tmp_path / "data"),
        "EVENHAND_HOST": "::1",
        "EVENHAND_PORT": "0",
        "EVENHAND_KEYS": str(tmp_path / "keys"),
        "EVENHAND_KEYS_DATABASE_URL": "host=keys",
        "EVENHAND_POLICIES": str(tmp_path),
        "EVENHAND_CARRIERS": str(tmp_path / "carriers.toml"),
        "EVENHAND_LETTERS": str(tmp_path / "letters"),
        "EVENHAND_TOKEN_ISSUER": "https://login.example",
        "EVENHAND_TOKEN_KEYS": str(tmp_path / "issuer.pem"),
        "EVENHAND_TOKEN_AUDIENCE": "evenhand",
        "EVENHAND_CORES": "all",
        "EVENHAND_EVIDENCE_MB": "25",
        "EVENHAND_TICK_SECONDS": "5",
        "EVENHAND_WEBHOOKS_ALLOW": "10.1.0.0/16",
        "EVENHAND_WEBHOOKS_ORIGIN": "evenhand.landlord.example",
        "EVENHAND_BROKER": "embedded",
        "EVENHAND_BROKER_PORT": "4333",
        "EVENHAND_EFFECTS": "off",
        "EVENHAND_METRICS": "open",
    }
    assert given.keys() == VARIABLES.keys()

    assert read_settings({**given, "EVENHAND_DATABASE_URL_STAR": "host=apart"}) == Settings(
        data=tmp_path / "data",
        keys=tmp_path / "keys",
        host="::1",
        port=0,
        database="postgresql://evenhand@db/evenhand",
        databases=(("star", "host=apart"),),
        keys_database="host=keys",
        policies=tmp_path,
        letters=tmp_path / "letters",
        carriers=tmp_path / "carriers.toml",
        token_issuer="https://login.example",
        token_keys=tmp_path / "issuer.pem",
        token_audience="evenhand",
        metrics_open=True,
        every_core=True,
        evidence_mb=25,
        tick_seconds=5,
        webhooks_allow="10.1.0.0/16",
        webhooks_origin="evenhand.landlord.example",
        broker="embedded",
        broker_port=4333,
        effects=False,
    )


def test_an_empty_value_is_as_good_as_none() -> None:
    settings = read_settings({"EVENHAND_DATA": "/srv/evenhand", "DATABASE_URL": "", "EVENHAND_PORT": " "})

    assert (settings.database, settings.port) == (None, 8000)


def test_a_misspelt_setting_is_refused_with_the_ones_there_are() -> None:
    [problem] = refusals({"EVENHAND_PROT": "8001"})

    assert problem.startswith("EVENHAND_PROT is not a setting of Evenhand")
    assert all(name in problem for name in VARIABLES)


@pytest.mark.parametrize("port", ["eighty", "-1", "65536", "8000.0", "٨٠"])
@pytest.mark.parametrize("name", ["EVENHAND_PORT", "EVENHAND_BROKER_PORT"])
def test_a_port_that_is_none_is_refused(name: str, port: str) -> None:
    [problem] = refusals({name: port, "EVENHAND_BROKER": "embedded"})

    assert problem == f"{name} is {port!r}; give a number from 0 to 65535."


def test_the_port_of_a_broker_that_is_not_ours_is_refused() -> None:
    [problem] = refusals({"EVENHAND_BROKER_PORT": "4333", "EVENHAND_BROKER": "/etc/evenhand/broker.toml"})

    assert problem == "EVENHAND_BROKER_PORT is that of an embedded broker; set EVENHAND_BROKER to embedded, too."


@pytest.mark.parametrize("name", ["DATABASE_URL", "EVENHAND_KEYS_DATABASE_URL", "EVENHAND_DATABASE_URL_STAR"])
def test_a_connection_string_that_is_none_is_refused_without_repeating_it(name: str) -> None:
    [problem] = refusals({name: "postgresql://evenhand:hunter2@[db/x"})

    assert problem.startswith(name)
    assert "hunter2" not in problem


def test_files_and_folders_that_are_not_there_are_named(tmp_path: Path) -> None:
    absent = str(tmp_path / "absent")

    problems = refusals(
        {"EVENHAND_POLICIES": absent, "EVENHAND_TOKEN_KEYS": absent, "EVENHAND_TOKEN_ISSUER": "somebody"}
    )

    assert problems == (
        f"EVENHAND_POLICIES names {absent}, which is no folder.",
        f"EVENHAND_TOKEN_KEYS names {absent}, which is no file.",
    )


def test_an_issuer_without_keys_is_refused_and_keys_without_an_issuer_too(tmp_path: Path) -> None:
    keys = tmp_path / "issuer.pem"
    keys.touch()

    for alone in ({"EVENHAND_TOKEN_ISSUER": "somebody"}, {"EVENHAND_TOKEN_KEYS": str(keys)}):
        [problem] = refusals(alone)
        assert problem.startswith(f"{next(iter(alone))} is set alone")
    [problem] = refusals({"EVENHAND_TOKEN_AUDIENCE": "evenhand"})
    assert problem.startswith("EVENHAND_TOKEN_AUDIENCE is set without")


def test_every_problem_is_told_at_once() -> None:
    assert len(refusals({"EVENHAND_PORT": "x", "EVENHAND_COLOUR": "red", "DATABASE_URL": "://"})) == 3


def test_a_server_for_one_landlord_names_a_landlord() -> None:
    [problem] = refusals({"EVENHAND_DATABASE_URL_7": "host=apart"})

    assert problem == "EVENHAND_DATABASE_URL_7 does not end with the name of a landlord."


def test_what_is_only_said_when_it_is_so_takes_one_word() -> None:
    left_out = read_settings({"EVENHAND_DATA": "/srv/evenhand"})
    assert (left_out.metrics_open, left_out.every_core) == (False, False)

    assert refusals({"EVENHAND_METRICS": "yes", "EVENHAND_CORES": "2", "EVENHAND_EFFECTS": "on"}) == (
        "EVENHAND_METRICS is 'yes'; set it to open, or leave it out.",
        "EVENHAND_CORES is '2'; set it to all, or leave it out.",
        "EVENHAND_EFFECTS is 'on'; set it to off, or leave it out.",
    )


@pytest.mark.parametrize("size", ["ten", "0", "101", "1.5", "-1"])
def test_the_largest_evidence_file_is_a_number_of_megabytes(size: str) -> None:
    assert refusals({"EVENHAND_EVIDENCE_MB": size}) == (
        f"EVENHAND_EVIDENCE_MB is {size!r}; give a number of megabytes from 1 to 100.",
    )


@pytest.mark.parametrize("seconds", ["0", "3601", "-1", "1.5", "often"])
def test_the_clock_looks_every_so_many_whole_seconds(seconds: str) -> None:
    assert refusals({"EVENHAND_TICK_SECONDS": seconds}) == (
        f"EVENHAND_TICK_SECONDS is {seconds!r}; give a number of seconds from 1 to 3600.",
    )
