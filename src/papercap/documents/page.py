"""Read a web page or Markdown: the pictures that it shows, each with what stands around it.

One pass over the tags, in a worker, as any document is read.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Literal

import msgspec
from msgspec import Struct

from papercap.documents.markup import Markup
from papercap.errors import Refused
from papercap.records import Kind
from papercap.wording import read_wording

MAX_PICTURES = 2000  # of one page; nobody shows so many figures
RUNNING = 60  # letters; a block with so many is running text
MAX_TEXT = 2000  # letters of a block that are kept
PX_OF_EM = 16.0  # as browsers have it

How = Literal["image", "svg", "table", "listing", "video", "frame", "card"]

_BLOCKS = frozenset(
    "address article aside blockquote body br center dd details div dl dt fieldset figcaption figure footer "
    "form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td tfoot th "
    "thead tr ul".split()
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_SILENT = frozenset(
    "script style template noscript code pre textarea select title annotation annotation-xml".split()
)
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-url", "data-actualsrc")
_SETS = ("srcset", "data-srcset", "data-lazy-srcset")
_LENGTH = re.compile(r"\s*([\d.]+)\s*(px|em|rem|%|)\s*(?:!important)?\s*$")
_VIEW = re.compile(r"\s*[\d.-]+[\s,]+[\d.-]+[\s,]+(\d+\.?\d*)[\s,]+(\d+\.?\d*)\s*")
_STYLE = re.compile(r"(?:^|;)\s*(width|max-width|height)\s*:\s*([^;]+)", re.IGNORECASE)
_CANDIDATE = re.compile(r"\s*([^\s,]\S*[^\s,])(?:\s+([\d.]+)([wx]))?\s*(?:,|$)")
_FRONT_MATTER = re.compile(r"\A\ufeff?---\s*\n.*?\n---\s*\n", re.DOTALL)
_TITLE = re.compile(r"^title\s*:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE)
_REMARK = re.compile(r"^\s*\[//\]: #.*$", re.MULTILINE)


class Size(Struct, frozen=True):
    """How large a picture is shown, in CSS pixels or as a share of its column; None if unsaid."""

    width: float | None = None
    height: float | None = None
    share: float | None = None


class Picture(Struct, frozen=True, kw_only=True):
    """A picture or table that a page shows."""

    how: How
    original: str  # its address as the page wrote it; "" for what is drawn inside the page
    inline: str = ""  # the source of an SVG, table or listing that stands inside the page
    alt: str = ""
    title: str = ""
    figcaption: str = ""
    before: str = ""  # the block of text before it
    after: str = ""
    heading: str = ""  # the nearest above
    link: str = ""  # where it leads
    size: Size = Size()
    hidden: bool = False
    at: int = 0  # how many blocks of text stand before it
    row: int = 0  # how many other pictures stand in its block
    in_head: bool = False  # no running text stands before it, and no other picture


class WebPage(Struct, frozen=True, kw_only=True, tag="page"):
    """What a page says of itself, and its pictures as they stand."""

    title: str = ""
    author: str = ""
    published: str = ""
    licence: str = ""
    base: str = ""  # what its addresses are relative to, if not its own
    pictures: tuple[Picture, ...] = ()


class Kept(Struct, frozen=True, kw_only=True):
    """A picture of a page that may be a figure, and its file."""

    picture: Picture  # without the text around it: other words elsewhere on the page make no other document
    caption: str
    label: str
    kind: Kind
    url: str  # the whole address, or the path of a file beside a local page
    file: str | None = None  # beside the bundle; None if it was not to be had
    sha256: str | None = None
    why: str | None = None  # it was not to be had


class Bundle(Struct, frozen=True, kw_only=True):
    """A page as it is captured: what it says of itself, and its pictures, each a page of the document."""

    papercap_page: int = 1  # the first thing in the file: tells what it is
    url: str | None
    title: str
    author: str
    published: str
    licence: str
    words: str | None = None  # SHA-256 of a page without pictures, which nothing else tells from others
    pictures: tuple[Kept, ...]
    videos: tuple[str, ...] = ()  # addresses of what is shown and not captured


def encode_bundle(bundle: Bundle) -> bytes:
    """As JSON that people can read; the same pictures and words give the same bytes."""
    return msgspec.json.format(msgspec.json.encode(bundle), indent=1) + b"\n"


def decode_bundle(data: bytes, name: str) -> Bundle:
    """Refused, naming it, for what is none."""
    try:
        return msgspec.json.decode(data, type=Bundle)
    except msgspec.DecodeError as error:
        raise Refused(f"{name}: cannot be read as a captured page ({error})") from None


def read_html(text: str) -> WebPage:
    """A page of HTML."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.page()


