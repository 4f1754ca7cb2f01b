"""One box that a person drew → its files, its words and the caption without a body that it belongs to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from papercap.detect import text_inside
from papercap.errors import Refused, Usage
from papercap.geometry import Box, distance, rounded
from papercap.jobs import write_crop
from papercap.jobs.opening import open_document
from papercap.jobs.place import place_of
from papercap.names import same_label
from papercap.records import CROP, Crop, Cropped
from papercap.wording import read_wording

if TYPE_CHECKING:
    from papercap.records import Kind, Missed, Page

SLACK = 1.0  # points by which a box may reach over the page; a box read off a screen does


def crop(job: Crop) -> Cropped:
    """Cut the box out; Usage if the document has no such page, or the page no such place."""
    with open_document(job.path, job.name, job.password) as pdf:
        if job.page > pdf.page_count:
            count = pdf.page_count
            raise Usage(f"--page {job.page}: the document has {count} page{'s' * (count > 1)}")
        try:
            page = pdf.page(job.page)
            box = _on_page(job.box, page)
            digest = write_crop(pdf, job.page, box, CROP, job.dpi, Path(os.fsdecode(job.out)))
        except Refused as error:
            raise Refused(f"{job.name}: page {job.page}: {error}") from None
    bound, place = _nearest(_bindable(job), box, page)
    label, kind = _named(job.label or job.caption or (bound.label if bound else None))
    return Cropped(
        box=box,
        text=text_inside(page, box),
        hash=digest,
        kind=kind,
        label=label,
        bound=bound,
        caption_box=rounded(place) if place else None,
    )


def _on_page(box: Box, page: Page) -> Box:
    whole = Box(0, 0, page.width, page.height)
    kept = Box(max(box.x0, whole.x0), max(box.y0, whole.y0), min(box.x1, whole.x1), min(box.y1, whole.y1))
    over = max(abs(cut - given) for cut, given in zip(kept, box, strict=True))
    if over > SLACK or kept.width < SLACK or kept.height < SLACK:
        given = ",".join(f"{value:g}" for value in box)
        size = f"{page.width:g} × {page.height:g} points"
        raise Usage(f"--box {given}: not on page {page.number}, which is {size}")
    return rounded(kept)


def _bindable(job: Crop) -> list[Missed]:
    """The page's captions without a body that what was said does not rule out."""
    captions = [item for item in job.missed if item.page == job.page and item.caption]
    label, _kind = _named(job.label or job.caption)
    if label:
        return [item for item in captions if same_label(item.label, label)]
    if job.caption:
        return []
    return [item for item in captions if job.kind in (None, _named(item.label)[1])]


def _nearest(captions: list[Missed], box: Box, page: Page) -> tuple[Missed | None, Box | None]:
    """The caption that stands nearest, and where; one that cannot be seen on the page comes last."""
    placed = [(item, place_of(item.caption or "", page)) for item in captions]
    farthest = page.width + page.height
    placed.sort(key=lambda pair: distance(box, pair[1]) if pair[1] else farthest)
    return placed[0] if placed else (None, None)


def _named(text: str | None) -> tuple[str | None, Kind | None]:
    """Label and kind of a text that begins as captions do."""
    wording = read_wording(text) if text else None
    return (wording.label, wording.kind) if wording else (None, None)
