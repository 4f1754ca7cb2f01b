"""Read the layout: pages as upright sheets of merged lines, and the document's body font and columns."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from papercap.geometry import Box, union
from papercap.wording import is_word_alone, read_wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from papercap.records import Line, Page

Array: TypeAlias = npt.NDArray[np.float64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Rows: TypeAlias = npt.NDArray[np.intp]

MAX_LINES = 1200  # of a sheet; of more, the shortest count as drawing, for pairs of lines are compared
MAX_COORDINATE = 20_000.0  # points; PDF allows pages of 14,400
LEVEL = 0.9  # cosine of the steepest writing that still counts as level
SAME_SIZE = 0.6  # points by which body text differs in size
LONG_LINE = 25  # letters; such lines are text, not labels


@dataclass(frozen=True, eq=False)
class Sheet:
    """A page turned so that most of its writing is level, with its lines as arrays beside."""

    number: int
    width: float  # as turned
    height: float
    turn: int  # quarter turns, counter-clockwise, from the page as displayed to this sheet
    lines: tuple[Line, ...]  # pieces of one row merged, from top to bottom

    @cached_property
    def box(self) -> Array:
        """Boxes of the lines, n by 4."""
        return np.array([line.box for line in self.lines], float).reshape(-1, 4)

    @cached_property
    def size(self) -> Array:
        return np.array([line.size for line in self.lines], float)

    @cached_property
    def letters(self) -> Array:
        """Letters and signs of each line, wide ones as two."""
        return np.array([count_letters(line.text) for line in self.lines], float)

    @cached_property
    def level(self) -> Mask:
        """Which lines are written level."""
        return np.array([_is_level(line) for line in self.lines], bool)

    @cached_property
    def leading(self) -> float:
        """Usual distance of a line from the next one."""
        steps = [
            b.box.y0 - a.box.y0
            for a, b in pairwise(self.lines)
            if abs(a.box.x0 - b.box.x0) < 3 and 0 < b.box.y0 - a.box.y0 < 30
        ]
        return float(np.median(steps)) if steps else 0.0

    def to_page(self, box: Iterable[float]) -> Box:
        """A box of this sheet as a box of the page as displayed."""
        return _turned(box, self.width, self.height, -self.turn)

    def from_page(self, box: Iterable[float]) -> Box:
        """A box of the page as displayed as a box of this sheet."""
        odd = self.turn % 2
        width, height = (self.height, self.width) if odd else (self.width, self.height)
        return _turned(box, width, height, self.turn)

    def turn_mask(self, mask: Mask) -> Mask:
        """A picture of the page turned as the sheet is."""
        return np.ascontiguousarray(np.rot90(mask, self.turn)) if self.turn else mask


@dataclass(frozen=True)
class Style:
    """How a document's running text is set."""

    size: float
    fonts: frozenset[str]  # that carry a fair share of the running text
    color: int
    columns: tuple[tuple[float, float], ...]  # left and right edges, the most used first
    starts: dict[int, float]  # share of lines by left edge, in steps of `EDGE_STEP`
    ends: dict[int, float]  # the same by right edge
    heads: Counter[tuple[str, int]]  # running heads and feet: how many pages have this text at this height

    @property
    def column_width(self) -> float:
        """Of the most used column."""
        return self.columns[0][1] - self.columns[0][0]

    def column_of(self, boxes: Array) -> Array:
        """For each box the edges of the column that it starts in, n by 2."""
        columns = np.array(self.columns)
        center = (boxes[:, 0] + boxes[:, 2]) / 2
        outside = (center[:, None] < columns[:, 0] - 8) | (center[:, None] > columns[:, 1] + 8)
        far = np.abs(boxes[:, :1] - columns[:, 0]) + np.where(outside, 300, 0)
        chosen: Array = columns[far.argmin(axis=1)]
        return chosen


@dataclass(frozen=True)
class Layout:
    """A document as the later steps read it."""

    sheets: tuple[Sheet, ...]
    style: Style  # of most of it
    others: Mapping[int, Style]  # by page, where another part of the document is set in another way

    def style_of(self, sheet: Sheet) -> Style:
        """How the running text is set in the sheet's part of the document."""
        return self.others.get(sheet.number, self.style)


