"""From pages of text lines and ink to captioned figures and tables with boxes.

Captions come first: lines worded like captions are told from mentions, each caption is followed to its
end, gets regions that might be its body, and all captions of a page choose together. What is learnt
(which line, which caption, which region) are boosted trees over named features; `bench/train.py` fits
them and `models/` keeps them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from papercap.detect.captions import Start, describe_starts, find_starts
from papercap.detect.choose import choose_bodies
from papercap.detect.confidence import rate_choices
from papercap.detect.continued import follow_breaks
from papercap.detect.extent import Reach, find_reaches, is_same_in_other_language
from papercap.detect.ink import ENOUGH_PAGES, INK_DPI, Ink, read_ink
from papercap.detect.layout import Layout, Sheet, read_layout
from papercap.detect.legends import bind_legends
from papercap.detect.lines import describe_lines, describe_lines_again
from papercap.detect.rank import Contest, score_first, score_second, shortlist
from papercap.detect.region_features import describe_regions
from papercap.detect.regions import find_clusters, gather_atoms, propose_regions
from papercap.detect.table import Columns, height, stack
from papercap.detect.trees import Trees, load_all
from papercap.detect.words import words_inside
from papercap.geometry import Box, intersection, rounded
from papercap.records import Caption, Found, Missed, Page
from papercap.wording import KINDS, clean

if TYPE_CHECKING:
    import numpy.typing as npt

    from papercap.detect.layout import Array, Mask

__all__ = ["INK_DPI", "Trace", "find_figures", "text_inside", "trace_figures"]

METHOD = "caption-first trees"
MIN_CAPTION = 0.5  # probability below which a line is taken for a mention of a figure, not its caption
MIN_ALONE = 0.25  # the same for the likeliest line of a number, which has no other caption then
MAYBE_CAPTION = 0.1  # probability from which a line may be the caption of what looks like a table's rest
MIN_DOUBT = 0.15  # the same, from which it is told as a caption that may have been missed
MIN_TITLE = 0.1  # probability from which the line after a lone label is its title; few labels have none
MAX_TITLE_STEP = 1.6  # usual distances of lines, from a table's lone label down to its title
MAX_TITLE_INK = 3.0  # square points of drawing between the two
MIN_FOUND = 0.3  # confidence; what is less sure is mostly wrong, and told as missed
MAX_TITLE = 4.5  # heights of a line, from a caption's start down to its start in a second language


@dataclass(frozen=True, eq=False)
class Trace:
    """What each stage said, for those who ask why a box came out as it did."""

    layout: Layout
    starts: Mapping[int, list[Start]]  # by page, the lines worded like captions
    sure: Mapping[int, Array]  # by page, the probability of each to begin one
    inside: Mapping[int, Array]  # by page, the probability of each line to be inside a body
    contests: Sequence[Contest]  # the captions, each with its regions
    scores: Sequence[Array]  # of the regions
    chosen: Sequence[int | None]  # the place of each caption's body among its regions
    found: tuple[Found, ...]
    missed: tuple[Missed, ...]


def find_figures(
    pages: Sequence[Page],
    ink: Callable[[int], npt.NDArray[np.bool_]],
    models: Mapping[str, Trees] | None = None,
) -> tuple[tuple[Found, ...], tuple[Missed, ...]]:
    """Every captioned figure, table and algorithm of a document, and the captions without a body.

    `ink` gives a page's mask at `INK_DPI` and is asked only for pages that may hold a caption or the
    rest of a table; `models` are those that papercap ships if not given.
    """
    trace = trace_figures(pages, ink, models)
    return trace.found, trace.missed


def trace_figures(
    pages: Sequence[Page],
    ink: Callable[[int], npt.NDArray[np.bool_]],
    models: Mapping[str, Trees] | None = None,
) -> Trace:
    """The same with what each stage said on the way."""
    layout = read_layout(pages)
    starts = find_starts(layout)
    inks = read_all_ink(layout, starts, ink)
    lines = describe_all_lines(layout, starts, inks)
    further = FurtherInk(layout, ink)
    return trace_in_layout(layout, starts, inks, lines, models or load_all(), further)


def text_inside(page: Page, box: Box) -> str:
    """The words inside any box of a page, as `find_figures` gives those inside a body."""
    (sheet,) = read_layout([page]).sheets
    return words_inside(sheet, sheet.from_page(box))


def find_in_layout(
    layout: Layout,
    starts: Mapping[int, list[Start]],
    inks: Mapping[int, Ink],
    lines: Mapping[int, Columns],
    trees: Mapping[str, Trees],
    further: Callable[[Sheet], Ink] | None = None,
) -> tuple[tuple[Found, ...], tuple[Missed, ...]]:
    """The steps that depend on what was learnt."""
    trace = trace_in_layout(layout, starts, inks, lines, trees, further)
    return trace.found, trace.missed


def trace_in_layout(
    layout: Layout,
    starts: Mapping[int, list[Start]],
    inks: Mapping[int, Ink],
    lines: Mapping[int, Columns],
    trees: Mapping[str, Trees],
    further: Callable[[Sheet], Ink] | None = None,
) -> Trace:
    """The same steps, with what each said.

    `further` gives the ink of a page that is not in `inks`: without it, no table is followed there.
    """
    first_look = judge_lines(lines, trees["lines"])
    sure = judge_starts(layout, starts, lines, first_look, trees["starts"])
    inside = judge_lines(describe_all_again(layout, starts, lines, first_look, sure), trees["lines_again"])
    reaches = bind_legends(layout, find_captions(layout, starts, sure, inside, inks, trees["extent"]))
    contests = open_contests(layout, reaches, inside, inks)
    first = score_first(contests, trees["regions"])
    short, kept = shortlist(contests, first)
    scores = score_second(short, kept, trees["rivals"])
    chosen = choose_bodies(short, scores)
    found, missed = _report(layout, short, scores, chosen)
    missed += _doubtful(layout, starts, sure, reaches)
    found = follow_breaks(layout, found, _captions_alone(layout, starts, sure, found), _either(inks, further))
    return Trace(layout, starts, sure, inside, short, scores, chosen, found, missed)


def read_all_ink(
    layout: Layout, starts: Mapping[int, list[Start]], ink: Callable[[int], Mask]
) -> dict[int, Ink]:
    """The ink of the pages that may hold a caption."""
    chosen = [sheet for sheet in layout.sheets if sheet.number in starts]
    return read_ink(chosen, ink, [sheet for sheet in layout.sheets if sheet.number not in starts])


class FurtherInk:
    """The ink of single pages, read when it is asked for.

    What repeats from page to page is told by the same few others each time, which are drawn only once.
    """

    def __init__(self, layout: Layout, ink: Callable[[int], Mask]) -> None:
        self._layout = layout
        self._ink = functools.lru_cache(maxsize=ENOUGH_PAGES)(ink)
        self._read: dict[int, Ink] = {}

    def __call__(self, sheet: Sheet) -> Ink:
        if sheet.number not in self._read:
            others = [other for other in self._layout.sheets if other.number != sheet.number]
            self._read |= read_ink([sheet], self._ink, others)
        return self._read[sheet.number]


def describe_all_lines(
    layout: Layout, starts: Mapping[int, list[Start]], inks: Mapping[int, Ink]
) -> dict[int, Columns]:
    """Features of the lines of each page that may hold a caption."""
    described = {}
    for sheet in layout.sheets:
        if sheet.number in starts:
            ink = inks[sheet.number]
            described[sheet.number] = describe_lines(sheet, ink, layout.style_of(sheet), starts[sheet.number])
            ink.forget_sums()
    return described


def judge_lines(lines: Mapping[int, Columns], trees: Trees) -> dict[int, Array]:
    """By page the probability of each line to be inside a body."""
    if not lines:
        return {}
    together = trees.probability(stack(list(lines.values())))
    ends = np.cumsum([height(table) for table in lines.values()])
    return dict(zip(lines, np.split(together, ends[:-1]), strict=True))


def judge_starts(
    layout: Layout,
    starts: Mapping[int, list[Start]],
    lines: Mapping[int, Columns],
    inside: Mapping[int, Array],
    trees: Trees,
) -> dict[int, Array]:
    """By page the probability of each start to begin a caption."""
    if not starts:
        return {}
    together = trees.probability(describe_starts(layout, starts, lines, inside))
    ends = np.cumsum([len(page) for page in starts.values()])
    return dict(zip(starts, np.split(together, ends[:-1]), strict=True))


def describe_all_again(
    layout: Layout,
    starts: Mapping[int, list[Start]],
    lines: Mapping[int, Columns],
    inside: Mapping[int, Array],
    sure: Mapping[int, Array],
) -> dict[int, Columns]:
    """Features of the same lines, knowing what the first look said of lines and captions."""
    return {
        sheet.number: describe_lines_again(
            sheet,
            layout.style_of(sheet),
            lines[sheet.number],
            inside[sheet.number],
            starts[sheet.number],
            sure[sheet.number],
        )
        for sheet in layout.sheets
        if sheet.number in starts
    }


def find_captions(
    layout: Layout,
    starts: Mapping[int, list[Start]],
    sure: Mapping[int, Array],
    inside: Mapping[int, Array],
    inks: Mapping[int, Ink],
    trees: Trees,
) -> list[Reach]:
    """The captions, from their first line to their last."""
    sheets = {sheet.number: sheet for sheet in layout.sheets}
    judged = [
        (start, probability)
        for number, page in starts.items()
        for start, probability in zip(page, join_languages(sheets[number], page, sure[number]), strict=True)
    ]
    best: dict[tuple[str, str], float] = {}
    for start, probability in judged:
        best[_key(start)] = max(probability, best.get(_key(start), 0.0))
    chosen = [
        (start, probability)
        for start, probability in judged
        if probability >= MIN_CAPTION or (probability >= MIN_ALONE and probability == best[_key(start)])
    ]

    def decide(table: Columns, _steps: list[tuple[Start, int]]) -> Mask:
        title = (table["lonely"] > 0) & (table["taken"] == 1)
        sure_enough: Mask = trees.probability(table) > np.where(title, MIN_TITLE, 0.5)
        sure_enough |= (table["second_language"] > 0) | (title & _is_close_title(table))
        return sure_enough

    accepted, probabilities = [start for start, _ in chosen], [probability for _, probability in chosen]
    return drop_swallowed(find_reaches(layout, accepted, probabilities, inside, inks, decide))


def _is_close_title(table: Columns) -> Mask:
    """Lines right under a table's lone label with no rule between: every one of those seen was its title."""
    under = (table["same_row"] == 0) & (table["step"] < MAX_TITLE_STEP)
    close: Mask = under & (table["ink_between"] <= MAX_TITLE_INK) & (table["kind"] == KINDS.index("table"))
    return close


