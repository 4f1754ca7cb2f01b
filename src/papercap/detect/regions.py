"""Propose regions: for each caption the boxes that might be its body.

Atoms are what a body is made of: lines of text and drawn marks, each with its ink-tight box. Regions are
bounds of atoms: strips above and below the caption grown level by level, clusters of atoms, pairs of
clusters, and frames less the caption in them. They are many on purpose; ranking chooses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from papercap.detect.ink import connect
from papercap.detect.notes import find_notes
from papercap.wording import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from papercap.detect.extent import Reach
    from papercap.detect.ink import Ink
    from papercap.detect.layout import Array, Mask, Rows, Sheet, Style

MAX_REGIONS = 160  # a caption
MAX_ATOMS = 900  # of a sheet, when pairs are compared
MARK_INSIDE = 0.8  # probability that a drawn mark is part of a body
JOIN_GAPS = (3, 7, 12, 20, 34)  # points; atoms closer than this make one cluster
MAX_FOREIGN = 9.0  # column widths of running text after which a strip stops growing
LEVEL_OVERLAP = 0.8  # points by which atoms of two levels may overlap
SAME_BOX = 2.5  # points; boxes that agree so closely are one region

MAX_RULES = 3  # that may stand between a caption and its body
RULE_HEIGHT, RULE_WIDTH = 5.0, 60.0  # points; at most and at least, of a rule that parts

Side = Literal["above", "below"]


@dataclass(frozen=True, eq=False)
class Atoms:
    """What bodies on a sheet may be made of."""

    box: Array  # n by 4, ink-tight
    text: Mask  # lines of text; the others are drawn marks
    inside: Array  # probability to be part of a body
    block: Rows  # of text, the PDF's text block; -1 for marks
    letters: Array  # of text; 0 for marks
    font: Rows  # of text, the same number for the same font; -1 for marks
    strange: Mask  # text in a font that is none of the running text's
    note: Array  # of text, what `find_notes` says; 0 for marks
    frames: Array  # marks drawn around a caption, m by 4
    captions: Array  # boxes of all captions of the sheet
    kinds: Rows  # theirs, places in `KINDS`
    left: float  # edges of the sheet's running text
    right: float

    @property
    def middle(self) -> tuple[Array, Array]:
        return (self.box[:, 0] + self.box[:, 2]) / 2, (self.box[:, 1] + self.box[:, 3]) / 2

    @property
    def area(self) -> Array:
        area: Array = (self.box[:, 2] - self.box[:, 0]) * (self.box[:, 3] - self.box[:, 1])
        return area


def gather_atoms(sheet: Sheet, ink: Ink, style: Style, inside: Array, reaches: Sequence[Reach]) -> Atoms:
    """The lines outside of captions, and the marks but frames, whole-page tints and specks in text."""
    captions = np.array([reach.core for reach in reaches], float).reshape(-1, 4)
    in_caption = np.zeros(len(sheet.lines), bool)
    for reach in reaches:
        in_caption[list(reach.lines)] = True
    marks = ink.marks
    keep, frame = _sort_marks(marks, captions, sheet)
    keep &= ~_specks_in_text(marks, sheet.box[(inside < 0.3) & ~in_caption], style.size)
    free = np.flatnonzero(~in_caption)
    body = (np.abs(sheet.size - style.size) < 0.8) & (sheet.letters >= 25)
    edges = sheet.box[body]
    _, font = np.unique([line.font for line in sheet.lines], return_inverse=True)
    strange = np.array([line.font not in style.fonts for line in sheet.lines], bool)
    drawn = int(keep.sum())
    return Atoms(
        box=np.vstack([ink.tight[free], marks[keep]]),
        text=np.arange(len(free) + drawn) < len(free),
        inside=np.r_[inside[free], np.full(drawn, MARK_INSIDE)],
        block=np.r_[np.array([sheet.lines[at].block for at in free], np.intp), np.full(drawn, -1)],
        letters=np.r_[sheet.letters[free], np.zeros(drawn)],
        font=np.r_[font[free], np.full(drawn, -1)],
        strange=np.r_[strange[free], np.zeros(drawn, bool)],
        note=np.r_[find_notes(sheet)[free], np.zeros(drawn)],
        frames=marks[frame],
        captions=captions,
        kinds=np.array([KINDS.index(reach.start.wording.kind) for reach in reaches], np.intp),
        left=float(edges[:, 0].min()) if len(edges) else 0.1 * sheet.width,
        right=float(edges[:, 2].max()) if len(edges) else 0.9 * sheet.width,
    )


def _sort_marks(marks: Array, captions: Array, sheet: Sheet) -> tuple[Mask, Mask]:
    """Which marks may be parts of bodies, and which are frames around a caption."""
    keep, frame = np.ones(len(marks), bool), np.zeros(len(marks), bool)
    for x0, y0, x1, y1 in captions:
        within = (marks[:, 0] >= x0 - 2) & (marks[:, 2] <= x1 + 2)
        keep &= ~(within & (marks[:, 1] >= y0 - 1) & (marks[:, 3] <= y1 + 1))
        around = (marks[:, 0] <= x0 + 2) & (marks[:, 2] >= x1 - 2)
        frame |= around & (marks[:, 1] <= y0 + 2) & (marks[:, 3] >= y1 - 2)
    wide, high = marks[:, 2] - marks[:, 0], marks[:, 3] - marks[:, 1]
    page = (wide > 0.93 * sheet.width) & (high > 0.93 * sheet.height)
    return keep & ~page & ~frame, frame & ~page


def _specks_in_text(marks: Array, text: Array, size: float) -> Mask:
    """Small marks on lines of running text: accents, signs of fonts without text, underlines."""
    specks = np.zeros(len(marks), bool)
    wide, high = marks[:, 2] - marks[:, 0], marks[:, 3] - marks[:, 1]
    small = np.flatnonzero((high < 1.3 * size) & (wide < 2.5 * size))
    x = (marks[small, None, 0] + marks[small, None, 2]) / 2
    y = (marks[small, None, 1] + marks[small, None, 3]) / 2
    on = (x > text[:, 0] - 3) & (x < text[:, 2] + 3) & (y > text[:, 1] - 2) & (y < text[:, 3] + 2)
    specks[small] = on.any(axis=1)
    return specks


def find_clusters(atoms: Atoms) -> Array:
    """Bounds of atoms that stand closer than each of `JOIN_GAPS`, without running text."""
    chosen = np.flatnonzero(~atoms.text | (atoms.inside > 0.4))[:MAX_ATOMS]
    box = atoms.box[chosen]
    if not len(box):
        return np.zeros((0, 4))
    across = np.maximum(box[:, None, 0], box[:, 0]) - np.minimum(box[:, None, 2], box[:, 2])
    down = np.maximum(box[:, None, 1], box[:, 1]) - np.minimum(box[:, None, 3], box[:, 3])
    gap = np.triu(np.maximum(across, down), k=1) + np.tri(len(box)) * 1e6
    found = []
    for limit in JOIN_GAPS:
        a, b = np.nonzero(gap < limit)
        part, label = np.unique(connect(len(box), a, b), return_inverse=True)
        bounds = np.c_[np.full((len(part), 2), np.inf), np.full((len(part), 2), -np.inf)]
        np.minimum.at(bounds[:, :2], label, box[:, :2])
        np.maximum.at(bounds[:, 2:], label, box[:, 2:])
        found.append(bounds)
    clusters = np.vstack(found)
    large: Array = clusters[(clusters[:, 2] - clusters[:, 0] > 12) & (clusters[:, 3] - clusters[:, 1] > 6)]
    return large


def propose_regions(reach: Reach, sheet: Sheet, style: Style, atoms: Atoms, clusters: Array) -> Array:
    """Boxes that might be the caption's body, n by 4; at most `MAX_REGIONS`."""
    if not len(atoms.box):
        return np.zeros((0, 4))
    caption = np.array(reach.core)
    boxes = [
        *_grown_strips(caption, sheet, style, atoms, clusters),
        *_near_clusters(caption, clusters),
        *_frames_less_caption(caption, atoms.frames),
    ]
    return _choose_regions(np.vstack(boxes), caption, atoms) if boxes else np.zeros((0, 4))


