"""Judge lines: is a line part of a figure's or table's body, or of the running text?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from papercap.detect.layout import EDGE_STEP, SAME_SIZE, count_repeats, is_monospaced, share
from papercap.detect.notes import find_notes
from papercap.detect.table import Columns, columns
from papercap.wording import KINDS

if TYPE_CHECKING:
    from papercap.detect.captions import Start
    from papercap.detect.ink import Ink
    from papercap.detect.layout import Array, Mask, Rows, Sheet, Style

FAR = 300.0  # points; a distance at which nothing matters any more
NEAR = 50.0  # points, up or down, to count as surroundings


def describe_lines(sheet: Sheet, ink: Ink, style: Style, starts: list[Start]) -> Columns:
    """One row of features for each line of a sheet; `starts` are the sheet's possible captions."""
    if not sheet.lines:
        return {}
    seen = _Seen.of(sheet, style)
    return (
        _look(sheet, style, seen)
        | _wording(sheet, seen)
        | _place(sheet, style, seen)
        | _blocks(sheet, seen)
        | _neighbours(sheet, style, seen)
        | _drawing(sheet, ink, seen)
        | _rules(sheet, ink, seen)
        | _captions(sheet, style, starts)
        | _surroundings(sheet, style, seen)
    )


@dataclass(frozen=True, eq=False)
class _Seen:
    """Measures of a sheet's lines that several groups of features share."""

    width: Array
    height: Array
    center: Array  # across
    column: Array  # edges of each line's column, n by 2
    column_width: Array
    body_font: Mask
    body: Mask  # looks like running text
    digits: Array  # share
    same_row: Mask  # n by n
    per_row: Array  # lines in each line's row

    @classmethod
    def of(cls, sheet: Sheet, style: Style) -> _Seen:
        box = sheet.box
        width, height = box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]
        column = style.column_of(box)
        body_font = np.array([line.font in style.fonts for line in sheet.lines], bool)
        wide = width > 0.6 * style.column_width
        shared = np.minimum(box[:, None, 3], box[:, 3]) - np.maximum(box[:, None, 1], box[:, 1])
        same_row = shared > 0.5 * np.minimum(height[:, None], height)
        return cls(
            width=width,
            height=height,
            center=(box[:, 0] + box[:, 2]) / 2,
            column=column,
            column_width=np.maximum(column[:, 1] - column[:, 0], 1),
            body_font=body_font,
            body=(np.abs(sheet.size - style.size) < SAME_SIZE) & wide & body_font,
            digits=np.array([share(line.text, "digit") for line in sheet.lines]),
            same_row=same_row,
            per_row=same_row.sum(axis=1).astype(float),
        )


def _look(sheet: Sheet, style: Style, seen: _Seen) -> Columns:
    return columns(
        len(sheet.lines),
        size=sheet.size / style.size,
        body_font=seen.body_font,
        bold=[line.bold for line in sheet.lines],
        italic=[line.italic for line in sheet.lines],
        monospaced=[is_monospaced(line.font) for line in sheet.lines],
        body_color=[line.color == style.color for line in sheet.lines],
        level=sheet.level,
        height=seen.height / style.size,
        body=seen.body,
    )


def _wording(sheet: Sheet, seen: _Seen) -> Columns:
    return columns(
        len(sheet.lines),
        letters=sheet.letters,
        digits=seen.digits,
        alphabetic=[share(line.text, "alpha") for line in sheet.lines],
        starts_small=[line.text[:1].islower() for line in sheet.lines],
        ends_sentence=[line.text[-1:] in ".。!?" for line in sheet.lines],
        note=find_notes(sheet),
    )


