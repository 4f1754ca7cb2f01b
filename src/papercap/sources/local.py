"""Files, folders and patterns → the PDFs that they name; addresses are told apart."""

from __future__ import annotations

import glob
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from papercap.errors import NotFound, PapercapError, Refused
from papercap.fetch.sniff import HTML, MARKDOWN, PDF, PICTURES, sniff_file
from papercap.sources import Document, Remote
from papercap.sources.resolve import resolve
from papercap.sources.web import is_markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

READ = "PDF, HTML, Markdown, PNG, JPEG, GIF, WebP, AVIF, TIFF and SVG"
ARCHIVE_MARK = "papercap.json"  # stands in every archive
MAX_BYTES = 200_000_000  # of a document; papers stay under 50 MB


def find_documents(typed: Sequence[str]) -> list[tuple[str, Document | Remote | PapercapError]]:
    """What was typed beside the file or address it means, or the error that it gives; each once."""
    found: list[tuple[str, Document | Remote | PapercapError]] = []
    seen: set[str] = set()
    for text in typed:
        try:
            for name, place in _expand(text):
                same = place.name if isinstance(place, Remote) else os.path.realpath(place.path)
                if same not in seen:
                    seen.add(same)
                    found.append((name, place))
        except PapercapError as error:
            found.append((text, error))
    return found


def check_document(document: Document) -> Document:
    """The document with its kind; Refused, saying why, for a file that is nothing we read."""
    path, name = document.path, document.name
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise Refused(f"{name}: not a regular file")
    if status.st_size == 0:
        raise Refused(f"{name}: is empty; download it again")
    if status.st_size > MAX_BYTES:
        size = f"{status.st_size / 1e6:.0f} MB"
        raise Refused(f"{name}: {size} is more than the {MAX_BYTES / 1e6:.0f} MB allowed")
    kind = document.kind or sniff_file(path)
    if kind not in PICTURES and kind != PDF and is_markdown(path.name):
        kind = MARKDOWN
    if kind == HTML and path.suffix.lower() == ".pdf":
        raise Refused(f"{name}: is a web page, not a PDF; open it in a browser and save the PDF it leads to")
    if kind not in (PDF, HTML, MARKDOWN) and kind not in PICTURES:
        raise Refused(f"{name}: is no PDF, page or picture; papercap reads {READ}")
    return document._replace(kind=kind)


def _expand(text: str) -> list[tuple[str, Document | Remote]]:
    try:
        path = Path(text).expanduser()
        there = path.exists()
    except PermissionError as error:
        raise PapercapError(f"{error.filename or text}: no right to read it") from None
    except (OSError, RuntimeError, ValueError) as error:  # too long a name, an unknown ~user, a NUL
        raise NotFound(f"{text[:80]}: no such file or folder ({error})") from None
    if there:
        return [(name, Document(file, file.name, here=True)) for name, file in _inside(text, path)]
    if remote := resolve(text):
        return [(text, remote)]
    if glob.has_magic(text):
        matches = sorted(glob.glob(str(path), recursive=True))
        if not matches:
            raise NotFound(f"{text}: no file fits this pattern")
        inside = (pair for match in matches for pair in _inside(match, Path(match)))
        return [(name, Document(file, file.name, here=True)) for name, file in inside]
    raise NotFound(f"{text}: no such file or folder, and no address, arXiv id or DOI")


def _inside(text: str, path: Path) -> list[tuple[str, Path]]:
    if not path.is_dir():
        return [(text, path)]
    found: list[tuple[str, Path]] = []
    pages: list[tuple[str, Path]] = []
    for folder, folders, names in os.walk(path, onerror=_cannot_look):
        # Nothing hidden, and not what papercap keeps: its vector crops are PDFs, and its README shows them.
        kept = {name for name in folders if _is_archive(Path(folder, name))}
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in kept)
        files = (Path(folder, name) for name in sorted(names) if not name.startswith("."))
        for file in files:
            if file.suffix.lower() == ".pdf":
                found.append((str(file), file))
            elif not kept and (is_markdown(file.name) or file.suffix.lower() in (".html", ".htm")):
                pages.append((str(file), file))
    if not found and not pages:
        raise NotFound(f"{text}: no PDF or page in this folder")
    return found or pages  # the README among papers is no paper


def _is_archive(folder: Path) -> bool:
    return (folder / ARCHIVE_MARK).exists()


def _cannot_look(error: OSError) -> None:
    raise NotFound(f"{error.filename}: {error.strerror}") from None
