"""Separators and frames for copies of annotated papers: the finder has to tell them from a body's own rules.

Some publishers part every figure from its caption or from the text by a rule, some put a frame around the
two. A rule that parts belongs to nothing; of a frame around both all but the caption is the body.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from papercap.geometry import Box, union
from papercap.records import Line

Mask = npt.NDArray[np.bool_]
Style = Literal["", "between", "outside", "around", "frame"]

STYLES: tuple[Style, ...] = ("", "between", "outside", "around", "frame")
SHARES = (0.55, 0.18, 0.09, 0.09, 0.09)
RULES = ((0,), (-1, 0, 1), (-2, 1, 2))
RULE_SHARES = (0.6, 0.2, 0.2)
MIN_LINE = 25  # letters; such lines show how wide a column is
MIN_WHITE = 4  # rows of white that a rule needs, itself among them
FAR = 14  # points from a float within which a rule is set


@dataclass(frozen=True)
class Ruling:
    """How one copy's floats are set off."""

    style: Style
    whole_column: bool  # a rule is as wide as the column, not as the float
    rows: tuple[int, ...] = (0,)  # of ink that make up a rule, from its middle: thin, thick, double

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Ruling:
        style, whole_column = STYLES[int(rng.choice(len(STYLES), p=SHARES))], bool(rng.random() < 0.7)
        return cls(style, whole_column, RULES[int(rng.choice(len(RULES), p=RULE_SHARES))])

    def rule(
        self, mask: Mask, lines: tuple[Line, ...], items: list[dict[str, Any]]
    ) -> tuple[Mask, list[dict[str, Any]]]:
        """A page's ink with its rules, rows by columns of one point, and its truth with the boxes as they
        then are."""
        mask, changed = mask.copy(), []
        for item in items:
            captioned = item.get("bbox") and item.get("caption_bbox")
            changed.append(self._rule_one(mask, lines, item) if captioned else item)
        return mask, changed

    def _rule_one(self, mask: Mask, lines: tuple[Line, ...], item: dict[str, Any]) -> dict[str, Any]:
        body, caption = Box(*item["bbox"]), Box(*item["caption_bbox"])
        if min(body.x1, caption.x1) <= max(body.x0, caption.x0):
            return item  # beside each other
        both = union((body, caption))
        if self.style == "frame":
            return self._frame(mask, item, both, caption)
        left, right = _column(lines, both) if self.whole_column else (both.x0, both.x1)
        below = caption.y0 > body.y1 - 3
        if self.style == "between" and item["kind"] == "table" and not below:
            return item  # it would pass for the table's own
        ends = {
            "between": [(body.y1, caption.y0) if below else (caption.y1, body.y0)],
            "outside": [(body.y0 - FAR, body.y0) if below else (body.y1, body.y1 + FAR)],
            "around": [(both.y0 - FAR, both.y0), (both.y1, both.y1 + FAR)],
        }
        for top, bottom in ends[self.style]:
            row = _white_row(mask, top, bottom, left, right)
            if row is not None:
                self._draw(mask, row, round(left), round(right))
        return item

    def _draw(self, mask: Mask, row: int, left: int, right: int) -> None:
        for step in self.rows:
            line = mask[row + step, left:right]
            if not line.any():
                line[:] = True

    def _frame(self, mask: Mask, item: dict[str, Any], both: Box, caption: Box) -> dict[str, Any]:
        height, width = mask.shape
        for room in (8, 6, 4):
            x0, y0 = int(both.x0) - room, int(both.y0) - room
            x1, y1 = int(both.x1) + room, int(both.y1) + room
            edges = (np.s_[y0, x0:x1], np.s_[y1, x0:x1], np.s_[y0:y1, x0], np.s_[y0 : y1 + 1, x1])
            if (
                min(x0, y0) < 1
                or x1 >= width - 1
                or y1 >= height - 1
                or any(mask[edge].any() for edge in edges)
            ):
                continue
            for edge in edges:
                mask[edge] = True
            below = caption.y0 > Box(*item["bbox"]).y1 - 3
            box = (x0, y0, x1 + 1, caption.y0 - 1) if below else (x0, caption.y1 + 1, x1 + 1, y1 + 1)
            return {**item, "bbox": list(box)}
        return item


def _column(lines: tuple[Line, ...], box: Box) -> tuple[float, float]:
    """Left and right edges of the long lines that stand over or under a box."""
    over = [
        line.box
        for line in lines
        if len(line.text) >= MIN_LINE and min(line.box.x1, box.x1) > max(line.box.x0, box.x0)
    ]
    whole = union((box, *over))
    return whole.x0, whole.x1


def _white_row(mask: Mask, top: float, bottom: float, left: float, right: float) -> int | None:
    """The middle of the widest white between two heights, if there is room for a rule."""
    first, last = max(0, round(top)), min(mask.shape[0], round(bottom))
    white = np.logical_not(mask[first:last, max(0, round(left)) : round(right)].any(axis=1))
    best, length, run = None, MIN_WHITE - 1, 0
    for at, is_white in enumerate(white):
        run = run + 1 if is_white else 0
        if run > length:
            best, length = first + at - run // 2, run
    return best
