"""The archive as one thing: files and index under one lock and one write order (files first)."""

from __future__ import annotations

import datetime
import os
import re
import unicodedata
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from papercap.archive.instep import INDEX, catch_up, changed_elsewhere, open_index, rebuild
from papercap.archive.trash import find_trashed, is_older, trashed
from papercap.archive.versions import neighbours
from papercap.catalogue.match import renewed
from papercap.errors import Damaged, NotFound, PapercapError, Refused, Usage
from papercap.files import hash_file, link_files
from papercap.index import Index
from papercap.merge import joined, new_record, renewed_record, with_links, with_service, with_tags
from papercap.names import paper_id
from papercap.records import CROP, Facts, Figure, Link, Paper, Sourced, file_names, files_of
from papercap.store import FOLDER, Store, file_fact, file_facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import TracebackType

    from papercap.linking import Linker, Proposal
    from papercap.records import Entry, FigureRow, Kind, LinkKey, Options, Outcome, PaperRow, Source, Trashed

    Marking = Callable[[Paper | Figure, Paper], dict[str, object]]  # an item, its paper → changed values

SHOWN_CHOICES = 8  # ids in a message
_ENDING = re.compile(r"\.(pdf|png|jpe?g|gif|webp|avif|svg|tiff?)$", re.IGNORECASE)


class Extras(msgspec.Struct, frozen=True, kw_only=True):
    """What a person says of a paper when adding it, and the service from which it is."""

    title: str | None = None
    tags: tuple[str, ...] = ()
    entries: tuple[Entry, ...] = ()
    links: tuple[Link, ...] = ()  # to entries of which it is a source
    linker: Linker | None = None  # says which entries it illustrates for sure
    service: Facts = Facts()


