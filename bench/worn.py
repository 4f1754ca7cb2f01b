"""Scan-like copies of annotated papers: more scans to learn from than there are with truth.

A copy has the truth of its paper and its pages, but lines as text recognition gives them (fonts and
sizes guessed, edges off, signs mistaken, words in pictures lost) and ink as scanners leave it. Some have
their figures set off by rules and frames besides (`ruled.py`).
"""

from __future__ import annotations

import re
import zlib
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import ruled
from annotated import Paper, kept_or_read, put_together
from ruled import Ruling

from papercap.detect.ink import INK_DPI
from papercap.geometry import Box
from papercap.pdf import Pdf
from papercap.records import Line, Page

COPIES = 2  # of a paper, each worn in another way
_COPY = re.compile(r"^worn \d+ ")
_TAKEN_FOR = {
    "l": "1",
    "1": "l",
    "I": "l",
    "0": "O",
    "O": "0",
    "e": "c",
    "c": "e",
    "t": "f",
    "n": "u",
    ".": ",",
    ",": ".",
    ":": ";",
    "B": "8",
    "S": "5",
    "5": "S",
}
LEVEL = 0.9  # cosine of the steepest writing that counts as level
LOST_IN_PICTURES = (0.35, 0.7)  # share of a figure's lines that are not recognised: level, upright
LOST = 0.03  # the same of short lines elsewhere
SPLIT = 0.04  # share of lines that come in two pieces
JOINED = 0.2  # share of text blocks that are taken together with the one before


@dataclass(frozen=True)
class Wear:
    """How one paper was scanned and read."""

    mistakes: float  # share of signs
    tall: float  # height of a line's box to its type
    size_noise: float
    one_font: bool
    specks: int  # at most, a page
    faint: bool
    thick: bool
    edge: bool  # a dark line at the side
    dx: float = 0.0  # points by which a page's text lies beside its print
    dy: float = 0.0

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Wear:
        return cls(
            mistakes=float(rng.choice([0.003, 0.01, 0.03])),
            tall=float(rng.choice([1, 1.1, 1.25, 1.4])),
            size_noise=float(rng.choice([0.01, 0.03, 0.06])),
            one_font=bool(rng.random() < 0.45),
            specks=int(rng.choice([5, 60, 300])),
            faint=bool(rng.random() < 0.3),
            thick=bool(rng.random() < 0.3),
            edge=bool(rng.random() < 0.3),
        )


def copies_of(name: str) -> list[str]:
    """The names of a paper's copies."""
    return [f"worn {number} {name}" for number in range(1, COPIES + 1)]


def original_of(name: str) -> str:
    """The name of the paper that a copy, or the paper itself, is of."""
    return _COPY.sub("", name)


def read_worn(pdf: Path, truth: Path, cache: Path) -> list[Paper]:
    """The worn copies of a paper, or what an earlier run of the same code kept of them."""
    sources = b"".join(path.read_bytes() for path in (Path(__file__), Path(ruled.__file__)))
    return [
        kept_or_read(pdf, truth, cache, partial(_wear, copy=number), sources + bytes([number]))
        for number in range(1, COPIES + 1)
    ]


def _wear(path: Path, truth: list[dict[str, Any]], copy: int) -> Paper:
    seed = zlib.crc32(path.read_bytes()[:4096], copy)
    rng = np.random.default_rng(seed)
    wear = Wear.draw(rng)
    ruling = Ruling.draw(np.random.default_rng((seed, 0)))
    pictures: defaultdict[int, list[Box]] = defaultdict(list)
    for raw in truth:
        if raw.get("bbox") and raw["kind"] == "figure":
            pictures[raw["page"]].append(Box(*raw["bbox"]))
    with Pdf(path) as pdf:
        pages, items, masks = [], [], {}
        for number in range(1, pdf.page_count + 1):
            page, own = pdf.page(number), [raw for raw in truth if raw["page"] == number]
            pages.append(_worn_page(page, pictures[number], wear, rng))
            if ruling.style and own:
                masks[number], own = ruling.rule(pdf.ink(number, INK_DPI), page.lines, own)
            items += own

        def ink(number: int) -> npt.NDArray[np.bool_]:
            mask = masks[number] if number in masks else pdf.ink(number, INK_DPI)
            return _worn_mask(mask, wear, np.random.default_rng((seed, number)))

        return put_together(copies_of(path.stem)[copy - 1], path, pages, ink, items)


