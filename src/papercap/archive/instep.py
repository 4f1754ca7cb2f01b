"""Keep the index in step with the records: after a writer's death, a folder come or gone, a lost index."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from papercap.errors import Damaged, NotFound, PapercapError
from papercap.files import hash_file, sync_folder
from papercap.index import Index, IndexUnusable, discard_index
from papercap.store import RECORD

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from papercap.records import Paper
    from papercap.store import Store

INDEX = "index.db"
CLOCK_STEP = 2_000_000_000  # nanoseconds: what file systems may round the time of a file to


class Opened(NamedTuple):
    """The index for reading."""

    reader: Index
    unreadable: list[str]  # records that could not be indexed, one line each
    remade: str | None  # why an index that was there had to be made anew


def open_index(store: Store) -> Opened:
    """The index for reading, in step with the folders; made anew if it cannot be used."""
    there = (store.root / INDEX).exists()
    try:
        index = Index(store.root / INDEX, readonly=True)
        behind = set(store.pending()) | ({row.id for row in index.papers()} ^ store.names())
    except IndexUnusable as error:
        _count, problems = rebuild(store)
        why = str(error).partition(";")[0] if there else None
        return Opened(Index(store.root / INDEX, readonly=True), problems, why)
    if not behind:
        return Opened(index, [], None)
    index.close()
    problems = catch_up(store, behind)
    return Opened(Index(store.root / INDEX, readonly=True), problems, None)


def changed_elsewhere(store: Store, index: Index) -> list[str]:
    """Papers whose record is not the one that was indexed, as after a pull that brought records alone.

    A record is read only if it is not clearly older than the index, so that this costs little.
    """
    newest = (store.root / INDEX).stat().st_mtime_ns - CLOCK_STEP
    found = []
    for paper, sha256 in index.record_hashes().items():
        path = store.path(paper) / RECORD
        try:
            if path.stat().st_mtime_ns >= newest and hash_file(path) != sha256:
                found.append(paper)
        except OSError:  # the next command finds out
            continue
    return found


def catch_up(store: Store, papers: Collection[str]) -> list[str]:
    """Bring the rows of these papers in step; what is wrong with their records, one line each."""
    problems = []
    try:
        with store.lock(wait=0), Index(store.root / INDEX) as index:
            for paper in sorted(papers):
                try:
                    index.put(*store.record(paper))
                except NotFound:
                    index.drop(paper)
                except Damaged as error:
                    index.drop(paper)
                    problems.append(str(error))
                store.finish(paper)
    except IndexUnusable:
        raise
    except PapercapError:
        return []  # a writer is at it, or the archive is read-only: it can be read all the same
    return problems


def rebuild(
    store: Store, progress: Callable[[int, int], None] = lambda done, total: None
) -> tuple[int, list[str]]:
    """Make the index anew beside the old one and put it in its place; papers, and records left out."""
    problems: list[str] = []
    count = 0

    def records() -> Iterator[tuple[Paper, str]]:
        nonlocal count
        for done, name in enumerate(names, start=1):
            try:
                yield store.record(name)
                count += 1
            except Damaged as error:
                problems.append(str(error))
            progress(done, len(names))

    with store.lock(), store.aside() as place:
        names = store.ids()
        with Index(place / INDEX) as index:
            index.rebuild(records())
        _settle(store)
        os.replace(place / INDEX, store.root / INDEX)
        sync_folder(store.root)
        for name in store.pending():
            store.finish(name)
    return count, problems


def _settle(store: Store) -> None:
    """A journal that a killed writer left would be rolled back into the next file of the index's name."""
    try:
        Index(store.root / INDEX).close()
    except IndexUnusable:
        discard_index(store.root / INDEX)
