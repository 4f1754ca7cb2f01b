"""A paper's HTML as second witness of what was found in its PDF: captions, and what only one of them has."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from papercap.records import Missed, Sourced
from papercap.wording import read_wording

if TYPE_CHECKING:
    from collections.abc import Iterable

    from papercap.documents.page import Kept
    from papercap.records import Figure, Outcome

UNLIKE = 0.4  # of SequenceMatcher's ratio; two captions less alike are not of one figure
COMPARED = 300  # letters of each: the rest may be what one of them has more
ELSEWHERE = 0  # the page of what is on none that is known
NAME = "arXiv's HTML"
Number = tuple[str, str]  # kind and number, by which both witnesses name a figure


class Witnessed(Struct):
    """A figure as the HTML has it."""

    label: str
    caption: str
    original: str | None  # the address of its first picture


def with_witness(outcome: Outcome, pictures: Iterable[Kept]) -> Outcome:
    """What was found, with the HTML's captions and addresses of pictures.

    A figure that only the HTML has is missed; one that only the PDF has is noted among the warnings, and so
    is one whose captions differ, which keeps the PDF's.
    """
    witnessed = _by_number(pictures)
    if not witnessed:
        return _noting(outcome, [f"{NAME} names no figure"])
    seen: set[Number] = set()
    notes = []
    figures = []
    for figure in outcome.figures:
        number = _number(figure.kind, figure.label)
        if number is None or number not in witnessed:
            if number is not None and figure.continues is None:
                notes.append(f"{figure.label} is not in {NAME}")
            figures.append(figure)
            continue
        seen.add(number)
        figures.append(_told(figure, witnessed[number], notes))
    missed = []
    for item in outcome.extraction.missed:
        found = read_wording(item.label or "")
        number = _number(found.kind, item.label) if found else None
        known = witnessed.get(number) if number else None
        missed.append(msgspec.structs.replace(item, caption=known.caption) if known else item)
        seen |= {number} if number else set()
    for number, one in witnessed.items():
        if number not in seen:
            why = f"is in {NAME} and was not found in the PDF"
            missed.append(Missed(label=one.label, page=ELSEWHERE, caption=one.caption, why=why))
    extraction = msgspec.structs.replace(outcome.extraction, missed=tuple(missed))
    return _noting(
        msgspec.structs.replace(outcome, extraction=extraction, figures=tuple(figures)),
        dict.fromkeys(notes),
    )


def _by_number(pictures: Iterable[Kept]) -> dict[Number, Witnessed]:
    found: dict[Number, Witnessed] = {}
    for kept in pictures:
        number = _number(kept.kind, kept.label)
        if number is not None and number not in found:
            found[number] = Witnessed(kept.label, kept.caption, kept.picture.original or None)
    return found


def _number(kind: str, label: str | None) -> Number | None:
    said = read_wording(label or "")
    return (kind, "".join(said.number.split()).casefold()) if said and said.number else None


def _told(figure: Figure, witnessed: Witnessed, notes: list[str]) -> Figure:
    """The figure in the words of the HTML, if they are of the same one."""
    have = figure.caption.value if figure.caption else ""
    if not have:  # a part that goes on
        return figure
    if _unlike(have, witnessed.caption):
        notes.append(f"{figure.label} has another caption in {NAME}: {witnessed.caption[:120]}")
        return figure
    return msgspec.structs.replace(
        figure, caption=Sourced(witnessed.caption, "service"), original=witnessed.original
    )


def _unlike(one: str, other: str) -> bool:
    return SequenceMatcher(None, _letters(one), _letters(other), autojunk=False).ratio() < UNLIKE


def _letters(caption: str) -> str:
    """Those behind the label."""
    said = read_wording(caption)
    text = said.rest if said else caption
    return "".join(filter(str.isalnum, text.casefold()))[:COMPARED]


def _noting(outcome: Outcome, notes: Iterable[str]) -> Outcome:
    warnings = (*outcome.extraction.warnings, *notes)
    return msgspec.structs.replace(
        outcome, extraction=msgspec.structs.replace(outcome.extraction, warnings=warnings)
    )
