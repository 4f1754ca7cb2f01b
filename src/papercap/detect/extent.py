"""Find how far captions reach: from the first line on, does the next one still belong to it?

The question at each line depends on the lines taken before. As a "no" ends the caption (a line of the
same row apart, which is only passed over), all steps can be described as if every answer had been
"yes", asked at once for all captions, and cut at the first "no".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from papercap.detect.captions import Start, title_letters
from papercap.detect.notes import is_note
from papercap.detect.table import Columns, columns
from papercap.geometry import Box, union
from papercap.wording import KINDS, Wording, join_lines, read_wording

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from papercap.detect.ink import Ink
    from papercap.detect.layout import Array, Layout, Mask, Sheet, Style

MAX_CAPTION_LINES = 60
FIRST_STEPS = 6  # lines looked at in the first round; most captions are shorter
REACH = 600.0  # points a caption may go on below its first line


@dataclass(frozen=True)
class Reach:
    """A caption's lines on its sheet, in reading order."""

    start: Start
    probability: float
    lines: tuple[int, ...]
    box: Box
    core: Box  # without the lines under the body that a caption beside it ends with
    text: str
    legend: Reach | None = None  # on a page of its own, when this is but a lone label


@dataclass
class _Walk:
    """A caption on its way down the sheet."""

    start: Start
    taken: list[int]
    passed: set[int] = field(default_factory=set)  # lines of the same row that do not belong
    open: bool = True
    steps: int = FIRST_STEPS


@dataclass(frozen=True)
class _Step:
    """One line to decide on, and how it stands to the caption so far."""

    line: int
    same_row: bool
    row: dict[str, float]


def find_reaches(
    layout: Layout,
    starts: Sequence[Start],
    probability: Sequence[float],
    inside: Mapping[int, Array],
    ink: Mapping[int, Ink],
    decide: Callable[[Columns, list[tuple[Start, int]]], Mask],
) -> list[Reach]:
    """The extent of each caption; `decide` says of many lines at once which belong to theirs."""
    sheets = {sheet.number: sheet for sheet in layout.sheets}
    walks = [_Walk(start, [start.line]) for start in starts]
    while going := [walk for walk in walks if walk.open]:
        ahead = []
        for walk in going:
            number = walk.start.page
            ahead.append(
                _look_ahead(
                    walk, sheets[number], layout.style_of(sheets[number]), inside[number], ink[number]
                )
            )
        steps = [(walk, step) for walk, its in zip(going, ahead, strict=True) for step in its]
        if steps:
            rows = [step.row for _, step in steps]
            table = columns(len(rows), **{name: [row[name] for row in rows] for name in rows[0]})
            answers = decide(table, [(walk.start, step.line) for walk, step in steps]).tolist()
        else:
            answers = []
        place = 0
        for walk, its in zip(going, ahead, strict=True):
            _advance(walk, its, answers[place : place + len(its)])
            place += len(its)
    return [
        _reach(walk, sheets[walk.start.page], float(p)) for walk, p in zip(walks, probability, strict=True)
    ]


def _advance(walk: _Walk, steps: list[_Step], answers: list[bool]) -> None:
    """Take the lines up to the first "no"; go on only if there was none, or it was beside in the row."""
    for step, belongs in zip(steps, answers, strict=True):
        if belongs:
            walk.taken.append(step.line)
            continue
        walk.passed.add(step.line)
        walk.open = step.same_row
        break
    else:
        walk.open = len(steps) == walk.steps
        walk.steps = 3 * FIRST_STEPS
    walk.open = walk.open and len(walk.taken) < MAX_CAPTION_LINES


def _reach(walk: _Walk, sheet: Sheet, probability: float) -> Reach:
    lines = (*walk.taken, *_second_column(sheet, walk.taken))
    return Reach(
        start=walk.start,
        probability=probability,
        lines=lines,
        box=union(sheet.lines[at].box for at in lines),
        core=core_of(sheet, lines),
        text=join_lines(
            [sheet.lines[lines[0]].text.lstrip(_MARKS), *(sheet.lines[at].text for at in lines[1:])]
        ),
    )


