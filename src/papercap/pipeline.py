"""From what was typed to figures in the archive, or in a folder: the room that knows every stage."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec
from msgspec import Struct

from papercap.archive import Extras
from papercap.errors import Exit, NotFound, PapercapError, Usage
from papercap.files import copy_file, hash_file, writing
from papercap.geometry import Box
from papercap.records import (
    DPI,
    Drawing,
    Extracted,
    Facts,
    FigureRow,
    Job,
    Options,
    Paper,
    Report,
    Source,
    Status,
)
from papercap.sources.local import check_document, find_documents
from papercap.version import __version__
from papercap.workers import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from papercap.archive import Archive
    from papercap.workers import Progress

MADE_BY = f"papercap {__version__}"
SOURCE = "source.pdf"
T = TypeVar("T")
_FORMS: dict[str, Literal["png", "jpg", "webp", "pdf", "svg"]] = {
    ".png": "png",
    ".jpg": "jpg",
    ".jpeg": "jpg",
    ".webp": "webp",
    ".pdf": "pdf",
    ".svg": "svg",
}


class Request(Struct, frozen=True, kw_only=True):
    """How documents are to be added."""

    extras: Extras = Extras()
    pages: str | None = None
    dpi: int | None = None
    password: str | None = None
    keep_source: bool = True
    again: bool = False


class Watcher:
    """Told of the progress of each document; the base class is for nobody watching."""

    def begin(self, total: int) -> None:
        """So many documents are to come."""

    def at(self, source: str, progress: Progress) -> None:
        """A document is at a page; called from several threads."""

    def done(self, source: str) -> None:
        """A document is done."""


def add(
    archive: Archive, typed: Sequence[str], request: Request, jobs: int, watcher: Watcher
) -> list[Report]:
    """Capture documents into the archive; one report each, in the order in which they were named."""
    turn = threading.Lock()  # SQLite's connection and the archive's lock belong to one thread at a time

    def one(worker: Worker, name: str, path: Path) -> Report:
        return _add(archive, name, path, request, worker, watcher, turn)

    return _each(typed, jobs, watcher, one, _failed_report)


def extract(
    typed: Sequence[str], out: Path | None, request: Request, jobs: int, watcher: Watcher
) -> list[Extracted]:
    """Find figures without an archive; with `out`, their pictures go to `out/<stem>/`."""

    def one(worker: Worker, name: str, path: Path) -> Extracted:
        return _extract(name, path, out, request, worker, watcher)

    return _each(typed, jobs, watcher, one, _failed_extraction)


def preview(typed: Sequence[str], request: Request, jobs: int, watcher: Watcher) -> list[Report]:
    """What `add` would capture; nothing is written."""
    return [_as_report(result) for result in extract(typed, None, request, jobs, watcher)]


def draw_figure(archive: Archive, text: str, out: Path, dpi: int, password: str | None = None) -> Paper:
    """Write an archived figure to a file at any resolution; its paper's record, to cite it by."""
    form = _FORMS.get(out.suffix.lower())
    if form is None:
        raise Usage(f"{out}: give a name that ends in {', '.join(_FORMS)}")
    if not out.absolute().parent.is_dir():
        raise NotFound(f"{out.parent}: no such folder")
    paper, _slash, name = archive.find_figure(text).partition("/")
    record = archive.record(paper)
    figure = next(figure for figure in record.figures if figure.id == name)
    folder = archive.store.path(paper)
    page, box, file = figure.page, figure.box, record.source.file
    if file is None:  # the vector crop is the next best: one page, the box at its corner
        page, box, file = 1, Box(0, 0, figure.box.width, figure.box.height), figure.files.vector
    if file is None or not (folder / file).exists():
        raise NotFound(f"{text}: neither its paper nor its vector crop is in the archive any more")
    new = out.with_name(f".{out.name}.new")
    with writing(out), Worker() as worker:
        worker.draw(
            Drawing(
                name=figure.id,
                path=os.fsencode((folder / file).absolute()),
                page=page,
                box=box,
                dpi=dpi,
                form=form,
                out=os.fsencode(new.absolute()),
                password=password,
            )
        )
        os.replace(new, out)
    return record


class _Crew:
    """The workers of a run, one a thread, so that all can be stopped from outside."""

    def __init__(self) -> None:
        self._mine = threading.local()
        self._all: list[Worker] = []

    def worker(self) -> Worker:
        """This thread's."""
        if not hasattr(self._mine, "worker"):
            self._mine.worker = Worker()
            self._all.append(self._mine.worker)
        worker: Worker = self._mine.worker
        return worker

    def stop(self) -> None:
        for worker in self._all:
            worker.stop()


