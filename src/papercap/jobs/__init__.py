"""One document → its figures and their files: the stages in order, run inside a worker process."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from papercap import images
from papercap.detect import INK_DPI, find_figures
from papercap.detect.trees import load_all
from papercap.documents.facts import FRONT_PAGES, read_facts
from papercap.documents.readable import find_unreadable
from papercap.errors import Refused
from papercap.geometry import Box, rounded
from papercap.jobs.opening import is_made_of_pictures, open_document, open_pictures
from papercap.jobs.pictures import find_in_pictures
from papercap.names import figure_ids, ids_before, without_doubles
from papercap.pagerange import page_numbers
from papercap.pdf import POINTS_PER_INCH, Pdf
from papercap.records import (
    Drawing,
    Drawn,
    Extraction,
    Figure,
    Files,
    Found,
    Job,
    Missed,
    Outcome,
    Page,
    Sourced,
    Step,
    files_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

ROUGH_DPI = 36  # enough to tell a blank page from one that is full
LONG_SIDE = 4000  # pixels of a crop; `papercap get` makes larger ones

Tell = Callable[[Step, int, int], None]  # the step, at which page, of how many


def warm() -> None:
    """Load what would be read from files while a document is captured: here once, for all that are forked."""
    load_all()
    images.warm()


def capture(job: Job, report: Tell) -> Outcome:
    """Read, find and crop; Refused if the document cannot be read at all."""
    if is_made_of_pictures(job.path):
        return _capture_pictures(job, report)
    with open_document(job.path, job.name, job.password) as pdf:
        wanted = page_numbers(job.pages, pdf.page_count)
        pages, lost = read_pages(pdf, wanted, job.skip, report)

        def ink(number: int) -> npt.NDArray[np.bool_]:
            report("finding", number, pdf.page_count)
            return pdf.ink(number, INK_DPI)

        chosen = [page for page in pages if page.number in wanted]
        blind = find_unreadable(chosen, lambda number: float(pdf.ink(number, ROUGH_DPI).mean()))
        found, missed = find_figures(chosen, ink)
        found = without_doubles(found, job.kept)
        facts = read_facts([page for page in pages if page.number <= FRONT_PAGES], pdf.metadata, pdf.xmp())
        ids = figure_ids(found, job.kept, job.retired)
        figures, uncut = _crop_all(pdf, found, ids, job, report)
        extraction = Extraction(
            pages=pdf.page_count,
            facts=facts,
            found=found,
            missed=(*blind, *missed, *uncut, *lost),
            warnings=pdf.warnings(),
        )
    return Outcome(extraction=extraction, figures=tuple(figures))


def _capture_pictures(job: Job, report: Tell) -> Outcome:
    """A picture, or those of a web page: each is a page of the document and a figure as a whole."""
    opened = open_pictures(job.path, job.name)
    with opened.pdf as pdf:
        wanted = page_numbers(job.pages, pdf.page_count)
        seen = find_in_pictures(opened)
        found = without_doubles([item for item in seen.found if item.page in wanted], job.kept)
        figures, uncut = _crop_all(pdf, found, figure_ids(found, job.kept, job.retired), job, report)
        extraction = Extraction(
            pages=pdf.page_count,
            facts=seen.facts,
            found=found,
            missed=(*seen.missed, *uncut),
            warnings=(*seen.notes, *pdf.warnings()),
        )
    named = (msgspec.structs.replace(figure, original=seen.originals.get(figure.page)) for figure in figures)
    return Outcome(extraction=extraction, figures=tuple(named))


def draw(drawing: Drawing) -> Drawn:
    """Write one box of a document as a picture or as vectors; Refused if it cannot be."""
    with open_document(drawing.path, drawing.name, drawing.password) as pdf:
        if drawing.form == "pdf":
            data = pdf.clip(drawing.page, drawing.box)
        elif drawing.form == "svg":
            data = pdf.svg(drawing.page, drawing.box)
        else:
            raster = pdf.render(drawing.page, drawing.box, drawing.dpi)
            data = images.picture(*raster, drawing.dpi, drawing.form)
    Path(os.fsdecode(drawing.out)).write_bytes(data)
    return Drawn(bytes=len(data))


def read_pages(
    pdf: Pdf, wanted: set[int], skip: Mapping[int, str], report: Tell
) -> tuple[list[Page], list[Missed]]:
    """The wanted pages and those that name the paper, with what could not be read."""
    pages, lost = [], []
    for number in sorted(wanted | set(range(1, min(FRONT_PAGES, pdf.page_count) + 1))):
        try:
            if number in skip:
                raise Refused(skip[number])
            report("reading", number, pdf.page_count)
            page = pdf.page(number)
            pages.append(page)
            if damage := pdf.damage(page):
                why = f"page {number} {damage}"
                lost.append(Missed(label=None, page=number, caption=None, why=why))
        except Refused as error:
            lost.append(
                Missed(label=None, page=number, caption=None, why=f"page {number} was not read: {error}")
            )
    return pages, lost


def _crop_all(
    pdf: Pdf, found: Sequence[Found], ids: Sequence[str], job: Job, report: Tell
) -> tuple[list[Figure], list[Missed]]:
    figures, uncut = [], []
    before = ids_before(found, ids, job.kept)
    for item, name in zip(found, ids, strict=True):
        report("cropping", item.page, pdf.page_count)
        try:
            digest = _crop(pdf, item, name, job)
        except Refused as error:
            caption = item.caption
            uncut.append(
                Missed(
                    label=caption.label, page=item.page, caption=caption.text, why=f"was not cropped: {error}"
                )
            )
            continue
        files = files_of(name) if job.out else Files()
        figures.append(_figure(item, name, files, digest, before.get(name)))
    return figures, uncut


def _crop(pdf: Pdf, item: Found, name: str, job: Job) -> str | None:
    if job.out is None:
        return None
    return write_crop(pdf, item.page, item.box, name, job.dpi, Path(os.fsdecode(job.out)))


def write_crop(pdf: Pdf, page: int, box: Box, name: str, dpi: int, out: Path) -> str:
    """Write a figure's files, which all show the same box; the hash of its picture."""
    dpi = max(1, min(dpi, int(LONG_SIDE * POINTS_PER_INCH / max(box.width, box.height))))
    pictures = images.encode(*pdf.render(page, box, dpi), dpi)
    (out / "thumbs").mkdir(parents=True, exist_ok=True)
    (out / f"{name}.png").write_bytes(pictures.png)
    (out / "thumbs" / f"{name}.webp").write_bytes(pictures.webp)
    (out / f"{name}.pdf").write_bytes(pdf.clip(page, box))
    return pictures.hash


def _figure(item: Found, name: str, files: Files, digest: str | None, before: str | None) -> Figure:
    caption = item.caption
    return Figure(
        id=name,
        kind=caption.kind,
        label=caption.label or None,
        page=item.page,
        box=rounded(item.box),
        caption=Sourced(caption.text, "document") if caption.text else None,
        caption_box=rounded(caption.box) if caption.box and caption.page == item.page else None,
        by="auto",
        method=item.method,
        confidence=round(item.confidence, 4),
        files=files,
        text=item.text,
        continues=before,
        hash=digest,
    )
