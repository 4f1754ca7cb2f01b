"""What catalogues have wrong, and what to do about it; nothing is mended.

Each kind of finding is a function that takes what was read of a catalogue; here they are called in order.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from papercap.catalogue.match import Register
from papercap.doctor import entries, figures, given, text, writing
from papercap.doctor.cases import Case, Finding
from papercap.errors import NotFound, PapercapError, Refused
from papercap.gallery.shelves import Look
from papercap.readme import Linked, Plan, name_from, plan_readme, read_catalogue, what_is_linked
from papercap.settings import read_catalogued

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from papercap.archive import Archive
    from papercap.fetch.client import Client
    from papercap.records import Entry
    from papercap.settings import Catalogued

__all__ = ["Finding", "examine"]


def examine(
    archive: Archive,
    readmes: Sequence[Path] = (),
    look: Look | None = None,
    *,
    dial: Callable[[], Client] | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Finding]:
    """All that is wrong, by catalogue and line.

    Without READMEs all catalogues of the archive are looked at, and what papercap.toml says of them.
    With `dial`, which makes a client, addresses are asked whether they are there, else no server is.
    NotFound without a README.
    """
    said = read_catalogued(archive.root)
    there = [archive.root / name for name in said.readmes if (archive.root / name).is_file()]
    known = _entries(archive.root, said.readmes)
    found: list[Finding] = []
    cases: list[Case] = []
    for path in readmes or there or [archive.root / said.readmes[0]]:
        try:
            case = _read(archive, path)
        except Refused as error:
            found.append(_unreadable(archive, path, error))
            continue
        cases.append(case)
        found += _of_case(archive, case, said, known, look or Look())
    if not readmes:
        found += _of_all(archive, cases, said, known)
    if dial and cases:
        from papercap.doctor.online import dead_links

        found += dead_links(cases, dial, progress)
    return _in_order(found)


def _of_case(
    archive: Archive, case: Case, said: Catalogued, known: Sequence[Entry], look: Look
) -> Iterator[Finding]:
    register = Register(case.entries, writing.blocks_if_sound(case))
    linked = what_is_linked(archive, register, case.name)
    sources = given.by_entry(said.sources, known)
    mine = {name: sources for (catalogue, name), sources in sources.items() if catalogue == case.name}
    plan: Plan | None = None
    try:
        plan = plan_readme(archive, case.path, look)
    except PapercapError as error:
        yield from writing.refused(case, error)
    else:
        yield from writing.out_of_step(case, plan)
    yield from writing.too_long(case, plan)
    yield from _of_entries(case, linked)
    yield from figures.without_figures(case, archive, linked, figures.unshown(archive, case, register), mine)
    if look.public:
        yield from figures.hidden(case, archive, linked)
    yield from figures.strays(case, linked)
    yield from figures.moved(case, linked)
    yield from text.missing_files(case, archive.root)
    yield from text.remote_pictures(case)
    yield from text.stray_tags(case)


def _of_entries(case: Case, linked: Linked) -> Iterator[Finding]:
    yield from entries.doubled(case)
    yield from entries.alike(case)
    yield from entries.ill_addressed(case)
    yield from entries.unaddressed(case)
    yield from entries.unclosed(case, linked)
    yield from entries.unread(case)
    yield from entries.empty(case, linked)


def _of_all(
    archive: Archive, cases: Sequence[Case], said: Catalogued, known: Sequence[Entry]
) -> Iterator[Finding]:
    """What is wrong beside the catalogues."""
    names = [name for name in said.readmes if (archive.root / name).is_file()]
    registers = [Register(case.entries) for case in cases]
    yield from figures.of_no_catalogue(archive, names, registers)
    yield from given.missing_catalogues(archive.root, said.readmes)
    if len(cases) == len(names):  # an entry may stand in one that could not be read
        yield from given.of_no_entry(archive.root, said.sources, known)
    yield from given.missing_sources(archive.root, said.sources)


def _read(archive: Archive, path: Path) -> Case:
    try:
        return Case(path.read_bytes(), path, name_from(archive.root, path))
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise NotFound(f"{path}: no such README; the catalogue of entries stands in it") from None


def _unreadable(archive: Archive, path: Path, error: Refused) -> Finding:
    name = name_from(archive.root, path)
    what, _, mend = str(error).removeprefix(f"{name}: ").partition("; ")
    return Finding(
        file=name, line=None, entry=None, code="unreadable", severity="error", what=what, mend=mend
    )


def _entries(root: Path, names: Sequence[str]) -> list[Entry]:
    """Those of all catalogues that can be read."""
    found: list[Entry] = []
    for name in names:
        with suppress(NotFound, Refused):
            found += read_catalogue(root / name, name)
    return found


def _in_order(found: Sequence[Finding]) -> list[Finding]:
    """By file in the order in which files were looked at, then by line."""
    files = list(dict.fromkeys(finding.file for finding in found))
    return sorted(found, key=lambda one: (files.index(one.file), one.line or 0))
