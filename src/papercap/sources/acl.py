"""Papers of the ACL Anthology, by page, PDF or DOI → the PDF."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from papercap.sources.web import fetch_document

if TYPE_CHECKING:
    from papercap.fetch.client import Client
    from papercap.sources import Document

_ID = r"(?P<id>[A-Z]\d{2}-\d{4,5}|\d{4}\.[a-z0-9]+-[a-z0-9_]+\.\d+)"  # P18-1001; 2020.acl-main.1
_FORMS = (
    re.compile(
        rf"https?://(?:www\.)?aclanthology\.(?:org|info)/(?:papers/)?{_ID}(?:v\d+)?(?:\.pdf|\.bib)?/?(?:[?#].*)?"
    ),
    re.compile(rf"https?://(?:www\.)?aclweb\.org/anthology/(?:papers/)?{_ID}(?:\.pdf)?/?"),
    re.compile(rf"(?:(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?10\.18653/v1/|acl:){_ID}", re.IGNORECASE),
)


class AclFetcher:
    """`https://aclanthology.org/2020.acl-main.1/`, its PDF, its DOI, `acl:P18-1001`."""

    form = "a paper of the ACL Anthology"
    example = "https://aclanthology.org/2020.acl-main.1/"
    rank = 0

    def read(self, text: str) -> str | None:
        """The paper's id."""
        found = next(filter(None, (form.fullmatch(text) for form in _FORMS)), None)
        return found["id"] if found else None

    def fetch(self, client: Client, name: str) -> Document:
        return fetch_document(client, f"https://aclanthology.org/{name}.pdf", pdf_only=True)


FETCHER = AclFetcher()
