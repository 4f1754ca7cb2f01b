"""The index: every figure of the archive in one SQLite file, to be searched and listed.

All that it holds is computed from the records, so it can be deleted and built again. It is committed
with the archive: it keeps a rollback journal (nothing stays beside it, and it opens on a read-only
file system), and its transactions are short, so that readers and a writer wait for each other instead
of failing.

A search ranks by keys alone and reads whole rows, and cuts snippets, only of the hits that are wanted.
"""

# ruff: noqa: S608 (what is put into SQL here are names that this module knows; every value is bound)

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import msgspec

from papercap.errors import NotFound
from papercap.index.file import (
    TABLES,
    IndexBusy,
    IndexUnusable,
    discard_index,
    drop_tables,
    make_lookups,
    make_tables,
    open_file,
    pack,
    translated,
)
from papercap.index.rows import (
    FIGURE_BITS,
    FIGURE_FIELDS,
    PAPER_BITS,
    PAPER_FIELDS,
    SEARCHED,
    SNIPPET_FIELDS,
    Rows,
    figure_keys,
    first_key,
    make_rows,
    name_arxiv,
    name_doi,
    read_figure,
    read_paper,
)
from papercap.index.snippets import cut_snippet
from papercap.index.words import fold_signs, match_expression, read_words
from papercap.records import UNSURE, LinkKey

__all__ = ["ORPHAN", "Index", "IndexBusy", "IndexUnusable", "discard_index"]

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from papercap.index.words import Term
    from papercap.records import FigureRow, Kind, Paper, PaperRow

ORPHAN = "in the index, but has no record"  # that could be read
NEAR = 3  # names to suggest for one that is not there
LAST_SIGN = "\U0010ffff"  # sorts after everything that an id is made of

_WEIGHTS = ", ".join(str(weight) for weight in SEARCHED.values())
_JOINED = "figures JOIN papers ON papers.id = figures.paper"
_SUPERSEDED = (
    "SELECT old.key FROM papers AS old WHERE old.id IN "
    "(SELECT version_of FROM papers WHERE version_of > '' AND version_of <> id)"
)
_STORED = (  # all rows of a paper but its own, in the order that `make_rows` gives them
    "SELECT * FROM figures WHERE key BETWEEN ? AND ? ORDER BY key",
    "SELECT * FROM figure_tags WHERE figure BETWEEN ? AND ? ORDER BY figure, tag",
    "SELECT * FROM figure_entries WHERE figure BETWEEN ? AND ? ORDER BY figure, entry, catalogue",
)

# Conditions on a figure's key, each with a JSON array of names to bind
_ANY_OF = "IN (SELECT value FROM json_each(?))"
_HAS_TAG = f"{{key}} IN (SELECT figure FROM figure_tags WHERE tag {_ANY_OF})"
_HAS_ENTRY = f"{{key}} IN (SELECT figure FROM figure_entries WHERE entry {_ANY_OF})"
_OF_KIND = f"(SELECT kind FROM figures AS same WHERE same.key = {{key}}) {_ANY_OF}"
_IN_PAPER = f"{{key}} IN (SELECT key FROM figures WHERE paper {_ANY_OF})"
_TO_REVIEW = f"{{key}} IN (SELECT key FROM figures WHERE confidence < {UNSURE})"
_NOT_SUPERSEDED = f"({{key}} >> {FIGURE_BITS}) NOT IN ({_SUPERSEDED})"


