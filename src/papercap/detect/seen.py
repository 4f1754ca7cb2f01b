"""Hold regions against what they are made of, once for all that is said of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from papercap.detect.layout import Array, Mask, Style
    from papercap.detect.regions import Atoms

SIDES = ("above", "below", "left", "right", "over")  # of the caption


@dataclass(frozen=True, eq=False)
class Seen:
    """Regions against atoms, as several groups of features need it. Matrices are regions by atoms."""

    box: Array
    width: Array
    height: Array
    area: Array
    side: npt.NDArray[np.intp]  # place in `SIDES`
    gap: Array  # to the caption
    column: Array  # edges of the caption's column
    column_width: float
    atom: npt.NDArray[np.float32]
    atom_middle: tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]
    holds: Mask  # an atom's middle lies in the region
    touches: Mask
    odds: Array  # log odds of a line to be inside a body, by its width; 0 for marks

    @classmethod
    def of(cls, boxes: Array, caption: Array, style: Style, atoms: Atoms) -> Seen:
        x0, y0, x1, y1 = (boxes[:, at] for at in range(4))
        column = style.column_of(caption[None])[0]
        column_width = max(float(column[1] - column[0]), 1.0)
        where = [
            y1 <= caption[1] + 5,
            y0 >= caption[3] - 5,
            x1 <= caption[0] + 5,
            x0 >= caption[2] - 5,
        ]
        gaps = [caption[1] - y1, y0 - caption[3], caption[0] - x1, x0 - caption[2]]
        atom = atoms.box.astype(np.float32)
        x, y = (v.astype(np.float32) for v in atoms.middle)
        small = boxes.astype(np.float32)
        a0, b0, a1, b1 = (small[:, at, None] for at in range(4))
        holds = (x >= a0 - 1) & (x <= a1 + 1) & (y >= b0 - 1) & (y <= b1 + 1)
        touches = (atom[:, 2] > a0 + 0.5) & (atom[:, 0] < a1 - 0.5) & (atom[:, 3] > b0 + 0.5)
        touches &= atom[:, 1] < b1 - 0.5
        inside = np.clip(atoms.inside, 0.02, 0.98)
        reach = np.minimum((atoms.box[:, 2] - atoms.box[:, 0]) / column_width, 1)
        return cls(
            box=boxes,
            width=x1 - x0,
            height=y1 - y0,
            area=np.maximum(1, (x1 - x0) * (y1 - y0)),
            side=np.select(where, [0, 1, 2, 3], 4),
            gap=np.select(where, gaps, -20),
            column=column,
            column_width=column_width,
            atom=atom,
            atom_middle=(x, y),
            holds=holds,
            touches=touches,
            odds=np.where(atoms.text, np.log(inside / (1 - inside)) * reach, 0),
        )