def join_languages(sheet: Sheet, page: Sequence[Start], sure: Array) -> list[float]:
    """The probabilities of a page's starts, those of one caption in two languages as high as the higher."""
    joined: list[float] = sure.tolist()
    for upper, lower in pairwise(range(len(page))):
        if is_same_in_other_language(page[upper].wording, page[lower].wording):
            above, below = sheet.box[page[upper].line], sheet.box[page[lower].line]
            near = 0 < below[1] - above[1] < MAX_TITLE * (above[3] - above[1])
            if near and min(above[2], below[2]) > max(above[0], below[0]):
                joined[upper] = joined[lower] = max(joined[upper], joined[lower])
    return joined


def drop_swallowed(reaches: Sequence[Reach]) -> list[Reach]:
    """Without captions that start within another one that is not much less likely."""
    inner: dict[tuple[int, int], float] = {}
    for reach in reaches:
        for at in reach.lines[1:]:
            key = (reach.start.page, at)
            inner[key] = max(reach.probability, inner.get(key, 0.0))
    return [
        reach
        for reach in reaches
        if inner.get((reach.start.page, reach.start.line), 0.0) < 0.5 * reach.probability
    ]


def open_contests(
    layout: Layout, reaches: Sequence[Reach], inside: Mapping[int, Array], inks: Mapping[int, Ink]
) -> list[Contest]:
    """For each caption the regions that might be its body, described."""
    contests = []
    for sheet in layout.sheets:
        own = [reach for reach in reaches if reach.start.page == sheet.number]
        if not own:
            continue
        ink, style = inks[sheet.number], layout.style_of(sheet)
        atoms = gather_atoms(sheet, ink, style, inside[sheet.number], own)
        clusters = find_clusters(atoms)
        for reach in own:
            boxes = propose_regions(reach, sheet, style, atoms, clusters)
            features = describe_regions(boxes, reach, sheet, style, atoms, ink)
            contests.append(Contest(reach, boxes, features))
        ink.forget_sums()
    return contests


