"""Pure functions on boxes: PDF points, origin top left, as the page is displayed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

WIDE = 3.0  # width to height from which a figure gets a line of its own in galleries
MARGIN = 1 / 30  # of a thumbnail's longer side: white around it, where a page is dark


class Box(NamedTuple):
    """A rectangle in points; `x0 <= x1` and `y0 <= y1` for every box that holds anything."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        """Square points; 0 for a box that is inside out."""
        return max(0.0, self.width) * max(0.0, self.height)

    @property
    def center(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box around all; ValueError if there is none."""
    columns = list(zip(*boxes, strict=True))
    if not columns:
        raise ValueError("no box to unite")
    x0, y0, x1, y1 = columns
    return Box(min(x0), min(y0), max(x1), max(y1))


def intersection(a: Box, b: Box) -> Box | None:
    """The box that both cover, or None where they do not overlap."""
    box = Box(max(a.x0, b.x0), max(a.y0, b.y0), min(a.x1, b.x1), min(a.y1, b.y1))
    return box if box.x0 < box.x1 and box.y0 < box.y1 else None


def iou(a: Box, b: Box) -> float:
    """Intersection over union, 0 to 1."""
    both = intersection(a, b)
    return both.area / (a.area + b.area - both.area) if both else 0.0


def distance(a: Box, b: Box) -> float:
    """Points of white between two boxes, 0 where they touch."""
    across = max(0.0, b.x0 - a.x1, a.x0 - b.x1)
    down = max(0.0, b.y0 - a.y1, a.y0 - b.y1)
    return float((across**2 + down**2) ** 0.5)


def rounded(box: Box) -> Box:
    """The box to a hundredth of a point, which is how records keep it."""
    return Box(*(round(float(v), 2) for v in box))
