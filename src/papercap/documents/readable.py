"""Which pages cannot be read as text: scans, prints to PDF, fonts that do not say what their signs mean."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from papercap.records import Missed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from papercap.records import Page

LEAST_INK = 0.005  # of the page; less is a blank page with a speck or a page number
MOST_UNREADABLE = 0.5  # of the signs on a page; papers with odd symbols stay well below 0.3
NO_TEXT = "no text layer (a scan?)"
NO_UNICODE = "a text layer that does not say which letters its signs are"


def find_unreadable(pages: Sequence[Page], ink: Callable[[int], float]) -> list[Missed]:
    """Pages on which no caption could be found, neighbours told of as one; `ink` is a page's share of ink."""
    groups: list[tuple[list[int], str]] = []
    for page in pages:
        why = _unreadable(page, ink)
        if why is None:
            continue
        if groups and groups[-1][1] == why and groups[-1][0][-1] == page.number - 1:
            groups[-1][0].append(page.number)
        else:
            groups.append(([page.number], why))
    return [_missed(numbers, why) for numbers, why in groups]


def _unreadable(page: Page, ink: Callable[[int], float]) -> str | None:
    signs = [sign for line in page.lines for sign in line.text if not sign.isspace()]
    if not signs:
        return NO_TEXT if ink(page.number) > LEAST_INK else None
    dark = sum(
        sign == "\N{REPLACEMENT CHARACTER}" or unicodedata.category(sign) in _NO_LETTERS for sign in signs
    )
    return NO_UNICODE if dark > MOST_UNREADABLE * len(signs) else None


_NO_LETTERS = frozenset({"Cc", "Cn", "Co", "Cs"})  # control, unassigned, private use, half a pair


def _missed(numbers: Sequence[int], why: str) -> Missed:
    first, last = numbers[0], numbers[-1]
    pages = f"page {first} has" if first == last else f"pages {first} to {last} have"
    return Missed(label=None, page=first, caption=None, why=f"{pages} {why}: no caption can be found there")
