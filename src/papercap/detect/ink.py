"""Read the ink: what is drawn on a sheet besides text, as connected marks and as sums over boxes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from papercap.detect.layout import Array, Mask, Rows, Sheet
    from papercap.geometry import Box

INK_DPI = 72  # of the masks: one pixel a point, so that boxes need no scale
CELL = 2  # pixels; marks whose cells touch are one, and sums are over cells
RULE = 30  # pixels; a straight run so long is a rule even where it crosses text
MAX_MARKS = 500  # of a sheet, the largest
MARGIN = 0.09  # of the sheet's sides, where running heads stand
HALF = (3, 0.5)  # pages at least, and their share, for ink in the margins to be furniture
MOST = (6, 0.7)  # the same for ink elsewhere: pictures may well stand at one place on some pages
ENOUGH_PAGES = 8  # to tell furniture


@dataclass(frozen=True, eq=False)
class Ink:
    """What is drawn on a sheet besides its text."""

    cells: npt.NDArray[np.uint8]  # pixels of drawing in each cell
    marks: Array  # boxes of connected drawing, n by 4
    tight: Array  # boxes of the sheet's lines shrunk to their ink, n by 4

    @cached_property
    def _sums(self) -> npt.NDArray[np.int32]:
        rows, columns = self.cells.shape
        sums = np.zeros((rows + 1, columns + 1), np.int32)
        np.cumsum(np.cumsum(self.cells, axis=0, dtype=np.int32), axis=1, out=sums[1:, 1:])
        return sums

    def drawn(self, boxes: Array) -> Array:
        """Square points of drawing in each box."""
        rows, columns = self.cells.shape
        x = np.clip(np.rint(boxes[:, ::2] / CELL), 0, columns).astype(np.intp)
        y = np.clip(np.rint(boxes[:, 1::2] / CELL), 0, rows).astype(np.intp)
        x[:, 1], y[:, 1] = x.max(axis=1), y.max(axis=1)
        sums = self._sums
        inside = (
            sums[y[:, 1], x[:, 1]] - sums[y[:, 0], x[:, 1]] - sums[y[:, 1], x[:, 0]] + sums[y[:, 0], x[:, 0]]
        )
        return inside.astype(float)

    def drawn_in(self, box: Box) -> float:
        """Square points of drawing in one box, without the sums for many."""
        x0, y0, x1, y1 = (max(0, round(v / CELL)) for v in box)
        return float(self.cells[y0:y1, x0:x1].sum())

    def forget_sums(self) -> None:
        """Give back the memory of the sums, four times that of all the rest; they come again when asked."""
        self.__dict__.pop("_sums", None)

    def density(self, boxes: Array) -> Array:
        """Share of each box that is drawing."""
        area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        return self.drawn(boxes) / np.maximum(area, 1)


def read_ink(
    sheets: Sequence[Sheet], ink: Callable[[int], Mask], others: Sequence[Sheet] = ()
) -> dict[int, Ink]:
    """The ink of these sheets by page number, without what repeats from page to page.

    Of too few sheets nothing is seen to repeat; then some of the `others` are looked at as well.
    Masks are packed to bits as soon as they are read; what is kept of a page is about 100 kB.
    """
    packed: dict[int, npt.NDArray[np.uint8]] = {}
    shapes: dict[int, tuple[int, int]] = {}
    tight: dict[int, Array] = {}
    for sheet in sheets:
        mask = sheet.turn_mask(ink(sheet.number))
        drawing = _drawing(mask, sheet.box)
        packed[sheet.number] = np.packbits(drawing)
        shapes[sheet.number] = (drawing.shape[0], drawing.shape[1])
        tight[sheet.number] = shrink(sheet.box, mask)
    for sheet in others[: max(0, ENOUGH_PAGES - len(sheets))] if sheets else ():
        drawing = _drawing(sheet.turn_mask(ink(sheet.number)), sheet.box)
        packed[sheet.number] = np.packbits(drawing)
        shapes[sheet.number] = (drawing.shape[0], drawing.shape[1])
    furniture = _Furniture(packed, shapes)
    result = {}
    for sheet in sheets:
        drawing = _unpack(packed.pop(sheet.number), shapes[sheet.number])
        drawing &= ~furniture.of(sheet.number)
        cells = _pool(drawing)
        result[sheet.number] = Ink(cells, find_marks(drawing), tight[sheet.number])
    return result


def shrink(boxes: Array, mask: Mask) -> Array:
    """Each box drawn in to the ink that it holds; a box without ink stays."""
    height, width = mask.shape
    tight = boxes.copy()
    limits = np.array([width, height, width, height])
    grid = np.clip(np.c_[np.floor(boxes[:, :2]), np.ceil(boxes[:, 2:])], 0, limits).astype(int)
    for at, (x0, y0, x1, y1) in enumerate(grid.tolist()):
        piece = mask[y0:y1, x0:x1]
        columns = piece.any(axis=0)
        if not columns.any():
            continue
        rows = piece.any(axis=1)
        tight[at] = (
            x0 + columns.argmax(),
            y0 + rows.argmax(),
            x1 - np.flip(columns).argmax(),
            y1 - np.flip(rows).argmax(),
        )
    return tight


# -- drawing ------------------------------------------------------------------------------


def _drawing(mask: Mask, text: Array) -> Mask:
    """The ink outside of text boxes, and all long straight runs."""
    height, width = mask.shape
    drawing = mask.copy()
    limits = np.array([width, height, width, height])
    for x0, y0, x1, y1 in np.clip(np.rint(text), 0, limits).astype(int).tolist():
        drawing[y0:y1, x0:x1] = False
    drawing |= _straight_runs(mask, axis=0)
    drawing |= _straight_runs(mask, axis=1)
    return drawing


def _straight_runs(mask: Mask, axis: int) -> Mask:
    """The pixels that lie in a run of at least `RULE` along the axis (an opening)."""
    upright = mask if axis == 0 else np.ascontiguousarray(mask.T)
    if len(upright) < RULE:
        return np.zeros_like(mask)
    bits = np.packbits(upright, axis=1)  # eight columns a byte: the work is along the other axis
    for step in _steps(RULE):
        bits = bits[:-step] & bits[step:]  # bits[i]: a run as long as the steps so far begins at i
    runs = np.zeros((len(upright), bits.shape[1]), np.uint8)
    runs[: len(bits)] = bits
    for step in _steps(RULE):
        runs[step:] |= runs[:-step].copy()
    found = np.unpackbits(runs, axis=1, count=upright.shape[1]).view(bool)
    return found if axis == 0 else found.T


def _steps(length: int) -> list[int]:
    """Shifts, each no larger than one more than those before it together, that sum to `length - 1`."""
    steps, reach = [], 1
    while reach < length:
        steps.append(min(reach, length - reach))
        reach += steps[-1]
    return steps


class _Furniture:
    """Ink that repeats at its place: in the margins on half of the pages, of the odd or of the even
    ones (running heads, logos), elsewhere on most of all pages (watermarks, frames)."""

    def __init__(self, packed: dict[int, npt.NDArray[np.uint8]], shapes: dict[int, tuple[int, int]]) -> None:
        self._shapes = shapes
        self._groups: dict[tuple[tuple[int, int], int], Mask] = {}
        for shape in set(shapes.values()):
            numbers = [number for number, its in shapes.items() if its == shape]
            counts = [_count([n for n in numbers if n % 2 == parity], packed, shape) for parity in (0, 1)]
            odd = sum(number % 2 for number in numbers)
            everywhere = _often(counts[0] + counts[1], len(numbers), HALF)
            watermark = _often(counts[0] + counts[1], len(numbers), MOST)
            for parity, pages in ((0, len(numbers) - odd), (1, odd)):
                heads = (everywhere | _often(counts[parity], pages, HALF)) & _margins(shape)
                self._groups[shape, parity] = _grown(_grown(heads | watermark))

    def of(self, number: int) -> Mask:
        return self._groups[self._shapes[number], number % 2]


def _count(
    numbers: list[int], packed: dict[int, npt.NDArray[np.uint8]], shape: tuple[int, int]
) -> npt.NDArray[np.uint16]:
    """On how many of these pages each pixel is ink."""
    count: npt.NDArray[np.uint16] = np.zeros(shape, np.uint16)
    for number in numbers:
        count += _unpack(packed[number], shape)
    return count


def _often(count: npt.NDArray[np.uint16], pages: int, rule: tuple[int, float]) -> Mask:
    least, part = rule
    return count >= max(least, part * pages)


def _margins(shape: tuple[int, int]) -> Mask:
    margins = np.ones(shape, bool)
    rows, columns = round(MARGIN * shape[0]), round(MARGIN * shape[1])
    margins[rows:-rows, columns:-columns] = False
    return margins


def _grown(mask: Mask) -> Mask:
    """The mask and its neighbours on all sides."""
    if not mask.any():
        return mask
    tall = mask.copy()
    tall[1:] |= mask[:-1]
    tall[:-1] |= mask[1:]
    wide = tall.copy()
    wide[:, 1:] |= tall[:, :-1]
    wide[:, :-1] |= tall[:, 1:]
    return wide


def _unpack(bits: npt.NDArray[np.uint8], shape: tuple[int, int]) -> Mask:
    return np.unpackbits(bits, count=shape[0] * shape[1]).reshape(shape).view(bool)


def _pool(mask: Mask) -> npt.NDArray[np.uint8]:
    """Pixels set in each cell of `CELL` by `CELL`."""
    padded = np.pad(mask, [(0, -side % CELL) for side in mask.shape]).view(np.uint8)
    cells = np.zeros((padded.shape[0] // CELL, padded.shape[1] // CELL), np.uint8)
    for i in range(CELL):
        for j in range(CELL):
            cells += padded[i::CELL, j::CELL]
    return cells


# -- connected marks ----------------------------------------------------------------------


def find_marks(drawing: Mask) -> Array:
    """Boxes of the connected parts, those that touch in cells (also at corners) taken together."""
    cells = _pool(drawing) > 0
    row, first, last = _runs(cells)
    if not len(row):
        return np.zeros((0, 4))
    label = connect(len(row), *_touching(row, first, last))
    order = np.argsort(label, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(label[order]) > 0])
    x0 = np.minimum.reduceat(first[order], starts)
    x1 = np.maximum.reduceat(last[order], starts) + 1
    y0 = np.minimum.reduceat(row[order], starts)
    y1 = np.maximum.reduceat(row[order], starts) + 1
    boxes = np.c_[x0, y0, x1, y1].astype(float) * CELL
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    if len(boxes) > MAX_MARKS:
        boxes = boxes[np.sort(np.argsort(-area, kind="stable")[:MAX_MARKS])]
    return shrink(boxes, drawing)


def _runs(mask: Mask) -> tuple[Rows, Rows, Rows]:
    """Row, first and last column of each run of set cells, in reading order."""
    edges = np.diff(np.pad(mask, ((0, 0), (1, 1))).view(np.int8), axis=1)
    row, first = np.nonzero(edges == 1)
    last = np.nonzero(edges == -1)[1] - 1
    return row, first, last


def _touching(row: Rows, first: Rows, last: Rows) -> tuple[Rows, Rows]:
    """Pairs of runs in neighbouring rows that touch, also at a corner."""
    wide = int(last.max()) + 3  # more than any column, so that rows do not mix
    low = np.searchsorted(row * wide + last, (row + 1) * wide + first - 1, side="left")
    high = np.searchsorted(row * wide + first, (row + 1) * wide + last + 1, side="right")
    count = np.maximum(high - low, 0)
    upper = np.repeat(np.arange(len(row)), count)
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return upper, np.repeat(low, count) + within


def connect(count: int, a: Rows, b: Rows) -> Rows:
    """Number the connected parts of a graph of `count` nodes with edges a-b: the least node of each.

    Each round hands the smaller root over every edge and then shortens all paths; few rounds do.
    """
    root = np.arange(count)
    while True:
        low = np.minimum(root[a], root[b])
        before = root.copy()
        np.minimum.at(root, root[a], low)
        np.minimum.at(root, root[b], low)
        while not np.array_equal(root, shorter := root[root]):
            root = shorter
        if np.array_equal(root, before):
            return root
