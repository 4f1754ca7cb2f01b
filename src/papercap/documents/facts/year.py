"""Find the year of this version: of the stamp, of the printed date, of the metadata's citation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from papercap.documents.facts.abstract import ABSTRACT
from papercap.documents.facts.look import (
    MARGIN,
    YEAR,
    alike,
    body_size,
    is_cjk,
    is_cover,
    is_running_text,
    level_lines,
)
from papercap.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from papercap.documents.facts.ids import Stamp
    from papercap.documents.facts.told import Told
    from papercap.records import Page

EDGE = 0.08  # of the page's height on page 2; narrower than MARGIN, for tables can begin a page
SMALL_PRINT = 0.93  # of the body's size, at most
YEAR_LINE = 200  # characters; longer lines are text

_WEB_ADDRESS = re.compile(r"(https?://|www\.)\S+")

_NOT_ITS_DATE = re.compile(
    r"download|accessed|retrieved|ip address|jstor|licen[sc]ed to|date:|since|support|grant|funded"
    r"|from \d{4}|"
    r"\b000\b|\d\d:\d\d:\d\d|^on \w+ \d|年生|\bborn\b|\butc\b|\bgmt\b|재원|지원|\bet al\.?[,;]? \(?\d",
    re.I,
)

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?|märz|januar|mai|juni|juli|oktober|dezember|novembro|janvier"
    r"|февраля|марта)\.?"
)

_ISSUE = "|".join(
    (
        rf"\(\s*{YEAR}\s*\)\s*\d+\s*[:,(]",  # Malar J (2017) 16:469
        rf"\b\d+\s*\(\s*{YEAR}\s*\)\s*[,:\d]",  # Phys. Lett. B 94 (2016) 24
        rf"\b\d{{1,4}},\s*e?\d+[\w–-]*\s*\({YEAR}\)",  # Phys. Rev. C 94, 024614 (2016)
        rf"{YEAR}[,;]\s*\d+\s*(?:\(\d+\))?\s*[,:]\s*e?\d",  # Aust. J. Chem. 2006, 59, 340
        rf"{YEAR}\s+\d+:\s*\d",  # Int J Artif Intell 2012 7:543
        rf"\d\s*[:,]\s*\d+[–-]\d+[,.]?\s*\(?{YEAR}",  # Glia 24:39–49, 1998
        rf"\bvol(?:ume|\.)?\s*\d.{{0,80}}?{YEAR}",  # Vol. 66, No. 10, October 1978
        rf"{YEAR}[^\d]{{0,12}}vol(?:ume|\.)?\s*\d",  # July 2019 | Volume 13
        rf"제\s*\d+\s*[권집호].{{0,40}}{YEAR}",
        rf"{YEAR}\s*년?.{{0,40}}제\s*\d+\s*[권집호]",
        rf"^{YEAR} [A-Z][\w.]* .*\b\d+ \w*\d+$",  # 1978 J. Phys. G: Nucl. Phys. 4 1573
    )
)

_DAY = rf"\b{_MONTH},?\s+(?:\d{{1,2}}(?:st|nd|rd|th)?,?\s+)?{YEAR}|{YEAR}\s*[年년]\s*\d{{1,2}}\s*[月월]"

_MEETING = (
    rf"(?-i:\b[A-Z]{{3,}}[-/\w]*|\b[A-Z][a-z]*[A-Z]+)(?: {YEAR}|\s?[’'‘](\d\d)(?![\d/]))|\b(?:conference|"
    rf"proceedings|symposium|workshop|eurographics)\b[^\d]{{0,60}}{YEAR}"
    rf"|{YEAR}\s*년?도?.{{0,20}}(?:학술|학회|대회|논문)"
)

_NOTICES = (
    rf"(?:published|preprint|available)(?: online)?(?: on)?:?\s[^()]{{0,25}}?{YEAR}"
    rf"|publication(?: date)?:?\s[^()]{{0,20}}?{YEAR}",
    rf"(?:©|\(c\)|copyright)[^\d]{{0,60}}{YEAR}|{YEAR}\s*(?:©|copyright|ACM\b|IEEE\b|Elsevier|Springer)",
    rf"(?:accepted|approved|게재\s*확정\s*일?)[^\d]{{0,20}}\d{{0,2}}[^\d]{{0,15}}{YEAR}",
    rf"(?:received|submitted|투고|접수)[^\d]{{0,20}}\d{{0,2}}[^\d]{{0,15}}{YEAR}",
)

# The date of an issue, which stands alone: "18 February 2005".
_ALONE = rf"^\W*(?:\d{{1,2}}\s+)?{_MONTH}\s+(?:\d{{1,2}},\s*)?{YEAR}\W*$|^{YEAR}\s*年$"


def _compiled(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.I) for pattern in patterns)


# The clearest sort of date first; within one sort the first printed.
_HEAD_DATES = _compiled(_ALONE, _ISSUE, *_NOTICES, _MEETING, _DAY)

_TITLE_DATES = _compiled(
    _ISSUE,
    *_NOTICES,
    _MEETING,
    _DAY,
    rf"\d\s*\.?\s+{_MONTH}\s+{YEAR}|{YEAR}[-./]\d\d?[-./]\d\d?\b|{YEAR}\s*[年년](?!\s*[度도])",
)

_SMALL_DATES = _compiled(_ISSUE, *_NOTICES, _MEETING, rf"^{YEAR}$")

_REIWA = re.compile(r"(令和|平成)\s*(\d{1,2}|元)\s*年")
_REIGN = {"令和": 2018, "平成": 1988}  # the year before its first


def find_year(front: Sequence[Page], told: Told, stamp: Stamp | None) -> int | None:
    """The year by the clearest date: a date of the paper goes before one of the file."""
    if stamp and stamp.year:
        return stamp.year
    head, title, small = _dated_lines(front)
    return (
        (_year_in(title, _TITLE_DATES[:1]) if is_cover(front) else None)
        or _year_in(head, _HEAD_DATES)
        or _year_in(title, _TITLE_DATES)
        or _year_in(small, _SMALL_DATES)
        or _year_in(told.asides, _SMALL_DATES)
        or _plain_year(told.issued)
        or _lone_year(head)
        # Last: files are written anew by re-prints, scans and archives, long after the paper.
        or _plain_year([told.created])
    )


def _dated_lines(front: Sequence[Page]) -> tuple[list[str], list[str], list[str]]:
    """Where dates are of this paper: in heads and feet, before the text, in small print beside it."""
    head: list[str] = []
    title: list[str] = []
    small: list[str] = []
    body = body_size(front)
    for page in front:
        first = page is front[0]
        edge = (MARGIN if first else EDGE) * page.height
        begins = _text_begins(page, body) if first else 0.0
        for line in level_lines(page):
            text = _WEB_ADDRESS.sub("", line.text)
            if len(text) > YEAR_LINE or not re.search(r"\d", text) or _NOT_ITS_DATE.search(text):
                continue
            if line.box.y0 < edge or line.box.y1 > page.height - edge:
                head.append(clean(text))
            elif line.box.y0 < begins:
                title.append(clean(text))
            elif first and line.size < SMALL_PRINT * body:
                small.append(clean(text))
    return head, title, small


def _text_begins(page: Page, body: float) -> float:
    """How far down the page its abstract or text begins."""
    tops = [
        line.box.y0
        for line in level_lines(page)
        if ABSTRACT.match(line.text)
        or is_running_text(line.text)
        or (len(line.text) > 15 and is_cjk(line.text) and alike(line.size, body))
    ]
    return min(tops, default=page.height)


def _year_in(texts: Sequence[str], sorts: Iterable[re.Pattern[str]]) -> int | None:
    for sort in sorts:
        for text in texts:
            match = sort.search(text)
            if match:
                return _as_year(next(filter(None, match.groups())))
    for text in texts:
        if reign := _REIWA.search(text):
            return _REIGN[reign[1]] + (1 if reign[2] == "元" else int(reign[2]))
    return None


def _lone_year(texts: Sequence[str]) -> int | None:
    """The only year in heads and feet: "ICML workshop, Seoul, 2019"."""
    years = set(re.findall(rf"{YEAR}(?!/)", " ".join(texts)))
    return _as_year(years.pop()) if len(years) == 1 else None


def _plain_year(texts: Iterable[str]) -> int | None:
    for text in texts:
        if match := re.search(r"(?<!\d)((?:19|20)\d\d)", text):
            return _as_year(match[1])
    return None


def _as_year(digits: str) -> int:
    """A year of four digits, or of the two of "KDD ’19"."""
    return int(digits) if len(digits) == 4 else int(digits) + (1900 if digits > "60" else 2000)
