"""What each stage of the finder said, drawn over the pages for those who ask why a box came out so."""

from __future__ import annotations

import os
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from papercap import images
from papercap.detect import INK_DPI, trace_figures
from papercap.images import Color, Mark
from papercap.jobs import read_pages
from papercap.jobs.opening import open_document
from papercap.jobs.sheet import COLORS, MISSED, page_tile
from papercap.pagerange import page_numbers
from papercap.pdf import Pdf, letters
from papercap.records import Stages

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import numpy.typing as npt

    from papercap.detect import Trace
    from papercap.jobs import Tell
    from papercap.records import Inquiry, Page

INDEX = "index.html"
PICTURE_SIDE = 900  # pixels a page is wide: 8-point text can be read
SHOWN_REGIONS = 5  # of a caption, the best
UNSURE = (0.15, 0.85)  # between these a line's probability is written beside it
TEXT: Color = (66, 133, 244)  # a line that is surely text; one that is surely inside is `INSIDE`
INSIDE: Color = (219, 50, 54)
TAKEN: Color = (46, 125, 50)
PASSED: Color = (130, 130, 130)
PALETTE: tuple[Color, ...] = (
    (216, 27, 96), (30, 136, 229), (0, 137, 123), (244, 81, 30), (94, 53, 177), (124, 117, 0), (109, 76, 65),
)  # fmt: skip
STAGES = {
    "lines": "Lines by their probability to be inside a figure or table: blue is text, red is inside.",
    "captions": "Captions (green) with their probability; grey are lines worded like one and not taken.",
    "regions": f"The {SHOWN_REGIONS} best regions of each caption, in its colour, with their scores.",
    "chosen": "The bodies chosen, with their confidence; red is a caption without one.",
}


def draw_stages(job: Inquiry, tell: Tell) -> Stages:
    """Write the pictures of every page with a line worded like a caption, and the page that shows them."""
    out = Path(os.fsdecode(job.out))
    with open_document(job.path, job.name, job.password) as pdf:
        wanted = page_numbers(job.pages, pdf.page_count)
        # All are read, as `add` does it: what is found on a page depends on the others.
        pages, lost = read_pages(pdf, page_numbers(None, pdf.page_count), job.skip, tell)

        def ink(number: int) -> npt.NDArray[np.bool_]:
            tell("finding", number, pdf.page_count)
            return pdf.ink(number, INK_DPI)

        trace = trace_figures(pages, ink)
        font = letters()
        pictures = {}
        for page in pages:
            if page.number in wanted and page.number in trace.starts:
                tell("drawing", page.number, pdf.page_count)
                pictures[page.number] = tuple(_draw(pdf, page, trace, out, font))
    (out / INDEX).write_text(_index(job.name, pictures, trace), encoding="utf-8")
    return Stages(index=INDEX, pictures=pictures, missed=tuple(lost))


def _draw(pdf: Pdf, page: Page, trace: Trace, out: Path, font: bytes) -> Iterator[str]:
    stages = (_lines, _captions, _regions, _chosen)
    for count, (stage, marks) in enumerate(zip(STAGES, stages, strict=True), start=1):
        name = f"page-{page.number:02}-{count}-{stage}.png"
        tile = page_tile(pdf, page, PICTURE_SIDE, "", list(marks(page.number, trace)))
        (out / name).write_bytes(images.marked_page(tile, font))
        yield name


# -- the marks of each stage


def _lines(number: int, trace: Trace) -> Iterator[Mark]:
    sheet = next(sheet for sheet in trace.layout.sheets if sheet.number == number)
    for line, inside in zip(sheet.lines, trace.inside[number].tolist(), strict=True):
        said = f"{inside:.2f}" if UNSURE[0] < inside < UNSURE[1] else ""
        yield Mark(sheet.to_page(line.box), _between(TEXT, INSIDE, inside), said, line=0.5, ground=0.3)


def _captions(number: int, trace: Trace) -> Iterator[Mark]:
    sheet = next(sheet for sheet in trace.layout.sheets if sheet.number == number)
    taken = {contest.reach.start for contest in trace.contests}
    for contest in trace.contests:
        reach = contest.reach
        if reach.start.page == number:
            said = f"{reach.start.wording.label}  {reach.probability:.2f}"
            yield Mark(sheet.to_page(reach.box), TAKEN, said, ground=0.15)
    for start, sure in zip(trace.starts[number], trace.sure[number].tolist(), strict=True):
        if start not in taken:
            box = sheet.to_page(sheet.lines[start.line].box)
            yield Mark(box, PASSED, f"{start.wording.label}  {sure:.2f}", line=1, ground=0.15, dashed=True)


