"""Pictures as files with names that say what they show, a table of what each is, and a bibliography."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from typing import TYPE_CHECKING, Literal

from papercap.exporters.bibtex import bibliography
from papercap.exporters.citation import address, cite_row
from papercap.exporters.written import separated
from papercap.names import free_id, slug

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from papercap.exporters.chosen import Chosen, Form, PaperFacts
    from papercap.records import FigureRow

INDEX = "index.csv"
BIBLIOGRAPHY = "papers.bib"
MAX_STEM, MAX_FIGURE = 80, 48  # bytes of UTF-8 that paper and figure have in a name; some systems end at 143
SHORT_HASH = 6  # hex digits, the fewest that an id ends with


class FolderExporter:
    """`touvron-2023-llama-figure-3.png`, index.csv, papers.bib."""

    form = "pictures with index.csv and papers.bib"
    into: Literal["folder"] = "folder"

    def fill(
        self, chosen: Chosen, folder: Path, pictures: Form, step: Callable[[int, int], None]
    ) -> list[str]:
        """Copy the pictures; one line for each that is not there, whose row then names no file."""
        stems = picture_stems(chosen)
        missing, copied = [], {}
        for done, figure in enumerate(chosen.figures, start=1):
            name = f"{stems[figure.id]}.{pictures}"
            if lack := _copy(chosen.folder, _picture_of(figure, pictures), folder / name):
                missing.append(f"{figure.id}: {lack}")
            else:
                copied[figure.id] = name
            step(done, len(chosen.figures))
        papers = {paper.id: paper for paper in chosen.papers}
        rows = [_row(figure, papers[figure.paper], copied.get(figure.id)) for figure in chosen.figures]
        (folder / INDEX).write_bytes(separated(rows, ",").encode())
        (folder / BIBLIOGRAPHY).write_bytes(bibliography(chosen.papers).encode())
        return missing


def picture_stems(chosen: Chosen) -> dict[str, str]:
    """A name for each figure: its paper's id without the hash, where no other paper shares that, and its own.

    Letters and digits of any script in lower case and hyphens; no two differ in letter case alone.
    """
    short = {paper.id: _cut(slug(_without_hash(paper.id)), MAX_STEM) for paper in chosen.papers}
    shared = Counter(short.values())
    names: dict[str, str] = {}
    taken: set[str] = set()
    for figure in sorted(chosen.figures, key=lambda figure: figure.id):  # whatever the order of the search
        stem = short[figure.paper]
        if shared[stem] > 1:
            stem = f"{stem}-{figure.paper.rpartition('-')[2]}"
        own = _cut(slug(figure.id.partition("/")[2]), MAX_FIGURE) or "figure"
        names[figure.id] = free_id(f"{stem or 'paper'}-{own}", taken)
        taken.add(names[figure.id])
    return names


def _without_hash(paper: str) -> str:
    """`touvron-2023-llama` of `touvron-2023-llama-3f9c2a`; an id that is nothing else stays."""
    return re.sub(rf"(?<=.)-[0-9a-f]{{{SHORT_HASH},64}}$", "", paper)


def _cut(name: str, size: int) -> str:
    return name.encode()[:size].decode(errors="ignore").strip("-")


def _picture_of(figure: FigureRow, form: Form) -> str | None:
    return {"png": figure.image, "pdf": figure.vector, "webp": figure.thumbnail}[form]


def _copy(archive: Path, name: str | None, target: Path) -> str | None:
    """Copy a picture; if it cannot be had, why."""
    if name is None:
        return "was kept without this form of picture"
    path = _inside(archive, name)
    if path is None:
        return f"{name} is no file there; run 'papercap check --repair'"
    if not os.access(path, os.R_OK):
        return f"{name}: no right to read it; check its owner and mode"
    shutil.copyfile(path, target)
    return None


def _inside(archive: Path, name: str) -> Path | None:
    """A file of the archive; None for what is none or a link: an archive may come from somebody else."""
    home = archive.resolve()
    path = home / name.partition("/")[2]  # names begin with the archive folder's own
    return path if path.is_file() and path == path.resolve() and path.is_relative_to(home) else None


def _row(figure: FigureRow, paper: PaperFacts, file: str | None) -> Mapping[str, object]:
    """What stands in index.csv of a figure."""
    return {
        "file": file,
        "figure": figure.id,
        "label": figure.label,
        "caption": figure.caption,
        "kind": figure.kind,
        "page": figure.page,
        "paper": paper.id,
        "title": paper.title,
        "authors": "; ".join(paper.authors),
        "year": paper.year,
        "licence": paper.licence,
        "credit": paper.credit,
        "source": paper.url or address(paper.doi, paper.arxiv, None),
        "citation": cite_row(paper, figure),
    }


EXPORTER = FolderExporter()
