"""Lists of sources, one a line."""

from __future__ import annotations

from papercap.errors import Refused

MAX_LINES = 100_000


def read_list(data: bytes, name: str) -> list[str]:
    """The sources of a list; blank lines, and those that begin with `#`, are none. Refused for no text."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(f"{name}: no list of sources: it is not UTF-8 text") from None
    lines = [line.strip() for line in text.splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    if "\0" in text or len(found) > MAX_LINES:
        raise Refused(f"{name}: no list of sources")
    return found
