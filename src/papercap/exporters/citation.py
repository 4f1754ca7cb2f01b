"""A figure → the line to cite it by."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from papercap.records import Figure, Paper

MAX_NAMED = 3  # authors; more become "et al."


def cite(paper: Paper, figure: Figure) -> str:
    """`Figure 3, p. 4, in: A. Author. Title. 2023. https://doi.org/…`; what is unknown is left out."""
    authors = paper.authors.value if paper.authors else ()
    named = ", ".join(authors[:MAX_NAMED]) + (" et al." if len(authors) > MAX_NAMED else "")
    title = paper.title.value if paper.title else paper.source.typed.rsplit("/", 1)[-1]
    parts = [named, title, str(paper.year.value) if paper.year else "", _address(paper)]
    where = f"{figure.label or figure.kind.capitalize()}, p. {figure.page}"
    return f"{where}, in: " + ". ".join(part.rstrip(".") for part in parts if part)


def _address(paper: Paper) -> str:
    if paper.doi:
        return f"https://doi.org/{paper.doi.value}"
    if paper.arxiv:
        return f"https://arxiv.org/abs/{paper.arxiv.value}"
    return paper.source.url or ""
