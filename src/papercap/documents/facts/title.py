"""Find the title: the largest text that can be one, or the file's own where the pages confirm it."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING

from papercap.documents.facts.look import (
    LABEL,
    YEAR,
    Group,
    alike,
    bare,
    body_size,
    groups_of,
    is_cjk,
    is_cover,
    rows_of,
    text_of,
)
from papercap.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from papercap.documents.facts.told import Told
    from papercap.records import Page

MAX_TITLE = 300  # characters
MAX_TITLE_ROWS = 7
TITLE_ZONE = 0.75  # of the page's height; an article may begin below the end of another
LARGER = 1.08  # than the body: the least by which a title is set off when it is not bold
FIRST_LANGUAGE = 0.72  # a title in another script above the largest one may be this much smaller

_FILE_LIKE = re.compile(
    r"\.(docx?|hwpx?|dvi|tex|pdf|ps|indd|qxd|rtf|odt|pages|wpd|fm|eps)\b|^microsoft \w+ -|^untitled"
    r"|^(doi|arxiv)\b|\btemplate\b|^<[0-9a-f]+>$|^\S*[_\\/]\S*$|^\d[\d.\s]*$|\d+\.\.\d+|스타일",
    re.I,
)

_HEADING = re.compile(
    r"^((\d+|[IVX]+|[Ⅰ-Ⅹ])(\.\d+)*\s*[.)-]?\s+|제\s*\d+\s*[장절]\s*|第.{1,3}[章節]\s*)?"
    r"(abstract|summary|(table of )?contents|introduction|introduzione|einleitung|references"
    r"|keywords?|background|"
    r"acknowledge?ments?|introducción|introdução|giriş|wstęp|pendahuluan|введение|содержание"
    r"|аннотация|목\s*차|"
    r"서\s*론|요\s*약|초\s*록|국문\s*초록|はじめに|目\s*次|序論|緒言|概要|引言|前言|摘\s*要|résumé"
    r"|resumo|özet|abbreviations)"
    r"\s*[.:]?$",
    re.I,
)

_NUMBERED = re.compile(
    r"^(\d{1,2}(\.\d{1,2})*[.)]?|[IVX]{1,5}[.)]|[Ⅰ-Ⅹ]([-.]\d+)?[.)]?|제\s*\d+\s*[장절]"
    r"|第\s*\d+\s*[章節])"
    r"\s+\D|^[-–—]\s*\d+\s*[-–—]"
)

_BANNER = re.compile(
    r"\b(journal (of|for|on)|proceedings|transactions on|annals of|bulletin of|magazine|conference|symposium|"
    r"workshop|volume|vol\.|issn|isbn|university|universit[àéä]t?|college|department|report series|accepted|"
    r"published|www\.|https?:|doi\b|copyright|licen[sc]e|download)|©|^journal\b|학회"
    r"|학술대회|대학교|"
    r"대학원|경진대회|論文特集|論文誌|논문지|논문집|大[学學]|学院|學院|[畢毕][業业]|конференци"
    r"|университет|کنفرانس|دانشگاه",
    re.I,
)

_TITLE_LABEL = re.compile(
    r"^(title|논문\s*제목|제\s*목|논문명|과제명|프로젝트\s*명|題目|題名|论文题目)\s*:?$", re.I
)

_ABOVE_AUTHORS = re.compile(r"^author\(?s\)?:\s", re.I)
_TRAILING_MARKS = re.compile(r"[\s*∗⁎†‡§¶#⋆★✩]+$")
_SPREAD = re.compile(r"(?<=[\u3400-\u9fff\uac00-\ud7a3]) (?=[\u3400-\u9fff\uac00-\ud7a3]( |$))")


def find_title(front: Sequence[Page], told: Told) -> tuple[str | None, Group | None]:
    """The title and the group that it is printed in: the file's where the pages confirm it, else theirs."""
    printed = _printed_title(front)
    for title in filter(_is_believable, told.titles):
        if printed and _nearly(title, printed.text):
            return title, printed  # it has the capitals and no errors of recognition
        if printed and _is_part(title, printed.text):
            return _as_title(printed.text), printed
        group = _group_with(front, title)
        if group:
            return _as_title(title), group
        if not any(page.lines for page in front) and len(title.split()) >= 3:
            return title, None  # a scan without text: nothing on its pages speaks against it
    return (_as_title(printed.text), printed) if printed else (None, None)


def _is_believable(title: str) -> bool:
    """Not what a word processor or a template leaves in the field."""
    least = 5 if is_cjk(title) else 12
    return len(title) <= MAX_TITLE and len(bare(title)) >= least and not _FILE_LIKE.search(title)


