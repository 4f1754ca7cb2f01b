"""Fetch an address: guarded, polite, patient, and at most once if it has not changed."""

from __future__ import annotations

import email.utils
import ssl
import time
from contextlib import contextmanager
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import httpcore2

from papercap.errors import Network, NotFound, PapercapError, Refused
from papercap.fetch.addresses import Address, read_address
from papercap.fetch.cache import Answer, Cache, describe
from papercap.fetch.clock import Clock
from papercap.fetch.download import LIMITS, Limits, Part
from papercap.fetch.network import Guard
from papercap.fetch.sniff import HEAD, sniff
from papercap.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ATTEMPTS = 3
ASKS = 2  # attempts where it is only asked whether an address answers
ASK_SECONDS = 30.0
LONGEST_WAIT = 60.0  # seconds that a server may ask to wait; beyond it is for the user to try again
ABOUT = "+https://pypi.org/project/papercap/"
_REDIRECTS = (301, 302, 303, 307, 308)
_BUSY = (429, 500, 502, 503, 504)
_TAIL = 2048  # bytes; a whole PDF has its end mark within the last of them


class Busy(Network):
    """It may work in a moment; `wait` is what the server asks, in seconds."""

    def __init__(self, text: str, wait: float | None = None) -> None:
        super().__init__(text)
        self.wait = wait


class _Reply(NamedTuple):
    status: int
    headers: dict[str, str]  # lower-case names; the last of several
    cookies: tuple[str, ...]
    open_ended: bool  # nothing says how long it is; a cut cannot be told from its end
    body: Iterator[bytes]


