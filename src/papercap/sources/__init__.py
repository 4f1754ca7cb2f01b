"""What a user typed → documents on this disk."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Remote(NamedTuple):
    """A document that has to be fetched first."""

    url: str


class Document(NamedTuple):
    """A document's file, the name that it goes by, and where it was fetched from."""

    path: Path
    name: str
    url: str | None = None
    notes: tuple[str, ...] = ()  # what the user should know of it
