"""Boosted trees from plain arrays: what LightGBM trained, evaluated by numpy alone.

A node that says "no" rules out the leaves on its left. With a bit for each leaf, all nodes of one
feature together rule out a set of leaves that depends only on which thresholds the value exceeds, so
one look-up a feature and an AND over the features leave, as lowest bit, the leaf that the row falls
into (Lucchese et al., "QuickScorer", SIGIR 2015).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import IO, TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from papercap.detect.layout import Array
    from papercap.detect.table import Columns

MAX_LEAVES = 32  # one bit each
MODELS = "detect.npz"
_BLOCK_BYTES = 300_000  # of leaf bits worked on at once; more does not stay in the cache
_ALL = np.uint32(0xFFFFFFFF)


@dataclass(frozen=True, eq=False)
class Trees:
    """A sum of trees.

    Node `i` belongs to `tree[i]` and asks whether feature `feature[i]` is at most `threshold[i]`; if
    not, the leaves in `keep[i]` remain.
    """

    names: tuple[str, ...]  # of the features
    tree: npt.NDArray[np.uint16]
    feature: npt.NDArray[np.uint16]
    threshold: npt.NDArray[np.float32]
    keep: npt.NDArray[np.uint32]
    leaves: npt.NDArray[np.float32]  # trees by leaves, in order from the left, filled up with 0

    def probability(self, table: Columns) -> Array:
        """For each row the logistic function of the trees' sum."""
        result: Array = 1 / (1 + np.exp(-self.raw(table)))
        return result

    def raw(self, table: Columns) -> Array:
        """For each row the sum of the leaves that it falls into."""
        rows = len(next(iter(table.values()))) if table else 0
        used = [(self._lookups[i], table[self.names[i]]) for i in self._lookups]
        count, width = self.leaves.shape
        offsets = np.arange(count, dtype=np.int32) * width
        flat = self.leaves.astype(float).ravel()
        total = np.empty(rows)
        step = max(1, _BLOCK_BYTES // (4 * count))
        for start in range(0, rows, step):
            block = slice(start, min(start + step, rows))
            left = np.full((block.stop - start, count), _ALL, np.uint32)
            for (thresholds, kept), column in used:
                left &= kept[np.searchsorted(thresholds, column[block])]
            lowest = left & (~left + np.uint32(1))
            leaf = (lowest.astype(np.float32).view(np.int32) >> 23) - 127  # exponent of a power of two
            total[block] = flat[leaf + offsets].sum(axis=1)
        return total

    @cached_property
    def _lookups(self) -> dict[int, tuple[npt.NDArray[np.float32], npt.NDArray[np.uint32]]]:
        """By feature: its thresholds, and the leaves left in each tree by how many are exceeded."""
        lookups = {}
        for feature in np.unique(self.feature).tolist():
            nodes = np.flatnonzero(self.feature == feature)
            thresholds, place = np.unique(self.threshold[nodes], return_inverse=True)
            kept = np.full((len(thresholds) + 1, len(self.leaves)), _ALL, np.uint32)
            np.bitwise_and.at(kept, (place + 1, self.tree[nodes]), self.keep[nodes])
            np.bitwise_and.accumulate(kept, axis=0, out=kept)
            lookups[feature] = (thresholds, kept)
        return lookups


@cache
def load_all() -> Mapping[str, Trees]:
    """All models that papercap ships, read once."""
    with files("papercap.detect").joinpath("models", MODELS).open("rb") as file:
        return read_models(file)


def read_models(file: IO[bytes]) -> dict[str, Trees]:
    """Models from a `.npz` file, as `write_models` made it."""
    with np.load(file, allow_pickle=False) as data:
        stages = sorted({key.split(".")[0] for key in data.files})
        return {
            stage: Trees(
                names=tuple(data[f"{stage}.names"].tolist()),
                tree=data[f"{stage}.tree"],
                feature=data[f"{stage}.feature"],
                threshold=data[f"{stage}.threshold"],
                keep=data[f"{stage}.keep"],
                leaves=data[f"{stage}.leaves"],
            )
            for stage in stages
        }


def write_models(file: IO[bytes], models: Mapping[str, Trees]) -> None:
    """Write models as one compressed `.npz` file."""
    arrays = {
        f"{stage}.{part}": np.array(getattr(trees, part))
        for stage, trees in models.items()
        for part in ("names", "tree", "feature", "threshold", "keep", "leaves")
    }
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
