"""Describe regions: one row of features for each box that might be a caption's body."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from papercap.detect.notes import BEGINS
from papercap.detect.seen import Seen
from papercap.detect.surroundings import SHARED, describe_surroundings
from papercap.detect.table import Columns, columns

if TYPE_CHECKING:
    from papercap.detect.extent import Reach
    from papercap.detect.ink import Ink
    from papercap.detect.layout import Array, Sheet, Style
    from papercap.detect.regions import Atoms

FAR_TEXT = 40.0  # points from an edge within which the next text counts


def describe_regions(
    boxes: Array, reach: Reach, sheet: Sheet, style: Style, atoms: Atoms, ink: Ink
) -> Columns:
    """The features of all regions of one caption: where they stand, what they hold, what surrounds them."""
    if not len(boxes):
        return {}
    caption = np.array(reach.core)
    seen = Seen.of(boxes, caption, style, atoms)
    return (
        _position(seen, caption, sheet, atoms)
        | _content(seen, atoms, ink)
        | _rules(seen, atoms)
        | _without_edge_rules(seen, atoms)
        | _cut(seen, atoms)
        | _cut_blocks(seen, atoms)
        | _fonts_and_notes(seen, atoms)
        | _against_each_other(seen, atoms)
        | describe_surroundings(seen, reach, sheet, style, atoms, ink)
    )


def _position(seen: Seen, caption: Array, sheet: Sheet, atoms: Atoms) -> Columns:
    """Where the region stands: to the caption, the column, the sheet."""
    x0, y0, x1, y1 = seen.box.T
    caption_width, caption_height = caption[2] - caption[0], caption[3] - caption[1]
    across = np.minimum(x1, caption[2]) - np.maximum(x0, caption[0])
    down = np.minimum(y1, caption[3]) - np.maximum(y0, caption[1])
    off = (x0 + x1 - caption[0] - caption[2]) / 2
    return columns(
        len(seen.box),
        side=seen.side,
        gap=seen.gap,
        shared_width=across / np.minimum(seen.width, max(caption_width, 1)),
        shared_height=down / np.minimum(seen.height, max(caption_height, 1)),
        off_center=off / seen.width,
        off_center_by_column=np.abs(off) / seen.column_width,
        width_to_caption=seen.width / max(caption_width, 1),
        left_to_caption=(x0 - caption[0]) / seen.column_width,
        right_to_caption=(x1 - caption[2]) / seen.column_width,
        width=seen.width / sheet.width,
        height=seen.height / sheet.height,
        width_to_column=seen.width / seen.column_width,
        aspect=np.log(seen.width / seen.height),
        left_to_column=(x0 - seen.column[0]) / seen.column_width,
        right_to_column=(x1 - seen.column[1]) / seen.column_width,
        left_to_text=(x0 - atoms.left) / sheet.width,
        right_to_text=(atoms.right - x1) / sheet.width,
        top=y0 / sheet.height,
        bottom=y1 / sheet.height,
        caption_top=caption[1] / sheet.height,
        caption_width=caption_width / seen.column_width,
        column_to_sheet=seen.column_width / sheet.width,
    )


def _content(seen: Seen, atoms: Atoms, ink: Ink) -> Columns:
    """What the region holds: text likely and unlikely to be a body's, and drawing."""
    text, inside, area = atoms.text, atoms.inside, atoms.area
    wide = (atoms.box[:, 2] - atoms.box[:, 0]) / seen.column_width
    sums = seen.holds.astype(np.float32) @ np.c_[
        text,
        text * area,
        text * inside * area,
        text * (1 - inside) * wide,
        text * inside * wide,
        text & (inside < 0.3),
        text & (inside > 0.7),
        seen.odds,
        ~text,
    ].astype(np.float32)
    lines, text_area, likely_area, foreign, likely, low, high, odds, marks = sums.T
    least = np.where(seen.holds & text, inside.astype(np.float32), 1).min(axis=1)
    return columns(
        len(seen.box),
        lines=lines,
        text_share=text_area / seen.area,
        likely_share=likely_area / seen.area,
        foreign_share=(text_area - likely_area) / seen.area,
        foreign_lines=foreign,
        likely_lines=likely,
        low_lines=low,
        high_lines=high,
        low_share=low / np.maximum(1, lines),
        mean_inside=likely_area / np.maximum(1, text_area),
        least_inside=least,
        odds=odds,
        marks=marks,
        ink=ink.density(seen.box),
    )


