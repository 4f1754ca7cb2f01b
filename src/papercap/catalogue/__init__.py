"""Read a catalogue: the entries of a README with their exact byte ranges.

An entry is a `<details>` whose summary holds a link or a name in brackets, or a list item that begins with
an http(s) link. Ordinary READMEs hold such things too, so that

- a `<details>` whose summary is plain words counts only in a section that holds one with a link;
- list items count only outside `<details>`, only at the top level, only under a heading that is not the
  title, only where most items of that section begin with such a link (a table of contents does not), and
  only in a README that has `<details>` entries or is a list of links with descriptions (`_is_link_list`).

Code, comments, quotes and what papercap wrote hold no entries. Nested `<details>` belong to the outer one.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from bisect import bisect_left, bisect_right
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from papercap.catalogue.heads import Head, heading_name, read_head
from papercap.catalogue.scan import Readme, Span, columns, scan
from papercap.errors import NotFound, Refused
from papercap.names import slug
from papercap.records import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LINK_LIST = 10  # items: a README of list items alone is a catalogue from here on; fewer are mere links
MAX_SUGGESTIONS = 5  # ids named in "no such entry"
MAX_CHOICES = 20  # ids named in "fits several"
NEVER_CLOSED = "<details> is never closed"
NAMELESS = "entry"  # the id of an entry whose name has neither letter nor digit

_DETAILS = re.compile(rb"<(/?)details(?=[\s/>])[^<>]*>", re.I)
_SUMMARY = re.compile(rb"\s*<summary\b[^<>]*>(.*?)</summary\s*>", re.I | re.S)
_SUMMARY_END = re.compile(rb"</summary\s*>", re.I)
_WRAPPING = re.compile(rb"</?(?:details|div)\b[^<>]*>|<!-- /?papercap:[^<>]*-->", re.I)
_HEADING = re.compile(
    rb"^ {0,3}(?P<hashes>#{1,6})[ \t]+(?P<atx>[^\n]*?)[ \t]*#*[ \t]*$"
    rb"|^ {0,3}(?P<setext>(?!\d{1,9}[.)][ \t])[^\s#>|<*+-][^\n]*)\n {0,3}(?P<line>=+|-+)[ \t]*$"
    rb"|<h(?P<level>[1-6])\b[^<>]*>(?P<html>.*?)</h(?P=level)\s*>",
    re.M | re.I | re.S,
)
_ITEM = re.compile(rb"^(?P<indent> {0,3})(?P<mark>[-*+]|\d{1,9}[.)])(?P<gap>[ \t]{1,4})(?=[^\s])", re.M)
_NEW_BLOCK = re.compile(
    rb"\s*(?:[-*+][ \t]|\d{1,9}[.)][ \t]|#{1,6}[ \t]|>|```|~~~|<|([-*_])(?:[ \t]*\1){2,}[ \t]*$)"
)


class _Fold(Struct, frozen=True):
    span: Span  # from tag to tag
    closed: bool


class _Heading(Struct, frozen=True):
    start: int
    level: int
    name: str


class _Found(Struct, frozen=True):
    """An entry before it has its section and id."""

    span: Span
    head: Head
    form: Literal["details", "list"]
    warnings: tuple[str, ...] = ()


_Group = list[tuple[Span, "_Found | None"]]  # the list items of one section


class PassedOver(Struct, frozen=True):
    """What stands among entries and could not be read as one."""

    line: int
    form: Literal["details", "list"]
    why: str


def read_entries(data: bytes, name: str = "README.md") -> list[Entry]:
    """The entries in the order in which they stand; Refused if the README is not UTF-8."""
    return list(entries_of(read_readme(data, name)))


@lru_cache(2)
def read_readme(data: bytes, name: str = "README.md") -> Readme:
    """Scan a README; Refused if it is not UTF-8. `name` is for messages."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        raise Refused(f"{name}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    return scan(data, name)


