"""PyMuPDF's one home: open, text, ink, render, clip. Its errors end here as `Refused`.

Boxes are in points as the page is displayed: rotation and crop box are applied.
"""

from __future__ import annotations

import io
import sys
from collections import Counter, OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

# PyMuPDF loads its layout package and onnxruntime at import, at three times the time and memory of
# all the rest; papercap uses neither.
for _unused in ("pymupdf.layout", "onnxruntime"):
    sys.modules.setdefault(_unused, None)  # type: ignore[arg-type]

import numpy as np
import pymupdf
from pymupdf import mupdf

from papercap.errors import Refused
from papercap.geometry import Box, rounded, union
from papercap.records import DPI, Line, Page
from papercap.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

    import numpy.typing as npt

POINTS_PER_INCH = 72
EDGE = 2  # points by which an image may reach over a box and is still left as it is
INK_BELOW = 250  # grey value; nearly white paper is no ink
LOOK_DPI = 36  # enough to tell a blank page from one that is not
MAX_PIXELS = 50_000_000  # a picture; more is a bomb or a mistake
KEPT_LISTS = 32  # display lists: those of a usual paper; a page's takes some 0.3 MB
EFFORT = 20  # of 100 in packing a vector crop: a quarter of the time of full effort for 6 % more bytes
# What readers leave on a page; stamps and free text carry content and stay.
READERS_MARKS = frozenset({0, 8, 9, 10, 11, 14, 15, 16, 17})  # note, highlight … ink, popup, file
_UNREADABLE = (RuntimeError, ValueError, mupdf.FzErrorBase, pymupdf.mupdf.FzErrorSystem)
# What MuPDF says where a page's content breaks off, or holds what is no drawing.
_CUT_SHORT = ("treating as end of file", "premature end of data", "page may not be correct")
_NOT_OPENED = "Failed to open"  # MuPDF says no more than that, and our path
_BOLD = ("bold", "heavy", "black", "-bd", "demi", "semibold", ".b")
_BOLD_FLAG, _ITALIC_FLAG = 16, 2

HTML_WIDTHS = (400, 560, 800)  # points of a page on which a table is laid out
TALLER = 1.1  # a narrower page may be so much taller than the widest
HTML_MARGIN = 6  # points
LONGEST = 14_000  # points; a PDF's page has at most 14,400
HTML_STYLE = """
body { font-family: sans-serif; font-size: 10px; color: #1f2328; margin: 0 }
table { border-collapse: collapse }
th, td { border: 0.5px solid #b6bcc4; padding: 3px 7px; text-align: left }
th { background-color: #eef0f3 }
p, ul, ol { margin: 0 }
"""

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)


def letters() -> bytes:
    """A font file with the letters of most scripts; PyMuPDF brings it along."""
    return bytes(pymupdf.Font("cjk").buffer)


class Raster(NamedTuple):
    """A rendered box: 8-bit RGB, rows of `width * 3` bytes without padding."""

    width: int
    height: int
    samples: bytes


def picture_as_pdf(data: bytes, width: int, height: int, name: str) -> bytes:
    """A PDF of one page that shows a JPEG or PNG, its pixels as large as those of a usual crop."""
    scale = POINTS_PER_INCH / DPI
    try:
        with pymupdf.open() as doc:
            page = doc.new_page(width=max(1, width * scale), height=max(1, height * scale))
            page.insert_image(page.rect, stream=data, keep_proportion=False)
            return bytes(doc.tobytes())
    except _UNREADABLE as error:
        raise Refused(f"{name}: cannot be read as a picture ({_first_line(error)})") from None


def blank_pdf() -> bytes:
    """One small empty page."""
    with pymupdf.open() as doc:
        doc.new_page(width=72, height=72)
        return bytes(doc.tobytes())


def svg_as_pdf(data: bytes, name: str) -> bytes:
    """A PDF of one page with an SVG's own vectors."""
    try:
        with pymupdf.open(stream=data, filetype="svg") as doc:
            return bytes(doc.convert_to_pdf())
    except _UNREADABLE as error:
        raise Refused(f"{name}: cannot be read as SVG ({_first_line(error)})") from None


