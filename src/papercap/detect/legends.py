"""Bind legends: manuscripts list them on pages of their own and print a lone label beside each figure."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from papercap.detect.captions import title_letters
from papercap.detect.extent import Reach
from papercap.geometry import union
from papercap.wording import join_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from papercap.detect.layout import Layout, Sheet

MIN_LEGEND = 15  # letters behind the number on a legend's first line
MAX_LABEL = 3  # letters behind the number of a lone label: a stop, a panel's letter
SAME_WORD = 3  # letters in which a word and what is short for it agree
STEP = 1.35  # usual distances of lines, down to the next line of the same legend


def bind_legends(layout: Layout, reaches: Sequence[Reach]) -> list[Reach]:
    """The captions without the legends that stand alone, which the figures' lone labels take with them."""
    legends: defaultdict[tuple[str, str], list[Reach]] = defaultdict(list)
    for reach in reaches:
        if reach.start.wording.kind == "figure" and title_letters(reach.start) >= MIN_LEGEND:
            legends[_number(reach)].append(reach)
    bound: dict[int, Reach] = {}  # id of a legend's reach → the label's
    result = []
    for reach in reaches:
        own = [one for one in legends[_number(reach)] if one.start.page != reach.start.page]
        if _is_lone_label(reach) and len(own) == 1 and id(own[0]) not in bound:
            bound[id(own[0])] = reach
            sheet = next(sheet for sheet in layout.sheets if sheet.number == own[0].start.page)
            result.append(dataclasses.replace(reach, legend=_whole(own[0], sheet, reaches)))
        else:
            result.append(reach)
    return [reach for reach in result if id(reach) not in bound]


def _number(reach: Reach) -> tuple[str, str]:
    """Of which kind of thing it is the number, "Fig." as "Figure", and the number."""
    said = reach.start.wording
    return said.word[:SAME_WORD].lower(), "".join(said.number.split())


def _is_lone_label(reach: Reach) -> bool:
    lone = len(reach.lines) == 1 and title_letters(reach.start) < MAX_LABEL
    return lone and reach.start.wording.kind == "figure"


def _whole(legend: Reach, sheet: Sheet, reaches: Sequence[Reach]) -> Reach:
    """The legend down to the paragraph's end: such pages hold nothing else."""
    starts = {reach.start.line for reach in reaches if reach.start.page == legend.start.page}
    taken, leading = list(legend.lines), sheet.leading
    box = legend.box
    below = np.flatnonzero(sheet.box[:, 1] > box.y1 - 0.5 * box.height / len(taken))
    for at in sorted(below.tolist(), key=lambda line: float(sheet.box[line, 1])):
        line = sheet.lines[at].box
        if at in starts or line.y0 - sheet.lines[taken[-1]].box.y0 > STEP * leading:
            break
        if at not in taken and min(line.x1, box.x1) > max(line.x0, box.x0):
            taken.append(at)
            box = union((box, line))
    text = join_lines([sheet.lines[at].text for at in taken])
    return dataclasses.replace(legend, lines=tuple(taken), box=box, text=text)
