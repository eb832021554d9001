"""Which broker a service publishes to, what its file may say, and what the command line tells of it."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from typer.testing import CliRunner

from domain.decisions.landlord import AppointPost
from domain.events import SYSTEM
from infrastructure.bootstrap import build
from infrastructure.cli import app
from infrastructure.demo_announcement import announcement
from infrastructure.downstream.broker.accounts import Login
from infrastructure.downstream.broker.roads import OutsideBroker, OwnBroker, read_outside_broker, the_road
from infrastructure.settings import Settings, SettingsRefused
from tests.infrastructure.downstream.a_broker import PATIENCE, a_broker, a_client, done
from tests.infrastructure.downstream.a_publishing import until
from tests.infrastructure.http.a_house import NOON, House, a_contact, a_server, accepted, answered, appoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from infrastructure.downstream.broker.embedded import EmbeddedBroker


@pytest.fixture
def password(tmp_path: Path) -> Path:
    """A file with a password in it."""
    file = tmp_path / "password"
    file.write_text("open sesame\n")
    file.chmod(0o600)
    return file


def _file(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "broker.toml"
    file.write_text(text)
    return file


def _refused(tmp_path: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(SettingsRefused) as refused:
        read_outside_broker(_file(tmp_path, text))
    return tuple(problem.removeprefix(f"{tmp_path / 'broker.toml'}: ") for problem in refused.value.problems)


def test_a_file_names_servers_and_the_landlords_that_publish_there(tmp_path: Path, password: Path) -> None:
    road = read_outside_broker(
        _file(
            tmp_path,
            f'servers = ["tls://nats.example:4222"]\n[landlords.derby]\nuser = "pub"\npassword_file = "{password}"\n',
        )
    )
    assert road == OutsideBroker(("tls://nats.example:4222",), {"derby": Login("pub", "open sesame")})
    access = road.access("derby")
    assert access is not None
    assert (access.stream, access.servers) == ("EVENHAND_DERBY", ("tls://nats.example:4222",))
    assert road.access("maidstone") is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("servers = []", 'servers is a list of addresses such as "tls://nats.landlord.example:4222"'),
        ('servers = ["http://nats.example"]', "servers is a list"),
        ('servers = ["nats://user:secret@nats.example"]', "servers is a list"),
        ('servers = ["nats://nats.example:port"]', "servers is a list"),
        ('servers = ["nats://nats.example"]', "It names no landlord"),
        ('server = "x"', "server is not known"),
        ('trusted_file = "/nowhere"', "trusted_file names no file"),
        ('[landlords.derby]\nuser = "u"', "derby: password_file is missing"),
        ('[landlords.derby]\nuser = 1\npassword_file = "/nowhere"', "derby: user is missing, or no text"),
        ('[landlords.derby]\nuser = "u"\npassword_file = "/nowhere"', "derby: password_file names a file that cannot"),
        ("[landlords.DERBY]", "DERBY is no table of a landlord"),
    ],
)
def test_each_mistake_in_it_is_refused_with_a_sentence(tmp_path: Path, text: str, problem: str) -> None:
    problems = _refused(tmp_path, text)
    assert any(one.startswith(problem) for one in problems), problems
    assert "secret" not in " ".join(problems)


def test_a_password_that_others_can_read_is_refused(tmp_path: Path, password: Path) -> None:
    password.chmod(0o644)
    text = f'servers = ["nats://h"]\n[landlords.derby]\nuser = "u"\npassword_file = "{password}"\n'
    assert _refused(tmp_path, text) == ("derby: password_file names a file that others can read: give it mode 0600.",)


def test_a_broker_that_does_not_start_is_done_without_and_told(
    data_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(data=data_folder, keys=data_folder / "keys", broker="embedded")
    # The folder is in use already.
    with a_broker("derby", data=data_folder), caplog.at_level(logging.WARNING), the_road(settings) as road:
        assert road is not None
        assert "uses the data folder" in (road.trouble or "")
        assert road.access("derby") is None
    assert "there is no broker" in caplog.text


@pytest.fixture
def published(database: str, data_folder: Path) -> Iterator[House]:
    """A service of two landlords with a broker of its own."""
    settings = Settings(
        data=data_folder, keys=data_folder / "keys", database=database, broker="embedded", broker_port=0
    )
    with build(settings) as evenhand:
        for landlord in ("derby", "maidstone"):
            evenhand.set_up(landlord, demonstration=True, begins=NOON)
        evenhand.follow()
        with a_server(evenhand) as address:
            house = House(evenhand, address)
            _appoint_first(house)
            yield house
            house.http.close()


def _appoint_first(house: House) -> None:
    for landlord in house.evenhand.landlords:
        administrator = house.evenhand.enrol(landlord, "administrator", "The administrator")
        first = AppointPost(role="administrator", staff=administrator, starts_on=date(2015, 1, 1))
        house.evenhand.desk(landlord).manage(first, SYSTEM)
        appoint(house, landlord, "officer")


def test_what_is_recorded_over_http_is_published_and_operations_see_how_far(published: House) -> None:
    officer = published.caller("derby")
    case = accepted(officer.post("/v1/contacts", a_contact()))["case"]
    told = _status_once(published, lambda told: told["position"] == told["head"] and told["state"] == "publishing")
    assert (told["stream"], told["subjects"]) == ("EVENHAND_DERBY", "evenhand.derby.>")
    assert told["sequence"] == len(_published(published)) > 0
    assert all(body["subject"] == case for body in _published(published))
    metrics = officer.get("/metrics").text
    assert f'evenhand_broker_position{{landlord="derby"}} {told["position"]:.1f}' in metrics
    assert 'evenhand_broker_trouble{landlord="derby"} 0.0' in metrics
    assert "maidstone" not in metrics
    assert published.http.get("/health").json()["broker"] == {}


def test_a_demonstration_says_how_its_events_are_read_at_the_broker(published: House) -> None:
    told = announcement(published.evenhand, {}, "http://127.0.0.1:8000", "evenhand")
    assert "Events are published to NATS JetStream, too" in told
    # With the setting, which whoever types it in another terminal has not.
    assert "  EVENHAND_BROKER=embedded evenhand broker credentials maidstone\n" in told


def test_a_landlord_set_up_later_publishes_too(published: House) -> None:
    published.evenhand.set_up("star", demonstration=True, begins=NOON)
    published.evenhand.follow()
    until(lambda: published.evenhand.broker()["star"].state == "publishing")


def test_a_service_with_an_absent_broker_is_ready_and_says_so(published: House) -> None:
    _broker(published).stop()
    told = _status_once(published, lambda told: told["state"] == "unreachable")
    assert told["detail"]
    accepted(published.caller("derby").post("/v1/contacts", a_contact()))
    health = published.http.get("/health")
    assert (health.status_code, health.json()["ready"]) == (200, True)
    assert health.json()["broker"]["derby"] == "unreachable"


def _status_once(house: House, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    ends = time.monotonic() + PATIENCE
    while not holds(told := answered(house.caller("derby").get("/v1/ops/broker"))):
        assert time.monotonic() < ends, told
        time.sleep(0.02)
    return told


def _broker(house: House) -> EmbeddedBroker:
    road = house.evenhand.road
    assert isinstance(road, OwnBroker)
    assert road.broker is not None
    return road.broker


def _published(house: House) -> list[dict[str, Any]]:
    broker = _broker(house)

    async def read() -> list[dict[str, Any]]:
        async with a_client(broker, broker.reader("derby")) as client:
            reading = client.jetstream(timeout=5)
            count = (await reading.stream_info("EVENHAND_DERBY")).state.messages
            subscribed = await reading.pull_subscribe("evenhand.derby.>", stream="EVENHAND_DERBY")
            found = await subscribed.fetch(count, timeout=5) if count else []
            for message in found:  # CloudEvents in structured mode, as another's library reads them
                event = JSONFormat().read(CloudEvent, message.data)
                assert event.get_id() == (message.headers or {})["Nats-Msg-Id"]
            return [json.loads(message.data) for message in found]

    return done(read())


def test_the_command_line_says_where_the_stream_is_and_never_the_password(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVENHAND_DATA", str(data_folder))
    monkeypatch.setenv("EVENHAND_BROKER", "embedded")
    with a_broker("derby", data=data_folder) as broker:
        told = CliRunner().invoke(app, ["broker", "credentials", "derby"])
        assert told.exit_code == 0, told.output
        assert f"servers:  {broker.url}\n" in told.output
        assert "user:     derby.reader\n" in told.output
        assert str(broker.logins.file("derby", "reader")) in told.output
        assert broker.reader("derby").password not in told.output
        unknown = CliRunner().invoke(app, ["broker", "credentials", "elm"])
        assert "elm has no login at the broker" in str(unknown.exception)


def test_the_command_line_starts_a_stream_over_when_it_is_sure(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVENHAND_DATA", str(data_folder))
    monkeypatch.setenv("EVENHAND_BROKER", "embedded")
    monkeypatch.setenv("EVENHAND_BROKER_PORT", "1")  # where nobody listens, once the broker is gone

    async def made() -> None:
        async with a_client(broker, broker.publisher("derby")) as client:
            await client.jetstream().add_stream(name="EVENHAND_DERBY", subjects=["evenhand.derby.>"])

    with a_broker("derby", data=data_folder) as broker:
        asyncio.run(made())
        asked = CliRunner().invoke(app, ["broker", "start-over", "derby"], input="n\n")
        assert asked.exit_code == 1
        assert "EVENHAND_DERBY is deleted" in CliRunner().invoke(app, ["broker", "start-over", "derby", "--yes"]).output
        assert "There was no" in CliRunner().invoke(app, ["broker", "start-over", "derby"], input="y\n").output
    gone = CliRunner().invoke(app, ["broker", "start-over", "derby", "--yes"])
    assert "does not answer" in str(gone.exception)
