"""A web page or Markdown file → its bundle: what it says, and the pictures that may be figures."""

from __future__ import annotations

import base64
import binascii
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, unquote_to_bytes, urljoin

import msgspec

from papercap.documents.page import Bundle, Kept, encode_bundle
from papercap.documents.showing import WORDED, caption_of, refused_by_reference, split_address, video_of
from papercap.errors import NotFound, PapercapError, Refused
from papercap.fetch.sniff import BUNDLE, HTML, MARKDOWN, PICTURES, ending, sniff_file
from papercap.files import hash_file
from papercap.records import Browse
from papercap.sources import raw_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from papercap.documents.page import Picture, WebPage
    from papercap.fetch.client import Client
    from papercap.sources import Document

MAX_FETCHED = 200  # pictures of one page
MAX_BYTES = 500_000_000  # of all of them
_WEB = ("http", "https")


def bundle_page(
    document: Document,
    browse: Callable[[Browse], WebPage],
    dial: Callable[[], Client],
    draft: Path,
    stem: str,
) -> Document:
    """Write the bundle of a page into a folder: `<stem>.json`, and its pictures in `<stem>/`.

    A picture that cannot be had is kept as such, with the reason. The document that comes back is the bundle.
    """
    page = browse(
        Browse(
            name=document.name.encode("utf-8", "replace").decode(),
            path=os.fsencode(document.path.absolute()),
            markdown=document.kind == MARKDOWN,
        )
    )
    file, folder = draft / f"{stem}.json", draft / stem
    folder.mkdir()
    gatherer = _Gatherer(document, page, dial, folder)
    kept, videos = gatherer.all(), gatherer.videos()
    whole = Bundle(
        url=document.url,
        title=page.title,
        author=page.author,
        published=page.published,
        licence=page.licence,
        words=None if kept else hash_file(document.path),
        pictures=tuple(kept),
        videos=videos,
    )
    file.write_bytes(encode_bundle(whole))
    seen = (f"{len(videos)} video{'s' * (len(videos) > 1)} noted, not captured",) if videos else ()
    return document._replace(
        path=file,
        kind=BUNDLE,
        pictures=len(page.pictures),
        licence=document.licence or page.licence or None,
        notes=(*document.notes, *seen),
    )


class _Had(NamedTuple):
    """A picture's bytes, in a file that may be another's."""

    path: Path
    move: bool  # it is ours to move


class _Gatherer:
    """Has a page's pictures, each once."""

    def __init__(self, document: Document, page: WebPage, dial: Callable[[], Client], folder: Path) -> None:
        self._document, self._page, self._dial, self._folder = document, page, dial, folder
        self._bytes = 0

    def all(self) -> list[Kept]:
        kept: list[Kept] = []
        addresses: set[str] = set()
        hashes: set[str] = set()
        for picture in self._page.pictures:
            address = self._address(picture.original) if picture.original else ""
            if refused_by_reference(picture, address) or (address and address in addresses):
                continue
            addresses.add(address)
            if len(kept) == MAX_FETCHED:
                break
            one = self._keep(picture, address, len(kept) + 1)
            if one.sha256 is None or one.sha256 not in hashes:
                kept.append(one)
                hashes |= {one.sha256} if one.sha256 else set()
            elif one.file:
                (self._folder / one.file).unlink()  # the same picture at another address
        return kept

    def videos(self) -> tuple[str, ...]:
        """The whole address of each video that is shown or led to."""
        found = filter(None, map(video_of, self._page.pictures))
        return tuple(dict.fromkeys(map(self._address, found)))[:MAX_FETCHED]

    def _address(self, original: str) -> str:
        """The whole address of what the page names, as a browser would have it."""
        if self._document.url is None:
            return original
        try:
            base = urljoin(self._document.url, self._page.base)
            return raw_address(urljoin(base, original.strip()))
        except ValueError:
            return original

    def _keep(self, picture: Picture, address: str, number: int) -> Kept:
        said = caption_of(picture)
        held = split_address(address).scheme == "data"  # in the page itself, and long
        shown, original = ("data:", "data:") if held else (address, picture.original)
        bare = msgspec.structs.replace(picture, original=original, before="", after="", at=0)
        kept = Kept(picture=bare, caption=said.caption, label=said.label, kind=said.kind, url="")
        try:
            had = self._have(picture, address)
            kind = HTML if picture.how in WORDED else sniff_file(had.path)
            if kind not in PICTURES and picture.how not in WORDED:
                raise Refused(f"it is {kind}")
            self._bytes += had.path.stat().st_size
            if self._bytes > MAX_BYTES:
                raise Refused(f"the page's pictures are more than {MAX_BYTES // 10**6} MB")
            file = f"{number:02}{ending(kind)}"
            (shutil.move if had.move else shutil.copyfile)(had.path, self._folder / file)
            sha256 = hash_file(self._folder / file)
            return msgspec.structs.replace(kept, url=shown, file=file, sha256=sha256)
        except (PapercapError, OSError) as error:
            return msgspec.structs.replace(kept, url=shown, why=str(error))

    def _have(self, picture: Picture, address: str) -> _Had:
        if self._document.here and not split_address(picture.original).scheme and not picture.inline:
            try:
                return _Had(_beside(self._document, picture.original), move=False)
            except NotFound:
                if self._document.url is None:
                    raise
        parts = split_address(address)
        if picture.how in WORDED:
            return self._written(f"<!doctype html>\n<meta charset='utf-8'>\n{picture.inline}\n".encode())
        if picture.inline:
            return self._written(_standing_alone(picture.inline).encode())
        if parts.scheme == "data":
            return self._written(_data_of(address))
        if parts.scheme in _WEB:
            return _Had(Path(self._dial().get(raw_address(address)).path), move=False)
        raise Refused(f"{parts.scheme or 'no scheme'}: only http and https addresses are fetched")

    def _written(self, data: bytes) -> _Had:
        path = self._folder / "inline"
        path.write_bytes(data)
        return _Had(path, move=True)


def _standing_alone(svg: str) -> str:
    """An SVG that stood in a page, which needs no name spaces, as a file of its own."""
    if "xmlns=" not in svg.partition(">")[0]:
        svg = svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    if "xlink:" in svg and "xmlns:xlink" not in svg:
        svg = svg.replace("<svg", '<svg xmlns:xlink="http://www.w3.org/1999/xlink"', 1)
    return svg


def _data_of(address: str) -> bytes:
    head, _, body = address.partition(",")
    try:
        return base64.b64decode(unquote(body)) if head.endswith(";base64") else unquote_to_bytes(body)
    except (binascii.Error, ValueError):
        raise Refused("the page holds it damaged") from None


def _beside(document: Document, original: str) -> Path:
    """The file that a local page means; NotFound if it is not there or stands outside of its tree."""
    tops = _tops(document.path)
    for name in dict.fromkeys((original, unquote(original), unquote(re.split(r"[?#]", original)[0]))):
        if not name or "\0" in name:
            continue
        folders = tops if name.startswith("/") else tops[:1]
        for folder in folders:
            path = (folder / name.lstrip("/")).resolve()
            if path.is_file() and path.is_relative_to(tops[-1]):
                return path
    raise NotFound("no such file")


def _tops(page: Path) -> list[Path]:
    """The page's folder and those above it, up to one that holds `.git`; never home or the root."""
    folders = [page.resolve().parent]
    barred = {Path(folders[0].anchor), Path.home(), Path.home().parent}
    for folder in folders[0].parents:
        if folder in barred or (folders[-1] / ".git").exists():
            break
        folders.append(folder)
    return folders