def _place(sheet: Sheet, style: Style, seen: _Seen) -> Columns:
    box, column_width = sheet.box, seen.column_width
    return columns(
        len(sheet.lines),
        width=seen.width / sheet.width,
        width_of_column=seen.width / column_width,
        letters_by_width=sheet.letters * style.size / np.maximum(1, seen.width),
        common_start=[style.starts.get(round(x / EDGE_STEP), 0.0) for x in box[:, 0].tolist()],
        common_end=[style.ends.get(round(x / EDGE_STEP), 0.0) for x in box[:, 2].tolist()],
        indent=(box[:, 0] - seen.column[:, 0]) / column_width,
        room_at_end=(seen.column[:, 1] - box[:, 2]) / column_width,
        off_center=np.abs(seen.center - seen.column.mean(axis=1)) / column_width,
        top=box[:, 1] / sheet.height,
        bottom=box[:, 3] / sheet.height,
        repeats=count_repeats(sheet, style),
        center=seen.center / sheet.width,
        columns=len(style.columns),
        column_width=style.column_width / sheet.width,
    )


def _blocks(sheet: Sheet, seen: _Seen) -> Columns:
    """What the text block that the PDF put the line in is like."""
    _, block = np.unique([line.block for line in sheet.lines], return_inverse=True)
    lines = np.bincount(block)
    return columns(
        len(sheet.lines),
        block_lines=lines[block],
        block_width=(np.bincount(block, seen.width) / lines)[block] / seen.column_width,
        block_letters=np.bincount(block, sheet.letters)[block],
        row_lines=seen.per_row,
    )


def _neighbours(sheet: Sheet, style: Style, seen: _Seen) -> Columns:
    """The next line below and above."""
    box = sheet.box
    shared = np.minimum(box[:, None, 2], box[:, 2]) - np.maximum(box[:, None, 0], box[:, 0])
    beside = shared > 0
    half = 0.5 * seen.height[:, None]
    below = beside & (box[:, 1] >= box[:, None, 1] + half)
    above = beside & (box[:, 1] <= box[:, None, 1] - half)
    result: Columns = {}
    for side, which, gaps in (
        ("below", below, box[:, 1] - box[:, None, 3]),
        ("above", above, box[:, None, 1] - box[:, 3]),
    ):
        at, gap, some = _nearest(which, gaps)
        result |= columns(
            len(box),
            **{
                f"{side}_gap": np.minimum(gap, 99) / (sheet.leading or 1.2 * style.size),
                f"{side}_size": np.where(some, sheet.size[at] / style.size, -1),
                f"{side}_width": np.where(some, seen.width[at] / seen.column_width, -1),
                f"{side}_body": np.where(some, seen.body[at], -1),
                f"{side}_letters": np.where(some, sheet.letters[at], -1),
                f"{side}_row_lines": np.where(some, seen.per_row[at], -1),
            },
        )
    return result


def _nearest(which: Mask, gaps: Array) -> tuple[Rows, Array, Mask]:
    """For each row of a matrix: the chosen column with the least gap, that gap, and whether there is one."""
    far = np.where(which, gaps, 1e6)
    at = far.argmin(axis=1)
    gap = far[np.arange(len(far)), at]
    return at, gap, gap < 1e5


def _drawing(sheet: Sheet, ink: Ink, seen: _Seen) -> Columns:
    """Drawing around the line, and the marks that hold it."""
    box = sheet.box
    x0, y0, x1, y1 = box.T
    marks = ink.marks
    large = marks[(marks[:, 2] - marks[:, 0] > 15) & (marks[:, 3] - marks[:, 1] > 8)]
    inside = (
        (x0[:, None] >= large[:, 0] - 2)
        & (x1[:, None] <= large[:, 2] + 2)
        & (y0[:, None] >= large[:, 1] - 2)
        & (y1[:, None] <= large[:, 3] + 2)
    )
    area = (large[:, 2] - large[:, 0]) * (large[:, 3] - large[:, 1]) / (sheet.width * sheet.height)
    return columns(
        len(box),
        ink_above=ink.density(np.c_[x0, y0 - 30, x1, y0]),
        ink_below=ink.density(np.c_[x0, y1, x1, y1 + 30]),
        ink_left=ink.density(np.c_[x0 - 40, y0, x0, y1]),
        ink_right=ink.density(np.c_[x1, y0, x1 + 40, y1]),
        ink_inside=ink.density(box),
        ink_around=ink.density(np.c_[x0 - 60, y0 - 60, x1 + 60, y1 + 60]),
        ink_row=ink.density(np.c_[np.zeros(len(box)), y0, np.full(len(box), sheet.width), y1]),
        marks_around=inside.sum(axis=1),
        mark_area=np.where(inside, area, 0).max(axis=1, initial=0),
    )


