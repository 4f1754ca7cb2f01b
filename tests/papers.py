"""Small real PDFs that the tests make themselves."""

from __future__ import annotations

import random
from pathlib import Path

from papercap import pdf as _pdf  # noqa: F401  keeps PyMuPDF from loading what it does not need

import pymupdf  # isort: skip

LEFT, RIGHT = 54.0, 318.0  # where the columns of a letter page begin, points
COLUMN = 240.0
WORDS = (
    "the model was trained on a corpus of public text and then tuned with instructions that people wrote"
    " so that its answers follow what is asked while the cost stays small enough for a single machine"
    " results on common tests show gains over the base model in most tasks though not in arithmetic"
).split()


def prose(count: int, seed: int) -> str:
    """Running text of so many words, the same for a seed."""
    chooser = random.Random(seed)
    words = [chooser.choice(WORDS) for _ in range(count)]
    for at in range(0, count, 14):
        words[at] = words[at].capitalize()
        if at:
            words[at - 1] += "."
    return " ".join(words) + "."


def write_prose(page: pymupdf.Page, x: float, top: float, bottom: float, seed: int) -> None:
    """Fill a column between two heights."""
    size = 10
    lines = int((bottom - top) / (size * 1.2))
    words = iter(prose(lines * 12, seed).split())
    font = pymupdf.Font("tiro")
    for line in range(lines):
        text = ""
        while font.text_length(text, size) < COLUMN - 25:
            text += next(words) + " "
        page.insert_text((x, top + size + line * size * 1.2), text.strip(), fontname="tiro", fontsize=size)


def draw_plot(page: pymupdf.Page, x: float, top: float, height: float = 130) -> pymupdf.Rect:
    """Axes, ticks with labels and two curves; the box of its ink, roughly."""
    box = pymupdf.Rect(x + 30, top, x + COLUMN - 10, top + height)
    axis = pymupdf.Rect(box.x0 + 20, box.y0 + 4, box.x1, box.y1 - 16)
    page.draw_line(axis.tl, axis.bl)
    page.draw_line(axis.bl, axis.br)
    for step in range(5):
        at = axis.x0 + step * axis.width / 5
        page.draw_line((at, axis.y1), (at, axis.y1 + 3))
        page.insert_text((at - 2, axis.y1 + 12), str(step * 10), fontname="helv", fontsize=7)
        up = axis.y1 - step * axis.height / 5
        page.insert_text((box.x0, up), f"0.{step}", fontname="helv", fontsize=7)
    for curve in range(2):
        points = [
            (axis.x0 + t * axis.width / 20, axis.y1 - (t / 20) ** (0.5 + curve) * (axis.height - 10))
            for t in range(21)
        ]
        page.draw_polyline(points, color=(curve * 0.8, 0.2, 0.6), width=1.2)
    return box


def draw_table(page: pymupdf.Page, x: float, top: float, rows: int = 5) -> pymupdf.Rect:
    """A table with three rules; the box of its ink, roughly."""
    height = 14.0
    for rule in (0, 1, rows):
        at = top + rule * height
        page.draw_line((x + 20, at), (x + COLUMN - 20, at), width=0.8)
    for row in range(rows):
        cells = (
            ("Model", "Size", "Score") if row == 0 else (f"LM-{row}", f"{7 * row}B", f"{50 + row * 3}.{row}")
        )
        for column, cell in enumerate(cells):
            page.insert_text(
                (x + 30 + column * 70, top + row * height + 10), cell, fontname="tiro", fontsize=9
            )
    return pymupdf.Rect(x + 20, top, x + COLUMN - 20, top + rows * height)


def make_paper(
    path: Path,
    *,
    title: str = "Small Models for Large Tasks",
    author: str = "Ada Example",
    figures: int = 2,
    seed: int = 1,
    lonely_caption: bool = False,
    password: str | None = None,
) -> Path:
    """A two-column paper: on each page a plot with its caption below and a table with its caption above."""
    doc = pymupdf.open()
    for number in range(1, figures + 1):
        page = doc.new_page(width=612, height=792)
        top = 72.0
        if number == 1:
            page.insert_text((130, 80), title, fontname="tibo", fontsize=18)
            page.insert_text((260, 104), author, fontname="tiro", fontsize=11)
            top = 140
        plot = draw_plot(page, LEFT, top + 6)
        page.insert_text(
            (LEFT, plot.y1 + 16),
            f"Figure {number}: Loss of the model over {number}0 steps.",
            fontname="tiro",
            fontsize=9,
        )
        write_prose(page, LEFT, plot.y1 + 36, 730, seed * 100 + number)
        middle = 300.0
        write_prose(page, RIGHT, top, middle, seed * 100 + number + 50)
        page.insert_text(
            (RIGHT, middle + 24), f"Table {number}: Scores of the tuned models.", fontname="tiro", fontsize=9
        )
        table = draw_table(page, RIGHT, middle + 32)
        write_prose(page, RIGHT, table.y1 + 20, 730, seed * 100 + number + 70)
    if lonely_caption:
        page = doc.new_page(width=612, height=792)
        write_prose(page, LEFT, 72, 400, seed + 1)
        page.insert_text((LEFT, 424), "Figure 9: A picture that is not there.", fontname="tiro", fontsize=9)
        write_prose(page, LEFT, 440, 730, seed + 2)
        write_prose(page, RIGHT, 72, 730, seed + 3)
    doc.set_metadata({"title": title, "author": author, "creationDate": "D:20230401000000Z"})
    options = {}
    if password:
        options = {"encryption": pymupdf.PDF_ENCRYPT_AES_256, "user_pw": password, "owner_pw": password}
    doc.save(path, no_new_id=not password, **options)
    doc.close()
    return path