def html_as_pdf(html: str, name: str) -> bytes:
    """A PDF of one page that shows a table or listing in a plain style, as wide as it needs.

    Nothing that the HTML names is loaded. Refused if it is empty or longer than a page can be.
    """
    try:
        bottoms = {width: _laid(html, width, name) for width in HTML_WIDTHS}
        most = TALLER * bottoms[HTML_WIDTHS[-1]]
        width = next(width for width, bottom in bottoms.items() if bottom <= most)
        page = pymupdf.Rect(0, 0, width, bottoms[width] + HTML_MARGIN)
        out = io.BytesIO()
        writer = pymupdf.DocumentWriter(out)
        story = pymupdf.Story(html, HTML_STYLE)
        device = writer.begin_page(page)
        story.place(_within(width))
        story.draw(device)
        writer.end_page()
        writer.close()
        with pymupdf.open(stream=out.getvalue(), filetype="pdf") as doc:
            boxes = [Box(*box) for _kind, box in doc[0].get_bboxlog()]
            if not boxes:
                raise Refused(f"{name}: holds no words")
            drawn = pymupdf.Rect(union(boxes)) + (-HTML_MARGIN, -HTML_MARGIN, HTML_MARGIN, HTML_MARGIN)
            return _clipped(doc, drawn & page, blank_images=False)
    except _UNREADABLE as error:
        raise Refused(f"{name}: cannot be drawn ({_first_line(error)})") from None


def _within(width: float) -> pymupdf.Rect:
    return pymupdf.Rect(HTML_MARGIN, HTML_MARGIN, width - HTML_MARGIN, LONGEST - HTML_MARGIN)


def _laid(html: str, width: float, name: str) -> float:
    """How far down the words reach on a page of that width; Refused if that is too far."""
    more, filled = pymupdf.Story(html, HTML_STYLE).place(_within(width))
    if more:
        raise Refused(f"{name}: longer than a page can be")
    return float(pymupdf.Rect(filled).y1)


