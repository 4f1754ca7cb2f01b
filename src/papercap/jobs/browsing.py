"""A page of HTML or Markdown → what it shows."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from papercap.documents.page import read_html, read_markdown
from papercap.errors import Refused

if TYPE_CHECKING:
    from papercap.documents.page import WebPage
    from papercap.records import Browse

MAX_BYTES = 20_000_000  # of a page; long ones with pictures inside have a few
HEAD = 4096  # bytes in which a page says its encoding
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.-]{2,40})", re.IGNORECASE)


def browse(job: Browse) -> WebPage:
    """Read the page; Refused if it is too large."""
    data = Path(os.fsdecode(job.path)).read_bytes()
    if len(data) > MAX_BYTES:
        size = f"{len(data) / 1e6:.0f} MB"
        raise Refused(f"{job.name}: {size} are more than the {MAX_BYTES // 10**6} MB allowed of a page")
    text = data.decode("utf-8-sig", "replace")
    if "\ufffd" in text and (said := _CHARSET.search(data[:HEAD])):
        with suppress(LookupError):
            text = data.decode(said[1].decode("ascii"), "replace")
    return read_markdown(text) if job.markdown else read_html(text)
