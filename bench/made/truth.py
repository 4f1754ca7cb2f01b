"""Say where each float of a made-up paper stands, as its own typesetting knows it.

typst is asked for the corners that every float marked while it was laid out (typ/page.typ). Layout boxes
leave room at their sides and cut off the tails of letters, so each is drawn in to the ink that typst's own
rendering has there: one with nothing but bodies, or nothing but captions, so that no neighbour counts.
"""

import json
from collections import defaultdict
from io import BytesIO
from typing import Any, TypeAlias

import typst
from PIL import Image

Box: TypeAlias = tuple[float, float, float, float]  # x0, y0, x1, y1 in points, origin top left
Facts: TypeAlias = dict[str, Any]

PIXELS = 3  # a point; boxes are exact to a third of a point
REACH = 4.0  # points; letters and rules leave their layout box by less, and the next float is farther off
WHITE = 250  # grey value, of 255; from here on it is paper


def items(compiler: typst.Compiler) -> list[Facts]:
    """Every float of the paper, one item a page on which it stands, in the order of pages."""
    corners: list[Facts] = json.loads(compiler.query("<corner>", field="value"))
    floats: dict[tuple[int, int], list[Facts]] = defaultdict(list)
    for corner in corners:
        floats[corner["page"], corner["id"]].append(corner)
    bodies, captions = _rendered(compiler, "body"), _rendered(compiler, "caption")
    return [
        _item(page, marks, bodies[page - 1], captions[page - 1])
        for (page, _), marks in sorted(floats.items(), key=_key)
    ]


def _key(entry: tuple[tuple[int, int], list[Facts]]) -> tuple[int, int]:
    return entry[0]


def _rendered(compiler: typst.Compiler, part: str) -> list[Image.Image]:
    """Every page with this part of its floats alone, in grey, PIXELS a point."""
    pages = compiler.compile(format="png", ppi=72 * PIXELS, sys_inputs={"show": part})
    if pages is None:
        raise TypeError("typst gave no pages")
    drawn = pages if isinstance(pages, list) else [pages]
    return [Image.open(BytesIO(page)).convert("L") for page in drawn]


def _item(page: int, marks: list[Facts], bodies: Image.Image, captions: Image.Image) -> Facts:
    """One float on one page, in the form of truth files."""
    body = [mark for mark in marks if mark["part"] == "body"]
    caption = [mark for mark in marks if mark["part"] == "caption"]
    facts = next(mark for mark in marks if "label" in mark)
    if not body:
        raise ValueError(f"{facts['label']} has a caption on page {page} and its body elsewhere")
    return {
        "kind": facts["kind"],
        "label": facts["label"],
        "page": page,
        "bbox": _ink_box(bodies, _bounds(body)),
        "caption_bbox": _ink_box(captions, _bounds(caption)) if caption else None,
        "caption": next((mark["text"] for mark in caption if "text" in mark), ""),
    }


def _bounds(marks: list[Facts]) -> Box:
    xs, ys = [mark["x"] for mark in marks], [mark["y"] for mark in marks]
    return min(xs), min(ys), max(xs), max(ys)


def _ink_box(page: Image.Image, box: Box) -> Box:
    """The bounds of all ink in `box` and up to REACH around it."""
    left, top = round((box[0] - REACH) * PIXELS), round((box[1] - REACH) * PIXELS)
    part = page.crop((left, top, round((box[2] + REACH) * PIXELS), round((box[3] + REACH) * PIXELS)))
    ink = part.point(lambda grey: 255 if grey < WHITE else 0).getbbox()
    if ink is None:
        raise ValueError(f"no ink in {box}")
    x0, y0, x1, y1 = left + ink[0], top + ink[1], left + ink[2], top + ink[3]
    return x0 / PIXELS, y0 / PIXELS, x1 / PIXELS, y1 / PIXELS
