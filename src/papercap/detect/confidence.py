"""Say how sure a choice is: the probability that a body and its caption are right.

A score says how good a region looks by itself. Whether it is right also hangs on what else its caption
might have taken once the other captions of the page have theirs, and on where the paper's other bodies
stand.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from papercap.detect.rank import MAX_OVERLAP, Contest, iou_with, overlaps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from papercap.detect.layout import Array

# Weights of the log odds of being right (IoU 0.8), fitted on papers that the models had not seen.
CAPTION = 0.29  # of the log odds to be a caption
SCORE = 0.85  # of the log odds of the region's score
RIVAL = -3.97  # of the best score among other regions that are still free
SIDE = 1.4  # of the share of the paper's bodies of this kind that stand on the same side
OFFSET = -1.72
SAME_BODY = 0.8  # IoU from which two regions are as good as one


def rate_choices(
    contests: Sequence[Contest], scores: Sequence[Array], chosen: Sequence[int | None]
) -> list[float]:
    """The confidence in each caption's body, 0 to 1; 0 for a caption without one."""
    rated = []
    for at, pick in enumerate(chosen):
        if pick is None:
            rated.append(0.0)
            continue
        odds = (
            CAPTION * _log_odds(contests[at].reach.probability)
            + SCORE * _log_odds(float(scores[at][pick]))
            + RIVAL * _best_rival(at, contests, scores, chosen)
            + SIDE * _share_of_side(at, contests, scores, chosen)
            + OFFSET
        )
        rated.append(1 / (1 + math.exp(-odds)))
    return rated


def _log_odds(probability: float) -> float:
    probability = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(probability / (1 - probability))


def _best_rival(
    at: int, contests: Sequence[Contest], scores: Sequence[Array], chosen: Sequence[int | None]
) -> float:
    """The best score of another region that no other caption of the page has taken."""
    pick, boxes = chosen[at], contests[at].boxes
    assert pick is not None
    page = contests[at].reach.start.page
    free = iou_with(boxes, boxes[pick]) < SAME_BODY
    taken = [
        contest.boxes[other]
        for n, (contest, other) in enumerate(zip(contests, chosen, strict=True))
        if other is not None and n != at and contest.reach.start.page == page
    ]
    if taken:
        free &= ~(overlaps(boxes, np.array(taken)) > MAX_OVERLAP).any(axis=1)
    return float(scores[at][free].max(initial=0))


def _share_of_side(
    at: int, contests: Sequence[Contest], scores: Sequence[Array], chosen: Sequence[int | None]
) -> float:
    """The share, by score, of the paper's other bodies of this kind that stand on this side of theirs."""
    kind = contests[at].reach.start.wording.kind
    pick = chosen[at]
    assert pick is not None
    side = contests[at].features["side"][pick]
    same, total = 0.5, 1.0
    for n, (contest, other) in enumerate(zip(contests, chosen, strict=True)):
        if other is not None and n != at and contest.reach.start.wording.kind == kind:
            total += float(scores[n][other])
            same += float(scores[n][other]) * bool(contest.features["side"][other] == side)
    return same / total
