"""Keep a README's galleries in step: figures and entries become the marked blocks.

Nothing outside papercap's own markers changes; what would lose a person's words is refused.
"""

from __future__ import annotations

import functools
import math
import unicodedata
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct

from papercap.catalogue import entries_of, read_readme
from papercap.catalogue.scan import Span
from papercap.gallery.blocks import (
    Block,
    Edit,
    apply,
    empty,
    fill,
    find_blocks,
    insert,
    line_end_of,
    owners_of,
    refused,
)
from papercap.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import jinja2

    from papercap.catalogue.scan import Readme
    from papercap.geometry import Box
    from papercap.records import Entry, FigureRow

COLUMNS = 3  # cards beside each other on a wide page
BEFORE_FOLD = 6  # figures of an entry or paper that show at once; the others stand behind "more"
MAX_WIDTH, MAX_HEIGHT = 240, 180  # pixels of a picture: COLUMNS cards fill GitHub's column, one a phone's
MAX_TITLE = 70  # characters
MAX_SCALE = 2.0  # pixels a point: a small figure is not blown up
MAX_CAPTION = 160  # characters
WORD_REACH = 30  # characters that a cut goes back to end at a word; Korean and Chinese may have none

_AFTER_LABEL = " \t.:：|–—-)]>〉》】"


class Card(Struct, frozen=True):
    """A figure as a template shows it; the texts are not escaped yet."""

    label: str
    caption: str
    title: str
    page: int | None
    alt: str
    href: str
    src: str
    width: int
    height: int


class Shelf(Struct, frozen=True):
    """The figures of an entry or paper in rows; those in `more`, `count` of them, are folded away."""

    title: str
    year: int | None
    first: list[list[Card]]
    more: list[list[Card]]
    count: int


def update(
    data: bytes,
    entries_figures: Mapping[str, Sequence[FigureRow]],
    everything: Sequence[FigureRow],
    *,
    name: str = "README.md",
    base: str = "",
) -> bytes:
    """The README with each entry's figures in it, and everything where it asks for a whole gallery.

    `entries_figures` goes by entry ids; one that the README does not have is passed over. `base` leads from
    the README's folder to the root. ReadmeRefused where a block is damaged, misplaced or edited by hand.
    """
    readme = read_readme(data, name)
    entries = entries_of(readme)
    blocks = find_blocks(readme)
    owners = owners_of(readme, blocks, entries)
    bare = _bare(readme, blocks, owners)
    eol = line_end_of(bare)
    edits: list[Edit] = []
    for block, owner in zip(blocks, owners, strict=True):
        figures = entries_figures.get(owner.id, ()) if owner else everything
        edits += _refresh(readme, block, owner, _lines(figures, owner, base), eol)
    housed = {owner.id for owner in owners if owner}
    for entry in entries:
        if entry.id not in housed and (figures := entries_figures.get(entry.id, ())):
            edits += insert(readme, entry, _lines(figures, entry, base), eol)
    new = apply(data, edits)
    if new != data:
        _prove(readme, read_readme(new, name), entries, bare)
    return new


def strip(data: bytes, name: str = "README.md") -> bytes:
    """The README without what papercap wrote; pairs of markers that a person placed stay, empty."""
    readme = read_readme(data, name)
    blocks = find_blocks(readme)
    return _bare(readme, blocks, [None] * len(blocks))


def _bare(readme: Readme, blocks: Sequence[Block], owners: Sequence[Entry | None]) -> bytes:
    pairs = zip(blocks, owners, strict=True)
    return apply(readme.data, [edit for block, owner in pairs for edit in empty(readme, block, owner)])


def _refresh(readme: Readme, block: Block, owner: Entry | None, lines: list[str], eol: bytes) -> list[Edit]:
    """Fill or empty a block; an empty pair of a person's for which there is nothing stays as it is."""
    if not lines:
        untouched = block.by_hand and block.opening.digest is None
        return [] if untouched else empty(readme, block, owner)
    if block.by_hand:
        lines = [*lines, ""]  # Markdown may follow: a blank line ends the HTML
    return fill(readme, block, owner, lines, eol)


