"""An archived figure drawn once more, at any resolution."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from papercap.errors import NotFound, Usage
from papercap.files import unwritten, writing
from papercap.geometry import Box
from papercap.records import Drawing
from papercap.workers import Worker

if TYPE_CHECKING:
    from pathlib import Path

    from papercap.archive import Archive
    from papercap.records import Figure, Paper

_FORMS: dict[str, Literal["png", "jpg", "webp", "pdf", "svg"]] = {
    ".png": "png",
    ".jpg": "jpg",
    ".jpeg": "jpg",
    ".webp": "webp",
    ".pdf": "pdf",
    ".svg": "svg",
}


def draw_figure(
    archive: Archive, text: str, out: Path, dpi: int, password: str | None = None
) -> tuple[Paper, Figure]:
    """Write an archived figure to a file; its record and its paper's, to cite it by."""
    form = _FORMS.get(out.suffix.lower())
    if form is None:
        raise Usage(f"{out}: give a name that ends in {', '.join(_FORMS)}")
    if not out.absolute().parent.is_dir():
        raise NotFound(f"{out.parent}: no such folder")
    record, figure = archive.figure(text)
    path, page, box = _drawn_from(archive.store.path(record.id), record, figure)
    target = out.resolve()  # a link stays a link
    drawing = Drawing(
        name=figure.id,
        path=os.fsencode(path.absolute()),
        page=page,
        box=box,
        dpi=dpi,
        form=form,
        out=os.fsencode(unwritten(target)),
        password=password,
    )
    with writing(out), Worker() as worker:
        try:
            worker.draw(drawing)
            os.replace(unwritten(target), target)
        finally:
            unwritten(target).unlink(missing_ok=True)
    return record, figure


def _drawn_from(folder: Path, record: Paper, figure: Figure) -> tuple[Path, int, Box]:
    """The paper, or without it the vector crop: one page, the box at its corner."""
    if record.source.file and (folder / record.source.file).exists():
        return folder / record.source.file, figure.page, figure.box
    if figure.files.vector and (folder / figure.files.vector).exists():
        return folder / figure.files.vector, 1, Box(0, 0, figure.box.width, figure.box.height)
    raise NotFound(f"{record.id}/{figure.id}: neither its paper nor its vector crop is there any more")
