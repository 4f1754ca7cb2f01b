"""The marked blocks in a README: find them, refuse damaged ones, write and remove them byte for byte.

    <!-- papercap:figures koala-2 3f9c2a51d07e -->      in an entry: its id, a hash of the lines between
    <!-- papercap:gallery 90b1c44e7a2d -->              anywhere: a gallery of everything
    <!-- /papercap:figures -->  <!-- /papercap:gallery -->

A block is whole lines. Where an entry has no line of its own to put them before (its `</details>` stands
behind other text, or it is a list item and the file ends without a line end), the marker ends in `joined`:
then the line break before it belongs to the block, and the block ends with its closing marker. `placed`
means that a person wrote the pair, without a hash, where the figures shall go: it is filled and emptied,
never moved nor removed; so are galleries. Line ends do not count in the hash: git may convert them.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from bisect import bisect_right
from typing import TYPE_CHECKING, Literal, NamedTuple

from msgspec import Struct

from papercap.catalogue.scan import Readme, Span, columns
from papercap.errors import ReadmeRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from papercap.records import Entry

DIGEST_LENGTH = 12  # hex digits: enough to see an edit, short enough for a line

_MARKER = re.compile(rb"<!-- (?P<slash>/?)papercap:(?P<kind>figures|gallery)(?P<words>(?: [^\s<>]+)*) -->")
_WORDS = {  # what may follow in a marker: the entry's id, the hash, how the block came there
    "figures": re.compile(r"(?: (?P<entry>\S+)(?: (?P<digest>[0-9a-f]{12})(?: (?P<flag>joined|placed))?)?)?"),
    "gallery": re.compile(r"(?P<entry>)(?: (?P<digest>[0-9a-f]{12}))?(?P<flag>)"),
}
_LIKE_A_MARKER = re.compile(rb"<!--\s*/?\s*papercap(?:\s*[:;.=]|[\s_-]+(?:figures?|galler(?:y|ies))\b)", re.I)
_BROKEN_MARKER = re.compile(rb"<[!\s-]*/?\s*papercap\s*:\s*(?:figure|galler)", re.I)
_TYPE_THIS = "it is '<!-- papercap:figures ID -->', '<!-- papercap:gallery -->' or the like with a slash"
_ITEM_MARK = re.compile(rb"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+")
_CLOSING_TAG = re.compile(rb"</details\s*>\s*\Z", re.I)

Kind = Literal["figures", "gallery"]


class Marker(Struct, frozen=True):
    """One marker line's comment and what it says."""

    span: Span
    kind: Kind
    closes: bool
    entry: str | None = None  # an id
    digest: str | None = None
    flag: str = ""


class Block(Struct, frozen=True):
    """A pair of markers; `inside` are the lines between them."""

    opening: Marker
    inside: Span
    closing: Marker

    @property
    def by_hand(self) -> bool:
        """Whether a person put the pair there."""
        return self.opening.kind == "gallery" or self.opening.flag == "placed" or self.opening.digest is None


class Edit(NamedTuple):
    """Put `text` in the place of the bytes from `start` to `end`."""

    start: int
    end: int
    text: bytes


def find_blocks(readme: Readme) -> list[Block]:
    """The blocks in order; ReadmeRefused names file and line where one is damaged or edited by hand."""
    blocks: list[Block] = []
    opened: Marker | None = None
    for marker in _markers(readme):
        if not marker.closes:
            if opened:
                line = readme.line_at(opened.span.start)
                raise refused(
                    readme, marker.span, f"this block begins inside the one of line {line}; delete one"
                )
            opened = marker
        elif opened is None:
            raise refused(readme, marker.span, "this marker closes nothing; delete the line")
        else:
            blocks.append(_block(readme, opened, marker))
            opened = None
    if opened:
        closing = closing_marker(opened.kind).decode()
        raise refused(readme, opened.span, f"this block is never closed; add '{closing}' or delete the line")
    return blocks


