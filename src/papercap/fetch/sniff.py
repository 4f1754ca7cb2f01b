"""What bytes are, by how they begin; what a server says of them is not believed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 4096  # bytes that decide; a PDF's mark stands within them, behind what a careless download put first
PDF, HTML, UNKNOWN = "application/pdf", "text/html", "application/octet-stream"
MARKDOWN, SVG, TIFF = "text/markdown", "image/svg+xml", "image/tiff"
BUNDLE = "application/vnd.papercap.page+json"  # a page as papercap keeps it
PICTURES = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/avif": ".avif",
    SVG: ".svg",
    TIFF: ".tif",
}  # that are captured, with the ending of their files
_MARKS = tuple(
    (re.compile(mark, re.DOTALL), kind)
    for mark, kind in (
        (rb"\x89PNG\r\n\x1a\n", "image/png"),
        (rb"\xff\xd8\xff", "image/jpeg"),
        (rb"GIF8[79]a", "image/gif"),
        (rb"RIFF....WEBP", "image/webp"),
        (rb"II\*\0|MM\0\*", TIFF),
        (rb"....ftyp(avif|avis|mif1)", "image/avif"),
        (rb"version https://git-lfs\.github\.com/spec/", "application/x-git-lfs"),
        (rb'\{\s*"papercap_page":', BUNDLE),
        (rb"\s*[{\[]", "application/json"),
    )
)
_TAG = re.compile(
    rb"<(?:(svg)|!doctype\s+html|html|head|body|title|script|meta|div|p|h[1-6])\b", re.IGNORECASE
)


def sniff(head: bytes) -> str:
    """The media type of what begins like this, HEAD bytes or less; UNKNOWN for what is none we know."""
    head = head[:HEAD].removeprefix(b"\xef\xbb\xbf")
    for mark, kind in _MARKS:
        if mark.match(head):
            return kind
    if head.lstrip().startswith(b"<"):
        tag = _TAG.search(head)
        return "application/xml" if tag is None else SVG if tag[1] else HTML
    if b"%PDF" in head:
        return PDF
    return "text/plain" if _is_text(head) else UNKNOWN


def sniff_file(path: Path) -> str:
    """The media type of a file; a PDF is one even behind other bytes, which downloads put there."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    kind = sniff(head)
    return PDF if b"%PDF" in head and kind not in PICTURES else kind


def ending(kind: str) -> str:
    """That of the names of such files; `.bin` for what is never kept."""
    return {PDF: ".pdf", BUNDLE: ".json", HTML: ".html"}.get(kind) or PICTURES.get(kind, ".bin")


def _is_text(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # not merely cut in the middle of a letter
            return False
    return b"\0" not in head
