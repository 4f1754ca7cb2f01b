"""Where on its page a caption stands of which only the text is known."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from papercap.geometry import union

if TYPE_CHECKING:
    from papercap.geometry import Box
    from papercap.records import Page

_LOOSE = re.compile(r"[\s\u00ad\u2010-]+")  # what joining lines to a text puts in or takes out


def place_of(caption: str, page: Page) -> Box | None:
    """The box around the lines that make up the caption; None if they are not on the page."""
    whole = _tight(caption)
    lines = [(_tight(line.text), line.box) for line in page.lines]
    best: list[Box] = []
    most = 0
    for first in range(len(lines)):
        rest, boxes = whole, []
        for text, box in lines[first:]:
            if text and rest.startswith(text):
                rest = rest[len(text) :]
                boxes.append(box)
            elif not boxes:
                break
        if len(whole) - len(rest) > most:
            best, most = boxes, len(whole) - len(rest)
    return union(best) if best else None


def _tight(text: str) -> str:
    return _LOOSE.sub("", unicodedata.normalize("NFKC", text))