# -- results ------------------------------------------------------------------------------


def _report(
    layout: Layout, contests: Sequence[Contest], scores: Sequence[Array], chosen: Sequence[int | None]
) -> tuple[tuple[Found, ...], tuple[Missed, ...]]:
    sheets = {sheet.number: sheet for sheet in layout.sheets}
    found, missed = [], []
    sure = rate_choices(contests, scores, chosen)
    for contest, at, confidence in zip(contests, chosen, sure, strict=True):
        sheet, reach = sheets[contest.reach.start.page], contest.reach
        if at is None or confidence < MIN_FOUND:
            said = reach.start.wording.label
            missed.append(Missed(label=said, page=sheet.number, caption=reach.text, why="has no body"))
            continue
        box = Box(*contest.boxes[at].tolist())
        found.append(
            Found(
                caption=_caption(reach, sheets),
                page=sheet.number,
                box=rounded(sheet.to_page(box)),
                confidence=round(confidence, 4),
                method=METHOD,
                text=words_inside(sheet, box),
            )
        )
    return tuple(sorted(found, key=_reading_order)), tuple(missed)


def _doubtful(
    layout: Layout, starts: Mapping[int, list[Start]], sure: Mapping[int, Array], reaches: Sequence[Reach]
) -> tuple[Missed, ...]:
    """The likeliest start of each number that no caption has: it may be one that was taken for a mention."""
    known = {_key(reach.start) for reach in reaches}
    best: dict[tuple[str, str], tuple[float, Start]] = {}
    for number, page in starts.items():
        for start, probability in zip(page, sure[number].tolist(), strict=True):
            if probability >= MIN_DOUBT and _key(start) not in known:
                rival = best.get(_key(start), (0.0, start))
                best[_key(start)] = max(rival, (probability, start), key=itemgetter(0))
    sheets = {sheet.number: sheet for sheet in layout.sheets}
    return tuple(
        Missed(
            label=start.wording.label,
            page=start.page,
            caption=clean(sheets[start.page].lines[start.line].text),
            why="may be a caption or a mention",
        )
        for _, start in best.values()
    )


