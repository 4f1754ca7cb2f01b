"""Choose bodies: for all captions of a page together, the best regions that do not overlap."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from papercap.detect.rank import MAX_OVERLAP, Contest, overlaps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from papercap.detect.layout import Array, Rows

MIN_SCORE = 0.05  # of a region that may be chosen at all
NO_BODY = -0.25  # score of a caption without a body: nearly all have one, if their neighbours leave it
TRIED = 14  # regions of a caption, the best
BEAM = 40  # choices for the captions so far that are kept


def choose_bodies(contests: Sequence[Contest], scores: Sequence[Array]) -> list[int | None]:
    """For each caption the place of its body among its regions, or None."""
    pages: dict[int, list[int]] = {}
    for at, contest in enumerate(contests):
        pages.setdefault(contest.reach.start.page, []).append(at)
    chosen: list[int | None] = [None] * len(contests)
    for together in pages.values():
        picks = _choose_on_page([contests[at].boxes for at in together], [scores[at] for at in together])
        for at, pick in zip(together, picks, strict=True):
            chosen[at] = pick
    return chosen


def _choose_on_page(boxes: Sequence[Array], scores: Sequence[Array]) -> list[int | None]:
    """Beam search over the captions, the surest first."""
    if len(boxes) == 1:
        best = int(scores[0].argmax()) if len(scores[0]) else 0
        return [best if len(scores[0]) and scores[0][best] > MIN_SCORE else None]
    tried = [_best_of(score) for score in scores]
    offsets = np.r_[0, np.cumsum([len(some) for some in tried])]
    every = np.vstack([box[some] for box, some in zip(boxes, tried, strict=True)])
    clash = (overlaps(every, every) > MAX_OVERLAP).tolist()
    order = np.argsort([-score.max(initial=0) for score in scores], kind="stable").tolist()
    beam: list[tuple[float, dict[int, int]]] = [(0.0, {})]  # sum of scores, caption → place in `every`
    for caption in order:
        longer = [(total + NO_BODY, picks) for total, picks in beam]
        for total, picks in beam:
            for place, region in enumerate(tried[caption].tolist(), start=int(offsets[caption])):
                if not any(clash[place][other] for other in picks.values()):
                    longer.append((total + float(scores[caption][region]), {**picks, caption: place}))
        longer.sort(key=lambda choice: -choice[0])
        beam = longer[:BEAM]
    picks = beam[0][1]
    return [
        int(tried[caption][picks[caption] - offsets[caption]]) if caption in picks else None
        for caption in range(len(boxes))
    ]


def _best_of(score: Array) -> Rows:
    """The places of the best scores that are good enough."""
    best: Rows = np.argsort(-score, kind="stable")[:TRIED]
    return best[score[best] > MIN_SCORE]