def owners_of(readme: Readme, blocks: Sequence[Block], entries: Sequence[Entry]) -> list[Entry | None]:
    """The entry that each block stands in, None for a gallery; ReadmeRefused where it stands in none.

    A block belongs to the entry that it stands in, whatever id it bears: that entry may have been renamed,
    moved, or copied with the block. ReadmeRefused also where an entry has two.
    """
    starts = [entry.start for entry in entries]
    first: dict[str, Marker] = {}
    owners: list[Entry | None] = []
    for marker in (block.opening for block in blocks):
        if marker.kind == "gallery":
            owners.append(None)
            continue
        index = bisect_right(starts, marker.span.start) - 1
        owner = entries[index] if index >= 0 and marker.span.start < entries[index].end else None
        if owner is None:
            raise refused(readme, marker.span, "this block stands in no entry; move or delete it")
        if (other := first.setdefault(owner.id, marker)) is not marker:
            line = readme.line_at(other.span.start)
            raise refused(readme, marker.span, f"'{owner.id}' has a block in line {line} already; delete one")
        owners.append(owner)
    return owners


def fill(readme: Readme, block: Block, owner: Entry | None, lines: Sequence[str], eol: bytes) -> list[Edit]:
    """Write these lines between the markers, and their hash into the opening one."""
    old = block.opening
    indent = readme.data[readme.line_start(old.span.start) : old.span.start]
    content = _content(lines, indent, eol)
    flag = old.flag or ("placed" if old.kind == "figures" and old.digest is None else "")
    marker = opening_marker(old.kind, owner.id if owner else None, digest(content), flag)
    return [Edit(*old.span, marker), Edit(*block.inside, content)]


def empty(readme: Readme, block: Block, owner: Entry | None) -> list[Edit]:
    """Take out what papercap wrote: all of the block, or what is between a pair that a person placed."""
    opening, closing = block.opening, block.closing.span
    if block.by_hand:
        marker = opening_marker(opening.kind, owner.id if owner else opening.entry)
        return [Edit(*opening.span, marker), Edit(*block.inside, b"")]
    start = readme.line_start(opening.span.start)
    if opening.flag == "joined":
        line_break = 2 if readme.data.endswith(b"\r\n", 0, start) else 1
        return [Edit(start - line_break, closing.end, b"")]
    return [Edit(start, readme.line_end(closing.start), b"")]


def insert(readme: Readme, entry: Entry, lines: Sequence[str], eol: bytes) -> list[Edit]:
    """Write a new block: before the entry's `</details>`, or beneath the list item."""
    place, indent, joined = (
        _place_in_item(readme, entry) if entry.form == "list" else _place_in_fold(readme, entry)
    )
    content = _content(lines, indent, eol)
    opening = indent + opening_marker("figures", entry.id, digest(content), "joined" if joined else "")
    text = opening + eol + content + indent + closing_marker("figures")
    return [Edit(place, place, eol + text if joined else text + eol)]


