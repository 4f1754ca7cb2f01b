"""The index's file: its schema, its versions, and SQLite's errors as those that a user can be told.

sqlite-utils makes the schema, with its names and triggers, so that `sqlite-utils search` and Datasette
find the full-text index. Its import costs 0.11 s, ten times a search, so it is loaded only when tables
are made; rows are read and written with `sqlite3`.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from papercap.errors import Damaged, PapercapError
from papercap.index.rows import ENTRY_COLUMNS, FIGURE_COLUMNS, PAPER_COLUMNS, SEARCHED, TAG_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMA = 5  # in `user_version`; raise it with any change of columns, of keys or of what is indexed
APPLICATION = 0x70636170  # "pcap" in `application_id`: tells an index from any other SQLite file
BUSY_TIMEOUT = 30.0  # seconds to wait for another process; a rebuild of 100,000 figures commits in less
TOKENIZER = "unicode61 remove_diacritics 2"  # 2: also the accents that stand on one letter with others
MAX_SLACK = 0.25  # of a file's pages that may be empty after a rebuild before it is packed

TABLES: dict[str, dict[str, type]] = {
    "papers": PAPER_COLUMNS,
    "figures": FIGURE_COLUMNS,
    "figure_tags": TAG_COLUMNS,
    "figure_entries": ENTRY_COLUMNS,
}
_LOOKUPS = (  # table, column, whether its values differ
    ("papers", "id", True),
    ("papers", "sha256", False),
    ("papers", "version_of", False),
    ("papers", "work_doi", False),
    ("papers", "work_arxiv", False),
    ("papers", "work_url", False),
    ("figures", "id", True),
    ("figures", "paper", False),
    ("figure_tags", "figure", False),
    ("figure_entries", "figure", False),
)

# What a rotten file gives; SQLITE_ERROR is of a schema in which a name has changed
_ROTTEN = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR)

# What a file can be: application_id, user_version, whether it has our tables
_State = tuple[int, int, bool]
_EMPTY: _State = (0, 0, False)
_OURS: _State = (APPLICATION, SCHEMA, True)


class IndexUnusable(Damaged):
    """The index is missing, damaged, of another version or no index at all; the records rebuild it."""


class IndexBusy(PapercapError):
    """Another process has been writing the index for longer than one waits."""


def open_file(path: Path, *, readonly: bool) -> sqlite3.Connection:
    """Open an index, made empty if there is none; IndexUnusable if it cannot be used as it is.

    To read, too, it is opened for writing where that can be (SQLite falls back by itself): then what a
    killed writer left half done is rolled back, which `mode=ro` could not.
    """
    for ending in ("", "-journal"):
        if (beside := path.with_name(path.name + ending)).is_symlink():  # SQLite would write where it leads
            raise IndexUnusable(f"{beside.name} is a link; 'papercap reindex' makes it new")
    if readonly and not path.is_file():
        raise IndexUnusable(f"{path.name} is missing; 'papercap reindex' makes it")
    uri = f"{path.absolute().as_uri()}?mode={'rw' if readonly else 'rwc'}"
    with translated(path):
        db = sqlite3.connect(
            uri, uri=True, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
        )
        try:
            _prepare(db, path, readonly)
        except BaseException:
            db.close()
            raise
    return db


def _prepare(db: sqlite3.Connection, path: Path, readonly: bool) -> None:
    # A writer that runs out of cache would lock the readers out before it is done.
    db.execute("PRAGMA cache_spill = OFF")
    if not readonly and _state(db) == _EMPTY:
        _make_schema(db)
    state = _state(db)
    if state != _OURS:
        raise IndexUnusable(f"{path.name} is {_describe(state)}; 'papercap reindex' makes it new")
    if readonly:
        db.execute("PRAGMA query_only = ON")
    else:
        db.execute("PRAGMA journal_mode = DELETE")  # somebody may have set WAL


def _make_schema(db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        if _state(db) == _EMPTY:  # or another process was faster
            make_tables(db)
            make_lookups(db)
        db.execute("COMMIT")
    finally:
        db.rollback()  # does nothing after the commit


def discard_index(path: Path) -> None:
    """Delete an index that cannot be used, with the journal that a killed writer may have left.

    A journal that stayed would be rolled back into the next index of that name.
    """
    for ending in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def make_tables(db: sqlite3.Connection) -> None:
    """The tables for rows, and whose file this is."""
    from sqlite_utils import Database

    tables = Database(db, recursive_triggers=False, execute_plugins=False)
    keys: dict[str, str | tuple[str, ...]] = {
        "papers": "key",
        "figures": "key",
        "figure_tags": ("tag", "figure"),
        "figure_entries": ("entry", "figure", "catalogue"),
    }
    for name, columns in TABLES.items():
        tables.create_table(name, columns, pk=keys[name])
    db.execute(f"PRAGMA application_id = {APPLICATION}")
    db.execute(f"PRAGMA user_version = {SCHEMA}")


def make_lookups(db: sqlite3.Connection) -> None:
    """Indexes and full text; made after the rows, which is several times faster than along with them."""
    from sqlite_utils import Database

    tables = Database(db, recursive_triggers=False, execute_plugins=False)
    for table, column, unique in _LOOKUPS:
        tables.table(table).create_index([column], unique=unique)
    figures = tables.table("figures")
    figures.enable_fts(list(SEARCHED), create_triggers=True, tokenize=TOKENIZER)
    figures.optimize()


def _state(db: sqlite3.Connection) -> _State:
    db.execute("SAVEPOINT state")  # the three belong together, also while another process makes them
    names = {row[0] for row in db.execute("SELECT name FROM sqlite_master")}
    application, version = (
        db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
    )
    db.execute("RELEASE state")
    return application, version, names >= {*TABLES, "figures_fts"} if names else False


def _describe(state: _State) -> str:
    application, version, _ = state
    if state == _EMPTY:
        return "empty"
    if application != APPLICATION:
        return "no index of papercap"
    return "damaged" if version == SCHEMA else f"of another version ({version}, not {SCHEMA})"


def pack(db: sqlite3.Connection) -> None:
    """Give empty pages back, where they are many: what was deleted is not to be committed for ever."""
    pages, empty = (db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count"))
    if empty > MAX_SLACK * pages:
        db.execute("VACUUM")


def drop_tables(db: sqlite3.Connection) -> None:
    """Everything out, the triggers with their tables."""
    for table in ("figures_fts", *reversed(TABLES)):
        db.execute(f'DROP TABLE "{table}"')


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into those that a user can be told."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest of it says where it happened
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            text = f"{path.name}: another process has been writing it for {BUSY_TIMEOUT:.0f} s; try again"
            raise IndexBusy(text) from error
        if code in _ROTTEN or "decode to UTF-8" in str(error):
            raise IndexUnusable(f"{path.name}: {error}; 'papercap reindex' makes it new") from error
        raise PapercapError(f"{path.name}: {error}") from error
    except (UnicodeDecodeError, msgspec.MsgspecError) as error:
        raise IndexUnusable(f"{path.name}: {error}; 'papercap reindex' makes it new") from error
