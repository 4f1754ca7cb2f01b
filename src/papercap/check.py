"""Reading the whole archive back: each file against its record, each row against its record."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from msgspec import Struct

from papercap.archive.instep import INDEX
from papercap.errors import PapercapError
from papercap.files import files_below
from papercap.index import IndexUnusable
from papercap.store import FOLDER, RECORD, file_fact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from papercap.archive import Archive
    from papercap.records import FileFact, Paper


IN_TRASH = "restore the paper and repair it there, or delete it with 'papercap trash --empty'"


class Problem(Struct, frozen=True, kw_only=True):
    """One thing that is not as the records say."""

    paper: str | None
    file: str | None  # relative to the root
    what: str
    mended: bool = False
    done: str | None = None  # what was done about it, or what can be


def check_archive(archive: Archive, progress: Callable[[], None] = lambda: None) -> list[Problem]:
    """All that is wrong, in the order of papers; [] for a sound archive."""
    _ = archive.index  # what a dead writer left is finished first
    names = sorted(archive.store.names())
    suspects = {name: found for name in names if (found := look(archive, name, progress))}
    rows = look_at_index(archive)
    problems = [problem for found in suspects.values() for problem in found]
    if any(not problem.mended for problem in problems + rows):
        # A living writer may have been at it: look again while nobody writes. Nobody writes where nobody can.
        with suppress(PapercapError), archive.store.lock():
            problems = [problem for name in suspects for problem in look(archive, name)]
            rows = look_at_index(archive)
    return problems + look_in_trash(archive) + rows


def look(archive: Archive, name: str, progress: Callable[[], None] = lambda: None) -> list[Problem]:
    """What is wrong with one thing that stands under `archive/`, by file."""
    path, folder = f"{FOLDER}/{name}", archive.store.path(name)
    if folder.is_symlink():
        return [Problem(paper=None, file=path, what="stray link")]
    if not folder.is_dir():
        return [Problem(paper=None, file=path, what="stray file")] if folder.exists() else []
    if not (folder / RECORD).exists():
        return [Problem(paper=None, file=path, what="no record.json in this folder")]
    progress()
    try:
        paper, _sha256 = archive.store.record(name)
    except PapercapError as error:
        return [Problem(paper=name, file=f"{path}/{RECORD}", what=str(error))]
    try:
        return [
            Problem(paper=name, file=f"{path}/{file}", what=what) for file, what in wrong_files(paper, folder)
        ]
    except OSError as error:
        return [Problem(paper=name, file=path, what=f"cannot be looked into: {error.strerror}")]


def look_in_trash(archive: Archive) -> list[Problem]:
    """What has rotted since it was removed, so that it could not be restored whole."""
    problems = []
    for _paper, folder in archive.store.removed():
        try:
            record, _sha256 = archive.store.record_in(folder)
            wrong = list(wrong_files(record, folder))
        except PapercapError as error:
            wrong = [(RECORD, str(error))]
        except OSError as error:
            wrong = [(".", f"cannot be looked into: {error.strerror}")]
        problems += [
            Problem(
                paper=None,
                file=archive.store.name(folder / file),
                what=f"in the trash: {what}",
                done=IN_TRASH,
            )
            for file, what in wrong
        ]
    return problems


def wrong_files(paper: Paper, folder: Path) -> Iterator[tuple[str, str]]:
    """Each file of a paper's folder that is not as its record says, and what is wrong with it.

    OSError if the folder cannot be looked into.
    """
    found = set(files_below(folder)) - {RECORD}
    for file in sorted(found | set(paper.files) | set(used_files(paper))):
        if what := _wrong(paper, folder, file, there=file in found):
            yield file, what


def used_files(paper: Paper) -> Iterator[str]:
    """The files that the record speaks of beside its list of files."""
    if paper.source.file:
        yield paper.source.file
    for figure in paper.figures:
        yield from filter(None, (figure.files.image, figure.files.vector, figure.files.thumbnail))


def _wrong(paper: Paper, folder: Path, file: str, *, there: bool) -> str | None:
    if not there:
        return "missing"
    if (folder / file).is_symlink():
        return "a link, not a file"
    if file not in paper.files:
        return "stray: the record does not list it"
    fact = paper.files[file]
    try:
        have = file_fact(folder / file)
    except OSError as error:  # a bad sector is rot as well
        return f"cannot be read: {error.strerror}"
    if have == fact and file == paper.source.file and fact.sha256 != paper.source.sha256:
        return "changed: it is not the document that was added"
    return _changed(have, fact)


def _changed(have: FileFact, fact: FileFact) -> str | None:
    if have.bytes != fact.bytes:
        return f"changed: {have.bytes} bytes, recorded {fact.bytes}"
    return None if have == fact else "changed: its SHA-256 is not the recorded one"


def look_at_index(archive: Archive) -> list[Problem]:
    """Where rows are not what the records say, and what is wrong with the index's file."""
    found = []
    try:
        found += archive.index.differences(readable(archive))
        found += archive.index.integrity()
    except IndexUnusable as error:
        found.append(str(error).partition(";")[0])
    problems = [Problem(paper=None, file=INDEX, what=f"{what}; run 'papercap reindex'") for what in found]
    if archive.remade:
        told = Problem(paper=None, file=INDEX, what=archive.remade, mended=True, done="made anew")
        problems.insert(0, told)
    return problems


def readable(archive: Archive) -> Iterator[tuple[Paper, str]]:
    """The records that can be read, each with its SHA-256; the others are told of with their files."""
    for name in sorted(archive.store.names()):
        try:
            yield archive.store.record(name)
        except PapercapError:
            continue