# -- strips -------------------------------------------------------------------------------


def _grown_strips(caption: Array, sheet: Sheet, style: Style, atoms: Atoms, clusters: Array) -> list[Array]:
    x, y = atoms.middle
    box = atoms.box
    sides: tuple[tuple[Side, Mask], ...] = (
        ("above", (box[:, 3] <= caption[1] + 4) & (y < caption[1])),
        ("below", (box[:, 1] >= caption[3] - 4) & (y > caption[3])),
    )
    grown, seen = [], set()
    for left, right in _strips(caption, sheet, style, atoms, clusters):
        across = (x >= left) & (x <= right)
        for side, there in sides:
            chosen = np.flatnonzero(across & there)
            content = (side, chosen.tobytes())
            if len(chosen) and content not in seen:
                seen.add(content)
                grown += _grow(side, chosen, caption, (left, right), atoms, style)
    return grown


def _strips(
    caption: Array, sheet: Sheet, style: Style, atoms: Atoms, clusters: Array
) -> list[tuple[float, float]]:
    """Left and right edges between which the body may stand: the caption's, columns, the page's …"""
    x0, y0, x1, y1 = caption.tolist()
    middle, half = (x0 + x1) / 2, sheet.width / 2
    left, right = atoms.left - 4, atoms.right + 4
    strips = [(x0 - 2, x1 + 2), (0.0, sheet.width), (left, right)]
    for a, b in style.columns:
        if a - 8 <= middle <= b + 8 or min(b, x1) - max(a, x0) > 0.5 * (x1 - x0):
            strips.append((a - 5, b + 5))
    level = [o for o in atoms.captions.tolist() if min(o[3], y1) - max(o[1], y0) > -20]
    before = [o[2] for o in level if o[2] <= x0 + 2]
    behind = [o[0] for o in level if o[0] >= x1 - 2]
    if before or behind:  # half way to the neighbouring captions
        strips.append(
            ((max(before) + x0) / 2 if before else left, (min(behind) + x1) / 2 if behind else right)
        )
    strips.append((left, half) if middle < half else (half, right))
    shared = np.minimum(clusters[:, 2], x1) - np.maximum(clusters[:, 0], x0)
    gap = np.maximum(clusters[:, 1] - y1, y0 - clusters[:, 3])
    near = np.flatnonzero((shared > 0) & (gap < 120))
    near = near[np.argsort(gap[near], kind="stable")][:14]
    strips += [(a - 2, b + 2) for a, b in clusters[near][:, ::2].tolist()]
    unique = {(round(a / 5), round(b / 5)): (a, b) for a, b in reversed(strips) if b - a >= 20}
    return list(unique.values())


