"""A progress bar on standard error, where that is a terminal."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from papercap.cli.output import visible
from papercap.pipeline.batch import Watcher

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from papercap.workers import Progress

SHARES = {
    "reading": (0.0, 0.3),
    "finding": (0.3, 0.3),
    "cropping": (0.6, 0.4),
    "drawing": (0.6, 0.4),
}  # of a document's time


@contextmanager
def watching() -> Iterator[Watcher]:
    """A watcher that draws, or on no terminal one that does not."""
    if not sys.stderr.isatty():
        yield Watcher()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield _Drawn(bar)


class _Drawn(Watcher):
    """One bar for the batch, one for each document under way."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._whole: TaskID | None = None
        self._tasks: dict[str, TaskID] = {}
        self._lock = threading.Lock()

    def begin(self, total: int) -> None:
        if total > 1:
            self._whole = self._bar.add_task("documents", total=total)

    def at(self, source: str, progress: Progress) -> None:
        with self._lock:
            if source not in self._tasks:
                name = visible(source.rsplit("/", 1)[-1])[:40]
                self._tasks[source] = self._bar.add_task(name, total=progress.pages)
        start, share = SHARES[progress.step]
        done = (start + share * progress.page / progress.pages) * progress.pages
        self._bar.update(self._tasks[source], completed=done)

    def done(self, source: str) -> None:
        with self._lock:
            if source in self._tasks:
                self._bar.remove_task(self._tasks.pop(source))
        if self._whole is not None:
            self._bar.advance(self._whole)
