"""Find the authors: the names under the title; a list that is not sure to be whole is none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from papercap.documents.facts.abstract import ABSTRACT, AFTER_ABSTRACT
from papercap.documents.facts.look import (
    LARGE_BODY,
    SAME_ROW,
    alike,
    bare,
    is_cjk,
    is_running_text,
    level_lines,
    text_of,
)
from papercap.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from papercap.documents.facts.look import Group
    from papercap.documents.facts.told import Told
    from papercap.records import Line, Page

AUTHOR_ZONE = 0.45  # of the page's height below the title
LINES_BEFORE_NAMES = 6  # a subtitle, a journal's line
MAX_AUTHORS = 300
MAX_NAME = 45  # characters

_NAME_SPLIT = re.compile(r"\s*[,;·・•|，、؛،]\s*|\s+(?:and|und|et|y|e|dan|ve|и)\s+|\s*&\s*|\s+and$|\s{3,}")
_LEADING = re.compile(r"^(?:(?i:by|and|und|&|authors?:|author\(s\):|yazarlar:|written by)|[a-h])\s+")

_CREDENTIAL = re.compile(
    r"\b(ph\.?\s?d|m\.?d|d\.?phil|m\.?sc|b\.?sc|m\.?ph|dr|prof(essor)?|mr|mrs|ms|fellow|(senior "
    r"|student |life )*"
    r"member|ieee|acm|mbbs|frcp|cpsych\w*)\b\.?",
    re.I,
)

_NO_NAME = re.compile(
    r"@|https?:|www\.|\b(universi\w*|institut\w*|depart\w*|dept|school|laborator\w*|labs?|college"
    r"|facult\w*|fakultas|"
    r"cent(er|re|ro)|hospital|inc|ltd|llc|gmbh|corp\w*|company|research\w*|academy|sciences?"
    r"|technology|engineering|"
    r"google|microsoft|deepmind|openai|meta|facebook|ibm|group|team|division|ministry|program\w*"
    r"|foundation|street|"
    r"road|avenue|e-?mail|corresponding|authors?|editor|edited|received|accepted|published"
    r"|publication|revised|date|"
    r"contribut\w*|equal|abstract|keywords?|usa|united|kingdom|germany|france|china|japan|korea"
    r"|india|italy|spain|"
    r"canada|australia|switzerland|city|state|national|society|association|journal|article|report"
    r"|series|systems?|"
    r"version|draft|preprint|proceedings|conference|figure|table|physics|mathematics|the|of|for"
    r"|with|from|this|"
    r"student|advisor|supervisor|semester|wintersemester|sommersemester|informatik|unknown|user"
    r"|admin|owner|contents|"
    r"model|learning|студент|университет\w*|институт\w*|кафедра|danışman|hoca)\b|대학|학과|학부"
    r"|연구|교수|박사|"
    r"석사|회사|센터|전공|학번|大学|学院|研究|学科|会社|専攻|大學|公司|教授|系$|دانشگاه|"
    r"성명|성별|연락처|이름|지도|날짜",
    re.I,
)

_PARTICLES = frozenset(
    ["de", "da", "do", "dos", "das", "del", "della", "der", "den", "di", "du", "el", "la", "le", "les"]
    + ["van", "von", "zu", "zur", "ter", "ten", "af", "av", "al", "bin", "ibn", "y", "san", "st"]
)

_GLUED = re.compile(r"[a-zß-ÿ][A-Z]\b")  # a mark that cannot be told from the name: "RookA"
_WORD = re.compile(r"^[^\W\d_](?:[^\W\d_]|[.'’‘`\-‐‑])*$")
_HAN_NAME = re.compile(r"^[\u3400-\u9fff々]{2,4}$|^[\u3400-\u9fff々][\u3400-\u9fff\u3040-\u30ff々]{2,5}$")

# Korean family names, which nearly all Koreans share; without them any short word would be a name.
_HANGUL_NAME = re.compile(
    "^(?:남궁|황보|제갈|선우|독고|[김이박최정강조윤장임한오서신권황안송류유전홍고문양손배백허남심노하곽성차주우구민진나지엄채"
    "원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용])[\uac00-\ud7a3]{1,3}$"
)

_RAISED = re.compile(
    r"[*∗⁎†‡§¶#⋆★✩✉♣♢♡♠♦♥⇑ǁ‖+\u2460-\u2473\U0001d400-\U0001d7ff\ue000-\uf8ff]|\(\d+\)|\d+|"
    r"(?<=[a-zA-Z])[\uac00-\ud7a3]+|\bO\b(?=\s*(,|$))|(?<=\s)[a-h](?=\s*(,|$))|[a-h]\)"
)

_EMAIL = re.compile(r"(?:\{[^{}@]*\}|[\w.+-])@\w")
_JUNIOR = re.compile(r",\s*(Jr|Sr|II|III)\b\.?", re.I)


class _Named(NamedTuple):
    """A line under the title and the names in it; `whole` if it holds nothing else."""

    line: Line
    names: tuple[str, ...]
    whole: bool


def find_authors(front: Sequence[Page], home: Group | None, told: Told) -> tuple[str, ...]:
    """The list that the file tells if the pages have its names, else the one under the title.

    A lone name in the file is often only the first author's: it counts where the page agrees.
    """
    text = bare(text_of(front))
    printed = _printed_names(front, home)
    for names in map(_told_names, told.authors):
        if (
            len(names) > 1
            and len(names) >= len(printed)
            and all(bare(name.split()[-1]) in text for name in names)
        ):
            return names
    return printed


def _told_names(values: Sequence[str]) -> tuple[str, ...]:
    """Names from metadata: one a value, or all in one; () where one of them is no name."""
    if len(values) == 1:
        values = [part for part in _NAME_SPLIT.split(_JUNIOR.sub(r" \1", values[0])) if part.strip()]
    names = [_name(_turned(value)) for value in values]
    return tuple(dict.fromkeys(filter(None, names))) if all(names) else ()


def _turned(name: str) -> str:
    """ "Houlsby, Neil" as it is spoken."""
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last}" if comma and "," not in first else name


def _printed_names(front: Sequence[Page], home: Group | None) -> tuple[str, ...]:
    """The names under the title; () where a line of names has something in it that is none."""
    if home is None:
        return ()
    page = next(page for page in front if page.number == home.page)
    lines = _below(page, home)
    read = _read_names(lines)
    # Below a title in Korean, Chinese or Japanese one line of Latin words is its translation.
    native = is_cjk(home.text)
    wanted = (
        at for at, n in enumerate(read) if len(n.names) > 1 or (n.names and native == is_cjk(n.names[0]))
    )
    first = next(wanted, None)
    if first is None or first > LINES_BEFORE_NAMES or not read[first].whole:
        return ()
    chosen = _of_one_look(read[first:])
    names = [name for named in chosen for name in named.names]
    if not all(named.whole for named in chosen) or not _count_emails(lines) <= len(names) <= MAX_AUTHORS:
        return ()
    return _of_one_script(tuple(dict.fromkeys(names)))


def _below(page: Page, home: Group) -> list[Line]:
    """The lines under the title, as far as its abstract."""
    found: list[Line] = []
    left, right = home.box.x0, page.width - home.box.x1
    flush = left - right > 0.1 * page.width  # set right of a margin that has a text of its own
    for line in level_lines(page):
        top = line.box.y0 - home.box.y1
        if top < -0.35 * home.size or top > AUTHOR_ZONE * page.height or (flush and line.box.x1 < left):
            continue
        if ABSTRACT.match(line.text) or AFTER_ABSTRACT.match(line.text) or is_running_text(line.text):
            break
        if not _is_foreign_title(line, home):
            found.append(line)
    return found


def _is_foreign_title(line: Line, home: Group) -> bool:
    """The title again in another language, or its subtitle: still in the title's size."""
    if home.size < LARGE_BODY or line.size < 0.85 * home.size:
        return False
    return alike(line.size, home.size) or not any(map(_name, _name_parts(line.text, frozenset())))


