"""Describe what surrounds regions: what their edges part, and what else their captions could have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from papercap.detect.table import Columns, columns
from papercap.wording import KINDS

if TYPE_CHECKING:
    from papercap.detect.extent import Reach
    from papercap.detect.ink import Ink
    from papercap.detect.layout import Array, Mask, Sheet, Style
    from papercap.detect.regions import Atoms
    from papercap.detect.seen import Seen

FAR = 500.0  # points; nothing there
RUNNING = 0.35  # probability to be in a body, below which a wide line is running text
SHARED = 0.2  # of the narrower of two boxes, for one to stand over the other
MIN_SEPARATOR = 60.0  # points; a shorter rule parts nothing
BEHIND = 40.0  # points behind a caption within which a rule may close it off
LARGEST_PART = 640.0  # squares of the type's size that one mark counts for at most, however large it is
REACH = 300.0  # points above and below a caption in which content is looked for
AROUND = (15, 45)  # points outside a region that are looked at


def describe_surroundings(
    seen: Seen, reach: Reach, sheet: Sheet, style: Style, atoms: Atoms, ink: Ink
) -> Columns:
    """The features of all regions of one caption that look past their edges."""
    caption = np.array(reach.core)
    return (
        _separators(seen, caption, atoms)
        | _gaps(seen, sheet, atoms)
        | _needs(seen, caption, sheet, style, atoms)
        | _outside(seen, atoms)
        | _around(seen, atoms, ink)
        | _other_captions(seen, reach, sheet, style, atoms)
        | _between(seen, caption, atoms)
    )


def _separators(seen: Seen, caption: Array, atoms: Atoms) -> Columns:
    """Rules and frames that hold the caption as well as the region: a rule behind the caption that is
    the like of one at the region's far edge, a frame with more in it than the two."""
    box, atom = seen.box, seen.atom
    rules = atom[~atoms.text & (atom[:, 3] - atom[:, 1] < 5) & (atom[:, 2] - atom[:, 0] > MIN_SEPARATOR)]
    up = (seen.side == 0)[:, None]
    behind = np.where(up, rules[:, 1] - caption[3], caption[1] - rules[:, 3])
    near = (behind > -2) & (behind < BEHIND)
    meets = np.minimum(rules[:, 2], caption[2]) - np.maximum(rules[:, 0], caption[0]) > 10
    like_box = (np.abs(rules[:, 0] - box[:, :1]) < 5) & (np.abs(rules[:, 2] - box[:, 2:3]) < 5)
    level = (seen.side <= 1)[:, None]
    frames = atoms.frames
    framed = (np.abs(frames[:, 0] - box[:, :1]) < 4) & (np.abs(frames[:, 2] - box[:, 2:3]) < 4)
    framed &= (frames[:, 1] < box[:, 1:2] + 4) & (frames[:, 3] > box[:, 3:] - 4)
    foreign = atoms.text & (atoms.inside < 0.4)
    x, y = atoms.middle
    in_frame = (x > frames[:, :1]) & (x < frames[:, 2:3]) & (y > frames[:, 1:2]) & (y < frames[:, 3:])
    running = (in_frame & foreign).sum(axis=1)
    return columns(
        len(box),
        rule_behind=np.where(near & meets & level, behind, 60).min(axis=1, initial=60),
        like_rule_behind=(near & like_box & level).any(axis=1),
        frame=framed.any(axis=1),
        frames=len(frames),
        frame_running=np.where(framed, running, 0).max(axis=1, initial=0),
    )


