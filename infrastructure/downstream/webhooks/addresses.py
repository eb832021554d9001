"""Which addresses a webhook may lead to: public ones, and on an operator's list those of the landlord's own network.

Without this, whoever may register an endpoint could have the service call what only the service can reach: its own
host, the database beside it, a cloud's metadata service.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from ipaddress import IPv4Network

Address: TypeAlias = "IPv4Address | IPv6Address"
Network: TypeAlias = "IPv4Network | IPv6Network"

LONGEST: Final = 2000  # characters of a URL
HTTPS: Final = 443
FIRST_USER_PORT: Final = 1024  # RFC 6335: below are mail, remote shells and the like, which must not be talked to
LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
NUMBER: Final = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)")  # a host that ends so is an address in disguise (WHATWG URL, 3.5)
IN_A_URL: Final = re.compile(r"[!-~]+")

# Never, whatever an operator lists: a cloud's metadata lies on link-local addresses, and on some of its own.
NEVER: Final = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "169.254.0.0/16",
        "224.0.0.0/4",
        "255.255.255.255/32",
        "168.63.129.16/32",  # Azure's, though it looks public
        "100.100.100.200/32",  # Alibaba's
        "192.0.0.192/32",  # Oracle's
        "::/128",
        "fe80::/10",
        "ff00::/8",
        "fd00:ec2::/32",  # Amazon's
        "fd20:ce::/32",  # Google's
    )
)

# Not public, though some of it counts as global (IANA's registries of special-purpose addresses).
NOT_PUBLIC: Final = tuple(
    ip_network(network)
    for network in (
        "192.0.0.0/24",  # protocols' own
        "192.88.99.0/24",  # relays for 6to4
        "100.64.0.0/10",  # shared by customers of a carrier
        "::/96",  # IPv4 in its first, withdrawn form
        "64:ff9b:1::/48",  # a network's own translation
        "2001::/23",  # Teredo and other protocols' own
        "2002::/16",  # 6to4: leads to an IPv4 address that others choose
        "fec0::/10",  # site-local
        "5f00::/16",  # segment routing
        "3fff::/20",  # documentation
    )
)
TRANSLATED: Final = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are the IPv4 address that is meant
# Likewise as a rule in a network's own translation (RFC 8215), and in the first form (RFC 4291, 2.5.5.1).
LAST_32_BITS: Final = (IPv6Network("64:ff9b:1::/48"), IPv6Network("::/96"))


class NotCallable(Exception):
    """An address that no webhook may lead to; the message says why and repeats nothing that somebody sent."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What an operator lets webhooks lead to beside public addresses: hosts by name, and networks."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def read(cls, text: str) -> Allowed:
        """From a list with commas of host names, addresses and networks. Raises ValueError that names the part."""
        hosts, networks = set(), []
        for part in (part.strip().lower() for part in text.split(",")):
            if not part:
                continue
            try:
                networks.append(ip_network(part))
            except ValueError:
                if not is_host(part):
                    raise ValueError(f"{part!r} is neither a host name nor a network such as 10.1.0.0/16") from None
                hosts.add(part)
        return cls(frozenset(hosts), tuple(networks))

    def host(self, host: str) -> bool:
        """Whether this host is listed: by its name, or by its address where it is one."""
        literal = address_of(host)
        return host in self.hosts or (literal is not None and self.address(literal))

    def address(self, address: Address) -> bool:
        """Whether this address lies in a listed network."""
        return any(address.version == network.version and address in network for network in self.networks)


@dataclass(frozen=True, slots=True)
class Target:
    """Where an endpoint is: the parts of its URL that a connection needs, checked."""

    https: bool
    host: str
    port: int
    path: str


def target(url: str, allowed: Allowed) -> Target:
    """The parts of a URL that a webhook may be sent to, as far as its text says. Raises `NotCallable`."""
    if len(url) > LONGEST or not IN_A_URL.fullmatch(url) or "\\" in url:
        raise NotCallable(f"is no URL of at most {LONGEST} visible ASCII characters")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise NotCallable("is no URL") from None
    if parts.scheme not in ("https", "http"):
        raise NotCallable("does not begin with https://")
    if "@" in parts.netloc:
        raise NotCallable("holds a user name or password, which would stand in logs; use the signature instead")
    if "#" in url:
        raise NotCallable("has a fragment, which is not sent to anybody")
    host = (parts.hostname or "").rstrip(".")
    if not is_host(host):
        raise NotCallable("names no host")
    listed = allowed.host(host)
    if parts.scheme == "http" and not listed:
        raise NotCallable("does not begin with https://, which only a host that the operator listed need not")
    port = port if port is not None else (HTTPS if parts.scheme == "https" else 80)
    if not listed and port != HTTPS and port < FIRST_USER_PORT:
        raise NotCallable("names a port that is for something else; 443 and those from 1024 on can be used")
    literal = address_of(host)
    if literal is not None:
        check(literal, host, allowed)
    path = parts.path or "/"
    return Target(parts.scheme == "https", host, port, f"{path}?{parts.query}" if parts.query else path)


def check(address: Address, host: str, allowed: Allowed) -> None:
    """Let an address pass that a host has, or is. Raises `NotCallable`."""
    meant = _meant(address)
    ends = (meant, *_led_to(address))
    if any(end.version == network.version and end in network for end in ends for network in NEVER):
        raise NotCallable("leads to an address that nothing of others has")
    if host in allowed.hosts or allowed.address(meant):
        return
    within = any(
        one.version == network.version and one in network for one in (address, meant) for network in NOT_PUBLIC
    )
    if not meant.is_global or meant.is_multicast or meant.is_reserved or within:
        raise NotCallable("leads to an address inside a network; an operator can list it in EVENHAND_WEBHOOKS_ALLOW")


def address_of(host: str) -> Address | None:
    """The address that a host is, None for a name."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _meant(address: Address) -> Address:
    """The address that packets end up at: IPv4 within IPv6 is looked at as what it is."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in TRANSLATED:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _led_to(address: Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses that a tunnel or a network's own translation may take a packet to."""
    if isinstance(address, IPv6Address):
        found = [address.sixtofour, *(address.teredo or ())]
        if any(address in network for network in LAST_32_BITS):
            found.append(IPv4Address(int(address) & 0xFFFFFFFF))
        # Where nothing stands there is nothing embedded: `::1` is this host's own.
        yield from (one for one in found if one is not None and int(one) >> 24)


def is_host(host: str) -> bool:
    """Whether this is a host's name in small letters, or an address."""
    if address_of(host) is not None:
        return "%" not in host
    labels = host.split(".")
    return len(host) <= 253 and all(map(LABEL.fullmatch, labels)) and not NUMBER.fullmatch(labels[-1])
