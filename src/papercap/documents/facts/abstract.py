"""Find the abstract: the text from its heading up to the keywords or the introduction."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

from papercap.documents.facts.look import SAME_ROW, bare, level_lines
from papercap.geometry import Box, union
from papercap.text import clean, join_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from papercap.records import Line, Page

MIN_ABSTRACT, MAX_ABSTRACT = 80, 3000  # characters

ABSTRACT = re.compile(
    r"^(abstract|a\s?b\s?s\s?t\s?r\s?a\s?c\s?t|summary|[\[<【(]?\s*(?:요\s*약|초\s*록"
    r"|국\s*문\s*초\s*록|국\s*문\s*요\s*약"
    r"|논문\s*요약|摘\s*要|要\s*旨|概\s*要|あらまし)\s*[\]>】)]?|аннотация|résumé|zusammenfassung"
    r"|kurzfassung|riassunto|resumen|"
    r"resumo|özet|abstrak|streszczenie|tóm tắt|چکیده)(?=$|[\s.:：—–―-])\s*[.:：—–―-]*\s*",
    re.I,
)

AFTER_ABSTRACT = re.compile(
    r"^(key\s*-?\s*words?\b|index terms|ccs concepts|categories and subject|general terms"
    r"|핵심\s*(용어|어)|주제어|"
    r"키\s*워\s*드|关键词|キーワード|ключевые слова|mots[- ]cl|schlüsselw|palabras clave|palavras"
    r"|anahtar|kata kunci|"
    r"słowa kluczowe|từ khóa|واژ|jel\b|pacs\b|©|copyright\b|permission to|introduction\b|"
    r"(\d|I|Ⅰ)\s*[.．]?\s*(introduction|서\s*론|はじめに|引言|введение|giriş|introdução|einleitung"
    r"|wstęp)|1\.?$|I\.?$)",
    re.I,
)

# The publisher's line; fonts show © as q.
_RIGHTS = re.compile(r"\s(?:©|\(c\)|q|r)\s?(?=(?:19|20)\d\d\s)", re.I)


def find_abstract(front: Sequence[Page]) -> str | None:
    """The first abstract that is long enough to be one."""
    for page in front:
        lines = _joined_letters(level_lines(page))
        for at, line in enumerate(lines):
            heading = ABSTRACT.match(line.text)
            if heading and _is_heading(line, heading):
                text = _abstract_text(line, line.text[heading.end() :], lines[at + 1 :])
                if text:
                    return text
    return None


def _joined_letters(lines: Sequence[Line]) -> list[Line]:
    """Lines with a heading that is spread over its line ("요  약") put together."""
    out: list[Line] = []
    for line in lines:
        last = out[-1] if out else None
        if last and len(last.text) == 1 and len(line.text) == 1 and abs(last.box.y0 - line.box.y0) < 2:
            out[-1] = replace(line, text=last.text + line.text, box=union([last.box, line.box]))
        else:
            out.append(line)
    return out


def _is_heading(line: Line, heading: re.Match[str]) -> bool:
    """Alone on its line, set off by a sign, or in another look than what follows: not "Summary of …"."""
    rest = line.text[heading.end() :]
    if not rest or re.search(r"[.:：—–―\]-]\s*$", heading[0]):
        return True
    return line.lead != line.text and bare(line.lead) == bare(heading[0])


def _abstract_text(head: Line, start: str, lines: Sequence[Line]) -> str | None:
    """The lines that follow in one size and one column, up to keywords or the introduction."""
    kept = [start] if start else []
    column, size = (head.box, head.size) if start else (None, None)
    last = head
    for line in lines:
        if AFTER_ABSTRACT.match(clean(line.text)) or ABSTRACT.match(line.text) or _too_far(last, line):
            break
        if size is None and len(line.text) > 15:
            size = line.size
        if size is not None and abs(line.size - size) > 0.12 * size and len(line.text) > 15:
            break
        if column is not None and not (
            _in_column(column, line.box) or abs(line.box.y0 - last.box.y0) < SAME_ROW
        ):
            break
        column = union([column, line.box]) if column else line.box
        kept.append(line.text)
        last = line
    text = _RIGHTS.split(join_lines(kept))[0]
    return _cut(text) if len(text) >= MIN_ABSTRACT else None


def _too_far(above: Line, line: Line) -> bool:
    return (
        line.box.y0 - above.box.y1 > 4 * max(above.size, line.size) or line.box.y1 < above.box.y0 - above.size
    )


def _in_column(column: Box, box: Box) -> bool:
    return min(column.x1, box.x1) - max(column.x0, box.x0) > 0


def _cut(text: str) -> str:
    """At most MAX_ABSTRACT characters, cut after a word."""
    return text if len(text) <= MAX_ABSTRACT else text[:MAX_ABSTRACT].rsplit(" ", 1)[0] + " …"