def _prove(old: Readme, new: Readme, entries: Sequence[Entry], bare: bytes) -> None:
    """ReadmeRefused unless the new README reads back: the same entries, all else as it was."""
    new_entries = entries_of(new)
    blocks = find_blocks(new)
    owners = owners_of(new, blocks, new_entries)
    if [entry.id for entry in new_entries] != [entry.id for entry in entries]:
        raise refused(old, Span(0, 0), "figures would change its entries; is a fence or comment left open?")
    if _bare(new, blocks, owners) != bare:
        raise refused(
            old, Span(0, 0), "figures could not be taken out again; is a fence or comment left open?"
        )


# -- figures as HTML ----------------------------------------------------------------------


def _lines(figures: Sequence[FigureRow], entry: Entry | None, base: str) -> list[str]:
    """The HTML for an entry, or for the whole gallery; none where there are no figures."""
    if not figures:
        return []
    template = "entry.html.j2" if entry else "gallery.html.j2"
    shelves = [_shelf(figures, base)] if entry else [_shelf(group, base) for group in _by_paper(figures)]
    text = _templates().get_template(template).render(shelves=shelves, card_width=MAX_WIDTH)
    return [line for line in text.split("\n") if line.strip()]


@functools.cache
def _templates() -> jinja2.Environment:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader("papercap.gallery"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )


def _by_paper(figures: Iterable[FigureRow]) -> list[list[FigureRow]]:
    """The figures of each paper together; papers in the order in which they first come."""
    order = {paper: index for index, paper in reversed(list(enumerate(row.paper for row in figures)))}
    together = sorted(figures, key=lambda row: order[row.paper])
    return [list(group) for _, group in groupby(together, key=lambda row: row.paper)]


def _shelf(figures: Sequence[FigureRow], base: str) -> Shelf:
    cards = [_card(row, base) for row in figures]
    first, more = cards[:BEFORE_FOLD], cards[BEFORE_FOLD:]
    row = figures[0]
    return Shelf(clean(row.title or row.paper), row.year, _in_rows(first), _in_rows(more), len(more))


def _in_rows(cards: Sequence[Card]) -> list[list[Card]]:
    return [list(cards[index : index + COLUMNS]) for index in range(0, len(cards), COLUMNS)]


def _card(row: FigureRow, base: str) -> Card:
    paged = row.original is None  # the pictures of a web page are on no pages
    place = f" on page {row.page}" if paged else ""
    label = clean(row.label or "") or row.kind.capitalize() + place
    if row.continues and not row.caption:  # a caption of its own says so
        label += " (continued)"
    title = _short_title(row.title or row.paper)
    picture = row.thumbnail or row.image or ""
    width, height = shown_size(row.box)
    return Card(
        label=label,
        caption=shortened(_without_label(clean(row.caption or ""), label)),
        title=title,
        page=row.page if paged else None,
        alt=f"{label} of {title}",
        href=_address(base, row.image or row.vector or picture),
        src=_address(base, picture),
        width=width,
        height=height,
    )


@functools.lru_cache(1024)  # a paper's figures all bear its title
def _short_title(title: str) -> str:
    return shortened(clean(title), MAX_TITLE)


def shown_size(box: Box) -> tuple[int, int]:
    """Width and height in pixels that a crop of this box is shown at."""
    if not all(map(math.isfinite, box)) or box.width <= 0 or box.height <= 0:
        return MAX_WIDTH, MAX_HEIGHT
    scale = min(MAX_WIDTH / box.width, MAX_HEIGHT / box.height, MAX_SCALE)
    return max(1, round(box.width * scale)), max(1, round(box.height * scale))


def shortened(text: str, most: int = MAX_CAPTION) -> str:
    """The text if it is that short, else its beginning, cut at a word, with an ellipsis."""
    if len(text) <= most:
        return text
    end = most - 1
    blank = text.rfind(" ", end - WORD_REACH, end + 1)
    if blank > 0:
        return text[:blank].rstrip(" ,;:") + "…"
    while end > 1 and (unicodedata.category(text[end])[0] == "M" or "\u200d" in text[end - 1 : end + 1]):
        end -= 1  # not between a sign and what is joined to it
    return text[:end] + "…"


def _without_label(caption: str, label: str) -> str:
    """The caption's text after "Figure 3:", which stands before it already."""
    bare = caption.lstrip("[<(〈《【 ")
    if not bare.casefold().startswith(label.casefold()):
        return caption
    rest = bare[len(label) :]
    return rest.lstrip(_AFTER_LABEL) if not rest[:1].isalnum() else caption


def _address(base: str, path: str) -> str:
    prefix = f"{base.rstrip('/')}/" if base and path else ""
    return quote(prefix + path)
