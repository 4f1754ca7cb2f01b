"""Cut the text around what a search found, with the hit in ‹ ›."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from papercap.index.words import fold_sign

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from papercap.index.words import Term

WIDTH = 160  # characters of a snippet: two lines of a terminal
LEAD = 40  # of them before the first hit, so that it does not stand without its sentence
MAX_READ = 4000  # characters of a text that are looked through; a caption has 300, a dense figure 2,000
MAX_MARKS = 40  # hits that are looked at; a text with more is cut off long before

_fold_sign = cache(fold_sign)  # a few thousand signs are in use

Span = tuple[int, int]


def cut_snippet(texts: Sequence[str | None], terms: Sequence[Term]) -> str | None:
    """From the first of `texts` that holds a hit, else the beginning of the first that there is."""
    patterns = _compile(tuple(term.pattern for term in terms))
    present = [unicodedata.normalize("NFC", text[:MAX_READ]) for text in texts if text]
    for text in present:
        spans = _find(text, patterns)
        if spans:
            return _cut(text, spans)
    return _cut(present[0], []) if present else None


@lru_cache(maxsize=8)  # one search asks for all its rows, one after another
def _compile(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in patterns)


def _find(text: str, patterns: Iterable[re.Pattern[str]]) -> list[tuple[Span, int]]:
    """Where each pattern stands in `text`, and the pattern's number; overlaps keep the first."""
    plain, origins = _plain(text)
    found = sorted(
        (origins[match.start()], origins[match.end() - 1] + 1, number)
        for number, pattern in enumerate(patterns)
        for match, _ in zip(pattern.finditer(plain), range(MAX_MARKS), strict=False)
        if match.end() > match.start()
    )
    spans: list[tuple[Span, int]] = []
    for start, end, number in found:
        if not spans or start >= spans[-1][0][1]:
            spans.append(((start, end), number))
    return spans


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """The text as it is compared, and for each of its signs the place that it came from."""
    if text.isascii():
        return text.lower(), range(len(text))
    folded = [_fold_sign(sign) for sign in text]
    origins = [place for place, signs in enumerate(folded) for _ in signs]
    return "".join(folded), origins


def _cut(text: str, spans: list[tuple[Span, int]]) -> str:
    start, end = _window(text, spans)
    pieces, at = [], start
    for (left, right), _ in spans:
        if left >= start and right <= end:
            pieces += [text[at:left], "‹", text[left:right], "›"]
            at = right
    pieces.append(text[at:end])
    body = " ".join("".join(pieces).split())
    return ("…" if start > 0 else "") + body + ("…" if end < len(text) else "")


def _window(text: str, spans: list[tuple[Span, int]]) -> Span:
    """The part of `text` that shows the most different terms, cut between words."""
    if len(text) <= WIDTH:
        return 0, len(text)
    starts = [max(0, min(left - LEAD, len(text) - WIDTH)) for (left, _), _ in spans] or [0]
    start = max(starts, key=lambda at: (_terms_within(spans, at), -at))
    end = min(len(text), start + WIDTH)
    return _next_word(text, start, spans), _last_word(text, end)


def _terms_within(spans: list[tuple[Span, int]], start: int) -> int:
    return len({number for (left, right), number in spans if left >= start and right <= start + WIDTH})


def _next_word(text: str, start: int, spans: list[tuple[Span, int]]) -> int:
    """`start`, or the beginning of the next word if that leaves out no hit."""
    blank = text.find(" ", start, start + LEAD) if start else -1
    first = min((left for (left, _), _ in spans if left >= start), default=len(text))
    return blank + 1 if 0 <= blank < first else start


def _last_word(text: str, end: int) -> int:
    """`end`, or the end of the word before it; never far back, where blanks are few."""
    blank = text.rfind(" ", end - LEAD, end) if end < len(text) else -1
    return blank if blank >= 0 else end
