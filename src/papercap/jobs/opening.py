"""Open a document of any kind as a PDF: a picture is one page, a web page has one for each picture."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from papercap import images
from papercap.documents.page import Bundle, decode_bundle
from papercap.documents.showing import WORDED
from papercap.errors import Refused
from papercap.fetch.sniff import BUNDLE, HTML, PICTURES, SVG, sniff_file
from papercap.pdf import Pdf, blank_pdf, html_as_pdf, picture_as_pdf, svg_as_pdf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from papercap.documents.page import Kept


class Shown(NamedTuple):
    """What stands on a page of a document made of pictures."""

    vector: bool = True
    plain: float = 1.0  # the share of its commonest colour
    lost: str = ""  # what could not be read of it
    empty: bool = False  # that is all of it


class Opened(NamedTuple):
    """A picture, or a web page as it was captured."""

    pdf: Pdf
    shown: list[Shown]  # by page
    bundle: Bundle | None


def open_document(path: bytes, name: str, password: str | None) -> Pdf:
    """The document open for reading; Refused if it cannot be read.

    A pixel of a picture is as large as one of a crop at the resolution that is usual, so that its crop has
    the same pixels. A picture of a page that cannot be read is an empty page.
    """
    if is_made_of_pictures(path):
        return open_pictures(path, name).pdf
    return Pdf(Path(os.fsdecode(path)), name, password)


def is_made_of_pictures(path: bytes) -> bool:
    """Is the document a picture, or a web page as it is captured?"""
    kind = sniff_file(Path(os.fsdecode(path)))
    return kind == BUNDLE or kind in PICTURES


def open_pictures(path: bytes, name: str) -> Opened:
    """A picture, or those of a web page, as a PDF; Refused if it is none."""
    file = Path(os.fsdecode(path))
    shown: list[Shown] = []
    if sniff_file(file) != BUNDLE:
        return Opened(Pdf(_pages_of(file, name, shown), name), shown, None)
    bundle = decode_bundle(file.read_bytes(), name)
    return Opened(Pdf(_pages_of_all(file, bundle, shown), name), shown, bundle)


def _pages_of_all(file: Path, bundle: Bundle, shown: list[Shown]) -> Iterator[bytes]:
    """One page for each picture that a web page names."""
    for kept in bundle.pictures:
        try:
            if kept.file is None:
                raise Refused(kept.why or "it is not here")
            yield next(_pages_of(_picture_of(file, kept.file), kept.file, shown, kept))
        except (Refused, OSError) as error:
            shown.append(Shown(lost=str(error), empty=True))
            yield blank_pdf()
    if not bundle.pictures:
        yield blank_pdf()


def _picture_of(file: Path, kept: str) -> Path:
    """Where a bundle's picture is; Refused for a name that leads elsewhere."""
    if not kept or kept != os.path.basename(kept) or kept.startswith("."):
        raise Refused(f"{kept!r}: no name that a picture has")
    return file.with_suffix("") / kept


def _pages_of(file: Path, name: str, shown: list[Shown], kept: Kept | None = None) -> Iterator[bytes]:
    """The pages of a file, each a PDF; what is on them is told beside."""
    kind = HTML if kept and kept.picture.how in WORDED else sniff_file(file)
    if kind in (SVG, HTML):
        data = file.read_bytes()
        page = svg_as_pdf(data, name) if kind == SVG else html_as_pdf(data.decode("utf-8", "replace"), name)
        shown.append(Shown())
        yield page
        return
    for still in images.stills(file, name):
        page = picture_as_pdf(still.data, still.width, still.height, name)
        shown.append(Shown(vector=False, plain=still.plain, lost=still.lost))
        yield page