def core_of(sheet: Sheet, lines: Sequence[int]) -> Box:
    """The box of a caption's lines, less the wide ones at its end if it runs around its figure."""
    boxes = sorted((sheet.lines[at].box for at in lines), key=lambda box: box.y0)
    for at in range(MIN_BESIDE, len(boxes)):
        narrow, wide = union(boxes[:at]), boxes[at]
        if wide.width > MIN_WIDENING * narrow.width and wide.y0 > narrow.y1 - 0.5 * wide.height:
            return narrow
    return union(boxes)


def _second_column(sheet: Sheet, taken: list[int]) -> list[int]:
    """The lines of a caption that goes on in a second column, level with its first."""
    last = sheet.lines[taken[-1]]
    box = union(sheet.lines[at].box for at in taken)
    if len(taken) < 2 or not sheet.level[taken[0]] or last.text[-1:] in _SENTENCE_ENDS:
        return []
    if last.box.x1 < box.x1 - 0.1 * box.width:
        return []  # the last line of a paragraph
    leading = (last.box.y0 - box.y0) / (len(taken) - 1)
    rest = sheet.box[:, 0] - box.x1
    level = (sheet.box[:, 1] > box.y0 - LEVEL_TOPS) & (sheet.box[:, 1] < last.box.y0 + 1.5 * leading)
    found: list[int] = []
    for at in np.flatnonzero(level & (rest > 0) & (rest < MAX_COLUMN_GAP)).tolist():
        line = sheet.lines[at]
        above = sheet.lines[found[-1]].box.y0 if found else box.y0 - leading
        near = abs(line.box.y0 - above - leading) < max(LEVEL_TOPS, 0.3 * leading)
        alike = line.font in (last.font, sheet.lines[taken[1]].font) and abs(line.size - last.size) < 0.3
        if not near or not alike or read_wording(line.text) is not None:
            return []
        found.append(at)
    ends_level = len(taken) - 1 <= len(found) <= len(taken)
    return found if ends_level else []


MIN_BESIDE = 4  # lines of a caption beside its figure before it runs on below
MIN_WIDENING = 1.7  # of its width, when it does
LEVEL_TOPS = 3.0  # points by which tops of lines that are level may differ
MAX_COLUMN_GAP = 40.0  # points between the columns of a caption
_SENTENCE_ENDS = ".。!?:"
_MARKS = "▲△▼▽■●◆※□▷▶* "  # before a caption; they lie in its box but not in its text


def _look_ahead(walk: _Walk, sheet: Sheet, style: Style, inside: Array, ink: Ink) -> list[_Step]:
    """The next lines, each described as if all before it belonged to the caption."""
    first = sheet.lines[walk.start.line]
    if not sheet.level[walk.start.line]:
        return []
    column = style.column_of(np.array([first.box]))[0].tolist()
    lonely = title_letters(walk.start) < 3  # the title stands on the next line
    left, right = _room_in_row(sheet, walk.start)
    column = [max(column[0], left), min(column[1], right)] if left < right else column
    order = _order(sheet, walk.start.line)
    taken = list(walk.taken)
    box = union(sheet.lines[at].box for at in taken)
    gaps = _row_gaps(sheet, taken)
    steps: list[_Step] = []
    for place, at in enumerate(order):
        if at in taken or at in walk.passed:
            continue
        own, last = sheet.lines[at].box, sheet.lines[taken[-1]].box
        same_row = min(own.y1, last.y1) - max(own.y0, last.y0) > 0.5 * min(own.height, last.height)
        if not left <= (own.x0 + own.x1) / 2 <= right:
            continue  # another caption of the row is nearer
        title_next = lonely and len(taken) == 1
        if same_row:
            if own.x0 < last.x0 or own.x0 - last.x1 > 12 * max(first.size, 6):
                continue
        elif own.y0 - box.y1 > 2.6 * max(first.size, sheet.leading or 1.2 * style.size):
            break
        elif not (_is_under(own, box, column if title_next else None) or _is_second(sheet, at, walk.start)):
            continue
        next_step = _next_step(sheet, order[place + 1 :], own)
        row = _describe(sheet, style, walk.start, taken, at, box, same_row, column)
        row |= _spacing(sheet, style, taken[-1], own, box, same_row, next_step, gaps)
        row |= {
            "inside": float(inside[at]),
            "inside_last": float(inside[taken[-1]]),
            "lonely": float(lonely),
            "ink_between": 0.0,
            "taken": float(len(taken)),
        }
        if not same_row and own.y0 > last.y1:
            row["ink_between"] = ink.drawn_in(Box(box.x0, last.y1, box.x1, own.y0))
        steps.append(_Step(at, same_row, row))
        if len(steps) == walk.steps:
            break
        if not same_row:
            gaps.append(own.y0 - last.y0)
        taken.append(at)
        box = union((box, own))
    return steps


