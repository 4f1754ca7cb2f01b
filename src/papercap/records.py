"""The frozen types that flow from stage to stage, and the record that a paper is kept as.

Boxes are PDF points, origin top left, as the page is displayed; pages count from 1.
`docs/format.md` is the same in prose.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar

import msgspec
from msgspec import Struct

from papercap.errors import Damaged, Exit, Newer
from papercap.geometry import Box

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DPI = 200  # of crops: print quality at a README's width, some 70 kB a figure
UNSURE = 0.8  # confidence below which a figure should be looked at: two in three of those are right
RECORD_FORMAT = 1  # of record.json; a higher one is refused; docs/format.md says how one will come

Kind = Literal["figure", "table", "algorithm"]
By = Literal["document", "service", "hand"]  # who says so: the paper, a web service, a person
Maker = Literal["auto", "hand"]
Step = Literal["reading", "finding", "cropping", "drawing"]
Status = Literal["captured", "unchanged", "partial", "failed"]

T = TypeVar("T")


# -- what is read from a document ---------------------------------------------------------


class Source(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a document is from: what was typed, and the bytes that were found there."""

    typed: str
    sha256: str
    bytes: int
    type: str  # a media type, sniffed
    file: str | None = None  # its name in the paper's folder; None with --no-source
    url: str | None = None
    licence: str | None = None
    credit: str | None = None


class Line(Struct, frozen=True, gc=False):
    """One line of text as the PDF has it, with the look of its longest run and of its first."""

    text: str
    box: Box
    size: float  # points
    font: str
    bold: bool
    italic: bool
    color: int  # sRGB
    direction: tuple[float, float]  # of writing; (1, 0) is level
    block: int  # MuPDF's number of the text block on its page
    lead: str  # the text of the first run, as far as font and size stay the same
    lead_size: float
    lead_font: str
    lead_bold: bool
    lead_color: int


class Page(Struct, frozen=True):
    """The text of one page."""

    number: int
    width: float
    height: float
    lines: tuple[Line, ...]


class Facts(Struct, frozen=True, kw_only=True):
    """What a document says about itself; None where it says nothing."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    year: int | None = None
    doi: str | None = None
    arxiv: str | None = None
    abstract: str | None = None


class Caption(Struct, frozen=True, kw_only=True):
    """The lines that begin "Figure 3:"; `probability` is how sure it is that they are a caption.

    Where a table goes on without a caption, `label` is the table's, `box` is None and `text` is "".
    """

    kind: Kind
    label: str
    page: int
    box: Box | None
    text: str
    probability: float


class Spot(NamedTuple):
    """Where a body stands: no two of a document share page and box."""

    page: int
    box: Box


class Found(Struct, frozen=True, kw_only=True):
    """A caption with the body that belongs to it, or a part that goes on without a caption."""

    caption: Caption
    page: int  # of the body
    box: Box
    confidence: float
    method: str
    text: str = ""  # the words inside the body
    continues: Spot | None = None  # the part before of a body that goes on over a page break


class Missed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A caption for which nothing was captured, or pages on which none could be, and why.

    `why` goes on after the label ("has no body"); without a label it is a sentence of its own. Page 0 is
    none that is known, as of a figure that only a paper's HTML has.
    """

    label: str | None
    page: int
    caption: str | None
    why: str


class Extraction(Struct, frozen=True, kw_only=True):
    """What one document holds, with what failed beside what worked."""

    pages: int
    facts: Facts
    found: tuple[Found, ...]
    missed: tuple[Missed, ...]
    warnings: tuple[str, ...] = ()


# -- what is kept of it -------------------------------------------------------------------


class Sourced(Struct, Generic[T], frozen=True, forbid_unknown_fields=True):
    """A value and who says so."""

    value: T
    by: By


class LinkKey(NamedTuple):
    """The entry that a link means, as the README had it."""

    entry: str
    catalogue: str
    name: str
    url: str | None
    section: str | None


