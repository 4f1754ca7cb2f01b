"""Files written whole or not at all, and hashed as they go; what the system refuses is said in one line."""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from papercap.errors import NotFound, PapercapError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CHUNK = 1 << 20  # bytes read at once


def link_files(source: Path, target: Path, names: Iterable[str]) -> None:
    """Have files of one folder in another too, at no cost where the disk can link."""
    with writing(source):
        for name in names:
            new = target / name
            new.parent.mkdir(parents=True, exist_ok=True)
            new.unlink(missing_ok=True)
            try:
                os.link(source / name, new)
            except OSError:
                shutil.copyfile(source / name, new)


def hash_file(path: Path) -> str:
    """SHA-256 as hex, read in pieces."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def without_flip(data: bytes, sha256: str) -> bytes | None:
    """The bytes of this SHA-256 that differ from these in a single bit; None if there are none.

    The time grows with the square of the size: a second or so for a record of 20 kB.
    """
    wanted, before, rest = bytes.fromhex(sha256), hashlib.sha256(), memoryview(data)
    for at, value in enumerate(data):
        for bit in range(8):
            digest = before.copy()
            digest.update(bytes([value ^ 1 << bit]))
            digest.update(rest[at + 1 :])
            if digest.digest() == wanted:
                return data[:at] + bytes([value ^ 1 << bit]) + data[at + 1 :]
        before.update(rest[at : at + 1])
    return None


def copy_file(source: Path, target: Path) -> tuple[str, int]:
    """Copy, hashing what is copied: (SHA-256, bytes)."""
    digest, size = hashlib.sha256(), 0
    with open(source, "rb") as reader, open(target, "xb") as writer:
        while chunk := reader.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            writer.write(chunk)
    return digest.hexdigest(), size


def write_file(path: Path, data: bytes) -> None:
    """Write so that a reader, or a crash, finds the old file or the new one; rights as of any new file."""
    new = unwritten(path)
    new.unlink(missing_ok=True)  # never opened: an archive from elsewhere may have put a link there
    with open(new, "xb") as file:
        file.write(data)
        if path.exists():
            shutil.copymode(path, new)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
    sync_folder(path.parent)


def unwritten(path: Path) -> Path:
    """Where a file stands while it is being written; what a dead writer leaves there is no file of ours."""
    return path.with_name(f".{path.name}.new")


def sync_folder(folder: Path) -> None:
    """Make the folder's names outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Make every file and name below a folder outlast a power cut."""
    for parent, _folders, files in os.walk(folder, onerror=_cannot_look):
        for name in files:
            sync_folder(Path(parent, name))
        sync_folder(Path(parent))


def listed(folder: Path) -> list[Path]:
    """What stands in a folder, sorted; nothing if there is none. OSError where one cannot look.

    `Path.glob` would pass over a folder that may not be read, as if it were empty.
    """
    try:
        return [folder / name for name in sorted(os.listdir(folder))]
    except (FileNotFoundError, NotADirectoryError):
        return []


def files_below(folder: Path) -> list[str]:
    """The names of all files and links below a folder, sorted, with `/`; OSError where one cannot look.

    A folder that was passed over would be taken for an empty one, and its files for gone.
    """
    return sorted(
        os.path.relpath(path, folder).replace(os.sep, "/")
        for parent, folders, names in os.walk(folder, onerror=_cannot_look)
        for path in (
            *(os.path.join(parent, name) for name in names),
            *filter(os.path.islink, (os.path.join(parent, name) for name in folders)),
        )
    )


def _cannot_look(error: OSError) -> None:
    raise error


@contextmanager
def writing(root: Path) -> Iterator[None]:
    """Say in one line what keeps us from writing."""
    try:
        yield
    except PermissionError as error:
        raise PapercapError(
            f"{error.filename or root}: no right to write; check its owner and mode"
        ) from None
    except OSError as error:
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            raise NotFound(f"{error.filename or root}: {error.strerror}") from None
        what = error.strerror or error
        raise PapercapError(f"{error.filename or root}: {what}; nothing was changed") from None