@lru_cache(2)  # those of a README are asked for by all that deals with it
def entries_of(readme: Readme) -> tuple[Entry, ...]:
    """The entries of a README that is scanned already."""
    folds = _folds(readme)
    headings = _headings(readme, folds)
    found = _details_entries(readme, folds, headings)
    found += _list_entries(readme, folds, headings, bool(found))
    found.sort(key=lambda item: item.span)
    ids = _ids([item.head.name for item in found])
    return tuple(_entry(readme, item, ident, headings) for item, ident in zip(found, ids, strict=True))


def passed_over(readme: Readme) -> list[PassedOver]:
    """What stands in the sections that hold entries, looks like one and is none, in order."""
    folds = _folds(readme)
    headings = _headings(readme, folds)
    entries = _details_entries(readme, folds, headings)
    sections = {_section_at(headings, found.span.start) for found in entries}
    found = [
        PassedOver(readme.line_at(fold.span.start), "details", _why_no_entry(readme, fold))
        for fold in folds
        if _section_at(headings, fold.span.start) in sections and _details_entry(readme, fold) is None
    ]
    for group in _list_groups(readme, folds, headings, bool(entries)):
        for span, item in group:
            if item is None:
                why = "it does not begin with an http(s) link"
                found.append(PassedOver(readme.line_at(span.start), "list", why))
    return sorted(found, key=lambda one: one.line)


def find_entry(entries: Sequence[Entry], text: str) -> Entry:
    """The entry of this id or name, or of a prefix that only one has; NotFound lists what to choose from."""
    wanted = _folded(text)
    for fits in (lambda e: e.id == wanted, lambda e: _folded(e.name) == wanted):
        if exact := next(filter(fits, entries), None):
            return exact
    begun = [e for e in entries if wanted and (e.id.startswith(wanted) or _folded(e.name).startswith(wanted))]
    if len(begun) == 1:
        return begun[0]
    if begun:
        raise NotFound(f"{text!r} fits several entries: {_listed(begun, MAX_CHOICES)}; give one of these ids")
    raise NotFound(f"{text!r}: no such entry{_hint(entries, wanted)}")


# -- folds: the outermost <details> -------------------------------------------------------


def _folds(readme: Readme) -> list[_Fold]:
    """Each outermost `<details>`; one that is not closed ends where the next begins."""
    closed, unclosed = _paired(readme)
    outer: list[Span] = []
    for span in sorted(closed):
        if not outer or span.start >= outer[-1].end:
            outer.append(span)
    starts = sorted([span.start for span in outer] + unclosed)
    ends = dict(pairwise([*starts, len(readme.data)]))
    open_ended = [Span(start, _end_of_unclosed(readme, start, ends[start])) for start in unclosed]
    folds = [_Fold(span, True) for span in outer] + [_Fold(span, False) for span in open_ended]
    return sorted(folds, key=lambda fold: fold.span)


def _paired(readme: Readme) -> tuple[list[Span], list[int]]:
    """Every `<details>` that is closed, from tag to tag, and the starts of those that are not."""
    stack: list[int] = []
    closed: list[Span] = []
    for tag in readme.find(_DETAILS):
        if not tag[1]:
            stack.append(tag.start())
        elif stack:
            closed.append(Span(stack.pop(), tag.end()))
    return closed, stack


def _end_of_unclosed(readme: Readme, start: int, limit: int) -> int:
    """Before the next heading, or else the limit, blank lines left out."""
    heading = _HEADING.search(readme.live, start, limit)
    return start + len(readme.live[start : heading.start() if heading else limit].rstrip())


def _whole_lines(readme: Readme, span: Span) -> Span:
    """With the blanks before it and the line end after it, where nothing else is on those lines."""
    first, last = readme.line_start(span.start), readme.line_end(span.end - 1)
    start = span.start if readme.data[first : span.start].strip() else first
    return Span(start, span.end if readme.data[span.end : last].strip() else last)


def _details_entries(readme: Readme, folds: Sequence[_Fold], headings: Sequence[_Heading]) -> list[_Found]:
    candidates = [found for fold in folds if (found := _details_entry(readme, fold))]
    linked = {_section_at(headings, found.span.start) for found in candidates if found.head.linked != "none"}
    return [found for found in candidates if _section_at(headings, found.span.start) in linked]


