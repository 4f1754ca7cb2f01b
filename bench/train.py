"""Train the detection's models: python bench/train.py PDFS TRUTH [PDFS TRUTH ...] --out FILE.

Each paper is learnt from as it is and as a scan-like copy (`worn.py`).

Every stage is trained on what the stages before say of papers that they have not seen: the line model
is fitted three times, each time without a third of the papers, to judge these; the first ranking
likewise. The seed is fixed, so that the same papers give the same models.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import lightgbm
import numpy as np
import numpy.typing as npt
from annotated import (
    CAPTION_MARGIN,
    Item,
    Paper,
    caption_lines,
    find_papers,
    read_paper,
    true_apart,
    true_lines,
    true_starts,
)
from worn import copies_of, original_of, read_worn

from papercap.detect import describe_all_again, judge_lines, judge_starts, open_contests
from papercap.detect.captions import Start, describe_starts
from papercap.detect.extent import Reach, core_of, find_reaches
from papercap.detect.rank import Contest, describe_again, score_first, shortlist
from papercap.detect.seen import SIDES
from papercap.detect.table import Columns, height, stack, take
from papercap.detect.trees import Trees, write_models
from papercap.geometry import Box, iou, union

R = TypeVar("R")
Array = npt.NDArray[np.float64]
Mapper = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]

ALSO_WEIGHT = 0.5  # of a line or region of a made paper, beside one of a real one
BESIDE_WEIGHT = 3.0  # of the regions of a caption with its body beside it: one caption in fifty is such
PARTS = 3  # of the papers, for judging each by models that have not seen it
DEFAULT_CACHE = Path(tempfile.gettempdir()) / "papercap-bench"
_COMMON = {
    "bagging_freq": 1,
    "verbose": -1,
    "deterministic": True,
    "force_row_wise": True,
    "seed": 1,
}
PARAMETERS: dict[str, dict[str, Any]] = {
    "lines": {
        "objective": "binary",
        "learning_rate": 0.06,
        "num_leaves": 31,
        "min_data_in_leaf": 60,
        "feature_fraction": 0.5,
        "bagging_fraction": 0.7,
        "rounds": 180,
    },
    "lines_again": {
        "objective": "binary",
        "learning_rate": 0.06,
        "num_leaves": 24,
        "min_data_in_leaf": 60,
        "feature_fraction": 0.5,
        "bagging_fraction": 0.7,
        "rounds": 150,
    },
    "starts": {
        "objective": "binary",
        "learning_rate": 0.06,
        "num_leaves": 12,
        "min_data_in_leaf": 10,
        "feature_fraction": 0.4,
        "bagging_fraction": 0.7,
        "rounds": 130,
    },
    "extent": {
        "objective": "binary",
        "learning_rate": 0.06,
        "num_leaves": 12,
        "min_data_in_leaf": 15,
        "feature_fraction": 0.5,
        "bagging_fraction": 0.7,
        "rounds": 150,
    },
    "regions": {
        "objective": "cross_entropy",
        "learning_rate": 0.03,
        "num_leaves": 31,
        "min_data_in_leaf": 40,
        "feature_fraction": 0.4,
        "bagging_fraction": 0.6,
        "rounds": 400,
    },
    "rivals": {
        "objective": "cross_entropy",
        "learning_rate": 0.04,
        "num_leaves": 31,
        "min_data_in_leaf": 40,
        "feature_fraction": 0.4,
        "bagging_fraction": 0.6,
        "rounds": 300,
    },
}


def main() -> None:
    """Read the arguments, train, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path, metavar="PDFS TRUTH")
    parser.add_argument(
        "--also", nargs=2, type=Path, metavar=("PDFS", "TRUTH"), help="made papers, which count half"
    )
    parser.add_argument("--out", type=Path, required=True, help="the .npz file to write")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--cache", type=Path, default=DEFAULT_CACHE, help="folder for pages once read")
    options = parser.parse_args()
    if len(options.folders) % 2:
        parser.error("PDFS and TRUTH come in pairs")
    began = time.monotonic()
    places = find_papers(list(zip(options.folders[::2], options.folders[1::2], strict=True)))
    also = find_papers([tuple(options.also)]) if options.also else []
    papers = read_papers(places, also, options.cache, options.jobs)
    print(f"{len(papers)} papers read in {time.monotonic() - began:.0f} s")
    with workers(papers, options.jobs, [pdf.stem for pdf, _ in also]) as each:
        models = fit([paper.name for paper in papers], each)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with options.out.open("wb") as file:
        write_models(file, models)
    print(f"{options.out}: {options.out.stat().st_size:,} bytes after {time.monotonic() - began:.0f} s")


