"""Reading the whole archive back: each file against its record, each row against its record."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec import Struct

from papercap.errors import PapercapError
from papercap.files import hash_file
from papercap.store import FOLDER, RECORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from papercap.archive import Archive
    from papercap.records import Paper


class Problem(Struct, frozen=True, kw_only=True):
    """One thing that is not as the records say."""

    paper: str | None
    file: str | None  # relative to the root
    what: str


def check_archive(archive: Archive, progress: Callable[[], None]) -> list[Problem]:
    """All that is wrong, in the order of papers; [] for a sound archive."""
    _ = archive.index  # what a dead writer left is finished first
    names = sorted(archive.store.names())
    suspects = [name for name in names if _look(archive, name, progress)]
    problems: list[Problem] = []
    if suspects:
        # A living writer may have been at them: look again while nobody writes.
        with archive.store.lock():
            problems = [problem for name in suspects for problem in _look(archive, name, lambda: None)]
    return problems + _in_trash(archive) + _rows(archive, names)


def _look(archive: Archive, name: str, progress: Callable[[], None]) -> list[Problem]:
    path, folder = f"{FOLDER}/{name}", archive.store.path(name)
    if not folder.is_dir():
        return [Problem(paper=None, file=path, what="stray file")] if folder.exists() else []
    if not (folder / RECORD).exists():
        return [Problem(paper=None, file=path, what="no record.json in this folder")]
    progress()
    try:
        paper, _sha256 = archive.store.record(name)
    except PapercapError as error:
        return [Problem(paper=name, file=f"{path}/{RECORD}", what=str(error))]
    return [Problem(paper=name, file=f"{path}/{file}", what=what) for file, what in _files(paper, folder)]


def _in_trash(archive: Archive) -> list[Problem]:
    """What has rotted since it was removed, so that it could not be restored whole."""
    problems = []
    for _paper, folder in archive.store.removed():
        try:
            record, _sha256 = archive.store.record_in(folder)
        except PapercapError as error:
            name = archive.store.name(folder / RECORD)
            problems.append(Problem(paper=None, file=name, what=f"in the trash: {error}"))
            continue
        for file, what in _files(record, folder):
            problems.append(
                Problem(paper=None, file=archive.store.name(folder / file), what=f"in the trash: {what}")
            )
    return problems


def _files(paper: Paper, folder: Path) -> Iterator[tuple[str, str]]:
    """Each file of a paper's folder that is not as its record says, and what is wrong with it."""
    found = {
        os.path.relpath(os.path.join(parent, file), folder).replace(os.sep, "/")
        for parent, _folders, files in os.walk(folder)
        for file in files
    } - {RECORD}
    for file in sorted(found | set(paper.files) | set(_used(paper))):
        if what := _wrong(paper, folder, file, there=file in found):
            yield file, what


def _used(paper: Paper) -> Iterator[str]:
    """The files that the record speaks of beside its list of files."""
    if paper.source.file:
        yield paper.source.file
    for figure in paper.figures:
        yield from filter(None, (figure.files.image, figure.files.vector, figure.files.thumbnail))


def _wrong(paper: Paper, folder: Path, file: str, *, there: bool) -> str | None:
    if not there:
        return "missing"
    if file not in paper.files:
        return "stray: the record does not list it"
    fact = paper.files[file]
    size = (folder / file).stat().st_size
    if size != fact.bytes:
        return f"changed: {size} bytes, recorded {fact.bytes}"
    if hash_file(folder / file) != fact.sha256:
        return "changed: its SHA-256 is not the recorded one"
    if file == paper.source.file and fact.sha256 != paper.source.sha256:
        return "changed: it is not the document that was added"
    return None


def _rows(archive: Archive, names: Iterable[str]) -> list[Problem]:
    def records() -> Iterator[tuple[Paper, str]]:
        for name in names:
            try:
                yield archive.store.record(name)
            except PapercapError:
                continue  # told of with its file

    found = [*archive.index.differences(records()), *archive.index.integrity()]
    return [Problem(paper=None, file="index.db", what=f"{what}; run 'papercap reindex'") for what in found]
