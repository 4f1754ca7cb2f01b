"""From what was typed to figures in the archive, or in a folder: the room that knows every stage."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from papercap.addresses import place_of
from papercap.archive import Extras
from papercap.errors import Exit, PapercapError
from papercap.fetch.sniff import BUNDLE, HTML, MARKDOWN, PDF, ending
from papercap.files import copy_file, hash_file, writing
from papercap.pagerange import check_pages
from papercap.pipeline.batch import Crew, Item, Watcher, each, name_all
from papercap.pipeline.pages import bundle_page
from papercap.pipeline.witness import WITNESS, witnessed, witnessed_before
from papercap.records import (
    DPI,
    Extracted,
    Facts,
    FigureRow,
    Job,
    Link,
    Options,
    Paper,
    Report,
    Source,
    Status,
)
from papercap.sources.local import find_documents
from papercap.store import SOURCE
from papercap.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from papercap.archive import Archive
    from papercap.fetch.client import Client
    from papercap.linking import Linker
    from papercap.sources import Document

MADE_BY = f"papercap {__version__}"
PAGES = (HTML, MARKDOWN)


class Given(Struct, frozen=True, kw_only=True):
    """What is known of one source beside what is typed."""

    url: str | None = None  # where a file is from
    typed: str | None = None  # what the record says was typed, if that is another
    title: str | None = None  # to give it
    links: tuple[Link, ...] = ()  # to entries of which it is a source


class Request(Struct, frozen=True, kw_only=True):
    """How documents are to be added."""

    extras: Extras = Extras()
    pages: str | None = None
    dpi: int | None = None
    password: str | None = None
    keep_source: bool = True
    again: bool = False
    allow_hosts: tuple[str, ...] = ()  # that may be asked though their addresses are not public
    contact: str | None = None  # an e-mail address that services are told
    offline: bool = False
    with_html: bool = False  # compare what is found in a PDF with the paper's HTML
    given: Mapping[str, Given] = {}  # of single sources, as they are typed

    def __post_init__(self) -> None:
        if self.pages is not None:
            check_pages(self.pages)


def add(
    opened: Callable[[], Archive], typed: Sequence[str], request: Request, jobs: int, watcher: Watcher
) -> list[Report]:
    """Capture documents into the archive; one report each, in the order in which they were named.

    `opened` gives the archive, always the same; it is called once there is something to put into it.
    """
    turn = threading.Lock()  # SQLite's connection and the archive's lock belong to one thread at a time

    def one(crew: Crew, item: Item, document: Document) -> Report:
        with turn:
            archive = opened()
        return _add(archive, item.source, document, request, crew, watcher, turn)

    return each(name_all(find_documents(typed)), jobs, watcher, _dialling(request), one, _failed_report)


def extract(
    typed: Sequence[str], out: Path | None, request: Request, jobs: int, watcher: Watcher
) -> list[Extracted]:
    """Find figures without an archive; with `out`, the pictures of each document go to `out/<its name>/`."""

    def one(crew: Crew, item: Item, document: Document) -> Extracted:
        return _extract(item, document, out, request, crew, watcher)

    return each(name_all(find_documents(typed)), jobs, watcher, _dialling(request), one, _failed_extraction)


def preview(
    archive: Archive | None, typed: Sequence[str], request: Request, jobs: int, watcher: Watcher
) -> list[Report]:
    """What `add` would do; nothing is written."""
    reports = []
    for result in extract(typed, None, request, jobs, watcher):
        there = archive.paper_of(result.sha256) if archive and result.error is None else None
        if archive and there and not request.again:
            reports.append(_unchanged(archive, result.source, archive.record(there), changed=False))
        else:
            reports.append(_as_report(result))
    return reports


def _dialling(request: Request) -> Callable[[], Client]:
    """Makes a client when one is needed: most runs fetch nothing."""

    def dial() -> Client:
        from papercap.fetch import open_client

        return open_client(request.allow_hosts, contact=request.contact, offline=request.offline)

    return dial


# -- into the archive


def _add(
    archive: Archive,
    name: str,
    document: Document,
    request: Request,
    crew: Crew,
    watcher: Watcher,
    turn: threading.Lock,
) -> Report:
    given = request.given.get(name, Given())
    if given.url:
        document = document._replace(url=given.url, facts=_facts_of(given.url, document.facts))
    extras = msgspec.structs.replace(
        request.extras,
        service=document.facts,
        links=given.links,
        title=request.extras.title or given.title,
    )
    with archive.store.aside() as draft:
        with writing(archive.root):
            if document.kind in PAGES:
                document = bundle_page(document, crew.worker().browse, crew.client, draft, SOURCE)
            file = SOURCE + ending(document.kind)
            if document.path == draft / file:
                sha256, size = hash_file(document.path), document.path.stat().st_size
            else:
                sha256, size = copy_file(document.path, draft / file)
        with turn:
            there = archive.paper_of(sha256)
            old = archive.record(there) if there else None
            if old and not request.again:
                new = archive.extend(old.id, extras)
                report = _noted(_unchanged(archive, name, new, changed=new != old), document.notes)
                report = _noted(report, (_why_none(document, report),))
                return _linked(report, new, old, extras.linker)
        options = Options(
            pages=request.pages or (old.options.pages if old else None),
            dpi=request.dpi or (old.options.dpi if old else None),
        )
        job = _job(draft / file, document.name, draft, options, request.password)
        if old:
            job = msgspec.structs.replace(job, kept=old.figures, retired=old.retired)
        outcome = crew.worker().run(job, lambda progress: watcher.at(name, progress))
        why: str | None = None
        if old and not request.with_html:
            outcome = witnessed_before(outcome, old, archive, draft)
        elif request.with_html and document.kind == PDF:
            outcome, why = witnessed(outcome, _with_arxiv_of(document, old), crew, draft)
        keep = request.keep_source and (old is None or old.source.file is not None)
        if not keep:
            (draft / file).unlink()
            for folder in (SOURCE, WITNESS):  # pictures of pages
                shutil.rmtree(draft / folder, ignore_errors=True)
        with turn:
            if old:
                paper = archive.renew(draft, old.id, outcome, options, extras, MADE_BY)
            else:
                source = Source(
                    typed=_utf8(given.typed or name),
                    url=document.url,
                    licence=document.licence,
                    sha256=sha256,
                    bytes=size,
                    type=document.kind,
                    file=file if keep else None,
                )
                paper = archive.keep(draft, source, outcome, options, extras, MADE_BY)
            report = _noted(_report(archive, name, paper), (*document.notes, why))
            report = _noted(report, (_why_none(document, report),))
            report = _linked(report, paper, old, extras.linker)
            return report if old else _beside_trash(archive, report, sha256)


def _with_arxiv_of(document: Document, old: Paper | None) -> Document:
    """The document, with the arXiv id of its archived paper if it came without."""
    if document.facts.arxiv or old is None or old.arxiv is None:
        return document
    return document._replace(facts=msgspec.structs.replace(document.facts, arxiv=old.arxiv.value))


def _report(archive: Archive, name: str, paper: Paper) -> Report:
    note = f"a newer version of {paper.version_of}, which search now leaves out" if paper.version_of else None
    return Report(
        source=_utf8(name),
        status="partial" if paper.missed else "captured",
        paper=paper.id,
        figures=tuple(archive.figures(paper.id)),
        missed=paper.missed,
        note=note,
        code=Exit.PARTIAL if paper.missed else Exit.DONE,
    )


def _why_none(document: Document, report: Report) -> str | None:
    """Why a page gave no figures: a person would wonder."""
    if report.figures or document.kind != BUNDLE:
        return None
    if not document.pictures:
        return "it shows no pictures"
    which = f"none of its {document.pictures} pictures" if document.pictures > 1 else "its one picture"
    return f"{which} is {'a' if document.pictures > 1 else 'no'} figure; badges, icons and logos are none"


def _facts_of(url: str, facts: Facts) -> Facts:
    """The arXiv id or DOI that an address is of."""
    place = place_of(url)
    if place and place.site in ("arxiv.org", "doi.org") and place.path:
        key = "arxiv" if place.site == "arxiv.org" else "doi"
        return msgspec.structs.replace(facts, **{key: getattr(facts, key) or place.path})
    return facts


def _linked(report: Report, paper: Paper, old: Paper | None, linker: Linker | None) -> Report:
    """With the links that papercap made by itself, and the number of those that it asks about."""
    before = {link.key for link in old.links} if old else set()
    made = tuple(link for link in paper.links if link.by == "auto" and link.key not in before)
    asked = len(linker.propose(paper)) if linker else 0
    return msgspec.structs.replace(report, links=made, proposals=asked)


def _beside_trash(archive: Archive, report: Report, sha256: str) -> Report:
    """Say that this document was archived before, if that paper can still be had."""
    earlier = [row for row in archive.trash() if row.sha256 == sha256]
    if not earlier:
        return report
    last = max(earlier, key=lambda row: row.removed)
    tags = f" with tags {', '.join(last.tags)}" if last.tags else ""
    back = f"papercap restore {last.id} --removed {last.removed}"
    said = f"an earlier one{tags} is in the trash: 'papercap remove {report.paper}', then '{back}'"
    return _noted(report, (said,))


def _noted(report: Report, more: Sequence[str | None]) -> Report:
    return msgspec.structs.replace(report, note="; ".join(filter(None, (report.note, *more))) or None)


def _unchanged(archive: Archive, name: str, paper: Paper, *, changed: bool) -> Report:
    """What is said of a document that is archived already; `changed` if it got a tag, entry or title."""
    note = "its tags, entries or title were added" if changed else None
    report = _report(archive, name, paper)
    return msgspec.structs.replace(report, status="unchanged", note=note, code=Exit.DONE)


def _failed_report(item: Item, error: PapercapError) -> Report:
    return Report(source=_utf8(item.source), status="failed", error=str(error), code=error.exit_code)


# -- without an archive


def _extract(
    item: Item, document: Document, out: Path | None, request: Request, crew: Crew, watcher: Watcher
) -> Extracted:
    crops = out / item.name if out is not None else None
    with ExitStack() as stack:
        if document.kind in PAGES:
            aside = stack.enter_context(tempfile.TemporaryDirectory(prefix="papercap-"))
            document = bundle_page(document, crew.worker().browse, crew.client, Path(aside), SOURCE)
        path, name = document.path, document.name
        sha256 = hash_file(path)
        job = _job(path, name, crops, Options(pages=request.pages, dpi=request.dpi), request.password)
        if crops is not None:
            with writing(crops):
                crops.mkdir(parents=True, exist_ok=True)
        outcome = crew.worker().run(job, lambda progress: watcher.at(item.source, progress))
        if request.with_html and document.kind == PDF:
            beside = stack.enter_context(tempfile.TemporaryDirectory(prefix="papercap-"))
            outcome, _why = witnessed(outcome, document, crew, Path(beside))
    extraction = outcome.extraction
    return Extracted(
        source=_utf8(item.source),
        pdf=_utf8(name),
        name=_utf8(item.name),
        sha256=sha256,
        pages=extraction.pages,
        facts=extraction.facts,
        figures=outcome.figures,
        missed=extraction.missed,
        code=Exit.PARTIAL if extraction.missed else Exit.DONE,
    )


def _failed_extraction(item: Item, error: PapercapError) -> Extracted:
    return Extracted(
        source=_utf8(item.source),
        pdf=_utf8(Path(item.source).name),
        name=_utf8(item.name),
        sha256="",
        pages=0,
        facts=Facts(),
        figures=(),
        missed=(),
        error=str(error),
        code=error.exit_code,
    )


def _as_report(result: Extracted) -> Report:
    rows = tuple(
        FigureRow(
            id=figure.id,
            paper="",
            kind=figure.kind,
            label=figure.label,
            page=figure.page,
            box=figure.box,
            caption=figure.caption.value if figure.caption else None,
            tags=(),
            entries=(),
            image=None,
            vector=None,
            thumbnail=None,
            original=None,
            continues=figure.continues,
            confidence=figure.confidence,
            title=result.facts.title,
            year=result.facts.year,
        )
        for figure in result.figures
    )
    status: Status = "failed" if result.error else "partial" if result.missed else "captured"
    return Report(
        source=result.source,
        status=status,
        figures=rows,
        missed=result.missed,
        error=result.error,
        code=result.code,
    )


def _job(path: Path, name: str, out: Path | None, options: Options, password: str | None) -> Job:
    return Job(
        name=_utf8(name),
        path=os.fsencode(path.absolute()),
        out=os.fsencode(out.absolute()) if out else None,
        pages=options.pages,
        dpi=options.dpi or DPI,
        password=password,
    )


def _utf8(text: str) -> str:
    """A file's name need not be UTF-8; a record is."""
    return os.fsencode(text).decode("utf-8", "replace")
