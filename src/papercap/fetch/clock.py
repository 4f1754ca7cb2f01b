"""One clock a host: all papercap processes of a person ask a host one after another, and not too often."""

from __future__ import annotations

import hashlib
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

if TYPE_CHECKING:
    from collections.abc import Iterator

ARXIV_SECONDS = 3.0  # as its terms of use ask; one connection at a time
SECONDS = 0.1  # between requests to any other host


class Clock:
    """When each host may be asked next, in a folder that the processes share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def turn(self, host: str) -> Iterator[float]:
        """Wait, for so many seconds, until this host may be asked; nobody else asks it in the block."""
        began = time.monotonic()
        self._folder.mkdir(parents=True, exist_ok=True)
        stem = self._folder / hashlib.sha256(host.encode()).hexdigest()[:16]
        apart = ARXIV_SECONDS if host == "arxiv.org" or host.endswith(".arxiv.org") else SECONDS
        with FileLock(stem.with_suffix(".lock")):
            last = stem.with_suffix(".last")
            time.sleep(_wait(last, apart))
            try:
                yield time.monotonic() - began
            finally:
                last.touch()


def _wait(last: Path, apart: float) -> float:
    """Seconds until `apart` has gone by since the last turn; a clock that was put back counts as none."""
    try:
        since = time.time() - last.stat().st_mtime
    except FileNotFoundError:
        return 0.0
    return min(apart, max(0.0, apart - since)) if since >= 0 else apart