def read_markdown(text: str) -> WebPage:
    """A Markdown file, as GitHub reads it."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    reader.normalizeLink = lambda url: url  # type: ignore[method-assign]  # an address as the page wrote it
    page = read_html(str(reader.render(_REMARK.sub("", _FRONT_MATTER.sub("", text)))))
    said = _FRONT_MATTER.match(text)
    title = _TITLE.search(said[0]) if said else None
    return msgspec.structs.replace(page, title=title[1].strip() if title else page.title)


class _Captioned(Struct):
    """A <figure> or <table> that is open."""

    first: int  # where its pictures begin
    before: str  # the block of text before it
    markup: Markup | None  # of the outermost
    caption: list[str] = []


class _Open(Struct):
    """What is open around the place that is being read."""

    link: list[str] = []
    figures: list[_Captioned] = []
    tables: list[_Captioned] = []
    captions: list[_Captioned] = []  # whose captions are being read
    picture: list[str] = []  # the best source of each open <picture>
    video: bool = False
    silent: list[str] = []


class _Reader(HTMLParser):
    """Collects pictures and blocks of text in the order in which they stand."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._title = self._author = self._published = self._licence = self._base = ""
        self._found: list[Picture] = []
        self._cards: list[Picture] = []
        self._blocks: list[str] = []  # texts; a picture's `at` is how many there were
        self._text: list[str] = []
        self._heading = self._first_heading = ""
        self._headings: set[int] = set()  # which blocks are such
        self._in_heading = False
        self._open = _Open()
        self._svg: list[str] | None = None
        self._drawn = Picture(how="svg", original="")
        self._svg_open: list[str] = []  # names as they are written
        self._row_began = 0
        self._in_title = False

    # -- tags

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in reversed(attrs)}
        for markup in self._markups():
            markup.start(tag, said)
        if self._svg is not None:
            written = self.get_starttag_text() or ""
            self._svg.append(written)
            self._svg_open.append(written[1 : 1 + len(tag)])
            return
        if tag in _SILENT:
            self._in_title = tag == "title" and not self._title
            self._end_block()
            self._open.silent.append(tag)
        if self._open.silent:
            return
        if tag in _BLOCKS:
            self._end_block()
        handler = getattr(self, f"_open_{tag}", None)
        if handler is not None:
            handler(said)
        elif tag in _HEADINGS:
            self._in_heading = True

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._svg is not None:
            self._svg.append(self.get_starttag_text() or "")
            return
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        for markup in self._markups():
            markup.end(tag)
        if self._svg is not None:
            self._close_drawn(self._svg, tag)
            return
        if self._open.silent:
            if tag == self._open.silent[-1]:
                self._open.silent.pop()
                self._in_title = False
            return
        if tag in _BLOCKS:
            self._end_block()
        if tag in _HEADINGS:
            self._in_heading = False
        elif tag == "video":
            self._open.video = False
        elif opened := self._opened(tag):
            last = opened.pop()
            if isinstance(last, _Captioned) and tag in ("table", "figure"):
                self._open.captions = [one for one in self._open.captions if one is not last]
                (self._close_table if tag == "table" else self._close_figure)(last)

    def _opened(self, tag: str) -> list[str] | list[_Captioned]:
        """What such a tag closes the last of."""
        match tag:
            case "a":
                return self._open.link
            case "picture":
                return self._open.picture
            case "table":
                return self._open.tables
            case "figure":
                return self._open.figures
            case "caption" | "figcaption":
                return self._open.captions
        return []

    def _close_drawn(self, svg: list[str], tag: str) -> None:
        """Close a tag of an SVG as it was opened, and those in it: small and large letters differ there."""
        while tag in (name.lower() for name in self._svg_open):
            name = self._svg_open.pop()
            svg.append(f"</{name}>")
            if name.lower() == tag:
                break
        if not self._svg_open:
            self._add(_with(self._drawn, inline="".join(svg)))
            self._svg = None

    def handle_data(self, data: str) -> None:
        if self._svg is not None:
            self._svg.append(data.replace("&", "&amp;").replace("<", "&lt;"))
            return
        for markup in self._markups():
            markup.words(data)
        if self._in_title:
            self._title += data
        elif not self._open.silent:
            (self._open.captions[-1].caption if self._open.captions else self._text).append(data)

    def _markups(self) -> list[Markup]:
        """What is being recorded."""
        return [one.markup for one in (*self._open.figures[:1], *self._open.tables[:1]) if one.markup]

    # -- what opens

    def _open_base(self, said: dict[str, str]) -> None:
        self._base = self._base or said.get("href", "")

    def _open_meta(self, said: dict[str, str]) -> None:
        name, content = (said.get("property") or said.get("name", "")).lower(), said.get("content", "")
        if name in ("og:image", "twitter:image", "og:image:url", "og:image:secure_url") and content:
            self._cards.append(Picture(how="card", original=content))
        elif name in ("author", "article:author", "citation_author"):
            self._author = self._author or content
        elif name in ("article:published_time", "date", "citation_publication_date"):
            self._published = self._published or content
        elif name in ("og:title", "citation_title"):
            self._title = self._title or content

    def _open_link(self, said: dict[str, str]) -> None:
        if "license" in said.get("rel", "").lower().split():
            self._licence = self._licence or said.get("href", "")

    def _open_a(self, said: dict[str, str]) -> None:
        self._open.link.append(said.get("href", ""))
        self._open_link(said)

    def _open_figure(self, _said: dict[str, str]) -> None:
        self._open.figures.append(self._captioned(Markup() if not self._open.figures else None))

    def _open_table(self, said: dict[str, str]) -> None:
        markup = Markup() if not self._open.tables else None
        self._open.tables.append(self._captioned(markup))
        if markup is not None:
            markup.start("table", said)

    def _captioned(self, markup: Markup | None) -> _Captioned:
        return _Captioned(len(self._found), self._blocks[-1] if self._blocks else "", markup)

    def _open_figcaption(self, _said: dict[str, str]) -> None:
        if self._open.figures:
            self._open.captions.append(self._open.figures[-1])

    def _open_caption(self, _said: dict[str, str]) -> None:
        if self._open.tables:
            self._open.captions.append(self._open.tables[-1])

    def _open_picture(self, _said: dict[str, str]) -> None:
        self._open.picture.append("")

    def _open_source(self, said: dict[str, str]) -> None:
        if self._open.video and self._found[-1].how == "video" and not self._found[-1].original:
            self._found[-1] = _with(self._found[-1], original=said.get("src", ""))
        elif self._open.picture and "dark" not in said.get("media", ""):
            self._open.picture[-1] = self._open.picture[-1] or _widest(said)

    def _open_svg(self, said: dict[str, str]) -> None:
        self._svg, self._svg_open = [self.get_starttag_text() or ""], ["svg"]
        size = _size(said)
        if size.width is None and size.share is None and (view := _VIEW.fullmatch(said.get("viewbox", ""))):
            size = Size(float(view[1]), float(view[2]))
        self._drawn = Picture(
            how="svg", original="", size=size, hidden=_is_hidden(said) or said.get("aria-hidden") == "true"
        )

    def _open_video(self, said: dict[str, str]) -> None:
        self._add(Picture(how="video", original=said.get("src", ""), size=_size(said)))
        self._open.video = bool(self._found)

    def _open_iframe(self, said: dict[str, str]) -> None:
        self._add(Picture(how="frame", original=said.get("src", ""), size=_size(said)))

    def _open_img(self, said: dict[str, str]) -> None:
        original = (self._open.picture[-1] if self._open.picture else "") or _widest(said)
        if not original:
            return
        self._add(
            Picture(
                how="image",
                original=original,
                alt=" ".join(said.get("alt", "").split()),
                title=" ".join(said.get("title", "").split()),
                size=_size(said),
                hidden=_is_hidden(said),
            )
        )

    # -- blocks

    def _add(self, picture: Picture) -> None:
        if len(self._found) < MAX_PICTURES:
            link = next((link for link in reversed(self._open.link) if link), "")
            self._found.append(_with(picture, heading=self._heading, link=link, at=len(self._blocks)))

    def _end_block(self) -> None:
        """A block of text is whole; pictures that stood in it were in one row."""
        text = _one_line(self._text)
        self._text = []
        own = range(self._row_began, len(self._found))
        for at in own:
            self._found[at] = _with(self._found[at], row=len(own) - 1)
        self._row_began = len(self._found)
        if text:
            self._blocks.append(text)
            if self._in_heading:
                self._headings.add(len(self._blocks) - 1)
                self._first_heading = self._first_heading or text
                self._heading = text

    def _close_table(self, table: _Captioned) -> None:
        """A table is a figure if a caption says so; one that holds pictures only places them."""
        html = table.markup.table() if table.markup and len(self._found) == table.first else ""
        if html:
            said = _one_line(table.caption)
            self._add(Picture(how="table", original="", inline=html, figcaption=said, before=table.before))

    def _close_figure(self, figure: _Captioned) -> None:
        """Its caption is that of all pictures in it; those of parts ("(a) …") yield to one with a number."""
        said = _one_line(figure.caption)
        if not said:
            return
        named = _is_named(said)
        if named and len(self._found) == figure.first and figure.markup and (html := figure.markup.block()):
            self._add(Picture(how="listing", original="", inline=html, before=figure.before))
        for at in range(figure.first, len(self._found)):
            own = self._found[at]
            if not own.figcaption or (named and not _is_named(own.figcaption)):
                self._found[at] = _with(own, figcaption=said, alt=own.figcaption or own.alt)

    def page(self) -> WebPage:
        """All that was read."""
        self._end_block()
        running = (
            at for at, text in enumerate(self._blocks) if len(text) >= RUNNING and at not in self._headings
        )
        head = next(running, len(self._blocks))
        taken = {picture.at for picture in self._found}
        pictures = [
            _with(
                picture,
                in_head=picture.at <= head,
                # What stands below one picture is no caption of the next.
                before=picture.before
                or (self._blocks[picture.at - 1] if picture.at and picture.at - 1 not in taken else ""),
                after=self._blocks[picture.at] if picture.at < len(self._blocks) else "",
            )
            for picture in self._found
        ]
        return WebPage(
            title=" ".join(self._title.split()) or self._first_heading,
            author=self._author,
            published=self._published,
            licence=self._licence,
            base=self._base,
            pictures=(*pictures, *self._cards),
        )


