"""Read a web address, and tell public machines from those inside a network.

One reading serves the check and the connection, so that the two cannot be told different hosts.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from papercap.errors import Refused

PORTS = {"http": 80, "https": 443}
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")
_KEPT = "!$&'()*+,/:;=?@[]~%"  # in a path or query; all else that is no letter or digit is percent-encoded
NOT_PUBLIC = tuple(
    map(
        ip_network,
        (
            "192.88.99.0/24",  # 6to4 relays
            "::/96",  # IPv4 in IPv6, long out of use
            "64:ff9b::/96",  # NAT64: an IPv4 address of any kind is inside
            "64:ff9b:1::/48",
            "2001::/32",  # Teredo, the same
            "2002::/16",  # 6to4, the same
            "fec0::/10",  # site-local
        ),
    )
)  # beside what Python's `is_global` says


class Address(NamedTuple):
    """A web address, read and made plain: ASCII host and target."""

    scheme: str
    host: str
    port: int
    target: str  # path and query

    @property
    def authority(self) -> str:
        """The host as a Host header names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}"

    def to(self, reference: str) -> Address:
        """Where a reference in an answer from here leads."""
        try:
            whole = urljoin(str(self), reference.strip(" "))
        except ValueError as error:
            raise Refused(f"{reference[:200]}: no address ({error})") from None
        return read_address(whole)


def read_address(text: str) -> Address:
    """An `http` or `https` address; Refused, saying why, for any other text."""
    text = text.strip(" ")
    shown = text[:200]
    if _CONTROL.search(text):
        raise Refused(f"{shown!r}: an address has no backslash, tab or line end")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise Refused(f"{shown}: no address ({error})") from None
    if parts.scheme not in PORTS:
        raise Refused(f"{shown}: {parts.scheme or 'no scheme'}: only http and https addresses are fetched")
    if parts.username is not None or parts.password is not None:
        raise Refused(
            f"{shown}: an address with a user name in it is not fetched; leave out what is before @"
        )
    host = _plain_host(parts.hostname or "", shown)
    path = quote(parts.path or "/", safe=_KEPT, errors="surrogateescape")
    query = "?" + quote(parts.query, safe=_KEPT, errors="surrogateescape") if parts.query else ""
    return Address(parts.scheme, host, PORTS[parts.scheme] if port is None else port, path + query)


def _plain_host(host: str, shown: str) -> str:
    if not host or "%" in host:
        raise Refused(f"{shown}: no host" if not host else f"{shown}: a host is not percent-encoded")
    if ":" in host:
        return host
    try:
        return host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise Refused(f"{shown}: {host}: no name that a host can have") from None


def is_public(text: str) -> bool:
    """May anybody be shown what this address answers, as opposed to what our own network alone may see?"""
    address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if not address.is_global or address.is_multicast:
        return False
    return not any(address in network for network in NOT_PUBLIC if network.version == address.version)
