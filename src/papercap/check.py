"""Reading the whole archive back: each file against its record, each row against its record."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec import Struct

from papercap.errors import PapercapError
from papercap.files import hash_file
from papercap.store import FOLDER, MARK, RECORD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from papercap.archive import Archive
    from papercap.records import Paper

OWN = {MARK, ".lock", ".aside", ".pending"}  # names in archive/ that are no papers


class Problem(Struct, frozen=True, kw_only=True):
    """One thing that is not as the records say."""

    paper: str | None
    file: str | None  # relative to the root
    what: str


def check_archive(archive: Archive, progress: Callable[[], None]) -> list[Problem]:
    """All that is wrong, in the order of papers; [] for a sound archive."""
    problems: list[Problem] = []
    hashes: dict[str, str] = {}
    for name in sorted(set(os.listdir(archive.store.folder)) - OWN):
        path = f"{FOLDER}/{name}"
        if not (archive.store.folder / name / RECORD).exists():
            what = "no record.json in this folder" if (archive.store.folder / name).is_dir() else "stray file"
            problems.append(Problem(paper=None, file=path, what=what))
            continue
        progress()
        try:
            paper, hashes[name] = archive.store.record(name)
        except PapercapError as error:
            problems.append(Problem(paper=name, file=f"{path}/{RECORD}", what=str(error)))
            continue
        if paper.id != name:
            what = f"the record is of {paper.id}; the folder was renamed"
            problems.append(Problem(paper=name, file=path, what=what))
        problems += _files(paper, archive.store.folder / name, name)
    return problems + list(_rows(archive, hashes))


def _files(paper: Paper, folder: Path, name: str) -> Iterator[Problem]:
    found = {
        os.path.relpath(os.path.join(parent, file), folder).replace(os.sep, "/")
        for parent, _folders, files in os.walk(folder)
        for file in files
    } - {RECORD}
    for file in sorted(found | set(paper.files)):
        what = None
        if file not in found:
            what = "missing"
        elif file not in paper.files:
            what = "stray: the record does not name it"
        else:
            fact = paper.files[file]
            size = (folder / file).stat().st_size
            if size != fact.bytes:
                what = f"changed: {size} bytes, recorded {fact.bytes}"
            elif hash_file(folder / file) != fact.sha256:
                what = "changed: its SHA-256 is not the recorded one"
        if what:
            yield Problem(paper=name, file=f"{FOLDER}/{name}/{file}", what=what)
    for figure in paper.figures:
        for used in (figure.files.image, figure.files.vector, figure.files.thumbnail):
            if used is not None and used not in paper.files:
                what = f"the record's {figure.id} has a file that its list of files lacks"
                yield Problem(paper=name, file=f"{FOLDER}/{name}/{used}", what=what)


def _rows(archive: Archive, hashes: dict[str, str]) -> Iterator[Problem]:
    rows = archive.index.record_hashes()
    for name in sorted(set(rows) | set(hashes)):
        if name not in hashes:
            yield Problem(paper=name, file="index.db", what="a row without a record; run 'papercap reindex'")
        elif name not in rows:
            yield Problem(paper=name, file="index.db", what="no row for this record; run 'papercap reindex'")
        elif rows[name] != hashes[name]:
            yield Problem(paper=name, file="index.db", what="older than the record; run 'papercap reindex'")
    for what in archive.index.integrity():
        yield Problem(paper=None, file="index.db", what=f"{what}; run 'papercap reindex'")
