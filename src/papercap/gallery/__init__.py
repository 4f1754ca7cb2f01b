"""Keep a README's galleries in step: figures and entries become the marked blocks.

Nothing outside papercap's own markers changes; what would lose a person's words is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from papercap.gallery.pages import Chapter, write_pages
from papercap.gallery.phrases import language_of
from papercap.gallery.shelves import COLUMNS, Look, Shelves

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from papercap.catalogue.scan import Readme
    from papercap.records import Entry, FigureRow, PaperRow

SIZE_LIMIT = 500 * 1024  # bytes of a README that GitHub still draws
MIN_CARD = 350  # bytes: what a card takes at the least
# Figures of a gallery that stand in the README, tried in turn; None: all; else all of them are on a page, too
_SHOWN = (None, COLUMNS, 0)


class Galleries(Struct, frozen=True):
    """A README in step, and the pages beside it by their names; none where the README has room."""

    data: bytes
    pages: dict[str, bytes]


def update(
    data: bytes,
    entries_figures: Mapping[str, Sequence[FigureRow]],
    everything: Sequence[FigureRow],
    *,
    papers: Mapping[str, PaperRow] | None = None,
    look: Look | None = None,
    name: str = "README.md",
    base: str = "",
    folder: str = "gallery",
    limit: int = SIZE_LIMIT,
    there: Callable[[str], bytes | None] = lambda path: None,
) -> Galleries:
    """The README with each entry's figures in it, and everything where it asks for a whole gallery.

    `entries_figures` goes by entry ids; one that the README does not have is passed over. `base` leads from
    the README's folder to the root, `folder` to that of the pages, which take the galleries of a README that
    would be longer than `limit` bytes; `there` gives such a page as it is now. ReadmeRefused where a block is
    damaged, misplaced or edited by hand.
    """
    readme = read_readme(data, name)
    entries = entries_of(readme)
    blocks = find_blocks(readme)
    owners = owners_of(readme, blocks, entries)
    bare = _bare(readme, blocks, owners)
    look = look or Look()
    language = look.language or language_of(bare.decode())
    shelves = Shelves(papers or {}, look, base, language)
    mine = {entry.id: shelves.shown(entries_figures.get(entry.id, ())) for entry in entries}
    whole = shelves.shown(everything, whole=True) if None in owners else []
    counts = [*map(len, mine.values()), *[len(whole)] * owners.count(None)]
    for most in _SHOWN:
        cards = sum(count if most is None else min(count, most) for count in counts)
        if cards * MIN_CARD > limit:
            continue  # would be drawn in vain
        chapters = _chapters(entries, mine, whole, folder) if most is not None else {}
        new = _written(readme, blocks, owners, entries, mine, whole, bare, shelves, most, chapters)
        if len(new) <= limit:
            break
    if new != data:
        _prove(readme, read_readme(new, name), entries, bare)
    depth = "../" * (folder.count("/") + 1)
    beside = Shelves(shelves.papers, look, (depth + base).rstrip("/"), language)
    short = {name: chapter for name, chapter in chapters.items() if len(chapter.figures) > (most or 0)}
    return Galleries(new, write_pages(short.values(), beside, there, back=depth + name.rsplit("/", 1)[-1]))


def _chapters(
    entries: Sequence[Entry], mine: Mapping[str, Sequence[FigureRow]], whole: Sequence[FigureRow], folder: str
) -> dict[str | None, Chapter]:
    """What would stand on pages, by entry; None is the gallery of everything."""
    found: dict[str | None, Chapter] = {
        entry.id: Chapter(f"{folder}/{entry.id}.md", entry.name, mine[entry.id])
        for entry in entries
        if mine[entry.id]
    }
    if whole:
        found[None] = Chapter(f"{folder}/all-figures.md", "", whole)
    return found


def _written(
    readme: Readme,
    blocks: Sequence[Block],
    owners: Sequence[Entry | None],
    entries: Sequence[Entry],
    mine: Mapping[str, Sequence[FigureRow]],
    whole: Sequence[FigureRow],
    bare: bytes,
    shelves: Shelves,
    most: int | None,
    chapters: Mapping[str | None, Chapter],
) -> bytes:
    """The README with `most` figures in each gallery, or with all of them."""

    def lines(owner: Entry | None) -> list[str]:
        figures = mine[owner.id] if owner else whole
        if not figures:
            return []
        if most is None or len(figures) <= most:
            return shelves.gallery(figures, whole=owner is None)
        return shelves.gallery(figures, most=most, link=chapters[owner.id if owner else None].address)

    eol = line_end_of(bare)
    edits: list[Edit] = []
    for block, owner in zip(blocks, owners, strict=True):
        edits += _refresh(readme, block, owner, lines(owner), eol)
    housed = {owner.id for owner in owners if owner}
    for entry in entries:
        if entry.id not in housed and mine[entry.id]:
            edits += insert(readme, entry, lines(entry), eol)
    return apply(readme.data, edits)


def blocks_of(readme: Readme, entries: Sequence[Entry]) -> dict[str, str]:
    """In which entry, by its id, the block stands that bears an id; ReadmeRefused as `update`."""
    blocks = find_blocks(readme)
    pairs = zip(blocks, owners_of(readme, blocks, entries), strict=True)
    return {block.opening.entry: owner.id for block, owner in pairs if owner and block.opening.entry}


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
