"""Rank regions: score each by itself, then again knowing the paper's habits and the page's rivals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from papercap.detect.table import Columns, columns, height, stack, take
from papercap.wording import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from papercap.detect.extent import Reach
    from papercap.detect.layout import Array
    from papercap.detect.trees import Trees

SECOND_ROUND = 40  # regions of a caption that are scored again, the best of the first round
RIVALS = 10  # regions of another caption that a region is held against
MAX_OVERLAP = 0.08  # of the smaller of two bodies
_FREE_SIDES = 3  # above, below, beside


@dataclass(frozen=True, eq=False)
class Contest:
    """A caption with the regions that might be its body."""

    reach: Reach
    boxes: Array  # n by 4
    features: Columns  # n rows


def score_first(contests: Sequence[Contest], trees: Trees) -> list[Array]:
    """The score of each region by itself, 0 to 1, by contest."""
    return _score([contest.features for contest in contests], trees)


def shortlist(contests: Sequence[Contest], scores: Sequence[Array]) -> tuple[list[Contest], list[Array]]:
    """The same contests with their best regions only."""
    short, kept = [], []
    for contest, score in zip(contests, scores, strict=True):
        best = np.argsort(-score, kind="stable")[:SECOND_ROUND]
        short.append(Contest(contest.reach, contest.boxes[best], take(contest.features, best)))
        kept.append(score[best])
    return short, kept


def score_second(contests: Sequence[Contest], scores: Sequence[Array], trees: Trees) -> list[Array]:
    """The score of each shortlisted region in view of the document's others."""
    return _score(describe_again(contests, scores), trees)


def describe_again(contests: Sequence[Contest], scores: Sequence[Array]) -> list[Columns]:
    """The regions' features with those that need the first scores of all captions."""
    rivals = _rivals(contests, scores)
    habits = _habits(contests, scores)
    result: list[Columns] = []
    for contest, score, rival, habit in zip(contests, scores, rivals, habits, strict=True):
        count = len(contest.boxes)
        if not count:
            result.append({})
            continue
        own = columns(count, first=score, first_to_best=score - score.max(), rank=np.arange(count))
        result.append(contest.features | own | _agreement(contest.boxes, score) | rival | habit)
    return result


def _score(tables: Sequence[Columns], trees: Trees) -> list[Array]:
    filled = [table for table in tables if table]
    if not filled:
        return [np.zeros(0) for _ in tables]
    together = trees.probability(stack([{name: table[name] for name in trees.names} for table in filled]))
    ends = np.cumsum([height(table) for table in tables])
    return np.split(together, ends[:-1])


def _agreement(boxes: Array, score: Array) -> Columns:
    """How far the well-scored regions of the same caption agree with each one: the IoU to expect."""
    both, area = _shared(boxes, boxes), _area(boxes)
    iou = both / np.maximum(1e-6, area[:, None] + area - both)
    contained = both / np.maximum(1e-6, area[:, None])  # of the row's box, in the column's
    larger = (contained > 0.98) & (area > 1.03 * area[:, None])
    smaller = (contained.T > 0.98) & (area < 0.97 * area[:, None])
    edges = score @ boxes / np.maximum(1e-6, score.sum())
    return columns(
        len(boxes),
        agreement=iou @ score / np.maximum(1e-6, score.sum()),
        sharp_agreement=iou @ score**2 / np.maximum(1e-6, (score**2).sum()),
        best_larger=np.where(larger, score, 0).max(axis=1),
        best_smaller=np.where(smaller, score, 0).max(axis=1),
        iou_with_first=iou[:, 0],
        left_to_usual=boxes[:, 0] - edges[0],
        top_to_usual=boxes[:, 1] - edges[1],
        right_to_usual=boxes[:, 2] - edges[2],
        bottom_to_usual=boxes[:, 3] - edges[3],
    )


# -- the paper's habits -------------------------------------------------------------------


