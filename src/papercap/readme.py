"""The archive's README and its galleries: what it should hold, and writing it."""

from __future__ import annotations

import difflib
import os
from typing import TYPE_CHECKING

from msgspec import Struct

from papercap.catalogue import find_entry, read_entries
from papercap.errors import NotFound, PapercapError
from papercap.files import write_file, writing
from papercap.gallery import update

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from papercap.archive import Archive
    from papercap.records import Entry, FigureRow


README = "README.md"  # of the root: the catalogue


class Plan(Struct, frozen=True):
    """A README as it is and as it should be."""

    path: Path
    old: bytes
    new: bytes
    strays: tuple[str, ...]  # entries that figures are linked to and the README does not have

    @property
    def changed(self) -> bool:
        return self.old != self.new

    def diff(self) -> str:
        """A unified diff, "" if nothing would change."""
        old, new = (text.decode("utf-8").splitlines(keepends=True) for text in (self.old, self.new))
        return "".join(difflib.unified_diff(old, new, self.path.name, f"{self.path.name} (in step)"))


def read_catalogue(path: Path) -> list[Entry]:
    """The entries of a README; NotFound without one, Refused if it is not UTF-8."""
    return read_entries(_read(path), path.name)


def find_entries(root: Path, texts: Sequence[str]) -> tuple[Entry, ...]:
    """The entries of the root's README that ids, names or prefixes mean; NotFound for an unknown one."""
    if not texts:
        return ()
    entries = read_catalogue(root / README)
    return tuple(find_entry(entries, text) for text in texts)


def plan_readme(archive: Archive, path: Path) -> Plan:
    """Read the README and say what it should be; ReadmeRefused where its blocks are damaged."""
    old = _read(path)
    by_entry: dict[str, list[FigureRow]] = {}
    everything = archive.search()
    for row in everything:
        for entry in row.entries:
            by_entry.setdefault(entry, []).append(row)
    known = {entry.id for entry in read_entries(old, path.name)}
    shown = {entry: rows for entry, rows in by_entry.items() if entry in known}
    base = os.path.relpath(archive.root.resolve(), path.resolve().parent).replace(os.sep, "/")
    new = update(old, shown, everything, name=path.name, base="" if base == "." else base)
    return Plan(path, old, new, tuple(sorted(set(by_entry) - known)))


def update_readme(archive: Archive, path: Path) -> Plan:
    """Bring a README in step, whole or not at all; what was done."""
    with archive.store.lock():  # two writers of one README would undo each other
        plan = plan_readme(archive, path)
        if plan.changed:
            target = path.resolve()  # a link stays a link
            if not os.access(target, os.W_OK):
                raise PapercapError(f"{path}: is read-only; its galleries were not written")
            with writing(path):
                write_file(target, plan.new)
    return plan


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise NotFound(f"{path}: no such README; the catalogue of entries stands in it") from None
