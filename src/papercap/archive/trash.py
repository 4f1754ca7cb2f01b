"""What was removed, as its records have it: the rows of the trash, and which of them is meant."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from papercap.errors import NotFound, PapercapError
from papercap.records import Trashed
from papercap.store import read_moment

if TYPE_CHECKING:
    from pathlib import Path

    from papercap.store import Store


def trashed(store: Store) -> list[Trashed]:
    """All that stands in the trash: papers by id, of one id the oldest first, then files."""
    papers = [_paper_row(store, paper, folder) for paper, folder in store.removed()]
    return papers + [
        Trashed(
            id=None,
            title=None,
            removed=_when(folder),
            figures=0,
            tags=(),
            sha256=None,
            folder=store.name(folder),
        )
        for folder in store.moved()
    ]


def find_trashed(rows: list[Trashed], typed: str, removed: str | None) -> Trashed:
    """The removed paper that an id or a prefix names, of several the newest, or the one of that time."""
    fits = [row for row in rows if row.id is not None and row.id.startswith(typed)]
    fits = [row for row in fits if row.id == typed] or fits
    if len(ids := sorted({str(row.id) for row in fits})) > 1:
        raise NotFound(f"{typed}: fits {len(ids)} papers in the trash: {', '.join(ids)}; give more of the id")
    if not fits:
        raise NotFound(f"{typed}: not in the trash; 'papercap restore' shows what is")
    if removed is not None:
        times = ", ".join(row.removed for row in fits)
        fits = [row for row in fits if row.removed.startswith(removed)]
        if not fits:
            raise NotFound(f"{typed}: not removed at {removed}, but at {times}")
    return max(fits, key=lambda row: row.removed)


def is_older(row: Trashed, days: float, now: datetime.datetime) -> bool:
    """Has it been in the trash for longer?"""
    return now - datetime.datetime.fromisoformat(row.removed) > datetime.timedelta(days=days)


def _paper_row(store: Store, paper: str, folder: Path) -> Trashed:
    try:
        record, _sha256 = store.record_in(folder)
    except PapercapError:  # it was removed because of that; it can be put back as it was all the same
        record = None
    return Trashed(
        id=paper,
        title=record.title.value if record and record.title else None,
        removed=_when(folder),
        figures=len(record.figures) if record else 0,
        tags=record.tags if record else (),
        sha256=record.source.sha256 if record else None,
        folder=store.name(folder),
    )


def _when(folder: Path) -> str:
    moment = read_moment(folder.name)
    assert moment is not None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