# -- papers and processes -----------------------------------------------------------------

_PAPERS: dict[str, Paper] = {}  # by name; worker processes are forked with it filled
_ALSO: set[str] = set()  # the names of those that count less
_THREADS = [2]  # of LightGBM


def use_one_thread() -> None:
    """For processes of which as many run as there are cores."""
    _THREADS[0] = 1


Places = Sequence[tuple[Path, Path]]


def read_papers(places: Places, also: Places, cache: Path, jobs: int) -> list[Paper]:
    """Read all papers, in processes; those of `places` with their worn copies."""
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        pool.starmap(_touch, [(pdf, truth, cache, (pdf, truth) in places) for pdf, truth in [*places, *also]])
    copies = [copy for pdf, truth in places for copy in read_worn(pdf, truth, cache)]
    return [read_paper(pdf, truth, cache) for pdf, truth in [*places, *also]] + copies


def _touch(pdf: Path, truth: Path, cache: Path, worn: bool) -> None:
    read_paper(pdf, truth, cache)
    if worn:
        read_worn(pdf, truth, cache)


def with_copies(names: Sequence[str]) -> list[str]:
    """The papers of these names and their worn copies."""
    return [*names, *(copy for name in names for copy in copies_of(name))]


def _weight(name: str) -> float:
    return ALSO_WEIGHT if name in _ALSO else 1.0


class workers:  # noqa: N801 - used like a function, as a context
    """Processes that know the papers; inside the context, a map over paper names."""

    def __init__(self, papers: Sequence[Paper], jobs: int, also: Iterable[str] = ()) -> None:
        _ALSO.update(also)
        _PAPERS.clear()
        _PAPERS.update({paper.name: paper for paper in papers})
        self._pool = multiprocessing.get_context("fork").Pool(jobs)
        self._pool.map(abs, range(8 * jobs))  # all forked before LightGBM starts threads of its own

    def __enter__(self) -> Mapper:
        return partial(self._pool.imap, chunksize=1)

    def __exit__(self, *_: object) -> None:
        self._pool.terminate()


# -- stages -------------------------------------------------------------------------------


def fit(names: Sequence[str], each: Mapper) -> dict[str, Trees]:
    """Train every stage on these papers."""
    names = sorted(names)
    np.random.default_rng(7).shuffle(names)
    lines = fit_lines(names)
    look = dict(_out_of_part(names, fit_lines, lambda trees, name: judge_lines(_PAPERS[name].lines, trees)))
    starts = fit_starts(names, look)
    sure = dict(
        _out_of_part(
            names, lambda some: fit_starts(some, look), lambda trees, name: _sure(trees, name, look[name])
        )
    )
    again = {name: _again(name, look[name], sure[name]) for name in names}
    lines_again = fit_lines_again(names, again)
    inside = dict(
        _out_of_part(
            names,
            lambda some: fit_lines_again(some, again),
            lambda trees, name: judge_lines(again[name], trees),
        )
    )
    extent = fit_extent(each(_extent_rows, [(name, inside[name]) for name in names]))
    contests = dict(zip(names, each(true_contests, [(name, inside[name]) for name in names]), strict=True))
    first = fit_first(names, contests)
    scores = dict(
        _out_of_part(
            names,
            lambda some: fit_first(some, contests),
            lambda trees, name: score_first([contest for contest, _ in contests[name]], trees),
        )
    )
    second = fit_second(names, contests, scores)
    return {
        "lines": lines,
        "starts": starts,
        "lines_again": lines_again,
        "extent": extent,
        "regions": first,
        "rivals": second,
    }


def _out_of_part(
    names: Sequence[str], fit_on: Callable[[list[str]], Trees], judge: Callable[[Trees, str], R]
) -> Iterable[tuple[str, R]]:
    """Judge each paper by a model fitted on the other parts; a paper and its copy are in one part."""
    originals = list(dict.fromkeys(map(original_of, names)))
    part_of = {name: at % PARTS for at, name in enumerate(originals)}
    for part in range(PARTS):
        trees = fit_on([name for name in names if part_of[original_of(name)] != part])
        for name in names:
            if part_of[original_of(name)] == part:
                yield name, judge(trees, name)


def fit_lines(names: Sequence[str]) -> Trees:
    """Is a line inside a body?"""
    return _fit_lines("lines", names, {name: _PAPERS[name].lines for name in names})


