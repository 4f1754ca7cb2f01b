"""Figures by hand: cropped, mended, given back to the finder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from papercap.errors import Usage
from papercap.geometry import iou
from papercap.hand import Said, cropped_record, given_back, has_moved, mended_record
from papercap.names import SAME_BOX
from papercap.pipeline.document import document_of
from papercap.records import DPI, Crop
from papercap.workers import Worker

if TYPE_CHECKING:
    from pathlib import Path

    from papercap.archive import Archive
    from papercap.geometry import Box
    from papercap.records import Figure, FigureRow, Missed, Paper


def crop_figure(
    archive: Archive, text: str, said: Said, source: Path | None = None, password: str | None = None
) -> FigureRow:
    """Capture a box of a paper's page as a figure made by hand."""
    if said.page is None or said.box is None:
        raise Usage("crop: say where with --page and --box")
    page, box = said.page, said.box
    paper = archive.record(text)
    path = document_of(archive, paper, source)
    with archive.store.aside() as draft, Worker() as worker:
        job = _job(paper, path, draft, page, box, password)
        cut = worker.crop(_with_said(job, said, paper.missed))
        paper, figure = archive.put_crop(draft, paper.id, lambda old: cropped_record(old, cut, page, said))
    return _row(archive, paper, figure)


def overlapped(archive: Archive, row: FigureRow) -> list[str]:
    """Ids of the other figures that show about the same."""
    return [
        other.id
        for other in archive.figures(row.paper)
        if other.id != row.id and other.page == row.page and iou(other.box, row.box) >= SAME_BOX
    ]


def fix_figure(
    archive: Archive, text: str, said: Said, source: Path | None = None, password: str | None = None
) -> FigureRow:
    """Mend a figure by hand; its files are made anew if another box or page is said."""
    if said == Said():
        raise Usage("fix: say what to mend with --box, --page, --label, --caption or --kind")
    paper, was = archive.figure(text)
    if has_moved(was, said):
        path = document_of(archive, paper, source)
        with archive.store.aside() as draft, Worker() as worker:
            job = _job(paper, path, draft, said.page or was.page, said.box or was.box, password)
            cut = worker.crop(job)
            archive.put_crop(draft, paper.id, lambda old: mended_record(old, was.id, cut, said))
    else:
        archive.change(paper.id, lambda old: mended_record(old, was.id, None, said)[0])
    return _row(archive, paper, was)


def give_back(archive: Archive, text: str) -> FigureRow:
    """Let the next extraction say box, label, kind and caption of a figure again."""
    paper, was = archive.figure(text)
    archive.change(paper.id, lambda old: given_back(old, was.id))
    return _row(archive, paper, was)


def _job(paper: Paper, path: Path, draft: Path, page: int, box: Box, password: str | None) -> Crop:
    return Crop(
        name=paper.id,
        path=os.fsencode(path.absolute()),
        out=os.fsencode(draft.absolute()),
        page=page,
        box=box,
        dpi=paper.options.dpi or DPI,
        password=password,
    )


def _with_said(job: Crop, said: Said, missed: tuple[Missed, ...]) -> Crop:
    return msgspec.structs.replace(job, label=said.label, caption=said.caption, kind=said.kind, missed=missed)


def _row(archive: Archive, paper: Paper, figure: Figure) -> FigureRow:
    name = f"{paper.id}/{figure.id}"
    return next(row for row in archive.figures(paper.id) if row.id == name)