EDGE_STEP = 3.0  # points; how exactly edges of lines must agree


def read_layout(pages: Sequence[Page]) -> Layout:
    """Turn, merge and measure all pages."""
    sheets = tuple(_read_sheet(page) for page in pages)
    style = _read_style(sheets)
    return Layout(sheets, style, _read_other_styles(sheets, style))


def count_letters(text: str) -> int:
    """Letters and signs without blanks; wide ones (Korean, Chinese …) count twice."""
    if text.isascii():
        return len(text) - text.count(" ")
    return sum((ord(sign) > 0x2E80) + 1 for sign in text if not sign.isspace())


def share(text: str, what: str) -> float:
    """Share of signs that are `what`: "digit" or "alpha"."""
    test = str.isdigit if what == "digit" else str.isalpha
    return sum(map(test, text)) / max(1, len(text))


# -- sheets -------------------------------------------------------------------------------


def _read_sheet(page: Page) -> Sheet:
    width, height = _finite(page.width, 612.0), _finite(page.height, 792.0)
    lines = [line for line in page.lines if _is_on(line.box, width, height)]
    turn = _writing_turn(lines)
    if turn:
        lines = [_turn_line(line, width, height, turn) for line in lines]
        if turn % 2:
            width, height = height, width
    merged = _drop_doubles(_merge_pieces(lines))
    if len(merged) > MAX_LINES:
        merged = sorted(merged, key=lambda line: -len(line.text))[:MAX_LINES]
    merged.sort(key=lambda line: (round(line.box.y0, 1), line.box.x0))
    return Sheet(page.number, width, height, turn, tuple(merged))


def _finite(value: float, otherwise: float) -> float:
    return float(value) if 0 < value < MAX_COORDINATE else otherwise


def _is_on(box: Box, width: float, height: float) -> bool:
    """Whether the box has sound numbers and touches the page."""
    if not (-MAX_COORDINATE < box.x0 <= box.x1 < MAX_COORDINATE):  # also false for NaN
        return False
    if not (-MAX_COORDINATE < box.y0 <= box.y1 < MAX_COORDINATE):
        return False
    return box.x1 > 0 and box.x0 < width and box.y1 > 0 and box.y0 < height


def _is_level(line: Line) -> bool:
    return abs(line.direction[0]) > LEVEL


def _writing_turn(lines: Sequence[Line]) -> int:
    """Quarter turns, counter-clockwise, that make most of the writing level: 0, 1 or 3."""
    letters: Counter[int] = Counter()
    for line in lines:
        dx, dy = line.direction
        turn = 0 if abs(dx) > LEVEL else 3 if dy < -LEVEL else 1 if dy > LEVEL else 0
        letters[turn] += len(line.text)
    if not letters:
        return 0
    turn, most = letters.most_common(1)[0]
    return turn if most > 2 * letters[0] else 0


def _turned(box: Iterable[float], width: float, height: float, turn: int) -> Box:
    """The box after quarter turns, counter-clockwise, of a page of this size."""
    x0, y0, x1, y1 = (float(v) for v in box)
    match turn % 4:
        case 1:
            return Box(y0, width - x1, y1, width - x0)
        case 2:
            return Box(width - x1, height - y1, width - x0, height - y0)
        case 3:
            return Box(height - y1, x0, height - y0, x1)
        case _:
            return Box(x0, y0, x1, y1)


def _turn_line(line: Line, width: float, height: float, turn: int) -> Line:
    dx, dy = line.direction
    direction = (dy, -dx) if turn == 1 else (-dy, dx)
    return msgspec.structs.replace(line, box=_turned(line.box, width, height, turn), direction=direction)


# -- rows ---------------------------------------------------------------------------------

_BAND = 8.0  # points; lines are looked up by bands of this height