def _room_in_row(sheet: Sheet, start: Start) -> tuple[float, float]:
    """Half way to the captions that begin to the left and to the right in the same row, if any do."""
    first = sheet.lines[start.line].box
    left, right = -np.inf, np.inf
    level = np.abs(sheet.box[:, 1] - first.y0) < LEVEL_TOPS
    for at in np.flatnonzero(level).tolist():
        said, box = read_wording(sheet.lines[at].text), sheet.lines[at].box
        if (
            said is None
            or at == start.line
            or (said.kind, said.number) == (start.wording.kind, start.wording.number)
        ):
            continue
        if box.x0 > first.x1:
            right = min(right, (first.x1 + box.x0) / 2)
        elif box.x1 < first.x0:
            left = max(left, (box.x1 + first.x0) / 2)
    return float(left), float(right)


def _order(sheet: Sheet, start: int) -> list[int]:
    """The lines from the start's row downwards, row by row."""
    first = sheet.lines[start]
    box = sheet.box
    middle = (box[:, 1] + box[:, 3]) / 2
    ahead = (box[:, 3] > first.box.y0 + 0.35 * first.box.height) & (
        middle > first.box.y0 + 0.3 * first.box.height
    )
    ahead &= box[:, 1] < first.box.y1 + REACH
    ahead[start] = False
    at = np.flatnonzero(ahead)
    row = np.rint(middle[at] / (0.5 * max(4.0, first.size)))
    ordered: list[int] = at[np.lexsort((box[at, 0], row))].tolist()
    return ordered


def _row_gaps(sheet: Sheet, taken: list[int]) -> list[float]:
    tops = [sheet.lines[at].box.y0 for at in taken]
    return [b - a for a, b in pairwise(tops) if b - a > 2]


def _is_under(own: Box, box: Box, column: list[float] | None) -> bool:
    """Whether a line stands under the caption so far (or, of a lone label, in its column)."""
    if column is not None:
        return own.x1 >= column[0] - 8 and own.x0 <= column[1] + 8
    shared = min(own.x1, box.x1) - max(own.x0, box.x0)
    return shared >= -2 and shared >= 0.25 * min(own.width, box.width)


def _is_second(sheet: Sheet, at: int, start: Start) -> bool:
    """Whether a line begins the caption a second time in another language."""
    said = read_wording(sheet.lines[at].text)
    return said is not None and is_same_in_other_language(said, start.wording)


def _next_step(sheet: Sheet, order: list[int], own: Box) -> float:
    """From this line down to the next one under it."""
    for at in order:
        box = sheet.lines[at].box
        if box.y0 > own.y0 + 0.5 * own.height and min(box.x1, own.x1) > max(box.x0, own.x0):
            return box.y0 - own.y0
    return 99.0


