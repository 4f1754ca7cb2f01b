"""Read what a paper says of itself, where it stands; where that is not clear, nothing is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from papercap.documents.facts.abstract import find_abstract
from papercap.documents.facts.authors import find_authors
from papercap.documents.facts.ids import find_arxiv, find_doi, find_stamp
from papercap.documents.facts.look import without_references
from papercap.documents.facts.title import find_title
from papercap.documents.facts.told import read_told
from papercap.documents.facts.year import find_year
from papercap.records import Facts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from papercap.records import Page

FRONT_PAGES = 2  # a cover that a library put on top, and the paper's own first page


def read_facts(pages: Sequence[Page], metadata: Mapping[str, str], xmp: str) -> Facts:
    """The facts on the first pages, in the information dictionary (`metadata`) and in the XMP packet."""
    front = [without_references(page) for page in pages[:FRONT_PAGES]]
    told = read_told(metadata, xmp)
    title, home = find_title(front, told)
    stamp = find_stamp(front)
    return Facts(
        title=title,
        authors=find_authors(front, home, told),
        year=find_year(front, told, stamp),
        doi=find_doi(front, told),
        arxiv=find_arxiv(front, told, stamp),
        abstract=find_abstract(front),
    )
