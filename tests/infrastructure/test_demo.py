"""The demonstration on a real database: told once, whatever comes in between, and what it prints can be used."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import psycopg
import pytest

from application.demonstrations import STORIES
from domain.calendar import london_date
from domain.codes import Topic
from domain.events import NoticeSent
from infrastructure.bootstrap import Evenhand, build
from infrastructure.clock import SystemClock
from infrastructure.demo import play
from infrastructure.demo_announcement import announcement
from infrastructure.disclosures_listed import DisclosureState, disclosures_listed
from infrastructure.settings import Settings
from tests.application.a_desk import a_call
from tests.domain.a_stage import Stage
from tests.infrastructure.a_command_line import EVENHAND, PATIENCE, environment, run
from tests.infrastructure.test_cli import free_port, running

EVERYTHING = 100_000
OF_DOCUMENTS = {"LetterPrepared", "LetterReleased"}  # a story only tells that a letter went


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    """A database of its own, and keys beside it."""
    return Settings(data=tmp_path, keys=tmp_path / "keys", database=database)


@pytest.fixture
def evenhand(settings: Settings) -> Iterator[Evenhand]:
    with build(settings) as service:
        yield service


def today() -> date:
    return london_date(SystemClock().now())


def heads(evenhand: Evenhand) -> dict[str, int]:
    return {landlord: evenhand.office(landlord).log.head() for landlord in evenhand.landlords}


def facts_in(evenhand: Evenhand, landlord: str) -> list[tuple[str, datetime, datetime]]:
    """What was told, when it took effect and when it was taken down."""
    events = evenhand.office(landlord).log.after(0, EVERYTHING)
    return [(type(event.fact).__name__, event.effective_at, event.recorded_at) for event in events]


def facts_of(landlord: str, day: date) -> list[tuple[str, datetime, datetime]]:
    """The same story, told without interruption and in memory."""
    stage = Stage(STORIES[landlord](day))
    for step in stage.story.steps:
        stage.take(step)
    events = stage.log.after(0, EVERYTHING)
    return [(type(event.fact).__name__, event.effective_at, event.recorded_at) for event in events]


def test_every_story_is_told_in_its_own_time_and_the_present_goes_on(evenhand: Evenhand) -> None:
    assert play(evenhand, today()) == {}

    assert evenhand.demonstrations == tuple(sorted(STORIES))
    for landlord in STORIES:
        told = facts_in(evenhand, landlord)
        assert [one for one in told if one[0] not in OF_DOCUMENTS] == facts_of(landlord, today())
    before = datetime.now(UTC)
    desk = evenhand.desk("citizen")
    receipt = desk.log_contact(None, a_call(), desk.state().tenures[0].staff)
    assert before <= receipt.recorded_at <= datetime.now(UTC)


def test_systems_follow_each_landlord_and_a_partner_sees_what_it_was_shown(
    evenhand: Evenhand, settings: Settings, database: str
) -> None:
    assert play(evenhand, today()) == {}

    for landlord in STORIES:
        registered = {one.id: one for one in evenhand.desk(landlord).state().subscribers}
        assert (registered["housing_system"].references, registered["housing_system"].within_minutes) == (True, 240)
        assert registered["telephony"].topics == (Topic.RESTRICTIONS, Topic.SAFETY)
    shown = disclosures_listed(evenhand.office("wolverhampton"), 0, 100).lines
    assert {line.state for line in shown} == {DisclosureState.OPEN, DisclosureState.DELETED}
    given = {"DATABASE_URL": database, "EVENHAND_DATA": settings.data}
    for landlord, login in (("derby", "housing_system"), ("wolverhampton", "council_contact_centre")):
        done = run("token", "--landlord", landlord, "--as", login, **given)
        caller = evenhand.tokens.caller(done.stdout.strip())
        assert caller.scopes == {"follow"}
        found = evenhand.desk(landlord).state().subscriber_of(caller.staff)
        assert found is not None
        assert found.id == login


def test_decision_letters_lie_in_a_folder_and_are_those_that_went(evenhand: Evenhand, settings: Settings) -> None:
    play(evenhand, today())
    for landlord in ("citizen", "derby"):
        office = evenhand.office(landlord)
        sent = [e.fact for e in office.log.after(0, EVERYTHING) if isinstance(e.fact, NoticeSent) and e.fact.letter]
        lying = [one for one in (settings.data / "letters" / landlord).iterdir() if (one / "letter.pdf").is_file()]
        assert sent
        assert len(lying) == len(sent)
        assert all((one / "letter.pdf").read_bytes().startswith(b"%PDF-") for one in lying)
    evenhand.follow()
    said = announcement(evenhand, {}, "http://127.0.0.1:8000", "evenhand")
    assert str(settings.data / "letters") in said


def test_a_second_start_adds_nothing_on_whatever_day(evenhand: Evenhand, settings: Settings) -> None:
    play(evenhand, today())
    told = heads(evenhand)
    people = evenhand.people.everybody()
    evenhand.close()

    with build(settings) as again:
        assert play(again, today() + timedelta(days=40)) == {}
        assert heads(again) == told
        assert again.people.everybody() == people
        assert again.clock("star").now() > datetime.now(UTC) - timedelta(minutes=1)


def test_a_start_that_was_killed_half_way_goes_on_where_it_stopped(
    settings: Settings, database: str, tmp_path: Path
) -> None:
    given = environment(DATABASE_URL=database, EVENHAND_DATA=tmp_path, EVENHAND_PORT=free_port())
    with subprocess.Popen([EVENHAND, "demo"], env=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        until = time.monotonic() + PATIENCE
        while derbys_events(database) < 25:
            assert time.monotonic() < until
            assert process.poll() is None, process.communicate()
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=PATIENCE)
    whole = len(facts_of("derby", today()))
    assert 25 <= derbys_events(database) < whole

    tomorrow = today() + timedelta(days=1)
    with build(settings) as again:
        begun = set(again.landlords)
        assert begun < set(STORIES)
        assert play(again, tomorrow) == {}
        # What was begun goes on as it was begun; only what nobody had begun is told as of the new day.
        for landlord in STORIES:
            told = [one for one in facts_in(again, landlord) if one[0] not in OF_DOCUMENTS]
            assert told == facts_of(landlord, today() if landlord in begun else tomorrow)


def derbys_events(database: str) -> int:
    """How much of Derby's story is in its log; none before it has one."""
    with psycopg.connect(database) as conn:
        [there] = conn.execute("SELECT to_regclass('landlord_derby.event')").fetchone() or (None,)
        if there is None:
            return 0
        [count] = conn.execute("SELECT count(*) FROM landlord_derby.event").fetchone() or (0,)
        return int(count)


