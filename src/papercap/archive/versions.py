"""Which papers are versions of one work: another arXiv version, a preprint, a page that was changed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from papercap.index.rows import page_url
from papercap.names import slug

if TYPE_CHECKING:
    from papercap.index import Index
    from papercap.records import Paper


def neighbours(paper: Paper, index: Index) -> tuple[str | None, str | None]:
    """The next older and the next newer version of the work that a new paper is of."""
    doi, arxiv = (value.value if value else None for value in (paper.doi, paper.arxiv))
    title, url = slug(paper.title.value) if paper.title else "", page_url(paper)
    versions = [
        row
        for row in index.versions_of(doi, arxiv, url)
        # A supplement has its paper's DOI too, but another title; an arXiv id or page is of one work alone.
        if _work(arxiv) == _work(row.arxiv) != ""
        or (url and url == row.url)
        or not (title and row.title and slug(row.title) != title)
    ]
    number = _version(arxiv)
    newer = [row for row in versions if number and _version(row.arxiv) > number]
    older = [row for row in versions if row not in newer]
    by_age = {"key": lambda row: (_version(row.arxiv), row.added)}
    return (
        max(older, **by_age).id if older else None,
        min(newer, **by_age).id if newer else None,
    )


def _work(arxiv: str | None) -> str:
    return re.sub(r"v\d+$", "", arxiv or "")


def _version(arxiv: str | None) -> int:
    match = re.search(r"v(\d+)$", arxiv or "")
    return int(match[1]) if match else 0
