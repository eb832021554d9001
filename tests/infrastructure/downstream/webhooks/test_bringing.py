"""Events are brought to real receivers on this machine, in order of each case, until they are taken."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from time import sleep

import pytest

from infrastructure.downstream.webhooks.patience import AT_ONCE, DOWN
from infrastructure.downstream.webhooks.records import NewEndpoint
from infrastructure.downstream.webhooks.schedule import TRIES
from tests.infrastructure.downstream.webhooks.a_post import FACTS, Post, eventually
from tests.infrastructure.downstream.webhooks.a_receiver import Call, Trouble, a_receiver


def test_every_event_is_brought_signed_and_in_order_of_its_case(post: Post) -> None:
    with a_receiver() as receiver, post.worker():
        endpoint, secret = post.endpoint(receiver)
        cases = [post.case(*FACTS) for _ in range(5)]
        post.add(cases[0])
        eventually(lambda: post.told_of(endpoint))
        assert receiver.versions() == {cases[0]: [1, 2, 3, 4, 5]} | {case: [1, 2, 3, 4] for case in cases[1:]}
        for call in receiver.took:
            event = call.verified(secret)
            assert call.headers["webhook-id"] == event["id"]
            assert call.headers["content-type"] == "application/cloudevents+json"
            assert call.headers["webhook-request-origin"] == "evenhand.example"
        assert len({call.headers["webhook-id"] for call in receiver.took}) == 21


def test_an_endpoint_is_told_what_it_asked_for_and_its_place_passes_on(post: Post) -> None:
    with a_receiver() as receiver, post.worker():
        endpoint, _ = post.endpoint(receiver, types=frozenset({"incident-recorded"}))
        case = post.case(*FACTS)
        eventually(lambda: receiver.versions() == {case: [3, 4]})
        assert [call.event["previous"] for call in receiver.took] == [0, 3]
        eventually(lambda: post.told_of(endpoint))


def test_what_came_before_an_endpoint_is_told_only_if_it_asked_for_it(post: Post) -> None:
    before = post.case()
    with a_receiver() as receiver, a_receiver() as whole, post.worker():
        endpoint, _ = post.endpoint(receiver)
        post.endpoint(whole, position=0)
        after = post.case()
        eventually(lambda: after in whole.versions() and after in receiver.versions())
        eventually(lambda: post.told_of(endpoint))
        assert before in whole.versions()
        assert before not in receiver.versions()


def test_a_case_that_is_not_taken_waits_and_the_others_go_on(post: Post) -> None:
    stuck: list[str] = []
    with a_receiver(troubled=lambda call: 500 if call.case in stuck else None) as receiver, post.worker():
        endpoint, _ = post.endpoint(receiver)
        first = post.case(*FACTS)
        eventually(lambda: receiver.versions() == {first: [1, 2, 3, 4]})
        stuck.append(first)
        post.add(first)
        eventually(lambda: len(post.office.webhooks.cases(endpoint.endpoint)) == 1)
        post.add(first)
        others = [post.case(*FACTS) for _ in range(4)]
        eventually(lambda: all(receiver.versions().get(one) == [1, 2, 3, 4] for one in others))
        eventually(lambda: post.place(endpoint) == post.office.public_log.head())
        (behind,) = post.office.webhooks.cases(endpoint.endpoint)
        assert (behind.case_id, behind.tries, behind.parked) == (first, 1, False)
        stuck.clear()
        post.clock.pass_by(seconds=7)
        eventually(lambda: post.told_of(endpoint))
        assert receiver.versions()[first] == [1, 2, 3, 4, 5, 6]


def test_a_try_is_stamped_anew_under_the_same_id(post: Post) -> None:
    answers: list[Trouble] = [503, None]
    with a_receiver(troubled=lambda _: answers.pop(0)) as receiver, post.worker():
        post.endpoint(receiver)
        post.case()
        eventually(lambda: len(receiver.came) == 1)
        post.clock.pass_by(seconds=7)
        eventually(lambda: len(receiver.took) == 1)
    first, second = receiver.came
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) >= 6
    assert first.headers["webhook-signature"] != second.headers["webhook-signature"]


def test_a_receiver_that_asks_to_be_left_alone_is(post: Post) -> None:
    answers: list[Trouble] = [(429, {"Retry-After": "3600"})]
    with a_receiver(troubled=lambda _: answers.pop(0) if answers else None) as receiver, post.worker():
        endpoint, _ = post.endpoint(receiver)
        post.case()
        eventually(lambda: post.office.webhooks.cases(endpoint.endpoint))
        (behind,) = post.office.webhooks.cases(endpoint.endpoint)
        assert (behind.next_at - behind.since).total_seconds() >= 3599
        post.case()
        post.clock.pass_by(minutes=58)
        sleep(0.3)  # six looks of the worker's
        assert len(receiver.came) == 1  # nothing at all
        post.clock.pass_by(minutes=3)
        eventually(lambda: post.told_of(endpoint))
        assert len(receiver.came) == 3


def test_an_endpoint_that_answers_500_for_a_day_gets_everything_in_order_when_it_is_well_again(post: Post) -> None:
    ill = [True]
    with a_receiver(troubled=lambda _: 500 if ill else None) as receiver, post.worker():
        endpoint, _ = post.endpoint(receiver)
        cases = [post.case(*FACTS) for _ in range(12)]
        for _ in range(24):
            post.clock.pass_by(hours=1)
            came = len(receiver.came)
            eventually(lambda came=came: len(receiver.came) > came or not _due(post, endpoint.endpoint))  # type: ignore[misc]
        # While it is down no new case is begun: a few are tried, and the rest wait in the log.
        assert len({call.case for call in receiver.came}) <= DOWN + AT_ONCE
        late = post.case(*FACTS)
        ill.clear()
        post.clock.pass_by(hours=5)
        eventually(lambda: post.told_of(endpoint))
        assert receiver.in_effect() == {case: [1, 2, 3, 4] for case in [*cases, late]}
        assert receiver.versions() == receiver.in_effect()
        assert post.office.webhooks.one(endpoint.endpoint).state == "active"


def _due(post: Post, endpoint: str) -> bool:
    now = post.clock()
    return any(one.next_at <= now for one in post.office.webhooks.cases(endpoint))


def test_a_redirect_to_a_metadata_address_is_a_failure(post: Post) -> None:
    to = (302, {"Location": "http://169.254.169.254/latest/meta-data"})
    with a_receiver(troubled=lambda _: to) as receiver, post.worker():
        endpoint, _ = post.endpoint(receiver)
        post.case()
        eventually(lambda: post.office.webhooks.deliveries(endpoint.endpoint, 10))
        (tried,) = post.office.webhooks.deliveries(endpoint.endpoint, 10)
        assert (tried.outcome, tried.status) == ("status", 302)
        assert len(post.office.webhooks.cases(endpoint.endpoint)) == 1


@pytest.mark.parametrize(
    ("trouble", "outcome"), [("hang", "timeout"), ("close", "broken_answer"), ("half", "broken_answer")]
)
def test_what_breaks_off_or_hangs_is_tried_again(post: Post, trouble: str, outcome: str) -> None:
    answers: list[Trouble] = [trouble]
    with (
        a_receiver(troubled=lambda _: answers.pop(0) if answers else None) as receiver,
        post.worker(answering=1.0),
    ):
        endpoint, _ = post.endpoint(receiver)
        case = post.case()
        eventually(lambda: post.office.webhooks.cases(endpoint.endpoint))
        post.clock.pass_by(seconds=7)
        eventually(lambda: post.told_of(endpoint))
        assert receiver.in_effect() == {case: [1]}
        assert [one.outcome for one in post.office.webhooks.deliveries(endpoint.endpoint, 10)] == ["taken", outcome]


def test_an_answer_of_a_gigabyte_costs_nothing_and_is_an_answer(post: Post) -> None:
    with a_receiver(troubled=lambda _: "flood") as receiver, post.worker():
        endpoint, _ = post.endpoint(receiver)
        post.case()
        eventually(lambda: post.told_of(endpoint))
        assert receiver.flooded < 64 * 1024 * 1024


def test_an_endpoint_that_hangs_keeps_no_other_waiting(post: Post) -> None:
    with a_receiver(troubled=lambda _: "hang") as slow, a_receiver() as quick, post.worker(answering=30.0):
        post.endpoint(slow)
        endpoint, _ = post.endpoint(quick)
        cases = [post.case(*FACTS) for _ in range(10)]
        eventually(lambda: post.told_of(endpoint))
        assert sorted(quick.versions()) == sorted(cases)
        assert len(slow.came) <= AT_ONCE
        slow.let_go.set()


def test_a_case_that_hangs_keeps_no_other_case_of_its_endpoint_waiting(post: Post) -> None:
    stuck: list[str] = []
    with a_receiver(troubled=lambda call: "hang" if call.case in stuck else None) as receiver:
        endpoint, _ = post.endpoint(receiver)
        stuck.append(post.case(*FACTS))
        with post.worker(answering=30.0):
            eventually(lambda: len(receiver.came) == 1)
            others = [post.case(*FACTS) for _ in range(10)]
            eventually(lambda: sorted(receiver.versions()) == sorted(others))
            assert post.place(endpoint) < post.office.public_log.head()
            assert sum(call.case == stuck[0] for call in receiver.came) == 1
            receiver.let_go.set()


def test_whoever_is_gone_is_called_no_more(post: Post) -> None:
    with a_receiver(troubled=lambda _: 410) as receiver, post.worker():
        endpoint, _ = post.endpoint(receiver)
        place = post.place(endpoint)
        case = post.case(*FACTS)
        eventually(lambda: post.office.webhooks.one(endpoint.endpoint).state == "disabled")
        found = post.office.webhooks.one(endpoint.endpoint)
        assert (found.because, found.position) == ("gone", place)
        (task,) = post.office.webhooks.open_tasks(post.clock())
        assert (task.kind, task.because, task.endpoint) == ("disabled", "gone", endpoint.endpoint)
        came = len(receiver.came)
        post.case()
        receiver.troubled = lambda _: None
        post.office.webhooks.resume(endpoint.endpoint, "tester", "It is back.")
        eventually(lambda: post.told_of(endpoint))
        assert len(receiver.came) == came + 5
        assert receiver.versions()[case] == [1, 2, 3, 4]


def until_used_up(post: Post, came: list[Call], done: Callable[[], bool]) -> None:
    """All the time that tries are spread over goes by, and more."""
    for _ in range(8 * TRIES):
        if done():
            return
        before = len(came)
        post.clock.pass_by(hours=5)
        eventually(lambda before=before: len(came) > before or done())  # type: ignore[misc]


def test_a_case_whose_tries_are_used_up_is_parked_with_a_task_and_the_endpoint_goes_on(post: Post) -> None:
    stuck: list[str] = []
    with a_receiver(troubled=lambda call: 422 if call.case in stuck else None) as receiver, post.worker():
        endpoint, _ = post.endpoint(receiver)
        name = endpoint.endpoint
        stuck.append(post.case())
        eventually(lambda: post.office.webhooks.cases(name))
        well = post.case()
        eventually(lambda: well in receiver.versions())
        until_used_up(post, receiver.came, lambda: post.office.webhooks.cases(name)[0].parked)
        (behind,) = post.office.webhooks.cases(name)
        assert (behind.parked, behind.tries) == (True, TRIES)
        assert sum(call.case == stuck[0] for call in receiver.came) == TRIES
        (task,) = post.office.webhooks.open_tasks(post.clock())
        assert (task.kind, task.case, task.subscriber) == ("parked", stuck[0], endpoint.subscriber)
        post.add(stuck[0])
        later = post.case()
        eventually(lambda: later in receiver.versions())
        (parked,) = stuck
        stuck.clear()
        assert parked not in receiver.versions()
        post.office.webhooks.resume(name, "tester", "The receiver was mended.")
        eventually(lambda: post.told_of(endpoint))
        assert receiver.versions()[parked] == [1, 2]
        assert post.office.webhooks.open_tasks(post.clock()) == []


def test_an_endpoint_that_takes_nothing_for_three_days_is_disabled_and_keeps_its_place(post: Post) -> None:
    ill = [True]
    with a_receiver(troubled=lambda _: 500 if ill else None) as receiver, post.worker():
        endpoint, _ = post.endpoint(receiver)
        name = endpoint.endpoint
        cases = [post.case(*FACTS) for _ in range(6)]
        until_used_up(post, receiver.came, lambda: post.office.webhooks.one(name).state == "disabled")
        eventually(lambda: post.office.webhooks.one(name).state == "disabled")
        assert post.office.webhooks.one(name).because == "failing"
        (task,) = post.office.webhooks.open_tasks(post.clock())
        assert (task.kind, task.because) == ("disabled", "failing")
        ill.clear()
        post.office.webhooks.resume(name, "tester", "It is mended.")
        eventually(lambda: post.told_of(endpoint))
        assert receiver.versions() == {case: [1, 2, 3, 4] for case in cases}


def test_starting_over_begins_with_word_to_read_the_present_state(post: Post) -> None:
    with a_receiver(troubled=lambda _: 410) as receiver, post.worker():
        endpoint, secret = post.endpoint(receiver)
        name = endpoint.endpoint
        before = post.case(*FACTS)
        eventually(lambda: post.office.webhooks.one(name).state == "disabled")
        head = post.office.public_log.head()
        post.office.webhooks.start_over(name, head, "tester", "It was set up anew.")
        answers: list[Trouble] = [500]
        receiver.came.clear()
        receiver.troubled = lambda _: answers.pop(0) if answers else None
        after = post.case()
        eventually(lambda: answers == [])
        eventually(lambda: post.office.webhooks.one(name).failing_since is not None)
        assert receiver.took == []
        post.clock.pass_by(seconds=7)
        eventually(lambda: after in receiver.versions())
        eventually(lambda: post.told_of(endpoint))
        word, event = receiver.took
        assert word.event["type"] == "evenhand.start-over"
        assert word.event["data"] == {"sequence": f"{head:020}", "links": {"snapshot": "/v1/snapshot"}}
        assert word.verified(secret)
        assert (event.case, event.version) == (after, 1)
        assert before not in receiver.versions()


def test_while_a_secret_is_rotated_both_are_good_and_then_the_new_one_alone(post: Post) -> None:
    with a_receiver() as receiver, post.worker():
        endpoint, old = post.endpoint(receiver)
        post.case()
        eventually(lambda: len(receiver.took) == 1)
        new, _ = post.office.webhooks.rotate(endpoint.endpoint, "v1", timedelta(hours=24), "tester", "Once a year.")
        eventually(lambda: post.case() and len(receiver.took[-1].headers["webhook-signature"].split()) == 2)
        for secret in (old, new.for_receiver()):
            assert receiver.took[-1].verified(secret)
        post.clock.pass_by(hours=25)
        before = len(receiver.took)
        post.case()
        eventually(lambda: len(receiver.took) > before)
        assert len(receiver.took[-1].headers["webhook-signature"].split()) == 1


def test_an_endpoint_whose_subscriber_has_ended_is_told_nothing_more(post: Post) -> None:
    with a_receiver() as receiver, post.worker():
        code = post.subscriber()
        endpoint, _ = post.endpoint(receiver, subscriber=code)
        post.case()
        eventually(lambda: len(receiver.took) == 1)
        post.end_subscriber(code)
        sleep(0.5)  # ten looks of the worker's
        with a_receiver() as other:
            second, _ = post.endpoint(other)
            post.case()
            eventually(lambda: post.told_of(second))
        assert len(receiver.took) == 1
        assert post.office.webhooks.one(endpoint.endpoint).state == "active"  # its subscriber can be registered again


def test_an_endpoint_that_asks_for_what_another_release_knows_is_said_so_once_and_keeps_its_place(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    with a_receiver() as receiver, a_receiver() as other:
        endpoint, _ = post.endpoint(receiver, types=("restriction-foretold",))
        second, _ = post.endpoint(other)
        place = post.place(endpoint)
        with post.worker():
            post.case()
            eventually(lambda: post.told_of(second))
            sleep(0.5)  # ten looks of the worker's
    assert receiver.came == []
    assert post.place(endpoint) == place
    assert [r.getMessage().count(endpoint.endpoint) for r in caplog.records if "is brought nothing" in r.message] == [1]


def test_an_endpoint_that_nobody_confirmed_is_told_nothing(post: Post) -> None:
    with a_receiver() as receiver, a_receiver() as other, post.worker():
        new = NewEndpoint(
            subscriber=post.subscriber(),
            url=receiver.address,
            position=post.office.public_log.head(),
            confirmed=False,
        )
        endpoint, _ = post.office.webhooks.register(new, "tester", "A test.")
        second, _ = post.endpoint(other)
        case = post.case()
        eventually(lambda: post.told_of(second))
        assert receiver.came == []
        post.office.webhooks.confirm(endpoint.endpoint, "tester", None)
        eventually(lambda: case in receiver.versions())
