"""Follow tables over the page break: parts that go on without a caption, and those whose caption says so."""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from papercap.detect.ink import CELL
from papercap.detect.layout import LONG_LINE, count_repeats
from papercap.detect.words import lines_inside, words_inside
from papercap.geometry import Box, intersection, rounded, union
from papercap.records import Caption, Found, Spot
from papercap.wording import read_wording

if TYPE_CHECKING:
    from papercap.detect.ink import Ink
    from papercap.detect.layout import Array, Layout, Mask, Sheet, Style

METHOD = "goes on over the page break"
EDGE = 3.0  # points by which left and right edges of two parts may differ; rules are drawn that exactly
MAX_SHIFT = 45.0  # points that text moves sideways between left and right pages of a book
MARGIN = 0.1  # of the sheet's height; where running heads and page numbers stand
MAX_EMPTY = 0.12  # of the sheet's height that may stay empty below a part: the next row did not fit
SMALLER = 0.6  # points by which notes are set smaller than running text
MIN_GRID = (0.6, 0.8)  # of a body's width and height that its grid has at least
MIN_GUTTER = 4.0  # points of white between two columns of a table
MIN_COLUMNS = 2  # running text has one
CROSSED = 0.1  # share of a table's lines that may cross a gutter: heads that span columns
MIN_RULE = 0.5  # of a part's height that a rule between columns covers; merged cells interrupt it
SAME_SHARE = 0.6  # of each part's columns, or rules between them, that the other one has too
MAX_COVER = 0.1  # of a part that another body may cover
CAPTION_GAP = 2.5  # sizes of running text between a part and a caption that may be its own
MAX_APART = 3  # pages from a part to the next one with a caption; one between may not be found
SAID_FIRST, SAID_LAST = 45, 25  # characters at a caption's ends that say that it goes on
USUAL_FOOT = 0.8  # quantile over sheets of how far down their text goes


@dataclass(frozen=True, eq=False)
class Part:
    """A body, or a stretch of one, in its sheet's coordinates."""

    sheet: Sheet
    ink: Ink
    box: Box


@dataclass(frozen=True, eq=False)
class Target:
    """A sheet on which a body may go on, with what stands there already."""

    sheet: Sheet
    ink: Ink
    taken: Sequence[Box]  # bodies, and captions that have one
    captions: Sequence[Box]  # lines that may begin one, without a body

    def is_free(self, box: Box, gap: float) -> bool:
        """Whether nothing else covers the box, and no caption within `gap` points may be its own."""
        shared = [both.area for other in self.taken if (both := intersection(box, other))]
        near = Box(box.x0, box.y0 - gap, box.x1, box.y1 + gap)
        return max(shared, default=0.0) <= MAX_COVER * box.area and not any(
            intersection(near, caption) for caption in self.captions
        )


def follow_breaks(
    layout: Layout,
    found: Sequence[Found],
    lone: Mapping[int, Sequence[Box]],
    ink_of: Callable[[Sheet], Ink | None],
) -> tuple[Found, ...]:
    """What was found with the parts that it goes on in, each saying which part it continues.

    `lone` are by page the lines that may begin a caption without a body, in sheets' coordinates.
    `ink_of` is asked only where a body reaches the foot and what follows does not begin with text;
    it gives None where there is no ink to be had.
    """
    parts = _Parts(layout, found, lone, ink_of)
    waiting = deque(found)
    while waiting:
        one = waiting.popleft()
        before = parts.before(one)
        if before:
            parts.replace(one, msgspec.structs.replace(one, continues=_spot(before)))
            parts.found.append(before)
            waiting.append(before)
        after = parts.after(one)
        if after:
            parts.found.append(after)
            waiting.append(after)
    return join_captioned(sorted(parts.found, key=_reading_order))