def _read_names(lines: Sequence[Line]) -> list[_Named]:
    """Each line with its names; a name that the line's end broke is taken together with the next line."""
    keys = _raised_letters(lines)
    read: list[_Named] = []
    carry = ""
    for at, line in enumerate(lines):
        parts = _name_parts(f"{carry} {line.text}", keys)
        names = [_name(part) for part in parts]
        carry = ""
        if len(names) > 1 and names[-1] is None and all(names[:-1]) and at + 1 < len(lines):
            following = _name_parts(lines[at + 1].text, keys)
            if following and _name(f"{parts[-1]} {following[0]}"):
                carry = parts[-1]
                names.pop()
        good = tuple(name for name in names if name)
        read.append(_Named(line, good, len(good) == len(names)))
    return read


def _raised_letters(lines: Sequence[Line]) -> frozenset[str]:
    """The letters that affiliations begin with, glued to them: "aSchool of Forest Science"."""
    marks = (re.match(r"^([a-h])(?=[A-Z])", line.text) for line in lines)
    return frozenset(mark[1] for mark in marks if mark)


def _name_parts(text: str, keys: frozenset[str]) -> list[str]:
    """The pieces of a line that should be names."""
    text = _LEADING.sub("", _JUNIOR.sub(r" \1", clean(text)))
    if re.search(r"\d{4,}|[{}]", text):
        return []
    text = re.sub(r"([\d*∗†‡§¶])\s*(?=[^\W\d_]{2}|[^\W\d_]\.)", r"\1,", text)  # a mark parts two names
    parts = [_LEADING.sub("", part) for part in _NAME_SPLIT.split(text) if part]
    parts = [part for part in parts if re.search(r"[^\W\d_]", _CREDENTIAL.sub("", _RAISED.sub("", part)))]
    parts = [part for part in parts if not re.fullmatch(r"[a-h]|[A-H]", part)]
    if keys and all(part[-1] in keys for part in parts):
        parts = [part[:-1] for part in parts]
    return _before_affiliation(parts)