def apply(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The data with all edits made; they do not overlap."""
    pieces: list[bytes] = []
    position = 0
    for edit in sorted(edits):
        pieces += data[position : edit.start], edit.text
        position = edit.end
    return b"".join([*pieces, data[position:]])


def opening_marker(kind: Kind, entry: str | None = None, digest: str = "", flag: str = "") -> bytes:
    """`<!-- papercap:figures koala 3f9c2a51d07e -->`"""
    return f"<!-- {' '.join(filter(None, (f'papercap:{kind}', entry, digest, flag)))} -->".encode()


def closing_marker(kind: Kind) -> bytes:
    """`<!-- /papercap:figures -->`"""
    return f"<!-- /papercap:{kind} -->".encode()


def digest(content: bytes) -> str:
    """The first digits of the SHA-256 of these lines, whatever their line ends are."""
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return hashlib.sha256(lines).hexdigest()[:DIGEST_LENGTH]


def line_end_of(data: bytes) -> bytes:
    """The line end that most lines have; LF where there is none."""
    crlf = data.count(b"\r\n")
    lf = data.count(b"\n") - crlf
    if crlf or lf:
        return b"\r\n" if crlf > lf else b"\n"
    return b"\r" if b"\r" in data else b"\n"


def refused(readme: Readme, span: Span, problem: str) -> ReadmeRefused:
    """`README.md:57: problem; do this`"""
    line = readme.line_at(span.start)
    return ReadmeRefused(f"{readme.name}:{line}: {problem}", line)


def _markers(readme: Readme) -> list[Marker]:
    """Every marker in live text, in order; a mistyped one is refused."""
    markers = []
    for span in readme.comments:
        text = readme.data[span.start : span.end]
        if marker := _marker(span, text):
            markers.append(marker)
        elif _LIKE_A_MARKER.match(text):
            raise refused(
                readme, span, "a mistyped marker; write '<!-- papercap:figures ID -->', or delete it"
            )
    if broken := _BROKEN_MARKER.search(readme.live):
        raise refused(readme, Span(*broken.span()), f"a mistyped marker; {_TYPE_THIS}")
    return markers


def _marker(span: Span, text: bytes) -> Marker | None:
    match = _MARKER.fullmatch(text)
    if match is None:
        return None
    kind: Kind = "figures" if match["kind"] == b"figures" else "gallery"
    if match["slash"]:
        return None if match["words"] else Marker(span, kind, closes=True)
    words = _WORDS[kind].fullmatch(match["words"].decode())
    if words is None:
        return None
    entry = unicodedata.normalize("NFC", words["entry"]) if words["entry"] else None
    return Marker(span, kind, closes=False, entry=entry, digest=words["digest"], flag=words["flag"] or "")


def _block(readme: Readme, opening: Marker, closing: Marker) -> Block:
    """The pair as a block, if they match, stand alone and hold nothing that a person wrote."""
    first, last = readme.line_at(opening.span.start), readme.line_at(closing.span.start)
    if opening.kind != closing.kind:
        problem = f"this closes '{closing.kind}', but line {first} opens '{opening.kind}'; make them alike"
        raise refused(readme, closing.span, problem)
    _refuse_company(readme, opening.span, after=True)
    _refuse_company(readme, closing.span, after=opening.flag != "joined")
    inside = Span(readme.line_end(opening.span.start), readme.line_start(closing.span.start))
    content = readme.data[inside.start : inside.end]
    if content.strip() and opening.digest != digest(content):
        what = "all between its markers" if opening.flag == "joined" else f"lines {first} to {last}"
        problem = f"this block was edited by hand; delete {what} to have it written anew"
        raise refused(readme, opening.span, problem)
    return Block(opening, inside, closing)


def _refuse_company(readme: Readme, marker: Span, *, after: bool) -> None:
    """A marker has its line for itself, or else text would be taken for papercap's."""
    before_it = readme.data[readme.line_start(marker.start) : marker.start]
    after_it = readme.data[marker.end : readme.line_end(marker.start)] if after else b""
    if before_it.strip() or after_it.strip():
        raise refused(readme, marker, "a marker needs a line of its own; move what stands beside it")


def _place_in_item(readme: Readme, entry: Entry) -> tuple[int, bytes, bool]:
    """Where a block goes, what its lines are indented by, and whether it must bring its own line break."""
    mark = _ITEM_MARK.match(readme.data, entry.start)
    indent = b" " * columns(mark[0] if mark else b"")
    return entry.end, indent, not readme.data.endswith((b"\n", b"\r"), 0, entry.end)


def _place_in_fold(readme: Readme, entry: Entry) -> tuple[int, bytes, bool]:
    """The same, before the tag that closes the entry."""
    tag = _CLOSING_TAG.search(readme.live, readme.live.rfind(b"</", entry.start, entry.end), entry.end)
    if tag is None:
        problem = f"no place for the figures of '{entry.id}': its <details> is never closed; add </details>"
        raise refused(readme, Span(entry.start, entry.end), problem)
    line = readme.line_start(tag.start())
    before = readme.data[line : tag.start()]
    if not before.strip():
        return line, before, False
    mark = _ITEM_MARK.match(before)  # of a list item that is all on this line
    indent = b" " * columns(mark[0]) if mark else before[: len(before) - len(before.lstrip())]
    return tag.start(), indent, True


def _content(lines: Sequence[str], indent: bytes, eol: bytes) -> bytes:
    return b"".join((indent + line.encode() if line else b"") + eol for line in lines)