def _habits(contests: Sequence[Contest], scores: Sequence[Array]) -> list[Columns]:
    """Where the best regions of the document's other captions stand: of the same kind, of others."""
    count = len(contests)
    kind = np.array([KINDS.index(contest.reach.start.wording.kind) for contest in contests])
    side, weight = np.zeros((count, _FREE_SIDES)), np.zeros(count)
    gap, off, width = np.full(count, np.nan), np.full(count, np.nan), np.full(count, np.nan)
    top_rule, bottom_rule, left = np.full(count, np.nan), np.full(count, np.nan), np.full(count, np.nan)
    for at, (contest, score) in enumerate(zip(contests, scores, strict=True)):
        if len(score):
            best = int(score.argmax())
            weight[at] = score[best]
            side[at, min(2, int(contest.features["side"][best]))] = score[best]
            gap[at] = abs(contest.features["gap"][best])
            off[at] = contest.features["off_center_by_column"][best]
            width[at] = contest.features["width"][best]
            top_rule[at] = contest.features["rule_at_top"][best]
            bottom_rule[at] = contest.features["rule_at_bottom"][best]
            left[at] = contest.features["left_to_column"][best]
    result: list[Columns] = []
    for at, contest in enumerate(contests):
        rows = len(contest.boxes)
        if not rows:
            result.append({})
            continue
        own_side = np.minimum(2, contest.features["side"]).astype(int)
        habit: Columns = {}
        others = np.arange(count) != at
        for name, chosen in (("same", others & (kind == kind[at])), ("other", others & (kind != kind[at]))):
            sums = side[chosen].sum(axis=0)
            shares = sums / (sums.sum() + 0.3)
            usual_gap = _median(gap[chosen])
            habit |= columns(
                rows,
                **{
                    f"{name}_above": shares[0],
                    f"{name}_below": shares[1],
                    f"{name}_beside": shares[2],
                    f"{name}_weight": sums.sum(),
                    f"{name}_side": shares[own_side],
                    f"{name}_gap": usual_gap,
                    f"{name}_gap_off": np.abs(np.abs(contest.features["gap"]) - usual_gap),
                    f"{name}_off_center": _median(off[chosen]),
                    f"{name}_width": _median(width[chosen]),
                    f"{name}_rule_at_top": _mean(top_rule[chosen]),
                    f"{name}_rule_at_bottom": _mean(bottom_rule[chosen]),
                    f"{name}_left": _median(left[chosen]),
                },
            )
        result.append(habit)
    return result


def _median(values: Array) -> float:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else -1.0


def _mean(values: Array) -> float:
    known = values[~np.isnan(values)]
    return float(np.mean(known)) if len(known) else -1.0


# -- the page's rivals --------------------------------------------------------------------


def _rivals(contests: Sequence[Contest], scores: Sequence[Array]) -> list[Columns]:
    """What a region would cost the other captions of its page."""
    pages: dict[int, list[int]] = {}
    for at, contest in enumerate(contests):
        pages.setdefault(contest.reach.start.page, []).append(at)
    result: list[Columns] = [{} for _ in contests]
    for together in pages.values():
        for at in together:
            boxes = contests[at].boxes
            if not len(boxes):
                continue
            cost, worst, rivals = np.zeros(len(boxes)), np.zeros(len(boxes)), np.zeros(len(boxes))
            for other in together:
                if other == at or not len(scores[other]):
                    continue
                best = np.argsort(-scores[other], kind="stable")[:RIVALS]
                score = scores[other][best]
                overlap = overlaps(boxes, contests[other].boxes[best])
                free = np.where(overlap < MAX_OVERLAP, score, 0).max(axis=1)
                cost += score.max() - free
                worst = np.maximum(worst, overlap[:, 0] * score[0])
                rivals += overlap[:, 0] > MAX_OVERLAP
            result[at] = columns(len(boxes), rival_cost=cost, rival_overlap=worst, rivals=rivals)
    return result


def iou_with(boxes: Array, box: Array) -> Array:
    """Intersection over union of each box with one."""
    both = _shared(boxes, box[None])[:, 0]
    ratio: Array = both / np.maximum(1e-6, _area(boxes) + _area(box[None]) - both)
    return ratio


def overlaps(a: Array, b: Array) -> Array:
    """Of each pair the part of the smaller box that the other covers."""
    part: Array = _shared(a, b) / np.maximum(1e-6, np.minimum(_area(a)[:, None], _area(b)))
    return part


def _shared(a: Array, b: Array) -> Array:
    """Area that each box of one list shares with each of the other."""
    wide = np.minimum(a[:, None, 2], b[:, 2]) - np.maximum(a[:, None, 0], b[:, 0])
    high = np.minimum(a[:, None, 3], b[:, 3]) - np.maximum(a[:, None, 1], b[:, 1])
    both: Array = np.clip(wide, 0, None) * np.clip(high, 0, None)
    return both


def _area(boxes: Array) -> Array:
    area: Array = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return area
