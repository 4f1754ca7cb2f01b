"""Papers with their truth, read once and kept: what training and scoring share."""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import papercap.detect
from papercap.detect import FurtherInk, describe_all_lines, read_all_ink
from papercap.detect.captions import Start, find_starts, title_letters
from papercap.detect.ink import INK_DPI, Ink, shrink
from papercap.detect.layout import Layout, Mask, Sheet, read_layout
from papercap.detect.legends import MAX_LABEL, MIN_LEGEND
from papercap.detect.table import Columns
from papercap.geometry import Box, intersection
from papercap.pdf import Pdf
from papercap.records import Page
from papercap.wording import read_wording

MAX_SHARED = 0.05  # of a caption's box that lies over its body; of more it runs around it
CAPTION_MARGIN = 1.5  # points by which a line may stick out of a caption's box as drawn by hand


@dataclass(frozen=True)
class Item:
    """A figure or table of the truth, on a sheet's coordinates."""

    page: int
    label: str
    body: Box  # ink-tight
    caption: Box | None
    text: str  # of the caption; also where it stands on another page


@dataclass(frozen=True, eq=False)
class Paper:
    """All of a paper that depends on no model."""

    name: str
    pdf: Path
    layout: Layout
    starts: dict[int, list[Start]]
    inks: dict[int, Ink]
    lines: dict[int, Columns]
    items: tuple[Item, ...]

    def sheet(self, number: int) -> Sheet:
        return self.layout.sheets[number - 1]

    def further_ink(self) -> Callable[[Sheet], Ink]:
        """The ink of pages without a caption, drawn when it is asked for: few are, so that none is kept."""

        def ink(number: int) -> Mask:
            with Pdf(self.pdf) as pdf:
                return pdf.ink(number, INK_DPI)

        return FurtherInk(self.layout, ink)

    def every_start(self) -> list[Start]:
        return [start for page in self.starts.values() for start in page]


def find_papers(folders: list[tuple[Path, Path]]) -> list[tuple[Path, Path]]:
    """PDF and truth file of each paper in pairs of folders."""
    return [
        (pdfs / f"{truth.stem}.pdf", truth)
        for pdfs, truths in folders
        for truth in sorted(truths.glob("*.json"))
        if (pdfs / f"{truth.stem}.pdf").exists()
    ]


def read_paper(pdf: Path, truth: Path, cache: Path) -> Paper:
    """Read a paper, or what an earlier run of the same code kept of it."""
    return kept_or_read(pdf, truth, cache, _read, b"")


def kept_or_read(
    pdf: Path, truth: Path, cache: Path, read: Callable[[Path, list[dict[str, Any]]], Paper], code: bytes
) -> Paper:
    """What is kept of a paper as `read` makes it; `code` are sources that decide that besides ours."""
    key = hashlib.sha256(pdf.read_bytes() + truth.read_bytes() + _code() + code).hexdigest()[:24]
    kept = cache / f"{key}.pickle"
    if kept.exists():
        paper: Paper = pickle.loads(kept.read_bytes())  # our own file, in a folder of our own
        return paper
    paper = read(pdf, json.loads(truth.read_text())["items"])
    cache.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(".part")
    part.write_bytes(pickle.dumps(paper, protocol=5))
    part.replace(kept)
    return paper


def _code() -> bytes:
    """The sources that decide what is kept."""
    room = Path(papercap.detect.__file__).parent
    steps = ("layout", "ink", "table", "notes", "lines", "captions", "../pdf", "../wording")
    sources = [Path(__file__), *(room / f"{step}.py" for step in steps)]
    return b"".join(path.read_bytes() for path in sources)


def _read(path: Path, truth: list[dict[str, Any]]) -> Paper:
    with Pdf(path) as pdf:
        pages = [pdf.page(number) for number in range(1, pdf.page_count + 1)]
        return put_together(path.stem, path, pages, lambda number: pdf.ink(number, INK_DPI), truth)


