"""Pictures to judge by: a paper's pages with their boxes, and what each stage of the finder said."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from papercap.errors import NotFound, PapercapError, Usage
from papercap.files import unwritten, writing
from papercap.pagerange import check_pages
from papercap.pipeline.document import document_of
from papercap.records import Inquiry, Overview, Stages
from papercap.sources import Remote
from papercap.sources.local import check_document, find_documents
from papercap.workers import Worker

if TYPE_CHECKING:
    from papercap.archive import Archive
    from papercap.pipeline.batch import Watcher
    from papercap.records import Paper

_FORMS: dict[str, Literal["png", "pdf"]] = {".png": "png", ".pdf": "pdf"}


def draw_sheet(
    archive: Archive,
    text: str,
    out: Path | None,
    watcher: Watcher,
    *,
    pages: str | None = None,
    source: Path | None = None,
    password: str | None = None,
) -> tuple[Paper, Path]:
    """Write a contact sheet of a paper; its record and the file."""
    if pages is not None:
        check_pages(pages)
    paper = archive.record(text)
    out = out or Path(f"{paper.id}-sheet.png")
    form = _FORMS.get(out.suffix.lower())
    if form is None:
        raise Usage(f"{out}: give a name that ends in {' or '.join(_FORMS)}")
    if not out.absolute().parent.is_dir():
        raise NotFound(f"{out.parent}: no such folder")
    target = out.resolve()  # a link stays a link
    job = Overview(
        name=paper.id,
        path=os.fsencode(document_of(archive, paper, source).absolute()),
        out=os.fsencode(unwritten(target)),
        form=form,
        title=paper.title.value if paper.title else "",
        figures=paper.figures,
        missed=paper.missed,
        pages=pages,
        password=password,
    )
    with writing(out), Worker() as worker:
        try:
            worker.overview(job, lambda progress: watcher.at(paper.id, progress))
            os.replace(unwritten(target), target)
        finally:
            unwritten(target).unlink(missing_ok=True)
    return paper, out


def draw_stages(
    typed: str, out: Path, watcher: Watcher, *, pages: str | None = None, password: str | None = None
) -> Stages:
    """Draw what the finder said of a document into a folder, which is made."""
    if pages is not None:
        check_pages(pages)
    found = find_documents([typed])
    if len(found) != 1 or Path(typed).is_dir():
        raise Usage(f"{typed}: {len(found)} documents; give one")
    ((_name, document),) = found
    if isinstance(document, PapercapError):
        raise document
    if isinstance(document, Remote):
        raise Usage(f"{typed}: give a file; 'papercap add' fetches addresses")
    document = check_document(document)
    with writing(out), Worker() as worker:
        out.mkdir(parents=True, exist_ok=True)
        job = Inquiry(
            name=os.fsencode(document.name).decode("utf-8", "replace"),
            path=os.fsencode(document.path.absolute()),
            out=os.fsencode(out.absolute()),
            pages=pages,
            password=password,
        )
        return worker.inquire(job, lambda progress: watcher.at(typed, progress))
