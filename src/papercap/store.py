"""The archive's files: where they stand, in which order they are written, and who may write.

A paper exists when its folder stands under its own name, and a folder gets its name, whole and
synced, by one rename. What is not whole stands in `.aside/`, where the next writer sweeps it up; what
was removed stands in `.trash/`, where one rename put it.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import shutil
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from filelock import FileLock, Timeout

from papercap.errors import Damaged, Newer, NotFound, PapercapError
from papercap.files import (
    files_below,
    hash_file,
    link_files,
    listed,
    sync_folder,
    sync_tree,
    unwritten,
    write_file,
    writing,
)
from papercap.records import FileFact, Paper, decode_record, encode_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOLDER = "archive"
MARK = "papercap.json"
RECORD = "record.json"
SOURCE = "source"  # the stem of the kept document's name
ARCHIVE_FORMAT = 1
GIT_FILES = {
    ".gitattributes": "# Records name the hash of each file, so no line end may change.\n* -text\n",
    ".gitignore": ".lock\n.aside/\n.pending/\n.trash/\n",
}
TRASH = ".trash"
REMOVED = "papers"  # in the trash: <paper>/<moment>/, the folder as it was
MOVED = "files"  # in the trash: <moment>/<where it stood under archive/>
MOMENT = "%Y%m%dT%H%M%SZ"  # UTC; no colon, which is no letter of a name everywhere
A_LINK = "is a link; an archive has files and folders alone: put what it leads to in its place, or delete it"
OWNING_TRIES = 100
LOCK_WAIT = 60  # seconds; a writer holds the lock for one paper's rename and rows


class _Mark(msgspec.Struct):
    format: int


class Store:
    """The folder `archive/` under a root."""

    def __init__(self, root: Path) -> None:
        """Open; NotFound without an archive, Damaged if it is from a newer papercap or leads elsewhere."""
        self.root = root
        self.folder = root / FOLDER
        _read_mark(root)
        _refuse_links(self.folder)

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
                    write_file(folder / MARK, _mark())
        return cls(root)

    @classmethod
    def mend(cls, root: Path) -> str | None:
        """Write the mark anew if it is lost or broken and the records leave no doubt; what was wrong.

        Else the error that opening gives: an archive of a newer papercap is left alone.
        """
        try:
            _read_mark(root)
        except Newer:
            raise
        except (Damaged, NotFound) as error:
            store = cls.__new__(cls)
            store.root, store.folder = root, root / FOLDER
            if not store._holds_records():
                raise
            with store.lock():
                if (store.folder / MARK).exists():
                    store.keep_copy(MARK)
                with writing(root):
                    write_file(store.folder / MARK, _mark())
            return str(error)
        return None

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
        record, sha256 = self.record_in(self.folder / paper)
        if record.id != paper:
            raise Damaged(f"{FOLDER}/{paper}: its record is of {record.id}; rename the folder to that")
        return record, sha256

    def record_in(self, folder: Path) -> tuple[Paper, str]:
        """The record of whatever paper stands in a folder, and its SHA-256; NotFound or Damaged."""
        name = self.name(folder / RECORD)
        for path in (folder, folder / RECORD):
            if path.is_symlink():
                raise Damaged(f"{self.name(path)}: {A_LINK}")
        try:
            data = (folder / RECORD).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            raise NotFound(f"{folder.name}: no such paper; 'papercap list' shows all") from None
        except OSError as error:
            raise Damaged(f"{name}: {error.strerror}; run 'papercap check'") from None
        return decode_record(data, name), hashlib.sha256(data).hexdigest()

    def name(self, path: Path) -> str:
        """As a message calls a file: relative to the root, with `/`."""
        return path.relative_to(self.root).as_posix()

    def removed(self) -> list[tuple[str, Path]]:
        """The removed papers: each id with its folder in the trash, by id, the newest last."""
        return [
            (paper.name, place)
            for paper in listed(self.folder / TRASH / REMOVED)
            if not paper.is_symlink()
            for place in listed(paper)
            if read_moment(place.name) and not place.is_symlink()
        ]

    def moved(self) -> list[Path]:
        """The folders of the trash with files that a repair moved there, the newest last."""
        return [place for place in listed(self.folder / TRASH / MOVED) if read_moment(place.name)]

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
            owner = FileLock(place.with_suffix(".owner"), timeout=0)
            _own(owner, place)  # first: a folder without an owner would never be swept up
            place.mkdir()
        try:
            yield place
        finally:
            _drop_draft(owner, place)

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
        """Move a paper's folder to the trash, beside any that was removed under its id before."""
        with writing(self.root):
            home = self._trash(f"{REMOVED}/{paper}")
            self._move(self.folder / paper, home / _free_moment(lambda name: (home / name).exists()))

    def restore(self, place: Path, paper: str) -> None:
        """Move a paper's folder back from the trash."""
        with writing(self.root):
            self._move(place, self.folder / paper)
            _drop_empty(place.parent)

    def put_file(self, made: Path, paper: str, name: str) -> None:
        """Put a file that was made aside in its place; what stood there is kept in the trash."""
        target = self.folder / paper / name
        if target.is_symlink():
            self.set_aside(f"{paper}/{name}")
        elif target.exists():
            self.keep_copy(f"{paper}/{name}")
        with writing(self.root):
            sync_folder(made)
            target.parent.mkdir(exist_ok=True)
            os.replace(made, target)
            sync_folder(target.parent)

    def rename(self, old: str, new: str) -> None:
        """Give a file or folder its name back; names are relative to `archive/`."""
        with writing(self.root):
            (self.folder / new).parent.mkdir(exist_ok=True)
            self._move(self.folder / old, self.folder / new)

    def set_aside(self, name: str) -> str:
        """Move a file or folder that is nobody's to the trash; where it is now, relative to the root."""
        with writing(self.root):
            place = self._place_for(name)
            self._move(self.folder / name, place)
        return self.name(place)

    def keep_copy(self, name: str) -> None:
        """Have a file that is about to be replaced in the trash too."""
        place = self._place_for(name)
        link_files(self.folder / name.rpartition("/")[0], place.parent, [place.name])
        with writing(self.root):
            sync_folder(place)
            sync_folder(place.parent)

    def forget(self, place: Path) -> None:
        """Delete a folder of the trash; it leaves the trash whole, by one rename."""
        with writing(self.root), self.aside() as aside:
            self._move(place, aside / "forgotten")
            _drop_empty(place.parent)

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
            with suppress(FileExistsError), open(self.folder / ".pending" / paper, "xb"):
                pass
            sync_folder(self.folder / ".pending")

    def finish(self, paper: str) -> None:
        """The paper's rows are in step with its record."""
        with writing(self.root):
            (self.folder / ".pending" / paper).unlink(missing_ok=True)

    def _trash(self, name: str) -> Path:
        """A folder in the trash, made if it is not there; git is told to leave the trash alone."""
        ignored = self.folder / ".gitignore"
        known = ignored.read_bytes() if ignored.exists() else b""
        if f"{TRASH}/".encode() not in known.splitlines():  # an archive from before there was a trash
            ends = b"" if not known or known.endswith(b"\n") else b"\n"
            write_file(ignored, known + ends + f"{TRASH}/\n".encode())
        folder = self.folder
        for part in (TRASH, *name.split("/")):
            folder /= part
            if folder.is_symlink():
                raise Damaged(f"{self.name(folder)}: {A_LINK}")
            if not folder.is_dir():
                folder.mkdir()
                sync_folder(folder.parent)
        return folder

    def _place_for(self, name: str) -> Path:
        """Where in the trash something from under `archive/` can stand."""
        with writing(self.root):
            home = self._trash(MOVED)
            moment = _free_moment(lambda moment: os.path.lexists(home / moment / name))
            return self._trash("/".join((MOVED, moment, *name.split("/")[:-1]))) / name.rpartition("/")[2]

    def _holds_records(self) -> bool:
        """Is there a paper that we can read, and none of a newer papercap?"""
        if not self.folder.is_dir():
            return False
        read = 0
        for name in self.ids():
            try:
                self.record(name)
                read += 1
            except Newer:
                return False
            except PapercapError:
                continue
        return read > 0

    def _move(self, old: Path, new: Path) -> None:
        """One rename, which outlasts a power cut."""
        os.rename(old, new)
        sync_folder(new.parent)
        sync_folder(old.parent)

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
        for old in listed(self.folder):
            if not old.name.startswith(".old-"):
                continue
            target = self.folder / old.name.removeprefix(".old-")
            if target.exists():
                shutil.rmtree(old)
            else:
                os.rename(old, target)
        for owner in listed(self.folder / ".aside"):
            if owner.suffix != ".owner":
                continue
            lock = FileLock(owner, timeout=0)
            try:
                lock.acquire()
            except Timeout:
                continue  # its writer lives
            _drop_draft(lock, owner.with_suffix(""))