class Pdf:
    """An open PDF; pages are numbered from 1. Use as a context manager."""

    def __init__(self, file: Path | Iterable[bytes], name: str = "", password: str | None = None) -> None:
        """Open a file, or PDFs in memory as one; Refused if it is no PDF, is locked or has no page.

        `name` is for messages.
        """
        self.name = name or getattr(file, "name", "")
        try:
            self._doc = pymupdf.open(file, filetype="pdf") if isinstance(file, Path) else _joined(file)
            self._check(password)
        except _UNREADABLE as error:
            why = "damaged, or no PDF" if _NOT_OPENED in str(error) else _first_line(error)
            raise Refused(f"{self.name}: cannot be read as a PDF ({why})") from None
        self._heard: dict[str, None] = {}
        self._lists: OrderedDict[int, Any] = OrderedDict()
        self._rects: dict[int, pymupdf.Rect] = {}
        self._images: dict[int, list[pymupdf.Rect]] = {}
        self._listen()  # what is said of the file as a whole is not said of its first page

    def _check(self, password: str | None) -> None:
        if not self._doc.is_pdf:
            raise Refused(f"{self.name}: no PDF inside")
        if self._doc.needs_pass and not (password and self._doc.authenticate(password)):
            hint = "the password does not fit" if password else "locked; give --password"
            raise Refused(f"{self.name}: {hint}")
        if self._doc.page_count == 0:
            raise Refused(f"{self.name}: has no pages; the file is damaged or cut short")

    def __enter__(self) -> Pdf:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lists.clear()
        self._doc.close()

    @property
    def page_count(self) -> int:
        return int(self._doc.page_count)

    @property
    def metadata(self) -> dict[str, str]:
        """The document's own title, author, creationDate …; what is missing is left out."""
        return {key: value for key, value in (self._doc.metadata or {}).items() if value}

    def xmp(self) -> str:
        """The XMP packet, or "" where there is none that can be read."""
        try:
            return str(self._doc.get_xml_metadata() or "")
        except _UNREADABLE:
            return ""

    def warnings(self) -> tuple[str, ...]:
        """MuPDF's complaints about the document so far, each once."""
        self._listen()
        return tuple(self._heard)

    def damage(self, page: Page) -> str | None:
        """What is lost of a page just read because MuPDF went on after an error; None if nothing."""
        told = self._listen()
        cut = next((what for what in told if any(sign in what for sign in _CUT_SHORT)), None)
        if told and not page.lines and not self.ink(page.number, LOOK_DPI).any():
            return f"is empty, for it is damaged ({told[0]})"
        return f"was read only in part ({cut})" if cut else None

    def _listen(self) -> list[str]:
        """MuPDF's complaints since the last call."""
        told = [
            cleaned
            for what in pymupdf.TOOLS.mupdf_warnings(reset=True).splitlines()
            if (cleaned := clean(what))
        ]
        self._heard.update(dict.fromkeys(told))
        return told

    def page(self, number: int) -> Page:
        """The text of a page; Refused, saying only why, if the page is broken."""
        try:
            shown = self._list(number)
            text = pymupdf.TextPage(shown.get_textpage(pymupdf.TEXTFLAGS_TEXT))
            blocks = text.extractDICT()["blocks"]
        except _UNREADABLE as error:
            raise Refused(_first_line(error)) from None
        rect = self._rects[number]
        lines = [
            line
            for index, block in enumerate(blocks)
            for raw in block.get("lines", ())
            if (line := _line(raw, index)) is not None
        ]
        return Page(number, rect.width, rect.height, tuple(lines))

    def ink(self, number: int, dpi: int) -> npt.NDArray[np.bool_]:
        """Where the page is not white: rows by columns, pixels of `72 / dpi` points."""
        scale = dpi / POINTS_PER_INCH
        self._guard(self._size(number), dpi)
        try:
            pixmap = self._list(number).get_pixmap(
                matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csGRAY, alpha=0
            )
        except _UNREADABLE as error:
            raise Refused(_first_line(error)) from None
        grey = np.frombuffer(pixmap.samples_mv, np.uint8).reshape(pixmap.height, pixmap.stride)
        return grey[:, : pixmap.width] < INK_BELOW

    def render(self, number: int, box: Box, dpi: int) -> Raster:
        """A picture of a box, with the page's stamps but not its readers' highlights."""
        self._guard(box, dpi)
        scale = dpi / POINTS_PER_INCH
        try:
            pixmap = self._list(number).get_pixmap(
                matrix=pymupdf.Matrix(scale, scale), colorspace=pymupdf.csRGB, alpha=0, clip=pymupdf.Rect(box)
            )
        except _UNREADABLE as error:
            raise Refused(_first_line(error)) from None
        return Raster(pixmap.width, pixmap.height, pixmap.samples)

    def clip(self, number: int, box: Box) -> bytes:
        """A one-page PDF of a box that holds nothing from outside it."""
        index = number - 1
        try:
            with pymupdf.open() as out:
                _drop_readers_marks(self._page(number))
                out.insert_pdf(self._doc, from_page=index, to_page=index, links=False)
                return _clipped(out, pymupdf.Rect(box), self._images_reach_over(number, pymupdf.Rect(box)))
        except _UNREADABLE as error:
            raise Refused(f"no vector crop ({_first_line(error)})") from None

    def svg(self, number: int, box: Box) -> bytes:
        """A box as SVG, its letters drawn as outlines so that it looks the same everywhere."""
        with pymupdf.open("pdf", self.clip(number, box)) as cut:
            return str(cut[0].get_svg_image(text_as_path=True)).encode()

    def _images_reach_over(self, number: int, box: pymupdf.Rect) -> bool:
        """Does an image stand partly in the box and partly outside?"""
        if number not in self._images:
            text = pymupdf.TextPage(self._list(number).get_textpage(pymupdf.TEXT_PRESERVE_IMAGES))
            self._images[number] = [pymupdf.Rect(info["bbox"]) for info in text.extractIMGINFO()]
        inside = box + (-EDGE, -EDGE, EDGE, EDGE)
        return any(box.intersects(image) and not inside.contains(image) for image in self._images[number])

    def _list(self, number: int) -> Any:
        """The page's display list, parsed once for text, ink and crops."""
        if number in self._lists:
            self._lists.move_to_end(number)
            return self._lists[number]
        page = self._page(number)
        _drop_readers_marks(page)
        self._rects[number] = page.rect
        shown = self._lists[number] = page.get_displaylist(annots=1)
        if len(self._lists) > KEPT_LISTS:
            self._lists.popitem(last=False)
        return shown

    def _size(self, number: int) -> Box:
        if number not in self._rects:
            self._rects[number] = self._page(number).rect
        return Box(*self._rects[number])

    def _page(self, number: int) -> Any:
        try:
            return self._doc[number - 1]
        except IndexError:  # a repair, which begins when an object is missed, may find fewer than it counted
            raise Refused("it is gone, for the document is damaged") from None

    @staticmethod
    def _guard(box: Box, dpi: int) -> None:
        pixels = box.area * (dpi / POINTS_PER_INCH) ** 2
        if not 0 < pixels <= MAX_PIXELS:
            raise Refused(
                f"a picture of {pixels / 1e6:.0f} megapixels is more than the {MAX_PIXELS // 10**6} allowed;"
                " give a smaller --dpi"
            )