def _nearly(a: str, b: str) -> bool:
    """The same but for what text recognition misread."""
    return SequenceMatcher(None, bare(a), bare(b), autojunk=False).ratio() > 0.9


def _is_part(part: str, whole: str) -> bool:
    """Whether a title was cut short or left its subtitle out."""
    return len(bare(part)) >= 0.25 * len(bare(whole)) and bare(whole).startswith(bare(part)[:-1])


def _group_with(front: Sequence[Page], title: str) -> Group | None:
    """The smallest run of rows that is this title."""
    key = bare(title)
    for page in front:
        rows = [row for row in rows_of(page) if row.box.y0 < TITLE_ZONE * page.height]
        keys = [bare(row.text) for row in rows]
        for start, first in enumerate(keys):
            if not first or not key.startswith(first[: len(key)]):
                continue
            for end in range(start + 1, min(start + MAX_TITLE_ROWS, len(rows)) + 1):
                joined = "".join(keys[start:end])
                if joined.startswith(key) and len(joined) <= len(key) + 2:  # a footnote's mark may follow
                    return Group(tuple(rows[start:end]), page.number)
    return None


def _printed_title(front: Sequence[Page]) -> Group | None:
    """The title as the layout shows it; under a cover page, the one that both pages show."""
    if not front:
        return None
    labelled = _labelled_title(front[0])
    if labelled:
        return labelled
    body, text = body_size(front), text_of(front)
    if is_cover(front) and len(front) > 1:
        inner = _largest(front[1], body, text)
        agreed = _group_with(front[:1], inner.text) if inner else None
        if agreed:
            return agreed
    return _largest(front[0], body, text)


def _labelled_title(page: Page) -> Group | None:
    """The title of a form or cover, which says "Title" before it or "Author(s):" after it."""
    rows = rows_of(page)
    for above, row in pairwise(rows):
        if _TITLE_LABEL.match(above.text):
            return next(group for group in groups_of(page) if row in group.rows)
        if _ABOVE_AUTHORS.match(row.text):
            return Group((above,), page.number)
    return None


def _largest(page: Page, body: float, text: str) -> Group | None:
    """The largest text that can be a title; the first of two languages."""
    fit = [group for group in groups_of(page) if _can_be_title(group, page, body, text)]
    if not fit:
        return None
    top = max(group.size for group in fit)
    best = max((g for g in fit if alike(g.size, top)), key=lambda g: (len(bare(g.text)) > 15, -g.box.y0))
    for group in fit:
        near = 0 < best.box.y0 - group.box.y1 < 6 * best.size
        if near and group.size > FIRST_LANGUAGE * best.size and is_cjk(group.text) != is_cjk(best.text):
            return group
    return best


def _can_be_title(group: Group, page: Page, body: float, text: str) -> bool:
    if group.box.y0 > TITLE_ZONE * page.height or len(group.rows) > MAX_TITLE_ROWS:
        return False
    set_off = group.size >= LARGER * body or (group.rows[0].bold and group.size >= 0.99 * body)
    words = _SPREAD.sub("", group.text)  # 國 立 … 大 學
    return set_off and _reads_as_title(words) and not _is_journal(words, text)


def _reads_as_title(words: str) -> bool:
    letters = sum(map(str.isalpha, words))
    if (
        not (5 if is_cjk(words) else 9) <= letters
        or len(words) > MAX_TITLE
        or letters < 0.5 * len(bare(words))
    ):
        return False
    if _NUMBERED.match(words) or _HEADING.match(words) or LABEL.match(words) or "@" in words:
        return False
    if _BANNER.search(words) and len(words) < 70:
        return False
    sentence = words.endswith((".", "．", "。", ",")) and len(words.split()) > 6
    return not sentence and (" " in words or is_cjk(words) or letters > 14)


def _is_journal(words: str, text: str) -> bool:
    """Whether a short name stands elsewhere before a year or volume, perhaps shortened: a journal's."""
    parts = re.findall(r"\w+", words)
    if not 1 <= len(parts) <= 5 or is_cjk(words):
        return False
    short = r"\W+".join(re.escape(part[:3]) + r"\w*" for part in parts if len(part) > 2)
    return bool(
        short and re.search(rf"\b{short}[\s,.:|(]{{1,4}}(vol(ume)?\b|no\.|{YEAR}|\d+\s*[,(:;])", text, re.I)
    )


def _as_title(text: str) -> str:
    return _TRAILING_MARKS.sub("", clean(text))
