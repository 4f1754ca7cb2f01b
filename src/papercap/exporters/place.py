"""A folder that is filled aside and takes its place by a rename, whole or not at all.

A mark in it names its files. So the next export knows its own, which it replaces, from what else somebody
keeps there, which it never deletes.
"""

from __future__ import annotations

import os
import shutil
import time
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from papercap.errors import NotFound, Usage
from papercap.files import files_below, hash_file, listed, sync_folder, sync_tree, write_file, writing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MARK = ".papercap-export.json"
STALE = 3600  # seconds after which a draft that nobody has touched is a dead writer's
OF_FILE_MANAGERS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})


class _Mark(msgspec.Struct):
    made_by: str
    files: dict[str, str]  # name → SHA-256


def check_place(out: Path, *, replace: bool, kept: Sequence[Path]) -> None:
    """Usage, saying what to do, where no folder may be put; `kept` are folders that must stay."""
    if os.path.lexists(out) and not out.is_dir():
        raise Usage(f"{out}: is a file; name a folder")
    for folder in kept:
        if folder.resolve().is_relative_to(out.resolve()):
            raise Usage(f"{out}: is or holds {folder.resolve()}; name a folder for the export alone")
    _refuse(out, replace=replace)


@contextmanager
def draft_of(out: Path) -> Iterator[Path]:
    """An empty folder beside `out`, gone at the end unless it was put in its place."""
    out = out.resolve()
    if not out.parent.is_dir():
        raise NotFound(f"{out.parent}: no such folder; make it first")
    with writing(out.parent):
        _tidy(out)
        draft = out.with_name(f".{out.name}.{uuid.uuid4().hex[:8]}.new")
        draft.mkdir()
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def put(draft: Path, out: Path, made_by: str, *, replace: bool) -> Path | None:
    """Give a filled folder its name; where what stood there is now, if that was not an export's alone."""
    with writing(out):
        files = {name: hash_file(draft / name) for name in files_below(draft)}
        write_file(draft / MARK, msgspec.json.encode(_Mark(made_by, files)))
        sync_tree(draft)
    others = _refuse(out, replace=replace)  # somebody may have been there meanwhile
    out = out.resolve()
    with writing(out):
        other = _free_name(out) if others else None
        if other or (out / MARK).exists():
            os.rename(out, other or _old(out))
        elif out.exists():  # empty, as a person sees it
            for path in listed(out):
                path.unlink()
            out.rmdir()
        os.rename(draft, out)
        sync_folder(out.parent)
        if other is None:
            shutil.rmtree(_old(out), ignore_errors=True)
    return other


def _refuse(out: Path, *, replace: bool) -> bool:
    """Does a folder hold what no export put there? Usage if it does and may not be replaced."""
    with writing(out):
        other = _not_ours(out)
    if other and not replace:
        raise Usage(f"{out}: holds {other}, which no export put there; name another folder or give --replace")
    return other is not None


def _not_ours(folder: Path) -> str | None:
    """A file in it that no export put there, or that was changed since; None if there is none."""
    names = [path.name for path in listed(folder)]
    if MARK not in names or (folder / MARK).is_symlink():
        return next((name for name in names if name not in OF_FILE_MANAGERS), None)
    try:
        known = msgspec.json.decode((folder / MARK).read_bytes(), type=_Mark).files
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return MARK
    for name in files_below(folder):
        path = folder / name
        if name == MARK or path.name in OF_FILE_MANAGERS:
            continue
        if name not in known or path.is_symlink() or not path.is_file() or hash_file(path) != known[name]:
            return name
    return None


def _old(out: Path) -> Path:
    """Where an earlier export stands for the moment in which the new one takes its place."""
    return out.with_name(f".{out.name}.old")


def _free_name(out: Path) -> Path:
    """`figures.old`, or with a number the first such name that is free."""
    names = (out.with_name(f"{out.name}.old{'' if count == 1 else f'-{count}'}") for count in range(1, 1000))
    return next(name for name in names if not os.path.lexists(name))


def _tidy(out: Path) -> None:
    """Undo what a dead writer left: its draft, and an earlier export that it had moved aside."""
    old = _old(out)
    if (old / MARK).is_file() and not old.is_symlink():
        if out.exists():
            shutil.rmtree(old)
        else:
            os.rename(old, out)
    for path in listed(out.parent):
        is_draft = path.name.startswith(f".{out.name}.") and path.suffix == ".new" and not path.is_symlink()
        if is_draft and path.is_dir() and time.time() - path.stat().st_mtime > STALE:
            shutil.rmtree(path, ignore_errors=True)