def _each(
    typed: Sequence[str],
    jobs: int,
    watcher: Watcher,
    one: Callable[[Worker, str, Path], T],
    failed: Callable[[str, PapercapError], T],
) -> list[T]:
    """Run one step over all documents, `jobs` at a time; an error is the result of its document alone."""
    documents = find_documents(typed)
    watcher.begin(len(documents))
    crew = _Crew()

    def run(document: tuple[str, Path | PapercapError]) -> T:
        name, path = document
        result = _attempt(name, path, lambda found: one(crew.worker(), name, found), failed)
        watcher.done(name)
        return result

    pool = ThreadPoolExecutor(max(1, min(jobs, len(documents))))
    try:
        return list(pool.map(run, documents))
    finally:  # an interrupt, too, must leave no process behind
        pool.shutdown(wait=False, cancel_futures=True)
        crew.stop()
        pool.shutdown(wait=True)


def _attempt(
    name: str,
    path: Path | PapercapError,
    one: Callable[[Path], T],
    failed: Callable[[str, PapercapError], T],
) -> T:
    try:
        if isinstance(path, PapercapError):
            raise path
        check_document(path)
        return one(path)
    except PapercapError as error:
        return failed(name, error)
    except OSError as error:
        return failed(name, PapercapError(f"{error.filename or name}: {error.strerror or error}"))


# -- into the archive


def _add(
    archive: Archive,
    name: str,
    path: Path,
    request: Request,
    worker: Worker,
    watcher: Watcher,
    turn: threading.Lock,
) -> Report:
    with archive.store.aside() as draft:
        with writing(archive.root):
            sha256, size = copy_file(path, draft / SOURCE)
        with turn:
            there = archive.paper_of(sha256)
            if there and not request.again:
                return _unchanged(archive, name, archive.extend(there, request.extras))
            old = archive.record(there) if there else None
        options = Options(
            pages=request.pages or (old.options.pages if old else None),
            dpi=request.dpi or (old.options.dpi if old else None),
        )
        job = _job(draft / SOURCE, path.name, draft, options, request.password)
        if old:
            job = msgspec.structs.replace(job, kept=old.figures, retired=old.retired)
        outcome = worker.run(job, lambda progress: watcher.at(name, progress))
        keep = old.source.file is not None if old else request.keep_source
        if not keep:
            (draft / SOURCE).unlink()
        with turn:
            if old:
                paper = archive.renew(draft, old.id, outcome, options, request.extras, MADE_BY)
            else:
                source = Source(
                    typed=_utf8(name),
                    sha256=sha256,
                    bytes=size,
                    type="application/pdf",
                    file=SOURCE if keep else None,
                )
                paper = archive.keep(draft, source, outcome, options, request.extras, MADE_BY)
            return _report(archive, name, paper)


def _report(archive: Archive, name: str, paper: Paper) -> Report:
    return Report(
        source=_utf8(name),
        status="partial" if paper.missed else "captured",
        paper=paper.id,
        figures=tuple(archive.figures(paper.id)),
        missed=paper.missed,
        code=Exit.PARTIAL if paper.missed else Exit.DONE,
    )


def _unchanged(archive: Archive, name: str, paper: Paper) -> Report:
    report = _report(archive, name, paper)
    return msgspec.structs.replace(report, status="unchanged", code=Exit.DONE)


def _failed_report(name: str, error: PapercapError) -> Report:
    return Report(source=_utf8(name), status="failed", error=str(error), code=error.exit_code)


# -- without an archive


def _extract(
    name: str, path: Path, out: Path | None, request: Request, worker: Worker, watcher: Watcher
) -> Extracted:
    sha256 = hash_file(path)
    crops = out / path.stem if out is not None else None
    job = _job(path, path.name, crops, Options(pages=request.pages, dpi=request.dpi), request.password)
    if crops is not None:
        with writing(crops):
            crops.mkdir(parents=True, exist_ok=True)
    outcome = worker.run(job, lambda progress: watcher.at(name, progress))
    extraction = outcome.extraction
    return Extracted(
        source=_utf8(name),
        name=_utf8(path.name),
        sha256=sha256,
        pages=extraction.pages,
        facts=extraction.facts,
        figures=outcome.figures,
        missed=extraction.missed,
        code=Exit.PARTIAL if extraction.missed else Exit.DONE,
    )


def _failed_extraction(name: str, error: PapercapError) -> Extracted:
    return Extracted(
        source=_utf8(name),
        name=_utf8(Path(name).name),
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
