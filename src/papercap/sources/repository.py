"""Repositories of GitHub and Hugging Face, and their files → the README or the file itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from papercap.errors import NotFound
from papercap.fetch.sniff import MARKDOWN
from papercap.sources import Document, raw_address
from papercap.sources.web import fetch_document

if TYPE_CHECKING:
    from papercap.fetch.client import Client

_REPOSITORY = re.compile(
    r"https?://(?:www\.)?(?:(?P<github>github\.com)|huggingface\.co)/(?P<repo>(?:datasets/|spaces/)?[\w.-]+/[\w.-]+?)"
    r"(?:\.git)?(?:/tree/(?P<ref>[^/?#]+)(?P<path>/[^?#]*)?)?/?(?:[?#].*)?",
    re.IGNORECASE,
)
_START = re.compile(r"(?:git\+)?(?:https?://)?(?=(?:www\.)?(?:github\.com|huggingface\.co)/)", re.IGNORECASE)
_NAMES = ("README.md", "readme.md", "Readme.md", "README.markdown", "README")
_OTHERS = frozenset(
    "about blog collections docs features marketplace orgs papers settings topics user-attachments".split()
)  # what stands where a repository's owner does, and is none


class RepositoryFetcher:
    """A repository means its README, and the page of a file the file."""

    form = "a repository of GitHub or Hugging Face, a folder or file of one"
    example = "https://github.com/Beomi/KoAlpaca"
    rank = 2

    def read(self, text: str) -> str | None:
        """The address, with `https`."""
        url = _START.sub("https://", text, count=1)
        if raw_address(url) != url:
            return url
        found = _REPOSITORY.fullmatch(url)
        return url if found and found["repo"].split("/")[0].lower() not in _OTHERS else None

    def fetch(self, client: Client, name: str) -> Document:
        raw = raw_address(name)
        if raw != name:
            return fetch_document(client, raw)
        found = _REPOSITORY.fullmatch(name)
        assert found is not None, name
        ref, folder = (
            found["ref"] or ("HEAD" if found["github"] else "main"),
            (found["path"] or "").strip("/"),
        )
        home = "https://raw.githubusercontent.com/" if found["github"] else "https://huggingface.co/"
        middle = ref if found["github"] else f"resolve/{ref}"
        for readme in _NAMES:
            url = "/".join(filter(None, (f"{home}{found['repo']}", middle, folder, readme)))
            try:
                answer = client.get(url)
            except NotFound:
                continue
            title = found["repo"].replace("/", "-")
            return Document(Path(answer.path), title, kind=MARKDOWN, url=answer.url, notes=answer.warnings)
        raise NotFound(f"{name}: no such repository, or it has no README")


FETCHER = RepositoryFetcher()
