"""Keep the images that a person put into a README: fetched, archived, linked to the entry they stand in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import msgspec
from msgspec import Struct

from papercap import pipeline
from papercap.addresses import place_of
from papercap.archive import Extras
from papercap.catalogue import entries_of, read_readme
from papercap.catalogue.images import Image, images_of, replaced
from papercap.catalogue.match import renewed
from papercap.documents.page import Picture
from papercap.documents.showing import refused_by_reference
from papercap.errors import Exit, PapercapError, ReadmeRefused
from papercap.files import write_file, writing
from papercap.records import Link
from papercap.store import FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from papercap.archive import Archive
    from papercap.pipeline import Request
    from papercap.pipeline.batch import Watcher
    from papercap.records import Report

WHY = "a person put it into the entry"


class Adopted(Struct, frozen=True):
    """What became of one image of a README."""

    entry: str
    line: int
    address: str
    status: str  # captured, partial, unchanged or failed; found, in a dry run
    figure: str | None = None
    note: str | None = None
    replaced: bool = False  # the README shows the archive's file now
    code: Exit = Exit.DONE


def adopt(
    opened: Callable[[], Archive],
    readme: Path,
    root: Path,
    only: Collection[str],
    request: Request,
    jobs: int,
    watcher: Watcher,
    *,
    replace: bool = False,
    dry_run: bool = False,
) -> list[Adopted]:
    """Adopt the images of all entries, or of `only` these ids; badges and what is archived already are not.

    With `replace` the README's addresses become those of the archive's files, all at once or none.
    ReadmeRefused if the README was changed meanwhile.
    """
    data = readme.read_bytes()
    name = os.path.relpath(readme.resolve(), root.resolve()).replace(os.sep, "/")
    scanned = read_readme(data, name)
    images = [
        image
        for image in images_of(scanned, entries_of(scanned))
        if (not only or image.entry.id in only) and not _is_ours(image, readme, root) and not _is_badge(image)
    ]
    if dry_run:
        return [Adopted(one.entry.id, one.line, one.address, "found") for one in images]
    sources = {_source(image, readme): image for image in reversed(images)}
    given = {source: _given(image, source, root) for source, image in sources.items()}
    request = msgspec.structs.replace(request, given=given)
    reports = {one.source: one for one in pipeline.add(opened, list(given), request, jobs, watcher) if given}
    shown: list[tuple[Image, str]] = []
    done = []
    for image in images:
        report = reports[_source(image, readme)]
        file = _file(report)
        if replace and file and report.paper:
            shown.append((image, _from_readme(root / file, readme)))
        done.append(_adopted(image, report, replace=bool(replace and file)))
    for image in images:  # one picture may stand in several entries
        report = reports[_source(image, readme)]
        if report.paper:
            opened().extend(report.paper, Extras(links=(_link(image),)))
    if shown:
        _write(opened(), readme, data, replaced(scanned, shown))
    return done


def _write(archive: Archive, readme: Path, old: bytes, new: bytes) -> None:
    with archive.store.lock():
        if readme.read_bytes() != old:
            raise ReadmeRefused(f"{readme}: was changed meanwhile; the addresses were left as they are")
        if not os.access(readme.resolve(), os.W_OK):
            raise PapercapError(f"{readme}: is read-only; the addresses were left as they are")
        with writing(readme):
            write_file(readme.resolve(), new)


def _is_ours(image: Image, readme: Path, root: Path) -> bool:
    """Does it show a file of the archive already?"""
    if "://" in image.address:
        return False
    path = readme.parent / unquote(image.address.split("#")[0].split("?")[0])
    return path.resolve().is_relative_to((root / FOLDER).resolve())


def _is_badge(image: Image) -> bool:
    picture = Picture(how="image", original=image.address, alt=image.alt)
    return bool(refused_by_reference(picture, image.address))


def _source(image: Image, readme: Path) -> str:
    """What `papercap add` takes for it: its address, or a path from here."""
    if place_of(image.address) or "://" in image.address or image.address.startswith("data:"):
        return image.address
    plain = image.address.split("#")[0].split("?")[0]
    return os.path.relpath(readme.parent / unquote(plain))


def _given(image: Image, source: str, root: Path) -> pipeline.Given:
    typed = source if "://" in source or source.startswith("data:") else os.path.relpath(source, root)
    return pipeline.Given(
        typed=typed[:200].replace(os.sep, "/"), title=image.alt or image.entry.name, links=(_link(image),)
    )


def _link(image: Image) -> Link:
    entry = image.entry
    return msgspec.structs.replace(
        renewed(Link(entry=entry.id, name=entry.name), entry), by="hand", score=None, why=WHY
    )


def _file(report: Report) -> str | None:
    """The picture of what was captured, from the root."""
    return next((row.image for row in report.figures if row.image), None)


def _from_readme(file: Path, readme: Path) -> str:
    return quote(os.path.relpath(file.resolve(), readme.resolve().parent).replace(os.sep, "/"))


def _adopted(image: Image, report: Report, *, replace: bool) -> Adopted:
    figures: Sequence[str] = [row.id for row in report.figures]
    return Adopted(
        entry=image.entry.id,
        line=image.line,
        address=image.address,
        status=report.status,
        figure=figures[0] if figures else None,
        note=report.error or report.note,
        replaced=replace,
        code=report.code,
    )