def _worn_page(page: Page, pictures: list[Box], wear: Wear, rng: np.random.Generator) -> Page:
    wear = replace(wear, dx=float(rng.normal(0, 0.8)), dy=float(rng.normal(0, 0.8)))
    lines: list[Line] = []
    joined, last = 0, -1
    for line in page.lines:
        if line.block != last:
            last = line.block
            joined += bool(rng.random() < JOINED)
        x, y = line.box.center
        pictured = any(box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1 for box in pictures)
        if _is_lost(line, pictured, rng):
            continue
        worn = _worn_line(line, pictured, wear, rng)
        lines += [msgspec.structs.replace(piece, block=line.block - joined) for piece in _pieces(worn, rng)]
    return msgspec.structs.replace(page, lines=tuple(lines))


def _is_lost(line: Line, pictured: bool, rng: np.random.Generator) -> bool:
    if pictured:
        return bool(rng.random() < LOST_IN_PICTURES[abs(line.direction[0]) <= LEVEL])
    return len(line.text) < 12 and bool(rng.random() < LOST)


def _worn_line(line: Line, pictured: bool, wear: Wear, rng: np.random.Generator) -> Line:
    mistakes = wear.mistakes * (6 if pictured else 1)
    text = "".join(_TAKEN_FOR.get(sign, sign) if rng.random() < mistakes else sign for sign in line.text)
    box = line.box
    if abs(line.direction[0]) > LEVEL:
        middle = (box.y0 + box.y1) / 2 + rng.normal(0, 0.4) + wear.dy
        half = box.height / 2 * wear.tall * (1 + rng.normal(0, 0.03))
        x0 = box.x0 + rng.normal(0, 0.5) + wear.dx
        x1 = max(x0 + 1, box.x1 + rng.normal(0, 0.6) + wear.dx)
        box = Box(float(x0), float(middle - half), float(x1), float(middle + half))
    size = line.size * (1 + float(rng.normal(0, wear.size_noise)))
    bold, italic, lead_bold, family = False, False, False, "Scan"
    if not wear.one_font:
        wrong = rng.random() < 0.08
        bold = line.bold ^ bool(wrong and rng.random() < 0.5)
        italic = line.italic ^ bool(wrong and rng.random() < 0.5)
        lead_bold = line.lead_bold if rng.random() < 0.85 else bold
        family = "Arial" if rng.random() < 0.05 else "Times"
    return msgspec.structs.replace(
        line,
        text=text,
        box=box,
        size=size,
        font=_font(family, bold, italic),
        bold=bold,
        italic=italic,
        color=0,
        lead=text if wear.one_font else line.lead,
        lead_size=size,
        lead_font=_font(family, lead_bold, False),
        lead_bold=lead_bold,
        lead_color=0,
    )


def _font(family: str, bold: bool, italic: bool) -> str:
    return family + "-Bold" * bold + "-Italic" * italic


def _pieces(line: Line, rng: np.random.Generator) -> list[Line]:
    """The line, or two of it."""
    words = line.text.split(" ")
    if len(words) < 4 or rng.random() > SPLIT:
        return [line]
    at = int(rng.integers(1, len(words) - 1))
    first, second = " ".join(words[:at]), " ".join(words[at:])
    x0, y0, x1, y1 = line.box
    middle = x0 + (x1 - x0) * len(first) / len(line.text)
    return [
        msgspec.structs.replace(line, text=first, lead=first, box=Box(x0, y0, middle, y1)),
        msgspec.structs.replace(line, text=second, lead=second, box=Box(middle + 2, y0, x1, y1)),
    ]


def _worn_mask(mask: npt.NDArray[np.bool_], wear: Wear, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    mask = mask.copy()
    height, width = mask.shape
    for _ in range(int(rng.integers(0, wear.specks + 1))):
        y, x, size = int(rng.integers(0, height)), int(rng.integers(0, width)), int(rng.integers(1, 3))
        mask[y : y + size, x : x + size] = True
    if wear.faint:
        mask &= rng.random(mask.shape) > 0.06
    if wear.thick:
        mask[:, 1:] |= mask[:, :-1].copy()
    if wear.edge:
        x = int(rng.integers(0, 6))
        mask[int(height * rng.random() / 2) : int(height * (1 + rng.random()) / 2), x : x + 3] = True
    return mask