def rules_of(ink: Ink) -> Array:
    """The marks that are level rules."""
    marks = ink.marks
    return marks[(marks[:, 2] - marks[:, 0] > 40) & (marks[:, 3] - marks[:, 1] < 4)]


def _rules(sheet: Sheet, ink: Ink, seen: _Seen) -> Columns:
    """The next level rule above and below, and whether the two are a pair."""
    box, rules = sheet.box, rules_of(ink)
    count = len(box)
    if not len(rules):
        return columns(
            count,
            rule_above=FAR,
            rule_below=FAR,
            rule_above_width=0,
            rule_below_width=0,
            rule_pair=0,
            rules=0,
        )
    shared = np.minimum(box[:, None, 2], rules[:, 2]) - np.maximum(box[:, None, 0], rules[:, 0])
    width = rules[:, 2] - rules[:, 0]
    level = shared > 0.5 * np.minimum(seen.width[:, None], width)
    up, down = box[:, None, 3] - rules[:, 3], rules[:, 1] - box[:, None, 1]
    a, above, some_above = _nearest(level & (up >= -1), up)
    b, below, some_below = _nearest(level & (down >= -1), down)
    pair = (np.abs(rules[a, 0] - rules[b, 0]) < 3) & (np.abs(rules[a, 2] - rules[b, 2]) < 3)
    return columns(
        count,
        rule_above=np.minimum(above, FAR),
        rule_below=np.minimum(below, FAR),
        rule_above_width=np.where(some_above, width[a], 0) / seen.column_width,
        rule_below_width=np.where(some_below, width[b], 0) / seen.column_width,
        rule_pair=some_above & some_below & pair,
        rules=level.sum(axis=1),
    )


def _captions(sheet: Sheet, style: Style, starts: list[Start]) -> Columns:
    """How far above or below a possible caption stands, by kind."""
    box = sheet.box
    count = len(box)
    distance = {
        (side, kind): np.full(count, 400.0) for side in ("above", "below") for kind in ("figure", "table")
    }
    is_start = np.zeros(count)
    for start in starts:
        kind = "figure" if start.wording.kind == "figure" else "table"
        is_start[start.line] = KINDS.index(start.wording.kind) + 1
        own = box[start.line]
        reach = 0.4 * style.column_width
        beside = (box[:, 2] > own[0] - reach) & (box[:, 0] < max(own[2], own[0] + reach))
        down = box[:, 1] - own[1]
        for side, far, chosen in (("above", down, down > 0), ("below", -down, down < 0)):
            best = distance[side, kind]
            np.minimum(best, far, out=best, where=beside & chosen)
    named = {f"{kind}_caption_{side}": far for (side, kind), far in distance.items()}
    return columns(count, **named, is_start=is_start, starts=len(starts))


def _surroundings(sheet: Sheet, style: Style, seen: _Seen) -> Columns:
    """Averages over the lines nearby."""
    top, letters = sheet.box[:, 1], sheet.letters
    near = np.abs(top[:, None] - top) < NEAR
    near &= np.abs(seen.center[:, None] - seen.center) < 0.5 * style.column_width
    sums = near.astype(np.float32) @ np.c_[
        np.ones(len(top)), letters, letters * seen.body, seen.digits, sheet.size, seen.per_row, seen.width
    ].astype(np.float32)
    count = sums[:, 0]
    body_lines = (np.abs(sheet.size - style.size) < 0.8) & (letters >= 25)
    return columns(
        len(top),
        near_lines=count,
        near_letters=sums[:, 1] / count,
        near_body=sums[:, 2] / np.maximum(1, sums[:, 1]),
        near_digits=sums[:, 3] / count,
        near_size=sums[:, 4] / count / style.size,
        near_row_lines=sums[:, 5] / count,
        near_width=sums[:, 6] / count / seen.column_width,
        sheet_body_lines=body_lines.sum(),
    )