class _Parts:
    """What is found so far, and how to look for more."""

    def __init__(
        self,
        layout: Layout,
        found: Sequence[Found],
        lone: Mapping[int, Sequence[Box]],
        ink_of: Callable[[Sheet], Ink | None],
    ) -> None:
        self.found = list(found)
        self._sheets = {sheet.number: sheet for sheet in layout.sheets}
        self._layout = layout
        self._foot = find_foot(layout)
        self._lone = lone
        self._ink_of = ink_of

    def replace(self, old: Found, new: Found) -> None:
        self.found[self.found.index(old)] = new

    def after(self, one: Found) -> Found | None:
        """The part that follows in the next column or on the next page; the caption stands above the body."""
        sheet = self._sheets[one.page]
        body, caption = sheet.from_page(one.box), _caption_box(one, sheet)
        if (caption and caption.y1 > body.y1) or not reaches_foot(
            sheet, body, self._layout.style_of(sheet), self._foot
        ):
            return None
        for number in (one.page, one.page + 1):
            on = self._sheets.get(number)
            if on is None or on.turn != sheet.turn or not may_begin_with_table(on, self._layout.style_of(on)):
                continue
            part, target = self._part(sheet, body), self._target(on)
            box = next_part(part, target, self._layout.style_of(on)) if part and target else None
            if box:
                return _found(one, on, box, continues=_spot(one))
        return None

    def before(self, one: Found) -> Found | None:
        """The part on the page before of a table at the top with its caption below, or of such a part."""
        sheet, on = self._sheets[one.page], self._sheets.get(one.page - 1)
        body, caption = sheet.from_page(one.box), _caption_box(one, sheet)
        below = caption.y0 >= body.y1 - EDGE if caption else one.continues is None
        if one.caption.kind != "table" or not below or on is None or on.turn != sheet.turn:
            return None
        if not begins_page(sheet, body, self._layout.style_of(sheet)) or not may_end_with_table(
            on, self._layout.style_of(on)
        ):
            return None
        part, target = self._part(sheet, body), self._target(on)
        box = part_before(part, target, self._layout.style_of(on), self._foot) if part and target else None
        return _found(one, on, box) if box else None

    def _part(self, sheet: Sheet, body: Box) -> Part | None:
        ink = self._ink_of(sheet)
        return within_frame(Part(sheet, ink, body)) if ink else None

    def _target(self, sheet: Sheet) -> Target | None:
        ink = self._ink_of(sheet)
        there = [one for one in self.found if one.page == sheet.number]
        taken = [sheet.from_page(one.box) for one in there]
        taken += [box for one in there if (box := _caption_box(one, sheet))]
        return Target(sheet, ink, taken, self._lone.get(sheet.number, ())) if ink else None


def _found(one: Found, on: Sheet, box: Box, continues: Spot | None = None) -> Found:
    caption = msgspec.structs.replace(one.caption, page=on.number, box=None, text="")
    return Found(
        caption=caption,
        page=on.number,
        box=rounded(on.to_page(box)),
        confidence=one.confidence,  # a part is right where the part that it goes on from is
        method=METHOD,
        text=words_inside(on, box),
        continues=continues,
    )


def _spot(one: Found) -> Spot:
    return Spot(one.page, one.box)


def _caption_box(one: Found, sheet: Sheet) -> Box | None:
    """Where the caption stands on the sheet of its body."""
    caption = one.caption
    return sheet.from_page(caption.box) if caption.box and caption.page == sheet.number else None


def _reading_order(found: Found) -> tuple[int, float, float]:
    return found.page, found.box.y0, found.box.x0


# -- parts with a caption of their own --------------------------------------------------------

_SAYS_SO = re.compile(
    r"\bcont(?:inue[ds]?|inuation|inuaci[óo]n|inuação|inuazione|inua|inúa|['’]?d)?\b|\bsuite\b"
    r"|\bfort(?:setzung|gesetzt|s)\b|\bvervolg\b|\bпродолжение|\bокончание|\bпродовження"
    r"|\blanjutan\b|\bsambungan\b|\bdevam[ıi]?\b|\bciąg dalszy|\bc\. ?d\.|\bpokračování|\bfolytatás"
    r"|\btiếp\b|계속|이어|続き|つづき|続く|[续續]",
    re.IGNORECASE,
)


