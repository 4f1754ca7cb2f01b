"""The archive's files: where they stand, in which order they are written, and who may write.

A paper exists when its folder stands under its own name, and a folder gets its name, whole and
synced, by one rename. What is not whole stands in `.aside/`, where the next writer sweeps it up.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec
from filelock import FileLock, Timeout

from papercap.errors import Damaged, NotFound, PapercapError
from papercap.files import hash_file, sync_folder, sync_tree, unwritten, write_file, writing
from papercap.records import FileFact, Paper, decode_record, encode_record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDER = "archive"
MARK = "papercap.json"
RECORD = "record.json"
SOURCE = "source.pdf"
ARCHIVE_FORMAT = 1
GIT_FILES = {
    ".gitattributes": "# Records name the hash of each file, so no line end may change.\n* -text\n",
    ".gitignore": ".lock\n.aside/\n.pending/\n",
}
LOCK_WAIT = 60  # seconds; a writer holds the lock for one paper's rename and rows


class _Mark(msgspec.Struct):
    format: int


class Store:
    """The folder `archive/` under a root."""

    def __init__(self, root: Path) -> None:
        """Open; NotFound without an archive, Damaged if it is from a newer papercap."""
        self.root = root
        self.folder = root / FOLDER
        mark = self.folder / MARK
        try:
            form = msgspec.json.decode(mark.read_bytes(), type=_Mark).format
        except (FileNotFoundError, NotADirectoryError):
            raise NotFound(f"{root}: no archive here; make one with 'papercap init'") from None
        except msgspec.MsgspecError as error:
            raise Damaged(f'{mark}: {error}; it should read {{"format": {ARCHIVE_FORMAT}}}') from None
        if form > ARCHIVE_FORMAT:
            raise Damaged(f"{root}: archive of a newer papercap (format {form}); upgrade papercap to read it")

    @classmethod
    def create(cls, root: Path) -> Store:
        """Make an empty archive, or open the one that is there."""
        folder = root / FOLDER
        if not (folder / MARK).exists():
            with writing(root):
                folder.mkdir(parents=True, exist_ok=True)
                with FileLock(folder / ".lock", timeout=LOCK_WAIT):
                    for name, text in GIT_FILES.items():
                        write_file(folder / name, text.encode())
                    write_file(folder / MARK, json.dumps({"format": ARCHIVE_FORMAT}).encode() + b"\n")
        return cls(root)

    # -- reading

    def ids(self) -> list[str]:
        """Of all papers, sorted."""
        return sorted(name for name in self.names() if (self.folder / name / RECORD).exists())

    def names(self) -> set[str]:
        """All that stands in the folder and could be a paper."""
        return {name for name in os.listdir(self.folder) if not name.startswith(".")} - {MARK}

    def path(self, paper: str) -> Path:
        return self.folder / paper

    def record(self, paper: str) -> tuple[Paper, str]:
        """A paper's record and its SHA-256; NotFound or Damaged."""
        path = self.folder / paper / RECORD
        try:
            data = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise NotFound(f"{paper}: no such paper; 'papercap list' shows all") from None
        except OSError as error:
            raise Damaged(f"{FOLDER}/{paper}/{RECORD}: {error.strerror}; run 'papercap check'") from None
        record = decode_record(data, f"{FOLDER}/{paper}/{RECORD}")
        if record.id != paper:
            raise Damaged(f"{FOLDER}/{paper}: its record is of {record.id}; rename the folder to that")
        return record, hashlib.sha256(data).hexdigest()

    # -- writing; all under `lock()`

    @contextmanager
    def lock(self, wait: float = LOCK_WAIT) -> Iterator[None]:
        """Be the only writer; what a dead one left undone is undone first. `wait` is in seconds."""
        with writing(self.root):
            try:
                with FileLock(self.folder / ".lock", timeout=wait):
                    self._recover()
                    yield
            except Timeout:
                raise PapercapError(
                    f"{self.root}: another papercap has been writing for {wait:.0f} s; try again later"
                ) from None

    @contextmanager
    def aside(self) -> Iterator[Path]:
        """A folder in which a paper's files can be made; gone at the end unless it was renamed into place."""
        with writing(self.root):
            place = self.folder / ".aside" / uuid.uuid4().hex
            place.parent.mkdir(exist_ok=True)
            owner = FileLock(place.with_suffix(".owner"), timeout=0)
            owner.acquire()  # first: a folder without an owner would never be swept up
            place.mkdir()
        try:
            yield place
        finally:
            shutil.rmtree(place, ignore_errors=True)
            _release(owner, self.folder / ".aside")

    def place(self, draft: Path, paper: Paper) -> str:
        """Write the record into the draft's folder and rename it into place; the record's SHA-256."""
        target = self.folder / paper.id
        with writing(self.root):
            data = encode_record(paper)
            write_file(draft / RECORD, data)
            sync_tree(draft)
            if target.exists():
                self._exchange(draft, target)
            else:
                os.rename(draft, target)
            sync_folder(self.folder)
        return hashlib.sha256(data).hexdigest()

    def rewrite(self, paper: Paper) -> str:
        """Put a changed record in the old one's place; its SHA-256."""
        data = encode_record(paper)
        with writing(self.root):
            write_file(self.folder / paper.id / RECORD, data)
        return hashlib.sha256(data).hexdigest()

    def remove(self, paper: str) -> None:
        """Take a paper's folder away."""
        with writing(self.root), self.aside() as place:
            os.rename(self.folder / paper, place / "removed")
            sync_folder(self.folder)

    # -- what a dead writer leaves

    def pending(self) -> list[str]:
        """Papers whose change was begun and not finished: their rows may be old."""
        try:
            return sorted(os.listdir(self.folder / ".pending"))
        except FileNotFoundError:
            return []

    def begin(self, paper: str) -> None:
        """Note that a paper is being changed, so that the next command can finish its rows."""
        with writing(self.root):
            (self.folder / ".pending").mkdir(exist_ok=True)
            (self.folder / ".pending" / paper).touch()
            sync_folder(self.folder / ".pending")

    def finish(self, paper: str) -> None:
        """The paper's rows are in step with its record."""
        with writing(self.root):
            (self.folder / ".pending" / paper).unlink(missing_ok=True)

    def _exchange(self, draft: Path, target: Path) -> None:
        """Put a new folder in an old one's place; between the two renames `_recover` can go back."""
        old = self.folder / f".old-{target.name}"
        os.rename(target, old)
        os.rename(draft, target)
        sync_folder(self.folder)
        shutil.rmtree(old)

    def _recover(self) -> None:
        for paper in self.pending():
            unwritten(self.folder / paper / RECORD).unlink(missing_ok=True)
        for old in self.folder.glob(".old-*"):
            target = self.folder / old.name.removeprefix(".old-")
            if target.exists():
                shutil.rmtree(old)
            else:
                os.rename(old, target)
        for owner in (self.folder / ".aside").glob("*.owner"):
            lock = FileLock(owner, timeout=0)
            try:
                lock.acquire()
            except Timeout:
                continue  # its writer lives
            shutil.rmtree(owner.with_suffix(""), ignore_errors=True)
            _release(lock, self.folder / ".aside")


def find_root(start: Path) -> Path | None:
    """The nearest folder upwards that holds an archive."""
    for folder in (start, *start.parents):
        if (folder / FOLDER / MARK).exists():
            return folder
    return None


def file_facts(folder: Path) -> dict[str, FileFact]:
    """SHA-256 and size of every file under a folder but its record; names with `/`."""
    facts = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name != RECORD and path.is_file():
            facts[name] = FileFact(sha256=hash_file(path), bytes=path.stat().st_size)
    return facts


def _release(owner: FileLock, folder: Path) -> None:
    owner.release()
    (folder / os.path.basename(owner.lock_file)).unlink(missing_ok=True)
    try:
        folder.rmdir()
    except OSError:
        return  # another writer is at work there
