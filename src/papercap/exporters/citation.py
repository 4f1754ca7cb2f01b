"""A figure → the line to cite it by."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from papercap.exporters.chosen import PaperFacts
    from papercap.records import Figure, FigureRow, Paper

MAX_NAMED = 3  # authors; more become "et al."


def cite(paper: Paper, figure: Figure) -> str:
    """`Figure 3, p. 4, in: A. Author. Title. 2023. https://doi.org/…`; what is unknown is left out."""
    title = paper.title.value if paper.title else paper.source.typed.rsplit("/", 1)[-1]
    doi, arxiv = (fact.value if fact else None for fact in (paper.doi, paper.arxiv))
    authors, year = paper.authors.value if paper.authors else (), paper.year.value if paper.year else None
    return _line(figure, authors, title, year, address(doi, arxiv, paper.source.url))


def cite_row(paper: PaperFacts, figure: FigureRow) -> str:
    """The same, of what the index knows; a paper without a title goes by its id."""
    where = address(paper.doi, paper.arxiv, paper.url)
    return _line(figure, paper.authors, paper.title or paper.id, paper.year, where)


def address(doi: str | None, arxiv: str | None, url: str | None) -> str:
    """Where a paper can be read: by its DOI, else at arXiv, else where it was fetched; "" if nowhere."""
    if doi:
        return f"https://doi.org/{doi}"
    return f"https://arxiv.org/abs/{arxiv}" if arxiv else url or ""


def _line(
    figure: Figure | FigureRow, authors: tuple[str, ...], title: str, year: int | None, where: str
) -> str:
    named = ", ".join(authors[:MAX_NAMED]) + (" et al." if len(authors) > MAX_NAMED else "")
    parts = [named, title, str(year or ""), where]
    place = f"{figure.label or figure.kind.capitalize()}, p. {figure.page}"
    return f"{place}, in: " + ". ".join(part.rstrip(".") for part in parts if part)
