"""Web addresses as they are compared: which name one page, and which a part of what another names."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

_SHOWN = re.compile(r"/(?:blob|raw|tree|resolve)/[^/]+")  # between a repository and a path in it
_INDEX = re.compile(r"/(?:index\.(?:html?|php)|readme\.(?:md|markdown))$", re.IGNORECASE)
_ARXIV = re.compile(r"(?:abs|pdf|html)/((?:[\w.-]+/)?\d[\d.]+?)(?:v\d+)?(?:\.pdf)?/?$")
REPOSITORIES = ("github.com", "huggingface.co", "gitlab.com")


class Place(NamedTuple):
    """What an address names: a repository or site, and the path in it."""

    site: str  # host, with owner and name of a repository
    path: str  # "" for all of it
    query: str = ""

    def holds(self, other: Place) -> bool:
        """Is the other this very place, or one beneath it?"""
        if self.site != other.site or (self.query and self.query != other.query):
            return False
        return other.path == self.path or other.path.startswith(f"{self.path}/" if self.path else "")


@lru_cache(4096)
def place_of(address: str | None) -> Place | None:
    """What an http(s) address names, however it is written; None for what is none."""
    if not address or not re.match(r"https?://\S", address, re.IGNORECASE):
        return None
    try:
        parts = urlsplit(address.strip())
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    path = unquote(parts.path).rstrip("/")
    if host in ("arxiv.org", "export.arxiv.org") and (found := _ARXIV.search(path)):
        return Place("arxiv.org", found[1])
    if host == "doi.org":
        return Place(host, path.strip("/").lower())
    if host == "raw.githubusercontent.com":
        host, path = "github.com", re.sub(r"^(/[^/]+/[^/]+)/[^/]+", r"\1", path)
    if host in REPOSITORIES:
        return _in_repository(host, path)
    return Place(host, _INDEX.sub("", path).strip("/"), parts.query)


def _in_repository(host: str, path: str) -> Place:
    """Names of owners and repositories are the same in any letter case."""
    words = _SHOWN.sub("", path, count=1).strip("/").split("/")
    count = 3 if words[0] in ("datasets", "spaces") else 2
    owner_and_name = "/".join(words[:count]).lower().removesuffix(".git")
    rest = _INDEX.sub("", "/" + "/".join(words[count:])).strip("/")
    return Place(f"{host}/{owner_and_name}", rest)
