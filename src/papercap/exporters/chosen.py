"""What an exporter is given, figures and their papers' facts, and what an exporter is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from papercap.records import FigureRow

Form = Literal["png", "pdf", "webp"]  # a figure's image, vector and thumbnail


class PaperFacts(Struct, frozen=True, kw_only=True):
    """What is told of a paper: what it says of itself, where it is from, on which terms."""

    id: str
    kind: str
    title: str | None
    authors: tuple[str, ...]
    year: int | None
    doi: str | None
    arxiv: str | None
    url: str | None  # where it was fetched
    licence: str | None  # an address or a name
    credit: str | None
    abstract: str | None
    pages: int
    tags: tuple[str, ...]
    entries: tuple[str, ...]
    added: str  # UTC, ISO 8601
    document: str | None  # path of the kept document
    version_of: str | None


class Chosen(Struct, frozen=True, kw_only=True):
    """What is to be exported; paths of figures and papers begin with `archive/`."""

    folder: Path  # that `archive/`
    figures: tuple[FigureRow, ...]  # the best first
    papers: tuple[PaperFacts, ...]  # each once, in the order of its first figure


class FileExporter(Protocol):
    """Makes one file."""

    form: str  # what it makes, in a few words
    into: Literal["file"]

    def data(self, chosen: Chosen) -> bytes:
        """The file's content."""


class FolderExporter(Protocol):
    """Fills a folder."""

    form: str  # what it makes, in a few words
    into: Literal["folder"]

    def fill(
        self, chosen: Chosen, folder: Path, pictures: Form, step: Callable[[int, int], None]
    ) -> list[str]:
        """Write into an empty folder; what could not be had, one line each.

        `step` is told how many figures of how many are done.
        """


Exporter = FileExporter | FolderExporter
