"""Feature tables: named columns of equal length, filled by small groups of functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Columns: TypeAlias = dict[str, npt.NDArray[np.float32]]
HUGE = 1e6  # stands for what is not finite


def columns(length: int, **values: npt.ArrayLike) -> Columns:
    """Columns of this length from arrays or single numbers; what is not finite becomes 0."""
    filled = {}
    for name, value in values.items():
        column = np.empty(length, np.float32)
        column[:] = value
        if not np.isfinite(column).all():
            np.nan_to_num(column, copy=False, nan=0.0, posinf=HUGE, neginf=-HUGE)
        filled[name] = column
    return filled


def stack(tables: Sequence[Mapping[str, npt.NDArray[np.float32]]]) -> Columns:
    """Tables with the same columns, one under the other; no table makes none."""
    if not tables:
        return {}
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}


def take(
    table: Mapping[str, npt.NDArray[np.float32]],
    rows: Sequence[int] | npt.NDArray[np.intp] | npt.NDArray[np.bool_],
) -> Columns:
    """Some rows of a table."""
    return {name: column[rows] for name, column in table.items()}


def height(table: Mapping[str, npt.NDArray[np.float32]]) -> int:
    """How many rows a table has."""
    return len(next(iter(table.values()))) if table else 0