def _rules(seen: Seen, atoms: Atoms) -> Columns:
    """Level rules inside, and at the top and bottom edges."""
    box = atoms.box
    rule = ~atoms.text & (box[:, 3] - box[:, 1] < 4) & (box[:, 2] - box[:, 0] > 40)
    rules, held = box[rule], seen.holds[:, rule]
    length = rules[:, 2] - rules[:, 0]
    long = length > 0.8 * seen.width[:, None]
    return columns(
        len(seen.box),
        rules=held.sum(axis=1),
        wide_rules=(held & long).sum(axis=1),
        rule_at_top=(long & (np.abs(rules[:, 1] - seen.box[:, 1:2]) < 2.5)).any(axis=1),
        rule_at_bottom=(long & (np.abs(rules[:, 3] - seen.box[:, 3:]) < 2.5)).any(axis=1),
        **_aligned_rules(seen, rules),
    )


def _aligned_rules(seen: Seen, rules: Array) -> dict[str, Array]:
    """The next rules above and below that are exactly as wide as the region: a table may go on there."""
    edges = (np.abs(rules[:, 0] - seen.box[:, :1]) < 4) & (np.abs(rules[:, 2] - seen.box[:, 2:3]) < 4)
    up, down = seen.box[:, 1:2] - rules[:, 3], rules[:, 1] - seen.box[:, 3:]
    return {
        "aligned_rule_above": np.where(edges & (up > -1), up, 300).min(axis=1, initial=300),
        "aligned_rule_below": np.where(edges & (down > -1), down, 300).min(axis=1, initial=300),
    }


def _without_edge_rules(seen: Seen, atoms: Atoms) -> Columns:
    """What is left of the region without the long level rules that close it: a table keeps its size,
    a figure between separators loses much."""
    box, atom = seen.box, seen.atom
    rule = ~atoms.text & (atom[:, 3] - atom[:, 1] < 4)
    long = rule & (atom[:, 2] - atom[:, 0] > 0.6 * seen.width[:, None])
    at_top = long & (np.abs(atom[:, 1] - box[:, 1:2]) < 3)
    at_bottom = long & (np.abs(atom[:, 3] - box[:, 3:]) < 3)
    rest = seen.holds & ~at_top & ~at_bottom
    some = rest.any(axis=1)
    x0 = np.where(rest, atom[:, 0], np.inf).min(axis=1, initial=np.inf)
    y0 = np.where(rest, atom[:, 1], np.inf).min(axis=1, initial=np.inf)
    x1 = np.where(rest, atom[:, 2], -np.inf).max(axis=1, initial=-np.inf)
    y1 = np.where(rest, atom[:, 3], -np.inf).max(axis=1, initial=-np.inf)
    with np.errstate(invalid="ignore"):
        left = np.where(some, (x1 - x0) * (y1 - y0) / seen.area, 0)
    return columns(
        len(box),
        rest_area=left,
        rest_width=np.where(some, np.where(some, x1, 0) - np.where(some, x0, 0), 0) / seen.width,
        rest_to_top=np.where(some & at_top.any(axis=1), y0 - box[:, 1], -1),
        rest_to_bottom=np.where(some & at_bottom.any(axis=1), box[:, 3] - y1, -1),
    )


def _cut(seen: Seen, atoms: Atoms) -> Columns:
    """Atoms that the region's edges cut through."""
    box, atom = seen.box.astype(np.float32), seen.atom
    sticks = (atom[:, 0] < box[:, :1] - 2) | (atom[:, 2] > box[:, 2:3] + 2)
    sticks |= (atom[:, 1] < box[:, 1:2] - 2) | (atom[:, 3] > box[:, 3:] + 2)
    cut = (seen.touches & ~seen.holds).astype(np.float32)
    out = (seen.touches & seen.holds & sticks).astype(np.float32)
    marks, text = (~atoms.text).astype(np.float32), atoms.text.astype(np.float32)
    return columns(
        len(box),
        cut_marks=cut @ marks,
        cut_mark_area=cut @ (marks * np.minimum(atoms.area, 5e4)) / seen.area,
        cut_lines=cut @ text,
        marks_sticking_out=out @ marks,
        lines_sticking_out=out @ text,
    )