def _joined(parts: Iterable[bytes]) -> Any:
    """One document of the pages of several, of which one at a time is held."""
    doc = pymupdf.open()
    for data in parts:
        with pymupdf.open(stream=data, filetype="pdf") as part:
            doc.insert_pdf(part)
    return doc


def _drop_readers_marks(page: Any) -> None:
    for _xref, kind, _name in page.annot_xrefs():
        if kind in READERS_MARKS:
            break
    else:
        return
    for annotation in list(page.annots()):
        if annotation.type[0] in READERS_MARKS:
            page.delete_annot(annotation)


def _clipped(out: Any, box: pymupdf.Rect, blank_images: bool) -> bytes:
    """Cut the only page of `out` down to `box` and write it without what is no longer used."""
    page = out[0]
    if page.first_annot or page.first_widget:
        out.bake()
        page = out[0]
    rotation, box = page.rotation, box * page.derotation_matrix
    page.set_rotation(0)
    box = box & page.rect
    if blank_images:
        _blank_images_outside(page, box)
    page.clip_to_rect(box)
    page.set_cropbox(box + (*page.cropbox.tl, *page.cropbox.tl))
    page.set_rotation(rotation)
    return bytes(out.tobytes(garbage=3, deflate=True, compression_effort=EFFORT, no_new_id=True))


def _blank_images_outside(page: Any, box: pymupdf.Rect) -> None:
    """Clipping hides what an image shows outside the box but keeps its pixels (a scan: the whole page)."""
    whole = page.rect
    for strip in (
        (whole.x0, whole.y0, whole.x1, box.y0),
        (whole.x0, box.y1, whole.x1, whole.y1),
        (whole.x0, box.y0, box.x0, box.y1),
        (box.x1, box.y0, whole.x1, box.y1),
    ):
        if not pymupdf.Rect(strip).is_empty:
            page.add_redact_annot(strip)
    page.apply_redactions(
        images=pymupdf.PDF_REDACT_IMAGE_PIXELS,
        graphics=pymupdf.PDF_REDACT_LINE_ART_NONE,
        text=pymupdf.PDF_REDACT_TEXT_NONE,
    )


def _line(raw: dict[str, Any], block: int) -> Line | None:
    """A line from MuPDF's dictionary; None for one of blanks only."""
    spans = [span for span in raw["spans"] if span["text"].strip()]
    if not spans:
        return None
    first, longest = spans[0], _usual(spans)
    lead = ""
    for span in spans:
        if span["font"] != first["font"] or abs(span["size"] - first["size"]) > 0.3:
            break
        lead += span["text"]
    return Line(
        text="".join(span["text"] for span in raw["spans"]).strip(),
        box=rounded(union(Box(*span["bbox"]) for span in spans)),
        size=longest["size"],
        font=longest["font"],
        bold=_is_bold(longest),
        italic=bool(longest["flags"] & _ITALIC_FLAG),
        color=longest["color"],
        direction=(round(raw["dir"][0], 2), round(raw["dir"][1], 2)),
        block=block,
        lead=lead.strip(),
        lead_size=first["size"],
        lead_font=first["font"],
        lead_bold=_is_bold(first),
        lead_color=first["color"],
    )


def _usual(spans: list[dict[str, Any]]) -> dict[str, Any]:
    """The span that looks like most of the line; many programs make a span of each word."""
    letters: Counter[tuple[str, float, int]] = Counter()
    for span in spans:
        letters[_look(span)] += len(span["text"].strip())
    ((look, _),) = letters.most_common(1)
    return next(span for span in spans if _look(span) == look)


def _look(span: dict[str, Any]) -> tuple[str, float, int]:
    return span["font"], round(span["size"], 1), span["color"]


def _is_bold(span: dict[str, Any]) -> bool:
    return bool(span["flags"] & _BOLD_FLAG) or any(sign in span["font"].lower() for sign in _BOLD)


def _first_line(error: BaseException) -> str:
    lines = [line for line in map(clean, str(error).splitlines()) if line]
    return lines[0] if lines else type(error).__name__