def find_root(start: Path) -> Path | None:
    """The nearest folder upwards that holds an archive."""
    for folder in (start, *start.parents):
        if (folder / FOLDER / MARK).exists():
            return folder
    return None


def read_moment(name: str) -> datetime.datetime | None:
    """When something was moved to the trash, by the name that it got there."""
    try:
        return datetime.datetime.strptime(name, MOMENT).replace(tzinfo=datetime.UTC)
    except ValueError:
        return None


def _mark() -> bytes:
    return json.dumps({"format": ARCHIVE_FORMAT}).encode() + b"\n"


def _read_mark(root: Path) -> None:
    mark = root / FOLDER / MARK
    try:
        form = msgspec.json.decode(mark.read_bytes(), type=_Mark).format
    except (FileNotFoundError, NotADirectoryError):
        raise NotFound(f"{root}: no archive here; make one with 'papercap init'") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Damaged(f"{mark}: {error}; 'papercap check --repair' writes it anew") from None
    if form < 1:
        raise Damaged(f"{mark}: format {form} never was; 'papercap check --repair' writes it anew")
    if form > ARCHIVE_FORMAT:
        raise Newer(f"{mark}: archive of a newer papercap (format {form}); upgrade papercap to read it")


def _refuse_links(folder: Path) -> None:
    """Damaged if one of our own folders is a link: an archive from elsewhere would have us write there."""
    trash = folder / TRASH
    with os.scandir(folder) as found:
        ours = [Path(item) for item in found if item.name.startswith(".")]
    for path in (*ours, trash / REMOVED, trash / MOVED):
        if path.is_symlink():
            raise Damaged(f"{path}: {A_LINK}")