def _before_affiliation(parts: list[str]) -> list[str]:
    """ "CHANDAN MISRA, Indian Institute of Technology Kharagpur": the names alone."""
    for at, part in enumerate(parts):
        if at and _NO_NAME.search(part):
            return parts[:at]
    return parts


def _name(text: str) -> str | None:
    """A name freed of marks and degrees, or None if it is none."""
    text = _LEADING.sub("", _CREDENTIAL.sub(" ", _RAISED.sub(" ", text)).strip(" .,;:-–—·"))
    text = " ".join(text.strip("'’`").split())
    if _NO_NAME.search(text):
        return None
    solid = text.replace(" ", "")
    if _HANGUL_NAME.match(solid) or _HAN_NAME.match(solid):
        return solid
    words = text.split()
    if not 2 <= len(words) <= 6 or len(text) > MAX_NAME or not all(map(_WORD.match, words)):
        return None
    last = words[-1].strip(".")
    capital = all(word[0].isupper() or word in _PARTICLES or word[1:2] in "'’" for word in words)
    if not capital or len(last) < 2 or not last[0].isupper() or is_cjk(text) or _GLUED.search(text):
        return None
    return f"{text}." if last in ("Jr", "Sr") else text


def _count_emails(lines: Sequence[Line]) -> int:
    """How many e-mail addresses stand there: so many authors there are at least."""
    return sum(1 + at[0].count(",") for line in lines for at in _EMAIL.finditer(line.text))


def _of_one_look(read: Sequence[_Named]) -> list[_Named]:
    """The lines that look like the first: where affiliations look so too, only those that stand with it."""
    first = read[0]
    same = [named for named in read if _looks_like(named.line, first.line)]
    if all(named.names for named in same):
        return same
    if len(first.names) > 1:
        return same[: next(at for at, named in enumerate(same) if not named.names)]
    row = [named for named in same if abs(named.line.box.y0 - first.line.box.y0) < SAME_ROW]
    unsure = any(named.names and named not in row for named in same)  # names further down, or affiliations
    return [] if unsure else [named for named in row if named.names]


def _looks_like(line: Line, first: Line) -> bool:
    return alike(line.size, first.size) and line.bold == first.bold and line.italic == first.italic


def _of_one_script(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names as first printed, without their romanisation; unsure where Han names come in pieces."""
    if names and is_cjk(names[0]):
        names = tuple(name for name in names if is_cjk(name))
        if all(len(name) < 3 for name in names):
            return ()
    return names