def _describe(
    sheet: Sheet,
    style: Style,
    start: Start,
    taken: list[int],
    at: int,
    box: Box,
    same_row: bool,
    column: list[float],
) -> dict[str, float]:
    """The line's look and wording, against the caption's first line and its last."""
    line, last, first = sheet.lines[at], sheet.lines[taken[-1]], sheet.lines[start.line]
    own, width = line.box, max(column[1] - column[0], 1.0)
    return {
        "same_row": same_row,
        "row_gap": own.x0 - last.box.x1 if same_row else -9,
        "block_of_last": line.block == last.block,
        "block_of_first": line.block == first.block,
        "size_to_first": line.size / max(first.size, 0.1),
        "size_to_last": line.size / max(last.size, 0.1),
        "size_to_body": line.size / style.size,
        "first_size_to_body": first.size / style.size,
        "font_of_last": line.font == last.font,
        "font_of_first": line.font == first.font,
        "body_font": line.font in style.fonts,
        "bold": line.bold,
        "lead_bold": line.lead_bold,
        "first_bold": first.bold,
        "italic": line.italic,
        "color_of_last": line.color == last.color,
        "indent_to_first": (own.x0 - first.box.x0) / width,
        "indent_to_last": (own.x0 - last.box.x0) / width,
        "end_to_last": (own.x1 - last.box.x1) / width,
        "room_of_last": (column[1] - last.box.x1) / width,
        "room_of_caption": (box.x1 - last.box.x1) / width,
        "room": (column[1] - own.x1) / width,
        "width_to_caption": own.width / max(1.0, box.width),
        "width_of_last": last.box.width / width,
        "off_center": abs(own.center[0] - box.center[0]) / width,
        "first_indent": first.box.x0 - column[0],
        "first_off_center": abs(first.box.center[0] - (column[0] + column[1]) / 2) / width,
        "last_ends_sentence": last.text[-1:] in ".。",
        "last_goes_on": last.text[-1:] in ",-;:",
        "starts_small": line.text[:1].islower(),
        "starts_large": line.text[:1].isupper(),
        "wide_script": ord(line.text[0]) > 0x2E80,
        "letters": float(sheet.letters[at]),
        "letters_of_first": float(sheet.letters[start.line]),
        "letters_taken": float(sheet.letters[taken].sum()),
        "digits": sum(map(str.isdigit, line.text)) / max(1, len(line.text)),
        **_as_start(read_wording(line.text), start.wording),
        "note": is_note(line.text),
        "kind": KINDS.index(start.wording.kind),
    }


def is_same_in_other_language(a: Wording, b: Wording) -> bool:
    """Whether two starts name the same figure in two scripts: "图3" and "Fig. 3"."""
    same = a.kind == b.kind and "".join(a.number.split()) == "".join(b.number.split())
    return same and a.word.isascii() != b.word.isascii()


def _as_start(said: Wording | None, first: Wording) -> dict[str, float]:
    """A line worded like a caption begins another one, or says this one in a second language."""
    same = said is not None and said.kind == first.kind and said.number == first.number
    return {
        "is_start": said is not None,
        "second_language": said is not None and is_same_in_other_language(said, first),
        "same_number": same,
    }


def _spacing(
    sheet: Sheet,
    style: Style,
    last_at: int,
    own: Box,
    box: Box,
    same_row: bool,
    next_step: float,
    gaps: list[float],
) -> dict[str, float]:
    """Distances down, against the document's and the caption's own."""
    last = sheet.lines[last_at].box
    leading = sheet.leading or 1.2 * style.size
    step = own.y0 - last.y0
    usual = sum(gaps) / len(gaps) if gaps else 0.0
    return {
        "gap": (own.y0 - last.y1) / style.size,
        "step": -1 if same_row else step / leading,
        "next_step": next_step / leading,
        "next_step_grows": 0 if same_row else (next_step - step) / leading,
        "step_grows": (step - usual) / leading if gaps and not same_row else 0,
        "gap_to_caption": (own.y0 - box.y1) / style.size,
    }
