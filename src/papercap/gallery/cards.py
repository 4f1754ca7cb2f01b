"""A figure as a template shows it: its picture and words; and what is said of its paper."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import quote

from msgspec import Struct

from papercap.gallery.phrases import Language, phrases
from papercap.geometry import MARGIN, WIDE
from papercap.licences import licence_name
from papercap.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from papercap.gallery.phrases import Phrases
    from papercap.geometry import Box
    from papercap.records import FigureRow, PaperRow

MAX_WIDTH, MAX_HEIGHT = 390, 280  # pixels of a picture: two stand beside each other in GitHub's column
WIDE_WIDTH = 800  # of one that has a row of its own
MAX_TITLE = 120  # characters
MAX_SCALE = 2.0  # pixels a point: a small figure is not blown up
MAX_CAPTION = 180  # characters
MAX_ALT = 240  # characters; a screen reader reads all of it
WORD_REACH = 30  # characters that a cut goes back to end at a word; Korean and Chinese may have none

_AFTER_LABEL = " \t.:：|–—-)]>〉》】"
_WEB = ("http://", "https://")
_SENTENCE_END = re.compile(r"(?<=[.?!다요])[.]?\s+(?=\S)|(?<=。)")


class Card(Struct, frozen=True):
    """The texts are not escaped yet; addresses are ready to stand in an attribute once they are."""

    label: str  # "Figure 3"; "" of a picture of a page that has but a caption
    place: str  # "p. 4"; "" for a picture of a page
    caption: str
    alt: str
    href: str  # of the full picture
    src: str  # of the small one
    width: int  # pixels to show it at
    height: int
    wide: bool  # stands in a row of its own


class About(Struct, frozen=True):
    """What is said of a paper above its figures, "" where nothing is known."""

    title: str
    address: str  # the paper's on the web, or of its document in the archive
    year: str
    credit: str
    licence: str
    licence_address: str


class Cards:
    """Makes cards for one README or page."""

    def __init__(self, papers: Mapping[str, PaperRow], base: str, language: Language) -> None:
        """`base` leads from its folder to the root."""
        self._papers, self._base, self._words = papers, base, phrases(language)

    def card(self, row: FigureRow) -> Card:
        paged = row.original is None  # the pictures of a web page are on no pages
        label = self._label(row, paged)
        caption = without_label(clean(row.caption or ""), label)
        picture = row.thumbnail or row.image or ""
        width, height = shown_size(row.box)
        title = clean(row.title or row.paper)
        said = (
            ": ".join(filter(None, (label, caption))) if caption else self._words.alone.format(label, title)
        )
        return Card(
            label=label,
            place=self._words.page.format(row.page) if paged and row.label else "",
            caption=shortened(caption),
            alt=shortened(said, MAX_ALT),
            href=self._path(row.image or row.vector or picture),
            src=self._path(picture),
            width=width,
            height=height,
            wide=_is_wide(row.box),
        )

    def about(self, row: FigureRow) -> About:
        """What is said of the paper of a figure."""
        paper = self._papers.get(row.paper)
        licence = (paper.licence if paper else None) or ""
        return About(
            title=shortened(clean(row.title or row.paper), MAX_TITLE),
            address=self._address_of(paper),
            year=str(row.year or ""),
            credit=_credit(paper, self._words),
            licence=licence_name(licence),
            licence_address=quote(licence, safe=":/?&=%#~+.,-_") if licence.startswith(_WEB) else "",
        )

    def _label(self, row: FigureRow, paged: bool) -> str:
        words = self._words
        label = clean(row.label or "")
        if not label and not paged and row.caption:
            return ""  # the picture of a page has words of its own
        if not label:
            label = words.kinds[row.kind]
            label = words.figure_on_page.format(label, row.page) if paged else label
        if row.continues and not row.caption:  # a caption of its own says so
            label = words.continued.format(label)
        return label

    def _path(self, path: str) -> str:
        prefix = f"{self._base.rstrip('/')}/" if self._base and path else ""
        return quote(prefix + path)

    def _address_of(self, paper: PaperRow | None) -> str:
        """Where a reader finds the paper: its page on the web, else the document in the archive."""
        if paper is None:
            return ""
        if paper.arxiv:
            return quote(f"https://arxiv.org/abs/{paper.arxiv}", safe=":/.")
        if paper.doi:
            return quote(f"https://doi.org/{paper.doi}", safe=":/.")
        for address in (paper.typed, paper.url):
            if address and address.startswith(_WEB):
                return quote(address, safe=":/?&=%#~+.,@!$'()*;-_")
        return self._path(paper.source) if paper.source and paper.kind != "page" else ""


def _credit(paper: PaperRow | None, words: Phrases) -> str:
    """As the archive has it, else who wrote it."""
    if paper is None:
        return ""
    if paper.credit:
        return shortened(clean(paper.credit), MAX_TITLE)
    names = [clean(name) for name in paper.authors]
    return shortened(", ".join(names) if len(names) < 3 else words.others.format(names[0]), MAX_TITLE)


def _is_wide(box: Box) -> bool:
    return all(map(math.isfinite, box)) and box.height > 0 and box.width >= WIDE * box.height


def shown_size(box: Box) -> tuple[int, int]:
    """Width and height in pixels that the thumbnail of this box is shown at, its margin included."""
    if not all(map(math.isfinite, box)) or box.width <= 0 or box.height <= 0:
        return MAX_WIDTH, MAX_HEIGHT
    margin = 2 * MARGIN * max(box.width, box.height)
    width, height = box.width + margin, box.height + margin
    most = WIDE_WIDTH if _is_wide(box) else MAX_WIDTH
    scale = min(most / width, MAX_HEIGHT / height, MAX_SCALE)
    return max(1, round(width * scale)), max(1, round(height * scale))


def shortened(text: str, most: int = MAX_CAPTION) -> str:
    """The text if it is that short, else its beginning with an ellipsis: whole sentences, or else words."""
    if len(text) <= most:
        return text
    end = most - 1
    sentences = [found.start() for found in _SENTENCE_END.finditer(text, most // 3, end)]
    if sentences:
        return f"{text[: sentences[-1]].rstrip()} …"
    blank = text.rfind(" ", end - WORD_REACH, end + 1)
    if blank > 0:
        return text[:blank].rstrip(" ,;:(") + "…"
    while end > 1 and (unicodedata.category(text[end])[0] == "M" or "\u200d" in text[end - 1 : end + 1]):
        end -= 1  # not between a sign and what is joined to it
    return text[:end] + "…"


def without_label(caption: str, label: str) -> str:
    """The caption's text after "Figure 3:", which stands before it already."""
    bare = caption.lstrip("[<(〈《【 ")
    if not label or not bare.casefold().startswith(label.casefold()):
        return caption
    rest = bare[len(label) :]
    return rest.lstrip(_AFTER_LABEL) if not rest[:1].isalnum() else caption
