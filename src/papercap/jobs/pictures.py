"""Documents that are pictures, one alone or those of a web page: each figure is a whole page."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from papercap.documents.showing import Said, refused_by_pixels
from papercap.geometry import Box
from papercap.pdf import POINTS_PER_INCH
from papercap.records import DPI, Caption, Facts, Found, Missed

if TYPE_CHECKING:
    from papercap.documents.page import Bundle, Kept
    from papercap.jobs.opening import Opened, Shown
    from papercap.pdf import Pdf

SURE = 0.9  # that a picture which was not refused is a figure; a caption that names it says so


class Seen(NamedTuple):
    """What a picture or a web page holds."""

    found: tuple[Found, ...]
    missed: tuple[Missed, ...]  # pictures that could not be had, or not whole
    originals: dict[int, str]  # by page: the address as the web page wrote it
    facts: Facts
    notes: tuple[str, ...] = ()


def find_in_pictures(opened: Opened) -> Seen:
    """Each page of a picture that stands alone is a figure; of a web page those pictures that are figures."""
    if opened.bundle is not None:
        return _find_in_page(opened, opened.bundle)
    found = tuple(
        _whole(opened.pdf, number, Said("", "", "figure"), 1.0) for number in range(1, len(opened.shown) + 1)
    )
    missed = tuple(
        Missed(label=None, page=number, caption=None, why=f"page {number} {shown.lost}")
        for number, shown in enumerate(opened.shown, start=1)
        if shown.lost
    )
    return Seen(found, missed, {}, Facts())


def _find_in_page(opened: Opened, bundle: Bundle) -> Seen:
    found, missed, originals = [], [], {}
    for number, (kept, shown) in enumerate(zip(bundle.pictures, opened.shown, strict=True), start=1):
        if not shown.empty:
            if _why_not(opened.pdf, number, kept, shown):
                continue
            said = Said(kept.caption, kept.label, kept.kind)
            found.append(_whole(opened.pdf, number, said, 1.0 if said.label else SURE))
            originals[number] = kept.picture.original
        if shown.lost:
            what = shown.lost.removeprefix(f"{kept.url}: ")
            why = f"picture {_short(kept)} {f'was not captured: {what}' if shown.empty else what}"
            missed.append(Missed(label=None, page=number, caption=None, why=why))
    videos = tuple(f"a video, not captured: {url}" for url in bundle.videos)
    return Seen(tuple(found), tuple(missed), originals, _facts(bundle), videos)


def _short(kept: Kept) -> str:
    """The end of its address, by which a person knows it."""
    original = kept.picture.original
    return original.partition("?")[0].rstrip("/").rsplit("/", 1)[-1][-60:] or "of the page itself"


def _why_not(pdf: Pdf, number: int, kept: Kept, shown: Shown) -> str:
    page = pdf.page(number)
    scale = 1 if shown.vector else DPI / POINTS_PER_INCH
    width, height = page.width * scale, page.height * scale
    return refused_by_pixels(kept.picture, kept.label, width, height, shown.plain, vector=shown.vector)


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
