"""Scan a README: which of its bytes are live Markdown and HTML, and which only show code or say nothing.

Markdown parsers hand raw HTML over whole and give up where people are sloppy, so this is a scanner of our
own. It leans to what the writer meant: a fence is a fence also without the blank line before it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

BOM = b"\xef\xbb\xbf"
TAB_STOP = 4  # columns; also what makes indented code

_BLANK = bytes(10 if byte == 10 else 32 for byte in range(256))  # all but line ends become blanks
_INK = bytes(10 if byte == 10 else 0 for byte in range(256))  # … a sign that means nothing, but is one
_BLANK_LINE = re.compile(rb"\n[ \t]*\n")
_TOKEN = re.compile(
    rb"""
      (?P<gap>^[ \t]*\n)(?=(?:[ ]{4}|[ ]{0,3}\t)[ \t]*[^\s])        # a blank line before indented text
    | ^(?P<indent>[ \t]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*)             # of a fence, list markers before it
       (?P<fence>`{3,}(?=[^`\n]*$)|~{3,})
    | (?P<quote>^[ ]{0,3}>[^\n]*)
    | (?P<comment><!--)
    | (?P<escape>\\[`\\<])
    | (?P<ticks>`+)
    """,
    re.MULTILINE | re.VERBOSE,
)
_INDENTED_LINES = re.compile(rb"(?:(?: {4}| {0,3}\t)[^\n]*\n?|[ \t]*\n)+")
_LIST_ITEM = re.compile(rb" {0,3}(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)")
_OPENING = re.compile(rb"<!-- papercap:(figures|gallery)[^\S\n]*(?:[^\s>][^\n>]*)?-->")


class Span(NamedTuple):
    """From byte `start` up to byte `end`."""

    start: int
    end: int


class Readme(Struct, frozen=True):
    """A README's bytes, and `live`, as long as `data`: line ends are LF, what is not live is blank.

    Inline code is no blank there, but NUL: a line of code alone is still a line of text.
    """

    name: str  # for messages
    data: bytes
    live: bytes
    comments: tuple[Span, ...]
    fences: tuple[Span, ...]
    outside: tuple[Span, ...]  # all but what papercap wrote
    lines: tuple[int, ...]  # where each line begins

    def line_at(self, offset: int) -> int:
        """The number of the line that holds this byte, counted from 1."""
        return max(1, bisect_right(self.lines, offset))

    def line_start(self, offset: int) -> int:
        """The first byte of the line that holds this byte."""
        return self.live.rfind(b"\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """One past the line's last byte, its line end included."""
        return self.live.find(b"\n", offset) + 1 or len(self.data)

    def find(self, pattern: re.Pattern[bytes]) -> Iterator[re.Match[bytes]]:
        """Where live text that papercap did not write fits the pattern."""
        for span in self.outside:
            yield from pattern.finditer(self.live, *span)


def scan(data: bytes, name: str) -> Readme:
    """Tell live text from code, comments, quotes and what papercap wrote itself."""
    work = _one_kind_of_line_end(data)
    live, dead = _blank_out(work)
    first = len(BOM) if data.startswith(BOM) else 0
    lines = tuple(accumulate(map(len, work.splitlines(keepends=True)), initial=0))
    edges = [0, *(edge for span in dead["written"] for edge in span), len(data)]
    outside = tuple(Span(*pair) for pair in zip(edges[::2], edges[1::2], strict=True))
    starts = lines[first:-1] if len(lines) > 1 else (0,)
    return Readme(name, data, live, tuple(dead["comment"]), tuple(dead["fence"]), outside, starts)


def columns(blanks: bytes) -> int:
    """How wide this text is, tabs filled up to the next stop."""
    return len(blanks.expandtabs(TAB_STOP))


def _one_kind_of_line_end(data: bytes) -> bytes:
    """As long as the data, so that offsets hold: CRLF is a blank and LF; the byte order mark, blank lines."""
    work = data.replace(b"\r\n", b" \n").replace(b"\r", b"\n")
    return b"\n" * len(BOM) + work[len(BOM) :] if data.startswith(BOM) else work


def _blank_out(work: bytes) -> tuple[bytes, dict[str, list[Span]]]:
    """The live text; and by kind the spans that are not live, "written" being what papercap wrote."""
    live = bytearray(work)
    spans: dict[str, list[Span]] = {kind: [] for kind in (*_TOKEN.groupindex, "written")}
    position = 0
    while token := _TOKEN.search(work, position):
        kind = token.lastgroup or ""
        dead = _dead_span(work, token, live)
        position = max(dead.end, token.end())
        if dead.end == dead.start:
            continue
        spans[kind].append(dead)
        if kind == "comment" and (end := _end_of_our_block(work, dead)) > dead.end:
            spans["written"].append(Span(dead.end, end))
            dead, position = Span(dead.start, end), end
        table = _INK if kind in ("ticks", "escape") else _BLANK
        live[dead.start : dead.end] = work[dead.start : dead.end].translate(table)
    return bytes(live), spans


def _dead_span(work: bytes, token: re.Match[bytes], live: bytearray) -> Span:
    """What is not live, beginning with this token; an empty span where the token is mere text."""
    match token.lastgroup:
        case "fence":
            return _fenced(work, token)
        case "comment":
            return _comment(work, token.start())
        case "ticks":
            return _inline_code(work, token)
        case "gap":
            return _indented_code(work, token.end(), live)
        case _:  # a quote or an escaped sign
            return Span(*token.span())


def _fenced(work: bytes, token: re.Match[bytes]) -> Span:
    """A fence with its content; it ends with the file where nothing closes it."""
    sign, length = re.escape(token["fence"][:1]), len(token["fence"])
    deepest = columns(token["indent"]) + TAB_STOP - 1
    closing = re.compile(rb"^([ \t]*)%b{%d,}[ \t]*$" % (sign, length), re.MULTILINE)
    for match in closing.finditer(work, token.end()):
        if columns(match[1]) <= deepest:
            return Span(token.start("fence"), match.end())
    return Span(token.start("fence"), len(work))


def _comment(work: bytes, start: int) -> Span:
    """An HTML comment. Where it begins a line it may hold blank lines, else it ends with its paragraph."""
    end = work.find(b"-->", start + 2)
    begins_line = not work[work.rfind(b"\n", 0, start) + 1 : start].strip()
    if begins_line:
        return Span(start, end + 3 if end >= 0 else len(work))
    paragraph = _BLANK_LINE.search(work, start)
    limit = paragraph.start() if paragraph else len(work)
    return Span(start, end + 3) if 0 <= end < limit else Span(start, start)


def _inline_code(work: bytes, token: re.Match[bytes]) -> Span:
    line_end = work.find(b"\n", token.end())
    limit = line_end if line_end >= 0 else len(work)
    closing = re.compile(rb"(?<!`)`{%d}(?!`)" % len(token["ticks"])).search(work, token.end(), limit)
    return Span(token.start(), closing.end() if closing else token.start())


def _indented_code(work: bytes, start: int, live: bytearray) -> Span:
    """Lines indented by four after a blank one, unless they go on with a list item."""
    match = _INDENTED_LINES.match(work, start)
    if match is None or _in_list(live, start):
        return Span(start, start)
    return Span(*match.span())


def _in_list(live: bytearray, start: int) -> bool:
    """Whether the nearest line above that is not indented begins a list item."""
    end = start
    while end > 0:
        begin = live.rfind(b"\n", 0, end - 1) + 1
        line = bytes(live[begin:end])
        if line.strip():
            if _LIST_ITEM.match(line):
                return True
            if not line.startswith((b"  ", b"\t", b" \t")):
                return False
        end = begin
    return False


def _end_of_our_block(work: bytes, comment: Span) -> int:
    """Past the content, if this comment opens a block of papercap's that the next marker closes."""
    opening = _OPENING.fullmatch(work, comment.start, comment.end)
    if opening is None:
        return comment.end
    closing = work.find(b"<!-- /papercap:%b -->" % opening[1], comment.end)
    if closing < 0 or work.find(b"<!-- papercap:", comment.end, closing) >= 0:
        return comment.end
    return closing