def file_facts(folder: Path) -> dict[str, FileFact]:
    """SHA-256 and size of every file under a folder but its record; names with `/`."""
    return {name: file_fact(folder / name) for name in files_below(folder) if name != RECORD}


def file_fact(path: Path) -> FileFact:
    """SHA-256 and size of one file."""
    return FileFact(sha256=hash_file(path), bytes=path.stat().st_size)


def _free_moment(taken: Callable[[str], bool]) -> str:
    """Now, to the second, or the next second whose name is not taken."""
    moment = datetime.datetime.now(datetime.UTC)
    while taken(name := moment.strftime(MOMENT)):
        moment += datetime.timedelta(seconds=1)
    return name


def _drop_empty(folder: Path) -> None:
    with suppress(OSError):  # it holds something else
        folder.rmdir()


def _own(owner: FileLock, place: Path) -> None:
    """Take a draft's owner file; again if who was last to leave took the folder of drafts away just then."""
    for attempt in range(OWNING_TRIES):
        try:
            place.parent.mkdir(exist_ok=True)  # says that it exists, too, if it is gone a moment later
            owner.acquire()
        except (FileExistsError, FileNotFoundError, Timeout):
            if attempt + 1 == OWNING_TRIES:
                raise
        else:
            return


def _drop_draft(owner: FileLock, place: Path) -> None:
    """Delete a draft and let go of it; one that cannot be deleted now keeps its owner, to be swept up."""
    shutil.rmtree(place, ignore_errors=True)
    owner.release()
    if place.exists():
        return
    Path(owner.lock_file).unlink(missing_ok=True)
    try:
        place.parent.rmdir()
    except OSError:
        return  # another writer is at work there
