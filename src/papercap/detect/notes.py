"""Find notes: the lines under a body that begin "Note.", "Source:", "출처" or with an asterisk."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from papercap.detect.layout import Array, Sheet

_NOTE = re.compile(
    r"\s*(?:notes?\b|sources?\b|legend\b|abbreviations?\b|key\s*:|[*†‡§※∗]"  # also after their signs alone
    r"|출처|자료|주\s?\d?\s?[:).]|비고|注|資料|出典|出所|备注|来源|资料来源|注释"
    r"|fuentes?\b|notas?\b|fonte\b|quelle\b|anmerkung|remarque|źródło|uwag[ai]"
    r"|источник|примечани|sumber\b|keterangan\b|nguồn\b|ghi chú|kaynak\b|منبع|مأخذ)",
    re.IGNORECASE,
)
BEGINS, GOES_ON = 2, 1
MAX_STEP = 1.7  # heights of a line, down to the next line of the same note
MAX_INDENT = 14.0  # points by which lines of a note begin apart
SAME_SIZE = 0.4  # points


def is_note(text: str) -> bool:
    """Whether a line is worded like the beginning of a note."""
    return _NOTE.match(text) is not None


def find_notes(sheet: Sheet) -> Array:
    """For each line `BEGINS`, `GOES_ON` or 0."""
    found = np.zeros(len(sheet.lines))
    box, size = sheet.box, sheet.size
    for first in [at for at, line in enumerate(sheet.lines) if is_note(line.text)]:
        found[first] = BEGINS
        last = first
        while True:
            step = box[:, 1] - box[last, 1]
            height = box[last, 3] - box[last, 1]
            next_down = (step > 0.5 * height) & (step < MAX_STEP * height) & (found == 0)
            next_down &= np.abs(box[:, 0] - box[last, 0]) < MAX_INDENT
            next_down &= np.abs(size - size[first]) < SAME_SIZE
            if not next_down.any():
                break
            last = int(np.where(next_down, step, np.inf).argmin())
            found[last] = GOES_ON
    return found