def _cut_blocks(seen: Seen, atoms: Atoms) -> Columns:
    """Text blocks of the PDF of which the region holds some lines and not others."""
    block, member = np.unique(atoms.block[atoms.text], return_inverse=True)
    of_block = np.zeros((int(atoms.text.sum()), len(block)), np.float32)
    of_block[np.arange(len(of_block)), member] = 1
    held = seen.holds[:, atoms.text].astype(np.float32) @ of_block
    total = of_block.sum(axis=0)
    cut = (held > 0) & (held < total)
    return columns(
        len(seen.box),
        blocks=(held > 0).sum(axis=1),
        cut_blocks=cut.sum(axis=1),
        cut_block_lines=np.where(cut, total - held, 0).sum(axis=1),
        largest_block=(held * (held > 0)).max(axis=1, initial=0),
    )


def _fonts_and_notes(seen: Seen, atoms: Atoms) -> Columns:
    """Whether the text goes on past the edges in the region's main font, and where notes stand: a program
    is all in one, and what is noted belongs to the body above."""
    text = atoms.text
    font, letters, strange = atoms.font[text], atoms.letters[text], atoms.strange[text]
    notes = seen.atom[atoms.note == BEGINS]
    count, box = len(seen.box), seen.box.astype(np.float32)
    fonts = int(font.max(initial=-1)) + 1
    of_font = np.zeros((len(font), fonts), np.float32)
    of_font[np.arange(len(font)), font] = letters
    held = seen.holds[:, text].astype(np.float32) @ of_font
    total = held.sum(axis=1)
    main = held.argmax(axis=1) if fonts else np.zeros(count, int)
    most = held.max(axis=1, initial=0)
    atom = seen.atom[text]
    wide = atom[:, 2] - atom[:, 0]
    over = np.minimum(atom[:, 2], box[:, 2:3]) - np.maximum(atom[:, 0], box[:, :1])
    over = (over > SHARED * np.minimum(wide, box[:, 2:3] - box[:, :1])) & ~seen.holds[:, text]
    result: Columns = {}
    for side, gap in (("above", box[:, 1:2] - atom[:, 3]), ("below", atom[:, 1] - box[:, 3:])):
        far = np.where(over & (gap > -2), gap, np.float32(FAR_TEXT))
        at = far.argmin(axis=1) if len(font) else np.zeros(count, int)
        near = far.min(axis=1, initial=FAR_TEXT) < FAR_TEXT
        alike = font[at] == main if len(font) else np.zeros(count, bool)
        result |= columns(count, **{f"{side}_font": np.where(near & (most > 0), alike, -1)})
    level = np.minimum(notes[:, 2], box[:, 2:3]) - np.maximum(notes[:, 0], box[:, :1]) > 5
    down = np.where(level, notes[:, 1] - box[:, 3:], FAR_TEXT)
    return result | columns(
        count,
        main_font=most / np.maximum(1, total),
        strange_share=(seen.holds[:, text] @ (letters * strange)) / np.maximum(1, total),
        note_below=np.where(down > -1, down, FAR_TEXT).min(axis=1, initial=FAR_TEXT),
        notes=seen.holds[:, atoms.note == BEGINS].sum(axis=1),
    )


def _against_each_other(seen: Seen, atoms: Atoms) -> Columns:
    """The region against the best of its caption's regions."""
    odds = seen.holds.astype(np.float32) @ seen.odds.astype(np.float32)
    area = np.log(seen.area)
    return columns(
        len(seen.box),
        odds_to_best=odds - odds.max(),
        area_to_largest=area - area.max(),
        gap_to_least=seen.gap - np.abs(seen.gap).min(),
        regions=len(seen.box),
    )
