"""Where a README leads: its links and pictures, in Markdown and in HTML, each with the bytes that it takes.

Code and comments lead nowhere, and what papercap wrote is not looked at. Quotes lead somewhere, too.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from papercap.catalogue.scan import Readme, Span, scan

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_TITLE = 400  # bytes of the title after an address
_TITLE = rb"""(?:\s+(?:"[^"]{0,%d}"|'[^']{0,%d}'|\([^()]{0,%d}\)))?""" % ((MOST_TITLE,) * 3)
_ADDRESS = rb"<[^<>\n]*+>|(?!<)(?:[^\s()\\]|\\.|\((?:[^\s()\\]|\\.)*+\))*+"
_TOKEN = re.compile(
    rb"(?P<gap>\n[ \t]*(?=\n))|\\.|(?P<open>!?\[)"
    rb"|(?P<close>\])(?:\(\s*(?P<target>" + _ADDRESS + rb")" + _TITLE + rb"\s*\))?"
)
_DEFINITION = re.compile(
    rb"^ {0,3}\[(?!\^)[^\[\]\n]+\]:[ \t]*(?P<target><[^<>\n]+>|[^\s<]\S*)" + _TITLE + rb"[ \t]*$", re.M
)
_TAG = re.compile(rb"<(?P<tag>a|img|source|video|audio)\b(?P<attributes>[^<>]*)>", re.I)
_ATTRIBUTE = re.compile(
    rb"""(?:^|\s)(?P<name>href|src|srcset|poster)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I
)
_ALT = re.compile(rb"""(?:^|\s)alt\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.I)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_QUOTED = re.compile(rb"^(?: {0,3}>)+", re.M)

Kind = Literal["link", "picture"]


class Pointer(Struct, frozen=True):
    """A link or a picture; `target` as a browser would read it, `address` the bytes that say it."""

    kind: Kind
    target: str
    span: Span
    address: Span
    alt: str = ""  # of a picture
    in_tag: bool = False  # of HTML


def pointers_of(readme: Readme) -> list[Pointer]:
    """All that lead somewhere, in order."""
    found = {pointer.span: pointer for text in (_unquoted(readme), readme) for pointer in _pointers(text)}
    return [found[span] for span in sorted(found)]


def _unquoted(readme: Readme) -> Readme:
    """The README with blanks for the signs of quotes, so that what is quoted is live."""
    return scan(_QUOTED.sub(lambda signs: b" " * len(signs[0]), readme.data), readme.name)


def _pointers(readme: Readme) -> Iterator[Pointer]:
    yield from _in_markdown(readme)
    for match in readme.find(_DEFINITION):
        yield Pointer("link", _plain(match["target"]), Span(*match.span()), _inner(match))
    for tag in readme.find(_TAG):
        yield from _in_tag(tag)


def _in_markdown(readme: Readme) -> Iterator[Pointer]:
    """`[name](target)` and `![name](target)`, brackets paired within a paragraph."""
    opened: list[re.Match[bytes]] = []
    for token in readme.find(_TOKEN):
        if token["gap"] is not None:
            opened.clear()
        elif token["open"]:
            opened.append(token)
        elif token["close"] and opened:
            begin = opened.pop()
            if token["target"]:
                kind: Kind = "picture" if begin["open"].startswith(b"!") else "link"
                alt = _words(readme.data[begin.end() : token.start()])
                span = Span(begin.start(), token.end())
                yield Pointer(kind, _plain(token["target"]), span, _inner(token), alt)


def _in_tag(tag: re.Match[bytes]) -> Iterator[Pointer]:
    at = tag.start("attributes")
    said = _ALT.search(tag["attributes"])
    alt = _words(html.unescape(_text(next(filter(None, said.groups()), b""))).encode()) if said else ""
    for attribute in _ATTRIBUTE.finditer(tag["attributes"]):
        name = attribute["name"].lower()
        value = next(filter(None, attribute.groups()[1:]), b"")
        kind: Kind = "link" if name == b"href" or tag["tag"].lower() in (b"video", b"audio") else "picture"
        kind = "picture" if name == b"poster" else kind
        span = Span(at + attribute.start("name"), at + attribute.end())
        each = (
            [part.split()[0] for part in value.split(b",") if part.split()] if name == b"srcset" else [value]
        )
        for target in each[:1]:  # of several sizes of one picture the first speaks for all
            begin = at + attribute.start(attribute.lastindex or 0) + value.find(target)
            address = Span(begin, begin + len(target))
            yield Pointer(kind, html.unescape(_text(target)).strip(), span, address, alt, in_tag=True)


def _inner(match: re.Match[bytes]) -> Span:
    """The address without angle brackets around it."""
    start, end = match.span("target")
    return Span(start + 1, end - 1) if match["target"].startswith(b"<") else Span(start, end)


def _words(text: bytes) -> str:
    return " ".join(_text(text).split())


def _plain(target: bytes) -> str:
    """Without the signs that only Markdown needs."""
    text = _text(target)
    inner = text[1:-1] if text.startswith("<") and text.endswith(">") else text
    return html.unescape(_ESCAPED.sub(r"\1", inner)).strip()


def _text(target: bytes) -> str:
    return target.decode("utf-8", "replace")
