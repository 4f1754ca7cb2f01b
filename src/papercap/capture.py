"""One document → its figures and their files: the stages in order, run inside a worker process."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from papercap import images
from papercap.detect import INK_DPI, find_figures
from papercap.documents.facts import FRONT_PAGES, read_facts
from papercap.documents.readable import find_unreadable
from papercap.errors import Refused
from papercap.geometry import rounded
from papercap.names import figure_ids
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
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

ROUGH_DPI = 36  # enough to tell a blank page from one that is full
LONG_SIDE = 4000  # pixels of a crop; `papercap get` makes larger ones

Tell = Callable[[Step, int, int], None]  # the step, at which page, of how many


def capture(job: Job, report: Tell) -> Outcome:
    """Read, find and crop; Refused if the document cannot be read at all."""
    with Pdf(Path(os.fsdecode(job.path)), job.name, job.password) as pdf:
        wanted = page_numbers(job.pages, pdf.page_count)
        pages, lost = _read(pdf, wanted, job.skip, report)

        def ink(number: int) -> npt.NDArray[np.bool_]:
            report("finding", number, pdf.page_count)
            return pdf.ink(number, INK_DPI)

        chosen = [page for page in pages if page.number in wanted]
        blind = find_unreadable(chosen, lambda number: float(pdf.ink(number, ROUGH_DPI).mean()))
        found, missed = find_figures(chosen, ink)
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


def draw(drawing: Drawing) -> Drawn:
    """Write one box of a document as a picture or as vectors; Refused if it cannot be."""
    with Pdf(Path(os.fsdecode(drawing.path)), drawing.name, drawing.password) as pdf:
        if drawing.form == "pdf":
            data = pdf.clip(drawing.page, drawing.box)
        elif drawing.form == "svg":
            data = pdf.svg(drawing.page, drawing.box)
        else:
            raster = pdf.render(drawing.page, drawing.box, drawing.dpi)
            data = images.picture(*raster, drawing.dpi, drawing.form)
    Path(os.fsdecode(drawing.out)).write_bytes(data)
    return Drawn(bytes=len(data))


def _read(
    pdf: Pdf, wanted: set[int], skip: Mapping[int, str], report: Tell
) -> tuple[list[Page], list[Missed]]:
    pages, lost = [], []
    for number in sorted(wanted | set(range(1, min(FRONT_PAGES, pdf.page_count) + 1))):
        try:
            if number in skip:
                raise Refused(skip[number])
            report("reading", number, pdf.page_count)
            pages.append(pdf.page(number))
        except Refused as error:
            lost.append(
                Missed(label=None, page=number, caption=None, why=f"page {number} was not read: {error}")
            )
    return pages, lost


def _crop_all(
    pdf: Pdf, found: Sequence[Found], ids: Sequence[str], job: Job, report: Tell
) -> tuple[list[Figure], list[Missed]]:
    figures, uncut = [], []
    for item, name in zip(found, ids, strict=True):
        report("cropping", item.page, pdf.page_count)
        try:
            files, digest = (
                _crop(pdf, item, name, job.dpi, Path(os.fsdecode(job.out))) if job.out else (Files(), None)
            )
        except Refused as error:
            caption = item.caption
            uncut.append(
                Missed(
                    label=caption.label, page=item.page, caption=caption.text, why=f"was not cropped: {error}"
                )
            )
            continue
        figures.append(_figure(item, name, files, digest))
    return figures, uncut


def _crop(pdf: Pdf, item: Found, name: str, dpi: int, out: Path) -> tuple[Files, str]:
    """Write the figure's files; PNG, vector and thumbnail show the same box."""
    dpi = max(1, min(dpi, int(LONG_SIDE * POINTS_PER_INCH / max(item.box.width, item.box.height))))
    pictures = images.encode(*pdf.render(item.page, item.box, dpi), dpi)
    thumbs = out / "thumbs"
    thumbs.mkdir(parents=True, exist_ok=True)
    (out / f"{name}.png").write_bytes(pictures.png)
    (thumbs / f"{name}.webp").write_bytes(pictures.webp)
    (out / f"{name}.pdf").write_bytes(pdf.clip(item.page, item.box))
    files = Files(image=f"{name}.png", vector=f"{name}.pdf", thumbnail=f"thumbs/{name}.webp")
    return files, pictures.hash


def _figure(item: Found, name: str, files: Files, digest: str | None) -> Figure:
    caption = item.caption
    return Figure(
        id=name,
        kind=caption.kind,
        label=caption.label or None,
        page=item.page,
        box=rounded(item.box),
        caption=Sourced(caption.text, "document") if caption.text else None,
        caption_box=rounded(caption.box) if caption.page == item.page else None,
        by="auto",
        method=item.method,
        confidence=round(item.confidence, 4),
        files=files,
        text=item.text,
        hash=digest,
    )
