"""Records made by hand for tests: say what matters, the rest is filled in."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from papercap.geometry import Box
from papercap.records import Figure, Files, Kind, Link, Options, Paper, Source, Sourced

if TYPE_CHECKING:
    from collections.abc import Iterable


def make_link(entry: str, name: str | None = None) -> Link:
    return Link(entry=entry, name=name or entry)


def make_figure(
    id: str = "figure-1",  # noqa: A002
    caption: str | None = "Figure 1: A figure.",
    *,
    kind: Kind = "figure",
    label: str | None = "Figure 1",
    page: int = 1,
    y: float = 100.0,
    text: str = "",
    tags: Iterable[str] = (),
    entries: Iterable[str | Link] = (),
    rejected: Iterable[str] = (),
) -> Figure:
    return Figure(
        id=id,
        kind=kind,
        label=label,
        page=page,
        box=Box(72.0, y, 540.0, y + 200.0),
        caption=None if caption is None else Sourced(caption, "document"),
        caption_box=None,
        by="auto",
        method="test",
        confidence=0.9,
        files=Files(image=f"{id}.png", vector=f"{id}.pdf", thumbnail=f"thumbs/{id}.webp"),
        text=text,
        tags=tuple(tags),
        links=tuple(make_link(e) if isinstance(e, str) else e for e in entries),
        rejected=tuple(rejected),
    )


def make_paper(
    id: str = "touvron-2023-llama-3f9c2a",  # noqa: A002
    *figures: Figure,
    title: str | None = "A paper",
    authors: tuple[str, ...] = (),
    year: int | None = 2023,
    doi: str | None = None,
    arxiv: str | None = None,
    version_of: str | None = None,
    tags: Iterable[str] = (),
    entries: Iterable[str | Link] = (),
    rejected: Iterable[str] = (),
    added: str = "2024-06-07T00:00:00Z",
) -> Paper:
    return Paper(
        format=1,
        id=id,
        kind="pdf",
        added=added,
        made_by="papercap 0.1.0",
        source=Source(
            typed="paper.pdf",
            sha256=hashlib.sha256(id.encode()).hexdigest(),
            bytes=1000,
            type="application/pdf",
            file="source.pdf",
        ),
        options=Options(),
        pages=9,
        title=None if title is None else Sourced(title, "document"),
        authors=Sourced(authors, "document") if authors else None,
        year=None if year is None else Sourced(year, "document"),
        doi=None if doi is None else Sourced(doi, "document"),
        arxiv=None if arxiv is None else Sourced(arxiv, "document"),
        version_of=version_of,
        tags=tuple(tags),
        links=tuple(make_link(e) if isinstance(e, str) else e for e in entries),
        rejected=tuple(rejected),
        figures=figures,
    )
