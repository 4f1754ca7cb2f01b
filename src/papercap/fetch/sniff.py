"""What bytes are, by how they begin; what a server says of them is not believed."""

from __future__ import annotations

import re

HEAD = 4096  # bytes that decide; a PDF's mark stands within them, behind what a careless download put first
UNKNOWN = "application/octet-stream"
_MARKS = tuple(
    (re.compile(mark, re.DOTALL), kind)
    for mark, kind in (
        (rb"\x89PNG\r\n\x1a\n", "image/png"),
        (rb"\xff\xd8\xff", "image/jpeg"),
        (rb"GIF8[79]a", "image/gif"),
        (rb"RIFF....WEBP", "image/webp"),
        (rb"....ftyp(avif|avis|mif1)", "image/avif"),
        (rb"version https://git-lfs\.github\.com/spec/", "application/x-git-lfs"),
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
        return "application/xml" if tag is None else "image/svg+xml" if tag[1] else "text/html"
    if b"%PDF" in head:
        return "application/pdf"
    return "text/plain" if _is_text(head) else UNKNOWN


def _is_text(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # not merely cut in the middle of a letter
            return False
    return b"\0" not in head
