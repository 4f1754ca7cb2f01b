"""Take an answer's body: decoded, counted, hurried, and gone on with where it was cut."""

from __future__ import annotations

import re
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from papercap.errors import Network, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

RATE_SECONDS = 20.0  # over which an answer's pace is taken
MOST_RATIO = 200  # bytes decoded from one; honest text stays under 20
FREE_BYTES = 5_000_000  # decoded, before the ratio is looked at
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)$")


class Limits(NamedTuple):
    """How much one fetch may take."""

    bytes: int = 200_000_000  # of an answer as decoded
    seconds: float = 600.0  # from the first connection to the last byte
    rate: float = 1000.0  # bytes a second, at least
    redirects: int = 8
    header_count: int = 100
    header_bytes: int = 60_000


LIMITS = Limits()


class Part:
    """The bytes of one answer so far, over several attempts."""

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self._limits = limits
        self._size = 0
        self._validator = ""  # by which the server knows that it is still the same answer
        self._url = ""

    def wanted(self, url: str) -> dict[str, str]:
        """What to ask with: only what is not here yet, if it is still the same."""
        if url == self._url and self._size and self._validator:
            return {"Range": f"bytes={self._size}-", "If-Range": self._validator}
        return {}

    @property
    def begun(self) -> bool:
        return self._size > 0

    def forget(self) -> None:
        """Begin anew with the next attempt."""
        self._size, self._validator = 0, ""

    def fits(self, status: int, headers: Mapping[str, str]) -> bool:
        """Does the answer go on where the last one was cut?"""
        found = _RANGE.match(headers.get("content-range", ""))
        return self.begun and status == 206 and found is not None and int(found[1]) == self._size

    def fill(self, url: str, headers: Mapping[str, str], chunks: Iterable[bytes], *, goes_on: bool) -> None:
        """Write the body, or the rest of it. Refused for what is too large, Network for what is too slow."""
        encoding = headers.get("content-encoding", "").strip().lower()
        etag = headers.get("etag", "")
        strong = etag if etag and not etag.startswith("W/") else headers.get("last-modified", "")
        self._validator = strong if encoding in ("", "identity") else ""
        self._url = url
        self._size = self._size if goes_on else 0
        with self.path.open("ab" if goes_on else "wb") as file:
            if not goes_on:
                file.truncate(0)
            for data in _decoded(_paced(chunks, self._limits.rate), encoding):
                self._size += len(data)
                if self._size > self._limits.bytes:
                    raise Refused(f"{url}: larger than the {self._limits.bytes / 1e6:.0f} MB allowed")
                file.write(data)


def _paced(chunks: Iterable[bytes], rate: float) -> Iterator[bytes]:
    """The chunks as they come; Network if they come too slowly over `RATE_SECONDS`."""
    since, count = time.monotonic(), 0
    for chunk in chunks:
        yield chunk
        count += len(chunk)
        if (took := time.monotonic() - since) > RATE_SECONDS:
            if count < rate * took:
                raise Network(f"sends only {count / took:.0f} bytes a second; try again later")
            since, count = time.monotonic(), 0


def _decoded(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Undo an encoding that nobody asked for, never more of it than could be meant."""
    if encoding in ("", "identity"):
        yield from chunks
        return
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise Network(f"sends its answer packed as {encoding[:40]!r}, unasked; papercap cannot unpack it")
    unpack = zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip or zlib, by its head
    packed = unpacked = 0
    for chunk in chunks:
        packed += len(chunk)
        rest = chunk
        while rest:
            try:
                data = unpack.decompress(rest, 1 << 16)
            except zlib.error as error:
                raise Network(f"its packed answer is damaged ({error})") from None
            unpacked += len(data)
            if unpacked > max(FREE_BYTES, MOST_RATIO * packed):
                raise Refused("its answer unpacks to more than could be meant: a bomb")
            yield data
            rest = unpack.unconsumed_tail
    if not unpack.eof:
        raise Network("its packed answer is cut short")
