"""Pages as they are typed: 3, 2-5 or 1,4-."""

from __future__ import annotations

import re

from papercap.errors import Usage

_PART = re.compile(r"\s*(\d*)\s*(-?)\s*(\d*)\s*")


def check_pages(text: str) -> None:
    """Usage if it names no pages that any document could have."""
    for first, last in _parts(text):
        if first < 1 or (last is not None and last < first):
            raise Usage(f"--pages {text}: pages count from 1, and a range goes up")


def page_numbers(text: str | None, count: int) -> set[int]:
    """The pages that are meant, of a document of `count`; Usage if it has none of them."""
    if text is None:
        return set(range(1, count + 1))
    numbers: set[int] = set()
    for first, last in _parts(text):
        numbers.update(range(max(first, 1), min(count if last is None else last, count) + 1))
    if not numbers:
        raise Usage(f"--pages {text}: the document has {count} page{'s' * (count > 1)}")
    return numbers


def _parts(text: str) -> list[tuple[int, int | None]]:
    """First and last page of each part; None where it goes to the end."""
    parts: list[tuple[int, int | None]] = []
    for part in text.split(","):
        match = _PART.fullmatch(part)
        if not match or not (match[1] or match[3]) or (match[3] and not match[2]):
            raise Usage(f"--pages {text}: write pages as 3 or 2-5 or 1,4-")
        first = int(match[1] or 1)
        parts.append((first, (int(match[3]) if match[3] else None) if match[2] else first))
    return parts
