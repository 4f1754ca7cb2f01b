"""Draw the pages on which something is lost or wrong: python bench/wrong_pages.py PDFS TRUTH FOUND OUT

FOUND are predictions in the bench's form, as `accuracy.py --out` writes them. Each page comes out as a
PNG with the true bodies in green, the true captions in light green and what was found in red.
"""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path
from typing import Any

import pymupdf
from annotated import find_papers
from PIL import Image, ImageDraw

from papercap.geometry import Box, iou

DPI = 80
RIGHT = 0.8  # IoU from which a body is right
TRUE, CAPTION, FOUND = (0, 140, 0), (120, 210, 120), (225, 0, 0)


def main() -> None:
    """Read the arguments, draw."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("pdfs", "truth", "found", "out"):
        parser.add_argument(name, type=Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for pdf, truth in find_papers([(options.pdfs, options.truth)]):
        true = [item for item in json.loads(truth.read_text())["items"] if item.get("bbox")]
        found = json.loads((options.found / truth.name).read_text())["items"]
        with pymupdf.open(pdf) as document:
            for number in sorted(_wrong(true, found)):
                _draw(document[number - 1], true, found).save(options.out / f"{pdf.stem}-{number}.png")


def _wrong(true: list[dict[str, Any]], found: list[dict[str, Any]]) -> set[int]:
    """The pages with a true body that nothing found agrees with, or the other way round."""

    def alone(ones: list[dict[str, Any]], others: list[dict[str, Any]]) -> set[int]:
        return {
            one["page"]
            for one in ones
            if not any(
                other["page"] == one["page"] and iou(Box(*one["bbox"]), Box(*other["bbox"])) >= RIGHT
                for other in others
            )
        }

    return alone(true, found) | alone(found, true)


def _draw(page: pymupdf.Page, true: list[dict[str, Any]], found: list[dict[str, Any]]) -> Image.Image:
    picture = Image.open(io.BytesIO(page.get_pixmap(dpi=DPI).tobytes("png"))).convert("RGB")
    pencil = ImageDraw.Draw(picture)
    for items, key, color, width in (
        (true, "caption_bbox", CAPTION, 1),
        (true, "bbox", TRUE, 3),
        (found, "bbox", FOUND, 1),
    ):
        for item in items:
            if item["page"] == page.number + 1 and item.get(key):
                pencil.rectangle([side * DPI / 72 for side in item[key]], outline=color, width=width)
    return picture


if __name__ == "__main__":
    main()