def _grow(
    side: Side, chosen: Rows, caption: Array, strip: tuple[float, float], atoms: Atoms, style: Style
) -> list[Array]:
    """The bounds of the strip's atoms after each level, from the caption outwards."""
    box = atoms.box
    foreign = atoms.text & (atoms.inside < 0.5)
    if side == "above":
        chosen = chosen[np.argsort(-box[chosen, 3], kind="stable")]
    else:
        chosen = chosen[np.argsort(box[chosen, 1], kind="stable")]
    chosen = _until_caption(side, chosen, caption, strip, atoms)
    if not len(chosen):
        return []
    weight = np.where(
        atoms.text & (atoms.inside < 0.35), (box[:, 2] - box[:, 0]) / max(style.column_width, 1.0), 0.0
    )
    grown = [_levels(side, box[chosen], weight[chosen])]
    if parted := _rules_before(chosen, atoms):  # a rule that may part body and caption: begin behind it
        rest = chosen[parted:]
        grown.append(_levels(side, box[rest], weight[rest]))
    own = chosen[~foreign[chosen]]
    if foreign[chosen].any() and len(own):  # text between: begin behind it
        if side == "above":
            edge, beyond = box[own[0], 3], box[chosen, 3] <= box[own[0], 3] + 0.5
            gap = caption[1] - edge
        else:
            edge, beyond = box[own[0], 1], box[chosen, 1] >= box[own[0], 1] - 0.5
            gap = edge - caption[3]
        if gap < 90 and not beyond.all():
            rest = chosen[beyond]
            grown.append(_levels(side, box[rest], weight[rest]))
    return grown


def _rules_before(chosen: Rows, atoms: Atoms) -> int:
    """How many level rules come first, before anything else; 0 if nothing else comes."""
    box = atoms.box[chosen[: MAX_RULES + 1]]
    thin = (box[:, 3] - box[:, 1] < RULE_HEIGHT) & (box[:, 2] - box[:, 0] > RULE_WIDTH)
    rules = thin & ~atoms.text[chosen[: MAX_RULES + 1]]
    return 0 if rules.all() else int(rules.argmin())


