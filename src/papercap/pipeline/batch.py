"""Many documents at once: a worker a thread, an error the result of its document alone."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from papercap.errors import PapercapError
from papercap.sources import Document, Remote
from papercap.sources.local import check_document
from papercap.sources.web import name_of
from papercap.workers import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from papercap.fetch.client import Client
    from papercap.workers import Progress

T = TypeVar("T")


class Watcher:
    """Told of the progress of each document; the base class is for nobody watching."""

    def begin(self, total: int) -> None:
        """So many documents are to come."""

    def at(self, source: str, progress: Progress) -> None:
        """A document is at a page; called from several threads."""

    def done(self, source: str) -> None:
        """A document is done."""


class Item(NamedTuple):
    """A document of a batch: what was typed, where it is or why it is nowhere, the name of its results."""

    source: str
    place: Document | Remote | PapercapError
    name: str


def name_all(documents: Sequence[tuple[str, Document | Remote | PapercapError]]) -> list[Item]:
    """A name for each document's results: its file's, counted where file systems would see one name twice."""
    taken: set[str] = set()
    items = []
    for source, place in documents:
        file = place.name if isinstance(place, Document) else name_of(source)
        name = free_name(Path(file).stem or "document", taken)
        taken.add(name.casefold())
        items.append(Item(source, place, name))
    return items


def free_name(stem: str, taken: set[str]) -> str:
    """The stem, or with `-2`, `-3` … after it the first that is not taken, case folded."""
    name, count = stem, 1
    while name.casefold() in taken:
        count += 1
        name = f"{stem}-{count}"
    return name


class Crew:
    """The workers and the clients of a run, one of each a thread, so that all can be stopped from outside."""

    def __init__(self, dial: Callable[[], Client]) -> None:
        self._dial = dial
        self._mine = threading.local()
        self._all: list[Worker] = []
        self._clients: list[Client] = []

    def worker(self) -> Worker:
        """This thread's."""
        if not hasattr(self._mine, "worker"):
            self._mine.worker = Worker()
            self._all.append(self._mine.worker)
        worker: Worker = self._mine.worker
        return worker

    def document(self, place: Document | Remote) -> Document:
        """The document itself, fetched if it must be."""
        if isinstance(place, Document):
            return place
        return place.fetch(self.client())

    def client(self) -> Client:
        """This thread's."""
        if not hasattr(self._mine, "client"):
            self._mine.client = self._dial()
            self._clients.append(self._mine.client)
        client: Client = self._mine.client
        return client

    def stop(self) -> None:
        for worker in self._all:
            worker.stop()
        for client in self._clients:
            client.close()


def each(
    items: Sequence[Item],
    jobs: int,
    watcher: Watcher,
    dial: Callable[[], Client],
    one: Callable[[Crew, Item, Document], T],
    failed: Callable[[Item, PapercapError], T],
) -> list[T]:
    """Run one step over all documents, `jobs` at a time; an error is the result of its document alone."""
    watcher.begin(len(items))
    crew = Crew(dial)

    def run(item: Item) -> T:
        result = _attempt(item, crew, one, failed)
        watcher.done(item.source)
        return result

    pool = ThreadPoolExecutor(max(1, min(jobs, len(items))))
    try:
        return list(pool.map(run, items))
    finally:  # an interrupt, too, must leave no process behind
        pool.shutdown(wait=False, cancel_futures=True)
        crew.stop()
        pool.shutdown(wait=True)


def _attempt(
    item: Item,
    crew: Crew,
    one: Callable[[Crew, Item, Document], T],
    failed: Callable[[Item, PapercapError], T],
) -> T:
    try:
        if isinstance(item.place, PapercapError):
            raise item.place
        document = crew.document(item.place)
        return one(crew, item, check_document(document))
    except PapercapError as error:
        return failed(item, error)
    except OSError as error:
        return failed(item, PapercapError(f"{error.filename or item.source}: {error.strerror or error}"))
