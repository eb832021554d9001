"""Calls to receivers outside, against real ones on this machine that behave as badly as they can."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from random import Random
from socket import gaierror
from time import sleep

import pytest
from cryptography import x509

from infrastructure.downstream.webhooks import outside as way_out
from infrastructure.downstream.webhooks.addresses import Address, Allowed
from infrastructure.downstream.webhooks.outside import Answer, NoAnswer, Outside
from infrastructure.downstream.webhooks.schedule import TRIES, WAITS, asked_to_wait, wait_after
from tests.infrastructure.a_certificate import self_signed
from tests.infrastructure.downstream.webhooks.a_receiver import Receiver, Trouble, a_receiver

HERE = Allowed.read("127.0.0.1")
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def call(url: str, allowed: Allowed = HERE, answering: float = 10.0, **given: object) -> Answer:
    """One call to a URL."""

    async def called() -> Answer:
        outside = Outside(allowed, answering=answering, **given)  # type: ignore[arg-type]
        line = outside.line(url)
        try:
            return await line.call("POST", {"Content-Type": "text/plain"}, b"Hello.")
        finally:
            await line.close()
            outside.close()

    return asyncio.run(called())


def refused(url: str, allowed: Allowed = HERE, answering: float = 10.0, **given: object) -> str:
    """Why one call came to nothing."""
    with pytest.raises(NoAnswer) as failed:
        call(url, allowed, answering, **given)
    return failed.value.kind


def with_trouble(trouble: Trouble, answering: float = 10.0) -> tuple[Answer | str, Receiver]:
    """What comes of a call to a receiver with a trouble."""
    with a_receiver(troubled=lambda _: trouble) as receiver:
        try:
            return call(receiver.address, answering=answering), receiver
        except NoAnswer as none:
            return none.kind, receiver


def test_an_answer_is_its_status_and_nothing_of_its_text() -> None:
    answer, receiver = with_trouble((503, {"Retry-After": "120", "X-Other": "zoe@example.org"}))
    assert answer == Answer(503, {"retry-after": "120"})
    (came,) = receiver.came
    assert came.body == b"Hello."
    assert came.headers["host"] == f"127.0.0.1:{receiver.port}"


def test_a_redirect_to_a_metadata_address_is_an_answer_and_nobody_goes_there() -> None:
    answer, receiver = with_trouble((302, {"Location": "http://169.254.169.254/latest/meta-data"}))
    assert answer == Answer(302, {})
    assert len(receiver.came) == 1


@pytest.mark.parametrize(
    ("trouble", "kind"), [("hang", "timeout"), ("drip", 200), ("close", "broken_answer"), ("half", "broken_answer")]
)
def test_a_receiver_that_hangs_or_breaks_off_keeps_nobody_for_long(trouble: str, kind: object) -> None:
    answer, _ = with_trouble(trouble, answering=1.0)
    # A drip is a timeout unless its bytes sum up to what is read anyway before that.
    assert answer == kind if isinstance(kind, str) else answer in ("timeout", Answer(200, {}))


def test_of_an_answer_of_a_gigabyte_next_to_nothing_is_read() -> None:
    answer, receiver = with_trouble("flood")
    assert answer == Answer(200, {})
    assert receiver.flooded < 32 * 1024 * 1024  # what fits into the buffers of both ends


def test_whoever_says_without_end_that_an_answer_will_come_is_not_listened_to_for_long() -> None:
    answer, receiver = with_trouble("foretell")
    assert answer == "broken_answer"
    assert receiver.flooded < 32 * 1024 * 1024


def test_without_being_listed_this_machine_is_not_called_over_http_or_https() -> None:
    with a_receiver() as receiver:
        assert refused(receiver.address, Allowed()) == "address_refused"
        assert refused(receiver.address.replace("http:", "https:"), Allowed()) == "address_refused"
        assert receiver.came == []


class Rebinding:
    """A name that is public when it is looked at first, and somebody's own machine after that."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, _: str, __: int) -> Sequence[Address]:
        """The next answer, the last one for ever."""
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [ip_address(address) for address in answer]