class Link(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure or paper illustrates an entry of a catalogue.

    It says of the entry what stood in the README, by which that is known again when it was renamed or moved.
    """

    entry: str
    name: str
    url: str | None = None
    section: str | None = None
    catalogue: str = "README.md"  # relative to the root
    by: Maker = "hand"
    score: float | None = None
    why: str | None = None

    @property
    def key(self) -> LinkKey:
        return LinkKey(self.entry, self.catalogue, self.name, self.url, self.section)


class Files(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A figure's files, by their names in the paper's folder."""

    image: str | None = None
    vector: str | None = None
    thumbnail: str | None = None


def is_plain(name: str) -> bool:
    """Can it be the name of a file, and of nothing outside its folder?"""
    return _is_inside(name) and "/" not in name


def files_of(name: str) -> Files:
    """The names of the files that a capture with this id has."""
    return Files(image=f"{name}.png", vector=f"{name}.pdf", thumbnail=f"thumbs/{name}.webp")


class Options(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """How the capture was asked for; kept so that `add --again` can be told the same."""

    pages: str | None = None
    dpi: int | None = None


class Figure(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One captioned float of an archived paper."""

    id: str  # the part after the paper's: figure-3
    kind: Kind
    label: str | None
    page: int
    box: Box
    caption: Sourced[str] | None
    caption_box: Box | None
    by: Maker
    method: str
    confidence: float | None
    files: Files
    text: str = ""
    tags: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    rejected: tuple[str, ...] = ()  # ids of entries that it does not illustrate, as a person said
    pinned: bool = False  # leads the galleries
    panels: tuple[str, ...] = ()
    continues: str | None = None  # the figure that this is a further part of: the end of its id
    original: str | None = None  # the address as the page wrote it
    hash: str | None = None  # 256-bit difference hash of the trimmed crop, hex


class FileFact(Struct, frozen=True, forbid_unknown_fields=True):
    """A file's content, so that a change can be seen."""

    sha256: str
    bytes: int


class Paper(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The record of one paper: the truth about its folder."""

    format: int
    id: str
    kind: Literal["pdf", "page", "image"]
    added: str  # UTC, ISO 8601
    made_by: str  # papercap and its version
    source: Source
    options: Options
    pages: int
    title: Sourced[str] | None = None
    authors: Sourced[tuple[str, ...]] | None = None
    year: Sourced[int] | None = None
    doi: Sourced[str] | None = None
    arxiv: Sourced[str] | None = None
    abstract: Sourced[str] | None = None
    version_of: str | None = None  # the paper that this one is a newer version of
    tags: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    rejected: tuple[str, ...] = ()
    notes: str | None = None
    figures: tuple[Figure, ...] = ()
    missed: tuple[Missed, ...] = ()
    warnings: tuple[str, ...] = ()
    retired: tuple[str, ...] = ()  # ids of figures that are gone; never given to another
    files: dict[str, FileFact] = {}


class Entry(Struct, frozen=True, kw_only=True):
    """One row of a catalogue: a model, project, data set or tool in a README."""

    id: str
    section: str | None
    name: str
    url: str | None
    commercial: Literal["no", "partly", "yes"] | None
    line: int  # first, counted from 1
    end_line: int  # last
    start: int  # first byte in the file
    end: int  # one past the last
    form: Literal["details", "list"]
    description: str = ""
    warnings: tuple[str, ...] = ()
    catalogue: str = "README.md"  # relative to the root
    notes: str = ""  # what stands beneath its head, as it is written, papercap's own blocks left out


class FigureRow(Struct, frozen=True, kw_only=True):
    """A figure as searches, `--json` and galleries show it; paths are relative to the root."""

    id: str  # <paper>/figure-3
    paper: str
    kind: Kind
    label: str | None
    page: int
    box: Box
    caption: str | None
    tags: tuple[str, ...]  # its own and its paper's, sorted
    entries: tuple[str, ...]  # ids; its own and its paper's, sorted
    image: str | None
    vector: str | None
    thumbnail: str | None
    original: str | None
    continues: str | None  # the id of the figure that this is a further part of
    confidence: float | None
    title: str | None  # the paper's
    year: int | None
    pinned: bool = False
    hash: str | None = None  # 256-bit difference hash of the trimmed crop, hex
    snippet: str | None = None  # of a search: the text around the hit, the hit in ‹ ›


class PaperRow(Struct, frozen=True, kw_only=True):
    """A paper as `list` shows it."""

    id: str
    kind: str
    title: str | None
    authors: tuple[str, ...]
    year: int | None
    doi: str | None
    arxiv: str | None
    pages: int
    figures: int
    missed: int
    tags: tuple[str, ...]
    entries: tuple[str, ...]
    added: str
    source: str | None  # path of the kept document
    sha256: str
    version_of: str | None
    url: str | None  # where it was fetched
    typed: str  # by which it was added
    licence: str | None
    credit: str | None


class Trashed(Struct, frozen=True, kw_only=True):
    """What stands in the trash: a removed paper, or files that a repair moved there."""

    id: str | None  # the paper's; None for files
    title: str | None
    removed: str  # UTC, ISO 8601
    figures: int
    tags: tuple[str, ...]
    sha256: str | None  # of its document
    folder: str  # relative to the root


# -- what a user is told of one source ---------------------------------------------------


class Report(Struct, frozen=True, kw_only=True):
    """What became of one source."""

    source: str
    status: Status
    paper: str | None = None
    figures: tuple[FigureRow, ...] = ()
    missed: tuple[Missed, ...] = ()
    error: str | None = None
    note: str | None = None  # what else the user should know, in one line
    links: tuple[Link, ...] = ()  # to entries, which papercap made by itself
    proposals: int = 0  # of links about which a person is asked
    code: Exit = Exit.DONE


class Extracted(Struct, frozen=True, kw_only=True):
    """What was found in one document, without an archive."""

    source: str
    pdf: str  # the file's name
    name: str  # of its results: the file's without ".pdf", counted where two share one
    sha256: str
    pages: int
    facts: Facts
    figures: tuple[Figure, ...]
    missed: tuple[Missed, ...]
    error: str | None = None
    code: Exit = Exit.DONE


def file_names(figure: Figure) -> tuple[str, ...]:
    """Those that a figure has."""
    return tuple(filter(None, msgspec.structs.astuple(figure.files)))


# -- what a worker is asked, and answers ----------------------------------------------------


class Job(Struct, frozen=True, kw_only=True, tag="capture"):
    """Capture one document."""

    name: str  # for messages
    path: bytes  # as the system has it: a file's name need not be UTF-8
    out: bytes | None  # folder for the pictures; None finds only
    pages: str | None = None  # "3", "2-5", "1,4-": all if None
    dpi: int = DPI
    password: str | None = None
    kept: tuple[Figure, ...] = ()  # figures of an earlier extraction, whose ids are kept
    retired: tuple[str, ...] = ()
    skip: dict[int, str] = {}  # pages that cannot be read, and why


class Browse(Struct, frozen=True, kw_only=True, tag="browse"):
    """Read a page of HTML or Markdown."""

    name: str  # for messages
    path: bytes
    markdown: bool
    out: None = None


class Outcome(Struct, frozen=True, kw_only=True, tag="outcome"):
    """What came of it; the figures' files are in the job's folder."""

    extraction: Extraction
    figures: tuple[Figure, ...]


class Drawing(Struct, frozen=True, kw_only=True, tag="draw"):
    """Draw one box of a document once more."""

    name: str
    path: bytes
    page: int
    box: Box
    dpi: int
    form: Literal["png", "jpg", "webp", "pdf", "svg"]
    out: bytes  # the file to write
    password: str | None = None


class Drawn(Struct, frozen=True, kw_only=True, tag="drawn"):
    """Its file is written."""

    bytes: int


class Crop(Struct, frozen=True, kw_only=True, tag="crop"):
    """Make the files of a box that a person drew, and find the caption that it belongs to."""

    name: str
    path: bytes
    out: bytes  # folder for the pictures, which are named `CROP`
    page: int
    box: Box
    dpi: int = DPI
    password: str | None = None
    label: str | None = None  # what the person said of it
    caption: str | None = None
    kind: Kind | None = None
    missed: tuple[Missed, ...] = ()  # captions that may be bound


class Cropped(Struct, frozen=True, kw_only=True, tag="cropped"):
    """What was read in the box and near it; its files are in the job's folder."""

    box: Box
    text: str
    hash: str
    kind: Kind | None  # as the label or caption is worded
    label: str | None
    bound: Missed | None  # a caption that had no body
    caption_box: Box | None


class Overview(Struct, frozen=True, kw_only=True, tag="sheet"):
    """Draw the pages of a document side by side, with what is known of them."""

    name: str
    path: bytes
    out: bytes  # the file to write
    form: Literal["png", "pdf"]
    title: str
    figures: tuple[Figure, ...]
    missed: tuple[Missed, ...]
    pages: str | None = None
    password: str | None = None
    skip: dict[int, str] = {}


class Inquiry(Struct, frozen=True, kw_only=True, tag="debug"):
    """Draw what each stage of the finder said of a document."""

    name: str
    path: bytes
    out: bytes  # folder
    pages: str | None = None
    password: str | None = None
    skip: dict[int, str] = {}


class Stages(Struct, frozen=True, kw_only=True, tag="stages"):
    """The pictures of each page with caption candidates; they and `index` are in the job's folder."""

    index: str
    pictures: dict[int, tuple[str, ...]]
    missed: tuple[Missed, ...]  # pages that were not read


CROP = "crop"  # what a hand-made figure's files are called before it has an id


# -- records as text ----------------------------------------------------------------------


def encode_record(paper: Paper) -> bytes:
    """`record.json`: UTF-8, sorted keys, one line a simple value, so that it diffs well."""
    return (_pretty(msgspec.to_builtins(paper), "") + "\n").encode()


def decode_record(data: bytes, name: str) -> Paper:
    """Read a record; `name` is for the message. Damaged if it is not one that we can read."""
    try:
        form = msgspec.json.decode(data, type=_Form).format
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Damaged(f"{name}: not a record ({error}); run 'papercap check'") from None
    if form < 1:
        raise Damaged(f"{name}: says format {form}, which there never was; run 'papercap check'")
    if form > RECORD_FORMAT:
        raise Newer(f"{name}: written by a newer papercap (format {form}); upgrade papercap to read it")
    try:
        paper = msgspec.json.decode(data, type=Paper)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Damaged(f"{name}: {error}; run 'papercap check'") from None
    for file in _file_names(paper):
        if not (_is_inside(file) and file.isprintable()):
            raise Damaged(
                f"{name}: names the file {file!a}, which cannot be one in its folder; mend it by hand"
            )
    return paper


def _file_names(paper: Paper) -> Iterator[str]:
    """All that a record says of names in its folder; an archive may come from somebody else."""
    yield from (paper.id, *paper.files)
    if paper.source.file is not None:
        yield paper.source.file
    for figure in paper.figures:
        yield figure.id
        yield from file_names(figure)


def _is_inside(name: str) -> bool:
    return "\\" not in name and "\0" not in name and not {"", ".", ".."} & set(name.split("/"))


class _Form(Struct):
    format: int


def _pretty(value: Any, indent: str) -> str:
    """JSON with containers opened out, but a list of plain numbers (a box) on one line."""
    inner = indent + "  "
    if isinstance(value, dict) and value:
        rows = (f"{inner}{json.dumps(k, ensure_ascii=False)}: {_pretty(v, inner)}" for k, v in _sorted(value))
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    if isinstance(value, list | tuple) and value:
        if all(isinstance(v, int | float) for v in value):
            return json.dumps(value)
        return "[\n" + ",\n".join(inner + _pretty(v, inner) for v in value) + f"\n{indent}]"
    return json.dumps(value, ensure_ascii=False)


def _sorted(value: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted(value.items())