def put_together(
    name: str, path: Path, pages: Sequence[Page], ink: Callable[[int], Mask], truth: list[dict[str, Any]]
) -> Paper:
    """A paper of pages, the ink of each at `INK_DPI`, and the items of a truth file."""
    layout = read_layout(pages)
    starts = find_starts(layout)
    inks = read_all_ink(layout, starts, ink)
    items = [
        _item(raw, layout.sheets[raw["page"] - 1], ink)
        for raw in truth
        if raw.get("bbox") and 1 <= raw["page"] <= len(pages)
    ]
    lines = describe_all_lines(layout, starts, inks)
    return Paper(name, path, layout, starts, inks, lines, tuple(items))


def _item(raw: dict[str, Any], sheet: Sheet, ink: Callable[[int], Mask]) -> Item:
    mask = sheet.turn_mask(ink(sheet.number))
    body = shrink(np.rint(np.array([sheet.from_page(raw["bbox"])], float)), mask)[0]
    caption = sheet.from_page(raw["caption_bbox"]) if raw.get("caption_bbox") else None
    return Item(sheet.number, raw.get("label") or "", Box(*body.tolist()), caption, raw.get("caption") or "")


# -- what is right ------------------------------------------------------------------------


def lines_in(sheet: Sheet, box: Box, margin: float) -> npt.NDArray[np.bool_]:
    """Which lines have their middle in a box."""
    x, y = (sheet.box[:, 0] + sheet.box[:, 2]) / 2, (sheet.box[:, 1] + sheet.box[:, 3]) / 2
    across = (x >= box.x0 - margin) & (x <= box.x1 + margin)
    inside: npt.NDArray[np.bool_] = across & (y >= box.y0 - margin) & (y <= box.y1 + margin)
    return inside


def caption_lines(sheet: Sheet, item: Item, margin: float) -> npt.NDArray[np.bool_]:
    """Which lines are the caption's: of one that runs around its figure not those of the figure."""
    assert item.caption is not None
    own = lines_in(sheet, item.caption, margin)
    shared = intersection(item.caption, item.body)
    if shared and shared.area > MAX_SHARED * item.caption.area:
        own &= ~lines_in(sheet, item.body, 0)
    return own


def true_lines(paper: Paper, number: int) -> npt.NDArray[np.bool_]:
    """Which lines of a sheet are inside a body."""
    sheet = paper.sheet(number)
    inside = np.zeros(len(sheet.lines), bool)
    for item in paper.items:
        if item.page == number:
            inside |= lines_in(sheet, item.body, 1)
    for item in paper.items:
        if item.page == number and item.caption:
            inside &= ~caption_lines(sheet, item, 1)
    return inside


def true_starts(paper: Paper) -> dict[Start, Item]:
    """The starts that begin a true caption: the first in its box."""
    owners: dict[Start, Item] = {}
    for item in paper.items:
        if not item.caption or not item.label:
            continue
        inside = caption_lines(paper.sheet(item.page), item, 2)
        own = [start for start in paper.starts.get(item.page, ()) if inside[start.line]]
        if own:
            owners.setdefault(min(own, key=lambda start: start.line), item)
    return owners


def true_apart(paper: Paper) -> dict[Start, Item]:
    """The starts of legends that stand on another page than the body, and the lone labels beside it."""
    apart = {}
    for item in paper.items:
        named = read_wording(item.text)
        if item.caption or named is None:
            continue
        for start in paper.every_start():
            if (start.wording.kind, start.wording.number) != (named.kind, named.number):
                continue
            if start.page == item.page:
                belongs = title_letters(start) < MAX_LABEL
            else:
                begins = _signs(paper.sheet(start.page).lines[start.line].text)
                belongs = title_letters(start) >= MIN_LEGEND and _signs(item.text).startswith(begins)
            if belongs:
                apart[start] = item
    return apart


def _signs(text: str) -> str:
    """Letters and digits alone, the first ones: how a text begins, however it is spaced and stopped."""
    return "".join(filter(str.isalnum, text.lower()))[:20]
