"""Connect to machines whose addresses were looked at, and read no longer than a deadline allows."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import httpcore2
from httpcore2 import NetworkBackend, NetworkStream, SyncBackend

from papercap.errors import Network, Refused
from papercap.fetch.addresses import is_public

if TYPE_CHECKING:
    import ssl

_UNKNOWN = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
Resolve = Callable[[str, int], list[str]]

CONNECT_SECONDS = 15.0  # for one address of a host
SILENCE_SECONDS = 30.0  # without a byte


class NoSuchHost(Network):
    """Nobody knows this name; or, without a connection, nobody can be asked."""


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a name, in the system's order; Network if there is none, NoSuchHost for no name."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        kind = NoSuchHost if getattr(error, "errno", None) in _UNKNOWN else Network
        raise kind(f"{host}: its address cannot be looked up ({reason}); are you online?") from None
    return list(dict.fromkeys(str(row[4][0]) for row in found))


class Guard(NetworkBackend):
    """A name is resolved once; each of its addresses must be public, or the host named as allowed.

    The connection goes to an address that was looked at, whatever the name says by then. `deadline` is
    the moment, by the monotonic clock, at which whatever is being read ends.
    """

    def __init__(
        self,
        allowed: Iterable[str] = (),
        look_up: Resolve = resolve,
        dial: NetworkBackend | None = None,
    ) -> None:
        self.deadline = float("inf")
        self._allowed = {host.casefold() for host in allowed}
        self._look_up = look_up
        self._dial = dial or SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> NetworkStream:
        """A connection to the first address of the host that answers."""
        addresses = self._look_up(host, port)
        if host.casefold() not in self._allowed:
            for address in addresses:
                if not is_public(address) and address not in self._allowed:
                    raise Refused(
                        f"{host}: its address {address} is not public; "
                        f"if you trust it, name it with --allow-host {host}"
                    )
        failed: httpcore2.NetworkError | httpcore2.TimeoutException | None = None
        for address in addresses:
            try:
                wait = min(CONNECT_SECONDS, self._left())
                return _Stream(
                    self._dial.connect_tcp(address, port, wait, local_address, socket_options), self
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
        raise failed or httpcore2.ConnectError(f"{host} has no address")

    def _left(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("took too long")
        return left


class _Stream(NetworkStream):
    """A connection on which nothing takes longer than the guard's deadline, slow headers neither."""

    def __init__(self, stream: NetworkStream, guard: Guard) -> None:
        self._stream = stream
        self._guard = guard

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, min(SILENCE_SECONDS, self._guard._left()))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, min(SILENCE_SECONDS, self._guard._left()))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> NetworkStream:
        wait = min(SILENCE_SECONDS, self._guard._left())
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, wait), self._guard)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