def _details_entry(readme: Readme, fold: _Fold) -> _Found | None:
    span = fold.span
    tag = _DETAILS.match(readme.live, span.start)
    summary = _SUMMARY.match(readme.live, tag.end(), span.end) if tag else None
    head = read_head(_text(readme, Span(*summary.span(1)))) if summary else None
    if head is None:
        return None
    warnings = head.warnings if fold.closed else (*head.warnings, f"{NEVER_CLOSED}; add </details>")
    return _Found(_whole_lines(readme, span), head, "details", warnings)


def _why_no_entry(readme: Readme, fold: _Fold) -> str:
    tag = _DETAILS.match(readme.live, fold.span.start)
    if tag and _SUMMARY.match(readme.live, tag.end(), fold.span.end):
        return "its summary holds no name"
    return "no <summary>…</summary> follows its <details>"


# -- list items ---------------------------------------------------------------------------


def _list_entries(
    readme: Readme, folds: Sequence[_Fold], headings: Sequence[_Heading], has_details: bool
) -> list[_Found]:
    groups = _list_groups(readme, folds, headings, has_details)
    return [item for group in groups for _span, item in group if item]


def _list_groups(
    readme: Readme, folds: Sequence[_Fold], headings: Sequence[_Heading], has_details: bool
) -> list[_Group]:
    """The list items of each section whose items are entries, those that are none among them."""
    by_section: dict[int, _Group] = {}
    for item in _top_items(readme, [fold.span for fold in folds]):
        section = _section_at(headings, item.start)
        by_section.setdefault(section, []).append((item, _list_entry(readme, item)))
    by_section.pop(-1, None)
    groups = [group for group in by_section.values() if _mostly(item is not None for _span, item in group)]
    if not has_details and not _is_link_list(groups, sum(map(len, by_section.values()))):
        return []
    return groups


def _is_link_list(groups: Sequence[_Group], items: int) -> bool:
    """Whether list items are what the README is made of: many, of several sections, most described."""
    kept = [item for group in groups for _span, item in group if item]
    enough = len(kept) >= LINK_LIST and len(groups) > 1 and 2 * len(kept) > items
    return enough and _mostly(bool(item.head.description) for item in kept)


def _mostly(answers: Iterable[bool]) -> bool:
    answers = list(answers)
    return 2 * sum(answers) > len(answers)


def _top_items(readme: Readme, folds: Sequence[Span]) -> list[Span]:
    """The list items that are in no other list item and in no fold."""
    items: list[Span] = []
    for match in readme.find(_ITEM):
        if _is_in(folds, match.start()) or (items and match.start() < items[-1].end):
            continue
        items.append(Span(match.start(), _end_of_item(readme, match.end(), columns(match[0]))))
    return items


def _end_of_item(readme: Readme, start: int, indent: int) -> int:
    """Past the last line that belongs to the item whose text is indented so far."""
    end = position = readme.line_end(start)
    after_blank = False
    while position < len(readme.data):
        next_line = readme.line_end(position)
        line = readme.data[position:next_line]
        text = line.strip()
        belongs = columns(line[: len(line) - len(line.lstrip())]) >= indent
        if text and not belongs and (after_blank or _NEW_BLOCK.match(line.rstrip())):
            break
        if text:
            end = next_line = _past_fence(readme, next_line)
        after_blank = not text
        position = next_line
    return end


def _past_fence(readme: Readme, offset: int) -> int:
    """The offset, or where the lines end of the fence that it is in: a fence is not cut in two."""
    index = bisect_left(readme.fences, offset, key=lambda fence: fence.start) - 1
    inside = index >= 0 and offset <= readme.fences[index].end
    return readme.line_end(readme.fences[index].end - 1) if inside else offset


def _list_entry(readme: Readme, span: Span) -> _Found | None:
    """The item as an entry, if an http(s) link begins it; only a badge and signs may stand before."""
    mark = _ITEM.match(readme.live, span.start)
    begin = mark.end() if mark else span.start
    head = read_head(_text(readme, Span(begin, _end_of_paragraph(readme, begin, span.end))))
    if head is None or head.url is None or any(sign.isalnum() for sign in head.lead):
        return None
    return _Found(span, head, "list", head.warnings)


