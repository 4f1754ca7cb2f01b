"""Which entries have no figures, and why; links whose entries are gone or have changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from papercap.doctor.cases import Case, Finding
from papercap.doctor.given import was_added
from papercap.errors import PapercapError
from papercap.licences import may_be_shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from papercap.archive import Archive
    from papercap.catalogue.match import Register
    from papercap.readme import Linked
    from papercap.records import Link, PaperRow
    from papercap.settings import Given


class Unshown(Struct):
    """By entry, the papers that are linked to it and show nothing there."""

    superseded: dict[str, list[PaperRow]] = {}  # a newer version has taken their place
    bare: dict[str, list[PaperRow]] = {}  # without figures


def unshown(archive: Archive, case: Case, register: Register) -> Unshown:
    """Read the records of those papers that search leaves out or that hold nothing."""
    rows = archive.papers()
    old = {row.version_of for row in rows if row.version_of != row.id}
    found = Unshown()
    for row in rows:
        if row.figures and row.id not in old:
            continue
        try:
            record = archive.record(row.id)
        except PapercapError:
            continue  # of `papercap check`
        links = [*record.links, *(link for figure in record.figures for link in figure.links)]
        into = found.superseded if row.figures else found.bare
        for entry in _meant(links, case, register):
            into.setdefault(entry, []).append(row)
    return found


def _meant(links: Iterable[Link], case: Case, register: Register) -> set[str]:
    entries = (
        register.find_again(link) if link.catalogue == case.name else register.find_twin(link)
        for link in links
    )
    return {entry.id for entry in entries if entry}


def without_figures(
    case: Case, archive: Archive, linked: Linked, papers: Unshown, given: Mapping[str, Sequence[Given]]
) -> Iterator[Finding]:
    """Entries to which no figure is linked, saying why as far as it is known; the second of a pair aside."""
    newer = {row.version_of: row.id for row in archive.papers() if row.version_of}
    for entry in case.entries:
        if linked.shown.get(entry.id) or entry.id in case.twice:
            continue
        added = [row.id for row in papers.bare.get(entry.id, ())]
        waiting = [one for one in given.get(entry.id, ()) if not was_added(archive, one)]
        if old := papers.superseded.get(entry.id):
            new = newer[old[0].id]
            what = f"its figures are all of {old[0].id}, of which {new} is a newer version"
            finding = case.of_entry(entry, "no-figures", "warning", what, f"'papercap link {new} {entry.id}'")
        elif waiting:
            what = f"no figures: its source in papercap.toml was never added: {waiting[0].typed}"
            mend = f"'papercap sync {entry.id}'"
            finding = case.of_entry(entry, "no-figures", "hint", what, mend)
        elif added:
            what = f"no figures: {added[0]} is linked to it and holds none"
            mend = f"'papercap add SOURCE --entry {entry.id}' with another source of it"
            finding = case.of_entry(entry, "no-figures", "hint", what, mend)
        else:
            what = "no figures: nothing is linked to it"
            mend = f"'papercap sync {entry.id}'" if entry.url else f"'papercap add SOURCE --entry {entry.id}'"
            finding = case.of_entry(entry, "no-figures", "hint", what, mend)
        yield finding


def hidden(case: Case, archive: Archive, linked: Linked) -> Iterator[Finding]:
    """Entries of whose figures none may be shown to the public."""
    licences = {row.id: row.licence for row in archive.papers()}
    for entry in case.entries:
        papers = sorted({figure.rpartition("/")[0] for figure in linked.shown.get(entry.id, ())})
        if papers and not any(may_be_shown(licences.get(paper)) for paper in papers):
            what = "none of its figures may be shown by its licence, and public is set"
            mend = f"'papercap edit {papers[0]} --licence …' if you know better"
            yield case.of_entry(entry, "not-public", "hint", what, mend)


def strays(case: Case, linked: Linked) -> Iterator[Finding]:
    """Links to entries that the catalogue does not have any more."""
    for stray in linked.strays:
        yield _stray(case.name, stray.link.entry, stray.link.name, stray.figures)


def of_no_catalogue(
    archive: Archive, names: Iterable[str], registers: Sequence[Register]
) -> Iterator[Finding]:
    """Links to entries of a README that is no catalogue any more, and shown in no other."""
    known = set(names)
    for link, figures in archive.index.links():
        if link.catalogue not in known and not any(register.find_twin(link) for register in registers):
            yield _stray(link.catalogue, link.entry, link.name, len(figures))


def _stray(file: str, entry: str, name: str, figures: int) -> Finding:
    shown = "1 figure is" if figures == 1 else f"{figures} figures are"
    return Finding(
        file=file,
        line=None,
        entry=entry,
        code="stray-link",
        severity="error",
        what=f"{shown} linked to {name}, an entry that is gone",
        mend=f"'papercap relink {entry} ENTRY' links them to another",
    )


def moved(case: Case, linked: Linked) -> Iterator[Finding]:
    """Links that follow an entry which was renamed."""
    for link, entry in linked.moved.items():
        if (link.entry, link.name) != (entry.id, entry.name):
            what = f"it was {link.entry} ({link.name}) when figures were linked to it; its links follow"
            yield case.of_entry(entry, "moved", "hint", what, "'papercap readme' keeps its new name")
