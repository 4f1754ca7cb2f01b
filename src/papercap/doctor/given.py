"""What papercap.toml says of catalogues and sources, and what of it is not there."""

from __future__ import annotations

import difflib
import glob
import os
import re
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from papercap.addresses import place_of
from papercap.doctor.cases import Finding
from papercap.errors import NotFound
from papercap.files import hash_file
from papercap.readme import entry_meant
from papercap.settings import NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from papercap.archive import Archive
    from papercap.records import Entry, PaperRow
    from papercap.settings import Given


def by_entry(
    sources: Mapping[str, Sequence[Given]], entries: Sequence[Entry]
) -> dict[tuple[str, str], list[Given]]:
    """The sources that are given, by catalogue and id of the entry that is meant."""
    found: dict[tuple[str, str], list[Given]] = {}
    for name, given in sources.items():
        try:
            entry = entry_meant(entries, name)
        except NotFound:
            continue
        found.setdefault((entry.catalogue, entry.id), []).extend(given)
    return found


def of_no_entry(
    root: Path, sources: Mapping[str, Sequence[Given]], entries: Sequence[Entry]
) -> Iterator[Finding]:
    """Sources of entries that no catalogue has."""
    for name in sources:
        try:
            entry_meant(entries, name)
        except NotFound as error:
            near = difflib.get_close_matches(name, [entry.id for entry in entries], 1)
            mend = f"did you mean {near[0]}?" if near else "'papercap entries' lists the ids"
            yield _finding(root, name, "unknown-entry", f"[sources]: {str(error).partition('; ')[0]}", mend)


def missing_sources(root: Path, sources: Mapping[str, Sequence[Given]]) -> Iterator[Finding]:
    """Sources that are files, and not there."""
    for name, given in sources.items():
        for one in given:
            if _is_file(one) and not _is_there(root, one.typed):
                what = f"[sources]: {one.typed}: no such file in the archive's folder"
                yield _finding(
                    root, one.typed, "missing-source", what, "put it there, or write where it is", name
                )


def missing_catalogues(root: Path, names: Sequence[str]) -> Iterator[Finding]:
    """READMEs that are to be catalogues, and not there."""
    for name in names:
        if not (root / name).is_file():
            yield _finding(
                root,
                name,
                "missing-catalogue",
                f"catalogues: {name}: no such README",
                "write it, or take it out",
            )


def was_added(archive: Archive, given: Given) -> bool:
    """Is there a paper of this source? Of a folder or pattern one is enough."""
    names = _names(given.typed, given.url)
    return any(names & _names(row.typed, row.url) for row in archive.papers()) or (
        _is_file(given) and any(_is_of_file(archive, given.typed, row) for row in archive.papers())
    )


def _names(typed: str, url: str | None) -> set[object]:
    """By what a source is known again, however it is written."""
    from papercap.sources.resolve import resolve

    remote = resolve(typed)
    names = (typed, place_of(typed), place_of(url), remote.name if remote else None)
    return {name for name in names if name}


def _is_of_file(archive: Archive, typed: str, row: PaperRow) -> bool:
    path, wanted = archive.root / typed, os.path.realpath(archive.root / typed)
    added = os.path.realpath(archive.root / row.typed)
    if added.startswith(wanted + os.sep) or fnmatch(added, wanted):
        return True
    try:
        return added == wanted or (path.is_file() and hash_file(path) == row.sha256)
    except OSError:
        return False


def _is_file(given: Given) -> bool:
    from papercap.sources.resolve import resolve

    return place_of(given.typed) is None and resolve(given.typed) is None


def _is_there(root: Path, typed: str) -> bool:
    try:
        path = root / Path(typed).expanduser()
        return path.exists() or bool(glob.has_magic(typed) and glob.glob(str(path), recursive=True))
    except (OSError, RuntimeError, ValueError):  # too long a name, an unknown ~user, a NUL
        return False


def _finding(root: Path, word: str, code: str, what: str, mend: str, entry: str | None = None) -> Finding:
    """In the line of papercap.toml that holds the word first."""
    lines = (root / NAME).read_text(encoding="utf-8").splitlines() if (root / NAME).is_file() else []
    holds = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])")
    line = next((number for number, text in enumerate(lines, 1) if holds.search(text)), None)
    return Finding(file=NAME, line=line, entry=entry, code=code, severity="warning", what=what, mend=mend)
