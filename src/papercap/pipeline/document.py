"""The document that an archived paper was made from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from papercap.errors import NotFound, Refused
from papercap.files import hash_file

if TYPE_CHECKING:
    from pathlib import Path

    from papercap.archive import Archive
    from papercap.records import Paper


def document_of(archive: Archive, paper: Paper, given: Path | None) -> Path:
    """The kept document, or the one given in its stead; NotFound, saying what to do, without either."""
    if given is not None:
        if not given.is_file():
            raise NotFound(f"{given}: no such file")
        if hash_file(given) != paper.source.sha256:
            raise Refused(f"{given.name}: not the document that {paper.id} was made from")
        return given
    if paper.source.file is None:
        raise NotFound(f"{paper.id}: its document was not kept (--no-source); give it with --source FILE")
    path = archive.store.path(paper.id) / paper.source.file
    if not path.is_file():
        raise NotFound(f"{paper.id}/{paper.source.file}: missing; give the document with --source FILE")
    return path