class Index:
    """The open index; a context manager."""

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        """Open the index, made empty if there is none; IndexUnusable if it cannot be used as it is."""
        self._path = path
        self._db = open_file(path, readonly=readonly)

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- writing --------------------------------------------------------------------------

    def put(self, paper: Paper, record_sha256: str) -> None:
        """Add a paper, or replace everything that is indexed of it."""
        self.put_all([(paper, record_sha256)])

    def put_all(self, papers: Iterable[tuple[Paper, str]]) -> None:
        """Add or replace papers, each with its record's SHA-256, in one transaction."""
        with self._transaction("IMMEDIATE"):
            for paper, record_sha256 in papers:
                key = self._delete(paper.id)
                if key is None:
                    key = self._free_key(paper.id)
                self._insert(make_rows(paper, record_sha256, key))

    def drop(self, paper_id: str) -> None:
        """Take out everything of a paper; nothing happens if there is none of that id."""
        with self._transaction("IMMEDIATE"):
            self._delete(paper_id)

    def rebuild(self, papers: Iterable[tuple[Paper, str]]) -> None:
        """All old rows out and new ones in; readers see the old ones until it is done."""
        with self._transaction("IMMEDIATE"):
            drop_tables(self._db)
            make_tables(self._db)
            for paper, record_sha256 in papers:
                self._insert(make_rows(paper, record_sha256, self._free_key(paper.id)))
            make_lookups(self._db)
        with translated(self._path):
            pack(self._db)

    def _delete(self, paper_id: str) -> int | None:
        """Delete a paper's rows; its key, if there was one. A trigger tells the full-text index."""
        found = self._db.execute("SELECT key FROM papers WHERE id = ?", [paper_id]).fetchone()
        if found is None:
            return None
        key = int(found[0])
        for table, column in (("figure_tags", "figure"), ("figure_entries", "figure"), ("figures", "key")):
            self._db.execute(f'DELETE FROM "{table}" WHERE {column} BETWEEN ? AND ?', figure_keys(key))
        self._db.execute("DELETE FROM papers WHERE key = ?", [key])
        return key

    def _free_key(self, paper_id: str) -> int:
        """The paper's key by its id, or the next if chance gave that to another paper."""
        key = first_key(paper_id)
        while self._db.execute("SELECT 1 FROM papers WHERE key = ?", [key]).fetchone():
            key = (key + 1) % (1 << PAPER_BITS)
        return key

    def _insert(self, rows: Rows) -> None:
        tables: tuple[Sequence[tuple[Any, ...]], ...] = ([rows.paper], rows.figures, rows.tags, rows.entries)
        for table, values in zip(TABLES, tables, strict=True):
            marks = ", ".join("?" * len(TABLES[table]))
            self._db.executemany(f'INSERT INTO "{table}" VALUES ({marks})', values)

    # -- listing --------------------------------------------------------------------------

    def papers(self) -> list[PaperRow]:
        """All papers, in the order of their ids."""
        return self._papers("ORDER BY id")

    def paper(self, paper_id: str) -> PaperRow | None:
        return next(iter(self._papers("WHERE id = ?", paper_id)), None)

    def paper_of_document(self, sha256: str) -> str | None:
        """The id of the paper made from the document with this SHA-256."""
        return next(iter(self._strings("SELECT id FROM papers WHERE sha256 = ? ORDER BY id", sha256)), None)

    def versions_of(self, doi: str | None, arxiv: str | None, url: str | None = None) -> list[PaperRow]:
        """The papers that share the DOI, the arXiv id whatever its version, or a web page's address.

        The oldest first.
        """
        where = "WHERE work_doi = ? OR work_arxiv = ? OR work_url = ? ORDER BY added, id"
        return self._papers(where, name_doi(doi), name_arxiv(arxiv), url)

    def figures(self, paper: str | None = None) -> list[FigureRow]:
        """All figures, or those of a paper, in the order of papers, pages and their place on the page."""
        where = "" if paper is None else "WHERE figures.paper = ?"
        sql = f"SELECT {FIGURE_FIELDS} FROM {_JOINED} {where} ORDER BY figures.paper, figures.key"
        with self._transaction():
            return [
                read_figure(row) for row in self._db.execute(sql, [] if paper is None else [_storable(paper)])
            ]

    def find_papers(self, prefix: str) -> list[str]:
        """The ids of papers that begin so; one that is just this stands alone."""
        return self._ids("papers", prefix)

    def find_figures(self, prefix: str) -> list[str]:
        """The ids of figures that begin so; one that is just this stands alone."""
        return self._ids("figures", prefix)

    def record_hashes(self) -> dict[str, str]:
        """The SHA-256 of each paper's record as it was indexed, by the paper's id."""
        with self._transaction():
            return dict(self._db.execute("SELECT id, record_sha256 FROM papers ORDER BY id"))

    def tags(self) -> list[tuple[str, int]]:
        """Each tag and the number of figures that it holds for."""
        counts = dict.fromkeys(self._paper_names("tags"), 0)
        with self._transaction():
            counts |= dict(self._db.execute("SELECT tag, count(*) FROM figure_tags GROUP BY tag"))
        return sorted(counts.items())

    def entries(self) -> list[tuple[str, str, int]]:
        """Each entry that is linked, by id, with its name and the number of its figures."""
        sql = "SELECT entry, min(name), count(DISTINCT figure) FROM figure_entries GROUP BY entry"
        with self._transaction():
            found = {entry: (entry, name, count) for entry, name, count in self._db.execute(sql)}
        bare = {entry: (entry, entry, 0) for entry in self._paper_names("entries")}
        return sorted((bare | found).values())

    def links(self) -> list[tuple[LinkKey, list[str]]]:
        """Each entry that is linked, as links have it, with the ids of its figures.

        They are in the order of papers and pages; those of papers that have a newer version are left out.
        """
        sql = f"""SELECT entry, catalogue, name, url, section, figures.id FROM figure_entries
            JOIN figures ON figures.key = figure_entries.figure
            WHERE {_NOT_SUPERSEDED.format(key="figures.key")} ORDER BY figures.paper, figures.key"""
        found: dict[LinkKey, list[str]] = {}
        with self._transaction():
            for entry, catalogue, name, url, section, figure in self._db.execute(sql):
                found.setdefault(LinkKey(entry, catalogue, name, url, section), []).append(figure)
        return list(found.items())

    # -- searching ------------------------------------------------------------------------

    def search(
        self,
        words: str = "",
        *,
        tags: Collection[str] = (),
        entries: Collection[str] = (),
        kinds: Collection[Kind] = (),
        papers: Collection[str] = (),
        unsure: bool = False,
        limit: int | None = None,
    ) -> list[FigureRow]:
        """The figures that hold all words, best first; without words those that the filters leave.

        `unsure` leaves those of a confidence below `records.UNSURE`. All `tags` must hold, and any of
        `entries` (ids or names), of `kinds` and of `papers`. Papers that another is a newer version of
        are left out unless named. NotFound for a tag, entry or paper that there is not.
        """
        with self._transaction():
            conditions = self._conditions(tags, entries, kinds, papers)
            if unsure:
                conditions.clauses.append(_TO_REVIEW)
            terms = read_words(words)
            if terms:
                return self._matching(terms, conditions, limit)
            return [] if words.strip() else self._filtered(conditions, limit)

    def _matching(self, terms: Sequence[Term], conditions: _Conditions, limit: int | None) -> list[FigureRow]:
        """Rank all hits by their keys alone, then read the rows of those that are wanted."""
        sql = f"""
            WITH hits AS MATERIALIZED (
                SELECT rowid AS key, bm25(figures_fts, {_WEIGHTS}) AS score FROM figures_fts
                WHERE figures_fts MATCH ? AND {conditions.on("+figures_fts.rowid")}
                ORDER BY score, key LIMIT ?)
            SELECT {FIGURE_FIELDS}, {SNIPPET_FIELDS} FROM hits CROSS JOIN {_JOINED}
            WHERE figures.key = hits.key ORDER BY hits.score, hits.key"""
        values = [match_expression(terms), *conditions.values, _rows(limit)]
        return [_with_snippet(row, terms) for row in self._db.execute(sql, values)]

    def _filtered(self, conditions: _Conditions, limit: int | None) -> list[FigureRow]:
        sql = f"""SELECT {FIGURE_FIELDS} FROM {_JOINED} WHERE {conditions.on("figures.key")}
            ORDER BY figures.paper, figures.key LIMIT ?"""
        return [read_figure(row) for row in self._db.execute(sql, [*conditions.values, _rows(limit)])]

    def _conditions(
        self, tags: Iterable[str], entries: Iterable[str], kinds: Iterable[str], papers: Iterable[str]
    ) -> _Conditions:
        """What the filters ask of a figure's key."""
        asked = [
            *((_HAS_TAG, self._same_tags(tag)) for tag in tags),
            (_HAS_ENTRY, [same for entry in entries for same in self._same_entries(entry)]),
            (_OF_KIND, list(kinds)),
            (_IN_PAPER, [self._existing_paper(paper) for paper in papers]),
        ]
        given = [(condition, names) for condition, names in asked if names]
        clauses = [condition for condition, _ in given]
        if _IN_PAPER not in clauses:
            clauses.append(_NOT_SUPERSEDED)
        return _Conditions(clauses, [msgspec.json.encode(names).decode() for _, names in given])

    def _same_tags(self, typed: str) -> list[str]:
        """The tag as it was typed, else those that differ from it in letter case or accents."""
        typed = _storable(typed)
        if self._strings("SELECT tag FROM figure_tags WHERE tag = ? LIMIT 1", typed):
            return [typed]
        return _same("tag", typed, [(tag, tag) for tag, _ in self.tags()])

    def _same_entries(self, typed: str) -> list[str]:
        """The entry of this id, else those of this name."""
        typed = _storable(typed)
        if self._strings("SELECT entry FROM figure_entries WHERE entry = ? LIMIT 1", typed):
            return [typed]
        known = self.entries()
        return _same("entry", typed, [(e, e) for e, _, _ in known] + [(name, e) for e, name, _ in known])

    def _existing_paper(self, typed: str) -> str:
        typed = _storable(typed)
        if self.paper(typed) is None:
            known = self._strings("SELECT id FROM papers")
            raise _not_found("paper", typed, [(paper_id, paper_id) for paper_id in known])
        return typed

    # -- checking -------------------------------------------------------------------------

    def integrity(self) -> list[str]:
        """What SQLite finds wrong with the file, one line each.

        The check of a full-text index is an INSERT, which a read-only file refuses and which would keep
        others from writing: so it is made on a copy in memory.
        """
        with closing(sqlite3.connect(":memory:")) as copy:
            try:
                self._db.backup(copy)
                found = [str(row[0]) for row in copy.execute("PRAGMA integrity_check")]
                copy.execute("INSERT INTO figures_fts(figures_fts, rank) VALUES ('integrity-check', 1)")
            except sqlite3.DatabaseError as error:
                found = [str(error)]
        return [f"{self._path.name}: {problem}" for problem in found if problem != "ok"]

    def differences(self, papers: Iterable[tuple[Paper, str]]) -> list[str]:
        """Where the rows are not what these records say, all there are; one line a paper."""
        left = self.record_hashes()
        problems = []
        for paper, record_sha256 in papers:
            indexed = left.pop(paper.id, None)
            if indexed is None:
                problems.append(f"{paper.id}: not in the index")
            elif indexed != record_sha256:
                problems.append(f"{paper.id}/record.json: was changed since it was indexed")
            elif not self.agrees(paper, record_sha256):
                problems.append(f"{paper.id}: the index is not what its record says")
        return problems + [f"{paper_id}: {ORPHAN}" for paper_id in left]

    def agrees(self, paper: Paper, record_sha256: str) -> bool:
        """Are a paper's rows what its record says?"""
        stored = self._stored(paper.id)
        return stored is not None and stored == make_rows(paper, record_sha256, stored.paper[0])

    def _stored(self, paper_id: str) -> Rows | None:
        with self._transaction():
            paper = self._db.execute("SELECT * FROM papers WHERE id = ?", [paper_id]).fetchone()
            if paper is None:
                return None
            keys = figure_keys(paper[0])
            return Rows(paper, *(self._db.execute(sql, keys).fetchall() for sql in _STORED))

    # -- the connection -------------------------------------------------------------------

    @contextmanager
    def _transaction(self, kind: str = "DEFERRED") -> Iterator[None]:
        """All inside sees one state of the index; a writer begins IMMEDIATE, so that it can wait."""
        if self._db.in_transaction:
            yield
            return
        with translated(self._path):
            self._db.execute(f"BEGIN {kind}")
            try:
                yield
                self._db.execute("COMMIT")
            finally:
                self._db.rollback()  # does nothing after the commit

    def _papers(self, rest: str, *values: str | None) -> list[PaperRow]:
        sql = f"SELECT {PAPER_FIELDS} FROM papers {rest}"
        with self._transaction():
            return [read_paper(row) for row in self._db.execute(sql, [v and _storable(v) for v in values])]

    def _strings(self, sql: str, *values: str) -> list[str]:
        with self._transaction():
            return [row[0] for row in self._db.execute(sql, [_storable(v) for v in values])]

    def _ids(self, table: str, prefix: str) -> list[str]:
        sql = f'SELECT id FROM "{table}" WHERE id >= ? AND id < ? ORDER BY id'
        found = self._strings(sql, prefix, prefix + LAST_SIGN)
        return [prefix] if prefix in found else found

    def _paper_names(self, column: str) -> list[str]:
        """The tags or entries of papers, of those without figures too."""
        return self._strings(
            f"SELECT DISTINCT value FROM papers, json_each(papers.{column}) WHERE papers.{column} <> '[]'"
        )


