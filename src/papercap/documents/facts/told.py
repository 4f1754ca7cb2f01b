"""What the file tells beside its pages: the metadata and XMP that can hold a fact, cleaned."""

from __future__ import annotations

import html
import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from papercap.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping


class Told(NamedTuple):
    """The values of each sort, cleaned; the best first."""

    titles: tuple[str, ...]
    authors: tuple[tuple[str, ...], ...]
    ids: tuple[str, ...]  # where DOI and arXiv id are given as such
    asides: tuple[str, ...]  # subject and keywords: journal, volume, year, DOI
    issued: tuple[str, ...]  # dates of publication
    created: str  # date of the file


MAX_XMP = 200_000  # characters; packets grow to megabytes by histories of edits, the facts stand first
MAX_FIELD = 20_000  # characters of one value; there are papers of a thousand authors
MAX_ELEMENTS = 4  # of one name; what comes after is about embedded files

_XMP_ITEM = re.compile(r"<rdf:li\b[^<>]*>([^<]*)<")
_XMP_TAG = re.compile(r"<[^<>]*>")


def read_told(metadata: Mapping[str, str], xmp: str) -> Told:
    """The information dictionary and the XMP packet, which may be broken or huge, as one."""
    xmp = xmp[:MAX_XMP]
    lists = [tuple(_xmp(xmp, "dc:creator")), (metadata.get("author", ""),)]
    return Told(
        titles=_kept([*_xmp(xmp, "dc:title"), metadata.get("title", "")]),
        authors=tuple(names for names in map(_kept, lists) if names),
        ids=_kept(value for tag in ("prism:doi", "pdfx:doi", "dc:identifier") for value in _xmp(xmp, tag)),
        asides=_kept(metadata.get(key, "") for key in ("subject", "title", "keywords")),
        issued=_kept([*_xmp(xmp, "prism:coverDate"), *_xmp(xmp, "prism:coverDisplayDate")]),
        created=metadata.get("creationDate", ""),
    )


def _kept(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (clean(value[:MAX_FIELD]) for value in values))))


def _xmp(xmp: str, tag: str) -> Iterator[str]:
    """The values of an element or attribute; read by pattern, for packets are often no sound XML."""
    openings = re.finditer(rf'<{tag}\b[^<>]*>|\s{tag}\s?=\s?"([^"<>]*)"', xmp)
    for opening in islice(openings, MAX_ELEMENTS):
        inside = opening[1]
        if inside is None:
            inside = xmp[opening.end() :].partition(f"</{tag}>")[0]
        for item in _XMP_ITEM.findall(inside) or [_XMP_TAG.sub("", inside)]:
            yield html.unescape(item)
