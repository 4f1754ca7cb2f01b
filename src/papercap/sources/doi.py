"""DOIs in every form → the PDF that anybody may have, with the publisher's metadata."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import msgspec

from papercap.errors import Network, NotFound, PapercapError, Refused
from papercap.records import Facts
from papercap.sources import Document
from papercap.sources.web import fetch_document

if TYPE_CHECKING:
    from collections.abc import Iterator

    from papercap.fetch.client import Client

DAY = 86_400.0  # seconds for which metadata is not asked for again
CSL = "application/vnd.citationstyles.csl+json"
_PREFIX = re.compile(r"(?:https?://(?:dx\.|www\.)?doi\.org/|doi:\s*|info:doi/)", re.I)
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/\S+")
_TAG = re.compile(r"<[^>]{0,200}>")
_CLOSERS = {")": "(", ">": "<", "]": "["}


class DoiFetcher:
    """`10.1038/nature14539`, `doi:…`, `https://doi.org/…`."""

    form = "a DOI, however it is written"
    example = "doi:10.1038/nature14539"
    rank = 1

    def read(self, text: str) -> str | None:
        """The DOI in lower case, without what a sentence has around it."""
        plain = _PREFIX.sub("", text.strip(), count=1)
        if plain != text.strip() and text.strip().lower().startswith("http"):
            plain = unquote(plain).partition("#")[0]
        if not _DOI.fullmatch(plain):
            return None
        return _without_sentence(plain).lower()

    def fetch(self, client: Client, name: str) -> Document:
        """The first PDF that Unpaywall, Semantic Scholar or the publisher's page leads to."""
        facts, licence, notes = _metadata(client, name)
        reasons = []
        for who, url in _places(client, name):
            if isinstance(url, PapercapError):
                reasons.append(f"{who}: {url}")
                continue
            try:
                document = fetch_document(client, url, pdf_only=True)
            except PapercapError as error:
                reasons.append(f"{who}: {error}")
                continue
            return document._replace(
                name=f"{name.replace('/', '-')}.pdf",
                facts=facts,
                licence=licence,
                notes=(*document.notes, *notes),
            )
        raise Refused(
            f"doi:{name}: no PDF that anybody may have ({'; '.join(reasons)}); download it and add the file"
        )


def _without_sentence(doi: str) -> str:
    """The DOI without a closing stop, comma, quote, or bracket that it did not open."""
    while doi:
        last = doi[-1]
        if last in ".,;:\"'" or (last in _CLOSERS and doi.count(last) > doi.count(_CLOSERS[last])):
            doi = doi[:-1]
        else:
            return doi
    return doi


def _metadata(client: Client, doi: str) -> tuple[Facts, str | None, tuple[str, ...]]:
    """What the registry says of it; NotFound for a DOI that there is not."""
    try:
        said = _json(client, f"https://doi.org/{quote(doi, safe='/:;()<>')}", accept=CSL)
    except NotFound:
        raise NotFound(f"doi:{doi}: no such DOI") from None
    except Network as error:
        return Facts(doi=doi), None, (f"without its metadata ({error})",)
    title = said.get("title")
    if isinstance(title, list):
        title = next(iter(title), None)
    facts = Facts(
        title=_plain(title),
        authors=tuple(filter(None, map(_author, _dicts(said.get("author"))))),
        year=_year(said.get("issued")),
        doi=doi,
        abstract=_plain(said.get("abstract")),
    )
    licences = [one["URL"] for one in _dicts(said.get("license")) if isinstance(one.get("URL"), str)]
    return facts, next(iter(licences), None), ()


def _places(client: Client, doi: str) -> Iterator[tuple[str, str | PapercapError]]:
    """Where its PDF may be, the best place first, each asked for only if the one before had none."""
    path = quote(doi, safe="/")
    if client.contact:
        url = f"https://api.unpaywall.org/v2/{path}?email={quote(client.contact)}"
        yield "Unpaywall", _named_in(client, url, "best_oa_location", "url_for_pdf")
    url = f"https://api.semanticscholar.org/graph/v1/paper/DOI:{path}?fields=openAccessPdf"
    yield "Semantic Scholar", _named_in(client, url, "openAccessPdf", "url")
    yield "the publisher", f"https://doi.org/{quote(doi, safe='/:;()<>')}"


def _named_in(client: Client, url: str, outer: str, inner: str) -> str | PapercapError:
    try:
        said = _json(client, url).get(outer)
    except (Network, NotFound) as error:
        return error
    found = said.get(inner) if isinstance(said, dict) else None
    return found if isinstance(found, str) and found else NotFound("knows no PDF")


def _json(client: Client, url: str, *, accept: str = "application/json") -> dict[str, Any]:
    answer = client.get(url, accept=accept, fresh_for=DAY)
    try:
        said = msgspec.json.decode(Path(answer.path).read_bytes())
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Network(f"{answer.url}: answers with something that is not JSON") from None
    return said if isinstance(said, dict) else {}


def _dicts(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _plain(text: object) -> str | None:
    return " ".join(_TAG.sub(" ", text).split()) or None if isinstance(text, str) else None


def _author(one: dict[str, Any]) -> str | None:
    if isinstance(one.get("literal"), str):
        return _plain(one["literal"])
    return _plain(" ".join(part for part in (one.get("given"), one.get("family")) if isinstance(part, str)))


def _year(issued: object) -> int | None:
    """From CSL's `{"date-parts": [[2015, 5, 28]]}`."""
    parts = issued.get("date-parts") if isinstance(issued, dict) else None
    first = (
        parts[0][0] if isinstance(parts, list) and parts and isinstance(parts[0], list) and parts[0] else None
    )
    return int(first) if isinstance(first, (int, str)) and str(first).isdigit() else None


FETCHER = DoiFetcher()
