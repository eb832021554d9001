"""Workers that are killed, overtaken, late or many: nothing is lost, and a case's events come in their order."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from threading import active_count
from time import sleep

import psycopg
import pytest

from infrastructure.downstream.webhooks.progress import KEPT_FOR, Deposed, Place, Tried, Waiting
from tests.infrastructure.downstream.webhooks.a_post import FACTS, Post, eventually
from tests.infrastructure.downstream.webhooks.a_receiver import Call, Receiver, Trouble, a_receiver


def in_order(receiver: Receiver) -> bool:
    """Whether what came of each case came in order, but for what came again from an earlier place on."""
    for versions in receiver.versions().values():
        highest = 0
        for version in versions:
            if version > highest + 1:
                return False
            highest = max(highest, version)
    return True


def killed(post: Post, point: str, count: int) -> None:
    """Another process brings events, and is killed there."""
    settings = post.house.evenhand.settings
    said = [str(settings.data), str(settings.database), point, str(count)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.infrastructure.doomed_courier", *said],
        timeout=90,
        capture_output=True,
        check=False,
    )
    assert done.returncode == -9, done.stderr.decode()


@pytest.mark.parametrize(
    ("point", "count"),
    [("claimed", 1), ("calling", 1), ("calling", 9), ("called", 1), ("called", 11), ("saving", 1), ("saved", 2)],
)
def test_wherever_a_worker_is_killed_every_event_comes_in_order(post: Post, point: str, count: int) -> None:
    random = Random(f"{point} {count}")  # noqa: S311 - troubles are no secrets

    def troubled(_: Call) -> Trouble:
        return 500 if random.random() < 0.2 else None

    with a_receiver(troubled=troubled) as receiver:
        endpoint, _ = post.endpoint(receiver)
        cases = [post.case(*FACTS) for _ in range(8)]
        killed(post, point, count)
        cases.append(post.case(*FACTS))
        with post.worker():
            for _ in range(60):
                post.clock.pass_by(minutes=10)
                sleep(0.1)
                if post.told_of(endpoint):
                    break
            eventually(lambda: post.told_of(endpoint))
        assert receiver.in_effect() == {case: [1, 2, 3, 4] for case in cases}
        assert in_order(receiver)


def test_of_two_workers_one_brings_and_the_other_takes_over(post: Post) -> None:
    with a_receiver() as receiver:
        endpoint, _ = post.endpoint(receiver)
        first, second = post.made(), post.made()
        first.start()
        second.start()
        try:
            cases = [post.case(*FACTS) for _ in range(5)]
            eventually(lambda: post.told_of(endpoint))
            assert len(receiver.took) == 20
            first.stop()
            cases += [post.case(*FACTS) for _ in range(5)]
            eventually(lambda: post.told_of(endpoint))
        finally:
            first.stop()
            second.stop()
        assert receiver.in_effect() == {case: [1, 2, 3, 4] for case in cases}
        assert in_order(receiver)


def test_a_worker_whose_connection_is_cut_leads_again(post: Post) -> None:
    with a_receiver() as receiver, post.worker():
        endpoint, _ = post.endpoint(receiver)
        cases = [post.case(*FACTS)]
        eventually(lambda: post.told_of(endpoint))
        with psycopg.connect(post.office.recorder.server.dsn, autocommit=True) as conn:
            conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'evenhand webhooks' AND datname = current_database()"
            )
        cases.append(post.case(*FACTS))
        eventually(lambda: post.told_of(endpoint))
        assert receiver.in_effect() == {case: [1, 2, 3, 4] for case in cases}


def test_whoever_was_overtaken_moves_nothing_back(post: Post) -> None:
    endpoint, _ = post.endpoint("http://127.0.0.1:1/")
    progress, name = post.office.webhook_progress, endpoint.endpoint
    now = post.clock()
    waiting = Waiting(position=3, event="e", tries=1, since=now, next_at=now)
    tried = Tried(now, "e", "evenhand.test", "c", 3, 1, "taken", 204, 5)
    place = Place(endpoint.position + 5, None, None)
    progress.claim(endpoint, "first")
    progress.save(endpoint, "first", place, {"c": waiting}, [], [tried])
    progress.claim(endpoint, "second")
    progress.save(endpoint, "second", Place(endpoint.position + 9, None, None), {}, ["c"], [])
    with pytest.raises(Deposed):
        progress.save(endpoint, "first", place, {"c": waiting}, [], [tried])
    assert post.place(endpoint) == endpoint.position + 9
    assert post.office.webhooks.cases(name) == []
    assert len(post.office.webhooks.deliveries(name, 10)) == 1
    progress.save(endpoint, "second", place, {}, [], [])
    assert post.place(endpoint) == endpoint.position + 9
    post.office.webhooks.disable(name, "by_hand", "tester", "A test.")
    post.office.webhooks.resume(name, "tester", "A test.")
    post.office.webhooks.disable(name, "gone", "service", None, changes=endpoint.changes)
    assert post.office.webhooks.one(name).state == "active"
    with pytest.raises(Deposed):
        progress.save(endpoint, "second", place, {}, [], [])
    with pytest.raises(Deposed):
        progress.claim(endpoint, "third")


def test_an_endpoint_that_is_deleted_while_it_is_called_stays_as_it_was_left(post: Post) -> None:
    with a_receiver(troubled=lambda _: "hang") as receiver, post.worker(answering=30.0):
        endpoint, _ = post.endpoint(receiver)
        cases = [post.case(*FACTS) for _ in range(3)]
        eventually(lambda: len(receiver.came) == len(cases))
        place = post.place(endpoint)
        post.office.webhooks.delete(endpoint.endpoint, "tester", "A test.")
        receiver.troubled = lambda _: None
        receiver.let_go.set()
        with a_receiver() as other:
            second, _ = post.endpoint(other)
            post.case()
            eventually(lambda: post.told_of(second))
        assert len(receiver.came) == len(cases)
    with psycopg.connect(post.office.recorder.server.dsn, autocommit=True) as conn:
        query = (
            "SELECT state, position, owner, (SELECT count(*) FROM landlord_derby.webhook_case WHERE endpoint = %s),"
            " (SELECT count(*) FROM landlord_derby.webhook_secret WHERE endpoint = %s)"
            " FROM landlord_derby.webhook WHERE endpoint = %s"
        )
        assert conn.execute(query, 3 * [endpoint.endpoint]).fetchone() == ("deleted", place, None, 0, 0)


def test_with_writers_at_once_and_a_receiver_that_fails_now_and_then_each_case_comes_in_order(post: Post) -> None:
    random = Random(11)  # noqa: S311 - troubles are no secrets

    def troubled(_: Call) -> Trouble:
        return random.choice(["close", 500, 503, None, None, None, None, None])

    with a_receiver(troubled=troubled) as receiver, post.worker():
        endpoint, _ = post.endpoint(receiver)

        def write(_: int) -> str:
            case = post.case(*FACTS)
            for _ in range(4):
                post.add(case)
            return case

        with ThreadPoolExecutor(4) as writers:
            cases = list(writers.map(write, range(12)))
        for _ in range(200):
            post.clock.pass_by(hours=1)
            sleep(0.02)
            if post.told_of(endpoint):
                break
        eventually(lambda: post.told_of(endpoint))
        assert receiver.versions() == {case: list(range(1, 9)) for case in cases}


def test_a_clock_that_goes_back_keeps_nobody_waiting(post: Post) -> None:
    answers: list[Trouble] = [500]
    with a_receiver(troubled=lambda _: answers.pop(0) if answers else None) as receiver, post.worker():
        post.clock.pass_by(days=2)
        endpoint, _ = post.endpoint(receiver)
        case = post.case()
        eventually(lambda: post.office.webhooks.cases(endpoint.endpoint))
        post.clock.ahead = timedelta(0)
        eventually(lambda: receiver.versions() == {case: [1]})


def test_idle_endpoints_hold_no_connection_and_no_thread(post: Post) -> None:
    with a_receiver() as receiver, post.worker():
        known = active_count()
        code = post.subscriber()
        for _ in range(100):
            post.endpoint(receiver, subscriber=code)
        case = post.case()
        eventually(lambda: len(receiver.took) == 100)
        assert receiver.versions() == {case: [1] * 100}
        eventually(lambda: receiver.open_now == 0)
        assert active_count() <= known + 8


def test_what_was_tried_long_ago_is_forgotten(post: Post) -> None:
    with a_receiver() as receiver, post.worker():
        endpoint, _ = post.endpoint(receiver)
        post.case()
        eventually(lambda: len(post.office.webhooks.deliveries(endpoint.endpoint, 10)) == 1)
    assert post.office.webhook_progress.forget(post.clock()) == 0
    assert post.office.webhook_progress.forget(post.clock() + KEPT_FOR + timedelta(days=1)) >= 1
    assert post.office.webhooks.deliveries(endpoint.endpoint, 10) == []


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_people_and_the_database_do_meanwhile_nothing_is_lost_or_out_of_order(post: Post, seed: int) -> None:
    random = Random(seed)  # noqa: S311 - troubles are no secrets

    def troubled(_: Call) -> Trouble:
        return random.choice(["close", "half", 500, 410, *(12 * [None])])

    with a_receiver(troubled=troubled) as receiver:
        endpoint, _ = post.endpoint(receiver)
        name, webhooks = endpoint.endpoint, post.office.webhooks
        cases = [post.case(*FACTS) for _ in range(30)]
        workers = [post.made(), post.made()]
        for worker in workers:
            worker.start()
        try:
            for _ in range(25):
                match random.choice(["disable", "resume", "rotate", "cut", "later", "later", "write"]):
                    case "disable":
                        webhooks.disable(name, "by_hand", "tester", "A test.")
                    case "rotate":
                        webhooks.rotate(name, "v1", timedelta(hours=1), "tester", "A test.")
                    case "cut":
                        cut_everybody_off(post)
                    case "later":
                        post.clock.pass_by(minutes=random.choice([1, 10, 60]))
                    case "write":
                        cases.append(post.case(*FACTS))
                    case _:
                        pass
                webhooks.resume(name, "tester", "A test.")
                sleep(random.uniform(0.01, 0.2))
            receiver.troubled = lambda _: None
            webhooks.resume(name, "tester", "A test.")
            eventually(lambda: post.told_of(endpoint))
        finally:
            for worker in workers:
                worker.stop()
        assert receiver.in_effect() == {case: [1, 2, 3, 4] for case in cases}
        assert in_order(receiver)


def cut_everybody_off(post: Post) -> None:
    """Every connection to the database is lost, but for this one."""
    with psycopg.connect(post.office.recorder.server.dsn, autocommit=True) as conn:
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    post.office.recorder.server.pool.check()
