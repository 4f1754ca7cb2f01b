"""The look of a page: its rows, its groups of rows of one size, its body, and what sort of text they hold."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from papercap.geometry import Box, union
from papercap.text import join_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from papercap.records import Line, Page

MARGIN = 0.12  # of the page's height; running heads and feet stand in it
SAME_SIZE = 0.06  # of the size; what differs by less is set in one size
SAME_ROW = 3  # points between the tops of two names side by side
TEXT_GAP = 1.4  # sizes between two pieces of one row; columns stand further apart
WORD_GAP = 2.2  # the same in large type, where titles are spaced out
MAX_PIECES = 20  # of a row that are looked at; hostile pages have a row of thousands
LARGE_BODY = 13  # points
SUBTITLE = 0.65  # of the title's size, at least
ROW_GAP = 1.5  # sizes between two rows of one title; manuscripts are set with double spacing

YEAR = r"(?<![\d–~-])((?:19|20)\d\d)(?!\d|\s?[–~]|-\d{3})"  # not of a span, nor of a number like 1975-8359

LABEL = re.compile(
    r"^(the\s+)?(original|research|review|regular|full|short|brief|invited|full[- ]length|feature"
    r"|special|open|"
    r"technical|clinical|case|rapid|survey|data|methods?)?\W*"
    r"(articles?|papers?|reports?|research|letters?|reviews?|communications?|perspectives?|access"
    r"|notes?|study|"
    r"correspondence|editorial|commentary|comment|news|technical|preprint|manuscript|논\s*문"
    r"|論\s*文|卒業論文|修士論文"
    r"|博士論文|学士論文|学位論文|졸업\s*논문|학[사위]\s*학?위?\s*(청구)?\s*논문)$",
    re.I,
)

_REFERENCES = re.compile(
    r"^(\d+\.?\s+)?(references|bibliography|참고\s*문헌|参考文献|literatur\w*)\W*$", re.I
)

_COVER = re.compile(
    r"online version of this article|content (has been|was) downloaded|jstor is a not-for-profit"
    r"|downloaded? (by|from)"
    r"|see discussions, stats|full terms & conditions|powered by the|escholarship",
    re.I,
)

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_RTL = re.compile(r"[\u0590-\u08ff]")
_LINE_NUMBER = re.compile(r"^\d{1,3}$")  # of manuscripts, in among the lines
_MARK = re.compile(r"^[\d*∗⁎†‡§¶#⋆★✩,\s]{1,4}$")


class Row(NamedTuple):
    """What stands side by side on the page in one size."""

    text: str
    box: Box
    size: float
    bold: bool


class Group(NamedTuple):
    """Rows of one size one below the other: a title, an author block, a paragraph."""

    rows: tuple[Row, ...]
    page: int

    @property
    def text(self) -> str:
        return join_lines([row.text for row in self.rows])

    @property
    def size(self) -> float:
        return self.rows[0].size

    @property
    def box(self) -> Box:
        return union(row.box for row in self.rows)


def without_references(page: Page) -> Page:
    """A short paper's list of references can begin on page 2: nothing after it is of this paper."""
    for at, line in enumerate(page.lines):
        if _REFERENCES.match(line.text):
            return replace(page, lines=page.lines[:at])
    return page


def is_cover(front: Sequence[Page]) -> bool:
    """Whether a library or publisher put a page of its own before the paper."""
    return bool(front) and any(_COVER.search(line.text) for line in front[0].lines)


def text_of(pages: Iterable[Page]) -> str:
    """All their text, unjoined."""
    return " ".join(line.text for page in pages for line in page.lines)


def level_lines(page: Page) -> list[Line]:
    """The lines that are not set sideways or upside down."""
    return [line for line in page.lines if line.direction[0] > 0.9]


