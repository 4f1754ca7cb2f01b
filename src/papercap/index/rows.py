"""Rows of the index: what a record says, as columns, and columns as the rows that searches show.

Everything is computed from the record alone, so that a rebuilt index has the same rows.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from papercap.errors import Refused
from papercap.geometry import Box
from papercap.index.words import write_variants
from papercap.records import FigureRow, PaperRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from papercap.records import Figure, Link, Paper, Sourced

ARCHIVE_FOLDER = "archive"  # under the root; paths in rows begin with it
FIGURE_BITS = 15  # of a figure's key: its place in its paper, so up to 32,768 figures a paper
PAPER_BITS = 48  # of a paper's key: two of 20,000 papers share one once in a million archives
SEPARATOR = " · "  # between tags, and between authors, where they are text to be searched

_VERSION = re.compile(r"v\d+$")

PAPER_COLUMNS: dict[str, type] = {
    "key": int,
    "id": str,
    "kind": str,
    "title": str,
    "authors": str,  # JSON
    "year": int,
    "doi": str,
    "arxiv": str,
    "pages": int,
    "figures": int,
    "missed": int,
    "tags": str,  # JSON
    "entries": str,  # JSON
    "added": str,
    "source": str,
    "sha256": str,
    "version_of": str,
    "url": str,
    "typed": str,
    "licence": str,
    "credit": str,
    "record_sha256": str,
    "work_doi": str,  # as versions of one paper share it
    "work_arxiv": str,
    "work_url": str,
}

FIGURE_COLUMNS: dict[str, type] = {
    "key": int,
    "id": str,
    "paper": str,
    "kind": str,
    "page": int,
    "x0": float,
    "y0": float,
    "x1": float,
    "y1": float,
    "tags": str,  # JSON
    "entries": str,  # JSON
    "image": str,
    "vector": str,
    "thumbnail": str,
    "original": str,
    "continues": str,
    "confidence": float,
    "pinned": int,
    "hash": str,
    # what is searched, see SEARCHED
    "label": str,
    "plain_label": str,
    "caption": str,
    "title": str,
    "names": str,
    "authors": str,
    "text": str,
    "variants": str,
    "text_variants": str,
}

# The columns that are searched, and how much a hit in each counts. A word in the label or among the
# tags and entries says what the figure is; one inside it may be the tick of an axis.
SEARCHED = {
    "label": 8.0,
    "plain_label": 8.0,  # `figure 3`, however the label is written
    "caption": 5.0,
    "title": 4.0,
    "names": 6.0,  # tags, entries' ids and names
    "authors": 3.0,
    "text": 1.0,
    "variants": 4.0,  # of all above except text
    "text_variants": 0.8,
}

TAG_COLUMNS: dict[str, type] = {"tag": str, "figure": int}
ENTRY_COLUMNS: dict[str, type] = {
    "entry": str,
    "figure": int,
    "catalogue": str,
    "name": str,
    "url": str,
    "section": str,
}


class Rows(NamedTuple):
    """All rows of one paper, each a tuple in its table's order of columns."""

    paper: tuple[Any, ...]
    figures: list[tuple[Any, ...]]
    tags: list[tuple[str, int]]
    entries: list[tuple[str, int, str, str, str | None, str | None]]


# -- a record as rows ---------------------------------------------------------------------


def first_key(paper_id: str) -> int:
    """The key to try first for a paper; computed from its id, so that a rebuild gives the same."""
    digest = hashlib.sha256(paper_id.encode()).digest()
    return int.from_bytes(digest[:8]) >> (64 - PAPER_BITS)


def figure_keys(paper_key: int) -> tuple[int, int]:
    """The first and last key that a figure of the paper can have.

    A paper's figures lie side by side, in the order of its pages: adding or dropping a paper touches
    one stretch of each tree, and hits of the same rank come in the order of the pages.
    """
    first = paper_key << FIGURE_BITS
    return first, first + (1 << FIGURE_BITS) - 1