def _with(picture: Picture, **values: object) -> Picture:
    return msgspec.structs.replace(picture, **values)


def _one_line(parts: list[str]) -> str:
    return " ".join("".join(parts).split())[:MAX_TEXT]


def _is_named(caption: str) -> bool:
    """Does it begin "Figure 3"?"""
    said = read_wording(caption)
    return said is not None and bool(said.number)


def _is_hidden(said: dict[str, str]) -> bool:
    return "hidden" in said or "display:none" in said.get("style", "").replace(" ", "").lower()


def _widest(said: dict[str, str]) -> str:
    """The address of the widest form of a picture, as it is written."""
    for name in _SETS:
        if candidates := _CANDIDATE.findall(said.get(name, "")):
            return str(max(candidates, key=lambda one: float(one[1] or 1))[0])
    lazy = next((said[name] for name in _LAZY if said.get(name)), "")
    return (lazy or said.get("src", "")).strip()


def _size(said: dict[str, str]) -> Size:
    """As the attributes and the style say it; the style counts more."""
    values = {name: said[name] for name in ("width", "height") if said.get(name)}
    values |= {name.lower(): value for name, value in _STYLE.findall(said.get("style", ""))}
    width, share = _length(values.get("width", ""))
    height, _ = _length(values.get("height", ""))
    most, _ = _length(values.get("max-width", ""))
    if most is not None and (width is None or most < width):
        width = most
    return Size(width, height, share)


def _length(text: str) -> tuple[float | None, float | None]:
    """CSS pixels, or share of the column."""
    found = _LENGTH.match(text.rstrip("/"))
    if found is None or found[1].count(".") > 1 or found[1] == ".":
        return None, None
    value = float(found[1])
    if found[2] == "%":
        return None, value / 100
    return value * (PX_OF_EM if found[2] in ("em", "rem") else 1), None
