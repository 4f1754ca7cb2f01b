"""Documents that are pictures, one alone or those of a web page: each figure is a whole page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from papercap import images
from papercap.documents.showing import Said, refused_by_pixels
from papercap.fetch.sniff import sniff_file
from papercap.geometry import Box
from papercap.jobs.opening import SVG, picture_of
from papercap.pdf import POINTS_PER_INCH
from papercap.records import DPI, Caption, Facts, Found, Missed

if TYPE_CHECKING:
    from papercap.documents.page import Bundle, Kept
    from papercap.jobs.opening import Opened
    from papercap.pdf import Pdf

SURE = 0.9  # that a picture which was not refused is a figure; a caption that names it says so


def find_picture(pdf: Pdf) -> Found:
    """The whole picture is the figure."""
    return _whole(pdf, 1, Said("", "", "figure"), 1.0)


class Seen(NamedTuple):
    """What a web page holds."""

    found: tuple[Found, ...]
    missed: tuple[Missed, ...]  # pictures that could not be had
    originals: dict[int, str]  # by page: the address as the web page wrote it
    facts: Facts


def find_in_page(page: Opened, path: bytes) -> Seen:
    """The figures among the pictures of a web page."""
    file = Path(os.fsdecode(path))
    found, missed, originals = [], [], {}
    for number, kept in enumerate(page.bundle.pictures, start=1):
        if number in page.lost:
            why = (
                f"picture {_short(kept)} was not captured: {page.lost[number].removeprefix(f'{kept.url}: ')}"
            )
            missed.append(Missed(label=None, page=number, caption=None, why=why))
        elif not _why_not(page.pdf, number, kept, picture_of(file, kept.file or "")):
            said = Said(kept.caption, kept.label, kept.kind)
            sure = 1.0 if said.label else SURE
            found.append(_whole(page.pdf, number, said, sure))
            originals[number] = kept.picture.original
    return Seen(tuple(found), tuple(missed), originals, _facts(page.bundle))


def _short(kept: Kept) -> str:
    """The end of its address, by which a person knows it."""
    original = kept.picture.original
    return original.partition("?")[0].rstrip("/").rsplit("/", 1)[-1][-60:] or "of the page itself"


def _why_not(pdf: Pdf, number: int, kept: Kept, file: Path) -> str:
    page, vector = pdf.page(number), sniff_file(file) == SVG
    scale = 1 if vector else DPI / POINTS_PER_INCH
    plain = 1.0 if vector else images.plainness(file)
    width, height = page.width * scale, page.height * scale
    return refused_by_pixels(kept.picture, kept.label, width, height, plain, vector=vector)


def _whole(pdf: Pdf, number: int, said: Said, sure: float) -> Found:
    page = pdf.page(number)
    caption = Caption(
        kind=said.kind, label=said.label, page=number, box=None, text=said.caption, probability=sure
    )
    words = " ".join(line.text for line in page.lines)  # an SVG has some
    box = Box(0, 0, page.width, page.height)
    return Found(caption=caption, page=number, box=box, confidence=sure, method="picture", text=words)


def _facts(bundle: Bundle) -> Facts:
    year = bundle.published[:4]
    return Facts(
        title=bundle.title or None,
        authors=(bundle.author,) if bundle.author else (),
        year=int(year) if year.isdigit() else None,
    )
