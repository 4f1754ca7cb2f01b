"""The images that a person put into a catalogue's entries, with the exact bytes of their addresses."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from msgspec import Struct

from papercap.catalogue.pointers import pointers_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from papercap.catalogue.pointers import Pointer
    from papercap.catalogue.scan import Readme
    from papercap.records import Entry

# Alt texts that say nothing
_NO_WORDS = frozenset("image img picture screenshot photo 이미지 그림 사진".split())


class Image(Struct, frozen=True):
    """An image in an entry."""

    entry: Entry
    pointer: Pointer
    line: int

    @property
    def address(self) -> str:
        """As a browser would read it."""
        return self.pointer.target

    @property
    def alt(self) -> str:
        """What it is said to show; "" for words that say nothing."""
        return "" if self.pointer.alt.casefold() in _NO_WORDS else self.pointer.alt


def images_of(readme: Readme, entries: Sequence[Entry]) -> list[Image]:
    """The images in entries, in their order; what papercap wrote, code and comments hold none."""
    pictures = [pointer for pointer in pointers_of(readme) if pointer.kind == "picture"]
    return [
        Image(entry, pointer, readme.line_at(pointer.span.start))
        for pointer in pictures
        for entry in entries
        if entry.start <= pointer.span.start < entry.end
    ]


def replaced(readme: Readme, new: Sequence[tuple[Image, str]]) -> bytes:
    """The README with other addresses in the places of these images' own; no other byte changes."""
    pieces: list[bytes] = []
    position = 0
    for image, address in sorted(new, key=lambda pair: pair[0].pointer.address):
        span = image.pointer.address
        text = html.escape(address) if image.pointer.in_tag else address
        pieces += readme.data[position : span.start], text.encode()
        position = span.end
    return b"".join([*pieces, readme.data[position:]])