def _merge_pieces(lines: Sequence[Line]) -> list[Line]:
    """Put together the pieces of one printed row that stand a blank or less apart."""
    merged: list[Line] = []
    bands: defaultdict[int, list[int]] = defaultdict(list)  # band of the middle → places in `merged`
    level = sorted((line for line in lines if _is_level(line)), key=lambda line: line.box.x0)
    for line in level:
        band = int(line.box.center[1] // _BAND)
        near = (at for b in (band - 1, band, band + 1) for at in bands[b])
        gaps = [(gap, at) for at in near if (gap := _gap_in_row(merged[at], line)) is not None]
        if gaps:
            at = min(gaps)[1]
            merged[at] = _joined(merged[at], line)
        else:
            bands[band].append(len(merged))
            merged.append(line)
    return merged + [line for line in lines if not _is_level(line)]


def _gap_in_row(left: Line, right: Line) -> float | None:
    """Points between two pieces if they belong to one row, else None."""
    a, b = left.box, right.box
    low, high = sorted((a.height, b.height))
    if low <= 0 or high > 1.8 * low or min(a.y1, b.y1) - max(a.y0, b.y0) < 0.6 * low:
        return None
    torn = 2.5 if is_word_alone(left.text) else 1.0  # "Table    1" often is
    blanks = torn if left.block == right.block else 0.45
    gap = b.x0 - a.x1
    if not -0.5 * low < gap < blanks * max(left.size, right.size):
        return None
    side_by_side = read_wording(left.text) and read_wording(right.text)
    return None if side_by_side else gap  # two captions are no row


def _joined(left: Line, right: Line) -> Line:
    """One line of two; it looks like the longer one and begins like the left one."""
    look = right if len(right.text) > len(left.text) else left
    return msgspec.structs.replace(
        left,
        text=f"{left.text} {right.text}",
        box=union((left.box, right.box)),
        size=look.size,
        font=look.font,
        bold=look.bold,
        italic=look.italic,
        color=look.color,
    )


def _drop_doubles(lines: Iterable[Line]) -> list[Line]:
    """Without lines printed twice at one place, which is how some programs make bold type."""
    kept = {(line.text, round(line.box.x0 / 2), round(line.box.y0 / 2)): line for line in reversed([*lines])}
    return list(kept.values())


# -- the document's style -----------------------------------------------------------------

_MIN_FONT_SHARE = 0.08  # of the running text, for a font to be one of the body's
_MIN_COLUMN_SHARE = 0.05  # of the long lines, for a pair of edges to be a column
_MAX_COLUMNS = 6
_COLUMN_STEP = 4.0  # points
_MARGIN = 0.15  # of the sheet's height; where running heads and feet stand
_NUMBER = re.compile(r"\d+")
_MIN_RUNNING = 600  # letters in long lines, for a sheet to show how its running text is set
_STRANGE = 0.1  # share of them in the document's body type, below which the sheet is of another part
_OWN = 0.3  # the same in the other part's type, from which it is of that part
_MIN_PART = 3  # sheets; one alone may be a large table
_BEHIND_FAMILY = re.compile(r"[-,\d]")
_MONO = re.compile(r"mono|courier|consol|typewriter|menlo|inconsol|(?:cm|ec|sf|la)tt\d|nimbusmon|code", re.I)


def is_monospaced(font: str) -> bool:
    """Whether a font's name says that all of its signs are of one width, as programs are set."""
    return _MONO.search(font) is not None


def _read_other_styles(sheets: Sequence[Sheet], style: Style) -> dict[int, Style]:
    """The styles of sheets that are set in other fonts than the most: an article before its supplement.

    Pages in the same family at another size are references, appendices or full of a large table: no part
    of their own.
    """
    strange = [sheet for sheet in sheets if _share_in(sheet, style, 1.0) < _STRANGE]
    if len(strange) < _MIN_PART:
        return {}
    other = _read_style(strange)
    if any(map(is_monospaced, other.fonts)) or not _families(other).isdisjoint(_families(style)):
        return {}
    return {sheet.number: other for sheet in strange if _share_in(sheet, other, 0.0) >= _OWN}


def _families(style: Style) -> set[str]:
    """Names of the fonts without size and weight."""
    return {_BEHIND_FAMILY.split(font)[0] for font in style.fonts}


def _share_in(sheet: Sheet, style: Style, unknown: float) -> float:
    """Share of a sheet's running text, by letters, set in a style; `unknown` if there is too little."""
    letters = np.where(sheet.letters >= LONG_LINE, sheet.letters, 0)
    if letters.sum() < _MIN_RUNNING:
        return unknown
    font = np.array([line.font in style.fonts for line in sheet.lines], bool)
    return float(letters[font & (np.abs(sheet.size - style.size) < SAME_SIZE)].sum() / letters.sum())


def _read_style(sheets: Sequence[Sheet]) -> Style:
    lines = [
        (line, letters) for sheet in sheets for line, letters in zip(sheet.lines, sheet.letters, strict=True)
    ]
    running = [pair for pair in lines if pair[1] >= LONG_LINE] or lines
    sizes: Counter[float] = Counter()
    for line, letters in running:
        sizes[round(line.size * 2) / 2] += letters
    size = max(sizes.most_common(1)[0][0] if sizes else 10.0, 1.0)
    fonts: Counter[str] = Counter()
    colors: Counter[int] = Counter()
    for line, letters in running:
        if abs(line.size - size) < SAME_SIZE and letters >= LONG_LINE:
            fonts[line.font] += letters
            colors[line.color] += letters
    total = sum(fonts.values()) or 1
    common = {font for font, letters in fonts.items() if letters / total > _MIN_FONT_SHARE}
    programs = {font for font in common if is_monospaced(font)}
    if sum(fonts[font] for font in programs) < 0.5 * total:
        common -= programs  # else all is typewritten
    return Style(
        size=size,
        fonts=frozenset(common),
        color=colors.most_common(1)[0][0] if colors else 0,
        columns=_read_columns(sheets, size),
        starts=_edge_shares(line.box.x0 for line, _ in lines),
        ends=_edge_shares(line.box.x1 for line, _ in lines),
        heads=Counter(key for sheet in sheets for key in {*_margin_keys(sheet)} if key),
    )


def count_repeats(sheet: Sheet, style: Style) -> list[int]:
    """For each line on how many pages it stands, numbers in it aside; 0 away from top and bottom."""
    return [style.heads[key] if key else 0 for key in _margin_keys(sheet)]


def _margin_keys(sheet: Sheet) -> list[tuple[str, int] | None]:
    """Text without numbers, and height in steps, of lines near the top or bottom."""
    margin = _MARGIN * sheet.height
    return [
        (_NUMBER.sub("0", line.text), round(line.box.y0 / EDGE_STEP))
        if line.box.y0 < margin or line.box.y1 > sheet.height - margin
        else None
        for line in sheet.lines
    ]


def _read_columns(sheets: Sequence[Sheet], size: float) -> tuple[tuple[float, float], ...]:
    """Pairs of left and right edges that many long lines of body text share."""
    pairs: Counter[tuple[int, int]] = Counter()
    for sheet in sheets:
        if not len(sheet.lines):
            continue
        wide = sheet.box[:, 2] - sheet.box[:, 0] > 0.2 * sheet.width
        body = (np.abs(sheet.size - size) < 0.8) & (sheet.letters >= 30) & wide & sheet.level
        pairs.update((round(x0), round(x1)) for x0, x1 in sheet.box[body][:, ::2] / _COLUMN_STEP)
    total = sum(pairs.values()) or 1
    columns: list[tuple[float, float]] = []
    for (a, b), _ in pairs.most_common(200):
        count = sum(pairs[a + i, b + j] for i in (-1, 0, 1) for j in (-1, 0, 1))
        edges = (a * _COLUMN_STEP, b * _COLUMN_STEP)
        known = any(abs(edges[0] - x0) < 9 and abs(edges[1] - x1) < 9 for x0, x1 in columns)
        if count / total >= _MIN_COLUMN_SHARE and not known:
            columns.append(edges)
    width = sheets[0].width if sheets else 612.0
    return tuple(columns[:_MAX_COLUMNS]) or ((0.1 * width, 0.9 * width),)


def _edge_shares(edges: Iterable[float]) -> dict[int, float]:
    """Share of lines at each edge, neighbours' steps included."""
    counts = Counter(round(edge / EDGE_STEP) for edge in edges)
    total = sum(counts.values()) or 1
    return {at: (counts[at - 1] + n + counts[at + 1]) / total for at, n in [*counts.items()]}
