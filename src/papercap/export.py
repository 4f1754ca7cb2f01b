"""What a search found → a file or folder that others can read, with the facts of the papers."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from papercap.errors import Damaged, NotFound, PapercapError, Usage
from papercap.exporters.chosen import Chosen, PaperFacts
from papercap.exporters.named import exporter
from papercap.exporters.place import check_place, draft_of, put
from papercap.files import write_file, writing
from papercap.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from papercap.archive import Archive
    from papercap.exporters.chosen import FolderExporter, Form
    from papercap.records import FigureRow, PaperRow

MADE_BY = f"papercap {__version__}"
DEFAULT_FORM: Form = "png"


class Wanted(NamedTuple):
    """How figures are to be exported."""

    to: str  # an exporter's name
    out: Path | None = None  # file or folder; None gives the file's content back
    form: Form | None = None  # of the pictures in a folder
    replace: bool = False  # whatever stands in the folder


class Exported(NamedTuple):
    """What was exported."""

    papers: int
    figures: int
    left_out: tuple[str, ...]  # what could not be had, one line each
    data: bytes | None = None  # the file's content, if it was written to no file
    moved: Path | None = None  # where now is what stood in the folder's place


def export(
    archive: Archive,
    figures: Sequence[FigureRow],
    wanted: Wanted,
    step: Callable[[int, int], None] = lambda done, total: None,
) -> Exported:
    """Write figures and the facts of their papers for others to read; `step` is told of done and total.

    Usage for what makes no sense and NotFound without figures, before anything is written. What could not
    be had is left out and named.
    """
    maker = exporter(wanted.to)
    _check(archive, wanted, maker.into)
    if not figures:
        raise NotFound("nothing found to export; try fewer words or filters")
    chosen, left_out = _choose(archive, figures)
    done = Exported(len(chosen.papers), len(chosen.figures), tuple(left_out))
    if maker.into == "folder":
        missing, moved = _fill(maker, chosen, wanted, step)
        return done._replace(left_out=(*left_out, *missing), moved=moved)
    with _running(wanted.to):
        data = bytes(maker.data(chosen))
    if wanted.out is None:
        return done._replace(data=data)
    _write(wanted.out, data)
    return done


def _check(archive: Archive, wanted: Wanted, into: str) -> None:
    """Usage for options that do not go together, and for a place where nothing may be written."""
    out, store = wanted.out, archive.store.folder
    if into == "file" and (wanted.form or wanted.replace):
        raise Usage(f"--form and --replace are for folders; --to {wanted.to} writes a file")
    if into == "folder" and out is None:
        raise Usage(f"--to {wanted.to} fills a folder; name it with --out")
    if out is None:
        return
    if out.resolve().is_relative_to(store.resolve()):
        raise Usage(f"{out}: is inside the archive, which has files of its own alone; name another place")
    if into == "folder":
        check_place(out, replace=wanted.replace, kept=(store, Path.cwd(), Path.home()))
    elif out.is_dir():
        raise Usage(f"{out}: is a folder; --to {wanted.to} writes a file")


def _choose(archive: Archive, figures: Sequence[FigureRow]) -> tuple[Chosen, list[str]]:
    """Figures with their papers; what of those could not be read."""
    rows = {row.id: row for row in archive.papers()}
    wanted = dict.fromkeys(figure.paper for figure in figures)
    left_out: list[str] = []
    papers = tuple(_facts(archive, rows[paper], left_out) for paper in wanted)
    return Chosen(folder=archive.store.folder, figures=tuple(figures), papers=papers), left_out


def _facts(archive: Archive, row: PaperRow, left_out: list[str]) -> PaperFacts:
    names = set(PaperFacts.__struct_fields__) & set(row.__struct_fields__)
    known = {name: getattr(row, name) for name in names}
    return PaperFacts(**known | {"document": row.source} | _of_record(archive, row.id, left_out))


def _of_record(archive: Archive, paper: str, left_out: list[str]) -> dict[str, str | None]:
    """What the index does not know of a paper; nothing, named, of one whose record cannot be read."""
    try:
        record, _sha256 = archive.store.record(paper)
    except (Damaged, NotFound) as error:
        left_out.append(str(error))
        return {"abstract": None}
    return {"abstract": record.abstract.value if record.abstract else None}


def _fill(
    maker: FolderExporter, chosen: Chosen, wanted: Wanted, step: Callable[[int, int], None]
) -> tuple[list[str], Path | None]:
    assert wanted.out is not None
    with draft_of(wanted.out) as draft:
        with writing(wanted.out), _running(wanted.to):
            missing = maker.fill(chosen, draft, wanted.form or DEFAULT_FORM, step)
        return missing, put(draft, wanted.out, MADE_BY, replace=wanted.replace)


def _write(out: Path, data: bytes) -> None:
    target = out.resolve()  # a link stays a link
    if not target.parent.is_dir():
        raise NotFound(f"{out.parent}: no such folder; make it first")
    with writing(out):
        if target.exists() and not target.is_file():  # a pipe or a device, which is no file to replace
            target.write_bytes(data)
        else:
            write_file(target, data)


@contextmanager
def _running(name: str) -> Iterator[None]:
    """Say in one line what an exporter fails of."""
    try:
        yield
    except (PapercapError, OSError):
        raise
    except Exception as error:  # a plugin may do anything
        what = f"{type(error).__name__}: {error}"
        raise PapercapError(f"the exporter {name} failed ({what}); nothing was written") from error
