"""The archive's catalogues and their galleries: what READMEs should hold, and writing them."""

from __future__ import annotations

import difflib
import os
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from papercap.catalogue import entries_of, find_entry, read_entries, read_readme
from papercap.catalogue.match import Register
from papercap.errors import NotFound, PapercapError, ReadmeRefused
from papercap.files import write_file, writing
from papercap.gallery import blocks_of, update
from papercap.gallery.pages import is_ours
from papercap.gallery.shelves import Look
from papercap.linking import Linker
from papercap.settings import CATALOGUES, read_catalogued

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from papercap.archive import Archive
    from papercap.records import Entry, LinkKey

(README,) = CATALOGUES
PAGES = "gallery"  # the folder beside a README for what it has no room for


class Stray(Struct, frozen=True):
    """Figures are linked to an entry that its catalogue does not have any more, and nothing is like it."""

    link: LinkKey
    figures: int


class Plan(Struct, frozen=True):
    """A README as it is and as it should be."""

    path: Path
    old: bytes
    new: bytes
    pages: dict[Path, bytes] = {}  # to be written beside it
    stale: tuple[Path, ...] = ()  # pages to be deleted
    moved: dict[LinkKey, Entry] = {}  # links that are to follow their entries
    strays: tuple[Stray, ...] = ()
    shown: dict[str, int] = {}  # by entry, the figures that it has

    @property
    def changed(self) -> bool:
        return self.old != self.new or bool(self.pages or self.stale or self.moved)

    def diff(self) -> str:
        """A unified diff of the README, "" if it would not change."""
        old, new = (text.decode("utf-8").splitlines(keepends=True) for text in (self.old, self.new))
        return "".join(difflib.unified_diff(old, new, self.path.name, f"{self.path.name} (in step)"))


# -- catalogues: the READMEs with entries


def read_catalogue(path: Path, name: str | None = None) -> list[Entry]:
    """The entries of a README; NotFound without one, Refused if it is not UTF-8. `name` is from the root."""
    return read_entries(_read(path), name or path.name)


def catalogue_names(root: Path) -> tuple[str, ...]:
    """The READMEs that are catalogues of this archive, relative to its root."""
    return read_catalogued(root).readmes


def all_entries(root: Path) -> list[Entry]:
    """The entries of all catalogues that are there; NotFound if none is."""
    names = catalogue_names(root)
    there = [name for name in names if (root / name).is_file()] or names[:1]
    return [entry for name in there for entry in read_catalogue(root / name, name)]


def find_entries(root: Path, texts: Sequence[str]) -> tuple[Entry, ...]:
    """The entries of the catalogues that ids, names or prefixes mean; NotFound for an unknown one.

    `speech.md#whisper` is of one catalogue alone; without it, the first that has such an entry counts.
    """
    if not texts:
        return ()
    entries = all_entries(root)
    return tuple(entry_meant(entries, text) for text in texts)


def entry_meant(entries: Sequence[Entry], text: str) -> Entry:
    """The one of all catalogues' entries that a text means, as `find_entries` takes it."""
    name, mark, entry = text.rpartition("#")
    if mark and (own := [one for one in entries if one.catalogue == name]):
        return find_entry(own, entry)
    first: dict[str, Entry] = {}
    for one in entries:  # twins in catalogues of other languages have the same ids
        first.setdefault(one.id, one)
    return find_entry(list(first.values()), text)


def linker_of(root: Path) -> Linker | None:
    """Proposes links to the entries of the catalogues; None without entries, or if they cannot be read."""
    try:
        entries = all_entries(root)
    except PapercapError:
        return None
    return Linker(entries) if entries else None


def name_from(root: Path, readme: Path) -> str:
    """A README as links name it: from the root."""
    return os.path.relpath(readme.resolve(), root.resolve()).replace(os.sep, "/")


# -- keeping READMEs in step


def plan_readme(archive: Archive, path: Path, look: Look | None = None) -> Plan:
    """Read the README and say what it should be; ReadmeRefused where its blocks are damaged."""
    archive.refresh()
    return _plan(archive, path, look)