def fit_lines_again(names: Sequence[str], again: Mapping[str, dict[int, Columns]]) -> Trees:
    """The same, knowing what the first look said."""
    return _fit_lines("lines_again", names, again)


def _fit_lines(stage: str, names: Sequence[str], lines: Mapping[str, dict[int, Columns]]) -> Trees:
    """Long papers weigh less by line."""
    tables, answers, weights = [], [], []
    for name in names:
        total = sum(height(table) for table in lines[name].values())
        for number, table in lines[name].items():
            if table:
                tables.append(table)
                answers.append(true_lines(_PAPERS[name], number))
                weights.append(np.full(height(table), _weight(name) / np.sqrt(1 + total)))
    weight = np.concatenate(weights)
    return boost(stage, stack(tables), np.concatenate(answers), weight / weight.mean())


def _sure(trees: Trees, name: str, look: dict[int, Array]) -> dict[int, Array]:
    paper = _PAPERS[name]
    return judge_starts(paper.layout, paper.starts, paper.lines, look, trees)


def _again(name: str, look: dict[int, Array], sure: dict[int, Array]) -> dict[int, Columns]:
    paper = _PAPERS[name]
    return describe_all_again(paper.layout, paper.starts, paper.lines, look, sure)


def fit_starts(names: Sequence[str], inside: Mapping[str, dict[int, Array]]) -> Trees:
    """Does a caption start here?"""
    tables, answers, weights = [], [], []
    for name in names:
        paper = _PAPERS[name]
        if paper.starts:
            tables.append(describe_starts(paper.layout, paper.starts, paper.lines, inside[name]))
            true = true_starts(paper).keys() | true_apart(paper).keys()
            answers.append([start in true for start in paper.every_start()])
            weights.append(np.full(len(answers[-1]), _weight(name)))
    return boost("starts", stack(tables), np.concatenate(answers), np.concatenate(weights))


def fit_extent(rows: Iterable[tuple[Columns, npt.NDArray[np.bool_]]]) -> Trees:
    """Does the next line belong to the caption?"""
    some = [(table, answers) for table, answers in rows if len(answers)]
    return boost(
        "extent", stack([table for table, _ in some]), np.concatenate([answers for _, answers in some])
    )


def fit_first(names: Sequence[str], contests: Mapping[str, list[tuple[Contest, Array]]]) -> Trees:
    """How good is a region?"""
    some = [(name, *pair) for name in names for pair in contests[name] if len(pair[0].boxes)]
    weight = np.concatenate([_region_weight(name, contest.features, right) for name, contest, right in some])
    right = np.concatenate([right for _, _, right in some])
    return boost("regions", stack([contest.features for _, contest, _ in some]), worth(right), weight)


def fit_second(
    names: Sequence[str],
    contests: Mapping[str, list[tuple[Contest, Array]]],
    scores: Mapping[str, list[Array]],
) -> Trees:
    """How good is it, in view of the paper's other captions?"""
    tables, rights, weights = [], [], []
    for name in names:
        numbered = [
            Contest(contest.reach, contest.boxes, contest.features | {"_right": right.astype(np.float32)})
            for contest, right in contests[name]
        ]
        short, kept = shortlist(numbered, scores[name])
        for table in describe_again(short, kept):
            if table:
                rights.append(table.pop("_right").astype(float))
                weights.append(_region_weight(name, table, rights[-1]))
                tables.append(table)
    return boost("rivals", stack(tables), worth(np.concatenate(rights)), np.concatenate(weights))


def _region_weight(name: str, table: Columns, right: Array) -> Array:
    """Every caption weighs the same, but for the few whose body stands beside them."""
    beside = SIDES[int(table["side"][right.argmax()])] in ("left", "right")
    return np.full(len(right), 100 * _weight(name) * (BESIDE_WEIGHT if beside else 1) / len(right))


def worth(overlap: Array) -> Array:
    """The score that a region should get by its IoU with the truth: 0 at 0.5, 1 from 0.95 on."""
    result: Array = np.clip((overlap - 0.5) / 0.45, 0, 1) ** 2
    return result


# -- one paper's rows ---------------------------------------------------------------------