def join_captioned(found: Sequence[Found]) -> tuple[Found, ...]:
    """Let each part whose caption says that it goes on continue the last part before it of its number."""
    last: dict[tuple[str, str], Found] = {}
    joined = []
    for one in found:
        number = _number(one.caption)
        earlier = last.get((one.caption.kind, number))
        goes_on = earlier and one.continues is None and _goes_on(earlier, one)
        joined.append(msgspec.structs.replace(one, continues=_spot(earlier)) if earlier and goes_on else one)
        if number:
            last[one.caption.kind, number] = joined[-1]
    return tuple(joined)


def _number(caption: Caption) -> str:
    wording = read_wording(caption.label)
    return re.sub(r"[\s–—]", "", wording.number).casefold() if wording else ""


def _goes_on(earlier: Found, one: Found) -> bool:
    """Whether the caption says so, or stands on the page after word for word once more."""
    apart = one.page - earlier.page
    if not one.caption.text or not 0 < apart <= MAX_APART:
        return False
    text = unicodedata.normalize("NFKC", one.caption.text)
    if _SAYS_SO.search(text[:SAID_FIRST]) or _SAYS_SO.search(text[-SAID_LAST:]):
        return True
    return apart == 1 and one.caption.text == earlier.caption.text


# -- parts without ------------------------------------------------------------------------


def next_part(part: Part, target: Target, style: Style) -> Box | None:
    """Where the body goes on at the top of the next sheet, or of a column further right on its own."""
    for rules in _rules_alike(part, target):
        box = _stretch(part, target, style, rules)
        if box and _is_of_table(part, target, box, style):
            return box
    return None


def part_before(part: Part, target: Target, style: Style, foot: float) -> Box | None:
    """The grid at the foot of the sheet before, of which the body is the rest."""
    for rules in _rules_alike(part, target):
        box = _with_ink(Box(*rules[-1].tolist()), target)
        if reaches_foot(target.sheet, box, style, foot) and _is_of_table(part, target, box, style):
            return box
    return None


def within_frame(part: Part) -> Part:
    """The part drawn in to its grid where a frame or rule of the page makes it a little larger."""
    marks, body = part.ink.marks, part.box
    width = np.minimum(marks[:, 2], body.x1) - np.maximum(marks[:, 0], body.x0)
    height = np.minimum(marks[:, 3], body.y1) - np.maximum(marks[:, 1], body.y0)
    held = (marks[:, 2] - marks[:, 0] <= width + EDGE) & (marks[:, 3] - marks[:, 1] <= height + EDGE)
    grids = marks[held & (width >= MIN_GRID[0] * body.width) & (height >= MIN_GRID[1] * body.height)]
    return Part(part.sheet, part.ink, Box(*grids[0].tolist())) if len(grids) == 1 else part


def reaches_foot(sheet: Sheet, body: Box, style: Style, foot: float) -> bool:
    """Whether only foot notes and the page's foot stand below a body, and little white.

    `foot` is how far down the document's text goes, in points.
    """
    below = _across(sheet, body) & (sheet.box[:, 1] > body.y1 - 1)
    notes = (sheet.size < style.size - SMALLER) | is_margin(sheet, style)
    if np.any(below & ~notes):
        return False
    next_below: float = min([foot, *sheet.box[below, 1].tolist()])
    return next_below - body.y1 < MAX_EMPTY * sheet.height


def begins_page(sheet: Sheet, body: Box, style: Style) -> bool:
    """Whether only the running head stands above a body."""
    above = _across(sheet, body) & (sheet.box[:, 3] < body.y0 + 1)
    return not np.any(above & ~is_margin(sheet, style))


