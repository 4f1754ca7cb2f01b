"""In which order figures are shown: pinned ones, else the most telling one, then the others by papers.

The most telling figure is the one that shows how the thing works, as far as its caption says so. Points
count: words such as "overview" or "architecture" early in a figure's caption most, then that it is a figure
and not a table, that it is Figure 1, and that it is early in its paper. Words of results, and a capture that
is not sure, count against it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from papercap.records import UNSURE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from papercap.records import FigureRow, PaperRow

Sort = Literal["newest", "oldest", "title", "added"]
SORTS: tuple[Sort, ...] = ("newest", "oldest", "title", "added")
LONG = 400  # characters of a caption that are looked at
SAME_PICTURE = 16  # bits of 256 that may differ; those of different figures differ in 36 or more
EARLY = 100  # characters of a caption in which it says what the figure is

# In small letters: searching them so is several times faster than ignoring case
_OVERVIEW = re.compile(
    r"(?:architectur|overview|framework|pipeline|workflow|schematic|block diagram|system design|"
    r"high[- ]level|structure of|diagram of|illustration of|how [\w ]{1,40}\b(?:works?|is trained|was made)|"
    r"our (?:model|method|approach|system)|proposed (?:model|method|approach|system)"
    r"|구조|개요|전체|흐름|과정|아키텍처|체계도|구성도)"
)
_RESULTS = re.compile(
    r"\b(?:loss|accurac|ablation|result|performance|comparison|score|error|histogram|distribution|screenshot|"
    r"example|versus|vs\b)|결과|비교|성능|분포|예시"
)
_FIRST = re.compile(r"\D*\b0*1\b")


def in_order(
    figures: Sequence[FigureRow], papers: Mapping[str, PaperRow], sort: Sort = "newest"
) -> list[FigureRow]:
    """Pinned figures first, or else the most telling one; the figures of a paper stay together."""
    place = {name: index for index, name in enumerate(_papers_in_order(figures, papers, sort))}
    ordered = sorted(figures, key=lambda row: place[row.paper])  # stable: pages stay in order
    leads = [row for row in ordered if row.pinned] or sorted(ordered, key=telling, reverse=True)[:1]
    first = {id(row) for row in leads}
    foremost = list(dict.fromkeys(row.paper for row in leads))
    return sorted(
        ordered,
        key=lambda row: (
            foremost.index(row.paper) if row.paper in foremost else len(foremost),
            place[row.paper],
            id(row) not in first,
        ),
    )


def without_doubles(figures: Sequence[FigureRow]) -> list[FigureRow]:
    """Each picture once, the first of those that look the same: two pages of a project show one picture.

    Figures of one paper are never the same, however alike they are.
    """
    kept: list[FigureRow] = []
    seen: dict[str, list[int]] = {}
    for row in figures:
        if row.hash is None:
            kept.append(row)
            continue
        code = int(row.hash, 16)
        others = (other for paper, codes in seen.items() if paper != row.paper for other in codes)
        if row.pinned or not any((code ^ other).bit_count() <= SAME_PICTURE for other in others):
            kept.append(row)
            seen.setdefault(row.paper, []).append(code)
    return kept


def telling(row: FigureRow) -> int:
    """How much a figure tells of what its paper is about, in points."""
    caption = (row.caption or "")[:LONG].lower()
    points = 0
    if row.kind == "figure":
        overview = _OVERVIEW.search(caption)
        points = 3 if overview is None else 7 if overview.start() < EARLY else 4
    points -= bool(_RESULTS.search(caption, 0, EARLY))
    points += bool(_FIRST.fullmatch(row.label or "")) + (row.page <= 2)
    points -= 3 * (row.confidence is not None and row.confidence < UNSURE) + 3 * (row.continues is not None)
    return points


def _papers_in_order(figures: Sequence[FigureRow], papers: Mapping[str, PaperRow], sort: Sort) -> list[str]:
    names = list(dict.fromkeys(row.paper for row in figures))
    years = {row.paper: row.year for row in figures}
    titles = {row.paper: (row.title or row.paper).casefold() for row in figures}

    def age(name: str) -> int:
        """Papers of no known year stand last either way."""
        year = years[name]
        return 10_000 if year is None else -year if sort == "newest" else year

    if sort == "title":
        return sorted(names, key=lambda name: titles[name])
    if sort == "added":
        return sorted(names, key=lambda name: (papers[name].added if name in papers else "", name))
    return sorted(names, key=lambda name: (age(name), titles[name]))
