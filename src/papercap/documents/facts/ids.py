"""Find the arXiv id and the DOI that the paper names as its own; cited ones are none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from papercap.documents.facts.look import MARGIN, YEAR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from papercap.documents.facts.told import Told
    from papercap.records import Page

DOI_LINE = 160  # characters; a longer line with a DOI is a reference or text

_ARXIV_ID = r"((?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?)"
_STAMP = re.compile(rf"^arXiv:\s*{_ARXIV_ID}(?:\s*\[[\w.-]+\])?(?:\s+\d{{1,2}}\s+\w{{3,9}}\s+{YEAR})?", re.I)
_EPRINT = re.compile(rf"^arXiv\s*e-?print:?\s*{_ARXIV_ID}$", re.I)
_ARXIV_TOLD = re.compile(rf"arxiv(?:\.org/(?:abs|pdf)/|:\s*){_ARXIV_ID}", re.I)

_DOI = re.compile(r"\b10\.\d{4,9}/[-._;()/:<>\[\]a-z0-9]+", re.I)
_DOI_SIGN = re.compile(r"\bdoi\b|doi\.org", re.I)
_DOI_BROKEN = re.compile(r"(?:doi\.|doi\.org/|doi:|10\.\d{4,9}/|10\.\d{4,9}/[^\s,;]*[-./_(])$", re.I)


class Stamp(NamedTuple):
    """What arXiv's stamp says of the version that it stands on."""

    id: str
    year: int | None


def find_stamp(front: Sequence[Page]) -> Stamp | None:
    """arXiv's stamp on page 1: sideways in the margin, or level with its class or date."""
    for line in front[0].lines if front else ():
        match = _STAMP.match(line.text)
        if match and (line.direction[0] < 0.9 or "[" in match[0] or match[2]):
            return Stamp(match[1], int(match[2]) if match[2] else None)
    return None


def find_arxiv(front: Sequence[Page], told: Told, stamp: Stamp | None) -> str | None:
    """The id of the stamp, of a journal's label, or the only one that the file tells."""
    if stamp:
        return stamp.id
    for line in front[0].lines if front else ():
        if match := _EPRINT.match(line.text):
            return match[1]
    ids = {match[1] for text in (*told.ids, *told.asides) for match in _ARXIV_TOLD.finditer(text)}
    return ids.pop() if len(ids) == 1 else None


def find_doi(front: Sequence[Page], told: Told) -> str | None:
    """The one DOI that the file or its front names as its own; None where two are left."""
    for texts in (told.ids, told.asides, _doi_lines(front, edges=True), _doi_lines(front, edges=False)):
        found = {_tidy_doi(match[0]) for text in texts for match in _DOI.finditer(text)}
        if len(found) == 1:
            return found.pop()
    return None


def _doi_lines(front: Sequence[Page], *, edges: bool) -> list[str]:
    """Lines with a DOI in heads and feet, or on the rest of page 1; with what a line's end broke off."""
    texts: list[str] = []
    for page in front if edges else front[:1]:
        low, high = MARGIN * page.height, (1 - MARGIN) * page.height
        lines = page.lines
        for at, line in enumerate(lines):
            inside = low < line.box.y1 and line.box.y0 < high
            text = line.text
            following = lines[at + 1].text.split(" ")[0] if at + 1 < len(lines) else ""
            if _DOI_BROKEN.search(text) and any(map(str.isdigit, following)):  # else the full stop is one
                text += following
            if inside != edges and _DOI_SIGN.search(text) and len(text) < DOI_LINE:
                texts.append(text)
    return texts


def _tidy_doi(doi: str) -> str:
    """In small letters, as DOIs compare, without the sentence's full stop or closing bracket."""
    doi = doi.lower().rstrip(".,;:-_/<[(")
    while (
        doi and doi[-1] in ")]>" and doi.count(doi[-1]) > doi.count({")": "(", "]": "[", ">": "<"}[doi[-1]])
    ):
        doi = doi[:-1].rstrip(".,;:")
    return doi