def _plan(archive: Archive, path: Path, look: Look | None) -> Plan:
    old = _read(path)
    folder = path.resolve().parent
    base = os.path.relpath(archive.root.resolve(), folder).replace(os.sep, "/")
    name = name_from(archive.root, path)
    readme = read_readme(old, name)
    entries = entries_of(readme)
    found = what_is_linked(archive, Register(entries, blocks_of(readme, entries)), name)
    everything = archive.search()
    rows = {row.id: row for row in everything}
    order = {figure: number for number, figure in enumerate(rows)}
    mine = {
        entry: [rows[figure] for figure in sorted(figures & rows.keys(), key=lambda figure: order[figure])]
        for entry, figures in found.shown.items()
    }
    galleries = update(
        old,
        mine,
        everything,
        papers={paper.id: paper for paper in archive.papers()},
        look=look,
        name=name,
        base="" if base == "." else base,
        folder=_pages_folder(path),
        there=lambda page: _page(path.parent / page),
    )
    pages, stale = _pages(path.parent, _pages_folder(path), galleries.pages)
    return Plan(
        path=path,
        old=old,
        new=galleries.data,
        pages=pages,
        stale=stale,
        moved=found.moved,
        strays=tuple(found.strays),
        shown={entry: len(figures) for entry, figures in mine.items()},
    )


def update_readme(archive: Archive, path: Path, look: Look | None = None) -> Plan:
    """Bring a README in step, and links to entries that it has renamed; what was done.

    The README is written whole or not at all; pages go before it, those that nothing leads to are deleted
    after it.
    """
    archive.refresh()
    plan = _write(archive, path, look, move=True)
    if plan.moved:
        archive.follow(plan.moved)
        moved = plan.moved
        plan = msgspec.structs.replace(_write(archive, path, look, move=False), moved=moved)
    return plan


def _write(archive: Archive, path: Path, look: Look | None, *, move: bool) -> Plan:
    """Plan and write; nothing is written if links are to follow first, with `move`."""
    with archive.store.lock():  # two writers of one README would undo each other
        plan = _plan(archive, path, look)
        if move and plan.moved:
            return plan
        target = path.resolve()  # a link stays a link
        if plan.old != plan.new and not os.access(target, os.W_OK):
            raise PapercapError(f"{path}: is read-only; its galleries were not written")
        with writing(path):
            for page, content in plan.pages.items():
                page.parent.mkdir(parents=True, exist_ok=True)
                write_file(page, content)
            if plan.old != plan.new:
                write_file(target, plan.new)
            for page in plan.stale:
                page.unlink()
    return plan


class Linked(Struct):
    """What links come to in one README: by entry the figures, by link the entry that it is today."""

    shown: dict[str, set[str]] = {}
    moved: dict[LinkKey, Entry] = {}
    strays: list[Stray] = []


def what_is_linked(archive: Archive, register: Register, name: str) -> Linked:
    """What the archive's links come to in the catalogue of these entries and this name."""
    found = Linked()
    for link, figures in archive.index.links():
        if link.catalogue == name:
            entry = register.find_again(link)
            if entry is None:
                found.strays.append(Stray(link, len(figures)))
            elif (entry.id, entry.name, entry.url) != (link.entry, link.name, link.url):
                found.moved[link] = entry
        else:
            entry = register.find_twin(link)
        if entry:
            found.shown.setdefault(entry.id, set()).update(figures)
    return found


def _page(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


def _pages_folder(path: Path) -> str:
    return PAGES if path.name == README else f"{PAGES}/{path.stem}"


def _pages(folder: Path, name: str, wanted: dict[str, bytes]) -> tuple[dict[Path, bytes], tuple[Path, ...]]:
    """The pages that are not as they should be, and those that are papercap's and not wanted.

    ReadmeRefused for a file in the way that a person wrote or edited.
    """
    write = {folder / path: content for path, content in wanted.items()}
    there = [*(folder / name).glob("*.md")] if (folder / name).is_dir() else []
    stale = []
    for path in there:
        content = path.read_bytes()
        ours = is_ours(content)
        if path not in write:
            stale += [path] if ours else []
        elif write[path] == content:
            del write[path]
        elif ours is None:
            raise ReadmeRefused(f"{path}: was edited by hand; delete it to have it written anew")
        elif not ours:
            raise ReadmeRefused(f"{path}: stands where a gallery of papercap's goes; move it elsewhere")
    return write, tuple(sorted(stale))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise NotFound(f"{path}: no such README; the catalogue of entries stands in it") from None


def told_of(plans: Iterable[Plan]) -> list[str]:
    """What a person should know beside that READMEs are in step, a line each."""
    said = []
    for plan in plans:
        for link, entry in plan.moved.items():
            if (link.entry, link.name) != (entry.id, entry.name):
                now = f"is now {entry.id} ({entry.name}); its links follow"
                said.append(f"{plan.path.name}: {link.entry} ({link.name}) {now}")
        for stray in plan.strays:
            gone = f"{stray.link.entry} ({stray.link.name})"
            what = f"{stray.figures} figure{'s are' if stray.figures != 1 else ' is'} linked"
            mend = f"'papercap relink {stray.link.entry} ENTRY' links them to another"
            said.append(f"{plan.path.name} has no entry like {gone} any more, to which {what}; {mend}")
    return said