def may_begin_with_table(sheet: Sheet, style: Style) -> bool:
    """Whether some column begins otherwise than with running text, as far as text tells: ink costs more."""
    text = _is_text(sheet, style)
    rows = ~is_margin(sheet, style)
    tops = sheet.box[rows, 1]
    if not text.any() or not len(tops):
        return True
    first = rows & text & (sheet.box[:, 1] < tops.min() + 2 * style.size)
    columns = np.array(style.columns)
    begun = (np.abs(columns[:, :1] - sheet.box[first, 0]) < 2 * style.size).any(axis=1)
    return not begun.all()


def may_end_with_table(sheet: Sheet, style: Style) -> bool:
    """Whether the sheet's last lines, foot notes aside, are something else than running text."""
    rows = ~is_margin(sheet, style) & (sheet.size >= style.size - SMALLER)
    if not rows.any():
        return True
    low = sheet.box[rows, 3].max()
    last = rows & (sheet.box[:, 3] > low - style.size)
    return not np.any(last & _is_text(sheet, style))


def is_margin(sheet: Sheet, style: Style) -> Mask:
    """Which lines are running heads, feet and page numbers."""
    repeated = np.array(count_repeats(sheet, style), int) > 1
    edge = MARGIN * sheet.height
    margin: Mask = repeated | (sheet.box[:, 3] < edge) | (sheet.box[:, 1] > sheet.height - edge)
    return margin


def find_foot(layout: Layout) -> float:
    """How far down text goes on most sheets, in points."""
    rows = [
        (sheet, (sheet.letters >= LONG_LINE) & ~is_margin(sheet, layout.style_of(sheet)))
        for sheet in layout.sheets
    ]
    lows = [float(sheet.box[text, 3].max()) for sheet, text in rows if text.any()]
    return float(np.quantile(lows, USUAL_FOOT)) if lows else 0.0


def has_same_columns(one: Part, other: Part) -> bool:
    """Whether the rules between columns agree or, where one part has none, the columns of text."""
    rules, others = _column_rules(one), _column_rules(other)
    if len(rules) and len(others):
        return _agree(np.abs(rules[:, None] - others) <= EDGE)
    width = min(one.box.width, other.box.width)
    columns, others = (_columns(_white(part, width)) for part in (one, other))
    if min(len(columns), len(others)) < MIN_COLUMNS:
        return False
    # Columns are set to the left, to the right or in the middle.
    near: Mask = np.any(np.abs(columns[:, None] - others) <= EDGE, axis=2)
    return _agree(near)


def has_gutter(one: Part, other: Part) -> bool:
    """Whether both parts have the same white between two columns of text."""
    width = min(one.box.width, other.box.width)
    return len(_columns(_white(one, width) & _white(other, width))) >= MIN_COLUMNS


def crosses_gutter(one: Part, row: Part) -> bool:
    """Whether a row's text stands over the white between columns of the part."""
    white = _white(one, min(one.box.width, row.box.width))
    return len(_columns(white & _white(row, len(white)))) < len(_columns(white))


# -- where on the sheet -------------------------------------------------------------------


def _rules_alike(part: Part, target: Target) -> list[Array]:
    """Marks as wide as the part, in groups by their left edge, each from top to bottom.

    They stand where the part does, shifted as left and right pages are, or in a column further on.
    """
    marks, body = target.ink.marks, part.box
    shift = marks[:, 0] - body.x0
    if target.sheet.number == part.sheet.number:
        place = shift > body.width
    else:
        place = (np.abs(shift) <= MAX_SHIFT) | (shift < -body.width)
    chosen = marks[place & (np.abs(marks[:, 2] - marks[:, 0] - body.width) <= EDGE)]
    chosen = chosen[np.argsort(chosen[:, 1], kind="stable")]
    groups = []
    while len(chosen):
        alike = np.abs(chosen[:, 0] - chosen[0, 0]) <= EDGE
        groups.append(chosen[alike])
        chosen = chosen[~alike]
    return groups