def test_a_name_that_means_this_machine_when_it_is_called_is_not_called() -> None:
    with a_receiver() as receiver:
        url = f"https://hooks.example:{receiver.port}/"
        for answers in (["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["::ffff:127.0.0.1"], ["169.254.169.254"]):
            resolve = Rebinding(answers)
            assert refused(url, Allowed(), resolve=resolve) == "address_refused"
            assert resolve.asked == 1
        assert receiver.came == []
        assert receiver.connections == 0


def test_a_name_is_asked_for_once_a_connection_and_that_answer_is_what_is_connected_to() -> None:
    with a_receiver() as receiver:
        resolve = Rebinding(["127.0.0.1"], ["169.254.169.254"])
        listed = Allowed.read("hooks.internal")
        url = f"http://hooks.internal:{receiver.port}/in"
        assert call(url, listed, resolve=resolve).status == 204
        assert resolve.asked == 1
        assert receiver.came[0].headers["host"] == f"hooks.internal:{receiver.port}"
        assert refused(url, listed, resolve=resolve) == "address_refused"


def test_the_addresses_of_a_host_are_tried_in_turn() -> None:
    with a_receiver() as receiver:
        resolve = Rebinding(["127.0.0.2", "127.0.0.1"])
        assert (
            call(f"http://hooks.internal:{receiver.port}/", Allowed.read("hooks.internal"), resolve=resolve).status
            == 204
        )


def test_a_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with a_receiver() as proxy, a_receiver() as receiver:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert call(receiver.address).status == 204
        assert proxy.came == []


def test_nobody_there_and_no_such_name_have_codes_of_their_own() -> None:
    with a_receiver() as gone:
        pass
    assert refused(gone.address) == "not_connected"
    assert refused("https://nobody.invalid/", Allowed()) == "name_unknown"


def a_certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a receiver of this name shows, and what trusts it."""
    shown, kept = self_signed(folder, x509.DNSName(name))
    receiver = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    receiver.load_cert_chain(shown, kept)
    return receiver, ssl.create_default_context(cafile=str(shown))


def test_a_certificate_is_checked_against_the_name_although_an_address_is_connected_to(tmp_path: Path) -> None:
    shown, trusting = a_certificate(tmp_path, "hooks.internal")
    resolve = Rebinding(["127.0.0.1"])
    listed = Allowed.read("hooks.internal, other.internal")
    with a_receiver(shown) as receiver:
        url = f"https://hooks.internal:{receiver.port}/"
        assert call(url, listed, resolve=resolve, tls=trusting).status == 204
        assert refused(url.replace("hooks.", "other."), listed, resolve=resolve, tls=trusting) == "tls"
        assert refused(url, listed, resolve=resolve) == "tls"  # signed by nobody whom anybody knows


def test_a_line_keeps_its_connection_and_lets_it_go_when_told() -> None:
    async def calls(url: str) -> None:
        outside = Outside(HERE)
        line = outside.line(url)
        for _ in range(3):
            await line.call("POST", {}, b"{}")
        await line.close()
        await line.call("POST", {}, b"{}")
        await line.close()
        outside.close()

    with a_receiver() as receiver:
        asyncio.run(calls(receiver.address))
        assert len(receiver.took) == 4
        assert receiver.connections == 2


def test_tries_are_spread_over_about_three_days_and_around_their_times() -> None:
    assert TRIES == 25
    assert timedelta(seconds=sum(WAITS)) == timedelta(hours=71, minutes=42, seconds=35)
    random = Random(4)  # noqa: S311 - jitter is no secret
    for tries, wait in enumerate(WAITS, start=1):
        found = [wait_after(tries, random) or 0.0 for _ in range(50)]
        assert all(0.8 * wait <= one <= 1.2 * wait for one in found)
        assert max(found) - min(found) > 0.2 * wait
    assert wait_after(TRIES, random) is None


def test_what_a_receiver_asks_to_be_left_alone_for_is_heeded_within_bounds() -> None:
    random = Random(4)  # noqa: S311 - jitter is no secret
    assert wait_after(1, random, 90.0) == 90.0
    assert wait_after(1, random, 10**9) == 14400.0
    assert (wait_after(6, random, 1.0) or 0.0) > 2000
    assert wait_after(TRIES, random, 1.0) is None
    assert asked_to_wait("120", NOW) == 120.0
    assert asked_to_wait("Mon, 02 Mar 2026 12:10:00 GMT", NOW) == 600.0
    assert asked_to_wait("Mon, 02 Mar 2020 12:10:00 GMT", NOW) == 0.0
    for nothing in (None, "", "soon", "-5", "9" * 40):
        assert asked_to_wait(nothing, NOW) is None


def test_a_receiver_that_lets_a_kept_connection_go_is_called_again_at_once() -> None:
    async def calls(url: str) -> list[int]:
        outside = Outside(HERE)
        line = outside.line(url)
        statuses = []
        for _ in range(4):
            statuses.append((await line.call("POST", {}, b"{}")).status)
            await asyncio.sleep(0.05)
        await line.close()
        outside.close()
        return statuses

    with a_receiver() as receiver:
        receiver.lets_go = True
        assert asyncio.run(calls(receiver.address)) == [204] * 4
        assert receiver.connections == 4


def test_a_name_that_takes_long_is_looked_up_once_for_all_who_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def slow(host: str, _: int) -> list[str]:
        asked.append(host)
        sleep(0.3)
        if host == "nobody.internal":
            raise gaierror
        return ["127.0.0.1"]

    monkeypatch.setattr(way_out, "_look_up", slow)

    async def calls(port: int) -> list[object]:
        outside = Outside(Allowed.read("hooks.internal, nobody.internal"))
        lines = [outside.line(f"http://{name}.internal:{port}/", 5) for name in ("hooks", "nobody")]
        found = await asyncio.gather(
            *(line.call("POST", {}, b"{}") for line in lines for _ in range(5)), return_exceptions=True
        )
        for line in lines:
            await line.close()
        outside.close()
        return list(found)

    with a_receiver() as receiver:
        found = asyncio.run(calls(receiver.port))
    assert [one.status for one in found if isinstance(one, Answer)] == [204] * 5
    assert [one.kind for one in found if isinstance(one, NoAnswer)] == ["name_unknown"] * 5
    assert sorted(asked) == ["hooks.internal", "nobody.internal"]