class Client:
    """Fetches for one thread."""

    def __init__(
        self,
        cache: Cache,
        guard: Guard,
        *,
        contact: str | None = None,
        offline: bool = False,
        limits: Limits = LIMITS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._cache = cache
        self._guard = guard
        self.contact = contact
        self._offline = offline
        self._limits = limits
        self._agent = f"papercap/{__version__} ({f'mailto:{contact}; ' if contact else ''}{ABOUT})"
        self._clock = Clock(cache.folder / "clock")
        self._pool = httpcore2.ConnectionPool(
            ssl_context=tls or _system_trust(), network_backend=guard, max_keepalive_connections=4
        )

    def close(self) -> None:
        """Hang up."""
        self._pool.close()

    def get(self, text: str, *, accept: str = "*/*", fresh_for: float = 0.0) -> Answer:
        """The answer of an address, from the cache if it is not older than `fresh_for` seconds or unchanged.

        Refused for what must not be fetched, NotFound for what is not there, Network for all that
        another time may go well.
        """
        import stamina

        address = read_address(text)
        key = f"{address} {accept}" if accept != "*/*" else str(address)
        kept = self._cache.look(key)
        if self._offline:
            if kept is None:
                raise Network(f"{address}: not fetched before; leave out --offline")
            return kept
        if kept and 0 <= time.time() - kept.fetched < fresh_for:
            return kept
        self._guard.deadline = time.monotonic() + self._limits.seconds
        with self._cache.part() as path:
            part = Part(path, self._limits)
            for attempt in stamina.retry_context(
                on=_wait_for, attempts=ATTEMPTS, timeout=None, wait_max=20.0
            ):
                with attempt:
                    last = attempt.num == ATTEMPTS
                    answer = self._attempt(address, accept, kept, part, last=last)
                    return (
                        self._cache.renew(key, kept)
                        if answer is None and kept
                        else self._keep(key, part, answer)
                    )
        raise AssertionError("an attempt returns or raises")

    def ask(self, text: str) -> int:
        """The status with which an address answers, redirects followed; its body is neither read nor kept.

        Refused for what must not be fetched, Network where there is no answer.
        """
        import stamina

        address = read_address(text)
        if self._offline:
            raise Network(f"{address}: not asked; leave out --offline")
        self._guard.deadline = time.monotonic() + ASK_SECONDS
        for attempt in stamina.retry_context(on=_wait_for, attempts=ASKS, timeout=None, wait_max=5.0):
            with attempt, self._answered(address, lambda _at: {"Accept": "*/*"}) as (at, reply):
                error = _error(at, reply) if reply.status in _BUSY else None
                if isinstance(error, Busy) and attempt.num < ASKS:
                    raise error
                return reply.status
        raise AssertionError("an attempt returns or raises")

    def _keep(self, key: str, part: Part, answer: Answer | None) -> Answer:
        assert answer is not None
        return self._cache.keep(key, part.path, answer)

    def _attempt(
        self, address: Address, accept: str, kept: Answer | None, part: Part, *, last: bool
    ) -> Answer | None:
        """One try, over all redirects; None if what is kept is still right."""

        def asked(at: Address) -> dict[str, str]:
            return {"Accept": accept, **(part.wanted(str(at)) or _unless_as(kept))}

        with self._answered(address, asked) as (at, reply):
            return self._take(at, reply, kept, part, last=last)

    @contextmanager
    def _answered(
        self, address: Address, asked: Callable[[Address], Mapping[str, str]]
    ) -> Iterator[tuple[Address, _Reply]]:
        """Where redirects lead, and the answer there; `asked` gives the headers for each address."""
        chain, jar = [address], _Jar()
        while True:
            at = chain[-1]
            with self._clock.turn(at.host) as waited:
                self._guard.deadline += waited
                with self._reply(at, {**asked(at), **jar.sent_to(at)}) as reply:
                    jar.take(at, reply.cookies)
                    if reply.status not in _REDIRECTS:
                        yield at, reply
                        return
                    chain.append(self._led(chain, reply))

    def _led(self, chain: list[Address], reply: _Reply) -> Address:
        """Where a redirect leads; Refused for where it must not."""
        at, location = chain[-1], reply.headers.get("location", "")
        if not location:
            raise Network(f"{at}: redirects, but does not say where to")
        try:
            led = at.to(location)
        except Refused as error:
            raise Refused(f"{at}: redirects to {error}") from None
        if (at.scheme, led.scheme) == ("https", "http"):
            raise Refused(f"{at}: redirects from https to {led}, which anybody on the way could change")
        if len(chain) > self._limits.redirects:
            raise Network(f"too many redirects: {' → '.join(map(str, [*chain[:3], '…', led]))}")
        return led

    def _take(
        self, at: Address, reply: _Reply, kept: Answer | None, part: Part, *, last: bool
    ) -> Answer | None:
        if reply.status == 304 and kept:
            return None
        goes_on = part.fits(reply.status, reply.headers)
        if reply.status in (206, 416) and not goes_on and part.begun:
            part.forget()
            raise Busy(f"{at}: does not go on where its answer was cut; try again later")
        if reply.status != 200 and not goes_on:
            raise _error(at, reply)
        with _translated(at, self._guard, body=True):
            part.fill(str(at), reply.headers, reply.body, goes_on=goes_on)
        return _look_at(at, reply, part.path, last=last)

    @contextmanager
    def _reply(self, at: Address, headers: Mapping[str, str]) -> Iterator[_Reply]:
        url = httpcore2.URL(scheme=at.scheme, host=at.host, port=at.port, target=at.target)
        own = {"Host": at.authority, "User-Agent": self._agent, "Accept-Encoding": "identity"}
        sent: list[tuple[bytes | str, bytes | str]] = [*own.items(), *headers.items()]
        stream = self._pool.stream("GET", url, headers=sent)
        with _translated(at, self._guard):
            response = stream.__enter__()
        try:
            yield self._read_head(at, response)
        finally:
            response.close()
            stream.__exit__(None, None, None)

    def _read_head(self, at: Address, response: httpcore2.Response) -> _Reply:
        count, size = len(response.headers), sum(len(name) + len(value) for name, value in response.headers)
        if count > self._limits.header_count or size > self._limits.header_bytes:
            raise Network(f"{at}: answers with {count} headers of {size} bytes, more than any page needs")
        pairs = [
            (name.decode("latin-1").lower(), value.decode("utf-8", "surrogateescape"))
            for name, value in response.headers
        ]
        headers = dict(pairs)
        return _Reply(
            status=response.status,
            headers=headers,
            cookies=tuple(value for name, value in pairs if name == "set-cookie"),
            open_ended="content-length" not in headers
            and "chunked" not in headers.get("transfer-encoding", ""),
            body=response.iter_stream(),
        )


def _wait_for(error: Exception) -> bool | float:
    """Whether to try again, or after how many seconds."""
    if not isinstance(error, Busy):
        return False
    return True if error.wait is None else error.wait


def _unless_as(kept: Answer | None) -> dict[str, str]:
    if kept is None:
        return {}
    if kept.etag:
        return {"If-None-Match": kept.etag}
    return {"If-Modified-Since": kept.modified} if kept.modified else {}


def _look_at(at: Address, reply: _Reply, path: Path, *, last: bool) -> Answer:
    """What a filled file is; Refused for what is not what it is said to be."""
    size, sha256 = describe(path)
    if not size:
        raise Network(f"{at}: an empty answer; try again later")
    with path.open("rb") as file:
        kind = sniff(file.read(HEAD))
        file.seek(max(0, size - _TAIL))
        ended = b"%%EOF" in file.read()
    said = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if (said, kind) == (
        "application/pdf",
        "text/html",
    ):  # a login, a robot check, "is being made": it may pass
        text = f"{at}: a web page that is called a PDF; open it in a browser and add the file it gives you"
        raise Refused(text) if last else Busy(text)
    if kind == "application/x-git-lfs":
        raise Refused(f"{at}: only a Git LFS pointer to the file, not the file; download it and add that")
    cut = reply.open_ended and kind == "application/pdf" and not ended
    return Answer(
        url=str(at),
        kind=kind,
        said=said[:100],
        bytes=size,
        sha256=sha256,
        fetched=time.time(),
        etag=reply.headers.get("etag", "")[:500],
        modified=reply.headers.get("last-modified", "")[:100],
        warnings=("may be cut short: the server did not say how long it is",) if cut else (),
    )


_SAID = {
    206: "answers with a part that was not asked for",
    204: "an empty answer; try again later",
}


def _error(at: Address, reply: _Reply) -> PapercapError:
    """What a status means for the user."""
    status = reply.status
    if status in (404, 410):
        return NotFound(f"{at}: not there (the server answers {status})")
    if status in _BUSY:
        wait = _retry_after(reply.headers.get("retry-after", ""))
        if wait is not None and wait > LONGEST_WAIT:
            return Network(f"{at}: asks to wait {wait:.0f} s (the server answers {status}); try again then")
        return Busy(f"{at}: the server answers {_named(status)}; try again later", wait)
    if status in (401, 403):
        return Network(
            f"{at}: the server answers {_named(status)}; open it in a browser and add the file it gives you"
        )
    return Network(f"{at}: {_SAID.get(status, f'the server answers {_named(status)}')}")


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _retry_after(text: str) -> float | None:
    """Seconds that a Retry-After header asks for, in either of its forms; None for no or a senseless one."""
    if text.strip().isdecimal():
        return float(text)
    try:
        when = email.utils.parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
    return max(0.0, when - time.time())


@contextmanager
def _translated(at: Address, guard: Guard, *, body: bool = False) -> Iterator[None]:
    """What the network says, in one line; `body`: what was begun may be gone on with."""
    try:
        yield
    except httpcore2.TimeoutException:
        if time.monotonic() >= guard.deadline:
            raise Network(f"{at}: took too long; try again later") from None
        raise Busy(f"{at}: no answer; try again later") from None
    except httpcore2.ConnectError as error:
        refused = _certificate_error(error)
        if refused:
            raise Refused(f"{at}: its certificate is not to be trusted ({refused})") from None
        raise Busy(f"{at}: no connection ({error}); are you online?") from None
    except httpcore2.NetworkError as error:
        raise Busy(f"{at}: the connection broke ({error}); try again later") from None
    except httpcore2.ProtocolError as error:
        if body or "without sending a response" in str(error):
            raise Busy(f"{at}: the answer was cut short; try again later") from None
        raise Network(f"{at}: answers with something that is not HTTP ({error})") from None
    except (Network, Refused) as error:
        if body:
            raise type(error)(f"{at}: {str(error).removeprefix(f'{at}: ')}") from None
        raise


def _certificate_error(error: BaseException | None) -> str:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message
        error = error.__cause__ or error.__context__
    return ""


def _system_trust() -> ssl.SSLContext:
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class _Jar:
    """Cookies of one fetch, each for the host that set it; never written down."""

    def __init__(self) -> None:
        self._of: dict[str, dict[str, str]] = {}

    def take(self, at: Address, lines: tuple[str, ...]) -> None:
        for line in lines:
            try:
                cookies = SimpleCookie(line)
            except CookieError:
                continue
            self._of.setdefault(at.host, {}).update({name: one.coded_value for name, one in cookies.items()})

    def sent_to(self, at: Address) -> dict[str, str]:
        own = self._of.get(at.host)
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in own.items())} if own else {}
