"""Where a webhook may lead to, by a table written by hand."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from infrastructure.downstream.webhooks.addresses import Allowed, NotCallable, check, target

NOBODY = Allowed()
PUBLIC = ["93.184.216.34", "1.1.1.1", "2606:2800:220:1::1", "64:ff9b::5db8:d822"]
INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "10.0.0.1",
    "172.16.5.5",
    "192.168.1.1",
    "100.64.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.7",
    "192.88.99.1",
    "240.0.0.1",
    "::1",
    "fc00::1",
    "fd12:3456::1",
    "2001:db8::1",
    "2001::4136:e378",
    "2002:7f00:1::1",
    "2002:5db8:d822::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.1.2.3",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "fec0::1",
]
NEVER = [
    "0.0.0.0",  # noqa: S104 - an address to refuse
    "169.254.169.254",
    "169.254.1.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "2001::5601:5601",  # Teredo writes what it leads to the other way round
    "168.63.129.16",
    "100.100.100.200",
    "192.0.0.192",
    "224.0.0.1",
    "239.1.1.1",
    "255.255.255.255",
    "::",
    "fe80::1",
    "ff02::1",
    "fd00:ec2::254",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_called(address: str) -> None:
    check(ip_address(address), "hooks.example", NOBODY)


@pytest.mark.parametrize("address", [*INSIDE, *NEVER])
def test_what_is_not_public_is_not_called(address: str) -> None:
    with pytest.raises(NotCallable):
        check(ip_address(address), "hooks.example", NOBODY)


@pytest.mark.parametrize("address", INSIDE)
def test_an_operator_can_list_a_host_or_a_network_of_their_own(address: str) -> None:
    check(ip_address(address), "hooks.example", Allowed.read("hooks.example"))
    with pytest.raises(NotCallable):
        check(ip_address(address), "other.example", Allowed.read("hooks.example"))


@pytest.mark.parametrize("address", NEVER)
def test_what_no_receiver_ever_has_is_not_called_even_if_listed(address: str) -> None:
    with pytest.raises(NotCallable):
        check(ip_address(address), "hooks.example", Allowed.read("hooks.example, 0.0.0.0/0, ::/0"))


def test_a_listed_network_also_covers_its_addresses_when_written_in_ipv6() -> None:
    check(ip_address("::ffff:10.1.2.3"), "hooks.example", Allowed.read("10.1.0.0/16"))
    with pytest.raises(NotCallable):
        check(ip_address("::ffff:10.2.2.3"), "hooks.example", Allowed.read("10.1.0.0/16"))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example/in",
        "ftp://hooks.example/in",
        "file:///etc/passwd",
        "http://hooks.example/in",
        "https://user:password@hooks.example/in",
        "https://@hooks.example/",
        "https://hooks.example/in#part",
        "https:///in",
        "https://hooks.example:99999/",
        "https://hooks.example:x/",
        "https://hooks.example:22/",
        "https://hooks.example:25/",
        "https://hooks .example/",
        "https://hooks.example\\@127.0.0.1/",
        "https://hooks.example/\r\nHost: other",
        "https://höoks.example/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://[fe80::1%25eth0]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://127.1/",
        "https://0177.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://-hooks.example/",
        "https://" + "a" * 64 + ".example/",
        "https://hooks.example/" + "a" * 2000,
    ],
)
def test_a_url_that_leads_nowhere_or_inside_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(NotCallable) as refused:
        target(url, NOBODY)
    assert not url or url not in str(refused.value)


def test_the_parts_of_a_url_are_those_that_a_connection_needs() -> None:
    found = target("https://Hooks.Example./in?for=us", NOBODY)
    assert (found.https, found.host, found.port, found.path) == (True, "hooks.example", 443, "/in?for=us")
    assert target("https://hooks.example:8443", NOBODY).port == 8443
    listed = target("http://hooks.internal:81/in", Allowed.read("hooks.internal"))
    assert (listed.https, listed.port) == (False, 81)
    assert not target("http://10.1.2.3/in", Allowed.read("10.1.0.0/16")).https


def test_a_list_of_what_is_allowed_names_the_part_that_is_neither_host_nor_network() -> None:
    listed = Allowed.read(" hooks.Internal , 10.0.0.0/8,::1,")
    assert listed.hosts == {"hooks.internal"}
    assert [str(network) for network in listed.networks] == ["10.0.0.0/8", "::1/128"]
    for text in ("10.0.0.0/99", "a b", "10.0.0.1/8"):
        with pytest.raises(ValueError, match="neither"):
            Allowed.read(text)