def rows_of(page: Page) -> list[Row]:
    """Successive lines on one base line put together: MuPDF parts them at wide blanks."""
    rows: list[list[Row]] = []
    for line in level_lines(page):
        if _LINE_NUMBER.match(line.text):
            continue
        piece = Row(_without_mark(line), line.box, line.size, line.bold)
        if rows and _beside(rows[-1], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [_one_row(pieces) for pieces in rows]


def _beside(row: Sequence[Row], piece: Row) -> bool:
    """Whether a piece stands on the row's base line, within a wide blank of one of its pieces."""
    last = row[-1]
    overlap = min(last.box.y1, piece.box.y1) - max(last.box.y0, piece.box.y0)
    if overlap < 0.6 * min(last.box.height, piece.box.height) or not alike(last.size, piece.size):
        return False
    widest = (WORD_GAP if last.size > LARGE_BODY else TEXT_GAP) * last.size
    if is_cjk(last.text) and last.size > LARGE_BODY:
        widest *= 2  # Hancom writes a row's Hangul first and its Latin words after
    return min(max(piece.box.x0 - a.box.x1, a.box.x0 - piece.box.x1) for a in row[-MAX_PIECES:]) < widest


def _one_row(pieces: list[Row]) -> Row:
    if len(pieces) == 1:
        return pieces[0]
    box = union([piece.box for piece in pieces])
    if not any(_RTL.search(piece.text) for piece in pieces):
        pieces = sorted(pieces, key=lambda piece: piece.box.x0)
        return pieces[0]._replace(text=" ".join(piece.text for piece in pieces), box=box)
    text = ""
    for right, left in pairwise([pieces[0], *pieces]):  # fragments of words, without a blank where they touch
        blank = " " if right.box.x0 - left.box.x1 > 0.1 * left.size else ""
        text += blank + left.text
    return pieces[0]._replace(text=text, box=box)


def _without_mark(line: Line) -> str:
    """The line without the raised footnote mark at its end: seen by the change of size after the lead."""
    rest = line.text[len(line.lead) :] if line.lead and line.text.startswith(line.lead) else ""
    return line.lead if rest and _MARK.match(rest) else line.text


def groups_of(page: Page) -> list[Group]:
    """The page's rows, those of one text put together."""
    groups: list[list[Row]] = []
    for row in rows_of(page):
        if groups and _goes_on(groups[-1][-1], row):
            groups[-1].append(row)
        else:
            groups.append([row])
    return [Group(tuple(rows), page.number) for rows in groups]


def _goes_on(above: Row, row: Row) -> bool:
    """Whether a row is the next of the same text; a subtitle after a colon may be smaller."""
    gap = row.box.y0 - above.box.y1
    near = -0.7 * row.size < gap < ROW_GAP * row.size and row.box.y0 > above.box.y0
    overlap = min(above.box.x1, row.box.x1) - max(above.box.x0, row.box.x0)
    if not near or overlap <= 0 or LABEL.match(above.text):
        return False
    if (above.text.endswith(":") or row.text[0] in "―—–") and SUBTITLE < row.size / above.size < 1:
        return True
    ends_capitals = _is_capitals(above.text) and not _is_capitals(row.text)
    return alike(above.size, row.size) and above.bold == row.bold and not ends_capitals


def _is_capitals(text: str) -> bool:
    return text.isupper() and len(text) > 10 and not is_cjk(text)


def body_size(pages: Iterable[Page]) -> float:
    """The size of most letters; on a title page, which has no text, at most LARGE_BODY."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            sizes[round(line.size, 1)] += len(line.text)
    return min(sizes.most_common(1)[0][0], LARGE_BODY) if sizes else LARGE_BODY


def alike(a: float, b: float) -> bool:
    """Whether two sizes are one."""
    return abs(a - b) <= SAME_SIZE * max(a, b)


def is_running_text(text: str) -> bool:
    """Whether most words are small: no title page has that, the paper has begun."""
    words = text.split()
    return len(text) > 40 and sum(word.islower() for word in words) > 0.5 * len(words)


def is_cjk(text: str) -> bool:
    """Whether it has Han, kana or Hangul."""
    return bool(_CJK.search(text))


def bare(text: str) -> str:
    """Letters and digits only, for comparing."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