class Archive:
    """The papers and figures under one root. Use as a context manager, or call `close()`."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        """Open; NotFound where no archive is."""
        self.root = Path(root)
        self.store = Store(self.root)
        self.unreadable: list[str] = []  # records that could not be indexed, one line each
        self.remade: str | None = None  # why the index that was there had to be made anew
        self._index: Index | None = None
        self._file: tuple[int, int] | None = None

    @classmethod
    def create(cls, root: str | os.PathLike[str]) -> Archive:
        """Make an empty archive, or open the one that is there."""
        Store.create(Path(root))
        archive = cls(root)
        archive.index.papers()
        return archive

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the index."""
        if self._index:
            self._index.close()
            self._index = None

    # -- reading: the index alone

    @property
    def index(self) -> Index:
        """The index, for reading; brought in step where it is missing, unusable, or lacks a folder."""
        if self._index and self._file != _identity(self.root / INDEX):
            self.close()  # another process has put a new one in its place
        if self._index is None:
            opened = open_index(self.store)
            self._index, self.unreadable = opened.reader, opened.unreadable
            self.remade = self.remade or opened.remade
            self._file = _identity(self.root / INDEX)
        return self._index

    def refresh(self) -> None:
        """Bring the index in step with records that were changed by another way, as by a pull."""
        if behind := changed_elsewhere(self.store, self.index):
            self.close()
            self.unreadable = catch_up(self.store, behind)

    def papers(self) -> list[PaperRow]:
        return self.index.papers()

    def figures(self, paper: str | None = None) -> list[FigureRow]:
        """All figures in the order of their pages, or one paper's."""
        return self.index.figures(self.find_paper(paper) if paper else None)

    def search(
        self,
        words: str = "",
        *,
        tags: Sequence[str] = (),
        entries: Sequence[str] = (),
        kinds: Sequence[Kind] = (),
        papers: Sequence[str] = (),
        unsure: bool = False,
        limit: int | None = None,
    ) -> list[FigureRow]:
        """Figures that match every word and filter, the best first; NotFound for an unknown filter."""
        found = [self.find_paper(paper) for paper in papers]
        return self.index.search(
            words, tags=tags, entries=entries, kinds=kinds, papers=found, unsure=unsure, limit=limit
        )

    def find_paper(self, text: str) -> str:
        """The paper that an id, or a prefix which fits only one, names; else NotFound with the choices."""
        return _only_one(text, self.index.find_papers(_typed_id(text)), "paper")

    def find_figure(self, text: str) -> str:
        """The figure that `<paper>/figure-3` names; both parts may be cut to what fits only one."""
        typed = _typed_id(text)
        paper, slash, figure = typed.partition("/")
        if slash and (papers := self.index.find_papers(paper)):
            typed = f"{_only_one(text, papers, 'paper')}/{figure}"
        return _only_one(text, self.index.find_figures(typed), "figure")

    def find(self, text: str) -> tuple[str, str | None]:
        """A paper, or a paper and its figure, whichever the id names."""
        if "/" not in _typed_id(text):
            return self.find_paper(text), None
        paper, _slash, figure = self.find_figure(text).partition("/")
        return paper, figure

    def full_ids(self, texts: Sequence[str]) -> list[str]:
        """The whole ids that prefixes stand for."""
        return ["/".join(filter(None, self.find(text))) for text in texts]

    def record(self, paper: str) -> Paper:
        """All that is known of a paper, as its record has it."""
        return self.store.record(self.find_paper(paper))[0]

    def figure(self, text: str) -> tuple[Paper, Figure]:
        """A figure as its record has it, with its paper's."""
        paper, _slash, name = self.find_figure(text).partition("/")
        record = self.record(paper)
        for figure in record.figures:
            if figure.id == name:
                return record, figure
        raise Damaged(f"{paper}/{name}: gone from its record; run 'papercap reindex'")

    def paper_of(self, sha256: str) -> str | None:
        """The paper that was made from this very document."""
        return self.index.paper_of_document(sha256)

    # -- writing: records first, then rows

    def keep(
        self, draft: Path, source: Source, outcome: Outcome, options: Options, extras: Extras, made_by: str
    ) -> Paper:
        """File a new paper from a draft folder; if another process was faster, its paper is given back."""
        with self.writing() as index:
            if there := index.paper_of_document(source.sha256):
                return self._change(index, there, lambda old: _extended(old, extras))
            facts = joined(outcome.extraction.facts, extras.service)
            name = paper_id(facts, _stem(source), source.sha256, self.store.names())
            paper = new_record(outcome, source, options, paper=name, added=_now(), made_by=made_by)
            paper = _extended(paper, extras)
            older, newer = neighbours(paper, index)
            paper = self._place(index, draft, msgspec.structs.replace(paper, version_of=older))
            if newer:  # this one is the older: the next newer one names it
                self._change(index, newer, lambda old: msgspec.structs.replace(old, version_of=paper.id))
            return paper

    def renew(
        self, draft: Path, paper: str, outcome: Outcome, options: Options, extras: Extras, made_by: str
    ) -> Paper:
        """File a paper's new extraction in place of its old one; hand work and its files stay."""
        with self.writing() as index:
            old, _sha256 = self.store.record(paper)
            new = _extended(renewed_record(old, outcome, options, made_by), extras)
            names = {figure.id for figure in outcome.figures}
            stay = [figure for figure in new.figures if figure.id not in names or figure.by == "hand"]
            files = [name for figure in stay for name in file_names(figure)]
            self._hold_to_record(old, files)
            link_files(self.store.path(paper), draft, files)
            if old.source.file and not (draft / old.source.file).exists():
                new = msgspec.structs.replace(new, source=msgspec.structs.replace(new.source, file=None))
            return self._place(index, draft, new)

    def put_crop(
        self, draft: Path, paper: str, edit: Callable[[Paper], tuple[Paper, Figure]]
    ) -> tuple[Paper, Figure]:
        """File a record that was edited by hand with the files that one figure has anew.

        `edit` gives record and figure; the draft holds the files under the name `CROP`.
        """
        with self.writing() as index:
            old, _sha256 = self.store.record(paper)
            new, figure = edit(old)
            anew = file_names(figure)
            for made, name in zip(msgspec.structs.astuple(files_of(CROP)), anew, strict=True):
                os.rename(draft / made, draft / name)
            others = [name for name in old.files if name not in anew]
            self._hold_to_record(old, others)
            link_files(self.store.path(paper), draft, others)
            return self._place(index, draft, new), figure

    def put_files(self, paper: Paper, made: Mapping[str, Path]) -> list[str]:
        """Put files that were made anew in their places; the names of those that are not as recorded.

        The record is made to say what those are now. PapercapError if it was changed meanwhile.
        """
        with self.writing() as index:
            if self.store.record(paper.id)[0] != paper:
                raise PapercapError(f"{paper.id}: was changed meanwhile; try again")
            facts = {name: file_fact(path) for name, path in made.items()}
            new = [name for name, fact in facts.items() if paper.files.get(name) != fact]
            if new:
                self.store.begin(paper.id)
            for name, path in made.items():
                self.store.put_file(path, paper.id, name)
            if new:
                paper = msgspec.structs.replace(paper, files={**paper.files, **facts})
                index.put(paper, self.store.rewrite(paper))
                self.store.finish(paper.id)
            return new

    def extend(self, paper: str, extras: Extras) -> Paper:
        """Give a paper more tags and entries."""
        return self.change(paper, lambda old: _extended(old, extras))

    def change(self, paper: str, edit: Callable[[Paper], Paper]) -> Paper:
        """Put an edited record in a paper's place, and its rows after it."""
        with self.writing() as index:
            return self._change(index, paper, edit)

    def tag(self, ids: Sequence[str], tag: str) -> int:
        """Tag papers and figures; how many had it not yet."""
        clean = clean_tag(tag)
        return self._mark(ids, lambda item, _paper: {"tags": with_tags(item.tags, (clean,))})

    def untag(self, ids: Sequence[str], tag: str) -> int:
        """Take a tag from papers and figures; NotFound if none of them has it."""
        clean = clean_tag(tag)
        count = self._mark(
            ids, lambda item, _paper: {"tags": tuple(have for have in item.tags if have != clean)}
        )
        if not count:
            papers = {paper for paper, _figure in map(self.find, ids)}
            of_paper = [paper for paper in sorted(papers) if clean in self.record(paper).tags]
            hint = (
                f"the whole paper has it: papercap untag {of_paper[0]} {tag!r}" if of_paper else "see 'show'"
            )
            raise NotFound(f"{tag}: no tag of {', '.join(ids)}; {hint}")
        return count

    def link(self, ids: Sequence[str], entry: Entry) -> int:
        """Say that papers and figures illustrate an entry; how many were not linked yet."""
        link = (_link(entry),)
        return self._mark(
            ids,
            lambda item, _paper: {
                "links": with_links(item.links, link),
                "rejected": tuple(name for name in item.rejected if name != entry.id),
            },
        )

    def accept(self, proposal: Proposal) -> None:
        """Make a proposed link, as a person agreed to it."""
        link = msgspec.structs.replace(proposal.link, by="hand")
        self._mark([proposal.id], lambda item, _paper: {"links": with_links(item.links, (link,))})

    def reject(self, proposal: Proposal) -> None:
        """Remember that a proposed link was wrong: it is not proposed again."""
        entry = (proposal.link.entry,)
        self._mark([proposal.id], lambda item, _paper: {"rejected": with_tags(item.rejected, entry)})

    def pin(self, ids: Sequence[str], *, pinned: bool = True) -> int:
        """Let figures lead the galleries, or not any more; how many that changed. Usage for a paper."""
        for paper, figure in map(self.find, ids):
            if figure is None:
                raise Usage(f"{paper}: is a paper; name one of its figures, such as {paper}/figure-1")
        return self._mark(ids, lambda _item, _paper: {"pinned": pinned})

    def relink(self, old: str, entry: Entry) -> int:
        """Give the links of an entry that the README does not have any more to another; how many."""
        keys = {link for link, _figures in self.index.links() if link.entry == old}
        keys |= {
            link.key for row in self.papers() if old in row.entries for link in self.record(row.id).links
        }
        gone = {key: entry for key in keys if key.entry == old}
        if not gone:
            raise NotFound(f"{old}: nothing is linked to it; 'papercap doctor' names entries that are gone")
        return self.follow(gone)

    def follow(self, moved: Mapping[LinkKey, Entry]) -> int:
        """Let links follow entries that the README has under another id, name or address; how many did."""
        ids = {key.entry: entry.id for key, entry in moved.items()}
        count = 0

        def values(item: Paper | Figure) -> dict[str, object]:
            links = [renewed(link, moved[link.key]) if link.key in moved else link for link in item.links]
            rejected = {ids.get(name, name) for name in item.rejected}
            return {"links": with_links((), tuple(links)), "rejected": tuple(sorted(rejected))}

        def edit(old: Paper) -> Paper:
            figures = tuple(msgspec.structs.replace(figure, **values(figure)) for figure in old.figures)
            return msgspec.structs.replace(old, **values(old), figures=figures)

        for row in self.papers() if moved else ():
            old = self.record(row.id)
            items: tuple[Paper | Figure, ...] = (old, *old.figures)
            found = sum(link.key in moved for item in items for link in item.links)
            if found:
                self.change(row.id, edit)
            count += found
        return count

    def unlink(self, ids: Sequence[str], entry: str) -> int:
        """Take an entry from papers and figures, one that their paper gives them included.

        It is remembered, so that the same link is not made or proposed again.
        """

        def without(item: Paper | Figure, paper: Paper) -> dict[str, object]:
            given = any(link.entry == entry for link in (*item.links, *paper.links))
            left = tuple(link for link in item.links if link.entry != entry)
            return {"links": left, "rejected": with_tags(item.rejected, (entry,) if given else ())}

        count = self._mark(ids, without)
        if not count:
            raise NotFound(f"{entry}: not linked to {', '.join(ids)}; 'papercap show' lists what is")
        return count

    def edit(
        self, paper: str, *, licence: str | None = None, credit: str | None = None, **values: object
    ) -> Paper:
        """Set title, authors, year, DOI, licence or credit by hand; an empty licence or credit is none."""
        hand = {name: Sourced(value, "hand") for name, value in values.items() if value is not None}
        source = {"licence": licence, "credit": credit}
        given = {name: value or None for name, value in source.items() if value is not None}

        def edited(old: Paper) -> Paper:
            return msgspec.structs.replace(old, source=msgspec.structs.replace(old.source, **given), **hand)

        return self.change(self.find_paper(paper), edited)

    def remove(self, paper: str) -> None:
        """Move a paper with all its figures to the trash; the whole id, even of one that is damaged."""
        with self.writing() as index:
            if paper not in self.store.names():
                raise NotFound(f"{paper}: no such paper; 'papercap list' shows all")
            self.store.begin(paper)
            index.drop(paper)
            self.store.remove(paper)
            self.store.finish(paper)

    def trash(self, older_than: float = 0) -> list[Trashed]:
        """What was removed more than so many days ago and not yet deleted, of one id the oldest first."""
        now = datetime.datetime.now(datetime.UTC)
        return [row for row in trashed(self.store) if older_than <= 0 or is_older(row, older_than, now)]

    def restore(self, text: str, removed: str | None = None) -> str:
        """Put a removed paper back as it was; its id.

        The newest of those removed under that id, or the one whose time of removal begins with
        `removed`. Usage if a paper of that id, or of its document, is there again.
        """
        with self.writing() as index:
            row = find_trashed(trashed(self.store), _typed_id(text), removed)
            paper = str(row.id)
            again = paper if self.store.path(paper).exists() else None
            if again is None and row.sha256 is not None:
                again = index.paper_of_document(row.sha256)
            if again:
                same = "is there again" if again == paper else f"its document is there again as {again}"
                raise Usage(f"{paper}: {same}; 'papercap remove {again}' moves that to the trash first")
            self.store.begin(paper)
            self.store.restore(self.root / row.folder, paper)
            try:
                index.put(*self.store.record(paper))
            except (Damaged, NotFound) as error:  # it was so when it was removed
                self.unreadable = [str(error)]
            self.store.finish(paper)
            return paper

    def empty_trash(self, older_than: float = 0) -> list[Trashed]:
        """Delete what has been in the trash for more than so many days; what that was."""
        with self.writing():
            old = self.trash(older_than)
            for row in old:
                self.store.forget(self.root / row.folder)
            return old

    def reindex(self, progress: Callable[[int, int], None] = lambda done, total: None) -> int:
        """Make the index anew from the records; the number of papers. `unreadable` says what was left out."""
        self.close()
        count, self.unreadable = rebuild(self.store, progress)
        return count

    # -- within

    def _hold_to_record(self, paper: Paper, files: Sequence[str]) -> None:
        """Damaged if a file that is to be kept is not what the record says: it must not become the truth."""
        for name in files:
            path, fact = self.store.path(paper.id) / name, paper.files.get(name)
            if fact is None or not path.is_file() or hash_file(path) != fact.sha256:
                raise Damaged(f"{paper.id}/{name}: not what its record says; run 'papercap check'")

    def _place(self, index: Index, draft: Path, paper: Paper) -> Paper:
        facts = file_facts(draft)
        kept = paper.source.file
        if kept is not None and (kept not in facts or facts[kept].sha256 != paper.source.sha256):
            raise Refused(f"{paper.id}: its document was changed while it was read")
        paper = msgspec.structs.replace(paper, files=facts)
        self.store.begin(paper.id)
        index.put(paper, self.store.place(draft, paper))
        self.store.finish(paper.id)
        return paper

    def _change(self, index: Index, paper: str, edit: Callable[[Paper], Paper]) -> Paper:
        old, _sha256 = self.store.record(paper)
        new = edit(old)
        if new != old:
            self.store.begin(paper)
            index.put(new, self.store.rewrite(new))
            self.store.finish(paper)
        return new

    def _mark(self, ids: Sequence[str], values: Marking) -> int:
        """Change papers and figures, all that are of one paper at once; how many that changed."""
        targets: dict[str, list[str | None]] = {}
        for paper, figure in dict.fromkeys(map(self.find, ids)):  # all are known before any is changed
            targets.setdefault(paper, []).append(figure)
        count = 0

        def edit(old: Paper, figures: Sequence[str | None]) -> Paper:
            nonlocal count
            for figure in figures:
                new = _replaced(old, figure, values)
                count += new != old
                old = new
            return old

        for paper, figures in targets.items():
            self.change(paper, partial(edit, figures=figures))
        return count

    @contextmanager
    def writing(self) -> Iterator[Index]:
        """Be the only writer, with the index to write to; records first, then rows."""
        self.index  # noqa: B018  an index that is missing or behind is made good first
        with self.store.lock(), Index(self.root / INDEX) as index:
            yield index


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def clean_tag(text: str) -> str:
    """A tag as it is kept: composed letters, single blanks, no commas; Usage for an empty one."""
    tag = unicodedata.normalize("NFC", " ".join(text.split()))
    if not tag or "," in tag or not tag.isprintable():
        raise Usage(f"{text!r}: a tag is one or more words without commas")
    return tag


