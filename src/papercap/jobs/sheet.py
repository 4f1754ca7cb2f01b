"""A contact sheet: the pages of a document side by side, with what is known of them drawn in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from papercap import images
from papercap.errors import Refused
from papercap.geometry import Box
from papercap.images import Color, Mark, Tile
from papercap.jobs.opening import open_document
from papercap.jobs.place import place_of
from papercap.pagerange import page_numbers
from papercap.pdf import POINTS_PER_INCH, Pdf, letters
from papercap.records import Drawn

if TYPE_CHECKING:
    from collections.abc import Sequence

    from papercap.jobs import Tell
    from papercap.records import Figure, Kind, Missed, Overview, Page

COLORS: dict[Kind, Color] = {"figure": (21, 101, 192), "table": (46, 125, 50), "algorithm": (123, 31, 162)}
MISSED: Color = (198, 40, 40)
TILE_SIDES = ((12, 640), (30, 520), (80, 400))  # up to so many pages, a page is so many pixels wide
SMALL_TILE = 280  # pixels, of longer documents
BODY_GROUND, CAPTION_GROUND = 0.06, 0.14


def draw_sheet(job: Overview, tell: Tell) -> Drawn:
    """Write the sheet into the job's file."""
    with open_document(job.path, job.name, job.password) as pdf:
        wanted = sorted(page_numbers(job.pages, pdf.page_count))
        side = next((side for pages, side in TILE_SIDES if len(wanted) <= pages), SMALL_TILE)
        tiles = []
        for number in wanted:
            tell("drawing", number, pdf.page_count)
            tiles.append(_tile(pdf, number, side, job))
        count = pdf.page_count
    told = f"{job.name}  ·  {count} pages  ·  {len(job.figures)} captured, {len(job.missed)} missed"
    legend = [*((f"{kind}", color) for kind, color in COLORS.items()), ("caption without a body", MISSED)]
    heading = [line for line in (job.title, told) if line]
    data = images.contact_sheet(tiles, heading, legend, job.form, letters())
    Path(os.fsdecode(job.out)).write_bytes(data)
    return Drawn(bytes=len(data))


def page_tile(pdf: Pdf, page: Page, side: int, name: str, marks: Sequence[Mark]) -> Tile:
    """A page drawn `side` pixels wide, or half as high again if it is a tall one."""
    dpi = max(1, int(POINTS_PER_INCH * min(side / max(1, page.width), 1.5 * side / max(1, page.height))))
    raster = pdf.render(page.number, Box(0, 0, page.width, page.height), dpi)
    return Tile(*raster, dpi, name, tuple(marks))


def _tile(pdf: Pdf, number: int, side: int, job: Overview) -> Tile:
    name = f"page {number}"
    try:
        if number in job.skip:
            raise Refused(job.skip[number])
        page = pdf.page(number)
        marks = [mark for figure in job.figures if figure.page == number for mark in _figure_marks(figure)]
        marks += [
            mark for missed in job.missed if missed.page == number for mark in _missed_mark(missed, page)
        ]
        return page_tile(pdf, page, side, name, marks)
    except Refused as error:
        high = round(side * 1.29)
        why = Mark(Box(20, 40, side - 20, high - 20), MISSED, "could not be read", dashed=True)
        white = bytes([255]) * (3 * side * high)
        return Tile(side, high, white, POINTS_PER_INCH, f"{name}: {error}", (why,))


def _figure_marks(figure: Figure) -> list[Mark]:
    color = COLORS[figure.kind]
    how = "by hand" if figure.by == "hand" else f"{figure.confidence:.2f}" if figure.confidence else ""
    marks = [Mark(figure.box, color, f"{figure.id}  {how}".strip(), line=1.8, ground=BODY_GROUND)]
    if figure.caption_box:
        marks.append(Mark(figure.caption_box, color, line=0.6, ground=CAPTION_GROUND))
    return marks


def _missed_mark(missed: Missed, page: Page) -> list[Mark]:
    place = place_of(missed.caption, page) if missed.caption else None
    if place is None:
        return []
    return [Mark(place, MISSED, f"missed: {missed.label}", line=1.5, ground=CAPTION_GROUND, dashed=True)]