def _needs(seen: Seen, caption: Array, sheet: Sheet, style: Style, atoms: Atoms) -> Columns:
    """What might be a body on each side of the caption, and of the caption at the far end of the
    region's strip: that one needs a body too, and may have no other."""
    own = _content_around(caption, seen, sheet, style, atoms)
    others = atoms.captions
    x0, y0, x1, y1 = (seen.box[:, at, None] for at in range(4))
    up = (seen.side == 0)[:, None]
    across = np.minimum(others[:, 2], x1) - np.maximum(others[:, 0], x0) > 5
    away = np.where(up, y0 - others[:, 3], others[:, 1] - y1)
    far = np.where(across & (away > -2) & (seen.side <= 1)[:, None], away, np.inf)
    around = np.array([_content_around(other, seen, sheet, style, atoms) for other in others]).reshape(-1, 4)
    some = np.isfinite(far).any(axis=1)
    at = far.argmin(axis=1) if len(others) else np.zeros(len(far), int)
    beyond = np.where(up[:, 0], around[at, 0], around[at, 1]) if len(others) else np.zeros(len(far))
    facing = np.where(up[:, 0], around[at, 1], around[at, 0]) if len(others) else np.zeros(len(far))
    return columns(
        len(seen.box),
        content_above=own[0],
        content_below=own[1],
        content_left=own[2],
        content_right=own[3],
        content_own_side=np.r_[own, 0][seen.side],
        facing_kind=np.where(some, atoms.kinds[at] if len(others) else -1, -1),
        facing_beyond=np.where(some, beyond, -1),
        facing_before=np.where(some, facing, -1),
    )


def _content_around(caption: Array, seen: Seen, sheet: Sheet, style: Style, atoms: Atoms) -> Array:
    """How much that might be a body stands above, below, left and right of a caption, up to the next
    running text or caption: heights or widths in the body's type size, weighed by likelihood."""
    box, found = atoms.box, np.zeros(4)
    wide, high = box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]
    over = np.minimum(box[:, 2], caption[2]) - np.maximum(box[:, 0], caption[0]) > SHARED * np.minimum(
        wide, caption[2] - caption[0]
    )
    level = np.minimum(box[:, 3], caption[3]) - np.maximum(box[:, 1], caption[1]) > SHARED * np.minimum(
        high, caption[3] - caption[1]
    )
    running = atoms.text & (atoms.inside < RUNNING) & (wide > 0.25 * seen.column_width)
    captions = atoms.captions
    next_over = np.minimum(captions[:, 2], caption[2]) - np.maximum(captions[:, 0], caption[0]) > 5
    next_level = np.minimum(captions[:, 3], caption[3]) - np.maximum(captions[:, 1], caption[1]) > 3
    for at, (beside, nearby, gap, gaps, end) in enumerate(
        (
            (over, next_over, caption[1] - box[:, 3], caption[1] - captions[:, 3], REACH),
            (over, next_over, box[:, 1] - caption[3], captions[:, 1] - caption[3], REACH),
            (level, next_level, caption[0] - box[:, 2], caption[0] - captions[:, 2], sheet.width),
            (level, next_level, box[:, 0] - caption[2], captions[:, 0] - caption[2], sheet.width),
        )
    ):
        stop = gap[beside & running & (gap > -3)].min(initial=end)
        stop = min(stop, gaps[nearby & (gaps > -3)].min(initial=end))
        there = beside & ~running & (gap > -3) & (gap < stop)
        if there.any():
            size = np.minimum(atoms.area[there], LARGEST_PART * style.size**2)
            found[at] = np.log1p((size * atoms.inside[there]).sum() / style.size**2)
    return found


