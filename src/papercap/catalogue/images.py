"""The images that a person put into a catalogue's entries, with the exact bytes of their addresses."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from papercap.catalogue.scan import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from papercap.catalogue.scan import Readme
    from papercap.records import Entry

_MARKDOWN = re.compile(
    rb"!\[(?P<alt>[^\[\]\n]*)\]\([ \t]*"
    rb"(?:<(?P<angled>[^<>\n]+)>|(?P<plain>(?:[^\s()<>\\]|\([^\s()<>]*\))+))"
    rb"(?:[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\)))?[ \t]*\)"
)
_TAG = re.compile(rb"<img\b[^<>]*>", re.I)
_SOURCE = re.compile(
    rb"""\bsrc\s*=\s*(?:"(?P<double>[^"<>]*)"|'(?P<single>[^'<>]*)'|(?P<bare>[^\s"'<>]+))""", re.I
)
_ALT = re.compile(rb"""\balt\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')""", re.I)
_NO_WORDS = frozenset(
    "image img picture screenshot photo 이미지 그림 사진".split()
)  # alt texts that tell nothing


class Image(Struct, frozen=True):
    """An image in an entry; `span` is of its address in the README."""

    entry: Entry
    address: str  # as a browser would read it
    alt: str  # "" where it tells nothing
    span: Span
    line: int
    escaped: bool  # stands in an HTML attribute


def images_of(readme: Readme, entries: Sequence[Entry]) -> list[Image]:
    """The images in entries, in their order; what papercap wrote, code and comments hold none."""
    found = [image for entry in entries for image in _in_entry(readme, entry)]
    return sorted(found, key=lambda image: image.span)


def replaced(readme: Readme, new: Sequence[tuple[Image, str]]) -> bytes:
    """The README with other addresses in the places of these images' own; no other byte changes."""
    pieces: list[bytes] = []
    position = 0
    for image, address in sorted(new, key=lambda pair: pair[0].span):
        text = html.escape(address) if image.escaped else address
        pieces += readme.data[position : image.span.start], text.encode()
        position = image.span.end
    return b"".join([*pieces, readme.data[position:]])


def _in_entry(readme: Readme, entry: Entry) -> Iterator[Image]:
    for outside in readme.outside:
        start, end = max(entry.start, outside.start), min(entry.end, outside.end)
        if start >= end:
            continue
        for match in _MARKDOWN.finditer(readme.live, start, end):
            span = Span(*match.span("angled" if match["angled"] else "plain"))
            yield _image(readme, entry, span, match["alt"], escaped=False)
        for tag in _TAG.finditer(readme.live, start, end):
            source = _SOURCE.search(readme.live, *tag.span())
            if source and source.lastgroup:
                alt = _ALT.search(tag[0])
                words = (alt[1] or alt[2] or b"") if alt else b""
                yield _image(readme, entry, Span(*source.span(source.lastgroup)), words, escaped=True)


def _image(readme: Readme, entry: Entry, span: Span, alt: bytes, *, escaped: bool) -> Image:
    address = readme.data[span.start : span.end].decode()
    words = html.unescape(" ".join(alt.decode("utf-8", "replace").split()))
    return Image(
        entry=entry,
        address=html.unescape(address) if escaped else address,
        alt="" if words.casefold() in _NO_WORDS else words,
        span=span,
        line=readme.line_at(span.start),
        escaped=escaped,
    )