def _regions(number: int, trace: Trace) -> Iterator[Mark]:
    sheet = next(sheet for sheet in trace.layout.sheets if sheet.number == number)
    for at, where in enumerate(_on_page(number, trace)):
        color = PALETTE[at % len(PALETTE)]
        reach, score = trace.contests[where].reach, trace.scores[where]
        label = reach.start.wording.label
        yield Mark(sheet.to_page(reach.box), color, label, line=0.8, ground=0.2)
        for rank, region in enumerate(score.argsort()[::-1][:SHOWN_REGIONS].tolist()):
            box = sheet.to_page(trace.contests[where].boxes[region].tolist())
            said = f"{label} #{rank + 1}  {score[region]:.2f}"
            yield Mark(box, color, said, line=2.2 if rank == 0 else 0.9, dashed=rank > 0)


def _chosen(number: int, trace: Trace) -> Iterator[Mark]:
    for found in trace.found:
        if found.page == number:
            color = COLORS[found.caption.kind]
            yield Mark(
                found.box, color, f"{found.caption.label}  {found.confidence:.2f}", line=2, ground=0.08
            )
            if found.caption.box and found.caption.page == number:
                yield Mark(found.caption.box, color, line=0.6, ground=0.15)
    sheet = next(sheet for sheet in trace.layout.sheets if sheet.number == number)
    told = {(missed.label, missed.caption) for missed in trace.missed if missed.page == number}
    for where in _on_page(number, trace):
        reach = trace.contests[where].reach
        if (reach.start.wording.label, reach.text) in told:
            said = f"{reach.start.wording.label}: no body"
            yield Mark(sheet.to_page(reach.box), MISSED, said, ground=0.15, dashed=True)


def _on_page(number: int, trace: Trace) -> list[int]:
    """Places of the page's captions among all."""
    return [at for at, contest in enumerate(trace.contests) if contest.reach.start.page == number]


def _between(low: Color, high: Color, share: float) -> Color:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(low, high, strict=True))
    return red, green, blue


# -- the page that shows them

_HEAD = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{name}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2em; color: #222; background: #f4f4f5 }}
section {{ margin: 0 0 3em }}
.stages {{ display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 1em }}
figure {{ margin: 0 }}
figcaption {{ font-size: 13px; color: #444; margin-top: .4em }}
img {{ width: 100%; background: #fff; border: 1px solid #ccc }}
table {{ border-collapse: collapse; margin: 0 0 1em; font-size: 14px }}
th, td {{ text-align: left; padding: .15em 1.2em .15em 0; vertical-align: top }}
@media (max-width: 900px) {{ .stages {{ grid-template-columns: repeat(2, minmax(0, 1fr)) }} }}
</style>
<h1>{name}</h1>
"""


def _index(name: str, pictures: dict[int, tuple[str, ...]], trace: Trace) -> str:
    parts = [_HEAD.format(name=escape(name))]
    if not pictures:
        parts.append("<p>No line of these pages is worded like a caption.</p>\n")
    for number, names in pictures.items():
        parts.append(f'<section id="page-{number}">\n<h2>Page {number}</h2>\n{_table(number, trace)}')
        parts.append('<div class="stages">\n')
        for file, (stage, told) in zip(names, STAGES.items(), strict=True):
            image = f'<img src="{file}" alt="{stage} of page {number}" loading="lazy">'
            parts.append(
                f'<figure><a href="{file}">{image}</a><figcaption>{escape(told)}</figcaption></figure>\n'
            )
        parts.append("</div>\n</section>\n")
    return "".join(parts)


def _table(number: int, trace: Trace) -> str:
    """The page's captions in words and numbers."""
    rows = []
    for where in _on_page(number, trace):
        reach, score, place = trace.contests[where].reach, trace.scores[where], trace.chosen[where]
        best = f"{score.max():.2f}" if len(score) else "no region"
        chosen = "none"
        if place is not None:
            chosen = f"#{1 + int((score > score[place]).sum())}, {score[place]:.2f}"
        cells = (reach.start.wording.label, f"{reach.probability:.2f}", best, chosen, reach.text[:120])
        rows.append("<tr>" + "".join(f"<td>{escape(cell)}" for cell in cells) + "\n")
    if not rows:
        return "<p>No captions; what is worded like one was not taken.</p>\n"
    return (
        "<table>\n<tr><th>caption<th>probability<th>best region<th>chosen<th>text\n"
        + "".join(rows)
        + "</table>\n"
    )