def test_a_landlord_that_is_set_up_in_earnest_is_left_alone(evenhand: Evenhand) -> None:
    evenhand.set_up("derby")
    before = heads(evenhand)["derby"]

    untold = play(evenhand, today())

    assert untold == {"derby": "It is set up here, and not as a demonstration."}
    assert heads(evenhand)["derby"] == before
    assert set(evenhand.demonstrations) == set(STORIES) - {"derby"}


def test_a_landlord_whose_story_lies_ahead_is_left_alone(evenhand: Evenhand) -> None:
    evenhand.set_up("derby", demonstration=True)

    untold = play(evenhand, today())

    assert untold["derby"].startswith("It was set up for a story of ")
    assert len(heads(evenhand)) == len(STORIES)


def test_the_announcement_names_who_is_restricted_and_that_is_on_record(evenhand: Evenhand) -> None:
    untold = play(evenhand, today())
    evenhand.follow()

    said = announcement(evenhand, untold, "http://127.0.0.1:8000", "evenhand")

    for landlord, tell in STORIES.items():
        story = tell(today())
        restricted, released = story.customers[:2]
        assert f"{restricted.name} ({restricted.reference})" in said
        assert released.name not in said
        office = evenhand.office(landlord)
        person = office.directory.person_by_reference(restricted.reference)
        assert person is not None
        case = office.desk.open_case_of(person)
        assert case is not None
        access = next(one for _, one in office.access_log.of_case(case) if one.role == "command-line")
        assert (access.purpose, access.subject) == ("demonstration", person)
        assert "name" in access.fields
    assert "Castellane" not in said  # one logged contact restricts nobody


def test_what_is_printed_works_as_it_stands(database: str, tmp_path: Path) -> None:
    given = {"DATABASE_URL": database, "EVENHAND_DATA": tmp_path, "EVENHAND_PORT": free_port()}
    with running("demo", given=given) as (process, _):
        assert process.stdout is not None
        lines: list[str] = []
        while not lines or not lines[-1].startswith("Evenhand serves on"):
            lines.append(process.stdout.readline().rstrip("\n"))
        [token] = [line.strip().removeprefix("TOKEN=") for line in lines if line.strip().startswith("TOKEN=")]
        requests = [line.strip().replace("$TOKEN", token) for line in lines if line.strip().startswith("curl ")]
        answers = {url: (status, body) for url, status, body in map(sent, requests)}
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)

    statuses = {re.sub(r"[0-9a-f-]{36}", "CASE", url).partition("?")[0]: s for url, (s, _) in answers.items()}
    assert statuses == {
        "/v1/register": 200,
        "/v1/worklist": 200,
        "/v1/reports/register": 200,
        "/v1/advice": 200,
        "/v1/contacts": 201,
        "/v1/cases/CASE/history": 200,
        "/v1/cases/CASE/close-case": 409,
    }
    [refusal] = [body for url, (_, body) in answers.items() if url.endswith("close-case")]
    assert "still_in_force" in refusal


def sent(line: str) -> tuple[str, int, str]:
    """The request that a line of curl makes: its path, and what came back."""
    words = iter(shlex.split(line)[1:])
    headers, url, content = {}, "", None
    for word in words:
        match word:
            case "-s":
                continue
            case "-H":
                name, _, value = next(words).partition(": ")
                headers[name] = value
            case "-d":
                content = next(words)
            case _:
                url = word
    method = "GET" if content is None else "POST"
    response = httpx.request(method, url, headers=headers, content=content, timeout=30)
    return response.request.url.raw_path.decode(), response.status_code, response.text