def _key(start: Start) -> tuple[str, str]:
    return start.wording.kind, "".join(start.wording.number.split())


def _captions_alone(
    layout: Layout, starts: Mapping[int, list[Start]], sure: Mapping[int, Array], found: Sequence[Found]
) -> dict[int, list[Box]]:
    """By page the lines that may begin a caption and are in none that got a body, as the sheet has them."""
    sheets = {sheet.number: sheet for sheet in layout.sheets}
    alone: dict[int, list[Box]] = {}
    for number, page in starts.items():
        sheet = sheets[number]
        have = [sheet.from_page(one.caption.box) for one in found if one.page == number and one.caption.box]
        lines = [
            Box(*sheet.box[start.line].tolist())
            for start, probability in zip(page, sure[number].tolist(), strict=True)
            if probability >= MAYBE_CAPTION
        ]
        alone[number] = [line for line in lines if not any(intersection(line, box) for box in have)]
    return alone


def _either(inks: Mapping[int, Ink], further: Callable[[Sheet], Ink] | None) -> Callable[[Sheet], Ink | None]:
    """The ink of a page that has been read, or else what `further` gives."""

    def ink_of(sheet: Sheet) -> Ink | None:
        return inks.get(sheet.number) or (further(sheet) if further else None)

    return ink_of


def _reading_order(found: Found) -> tuple[int, float, float]:
    return found.page, found.box.y0, found.box.x0


def _caption(reach: Reach, sheets: Mapping[int, Sheet]) -> Caption:
    """The caption, or the legend where a lone label has one; the label names the figure either way."""
    said = reach.legend or reach
    sheet = sheets[said.start.page]
    return Caption(
        kind=reach.start.wording.kind,
        label=said.start.wording.label,
        page=sheet.number,
        box=rounded(sheet.to_page(said.box)),
        text=said.text,
        probability=round(reach.probability, 4),
    )
