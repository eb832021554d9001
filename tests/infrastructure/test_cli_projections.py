"""Operating read models from the command line, beside a running demonstration and without any service."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from infrastructure.bootstrap import build
from infrastructure.postgres.attached import server_for_a_command
from infrastructure.settings import read_settings
from projections import ALL
from tests.infrastructure.a_command_line import EVENHAND, PATIENCE, Done, environment, run
from tests.infrastructure.test_cli import alive, answers, free_port, running

BOTH = ("alert_state", "audit_trail")
WHY = ("--why", "a test")


@dataclass
class Demonstration:
    """A demonstration that runs on a data folder of its own, and its database."""

    given: dict[str, object]
    dsn: str

    def run(self, *arguments: str) -> Done:
        """A command on read models, run to its end beside the service."""
        return run("projections", *arguments, **self.given)

    def told(self, *arguments: str, code: int = 0) -> list[dict[str, Any]]:
        """What a command tells as JSON, by landlord."""
        done = self.run(*arguments, "--json")
        assert done.returncode == code, (done.stdout, done.stderr)
        found: list[dict[str, Any]] = json.loads(done.stdout)["landlords"]
        return found

    def states(self, landlord: str) -> dict[str, dict[str, Any]]:
        """The read models of one landlord, by name."""
        [told] = self.told("status", "--landlord", landlord)
        return {one["projection"]: one for one in told["projections"]}

    def acts(self, landlord: str) -> list[dict[str, Any]]:
        """What was done, latest first."""
        [told] = self.told("history", "--landlord", landlord)
        acts: list[dict[str, Any]] = told["acts"]
        return acts

    def lose_a_row(self, landlord: str, name: str) -> None:
        """Take a row away by hand from what is read."""
        one = self.states(landlord)[name]
        table = Identifier(f"landlord_{landlord}", f"{name}_v{one['version']}_b{one['build']}")
        with psycopg.connect(self.dsn) as conn:
            taken = conn.execute(SQL("DELETE FROM {0} WHERE ctid = (SELECT min(ctid) FROM {0})").format(table))
            assert taken.rowcount == 1


@pytest.fixture(scope="module")
def demonstration(reachable_folder: Path) -> Iterator[Demonstration]:
    given: dict[str, object] = {"EVENHAND_DATA": reachable_folder / uuid.uuid4().hex[:8], "EVENHAND_PORT": free_port()}
    with running("demo", given=given) as (process, address):
        with server_for_a_command(Path(str(given["EVENHAND_DATA"]))) as dsn:
            yield Demonstration(given, dsn)
        assert answers(address), "no command may harm the service"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, err


def soon(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


@contextmanager
def stuck(demonstration: Demonstration, landlord: str) -> Iterator[subprocess.Popen[str]]:
    """A rebuild that has begun and cannot go on before the block ends."""
    schema = f"landlord_{landlord}"
    counting = SQL("SELECT count(*) FROM {}").format(Identifier(schema, "projection_act"))
    command = [str(EVENHAND), "projections", "rebuild", "alert_state", "--landlord", landlord, *WHY]
    with (
        psycopg.connect(demonstration.dsn) as locking,
        psycopg.connect(demonstration.dsn, autocommit=True) as looking,
    ):
        [before] = looking.execute(counting).fetchall()
        locking.execute(SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(Identifier(schema, "filled")))
        with subprocess.Popen(
            command, env=environment(**demonstration.given), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            try:
                soon(lambda: looking.execute(counting).fetchall() != [before])
                yield process
            finally:
                if process.poll() is None:
                    process.kill()


def test_the_state_of_everybody_is_told_in_lines_and_as_json(demonstration: Demonstration) -> None:
    lines = demonstration.run("status").stdout.splitlines()
    told = demonstration.told("status")

    landlords = ["citizen", "derby", "maidstone", "star", "wolverhampton"]
    assert [line for line in lines if not line.startswith(" ")] == [f"{landlord}:" for landlord in landlords]
    assert lines[1].split() == ["alert_state", "serving", "version", "2", "build", "1", "up", "to", "date"]
    assert [one["landlord"] for one in told] == landlords
    assert {read_model["state"] for one in told for read_model in one["projections"]} == {"serving"}


def test_a_rebuild_beside_the_service_is_switched_to_and_on_record(demonstration: Demonstration) -> None:
    before = demonstration.states("citizen")

    done = demonstration.run("rebuild", *BOTH, "--landlord", "citizen", "--why", "to be sure", "--by", "ann")

    assert done.returncode == 0, done.stderr
    build = before["alert_state"]["build"] + 1
    assert f"alert_state of citizen is read as version 2, build {build}, from now on." in done.stdout
    assert "citizen: filling 0 of" in done.stderr
    after = demonstration.states("citizen")
    assert after["alert_state"]["build"] == build
    assert after["alert_state"]["standby"] == build - 1
    last = demonstration.acts("citizen")[0]
    assert (last["act"], last["actor"], last["why"]) == ("switched", "ann", "to be sure")


def test_a_dry_run_counts_and_changes_nothing(demonstration: Demonstration) -> None:
    before = demonstration.states("derby"), demonstration.acts("derby")

    [told] = demonstration.told("rebuild", "--all-projections", "--dry-run", "--landlord", "derby")

    assert [plan["projection"] for plan in told["plans"]] == [view.name for view in ALL]
    assert all(plan["events"] > 0 and plan["rows"] > 0 and plan["filled"] == 0 for plan in told["plans"])
    after = demonstration.states("derby"), demonstration.acts("derby")
    assert [one["build"] for one in after[0].values()] == [one["build"] for one in before[0].values()]
    assert after[1] == before[1]


def test_a_verification_that_finds_differences_says_so_and_repairs_them(demonstration: Demonstration) -> None:
    assert demonstration.run("verify", "--landlord", "star").returncode == 0
    demonstration.lose_a_row("star", "audit_trail")

    found = demonstration.run("verify", "audit_trail", "--landlord", "star")
    [told] = demonstration.told("verify", "audit_trail", "--landlord", "star", code=3)
    repaired = demonstration.run("verify", "audit_trail", "--landlord", "star", "--repair", *WHY)

    assert found.returncode == 3
    assert "1 rows are not what their histories say" in found.stdout
    assert "verify audit_trail --repair --landlord star --why …" in found.stdout
    assert [one["kind"] for one in told["verified"]["shown"]] == ["missing"]
    assert repaired.returncode == 0, repaired.stderr
    assert f"  {told['verified']['shown'][0]['case']}: repaired" in repaired.stdout
    assert demonstration.run("verify", "--landlord", "star").returncode == 0


def test_a_build_that_differs_waits_until_it_is_accepted(demonstration: Demonstration) -> None:
    demonstration.lose_a_row("wolverhampton", "audit_trail")
    of = ("audit_trail", "--landlord", "wolverhampton", *WHY)
    before = demonstration.states("wolverhampton")["audit_trail"]["build"]

    refused = demonstration.run("rebuild", *of)
    waiting = demonstration.run("status", "--landlord", "wolverhampton")
    dropped = demonstration.run("rebuild", *of, "--abandon")
    accepted = demonstration.run("rebuild", *of, "--accept")

    assert refused.returncode == 3, refused.stderr
    assert "not switched, because something differs" in refused.stdout
    assert "--accept --landlord wolverhampton" in refused.stdout
    assert f"build {before + 1} of audit_trail is ready and differs" in waiting.stdout
    assert dropped.stdout == "wolverhampton: dropped audit_trail.\n"
    assert accepted.returncode == 0, accepted.stderr
    assert demonstration.states("wolverhampton")["audit_trail"]["under_way"] is None
    assert demonstration.run("verify", "--landlord", "wolverhampton").returncode == 0


def test_an_interrupted_rebuild_says_how_to_go_on_and_is_gone_on_with(demonstration: Demonstration) -> None:
    with stuck(demonstration, "maidstone") as process:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)

    assert (process.returncode, out) == (130, "")
    assert "interrupted. What was filled stays: the same command goes on with it." in err
    assert "Traceback" not in err
    status = demonstration.run("status", "--landlord", "maidstone").stdout
    assert (
        "of alert_state was interrupted (0 of 1 slices filled); go on with it: evenhand projections rebuild" in status
    )
    resumed = demonstration.run("rebuild", "alert_state", "--landlord", "maidstone", *WHY)
    assert resumed.returncode == 0, resumed.stderr
    acts = [act["act"] for act in demonstration.acts("maidstone")[:4]]
    assert acts == ["switched", "rebuild resumed", "failed", "rebuild begun"]


def test_two_rebuilds_at_once_are_one_and_a_refusal(demonstration: Demonstration) -> None:
    with stuck(demonstration, "derby") as first:
        second = demonstration.run("rebuild", "audit_trail", "--landlord", "derby", *WHY)
        first.send_signal(signal.SIGTERM)
        first.communicate(timeout=PATIENCE)

    assert second.returncode == 1
    assert second.stderr.startswith("evenhand: derby: Somebody else is rebuilding here just now")
    assert first.returncode == 130
    assert demonstration.run("rebuild", "alert_state", "--abandon", "--landlord", "derby", *WHY).returncode == 0


def test_what_is_paused_is_told_with_how_to_resume_it(demonstration: Demonstration) -> None:
    of = ("alert_state", "--landlord", "citizen", *WHY)
    paused = demonstration.run("pause", *of)
    again = demonstration.run("pause", *of)
    status = demonstration.run("status", "--landlord", "citizen").stdout
    refused = demonstration.run("verify", "alert_state", "--repair", "--landlord", "citizen", *WHY)
    resumed = demonstration.run("resume", *of)

    assert paused.stdout == "citizen: alert_state paused.\n"
    assert again.stdout == "citizen: so already.\n"
    assert "evenhand projections resume alert_state --landlord citizen --why …" in status
    assert (refused.returncode, "resume it first" in refused.stderr) == (1, True)
    assert resumed.stdout == "citizen: alert_state kept up again.\n"


def test_a_rollback_returns_to_the_build_before_or_says_why_not(demonstration: Demonstration) -> None:
    nothing = demonstration.run("rollback", "audit_trail", "--landlord", "maidstone", *WHY)
    assert demonstration.run("rebuild", "audit_trail", "--landlord", "maidstone", *WHY).returncode == 0
    back = demonstration.run("rollback", "audit_trail", "--landlord", "maidstone", *WHY)

    assert (nothing.returncode, "was never switched" in nothing.stderr) == (1, True)
    assert back.stdout == "audit_trail of maidstone is read as version 2, build 1, from now on.\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("pause", "alert_state", *WHY),  # for whom?
        ("pause", "alert_state", "--landlord", "derby"),  # why?
        ("pause", "alert_state", "--landlord", "derby", "--why", " "),
        ("pause", "alert_state", "--landlord", "derby", "--all", *WHY),
        ("pause", "nobody_knows", "--landlord", "derby", *WHY),
        ("rebuild", "--landlord", "derby", *WHY),  # what?
        ("rebuild", "alert_state", "--all-projections", "--landlord", "derby", *WHY),
        ("rebuild", "alert_state", "--processes", "0", "--landlord", "derby", *WHY),
        ("verify", "--repair", "--landlord", "derby"),
    ],
)
def test_what_is_not_asked_rightly_ends_with_two_and_does_nothing(arguments: tuple[str, ...]) -> None:
    done = run("projections", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_a_landlord_that_is_not_served_is_refused_before_anything_is_done(demonstration: Demonstration) -> None:
    before = demonstration.acts("derby")
    done = demonstration.run("rebuild", *BOTH, "--landlord", "derby", "--landlord", "nobody", *WHY)

    assert (done.returncode, done.stdout) == (1, "")
    assert "nobody is not set up here" in done.stderr
    assert demonstration.acts("derby") == before


def test_on_a_terminal_progress_is_drawn_and_standard_output_stays_clean(demonstration: Demonstration) -> None:
    ours, theirs = pty.openpty()
    command = [str(EVENHAND), "projections", "verify", "--landlord", "derby", "--json"]
    with subprocess.Popen(
        command, env=environment(TERM="xterm", **demonstration.given), stdout=subprocess.PIPE, stderr=theirs
    ) as process:
        os.close(theirs)
        out, _ = process.communicate(timeout=PATIENCE)
    drawn = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # what a terminal whose other end is closed answers
            break
        drawn += part
    os.close(ours)

    assert process.returncode == 0
    assert json.loads(out)["landlords"][0]["verified"]["differences"] == 0
    assert b"derby: verifying" in drawn


def test_posts_and_landlords_are_listed_beside_the_running_service(demonstration: Demonstration) -> None:
    listed = run("landlord", "list", **demonstration.given)
    posts = run("post", "list", "maidstone", **demonstration.given)

    assert listed.stdout.splitlines()[0] == "citizen (demonstration)"
    assert (posts.returncode, "Leila Rostron" in posts.stdout) == (0, True)


# Without a service


@pytest.fixture
def at_rest(database: str, tmp_path: Path) -> dict[str, object]:
    """A landlord with one case, on a database that nobody serves."""
    given: dict[str, object] = {"DATABASE_URL": database, "EVENHAND_DATA": tmp_path}
    with build(read_settings({name: str(value) for name, value in given.items()})) as evenhand:
        evenhand.set_up("derby")
    return given


def test_with_nobody_leading_a_retry_leads_for_the_moment(at_rest: dict[str, object], database: str) -> None:
    with psycopg.connect(database) as conn:
        stream = conn.execute("SELECT stream::text FROM landlord_derby.event LIMIT 1").fetchone()
        assert stream is not None
        conn.execute(
            "INSERT INTO landlord_derby.blocked (projection, build, case_id, position, error, attempts, since,"
            " code_version) VALUES ('alert_state', 1, %s, 1, 'LookupError: made up', 1, now(), 'before')",
            stream,
        )
    silent = run("projections", "status", **at_rest).stdout

    done = run("projections", "retry", "--landlord", "derby", *WHY, **at_rest)

    assert "alert_state cannot tell case" in silent
    assert "nobody keeps alert_state of derby up just now: is the service running?" in silent
    assert "evenhand projections retry --landlord derby --why …" in silent
    assert (done.returncode, done.stdout) == (0, f"{stream[0]}: can be told again.\n"), done.stderr
    assert "blocked" not in run("projections", "status", **at_rest).stdout
    none = run("projections", "retry", stream[0], "--landlord", "derby", *WHY, **at_rest)
    assert (none.returncode, none.stdout) == (1, "derby: none of these cases is blocked.\n")


def test_read_models_of_another_release_are_told_at_the_start_and_rebuilt(
    at_rest: dict[str, object], database: str, tmp_path: Path
) -> None:
    with psycopg.connect(database) as conn:
        conn.execute("UPDATE landlord_derby.build SET version = 9 WHERE projection = 'alert_state'")
        conn.execute("ALTER TABLE landlord_derby.alert_state_v2_b1 RENAME TO alert_state_v9_b1")
    status = run("projections", "status", **at_rest).stdout
    with running("demo", given=at_rest | {"EVENHAND_PORT": free_port()}) as (process, _):
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0

    command = "evenhand projections rebuild alert_state --landlord derby --why …"
    assert f"alert_state of derby awaits a rebuild to version 2: {command}" in status
    assert f"evenhand: alert_state of derby awaits a rebuild, and lists may grow old until then: {command}" in err
    done = run("projections", "rebuild", "alert_state", "--landlord", "derby", "--accept", *WHY, **at_rest)
    assert done.returncode == 0, done.stderr
    assert "awaits" not in run("projections", "status", **at_rest).stdout
    assert tmp_path.exists()


def test_a_service_whose_database_dies_ends_with_a_sentence(data_folder: Path) -> None:
    given: dict[str, object] = {"EVENHAND_DATA": data_folder, "EVENHAND_PORT": free_port()}
    with running("demo", given=given) as (process, _):
        children = psutil.Process(process.pid).children(recursive=True)
        [postmaster] = [child for child in psutil.Process(process.pid).children() if child.name() == "postgres"]
        postmaster.kill()
        _, err = process.communicate(timeout=PATIENCE)

    assert process.returncode == 1
    assert "PostgreSQL, which this service had started, has ended" in err
    assert str(data_folder / "postgres" / "server.log") in err
    assert "Traceback" not in err
    soon(lambda: alive(children) == [])


def test_a_service_that_stops_leaves_a_rebuild_that_the_next_one_goes_on_with(data_folder: Path) -> None:
    given: dict[str, object] = {"EVENHAND_DATA": data_folder, "EVENHAND_PORT": free_port()}
    with running("demo", given=given) as (process, address), server_for_a_command(data_folder) as dsn:
        token = run("token", "--landlord", "derby", "--as", "petra.wynne", "--scope", "operate", **given)
        headers = {"Authorization": f"Bearer {token.stdout.strip()}"}
        # The connection ends with the service's database, so there is nothing to commit.
        with closing(psycopg.connect(dsn)) as locking:
            locking.execute("LOCK TABLE landlord_derby.filled IN EXCLUSIVE MODE")
            body = {"names": ["alert_state"], "why": "a test"}
            begun = httpx.post(f"{address}/v1/ops/projections/rebuild", json=body, headers=headers)
            assert begun.status_code == 202, begun.text
            place = f"{address}{begun.headers['Location']}"
            soon(lambda: httpx.get(place, headers=headers).json()["stage"] == "filling")
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert "Traceback" not in err

    status = run("projections", "status", "--landlord", "derby", **given).stdout
    assert "go on with it: evenhand projections rebuild alert_state --landlord derby --why …" in status
    done = run("projections", "rebuild", "alert_state", "--landlord", "derby", *WHY, **given)
    history = run("projections", "history", "--landlord", "derby", **given).stdout

    assert done.returncode == 0, done.stderr
    assert [word in history for word in ("rebuild begun", "rebuild resumed", "switched")] == [True] * 3