def _until_caption(
    side: Side, chosen: Rows, caption: Array, strip: tuple[float, float], atoms: Atoms
) -> Rows:
    """The atoms before the strip's next caption."""
    others, box = atoms.captions, atoms.box
    middle = (others[:, 0] + others[:, 2]) / 2
    within = (middle >= strip[0]) & (middle <= strip[1])
    if side == "above":
        stop = others[within & (others[:, 3] <= caption[1] + 1), 3].max(initial=-np.inf)
        past = box[chosen, 1] < stop - 3
    else:
        stop = others[within & (others[:, 1] >= caption[3] - 1), 1].min(initial=np.inf)
        past = box[chosen, 3] > stop + 3
    return chosen[: past.argmax()] if past.any() else chosen


def _levels(side: Side, box: Array, weight: Array) -> Array:
    """Running bounds of the boxes wherever the next one stands clear of all before."""
    bounds = np.c_[
        np.minimum.accumulate(box[:, :2], axis=0),
        np.maximum.accumulate(box[:, 2:], axis=0),
    ]
    if side == "above":
        clear = box[1:, 3] <= bounds[:-1, 1] + LEVEL_OVERLAP
    else:
        clear = box[1:, 1] >= bounds[:-1, 3] - LEVEL_OVERLAP
    ends = np.r_[clear, True]
    ends &= np.cumsum(weight) - weight <= MAX_FOREIGN
    levels: Array = bounds[ends]
    return levels


# -- clusters and frames ------------------------------------------------------------------


def _near_clusters(caption: Array, clusters: Array) -> list[Array]:
    """Clusters around the caption, and the bounds of each two of the largest."""
    across = np.maximum(clusters[:, 0] - caption[2], caption[0] - clusters[:, 2])
    down = np.maximum(clusters[:, 1] - caption[3], caption[1] - clusters[:, 3])
    near = clusters[np.maximum(across, down) < 160]
    large = _unique(near[(near[:, 2] - near[:, 0] > 15) & (near[:, 3] - near[:, 1] > 10)], 3)
    area = (large[:, 2] - large[:, 0]) * (large[:, 3] - large[:, 1])
    large = large[np.argsort(-area, kind="stable")[:9]]
    a, b = np.triu_indices(len(large), k=1)
    pairs = np.c_[np.minimum(large[a, :2], large[b, :2]), np.maximum(large[a, 2:], large[b, 2:])]
    return [near, pairs]


def _frames_less_caption(caption: Array, frames: Array) -> list[Array]:
    boxes = []
    for x0, y0, x1, y1 in frames.tolist():
        if caption[1] - y0 > 20:
            boxes.append(np.array([[x0, y0, x1, caption[1] - 0.5]]))
        if y1 - caption[3] > 20:
            boxes.append(np.array([[x0, caption[3] + 0.5, x1, y1]]))
    return boxes


def _choose_regions(boxes: Array, caption: Array, atoms: Atoms) -> Array:
    """Each box once, none too small or over the caption, the most promising of too many."""
    boxes = _unique(boxes, SAME_BOX)
    wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    over = np.clip(np.minimum(boxes[:, 2], caption[2]) - np.maximum(boxes[:, 0], caption[0]), 0, None)
    over *= np.clip(np.minimum(boxes[:, 3], caption[3]) - np.maximum(boxes[:, 1], caption[1]), 0, None)
    covers = over >= 0.5 * (caption[2] - caption[0]) * (caption[3] - caption[1])
    boxes = boxes[(wide > 10) & (high > 5) & ~covers]
    if len(boxes) <= MAX_REGIONS:
        return boxes
    x, y = atoms.middle
    holds = (x >= boxes[:, :1]) & (x <= boxes[:, 2:3]) & (y >= boxes[:, 1:2]) & (y <= boxes[:, 3:])
    worth = np.where(atoms.text, atoms.area * (atoms.inside - 0.5), atoms.area * 0.15)
    distance = np.minimum(np.abs(boxes[:, 1] - caption[3]), np.abs(boxes[:, 3] - caption[1]))
    best = np.argsort(-(holds @ worth - distance), kind="stable")[:MAX_REGIONS]
    return boxes[np.sort(best)]


def _unique(boxes: Array, step: float) -> Array:
    """The first of boxes that are the same when rounded."""
    keys = np.rint(boxes / step).astype(int)
    first: dict[tuple[int, ...], int] = {}
    for at, key in enumerate(map(tuple, keys.tolist())):
        first.setdefault(key, at)
    kept: Array = boxes[list(first.values())]
    return kept