def make_rows(paper: Paper, record_sha256: str, key: int) -> Rows:
    """The rows of one paper under a key that is free."""
    if len(paper.figures) > 1 << FIGURE_BITS:
        raise Refused(
            f"{paper.id}: {len(paper.figures)} figures; the index holds {1 << FIGURE_BITS} of one paper"
        )
    placed = list(enumerate(sorted(paper.figures, key=_reading_order), start=figure_keys(key)[0]))
    links = {figure_key: _links(paper, figure) for figure_key, figure in placed}
    tags = {figure_key: _tags(paper, figure) for figure_key, figure in placed}
    return Rows(
        paper=_paper_row(paper, record_sha256, key),
        figures=[_figure_row(paper, figure, k, tags[k], links[k]) for k, figure in placed],
        tags=[(tag, k) for k, _ in placed for tag in tags[k]],
        entries=[
            (link.entry, k, link.catalogue, link.name, link.url, link.section)
            for k, _ in placed
            for link in links[k]
        ],
    )


def _reading_order(figure: Figure) -> tuple[int, float, float, str]:
    return figure.page, figure.box.y0, figure.box.x0, figure.id


def _tags(paper: Paper, figure: Figure) -> list[str]:
    return sorted({*paper.tags, *figure.tags})


def _links(paper: Paper, figure: Figure) -> list[Link]:
    """The entries that a figure illustrates, each once; what is said of the figure alone goes first."""
    links = (*paper.links, *figure.links)
    left = {(link.entry, link.catalogue): link for link in links if link.entry not in figure.rejected}
    return [left[key] for key in sorted(left)]


def _entries(links: Iterable[Link]) -> list[str]:
    return sorted({link.entry for link in links})


def _paper_row(paper: Paper, record_sha256: str, key: int) -> tuple[Any, ...]:
    doi, arxiv = _value(paper.doi), _value(paper.arxiv)
    source = paper.source.file
    row: dict[str, Any] = {
        "key": key,
        "id": paper.id,
        "kind": paper.kind,
        "title": _value(paper.title),
        "authors": _json(_value(paper.authors) or ()),
        "year": _value(paper.year),
        "doi": doi,
        "arxiv": arxiv,
        "pages": paper.pages,
        "figures": len(paper.figures),
        "missed": len(paper.missed),
        "tags": _json(sorted(set(paper.tags))),
        "entries": _json(_entries(paper.links)),
        "added": paper.added,
        "source": _path(paper, source),
        "sha256": paper.source.sha256,
        "version_of": paper.version_of,
        "url": paper.source.url,
        "typed": paper.source.typed,
        "licence": paper.source.licence,
        "credit": paper.source.credit,
        "record_sha256": record_sha256,
        "work_doi": name_doi(doi),
        "work_arxiv": name_arxiv(arxiv),
        "work_url": page_url(paper),
    }
    return tuple(row[column] for column in PAPER_COLUMNS)


def _figure_row(
    paper: Paper, figure: Figure, key: int, tags: list[str], links: list[Link]
) -> tuple[Any, ...]:
    entries = _entries(links)
    row: dict[str, Any] = {
        "key": key,
        "id": f"{paper.id}/{figure.id}",
        "paper": paper.id,
        "kind": figure.kind,
        "page": figure.page,
        "tags": _json(tags),
        "entries": _json(entries),
        "image": _path(paper, figure.files.image),
        "vector": _path(paper, figure.files.vector),
        "thumbnail": _path(paper, figure.files.thumbnail),
        "original": figure.original,
        "continues": figure.continues and f"{paper.id}/{figure.continues}",
        "confidence": figure.confidence,
        "pinned": int(figure.pinned),
        "hash": figure.hash,
        "label": figure.label,
        "plain_label": _plain_label(figure),
        "caption": _value(figure.caption),
        "title": _value(paper.title),
        "names": SEPARATOR.join(dict.fromkeys((*tags, *entries, *(link.name for link in links)))),
        "authors": SEPARATOR.join(_value(paper.authors) or ()),
        "text": figure.text,
        "text_variants": write_variants([figure.text]),
    }
    row |= dict(zip(("x0", "y0", "x1", "y1"), map(float, figure.box), strict=True))
    row["variants"] = write_variants(_shown_texts(row))
    return tuple(row[column] for column in FIGURE_COLUMNS)


