"""The words inside a box of a sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from papercap.wording import join_lines

if TYPE_CHECKING:
    from papercap.detect.layout import Mask, Sheet
    from papercap.geometry import Box

MAX_TEXT = 4000  # characters kept of the words inside a body


def lines_inside(sheet: Sheet, box: Box) -> Mask:
    """Which lines have their middle in the box."""
    x, y = (sheet.box[:, 0] + sheet.box[:, 2]) / 2, (sheet.box[:, 1] + sheet.box[:, 3]) / 2
    held: Mask = (x >= box.x0) & (x <= box.x1) & (y >= box.y0) & (y <= box.y1)
    return held


def words_inside(sheet: Sheet, box: Box) -> str:
    """The text of these lines, cut at `MAX_TEXT`."""
    held = np.flatnonzero(lines_inside(sheet, box))
    return join_lines([sheet.lines[at].text for at in held])[:MAX_TEXT]
