"""What a user typed → documents on this disk."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from papercap.records import Facts

if TYPE_CHECKING:
    from papercap.fetch.client import Client


class Document(NamedTuple):
    """A document's file, the name that it goes by, and what is known of it from where it was fetched."""

    path: Path
    name: str
    kind: str = ""  # its media type, once its bytes were looked at
    url: str | None = None
    facts: Facts = Facts()  # as a service has them
    licence: str | None = None  # an address or a name
    notes: tuple[str, ...] = ()  # what the user should know
    pictures: int = 0  # that a page shows, once it was read
    here: bool = False  # the file was named itself: what it shows may stand beside it


class Fetcher(Protocol):
    """One form of source: reads what was typed, fetches the document."""

    form: str  # what it takes, in a few words
    example: str  # which it takes; its row in the docs
    rank: int  # those of a lower rank are asked first

    def read(self, text: str) -> str | None:
        """The one name of what is meant, however it is typed; None if the text is of another form."""

    def fetch(self, client: Client, name: str) -> Document:
        """The document of that name; Refused, NotFound or Network, saying why, if there is none to be had."""


class Remote(NamedTuple):
    """A document that has to be fetched first."""

    fetcher: Fetcher
    name: str

    def fetch(self, client: Client) -> Document:
        return self.fetcher.fetch(client, self.name)


_BLOB = re.compile(
    r"(?P<host>https://(?:github\.com|huggingface\.co)/)(?P<repo>(?:datasets/|spaces/)?[^/]+/[^/]+)/(?:blob|raw)/(?P<rest>.+)"
)


def raw_address(url: str) -> str:
    """Where the file itself is, of the address of a page of GitHub or Hugging Face that shows it."""
    found = _BLOB.fullmatch(url.partition("?")[0].partition("#")[0])
    if found is None:
        return url
    if "github" in found["host"]:
        return f"https://raw.githubusercontent.com/{found['repo']}/{found['rest']}"
    return f"{found['host']}{found['repo']}/resolve/{found['rest']}"