def _extent_rows(job: tuple[str, dict[int, Array]]) -> tuple[Columns, npt.NDArray[np.bool_]]:
    """The steps down each true caption to the first line that is no part of it, and the right answers."""
    name, inside = job
    paper = _PAPERS[name]
    owners = true_starts(paper)
    belongs = {
        start: caption_lines(paper.sheet(item.page), item, CAPTION_MARGIN)
        for start, item in owners.items()
        if item.caption
    }
    tables: list[Columns] = []
    answers: list[npt.NDArray[np.bool_]] = []

    def decide(table: Columns, steps: list[tuple[Start, int]]) -> npt.NDArray[np.bool_]:
        answer = np.array([belongs[start][line] for start, line in steps], bool)
        reached = np.ones(len(steps), bool)
        for at in range(1, len(steps)):
            if steps[at][0] == steps[at - 1][0]:
                reached[at] = reached[at - 1] and answer[at - 1]
        tables.append(take(table, reached))
        answers.append(answer[reached])
        return answer

    find_reaches(paper.layout, list(belongs), [1.0] * len(belongs), inside, paper.inks, decide)
    return stack(tables), np.concatenate([*answers, np.zeros(0, bool)])


def true_contests(job: tuple[str, dict[int, Array]]) -> list[tuple[Contest, Array]]:
    """The regions of each true caption, each with its IoU with the true body."""
    name, inside = job
    paper = _PAPERS[name]
    labels = {start: item for start, item in true_apart(paper).items() if start.page == item.page}
    owners = true_starts(paper) | labels
    reaches = [_true_reach(paper, start, item) for start, item in owners.items()]
    return [
        (contest, right_overlap(contest, owners[contest.reach.start]))
        for contest in open_contests(paper.layout, reaches, inside, paper.inks)
    ]


def right_overlap(contest: Contest, item: Item) -> Array:
    """IoU of each region with a true body."""
    return np.array([iou(Box(*box), item.body) for box in contest.boxes.tolist()], float)


def _true_reach(paper: Paper, start: Start, item: Item) -> Reach:
    sheet = paper.sheet(item.page)
    lines = {start.line}
    if item.caption:
        lines |= {*np.flatnonzero(caption_lines(sheet, item, CAPTION_MARGIN)).tolist()}
    box = union(sheet.lines[at].box for at in lines)
    return Reach(start, 1.0, tuple(sorted(lines)), box, core_of(sheet, sorted(lines)), "")


# -- LightGBM -----------------------------------------------------------------------------


def boost(
    stage: str, table: Columns, answers: npt.ArrayLike, weight: npt.NDArray[np.float64] | None = None
) -> Trees:
    """Fit a stage's trees."""
    parameters = _COMMON | PARAMETERS[stage] | {"num_threads": _THREADS[0]}
    rounds = parameters.pop("rounds")
    names = tuple(table)
    data = lightgbm.Dataset(
        np.column_stack([table[name] for name in names]), np.asarray(answers, float), weight=weight
    )
    return to_trees(lightgbm.train(parameters, data, rounds), names)


def to_trees(booster: lightgbm.Booster, names: tuple[str, ...]) -> Trees:
    """LightGBM's trees in papercap's form."""
    nodes: list[tuple[int, int, float, int]] = []
    leaves: list[list[float]] = []
    for number, tree in enumerate(booster.dump_model()["tree_info"]):
        values: list[float] = []
        nodes += [(number, *node) for node in _walk(tree["tree_structure"], values)]
        leaves.append(values)
    width = max(map(len, leaves))
    return Trees(
        names=names,
        tree=np.array([node[0] for node in nodes], np.uint16),
        feature=np.array([node[1] for node in nodes], np.uint16),
        threshold=np.array([_round_down(node[2]) for node in nodes], np.float32),
        keep=np.array([node[3] for node in nodes], np.uint32),
        leaves=np.array([values + [0.0] * (width - len(values)) for values in leaves], np.float32),
    )


def _walk(node: dict[str, Any], values: list[float]) -> list[tuple[int, float, int]]:
    """The nodes under this one (feature, threshold, leaves left by a "no"); fills in the leaves' values."""
    if "leaf_value" in node:
        values.append(node["leaf_value"])
        return []
    first = len(values)
    below = _walk(node["left_child"], values)
    ruled_out = ((1 << (len(values) - first)) - 1) << first
    below += _walk(node["right_child"], values)
    return [(node["split_feature"], node["threshold"], 0xFFFFFFFF & ~ruled_out), *below]


def _round_down(threshold: float) -> np.float32:
    """The largest single-precision number that is no more, so that comparisons come out the same."""
    rounded = np.float32(threshold)
    return np.nextafter(rounded, np.float32(-np.inf)) if rounded > threshold else rounded


if __name__ == "__main__":
    main()