def _gaps(seen: Seen, sheet: Sheet, atoms: Atoms) -> Columns:
    """The white at the region's far edge against the white within it and beyond, and what stands there
    up to the next caption or running text: two bodies between two captions are parted at the widest."""
    box, atom = seen.box, seen.atom
    wide = atom[:, 2] - atom[:, 0]
    x0, y0, x1, y1 = (box[:, at, None] for at in range(4))
    shared = np.minimum(atom[:, 2], x1) - np.maximum(atom[:, 0], x0)
    over = (shared > SHARED * np.minimum(wide, x1 - x0)) & ~seen.holds
    up = (seen.side == 0)[:, None]
    far = np.where(up, y0 - atom[:, 3], atom[:, 1] - y1)  # of each atom from the region's far edge
    past = np.where(up, y0 - atom[:, 1], atom[:, 3] - y1)
    beyond = over & (far > -1) & (past > 0)
    running = atoms.text & (atoms.inside < RUNNING) & (wide > 0.4 * seen.column_width)
    to_text = np.where(beyond & running, far, np.inf).min(axis=1, initial=np.inf)
    others = atoms.captions
    across = np.minimum(others[:, 2], x1) - np.maximum(others[:, 0], x0) > 5
    away = np.where(up, y0 - others[:, 3], others[:, 1] - y1)
    to_caption = np.where(across & (away > -2), away, np.inf).min(axis=1, initial=np.inf)
    to_end = np.where(up[:, 0], box[:, 1], sheet.height - box[:, 3])
    end = np.minimum(np.minimum(to_text, to_caption), to_end)
    beyond &= (past <= end[:, None] + 2) & ~running
    measures = np.c_[atoms.text, ~atoms.text, seen.odds, atoms.text * atoms.area, ~atoms.text * atoms.area]
    lines, marks, odds, text_area, mark_area = (beyond.astype(np.float32) @ measures.astype(np.float32)).T
    area = np.maximum(1, seen.width * np.maximum(1, end))
    cut = np.where(beyond, far, np.inf).min(axis=1, initial=np.inf)
    cut = np.minimum(cut, end)
    inner, inner_across, further = _widest_gaps(seen, beyond)
    down = seen.side <= 1
    return columns(
        len(box),
        inner_gap=inner,
        inner_gap_across=inner_across,
        cut_gap=np.where(down, np.clip(cut, -5, 200), -9),
        cut_to_inner=np.where(down, np.clip(cut, 0, 200) - inner, 0),
        cut_to_further=np.where(down, np.clip(cut, 0, 200) - further, 0),
        beyond_height=np.where(down, end / sheet.height, -1),
        beyond_is_caption=np.where(down, (to_caption <= to_text) & (to_caption < to_end), -1),
        beyond_lines=np.where(down, lines, -1),
        beyond_marks=np.where(down, marks, -1),
        beyond_odds=np.where(down, odds, 0),
        beyond_text_share=np.where(down, text_area / area, -1),
        beyond_mark_share=np.where(down, np.minimum(mark_area / area, 2), -1),
    )


def _widest_gaps(seen: Seen, beyond: Mask) -> tuple[Array, Array, Array]:
    """The widest white band across each region, down each region, and across what is beyond it."""
    by_top, by_left = np.argsort(seen.atom[:, 1]), np.argsort(seen.atom[:, 0])
    top, bottom = seen.atom[by_top, 1], seen.atom[by_top, 3]
    left, right = seen.atom[by_left, 0], seen.atom[by_left, 2]
    within, beside, outside = seen.holds[:, by_top], seen.holds[:, by_left], beyond[:, by_top]
    found = np.zeros((3, len(seen.box)))
    for at in range(len(seen.box)):
        found[0, at] = _widest(top[within[at]], bottom[within[at]])
        found[1, at] = _widest(left[beside[at]], right[beside[at]])
        found[2, at] = _widest(top[outside[at]], bottom[outside[at]])
    return found[0], found[1], found[2]


def _widest(begin: npt.NDArray[np.float32], end: npt.NDArray[np.float32]) -> float:
    """The widest gap between intervals that are sorted by their beginning."""
    if len(begin) < 2:
        return 0.0
    return max(0.0, float((begin[1:] - np.maximum.accumulate(end)[:-1]).max()))


def _outside(seen: Seen, atoms: Atoms) -> Columns:
    """The next atom on each of the four sides: how far, how likely a part of a body."""
    box, atom = seen.box.astype(np.float32), seen.atom
    x, y = seen.atom_middle
    inside, text = atoms.inside.astype(np.float32), atoms.text
    x0, y0, x1, y1 = (box[:, at, None] for at in range(4))
    wide, high = atom[:, 2] - atom[:, 0], atom[:, 3] - atom[:, 1]
    over = np.minimum(atom[:, 2], x1) - np.maximum(atom[:, 0], x0) > 0.2 * np.minimum(wide, x1 - x0)
    level = np.minimum(atom[:, 3], y1) - np.maximum(atom[:, 1], y0) > 0.2 * np.minimum(high, y1 - y0)
    over &= ~seen.holds
    level &= ~seen.holds
    likely, unlikely = inside > 0.5, inside < 0.4
    result: Columns = {}
    for side, which, gap in (
        ("above", over & (y < y0), y0 - atom[:, 3]),
        ("below", over & (y > y1), atom[:, 1] - y1),
        ("left", level & (x < x0), x0 - atom[:, 2]),
        ("right", level & (x > x1), atom[:, 0] - x1),
    ):
        far = np.where(which, gap, np.float32(FAR))
        at = far.argmin(axis=1) if far.shape[1] else np.zeros(len(box), int)
        nearest = far[np.arange(len(box)), at] if far.shape[1] else np.full(len(box), FAR)
        some = nearest < FAR - 1
        result |= columns(
            len(box),
            **{
                f"{side}_gap": np.clip(nearest, -20, 200),
                f"{side}_inside": np.where(some, inside[at], -1),
                f"{side}_text": np.where(some, text[at], -1),
                f"{side}_likely_gap": np.clip(far[:, likely].min(axis=1, initial=200), -20, 200),
                f"{side}_unlikely_gap": np.clip(far[:, unlikely].min(axis=1, initial=200), -20, 200),
            },
        )
    return result


