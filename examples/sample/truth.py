"""Say where each figure of the sample paper stands, as its own typesetting knows it.

typst is asked for the corners that every float marked while it was laid out (style.typ). Those are corners of
layout boxes, which leave room at the sides of a narrow body and cut off the tails of letters such as "g"; so
each box is drawn in to the ink that typst's own rendering of the page has there.
"""

import hashlib
import json
from io import BytesIO
from typing import Any, TypeAlias

import typst
from PIL import Image

Box: TypeAlias = tuple[float, float, float, float]  # x0, y0, x1, y1 in points, origin top left
Corners: TypeAlias = list[dict[str, Any]]

PIXELS = 4  # a point; boxes are exact to a quarter of a point
REACH = 3.0  # points; letters and rules leave their layout box by less, and the next text is farther off
WHITE = 250  # grey value, of 255; from here on it is paper
MARKS = 4  # a float: first and last corner of caption and of body


def rendered(compiler: typst.Compiler) -> list[Image.Image]:
    """Every page in grey, PIXELS a point."""
    pages = compiler.compile(format="png", ppi=72 * PIXELS)
    if not isinstance(pages, list):
        raise TypeError("typst gave one page where the paper has several")
    return [Image.open(BytesIO(page)).convert("L") for page in pages]


def ink_box(page: Image.Image, box: Box) -> Box:
    """The bounds of all ink in `box` and up to REACH around it."""
    x0, y0, x1, y1 = box
    left, top = round((x0 - REACH) * PIXELS), round((y0 - REACH) * PIXELS)
    part = page.crop((left, top, round((x1 + REACH) * PIXELS), round((y1 + REACH) * PIXELS)))
    ink = part.point(lambda grey: 255 if grey < WHITE else 0).getbbox()
    if ink is None:
        raise ValueError(f"no ink in {box}")
    x0, y0, x1, y1 = left + ink[0], top + ink[1], left + ink[2], top + ink[3]
    return x0 / PIXELS, y0 / PIXELS, x1 / PIXELS, y1 / PIXELS


def layout_box(marks: Corners, part: str) -> Box:
    """The layout box of a float's "body" or "caption"."""
    start, end = (mark for mark in marks if mark["part"] == part)
    if (start["edge"], end["edge"]) != ("start", "end") or start["page"] != end["page"]:
        raise ValueError(f"corners out of order: {start}, {end}")
    return start["x"], start["y"], end["x"], end["y"]


def item(marks: Corners, pages: list[Image.Image]) -> dict[str, Any]:
    """One float as the truth format has it."""
    facts = next(mark for mark in marks if mark["part"] == "caption")
    page = pages[facts["page"] - 1]
    return {
        "kind": facts["kind"],
        "label": facts["label"],
        "page": facts["page"],
        "bbox": ink_box(page, layout_box(marks, "body")),
        "caption_bbox": ink_box(page, layout_box(marks, "caption")),
        "caption": facts["caption"],
    }


def truth(compiler: typst.Compiler, name: str, pdf: bytes) -> dict[str, Any]:
    """The whole truth about the paper that `compiler` sets and that was written as `name`."""
    corners: Corners = json.loads(compiler.query("<corner>", field="value"))
    pages = rendered(compiler)
    floats = [corners[at : at + MARKS] for at in range(0, len(corners), MARKS)]
    return {
        "pdf": name,
        "sha256": hashlib.sha256(pdf).hexdigest(),
        "source": "examples/make_sample.py",
        "layout": "two columns, A4, English with a page in Korean",
        "annotated_pages": "all",
        "items": [item(marks, pages) for marks in floats],
    }
