"""Open a document of any kind as a PDF: a picture is one page, a web page has one for each picture."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from papercap import images
from papercap.documents.page import Bundle, decode_bundle
from papercap.errors import Refused
from papercap.fetch.sniff import BUNDLE, PICTURES, sniff_file
from papercap.pdf import Pdf, blank_pdf, joined, picture_as_pdf, svg_as_pdf

SVG = "image/svg+xml"


def open_document(path: bytes, name: str, password: str | None) -> Pdf:
    """The document open for reading; Refused if it cannot be read.

    A pixel of a picture is as large as one of a crop at the resolution that is usual, so that its crop has
    the same pixels. A picture of a page that cannot be read is an empty page.
    """
    file = Path(os.fsdecode(path))
    kind = sniff_file(file)
    if kind == BUNDLE:
        return open_page(path, name).pdf
    return Pdf(_as_pdf(file, kind, name), name) if kind in PICTURES else Pdf(file, name, password)


def kind_of(path: bytes) -> str:
    """The media type of a document."""
    return sniff_file(Path(os.fsdecode(path)))


class Opened(NamedTuple):
    """A web page as it was captured."""

    pdf: Pdf
    bundle: Bundle
    lost: dict[int, str]  # by page: why there is nothing on it


def open_page(path: bytes, name: str) -> Opened:
    """A web page's pictures as a PDF; Refused if it is none."""
    file = Path(os.fsdecode(path))
    bundle = decode_bundle(file.read_bytes(), name)
    pages, lost = [], {}
    for number, kept in enumerate(bundle.pictures, start=1):
        try:
            if kept.file is None:
                raise Refused(kept.why or "it is not here")
            picture = picture_of(file, kept.file)
            pages.append(_as_pdf(picture, sniff_file(picture), kept.file))
        except (Refused, OSError) as error:
            lost[number] = str(error)
            pages.append(blank_pdf())
    return Opened(Pdf(joined(pages or [blank_pdf()]), name), bundle, lost)


def picture_of(file: Path, kept: str) -> Path:
    """Where a bundle's picture is; Refused for a name that leads elsewhere."""
    if not kept or kept != os.path.basename(kept) or kept.startswith("."):
        raise Refused(f"{kept!r}: no name that a picture has")
    return file.with_suffix("") / kept


def _as_pdf(file: Path, kind: str, name: str) -> bytes:
    if kind == SVG:
        return svg_as_pdf(file.read_bytes(), name)
    return picture_as_pdf(*images.still(file, name), name)