# -- the second look ----------------------------------------------------------------------


def describe_lines_again(
    sheet: Sheet, style: Style, table: Columns, inside: Array, starts: list[Start], sure: Array
) -> Columns:
    """The features again, with what the first look said of the neighbours (`inside`) and of the
    sheet's possible captions (`sure`, the probability of each)."""
    if not sheet.lines:
        return {}
    box = sheet.box
    x, y = (box[:, 0] + box[:, 2]) / 2, (box[:, 1] + box[:, 3]) / 2
    own_start = np.zeros(len(box))
    own_start[[start.line for start in starts]] = sure
    _, block = np.unique([line.block for line in sheet.lines], return_inverse=True)
    block_mean = np.bincount(block, inside) / np.bincount(block)
    return (
        table
        | columns(len(box), first_look=inside, own_start=own_start, block_inside=block_mean[block])
        | _neighbours_inside(box, inside)
        | _average_inside(x, y, inside, sheet.letters, style.column_width)
        | _sure_captions(box, starts, sure, style.column_width)
    )


def _neighbours_inside(box: Array, inside: Array) -> Columns:
    """What the first look said of the next line on each side; -1 where there is none."""
    across = np.minimum(box[:, None, 2], box[:, 2]) > np.maximum(box[:, None, 0], box[:, 0])
    level = np.minimum(box[:, None, 3], box[:, 3]) > np.maximum(box[:, None, 1], box[:, 1]) + 1
    sides = {
        "below": (across, box[:, 1] - box[:, None, 3]),
        "above": (across, box[:, None, 1] - box[:, 3]),
        "right": (level, box[:, 0] - box[:, None, 2]),
        "left": (level, box[:, None, 0] - box[:, 2]),
    }
    result: Columns = {}
    for side, (beside, gaps) in sides.items():
        at, _, some = _nearest(beside & (gaps > -2) & ~np.eye(len(box), dtype=bool), gaps)
        result |= columns(len(box), **{f"{side}_inside": np.where(some, inside[at], -1)})
    return result


def _average_inside(x: Array, y: Array, inside: Array, letters: Array, column_width: float) -> Columns:
    """Averages of the first look over small and large surroundings and over the row."""
    down, across = np.abs(y[:, None] - y), np.abs(x[:, None] - x)
    result: Columns = {}
    for name, near in (
        ("near", (down < 30) & (across < 0.4 * column_width)),
        ("wide", (down < 100) & (across < 0.6 * column_width)),
        ("row", down < 4),
    ):
        weights = near.astype(np.float32) @ np.c_[letters, letters * inside].astype(np.float32)
        result |= columns(len(x), **{f"{name}_inside": weights[:, 1] / np.maximum(1, weights[:, 0])})
    return result


def _sure_captions(box: Array, starts: list[Start], sure: Array, column_width: float) -> Columns:
    """How far above or below the next likely caption starts, by kind."""
    distance = {
        (side, kind): np.full(len(box), 500.0) for side in ("above", "below") for kind in ("figure", "table")
    }
    for start, probability in zip(starts, sure.tolist(), strict=True):
        if probability < 0.5:
            continue
        own = box[start.line]
        kind = "figure" if start.wording.kind == "figure" else "table"
        reach = 0.25 * column_width
        beside = (box[:, 2] > own[0] - reach) & (box[:, 0] < own[2] + reach)
        down = box[:, 1] - own[1]
        for side, far, chosen in (("above", down, down >= 0), ("below", -down, down < 0)):
            best = distance[side, kind]
            np.minimum(best, far, out=best, where=beside & chosen)
    named = {f"sure_{kind}_{side}": far for (side, kind), far in distance.items()}
    return columns(len(box), **named, sure_captions=float((sure >= 0.5).sum()))
