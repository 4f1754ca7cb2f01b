"""What was fetched, kept on disk: asked for again only if it changed, and there without a network."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from papercap.files import hash_file

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 2_000_000_000  # of all answers; the longest unused go first
_FACTS, _BODY, _PARTS = "answer.json", "body", "parts"


class Answer(Struct, frozen=True, kw_only=True):
    """What an address answered; the bytes are in the file `path`."""

    url: str  # where the redirects led
    kind: str  # by the bytes themselves
    said: str  # the media type by the server's word
    bytes: int
    sha256: str
    fetched: float  # Unix time
    etag: str = ""
    modified: str = ""
    warnings: tuple[str, ...] = ()
    path: str = ""  # of the bytes; not kept


class Cache:
    """A folder of answers, one folder an address."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def look(self, url: str) -> Answer | None:
        """What is kept of this address; None for nothing or what is no longer whole."""
        place = self._place(url)
        try:
            kept = msgspec.json.decode((place / _FACTS).read_bytes(), type=Answer)
            if (place / _BODY).stat().st_size != kept.bytes:
                return None
            os.utime(place)  # used now
        except (OSError, msgspec.DecodeError):
            return None
        return msgspec.structs.replace(kept, path=str(place / _BODY))

    @contextmanager
    def part(self) -> Iterator[Path]:
        """A file to fill; gone after the block, unless it was kept."""
        parts = self.folder / _PARTS
        parts.mkdir(parents=True, exist_ok=True)
        _drop_old_parts(parts)
        handle, name = tempfile.mkstemp(dir=parts)
        os.close(handle)
        try:
            yield Path(name)
        finally:
            Path(name).unlink(missing_ok=True)

    def keep(self, url: str, part: Path, answer: Answer) -> Answer:
        """Keep a filled file as the answer of this address; make room for it first."""
        self._make_room(answer.bytes)
        place = self._place(url)
        place.mkdir(parents=True, exist_ok=True)
        (place / _FACTS).unlink(missing_ok=True)  # never the facts of one answer beside the bytes of another
        part.replace(place / _BODY)
        self._write_facts(place, answer)
        return msgspec.structs.replace(answer, path=str(place / _BODY))

    def renew(self, url: str, kept: Answer) -> Answer:
        """It was asked for again and had not changed."""
        kept = msgspec.structs.replace(kept, fetched=time.time())
        self._write_facts(self._place(url), kept)
        return kept

    def _write_facts(self, place: Path, answer: Answer) -> None:
        facts = msgspec.json.encode(msgspec.structs.replace(answer, path=""))
        aside = place / f"{_FACTS}.{os.getpid()}"
        aside.write_bytes(facts)
        aside.replace(place / _FACTS)

    def _place(self, url: str) -> Path:
        return self.folder / hashlib.sha256(url.encode()).hexdigest()[:32]

    def _make_room(self, more: int) -> None:
        places = [place for place in self.folder.iterdir() if (place / _FACTS).exists()]
        sizes = {place: (place / _BODY).stat().st_size for place in places if (place / _BODY).exists()}
        used = sum(sizes.values()) + more
        for place in sorted(sizes, key=lambda place: place.stat().st_mtime):
            if used <= MOST_BYTES:
                return
            shutil.rmtree(place, ignore_errors=True)
            used -= sizes[place]


def describe(part: Path) -> tuple[int, str]:
    """Bytes and SHA-256 of a filled file."""
    return part.stat().st_size, hash_file(part)


def _drop_old_parts(parts: Path) -> None:
    """What a killed process left."""
    for path in parts.iterdir():
        try:
            if time.time() - path.stat().st_mtime > 86_400:
                path.unlink()
        except FileNotFoundError:
            continue