def _around(seen: Seen, atoms: Atoms, ink: Ink) -> Columns:
    """What stands just outside the region."""
    x, y = seen.atom_middle
    text, area = atoms.text, atoms.area
    measures = np.c_[text * atoms.inside * area, seen.odds, ~text, ~text * np.minimum(area, 5e4)].astype(
        np.float32
    )
    result: Columns = {}
    held_ink = ink.drawn(seen.box)
    for by in AROUND:
        grown = seen.box + np.array([-by, -by, by, by])
        small = grown.astype(np.float32)
        near = (x >= small[:, :1]) & (x <= small[:, 2:3]) & (y >= small[:, 1:2]) & (y <= small[:, 3:])
        likely, odds, marks, mark_area = ((near & ~seen.holds).astype(np.float32) @ measures).T
        ring = (seen.width + 2 * by) * (seen.height + 2 * by) - seen.area
        result |= columns(
            len(seen.box),
            **{
                f"around{by}_likely": likely / seen.area,
                f"around{by}_odds": odds,
                f"around{by}_marks": marks,
                f"around{by}_mark_area": mark_area / seen.area,
                f"around{by}_ink": (ink.drawn(grown) - held_ink) / np.maximum(1, ring),
            },
        )
    return result


def _other_captions(seen: Seen, reach: Reach, sheet: Sheet, style: Style, atoms: Atoms) -> Columns:
    """Other captions inside and near, and what kind of caption this is."""
    captions = atoms.captions
    others = captions[~np.isclose(captions, reach.core).all(axis=1)]
    x, y = (others[:, 0] + others[:, 2]) / 2, (others[:, 1] + others[:, 3]) / 2
    x0, y0, x1, y1 = (seen.box[:, at, None] for at in range(4))
    across = np.maximum(0, np.maximum(others[:, 0] - x1, x0 - others[:, 2]))
    down = np.maximum(0, np.maximum(others[:, 1] - y1, y0 - others[:, 3]))
    held = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    body_lines = (np.abs(sheet.size - style.size) < 0.8) & (sheet.letters >= 25)
    return columns(
        len(seen.box),
        captions_inside=held.sum(axis=1),
        other_caption_gap=np.minimum((across + down).min(axis=1, initial=300), 300),
        other_captions=len(others),
        kind=KINDS.index(reach.start.wording.kind),
        caption_lines=(reach.box.y1 - reach.box.y0) / style.size,
        body_lines=body_lines.sum(),
    )


def _between(seen: Seen, caption: Array, atoms: Atoms) -> Columns:
    """Text between the region and its caption."""
    atom, box = seen.atom, seen.box.astype(np.float32)
    over = np.minimum(atom[:, 2], box[:, 2:3]) - np.maximum(atom[:, 0], box[:, :1]) > 5
    upper = (atom[:, 1] >= box[:, 3:] - 1) & (atom[:, 3] <= caption[1] + 1)
    lower = (atom[:, 3] <= box[:, 1:2] + 1) & (atom[:, 1] >= caption[3] - 1)
    between = np.where(seen.side[:, None] == 0, upper, lower) & over
    wide = (atoms.box[:, 2] - atoms.box[:, 0]) / seen.column_width
    measures = np.c_[atoms.text, atoms.text * (1 - atoms.inside) * wide, ~atoms.text]
    lines, foreign, marks = (between.astype(np.float32) @ measures.astype(np.float32)).T
    return columns(len(box), lines_between=lines, foreign_between=foreign, marks_between=marks)
