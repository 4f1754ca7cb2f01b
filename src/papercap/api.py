"""What a program calls: extract, capture, update_gallery. `docs/api.md` has an example that is run."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from papercap import pipeline, readme
from papercap.archive import Archive, Extras
from papercap.errors import Exit, Network, NotFound, PapercapError, Refused, Usage
from papercap.pipeline.batch import Watcher

if TYPE_CHECKING:
    from collections.abc import Sequence

    from papercap.records import Extracted, Report

_ERRORS: dict[Exit, type[PapercapError]] = {
    Exit.USAGE: Usage,
    Exit.NOT_FOUND: NotFound,
    Exit.REFUSED: Refused,
    Exit.NETWORK: Network,
}


def extract(
    path: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    pages: str | None = None,
    dpi: int | None = None,
    password: str | None = None,
) -> Extracted:
    """The figures of one PDF, boxes in points; with `out`, their pictures in `out/<name of the PDF>/`.

    Raises NotFound, Refused or another PapercapError if the document cannot be read.
    """
    request = pipeline.Request(pages=pages, dpi=dpi, password=password)
    folder = Path(out) if out is not None else None
    (result,) = pipeline.extract([_one(path)], folder, request, 1, Watcher())
    _raise(result)
    return result


def capture(
    source: str | os.PathLike[str],
    archive: Archive,
    *,
    title: str | None = None,
    tags: Sequence[str] = (),
    entries: Sequence[str] = (),
    pages: str | None = None,
    dpi: int | None = None,
    password: str | None = None,
    keep_source: bool = True,
    again: bool = False,
    allow_hosts: Sequence[str] = (),
    contact: str | None = None,
    offline: bool = False,
) -> Report:
    """Capture one PDF into an archive; `source` is what `papercap add` takes: a file, an id or an address.

    `entries` are ids or names in the README of its root. Hosts in `allow_hosts` may be asked though their
    addresses are not public; `contact` is an e-mail address that services are told.

    Raises NotFound, Refused or another PapercapError if nothing was captured.
    """
    request = pipeline.Request(
        extras=Extras(title=title, tags=tuple(tags), entries=readme.find_entries(archive.root, entries)),
        pages=pages,
        dpi=dpi,
        password=password,
        keep_source=keep_source,
        again=again,
        allow_hosts=tuple(allow_hosts),
        contact=contact,
        offline=offline,
    )
    (report,) = pipeline.add(lambda: archive, [_one(source)], request, 1, Watcher())
    _raise(report)
    return report


def update_gallery(path: str | os.PathLike[str], archive: Archive) -> bool:
    """Bring a README's galleries in step with the archive; was it changed?"""
    return readme.update_readme(archive, Path(path)).changed


def _one(path: str | os.PathLike[str]) -> str:
    if Path(path).is_dir():
        raise Usage(f"{path}: a folder; call once for each PDF in it")
    return os.fspath(path)


def _raise(result: Extracted | Report) -> None:
    if result.error is not None:
        error = _ERRORS.get(result.code, PapercapError)(result.error)
        error.exit_code = result.code
        raise error
