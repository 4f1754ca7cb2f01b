"""Bring an archive in step with its catalogues: which sources entries have, and what came of them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from papercap import pipeline
from papercap.addresses import place_of
from papercap.archive import Extras
from papercap.catalogue.match import doubles, renewed
from papercap.errors import Exit, NotFound, PapercapError, Usage
from papercap.readme import entry_meant
from papercap.records import Link, Report
from papercap.sources import Document, Remote
from papercap.sources.local import find_documents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from papercap.archive import Archive
    from papercap.pipeline import Request
    from papercap.pipeline.batch import Watcher
    from papercap.records import Entry
    from papercap.settings import Given

OWN_LINK, NOTED, LISTED = "the entry's own link", "linked in its notes", "a source of it in papercap.toml"
_LINK = re.compile(r"https?://[^\s<>\"'`\\]+", re.IGNORECASE)
_PICTURE = re.compile(r"!\[[^\]]*\]\([^)]*\)|<img\b[^>]*>", re.IGNORECASE)


class Source(Struct, frozen=True):
    """A source that an entry has: what is typed to add it, and why it is one."""

    typed: str
    why: str
    path: str = ""  # of a file, as it is found from here
    url: str | None = None  # where that is from

    @property
    def name(self) -> str:
        return self.path or self.typed


class Came(Struct, frozen=True):
    """What came of one source."""

    source: str
    why: str
    status: str  # captured, partial, unchanged, failed; or new, in a dry run
    paper: str | None = None
    figures: int = 0
    note: str | None = None  # also the error of one that failed
    code: Exit = Exit.DONE


class Synced(Struct, frozen=True):
    """What came of one entry; `why` says why it has no figures."""

    entry: str
    name: str
    catalogue: str
    sources: tuple[Came, ...]
    figures: int
    why: str | None = None


def sources_of(
    entries: Sequence[Entry], given: Mapping[str, Sequence[Given]], root: Path, *, outside: bool = False
) -> dict[str, list[Source]]:
    """By entry (catalogue#id) its sources: those of the settings, else its own link and those in its notes.

    NotFound for sources of an entry that no catalogue has, and for a file that is not there. Usage for one
    beyond the root unless `outside`: the settings may be somebody else's, and take in what is yours alone.
    """
    listed: dict[str, list[Source]] = {}
    for name, sources in given.items():
        entry = _meant(entries, name)
        listed.setdefault(key_of(entry), []).extend(
            one for source in sources for one in _files(source, root, outside=outside)
        )
    twice = doubles(entries)
    found = {}
    for entry in entries:
        if key_of(entry) in listed:
            found[key_of(entry)] = listed[key_of(entry)]
        elif entry.id not in twice:
            found[key_of(entry)] = list(_linked(entry))
    return found


def key_of(entry: Entry) -> str:
    """As `--entry` takes it."""
    return f"{entry.catalogue}#{entry.id}"


def sync(
    there: Archive | None,
    opened: Callable[[], Archive],
    entries: Sequence[Entry],
    sources: Mapping[str, Sequence[Source]],
    request: Request,
    jobs: int,
    watcher: Watcher,
    *,
    refresh: bool = False,
    dry_run: bool = False,
) -> list[Synced]:
    """Add what is new, link it to its entries; one that fails leaves the others done.

    An address that was added before is not asked again, unless `refresh`; files are always read, as that is
    cheap. `there` is the archive if there is one already; `opened` makes it when there is something to keep.
    """
    by_name: dict[str, list[tuple[Entry, Source]]] = {}
    for entry in entries:
        for source in sources.get(key_of(entry), ()):
            by_name.setdefault(source.name, []).append((entry, source))
    known = {} if refresh or there is None else _known(there)
    had = {name: known[place] for name in by_name if (place := place_of(name)) in known and place}
    new = [name for name in by_name if name not in had]
    reports: dict[str, Report] = {}
    if not dry_run:
        for name, paper in had.items():
            opened().extend(paper, Extras(links=_links(by_name[name])))
        details = {name: _given(by_name[name]) for name in new}
        given = msgspec.structs.replace(request, given=details)
        reports = {one.source: one for one in pipeline.add(opened, new, given, jobs, watcher) if new}
    counts = {row.id: row.figures for row in there.papers()} if there else {}

    def came(source: Source) -> Came:
        if source.name in had:
            paper = had[source.name]
            return Came(source.typed, source.why, "unchanged", paper, counts[paper])
        report = reports.get(source.name)
        if report is None:
            return Came(source.typed, source.why, "new")
        figures = len(report.figures)
        note = report.error or report.note
        return Came(source.typed, source.why, report.status, report.paper, figures, note, report.code)

    return [
        _synced(entry, [came(one) for one in sources.get(key_of(entry), ())], entries) for entry in entries
    ]


def _synced(entry: Entry, came: Sequence[Came], entries: Sequence[Entry]) -> Synced:
    figures = sum(one.figures for one in {one.paper: one for one in came if one.paper}.values())
    failed = next((one.note for one in came if one.status == "failed"), None)
    empty = next((one.note for one in came if one.note and one.status != "failed"), None)
    twin = doubles(entries).get(entry.id)
    if figures or any(one.status == "new" for one in came):
        why = None
    elif not came:
        why = f"is {twin} once more" if twin else "no address, and no link in its notes"
    else:
        why = empty or failed or "no figures"
    return Synced(entry.id, entry.name, entry.catalogue, tuple(came), figures, why)


def as_markdown(synced: Sequence[Synced]) -> str:
    """A table of what came of each entry."""
    lines = ["| entry | sources | figures | what came of them |", "| --- | ---: | ---: | --- |"]
    for one in synced:
        said = one.why or _told(one)
        lines.append(f"| {_cell(one.name)} | {len(one.sources)} | {one.figures} | {_cell(said)} |")
    return "\n".join(lines) + "\n"


def _told(synced: Synced) -> str:
    """`3 captured, 1 unchanged; failed: …`"""
    counts: dict[str, int] = {}
    for one in synced.sources:
        counts[one.status] = counts.get(one.status, 0) + 1
    said = ", ".join(f"{count} {status}" for status, count in counts.items())
    failed = "; ".join(one.note or "" for one in synced.sources if one.status == "failed")
    return f"{said}; {failed}" if failed else said


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _meant(entries: Sequence[Entry], name: str) -> Entry:
    try:
        return entry_meant(entries, name)
    except NotFound as error:
        raise NotFound(f"[sources] in papercap.toml: {error}") from None


def _files(given: Given, root: Path, *, outside: bool) -> Iterator[Source]:
    """A path of the settings counts from the root; a folder or pattern is all that it holds."""
    if place_of(given.typed) is not None:
        yield Source(given.typed, LISTED)
        return
    from_here = os.path.relpath(root / Path(given.typed).expanduser())
    for name, place in find_documents([from_here]):
        if isinstance(place, PapercapError):
            (other,) = find_documents([given.typed])  # an arXiv id or DOI
            if not isinstance(other[1], Remote):
                raise NotFound(f"[sources] in papercap.toml: {place}") from None
            yield Source(given.typed, LISTED)
        elif isinstance(place, Document):
            if not outside and not place.path.resolve().is_relative_to(root.resolve()):
                raise Usage(f"[sources] in papercap.toml: {name} lies outside of {root}; --outside allows it")
            typed = Path(os.path.relpath(name, root)).as_posix()
            yield Source(typed, LISTED, path=name, url=given.url)


def _linked(entry: Entry) -> Iterator[Source]:
    """Its own link, and each in its notes that is none of a picture."""
    seen = {place_of(entry.url)}
    if entry.url:
        yield Source(entry.url, OWN_LINK)
    for link in _LINK.findall(_PICTURE.sub(" ", entry.notes)):
        address = _trimmed(link)
        place = place_of(address)
        if place and place not in seen:
            seen.add(place)
            yield Source(address, NOTED)


def _trimmed(link: str) -> str:
    """Without the sentence's or Markdown's signs after it; a closing bracket is its own if it opened one."""
    depth = 0
    for index, sign in enumerate(link):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(sign, 0)
        if depth < 0:
            link = link[:index]
            break
    return link.rstrip(".,;:!?*_")


def _links(pairs: Sequence[tuple[Entry, Source]]) -> tuple[Link, ...]:
    return tuple(
        msgspec.structs.replace(
            renewed(Link(entry=entry.id, name=entry.name), entry), by="auto", score=1.0, why=source.why
        )
        for entry, source in pairs
    )


def _given(pairs: Sequence[tuple[Entry, Source]]) -> pipeline.Given:
    _entry, source = pairs[0]
    return pipeline.Given(url=source.url, typed=source.typed, links=_links(pairs))


def _known(archive: Archive) -> dict[object, str]:
    """By place the newest paper that was added from there."""
    found: dict[object, str] = {}
    for row in sorted(archive.papers(), key=lambda row: row.added):
        for address in (row.typed, row.url):
            if place := place_of(address):
                found[place] = row.id
    return found