def _shown_texts(row: dict[str, Any]) -> list[str]:
    return [row[column] for column in ("label", "caption", "title", "names", "authors") if row[column]]


def _plain_label(figure: Figure) -> str:
    """`figure 3` of "Fig. 3" and "그림 3"; the kind alone where no number is known."""
    words = (figure.label or "").split()
    numbers = [word for word in words if any(map(str.isdecimal, word))] or words[1:]
    return " ".join([figure.kind, *numbers[-1:]])


def _value(sourced: Sourced[Any] | None) -> Any:
    return None if sourced is None else sourced.value


def _json(values: Iterable[str]) -> str:
    return msgspec.json.encode(list(values)).decode()


def _path(paper: Paper, name: str | None) -> str | None:
    return None if name is None else f"{ARCHIVE_FOLDER}/{paper.id}/{name}"


def name_doi(doi: str | None) -> str | None:
    """A DOI as it is compared: letter case means nothing in it."""
    return doi.strip().lower() if doi else None


def name_arxiv(arxiv: str | None) -> str | None:
    """An arXiv id as it is compared: without its version."""
    return _VERSION.sub("", arxiv.strip().lower().removeprefix("arxiv:")) if arxiv else None


def page_url(paper: Paper) -> str | None:
    """Where a web page stands: what is there later is a newer version of it."""
    return paper.source.url if paper.kind == "page" else None


# -- rows as they are shown ---------------------------------------------------------------

FIGURE_FIELDS = (  # in the order that `read_figure` takes; `{f}` and `{p}` are the tables
    "{f}.id, {f}.paper, {f}.kind, {f}.label, {f}.page, {f}.x0, {f}.y0, {f}.x1, {f}.y1, {f}.caption, "
    "{f}.tags, {f}.entries, {f}.image, {f}.vector, {f}.thumbnail, {f}.original, {f}.continues, "
    "{f}.confidence, {f}.title, {p}.year, {f}.pinned, {f}.hash"
).format(f="figures", p="papers")
SNIPPET_FIELDS = "figures.names, figures.authors, figures.text"  # what else a hit may stand in

PAPER_FIELDS = (
    "id, kind, title, authors, year, doi, arxiv, pages, figures, missed, tags, entries, added, source, "
    "sha256, version_of, url, typed, licence, credit"
)

_NAMES = msgspec.json.Decoder(tuple[str, ...])


def _read_names(column: object) -> tuple[str, ...]:
    if not isinstance(column, str):
        raise msgspec.DecodeError("a column of names that is no text")
    return _NAMES.decode(column)


def read_figure(fields: tuple[Any, ...], snippet: str | None = None) -> FigureRow:
    """A figure from the columns of FIGURE_FIELDS."""
    (id_, paper, kind, label, page, x0, y0, x1, y1, caption, tags, entries, *rest) = fields
    image, vector, thumbnail, original, continues, confidence, title, year, pinned, hash_ = rest
    return FigureRow(
        id=id_,
        paper=paper,
        kind=kind,
        label=label,
        page=page,
        box=Box(x0, y0, x1, y1),
        caption=caption,
        tags=_read_names(tags),
        entries=_read_names(entries),
        image=image,
        vector=vector,
        thumbnail=thumbnail,
        original=original,
        continues=continues,
        confidence=confidence,
        title=title,
        year=year,
        pinned=bool(pinned),
        hash=hash_,
        snippet=snippet,
    )


def read_paper(fields: tuple[Any, ...]) -> PaperRow:
    """A paper from the columns of PAPER_FIELDS."""
    row = dict(zip(PaperRow.__struct_fields__, fields, strict=True))
    return PaperRow(**row | {name: _read_names(row[name]) for name in ("authors", "tags", "entries")})