def _stretch(part: Part, target: Target, style: Style, rules: Array) -> Box | None:
    """From the first row of the sheet to the last rule that neither running text nor a body parts from it."""
    sheet, first = target.sheet, Box(*rules[0].tolist())
    head = is_margin(sheet, style) & (sheet.box[:, 3] <= first.y0 + 1)
    lines = sheet.box[_across(sheet, first) & ~head]
    top = min([first.y0, *lines[:, 1].tolist()])
    row = Box(first.x0, top - 1, first.x1, top + 2 * style.size)
    if top < first.y0 - 1 and crosses_gutter(part, Part(sheet, target.ink, row)):
        return None  # a caption, or text
    box: Box | None = None
    for rule in rules:
        grown = union([box or Box(first.x0, top, first.x1, first.y1), Box(*rule.tolist())])
        between = (lines[:, 3] > (box.y1 if box else top)) & (lines[:, 1] < rule[1] - 1)
        if between.any() and not has_gutter(part, Part(sheet, target.ink, grown)):
            break
        if any(intersection(grown, wall) for wall in (*target.taken, *target.captions)):
            break
        box = grown
    return _with_ink(box, target) if box else None


def _is_of_table(part: Part, target: Target, box: Box, style: Style) -> bool:
    """Whether there is text in the box, in the part's columns, and nobody else's."""
    there = Part(target.sheet, target.ink, box)
    return (
        bool(lines_inside(target.sheet, box).any())
        and has_same_columns(part, there)
        and target.is_free(box, CAPTION_GAP * style.size)
    )


def _with_ink(box: Box, target: Target) -> Box:
    """The box with all ink of the lines in it."""
    held = target.ink.tight[lines_inside(target.sheet, box)]
    return union([box, *(Box(*line) for line in held.tolist())])


def _across(sheet: Sheet, box: Box) -> Mask:
    """Lines that share some width with the box."""
    shared: Mask = np.minimum(sheet.box[:, 2], box.x1) - np.maximum(sheet.box[:, 0], box.x0) > EDGE
    return shared


def _is_text(sheet: Sheet, style: Style) -> Mask:
    """Lines as long as a column and as large as running text."""
    width = sheet.box[:, 2] - sheet.box[:, 0]
    large = np.abs(sheet.size - style.size) < SMALLER
    text: Mask = large & (sheet.letters >= LONG_LINE) & (width > 0.9 * style.column_width)
    return text


# -- columns of a table ---------------------------------------------------------------------


def _column_rules(part: Part) -> Array:
    """Points from the left edge to each rule that stands between columns."""
    x0, y0, x1, y1 = (max(0, round(v / CELL)) for v in part.box)
    cells = part.ink.cells[y0:y1, x0:x1] > 0
    if not cells.size:
        return np.zeros(0)
    places = np.flatnonzero(cells.mean(axis=0) >= MIN_RULE)
    groups = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    middles = np.array([CELL * float(group.mean()) for group in groups if len(group)])
    return middles[(middles > 2 * EDGE) & (middles < part.box.width - 2 * EDGE)]


def _agree(near: Mask) -> bool:
    """Whether most of either side have a like on the other."""
    return min(float(near.any(axis=axis).mean()) for axis in (0, 1)) >= SAME_SHARE


def _columns(white: Mask) -> Array:
    """Left edge, middle and right edge of what stands between gutters, in points from the left edge."""
    edges = np.flatnonzero(np.diff(np.r_[True, white, True].astype(int)))
    runs = edges.reshape(-1, 2)
    wide = runs[1:, 0] - runs[:-1, 1] >= MIN_GUTTER
    left, right = runs[np.r_[True, wide][: len(runs)], 0], runs[np.r_[wide, True][: len(runs)], 1]
    columns: Array = np.c_[left, (left + right) / 2, right]
    return columns


def _white(part: Part, width: float) -> Mask:
    """For each point from the left edge, as far as `width`, whether (nearly) no line covers it."""
    lines = part.ink.tight[lines_inside(part.sheet, part.box)] - part.box.x0
    count = np.zeros(max(1, round(width)))
    for x0, _, x1, _ in lines.tolist():
        count[max(0, round(x0)) : max(0, round(x1))] += 1
    white: Mask = count <= CROSSED * len(lines)
    return white