def _end_of_paragraph(readme: Readme, start: int, limit: int) -> int:
    end = min(readme.line_end(start), limit)
    while end < limit:
        line = readme.live[end : readme.line_end(end)]
        if not line.strip() or _NEW_BLOCK.match(line.rstrip()):
            break
        end = readme.line_end(end)
    return min(end, limit)


# -- headings, ids and the rest -----------------------------------------------------------


def _headings(readme: Readme, folds: Sequence[_Fold]) -> list[_Heading]:
    """The headings outside folds; those inside belong to an entry's notes."""
    spans = [fold.span for fold in folds]
    return [_heading(readme, match) for match in readme.find(_HEADING) if not _is_in(spans, match.start())]


def _is_in(spans: Sequence[Span], offset: int) -> bool:
    """Whether one of these, sorted and apart, holds the byte."""
    index = bisect_right(spans, offset, key=lambda span: span.start) - 1
    return index >= 0 and offset < spans[index].end


def _heading(readme: Readme, match: re.Match[bytes]) -> _Heading:
    kind = next(group for group in ("atx", "setext", "html") if match[group] is not None)
    name = heading_name(_text(readme, Span(*match.span(kind))))
    by_line = 1 if (match["line"] or b"").startswith(b"=") else 2
    level = len(match["hashes"]) if kind == "atx" else int(match["level"]) if kind == "html" else by_line
    return _Heading(match.start(), level, name)


def _section_at(headings: Sequence[_Heading], offset: int) -> int:
    """The index of the heading that this stands under; -1 under none or under the title alone."""
    index = bisect_right(headings, offset, key=lambda heading: heading.start) - 1
    return -1 if index == 0 and headings[0].level == 1 else index


def _ids(names: Sequence[str]) -> list[str]:
    """The slug of each name, `-2`, `-3` … after it where an earlier name or another's slug has it."""
    slugs = [slug(name) or NAMELESS for name in names]
    taken = set(slugs)
    following: dict[str, int] = {}  # the number to try next
    ids = []
    for base in slugs:
        name, number = base, following.get(base, 2)
        if base in following:
            while (name := f"{base}-{number}") in taken:
                number += 1
        following[base] = number
        taken.add(name)
        ids.append(name)
    return ids


def _entry(readme: Readme, found: _Found, ident: str, headings: Sequence[_Heading]) -> Entry:
    section = _section_at(headings, found.span.start)
    return Entry(
        id=ident,
        section=headings[section].name if section >= 0 else None,
        name=found.head.name,
        url=found.head.url,
        commercial=found.head.commercial,
        line=readme.line_at(found.span.start),
        end_line=readme.line_at(found.span.end - 1),
        start=found.span.start,
        end=found.span.end,
        form=found.form,
        description=found.head.description,
        warnings=found.warnings,
        catalogue=readme.name,
        notes=_notes(readme, found),
    )


def _notes(readme: Readme, found: _Found) -> str:
    """What a person wrote beneath the entry's head."""
    start, end = found.span
    if found.form == "details":
        tag = _SUMMARY_END.search(readme.live, start, end)
        start = tag.end() if tag else end
    else:
        start = min(readme.line_end(start), end)
    first = bisect_right(readme.outside, start, key=lambda span: span.end)
    text = b""
    for span in readme.outside[first:]:
        if span.start >= end:
            break
        text += readme.data[max(start, span.start) : min(end, span.end)]
    return _WRAPPING.sub(b"", text).decode().strip()


def _text(readme: Readme, span: Span) -> str:
    return readme.data[span.start : span.end].decode()


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).strip()


def _hint(entries: Sequence[Entry], wanted: str) -> str:
    close = set(difflib.get_close_matches(wanted, [entry.id for entry in entries], MAX_SUGGESTIONS))
    if close:
        return (
            f"; did you mean {_listed([entry for entry in entries if entry.id in close], MAX_SUGGESTIONS)}?"
        )
    return f"; there are {_listed(entries, MAX_CHOICES)}" if entries else "; the catalogue has none"


def _listed(entries: Sequence[Entry], most: int) -> str:
    more = f" and {len(entries) - most} more" if len(entries) > most else ""
    return ", ".join(entry.id for entry in entries[:most]) + more