def _extended(paper: Paper, extras: Extras) -> Paper:
    paper = with_service(paper, extras.service)
    by_hand = tuple(_link(entry) for entry in extras.entries)
    title = Sourced(extras.title, "hand") if extras.title else paper.title
    paper = msgspec.structs.replace(
        paper,
        title=title,
        tags=with_tags(paper.tags, tuple(clean_tag(tag) for tag in extras.tags)),
        links=with_links(paper.links, by_hand),
        rejected=tuple(name for name in paper.rejected if name not in {link.entry for link in by_hand}),
    )
    wanted = tuple(link for link in extras.links if link.entry not in paper.rejected)
    paper = msgspec.structs.replace(paper, links=with_links(paper.links, wanted))
    sure = extras.linker.sure(paper) if extras.linker else ()
    return msgspec.structs.replace(paper, links=with_links(paper.links, sure))


def _replaced(paper: Paper, figure: str | None, values: Marking) -> Paper:
    if figure is None:
        return msgspec.structs.replace(paper, **values(paper, paper))
    figures = tuple(
        msgspec.structs.replace(item, **values(item, paper)) if item.id == figure else item
        for item in paper.figures
    )
    return msgspec.structs.replace(paper, figures=figures)


def _link(entry: Entry) -> Link:
    return renewed(Link(entry=entry.id, name=entry.name), entry)


def _typed_id(text: str) -> str:
    """An id as it was typed, or completed by a shell from the archive's folder; Usage for an empty one."""
    typed = unicodedata.normalize("NFC", text).casefold().removeprefix(f"{FOLDER}/").rstrip("/")
    if not typed:
        raise Usage("an empty id; 'papercap list' shows all")
    return typed


def _only_one(text: str, ids: Sequence[str], what: str) -> str:
    if len(ids) == 1:
        return ids[0]
    if not ids:
        raise NotFound(
            f"{text}: no such {what}; 'papercap {'list' if what == 'paper' else 'search'}' shows all"
        )
    more = f" and {len(ids) - SHOWN_CHOICES} more" if len(ids) > SHOWN_CHOICES else ""
    raise NotFound(
        f"{text}: fits {len(ids)} {what}s: {', '.join(ids[:SHOWN_CHOICES])}{more}; give more of the id"
    )


def _stem(source: Source) -> str:
    return _ENDING.sub("", source.typed.replace("\\", "/").rsplit("/", 1)[-1])


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
