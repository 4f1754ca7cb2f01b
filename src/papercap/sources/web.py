"""A web address → the PDF, picture or page that it answers with, or the PDF that a landing page names."""

from __future__ import annotations

import os
import re
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from papercap.errors import Refused
from papercap.fetch.addresses import read_address
from papercap.fetch.sniff import HTML, MARKDOWN, PDF, PICTURES
from papercap.sources import Document

if TYPE_CHECKING:
    from papercap.fetch.cache import Answer
    from papercap.fetch.client import Client

_TEXTS = (HTML, "text/plain", "application/xml")  # as Markdown may begin
MAX_HEAD = 300_000  # bytes of a landing page in which its head stands
CITED = "citation_pdf_url"
# Tags alone, in time that grows with the text: this reads what strangers wrote, and not in a worker.
_HEAD_TAG = re.compile(r"<(meta|link|base)\b([^>]{0,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([\w:-]{1,40})\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
MAX_NAME = 80  # letters
_PROXIES = ("https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY")


class WebFetcher:
    """Any address: a PDF, a picture, a page that leads to a PDF or shows figures."""

    form = "the address of a PDF, a page or a picture"
    example = "https://proceedings.mlr.press/v139/radford21a/radford21a.pdf"
    rank = 9

    def read(self, text: str) -> str | None:
        """The address as it is; what scheme it may have, the client says."""
        return text if "://" in text or text.lower().startswith("data:") else None

    def fetch(self, client: Client, name: str) -> Document:
        return fetch_document(client, name)


def is_markdown(path: str) -> bool:
    """By its name, as a Markdown file may begin with HTML."""
    return path.lower().endswith((".md", ".markdown", ".mkd", ".mdx"))


def fetch_document(client: Client, url: str, *, pdf_only: bool = False) -> Document:
    """The PDF, picture or page at an address; a page that names a PDF leads to it.

    Refused for anything else, also for a page with `pdf_only`; else as `Client.get`.
    """
    answer = client.get(url)
    if answer.kind == HTML and not is_markdown(urlsplit(url).path):
        answer = _behind(client, answer) or answer
    kind = MARKDOWN if answer.kind in _TEXTS and is_markdown(urlsplit(url).path) else answer.kind
    if kind not in (PDF, HTML, MARKDOWN) and kind not in PICTURES:
        raise Refused(f"{url}: is {kind}, no PDF, page or picture")
    if kind == HTML and (pdf_only or urlsplit(url).path.lower().endswith(".pdf")):
        raise Refused(
            f"{url}: is a web page that names no PDF; open it in a browser and save the PDF it leads to"
        )
    notes = (*answer.warnings, *_about_proxies())
    return Document(Path(answer.path), name_of(url), kind=kind, url=answer.url, notes=notes)


def name_of(url: str) -> str:
    """A plain file name for what an address names: its last part, never a path."""
    parts = re.split(r"[?#]", url)[0].split("/")  # not `urlsplit`: what is no address has a name as well
    last = next((part for part in reversed(parts) if part), "")
    plain = re.sub(r"[^\w.+-]+", "-", unquote(last)).strip(".-")[:MAX_NAME]
    return plain or "document"


def _behind(client: Client, page: Answer) -> Answer | None:
    """The PDF that a landing page names, if it names one; Refused, saying why, if that is none."""
    with open(page.path, "rb") as file:
        text = file.read(MAX_HEAD).decode("utf-8", "replace")
    said = [(match[1].lower(), _attributes(match[2])) for match in _HEAD_TAG.finditer(text)]
    cited = (
        one.get("content") for tag, one in said if tag == "meta" and one.get("name", "").lower() == CITED
    )
    other = (one.get("href") for tag, one in said if tag == "link" and _is_other_form(one))
    pdf = next(filter(None, cited), None) or next(filter(None, other), None)
    if pdf is None:
        return None
    base = next((one["href"] for tag, one in said if tag == "base" and one.get("href")), "")
    here = read_address(page.url)
    url = str((here.to(base) if base else here).to(pdf))
    answer = client.get(url)
    if answer.kind != PDF:
        raise Refused(f"{page.url}: names {url} as its PDF, but that is {answer.kind}; open it in a browser")
    return answer


def _attributes(text: str) -> dict[str, str]:
    """Of a tag, names in lower case; the first of each counts."""
    found = reversed(_ATTRIBUTE.findall(text))
    return {name.lower(): unescape(quoted or single or bare) for name, quoted, single, bare in found}


def _is_other_form(said: dict[str, str]) -> bool:
    return said.get("type", "").lower() == PDF and "alternate" in said.get("rel", "").lower()


def _about_proxies() -> tuple[str, ...]:
    """Behind a proxy nobody can tell which machine is asked, so that none is used: said where one is set."""
    said = next((name for name in _PROXIES if os.environ.get(name)), None)
    return (
        (f"{said} is set, but papercap connects by itself: no address can be checked through a proxy",)
        if said
        else ()
    )


FETCHER = WebFetcher()
