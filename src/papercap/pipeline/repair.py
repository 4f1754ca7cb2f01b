"""`check --repair`: each problem is mended from what proves it, or left as it is with what would help.

A crop is made anew from the document whose hash the record has; a record that one flipped bit keeps from
being read is the one whose hash the index has. Nothing is guessed, and nothing is deleted: what is replaced
or is nobody's goes to the trash. Each step leaves the archive with fewer problems and no new one, so it can
be killed at any of them; what is said to be mended was looked at again.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from papercap.check import Problem, look, look_at_index, look_in_trash, readable, used_files, wrong_files
from papercap.errors import Damaged, Newer, NotFound, PapercapError, Refused
from papercap.files import copy_file, hash_file, without_flip, write_file, writing
from papercap.index import ORPHAN, IndexUnusable
from papercap.records import CROP, DPI, Crop, decode_record, file_names, files_of
from papercap.store import FOLDER, MARK, RECORD, Store
from papercap.workers import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Sequence

    from papercap.archive import Archive
    from papercap.records import Figure, Paper

MAX_SEARCHED = 1 << 16  # bytes of a record whose flipped bit is searched for; longer ones take a minute


def mend_mark(root: Path) -> list[Problem]:
    """Write `papercap.json` anew if it is lost or broken; an archive cannot be opened without it."""
    if not (root / FOLDER).is_dir():
        return []
    what = Store.mend(root)
    if what is None:
        return []
    return [Problem(paper=None, file=f"{FOLDER}/{MARK}", what=what, mended=True, done="written anew")]


def repair_archive(
    archive: Archive,
    sources: Sequence[str | os.PathLike[str]] = (),
    *,
    password: str | None = None,
    progress: Callable[[], None] = lambda: None,
) -> list[Problem]:
    """Mend what can be mended; every problem that there was, and whether it is no more.

    `sources` are documents of papers that lack their own: NotFound for one that is no file, Refused for
    one that no paper was made from.
    """
    documents = _by_hash(archive, [Path(source) for source in sources])
    with archive.writing():  # what a dead writer left is finished first
        names = sorted(archive.store.names())
    problems = []
    with Worker() as worker:
        for name in names:
            if look(archive, name, progress):
                problems += _Repair(archive, documents, worker, password).entry(name)
    return problems + look_in_trash(archive) + _mend_rows(archive)


def _by_hash(archive: Archive, given: list[Path]) -> dict[str, Path]:
    documents: dict[str, Path] = {}
    known = {paper.source.sha256 for paper, _sha256 in readable(archive)} if given else set()
    for path in given:
        if not path.is_file():
            raise NotFound(f"{path}: no such file")
        documents[sha256 := hash_file(path)] = path
        if sha256 not in known and archive.paper_of(sha256) is None:
            raise Refused(f"{path.name}: not the document that a paper here was made from")
    return documents


class _Repair:
    """The mending of one thing that stands under `archive/`."""

    def __init__(
        self, archive: Archive, documents: dict[str, Path], worker: Worker, password: str | None
    ) -> None:
        self.archive, self.store = archive, archive.store
        self.documents, self.worker, self.password = documents, worker, password
        self.found: dict[str, Problem] = {}  # by file
        self.done: dict[str, str] = {}  # what was done, or could not be, by file

    def entry(self, name: str) -> list[Problem]:
        """Mend it; each problem that it had, and whether it is no more."""
        if not self._look(name):
            return []  # a living writer was at it
        left = name
        with self._told(f"{FOLDER}/{name}/{RECORD}"):
            left = self._mend_record(name)
        self._look(left)
        with self._told(f"{FOLDER}/{left}/{RECORD}"):
            self._mend_files(left)
        still = {problem.file for problem in self._look(left)}
        return [
            msgspec.structs.replace(problem, mended=file not in still, done=self.done.get(file))
            for file, problem in self.found.items()
        ]

    def _look(self, name: str) -> list[Problem]:
        with self.store.lock():
            problems = look(self.archive, name)
        for problem in problems:
            self.found.setdefault(str(problem.file), problem)
        return problems

    @contextmanager
    def _told(self, file: str) -> Iterator[None]:
        """What cannot be done is said, and keeps nothing else from being mended."""
        try:
            yield
        except PapercapError as error:
            self.done[file] = str(error)

    # -- the record

    def _mend_record(self, name: str) -> str:
        """Have a record that can be read, if that can be; the name of the folder, which may have changed."""
        folder, file = self.store.path(name), f"{FOLDER}/{name}/{RECORD}"
        if folder.is_symlink() or not folder.is_dir() or not any(folder.iterdir()):
            with self.archive.writing():
                self.done[f"{FOLDER}/{name}"] = f"moved to {self.store.set_aside(name)}"
            return name
        if not (folder / RECORD).exists():
            self._find_record(name)
            return name
        data = (folder / RECORD).read_bytes()
        try:
            record = decode_record(data, file)
        except Newer:
            self._unflip(name, data)  # else nothing is wrong with it
            return name
        except Damaged:
            if not self._unflip(name, data):
                self.done[file] = self._what_is_left(name)
            return name
        if record.id != name:
            return self._rename_back(name, record)
        return name

    def _unflip(self, name: str, data: bytes) -> bool:
        """Turn back the one bit by which a record is not what was indexed."""
        known = self.archive.index.record_hashes().get(name)
        whole = without_flip(data, known) if known and len(data) <= MAX_SEARCHED else None
        if whole is None:
            return False
        path = self.store.path(name) / RECORD
        with self.archive.writing(), writing(self.archive.root):
            if path.read_bytes() == data:
                self.store.keep_copy(f"{name}/{RECORD}")
                write_file(path, whole)
        file = f"{FOLDER}/{name}/{RECORD}"
        self.found.setdefault(
            file, Problem(paper=name, file=file, what="changed: one bit since it was indexed")
        )
        self.done[file] = "turned one bit back: it is what was indexed"
        return True

    def _find_record(self, name: str) -> None:
        """A record that has another name in its folder gets its own back."""
        folder, place = self.store.path(name), f"{FOLDER}/{name}"
        for path in sorted(folder.iterdir()):
            if path.is_file() and _is_record_of(name, path):
                with self.archive.writing() as index:
                    self.store.begin(name)
                    self.store.rename(f"{name}/{path.name}", f"{name}/{RECORD}")
                    index.put(*self.store.record(name))
                    self.store.finish(name)
                self.done[place] = f"renamed {path.name} back"
                return
        self.done[place] = self._what_is_left(name)

    def _rename_back(self, name: str, record: Paper) -> str:
        file = f"{FOLDER}/{name}/{RECORD}"
        with self.archive.writing() as index:
            if os.path.lexists(self.store.path(record.id)):
                self.done[file] = (
                    f"{record.id} is there, too; 'papercap remove {name}' moves this one to the trash"
                )
                return name
            self.store.begin(record.id)
            self.store.rename(name, record.id)
            index.drop(name)
            index.put(*self.store.record(record.id))
            self.store.finish(record.id)
        self.done[file] = f"renamed the folder back to {record.id}"
        return record.id

    def _what_is_left(self, name: str) -> str:
        """What is still known of a paper without a record, and how to have it again."""
        row = self.archive.index.paper(name)
        known = "nothing more is known of it"
        tags = ""
        if row is not None:
            tags = "".join(f" --tag '{tag}'" for tag in row.tags)
            known = f"the index still knows {row.title or 'no title'!r} with {row.figures} figures"
        document = next(iter(sorted(self.store.path(name).glob("source.*"))), None)
        source = f"{FOLDER}/{name}/{document.name}" if document else "its document"
        return (
            f"{known}; copy {source} out of the archive, then 'papercap remove {name}' "
            f"and 'papercap add' the copy{tags}"
        )

    # -- files

    def _mend_files(self, name: str) -> None:
        paper = self._readable(name)
        if paper is None or not self._wrong(paper):
            return
        path = self.store.path(name) / RECORD
        # A record that its files belie is suspected, one that fits them is the truth.
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != self.archive.index.record_hashes().get(name):
            self._unflip(name, data)
            paper = self._readable(name)
            if paper is None:
                return
        self._put_back_strays(paper)
        with self._told(self._name(paper, paper.source.file or "")):
            self._mend_source(paper)
        self._mend_figures(paper)

    def _readable(self, name: str) -> Paper | None:
        try:
            return self.store.record(name)[0]
        except PapercapError:
            return None

    def _wrong(self, paper: Paper) -> list[str]:
        return [file for file, _what in wrong_files(paper, self.store.path(paper.id))]

    def _name(self, paper: Paper, file: str) -> str:
        return f"{FOLDER}/{paper.id}/{file}"

    def _put_back_strays(self, paper: Paper) -> None:
        """A stray file that is a missing one gets its name; any other goes to the trash."""
        folder, used = self.store.path(paper.id), {*paper.files, *used_files(paper)}
        wrong = self._wrong(paper)
        missing = {
            paper.files[file].sha256: file
            for file in wrong
            if file in paper.files and not os.path.lexists(folder / file)
        }
        with self.archive.writing():
            for stray in (file for file in wrong if file not in used):
                is_file = (folder / stray).is_file() and not (folder / stray).is_symlink()
                if is_file and (file := missing.pop(hash_file(folder / stray), None)):
                    self.store.rename(f"{paper.id}/{stray}", f"{paper.id}/{file}")
                    self.done[self._name(paper, stray)] = f"renamed back to {file}"
                    self.done[self._name(paper, file)] = f"renamed back from {stray}"
                else:
                    place = self.store.set_aside(f"{paper.id}/{stray}")
                    self.done[self._name(paper, stray)] = f"moved to {place}"

    def _mend_source(self, paper: Paper) -> None:
        """Put the document back from one that was given."""
        file = paper.source.file
        if file is None or file not in self._wrong(paper):
            return
        given = self.documents.get(paper.source.sha256)
        if given is None:
            raise NotFound("give the document with --source FILE, whose SHA-256 is the recorded one")
        with self.store.aside() as draft, writing(self.archive.root):
            sha256, _size = copy_file(given, draft / "given")
            if sha256 != paper.source.sha256:
                raise Refused(f"{given.name}: was changed meanwhile")
            self.archive.put_files(paper, {file: draft / "given"})
        self.done[self._name(paper, file)] = f"put back from {given.name}"

    def _mend_figures(self, paper: Paper) -> None:
        paper = self.store.record(paper.id)[0]
        wrong = set(self._wrong(paper))
        for figure in paper.figures:
            if broken := [file for file in file_names(figure) if file in wrong]:
                self._mend_figure(paper.id, figure, broken)

    def _mend_figure(self, name: str, figure: Figure, broken: list[str]) -> None:
        paper = self.store.record(name)[0]
        try:
            document = self._document(paper)
            with self.store.aside() as draft:
                self.worker.crop(
                    Crop(
                        name=paper.id,
                        path=os.fsencode(document.absolute()),
                        out=os.fsencode(draft.absolute()),
                        page=figure.page,
                        box=figure.box,
                        dpi=paper.options.dpi or DPI,
                        password=self.password,
                    )
                )
                names = zip(
                    msgspec.structs.astuple(figure.files),
                    msgspec.structs.astuple(files_of(CROP)),
                    strict=True,
                )
                made = {file: draft / anew for file, anew in names if file in broken}
                other = self.archive.put_files(paper, made)
        except PapercapError as error:
            for file in broken:
                self.done[self._name(paper, file)] = f"cannot be made anew: {error}"
            return
        for file in broken:
            new = ", with other bytes than before: the record has their hash" if file in other else ""
            self.done[self._name(paper, file)] = f"made anew from the document{new}"

    def _document(self, paper: Paper) -> Path:
        """The document that a paper was made from, if it is whole; NotFound saying how to give it."""
        if given := self.documents.get(paper.source.sha256):
            return given
        if paper.source.file is None:
            raise NotFound("its document was not kept (--no-source); give it with --source FILE")
        path = self.store.path(paper.id) / paper.source.file
        if not path.is_file() or hash_file(path) != paper.source.sha256:
            raise NotFound(f"{paper.source.file} is not whole; give the document with --source FILE")
        return path


def _is_record_of(name: str, path: Path) -> bool:
    try:
        return decode_record(path.read_bytes(), path.name).id == name
    except PapercapError:
        return False


# -- rows


def _mend_rows(archive: Archive) -> list[Problem]:
    """Bring rows in step one paper at a time; where that is not enough, make the index anew."""
    before = look_at_index(archive)
    if all(problem.mended for problem in before):
        return before
    done = "brought in step with the record"
    with suppress(IndexUnusable):
        behind = [(paper, sha) for paper, sha in readable(archive) if not archive.index.agrees(paper, sha)]
        with archive.writing() as index:
            for paper, _sha256 in behind:
                index.put(*archive.store.record(paper.id))
    if any(ORPHAN not in problem.what for problem in look_at_index(archive) if not problem.mended):
        archive.reindex()
        done = "made anew from the records"
    left = {problem.what for problem in look_at_index(archive) if not problem.mended}
    return [problem if problem.mended else _said(problem, left, done) for problem in before]


def _said(problem: Problem, left: Container[str], done: str) -> Problem:
    if problem.what not in left:
        return msgspec.structs.replace(problem, mended=True, done=done)
    kept = "kept: it is what is still known of that paper" if ORPHAN in problem.what else None
    return msgspec.structs.replace(problem, done=kept)