class _Conditions(NamedTuple):
    """What must hold of a figure's key, with the values to bind."""

    clauses: list[str]
    values: list[str]

    def on(self, key: str) -> str:
        return " AND ".join(clause.format(key=key) for clause in self.clauses)


def _with_snippet(row: tuple[Any, ...], terms: Sequence[Term]) -> FigureRow:
    *fields, names, authors, text = row
    figure = read_figure(tuple(fields))
    shown = (figure.caption, figure.label, figure.title, names, authors, text)
    return msgspec.structs.replace(figure, snippet=cut_snippet(shown, terms))


def _same(what: str, typed: str, known: Sequence[tuple[str, str]]) -> list[str]:
    """The ids of those whose name is `typed` but for letter case and accents; NotFound if none is."""
    wanted = fold_signs(typed)
    same = sorted({id_ for name, id_ in known if fold_signs(name) == wanted})
    if not same:
        raise _not_found(what, typed, known)
    return same


def _not_found(what: str, typed: str, known: Iterable[tuple[str, str]]) -> NotFound:
    """An error that names what is near: the ids of those whose names are like `typed`."""
    from difflib import get_close_matches  # 5 ms, spent only on a mistake

    ids = {fold_signs(name): id_ for name, id_ in known}
    near = dict.fromkeys(ids[name] for name in get_close_matches(fold_signs(typed), ids, NEAR))
    hint = f"; near: {', '.join(near)}" if near else ""
    return NotFound(f"no {what} '{typed}' in the index{hint}")


def _storable(text: str) -> str:
    """Typed text without the halves of characters that SQLite cannot be handed."""
    return text.encode(errors="replace").decode()


def _rows(limit: int | None) -> int:
    """A limit as SQL has it."""
    return -1 if limit is None else min(max(limit, 0), sys.maxsize)
