"""Papers on OpenReview, by their forum or PDF → the PDF."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote

from papercap.sources.web import fetch_document

if TYPE_CHECKING:
    from papercap.fetch.client import Client
    from papercap.sources import Document


_PAGE = re.compile(
    r"https?://(?:www\.)?openreview\.net/(?:forum|pdf|attachment|references/pdf)/?\?([^#]+)", re.IGNORECASE
)


class OpenReviewFetcher:
    """`https://openreview.net/forum?id=…`, `…/pdf?id=…`."""

    form = "a paper on OpenReview"
    example = "https://openreview.net/forum?id=rJXMpikCZ"
    rank = 2

    def read(self, text: str) -> str | None:
        """The paper's id."""
        found = _PAGE.match(text)
        return next(iter(parse_qs(found[1]).get("id", ())), None) if found else None

    def fetch(self, client: Client, name: str) -> Document:
        document = fetch_document(client, f"https://openreview.net/pdf?id={quote(name)}", pdf_only=True)
        return document._replace(name=f"openreview-{name}.pdf")


FETCHER = OpenReviewFetcher()
